"""What two or more origins say alike: whole statements, and what different statements have in common."""

from pathlib import Path

import pytest

import kg
from kg.judging.corroboration import Corroboration
from kg.judging.qualifiers import qualified
from kg.judging.verdicts import Judge
from kg.model.sentences import Sentences
from projects import find, make_project, soon, source

BUILDS = "agent: a, role: contract-manufacturer, target: car"
WHOLE = "Alpha is the contract manufacturer of Car One"
PARTNER = "agent: a, role: business-partner, counterparty: "


def graph_of(folder: Path, *rows: str, published: tuple[str, ...] = ("2021-05", "2021-06", "2021-07")) -> kg.Graph:
    """Return a project in which each row is in a document of another publisher."""
    files = {
        f"claims__d{n}_yaml": source(f"d{n}", day, row, publisher=publisher)
        for n, (row, day, publisher) in enumerate(zip(rows, published, ("paper", "b", "c"), strict=False))
    }
    return kg.load(make_project(folder, **files))


def parts(graph: kg.Graph) -> dict[str, Corroboration]:
    """Return what is corroborated beside whole statements, by its sentence."""
    found = (part for judgement in graph.judgements.values() for part in judgement.parts)
    return {Sentences(graph.world).sentence(part.part): part for part in found}


def corroborated(graph: kg.Graph) -> int:
    """Return how many statements are corroborated."""
    words = [{term.notation for term in judgement.qualifiers} for judgement in graph.judgements.values()]
    return sum("corroborated" in some for some in words)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("from: 2019, counterparty: b", "from: 2019, territory: china", f"{WHOLE} from 2019"),
        ("from: 2019-03, counterparty: b", "from: 2019, territory: china", f"{WHOLE} from 2019"),
        ("from: 2018, counterparty: b", "from: 2019, counterparty: b", f"{WHOLE} for Beta"),
        ("counterparty: b", "counterparty: c", WHOLE),
        ("counterparty: b", "counterparty: b", ""),
        ("", "counterparty: b, from: 2019", ""),
        ("until: 2019", "when: 2020", ""),
        ("until: 2019", "when: 2019-06", WHOLE),
        ("from: 2015, until: 2016", "counterparty: b", ""),
        ("from: 2015, until: 2016", "counterparty: b, modality: planned", ""),
        ("modality: planned, by: 2024, counterparty: b", "modality: planned, by: 2024, territory: china", f"{WHOLE} by 2024"),
        ("counterparty: b", "territory: china, stance: denies", ""),
    ],
)  # fmt: skip
def test_two_corroborate_what_both_say(tmp_path: Path, one: str, other: str, expected: str) -> None:
    """What both have, of two values the wider, if what they say can be of one time and has one modality."""
    graph = graph_of(tmp_path, *(", ".join(filter(None, (BUILDS, text))) for text in (one, other)))
    assert [*parts(graph)] == [expected] * bool(expected)
    if expected:
        assert corroborated(graph) == 2
        assert {*parts(graph)[expected].origins} == {"https://example.org/t/id/b", "https://example.org/t/id/paper"}


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        (f"{PARTNER}b, from: 2019", f"{PARTNER}c, from: 2019", False),
        (f"{PARTNER}b, from: 2019", f"{PARTNER}b, territory: china", True),
        ("event: acquisition, about: works, agent: a, when: 2019", "event: acquisition, about: works, agent: b, when: 2019", False),
        ("event: launch, about: car, agent: a", "event: launch, about: car, territory: china", True),
        ("event: launch, about: car, agent: a, when: 2019", "event: launch, about: car, territory: china, when: 2020", False),
        ("about: car, measure: units-sold, value: 5 vehicles, when: 2020, territory: china", "about: car, measure: units-sold, value: 5 vehicles, when: 2020, segment: exports", False),
    ],
)  # fmt: skip
def test_what_may_be_two_things_has_no_common_part(tmp_path: Path, one: str, other: str, shared: bool) -> None:
    """Partners of two firms, purchases by two, sales of two kinds; but one event can be told with different keys."""
    assert bool(parts(graph_of(tmp_path, one, other))) == shared


def test_one_origin_corroborates_nothing(tmp_path: Path) -> None:
    """A retelling, and a document of the same publisher."""
    rows = (f"{BUILDS}, counterparty: b", f"{BUILDS}, territory: china, said-by: paper")
    assert not parts(graph_of(tmp_path, *rows))


def test_each_statement_is_told_by_its_largest_part(tmp_path: Path) -> None:
    """A third telling that shares less adds a part for itself, and takes none from the others."""
    rows = (
        f"{BUILDS}, from: 2019, counterparty: b",
        f"{BUILDS}, from: 2019, territory: china",
        f"{BUILDS}, component: motor",
    )
    graph = graph_of(tmp_path, *rows)
    assert {sentence: len(part.claims) for sentence, part in parts(graph).items()} == {
        f"{WHOLE} from 2019": 2,
        WHOLE: 3,
    }


def test_a_part_that_a_statement_says_is_no_node(tmp_path: Path) -> None:
    """The statement has the witnesses; the two that share it stay corroborated, and the graph has no second sentence."""
    rows = (
        f"{BUILDS}, from: 2019, counterparty: b",
        f"{BUILDS}, from: 2019, territory: china",
        f"{BUILDS}, from: 2019",
    )
    graph = graph_of(tmp_path, *rows)
    assert (corroborated(graph), [part.on_record for part in parts(graph).values()]) == (3, [True])
    assert not list(graph.query("SELECT ?c { ?c a kg:Corroboration }"))
    assert [(row["statement"], row["documents"], row["origins"]) for row in graph.ask("corroborated")] == [
        (f"{WHOLE} from 2019", 3, 3)
    ]


def test_the_graph_says_what_is_corroborated_and_by_what(tmp_path: Path) -> None:
    """Its sentence, the weaker verdict, keys whose values are at the propositions, claims, origins; no third proposition."""
    rows = (f"{BUILDS}, from: 2019, counterparty: b", f"{BUILDS}, from: 2019, territory: china, said-by: insider")
    graph = graph_of(tmp_path, *rows)
    (row,) = graph.query(
        "SELECT ?label (SAMPLE(?word) AS ?verdict) (COUNT(DISTINCT ?claim) AS ?claims) (COUNT(DISTINCT ?origin) AS ?origins)"
        " (GROUP_CONCAT(DISTINCT ?name; separator=' ') AS ?keys) { ?c a kg:Corroboration ; rdfs:label ?label ;"
        " kg:weakestVerdict/skos:notation ?word ; kg:agreeingClaim ?claim ; kg:agreeingOrigin ?origin ;"
        " kg:agreesOn/skos:notation ?name ; kg:corroborates ?p . ?p kg:from '2019'^^edtf:EDTF } GROUP BY ?label"
    )
    assert (row["label"], row["verdict"], row["claims"], row["origins"]) == (f"{WHOLE} from 2019", "reported", 2, 2)
    assert {*str(row["keys"]).split()} == {"agent", "role", "target", "from"}
    assert [row["n"] for row in graph.query("SELECT (COUNT(DISTINCT ?p) AS ?n) { ?p kg:role ?r }")] == [2]
    assert [row["statement"] for row in graph.ask("corroborated")] == [f"{WHOLE} from 2019"]


def test_why_tells_the_part_and_the_rest(tmp_path: Path) -> None:
    """With the number of origins, and how many witnesses the other keys have."""
    rows = (f"{BUILDS}, from: 2019, counterparty: b", f"{BUILDS}, from: 2019, territory: china")
    first, second = graph_of(tmp_path, *rows).why("a", "car").explanations
    assert [(part.statement, part.origins, part.documents) for part in first.parts] == [(f"{WHOLE} from 2019", 2, 2)]
    assert {first.rest, second.rest} == {("counterparty",), ("territory",)}
    assert first.witnesses == second.witnesses == 1


def test_what_had_ended_does_not_support_what_was_seen_later(tmp_path: Path) -> None:
    """An undated article is of its day: one of 2015 fits what ended in 2016, one of 2021 does not."""
    for day, supported in (("2015-06", True), ("2021-05", False)):
        rows = (BUILDS, f"{BUILDS}, from: 2014, until: 2016")
        graph = graph_of(tmp_path / day, *rows, published=(day, "2021-06"))
        proposition = find(graph, WHOLE)
        assert (proposition.iri in Judge(graph.world).corroborations.whole) == supported


def test_many_tellings_of_one_slot_are_compared_in_little_time(tmp_path: Path) -> None:
    """Each with a day of its own, and half of them within a deal: the work grows with their number."""
    days = [f"20{year:02}-{month:02}-{day:02}" for year in range(20) for month in range(1, 13) for day in range(1, 28)]
    rows = [f"{BUILDS}, from: {day}{', within: deal' if n % 2 else ''}" for n, day in enumerate(days)]
    half = len(rows) // 2
    files = {
        "claims__d0_yaml": source("d0", "2021-05", *rows[:half]),
        "claims__d1_yaml": source("d1", "2021-06", *rows[half:], publisher="b"),
    }
    graph = kg.load(make_project(tmp_path, **files))
    judge = Judge(graph.world)
    assert len(judge.judgements) == len(rows)
    with soon(20):
        assert sum(len(judgement.parts) for judgement in qualified(judge).values()) == half + len(rows)
    assert {len(part.claims) for part in judge.corroborations.parts} == {half, len(rows)}


# ------------------------------------------------------------------ how many an unnamed speaker stands for


@pytest.mark.parametrize(
    ("number", "witnesses", "anonymous"),
    [
        ("one", 1, True), ("1 unnamed", 1, True), ("several", 2, False), ("some", 1, False), ("at least 1", 1, False),
        ("at least 3", 3, False), ("4 unnamed", 4, False), ("", 1, False),
    ],
)  # fmt: skip
def test_how_many_an_unnamed_speaker_stands_for(tmp_path: Path, number: str, witnesses: int, anonymous: bool) -> None:
    """It is one origin; as a witness it counts as many as it stands for, and is anonymous and one only if told so."""
    make_project(tmp_path, f"{BUILDS}, said-by: voices")
    stands = f", stands-for: {number}" if number else ""
    with (tmp_path / "entities.yaml").open("a", encoding="utf-8") as file:
        file.write(f"voices: {{type: unnamed-source, en: voices{stands}}}\n")
    graph = kg.load(tmp_path)
    judge = Judge(graph.world)
    assert judge.origins.count_witnesses(graph.world.claims) == witnesses
    assert len(judge.origins.witnesses(graph.world.claims)) == 1
    asked = [str(row["footing"]).rpartition("/")[2] for row in graph.ask("resting-on")]
    assert asked == ["one-anonymous"] * anonymous
    assert corroborated(graph) == 0


# ------------------------------------------------------------------ what is told second-hand


@pytest.mark.parametrize(
    ("first", "ender", "ended"),
    [
        ((f"id: x, {BUILDS}",), "re: s1/x, retracts: s1/x", {"s1/x", "s2/y", "s3/z"}),
        ((f"id: x, {BUILDS}",), f"{BUILDS}, from: 2019, corrects: s1/x", {"s1/x", "s2/y", "s3/z"}),
        ((f"id: x, {BUILDS}", f"{BUILDS}, said-by: boss"), "re: s1/x, retracts: s1/x", {"s1/x"}),
        ((f"id: x, {BUILDS}, from: 2019",), "re: s1/x, retracts: s1/x", {"s1/x"}),
        ((f"id: x, {BUILDS}",), "re: s2/y, retracts: s2/y", {"s2/y", "s3/z"}),
        ((f"id: x, {BUILDS}",), BUILDS, set()),
    ],
)
def test_what_is_told_second_hand_falls_with_its_origins(
    tmp_path: Path, first: tuple[str, ...], ender: str, ended: set[str]
) -> None:
    """With the last claim of the cited document that says the same; if that document has none, it stays."""
    files = {
        "claims__s2_yaml": source("s2", "2021-06", f"id: y, {BUILDS}, second-hand: s1", publisher="b"),
        "claims__s3_yaml": source("s3", "2021-07", f"id: z, {BUILDS}, second-hand: s2", publisher="c"),
        "claims__s4_yaml": source("s4", "2021-08", ender, publisher="b" if "s2" in ender else "paper"),
    }
    graph = kg.load(make_project(tmp_path, *first, **files))
    judge = Judge(graph.world)
    assert {f"{judge.by_iri[iri].source.id}/{judge.by_iri[iri].text('id')}" for iri in judge.retired} == ended
    verdicts = {ending.verdict.notation for ending in judge.retired.values()}
    assert verdicts == ({"corrected"} if "corrects" in ender else {"retracted"} if ended else set())


def test_why_tells_with_what_a_repetition_ended(tmp_path: Path) -> None:
    """The claim that it repeats, and how that ended; in the graph it is ended by the same claim."""
    files = {
        "claims__s2_yaml": source("s2", "2021-06", f"id: y, {BUILDS}, second-hand: s1", publisher="b"),
        "claims__s4_yaml": source("s4", "2021-08", "id: w, re: s1/x, retracts: s1/x"),
    }
    graph = kg.load(make_project(tmp_path, f"id: x, {BUILDS}", **files))
    told = {voice.id: voice.ended for voice in graph.why("s2/y").explanations[0].voices}
    assert told["s2/y"] == f"it repeats s1/x, which was {told['s1/x']}"
    assert told["s1/x"] == "taken back by s4/w (The Paper, 2021-08)"
    rows = graph.query("SELECT ?old ?new { ?claim kg:endedBy ?by . ?claim kg:handle ?old . ?by kg:handle ?new }")
    assert sorted((row["old"], row["new"]) for row in rows) == [("x", "w"), ("y", "w")]
