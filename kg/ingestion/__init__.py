"""Any file to checked claims, or to every problem at once with its place and a hint."""

__all__ = ["checking", "fetching", "mapping", "mapping_files", "mapping_texts", "reading", "texts", "world_rows"]
