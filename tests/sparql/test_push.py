"""Pushing to a real SPARQL 1.1 server, and what is taken of one that lies or stalls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from test_tables import project

import kg
from kg.sparql import push
from kg.sparql.remote_store import open_remote
from projects import make_project, source
from stores import liar, oxigraph_server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Run Oxigraph's server; give where it is asked."""
    with oxigraph_server(tmp_path / "remote") as url:
        yield url


def test_only_what_changed_is_put(server: str, tmp_path: Path) -> None:
    """All of it first, nothing then, one graph after an edit or a loss; what is gone is deleted."""
    folder = make_project(tmp_path / "p", "agent: a, role: supplier, target: b")
    first = kg.load(folder).push(server)
    assert (len(first.put) > 3, first.left) == (True, [])
    assert kg.load(folder).push(server).put == []
    text = (folder / "entities.yaml").read_text("utf-8")
    (folder / "entities.yaml").write_text(text.replace("Gamma", "Delta"), "utf-8")
    assert kg.load(folder).push(server).put == ["https://example.org/t/graph/entities"]
    open_remote(server).delete("https://example.org/t/graph/entities")
    assert kg.load(folder).push(server).put == ["https://example.org/t/graph/entities"]
    more = source("s2", "2021-06", "agent: a, role: supplier, target: c")
    (folder / "claims" / "s2.yaml").write_text(more, "utf-8")
    assert "https://example.org/t/id/s2" in kg.load(folder).push(server).put
    (folder / "claims" / "s1.yaml").unlink()
    assert "https://example.org/t/id/s1" in kg.load(folder).push(server).deleted


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://example.org/query", "asked by https"),
        ("ftp://example.org/", "has an address such as"),
        ("https://me:secret@example.org/", "holds no name or password"),
    ],
)
def test_addresses_that_are_not_taken(url: str, words: str) -> None:
    """Nothing in the clear to elsewhere, no password on the command line, and none in the message."""
    with pytest.raises(kg.UsageError, match=words) as raised:
        open_remote(url)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\nContent-Length: 900\r\n\r\n{",
        b"nonsense\r\n\r\n",
        b"",
    ],
)
def test_a_store_that_lies_or_stalls(answer: bytes) -> None:
    """A redirect, another type, a cut answer, no HTTP, silence: an error in time, no second request."""
    with liar(answer) as (remote, asked):
        with pytest.raises(kg.ProjectError):
            remote.query("ASK {}", "application/sparql-results+json")
        assert len(asked) <= 1


def test_credentials_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are sent, and are in no message."""
    monkeypatch.setenv("KG_STORE_TOKEN", "abc123")
    with liar(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno") as (remote, asked):
        with pytest.raises(kg.ProjectError, match="does not take what") as raised:
            remote.query("ASK {}", "application/sparql-results+json")
        assert b"Authorization: Bearer abc123" in asked[0]
        assert "abc123" not in str(raised.value)


def test_large_tables_are_pushed(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Graph by graph from their store, in pieces: what is asked there is answered as here; then only what changed."""
    monkeypatch.setattr(push, "PIECE", 4_000)
    folder = project(tmp_path / "p")
    graph = kg.load(folder)
    assert graph.tables is not None
    first = graph.push(server)
    assert first.triples == int(str(next(iter(graph.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")))["n"])) + _twice(
        graph
    )
    query = "SELECT ?s ?o { ?s kg:note ?o } ORDER BY ?s ?o"
    assert kg.open_store(server, folder).query(query) == graph.query(query)
    assert len(graph.query(query)) >= 2
    table = folder / "tables" / "t.csv"
    table.write_text(table.read_text("utf-8").replace("2021,x", "2021,y"), "utf-8")
    again = kg.load(folder).push(server)
    assert (0 < len(again.put) < len(first.put), len(again.left) > 0) == (True, True)
    assert kg.load(folder).push(server).put == []


def _twice(graph: kg.Graph) -> int:
    """Return how many quads are triples of another graph too."""
    (row,) = graph.query(
        "SELECT ((SUM(?n) - COUNT(*)) AS ?more) { SELECT ?s ?p ?o (COUNT(?g) AS ?n) "
        "{ GRAPH ?g { ?s ?p ?o } } GROUP BY ?s ?p ?o }"
    )
    return int(str(row["more"]))


def test_a_large_graph_is_put_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut at ends of lines, nothing lost."""
    monkeypatch.setattr(push, "PIECE", 1_000)
    text = "".join(f'<a:{number}> <b:b> "{"x" * number}" .\n' for number in range(200))
    pieces = push._pieces(text)
    assert "".join(pieces) == text
    assert len(pieces) > 20
    assert all(piece.endswith(" .\n") and len(piece) <= 1_000 for piece in pieces)
