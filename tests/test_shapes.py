"""SHACL shapes and the reader's check are made from one ontology, and agree."""

from pathlib import Path

import pyoxigraph
import pytest
import rdflib

import kg
from projects import EXAMPLE, make_project

pyshacl = pytest.importorskip("pyshacl")


def conforms(graph: kg.Graph, data: str) -> bool:
    """Tell whether data, with the ontology beside them, conform to the graph's shapes."""
    with_ontology = rdflib.Graph().parse(data=data, format="turtle").parse(data=graph.ontology_text(), format="turtle")
    shapes = rdflib.Graph().parse(data=graph.shapes_text(), format="turtle")
    return bool(pyshacl.validate(with_ontology, shacl_graph=shapes)[0])


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


@pytest.mark.parametrize("name", GOOD)
def test_what_the_check_refuses_the_shapes_refuse(tmp_path: Path, name: str) -> None:
    """A good row conforms; the same RDF with one thing made wrong does not."""
    row, right, wrong = GOOD[name]
    graph = kg.load(make_project(tmp_path, row))
    text = graph.export("turtle").replace("kg:share 30.0", "kg:share 30")
    plain = text.replace('"30"^^xsd:decimal', "30")
    assert right in plain, plain
    broken = plain.replace(right, wrong)
    list(pyoxigraph.parse(broken, pyoxigraph.RdfFormat.TURTLE))
    assert conforms(graph, plain)
    assert not conforms(graph, broken)
