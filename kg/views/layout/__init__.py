"""Where boxes stand and lines run: sizes in, places and paths out; no meaning, no colour, no clock.

`layered` puts boxes into columns from left to right; `scattered` places what is too much for columns.
On the way to columns: weave, order, mates, ports, heights, spacing, routes, scene, labels.
"""

from __future__ import annotations

from kg.views.layout.columns import layered
from kg.views.layout.geometry import Box, Drawing, Line, Rect, Route, Size
from kg.views.layout.scatter import scattered

__all__ = ["Box", "Drawing", "Line", "Rect", "Route", "Size", "layered", "scattered"]
