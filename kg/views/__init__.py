"""Draw the graph: network, layout, HTML page, SVG and PNG."""

__all__ = ["evidence", "network", "picture", "raster"]
