"""Lay out boxes in columns from left to right.

A line that crosses a column gets its own lane in it, so that no line runs under a box.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from kg.views.layout.geometry import Box, Drawing, Line, Rect, samples
from kg.views.layout.labels import set_marks, set_plates
from kg.views.layout.order import ordered
from kg.views.layout.routes import routed
from kg.views.layout.scene import Scene
from kg.views.layout.spacing import HEAD_GAP, Plan, planned
from kg.views.layout.weave import Weave, woven

SLACKS = (1.0, 1.3, 1.6, 2.0, 2.4)  # row spacing factors to try, to fill the frame
MANY = 120  # lines; with more, some labels fit in no spacing, so only two are tried


def layered(boxes: Sequence[Box], lines: Sequence[Line], *, aspect: float = 1.5) -> Drawing:
    """Place boxes in their columns, route every line, and find a free place for every label.

    Returns the spacing closest to the aspect ratio in which every label has a place, else the one that misses fewest.
    """
    if not boxes:
        return Drawing({})
    weave = woven(_evened(boxes), lines)
    layers = ordered(weave)
    plans = sorted((planned(weave, layers, slack, aspect) for slack in SLACKS), key=lambda plan: plan.misfit)
    drawings = []
    for plan in plans[: len(SLACKS) if len(lines) <= MANY else 2]:
        drawings.append(_drawn(weave, plan))
        if not _missing(drawings[-1], lines):
            return drawings[-1]
    return min(drawings, key=lambda drawing: _missing(drawing, lines))


def _missing(drawing: Drawing, lines: Sequence[Line]) -> int:
    """Return the number of labels without a place."""
    return sum(1 for line in lines if line.labels and drawing.routes[line.id].plate is None)


def _evened(boxes: Sequence[Box]) -> list[Box]:
    """Give all boxes of a column the same width, and number the columns without gaps."""
    widest: dict[int, float] = defaultdict(float)
    for box in boxes:
        widest[box.column] = max(widest[box.column], box.width)
    number = {column: n for n, column in enumerate(sorted(widest))}
    return [Box(b.id, number[b.column], widest[b.column], b.height) for b in boxes]


def _drawn(weave: Weave, plan: Plan) -> Drawing:
    """Turn a plan into places, routes, marks and labels."""
    places = {
        box.id: Rect(plan.middles[box.column], plan.rows[n], box.width, weave.height[n])
        for n, box in enumerate(weave.boxes)
    }
    routes = routed(weave, plan)
    scene = Scene(places.values(), routes)
    set_marks(scene, weave.lines)
    set_plates(scene, weave.lines)
    drawing = Drawing(places, routes)
    drawing.heads, drawing.frame = _framed(drawing, plan.middles)
    return drawing


def _framed(drawing: Drawing, middles: list[float]) -> tuple[list[tuple[int, float, float]], Rect]:
    """Return the places of the column heads, and the frame around everything."""
    spots = [*drawing.boxes.values()]
    spots += [route.plate for route in drawing.routes.values() if route.plate]
    spots += [Rect(x, y, 2, 2) for r in drawing.routes.values() for x, y in samples(r)]
    top = min(s.y - s.height / 2 for s in spots) - HEAD_GAP
    bottom = max(s.y + s.height / 2 for s in spots)
    left = min(s.x - s.width / 2 for s in spots)
    right = max(s.x + s.width / 2 for s in spots)
    heads = [(column, x, top + 8) for column, x in enumerate(middles)]
    return heads, Rect((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)
