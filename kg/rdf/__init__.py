"""Convert claims to RDF triples and back; no other package knows the RDF pattern."""

__all__ = ["hostile_rdf", "rows_from_rdf", "triples"]
