"""The Python API: what ``import kg`` offers, and that it does what the docs say."""

import doctest
import shutil
from pathlib import Path

import networkx as nx
import pytest
import rdflib

import kg
from projects import EXAMPLE, ROOT, make_project


@pytest.fixture(scope="module")
def graph() -> kg.Graph:
    """Give the seed."""
    return kg.load(EXAMPLE)


def test_the_public_names() -> None:
    """The names are pinned: a new one is a decision."""
    assert kg.__all__ == [
        "Answer", "CheckError", "Graph", "KgError", "Location", "Problem", "ProjectError", "QueryError", "StoredGraph",
        "UsageError", "__version__", "build", "check", "load", "open_store",
    ]  # fmt: skip
    assert all(getattr(kg, name) is not None for name in kg.__all__)
    assert dir(kg) == sorted(kg.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    """``kg.nonsense`` fails as a module should."""
    with pytest.raises(AttributeError, match="nonsense"):
        kg.nonsense  # noqa: B018


def test_the_python_page_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worked example in docs/python.md runs as printed."""
    monkeypatch.chdir(ROOT)
    result = doctest.testfile(str(ROOT / "docs" / "python.md"), module_relative=False)
    assert result.attempted > 5
    assert result.failed == 0


def test_load_raises_with_every_problem(tmp_path: Path) -> None:
    """A project with two errors raises both, with places."""
    folder = make_project(
        tmp_path, "agent: nobody, role: retailer, target: car", "agent: a, role: nothing, target: car"
    )
    with pytest.raises(kg.CheckError) as caught:
        kg.load(folder)
    assert [str(problem.location) for problem in caught.value.problems] == [
        "claims/s1.yaml:3:11",
        "claims/s1.yaml:4:20",
    ]
    assert kg.check(folder) == caught.value.problems


def test_load_without_a_project(tmp_path: Path) -> None:
    """A folder without kg.yaml is told so."""
    with pytest.raises(kg.ProjectError, match=r"no kg\.yaml"):
        kg.load(tmp_path)


def test_build_writes_four_files_and_nothing_on_failure(tmp_path: Path) -> None:
    """A failed build leaves the last good outputs, byte for byte."""
    project = tmp_path / "p"
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("build"))
    kg.build(project)
    out = project / "build"
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert sorted(before) == ["graph.html", "graph.trig", "graph.ttl", "ontology.ttl"]
    (project / "claims" / "broken.yaml").write_text("source: {\n", encoding="utf-8")
    with pytest.raises(kg.CheckError):
        kg.build(project)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_to_networkx(graph: kg.Graph) -> None:
    """A MultiDiGraph with plain attributes, parallel edges kept, parts between firm and product."""
    network = graph.to_networkx()
    assert isinstance(network, nx.MultiDiGraph)
    kinds = {type(v) for _, data in network.nodes(data=True) for v in data.values()}
    kinds |= {type(v) for *_, data in network.edges(data=True) for v in data.values()}
    assert kinds <= {str, bool, int, float}
    assert network.nodes["huawei"]["label"] == "Huawei"
    assert "华为" in network.nodes["huawei"]["names"]
    labels = {data["label"] for data in network["huawei"]["seres-auto"].values()}
    assert {"planning lead", "design lead", "marketing lead", "sales lead"} <= labels
    assert nx.has_path(network, "huawei", "huawei-hicar")
    assert network.has_edge("huawei-hicar", "seres-sf5")
    assert {data["verdict"] for data in network["huawei"]["carmaker?"].values()} == {"denied"}
    assert nx.is_frozen(network) is False


def test_to_rdflib(graph: kg.Graph) -> None:
    """A Dataset whose default graph is the union, with the project's prefixes."""
    dataset = graph.to_rdflib()
    assert isinstance(dataset, rdflib.Dataset)
    assert len(dataset) == len(graph.quads)
    huawei, supplier = (rdflib.URIRef(graph.prefixes[p] + n) for p, n in (("", "huawei"), ("kg", "supplierOf")))
    assert list(dataset.objects(huawei, supplier)) == [rdflib.URIRef(graph.prefixes[""] + "seres-sf5")]


def test_query_kinds(graph: kg.Graph) -> None:
    """Rows, a boolean and triples."""
    rows = graph.query("SELECT ?n (1.5 AS ?d) (true AS ?b) ?free { :huawei rdfs:label ?n } ORDER BY ?n")
    assert rows.columns == ["n", "d", "b", "free"]
    assert [row["n"] for row in rows] == ["Huawei", "华为"]
    assert next(iter(rows))["b"] is True
    assert next(iter(rows))["free"] is None
    assert not graph.query("ASK { :huawei a kg:Brand }")
    assert len(graph.query("CONSTRUCT WHERE { :huawei a ?t }")) == 1
    assert graph.query("SELECT ?n { :huawei rdfs:label ?n }", form="csv").text.startswith("n\r\n")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "SERVICE"),
        ("LOAD <http://127.0.0.1:9/>", "LOAD"),
        ("SELECT * { ?s ?p }", "is not SPARQL"),
        ("{" * 2200, "deeper"),
        ("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o } ORDER BY ?a", "memory|seconds"),
    ],
)
def test_hostile_queries_are_refused_or_ended(graph: kg.Graph, query: str, message: str) -> None:
    """None of them ends this process, reaches out, or runs for ever."""
    with pytest.raises(kg.QueryError, match=message):
        graph.query(query, timeout=3, memory=600_000_000)
    assert graph.query("ASK { :huawei a kg:Firm }")


def test_ask(graph: kg.Graph) -> None:
    """A named question, by id and by name in any language; mistakes are told."""
    by_id, by_name = (graph.ask("roles-of", {"firm": firm}).text for firm in ("huawei", "华为"))
    assert by_id == by_name
    with pytest.raises(kg.UsageError, match="did you mean 'roles-of'"):
        graph.ask("role-of")
    with pytest.raises(kg.UsageError, match="did you mean 'huawei'"):
        graph.ask("roles-of", {"firm": "huawie"})
    with pytest.raises(kg.UsageError, match="no parameter --nobody"):
        graph.ask("roles-of", {"nobody": "huawei"})


def test_focus(graph: kg.Graph) -> None:
    """The view near one entity is smaller, and an unknown one is told."""
    assert len(graph.view(focus="arcfox-alpha-s")) < len(graph.view())
    with pytest.raises(kg.UsageError, match="huawei"):
        graph.view(focus="huawie")


def test_the_graph_says_what_it_is(graph: kg.Graph) -> None:
    """``repr`` gives title and size."""
    assert repr(graph) == f"<kg.Graph 'Huawei and its car partners': {graph.summary}>"
    assert graph.summary.endswith("known by 2022-03-31")
