"""Claims to triples and back: the only place that knows the RDF pattern."""
