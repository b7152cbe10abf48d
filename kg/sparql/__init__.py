"""Answer SPARQL queries and named questions, from a local store or a remote SPARQL 1.1 store."""

__all__ = ["endpoint", "engine", "guard", "push", "questions", "remote_graph", "remote_store", "store", "worker"]
