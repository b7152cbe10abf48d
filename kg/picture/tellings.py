"""What a page is told besides its boxes and lines: the facts with their claims, the sources, the legend's counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kg.picture.sketch import LAYERED_LIMIT, Evidence, Sketch, by_column, heads

if TYPE_CHECKING:
    import networkx as nx


def tell_view(sketch: Sketch, evidence: Mapping[str, Evidence], names: Mapping[str, str]) -> dict[str, object]:
    """Return what the page needs besides nodes and edges; ``names`` are those of the nodes on the page."""
    network, legend, frame = sketch.network, sketch.legend, sketch.drawing.frame
    shown = _told(network, evidence)
    told = sorted(shown), sorted(_opposing(shown, evidence))
    sources = _sources(evidence[pid] for pids in told for pid in pids)
    places = {source: place for place, source in enumerate(sources)}
    facts, asides = ([_fact(pid, evidence[pid], names, places) for pid in pids] for pids in told)
    return {
        "layered": sketch.layered,
        "limit": LAYERED_LIMIT,
        "types": _present(by_column(legend), {network.nodes[n]["type"] for n in network}),
        "verdicts": _present(legend["verdicts"], _verdicts(evidence[pid] for pid in shown)),
        "heads": heads(sketch),
        "frame": [round(n, 1) for n in (frame.x, frame.y, frame.width, frame.height)],
        "sources": list(sources.values()),
        "facts": facts,
        "asides": asides,
    }


def tell_matrix(matrix: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, object]:
    """Return the part of the role matrix that the page can show: boxes as columns, propositions in the cells."""
    agents = {agent: label for agent, label in matrix["agents"].items() if agent in names}
    blocks = [block for block in matrix["blocks"] if not block["id"] or block["id"] in names]
    return {
        "symbols": matrix["symbols"],
        "agents": [{"box": names[agent], "label": label} for agent, label in agents.items()],
        "blocks": [
            {"box": names.get(block["id"], ""), "label": block["label"], "rows": _rows(block["rows"], list(agents))}
            for block in blocks
        ],
    }


def _rows(rows: Iterable[Mapping[str, Any]], agents: list[str]) -> list[dict[str, object]]:
    """Return rows whose cells are lists of propositions by the agent's place; a cell that is not there is not known."""
    return [
        {
            "label": row["label"],
            "cells": {
                str(agents.index(agent)): [pid for said in cell for pid in said["propositions"]]
                for agent, cell in row["cells"].items()
                if agent in agents
            },
        }
        for row in rows
    ]


def lean(**told: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    """Return what is told without what is empty."""
    return {name: value for name, value in told.items() if value not in ("", (), [], None, False)}


def _told(network: nx.MultiDiGraph[str], evidence: Mapping[str, Evidence]) -> set[str]:
    """Return the propositions that say something of what is drawn; all, where nothing is."""
    drawn = {edge["proposition"] for _, _, edge in network.edges(data=True)}
    return {
        pid
        for pid, entry in evidence.items()
        if pid in drawn or not network or any(node in network for node in entry["nodes"])
    }


def _opposing(shown: set[str], evidence: Mapping[str, Evidence]) -> set[str]:
    """Return what speaks against a proposition on the page without being on it."""
    others = {opposing["proposition"] for pid in shown for opposing in evidence[pid]["opposed_by"]}
    return (others & evidence.keys()) - shown


def _verdicts(entries: Iterable[Evidence]) -> set[str]:
    """Return every verdict that was reached at some day."""
    return {verdict for entry in entries for verdict in (entry["verdict"], *(v for _, v in entry["history"]))}


def _present(entries: Iterable[Mapping[str, Any]], used: set[str]) -> list[Mapping[str, Any]]:
    return [entry for entry in entries if entry["id"] in used]


def _sources(entries: Iterable[Evidence]) -> dict[str, dict[str, Any]]:
    """Return the sources of the claims by id, each once, sorted."""
    found = {claim["source"]["id"]: claim["source"] for entry in entries for claim in entry["claims"]}
    return {id_: _source(found[id_]) for id_ in sorted(found)}


def _fact(pid: str, told: Evidence, names: Mapping[str, str], places: Mapping[str, int]) -> dict[str, object]:
    """Return a proposition as the page shows it: nodes by their name there, sources by their place."""
    claims = [lean(**{**claim, "source": None}) | {"source": places[claim["source"]["id"]]} for claim in told["claims"]]
    nodes = [names[node] for node in told["nodes"] if node in names]
    opposed = [lean(**opposing) for opposing in told["opposed_by"]]
    return {**told, "id": pid, "nodes": nodes, "claims": claims, "opposed_by": opposed}


def _source(source: Mapping[str, Any]) -> dict[str, Any]:
    """Keep a link only where it leads to the web."""
    url = str(source.get("url") or "")
    return lean(**{**source, "url": url if _is_web(url) else ""})


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)
