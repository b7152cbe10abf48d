"""Draw the graph: network, layout, HTML page, SVG and PNG."""

__all__ = ["evidence", "listing", "network", "picture", "raster"]
