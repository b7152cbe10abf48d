"""The pages and files of a service, the hosts that it knows, and its live reload."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import jsonschema
import pyoxigraph as ox
import pytest

import kg
from kg.server.reconcile import extend, match_batch, properties
from kg.server.service import Budgets, Service
from kg.server.snapshot import Site
from projects import SHARED, make_project
from serving import QUICK, Running, running

HTML = "text/html,application/xhtml+xml,*/*;q=0.8"
PAGES = (
    "/",
    "/entities",
    "/conflicts",
    "/plans",
    "/gaps",
    "/questions",
    "/editor",
    "/downloads",
    "/problems",
    "/search?q=x",
)


@pytest.fixture(scope="module")
def seed() -> Iterator[Running]:
    """Serve the example."""
    with running() as it:
        yield it


# ---------------------------------------------------------------- pages


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/conflicts", ("over 6500 vehicles/month", "3565 vehicles", "claims/pandaily-sokon-august.yaml:")),
        ("/plans", ("overdue", "first delivery of ArcFox Alpha S Huawei HI", "due <time>2021-12-31</time>")),
        ("/gaps", ("SERES SF5", "lacks a second witness")),
    ],
)
def test_pages_tell_what_the_commands_tell(seed: Running, path: str, words: tuple[str, ...]) -> None:
    """Conflicts with both sides, what became of plans, what is missing: as ``kg conflicts``, ``plans``, ``gaps``."""
    text = seed.get(path, Accept=HTML).text
    assert [word for word in words if word not in text] == []


@pytest.mark.parametrize("path", [*PAGES, "/id/huawei.html", "/questions/roles-of?firm=huawei"])
def test_pages_carry_a_strict_policy(seed: Running, path: str) -> None:
    """Scripts by hash alone, nothing from elsewhere, in nobody's frame."""
    reply = seed.get(path, Accept=HTML)
    policy = reply.headers["content-security-policy"]
    assert reply.status == 200
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert not re.search(r'(?:src|href)="(?:https?:)?//[^"]*\.(?:js|css)"', reply.text)


def test_an_entity_is_shown_by_what_is_asked_for(seed: Running) -> None:
    """One address, many forms: where each is told by Accept, or by a suffix."""
    for accept, suffix in ((HTML, "html"), ("text/turtle", "ttl"), ("application/ld+json", "jsonld")):
        reply = seed.get("/id/huawei", Accept=accept)
        assert (reply.status, reply.headers["location"]) == (303, f"/id/huawei.{suffix}")
    page = seed.get("/id/huawei.html").text
    assert "华为" in page
    assert "contested" in page
    turtle = seed.get("/id/huawei.ttl")
    assert turtle.headers["content-type"] == "text/turtle; charset=utf-8"
    jsonld = seed.get("/id/huawei.jsonld")
    read = [set(map(str, ox.parse(r.body, f))) for r, f in ((turtle, ox.RdfFormat.TURTLE),)]
    assert len(read[0]) > 20
    assert json.loads(jsonld.body)["@graph"]


@pytest.mark.parametrize(
    "path", ["/id/nobody", "/id/..%2f..%2fetc%2fpasswd", "/id/a%00b", "/nothing", "/id/huawei.exe"]
)
def test_what_is_not_there(seed: Running, path: str) -> None:
    """404, as a page to a browser and as a line to others."""
    assert seed.get(path, Accept=HTML).status == 404
    assert seed.get(path, Accept="text/turtle").text == "there is nothing here\n"


def test_markup_in_a_search_stays_text(seed: Running) -> None:
    """What is typed is shown, not run."""
    text = "<img src=x onerror=alert(1)>"
    reply = seed.get(f"/search?q={quote(text)}", Accept=HTML)
    assert text not in reply.text
    assert "&lt;img" in reply.text


def test_search_knows_every_name(seed: Running) -> None:
    """By part, by sound, by another script, misspelt."""
    for typed, found in (
        ("huaw", "huawei"),
        ("saili", "seres"),
        ("\uff28\uff55\uff41\uff57\uff45\uff49", "huawei"),
        ("Huawey", "huawei"),
    ):
        reply = seed.get(f"/search?q={quote(typed)}", Accept="application/json")
        assert json.loads(reply.body)["found"][0]["id"] == found


def test_questions_are_asked_by_a_form(seed: Running) -> None:
    """Parameters bind; a wrong one is told."""
    assert (
        "SERES Auto" in seed.get("/questions/roles-of?firm=huawei").text
        or "seres-auto" in seed.get("/questions/roles-of?firm=huawei").text
    )
    assert "did you mean" in seed.get("/questions/roles-of?firm=huawey").text


# ---------------------------------------------------------------- files and graphs


def test_downloads_are_what_is_exported(seed: Running) -> None:
    """Byte by byte, with a tag that spares the second time."""
    reply = seed.get("/download/graph.ttl")
    assert reply.text == seed.service.site.graph.export("turtle")
    assert seed.get("/download/graph.ttl", **{"If-None-Match": reply.headers["etag"]}).status == 304
    assert seed.get("/download/passwd").status == 404


def test_graphs_are_read_one_by_one(seed: Running) -> None:
    """The read half of the Graph Store Protocol: by name, all of them, directly; nothing is written."""
    base = seed.service.site.base
    named = seed.get(f"/store?graph={quote(base + 'graph/entities', safe='')}", Accept="application/n-triples")
    direct = seed.get("/graph/entities", Accept="application/n-triples")
    assert (named.status, sorted(named.text.splitlines())) == (200, sorted(direct.text.splitlines()))
    assert len(seed.get("/store?default", Accept="text/turtle").body) > len(named.body)
    assert seed.get("/store?graph=urn%3Anone").status == 404
    assert seed.get("/store").status == 400
    assert seed.get("/store?graph=no%20iri").status == 400
    assert seed.send("PUT", "/store?default", "").status == 405


def test_the_graph_is_described(seed: Running) -> None:
    """VoID and DCAT: title, endpoint, sizes, files."""
    reply = seed.get("/.well-known/void", Accept="text/turtle")
    predicates = {quad.predicate.value for quad in ox.parse(reply.body, ox.RdfFormat.TURTLE)}
    assert {"http://rdfs.org/ns/void#triples", "http://rdfs.org/ns/void#sparqlEndpoint"} <= predicates
    assert "http://www.w3.org/ns/dcat#distribution" in predicates


# ---------------------------------------------------------------- hosts and heads


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]", "[::1]:8000", "LOCALHOST:1"])
def test_hosts_that_are_served(seed: Running, host: str) -> None:
    """The names of the machine itself, with and without a port."""
    assert seed.get("/health", Host=host).status == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "[::2]", "", "[::1].x"])
def test_hosts_that_are_not(seed: Running, host: str) -> None:
    """A name that points here by trick is refused, so that no page elsewhere reads what is served."""
    assert seed.get("/health", Host=host).status in (400, 421)


def test_no_other_origin_reads_answers(seed: Running) -> None:
    """No header lets a page from elsewhere in, unless one origin is named; never with credentials."""
    reply = seed.get("/sparql?query=ASK%7B%7D", Origin="https://evil.example")
    assert not [name for name in reply.headers if name.startswith("access-control")]
    with running(origin="https://good.example") as it:
        headers = it.get("/health", Origin="https://evil.example").headers
    assert headers["access-control-allow-origin"] == "https://good.example"
    assert "access-control-allow-credentials" not in headers


def test_a_client_from_elsewhere_has_a_budget() -> None:
    """What is spent comes back over a minute."""
    now = [0.0]
    budgets = Budgets(60, clock=lambda: now[0])
    budgets.spend("a", 50)
    assert budgets.left("a") == 10
    assert budgets.left("b") == 60
    now[0] = 30
    assert budgets.left("a") == 40


# ---------------------------------------------------------------- reload


def test_a_broken_edit_keeps_the_last_good_graph(tmp_path: Path) -> None:
    """It shows the problems; the mended one is served, and every answer is of one state."""
    folder = make_project(tmp_path / "p", "agent: a, role: supplier, target: b")
    graph = kg.load(folder)
    service = Service(Site(graph), QUICK, load=lambda: kg.load(folder))
    with running(service=service) as it:

        def reload() -> None:
            asyncio.run_coroutine_threadsafe(service.reload(), it.loop).result(60)

        text = (folder / "entities.yaml").read_text("utf-8")
        (folder / "entities.yaml").write_text(text.replace("Alpha,", "Omega,"), "utf-8")
        reload()
        assert "Omega" in it.ask("SELECT ?n { :a rdfs:label ?n }", "text/csv").text
        (folder / "entities.yaml").write_text(text + "broken: {type: nothing}\n", "utf-8")
        reload()
        assert "Omega" in it.ask("SELECT ?n { :a rdfs:label ?n }", "text/csv").text
        assert "entities.yaml:" in it.get("/problems").text
        assert json.loads(it.get("/health").body)["problems"] >= 1
        (folder / "entities.yaml").write_text(text, "utf-8")
        reload()
        assert "Alpha" in it.ask("SELECT ?n { :a rdfs:label ?n }", "text/csv").text
        assert json.loads(it.get("/health").body)["problems"] == 0
    shutil.rmtree(folder)


# ---------------------------------------------------------------- reconciliation

SCHEMAS = SHARED / "suites" / "reconciliation" / "schemas" / "0.2"


def _valid(name: str, value: object) -> None:
    if SCHEMAS.is_dir():
        schema = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))
        for key in ("authentication",):
            schema.get("properties", {}).pop(key, None)  # defined at an address on the web
        schema["$schema"] = "http://json-schema.org/draft-07/schema#"
        if name == "manifest":
            types = json.loads((SCHEMAS / "type.json").read_text("utf-8"))
            schema["properties"]["defaultTypes"]["items"] = {
                k: v for k, v in types.items() if k not in ("$schema", "$id")
            }
        schema.pop("$id", None)
        schema = json.loads(json.dumps(schema).replace('"$ref": "type.json"', '"type": "object"'))
        jsonschema.validate(value, schema)


def test_names_are_matched(seed: Running) -> None:
    """In a batch: by another script, by a type, by what else is known."""
    queries = {
        "q0": {"query": "华为"},
        "q1": {"query": "SERES", "type": "brand"},
        "q2": {"query": "Huawey", "limit": 1},
        "q3": {"query": "nobody at all"},
    }
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = seed.send("POST", "/reconcile", urlencode({"queries": json.dumps(queries)}), form)
    told = json.loads(reply.body)
    _valid("reconciliation-result-batch", told)
    assert (told["q0"]["result"][0]["id"], told["q0"]["result"][0]["match"]) == ("huawei", True)
    assert told["q1"]["result"][0]["id"] == "seres-brand"
    assert told["q2"]["result"][0]["id"] == "huawei"
    assert told["q2"]["result"][0]["match"] is False
    assert told["q3"]["result"] == []


def test_the_rest_of_reconciliation(seed: Running) -> None:
    """Manifest, suggestions, proposals, extension, preview."""
    _valid("manifest", json.loads(seed.get("/reconcile").body))
    for kind, schema in (("entity", "entities"), ("type", "types"), ("property", "properties")):
        _valid(f"suggest-{schema}-response", json.loads(seed.get(f"/reconcile/suggest/{kind}?prefix=a").body))
    _valid("data-extension-property-proposal", json.loads(seed.get("/reconcile/properties?type=firm").body))
    asked = {"ids": ["huawei", "nobody"], "properties": [{"id": "zh"}, {"id": "type"}, {"id": "facts"}]}
    told = json.loads(seed.get(f"/reconcile?extend={quote(json.dumps(asked))}").body)
    _valid("data-extension-response", told)
    assert told["rows"]["huawei"]["zh"] == [{"str": "华为"}]
    assert told["rows"]["nobody"] == {"zh": [], "type": [], "facts": []}
    preview = seed.get("/reconcile/preview?id=huawei")
    assert "script-src 'none'" in preview.headers["content-security-policy"]


def test_an_unknown_property_is_left_out_of_the_score(tmp_path: Path) -> None:
    """A name with a property that nobody knows scores as the name alone."""
    site = Site(kg.load(make_project(tmp_path, "agent: a, role: retailer, target: car")))
    try:
        plain = {"query": "Alpha"}
        asked = {"q0": plain, "q1": {**plain, "properties": [{"pid": "colour", "v": "red"}]}}
        found = match_batch(site, asked)
    finally:
        site.close()
    assert found["q0"] == found["q1"]
    assert found["q0"]["result"][0]["score"] == 100


def test_reconciliation_tells_facts_apart_from_the_rest(tmp_path: Path) -> None:
    """``facts`` is what is stated or reported; each other verdict is a property; each sentence has its verdict."""
    rows = (
        "agent: b, role: supplier, target: car, component: motor",
        "agent: b, role: marketer, target: car, said-by: insider",
        "agent: b, role: retailer, target: car, stance: denies, said-by: b",
        "agent: b, role: design-lead, target: car, modality: target",
        "agent: b, role: carmaker, target: car, stance: declines, said-by: b",
    )
    site = Site(kg.load(make_project(tmp_path, *rows)))
    try:
        names = [*properties(site)]
        asked = {"ids": ["b"], "properties": [{"id": name} for name in ("facts", "planned", "denied", "declined")]}
        row = extend(site, asked)["rows"]["b"]
        texts = {name: [cell["str"] for cell in cells] for name, cells in row.items()}
    finally:
        site.close()
    assert texts.pop("facts") == [
        "reported: Beta helps to market Car One",
        "stated: Beta supplies Car One, namely Motor",
    ]
    assert texts["planned"] == ["planned: Beta leads the design of Car One"]
    assert [text.partition(":")[0] for found in texts.values() for text in found] == ["planned", "denied", "no comment"]
    assert {"facts", "contested", "policy", "superseded", "retracted"} <= {*names}
    assert not {"stated", "reported"} & {*names}


@pytest.mark.parametrize(
    "asked", ["queries=no", "queries=%5B%5D", "extend=%7B%22ids%22%3A1%7D", "queries=%7B%22a%22%3A1%7D"]
)
def test_broken_batches(seed: Running, asked: str) -> None:
    """Each is refused."""
    assert seed.get(f"/reconcile?{asked}").status == 400
