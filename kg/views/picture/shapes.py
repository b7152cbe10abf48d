"""Define outlines and line styles.

The outlines match those in templates/view/ink.js. The page receives the line styles from here, so that canvas, legend,
panel and SVG draw the same lines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kg.views.layout import Rect

WIDTH = 1.75
Stroke = Mapping[str, Any]
# By the ontology's word for a verdict's line: width, dashes, and whether the ends of dashes are round.
LINES: Mapping[str, Stroke] = {
    "solid": {"width": WIDTH, "dash": []},
    "dashed": {"width": WIDTH, "dash": [9, 5]},
    "dotted": {"width": 2.6, "dash": [0.1, 5.5], "round": True},
    "double": {"width": 4.4, "dash": []},
    "dash-dot": {"width": WIDTH, "dash": [9, 4, 2, 4]},
    "dash-dot-dot": {"width": WIDTH, "dash": [9, 4, 2, 4, 2, 4]},
}


def _rounded(rect: Rect, radius: float) -> str:
    x, y = rect.x - rect.width / 2, rect.y - rect.height / 2
    w, h, r = rect.width - 2 * radius, rect.height - 2 * radius, f"{radius:g}"
    corners = (f"a{r},{r} 0 0 1 {dx},{dy}" for dx, dy in ((r, r), (f"-{r}", r), (f"-{r}", f"-{r}"), (r, f"-{r}")))
    a, b, c, d = corners
    return f"M{x + radius:.1f},{y:.1f}h{w:.1f}{a}v{h:.1f}{b}h{-w:.1f}{c}v{-h:.1f}{d}z"


def _cut(rect: Rect, across: float, down: float) -> str:
    x, y = rect.x - rect.width / 2, rect.y - rect.height / 2
    w, h = rect.width - 2 * across, rect.height - 2 * down
    steps = f"l{across:.1f},{down:.1f}v{h:.1f}l{-across:.1f},{down:.1f}h{-w:.1f}l{-across:.1f},{-down:.1f}v{-h:.1f}z"
    return f"M{x + across:.1f},{y:.1f}h{w:.1f}{steps}"


def _box(rect: Rect) -> str:
    return _rounded(rect, min(2.0, rect.height / 8))


_SHAPES: Mapping[str, Callable[[Rect], str]] = {
    "octagon": lambda rect: _cut(rect, rect.height * 0.2, rect.height * 0.2),
    "hexagon": lambda rect: _cut(rect, rect.height * 0.28, rect.height / 2),
    "rounded": lambda rect: _rounded(rect, min(12.0, rect.height / 3)),
    "pill": lambda rect: _rounded(rect, rect.height / 2),
    "circle": lambda rect: _rounded(rect, rect.height / 2),
}


def outline(shape: str, rect: Rect) -> str:
    """Return the SVG path of a shape; an unknown shape is a box."""
    return _SHAPES.get(shape, _box)(rect)
