"""Check queries before they are sent, and define those that the pages use."""

from __future__ import annotations

from functools import lru_cache

from kg.sparql.guard import check_characters, check_query, names_graphs

SHORT = 2048  # characters

DESCRIBE = (
    "CONSTRUCT {{ ?s ?p ?o }} WHERE "
    "{{ {{ VALUES ?s {{ <{iri}> }} ?s ?p ?o }} UNION {{ VALUES ?o {{ <{iri}> }} ?s ?p ?o }} }}"
)
WHOLE_GRAPH = "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}"
HAS_GRAPH = "ASK {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}"
EVERYTHING = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
GRAPHS = "SELECT ?graph (COUNT(*) AS ?triples) WHERE { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph ORDER BY ?graph"


def look_at(query: str) -> dict[str, bool]:
    """Return whether a query names its graphs, as ``dataset``. Raises QueryError if it is rejected.

    Returns an empty dict for a long query: checking it takes a tenth of a second, so the worker process does that.
    """
    check_characters(query)
    return {} if len(query) > SHORT else {"dataset": check_once(query)}


@lru_cache(maxsize=256)
def check_once(query: str) -> bool:
    """Return whether a query names its graphs. Raises QueryError if it is rejected before the engine sees it."""
    check_query(query)
    return names_graphs(query)
