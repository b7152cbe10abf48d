"""Represent boxes and lines as slots in columns.

Each box is a slot, and so is each place where a line crosses a column. A line is a chain of slots from left to right; a
slot that is not a box is a lane.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from kg.views.layout.geometry import Box, Line, Size

Layers = list[list[int]]  # the slots of each column, from top to bottom

PORT_GAP = 11.0  # between line ends on one side of a box
TWIN_GAP = 9.0  # between labels of lines that join the same two boxes
LOOP_ROOM = 62.0  # above a box with a line to itself


@dataclass(slots=True)
class Weave:
    """The slots by number: the boxes first, then one for each column that a line crosses."""

    boxes: list[Box]
    lines: list[Line]
    column: list[int]
    height: list[float]
    girth: list[float] = field(default_factory=list)  # the height, or more if labels beside the slot need it
    chains: dict[str, list[int]] = field(default_factory=dict)
    backward: set[str] = field(default_factory=set)
    left: list[list[int]] = field(default_factory=list)
    right: list[list[int]] = field(default_factory=list)
    mates: list[list[int]] = field(default_factory=list)

    @property
    def lanes_from(self) -> int:
        """Return the number of the first slot that is a lane."""
        return len(self.boxes)

    def beside(self, chain: Sequence[int]) -> bool:
        """Return whether a line joins two different boxes of one column."""
        return self.column[chain[0]] == self.column[chain[-1]] and chain[0] != chain[-1]


def woven(boxes: list[Box], lines: Sequence[Line]) -> Weave:
    """Return the weave of boxes and lines, with a chain of slots for each line."""
    number = {box.id: n for n, box in enumerate(boxes)}
    weave = Weave(boxes, list(lines), [b.column for b in boxes], [b.height for b in boxes])
    for line in lines:
        _add_chain(weave, line, number[line.source], number[line.target])
    _link(weave)
    _heighten(weave)
    return weave


def _add_chain(weave: Weave, line: Line, source: int, target: int) -> None:
    """Add the lane slots of a line. A line that runs leftward is stored from its target."""
    if weave.column[source] > weave.column[target]:
        weave.backward.add(line.id)
        source, target = target, source
    lanes = range(weave.column[source] + 1, weave.column[target])
    first = len(weave.column)
    tall = line.labels[0][1] if line.labels else 0.0
    weave.column.extend(lanes)
    weave.height.extend(max(6.0, tall) for _ in lanes)
    weave.chains[line.id] = [source, *range(first, first + len(lanes)), target]


def _link(weave: Weave) -> None:
    """Record the neighbours of each slot: on the left, on the right, in the same column."""
    count = len(weave.column)
    weave.left = [[] for _ in range(count)]
    weave.right = [[] for _ in range(count)]
    weave.mates = [[] for _ in range(count)]
    for chain in weave.chains.values():
        if weave.beside(chain):
            weave.mates[chain[0]].append(chain[-1])
            weave.mates[chain[-1]].append(chain[0])
            continue
        for a, b in pairwise(chain):
            if a != b:
                weave.right[a].append(b)
                weave.left[b].append(a)


def _heighten(weave: Weave) -> None:
    """Make boxes with many lines on one side taller, so that the lines stay apart."""
    for n in range(weave.lanes_from):
        busiest = max(len(weave.left[n]), len(weave.right[n])) + len(weave.mates[n]) / 2
        weave.height[n] = max(weave.height[n], PORT_GAP * 0.8 * (busiest + 1))
    weave.girth = list(weave.height)
    for chain in weave.chains.values():
        if chain[0] == chain[-1]:
            weave.girth[chain[0]] = weave.height[chain[0]] + 2 * LOOP_ROOM
    for twins in twin_groups(weave):
        room = sum(tall + TWIN_GAP for _, tall in map(narrowest, twins))
        for slot in weave.chains[twins[0].id]:
            weave.girth[slot] = max(weave.girth[slot], room)


def twin_groups(weave: Weave) -> list[list[Line]]:
    """Return the groups of several lines that join the same two boxes across one gutter."""
    groups: dict[tuple[int, ...], list[Line]] = defaultdict(list)
    for line in weave.lines:
        chain = weave.chains[line.id]
        if len(chain) == 2 and weave.column[chain[0]] != weave.column[chain[1]]:
            groups[tuple(chain)].append(line)
    return [group for group in groups.values() if len(group) > 1]


def narrowest(line: Line) -> Size:
    """Return the narrowest size of a line's label, or a small default if it has none."""
    return line.labels[-1] if line.labels else (20.0, 8.0)
