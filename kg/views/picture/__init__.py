"""Draw a network as one HTML page or one SVG.

The steps are faces (text on boxes), bundles (edges merged into one line) and sketch (places, from ``layout``). Then
pages (pyvis's data model, vis-network) or svg renders the sketch.
"""

from __future__ import annotations

from kg.views.picture.pages import page
from kg.views.picture.svg import draw_svg

__all__ = ["draw_svg", "page"]
