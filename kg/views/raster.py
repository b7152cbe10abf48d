"""Convert SVG to PNG with resvg, which the extra ``png`` installs: pip install 'autokg[png]'."""

from __future__ import annotations

from importlib.util import find_spec

from kg.model.errors import UsageError

ZOOM = 2.0  # pixels per unit in the drawing, for print and high-density screens


def rasterise(svg: str, *, zoom: float = ZOOM) -> bytes:
    """Return an SVG as PNG, drawn with this machine's fonts. Raises UsageError if resvg is not installed."""
    if find_spec("resvg_py") is None:
        raise UsageError("a PNG needs resvg: pip install 'autokg[png]'; an SVG (-o FILE.svg) needs nothing")
    import resvg_py

    return resvg_py.svg_to_bytes(svg_string=svg, zoom=zoom, languages=["en", "zh"])
