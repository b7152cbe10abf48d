"""Return small RDF documents as responses, in the requested format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from starlette.responses import Response

from kg.formats.jsonld import jsonld
from kg.formats.xml import rdfxml
from kg.rdf.triples import Quad, ntriples, turtle
from kg.server.media import choose
from kg.server.snapshot import Site

WRITERS: Mapping[str, Callable[[list[Quad], Site], str]] = {
    "text/turtle": lambda quads, site: turtle(quads, site.graph.prefixes),
    "application/n-triples": lambda quads, _: ntriples(quads),
    "application/ld+json": lambda quads, site: jsonld(quads, site.base, site.graph.world.ontology),
    "application/rdf+xml": lambda quads, site: rdfxml(quads, site.graph.prefixes),
}


def rdf_response(quads: Iterable[Quad], accept: str, site: Site, *, status: int = 200) -> Response:
    """Return quads in the format that an ``Accept`` header prefers, or Turtle if it accepts none of ours."""
    media = choose(accept, tuple(WRITERS)) or "text/turtle"
    text = WRITERS[media](list(quads), site)
    headers = {"vary": "Accept", "cache-control": "no-cache"}
    return Response(text, status, headers, f"{media}; charset=utf-8" if media.startswith("text/") else media)


def read_ntriples(text: str) -> list[Quad]:
    """Return the quads of N-Triples as the engine writes them, all in the unnamed graph."""
    lines = (line.removesuffix(" .").split(" ", 2) for line in text.splitlines())
    return [("", subject, predicate, value) for subject, predicate, value in lines]
