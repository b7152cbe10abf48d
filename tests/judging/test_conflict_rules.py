"""The rules that find conflicts against a second reading of them: the same rules as queries over the graph."""

import random
from pathlib import Path

import pytest

import kg
from kg.graph.loading import check_files
from kg.judging.clashes import shipped_rules
from kg.judging.conflict_rules import RULES
from kg.model.ontology import shipped_terms
from kg.sparql.store import ask_all
from projects import EXAMPLE, ROOT, SECOND, make_project, source

QUERIES = {path.stem: path.read_text("utf-8") for path in (ROOT / "tests" / "data" / "conflict_queries").glob("*.rq")}
FIRMS, CARS, YEARS = ("a", "b", "c"), ("car", "car-x"), ("2019", "2020", "2021", "2020-03", "2020-Q1", "2020-H2")
CLOCKS = ({}, {"as_of": "2020-02-01"}, {"known_by": "2020-06-30"})
WHOLES = frozenset({"part-above-whole", "parts-above-whole"})  # the queries find wholes by one-hop triples of a day
Found = set[tuple[str, str, str, str, str]]


def asked(graph: kg.Graph, *, but: frozenset[str] = frozenset()) -> Found:
    """Return what the queries find: rule, both claims, note and clash."""
    queries = {name: text for name, text in QUERIES.items() if name not in but}
    answers = ask_all(graph.store, list(queries.values()), prefixes=graph.prefixes, timeout=600)
    return {
        (name, str(row["one"]), str(row["other"]), str(row.get("note") or ""), str(row.get("clash") or ""))
        for name, answer in zip(queries, answers, strict=True)
        for row in answer
    }


def found(graph: kg.Graph, *, but: frozenset[str] = frozenset()) -> Found:
    """Return what the functions find, by the rules that have a query."""
    return {
        (name, pair.one.iri, pair.other.iri, pair.note, pair.clash)
        for name in QUERIES.keys() - but
        for pair in RULES[name](graph.judge)
    }


def row(draw: random.Random) -> str:
    """Return a row that may stand against others."""
    firm, other = draw.sample(FIRMS, 2)
    car = draw.choice(CARS)
    dates = [f"{key}: {draw.choice(YEARS)}" for key in ("when", "from", "until") if draw.random() < 0.4]
    when = f"when: {draw.choice(YEARS)}"
    word = draw.choice(("", "", "over ", "under ", "at least ", "at most ", "about "))
    number = draw.choice(("5", "7", "7.5", "12", "5 to 9", "0.02 thousand"))
    thing = draw.choice((*FIRMS, *CARS))
    limits = draw.sample(
        ("territory: china", "within: deal", "segment: exports", "channel: shop"), draw.choice((0, 0, 1))
    )
    rate = draw.choice(("", "", "", "/month", "/year"))
    content = draw.choice((
        [f"agent: {firm}", f"role: {draw.choice(('retailer', 'carmaker', 'contract-manufacturer', 'brand-owner'))}", f"target: {draw.choice((*CARS, 'any-car'))}", *dates],
        [f"agent: {firm}", "role: retailer", f"target: {car}", f"counterparty: {other}", "term: Omega", *dates],
        [f"agent: {firm}", "role: shareholder", "target: c", f"share: {word}{draw.choice((20, 45, 60))}%", *dates],
        [f"agent: {draw.choice('ab')}", "role: shareholder", "target: c", f"share: {draw.choice((45, 60))}%", "from: 2019"],
        [f"about: {thing}", "measure: units-sold", f"value: {word}{number} vehicles{rate}", when, *limits],
        [f"about: {thing}", "measure: units-sold", f"value: {word}{number} vehicles{rate}", *dates, *limits],
        [f"about: {thing}", "measure: units-sold-growth", f"value: {word}5%", when, f"versus: {draw.choice(YEARS)}"],
        [f"subject: {draw.choice((*CARS, firm))}", "relation: part-of-total", f"object: {other}"],
        [f"subject: {firm}", "relation: successor-of", f"object: {other}", *dates],
        [f"event: {draw.choice(('founding', 'dissolution'))}", f"about: {firm}", *dates],
        ["event: merger", f"parties: {firm}|{other}", f"into: {draw.choice(FIRMS)}", *dates],
        ["event: renaming", f"about: {firm}", "old-name: Omega", "name: Alpha", *dates],
        ["event: split", f"about: {firm}", *dates],
        [f"agent: {firm}", "role: brand-owner", "target: brand-a", *dates],
        [f"agent: {firm}", "role: brand-owner", "target: brand-a", f"{draw.choice(('from', 'when'))}: {draw.choice(('2018', '2019'))}"],
        [f"subject: {car}", "relation: part-of-total", f"object: {draw.choice(('b', 'c'))}"],
        [f"about: {draw.choice((*CARS, 'b', 'c'))}", "measure: units-produced", f"value: {word}{number} vehicles", "when: 2020", *limits],
        [f"about: {draw.choice((*CARS, 'b', 'c'))}", "measure: units-produced", f"value: {number} vehicles{rate}", "when: 2020"],
    ))  # fmt: skip
    said = [f"stance: {draw.choice(('denies', 'silent'))}"] if draw.random() < 0.1 else []
    said += ["modality: planned"] if draw.random() < 0.1 else []
    said += ["evidence: unnamed-source"] if draw.random() < 0.1 else []
    return ", ".join([*content, *said])


def later(draw: random.Random, count: int) -> str:
    """Return a row that disputes or ends one of the first source."""
    link = draw.choice(("disputes", "disputes", "corrects", "retracts", "supersedes"))
    return f"{row(draw)}, {link}: s1/x{draw.randrange(count)}"


def make_world(folder: Path, seed: int, count: int = 150) -> kg.Graph:
    """Return a graph of rows at random, of two sources, without those in which something is wrong."""
    draw = random.Random(seed)
    files = {
        "claims/s1.yaml": [f"id: x{number}, {row(draw)}" for number in range(count)],
        "claims/s2.yaml": [f"id: x{number}, {later(draw, count)}" for number in range(count // 3)],
    }
    sets = (f"subject: s1/x{draw.randrange(count)}, relation: in-tension-with, object: s2/x{n}" for n in range(20))
    files["claims/s2.yaml"].extend(sets)
    while True:
        text = source("s2", "2021-06", *files["claims/s2.yaml"], publisher="b")
        path = make_project(folder, *files["claims/s1.yaml"], claims__s2_yaml=text)
        wrong = {(p.location.file, p.location.line) for p in check_files(path) if p.severity == "error"}
        if not wrong:
            return kg.load(path)
        for name, rows in files.items():
            files[name] = [text for line, text in enumerate(rows, 3) if (name, line) not in wrong]


@pytest.mark.parametrize("clocks", CLOCKS)
@pytest.mark.parametrize("example", [EXAMPLE, SECOND], ids=lambda path: path.name)
def test_functions_find_what_the_queries_find(example: Path, clocks: dict[str, str]) -> None:
    """In the examples, at any day."""
    graph = kg.load(example, **clocks)
    but = WHOLES if "as_of" in clocks else frozenset()
    assert found(graph, but=but) == asked(graph, but=but)


@pytest.mark.parametrize("seed", range(8))
def test_functions_and_queries_agree_on_worlds_at_random(seed: int, tmp_path: Path) -> None:
    """Also where nearly everything stands against something."""
    graph = make_world(tmp_path, seed)
    assert found(graph) == asked(graph)


def test_every_rule_is_tried(tmp_path: Path) -> None:
    """The worlds at random hold conflicts of every rule."""
    assert {name for seed in range(8) for name, *_ in found(make_world(tmp_path / str(seed), seed))} == {*QUERIES}


def test_a_rule_is_a_term_and_a_function() -> None:
    """The one says how it is called, the other what it does; a second reading of it stands beside the tests."""
    assert {*shipped_rules()} == {*RULES} > {*QUERIES}
    own = shipped_terms("conflicts").terms("ConflictRule").values()
    assert {term.severity for term in own} <= {"warning", "info", "none"}
