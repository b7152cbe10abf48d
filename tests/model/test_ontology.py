"""The ontology is data: the code knows none of it, and a project can add to it."""

import gc
import re
import weakref
from pathlib import Path

import pytest

import kg
from kg.model.errors import Problem
from kg.model.ontology import faults, nearest, read_ontology, shipped_terms
from kg.model.terms import CLASSES
from projects import ROOT, make_project, verdicts

# Words of the ontology that are also plain words of programs or of the model itself.
GENERAL = {
    "source", "model", "group", "unit", "place", "office", "person", "media", "channel", "platform", "component", "agent",
    "target", "value", "name", "object", "subject", "relation", "event", "measure", "role", "lead", "rank", "split",
    "closing", "ended", "opening", "agreement", "framework", "approval", "listing", "closure", "same as", "same-as", "part of",
    "includes", "entity", "price", "day", "week", "month", "quarter", "year", "people", "s", "%", "filing", "article",
    "registry", "report", "interview", "release", "editor", "dataset", "currency", "territory", "variant", "security",
    "cars", "units", "launch", "member of", "variant of", "built on", "real", "won", "pound", "capacity", "naming",
}  # fmt: skip


def domain_words() -> set[str]:
    """Return labels and notations of roles, relations, events, measures, types, columns and segments."""
    ontology = read_ontology({}, [])
    classes = ("Role", "RelationType", "EventType", "Measure", "EntityType", "Segment")
    terms = [term for cls in classes for term in ontology.terms(cls).values()]
    words = {word.lower() for term in terms for word in (term.notation, *term.labels.values())}
    return {word for word in words if word not in GENERAL and len(word) > 2}


def test_no_word_of_the_domain_stands_in_the_code() -> None:
    """A new role, type or measure is an edit in ontology/, never in kg/."""
    found = []
    pattern = re.compile(
        "|".join(rf"\b{re.escape(word)}\b" for word in sorted(domain_words(), key=len, reverse=True)), re.I
    )
    for path in sorted((ROOT / "kg").rglob("*.py")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            found += [f"{path.name}:{number}: {match.group()}" for match in pattern.finditer(line)]
    assert found == []


def test_the_grep_can_fail() -> None:
    """The words it looks for are those of the domain."""
    assert {"supplier", "carmaker", "brand", "contract-manufacturer", "供应商", "vehicles sold"} <= domain_words()


TYRES = """
@prefix kg: <https://w3id.org/autokg/ns#> .
@prefix role: <https://w3id.org/autokg/role/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<https://example.org/my-roles/tyre-supplier> a kg:Role ; skos:notation "tyre-supplier" ; skos:broader role:parts-supplier ;
    skos:prefLabel "tyre supplier"@en , "轮胎供应商"@zh ; kg:reads "supplies the tyres of"@en .
"""


def test_a_projects_own_role(tmp_path: Path) -> None:
    """A role from the project's ontology is checked, reads aloud, is drawn, and counts as its broader one."""
    folder = make_project(tmp_path, "agent: a, role: tyre-supplier, target: car")
    (folder / "ontology").mkdir()
    (folder / "ontology" / "mine.ttl").write_text(TYRES, encoding="utf-8")
    graph = kg.load(folder)
    assert verdicts(graph) == {"Alpha supplies the tyres of Car One": "stated"}
    assert graph.query("ASK { :a kg:supplierOf :car . ?p kg:role <https://example.org/my-roles/tyre-supplier> }")
    assert "tyre-supplier" in graph.ontology_text()
    assert {data["label"] for *_, data in graph.to_networkx().edges(data=True)} == {"tyre supplier"}
    (folder / "claims" / "s1.yaml").write_text(
        (folder / "claims" / "s1.yaml").read_text("utf-8").replace("target: car", "target: china"), encoding="utf-8"
    )
    assert [problem.code for problem in kg.check(folder)] == ["KG109"]


def test_the_readmes_role_works(tmp_path: Path) -> None:
    """The Turtle printed in the README is a role that may be written."""
    text = (ROOT / "README.md").read_text("utf-8")
    turtle = text.partition("```turtle\n")[2].partition("```")[0]
    folder = make_project(tmp_path, "agent: a, role: tyre-supplier, target: car")
    (folder / "ontology").mkdir()
    (folder / "ontology" / "mine.ttl").write_text(turtle, encoding="utf-8")
    assert kg.check(folder) == []


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("@prefix kg: <", "KG002", "not Turtle"),
        ("<https://x.org/a> <https://x.org/b> [] .", "KG002", "blank node"),
        (TYRES.replace('"tyre-supplier"', '"retailer"'), "KG110", "names two terms"),
        (
            "<https://w3id.org/autokg/stance/denies> <https://w3id.org/autokg/ns#stanceOf> <https://w3id.org/autokg/ns#asserts> .",
            "KG115",
            "'denies' is a term of autokg",
        ),
        (
            '<https://w3id.org/autokg/verdict/denied> <http://www.w3.org/2004/02/skos/core#prefLabel> "stated"@en .',
            "KG115",
            "'denied'",
        ),
    ],
)
def test_a_broken_ontology_is_a_problem(tmp_path: Path, text: str, code: str, said: str) -> None:
    """Broken Turtle, blank nodes and doubled notations are reported, not raised."""
    folder = make_project(tmp_path, "agent: a, role: distributor, target: car")
    (folder / "ontology").mkdir()
    (folder / "ontology" / "mine.ttl").write_text(text, encoding="utf-8")
    problems = kg.check(folder)
    assert [problem.code for problem in problems] == [code]
    assert said in problems[0].message
    assert problems[0].location.file == "ontology/mine.ttl"


def test_nearest_finds_what_was_meant() -> None:
    """A mistyped word finds its right one; nonsense finds none."""
    words = ["design-lead", "retailer", "contract-manufacturer"]
    assert nearest("desing-lead", words) == "design-lead"
    assert nearest("Retailer", words) == "retailer"
    assert nearest("zzz", words) == ""


def test_ontologies_go_with_their_projects(tmp_path: Path) -> None:
    """What projects added to the words is not kept for ever: no more than the last two of them."""
    watched = []
    for n in range(4):
        folder = make_project(tmp_path / str(n), "agent: a, role: distributor, target: car")
        (folder / "ontology").mkdir()
        (folder / "ontology" / "mine.ttl").write_text(f"{TYRES}\n# {n}\n", encoding="utf-8")
        graph = kg.load(folder)
        graph.export("turtle")
        watched.append(weakref.ref(graph.world.ontology))
    del graph
    gc.collect()
    assert [seen() is None for seen in watched] == [True, True, False, False]


def test_the_shipped_terms_have_their_properties() -> None:
    """No property of a shipped term is missing or misspelt, and each that names a term names one of the right class."""
    for folder in ("", "conflicts"):
        ontology = shipped_terms(folder)
        terms = [ontology.term(iri) for iri in sorted({subject[1:-1] for subject, *_ in ontology.triples})]
        typed = [term for term in terms if type(term) in CLASSES.values()]
        assert [fault for term in typed for fault in faults(ontology, term)] == []
        assert len(typed) >= 10


@pytest.mark.parametrize(
    ("said", "line", "message", "hint"),
    [
        ("kg:exclusiv true", 4, "'tester' cannot have kg:exclusiv", "did you mean kg:exclusive?"),
        ("kg:symmetric true", 4, "'tester' cannot have kg:symmetric", "it takes agentType, "),
        ("kg:function <https://w3id.org/autokg/function/slaes>", 4, "kg:function of 'tester' names no Function", "did you mean 'sales'?"),
        ("kg:belongs kg:tarrget", 4, "kg:belongs of 'tester' names no Key", ""),
    ],
)  # fmt: skip
def test_a_property_that_a_term_cannot_have_is_told_at_its_line(said: str, line: int, message: str, hint: str) -> None:
    """Misspelt, of another kind of term, or naming what is not there."""
    text = (
        "@prefix kg: <https://w3id.org/autokg/ns#> .\n@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        '<https://example.org/tester> a kg:Role ; skos:notation "tester" ; skos:prefLabel "tester"@en ;\n'
        f"    {said} .\n"
    )
    problems: list[Problem] = []
    read_ontology({"ontology/own.ttl": text}, problems)
    (problem,) = problems
    assert (problem.code, problem.location.line, problem.severity) == ("KG116", line, "error")
    assert problem.message.startswith(message)
    assert problem.hint.startswith(hint)


def test_a_term_without_a_property_that_it_needs_is_told() -> None:
    """A stance says by which property its claims point at a proposition."""
    text = (
        "@prefix kg: <https://w3id.org/autokg/ns#> .\n@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n\n"
        '<https://example.org/hints> a kg:Stance ; skos:notation "hints" ; skos:prefLabel "hints"@en .\n'
    )
    problems: list[Problem] = []
    read_ontology({"ontology/own.ttl": text}, problems)
    assert [(p.location.line, p.message) for p in problems] == [(4, "'hints' has no kg:stanceOf")]
