"""Lay out graphs too large for columns: large connected parts by forces, small ones in rings around their hub."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

from kg.views.layout.forces import spread
from kg.views.layout.geometry import Box, Drawing, Line, Point, Rect, Size

FLAT = 0.5  # height of the circles, relative to their width
FEW = 12  # boxes at most for rings
LENGTH = 2.0  # between joined boxes, in box widths
ROOM = 8.0  # between boxes
PASSES = 14  # that separate boxes before the whole is widened
WIDER = 1.15
MANY = 800  # boxes; in larger parts, some may touch


def scattered(boxes: Sequence[Box], lines: Sequence[Line], *, aspect: float = 1.5) -> Drawing:
    """Lay out each connected part, and pack the parts."""
    near = _near(boxes, lines)
    sizes = {box.id: (box.width, box.height) for box in boxes}
    parts = [(_ballooned if len(part) <= FEW else _forced)(part, near, sizes) for part in _parts(near)]
    places = _packed(parts, aspect)
    return Drawing(places, frame=_around(places.values()))


def _near(boxes: Sequence[Box], lines: Sequence[Line]) -> dict[str, list[str]]:
    near: dict[str, set[str]] = {box.id: set() for box in boxes}
    for line in lines:
        if line.source != line.target:
            near[line.source].add(line.target)
            near[line.target].add(line.source)
    return {box: sorted(others) for box, others in near.items()}


def _parts(near: dict[str, list[str]]) -> list[list[str]]:
    """Return the connected parts, the largest first, each from its hub outward."""
    seen: set[str] = set()
    parts: list[list[str]] = []
    for hub in sorted(near, key=lambda box: (-len(near[box]), box)):
        if hub in seen:
            continue
        part = [hub]
        seen.add(hub)
        for box in part:
            fresh = [other for other in near[box] if other not in seen]
            seen.update(fresh)
            part.extend(fresh)
        parts.append(part)
    return sorted(parts, key=lambda part: (-len(part), part[0]))


def _forced(part: list[str], near: dict[str, list[str]], sizes: dict[str, Size]) -> dict[str, Rect]:
    """Place boxes by the forces between them, then separate those that overlap."""
    number = {box: n for n, box in enumerate(part)}
    edges = [(number[box], number[other]) for box in part for other in near[box] if box < other]
    length = LENGTH * sum(sizes[box][0] for box in part) / len(part)
    spots = [[x * length, y * length * FLAT] for x, y in spread(len(part), edges)]
    extents = [sizes[box] for box in part]
    for turn in range(PASSES if len(part) > MANY else PASSES * PASSES):
        if not _pushed_apart(spots, extents):
            break
        if turn % PASSES == PASSES - 1:
            spots = [[x * WIDER, y * WIDER] for x, y in spots]
    return {box: Rect(x, y, *sizes[box]) for box, (x, y) in zip(part, spots, strict=True)}


def _pushed_apart(spots: list[list[float]], sizes: list[Size]) -> int:
    """Separate overlapping boxes along the shorter axis, each by half the overlap; return how many pairs moved."""
    wide, tall = max(w for w, _ in sizes) + ROOM, max(h for _, h in sizes) + ROOM
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    moved = 0
    for n, (x, y) in enumerate(spots):
        i, j = int(x // wide), int(y // tall)
        for cell in ((i + di, j + dj) for di in (-1, 0, 1) for dj in (-1, 0, 1)):
            for other in cells.get(cell, ()):
                moved += _part_two(spots[n], sizes[n], spots[other], sizes[other])
        cells[i, j].append(n)
    return moved


def _part_two(one: list[float], size: Size, other: list[float], its: Size) -> bool:
    """Separate two boxes if they overlap; return whether they did."""
    dx, dy = one[0] - other[0], one[1] - other[1]
    over_x = (size[0] + its[0]) / 2 + ROOM - abs(dx)
    over_y = (size[1] + its[1]) / 2 + ROOM - abs(dy)
    if over_x <= 0 or over_y <= 0:
        return False
    axis, way = (0, over_x / 2) if over_x < over_y else (1, over_y / 2)
    way = way if (dx, dy)[axis] >= 0 else -way
    one[axis] += way
    other[axis] -= way
    return True


def _ballooned(part: list[str], near: dict[str, list[str]], sizes: dict[str, Size]) -> dict[str, Rect]:
    """Place boxes in rings around their parent: leaves inside, larger subtrees outside.

    Distances are computed in circles and flattened at the end, because boxes are flat.
    """
    children = _children(part, near)
    radius: dict[str, float] = {}
    around: dict[str, list[Point]] = {}
    for box in reversed(part):
        children[box].sort(key=lambda child: (radius[child], child))
        own = math.hypot(sizes[box][0], sizes[box][1] / FLAT) / 2 + 7
        around[box], radius[box] = _rings(own, [radius[child] for child in children[box]])
    spots = {part[0]: (0.0, 0.0)}
    for box in part:
        for child, (dx, dy) in zip(children[box], around[box], strict=True):
            spots[child] = spots[box][0] + dx, spots[box][1] + dy
    return {box: Rect(x, y * FLAT, *sizes[box]) for box, (x, y) in spots.items()}


def _children(part: list[str], near: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the children of each box in the breadth-first tree from the hub."""
    seen = {part[0]}
    children: dict[str, list[str]] = {}
    for box in part:
        children[box] = [other for other in near[box] if other not in seen]
        seen.update(children[box])
    return children


def _rings(own: float, radii: list[float]) -> tuple[list[Point], float]:
    """Place circles, given from small to large, in rings around a centre; return their places and the outer radius."""
    spots: list[Point] = []
    reach = own
    while len(spots) < len(radii):
        count = 1
        while len(spots) + count < len(radii) and _fits(reach, radii[len(spots) + count], count + 1):
            count += 1
        widest = radii[len(spots) + count - 1]
        spots += [_on_circle(reach + widest, n / count + len(spots) / 7) for n in range(count)]
        reach += 2 * widest
    return spots, reach


def _fits(reach: float, radius: float, count: int) -> bool:
    return count == 1 or math.sin(math.pi / count) * (reach + radius) >= radius


def _on_circle(radius: float, turn: float) -> Point:
    return radius * math.cos(math.tau * turn), radius * math.sin(math.tau * turn)


def _packed(parts: list[dict[str, Rect]], aspect: float) -> dict[str, Rect]:
    """Arrange the parts in rows so that the whole has about the given aspect ratio."""
    frames = [_around(part.values()) for part in parts]
    area = sum((f.width + 60) * (f.height + 60) for f in frames)
    limit = max([math.sqrt(area * aspect), *(f.width for f in frames)])
    places: dict[str, Rect] = {}
    x = y = tall = 0.0
    for part, frame in zip(parts, frames, strict=True):
        if x and x + frame.width > limit:
            x, y, tall = 0.0, y + tall + 60, 0.0
        dx, dy = x - frame.x + frame.width / 2, y - frame.y + frame.height / 2
        places.update((b, Rect(r.x + dx, r.y + dy, r.width, r.height)) for b, r in part.items())
        x, tall = x + frame.width + 60, max(tall, frame.height)
    return places


def _around(spots: Iterable[Rect]) -> Rect:
    """Return the frame around rectangles."""
    found = list(spots)
    left = min((s.x - s.width / 2 for s in found), default=0.0)
    right = max((s.x + s.width / 2 for s in found), default=0.0)
    top = min((s.y - s.height / 2 for s in found), default=0.0)
    bottom = max((s.y + s.height / 2 for s in found), default=0.0)
    return Rect((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)
