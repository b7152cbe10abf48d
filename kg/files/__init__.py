"""The file system: find a project, write files atomically, caches, git, progress bars, text tables."""

__all__ = ["cache", "cells", "git", "outputs", "progress", "project", "revisions", "text_tables"]
