"""Define the input and output of a layout: boxes, lines, rectangles, curves and routes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

Point = tuple[float, float]
Size = tuple[float, float]
Curve = tuple[Point, Point, Point, Point]

SAMPLE = 6.0


@dataclass(frozen=True, slots=True)
class Box:
    """A box to place."""

    id: str
    column: int
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line to route, with the possible sizes of its label (best first) and whether it has a mark."""

    id: str
    source: str
    target: str
    labels: tuple[Size, ...] = ()
    marked: bool = False


@dataclass(frozen=True, order=True, slots=True)
class Rect:
    """A rectangle, given by its centre."""

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: Rect, room: float = 0.0) -> bool:
        """Return whether two rectangles are closer to each other than ``room``."""
        return (
            abs(self.x - other.x) * 2 < self.width + other.width + 2 * room
            and abs(self.y - other.y) * 2 < self.height + other.height + 2 * room
        )


@dataclass(slots=True)
class Route:
    """The path of a line; ``flat`` says for each curve whether it lies in a lane."""

    curves: list[Curve]
    flat: list[bool]
    backward: bool = False
    plate: Rect | None = None
    wording: int = 0
    mark: Point | None = None

    @property
    def tip(self) -> tuple[float, float, float]:
        """Return the end point of the arrow and its angle in radians."""
        curve = self.curves[0][::-1] if self.backward else self.curves[-1]
        back, end = curve[2], curve[3]
        return end[0], end[1], math.atan2(end[1] - back[1], end[0] - back[0])

    def path(self) -> str:
        """Return the route as an SVG path from source to target."""
        curves = [c[::-1] for c in reversed(self.curves)] if self.backward else self.curves
        steps = (" ".join(f"{x:.1f},{y:.1f}" for x, y in curve[1:]) for curve in curves)
        return f"M{curves[0][0][0]:.1f},{curves[0][0][1]:.1f}" + "".join(f"C{s}" for s in steps)


@dataclass(slots=True)
class Drawing:
    """A finished layout: boxes and routes by id, the column heads, and the frame around everything."""

    boxes: dict[str, Rect]
    routes: dict[str, Route] = field(default_factory=dict)
    heads: list[tuple[int, float, float]] = field(default_factory=list)
    frame: Rect = Rect(0, 0, 0, 0)


def point_at(curve: Curve, t: float) -> Point:
    """Return the point of a cubic Bézier curve at ``t``."""
    a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = curve
    return a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3


def samples(route: Route) -> Iterator[Point]:
    """Yield points along a route, about six pixels apart."""
    for curve in route.curves:
        way = abs(curve[3][0] - curve[0][0]) + abs(curve[3][1] - curve[0][1])
        way += abs(curve[1][0] - curve[0][0]) * 0.5
        count = max(2, round(way / SAMPLE))
        for n in range(count + 1):
            yield point_at(curve, n / count)
