"""Who opposes whom, who may end a claim, and what clashes: both sides carry it, wherever it is shown."""

from pathlib import Path

import pytest

import kg
from kg.model.sentences import Sentences
from projects import make_project, source

SELLS = "agent: a, role: retailer, target: car"
FIGURE = "about: car, measure: units-delivered, when: 2023"
Found = dict[str, str]


def load(folder: Path, *rows: str, **sources: tuple[str, str, str]) -> kg.Graph:
    """Return the graph of some rows of s1, by the Paper in 2021-05, and of sources as publisher, day and row."""
    files = {
        f"claims__{name}_yaml": source(
            name, day, row, publisher=publisher, kind="editor" if name == "ed" else "article"
        )
        for name, (publisher, day, row) in sources.items()
    }
    return kg.load(make_project(folder, *rows, **files))


def verdicts(graph: kg.Graph) -> Found:
    """Return the verdict of each sentence."""
    sentences = Sentences(graph.world)
    return {sentences.sentence(p): graph.judgements[p.iri].verdict.notation for p in graph.world.propositions}


def with_qualifier(graph: kg.Graph, name: str) -> set[str]:
    """Return the sentences with a qualifier, by query."""
    rows = graph.query(f"SELECT ?s {{ ?p kg:qualifier qualifier:{name} ; rdfs:label ?s }}")
    return {str(row["s"]) for row in rows}


# ---------------------------------------------------------------- the dates of denials


@pytest.mark.parametrize(
    ("told", "denied", "verdict"),
    [
        ("when: 2020", "", "contested"),
        ("until: 2018", "", "stated"),  # it had ended before the denial was published
        ("", "from: 2020", "contested"),  # seen when its source was published, in 2021-05
        ("", "from: 2022", "stated"),
        ("", "until: 2019", "stated"),
        ("when: 2020", "when: 2019", "stated"),
        ("from: 2017, until: 2020", "from: 2020", "stated"),  # one begins when the other ends
        ("from: 2020", "until: 2020", "stated"),
        ("from: 2017, until: 2020", "from: 2019", "contested"),
    ],
)
def test_a_denial_meets_what_is_told_of_its_time(told: str, denied: str, verdict: str, tmp_path: Path) -> None:
    """A denial without dates is of all times, but for what had ended before; an undated role was seen in its source."""
    said, unsaid = (", ".join(part for part in (SELLS, dates) if part) for dates in (told, denied))
    graph = load(tmp_path, f"id: x, {said}", s2=("b", "2024-03", f"stance: denies, {unsaid}"))
    assert graph.why("s1/x").explanations[0].verdict.word == verdict


def test_a_denial_of_a_later_time_ends_what_was_only_seen(tmp_path: Path) -> None:
    """Seen in 2021, denied for 2023: no conflict, not told of 2024, and `kg why` says who denies it from then on."""
    graph = kg.load(
        make_project(tmp_path, f"id: x, {SELLS}", claims__s2_yaml=source("s2", "2024-03", f"stance: denies, {SELLS}, from: 2023", publisher="b")),
        as_of="2024-01-01",
    )  # fmt: skip
    (told,) = graph.why("s1/x").explanations
    assert (told.verdict.word, told.holds, told.against) == ("stated", "", ())
    assert "it is denied from 2023 on, by claims/s2.yaml:3" in told.held
    assert graph.conflicts() == []


def test_a_wide_denial_and_what_it_denies_are_both_contested(tmp_path: Path) -> None:
    """Each side names the other, in sentences and in the graph."""
    wide = "id: y, stance: denies, agent: a, role: model-developer, target: any-car"
    graph = load(tmp_path, "id: x, agent: a, role: design-lead, target: car-x", s2=("b", "2021-06", wide))
    lead, denial = (graph.why(name).explanations[0] for name in ("s1/x", "s2/y"))
    assert {lead.verdict.word, denial.verdict.word} == {"contested"}
    assert [list(other.lines("claim 1"))[-1] for told in (lead, denial) for other in told.against] == [
        "it denies what claim 1 asserts",
        "claim 1 denies what it asserts",
    ]
    pairs = graph.query("SELECT ?a ?b { ?a kg:opposes ?b }")
    assert len({(str(row["a"]), str(row["b"])) for row in pairs}) == 2
    assert len(list(graph.query("SELECT ?a { ?a kg:contradicts ?b . ?a kg:denies ?c }"))) == 1


# ---------------------------------------------------------------- who may end a claim


@pytest.mark.parametrize(
    ("link", "by", "verdict"),
    [
        ("corrects", "paper", "corrected"),
        ("corrects", "b", "contested"),
        ("retracts", "b", "contested"),
        ("supersedes", "b", "stated"),
        ("supersedes", "a", "superseded"),  # it is Alpha's own state
        ("corrects", "a", "contested"),
        ("withdraws", "a", "retracted"),
    ],
)
def test_who_may_end_a_claim(link: str, by: str, verdict: str, tmp_path: Path) -> None:
    """The same speaker or publisher may; those whose state it is may overtake it; of others it is a dispute at most."""
    other = f"id: y, agent: a, role: distributor, target: car, {link}: s1/x"
    graph = load(tmp_path, f"id: x, {SELLS}", s2=(by, "2022-06", other))
    assert verdicts(graph)["Alpha retails Car One"] == verdict
    (ending,) = graph.why("s2/y").explanations
    assert ending.verdict.word == ("contested" if verdict == "contested" else "stated")


@pytest.mark.parametrize(("link", "verdict"), [("corrects", "corrected"), ("retracts", "retracted")])
def test_an_editor_ends_a_claim_and_is_named(link: str, verdict: str, tmp_path: Path) -> None:
    """As the source itself would."""
    row = f"agent: a, role: distributor, target: car, {link}: s1/x"
    graph = load(tmp_path, f"id: x, {SELLS}", ed=("editor", "2021-06", row))
    assert verdicts(graph)["Alpha retails Car One"] == verdict
    assert "Editor" in graph.why("s1/x").explanations[0].voices[0].ended


# ---------------------------------------------------------------- clashes


@pytest.mark.parametrize(
    ("rows", "clashing", "rule"),
    [
        ((f"{FIGURE}, value: 500 vehicles", f"{FIGURE}, value: 900 vehicles"), 2, "two-values"),
        (("event: founding, about: b, when: 2018-02", "event: founding, about: b, when: 2019"), 2, "two-dates"),
        (("event: founding, about: b, when: 2018", "event: founding, about: b, when: 2018-02"), 0, ""),
        (("event: launch, about: car, when: 2018, place: china", "event: launch, about: car, when: 2019"), 0, ""),
        (("event: sales-start, about: car, when: 2020", "event: sales-end, about: car, when: 2018"), 2, "end-before-beginning"),
        (("agent: a, role: shareholder, target: c, share: 30%, when: 2020", "agent: a, role: shareholder, target: c, share: 35%, when: 2020"), 2, "two-shares"),
        (("agent: a, role: shareholder, target: c, share: 30%, when: 2020-01", "agent: a, role: shareholder, target: c, share: 35%, when: 2020-12"), 0, ""),
        (tuple(f"agent: {who}, role: shareholder, target: car-firm, share: 40%, from: 2020" for who in "abc"), 3, "shares-above-hundred"),
        (("subject: a, relation: subsidiary-of, object: b", "subject: b, relation: subsidiary-of, object: c", "agent: a, role: shareholder, target: c, share: over 50%", "subject: c, relation: subsidiary-of, object: car-firm"), 3, "circle-of-majority"),
        (("agent: a, role: shareholder, target: b, share: 40%", "agent: b, role: shareholder, target: a, share: 60%"), 0, ""),
        ((f"{FIGURE}, value: 900 vehicles", *(f"about: car, measure: units-delivered, value: 400 vehicles, when: 2023-{half}" for half in ("Q1", "Q2", "Q4"))), 4, "shorter-above-longer"),
        (("about: a, measure: profit, value: 9 million CNY, when: 2023-Q1", "about: a, measure: profit, value: 4 million CNY, when: 2023"), 0, ""),
        (("about: car, measure: price, value: 9 CNY, when: 2023-Q1", "about: car, measure: price, value: 4 CNY, when: 2023"), 0, ""),
    ],
)  # fmt: skip
def test_what_cannot_all_be_right_clashes(rows: tuple[str, ...], clashing: int, rule: str, tmp_path: Path) -> None:
    """Each side has the qualifier and names the other; one conflict lists all; no verdict changes; no triple is given."""
    entities = "car-firm: {type: firm, en: Car Firm}\n"
    folder = make_project(tmp_path, *(f"id: k{n}, {row}" for n, row in enumerate(rows)))
    (folder / "entities.yaml").write_text((folder / "entities.yaml").read_text("utf-8") + entities, "utf-8")
    graph = kg.load(folder)
    assert len(with_qualifier(graph, "clash")) == clashing
    assert {*verdicts(graph).values()} == {"stated"}
    assert [(c.rule, 2 + len(c.more)) for c in graph.conflicts()] == ([(rule, clashing)] if rule else [])
    told = [graph.why(f"s1/k{n}").explanations[0] for n in range(len(rows))]
    assert sum(bool(one.beside) for one in told) == clashing
    assert all("with a clash" in one.steps[-1] for one in told if one.beside)


def test_parts_of_a_part_are_in_its_figure(tmp_path: Path) -> None:
    """A variant that counts in a model and in the firm is not added to the model's figure again."""
    counted = tuple(
        f"subject: {p}, relation: part-of-total, object: {w}"
        for p, w in (("car", "a"), ("car-x", "car"), ("car-x", "a"))
    )
    figures = tuple(f"about: {what}, measure: units-sold, value: {n} vehicles, when: 2021" for what, n in (("a", 100), ("car", 60), ("car-x", 50)))  # fmt: skip
    assert not with_qualifier(load(tmp_path, *counted, *figures), "clash")
