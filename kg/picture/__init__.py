"""A network in, a picture out: one page, or one SVG.

On the way: faces (what stands on a box), bundles (edges that become one line), sketch (places, by ``kg.layout``); then
pages (pyvis's data model, vis-network) or another renderer of the same sketch.
"""

from __future__ import annotations

from kg.picture.pages import page

__all__ = ["page"]
