"""The ontology keeps its own rules: a query per rule in ontology/hygiene, whose rows are defects."""

import re
from pathlib import Path

import pyoxigraph
import pytest
from rdflib.plugins.sparql import prepareQuery

from kg.model.iris import PREFIXES
from kg.model.ontology import shipped_folder

FILES = sorted((shipped_folder() / "hygiene").iterdir())
HEAD = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items())

# What breaks each rule: a few triples more (Turtle), or without the triples of a pattern (subject and property).
BROKEN = {
    "broader-acyclic": "role:supplier skos:broader role:battery-supplier .",
    "broader-within-class": "role:supplier skos:broader event:launch .",
    "classes-declared": "role:supplier kg:targetType kg:Spaceship .",
    "keys-explained": 'kg:mood a kg:ClaimKey ; rdfs:comment "No kind of value."@en .',
    "keys-named": "role:supplier kg:requires kg:mood .",
    "keys-spelled": 'kg:mood a kg:ClaimKey ; skos:notation "mood|type" .',
    "keys-ordered": "kg:mood a kg:ClaimKey ; kg:position 41 .",
    "measures-in-units": "measure:weight a kg:Measure ; kg:defaultUnit unit:km ; kg:unitOf unit:kwh .",
    "modalities-judged": 'modality:dreamt a kg:Modality ; skos:notation "dreamt" .',
    "no-blank-nodes": 'role:supplier skos:note [ rdfs:label "nameless" ] .',
    "notations-present": "role:juggler a kg:Role .",
    "notations-unique": 'role:juggler a kg:Role ; skos:notation "supplier" .',
    "one-meaning": "kg:note a owl:AnnotationProperty .",
    "properties-declared": "role:supplier kg:juggles true .",
    "relation-ends": "relation:near a kg:RelationType ; kg:subjectType kg:Entity .",
    "role-labels": 'role:juggler a kg:Role ; skos:prefLabel "juggler"@en .',
    "role-reads": 'event:storm a kg:EventType ; kg:reads "stürmt"@de .',
    "role-targets": "role:juggler a kg:Role ; skos:broader role:lead-by-nobody .",
    "shortcuts-declared": "role:supplier kg:shortcut kg:juggles .",
    "subclasses-acyclic": "kg:Entity rdfs:subClassOf kg:Model .",
    "terms-labelled": "role:juggler a kg:Role .",
    "types-below-entity": "kg:Storm a kg:EntityType .",
    "types-drawn": "kg:Storm a kg:EntityType ; kg:column column:firm .",
    "verdicts-drawn": 'verdict:doubted a kg:Verdict ; kg:line "solid" ; kg:mark "" ; kg:position 99 .',
}

each_rule = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def ontology(addition: str = "") -> pyoxigraph.Store:
    """Return the shipped ontology, and some more."""
    store = pyoxigraph.Store()
    for file in sorted(shipped_folder().glob("*.ttl")):
        store.load(path=str(file), format=pyoxigraph.RdfFormat.TURTLE)
    store.load((HEAD + addition).encode(), format=pyoxigraph.RdfFormat.TURTLE)
    return store


def defects(store: pyoxigraph.Store, file: Path) -> list[str]:
    """Return the rows of a rule's query."""
    rows = store.query(file.read_text("utf-8"))
    assert isinstance(rows, pyoxigraph.QuerySolutions)
    return [" ".join(str(term) for term in row) for row in rows]


@pytest.fixture(scope="session")
def shipped() -> pyoxigraph.Store:
    """Give the shipped ontology, loaded once."""
    return ontology()


@each_rule
def test_the_ontology_keeps_the_rule(file: Path, shipped: pyoxigraph.Store) -> None:
    """No rule of the ontology is broken."""
    assert defects(shipped, file) == []


@each_rule
def test_the_rule_can_be_broken(file: Path) -> None:
    """A few wrong triples give a row: the query does look."""
    assert defects(ontology(BROKEN[file.stem]), file)


@each_rule
def test_the_rule_is_said_in_words(file: Path) -> None:
    """The first line is the rule in English, and the query declares its prefixes."""
    text = file.read_text("utf-8")
    assert file.suffix == ".rq"
    assert re.match(r"# [A-Z][^\n]+\.\n", text)
    prepareQuery(text)


def test_every_rule_is_broken_once() -> None:
    """Every rule has its wrong triples here, and none is left over."""
    assert set(BROKEN) == {file.stem for file in FILES}


@pytest.mark.parametrize(
    ("rule", "addition"),
    [
        ("role-labels", 'role:juggler a kg:Role ; skos:prefLabel "juggler"@en , "杂耍者"@zh .'),
        ("role-targets", "role:juggler a kg:Role ; skos:broader role:supplier ."),
        ("notations-unique", 'event:supply a kg:EventType ; skos:notation "supplier" .'),
        ("broader-acyclic", "role:juggler a kg:Role ; skos:broader role:supplier , role:seller ."),
    ],
)
def test_what_is_right_breaks_nothing(rule: str, addition: str) -> None:
    """A role inherits its targets, two classes may share a notation, and two broader terms are no circle."""
    file = shipped_folder() / "hygiene" / f"{rule}.rq"
    assert defects(ontology(addition), file) == []
