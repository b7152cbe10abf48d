"""Compute the spacing of a drawing for an aspect ratio: ports, rows and columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kg.views.layout.heights import row_heights
from kg.views.layout.mates import Beside, besides
from kg.views.layout.ports import port_shifts
from kg.views.layout.weave import Layers, Weave, twin_groups

GUTTER = 70.0
HEAD_GAP = 38.0
WIDEST = 2.2  # times the needed width, at most


@dataclass(frozen=True, slots=True)
class Plan:
    """A spacing: the places of slots and columns, and how far the whole is from the aspect ratio."""

    beside: dict[str, Beside]
    ports: dict[tuple[str, int], float]
    rows: list[float]
    middles: list[float]
    misfit: float


def planned(weave: Weave, layers: Layers, slack: float, aspect: float) -> Plan:
    """Return a spacing for a row spacing factor; if the rows become high, the gutters widen with them."""
    beside = besides(weave, layers)
    ports = port_shifts(weave, layers, beside)
    rows = row_heights(weave, layers, ports, beside, slack)
    high = max(rows) - min(rows) + 2 * HEAD_GAP
    widths, gutters = column_widths(weave), _gutters(weave, beside)
    spare = (aspect * high - sum(widths)) / max(1.0, sum(gutters[:-1]))
    stretch = min(WIDEST, max(1.0, spare))
    middles = _middles(widths, [gutter * stretch for gutter in gutters])
    wide = middles[-1] + widths[-1] / 2
    return Plan(beside, ports, rows, middles, abs(math.log(wide / high / aspect)))


def column_widths(weave: Weave) -> list[float]:
    """Return the width of every column."""
    widths = [0.0] * (max(weave.column) + 1)
    for box in weave.boxes:
        widths[box.column] = box.width
    return widths


def _gutters(weave: Weave, beside: dict[str, Beside]) -> list[float]:
    """Return the width that the labels in the gutter to the right of each column need."""
    gutters = [GUTTER] * (max(weave.column) + 1)
    twins = {line.id for group in twin_groups(weave) for line in group}
    for line in weave.lines:
        chain = weave.chains[line.id]
        if line.id in beside:
            _widen_for_bow(gutters, weave.column[chain[0]], beside[line.id])
        elif len(chain) == 2 and chain[0] != chain[1] and line.labels:
            column = weave.column[chain[0]]
            room = 30.0 + 16.0 * line.marked + 28.0 * (line.id in twins)
            gutters[column] = max(gutters[column], min(s[0] for s in line.labels) + room)
    return gutters


def _widen_for_bow(gutters: list[float], column: int, beside: Beside) -> None:
    """Widen the gutter that holds a bow. To the left of the first column there is always room."""
    gutter = column if beside.side == 1 else column - 1
    if beside.side and gutter >= 0:
        gutters[gutter] = max(gutters[gutter], beside.depth + 46)


def _middles(widths: Sequence[float], gutters: Sequence[float]) -> list[float]:
    """Return the centre of every column."""
    middles = [widths[0] / 2]
    for n in range(1, len(widths)):
        middles.append(middles[-1] + (widths[n - 1] + widths[n]) / 2 + gutters[n - 1])
    return middles
