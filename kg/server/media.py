"""Define the media types of responses, and choose one for an ``Accept`` header."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

HTML = "text/html"
TEXT = "text/plain"
JSON = "application/json"
# Media types with the engine's names for them. The first one of a table is the default.
RESULTS: Mapping[str, str] = {
    "application/sparql-results+json": "JSON",
    "application/sparql-results+xml": "XML",
    "text/csv": "CSV",
    "text/tab-separated-values": "TSV",
    "application/json": "JSON",
    "application/xml": "XML",
    "text/xml": "XML",
}
RDF: Mapping[str, str] = {
    "text/turtle": "TURTLE",
    "application/n-triples": "N_TRIPLES",
    "application/ld+json": "JSON_LD",
    "application/rdf+xml": "RDF_XML",
    "text/n3": "N3",
    "application/json": "JSON_LD",
    "application/xml": "RDF_XML",
    "text/plain": "N_TRIPLES",
}
BOOLEAN_TEXT = frozenset({"text/csv", "text/tab-separated-values"})
SHORT: Mapping[str, str] = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "turtle": "text/turtle",
    "ntriples": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdfxml": "application/rdf+xml",
}
SUFFIXES: Mapping[str, str] = {
    "html": HTML,
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
}


@lru_cache(maxsize=512)
def choose(accept: str, offers: Sequence[str]) -> str:
    """Return the offer that an ``Accept`` header prefers, the first of equals, or "" if it accepts none.

    A header that cannot be parsed counts as accepting everything.
    """
    wanted = list(_ranges(accept)) or [("*", "*", 1.0)]
    best = max(offers, key=lambda offer: (_quality(offer, wanted), -offers.index(offer)), default="")
    return best if best and _quality(best, wanted) > 0 else ""


def _ranges(accept: str) -> Iterator[tuple[str, str, float]]:
    for part in accept.split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        top, slash, sub = name.lower().partition("/")
        if top and slash and sub:
            yield top, sub, _weight(parameters)


def _weight(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 1.0
    return 1.0


def _quality(offer: str, wanted: Sequence[tuple[str, str, float]]) -> float:
    """Return the weight of the most specific range that matches an offer."""
    top, _, sub = offer.partition("/")
    fits = [
        ((first != "*") + (second != "*"), weight)
        for first, second, weight in wanted
        if first in ("*", top) and second in ("*", sub)
    ]
    return max(fits, default=(0, 0.0))[1]
