"""Describe the service and its graph as quads: SPARQL service description, VoID, DCAT."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kg.formats.registry import FORMATS
from kg.model.iris import DCTERMS, RDF_TYPE, XSD, iri, literal
from kg.rdf.triples import Quad
from kg.server.media import RDF

if TYPE_CHECKING:
    from kg.server.service import Service

SD = "http://www.w3.org/ns/sparql-service-description#"
VOID = "http://rdfs.org/ns/void#"
DCAT = "http://www.w3.org/ns/dcat#"
FORMATS_NS = "http://www.w3.org/ns/formats/"
_RESULT_FORMATS = (
    *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *("Turtle", "N-Triples", "JSON-LD", "RDF_XML"),
)
Triple = tuple[str, str, str]


def service_quads(service: Service, base_url: str) -> list[Quad]:
    """Return the service description with its limits."""
    return [("", *triple) for triple in _service(service, base_url)]


def _service(service: Service, base_url: str) -> Iterator[Triple]:
    endpoint, limits = f"{base_url}sparql", service.limits
    it, dataset, default = (iri(f"{endpoint}{part}") for part in ("#service", "#dataset", "#default-graph"))
    yield it, RDF_TYPE, iri(SD + "Service")
    yield it, iri(SD + "endpoint"), iri(endpoint)
    yield it, iri(SD + "supportedLanguage"), iri(SD + "SPARQL11Query")
    yield it, iri(SD + "feature"), iri(SD + "UnionDefaultGraph")
    for name in _RESULT_FORMATS:
        yield it, iri(SD + "resultFormat"), iri(FORMATS_NS + name)
    yield it, iri(DCTERMS + "title"), literal(service.site.graph.world.settings.title)
    yield (
        it,
        iri(DCTERMS + "description"),
        literal(
            f"Read-only; no SERVICE. A query: at most {limits.timeout:g} seconds, {limits.memory // 1_000_000} MB, "
            f"64 kB of text. An answer: at most {limits.rows:,} rows and {limits.answer:,} bytes, never cut short."
        ),
    )
    yield it, iri(SD + "defaultDataset"), dataset
    yield dataset, RDF_TYPE, iri(SD + "Dataset")
    yield dataset, iri(SD + "defaultGraph"), default
    yield default, RDF_TYPE, iri(SD + "Graph")


def dataset_quads(service: Service, base_url: str, sizes: Mapping[str, int]) -> list[Quad]:
    """Return the VoID and DCAT description of the graph. ``sizes`` are the numbers of triples by named graph."""
    return [("", *triple) for triple in (*_dataset(service, base_url, sizes), *_downloads(service, base_url))]


def _dataset(service: Service, base_url: str, sizes: Mapping[str, int]) -> Iterator[Triple]:
    site = service.site
    it, world = iri(site.base), site.graph.world
    yield it, RDF_TYPE, iri(VOID + "Dataset")
    yield it, RDF_TYPE, iri(DCAT + "Dataset")
    yield it, iri(DCTERMS + "title"), literal(world.settings.title)
    yield it, iri(DCTERMS + "description"), literal(site.graph.summary)
    if world.settings.licence.startswith("http"):
        yield it, iri(DCTERMS + "license"), iri(world.settings.licence)
    yield it, iri(DCTERMS + "modified"), literal(world.known_by, datatype=XSD + "date")
    yield it, iri(VOID + "sparqlEndpoint"), iri(f"{base_url}sparql")
    yield it, iri(VOID + "uriSpace"), literal(site.base)
    yield it, iri(VOID + "triples"), _number(sum(sizes.values()))
    yield it, iri(VOID + "entities"), _number(len(world.entities))
    for media in RDF:
        if "/" in media and media != "text/plain":
            yield it, iri(DCTERMS + "format"), literal(media)
    for graph, triples in sizes.items():
        yield it, iri(VOID + "subset"), iri(graph)
        yield iri(graph), RDF_TYPE, iri(VOID + "Dataset")
        yield iri(graph), iri(VOID + "triples"), _number(triples)


def _downloads(service: Service, base_url: str) -> Iterator[Triple]:
    it = iri(service.site.base)
    endpoint = iri(f"{base_url}sparql#service")
    yield endpoint, RDF_TYPE, iri(DCAT + "DataService")
    yield endpoint, iri(DCAT + "endpointURL"), iri(f"{base_url}sparql")
    yield endpoint, iri(DCAT + "servesDataset"), it
    for name in downloads():
        url = f"{base_url}download/{name}"
        yield it, iri(VOID + "dataDump"), iri(url)
        yield it, iri(DCAT + "distribution"), iri(f"{url}#it")
        yield iri(f"{url}#it"), RDF_TYPE, iri(DCAT + "Distribution")
        yield iri(f"{url}#it"), iri(DCAT + "downloadURL"), iri(url)
        yield iri(f"{url}#it"), iri(DCAT + "mediaType"), literal(MEDIA[name.partition(".")[2]])


def _number(value: int) -> str:
    return literal(str(value), datatype=XSD + "integer")


MEDIA: Mapping[str, str] = {
    "ttl": "text/turtle",
    "trig": "application/trig",
    "nq": "application/n-quads",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "graphml": "application/graphml+xml",
    "gexf": "application/gexf+xml",
}


def downloads() -> dict[str, str]:
    """Return the downloadable files by name, with the format of each."""
    files = {f"graph{entry.extension}": name for name, entry in FORMATS.items() if not entry.is_folder}
    return {file: name for file, name in files.items() if file.partition(".")[2] in MEDIA}


__all__ = ["MEDIA", "dataset_quads", "downloads", "service_quads"]
