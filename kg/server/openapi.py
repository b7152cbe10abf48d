"""Describe the addresses of the service in OpenAPI 3.1."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import kg
from kg.server.description import downloads
from kg.server.media import HTML, RDF, RESULTS, SUFFIXES, TEXT
from kg.server.service import Service

Json = dict[str, Any]
_ERRORS = {
    "400": "The request is wrong; the text says what and where.",
    "406": "The answer is not to be had in the form asked for.",
    "413": "The request, or the answer, is too large.",
    "421": "This host is not served here.",
    "429": "This client has used up its time.",
    "503": "Busy; try again after the seconds that Retry-After tells.",
    "504": "The query took too long.",
    "507": "The query needs too much memory.",
}


def openapi_description(service: Service) -> Json:
    """Return the description as JSON."""
    info = {
        "title": service.site.graph.world.settings.title,
        "version": kg.__version__,
        "description": "A graph of sourced claims, read-only.",
    }
    return {"openapi": "3.1.0", "info": info, "paths": dict(_paths())}


def _paths() -> Iterator[tuple[str, Json]]:
    results = [*RESULTS, *(media for media in RDF if media not in RESULTS)]
    asked = [
        _field("query"),
        _field("default-graph-uri", many=True),
        _field("named-graph-uri", many=True),
        _field("format"),
    ]
    form = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
    bodies = {"application/x-www-form-urlencoded": {"schema": form}, "application/sparql-query": {"schema": _TEXT}}
    yield (
        "/sparql",
        {
            "get": _operation("Ask a query; without one, the service description", results, asked, _ERRORS),
            "post": {
                **_operation("Ask a query", results, [], _ERRORS),
                "requestBody": {"required": True, "content": bodies},
            },
        },
    )
    yield "/store", {"get": _operation("A named graph", list(RDF), [_field("graph"), _field("default")], _ERRORS)}
    for kind in ("id", "proposition", "claim"):
        described = _operation("What is known of one thing", [HTML, *SUFFIXES.values()], [_place("id")])
        described["responses"]["303"] = {"description": "Where the form asked for is"}
        yield f"/{kind}/{{id}}", {"get": described}
    yield "/search", {"get": _operation("Find by name", [HTML, "application/json"], [_field("q")])}
    yield "/questions/{name}", {"get": _operation("Ask a named question", [HTML], [_place("name")])}
    for path in ("/", "/entities", "/conflicts", "/plans", "/gaps", "/questions", "/editor", "/downloads", "/problems"):
        yield path, {"get": _operation("A page", [HTML], [])}
    yield "/download/{name}", {"get": _operation("The graph as a file", ["*/*"], [_place("name", list(downloads()))])}
    yield "/.well-known/void", {"get": _operation("What the graph is", list(SUFFIXES.values())[1:], [])}
    yield "/health", {"get": _operation("Whether the service runs", ["application/json"], [])}
    yield from _reconciliation()


def _reconciliation() -> Iterator[tuple[str, Json]]:
    form = {"type": "object", "properties": {"queries": {"type": "string"}, "extend": {"type": "string"}}}
    body = {"content": {"application/x-www-form-urlencoded": {"schema": form}}}
    get = _operation(
        "Match names, or the manifest", ["application/json"], [_field("queries"), _field("extend")], _ERRORS
    )
    yield "/reconcile", {"get": get, "post": {**get, "parameters": [], "requestBody": body}}
    yield "/reconcile/properties", {"get": _operation("What to extend with", ["application/json"], [_field("type")])}
    yield "/reconcile/preview", {"get": _operation("A small page", [HTML], [_field("id")])}
    suggested = [_place("kind", ["entity", "property", "type"]), _field("prefix"), _field("cursor")]
    yield "/reconcile/suggest/{kind}", {"get": _operation("Suggest", ["application/json"], suggested)}


_TEXT: Json = {"type": "string"}


def _field(name: str, *, many: bool = False) -> Json:
    schema = {"type": "array", "items": _TEXT} if many else _TEXT
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _place(name: str, values: list[str] | None = None) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": {**_TEXT, **({"enum": values} if values else {})}}


def _operation(summary: str, media: list[str], parameters: list[Json], errors: Json | None = None) -> Json:
    content = {TEXT: {"schema": _TEXT}}
    told = {status: {"description": words, "content": content} for status, words in (errors or {}).items()}
    missing = {"404": {"description": "There is nothing here"}}
    good = {"200": {"description": "The answer", "content": {name: {} for name in media}}}
    return {"summary": summary, "parameters": parameters, "responses": {**good, **missing, **told}}
