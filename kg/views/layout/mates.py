"""Choose how lines between mates run: two boxes of the same column."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from kg.views.layout.geometry import Line
from kg.views.layout.weave import Layers, Weave


@dataclass(frozen=True, slots=True)
class Beside:
    """How a line between two boxes of one column runs: straight, or in a bow on one side."""

    side: int  # 0 straight, -1 a bow on the left, 1 on the right
    shift: float  # of a straight line, from the centre
    depth: float  # of a bow


def besides(weave: Weave, layers: Layers) -> dict[str, Beside]:
    """Choose a straight line or a bow for each line within a column."""
    rank = {slot: n for layer in layers for n, slot in enumerate(layer)}
    found: dict[str, Beside] = {}
    straight: dict[frozenset[int], list[Line]] = defaultdict(list)
    for line in weave.lines:
        a, b = weave.chains[line.id][0], weave.chains[line.id][-1]
        if not weave.beside([a, b]):
            continue
        if abs(rank[a] - rank[b]) == 1 and len(straight[frozenset((a, b))]) < 2:
            straight[frozenset((a, b))].append(line)
        else:
            found[line.id] = _bow(weave, line, abs(rank[a] - rank[b]))
    for lines in straight.values():
        found.update(zip((line.id for line in lines), _straight(lines), strict=True))
    return found


def _straight(lines: list[Line]) -> Iterator[Beside]:
    wide = max((line.labels[-1][0] for line in lines if line.labels), default=0.0) + 14
    for n in range(len(lines)):
        yield Beside(0, (n - (len(lines) - 1) / 2) * wide, 0.0)


def _bow(weave: Weave, line: Line, way: int) -> Beside:
    """Return a bow on the side with fewer lines, deep enough for its label."""
    chain = weave.chains[line.id]
    lefts = sum(len(weave.left[s]) for s in chain)
    rights = sum(len(weave.right[s]) for s in chain)
    side = -1 if weave.column[chain[0]] == 0 or lefts < rights else 1
    wide = line.labels[-1][0] if line.labels else 0.0
    return Beside(side, 0.0, max(40.0, (wide / 2 + 8) / 0.75) + 8 * min(way, 6))
