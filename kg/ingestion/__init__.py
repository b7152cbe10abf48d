"""Any file to checked claims, or to every problem at once with its place and a hint."""

__all__ = ["checking", "fetching", "mapping", "reading", "texts", "world_rows"]
