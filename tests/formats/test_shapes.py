"""SHACL shapes and the reader's check are made from one ontology, and agree."""

from functools import cache
from pathlib import Path

import pyoxigraph
import pytest
import rdflib

import kg
from projects import EXAMPLE, make_project

pyshacl = pytest.importorskip("pyshacl")


@cache
def parsed(text: str) -> rdflib.Graph:
    """Return the triples of a text in Turtle."""
    return rdflib.Graph().parse(data=text, format="turtle")


def conforms(graph: kg.Graph, data: str) -> bool:
    """Tell whether data, with the ontology beside them, conform to the graph's shapes."""
    with_ontology = parsed(graph.ontology_text()) + parsed(data)
    return bool(pyshacl.validate(with_ontology, shacl_graph=parsed(graph.shapes_text()))[0])


def test_the_seed_conforms() -> None:
    """What the check accepts, the shapes accept."""
    graph = kg.load(EXAMPLE)
    assert conforms(graph, graph.export("turtle"))


GOOD = {
    "a brand's owner": ("agent: a, role: brand-owner, target: brand-a", ":brand-a", ":car"),
    "a relation's end": ("subject: car-x, relation: variant-of, object: car", ":car ;", ":a ;"),
    "an office": ("agent: boss, role: chief-executive, target: a", "kg:agent :boss", "kg:agent :car"),
    "a unit": ("about: car, measure: units-sold, value: 5 vehicles", "unit:vehicles", "unit:percent"),
    "a missing number's unit": ("about: car, measure: units-sold, value: 5 vehicles", "kg:unit unit:vehicles ;", ""),
    "an event's place": ("event: acquisition, agent: a, about: b", "kg:agent :a ;", ""),
    "a rank's range": ("about: car, measure: rank, value: 1, among: cars", 'kg:among "cars" ;', ""),
    "a share": ("agent: a, role: shareholder, target: b, share: 30%", "kg:share 30", "kg:share 130"),
    "two agents": ("agent: a, role: retailer, target: car", "kg:agent :a", "kg:agent :a , :b"),
    "a role": ("agent: a, role: retailer, target: car", "role:retailer ;", "verdict:stated ;"),
    "no far end": ("agent: a, role: retailer, target: car", "kg:target :car", "kg:extent \"partial\""),
    "an extent": ("agent: a, role: retailer, target: car, extent: partial", '"partial"', '"huge"'),
    "a claim's speaker": ("agent: a, role: retailer, target: car", "prov:wasAttributedTo :paper ;", ""),
    "a claim's stance": ("agent: a, role: retailer, target: car", "kg:asserts prop:", "kg:denies prop:x , prop:"),
    "a source's title": ("agent: a, role: retailer, target: car", 'dcterms:title "Title of s1" ;', ""),
}  # fmt: skip


def test_good_rows_conform(tmp_path: Path) -> None:
    """All of them together, as they are exported."""
    graph = kg.load(make_project(tmp_path, *{row: None for row, _, _ in GOOD.values()}))
    assert conforms(graph, graph.export("turtle"))


@pytest.mark.parametrize("name", GOOD)
def test_what_the_check_refuses_the_shapes_refuse(tmp_path: Path, name: str) -> None:
    """RDF with one thing made wrong does not conform; test_good_rows_conform has it right."""
    row, right, wrong = GOOD[name]
    graph = kg.load(make_project(tmp_path, row))
    text = graph.export("turtle").replace("kg:share 30.0", "kg:share 30")
    plain = text.replace('"30"^^xsd:decimal', "30")
    assert right in plain, plain
    broken = plain.replace(right, wrong)
    list(pyoxigraph.parse(broken, pyoxigraph.RdfFormat.TURTLE))
    assert not conforms(graph, broken)
