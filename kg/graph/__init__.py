"""The graph of a project and its methods; Python users import it as ``import kg``."""

__all__ = ["expectations", "loading", "project_graph", "versions"]
