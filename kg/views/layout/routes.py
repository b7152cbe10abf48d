"""Compute the curves of every line, level at its boxes and through its lanes."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from kg.views.layout.geometry import Curve, Line, Point, Route
from kg.views.layout.heights import spaced
from kg.views.layout.mates import Beside
from kg.views.layout.spacing import Plan, column_widths
from kg.views.layout.weave import LOOP_ROOM, TWIN_GAP, Weave, narrowest, twin_groups

Stop = tuple[float, float, float]  # where a line passes a slot: x of the centre, y, half the width

TRACK = 9.0  # pixels between the steep parts of lines that bend in the same gutter


def routed(weave: Weave, plan: Plan) -> dict[str, Route]:
    """Return the route of every line."""
    halves = [width / 2 for width in column_widths(weave)]
    found: dict[str, Route] = {}
    stops: dict[str, list[Stop]] = {}
    for line in weave.lines:
        chain = weave.chains[line.id]
        spots = [_stop(weave, plan, halves, line.id, slot) for slot in chain]
        if line.id in plan.beside:
            found[line.id] = _beside_route(spots, plan.beside[line.id], [weave.height[s] for s in chain])
        elif chain[0] == chain[-1]:
            found[line.id] = _loop_route(spots[0], weave.height[chain[0]])
        else:
            stops[line.id] = spots
    _fan_out(weave, stops)
    tracks = _tracks(stops)
    for line_id, spots in stops.items():
        found[line_id] = _long_route(line_id, spots, tracks)
        found[line_id].backward = line_id in weave.backward
    return found


def _stop(weave: Weave, plan: Plan, halves: list[float], line: str, slot: int) -> Stop:
    column = weave.column[slot]
    return plan.middles[column], plan.rows[slot] + plan.ports.get((line, slot), 0.0), halves[column]


def _fan_out(weave: Weave, stops: dict[str, list[Stop]]) -> None:
    """Give each of several lines between the same two boxes its own level stretch for its label."""
    gutters: dict[int, list[tuple[float, Line, Stop]]] = defaultdict(list)
    for twins in twin_groups(weave):
        twins.sort(key=lambda line: (stops[line.id][0][1], line.id))
        sizes = [narrowest(line) for line in twins]
        middle = _calmer(weave, twins, stops[twins[0].id], max(wide for wide, _ in sizes))
        heights = [y for line in twins for _, y, _ in stops[line.id]]
        y = sum(heights) / len(heights) - sum(tall + TWIN_GAP for _, tall in sizes) / 2
        for line, (wide, tall) in zip(twins, sizes, strict=True):
            stretch = middle, y + (tall + TWIN_GAP) / 2, wide / 2
            gutters[weave.column[weave.chains[line.id][0]]].append((stretch[1], line, stretch))
            y += tall + TWIN_GAP
    for stretches in gutters.values():
        _part(stretches, stops)


def _part(stretches: list[tuple[float, Line, Stop]], stops: dict[str, list[Stop]]) -> None:
    """Move the level stretches in one gutter apart as little as possible, and insert them."""
    stretches.sort(key=lambda stretch: (stretch[0], stretch[1].id))
    tall = [narrowest(line)[1] for _, line, _ in stretches]
    steps = [(a + b) / 2 + TWIN_GAP for a, b in pairwise(tall)]
    heights = spaced([(y, 1.0) for y, _, _ in stretches], steps)
    for y, (_, line, (middle, _, half)) in zip(heights, stretches, strict=True):
        stops[line.id].insert(1, (middle, y, half))


def _calmer(weave: Weave, twins: list[Line], stops: list[Stop], wide: float) -> float:
    """Return the x position of labels between two boxes, nearer to the box with fewer lines."""
    (x1, _, w1), (x2, _, w2) = stops
    start, end = weave.chains[twins[0].id]
    room = wide / 2 + 22.0 + 14.0 * any(line.marked for line in twins)
    if len(weave.right[start]) <= len(weave.left[end]):
        return min(x1 + w1 + room, (x1 + w1 + x2 - w2) / 2)
    return max(x2 - w2 - room, (x1 + w1 + x2 - w2) / 2)


def _tracks(stops: dict[str, list[Stop]]) -> dict[tuple[str, float], float]:
    """Return where each line bends in each gutter, in pixels from the gutter's centre.

    Of lines that rise together, the upper one bends first; of lines that fall together, it bends last. Their steep
    parts then run side by side and do not cross.
    """
    gutters: dict[tuple[float, bool], list[tuple[float, float, str, float]]] = defaultdict(list)
    for line, spots in stops.items():
        for (x1, y1, w1), (x2, y2, w2) in pairwise(spots):
            if abs(y1 - y2) > TRACK:
                gutter = x2 - w2 - x1 - w1
                gutters[x1, y2 > y1].append((min(y1, y2), max(y1, y2), line, gutter))
    tracks: dict[tuple[str, float], float] = {}
    for (x, falls), found in gutters.items():
        for crowd in _crowds(sorted(found)):
            step = min(TRACK, 0.56 * crowd[0][3] / max(1, len(crowd) - 1))
            for n, (*_, line, _gutter) in enumerate(crowd):
                shift = (n - (len(crowd) - 1) / 2) * step
                tracks[line, x] = -shift if falls else shift
    return tracks


def _crowds(found: list[tuple[float, float, str, float]]) -> Iterator[list[tuple[float, float, str, float]]]:
    """Yield groups of lines whose vertical ranges overlap, each sorted by the centre of the range."""
    crowd: list[tuple[float, float, str, float]] = []
    reach = -math.inf
    for entry in found:
        if crowd and entry[0] >= reach:
            yield sorted(crowd, key=lambda e: (e[0] + e[1], e[2]))
            crowd = []
        crowd.append(entry)
        reach = max(reach, entry[1])
    if crowd:
        yield sorted(crowd, key=lambda e: (e[0] + e[1], e[2]))


def _long_route(line: str, spots: list[Stop], tracks: dict[tuple[str, float], float]) -> Route:
    """Return a route from column to column: a bend in each gutter, a level stretch in each lane."""
    curves: list[Curve] = []
    flat: list[bool] = []
    for n, ((x1, y1, w1), (x2, y2, w2)) in enumerate(pairwise(spots)):
        if n:
            curves.append(_level((x1 - w1, y1), (x1 + w1, y1)))
            flat.append(True)
        curves.append(_bend((x1 + w1, y1), (x2 - w2, y2), tracks.get((line, x1), 0.0)))
        flat.append(False)
    return Route(curves, flat)


def _level(start: Point, end: Point) -> Curve:
    third = (end[0] - start[0]) / 3
    return start, (start[0] + third, start[1]), (end[0] - third, end[1]), end


def _bend(start: Point, end: Point, shift: float) -> Curve:
    """Return a curve from one height to another, steepest at ``shift`` from the middle."""
    middle = (start[0] + end[0]) / 2 + shift
    return start, (middle, start[1]), (middle, end[1]), end


def _beside_route(spots: list[Stop], beside: Beside, tall: list[float]) -> Route:
    """Return a straight route between adjacent boxes of a column, or a bow around those between."""
    (x1, y1, w), (_, y2, _) = spots[0], spots[-1]
    if beside.side == 0:
        down = 1 if y2 > y1 else -1
        x = x1 + beside.shift
        start, end = (x, y1 + down * tall[0] / 2), (x, y2 - down * tall[-1] / 2)
        third = (end[1] - start[1]) / 3
        return Route([(start, (x, start[1] + third), (x, end[1] - third), end)], [False])
    x = x1 + beside.side * w
    out = x + beside.side * beside.depth
    return Route([((x, y1), (out, y1), (out, y2), (x, y2))], [False])


def _loop_route(spot: Stop, tall: float) -> Route:
    """Return a route from the top of a box back to itself."""
    x, y = spot[0], spot[1] - tall / 2
    high = y - LOOP_ROOM * 0.8
    return Route([((x - 14, y), (x - 44, high), (x + 44, high), (x + 14, y))], [False])
