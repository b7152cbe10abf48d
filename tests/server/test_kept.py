"""Answers that are kept: the same bytes as the first time, never of another query, form or graph, within a size."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

import kg
from kg.server.answer_cache import ALL, SMALL, Kept, key_of
from kg.server.process import Answer
from kg.server.service import Service
from kg.server.snapshot import Site
from projects import make_project
from serving import QUICK, running

NAME = "SELECT ?n { :a rdfs:label ?n }"


def _key(query: str) -> tuple[object, ...]:
    return key_of(query, {"solutions": "text/csv"}, {})


def _answer(size: int) -> Answer:
    return Answer("solutions", "text/csv", b"x" * size)


def test_what_is_kept_is_bounded() -> None:
    """Large answers are not kept; of too many small ones those asked last stay."""
    kept = Kept()
    kept.put(_key("large"), _answer(SMALL))
    assert kept.get(_key("large")) is None
    for number in range(3_000):
        kept.put(_key(f"query {number}"), _answer(SMALL // 2))
        kept.get(_key("query 0"))
    assert len(kept) * SMALL // 2 <= ALL
    assert kept.get(_key("query 0"))
    assert kept.get(_key("query 1")) is None
    assert kept.get(_key("query 2999"))


@pytest.mark.parametrize("call", ["NOW()", "rand()", "UUID()", "StrUUID()", "BNODE()", "\\u004eOW()"])
def test_what_changes_is_not_kept(call: str) -> None:
    """A query that gives something else each time is asked each time."""
    kept = Kept()
    kept.put(_key(f"SELECT ({call} AS ?x) {{}}"), _answer(5))
    assert len(kept) == 0


def test_an_answer_depends_on_all_that_is_asked() -> None:
    """Query, form, values, graphs: each makes another answer."""
    forms = {"solutions": "text/csv"}
    keys = {
        key_of("a", forms, {}),
        key_of("b", forms, {}),
        key_of("a", {"solutions": "application/json"}, {}),
        key_of("a", forms, {"bindings": {"x": "<x:1>"}}),
        key_of("a", forms, {"default_graph": ("x:1",)}),
        key_of("a", forms, {"named_graphs": ("x:1",)}),
    }
    assert len(keys) == 6


def test_another_graph_has_other_answers(tmp_path: Path) -> None:
    """What was kept of the last graph is not told of the next one; a query that fails is asked again."""
    folder = make_project(tmp_path / "p", "agent: a, role: supplier, target: b")
    service = Service(Site(kg.load(folder)), QUICK, load=lambda: kg.load(folder))
    with running(service=service) as it:
        first = it.ask(NAME, "text/csv")
        assert (first.body, "Alpha" in first.text) == (it.ask(NAME, "text/csv").body, True)
        assert json.loads(it.ask(NAME).body)["results"]["bindings"]
        assert [it.ask("SELECT * { ?s ?p").status for _ in range(2)] == [400, 400]
        text = (folder / "entities.yaml").read_text("utf-8")
        (folder / "entities.yaml").write_text(text.replace("Alpha,", "Omega,"), "utf-8")
        asyncio.run_coroutine_threadsafe(service.reload(), it.loop).result(60)
        assert "Omega" in it.ask(NAME, "text/csv").text
