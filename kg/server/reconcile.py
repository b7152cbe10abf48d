"""Implement the Reconciliation Service API 0.2 over the names of the graph: match, suggest, preview, extend."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kg.model.dates import Date
from kg.model.iris import KG
from kg.model.properties import Term
from kg.model.quantities import Quantity
from kg.model.terms import EntityType, Modality, Verdict
from kg.model.world import Entity, Ref, Source, Value
from kg.server import page_facts
from kg.server.middleware import RequestError, read_body
from kg.server.name_search import CERTAIN, Bearer, Match
from kg.server.pages import render
from kg.server.protocol import plain, read_pairs
from kg.server.service import Service
from kg.server.snapshot import Site

FACTS = "facts"
MAX_QUERIES, MAX_IDS, MAX_CANDIDATES, MAX_TEXT = 50, 500, 50, 500
Json = dict[str, Any]


async def reconcile(request: Request) -> Response:
    """Answer a batch of queries or an extend request, or return the manifest if there is neither."""
    service: Service = request.app.state.service
    try:
        fields = await _fields(request, service)
        if "queries" in fields:
            return _json(match_batch(service.site, read_json(fields["queries"])))
        if "extend" in fields:
            return _json(extend(service.site, read_json(fields["extend"])))
    except RequestError as refusal:
        return plain(refusal.status, refusal.message)
    return _json(manifest(service.site, str(request.base_url)))


async def _fields(request: Request, service: Service) -> dict[str, str]:
    pairs = read_pairs(request.scope["query_string"].decode("latin-1"))
    if request.method == "POST":
        pairs += read_pairs(await read_body(request, service.limits))
    return dict(pairs)


def _json(value: object) -> Response:
    return JSONResponse(value, headers={"cache-control": "no-cache"})


def read_json(text: str) -> Json:
    """Return the object in a JSON text. Raises RequestError for anything else."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise RequestError(400, "this is no JSON") from None
    if not isinstance(value, dict):
        raise RequestError(400, "an object is wanted")
    return value


# ---------------------------------------------------------------- manifest


def manifest(site: Site, base_url: str) -> Json:
    """Return the service manifest."""
    here = f"{base_url}reconcile"
    return {
        "versions": ["0.2"],
        "name": site.graph.world.settings.title,
        "identifierSpace": f"{site.base}id/",
        "schemaSpace": KG,
        "documentation": f"{base_url}",
        "defaultTypes": [_type(site, name) for name in sorted({b.type for b in site.matcher.bearers.values()})],
        "view": {"url": f"{base_url}id/{{{{id}}}}"},
        "preview": {"url": f"{here}/preview?id={{{{id}}}}", "width": 430, "height": 300},
        "suggest": {
            kind: {"service_url": base_url.rstrip("/"), "service_path": f"/reconcile/suggest/{kind}"}
            for kind in ("entity", "property", "type")
        },
        "extend": {
            "propose_properties": {"service_url": base_url.rstrip("/"), "service_path": "/reconcile/properties"},
            "property_settings": [],
        },
        "batchSize": MAX_QUERIES,
    }


def _type(site: Site, notation: str) -> dict[str, str]:
    term = site.graph.world.ontology.of(EntityType).get(notation)
    return {"id": notation, "name": term.label() if term else notation}


# ---------------------------------------------------------------- match


def match_batch(site: Site, queries: Json) -> Json:
    """Return the candidates for each query of a batch. Raises RequestError."""
    if len(queries) > MAX_QUERIES:
        raise RequestError(413, f"a batch holds at most {MAX_QUERIES} queries")
    return {key: {"result": _match(site, query)} for key, query in queries.items()}


def _match(site: Site, query: object) -> list[Json]:
    if not isinstance(query, dict) or not isinstance(query.get("query", ""), str):
        raise RequestError(400, "a query is an object with a text under 'query'")
    types, limit = _listed(query.get("type")), query.get("limit", MAX_CANDIDATES)
    limit = min(limit, MAX_CANDIDATES) if isinstance(limit, int) and limit > 0 else MAX_CANDIDATES
    matches = site.matcher.find(query.get("query", "")[:MAX_TEXT], accepts=_accepts(site, types), limit=limit)
    there = properties(site)
    wanted = [one for one in query.get("properties") or () if isinstance(one, dict) and str(one.get("pid")) in there]
    found = sorted((_with_properties(site, match, wanted) for match in matches), key=lambda pair: -pair[1])
    certain = len(found) == 1 or (len(found) > 1 and found[1][1] < CERTAIN)
    return [_candidate(site, match, score, certain and score >= CERTAIN) for match, score in found]


def _listed(value: object) -> list[str]:
    """Return the type ids in a value: one or a list, each as text or as an object."""
    values = value if isinstance(value, list) else [value]
    return [str(v["id"] if isinstance(v, dict) and "id" in v else v) for v in values if v]


def _accepts(site: Site, types: Sequence[str]) -> Callable[[Bearer], bool]:
    """Return a predicate for bearers that have one of the types or a subtype."""
    ontology = site.graph.world.ontology
    known = ontology.of(EntityType)
    iris = [known[name].iri for name in types if name in known]
    return lambda bearer: (
        not types or bearer.type in types or (bearer.type in known and ontology.is_a(known[bearer.type].iri, iris))
    )


def _with_properties(site: Site, match: Match, wanted: Sequence[Json]) -> tuple[Match, float]:
    """Return a match with its score. Matching properties make up to a third of the score."""
    if not wanted:
        return match, match.score
    agreed = 0.0
    for known in wanted:
        have = [_text(cell).casefold() for cell in cells(site, match.bearer.id, str(known.get("pid", "")))]
        values = known.get("v")
        asked = {str(_plain(v)).casefold() for v in (values if isinstance(values, list) else [values])}
        agreed += any(value in asked for value in have)
    return match, round(match.score * (2 + agreed / len(wanted)) / 3, 1)


def _plain(value: object) -> object:
    return value.get("id", "") if isinstance(value, dict) else value


def _candidate(site: Site, match: Match, score: float, certain: bool) -> Json:
    bearer = match.bearer
    return {
        "id": bearer.id,
        "name": bearer.label,
        "description": f"{_type(site, bearer.type)['name']}; {match.name}: {match.reason}",
        "score": score,
        "match": certain,
        "type": [_type(site, bearer.type)],
        "features": [{"id": "name", "value": match.score}],
    }


# ---------------------------------------------------------------- suggest and preview


async def suggest(request: Request) -> Response:
    """Suggest entities, properties or types for a prefix."""
    site: Site = request.app.state.service.site
    fields = dict(parse_qsl(request.url.query, keep_blank_values=True, errors="replace"))
    prefix, kind = fields.get("prefix", "")[:MAX_TEXT], request.path_params["kind"]
    if kind not in _SUGGESTIONS:
        return plain(404, "entities, properties and types are suggested")
    cursor = int(fields["cursor"]) if fields.get("cursor", "").isascii() and fields.get("cursor", "").isdigit() else 0
    return _json({"result": list(_SUGGESTIONS[kind](site, prefix))[cursor : cursor + 10]})


def _suggest_entities(site: Site, prefix: str) -> Iterator[Json]:
    for match in site.matcher.find(prefix, limit=MAX_CANDIDATES):
        type_ = _type(site, match.bearer.type)
        yield {"id": match.bearer.id, "name": match.bearer.label, "description": type_["name"], "notable": [type_]}


def _suggest_types(site: Site, prefix: str) -> Iterator[Json]:
    for term in site.graph.world.ontology.of(EntityType).values():
        if prefix.casefold() in f"{term.label()} {term.notation}".casefold():
            yield {"id": term.notation, "name": term.label(), "broader": []}


def _suggest_properties(site: Site, prefix: str) -> Iterator[Json]:
    for id, name in properties(site).items():
        if prefix.casefold() in f"{id} {name}".casefold():
            yield {"id": id, "name": name}


_SUGGESTIONS: Mapping[str, Callable[[Site, str], Iterator[Json]]] = {
    "entity": _suggest_entities,
    "type": _suggest_types,
    "property": _suggest_properties,
}


async def preview(request: Request) -> Response:
    """Show an entity in a small frame."""
    service: Service = request.app.state.service
    id = request.query_params.get("id", "")
    bearer = service.site.matcher.bearers.get(id)
    if bearer is None:
        return plain(404, "there is nothing of this id")
    facts = page_facts.facts(service.site, service.site.facts_of.get(id, ()))[:6]
    type_ = _type(service.site, bearer.type)["name"]
    return render(request, "preview.html.j2", framed=True, bearer=bearer, type=type_, facts=facts)


# ---------------------------------------------------------------- extend


def properties(site: Site) -> dict[str, str]:
    """Return the properties of entities by id: names, keys, facts, and one for each other verdict."""
    world = site.graph.world
    languages = {language: f"name ({language})" for language in world.settings.languages}
    keys = {key: term.label() for key, term in world.ontology.keys("entity").items()}
    others = world.ontology.of(Verdict).items()
    return {**languages, **keys, FACTS: FACTS} | {
        name: verdict.label() for name, verdict in others if name not in _factual(site)
    }


def _factual(site: Site) -> set[str]:
    """Return the verdicts of what is said as a fact: those that a modality gives on strong and on weak evidence."""
    modalities = site.graph.world.ontology.of(Modality).values()
    found = [(one.verdict, weak) for one in modalities if (weak := one.verdict_when_weak)]
    return {verdict.notation for pair in found for verdict in pair}


async def propose(request: Request) -> Response:
    """Propose properties for extending entities of a type."""
    site: Site = request.app.state.service.site
    type_ = request.query_params.get("type", "")
    listed = [{"id": id, "name": name} for id, name in properties(site).items()]
    return _json({"type": type_, "properties": listed, **({"limit": len(listed)} if listed else {})})


def extend(site: Site, wanted: Json) -> Json:
    """Return the values of entities under properties. Raises RequestError."""
    ids, asked = wanted.get("ids", []), wanted.get("properties", [])
    if not isinstance(ids, list) or not isinstance(asked, list) or len(ids) > MAX_IDS or len(asked) > MAX_IDS:
        raise RequestError(400, f"'ids' and 'properties' are lists of at most {MAX_IDS}")
    names = [str(p["id"]) for p in asked if isinstance(p, dict) and "id" in p]
    known = properties(site)
    rows = {str(id): {name: list(cells(site, str(id), name)) for name in names} for id in ids}
    return {"meta": [{"id": name, "name": known.get(name, name)} for name in names], "rows": rows}


def cells(site: Site, id: str, name: str) -> Iterator[Json]:
    """Yield the values of an entity under a property."""
    world = site.graph.world
    bearer = world.entities.get(id) or world.sources.get(id)
    if bearer is None:
        return
    if name == FACTS or name in world.ontology.of(Verdict):
        verdicts = _factual(site) if name == FACTS else {name}
        told = page_facts.facts(site, site.facts_of.get(id, ()))
        yield from ({"str": fact["marked"]} for fact in told if fact["verdict"] in verdicts)
    elif isinstance(bearer, Entity) and name in bearer.names:
        yield {"str": bearer.names[name]}
    else:
        value = _value(bearer, name)
        yield from (_cell(site, member) for member in (value if isinstance(value, tuple) else (value,)) if member)


def _value(bearer: Entity | Source, name: str) -> Value | None:
    return bearer.type if isinstance(bearer, Entity) and name == "type" else bearer.facts.get(name)


def _cell(site: Site, value: Value) -> Json:
    if isinstance(value, Ref):
        known = site.matcher.bearers.get(value.id)
        return {"id": value.id, "name": known.label if known else value.id}
    if isinstance(value, Term):
        return {"id": value.notation, "name": value.label()}
    return {"str": value.edtf if isinstance(value, Date) else value.text if isinstance(value, Quantity) else str(value)}


def _text(cell: Json) -> str:
    return str(cell.get("id") or cell.get("str") or "")


__all__ = ["extend", "manifest", "match_batch", "preview", "propose", "reconcile", "suggest"]
