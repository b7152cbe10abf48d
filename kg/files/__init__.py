"""The disk: find a project, write all files or none, caches, git, progress, tables of text."""

__all__ = ["cache", "cells", "git", "outputs", "progress", "project", "revisions", "text_tables"]
