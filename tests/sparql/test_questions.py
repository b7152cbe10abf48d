"""Every named question parses, answers its own example as it says, and makes sense without parameters."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

import pyoxigraph
import pytest
from rdflib.plugins.sparql import prepareQuery

import kg
from kg.files.text_tables import show_term
from kg.model.iris import KG, Shortener, iri
from kg.model.iris import literal as write_literal
from kg.model.ontology import read_ontology, shipped_folder
from kg.rdf.triples import nquads, ontology_quads
from kg.sparql.guard import check_query
from kg.sparql.questions import Question, bind, read_questions
from kg.sparql.store import ask_all
from kg.sparql.worker import narrow
from projects import ENTITIES, EXAMPLE, make_project, source

QUESTIONS = read_questions()
EMPTY = {"shared-suppliers"}  # on the example: nobody there is said to supply two brands
REQUIRED = {
    "roles-of", "suppliers-of", "oems", "brand-owners", "contested-roles", "denials", "contract-manufacturers",
    "components-supplied", "disputes", "part-exceeds-whole", "targets", "channel-plan", "timeline", "known-on",
    "unnamed-only", "corroborated", "second-hand", "supplier-and-shop", "policy-against-practice", "exposure-to",
    "due-in", "resting-on", "overdue", "growth-base", "aliases", "shortcuts", "evidence-profile", "shared-suppliers",
    "single-source-components", "brand-owner-on", "said-about-itself", "roles-on",
}  # fmt: skip

each_question = pytest.mark.parametrize("question", QUESTIONS.values(), ids=lambda question: question.name)


class Engine:
    """A project's graph in one store: answers in this process, as the child process would."""

    def __init__(self, folder: Path) -> None:
        """Load the project once."""
        self.graph = kg.load(folder)
        self.shortener = Shortener(self.graph.prefixes)
        self.store = pyoxigraph.Store()
        quads = [*self.graph.quads, *ontology_quads(self.graph.world.ontology.triples)]
        self.store.bulk_load(nquads(quads).encode(), pyoxigraph.RdfFormat.N_QUADS)

    def rows(self, question: Question, values: Mapping[str, str]) -> list[str]:
        """Return the rows of an answer as the lines of a table, cells joined by `` | ``."""
        terms = bind(self.graph.world, question, values)
        solutions = self.store.query(
            question.sparql,
            use_default_graph_as_union=True,
            substitutions={pyoxigraph.Variable(name): as_term(text) for name, text in terms.items()},
        )
        assert isinstance(solutions, pyoxigraph.QuerySolutions)
        return [" | ".join(self.cell(term) for term in solution).rstrip() for solution in solutions]

    def cell(self, term: object) -> str:
        """Return a cell as the table shows it."""
        if isinstance(term, pyoxigraph.NamedNode):
            return show_term(iri(term.value), self.shortener)
        if isinstance(term, pyoxigraph.Literal):
            return show_term(write_literal(term.value), self.shortener)
        assert term is None
        return ""


def as_term(text: str) -> pyoxigraph.NamedNode | pyoxigraph.Literal:
    """Return a term from N-Triples syntax."""
    quad = next(iter(pyoxigraph.parse(f"<s:s> <p:p> {text} .", pyoxigraph.RdfFormat.N_TRIPLES)))
    assert isinstance(quad.object, pyoxigraph.NamedNode | pyoxigraph.Literal)
    return quad.object


def example(question: Question) -> dict[str, str]:
    """Return the parameters of the call that the question gives as its example."""
    words = shlex.split(question.example)
    return {name.removeprefix("--"): value for name, value in zip(words[::2], words[1::2], strict=True)}


def ask(folder: Path, name: str, **values: str) -> list[str]:
    """Return the rows of a question to a project."""
    return Engine(folder).rows(QUESTIONS[name], values)


@pytest.fixture(scope="session")
def seed() -> Engine:
    """Give the example project, loaded once."""
    return Engine(EXAMPLE)


# ------------------------------------------------------------------ every question


def test_every_question_asked_for_is_there() -> None:
    """The questions that the model promises have files."""
    assert set(QUESTIONS) >= REQUIRED
    assert {path.stem for path in (shipped_folder() / "questions").iterdir()} == set(QUESTIONS)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in QUESTIONS)


@each_question
def test_head_is_complete(question: Question) -> None:
    """A question has a title in English and Chinese, an example call and an answer."""
    assert question.title.endswith("?")
    assert re.search(r"[\u4e00-\u9fff]", question.titles["zh"])
    assert "# try:" in question.sparql
    assert question.answer
    assert set(example(question)) <= {parameter.name for parameter in question.parameters}
    assert all(parameter.meaning for parameter in question.parameters)


@each_question
def test_parses_anywhere(question: Question) -> None:
    """A question declares every prefix that it uses, none of the project's own, and passes the guard."""
    check_query(question.sparql)
    prepareQuery(re.sub(r"(?m)^#.*$", "", question.sparql))
    assert "PREFIX :" not in question.sparql
    declared = re.findall(r"PREFIX ([a-z-]+): <(.*)>", question.sparql)
    assert all(f"{prefix}:" in question.sparql.split("SELECT", 1)[1] for prefix, _ in declared)
    assert all("example.org" not in namespace for _, namespace in declared)


@each_question
def test_every_name_is_declared(question: Question) -> None:
    """A question asks for no property or class of ours that the ontology does not know."""
    known = {subject for subject, _, _ in read_ontology({}, []).triples}
    names = set(re.findall(r"\bkg:(\w+)", re.sub(r"(?m)^#.*$", "", question.sparql)))
    assert names
    assert {name for name in names if f"<{KG}{name}>" not in known} == set()


@each_question
def test_parameters_are_columns(question: Question) -> None:
    """A parameter is among the columns: the engine takes it in no other way, and a reader sees what was asked."""
    select = question.sparql.split("SELECT", 1)[1].split("WHERE", 1)[0]
    assert all(re.search(rf"\?{parameter.name}\b", select) for parameter in question.parameters)


@each_question
def test_example_gives_the_answer_in_the_file(question: Question, seed: Engine) -> None:
    """The example call gives exactly the rows that the file shows, in this order."""
    expected = [] if question.answer == ("(none)",) else list(question.answer)
    assert seed.rows(question, example(question)) == expected
    assert bool(expected) == (question.name not in EMPTY)


@each_question
def test_makes_sense_without_parameters(question: Question, seed: Engine) -> None:
    """Without parameters a question is asked of everything, so it answers at least what its example does.

    A day has a default, so there only the number of rows can be compared.
    """
    everything = seed.rows(question, {})
    of_example = seed.rows(question, example(question))
    if any(parameter.kind == "day" for parameter in question.parameters):
        assert len(everything) >= len(of_example)
    else:
        assert set(everything) >= set(of_example)


@each_question
def test_rows_are_distinct(question: Question, seed: Engine) -> None:
    """No row of an answer stands there twice."""
    rows = seed.rows(question, {})
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize("name", ["roles-of", "known-on", "due-in", "brand-owner-on"])
def test_child_process_answers_the_same(name: str, seed: Engine) -> None:
    """``graph.ask`` goes through a child process and gives the same rows; a day reaches the engine as a day."""
    question = QUESTIONS[name]
    answer = seed.graph.ask(name, example(question))
    rows = [" | ".join(show_term(term, seed.shortener) for term in row).rstrip() for row in answer.terms]
    assert rows == list(question.answer)


def test_no_two_questions_have_one_title() -> None:
    """A title tells a question from every other, in both languages."""
    for language in ("en", "zh"):
        titles = [question.titles[language] for question in QUESTIONS.values()]
        assert len(titles) == len(set(titles))


# ------------------------------------------------------------------ what the example cannot show


def test_shared_suppliers_are_found(tmp_path: Path) -> None:
    """A firm that supplies a car of each brand is shared, through a variant too; a denied supply does not count."""
    rows = (
        "subject: car, relation: model-of, object: brand-a, at: par1",
        "subject: car-x, relation: variant-of, object: car, at: par1",
        "subject: other-car, relation: model-of, object: brand-b, at: par1",
        "agent: b, role: battery-supplier, target: car-x, at: par1",
        "agent: b, role: supplier, target: other-car, at: par1",
        "agent: c, role: supplier, target: car, at: par1",
        "agent: c, role: supplier, target: other-car, stance: denies, at: par1",
    )
    folder = make_project(tmp_path, *rows)
    with (folder / "entities.yaml").open("a", encoding="utf-8") as file:
        file.write("brand-b: {type: brand, en: Beta Badge}\nother-car: {type: model, en: Car Two}\n")
    expected = [":brand-a | :brand-b | :b | :car-x | :other-car"]
    assert ask(folder, "shared-suppliers", brand="brand-a", other="brand-b") == expected
    assert ask(folder, "shared-suppliers", brand="brand-a") == expected
    assert ask(folder, "shared-suppliers", other="brand-a") == [":brand-b | :brand-a | :b | :other-car | :car-x"]


PART = ("subject: car, relation: part-of-total, object: a, at: par1",)


@pytest.mark.parametrize(
    ("part", "whole", "clash"),
    [
        ("value: 101 vehicles, when: 2021-03", "value: 100 vehicles, when: 2021-03", True),
        ("value: 100 vehicles, when: 2021-03", "value: 100 vehicles, when: 2021-03", False),
        ("value: over 100 vehicles, when: 2021-03", "value: 100 vehicles, when: 2021-03", True),
        ("value: at least 100 vehicles, when: 2021-03", "value: 100 vehicles, when: 2021-03", False),
        ("value: under 200 vehicles, when: 2021-03", "value: 100 vehicles, when: 2021-03", False),
        ("value: about 200 vehicles, when: 2021-03", "value: 100 vehicles, when: 2021-03", False),
        ("value: 200 vehicles, when: 2021-03", "value: over 100 vehicles, when: 2021-03", False),
        ("value: 200 vehicles, when: 2021-03", "value: at most 100 vehicles, when: 2021-03", True),
        ("value: 150 vehicles, when: 2021-03", "value: 100 to 200 vehicles, when: 2021-03", False),
        ("value: 200 vehicles, when: 2021-03", "value: 100 vehicles, when: 2021-04", False),
        ("value: 200 vehicles, when: 2021-03", "value: 100 vehicles, when: 2021", False),
        ("value: 200 vehicles/month, until: 2021-04", "value: 100 vehicles, when: 2021-03", True),
        ("value: 200 vehicles/month, from: 2021-04", "value: 100 vehicles, when: 2021-03", False),
        ("value: 200 vehicles, when: 2021-03, modality: target", "value: 100 vehicles, when: 2021-03", False),
        ("value: 200 vehicles, when: 2021-03", "value: 100 vehicles, when: 2021-03, territory: china", False),
        (
            "value: 200 vehicles, when: 2021-03, territory: china",
            "value: 100 vehicles, when: 2021-03, territory: china",
            True,
        ),
    ],
)
def test_part_exceeds_whole_only_where_it_must(tmp_path: Path, part: str, whole: str, clash: bool) -> None:
    """Comparators, ranges, times, lengths of period, plans and territories are honoured."""
    rows = (f"about: car, measure: units-sold, {part}, at: par1", f"about: a, measure: units-sold, {whole}, at: par2")
    folder = make_project(tmp_path, *PART, *rows)
    assert bool(ask(folder, "part-exceeds-whole")) == clash


def test_growth_and_other_rates_do_not_add_up(tmp_path: Path) -> None:
    """A part may well grow faster than the whole, or cost more: only what is counted is compared."""
    rows = (
        "about: car, measure: units-sold-growth, value: 50%, when: 2021-03, versus: 2020-03, at: par1",
        "about: a, measure: units-sold-growth, value: 5%, when: 2021-03, versus: 2020-03, at: par1",
        "about: car, measure: price, value: 50 CNY, when: 2021-03, at: par1",
        "about: a, measure: price, value: 5 CNY, when: 2021-03, at: par1",
    )
    assert ask(make_project(tmp_path, *PART, *rows), "part-exceeds-whole") == []


PLANS = (
    "about: shop, measure: stores-selling, value: 10 stores, by: 2021-12, modality: planned, at: par1",
    "event: launch, about: car, when: 2021-Q4, modality: planned, at: par1",
)


def later(*rows: str) -> dict[str, str]:
    """Return a second source, published after the plans were due."""
    return {"claims__s2_yaml": source("s2", "2022-06", *rows)}


@pytest.mark.parametrize(
    ("outcome", "left"),
    [
        ("agent: a, role: supplier, target: car, at: par1", ["Car One", "Shops"]),
        ("about: shop, measure: stores-selling, value: 8 stores, when: 2022-01, at: par1", ["Car One"]),
        ("about: shop, measure: stores-selling, value: 8 stores, when: 2021-06, at: par1", ["Car One", "Shops"]),
        ("event: launch, about: car, when: 2021-11, at: par1", ["Shops"]),
        ("event: launch, about: car, when: 2022-Q4, modality: planned, at: par1", ["Car One", "Shops"]),
    ],
)
def test_overdue_until_there_is_an_outcome(tmp_path: Path, outcome: str, left: list[str]) -> None:
    """A plan is overdue until a later measurement, or the event as a fact, is on record; the default day is the last known."""
    rows = ask(make_project(tmp_path, *PLANS, **later(outcome)), "overdue")
    assert sorted(name for name in ("Car One", "Shops") if any(name in row for row in rows)) == left
    assert all(row.startswith("2022-06-30 | ") for row in rows)


def test_nothing_is_overdue_before_its_day(tmp_path: Path) -> None:
    """On the last day of its deadline a plan is not overdue; the day after it is."""
    folder = make_project(tmp_path, *PLANS)
    assert ask(folder, "overdue", day="2021-12-31") == []
    assert len(ask(folder, "overdue", day="2022-01-01")) == 2


def test_brand_owner_changes_with_the_day(tmp_path: Path) -> None:
    """Each day has its owner, the last day of a period included."""
    rows = (
        "agent: a, role: brand-owner, target: brand-a, until: 2020-06-30, at: par1",
        "agent: b, role: brand-owner, target: brand-a, from: 2020-07-01, at: par1",
    )
    engine = Engine(make_project(tmp_path, *rows))
    for day, owner in (("2020-06-30", ":a"), ("2020-07-01", ":b"), ("2021-05-31", ":b")):
        rows_of_day = engine.rows(QUESTIONS["brand-owner-on"], {"brand": "brand-a", "day": day})
        assert [row.split(" | ")[2] for row in rows_of_day] == [owner]


def test_second_supplier_ends_single_source(tmp_path: Path) -> None:
    """A part that two firms supply is not single-source; one whose second supply is denied is."""
    rows = (
        "agent: a, role: supplier, target: car, component: motor, at: par1",
        "agent: b, role: supplier, target: car, component: motor, {}at: par1",
    )
    both = make_project(tmp_path / "both", rows[0], rows[1].format(""))
    denied = make_project(tmp_path / "denied", rows[0], rows[1].format("stance: denies, "))
    assert ask(both, "single-source-components") == []
    assert ask(denied, "single-source-components") == [":car | :motor | :a | stated"]


def test_corroboration_counts_origins(tmp_path: Path) -> None:
    """Two that saw for themselves are two origins."""
    row = "agent: a, role: supplier, target: car, at: par1"
    folder = make_project(tmp_path, row, claims__s2_yaml=source("s2", "2021-06", row, publisher="editor"))
    assert [row[-14:] for row in ask(folder, "corroborated")] == ["stated | 2 | 2"]


def test_documents_that_assert_a_supply_are_counted(tmp_path: Path) -> None:
    """Two claims of one document are one; a supply that is only denied, or not spoken of, rests on none."""
    rows = (
        "agent: a, role: supplier, target: car, component: motor, at: par1",
        "agent: a, role: supplier, target: car, component: motor, said-by: boss, at: par2",
        "agent: a, role: supplier, target: car, at: par3",
        "id: gone, agent: b, role: supplier, target: car, at: par4",
        "agent: b, role: battery-supplier, target: car, stance: denies, at: par5",
        "agent: c, role: battery-supplier, target: car, stance: silent, at: par6",
    )
    second = (rows[0], "agent: b, role: supplier, target: car, retracts: s1/gone, stance: denies, at: par2", rows[4])
    third = ("agent: b, role: supplier, target: car, at: par1",)
    files = {"claims__s2_yaml": source("s2", "2021-06", *second), "claims__s3_yaml": source("s3", "2021-07", *third)}
    engine = Engine(make_project(tmp_path, *rows, **files))
    expected = [
        ":car | :a | supplier |  | stated | 1",
        ":car | :a | supplier | :motor | stated | 2",
        ":car | :b | battery supplier |  | denied | 0",
        ":car | :b | supplier |  | contested | 1",
        ":car | :c | battery supplier |  | not-found | 0",
    ]
    assert engine.rows(QUESTIONS["suppliers-of"], {"vehicle": "car"}) == expected
    assert engine.rows(QUESTIONS["suppliers-of"], {}) == expected


def test_a_document_is_known_from_its_day_on(tmp_path: Path) -> None:
    """Before the last day on which it can have been published nothing of it is known; without a day all of it is."""
    row = "agent: a, role: supplier, target: car, at: par1"
    engine = Engine(make_project(tmp_path, row, claims__s2_yaml=source("s2", "2021-07", row)))
    for days, known in (
        ({"day": "2021-05-30"}, []),
        ({"day": "2021-05-31"}, [":s1"]),
        ({"day": "2021-07-31"}, [":s1", ":s2"]),
        ({}, [":s1", ":s2"]),
    ):
        assert [row.split(" | ")[-1] for row in engine.rows(QUESTIONS["known-on"], days)] == known


def test_a_firm_speaks_through_its_people(tmp_path: Path) -> None:
    """What a firm, a unit or an office holder says of the firm is its own word; what its customers say is not."""
    rows = (
        "agent: boss, role: chief-executive, target: a, at: par1",
        "subject: consumer-group, relation: unit-of, object: a, at: par1",
        "agent: a, role: supplier, target: car, said-by: boss, at: par1",
        "agent: a, role: distributor, target: car, said-by: consumer-group, at: par1",
        "agent: a, role: retailer, target: car, said-by: a, at: par1",
        "agent: a, role: brand-owner, target: brand-a, said-by: c, at: par1",
        "agent: b, role: supplier, target: car, said-by: a, at: par1",
        "agent: b, role: retailer, target: car, said-by: boss, at: par1",
    )
    unit = "consumer-group: {type: unit, en: Consumer Group}\n"
    engine = Engine(make_project(tmp_path, *rows, entities=ENTITIES + unit))
    own = [
        ":a | 2021-05-31 | :consumer-group | asserts | Alpha distributes Car One | actual | :s1 |",
        ":a | 2021-05-31 | :a | asserts | Alpha retails Car One | actual | :s1 |",
        ":a | 2021-05-31 | :boss | asserts | Alpha supplies Car One | actual | :s1 |",
    ]
    assert engine.rows(QUESTIONS["said-about-itself"], {}) == own
    assert engine.rows(QUESTIONS["said-about-itself"], {"firm": "a"}) == own
    assert engine.rows(QUESTIONS["said-about-itself"], {"firm": "b"}) == []


def test_disputes_say_why(tmp_path: Path) -> None:
    """A denial, a dispute and a place held by another are told apart."""
    rows = (
        "id: x, agent: a, role: carmaker, target: car, at: par1",
        "agent: a, role: carmaker, target: car, stance: denies, said-by: boss, at: par2",
        "agent: b, role: carmaker, target: car, disputes: x, said-by: boss, at: par2",
        "agent: a, role: brand-owner, target: brand-a, from: 2019, at: par3",
        "agent: b, role: brand-owner, target: brand-a, from: 2020, said-by: boss, at: par3",
    )
    whys = [row.split(" | ")[5].removesuffix(" |") for row in ask(make_project(tmp_path, *rows), "disputes")]
    assert sorted(whys) == ["denied", "disputed", "held by another"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"# title: A\x00b\n", "invisible character U+0000"),
        (b"SELECT * { ?a ?b ?c }", "has no title"),
        (b"# title: A\n# parameter who: nonsense: x\n", "write '# parameter who: entity"),
    ],
)
def test_a_question_that_cannot_be_read(tmp_path: Path, content: bytes, said: str) -> None:
    """A project's own file is read like its claims: told by name, no traceback."""
    folder = make_project(tmp_path, "agent: a, role: retailer, target: car")
    (folder / "questions").mkdir()
    (folder / "questions" / "mine.rq").write_bytes(content)
    with pytest.raises(kg.ProjectError, match=re.escape(said)):
        kg.load(folder).ask("mine")


def test_a_question_outside_the_project_is_not_read(tmp_path: Path) -> None:
    """A link leads nowhere."""
    (tmp_path / "secret").write_text("# title: Secret\nSELECT * {}", encoding="utf-8")
    folder = make_project(tmp_path / "project", "agent: a, role: retailer, target: car")
    (folder / "questions").mkdir()
    (folder / "questions" / "mine.rq").symlink_to(tmp_path / "secret")
    with pytest.raises(kg.ProjectError, match="lies outside the project"):
        kg.load(folder).ask("mine")


def test_who_builds_cars_with_no_other_side_named(tmp_path: Path) -> None:
    """A target or a principal that is not known is left empty; the row stands."""
    rows = (
        "agent: a, role: contract-manufacturer, target: car, counterparty: b, at: par1",
        "agent: a, role: contract-manufacturer, target: car-x, at: par1",
        "agent: a, role: contract-manufacturer, counterparty: c, at: par1",
    )
    found = ask(make_project(tmp_path, *rows), "contract-manufacturers")
    assert [row.split(" | ")[:3] for row in found] == [[":a", "", ":c"], [":a", ":car", ":b"], [":a", ":car-x", ""]]


@pytest.mark.parametrize(
    ("query", "narrowed"),
    [
        ("SELECT * WHERE { ?a ?b ?c }", "SELECT * WHERE { VALUES ?a { <x:y> } ?a ?b ?c }"),
        ("# {\nSELECT * WHERE { ?a ?b ?c }", None),  # a brace before it: not surely the outermost group
        ("SELECT * {\nSELECT ?b WHERE { ?a ?b ?c } }", None),
        ("SELECT ?c WHERE { ?c ?b 1 BIND(?c AS ?a) }", None),
        ("ASK { ?a ?b ?c }", None),
    ],
)
def test_a_bound_resource_stands_at_the_head(query: str, narrowed: str | None) -> None:
    """Only where that is surely the outermost group, and of variables that the query does not make itself."""
    assert narrow(query, {"a": "<x:y>", "d": '"text"'}) == (narrowed or query)
    assert narrow(query, {}) == query


def test_a_limit_changes_nothing_but_the_number_of_rows() -> None:
    """With a limit that is not reached every question gives the same bytes; with one that is, some of the same rows."""
    graph = kg.load(EXAMPLE)
    texts = [question.sparql for question in graph.questions.values()]
    whole, wide, cut = (
        ask_all(graph.store, texts, prefixes=graph.prefixes, limit=limit, timeout=300) for limit in (0, 100_000, 2)
    )
    assert [answer.text for answer in wide] == [answer.text for answer in whole]
    for few, many in zip(cut, whole, strict=True):
        assert len(few) == min(2, len(many))
        assert not [row for row in few.terms if row not in many.terms]


def test_a_count_under_a_limit_is_whole(tmp_path: Path) -> None:
    """Who has rows among those found first is counted to the end, however few rows are asked for."""
    rows = (
        *(
            f"agent: {firm}, role: supplier, target: car, from: {year}, at: par1"
            for firm in "abc"
            for year in (2015, 2016)
        ),
        *(f"agent: {firm}, role: retailer, target: car-x, at: par1" for firm in "abc"),
    )
    graph = kg.load(make_project(tmp_path, *rows))
    question = graph.questions["shortcuts"]
    for values in ({}, {"entity": "a"}):
        bindings = bind(graph.world, question, values)
        whole, *cut = (
            ask_all(graph.store, [question.sparql], prefixes=graph.prefixes, bindings=bindings, limit=limit)[0]
            for limit in (0, 1, 2, 3)
        )
        assert sum('"2"' in str(row[-1]) for row in whole.terms) == (1 if values else 3)
        assert [len(few) for few in cut] == [min(limit, len(whole)) for limit in (1, 2, 3)]
        assert not [row for few in cut for row in few.terms if row not in whole.terms]
