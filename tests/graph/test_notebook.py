"""How graphs, answers and networks show themselves in a notebook: small, bounded, and nothing in them is markup."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import networkx as nx
import pytest

import kg
from kg.files.text_tables import LONGEST, SHOWN
from kg.sparql.store import Answer
from projects import make_project
from serving import seed_graph

TAGS = {"div", "p", "table", "thead", "tbody", "tr", "th", "td"}
HOSTILE = json.loads((Path(__file__).parents[1] / "browser" / "hostile.json").read_text("utf-8"))


class _Reader(HTMLParser):
    """Collects elements, attributes and cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.cells = set[str](), set[str](), list[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element; a cell begins."""
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "td":
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        """Add text to the cell."""
        if self.cells:
            self.cells[-1] += data


def _answer(*texts: str) -> Answer:
    rows = [{"x": {"type": "literal", "value": text}} for text in texts]
    return Answer("solutions", json.dumps({"head": {"vars": ["x", "<b>"]}, "results": {"bindings": rows}}))


@pytest.mark.parametrize("text", [text for text in HOSTILE if isinstance(text, str)])
def test_hostile_text_stays_text(text: str, tmp_path: Path) -> None:
    """In an answer, in a network, in a title: no element and no attribute comes of it."""
    network = seed_graph().to_networkx().copy()
    network.graph["title"] = text
    network.add_edge("a", "b", label=text, verdict=text)
    graph = kg.load(make_project(tmp_path / "p", "agent: a, role: supplier, target: b"))
    settings = graph.world.settings
    object.__setattr__(settings, "title", text)
    for shown in (_answer(text), network, graph):
        read = _Reader(shown._repr_html_())
        assert read.tags <= TAGS
        assert read.attributes <= {"dir", "scope"}


def test_what_is_shown_is_bounded() -> None:
    """The first rows, clipped; how many more there are is told."""
    shown = _answer(*("x" * 10_000 for _ in range(5_000)))._repr_html_()
    cells = [cell for cell in _Reader(shown).cells if cell.startswith("x")]
    assert (len(cells), max(map(len, cells)) <= LONGEST + len("\n4,980 more\n")) == (SHOWN, True)
    assert f"{5_000 - SHOWN:,} more" in shown
    assert len(seed_graph().query("SELECT * { ?s ?p ?o }")._repr_html_()) < 20_000


def test_each_tells_what_it_is() -> None:
    """A graph its verdicts, an answer its rows, a boolean yes or no, triples their terms, a network its edges."""
    graph = seed_graph()
    assert "contested" in graph._repr_html_()
    assert graph.summary.split(",")[0] in graph._repr_html_()
    assert "rdfs:label" in graph.query("CONSTRUCT { ?s rdfs:label ?o } WHERE { ?s rdfs:label ?o }")._repr_html_()
    assert "<p>yes</p>" in graph.query("ASK { ?s ?p ?o }")._repr_html_()
    network = graph.to_networkx()
    assert "<td" in network._repr_html_()
    assert isinstance(network, nx.MultiDiGraph)
    assert nx.number_weakly_connected_components(network.subgraph(list(network)[:9]).copy()) >= 1
