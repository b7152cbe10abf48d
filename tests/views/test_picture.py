"""A page is one file, safe with any text in it, and the same every time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from itertools import cycle
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from kg.views.page_scripts import csp_hash
from kg.views.picture import bundles, pages, sketch

HERE = Path(__file__).parents[1]
HOSTILE = [
    "</script><img src=x onerror=window.PW_1=1>",
    "<!--<script>",
    "{{7*7}}{% raw %}${7*7}",
    "\"'><svg onload=window.PW_2=1>",
    "javascript:window.PW_3=1",
    "]]>\u2028\u202egnp.exe\u2069",
    "__proto__",
    "constructor",
    "x" * 10_000,
    "字" * 10_000,
    "a\r\nb\tc\x00\x85\ud800",
    "",
    " ",
]


def seed() -> dict[str, Any]:
    """Return the first article's network, legend, evidence, title and summary, written by hand."""
    told: dict[str, Any] = json.loads((HERE / "browser" / "seed.json").read_text("utf-8"))
    return told


def network_of(told: dict[str, Any]) -> nx.MultiDiGraph[str]:
    """Build the network of a hand-written file."""
    network: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node, attributes in told["nodes"].items():
        network.add_node(node, **attributes)
    for source, target, key, attributes in told["edges"]:
        network.add_edge(source, target, key=key, **attributes)
    return network


def page_of(told: dict[str, Any]) -> str:
    """Draw a hand-written network."""
    rest = {name: told[name] for name in ("legend", "evidence", "matrix", "title", "summary")}
    return pages.page(network_of(told), **rest)


@cache
def seed_page() -> str:
    """Draw the first article, once."""
    return page_of(seed())


def many(count: int) -> dict[str, Any]:
    """Return the seed with so many boxes more, in a long tree."""
    told = seed()
    model = told["nodes"]["huawei"]
    for n in range(count):
        told["nodes"][f"x{n:05}"] = {**model, "label": f"Firm {n}", "names": f"Firm {n}"}
        near = f"x{n // 7:05}" if n else "huawei"
        edge = {"proposition": "p05", "label": "supplies", "verdict": "stated"}
        told["edges"].append([near, f"x{n:05}", f"k{n}", edge])
    return told


def block(page: str, name: str) -> Any:  # noqa: ANN401 -- JSON
    """Return a data block of a page."""
    found = re.search(f'<script type="application/json" id="{name}">(.*?)</script>', page, re.S)
    assert found
    return json.loads(found[1])


def replaced(told: Any, texts: Iterator[str]) -> Any:  # noqa: ANN401 -- JSON
    """Put the next text in the place of every free text."""
    kept = {"id", "type", "column", "verdict", "kind", "shape", "line", "mark", "proposition"}
    if isinstance(told, dict):
        return {k: v if k in kept else replaced(v, texts) for k, v in told.items()}
    if isinstance(told, list):
        return [replaced(entry, texts) for entry in told]
    return next(texts) if isinstance(told, str) else told


def hostile(*texts: str) -> dict[str, Any]:
    """Return the seed with one text after the other in its labels, names, links and notes."""
    told, turn = seed(), cycle(texts)
    told["nodes"] = {node: replaced(entry, turn) for node, entry in told["nodes"].items()}
    told["edges"] = [[*edge[:3], replaced(edge[3], turn)] for edge in told["edges"]]
    told["evidence"] = {
        pid: {**replaced(entry, turn), "nodes": entry["nodes"]} for pid, entry in told["evidence"].items()
    }
    for entry in told["evidence"].values():
        for claim in entry["claims"]:
            claim["source"]["id"] = next(turn)
    return {**_renamed(told, turn), "title": next(turn), "summary": next(turn)}


def _renamed(told: dict[str, Any], texts: Iterator[str]) -> dict[str, Any]:
    """Give every node an id that begins with the next text."""
    ids = {node: f"{next(texts)}#{n}" for n, node in enumerate(told["nodes"])}
    nodes = {ids[node]: entry for node, entry in told["nodes"].items()}
    edges = [[ids[source], ids[target], *rest] for source, target, *rest in told["edges"]]
    evidence = {
        pid: {**entry, "nodes": [ids[node] for node in entry["nodes"] if node in ids]}
        for pid, entry in told["evidence"].items()
    }
    return {**told, "nodes": nodes, "edges": edges, "evidence": evidence}


class Tags(HTMLParser):
    """Collects what a browser would take for markup."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag, and any attribute that would run something or fetch something."""
        self.seen.append(tag)
        self.seen += [name for name, _ in attrs if name.startswith("on") or name == "src"]


def tags(page: str) -> list[str]:
    """Return the markup of a page."""
    parser = Tags()
    parser.feed(page)
    return parser.seen


def test_the_page_asks_for_nothing() -> None:
    """No element fetches anything, and the policy forbids it besides."""
    page = seed_page()
    assert not {"link", "img", "iframe", "base", "src"} & set(tags(page))
    assert "default-src 'none'" in page
    assert "sourceMappingURL" not in page


def test_every_script_stands_in_the_policy_by_its_hash() -> None:
    """A script runs only where the policy names its hash."""
    page = seed_page()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert "unsafe-eval" not in policy[1]
    assert "unsafe-inline" not in policy[1].split("style-src")[0]
    for script in re.findall(r"<script>(.*?)</script>", page, re.S):
        assert csp_hash(script) in policy[1]


def test_same_network_same_bytes() -> None:
    """The order in which nodes and edges were added leaves no trace."""
    told = seed()
    first = page_of(told)
    told["nodes"] = dict(reversed(told["nodes"].items()))
    told["edges"].reverse()
    told["evidence"] = dict(reversed(told["evidence"].items()))
    assert page_of(told) == first


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_becomes_markup(text: str) -> None:
    """Whatever stands in the claims, the page has the same elements, and can be written."""
    page = page_of(hostile(text))
    assert tags(page) == tags(seed_page())
    page.encode("utf-8")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", " javascript:x", "data:text/html,x", "//x.org", "file:///x", "http:", "h"]
)
def test_only_links_to_the_web_are_kept(url: str) -> None:
    """Anything but http and https is dropped."""
    told = seed()
    for entry in told["evidence"].values():
        for claim in entry["claims"]:
            claim["source"]["url"] = url
    view = block(page_of(told), "kg-view")
    assert not any("url" in source for source in view["sources"])


def test_edges_with_one_verdict_become_one_line() -> None:
    """Four leading roles are one line with one label, and every proposition is behind it."""
    edges = block(seed_page(), "kg-edges")
    (line,) = [edge["kg"] for edge in edges if "p08" in edge["kg"]["facts"]]
    assert {"p08", "p09", "p10", "p11"} <= set(line["facts"])
    assert "design, marketing, planning, sales lead" in line["label"]


def test_every_label_of_the_seed_has_a_place() -> None:
    """No line of the first article goes without its words, and marked ones have their mark."""
    edges = [edge["kg"] for edge in block(seed_page(), "kg-edges")]
    assert all(edge["plate"] for edge in edges)
    assert all(("mark" in edge) == (edge["verdict"] in {"denied", "contested"}) for edge in edges)


def test_facts_without_a_line_are_on_the_page() -> None:
    """Events and figures have no line; the boxes that they mention show them."""
    view = block(seed_page(), "kg-view")
    assert len(view["facts"]) == len(seed()["evidence"])
    assert {fact["verdict"] for fact in view["facts"]} == {verdict["id"] for verdict in view["verdicts"]}


def test_a_part_of_the_network_shows_its_own_facts() -> None:
    """Facts about what is not drawn stay away, except where they oppose what is."""
    told = seed()
    told["nodes"] = {node: told["nodes"][node] for node in ("seres", "seres-auto")}
    told["edges"] = [edge for edge in told["edges"] if {*edge[:2]} <= {*told["nodes"]}]
    view = block(page_of(told), "kg-view")
    assert all(fact["nodes"] for fact in view["facts"])
    assert "p27" not in {fact["id"] for fact in view["facts"]}
    assert {"p39"} <= {fact["id"] for fact in view["asides"]}
    assert {fact["verdict"] for fact in view["facts"]} == {verdict["id"] for verdict in view["verdicts"]}


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        (["planning lead", "design lead", "sales lead"], "planning, design, sales lead"),
        (["retailer", "design lead", "sales lead"], "design, sales lead · retailer"),
        (["defines brands", "defines products"], "defines brands, products"),
        (["supplies", "supplies"], "supplies"),
        (["lead", "design lead"], "lead, design lead"),
        (["", " "], ""),
    ],
)
def test_labels_are_condensed(labels: list[str], text: str) -> None:
    """A word that several labels share is said once."""
    assert bundles.condensed(labels) == text


def test_an_empty_network_is_a_page() -> None:
    """Nothing to draw still gives title, legend and an explanation."""
    told = {**seed(), "nodes": {}, "edges": [], "evidence": {}}
    page = page_of(told)
    assert "<h1" in page
    assert block(page, "kg-nodes") == []


def test_up_to_the_limit_in_columns_and_above_it_scattered() -> None:
    """The page says which of the two it is."""
    room = sketch.LAYERED_LIMIT - len(seed()["nodes"])
    assert block(page_of(many(room)), "kg-view")["layered"]
    big = page_of(many(room + 1))
    assert not block(big, "kg-view")["layered"]
    assert block(big, "kg-options")["interaction"]["hideEdgesOnDrag"]


def test_more_boxes_than_a_page_can_tell_of_open_with_a_part() -> None:
    """What is nearest to the busiest box is drawn in columns; the whole lies beside it, every box and line of it."""
    told = many(1000)
    page = page_of(told)
    view, whole = block(page, "kg-view"), block(page, "kg-whole")
    assert view["layered"]
    assert view["opening"]["whole"] == len(told["nodes"])
    assert len(block(page, "kg-nodes")) <= 60
    assert whole["ids"] == sorted(told["nodes"])
    said = {(source, target, edge["verdict"], edge["label"]) for source, target, _, edge in told["edges"]}
    lines = {
        (whole["ids"][a], whole["ids"][b], verdict, whole["words"][word])
        for verdict, numbers in whole["lines"].items()
        for a, b, word in zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True)
    }
    assert lines == said
    assert {len(whole[column]) for column in ("labels", "types", "x", "y", "widths")} == {len(told["nodes"])}


def test_a_usual_page_carries_nothing_of_the_whole() -> None:
    """Neither script nor style nor canvas."""
    assert "field" not in " ".join(tags(seed_page()))
    assert "openField()" not in seed_page().split("function notice")[0]
    assert "kg-whole" not in seed_page()
