"""The second example: as large as promised, without a fault, and its questions answer as they say."""

import re
from urllib.parse import urlsplit

import pytest
from rdflib.plugins.sparql import prepareQuery
from test_questions import Engine, example

import kg
from kg.model.ontology import Term
from kg.model.world import Claim
from kg.sparql.guard import check_query
from kg.sparql.questions import Question, read_questions
from projects import SECOND, find, verdicts

SHIPPED = read_questions()
OWN = {path.stem: read_questions(SECOND)[path.stem] for path in sorted((SECOND / "questions").glob("*.rq"))}

each_question = pytest.mark.parametrize("question", OWN.values(), ids=lambda question: question.name)


@pytest.fixture(scope="session")
def second() -> kg.Graph:
    """Give the second example, loaded once."""
    return kg.load(SECOND)


@pytest.fixture(scope="session")
def engine() -> Engine:
    """Give the second example with its graph in a store."""
    return Engine(SECOND)


def is_seen(claim: Claim) -> bool:
    """Tell whether a claim comes from a document, not from the editor."""
    kind = claim.source.facts["kind"]
    return isinstance(kind, Term) and kind.notation != "editor"


# ------------------------------------------------------------------ the size and the care


def test_is_as_large_as_promised(second: kg.Graph) -> None:
    """At least 15 documents, at least 120 claims from them, and no fault, warning or error."""
    claims = [claim for claim in second.world.claims if is_seen(claim)]
    assert len({claim.source.id for claim in claims}) >= 15
    assert len(claims) >= 120
    assert [problem for problem in kg.check(SECOND) if problem.severity != "info"] == []


def test_every_document_has_its_address_and_every_claim_its_place(second: kg.Graph) -> None:
    """A document names a page of the web, no two the same; a claim says where it stands there."""
    documents = {claim.source.id: claim.source for claim in second.world.claims if is_seen(claim)}
    addresses = [str(source.facts.get("url", "")) for source in documents.values()]
    assert all(urlsplit(address).scheme in {"http", "https"} and urlsplit(address).netloc for address in addresses)
    assert len(set(addresses)) == len(addresses)
    assert [claim.place for claim in second.world.claims if not claim.text("at")] == []


def test_nothing_is_quoted(second: kg.Graph) -> None:
    """The evidence is paraphrase: no row carries the source's own sentence."""
    assert [claim.place for claim in second.world.claims if claim.text("quote")] == []


def test_firms_brands_and_cars_are_named_in_english(second: kg.Graph) -> None:
    """Whoever is drawn can be read; the five brands and their makers are named in Chinese too."""
    assert all("en" in entity.names for entity in second.world.entities.values() if entity.type.notation != "source")
    both = (
        "huawei",
        "sokon",
        "seres",
        "chery",
        "baic",
        "jac",
        "saic",
        "aito",
        "luxeed",
        "stelato",
        "maextro",
        "shangjie",
    )
    assert all("zh" in second.world.entities[id].names for id in both)


# ------------------------------------------------------------------ what the graph says


@pytest.mark.parametrize(
    ("sentence", "verdict"),
    [
        ("Seres Automobile is the carmaker of AITO M5", "stated"),
        ("Seres Automobile as contract manufacturer for Huawei", "contested"),
        ("Seres Group as contract manufacturer for Huawei", "denied"),
        ("AITO is a brand of Huawei", "contested"),
        ("Huawei buys shares of Chongqing Jinkang New Energy Automobile from Seres Group", "contested"),
        ("Seres Group is a shareholder of Shenzhen Yinwang Intelligent Technology holding 10% in 2025-04", "stated"),
        ("Huawei leads Smart Selection", "stated"),
        ("Seres Automobile leads AITO", "stated"),
        ("Huawei as carmaker from 2023-03-31 until 2028", "denied"),
        ("Huawei as production permit holder", "denied"),
        ("Huawei owns the brand the mark Wenjie in 2023-06", "stated"),
        ("Huawei acquires sales system of AITO", "contested"),
        ("Huawei, vehicles sold: 300000 vehicles, counting cars in 2022", "retracted"),
        ("AITO, vehicles delivered: 46141 vehicles in 2024-06", "corrected"),
        ("AITO, vehicles delivered: 42780 vehicles in 2024-06", "stated"),
        ("Luxeed S7 is built at Chery plant 1", "reported"),
        ("Avatr Technology is a shareholder of Shenzhen Yinwang Intelligent Technology holding 10%", "stated"),
        ("naming of Maextro as AoJie", "denied"),
        ("naming of Maextro as Zunjie", "stated"),
    ],
)
def test_verdicts(second: kg.Graph, sentence: str, verdict: str) -> None:
    """What is to be thought of the turning points of the story."""
    assert verdicts(second)[sentence] == verdict


@pytest.mark.parametrize("sentence", ["Huawei leads Smart Selection", "Seres Automobile leads AITO"])
def test_who_leads_is_in_tension_by_the_editor_alone(second: kg.Graph, sentence: str) -> None:
    """What the editor sets against each other keeps its verdict and carries a qualifier."""
    judgement = second.judgements[find(second, sentence).iri]
    assert "in-tension" in [qualifier.notation for qualifier in judgement.qualifiers]


def test_a_plan_and_its_condition_meet(second: kg.Graph) -> None:
    """The plan and the condition of it are two claims on one proposition; the deed, which has a day, is another."""
    planned = find(second, "renaming of Seres Group as Seres Group Co Ltd from Chongqing Sokon Industrial Group Co Ltd")
    claims = [claim for claim in second.world.claims if claim.proposition.iri == planned.iri]
    assert sorted(claim.modality.notation for claim in claims) == ["conditional", "planned"]


@pytest.mark.parametrize(
    ("name", "values", "row"),
    [
        ("brand-owner-on", {"brand": "aito-mark", "day": "2023-06-12"}, ":pukang"),
        ("brand-owner-on", {"brand": "wenjie-mark", "day": "2023-06-12"}, ":huawei"),
        ("aliases", {"entity": "sokon"}, "小康股份"),
        ("denials", {}, "production permit holder"),
        ("shared-suppliers", {}, ":huawei"),
    ],
)
def test_shipped_questions_answer_here_too(engine: Engine, name: str, values: dict[str, str], row: str) -> None:
    """A question that came with the package finds in the second example what its sources say."""
    assert any(row in line for line in engine.rows(SHIPPED[name], values))


# ------------------------------------------------------------------ its own questions


def test_there_are_enough_questions() -> None:
    """At least 15, and none takes the name of one that came with the package."""
    assert len(OWN) >= 15
    assert not set(OWN) & set(SHIPPED)


@each_question
def test_a_question_is_whole(question: Question) -> None:
    """It has a title in English and Chinese, an example call and an answer, and it parses anywhere."""
    assert question.title.endswith("?")
    assert re.search(r"[\u4e00-\u9fff]", question.titles["zh"])
    assert question.answer
    assert set(example(question)) <= {parameter.name for parameter in question.parameters}
    check_query(question.sparql)
    prepareQuery(re.sub(r"(?m)^#.*$", "", question.sparql))


@each_question
def test_a_question_answers_as_it_says(question: Question, engine: Engine) -> None:
    """The example call gives exactly the rows of the file, and without parameters at least as many."""
    rows = engine.rows(question, example(question))
    assert rows == list(question.answer)
    assert len(engine.rows(question, {})) >= len(rows) > 0
