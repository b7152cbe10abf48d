"""Compute the places of boxes and the paths of lines from their sizes.

The layout knows no meaning or colour, and the same input gives the same output.
``layered`` places boxes in columns from left to right; ``scattered`` places graphs that are too large for columns.
The steps to columns are weave, order, mates, ports, heights, spacing, routes, scene, labels.
"""

from __future__ import annotations

from kg.views.layout.columns import layered
from kg.views.layout.geometry import Box, Drawing, Line, Rect, Route, Size
from kg.views.layout.scatter import scattered

__all__ = ["Box", "Drawing", "Line", "Rect", "Route", "Size", "layered", "scattered"]
