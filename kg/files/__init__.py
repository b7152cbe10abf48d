"""The disk: find a project, write all files or none, caches, git, progress, tables of text."""
