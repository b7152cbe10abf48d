"""All ways out of a project agree, and no negative sentence is printed that the graph refutes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from agreements import AGREEMENTS
from negative_sentences import NOT_OF_THE_RECORD, WHERE, false_in, table
from printed_sentences import in_ontology, in_source, in_templates
from random_projects import Project, draw, smaller, sound
from ways_out import Told

import kg
from amounts import amount, chance
from projects import EXAMPLE, SECOND, make_project, source

PROJECTS = amount("KG_PROJECTS", 120)
PARTS = 4  # so that processes share them


def contradictions(told: Told) -> Iterator[str]:
    """Yield what the ways out of a project contradict each other in, and the sentences that its graph refutes."""
    for agreement in AGREEMENTS:
        yield from (f"{agreement.__name__}: {found}" for found in agreement(told))
    yield from false_in(told)


def first_found(project: Project, folder: Path) -> tuple[Project, str] | None:
    """Return a project without its wrong rows, and its first contradiction, or None."""
    loaded = sound(project, folder)
    found = next(contradictions(Told(loaded[1])), "") if loaded else ""
    return (loaded[0], found) if loaded and found else None


def smallest(found: tuple[Project, str], folder: Path) -> str:
    """Return a contradiction with a project of which each part is needed for one of the same subject."""
    subject = re.split("[:”]", found[1])[0]
    while better := next(
        (new for less in smaller(found[0]) if (new := first_found(less, folder)) and new[1].startswith(subject)), None
    ):
        found = better
    return f"{found[1]}\n{found[0].told()}"


@pytest.mark.more
@pytest.mark.parametrize("part", range(PARTS))
def test_random_projects_agree(part: int, tmp_path: Path) -> None:
    """A project at random tells the same by all its ways out, and no negative sentence that its graph refutes."""
    for number in range(part, PROJECTS, PARTS):
        if found := first_found(draw(chance(f"project {number}")), tmp_path):
            pytest.fail(f"project {number}: {smallest(found, tmp_path)}")


@pytest.mark.parametrize("example", [EXAMPLE, SECOND], ids=lambda path: path.name)
def test_the_examples_agree(example: Path) -> None:
    """So do both examples."""
    assert [*contradictions(Told(kg.load(example)))] == []


def test_the_table_has_every_negative_sentence() -> None:
    """A new negative sentence needs a query, or a reason why it says nothing of the record."""
    printed = {*in_source(), *in_templates(), *in_ontology()}
    known = {sentence.text for sentence in table()} | NOT_OF_THE_RECORD
    assert printed - known == set()
    built = {
        "0 conflicts",
        "a date",
        "a second witness",
        "its place in the source",
    }  # from parts, or without such a word
    assert known - printed == built
    assert {sentence.where for sentence in table()} == WHERE.keys()


# ---------------------------------------------------------------- a contradiction is found

ROWS = (
    "id: one, agent: a, role: carmaker, target: car, from: 2019, said-by: b",
    "id: two, re: one, stance: denies, said-by: c",
    "id: deal, agent: b, role: retailer, target: car, when: 2021-03",
    "id: rumour, agent: c, role: retailer, target: car-x, when: 2021-03, said-by: insider",
    "id: works, agent: a, role: parts-supplier, target: car-x, from: 2018",
    "id: old, event: launch, about: car, when: 2020",
    "id: new, event: launch, about: car, when: 2021",
    "id: goal, about: shop, measure: stores-selling, value: 100 stores, by: 2020-12, modality: planned",
)
TAMPERED = {
    "judged": ("kg:verdict verdict:stated", "kg:verdict verdict:reported"),
    "conflicting": ("kg:clashesWith", "kg:seenAfter"),
    "contested": ("kg:opposes", "kg:seenAfter"),
    "disputes": ("kg:contradicts", "kg:seenAfter"),
    "plans": ("outcome:overdue", "outcome:missed"),
    "gaps": ("kg:asserts", "kg:denies"),
    "footings": ("kg:restsOn", "kg:seenAfter"),
    "one_hop": ('kg:holds "possibly"', 'kg:holds "no"'),
}


@pytest.mark.parametrize("agreement", AGREEMENTS, ids=lambda agreement: agreement.__name__)
def test_what_the_graph_tells_otherwise_is_found(agreement: object, tmp_path: Path) -> None:
    """A graph in which one word is another contradicts the reports."""
    editor = source(
        "s2", "2024", "subject: s1/one, relation: in-tension-with, object: s1/deal", publisher="editor", kind="editor"
    )
    graph = kg.load(make_project(tmp_path, *ROWS, claims__s2_yaml=editor))
    told, trig = Told(graph), graph.export("trig")
    assert [*agreement(told)] == []  # type: ignore[operator]
    before, after = TAMPERED[agreement.__name__]  # type: ignore[attr-defined]
    assert before in trig
    told.read(trig.replace(before, after))
    assert [*agreement(told)]  # type: ignore[operator]
