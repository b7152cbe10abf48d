"""What stands beside a verdict: qualifiers, what ended a claim, and whether a proposition reaches a day."""

from pathlib import Path

import pytest

import kg
from kg.judging.verdicts import Judge
from kg.model.dates import Date, inside, precedes, read_interval
from projects import find, make_project, source

BUILDS = "agent: a, role: contract-manufacturer, target: car"
SENTENCE = "Alpha is the contract manufacturer of Car One"


def qualifiers(graph: kg.Graph, sentence: str = SENTENCE) -> set[str]:
    """Return the qualifiers of the proposition that reads so."""
    return {term.notation for term in graph.judgements[find(graph, sentence).iri].qualifiers}


def other(*rows: str, publisher: str = "b", id: str = "s2", kind: str = "article") -> str:
    """Return a source of another publisher, a month later."""
    return source(id, "2021-06", *rows, publisher=publisher, kind=kind)


@pytest.mark.parametrize(
    ("second", "corroborated"),
    [
        (other(BUILDS), True),
        (other(BUILDS, publisher="paper"), False),
        (other(f"{BUILDS}, said-by: paper"), False),
        (other(BUILDS, kind="editor"), False),
        (other(f"{BUILDS}, modality: planned"), False),
        (other(f"stance: denies, {BUILDS}"), False),
        (other(f"{BUILDS}, counterparty: b, from: 2020"), True),
        (other("agent: c, role: contract-manufacturer, target: car"), False),
        (other("agent: a, role: carmaker, target: car"), False),
    ],
)
def test_corroborated_by_another_origin_in_these_words_or_finer(
    tmp_path: Path, second: str, corroborated: bool
) -> None:
    """Who shares a publisher or a speaker is one witness; an editor is none; a plan does not corroborate a fact."""
    graph = kg.load(make_project(tmp_path, BUILDS, claims__s2_yaml=second))
    assert ("corroborated" in qualifiers(graph)) == corroborated


@pytest.mark.parametrize(
    ("coarser", "finer", "supported"),
    [
        ("when: 2021", "when: 2021-03", True),
        ("when: 2021-03", "when: 2021", False),
        ("from: 2021", "from: 2021-02", True),
        ("from: 2021, until: 2022", "from: 2021-02", False),
        ("from: 2020", "from: 2021-02", False),
        ("", "from: 2021-02, component: motor", True),
        ("territory: china", "", False),
    ],
)
def test_finer_wordings_support_coarser_ones(tmp_path: Path, coarser: str, finer: str, supported: bool) -> None:
    """Every key of the coarser is in the finer, with the same value or a date that lies inside."""
    rows = [
        ", ".join(filter(None, (BUILDS, "id: x" if not n else "", text))) for n, text in enumerate((coarser, finer))
    ]
    graph = kg.load(make_project(tmp_path, rows[0], claims__s2_yaml=other(rows[1])))
    (claim,) = (claim for claim in graph.world.claims if claim.text("id") == "x")
    judge = Judge(graph.world)
    assert (claim.proposition.iri in judge.corroborations.whole) == supported
    assert len({claim.source.id for claim in judge.corroborations.supporters(claim.proposition)}) == 1 + supported


def test_a_part_does_not_support_the_whole(tmp_path: Path) -> None:
    """What was sold in one territory is not what was sold."""
    row = "about: car, measure: units-sold, value: 5 vehicles, when: 2021-03"
    graph = kg.load(make_project(tmp_path, row, claims__s2_yaml=other(f"{row}, territory: china")))
    assert not any(judgement.qualifiers for judgement in graph.judgements.values())


def test_revised_declined_and_searched_for(tmp_path: Path) -> None:
    """One assertion ended while another stands, somebody asked, somewhere searched: each is told beside the verdict."""
    later = other(
        f"{BUILDS}, said-by: boss, corrects: s1/x",
        f"stance: declines, {BUILDS}, said-by: a",
        f"stance: silent, {BUILDS}",
        publisher="paper",
    )
    graph = kg.load(make_project(tmp_path, f"id: x, {BUILDS}", claims__s2_yaml=later))
    assert qualifiers(graph) == {"revised", "no-comment", "not-found"}
    assert graph.judgements[find(graph, SENTENCE).iri].verdict.notation == "stated"


@pytest.mark.parametrize("relation", ["compatible-with", "preferred-to"])
def test_an_editor_settles_and_the_verdict_stays(tmp_path: Path, relation: str) -> None:
    """A settlement is a claim of its own: told beside the verdict, which shows both sides still."""
    denial = other(f"id: y, stance: denies, {BUILDS}")
    editor = other(f"subject: s1/x, relation: {relation}, object: s2/y", publisher="editor", id="ed", kind="editor")
    graph = kg.load(make_project(tmp_path, f"id: x, {BUILDS}", claims__s2_yaml=denial, claims__ed_yaml=editor))
    assert qualifiers(graph) == {"settled"}
    assert graph.judgements[find(graph, SENTENCE).iri].verdict.notation == "contested"


def test_queries_see_what_is_current(tmp_path: Path) -> None:
    """The derived graph says which claim was ended by which, as ``kg why`` does."""
    later = other(f"id: y, {BUILDS}, said-by: boss, retracts: s1/x", publisher="paper")
    graph = kg.load(make_project(tmp_path, f"id: x, {BUILDS}", claims__s2_yaml=later))
    (row,) = graph.query("SELECT ?old ?new { ?claim kg:endedBy ?by . ?claim kg:handle ?old . ?by kg:handle ?new }")
    assert row == {"old": "x", "new": "y"}
    (explained,) = graph.why("s1/x").explanations
    assert {voice.id: voice.ended for voice in explained.voices} == {
        "s1/x": "taken back by s2/y (The Boss, 2021-06)",
        "s2/y": "",
    }


# ------------------------------------------------------------------ imprecise dates


@pytest.mark.parametrize(
    ("period", "day", "answer"),
    [
        ("", "2021-04-30", None),
        ("", "2021-05-01", "possibly"),
        ("", "2031-05-01", "possibly"),
        ("from: 2020", "2019-12-31", None),
        ("from: 2020", "2020-05-01", "possibly"),
        ("from: 2020", "2020-12-31", "yes"),
        ("from: 2020", "2021-05-01", "yes"),
        ("from: 2020", "2021-06-01", "possibly"),
        ("from: 2019, until: 2020", "2020-05-01", "possibly"),
        ("from: 2019-01, until: 2020-06-01", "2020-05-31", "yes"),
        ("from: 2019-01, until: 2020-06-01", "2020-06-01", "possibly"),
        ("from: 2019-01, until: 2020-06-01", "2020-06-02", "no"),
        ("from: 2019, until: 2029", "2028-05-01", "possibly"),
        ("until: 2020", "2019-05-01", "possibly"),
        ("until: 2020", "2021-01-01", "no"),
        ("when: 2021-03", "2021-02-28", None),
        ("when: 2021-03", "2021-03-05", "possibly"),
        ("when: 2021-03-05", "2021-03-05", "yes"),
        ("when: 2021-03", "2021-04-01", "possibly"),
        ("from: 2019, modality: planned", "2020-05-01", None),
        ("from: 2019, stance: denies", "2020-05-01", None),
    ],
)
def test_a_state_holds_at_a_day(tmp_path: Path, period: str, day: str, answer: str | None) -> None:
    """Yes, no, possibly, or not told; the source is of May 2021, and nothing is certain after it."""
    row = ", ".join(filter(None, (BUILDS, period)))
    graph = kg.load(make_project(tmp_path, row), as_of=day)
    assert [judgement.holds for judgement in graph.judgements.values()] == [answer]
    assert [row["holds"] for row in graph.query("SELECT ?holds { ?p kg:holds ?holds }")] == [answer] * bool(answer)


@pytest.mark.parametrize(
    ("day", "answer"), [("2021-02-28", None), ("2021-03-05", "possibly"), ("2021-03-31", "yes"), ("2022-01-01", "yes")]
)
def test_what_happened_stays_so(tmp_path: Path, day: str, answer: str | None) -> None:
    """An event and a figure hold from their time on."""
    rows = (
        "event: launch, about: car, when: 2021-03",
        "about: car, measure: units-sold, value: 5 vehicles, when: 2021-03",
    )
    graph = kg.load(make_project(tmp_path, *rows), as_of=day)
    assert [judgement.holds for judgement in graph.judgements.values()] == [answer, answer]


@pytest.mark.parametrize(
    ("first", "second", "answer"),
    [
        ("2020", "2021", "yes"), ("2021", "2020", "no"), ("2021-03", "2021", "possibly"), ("2021-03-01", "2021-03-01", "no"),
        ("../2021", "2021-06", "possibly"), ("2021/..", "2022", "possibly"), ("../2020", "2021", "yes"),
    ],
)  # fmt: skip
def test_one_date_before_another(first: str, second: str, answer: str) -> None:
    """Dates that may share days give no certain answer."""
    assert precedes(read_interval(first), read_interval(second)) == answer


def test_inside_an_open_date_lie_only_dates_that_it_allows() -> None:
    """An open end lies inside an open one only."""
    assert inside(read_interval("2021-03"), read_interval("2021/.."))
    assert inside(read_interval("2021/.."), read_interval("2020/.."))
    assert not inside(read_interval("2021/.."), Date("2021", "2021-01-01", "2021-12-31"))


def test_as_of_leaves_out_what_cannot_hold(tmp_path: Path) -> None:
    """In shortcuts, in the picture and in ``kg:holds`` one day means the same."""
    rows = (f"{BUILDS}, from: 2018, until: 2019", "agent: b, role: contract-manufacturer, target: car, from: 2021-01")
    folder = make_project(tmp_path, *rows)
    ask = "SELECT ?who { ?who kg:contractManufacturerOf ?car }"
    for day, who in (("2019-05-01", "a"), ("2021-05-31", "b")):
        graph = kg.load(folder, as_of=day)
        assert [row["who"] for row in graph.query(ask)] == [f"https://example.org/t/id/{who}"]
        assert [row["n"] for row in graph.query("SELECT (COUNT(*) AS ?n) { ?p kg:ofAnotherDay true }")] == [1]
        assert {edge[0] for edge in graph.to_networkx().edges} == {who}
        assert set(graph.to_networkx()) == {who, "car"}
    assert {edge[0] for edge in kg.load(folder).to_networkx().edges} == {"a", "b"}
