"""A claim as text: dates in words in sentences, ISO in fields; who opposes, what ended it; attributes for networks."""

from __future__ import annotations

from pathlib import Path

import pytest

import kg
from kg.commands.comparison import plan_lines
from kg.commands.inquiry import explanation_lines
from kg.model.dates import read_interval
from kg.model.sentences import in_words, spelled
from kg.reports.telling import Teller
from projects import find, make_project, source


def lines(graph: kg.Graph, id: str) -> list[str]:
    """Return what ``kg why`` prints, without indentation."""
    return [line.strip() for told in graph.why(id).explanations for line in explanation_lines(told)]


@pytest.mark.parametrize(
    ("written", "field", "sentence"),
    [
        ("2021-04-20", "2021-04-20", "20 April 2021"),
        ("2021-04-20~", "about 2021-04-20", "about 20 April 2021"),
        ("2021-04?", "probably 2021-04", "probably 2021-04"),
        ("2021-Q4%", "probably about 2021-Q4", "probably about 2021-Q4"),
        ("2021-04-01/2021-04-20?", "between 2021-04-01 and probably 2021-04-20", "between 1 April 2021 and probably 20 April 2021"),
        ("../2021-04-20", "not after 2021-04-20", "not after 20 April 2021"),
    ],
)  # fmt: skip
def test_dates_in_fields_and_in_sentences(written: str, field: str, sentence: str) -> None:
    """Only days have words of their own; how sure a date is has words in both."""
    date = read_interval(written)
    assert (spelled(date), in_words(date)) == (field, sentence)


@pytest.mark.parametrize(
    ("dates", "sentence"),
    [
        ("when: 2020-03-25", "Alpha launches Car One on 25 March 2020"),
        ("when: 2020-03", "Alpha launches Car One in 2020-03"),
        ("by: 2022-03-25, modality: planned", "Alpha launches Car One by 25 March 2022"),
    ],
)
def test_a_day_in_a_sentence(tmp_path: Path, dates: str, sentence: str) -> None:
    """A day is on, a month is in; the data has the day as it is written."""
    graph = kg.load(make_project(tmp_path, f"id: x, event: launch, agent: a, about: car, {dates}"))
    (told,) = graph.why("s1/x").explanations
    assert told.statement == sentence
    assert told.when.rpartition(" ")[2] == next(one.value for one in told.content if one.value[:2] == "20")
    assert graph.timeline("car").entries[0].sentence == sentence


def test_all_that_a_row_says_is_printed(tmp_path: Path) -> None:
    """Each key under its label, the source's words in quotation marks, a quote with its check, how sure a date is."""
    row = (
        "id: x, agent: a, role: retailer, target: car, from: 2022-03-25~, modality: planned, plan-of: b, hedge: may, "
        "if: it sells, said-when: 2021-05-02, quote: We may sell it., when-term: next spring, at: par3"
    )
    found = lines(kg.load(make_project(tmp_path, row)), "s1/x")
    assert found[0] == "Alpha retails Car One from 25 March 2022"
    for line in (
        "1. The Paper (the source's own words) says so, as a plan, hedged “may”, if it sells",
        "in “Title of s1”, The Paper, 2021-05, paragraph 3",
        "plan of: Beta",
        "said when: 2 May 2021",
        "wording of the time: “next spring”",
        "quote: “We may sell it.”",
        "check: not checked here",
        "from as written: about 25 March 2022",
    ):
        assert line in found


def test_both_sides_and_what_ended_a_claim(tmp_path: Path) -> None:
    """A claim that was corrected says by whom; a proposition lists the claims against it."""
    later = source(
        "s2", "2021-06-07", "id: y, agent: b, role: brand-owner, target: brand-a, corrects: s1/x",
        "id: z, agent: b, role: retailer, target: car, stance: denies, said-by: b",
    )  # fmt: skip
    rows = ("id: x, agent: a, role: brand-owner, target: brand-a", "id: r, agent: b, role: retailer, target: car")
    graph = kg.load(make_project(tmp_path, *rows, claims__s2_yaml=later))
    assert "no longer counts: corrected by s2/y (The Paper, 7 June 2021)" in lines(graph, "s1/x")
    teller = Teller(graph.judge, graph.judgements)
    told = teller.proposition(find(graph, "Beta retails Car One"))
    assert [(one.voice.id, one.against, one.why) for one in told.against] == [("s2/z", "s1/r", "denied")]
    assert {voice.verdict for voice in told.voices} == {"contested"}


def test_attributes_of_a_line(tmp_path: Path) -> None:
    """Ids and notations; several claims are joined; what is absent is absent."""
    row = "agent: a, role: supplier, target: car, component: motor, counterparty: b, territory: china, from: 2020-03"
    later = source("s2", "2021-06", f"{row}, said-by: boss, term: maker", publisher="b")
    graph = kg.load(make_project(tmp_path, row, claims__s2_yaml=later))
    edges = [data for *_, data in graph.to_networkx().edges(data=True)]
    assert {data["label"] for data in edges} == {"supplies", "in"}
    for data in edges:
        assert (data["role"], data["component"], data["counterparty"], data["territory"]) == (
            "supplier", "motor", "b", "china",
        )  # fmt: skip
        assert (data["from"], data["sources"], data["said-by"], data["term"], data["claim-term"]) == (
            "2020-03-01", "s1|s2", "boss|paper", "supplier", "maker",
        )  # fmt: skip
        assert not {"until", "share", "id"} & data.keys()
        assert all(data.values())


def test_copies_are_one_witness(tmp_path: Path) -> None:
    """Two copies of a document count once: in a cell of the matrix, and behind the verdict."""
    row = "agent: a, role: retailer, target: car"
    copies = {
        f"claims__s{n}_yaml": source(f"s{n}", f"2021-0{n + 4}", row).replace("kind:", "copy-of: s1, kind:")
        for n in (2, 3)
    }
    graph = kg.load(make_project(tmp_path, f"id: x, {row}", **copies))
    (cell,) = [said for block in graph.matrix().blocks for row in block.rows for said in row.cells.get("a", ())]
    assert (len(cell.sources), cell.origins, cell.against_origins) == (3, ("paper",), ())
    assert "asserted in 3 documents, which go back to 1 origin" in lines(graph, "s1/x")


@pytest.mark.parametrize(
    ("row", "planner"),
    [
        ("agent: a, role: retailer, target: car", ()),
        ("agent: a, role: retailer, target: car, said-by: insider", ()),
        ("agent: a, role: retailer, target: car, said-by: b", ()),
        ("agent: a, role: retailer, target: car, plan-of: b", ("Beta",)),
        ("agent: a, role: retailer, target: car, said-by: a", ("Alpha",)),
        ("agent: a, role: retailer, target: car, said-by: boss", ("The Boss",)),
        ("about: brand-a, measure: units-sold, value: 500 vehicles, said-by: boss", ("The Boss",)),
        ("about: brand-a, measure: units-sold, value: 500 vehicles, said-by: b", ()),
        ("agent: b, role: supplier, target: car, counterparty: a, said-by: a", ()),
        ("event: founding, about: deal, parties: a|b, said-by: a", ("Alpha",)),
        ("event: founding, about: deal, parties: a|b, said-by: insider", ()),
    ],
)
def test_whose_plan_it_is(tmp_path: Path, row: str, planner: tuple[str, ...]) -> None:
    """Whose the row says, else the speaker's, if it speaks of itself; never the reporter's, nor a subsidiary's."""
    known = (
        "agent: boss, role: office-holder, target: a",
        "subject: brand-a, relation: brand-of, object: a",
        "subject: b, relation: subsidiary-of, object: a",
    )
    graph = kg.load(make_project(tmp_path, *known, f"{row}, modality: planned"))
    (plan,) = graph.plans()
    assert plan.plan_of == planner
    assert ("whose plan: not told" in "\n".join(plan_lines([plan]))) == (not planner)
