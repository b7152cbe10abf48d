"""Serve the graph of a project over HTTP: SPARQL, entity pages, search, matching. Run by ``kg serve``."""

__all__ = ["run"]
