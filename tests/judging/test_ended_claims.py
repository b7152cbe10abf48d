"""No answer about the present lists a claim that was superseded, retracted or corrected without saying so.

Three small projects are compared: one with claims that a later source ends, one in which nothing is ended, and one that
never had them. What the first has more than the last must say that it is ended; and the second shows that it would
have been there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from test_questions import QUESTIONS, Engine

import kg
from kg.commands.comparison import gap_lines, plan_lines
from kg.sparql.questions import Question
from kg.views.evidence import build_evidence
from projects import ENTITIES, make_project, source

MORE = "car-two: {type: model, en: Car Two}\ncar-three: {type: model, en: Car Three}\nbrand-b: {type: brand, en: Beta Badge}\n"
ENDS = ("supersedes", "retracts", "corrects")

# What nobody takes back.
STANDS = (
    "subject: car, relation: model-of, object: brand-a",
    "subject: car-two, relation: model-of, object: brand-b",
    "subject: car, relation: part-of-total, object: b",
    "agent: a, role: battery-supplier, target: car-two",
    "agent: b, role: model-developer, target: car-x",
    "agent: c, role: contract-manufacturer, target: car-x",
    "about: a, measure: units-sold, value: 50 vehicles, when: 2020-03",
    "about: b, measure: units-sold, value: 100 vehicles, when: 2020-03",
    "about: car-two, measure: price, value: 7 CNY, when: 2020-03",
)
# What the later source ends: something for every question, command and rule.
FALLS = (
    "subject: car, relation: model-of, object: brand-a",
    "agent: a, role: supplier, target: car, component: motor",
    "agent: a, role: retailer, target: car-two",
    "agent: b, role: brand-owner, target: brand-a",
    "agent: b, role: contract-manufacturer, target: car, counterparty: a",
    "agent: b, role: contract-manufacturer, target: car-three, said-by: b",
    "agent: c, role: contract-manufacturer, target: car-x, stance: denies",
    "agent: b, role: model-developer, target: car-x, stance: denies, modality: policy",
    "agent: c, role: carmaker, target: car-three, said-by: insider",
    "agent: c, role: carmaker, target: car, second-hand: unseen",
    "about: shop, measure: stores-selling, value: 200 stores, by: 2020-07, modality: planned",
    "about: a, measure: units-sold, value: 1000 vehicles, when: 2020, modality: target",
    "about: b, measure: units-sold-growth, value: 10%, when: 2020-03, versus: 2019-03",
    "about: car, measure: units-sold, value: 500 vehicles, when: 2020-03",
    "about: car-two, measure: price, value: 9 CNY, when: 2020-03",
    "event: naming, about: brand-a, name: Old Badge",
)
GONE = {"superseded", "retracted", "corrected"}


def project(folder: Path, *, link: str, falls: Iterable[str] = FALLS) -> kg.Graph:
    """Write and read a project whose last source ends what the second says, by a link, or by none."""
    rows = [f"id: f{n}, {row}, at: par{n}" for n, row in enumerate(falls)]
    ended = f", {link}: {'|'.join(f's1/f{n}' for n in range(len(rows)))}" if link else ""
    later = source("s2", "2021-05", f"agent: b, role: plant-operator, target: works, at: par1{ended}")
    stands = source("s0", "2020-09", *(f"{row}, at: par1" for row in STANDS), publisher="editor")
    other = source("s1", "2020-10", *rows) if rows else ""
    files = {"claims__s0_yaml": stands, "claims__s2_yaml": later} | ({"claims__s1_yaml": other} if other else {})
    return kg.load(make_project(folder, entities=ENTITIES + MORE, **files))


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Engine]:
    """Give the projects: one for each way to end a claim, ``counts`` where none is ended, ``never`` without them."""
    folder = tmp_path_factory.mktemp("ended")
    for link in ENDS:
        project(folder / link, link=link)
    project(folder / "counts", link="")
    project(folder / "never", link="", falls=())
    return {name: Engine(folder / name) for name in (*ENDS, "counts", "never")}


def says_ended(question: Question, row: str) -> bool:
    """Tell whether a row says that what it lists no longer counts: by its verdict, or by what ended it."""
    columns = [
        word[1:] for word in question.sparql.split("SELECT", 1)[1].split("WHERE", 1)[0].split() if word[0] == "?"
    ]
    cells = dict(zip((column.rstrip(")") for column in columns), row.split(" | "), strict=False))
    return bool(cells.get("verdict") in GONE or cells.get("ended_by"))


COUNTED = {"evidence-profile"}  # tells how many of the claims no longer count
each_question = pytest.mark.parametrize(
    "question", [q for q in QUESTIONS.values() if q.name not in COUNTED], ids=lambda question: question.name
)


@each_question
@pytest.mark.parametrize("link", ENDS)
def test_a_question_lists_no_ended_claim_as_if_it_counted(
    question: Question, link: str, engines: dict[str, Engine]
) -> None:
    """What is there because of ended claims says that they are ended; without the link it would be there, unmarked."""
    never, counts, ended = (set(engines[name].rows(question, {})) for name in ("never", "counts", link))
    assert [row for row in sorted(ended - never) if not says_ended(question, row)] == []
    assert never <= ended
    assert counts != never, "the project has nothing to show for this question"
    assert not any(says_ended(question, row) for row in counts)


def test_a_profile_of_a_document_counts_what_was_ended(engines: dict[str, Engine]) -> None:
    """The claims stand in the document all the same, and the last column says how many no longer count."""
    question = QUESTIONS["evidence-profile"]
    for link in ENDS:
        rows = [row.split(" | ") for row in engines[link].rows(question, {}) if row.startswith(":s1")]
        assert sum(int(row[-1]) for row in rows) == len(FALLS)
    assert all(row.endswith(" | 0") for row in engines["counts"].rows(question, {}))


# ------------------------------------------------------------------ roles that are over

HELD = (
    "agent: a, role: supplier, target: car, component: motor",
    "agent: a, role: retailer, target: car-two",
    "agent: b, role: brand-owner, target: brand-a",
    "agent: b, role: contract-manufacturer, target: car, counterparty: a",
    "agent: b, role: buy-out-owner, target: car-x",
    "agent: b, role: buy-out-owner, target: car-x, stance: denies",
)
ROLES = (
    "brand-owners", "components-supplied", "contested-roles", "contract-manufacturers", "exposure-to", "oems", "roles-of",
    "roles-on", "shared-suppliers", "shortcuts", "single-source-components", "supplier-and-shop", "suppliers-of",
)  # fmt: skip


@pytest.fixture(scope="module")
def terms(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Engine]:
    """Give projects in which roles are held still, are over, or are planned for later, and one without them."""
    folder = tmp_path_factory.mktemp("terms")
    dates = {"held": "from: 2020", "over": "until: 2020-03", "planned": "from: 2030, modality: planned"}
    for name, date in dates.items():
        project(folder / name, link="", falls=[f"{row}, {date}" for row in HELD])
    project(folder / "never", link="", falls=())
    return {name: Engine(folder / name) for name in (*dates, "never")}


@pytest.mark.parametrize("name", ROLES)
def test_a_role_that_is_over_is_not_listed(name: str, terms: dict[str, Engine]) -> None:
    """What was held until a day before the as-of day is gone from questions about roles; what is held is there."""
    never, held, over = (set(terms[project_].rows(QUESTIONS[name], {})) for project_ in ("never", "held", "over"))
    assert over <= never
    assert held - never


@pytest.mark.parametrize(
    "name", ["roles-of", "roles-on", "suppliers-of", "components-supplied", "brand-owners", "oems"]
)
def test_a_plan_for_later_is_listed_as_a_plan(name: str, terms: dict[str, Engine]) -> None:
    """A role that nobody holds yet is no role of today, but it is still a plan."""
    never, planned = (set(terms[project_].rows(QUESTIONS[name], {})) for project_ in ("never", "planned"))
    assert planned - never
    assert all("planned" in row or "contested" in row or "denied" in row for row in planned - never)


@pytest.mark.parametrize("link", ["", *ENDS])
def test_plans_fall_due_on_the_day_that_kg_plans_names(link: str, engines: dict[str, Engine]) -> None:
    """The questions about plans and ``kg plans`` agree on which plans there are, and when each is due."""
    engine = engines[link or "counts"]
    told = {(report.due, report.plan) for report in engine.graph.plans() if report.due}
    asked = {tuple(row.split(" | ")[2:4]) for row in engine.rows(QUESTIONS["due-in"], {})}
    assert asked == told
    assert bool(told) == (not link)


# ------------------------------------------------------------------ commands


def matrix_cells(graph: kg.Graph) -> set[str]:
    """Return what stands in each cell of the matrix."""
    return {
        f"{block.id} {row.id} {agent} {said.verdict} {said.sentences} {said.sources} {said.against}"
        for block in graph.matrix().blocks
        for row in block.rows
        for agent, cell in row.cells.items()
        for said in cell
    }


def timelines(graph: kg.Graph) -> set[str]:
    """Return the lines of every timeline; a publication is a fact whatever became of its claims."""
    entries = {entry for entity in graph.world.entities for entry in graph.timeline(entity).entries}
    return {f"{entry.verdict} {entry.sentence} {entry.sources}" for entry in entries if entry.kind != "publication"}


def gap_statements(graph: kg.Graph) -> set[str]:
    """Return what is said of statements that stand on little, and of cells that nobody fills."""
    return set(gap_lines(graph.gaps(), limit=None))


def plan_statements(graph: kg.Graph) -> set[str]:
    """Return what ``kg plans`` tells."""
    return set(plan_lines(graph.plans()))


def conflict_sides(graph: kg.Graph) -> set[str]:
    """Return both sides of every conflict."""
    return {
        f"{c.rule} {side.statement} {side.source} {c.pairs} {side.ended}"
        for c in graph.conflicts()
        for side in (c.one, c.other)
    }


def whys(graph: kg.Graph) -> set[str]:
    """Return every claim as ``kg why`` shows it."""
    return {
        f"{voice.statement} {voice.source} {voice.ended}"
        for proposition in graph.world.propositions
        for explanation in graph.why(proposition.iri.rsplit("/", 1)[-1]).explanations
        for voice in (*explanation.voices, *explanation.finer, *(against.voice for against in explanation.against))
    }


def edges(graph: kg.Graph) -> set[str]:
    """Return the edges of the network."""
    return {f"{edge['sentence']} {edge['verdict']}" for _, _, edge in graph.to_networkx().edges(data=True)}


def claims_in_page(graph: kg.Graph) -> set[str]:
    """Return the claims as the panel of the page is told of them."""
    told = build_evidence(graph.world, graph.judgements).values()
    return {
        f"{entry['sentence']} {claim['source']['id']} {[ending['how'] for ending in claim['ended']]}"
        for entry in told
        for claim in entry["claims"]
    }


TELLERS = (matrix_cells, timelines, gap_statements, plan_statements, conflict_sides, whys, edges, claims_in_page)
WORDS = ("superseded", "retracted", "corrected", "overtaken", "taken back")


@pytest.mark.parametrize("tell", TELLERS, ids=lambda tell: tell.__name__)
@pytest.mark.parametrize("link", ENDS)
def test_a_command_shows_no_ended_claim_as_if_it_counted(
    tell: Callable[[kg.Graph], set[str]], link: str, engines: dict[str, Engine]
) -> None:
    """As for questions: what ended claims leave behind says that they are ended."""
    never, counts, ended = (tell(engines[name].graph) for name in ("never", "counts", link))
    assert [line for line in sorted(ended - never) if not any(word in line for word in WORDS)] == []
    assert counts - never, "the project has nothing to show for this command"
    assert not any(word in line for line in counts for word in WORDS)
