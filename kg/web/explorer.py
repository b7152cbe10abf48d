"""The pages: the picture, entities, sources, propositions, lists, questions, the editor, downloads."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from kg.errors import UsageError
from kg.questions import Question, bind
from kg.web import facts
from kg.web.description import MEDIA, dataset_quads, downloads
from kg.web.media import HTML, JSON, RDF, SUFFIXES, choose
from kg.web.pages import NAV, policy, render
from kg.web.pool import NoAnswerError
from kg.web.protocol import plain, wanted_forms
from kg.web.queries import DESCRIBE, GRAPHS
from kg.web.rdf_answers import WRITERS, rdf_response, read_ntriples
from kg.web.service import Service
from kg.web.site import Site

SHOWN = 200  # rows of an answer on a page
_PLACE = re.compile(r"(?P<id>[A-Za-z0-9][A-Za-z0-9_-]{0,127})(?:\.(?P<suffix>[a-z]+))?")
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
_SKIP = re.compile(r'<a class="skip"[^\n]*\n')  # stays the first thing on the page
_BAR = (
    "<style>.site-bar{{display:flex;flex-wrap:wrap;gap:2px 16px;padding:7px 20px;background:var(--side);"
    "border-bottom:1px solid var(--rule);font-size:14px}}.site-bar a{{color:var(--text);text-decoration:none;"
    "padding:3px 0}}.site-bar a:hover{{text-decoration:underline}}.site-bar a[aria-current]{{font-weight:650}}"
    '</style>\n<nav class="site-bar" aria-label="Site">{links}</nav>\n'
)


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def _site(request: Request) -> Site:
    return _service(request).site


# ---------------------------------------------------------------- the picture


async def front(request: Request) -> Response:
    """Show the graph as the view draws it, under a bar that leads to the other pages."""
    text = _site(request).picture
    links = " ".join(
        f'<a href="{path}"{" aria-current=page" if path == "/" else ""}>{label}</a>' for path, label in NAV
    )
    body = _SKIP.sub(lambda link: link[0] + _BAR.format(links=links), text, count=1)
    found = _POLICY.search(text)
    header = f"{found[1] if found else policy(())}; frame-ancestors 'none'"
    return Response(
        body, 200, {"content-security-policy": header, "cache-control": "no-cache"}, f"{HTML}; charset=utf-8"
    )


# ---------------------------------------------------------------- one thing: page, or RDF


Show = Callable[[Request, str], Awaitable[Response]]


def thing(kind: str, show: Show, known: Callable[[Site], Any]) -> Callable[[Request], Awaitable[Response]]:
    """Return what answers for the things of a kind: which form is told by a suffix, else by ``Accept``."""

    async def answer(request: Request) -> Response:
        place = _PLACE.fullmatch(request.path_params["id"])
        site = _site(request)
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
    answer = await _service(request).answer(DESCRIBE.format(iri=iri), {"triples": "application/n-triples"})
    return answer.body.decode()


async def _describe(request: Request, iri: str, media: str) -> Response:
    """Return every triple in which an IRI stands."""
    try:
        quads = read_ntriples(await _triples(request, iri))
    except NoAnswerError as reason:
        return plain(reason.status, reason.message, retry=reason.retry)
    return rdf_response(quads, media, _site(request))


async def show_named(request: Request, id: str) -> Response:
    """Show an entity or a source."""
    site = _site(request)
    world = site.graph.world
    if id in world.sources:
        return render(request, "source.html.j2", it=facts.source(site, world.sources[id]))
    told = facts.facts(site, site.facts_of.get(id, ()))
    try:
        quads = read_ntriples(await _triples(request, world.entities[id].iri))
        turtle = WRITERS["text/turtle"](quads, site)
    except NoAnswerError as reason:
        turtle = f"# {reason.message}"
    return render(
        request,
        "entity.html.j2",
        it=facts.entity(site, world.entities[id]),
        groups=facts.grouped(told, key=lambda one: one["kind_label"]),
        timeline=facts.timeline(told),
        neighbours=facts.neighbours(site, id, told),
        turtle=turtle,
    )


async def show_proposition(request: Request, id: str) -> Response:
    """Show a proposition with its claims."""
    site = _site(request)
    told = facts.fact(site, id)
    against = [(one, facts.fact(site, one["proposition"])) for one in told["opposed_by"]]
    labels = [(node, site.matcher.bearers[node].label) for node in told["nodes"]]
    return render(request, "proposition.html.j2", fact=told, against=against, nodes=labels)


async def show_claim(request: Request, id: str) -> Response:
    """Lead to the claim on the page of its proposition."""
    return RedirectResponse(f"/proposition/{_site(request).claims[id]}.html#claim-{id}", 303)


named = thing("id", show_named, lambda site: site.matcher.bearers)
proposition = thing("proposition", show_proposition, lambda site: site.facts)
claim = thing("claim", show_claim, lambda site: site.claims)


def missing(request: Request) -> Response:
    """Tell that there is nothing at an address: as a page to who wants pages."""
    if choose(request.headers.get("accept", ""), (HTML, *RDF, JSON)) == HTML:
        return render(request, "missing.html.j2", status=404)
    return plain(404, "there is nothing here")


# ---------------------------------------------------------------- lists


async def entities(request: Request) -> Response:
    """List every entity under its type, and the sources."""
    site = _site(request)
    types = site.graph.world.ontology.terms("EntityType")
    groups: dict[str, list[Any]] = {}
    for bearer in sorted(site.matcher.bearers.values(), key=lambda b: (b.label.casefold(), b.id)):
        label = types[bearer.type].label() if bearer.type in types else bearer.type
        groups.setdefault(label, []).append((bearer, len(site.facts_of.get(bearer.id, ()))))
    return render(request, "entities.html.j2", groups=dict(sorted(groups.items())))


async def search(request: Request) -> Response:
    """Find by name: a page, or JSON for the box that suggests."""
    site, text = _site(request), request.query_params.get("q", "")[:500]
    found = site.matcher.find(text, limit=20) if text.strip() else []
    types = site.graph.world.ontology.terms("EntityType")
    if choose(request.headers.get("accept", ""), (HTML, JSON)) == JSON:
        listed = [
            {"id": m.bearer.id, "label": m.bearer.label, "type": m.bearer.type, "name": m.name, "score": m.score}
            for m in found
        ]
        return JSONResponse({"found": listed}, headers={"vary": "Accept", "cache-control": "no-cache"})
    return render(request, "search.html.j2", found=found, types=types)


async def conflicts(request: Request) -> Response:
    """List the claims that a rule finds hard to hold together, with both sides."""
    return render(
        request, "conflicts.html.j2", groups=facts.grouped(_site(request).conflicts, key=lambda one: one.title)
    )


async def plans(request: Request) -> Response:
    """Tell what became of every plan."""
    return render(request, "plans.html.j2", groups=facts.grouped(_site(request).plans, key=lambda one: one.label))


async def gaps(request: Request) -> Response:
    """List what is missing of each thing."""
    return render(request, "gaps.html.j2", gaps=_site(request).gaps)


# ---------------------------------------------------------------- questions and the editor


async def questions(request: Request) -> Response:
    """List the named questions."""
    return render(request, "questions.html.j2", questions=_site(request).graph.questions.values())


async def question(request: Request) -> Response:
    """Ask a named question by a form of its parameters, and show the answer."""
    site = _site(request)
    asked = site.graph.questions.get(request.path_params["name"])
    if asked is None:
        return missing(request)
    values = _values(request, asked)
    bindings, fault = _bound(site, asked, values)
    columns: list[str] = []
    rows: list[Any] = []
    if not fault:
        try:
            columns, rows = await _rows_of(request, asked.sparql, bindings)
        except NoAnswerError as reason:
            fault = reason.message
    more = {f"${name}": term for name, term in bindings.items()}
    return render(
        request,
        "question.html.j2",
        question=asked,
        values=values,
        fault=fault,
        columns=columns,
        rows=rows[:SHOWN],
        total=len(rows),
        options=_options(site, asked),
        editor=f"/editor?{urlencode({'question': asked.name, **values})}",
        csv=f"/sparql?{urlencode({'query': asked.sparql, 'format': 'csv', **more})}",
    )


def _values(request: Request, asked: Question) -> dict[str, str]:
    given = request.query_params
    return {p.name: given[p.name].strip() for p in asked.parameters if given.get(p.name, "").strip()}


def _bound(site: Site, asked: Question, values: dict[str, str]) -> tuple[dict[str, str], str]:
    """Return the parameters as terms, and what is wrong with one of them."""
    try:
        return bind(site.graph.world, asked, values), ""
    except UsageError as error:
        return {}, str(error)


def _options(site: Site, asked: Question) -> dict[str, list[tuple[str, str]]]:
    """Return what each parameter may be, as id and label, where it is one of a list."""
    found: dict[str, list[tuple[str, str]]] = {}
    for parameter in asked.parameters:
        if parameter.kind.startswith("term "):
            terms = site.graph.world.ontology.terms(parameter.kind.removeprefix("term "))
            found[parameter.name] = [(name, term.label()) for name, term in terms.items()]
        elif parameter.kind == "entity":
            found[parameter.name] = [(bearer.id, bearer.label) for bearer in site.matcher.bearers.values()]
    return found


async def _rows_of(request: Request, sparql: str, bindings: dict[str, str]) -> tuple[list[str], list[Any]]:
    from kg.store import Answer
    from kg.tables import show_term

    answer = await _service(request).answer(sparql, wanted_forms(""), bindings=bindings)
    site = _site(request)
    solutions = Answer(answer.kind, answer.body.decode())
    rows = [[(show_term(term, site.shortener), site.address(term)) for term in row] for row in solutions.terms]
    return solutions.columns, rows


async def editor(request: Request) -> Response:
    """Show the page that asks in SPARQL."""
    site = _site(request)
    asked = site.graph.questions.get(request.query_params.get("question", ""))
    values = _values(request, asked) if asked else {}
    bindings, fault = _bound(site, asked, values) if asked else ({}, "")
    query = request.query_params.get("query", "")[:65_536] or (_in_the_editor(asked) if asked else EXAMPLE)
    given = {key[1:]: value for key, value in request.query_params.items() if re.fullmatch(r"\$[A-Za-z_]\w*", key)}
    return render(
        request,
        "editor.html.j2",
        scripts=("site", "codemirror", "editor"),
        question=asked,
        values=values,
        fault=fault,
        query=query,
        options=_options(site, asked) if asked else {},
        settings={
            "query": query,
            "bindings": {**bindings, **given},
            "prefixes": dict(site.graph.prefixes),
            "base": site.base,
            "words": site.words,
            "run": bool(request.query_params),
        },
    )


def _in_the_editor(asked: Question) -> str:
    """Return a question's query under its title, without the lines for its form and its test."""
    lines = (line for line in asked.sparql.splitlines() if not _HEAD.match(line))
    return "\n".join([f"# {asked.title}", *lines]) + "\n"


_HEAD = re.compile(r"#\s*(?:title|parameter|try|answer)\b.*:")
EXAMPLE = """# Ctrl-Space completes, Ctrl-Enter asks. The prefixes of the project are declared.
SELECT ?entity ?name ?type WHERE {
  ?entity a ?class ; rdfs:label ?name .
  ?class rdfs:label ?type .
  FILTER(LANG(?name) = "en" && LANG(?type) = "en")
} ORDER BY ?type ?name
LIMIT 50
"""


# ---------------------------------------------------------------- files and descriptions


async def download(request: Request) -> Response:
    """Return the graph as a file."""
    import asyncio

    name = request.path_params["name"]
    form = downloads().get(name)
    if form is None:
        return missing(request)
    site = _site(request)
    tag = f'"{site.name}-{form}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"etag": tag})
    content = await asyncio.to_thread(site.file, form)
    headers = {"etag": tag, "cache-control": "no-cache", "content-disposition": f'attachment; filename="{name}"'}
    return Response(content, 200, headers, MEDIA[name.partition(".")[2]])


async def downloads_page(request: Request) -> Response:
    """List the files."""
    from kg.formats import FORMATS

    files = [(name, FORMATS[form]) for name, form in downloads().items()]
    return render(request, "downloads.html.j2", files=files)


async def dataset(request: Request) -> Response:
    """Return what the graph is: VoID and DCAT."""
    service = _service(request)
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
    """Show what keeps a newer graph from being served."""
    return render(request, "problems.html.j2")
