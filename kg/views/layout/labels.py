"""Find a free place for each label and mark, on its line or close to it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from operator import itemgetter

from kg.views.layout.geometry import Line, Point, Rect, Route, Size, point_at, samples
from kg.views.layout.scene import Scene

MARK_RADIUS = 9.0
PLATE_ROOM = 3.0
Spot = tuple[float, int, Rect]  # a candidate place for a label: cost, wording, rectangle

ASIDE = 14.0  # extra cost of a label beside its line


def set_marks(scene: Scene, lines: Iterable[Line]) -> None:
    """Place each mark on its line, near the arrow and away from other lines."""
    for line in lines:
        if not line.marked:
            continue
        route = scene.routes[line.id]
        spots = [(rank, Rect(*spot, 2 * MARK_RADIUS, 2 * MARK_RADIUS)) for rank, spot in _mark_spots(route)]
        free = [(rank, disc) for rank, disc in spots if scene.is_free(disc)]
        _, _, disc = min((rank + 4 * scene.others_in(disc, line.id), rank, disc) for rank, disc in free or spots)
        route.mark = disc.x, disc.y
        scene.take(f"mark {line.id}", disc, 2.0)


def _mark_spots(route: Route) -> Iterator[tuple[int, Point]]:
    """Yield candidate places every eight pixels, from the arrow backwards."""
    points = list(samples(route))
    points = points if route.backward else points[::-1]
    way, wanted = 0.0, 24.0
    for a, b in pairwise(points):
        way += math.dist(a, b)
        if way >= wanted:
            yield round((wanted - 24) / 8), b
            wanted += 8
        if wanted > 130:
            return
    if way < 24:
        yield 0, points[len(points) // 2]


def set_plates(scene: Scene, lines: Sequence[Line]) -> None:
    """Place the labels, those with the least choice first. Labels without a place go first in the next round."""
    labelled = [line for line in lines if line.labels]
    labelled.sort(key=lambda line: (len(scene.routes[line.id].curves), line.id))
    spots = {line.id: sorted(_plate_spots(scene.routes[line.id], line.labels), key=itemgetter(0)) for line in labelled}
    for _ in range(4):
        for line in labelled:
            _lift_plate(scene, line.id)
        for line in labelled * 2:
            _set_plate(scene, line.id, spots[line.id])
        homeless = [line for line in labelled if scene.routes[line.id].plate is None]
        if not homeless:
            return
        labelled = homeless + [line for line in labelled if line not in homeless]


def _lift_plate(scene: Scene, line: str) -> None:
    route = scene.routes[line]
    if route.plate:
        scene.leave(f"plate {line}", route.plate, PLATE_ROOM)
        route.plate = None


def _set_plate(scene: Scene, line: str, spots: Iterable[Spot]) -> None:
    """Place a label where it costs least, replacing its earlier place. ``spots`` are sorted by cost."""
    _lift_plate(scene, line)
    route = scene.routes[line]
    best = math.inf
    for cost, wording, rect in spots:
        if cost >= best:
            break
        if not scene.is_free(rect):
            continue
        cost += 8 * scene.others_in(rect, line)
        if cost < best:
            best, route.plate, route.wording = cost, rect, wording
    if route.plate:
        scene.take(f"plate {line}", route.plate, PLATE_ROOM)


def _plate_spots(route: Route, labels: Sequence[Size]) -> Iterator[Spot]:
    """Yield candidate places along a route with their costs: level stretches first, then bends."""
    bend = 16.0 if any(route.flat) else 0.0
    for curve, flat in zip(route.curves, route.flat, strict=True):
        for n in range(1, 20):
            t = n / 20
            x, y = point_at(curve, t)
            price = abs(t - 0.5) * 6 if flat else bend + abs(t - 0.5) * 12
            level = curve[3][0] - curve[0][0] if flat else 0.0
            for wording, (width, height) in enumerate(labels):
                # Outside a lane, a narrow label leaves more of the line visible.
                extra = 1.5 * wording if width < level else width / 30
                yield price + extra, wording, Rect(x, y, width, height)
                for aside in (-height / 2 - 4, height / 2 + 4):
                    yield price + extra + ASIDE, wording, Rect(x, y + aside, width, height)
