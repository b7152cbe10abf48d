"""The network: what is drawn as a node, as an edge, and what tells of it."""

from pathlib import Path

import kg
from kg.views.evidence import build_evidence, build_legend
from kg.views.picture.shapes import LINES
from projects import EXAMPLE, make_project


def edges(graph: kg.Graph) -> set[tuple[str, str, str]]:
    """Return (from, to, label) of every edge."""
    return {(u, v, data["label"]) for u, v, data in graph.to_networkx().edges(data=True)}


def test_a_part_stands_between(tmp_path: Path) -> None:
    """A part that a firm supplies draws as firm, part, product; a channel behind the product."""
    rows = (
        "agent: a, role: supplier, target: car, component: motor",
        "agent: b, role: retailer, target: car, channel: shop",
    )
    assert edges(kg.load(make_project(tmp_path, *rows))) == {
        ("a", "motor", "supplies"),
        ("motor", "car", "in"),
        ("b", "car", "retailer"),
        ("car", "shop", "sold through"),
    }


def test_a_parent_is_drawn_first(tmp_path: Path) -> None:
    """A subsidiary's line begins at the parent, which stands in the parents' column."""
    graph = kg.load(make_project(tmp_path, "subject: a, relation: subsidiary-of, object: b"))
    assert edges(graph) == {("b", "a", "parent of")}
    columns = {node: data["column"] for node, data in graph.to_networkx().nodes(data=True)}
    assert (columns["a"], columns["b"]) == ("firm", "parent")


def test_a_role_stands_in_for_a_missing_end(tmp_path: Path) -> None:
    """A denied role without a target ends at the role itself, hollow."""
    network = kg.load(make_project(tmp_path, "stance: denies, agent: a, role: carmaker")).to_networkx()
    node = network.nodes["carmaker?"]
    assert (node["stand_in"], node["outlook"], node["label"], node["column"]) == (True, "denied", "carmaker", "vehicle")


def test_what_is_only_planned_looks_so(tmp_path: Path) -> None:
    """A car that is only planned has that outlook; a firm never has one."""
    rows = (
        "event: launch, agent: a, about: car, modality: planned",
        "agent: b, role: business-partner, counterparty: a, modality: planned",
    )
    network = kg.load(make_project(tmp_path, *rows)).to_networkx()
    assert network.nodes["car"]["outlook"] == "planned"
    assert network.nodes["a"]["outlook"] == ""


def test_who_only_speaks_is_not_drawn() -> None:
    """Media and unnamed sources are in the evidence, not in the picture."""
    nodes = set(kg.load(EXAMPLE).to_networkx())
    assert nodes.isdisjoint({"pandaily", "chinese-media", "unnamed-source-1", "editor"})
    assert {"huawei", "seres-auto", "huawei-stores"} <= nodes


def test_evidence_of_a_role_that_an_editor_sets_in_tension() -> None:
    """Speaker, source, date, place, file and line of each claim, and the other side with its reason."""
    graph = kg.load(EXAMPLE)
    evidence = build_evidence(graph.world, graph.judgements)
    told = next(e for e in evidence.values() if e["sentence"].startswith("SERES is the contract manufacturer"))
    (claim,) = told["claims"]
    assert (claim["speaker"], claim["at"], claim["term"]) == ("an information source", "paragraph 3", "OEM production")
    assert claim["source"]["published"] == "2021-09?"
    assert claim["file"] == "claims/pandaily-seres-auto.yaml"
    line = (EXAMPLE / claim["file"]).read_text("utf-8").splitlines()[claim["line"] - 1]
    assert "id: build" in line
    assert told["opposed_by"] == []
    (other,) = told["beside"]
    assert (evidence[other["proposition"]]["verdict"], other["qualifier"]) == ("denied", "in-tension")
    assert other["why"].startswith("Editor of this project: SERES is Sokon's subsidiary")


def test_evidence_of_a_contested_role() -> None:
    """The denial that reaches it, and why."""
    graph = kg.load(EXAMPLE)
    evidence = build_evidence(graph.world, graph.judgements)
    told = next(e for e in evidence.values() if e["sentence"].startswith("Huawei leads the design of SERES Auto"))
    (other,) = told["opposed_by"]
    assert (evidence[other["proposition"]]["sentence"], other["why"]) == ("Huawei develops any new car model", "denied")


def test_the_legend_is_the_ontologys() -> None:
    """Columns in order, every type with a shape and colours, every verdict with a line."""
    legend = build_legend(kg.load(EXAMPLE).world.ontology)
    assert [column["id"] for column in legend["columns"]] == [
        "person",
        "parent",
        "firm",
        "system",
        "vehicle",
        "channel",
    ]
    assert all(type_["shape"] and type_["light"]["line"].startswith("#") for type_ in legend["types"])
    assert {verdict["line"] for verdict in legend["verdicts"]} == LINES.keys()
    assert [v["id"] for v in legend["verdicts"] if v["mark"] == "cross"] == ["denied"]


def test_what_is_contested_is_not_only_planned(tmp_path: Path) -> None:
    """A car of which somebody states a role that another denies is not drawn as one that is only planned."""
    rows = "agent: a, role: carmaker, target: car", "agent: a, role: carmaker, target: car, stance: denies, said-by: b"
    network = kg.load(make_project(tmp_path, *rows)).to_networkx()
    assert network.nodes["car"]["outlook"] == ""
