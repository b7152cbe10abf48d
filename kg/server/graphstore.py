"""Implement the read half of the Graph Store HTTP Protocol: a graph by its own address, or by name."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from kg.server.media import RDF, choose
from kg.server.middleware import RequestError
from kg.server.process import NoAnswerError
from kg.server.protocol import plain, read_pairs
from kg.server.queries import EVERYTHING, HAS_GRAPH, WHOLE_GRAPH
from kg.server.service import Service

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]*")


async def graph_store(request: Request) -> Response:
    """Return the graph named by ``?graph=IRI``, or the union of all graphs for ``?default``."""
    try:
        fields = read_pairs(request.scope["query_string"].decode("latin-1"))
    except RequestError as refusal:
        return plain(refusal.status, refusal.message)
    names = [value for key, value in fields if key == "graph"]
    if len(names) + sum(key == "default" for key, _ in fields) != 1:
        return plain(400, "name one graph: ?default or ?graph=IRI")
    return await _graph(request, names[0] if names else "")


async def direct(request: Request) -> Response:
    """Return the graph whose IRI is the requested address, under the project's base."""
    service: Service = request.app.state.service
    return await _graph(request, f"{service.site.base}graph/{request.path_params['name']}")


async def _graph(request: Request, iri: str) -> Response:
    service: Service = request.app.state.service
    media = choose(request.headers.get("accept", ""), tuple(RDF))
    if not media:
        return plain(406, "a graph is had as Turtle, N-Triples, JSON-LD or RDF/XML")
    if iri and not _IRI.fullmatch(iri):
        return plain(400, "this is no IRI")
    try:
        if iri and b"true" not in (await service.answer(HAS_GRAPH.format(iri=iri), {"boolean": "text/csv"})).body:
            return plain(404, "there is no such graph")
        answer = await service.answer(WHOLE_GRAPH.format(iri=iri) if iri else EVERYTHING, {"triples": media})
    except NoAnswerError as reason:
        hint = "; the whole is under /downloads" if reason.status == 413 else ""
        return plain(reason.status, reason.message + hint, retry=reason.retry)
    kind = f"{media}; charset=utf-8" if media.startswith("text/") else media
    return Response(answer.body, media_type=kind, headers={"vary": "Accept", "cache-control": "no-cache"})
