"""Questions and what answers them: a store here, or a SPARQL 1.1 store elsewhere."""
