"""Build the page's data other than boxes and lines: the facts with their claims, the sources, the legend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kg.views.evidence import answers
from kg.views.picture.shapes import LINES
from kg.views.picture.sketch import LAYERED_LIMIT, Evidence, Sketch, by_column, heads

if TYPE_CHECKING:
    import networkx as nx


def tell_view(sketch: Sketch, evidence: Mapping[str, Evidence], names: Mapping[str, str]) -> dict[str, object]:
    """Return the page's data other than nodes and edges. ``names`` are the names of the nodes on the page."""
    network, legend, frame = sketch.network, sketch.legend, sketch.drawing.frame
    shown = _told(network, evidence)
    told = sorted(shown), sorted(_aside(shown, evidence))
    entries = [evidence[pid] for pids in told for pid in pids]
    sources = _sources(entries)
    places = {source: place for place, source in enumerate(sources)}
    held = Counter(map(_held, entries)).most_common(1)[0][0] if entries else ""
    brief = _Brief(names, places, _usual(entries), held, _answering(entries))
    facts, asides = ([brief.fact(pid, evidence[pid]) for pid in pids] for pids in told)
    return {
        "layered": sketch.layered,
        "limit": LAYERED_LIMIT,
        "types": _present(by_column(legend), {network.nodes[n]["type"] for n in network}),
        "verdicts": _present(legend["verdicts"], _verdicts(evidence[pid] for pid in shown)),
        "lines": LINES,
        "qualifiers": _present(
            legend.get("qualifiers", ()), {q for p in shown for q in evidence[p].get("qualifiers", ())}
        ),
        "stances": legend.get("stances", {}),
        "roles": _roles(evidence[pid] for pid in shown),
        "heads": heads(sketch),
        "frame": [round(n, 1) for n in (frame.x, frame.y, frame.width, frame.height)],
        "sources": list(sources.values()),
        "usual": brief.usual,
        "held": brief.held,
        "facts": facts,
        "asides": asides,
    }


def tell_matrix(matrix: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, object]:
    """Return the part of the role matrix that the page shows: boxes as columns, propositions in the cells."""
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
    """Return rows with lists of propositions by the agent's index. A missing cell means that nothing is known."""
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
    """Return the given values without empty ones."""
    return {name: value for name, value in told.items() if value not in ("", (), [], None, False, ["", ""])}


def _told(network: nx.MultiDiGraph[str], evidence: Mapping[str, Evidence]) -> set[str]:
    """Return the propositions about what is drawn, or all if the network is empty."""
    drawn = {edge["proposition"] for _, _, edge in network.edges(data=True)}
    return {
        pid
        for pid, entry in evidence.items()
        if pid in drawn or not network or any(node in network for node in entry["nodes"])
    }


def _aside(shown: set[str], evidence: Mapping[str, Evidence]) -> set[str]:
    """Return the propositions that oppose one on the page, or end a claim on it, but are not on it themselves."""
    others = {answer["proposition"] for pid in shown for answer in answers(evidence[pid])}
    return (others & evidence.keys()) - shown


def _verdicts(entries: Iterable[Evidence]) -> set[str]:
    """Return every verdict reached on any day."""
    return {verdict for entry in entries for verdict in (entry["verdict"], *(v for _, v in entry["history"]))}


def _roles(entries: Iterable[Evidence]) -> list[dict[str, str]]:
    """Return the terms of the propositions with their labels, sorted by label."""
    labels = {entry["term"]: entry["role"] for entry in entries}
    return [{"id": term, "label": label} for label, term in sorted((label, term) for term, label in labels.items())]


def _present(entries: Iterable[Mapping[str, Any]], used: set[str]) -> list[Mapping[str, Any]]:
    return [entry for entry in entries if entry["id"] in used]


def _sources(entries: Iterable[Evidence]) -> dict[str, dict[str, Any]]:
    """Return the sources of the claims by id, without duplicates, sorted."""
    found = {claim["source"]["id"]: claim["source"] for entry in entries for claim in entry["claims"]}
    return {id_: _source(found[id_]) for id_ in sorted(found)}


@dataclass(frozen=True, slots=True)
class _Brief:
    """Encodes facts compactly, without values that are empty, usual, unreferenced or implied by others."""

    names: Mapping[str, str]
    places: Mapping[str, int]
    usual: Mapping[str, str]
    held: str
    answering: set[str]

    def fact(self, pid: str, told: Evidence) -> dict[str, Any]:
        """Return a proposition, its nodes by page name. It has a history only if the verdict changed."""
        history = told["history"] if len(told["history"]) > 1 else ()
        kept = {name: value for name, value in told.items() if name != "role"}
        kept |= {"held": ""} if _held(told) == self.held else {"seen": ""}
        kept |= {"told": ()} if told.get("told") == told["period"] else {}
        return lean(**{**kept, "id": pid, "history": history}) | {
            "nodes": [self.names[node] for node in told["nodes"] if node in self.names],
            "claims": [self.claim(claim) for claim in told["claims"]],
            "opposed_by": [lean(**opposing) for opposing in told["opposed_by"]],
        }

    def claim(self, claim: Mapping[str, Any]) -> dict[str, Any]:
        """Return a claim, its source by index."""
        kept = {name: value for name, value in claim.items() if self.usual.get(name) != value}
        id_ = claim["id"] if claim["id"] in self.answering else ""
        ended = [lean(**ending) for ending in claim.get("ended", ())]
        return lean(**{**kept, "id": id_, "source": None, "ended": ended}) | {
            "source": self.places[claim["source"]["id"]]
        }


def _usual(entries: Iterable[Evidence]) -> dict[str, str]:
    """Return the most frequent value of each key that every claim has."""
    claims = [claim for entry in entries for claim in entry["claims"]]
    counts = {
        key: Counter(claim.get(key, "") for claim in claims) for key in ("stance", "modality", "evidence", "origin")
    }
    return {key: min(found, key=lambda value: (-found[value], value)) for key, found in counts.items() if found}


def _held(entry: Evidence) -> str:
    """Return whether a proposition holds, with a place for when it was last seen."""
    seen, held = entry.get("seen", ""), str(entry.get("held", ""))
    return held.replace(seen, "{seen}") if seen else held


def _answering(entries: Iterable[Evidence]) -> set[str]:
    return {answer["claim"] for entry in entries for answer in answers(entry)}


def _source(source: Mapping[str, Any]) -> dict[str, Any]:
    """Return a source; its link is kept only if it is a web address, its date in words only if that differs."""
    url, date = str(source.get("url") or ""), source.get("date")
    date = "" if date == source["published"] else date
    return lean(**{**source, "url": url if _is_web(url) else "", "date": date})


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)
