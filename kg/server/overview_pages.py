"""Serve the pages about the whole graph: picture, lists, search, files, descriptions."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kg.formats.registry import FORMATS
from kg.model.terms import EntityType
from kg.server import page_facts
from kg.server.description import MEDIA, dataset_quads, downloads
from kg.server.media import HTML, JSON, choose
from kg.server.pages import NAV, policy, render
from kg.server.process import NoAnswerError
from kg.server.protocol import plain, wanted_forms
from kg.server.queries import GRAPHS
from kg.server.rdf_answers import rdf_response
from kg.server.service import service_of, site_of
from kg.server.thing_pages import missing

_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
_SKIP = re.compile(r'<a class="skip"[^\n]*\n')  # must stay the first element of the page
_BAR = (
    "<style>.site-bar{{display:flex;flex-wrap:wrap;gap:2px 16px;padding:7px 20px;background:var(--side);"
    "border-bottom:1px solid var(--rule);font-size:14px}}.site-bar a{{color:var(--text);text-decoration:none;"
    "padding:3px 0}}.site-bar a:hover{{text-decoration:underline}}.site-bar a[aria-current]{{font-weight:650}}"
    '</style>\n<nav class="site-bar" aria-label="Site">{links}</nav>\n'
)


# ---------------------------------------------------------------- the picture


async def front(request: Request) -> Response:
    """Show the picture of the graph, below a bar that links to the other pages."""
    text = site_of(request).picture
    links = " ".join(
        f'<a href="{path}"{" aria-current=page" if path == "/" else ""}>{label}</a>' for path, label in NAV
    )
    body = _SKIP.sub(lambda link: link[0] + _BAR.format(links=links), text, count=1)
    found = _POLICY.search(text)
    header = f"{found[1] if found else policy(())}; frame-ancestors 'none'"
    return Response(
        body, 200, {"content-security-policy": header, "cache-control": "no-cache"}, f"{HTML}; charset=utf-8"
    )


# ---------------------------------------------------------------- lists


async def entities(request: Request) -> Response:
    """List every entity by type, and the sources."""
    site = site_of(request)
    types = site.graph.world.ontology.of(EntityType)
    groups: dict[str, list[Any]] = {}
    for bearer in sorted(site.matcher.bearers.values(), key=lambda b: (b.label.casefold(), b.id)):
        label = types[bearer.type].label() if bearer.type in types else bearer.type
        groups.setdefault(label, []).append((bearer, len(site.facts_of.get(bearer.id, ()))))
    return render(request, "entities.html.j2", groups=dict(sorted(groups.items())))


async def search(request: Request) -> Response:
    """Search by name: a page, or JSON for the suggestions of the search box."""
    site, text = site_of(request), request.query_params.get("q", "")[:500]
    found = site.matcher.find(text, limit=20) if text.strip() else []
    types = site.graph.world.ontology.of(EntityType)
    if choose(request.headers.get("accept", ""), (HTML, JSON)) == JSON:
        listed = [
            {"id": m.bearer.id, "label": m.bearer.label, "type": m.bearer.type, "name": m.name, "score": m.score}
            for m in found
        ]
        return JSONResponse({"found": listed}, headers={"vary": "Accept", "cache-control": "no-cache"})
    return render(request, "search.html.j2", found=found, types=types)


async def conflicts(request: Request) -> Response:
    """List the claims that conflict by a rule, with both sides."""
    return render(
        request, "conflicts.html.j2", groups=page_facts.grouped(site_of(request).conflicts, key=lambda one: one.title)
    )


async def plans(request: Request) -> Response:
    """List every plan with its outcome."""
    return render(
        request, "plans.html.j2", groups=page_facts.grouped(site_of(request).plans, key=lambda one: one.label)
    )


async def gaps(request: Request) -> Response:
    """List what is missing of each entity."""
    return render(request, "gaps.html.j2", gaps=site_of(request).gaps)


# ---------------------------------------------------------------- files and descriptions


async def download(request: Request) -> Response:
    """Return the graph as a file."""
    name = request.path_params["name"]
    form = downloads().get(name)
    if form is None:
        return missing(request)
    site = site_of(request)
    tag = f'"{site.name}-{form}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"etag": tag})
    content = await asyncio.to_thread(site.file, form)
    headers = {"etag": tag, "cache-control": "no-cache", "content-disposition": f'attachment; filename="{name}"'}
    return Response(content, 200, headers, MEDIA[name.partition(".")[2]])


async def downloads_page(request: Request) -> Response:
    """List the downloadable files."""
    files = [(name, FORMATS[form]) for name, form in downloads().items()]
    return render(request, "downloads.html.j2", files=files)


async def dataset(request: Request) -> Response:
    """Return the VoID and DCAT description of the graph."""
    service = service_of(request)
    try:
        answer = await service.answer(GRAPHS, wanted_forms("text/csv"))
    except NoAnswerError as reason:
        return plain(reason.status, reason.message, retry=reason.retry)
    rows = (line.rpartition(",") for line in answer.body.decode().splitlines()[1:])
    sizes = {graph: int(number) for graph, _, number in rows}
    return rdf_response(
        dataset_quads(service, str(request.base_url), sizes), request.headers.get("accept", ""), service.site
    )


async def problems(request: Request) -> Response:
    """Show the problems that keep a newer graph from being served."""
    return render(request, "problems.html.j2")
