"""The endpoint as its protocol has it: what it takes, in which forms it answers, what it refuses and in which words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pyoxigraph as ox
import pytest

from serving import Running, running

SD = "http://www.w3.org/ns/sparql-service-description#"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
DIRECT = {"Content-Type": "application/sparql-query"}
ONE = "SELECT ?name WHERE { :huawei rdfs:label ?name FILTER(LANG(?name) = 'en') }"


@pytest.fixture(scope="module")
def seed() -> Iterator[Running]:
    """Serve the example."""
    with running() as it:
        yield it


# ---------------------------------------------------------------- the three ways to ask


def test_get_form_and_direct_give_the_same(seed: Running) -> None:
    """By GET, by a form, by the query itself."""
    accept = {"Accept": "application/sparql-results+json"}
    got = seed.ask(ONE)
    form = seed.send("POST", "/sparql", urlencode({"query": ONE}), {**FORM, **accept})
    direct = seed.send("POST", "/sparql", ONE, {**DIRECT, **accept})
    assert got.status == 200
    assert got.body == form.body == direct.body
    assert json.loads(got.body)["results"]["bindings"][0]["name"]["value"] == "Huawei"


@pytest.mark.parametrize(
    ("accept", "media", "beginning"),
    [
        ("", "application/sparql-results+json", b'{"head"'),
        ("*/*", "application/sparql-results+json", b'{"head"'),
        ("application/json", "application/json", b'{"head"'),
        ("application/sparql-results+xml", "application/sparql-results+xml", b"<?xml"),
        ("text/csv", "text/csv; charset=utf-8", b"name\r\n"),
        ("text/tab-separated-values", "text/tab-separated-values; charset=utf-8", b"?name\n"),
        ("text/csv;q=0.5, application/sparql-results+xml;q=0.9", "application/sparql-results+xml", b"<?xml"),
        ("text/turtle, */*;q=0.1", "application/sparql-results+json", b'{"head"'),
        ("this is; no=header, //", "application/sparql-results+json", b'{"head"'),
    ],
)
def test_forms_of_solutions(seed: Running, accept: str, media: str, beginning: bytes) -> None:
    """What is liked best of what fits; a header that cannot be read takes everything."""
    reply = seed.ask(ONE, accept)
    assert (reply.status, reply.headers["content-type"]) == (200, media)
    assert reply.body.startswith(beginning)


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("text/turtle", ox.RdfFormat.TURTLE),
        ("application/n-triples", ox.RdfFormat.N_TRIPLES),
        ("application/ld+json", ox.RdfFormat.JSON_LD),
        ("application/rdf+xml", ox.RdfFormat.RDF_XML),
    ],
)
def test_forms_of_triples(seed: Running, accept: str, form: ox.RdfFormat) -> None:
    """The same triples in every form."""
    query = "CONSTRUCT { ?s rdfs:label ?o } WHERE { ?s a kg:Firm ; rdfs:label ?o }"
    reply = seed.ask(query, accept)
    plain = seed.ask(query, "application/n-triples")
    assert reply.headers["content-type"].startswith(accept)
    read = {str(quad) for quad in ox.parse(reply.body, form)}
    assert len(read) > 5
    assert read == {str(quad) for quad in ox.parse(plain.body, ox.RdfFormat.N_TRIPLES)}


def test_a_form_that_does_not_fit_is_not_acceptable(seed: Running) -> None:
    """No solutions as Turtle, no triples as CSV."""
    assert seed.ask(ONE, "text/turtle").status == 406
    assert seed.ask("CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1", "text/csv").status == 406


def test_the_form_can_be_named(seed: Running) -> None:
    """For links that download."""
    assert seed.ask(ONE, "*/*", format="csv").body == b"name\r\nHuawei\r\n"


@pytest.mark.parametrize("accept", ["application/sparql-results+json", "application/sparql-results+xml", "text/csv"])
def test_yes_or_no(seed: Running, accept: str) -> None:
    """An ASK in three forms."""
    assert b"true" in seed.ask("ASK { :huawei ?p ?o }", accept).body
    assert b"false" in seed.ask("ASK { :nobody ?p ?o }", accept).body


# ---------------------------------------------------------------- which graphs


def _count(seed: Running, query: str, **graphs: str) -> int:
    reply = seed.ask(query, **graphs)
    assert reply.status == 200, reply.text
    return int(json.loads(reply.body)["results"]["bindings"][0]["n"]["value"])


def test_the_graphs_that_are_asked(seed: Running) -> None:
    """All of them; those that the query names; those that the protocol names, which count for more."""
    base = seed.service.site.base
    count = "SELECT (COUNT(*) AS ?n) {0} WHERE {{ ?s ?p ?o }}"
    everything = _count(seed, count.format(""))
    entities = _count(seed, count.format(f"FROM <{base}graph/entities>"))
    assert 0 < entities < everything
    assert _count(seed, count.format(""), **{"default-graph-uri": f"{base}graph/entities"}) == entities
    assert _count(seed, count.format("FROM <urn:none>"), **{"default-graph-uri": f"{base}graph/entities"}) == entities
    named = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"
    assert _count(seed, named, **{"named-graph-uri": f"{base}graph/entities"}) == entities
    assert _count(seed, count.format(""), **{"named-graph-uri": f"{base}graph/entities"}) == 0


@pytest.mark.parametrize("iri", ["file:///etc/passwd", "http://127.0.0.1:9/x"])
def test_from_opens_nothing(seed: Running, iri: str) -> None:
    """A graph that is named and not there is empty: neither the union of all, nor a file, nor a document."""
    assert _count(seed, f"SELECT (COUNT(*) AS ?n) FROM <{iri}> WHERE {{ ?s ?p ?o }}") == 0


def test_a_variable_can_be_given_a_value(seed: Running) -> None:
    """As RDF4J has it: $name=term."""
    reply = seed.ask(
        "SELECT ?who ?name WHERE { ?who rdfs:label ?name }",
        "text/csv",
        **{"$who": f"<{seed.service.site.base}id/dfsk>"},
    )
    assert "DFSK Motor" in reply.text
    assert "Huawei" not in reply.text
    assert seed.ask(ONE, **{"$who": "no term"}).status == 400


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELEC ?x", "1:1: a query begins with SELECT"),
        ("SELECT * WHERE {\n  ?s ?p }", "2:10: "),
        ("SELECT * WHERE { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", "1:18: SERVICE asks another server"),
        ("SELECT * WHERE { ?s nobody:knows ?o }", "1:33: prefix not found"),
        ("SELECT * WHERE " + "{" * 2200, "1:116: brackets nested deeper than 100"),
    ],
)
def test_errors_say_where(seed: Running, query: str, words: str) -> None:
    """One short line of text that begins with line and column."""
    reply = seed.ask(query)
    assert reply.status == 400
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert reply.text.startswith(words)
    assert reply.text.count("\n") == 1
    assert len(reply.text) < 400


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("POST", "/sparql", "INSERT DATA { <a:a> <a:b> <a:c> }", {"Content-Type": "application/sparql-update"}, 403),
        ("POST", "/sparql", urlencode({"update": "CLEAR ALL"}), FORM, 403),
        ("GET", "/sparql?update=CLEAR+ALL", None, {}, 403),
        ("POST", "/sparql", "CLEAR ALL", DIRECT, 400),
        ("PUT", "/sparql", "", {}, 405),
        ("DELETE", "/sparql", None, {}, 405),
        ("POST", "/sparql", ONE, {"Content-Type": "text/plain"}, 415),
        ("POST", "/sparql", ONE, {}, 415),
        ("POST", "/sparql", "", FORM, 400),
        ("POST", "/sparql", "query=a&query=b", FORM, 400),
        ("GET", "/sparql?query=ASK%7B%7D&query=ASK%7B%7D", None, {}, 400),
        ("GET", "/sparql?query=%zz", None, {}, 400),
        ("GET", "/sparql?query=%ff", None, {}, 400),
        ("POST", "/sparql", b"ASK { ?s ?p '\xff' }", DIRECT, 400),
        ("POST", "/sparql", b"ASK {} # \x00", DIRECT, 400),
        ("POST", "/sparql", "a" * 300_000, DIRECT, 413),
        ("POST", "/sparql", "ASK {} #" + "a" * 70_000, DIRECT, 413),
        ("GET", "/sparql?" + "&".join(f"a{n}=1" for n in range(300)), None, {}, 400),
    ],
)
def test_requests_that_are_refused(
    seed: Running, method: str, path: str, body: str | bytes | None, headers: dict[str, str], status: int
) -> None:
    """Each with the status that says why."""
    reply = seed.send(method, path, body, headers)
    assert reply.status == status, reply.text
    assert "Traceback" not in reply.text


# ---------------------------------------------------------------- what the service says of itself


@pytest.mark.parametrize(
    "accept", ["", "text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml"]
)
def test_service_description(seed: Running, accept: str) -> None:
    """The three tests of the suite: RDF is returned, it names the endpoint, and it fits the vocabulary."""
    reply = seed.get("/sparql", Accept=accept)
    media = reply.headers["content-type"].partition(";")[0]
    graph = ox.Store()
    graph.extend(ox.parse(reply.body, ox.RdfFormat.from_media_type(media)))

    def all_of(subject: object, name: str) -> list[ox.Quad]:
        return list(graph.quads_for_pattern(subject, ox.NamedNode(SD + name), None, None))

    (service,) = graph.quads_for_pattern(
        None, ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"), ox.NamedNode(SD + "Service"), None
    )
    (endpoint,) = all_of(service.subject, "endpoint")
    assert endpoint.object == ox.NamedNode(f"{seed.url}/sparql")
    (dataset,) = all_of(service.subject, "defaultDataset")
    (default,) = all_of(dataset.object, "defaultGraph")
    assert {quad.object.value for quad in all_of(service.subject, "supportedLanguage")} == {SD + "SPARQL11Query"}
    assert all(isinstance(quad.object, ox.NamedNode) for quad in all_of(service.subject, "resultFormat"))
    assert list(graph.quads_for_pattern(default.object, None, ox.NamedNode(SD + "Graph"), None))


def test_a_browser_is_led_to_the_editor(seed: Running) -> None:
    """Who opens the endpoint in a browser sees a page."""
    reply = seed.get("/sparql", Accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert (reply.status, reply.headers["location"]) == (303, "/editor")


def test_what_a_query_holds_is_not_in_the_answer_s_head(seed: Running) -> None:
    """No line break of a query ends a header."""
    reply = seed.get("/sparql?query=" + quote("SELECT\r\nSet-Cookie: a=b"))
    assert reply.status == 400
    assert "set-cookie" not in reply.headers
