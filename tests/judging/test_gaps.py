"""What is missing: cells that nobody fills, each with what is known of its absence; statements that stand on little."""

from pathlib import Path

import pytest

import kg
from kg.reports.plans_and_gaps import GapReport
from projects import EXAMPLE, make_project, source

ANY = "any-firm: {type: firm, en: any firm, stands-for: any}\n"
BUILDS = "role: carmaker, target: car, at: par1"
DATED = "agent: a, role: seller, target: car, when: 2020, at: par1"


def gaps(folder: Path, *rows: str, **files: str) -> dict[str, GapReport]:
    """Return what is missing of each thing."""
    make_project(folder, *rows, **files)
    with (folder / "entities.yaml").open("a", encoding="utf-8") as file:
        file.write(ANY)
    return {report.id: report for report in kg.load(folder).gaps()}


@pytest.mark.parametrize(
    ("row", "absence"),
    [
        (f"agent: a, {BUILDS}", ""),
        (f"agent: a, {BUILDS}, modality: planned", "planned"),
        (f"stance: denies, agent: a, {BUILDS}", "denied"),
        (f"stance: declines, agent: any-firm, {BUILDS}, said-by: a", "declined"),
        (f"stance: silent, agent: any-firm, {BUILDS}, recorded: 2021-10-01", "not-reported"),
        ("agent: a, role: seller, target: car, at: par1", "unknown"),
    ],
)
def test_absence_is_typed(tmp_path: Path, row: str, absence: str) -> None:
    """A narrower role fills a broader cell; a plan, a denial, a refusal and a search in vain are told apart."""
    cells = {cell.expected: cell for cell in gaps(tmp_path, row)["car"].cells}
    assert (cells["oem"].absence if "oem" in cells else "") == absence
    assert [voice.recorded for cell in cells.values() if cell.absence == "not-reported" for voice in cell.said] == (
        ["2021-10-01"] if absence == "not-reported" else []
    )


@pytest.mark.parametrize(
    ("row", "absence"),
    [
        ("event: acquisition, about: brand-a, agent: b", ""),
        ("event: acquisition, about: brand-a, agent: b, modality: planned", "planned"),
        ("stance: denies, event: acquisition, about: brand-a, agent: b", "unknown"),
        ("event: acquisition, about: works, agent: b", "unknown"),
        ("event: launch, about: brand-a, agent: b", "unknown"),
    ],
)
def test_who_acquires_a_thing_holds_it(tmp_path: Path, row: str, absence: str) -> None:
    """An event that gives a role fills its cell, as a fact or as a plan; a denied event says nothing of the role."""
    report = gaps(tmp_path, row, "event: launch, about: brand-a, agent: c")["brand-a"]
    cells = {cell.expected: cell.absence for cell in report.cells}
    assert cells.get("brand-owner", "") == absence


@pytest.mark.parametrize(
    ("rows", "lacks"),
    [
        ((DATED,), {"a second witness"}),
        ((DATED.replace(", when: 2020", ""),), {"a second witness", "a date"}),
        ((DATED.replace(", at: par1", ""),), {"a second witness", "its place in the source"}),
        ((DATED, f"{DATED}, said-by: b"), set()),
        ((DATED, f"{DATED}, second-hand: unknown, said-by: boss"), {"a second witness"}),
        (("subject: car, relation: model-of, object: brand-a, at: par1",), {"a second witness"}),
    ],
)
def test_statements_that_stand_on_little(tmp_path: Path, rows: tuple[str, ...], lacks: set[str]) -> None:
    """A date is asked of roles, events and figures; a second witness must be one; a relation needs no date."""
    assert {what for statement in gaps(tmp_path, *rows)["car"].weak for what in statement.lacks} == lacks


def test_what_most_statements_name_comes_first(tmp_path: Path) -> None:
    """Then what is most opposed; what stands for any is no thing of which anything is missing."""
    rows = (DATED, f"agent: a, {BUILDS}", "agent: a, role: brand-owner, target: brand-a, at: par1")
    files = {"claims__s2_yaml": source("s2", "2021-06", f"stance: denies, agent: a, {BUILDS}, said-by: a")}
    found = gaps(tmp_path, *rows, **files)
    assert list(found) == ["car", "brand-a", "car-x"]
    assert [statement.verdict for statement in found["car"].weak] == ["contested", "stated"]


OWN = """@prefix kg: <https://w3id.org/autokg/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://example.org/my/GigaWorks> a kg:EntityType ; rdfs:subClassOf kg:Plant ; rdfs:label "giga works"@en ;
    <http://www.w3.org/2004/02/skos/core#notation> "giga-works" ; kg:expects <https://w3id.org/autokg/role/plant-operator> .
"""


def test_what_is_expected_is_data(tmp_path: Path) -> None:
    """A project's own type says what is expected of it."""
    make_project(tmp_path, DATED)
    (tmp_path / "ontology").mkdir()
    (tmp_path / "ontology" / "mine.ttl").write_text(OWN, encoding="utf-8")
    with (tmp_path / "entities.yaml").open("a", encoding="utf-8") as file:
        file.write("giga: {type: giga-works, en: Giga}\n")
    found = {report.id: [cell.expected for cell in report.cells] for report in kg.load(tmp_path).gaps()}
    assert found["giga"] == ["plant-operator"]
    assert "works" not in found


def test_the_seed() -> None:
    """The car of which most is said comes first; nobody says who builds the one that is sold."""
    first, second, *_ = kg.load(EXAMPLE).gaps()
    assert (first.id, first.statements, second.id) == ("seres-auto", 12, "seres-sf5")
    assert [(cell.expected, cell.absence) for cell in second.cells] == [("lead", "unknown"), ("oem", "unknown")]


@pytest.mark.parametrize(
    ("row", "absence"),
    [
        ("stance: denies, agent: a, role: seller, target: any-car", "denied"),
        ("stance: denies, agent: a, role: retailer, target: any-car", "denied"),
        ("stance: denies, agent: a, role: carmaker, target: any-car", "unknown"),
    ],
)
def test_what_is_denied_of_every_car_is_denied_of_each(row: str, absence: str, tmp_path: Path) -> None:
    """The place is not unknown: somebody speaks of it."""
    found = {cell.expected: cell.absence for cell in gaps(tmp_path, f"agent: a, {BUILDS}", row)["car"].cells}
    assert found["seller"] == absence


def test_a_plan_is_no_second_witness_of_a_fact(tmp_path: Path) -> None:
    """One says that it is so, another that it is planned: what is so has one witness, and is not corroborated."""
    planned = source("s2", "2021-06", f"{DATED}, modality: planned", publisher="b")
    (weak,) = gaps(tmp_path, DATED, claims__s2_yaml=planned)["car"].weak
    assert weak.lacks == ("a second witness",)
    rows = [[term.value for term in row] for row in kg.load(tmp_path).ask("corroborated").terms]
    assert rows == []
