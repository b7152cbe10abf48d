"""What a person looks at: the network, its layout, the page, SVG and PNG."""

__all__ = ["evidence", "network", "picture", "raster"]
