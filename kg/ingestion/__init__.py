"""Read any file into checked claims, or report every problem at once with its place and a hint."""

__all__ = ["checking", "fetching", "mapping", "mapping_files", "mapping_texts", "reading", "texts", "world_rows"]
