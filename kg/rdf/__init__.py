"""Claims to triples and back: the only place that knows the RDF pattern."""

__all__ = ["hostile_rdf", "rows_from_rdf", "triples"]
