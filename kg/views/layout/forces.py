"""Place the vertices of a connected graph by a multilevel force-directed layout.

Only sums, products and square roots in a fixed order are used, so every machine computes the same places.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

Pairs = list[tuple[int, int]]
Cells = dict[tuple[int, int], list[int]]

COARSEST = 40  # vertices at which coarsening stops
TURNS = 90  # for the coarsest graph
FINER = 24  # turns for each finer graph
LARGE, FINEST = 2000, 12  # from this many vertices on, this many turns
NEAR = 2.0  # cell size in edge lengths; only vertices in adjacent cells repel one by one
FAR = 4  # cells along each side of a block
CROWD = 24  # vertices; a fuller cell repels as one


@dataclass(slots=True)
class Level:
    """A graph of vertices 0 … n-1: their masses, the edges, and the parent of each vertex in the coarser graph."""

    masses: list[float]
    edges: Pairs
    parents: list[int]


def spread(count: int, edges: Sequence[tuple[int, int]]) -> list[tuple[float, float]]:
    """Return a place for each vertex of a connected graph; joined vertices are about 1 apart."""
    levels = _coarsened(count, sorted({(min(a, b), max(a, b)) for a, b in edges if a != b}))
    places = _seeds(len(levels[-1].masses))
    _settle(levels[-1], places, TURNS, 1.0)
    for finer, coarser in zip(reversed(levels[:-1]), reversed(levels[1:]), strict=True):
        places = _unfolded(finer, coarser, places)
        _settle(finer, places, FINER if len(places) < LARGE else FINEST, 0.5)
    return [(x, y) for x, y in places]


def _coarsened(count: int, edges: Pairs) -> list[Level]:
    """Return the graph and successively coarser versions, made by merging neighbours."""
    levels = [Level([1.0] * count, edges, [])]
    while len(levels[-1].masses) > COARSEST:
        finer = levels[-1]
        parents, kept = _gathered(finer)
        if kept > len(finer.masses) * 0.9:
            break
        finer.parents = parents
        masses = [0.0] * kept
        for vertex, parent in enumerate(parents):
            masses[parent] += finer.masses[vertex]
        pairs = {(min(a, b), max(a, b)) for a, b in ((parents[a], parents[b]) for a, b in finer.edges) if a != b}
        levels.append(Level(masses, sorted(pairs), []))
    return levels


def _gathered(level: Level) -> tuple[list[int], int]:
    """Return the parent of each vertex and the number of parents; a vertex merges with up to three free neighbours."""
    near: list[list[int]] = [[] for _ in level.masses]
    for a, b in level.edges:
        near[a].append(b)
        near[b].append(a)
    parents, kept = [-1] * len(near), 0
    for hub in sorted(range(len(near)), key=lambda vertex: (len(near[vertex]), vertex)):
        if parents[hub] >= 0:
            continue
        free = [other for other in near[hub] if parents[other] < 0]
        for member in (hub, *sorted(free, key=lambda other: (len(near[other]), other))[:3]):
            parents[member] = kept
        kept += 1
    return parents, kept


def _seeds(count: int) -> list[list[float]]:
    """Return initial places on a spiral with a constant turn per step."""
    x, y, found = 1.0, 0.0, []
    for n in range(count):
        x, y = -0.736 * x - 0.677 * y, 0.677 * x - 0.736 * y
        size = sqrt((n + 0.5) / (x * x + y * y))
        found.append([x * size, y * size])
    return found


def _unfolded(finer: Level, coarser: Level, places: list[list[float]]) -> list[list[float]]:
    """Return initial places in a finer graph, around the place of each vertex's parent."""
    wider = sqrt(len(finer.masses) / len(coarser.masses))
    steps = _seeds(8)
    seen = [0] * len(places)
    found = []
    for parent in finer.parents:
        dx, dy = steps[seen[parent] % 8]
        seen[parent] += 1
        found.append([places[parent][0] * wider + dx * 0.2, places[parent][1] * wider + dy * 0.2])
    return found


def _settle(level: Level, places: list[list[float]], turns: int, heat: float) -> None:
    """Move vertices by the forces on them; the largest step shrinks each turn."""
    scale = sum(level.masses) / len(level.masses)
    masses = [mass / scale for mass in level.masses]
    for turn in range(turns):
        pushes = _repulsion(places, masses)
        _attract(places, level.edges, masses, pushes)
        most = heat * (1 - turn / turns) + 0.02
        for place, (fx, fy), mass in zip(places, pushes, masses, strict=True):
            way = sqrt(fx * fx + fy * fy) / mass
            step = (most / way if way > most else 1.0) / mass
            place[0] += fx * step
            place[1] += fy * step


def _attract(places: list[list[float]], edges: Pairs, masses: list[float], pushes: list[list[float]]) -> None:
    """Add the pull between the ends of each edge: the square of their distance."""
    for a, b in edges:
        (xa, ya), (xb, yb) = places[a], places[b]
        dx, dy = xb - xa, yb - ya
        pull = sqrt(dx * dx + dy * dy)
        dx, dy = dx * pull, dy * pull
        pushes[a][0] += dx
        pushes[a][1] += dy
        pushes[b][0] -= dx
        pushes[b][1] -= dy


def _repulsion(places: list[list[float]], masses: list[float]) -> list[list[float]]:
    """Return the repulsion on each vertex: from nearby vertices one by one, from distant ones by block."""
    cells: Cells = defaultdict(list)
    for n, (x, y) in enumerate(places):
        cells[int(x // NEAR), int(y // NEAR)].append(n)
    pushes = [[0.0, 0.0] for _ in places]
    middles = {cell: _middle(members, places, masses) for cell, members in cells.items()}
    blocks = _blocks(middles)
    for cell, members in cells.items():
        _push_far(cell, members, middles[cell], blocks, masses, pushes)
        _push_near(cell, members, cells, middles, places, masses, pushes)
    return pushes


def _middle(members: list[int], places: list[list[float]], masses: list[float]) -> tuple[float, float, float]:
    """Return the mass and the centre of some vertices."""
    mass = sum(masses[n] for n in members)
    return (
        mass,
        sum(places[n][0] * masses[n] for n in members) / mass,
        sum(places[n][1] * masses[n] for n in members) / mass,
    )


def _blocks(middles: dict[tuple[int, int], tuple[float, float, float]]) -> dict[tuple[int, int], list[float]]:
    """Return the mass and the centre of each block of cells."""
    sums: dict[tuple[int, int], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for (i, j), (mass, x, y) in middles.items():
        block = sums[i // FAR, j // FAR]
        block[0] += mass
        block[1] += x * mass
        block[2] += y * mass
    return {key: [mass, x / mass, y / mass] for key, (mass, x, y) in sums.items()}


def _push_far(
    cell: tuple[int, int],
    members: list[int],
    middle: tuple[float, float, float],
    blocks: dict[tuple[int, int], list[float]],
    masses: list[float],
    pushes: list[list[float]],
) -> None:
    """Push a cell away from every block except its own and the adjacent ones."""
    i, j = cell[0] // FAR, cell[1] // FAR
    fx = fy = 0.0
    for (bi, bj), (mass, x, y) in blocks.items():
        if -1 <= bi - i <= 1 and -1 <= bj - j <= 1:
            continue
        dx, dy = middle[1] - x, middle[2] - y
        push = mass / (dx * dx + dy * dy)
        fx += dx * push
        fy += dy * push
    for n in members:
        pushes[n][0] += fx * masses[n]
        pushes[n][1] += fy * masses[n]


def _push_near(
    cell: tuple[int, int],
    members: list[int],
    cells: Cells,
    middles: dict[tuple[int, int], tuple[float, float, float]],
    places: list[list[float]],
    masses: list[float],
    pushes: list[list[float]],
) -> None:
    """Push the vertices of a cell away from each other and from those in adjacent cells."""
    i, j = cell
    for around in ((i + di, j + dj) for di in (-1, 0, 1) for dj in (-1, 0, 1)):
        others = cells.get(around)
        if not others:
            continue
        crowd = len(others) > CROWD
        sources = [middles[around]] if crowd else [(masses[n], *places[n]) for n in others]
        for n in members:
            x, y = places[n]
            fx = fy = 0.0
            for mass, ox, oy in sources:
                dx, dy = x - ox, y - oy
                push = mass / (dx * dx + dy * dy + 0.01)
                fx += dx * push
                fy += dy * push
            pushes[n][0] += fx * masses[n]
            pushes[n][1] += fy * masses[n]
