"""Networks of a given size as `graph.to_networkx()` gives them, with the evidence of every edge: a claim each.

Clusters of forty around a few hubs, one edge in ten across, about three edges a node: the shape of supply networks.
"""

from __future__ import annotations

import random
from typing import Any

import networkx as nx

from kg.model.ontology import read_ontology
from kg.views.evidence import build_legend

CLUSTER = 40
EDGES = 3
VERDICTS = ("stated",) * 6 + ("reported",) * 2 + ("planned", "denied", "contested")
LABELS = ("supplies", "owns", "builds", "sells", "leads the design of", "licenses")


def make_graph(count: int, *, seed: int = 7, edges: int = EDGES) -> dict[str, Any]:
    """Return network, legend and evidence, as `kg.views.picture.page` takes them."""
    chance = random.Random(seed)  # noqa: S311 -- the same network every time
    legend = build_legend(read_ontology({}, []))
    types = [type_ for type_ in legend["types"] if type_["column"]]
    network: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    evidence: dict[str, Any] = {}
    for n in range(count):
        network.add_node(_id(n), **_node(n, chance.choice(types)))
    for n in range(1, count):
        for _ in range(edges):
            if (other := _partner(chance, n, count)) != n:
                _add_edge(network, evidence, n, other, chance.choice(VERDICTS), chance.choice(LABELS))
    matrix = {"symbols": {}, "agents": {}, "blocks": []}
    return {"network": network, "legend": legend, "evidence": evidence, "matrix": matrix}


def _partner(chance: random.Random, n: int, count: int) -> int:
    if chance.random() < 0.9:
        return min(n // CLUSTER * CLUSTER + min(int(chance.expovariate(0.25)), CLUSTER - 1), count - 1)
    return int(chance.random() ** 2 * count)


def _id(n: int) -> str:
    return f"n{n:05}"


def _node(n: int, type_: dict[str, Any]) -> dict[str, Any]:
    return {
        **{"label": f"Entity {n}", "sublabel": "", "names": f"Entity {n}\n{_id(n)}", "type": type_["id"]},
        **{"column": type_["column"], "stand_in": False, "outlook": "", "iri": f"https://example.org/{_id(n)}"},
    }


def _add_edge(network: Any, evidence: dict[str, Any], a: int, b: int, verdict: str, label: str) -> None:  # noqa: ANN401
    pid = f"p{len(evidence):06}"
    sentence = f"Entity {a} {label} Entity {b}"
    dates = {"from": "", "until": ""}
    said = {"proposition": pid, "label": label, "verdict": verdict, "sentence": sentence, "kind": "participation"}
    network.add_edge(_id(a), _id(b), key=f"{pid}-0", term="role", **said, **dates)
    evidence[pid] = {
        **{"sentence": sentence, "verdict": verdict, "kind": "participation", "term": "role", "role": label},
        **{"when": "", "period": ["", ""], "nodes": [_id(a), _id(b)], "claims": [_claim(len(evidence))]},
        **{"opposed_by": [], "history": [["2021-05-31", verdict]]},
    }


def _claim(n: int) -> dict[str, Any]:
    source = {
        "id": "s1",
        "title": "A report",
        "publisher": "A paper",
        "published": "2021-05",
        "url": "https://example.org/",
    }
    return {
        **{
            "id": f"c{n}",
            "stance": "asserts",
            "speaker": "A paper",
            "modality": "as a fact",
            "evidence": "named media",
        },
        **{"hedge": "", "source": source, "at": "par1", "term": "", "note": "", "second_hand": ""},
        **{"file": "claims/a.yaml", "line": n + 1},
    }
