"""Reading a graph from a store elsewhere: the same answers and the same graph as from its files, or a clear error."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import kg
from command import run
from kg.graph.remote_project import StoredGraph
from kg.sparql.remote_graph import with_prefixes, with_values
from kg.sparql.store import Answer
from projects import EXAMPLE, make_project
from serving import running, seed_graph
from stores import liar, oxigraph_server

JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\n"


@pytest.fixture(scope="module", params=["oxigraph", "oxigraph, union of graphs", "kg serve"])
def stored(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoredGraph]:
    """Give the example in a real store: pushed to Oxigraph's server, or served by our own."""
    if request.param == "kg serve":
        with running() as it:
            yield kg.open_store(f"{it.url}/sparql", EXAMPLE)
        return
    options = ["--union-default-graph"] if "union" in request.param else []
    with oxigraph_server(tmp_path_factory.mktemp("remote"), *options) as url:
        seed_graph().push(url)
        yield kg.open_store(url, EXAMPLE)


# ---------------------------------------------------------------- the same answers


@cache
def asked_here(name: str, **parameters: str) -> list[str]:
    """Return the lines of the answer from the files."""
    return sorted(seed_graph().ask(name, parameters, form="csv").text.splitlines())


def test_every_question_is_answered_as_from_the_files(stored: StoredGraph, request: pytest.FixtureRequest) -> None:
    """With its example's parameters, and from our own service with none: the same rows, in the same form."""
    whole = request.node.callspec.id == "kg serve"
    for name, question in seed_graph().questions.items():
        words = shlex.split(question.example)
        given = dict(zip((word[2:] for word in words[::2]), words[1::2], strict=True))
        for parameters in (given, {}) if whole else (given,):
            there = stored.ask(name, parameters, form="csv").text
            assert sorted(there.splitlines()) == asked_here(name, **parameters), (name, parameters)


@cache
def queried_here(query: str, form: str) -> Answer:
    """Return the answer from the files."""
    return seed_graph().query(query, form=form)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?s ?name { ?s rdfs:label ?name } ORDER BY ?s ?name LIMIT 9",
        "SELECT DISTINCT ?g { GRAPH ?g { ?s a kg:Claim } } ORDER BY ?g",
        "SELECT (COUNT(*) AS ?n) { ?claim a kg:Claim ; ?stance ?what . ?t kg:stanceOf ?stance }",
        "ASK { :huawei ?p ?o }",
        "CONSTRUCT { ?s rdfs:label ?o } WHERE { ?s a kg:Firm ; rdfs:label ?o }",
    ],
)
@pytest.mark.parametrize("form", ["json", "csv", "xml"])
def test_queries_are_answered_as_from_the_files(stored: StoredGraph, query: str, form: str) -> None:
    """Solutions, a boolean, triples; over the union of the graphs or graph by graph."""
    here = queried_here(query, form)
    assert stored.query(query, form=form) == here
    assert here.text


def test_the_graph_is_made_again(stored: StoredGraph) -> None:
    """Every claim, source and entity is as it was; so is all that follows from them, at any day."""
    graph = stored.fetch()
    assert graph.world.claims == seed_graph().world.claims
    assert graph.quads == seed_graph().quads
    earlier = stored.fetch(known_by="2021-08-31")
    assert earlier.quads == kg.load(EXAMPLE, known_by="2021-08-31").quads
    assert "<title>" in graph.view()


def test_entities_are_found_by_name(stored: StoredGraph) -> None:
    """As from the files: by id, by name in any language; an unknown one is told."""
    named = [stored.ask("roles-of", {"firm": name}).text for name in ("huawei", "华为", "HUAWEI")]
    assert len(set(named)) == 1
    with pytest.raises(kg.UsageError, match="unknown 'nobody'"):
        stored.ask("roles-of", {"firm": "nobody"})


def test_terms_of_its_own_come_with_the_graph(tmp_path: Path) -> None:
    """A project's own ontology is in the store, and a question may ask for a term of it."""
    folder = make_project(tmp_path / "p", "agent: a, role: supplier, target: b")
    (folder / "ontology").mkdir()
    (folder / "ontology" / "own.ttl").write_text(
        "@prefix role: <https://w3id.org/autokg/role/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        "@prefix kg: <https://w3id.org/autokg/ns#> .\n"
        'role:polisher a kg:Role ; skos:prefLabel "polisher"@en ; skos:notation "polisher" ; skos:broader role:supplier .\n',
        "utf-8",
    )
    here = kg.load(folder)
    with oxigraph_server(tmp_path / "remote") as url:
        here.push(url)
        there = kg.open_store(url, folder)
        assert there.frame.ontology.own == here.world.ontology.own
        assert there.fetch().quads == here.quads


# ---------------------------------------------------------------- one query as a text


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("SELECT ?a { ?a ?p ?o }", "SELECT ?a { VALUES ?a { <x:1> } ?a ?p ?o }"),
        ("CONSTRUCT { ?a ?p ?o } WHERE { ?s ?p ?o }", "CONSTRUCT { ?a ?p ?o } WHERE { VALUES ?a { <x:1> } ?s ?p ?o }"),
        ("SELECT * { { SELECT ?a {?s ?p ?a} } }", "SELECT * { VALUES ?a { <x:1> } { SELECT ?a { VALUES ?a { <x:1> }?s ?p ?a} } }"),
        ("SELECT * { ?s ?p '?a{' # ?a {\n}", "SELECT * { VALUES ?a { <x:1> } ?s ?p '?a{' # ?a {\n}"),
        ("SELECT * { FILTER NOT EXISTS { ?a ?p 1 } }", "SELECT * { VALUES ?a { <x:1> } FILTER NOT EXISTS { VALUES ?a { <x:1> } ?a ?p 1 } }"),
    ],
)  # fmt: skip
def test_values_stand_where_their_variables_do(query: str, text: str) -> None:
    """In the outermost group and in each that uses one; in no template, string or comment."""
    assert with_values(query, {"a": "<x:1>"}) == text


def test_prefixes_stand_before_a_query() -> None:
    """Those that it uses, on its first line."""
    assert with_prefixes("ASK\n{ a:b ?p ?o }", {"a": "x:", "b": "y:"}) == "PREFIX a: <x:> ASK\n{ a:b ?p ?o }"


# ---------------------------------------------------------------- stores that do not answer as they should


def _reply(body: bytes, kind: str = "application/sparql-results+json", status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (_reply(b"<html>", "text/html"), "answered with a web page"),
        (_reply(b"{}", "text/csv"), "answered with text/csv"),
        (_reply(b"who?", "text/plain", "401 Unauthorized"), "KG_STORE_TOKEN, in the environment let you in"),
        (_reply(b"", "text/plain", "302 Found"), "a redirect is not followed"),
        (_reply(b"", "text/plain", "404 Not Found"), "answered 404"),
        (_reply(b"too much", "text/plain", "413 Too Large"), "answered 413: too much"),
        (_reply(b'{"head": {}, "results": {"bindings": ['), "or not all of them"),
        (_reply(b'{"results": {"bindings": []}}'), "holds no graph that kg pushed"),
        (_reply(b"\xff\xfe{}"), "is not UTF-8, at byte 1"),
        (JSON_HEAD + b"Content-Length: 99\r\n\r\n{", "broke off its answer"),
        (JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n63\r\n{", "broke off its answer"),
        (b"nonsense\r\n\r\n", "no answer from 127.0.0.1"),
        (b"", "gives no answer within 3 seconds"),
    ],
)
def test_a_store_that_lies_or_stalls(answer: bytes, words: str, tmp_path: Path) -> None:
    """One line that says what is wrong; one connection, to the address that was named."""
    with liar(answer) as (remote, asked):
        with pytest.raises(kg.KgError, match=words) as raised:
            StoredGraph(remote, tmp_path).query("ASK {}")
        assert "\n" not in str(raised.value)
        assert len(asked) <= 1


def test_fewer_triples_than_are_counted_are_told(tmp_path: Path) -> None:
    """An answer that was cut at the end of a line looks whole, and is not."""
    with running() as it:
        there = kg.open_store(f"{it.url}/sparql", EXAMPLE)
        there.store.sizes[next(iter(there.store.sizes))] += 1  # type: ignore[index] # as if one had been lost
        with pytest.raises(kg.ProjectError, match=r"gave [0-9,]+ triples of"):
            there.fetch()


def test_nobody_there() -> None:
    """A port at which nothing listens."""
    with pytest.raises(kg.ProjectError, match=r"no answer from 127.0.0.1:9: .*refused"):
        kg.open_store("http://127.0.0.1:9/query", EXAMPLE).query("ASK {}")


# ---------------------------------------------------------------- the commands


def test_the_commands_read_from_a_store(tmp_path: Path) -> None:
    """query, ask and view tell the same with ``--store`` as without; on other days too."""
    with running() as it:
        there = ["--store", f"{it.url}/sparql"]
        for words in (
            ["query", "SELECT ?s { ?s a kg:Firm } ORDER BY ?s", "-f", "csv"],
            ["query", "CONSTRUCT { ?s ?p ?o } WHERE { VALUES ?s { :huawei } ?s ?p ?o }"],
            ["ask", "roles-of", "--firm", "huawei"],
            ["ask", "roles-of", "--firm", "huawei", "--known-by", "2021-08-31"],
            ["view", "-o", "-", "--focus", "huawei"],
        ):
            project = [] if words[0] == "query" else ["-C", str(EXAMPLE)]
            here, elsewhere = run("-C", str(EXAMPLE), *words), run(*project, *words, *there)
            assert (elsewhere.returncode, here.returncode) == (0, 0), elsewhere.stderr
            if words[0] != "view":
                assert elsewhere.stdout == here.stdout
        refused = run("view", *there)
        assert (refused.returncode, "-o FILE" in refused.stderr) == (2, True)
    assert run("query", "ASK {}", *there).stderr.startswith("kg: no answer from 127.0.0.1")
