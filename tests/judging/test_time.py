"""When what is stated holds: observations, handovers, ends, beginnings, what was taken back or not found.

Each case gives the claims of some sources, and for some days what holds, what is beside the verdicts, and the one-hop
triples.
"""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

import kg
from kg.model.sentences import Sentences
from projects import make_project, source

Day = dict[str, str | None]
OWNS = "role: brand-owner, target: brand-a"
BUILDS = "role: contract-manufacturer, target: car"
SELLS = "role: retailer, target: car"


@dataclass(frozen=True)
class Case:
    """Sources as publisher, day and rows; by day whether each agent's or subject's states hold, and triples."""

    told: tuple[tuple[str, str, tuple[str, ...]], ...]
    holds: dict[str, Day] = field(default_factory=dict)
    triples: dict[str, set[str]] = field(default_factory=dict)
    beside: dict[str, set[str]] = field(default_factory=dict)  # by qualifier, the sentences
    conflicts: int = 0
    verdicts: set[str] = field(default_factory=lambda: {"stated"})


def graph_of(folder: Path, case: Case, **clocks: str) -> kg.Graph:
    """Return the graph of a case."""
    files = {
        f"claims__t{n}_yaml": source(f"t{n}", published, *rows, publisher=publisher)
        for n, (publisher, published, rows) in enumerate(case.told, 1)
    }
    return kg.load(make_project(folder, **files), **clocks)


def held(graph: kg.Graph) -> dict[str, str | None]:
    """Return by sentence whether each state holds."""
    sentences = Sentences(graph.world)
    return {
        sentences.sentence(p): graph.judgements[p.iri].holds for p in graph.world.propositions if not p.kind.remains
    }


def one_hop(graph: kg.Graph) -> set[str]:
    """Return the cautious one-hop triples as ``near far``, without those of broader roles."""
    found = (line.split(" ") for line in graph.export("ntriples", flat="cautious").splitlines() if "ns#" in line)
    return {" ".join(end.rpartition("/")[2].strip("<>") for end in (near, far)) for near, _, far, *_ in found}


def with_qualifier(graph: kg.Graph, name: str) -> set[str]:
    """Return the sentences that have a qualifier, by query."""
    rows = graph.query(f"SELECT ?s {{ ?p kg:qualifier qualifier:{name} ; rdfs:label ?s }}")
    return {str(row["s"]) for row in rows}


SEEN = Case(
    (("paper", "2021-09", (f"agent: a, {SELLS}, when: 2021-08",)), ("b", "2022-01", (f"agent: b, {BUILDS}",))),
    holds={
        "2021-07-31": {"Alpha retails Car One in 2021-08": None},
        "2021-08-15": {"Alpha retails Car One in 2021-08": "possibly"},
        "2030-01-01": {"Alpha retails Car One in 2021-08": "possibly"},
    },
    triples={"2021-07-31": set(), "2021-09-01": {"a car"}, "2030-01-01": {"a car", "b car"}},
)
CASES = {
    "seen in a month, possible ever after": SEEN,
    "until somebody tells an end": Case(
        (*SEEN.told, ("c", "2022-03", (f"agent: a, {SELLS}, until: 2021-12",))),
        holds={
            "2021-12-15": {"Alpha retails Car One in 2021-08": "possibly"},
            "2022-03-31": {"Alpha retails Car One in 2021-08": "no", "Alpha retails Car One until 2021-12": "no"},
        },
        triples={"2022-03-31": {"b car"}},
    ),
    "an acquisition ends the earlier owner": Case(
        (
            ("paper", "2019-02", (f"agent: a, {OWNS}",)),
            ("b", "2022-10", ("event: acquisition, agent: b, about: brand-a, when: 2022-09", f"agent: b, {OWNS}")),
        ),
        holds={
            "2020-01-01": {"Alpha owns the brand Alpha Badge": "possibly", "Beta owns the brand Alpha Badge": None},
            "2022-12-31": {"Alpha owns the brand Alpha Badge": "no", "Beta owns the brand Alpha Badge": "possibly"},
        },
        triples={"2018-12-31": set(), "2020-01-01": {"a brand-a"}, "2022-12-31": {"b brand-a"}},
    ),
    "an acquisition alone ends the earlier owner": Case(
        (
            ("paper", "2019-02", (f"agent: a, {OWNS}",)),
            ("b", "2022-10", ("event: acquisition, agent: b, about: brand-a, counterparty: a, when: 2022-09",)),
        ),
        holds={
            "2022-08-31": {"Alpha owns the brand Alpha Badge": "possibly"},
            "2022-12-31": {"Alpha owns the brand Alpha Badge": "no"},
        },
        triples={"2022-08-31": {"a brand-a"}, "2022-12-31": set()},
    ),
    "a sale in one year or on one day": Case(
        (("paper", "2023-03", (
            f"agent: a, {OWNS}, until: 2019", f"agent: b, {OWNS}, from: 2019",
            "agent: b, role: plant-owner, target: works, until: 2020-03-01",
            "agent: c, role: plant-owner, target: works, from: 2020-03-01",
        )),),
        triples={"2019-06-30": set(), "2023-03-31": {"b brand-a", "c works"}},
    ),
    "two owners seen on different days": Case(
        (("paper", "2021-04-01", (f"agent: a, {OWNS}",)), ("c", "2021-04-02", (f"agent: b, {OWNS}",))),
        holds={"2021-05-01": {"Alpha owns the brand Alpha Badge": None, "Beta owns the brand Alpha Badge": "possibly"}},
        triples={"2021-04-01": {"a brand-a"}, "2021-05-01": {"b brand-a"}},
        beside={"handover-untold": {"Alpha owns the brand Alpha Badge", "Beta owns the brand Alpha Badge"}},
        conflicts=1,
    ),
    "two owners on one day": Case(
        (("paper", "2021-04", (f"agent: a, {OWNS}, when: 2021-03-01", f"agent: b, {OWNS}, when: 2021-03-01")),),
        triples={"2021-05-01": set()},
        conflicts=1,
        verdicts={"contested"},
    ),
    "an end reaches every telling": Case(
        (
            ("paper", "2016-02", (f"agent: a, {BUILDS}, from: 2015",)),
            ("b", "2020-01", (f"agent: a, {BUILDS}, until: 2019-06-30",)),
        ),
        holds={
            "2016-02-15": {"Alpha is the contract manufacturer of Car One from 2015": "possibly"},
            "2019-01-01": {"Alpha is the contract manufacturer of Car One from 2015": "possibly"},
            "2020-01-31": {"Alpha is the contract manufacturer of Car One from 2015": "no"},
        },
        triples={"2018-06-30": {"a car"}, "2020-01-31": set()},
    ),
    "but not a wider one": Case(
        (
            ("paper", "2019-02", ("agent: a, role: parts-supplier, target: car, from: 2015",)),
            ("b", "2020-01", ("agent: a, role: parts-supplier, target: car, component: motor, until: 2019",)),
        ),
        holds={"2020-01-31": {"Alpha supplies parts for Car One from 2015": "possibly"}},
        triples={"2020-01-31": {"a car"}},
    ),
    "seen after its end": Case(
        (
            ("paper", "2019-02", (f"agent: a, {BUILDS}, until: 2018",)),
            ("b", "2020-05", (f"agent: a, {BUILDS}, when: 2020-04",)),
        ),
        triples={"2020-06-01": {"a car"}},
        beside={
            "seen-after-end": {
                "Alpha is the contract manufacturer of Car One until 2018",
                "Alpha is the contract manufacturer of Car One in 2020-04",
            }
        },
    ),
    "what a firm did ends with it": Case(
        (
            ("paper", "2018-11", (
                f"agent: a, {SELLS}, from: 2017", f"agent: b, {BUILDS}, from: 2017",
                "subject: car, relation: built-at, object: works, from: 2017",
            )),
            ("c", "2021-02", (
                "event: merger, parties: a|c, into: c, when: 2020-04", "event: dissolution, about: b, when: 2020-04",
                "event: closure, about: works, when: 2020-04",
            )),
        ),
        holds={"2021-02-28": {
            "Alpha retails Car One from 2017": "no", "Beta is the contract manufacturer of Car One from 2017": "no",
            "Car One is built at Works from 2017": "no",
        }},
        triples={"2020-03-31": {"a car", "b car", "car works"}, "2021-02-28": set()},
    ),
    "a merger that does not tell who remains ends nobody": Case(
        (
            ("paper", "2018-11", (f"agent: a, {SELLS}, from: 2017",)),
            ("c", "2021-02", ("event: merger, parties: a|c, when: 2020-04",)),
        ),
        holds={"2021-02-28": {"Alpha retails Car One from 2017": "possibly"}},
        triples={"2021-02-28": {"a car"}},
    ),
    "seen at work after its firm ended": Case(
        (
            ("paper", "2019-01", ("event: dissolution, about: b, when: 2018",)),
            ("c", "2022-06", (f"agent: b, {BUILDS}",)),
        ),
        triples={"2022-06-30": set()},
        beside={"clash": {"dissolution of Beta in 2018", "Beta is the contract manufacturer of Car One"}},
        conflicts=1,
    ),
    "before its firm was founded": Case(
        (("paper", "2023-01", (
            "event: founding, about: b, when: 2019-08", "agent: b, role: parts-supplier, target: car, from: 2018",
        )),),
        beside={"clash": {"founding of Beta in 2019-08", "Beta supplies parts for Car One from 2018"}},
        conflicts=1,
    ),
    "a share in a firm before it was founded": Case(
        (("paper", "2023-01", (
            "event: founding, about: c, when: 2019-08", "agent: a, role: shareholder, target: c, share: 40%, from: 2018",
        )),),
        beside={"clash": {"founding of Gamma in 2019-08", "Alpha is a shareholder of Gamma holding 40% from 2018"}},
        conflicts=1,
    ),
    "sold before its launch, supplied before its launch": Case(
        (("paper", "2023-01", (
            "event: launch, about: car, when: 2022-06", f"agent: a, {SELLS}, from: 2021-02",
            "agent: b, role: parts-supplier, target: car, from: 2020", f"agent: c, {SELLS}, from: 2022",
        )),),
        beside={"clash": {"launch of Car One in 2022-06", "Alpha retails Car One from 2021-02"}},
        conflicts=1,
    ),
    "sold where it was launched earlier": Case(
        (("paper", "2023-01", (
            "event: launch, about: car, when: 2022-06, territory: china", f"agent: a, {SELLS}, from: 2021-02",
        )),),
        beside={"clash": set()},
    ),
    "the successor of what has ended": Case(
        (("paper", "2023-01", (
            "event: dissolution, about: b, when: 2020", "subject: c, relation: successor-of, object: b, from: 2021",
        )),),
        beside={"clash": set()},
    ),
    "searched for and not found": Case(
        (("paper", "2021-05", (f"stance: silent, agent: a, {BUILDS}",)),),
        holds={"2021-05-31": {"Alpha is the contract manufacturer of Car One": None}},
        triples={"2021-05-31": set()},
        beside={"not-found": set(), "no-comment": set()},
        verdicts={"not-found"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_holds_when(name: str, tmp_path: Path) -> None:
    """By day: what holds, and which one-hop triples there are; by qualifier: which sentences have it."""
    case = CASES[name]
    for number, (day, expected) in enumerate(case.holds.items()):
        found = held(graph_of(tmp_path / f"h{number}", case, as_of=day))
        assert {sentence: found[sentence] for sentence in expected} == expected, day
    for number, (day, expected_triples) in enumerate(case.triples.items()):
        assert one_hop(graph_of(tmp_path / f"t{number}", case, as_of=day)) == expected_triples, day
    graph = graph_of(tmp_path / "now", case)
    assert {name: with_qualifier(graph, name) for name in case.beside} == case.beside
    assert len(graph.conflicts()) == case.conflicts
    assert {judgement.verdict.notation for judgement in graph.judgements.values()} == case.verdicts


def test_a_row_that_takes_back_asserts_nothing(tmp_path: Path) -> None:
    """What it takes back is retracted; another claim of its source stays."""
    told = f"id: k, agent: a, {BUILDS}", f"agent: a, {SELLS}"
    later = source("s2", "2021-06", "re: s1/k, retracts: s1/k")
    graph = kg.load(make_project(tmp_path, *told, claims__s2_yaml=later))
    rows = graph.query("SELECT ?v ?q { ?p kg:role role:contract-manufacturer ; kg:verdict/skos:notation ?v "
                       "OPTIONAL { ?p kg:qualifier ?q } }")  # fmt: skip
    assert [(str(row["v"]), row.get("q")) for row in rows] == [("retracted", None)]
    assert {term for line in graph.export("turtle", flat="brave").split() if (term := line).startswith("kg:") and term != "kg:"} == {
        "kg:retailerOf", "kg:sellerOf"
    }  # fmt: skip
    (explained,) = graph.why("s1/k").explanations
    assert [voice.stance for voice in explained.voices if voice.place == "claims/s2.yaml:3"] == ["takes it back"]
    assert next(voice.ended for voice in explained.voices if voice.id == "s1/k").startswith("taken back by ")


def test_what_is_corrected_never_held(tmp_path: Path) -> None:
    """On no day, in no triple; nor is the correction called an older state of things."""
    told = source("s1", "2021-03", f"id: k, agent: a, {BUILDS}")
    later = source("s2", "2021-06", f"agent: b, {BUILDS}, corrects: s1/k")
    folder = make_project(tmp_path, claims__s1_yaml=told, claims__s2_yaml=later)
    for day in ("2021-03-31", "2021-06-30"):
        graph = kg.load(folder, as_of=day)
        (explained,) = graph.why("s1/k").explanations
        assert (explained.verdict.word, explained.holds) == ("corrected", "no")
        for flat in ("cautious", "brave"):
            assert ":a rdfs" not in str(graph.export("turtle", flat=flat))


@pytest.mark.parametrize(
    ("told", "clause"),
    [
        (CASES["an end reaches every telling"], "it ended 2019-06-30, by claims/t2.yaml:3"),
        (CASES["what a firm did ends with it"], "it ended with the merger, 2020-04, claims/t2.yaml:3"),
        (CASES["an acquisition ends the earlier owner"], "another took over, 2022-09, claims/t2.yaml:3"),
    ],
)
def test_why_tells_what_ended_it(told: Case, clause: str, tmp_path: Path) -> None:
    """By which claim, and when."""
    graph = graph_of(tmp_path, told)
    (explained,) = graph.why("claims/t1.yaml:3").explanations
    assert clause in explained.held


def test_why_tells_when_it_was_last_seen(tmp_path: Path) -> None:
    """And says of earlier days that nothing is told of them."""
    (now,) = graph_of(tmp_path / "now", SEEN).why("a", "car").explanations
    assert now.held == "it possibly holds on 2022-01-31, last seen 2021-08"
    (early,) = graph_of(tmp_path / "early", SEEN, as_of="2021-07-31").why("a", "car").explanations
    assert early.held == "not told of 2021-07-31, neither yes nor no"


@pytest.mark.parametrize(
    ("time", "published", "seen"),
    [
        ("from: 2021-08", "2021-08-20", "2021-08-20"),
        ("from: 2021", "2021-08-20", "2021-08-20"),
        ("from: 2021-08", "2021-09-02", "2021-09-02"),
    ],
)
def test_nothing_is_seen_after_its_source_was_published(tmp_path: Path, time: str, published: str, seen: str) -> None:
    """A month that had begun was not seen to its end."""
    later = source("s2", "2022-01-31", "event: launch, about: car, agent: b")
    row = source("s1", published, f"agent: a, role: retailer, target: car, {time}")
    graph = kg.load(make_project(tmp_path, claims__s1_yaml=row, claims__s2_yaml=later))
    (explained,) = graph.why("claims/s1.yaml:3").explanations
    assert explained.held == f"it possibly holds on 2022-01-31, last seen {seen}"


def test_a_clash_is_told_on_both_sides(tmp_path: Path) -> None:
    """In why, and in the graph; no sentence says that nothing speaks against it."""
    graph = graph_of(tmp_path, CASES["seen at work after its firm ended"])
    for place, other in (("claims/t1.yaml:3", "claims/t2.yaml:3"), ("claims/t2.yaml:3", "claims/t1.yaml:3")):
        (explained,) = graph.why(place).explanations
        assert [beside.voice.place for beside in explained.beside] == [other]
        assert explained.steps[-1].endswith("with a clash")
    assert len(list(graph.query("SELECT ?a { ?a kg:clashesWith ?b }"))) == 2


def test_a_settled_clash_stays_a_clash(tmp_path: Path) -> None:
    """An editor tells how both can be true."""
    rows = (
        "id: x, event: founding, about: b, when: 2019-08",
        "id: y, agent: b, role: parts-supplier, target: car, from: 2018",
    )
    settling = source(
        "ed", "2021-06", "subject: s1/x, relation: compatible-with, object: s1/y, note: by its predecessor", publisher="editor", kind="editor"
    )  # fmt: skip
    graph = kg.load(make_project(tmp_path, *rows, claims__ed_yaml=settling))
    assert with_qualifier(graph, "settled") == with_qualifier(graph, "clash")
    assert len(with_qualifier(graph, "clash")) == 2


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("agent: a, role: shareholder, target: c, share: -5%", "KG209"),
        ("about: car, measure: units-sold, value: -5 vehicles, when: 2020", "KG209"),
        ("about: works, measure: capacity, value: -5 vehicles, when: 2020", "KG209"),
        ("about: a, measure: profit, value: -5 CNY, when: 2020", ""),
    ],
)
def test_what_cannot_be_negative_is_an_error(row: str, code: str, tmp_path: Path) -> None:
    """Unless the ontology allows it for the measure."""
    problems = [p for p in kg.check(make_project(tmp_path, row)) if p.severity == "error"]
    assert {problem.code for problem in problems} == {code} - {""}


SOLD = "measure: units-sold"
YEARS = """
a: {type: firm, en: Alpha, fiscal-year-ends: 3}
b: {type: firm, en: Beta}
car: {type: model, en: Car One}
paper: {type: media, en: The Paper}
"""


@pytest.mark.parametrize(
    ("rows", "conflicts"),
    [
        ((f"about: a, {SOLD}, value: 5 vehicles, when: FY2022", f"about: a, {SOLD}, value: 6 vehicles, when: FY2022-03"), 1),
        ((f"about: a, {SOLD}, value: 5 vehicles, when: FY2022", f"about: a, {SOLD}, value: 6 vehicles, when: 2022"), 0),
        ((f"about: b, {SOLD}, value: 5 vehicles, when: FY2022", f"about: b, {SOLD}, value: 6 vehicles, when: FY2022"), 1),
        ((f"about: b, {SOLD}, value: 5 vehicles, when: FY2022", f"about: b, {SOLD}, value: 6 vehicles, when: 2022"), 0),
        ((f"about: a, {SOLD}, value: 5 vehicles, when: 2020-H1", f"about: a, {SOLD}, value: 6 vehicles, when: 2020-40"), 1),
        (
            (f"about: car, {SOLD}, value: 5 vehicles, when: 2020, model-year: 2021", f"about: car, {SOLD}, value: 6 vehicles, when: 2020"),
            0,
        ),
    ],
)  # fmt: skip
def test_periods_of_their_own(rows: tuple[str, ...], conflicts: int, tmp_path: Path) -> None:
    """A fiscal year is compared with the same one of the firm; a model year with no calendar year."""
    assert len(kg.load(make_project(tmp_path, *rows, entities=YEARS)).conflicts()) == conflicts


def test_a_fiscal_year_has_the_months_that_the_firm_gives_it(tmp_path: Path) -> None:
    """Its bounds are days, its name stays as written, and it comes back from RDF."""
    rows = (f"about: a, {SOLD}, value: 5 vehicles, when: FY2020", f"about: b, {SOLD}, value: 5 vehicles, when: FY2020")
    graph = kg.load(make_project(tmp_path / "one", *rows, entities=YEARS))
    asked = "SELECT ?s ?f ?u ?w { ?p rdfs:label ?s ; kg:validFrom ?f ; kg:validUntil ?u . ?c kg:asserts ?p ; kg:asWritten ?w }"
    assert {tuple(map(str, row.values())) for row in graph.query(asked)} == {
        ("Alpha, vehicles sold: 5 vehicles in the year to 2020-03", "2019-04-01", "2020-03-31", "when: FY2020-03"),
        ("Beta, vehicles sold: 5 vehicles in fiscal year 2020", "2019-02-01", "2020-12-31", "when: FY2020"),
    }


def test_a_model_year_is_no_time(tmp_path: Path) -> None:
    """The message says where it is written."""
    (problem,) = kg.check(make_project(tmp_path, f"about: car, {SOLD}, value: 5 vehicles, when: MY2024"))
    assert (problem.code, problem.hint) == ("KG201", "a model year is no time; write it under model-year")


def test_a_denial_without_dates_does_not_reach_what_had_ended(tmp_path: Path) -> None:
    """It was published after the end; one published before reaches it."""
    told = source("s1", "2020-02", f"agent: a, {BUILDS}, until: 2019")
    for published, both in (("2021-05", {"stated", "denied"}), ("2019-06", {"contested"})):
        denial = source("s2", published, f"stance: denies, agent: a, {BUILDS}", publisher="b")
        graph = kg.load(make_project(tmp_path / published, claims__s1_yaml=told, claims__s2_yaml=denial))
        assert {j.verdict.notation for j in graph.judgements.values()} == both


def test_what_is_contested_is_not_told_as_an_end(tmp_path: Path) -> None:
    """A denied acquisition may not have ended anything."""
    case = CASES["an acquisition alone ends the earlier owner"]
    denied = (
        "c",
        "2022-11",
        ("stance: denies, event: acquisition, agent: b, about: brand-a, counterparty: a, when: 2022-09",),
    )
    graph = graph_of(tmp_path, Case((*case.told, denied)))
    (explained,) = graph.why("claims/t1.yaml:3").explanations
    assert explained.holds == "possibly"
    assert "; whether another took over, 2022-09, " in explained.held
    assert explained.held.endswith(" is contested")


def test_two_who_contest_the_succession_both_end_the_earlier_owner(tmp_path: Path) -> None:
    """Who of them took over is contested, that the earlier term ended is not."""
    later = (f"agent: b, {OWNS}, from: 2020", f"agent: c, {OWNS}, from: 2021")
    graph = graph_of(tmp_path, Case((("paper", "2019-02", (f"agent: a, {OWNS}",)), ("b", "2022-10", later))))
    (explained,) = graph.why("claims/t1.yaml:3").explanations
    assert explained.holds == "no"
    assert "another took over, 2020, " in explained.held
    assert "whether" not in explained.held


def test_why_does_not_hide_a_denial_that_reaches_nothing(tmp_path: Path) -> None:
    """A denial of the same role is on record, so no sentence says that there is none."""
    told = source("s1", "2020-02", f"agent: a, {BUILDS}, until: 2019")
    denial = source("s2", "2021-05", f"stance: denies, agent: a, {BUILDS}", publisher="b")
    graph = kg.load(make_project(tmp_path, claims__s1_yaml=told, claims__s2_yaml=denial))
    (explained,) = graph.why("claims/s1.yaml:3").explanations
    assert explained.steps[-1] == "no denial or dispute by a source reaches it, so it stays: stated"
    assert "on record" not in explained.verdict.meaning
