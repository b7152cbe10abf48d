"""Serve the pages and the RDF of one thing: an entity, source, proposition or claim."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kg.model.terms import Stance
from kg.server import page_facts
from kg.server.media import HTML, JSON, RDF, SUFFIXES, choose
from kg.server.pages import render
from kg.server.process import NoAnswerError
from kg.server.protocol import plain
from kg.server.queries import DESCRIBE
from kg.server.rdf_answers import WRITERS, rdf_response, read_ntriples
from kg.server.service import service_of, site_of
from kg.server.snapshot import Site

_PLACE = re.compile(r"(?P<id>[A-Za-z0-9][A-Za-z0-9_-]{0,127})(?:\.(?P<suffix>[a-z]+))?")


Show = Callable[[Request, str], Awaitable[Response]]


def thing(kind: str, show: Show, known: Callable[[Site], Any]) -> Callable[[Request], Awaitable[Response]]:
    """Return the handler for the things of one kind. A suffix selects the format, else ``Accept`` does."""

    async def answer(request: Request) -> Response:
        place = _PLACE.fullmatch(request.path_params["id"])
        site = site_of(request)
        if place is None or place["id"] not in known(site) or (place["suffix"] or "html") not in SUFFIXES:
            return missing(request)
        if not place["suffix"]:
            media = choose(request.headers.get("accept", ""), (HTML, *WRITERS)) or HTML
            suffix = next(suffix for suffix, served in SUFFIXES.items() if served == media)
            return RedirectResponse(f"/{kind}/{place['id']}.{suffix}", 303, {"vary": "Accept"})
        if place["suffix"] == "html":
            return await show(request, place["id"])
        return await _describe(request, f"{site.base}{kind}/{place['id']}", SUFFIXES[place["suffix"]])

    return answer


async def _triples(request: Request, iri: str) -> str:
    answer = await service_of(request).answer(DESCRIBE.format(iri=iri), {"triples": "application/n-triples"})
    return answer.body.decode()


async def _describe(request: Request, iri: str, media: str) -> Response:
    """Return every triple that contains an IRI."""
    try:
        quads = read_ntriples(await _triples(request, iri))
    except NoAnswerError as reason:
        return plain(reason.status, reason.message, retry=reason.retry)
    return rdf_response(quads, media, site_of(request))


async def show_named(request: Request, id: str) -> Response:
    """Show an entity or a source."""
    site = site_of(request)
    world = site.graph.world
    if id in world.sources:
        return render(request, "source.html.j2", it=page_facts.source(site, world.sources[id]))
    told = page_facts.facts(site, site.facts_of.get(id, ()))
    try:
        quads = read_ntriples(await _triples(request, world.entities[id].iri))
        turtle = WRITERS["text/turtle"](quads, site)
    except NoAnswerError as reason:
        turtle = f"# {reason.message}"
    return render(
        request,
        "entity.html.j2",
        it=page_facts.entity(site, world.entities[id]),
        groups=page_facts.grouped(told, key=lambda one: one["kind_label"]),
        timeline=page_facts.timeline(told),
        neighbours=page_facts.neighbours(site, id, told),
        turtle=turtle,
    )


async def show_proposition(request: Request, id: str) -> Response:
    """Show a proposition with its claims."""
    site = site_of(request)
    told = page_facts.fact(site, id)
    against = [(one, page_facts.fact(site, one["proposition"])) for one in told["opposed_by"]]
    beside = [(one, page_facts.fact(site, one["proposition"])) for one in told["beside"]]
    labels = [(node, site.matcher.bearers[node].label) for node in told["nodes"]]
    stances = {stance.label(): stance.reads for stance in site.graph.world.ontology.of(Stance).values()}
    return render(
        request, "proposition.html.j2", fact=told, against=against, beside=beside, nodes=labels, stances=stances
    )


async def show_claim(request: Request, id: str) -> Response:
    """Redirect to the claim on the page of its proposition."""
    return RedirectResponse(f"/proposition/{site_of(request).claims[id]}.html#claim-{id}", 303)


named = thing("id", show_named, lambda site: site.matcher.bearers)
proposition = thing("proposition", show_proposition, lambda site: site.facts)
claim = thing("claim", show_claim, lambda site: site.claims)


def missing(request: Request) -> Response:
    """Return status 404, as a page if the client prefers HTML."""
    if choose(request.headers.get("accept", ""), (HTML, *RDF, JSON)) == HTML:
        return render(request, "missing.html.j2", status=404)
    return plain(404, "there is nothing here")
