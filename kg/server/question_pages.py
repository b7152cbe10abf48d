"""Serve the pages for queries: the named questions, each with a form, and the editor."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from kg.files.text_tables import show_term
from kg.model.errors import UsageError
from kg.server.pages import render
from kg.server.process import NoAnswerError
from kg.server.protocol import wanted_forms
from kg.server.service import service_of, site_of
from kg.server.snapshot import Site
from kg.server.thing_pages import missing
from kg.sparql.questions import Question, bind
from kg.sparql.store import Answer

SHOWN = 200  # rows of an answer on a page


async def questions(request: Request) -> Response:
    """List the named questions."""
    return render(request, "questions.html.j2", questions=site_of(request).graph.questions.values())


async def question(request: Request) -> Response:
    """Answer a named question with the parameters of its form."""
    site = site_of(request)
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
    """Return the parameters as terms, and an error message if one is wrong."""
    try:
        return bind(site.graph.frame, asked, values, site.graph.finder), ""
    except UsageError as error:
        return {}, str(error)


def _options(site: Site, asked: Question) -> dict[str, list[tuple[str, str]]]:
    """Return the choices for each parameter that has a list of them, as id and label."""
    found: dict[str, list[tuple[str, str]]] = {}
    for parameter in asked.parameters:
        if parameter.kind.startswith("term "):
            terms = site.graph.world.ontology.terms(parameter.kind.removeprefix("term "))
            found[parameter.name] = [(name, term.label()) for name, term in terms.items()]
        elif parameter.kind == "entity":
            found[parameter.name] = [(bearer.id, bearer.label) for bearer in site.matcher.bearers.values()]
    return found


async def _rows_of(request: Request, sparql: str, bindings: dict[str, str]) -> tuple[list[str], list[Any]]:
    answer = await service_of(request).answer(sparql, wanted_forms(""), bindings=bindings)
    site = site_of(request)
    solutions = Answer(answer.kind, answer.body.decode())
    rows = [[(show_term(term, site.shortener), site.address(term)) for term in row] for row in solutions.terms]
    return solutions.columns, rows


async def editor(request: Request) -> Response:
    """Show the SPARQL editor."""
    site = site_of(request)
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
    """Return a question's query with its title, without the header lines for its form and its test."""
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
