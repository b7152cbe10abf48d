"""The graph of a project: its verbs, the only room that Python users import, as ``import kg``."""

__all__ = ["expectations", "loading", "project_graph", "versions"]
