"""A network in, a picture out: one page, or one SVG.

On the way: faces (what stands on a box), bundles (edges that become one line), sketch (places, by ``layout``); then
pages (pyvis's data model, vis-network) or svg, from the same sketch.
"""

from __future__ import annotations

from kg.views.picture.pages import page
from kg.views.picture.svg import draw_svg

__all__ = ["draw_svg", "page"]
