"""An SVG as PNG, by resvg, which comes with the extra ``png``: pip install 'autokg[png]'."""

from __future__ import annotations

from importlib.util import find_spec

from kg.model.errors import UsageError

ZOOM = 2.0  # pixels for each length of one in the drawing, so that it is sharp in print and on dense screens


def rasterise(svg: str, *, zoom: float = ZOOM) -> bytes:
    """Return a PNG of an SVG drawn with the fonts of this machine. Raises UsageError where resvg is not installed."""
    if find_spec("resvg_py") is None:
        raise UsageError("a PNG needs resvg: pip install 'autokg[png]'; an SVG (-o FILE.svg) needs nothing")
    import resvg_py

    return resvg_py.svg_to_bytes(svg_string=svg, zoom=zoom, languages=["en", "zh"])
