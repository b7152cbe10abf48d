"""Questions and what answers them: a store here, or a SPARQL 1.1 store elsewhere."""

__all__ = ["endpoint", "engine", "guard", "push", "questions", "remote_graph", "remote_store", "store", "worker"]
