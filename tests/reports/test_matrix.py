"""Who does what for which product: a cell says what was said, and one of which nobody spoke says just that."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

import kg
from kg.commands.app import app
from kg.reports.grids import MATRIX_FORMS, UNSAID
from kg.reports.matrix import Matrix, Said
from projects import EXAMPLE, make_project, source

BUILDS = "agent: a, role: contract-manufacturer, target: car"
SELLS = "agent: b, role: retailer, target: car"


def cell(matrix: Matrix, product: str, function: str, agent: str) -> tuple[Said, ...]:
    """Return what a cell says."""
    (block,) = (block for block in matrix.blocks if block.id == product)
    (row,) = (row for row in block.rows if row.id == function)
    return row.cells.get(agent, ())


def told(folder: Path, form: str, *more: str) -> str:
    """Run ``kg matrix`` and return what it prints."""
    result = CliRunner().invoke(app, ["-C", str(folder), "matrix", "-f", form, *more])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_seed() -> None:
    """Huawei leads what SERES builds, both contested; what Huawei denies stands under no product."""
    matrix = kg.load(EXAMPLE).matrix()
    assert [said.verdict for said in cell(matrix, "seres-auto", "leading", "huawei")] == ["contested", "planned"]
    assert [said.roles for said in cell(matrix, "seres-auto", "building", "seres")] == [("contract manufacturer",)]
    assert [said.verdict for said in cell(matrix, "", "building", "huawei")] == ["denied"]
    assert cell(matrix, "seres-auto", "building", "huawei") == ()
    assert next(iter(matrix.agents)) == "huawei"
    assert matrix.blocks[-1].id == ""


def test_roles_of_one_function_share_a_cell_and_sources_are_counted_once(tmp_path: Path) -> None:
    """Two roles, two sources, one of them twice."""
    other = source("s2", "2021-06", f"{BUILDS}", f"{BUILDS}, said-by: b", f"stance: denies, {SELLS}")
    folder = make_project(tmp_path, BUILDS, "agent: a, role: carmaker, target: car", SELLS, claims__s2_yaml=other)
    matrix = kg.load(folder).matrix()
    (built,) = cell(matrix, "car", "building", "a")
    assert (built.verdict, set(built.roles)) == ("stated", {"contract manufacturer", "carmaker"})
    assert built.sources == ("s1", "s2")
    (sold,) = cell(matrix, "car", "sales", "b")
    assert (sold.verdict, sold.against) == ("contested", ("s2",))


def test_unsaid_never_looks_like_denied(tmp_path: Path) -> None:
    """In every form the two differ, and neither is an empty cell."""
    folder = make_project(tmp_path, f"stance: denies, {BUILDS}", "agent: b, role: carmaker, target: car", SELLS)
    table = told(folder, "table")
    assert re.search(r"^Building +✕ denied 1 +● stated 1$|^Building +● stated 1 +✕ denied 1$", table, re.M)
    assert re.search(rf"^Sales .*{UNSAID}", table, re.M)
    assert "not a denial" in table
    markdown = told(folder, "markdown")
    assert f"| {UNSAID} |" in markdown
    assert "✕ denied 1" in markdown
    lines = list(csv.DictReader(io.StringIO(told(folder, "csv"))))
    assert {(line["agent_id"], line["function"]) for line in lines} == {
        ("a", "Building"),
        ("b", "Building"),
        ("b", "Sales"),
    }
    page = told(folder, "html")
    assert page.count('class="aloud">no claim shown') == 1
    assert page.count('class="said denied"') == 2  # the cell, and the key


class Cells(HTMLParser):
    """Collects the tags of a page, and fails where one closes another."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag and what could run."""
        self.seen += [tag, *(name for name, _ in attrs if name.startswith("on") or name in ("src", "href"))]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Hold it against the one that is open."""
        assert self.open.pop() == tag


HOSTILE = "</td><img src=x onerror=alert(1)>|`*[x](javascript:y)"


@pytest.mark.parametrize("form", MATRIX_FORMS)
def test_hostile_names_are_text(tmp_path: Path, form: str) -> None:
    """No name becomes markup, a formula, or one more column."""
    entities = f"a: {{type: firm, en: {json.dumps(HOSTILE)}}}\ncar: {{type: model, en: '=1+1'}}\npaper: {{type: media, en: P}}\n"
    text = told(make_project(tmp_path, BUILDS, entities=entities), form)
    if form == "html":
        parser = Cells()
        parser.feed(text)
        assert parser.open == []
        assert not {"img", "src", "onerror", "script"} & set(parser.seen)
    if form == "markdown":
        assert all(re.sub(r"\\.", "", line).count("|") == 3 for line in text.splitlines() if line.startswith("|"))
        assert "\\<img" in text
    if form == "csv":
        assert [line["product"] for line in csv.DictReader(io.StringIO(text))] == ["'=1+1"]


def test_a_day_leaves_out_what_does_not_hold_then_and_what_is_not_known_yet(tmp_path: Path) -> None:
    """As of: the period; known by: the publication."""
    later = source("s2", "2021-06", SELLS)
    folder = make_project(tmp_path, f"{BUILDS}, from: 2020, until: 2020-06", claims__s2_yaml=later)
    assert cell(kg.load(folder).matrix(), "car", "building", "a")
    past = kg.load(folder, as_of="2021").matrix()
    assert [row.id for block in past.blocks for row in block.rows] == ["sales"]
    assert [row.id for row in kg.load(folder, known_by="2021-05").matrix().blocks[0].rows] == ["building"]


OWN = """
@prefix kg: <https://w3id.org/autokg/ns#> .
@prefix role: <https://w3id.org/autokg/role/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<https://example.org/r/tyres> a kg:Role ; skos:notation "tyres" ; skos:broader role:parts-supplier ; skos:prefLabel "tyres"@en .
<https://example.org/r/blesses> a kg:Role ; skos:notation "blesses" ; skos:prefLabel "blesser"@en ; kg:targetType kg:Vehicle .
"""


def test_rows_are_the_ontologys(tmp_path: Path) -> None:
    """A project's role counts in its broader role's function; one without a function is a row of its own."""
    folder = make_project(tmp_path, "agent: a, role: tyres, target: car", "agent: b, role: blesses, target: car")
    (folder / "ontology").mkdir()
    (folder / "ontology" / "mine.ttl").write_text(OWN, encoding="utf-8")
    matrix = kg.load(folder).matrix()
    assert [(row.id, row.label) for row in matrix.blocks[0].rows] == [("parts", "Parts"), ("blesses", "blesser")]


def test_nothing_said_is_said(tmp_path: Path) -> None:
    """A project without roles has an empty matrix in every form."""
    graph = kg.load(make_project(tmp_path, "event: launch, about: car"))
    assert graph.matrix().blocks == ()
    assert "no claim shown" in MATRIX_FORMS["table"](graph.matrix())
    assert all(write(graph.matrix()) for write in MATRIX_FORMS.values())


@pytest.mark.parametrize("form", MATRIX_FORMS)
def test_the_same_bytes(form: str) -> None:
    """Two runs write the same."""
    assert told(EXAMPLE, form) == told(EXAMPLE, form)


def test_a_dot_says_no_more_than_what_is_shown(tmp_path: Path) -> None:
    """What is of another day has no cell; that does not tell that no claim is about it."""
    folder = make_project(tmp_path, "agent: a, role: carmaker, target: car, when: 2020")
    assert "carmaker" not in (early := told(folder, "table", "--as-of", "2019-01-01"))
    assert early == "no claim shown is about a role towards a product\n"
