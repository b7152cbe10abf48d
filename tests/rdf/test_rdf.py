"""The RDF: one set of triples, whichever way it is written and read."""

import re
import unicodedata
from pathlib import Path

import pyoxigraph
import pytest
import rdflib

import kg
from projects import EXAMPLE, make_project


@pytest.fixture(scope="module")
def graph() -> kg.Graph:
    """Give the seed."""
    return kg.load(EXAMPLE)


def triples_by_pyoxigraph(text: str) -> set[tuple[str, str, str]]:
    """Read Turtle with pyoxigraph."""
    return {
        (str(t.subject), str(t.predicate), str(t.object)) for t in pyoxigraph.parse(text, pyoxigraph.RdfFormat.TURTLE)
    }


def test_two_readers_agree_on_the_turtle(graph: kg.Graph) -> None:
    """rdflib and pyoxigraph read the same set of triples from graph.ttl."""
    text = graph.export("turtle")
    rdflib.NORMALIZE_LITERALS = False
    try:
        read = rdflib.Graph().parse(data=text, format="turtle")
    finally:
        rdflib.NORMALIZE_LITERALS = True
    by_rdflib = {tuple(term.n3() for term in triple) for triple in read}
    assert by_rdflib == triples_by_pyoxigraph(text)
    assert len(by_rdflib) > 1000


def test_the_four_syntaxes_hold_the_same(graph: kg.Graph) -> None:
    """Turtle and N-Triples hold the union, TriG and N-Quads the same quads."""
    read = {
        form: list(pyoxigraph.parse(graph.export(form), getattr(pyoxigraph.RdfFormat, name)))
        for form, name in {"turtle": "TURTLE", "ntriples": "N_TRIPLES", "trig": "TRIG", "nquads": "N_QUADS"}.items()
    }
    assert set(map(str, read["turtle"])) == set(map(str, read["ntriples"]))
    assert set(map(str, read["trig"])) == set(map(str, read["nquads"]))
    assert {str(q.triple) for q in read["nquads"]} == set(map(str, [q.triple for q in read["turtle"]]))


def test_no_triple_stands_in_two_graphs(graph: kg.Graph) -> None:
    """Counts over the union are right because no triple is repeated."""
    assert len(graph.quads) == len({quad[1:] for quad in graph.quads})


def test_no_blank_nodes(graph: kg.Graph) -> None:
    """Everything has an IRI, in the data and in the ontology."""
    assert "_:" not in re.sub(r'"[^"\n]*"', "", graph.export("nquads") + graph.ontology_text())


def test_the_graphs_are_those_of_the_model(graph: kg.Graph) -> None:
    """Entities, propositions, derived, and one per source."""
    base = graph.world.settings.base
    graphs = {quad[0][1:-1].removeprefix(base) for quad in graph.quads}
    sources = {f"id/{id}" for id in graph.world.sources}
    assert graphs == {"graph/entities", "graph/propositions", "graph/derived", *sources}


def test_shortcuts_of_the_seed(graph: kg.Graph) -> None:
    """Huawei is a supplier of the SF5, by one hop; nothing on SERES Auto is."""
    assert graph.query("ASK { :huawei kg:supplierOf :seres-sf5 }")
    assert not graph.query("ASK { ?s ?p :seres-auto . ?role kg:shortcut ?name FILTER(STR(?p) = STR(?name)) }")
    assert graph.query("ASK { :jinkang kg:oemOf :seres-brand . :sokon kg:brandOwnerOf :seres-brand }")


def test_a_shortcut_points_at_what_it_rests_on(graph: kg.Graph) -> None:
    """Whatever yields the one-hop triple is stated."""
    rows = list(
        graph.query(
            """SELECT ?verdict (COUNT(*) AS ?n) {
            ?p kg:agent :huawei ; kg:target :seres-sf5 ; kg:yields kg:supplierOf ; kg:verdict ?verdict } GROUP BY ?verdict"""
        )
    )
    assert rows == [{"verdict": "https://w3id.org/autokg/verdict/stated", "n": 3}]


def test_brave_adds_what_is_asserted(graph: kg.Graph) -> None:
    """Brave holds plans and the contested; the denied never."""
    cautious, brave = (set(graph.export("ntriples", flat=flat).splitlines()) for flat in ("cautious", "brave"))
    assert cautious < brave
    assert any("designLeadOf" in line and "seres-auto" in line for line in brave)
    assert not any("developerOf" in line and "any-new-model" in line for line in brave)


def test_valid_time_decides_a_shortcut(tmp_path: Path) -> None:
    """A role that ended before the as-of day gives no shortcut; an undated one does."""
    rows = (
        "agent: a, role: brand-owner, target: brand-a, until: 2020",
        "agent: b, role: brand-owner, target: brand-a, from: 2021-01",
        "agent: c, role: retailer, target: car",
    )
    text = kg.load(make_project(tmp_path, *rows)).export("ntriples", flat="cautious")
    found = re.findall(r"/id/(\S+)> <\S+#(\w+Of)> <\S+/id/(\S+)>", text)
    assert found == [("b", "brandOwnerOf", "brand-a"), ("c", "retailerOf", "car"), ("c", "sellerOf", "car")]


def test_a_finer_proposition_shares_the_slot(tmp_path: Path) -> None:
    """Component and dates are not in the slot; the wording is in neither."""
    rows = (
        "agent: a, role: supplier, target: car",
        "agent: a, role: supplier, target: car, component: motor, from: 2020",
        "agent: b, role: supplier, target: car",
    )
    propositions = kg.load(make_project(tmp_path, *rows)).world.propositions
    assert len({p.iri for p in propositions}) == 3
    assert len({p.slot for p in propositions}) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("about: car, measure: units-sold, value: 300000 vehicles, when: 2022", "value: 300 thousand cars, about: car, measure: units-sold, when: 2022?"),
        ("about: car, measure: units-sold, value: 5 vehicles, when: 2021-Q4", "about: car, measure: units-sold, value: 5.0 vehicles, when: 2021-36"),
        ("event: merger, parties: a|b", "event: merger, parties: b|a"),
        ("subject: car, relation: same-as, object: car-x", "subject: car-x, relation: same-as, object: car"),
        ("event: naming, about: car, name: Car One", "event: naming, about: car, name: Car  One"),
    ],
)  # fmt: skip
def test_the_same_content_meets_on_one_proposition(tmp_path: Path, one: str, other: str) -> None:
    """Spelling, order and inferred marks do not make another proposition."""
    other = f"{other}, said-by: boss"
    graph = kg.load(make_project(tmp_path, one, other))
    assert len(graph.world.propositions) == 1
    assert len(graph.world.claims) == 2


def test_every_naughty_string_survives(tmp_path: Path) -> None:
    """Whatever a note holds comes back from RDF as it was."""
    strings = [
        'say "hi"',
        "back\\slash",
        "tab\tin",
        "emoji 🚗",
        "<b>&amp;</b>",
        "{{7*7}}",
        "'; DROP TABLE",
        "名\u200b字",
        "a\u0301",
    ]
    rows = "source,agent,role,target,note,at\n"
    roles = [
        "supplier",
        "retailer",
        "seller",
        "lead",
        "carmaker",
        "distributor",
        "co-developer",
        "design-lead",
        "sales-lead",
    ]
    for role, text in zip(roles, strings, strict=True):
        rows += f's1,a,{role},car,"{text.replace(chr(34), chr(34) * 2)}",par1\n'
    files = {"claims__c_csv": rows, "sources_csv": "id,title,publisher,published\ns1,T,paper,2021-05\n"}
    graph = kg.load(make_project(tmp_path, **files))
    assert {row["n"] for row in graph.query("SELECT ?n { ?c kg:note ?n }")} == {
        unicodedata.normalize("NFC", text) for text in strings
    }
