"""Export tables for neighbouring tools: KGX (Biolink nodes and edges) and Kumu (elements and connections).

Input: a world and its judgements, or the NetworkX graph. Output: a dict of file name to text. Both are lossy;
``registry`` says what they drop.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from kg.files.cells import defuse
from kg.judging.verdicts import Judge, Judgement
from kg.model.iris import OWL, Shortener
from kg.model.world import Claim, Entity, Ref, World, line_ends
from kg.reports.telling import Teller

if TYPE_CHECKING:
    import networkx as nx

Rows = list[dict[str, str]]

# ---------------------------------------------------------------- KGX

_BREAKS = re.compile(r"[\t\r\n]+")
NEGATED = {"asserts": "false", "denies": "true"}
NODES = ("id", "category", "name", "synonym", "xref")
EDGES = (
    "id", "subject", "predicate", "object", "negated", "primary_knowledge_source", "publications", "knowledge_level",
    "agent_type", "proposition", "sentence", "verdict", "modality", "evidence", "said_by", "published",
)  # fmt: skip


def kgx(world: World, judgements: Mapping[str, Judgement]) -> dict[str, str]:
    """Return nodes.tsv, edges.tsv and the prefixes in use. There is an edge per claim that asserts or denies a link."""
    names = _Names(world, judgements)
    nodes = [_kgx_node(names, entity) for _, entity in sorted(world.entities.items())]
    claims = (claim for claim in world.claims if claim.stance.notation in NEGATED)
    edges = [edge for claim in claims if (edge := _kgx_edge(names, claim))]
    edges.sort(key=itemgetter("id"))
    return {
        "nodes.tsv": _tsv(NODES, nodes),
        "edges.tsv": _tsv(_columns(EDGES, edges), edges),
        "prefixes.json": json.dumps(names.used_prefixes(nodes, edges), indent=1) + "\n",
    }


class _Names:
    """Writes prefixed names and sentences. The prefix of entities is called ``entity``."""

    def __init__(self, world: World, judgements: Mapping[str, Judgement]) -> None:
        """Prepare the prefixes of a project."""
        prefixes = {prefix or "entity": namespace for prefix, namespace in world.settings.prefixes.items()}
        prefixes["biolink"] = "https://w3id.org/biolink/vocab/"
        self.world, self.prefixes = world, prefixes
        self.teller, self.shortener = Teller(Judge(world), judgements), Shortener(prefixes)
        keys = world.ontology.keys("entity")
        self.same = next((name for name, key in keys.items() if key.iri == OWL + "sameAs"), "")

    def curie(self, iri: str) -> str:
        """Return an IRI as a prefixed name, or in full."""
        found = self.shortener.curie(iri)
        return found[1:-1] if found.startswith("<") else found

    def used_prefixes(self, *tables: Rows) -> dict[str, str]:
        """Return the prefixes that occur in the tables."""
        cells = (cell for rows in tables for row in rows for cell in row.values())
        words = {part.partition(":")[0] for cell in cells for part in cell.split("|")}
        return {prefix: namespace for prefix, namespace in sorted(self.prefixes.items()) if prefix in words}


def _kgx_node(names: _Names, entity: Entity) -> dict[str, str]:
    label, also = entity.label(names.world.settings.languages), entity.facts.get("aka", ())
    others = {*entity.names.values(), *(map(str, also) if isinstance(also, tuple) else ())} - {label}
    same = entity.facts.get(names.same)
    return {
        "id": names.curie(entity.iri),
        "category": f"biolink:NamedThing|{names.curie(entity.type.iri)}",
        "name": label,
        "synonym": _listed(others),
        "xref": names.curie(same.iri) if isinstance(same, Ref) else "",
    }


def _listed(texts: Iterable[str]) -> str:
    """Return several texts in one cell, separated by bars; a bar within a text is replaced."""
    return "|".join(sorted(text.replace("|", "/") for text in texts))


def _kgx_edge(names: _Names, claim: Claim) -> dict[str, str] | None:
    """Return a claim as an edge, or None if its proposition does not have two entities."""
    proposition = claim.proposition
    if not (ends := line_ends(proposition)) or not {end.id for end in ends} <= names.world.entities.keys():
        return None
    near, far = ends
    modality, speaker = claim.modality.notation, claim.ref("said-by")
    told = names.teller.attributes(proposition, [claim])
    return told | {
        "id": names.curie(claim.iri),
        "subject": names.curie(near.iri),
        "predicate": names.curie(proposition.term.iri),
        "object": names.curie(far.iri),
        "negated": NEGATED[claim.stance.notation],
        "primary_knowledge_source": names.curie(claim.source.iri),
        "publications": str(claim.source.facts.get("url", "")).replace("|", "%7C") or names.curie(claim.source.iri),
        "knowledge_level": "knowledge_assertion" if modality == "actual" else "not_provided",
        "agent_type": "manual_agent",
        "proposition": names.curie(proposition.iri),
        "modality": modality,
        "evidence": claim.evidence.notation,
        "said_by": names.curie(speaker.iri) if speaker else "",
        "published": str(claim.source.published),
    }


def _columns(first: Iterable[str], rows: Rows) -> list[str]:
    """Return columns, followed by the others that rows have, by name."""
    first = list(first)
    return [*first, *sorted({name for row in rows for name in row} - {*first})]


def _tsv(columns: Iterable[str], rows: Rows) -> str:
    """Return rows as KGX reads them: without quotes, so tabs and line breaks become spaces."""
    columns = list(columns)
    lines = [columns, *([_BREAKS.sub(" ", row.get(name, "")) for name in columns] for row in rows)]
    return "".join("\t".join(line) + "\n" for line in lines)


# ---------------------------------------------------------------- Kumu

ELEMENTS = ("Label", "Type", "Description", "Tags", "Id", "Names", "Iri")
CONNECTIONS = (
    "From", "To", "Type", "Label", "Direction", "Description", "Tags", "Verdict", "Start", "End", "Id", "Proposition",
)  # fmt: skip


SHOWN = ("term", "label", "sentence", "verdict", "from", "until", "proposition")  # in columns of Kumu's


def kumu(network: nx.MultiDiGraph[str], world: World) -> dict[str, str]:
    """Return elements.csv and connections.csv: what the picture shows, in Kumu's columns plus some of ours."""
    labels = _labels(network)
    nodes = sorted(((node, data) for node, data in network.nodes(data=True)), key=lambda pair: pair[0])
    elements = [_element(node, data, labels, world) for node, data in nodes]
    edges = sorted(network.edges(keys=True, data=True), key=itemgetter(2))
    connections = [_connection(start, end, key, data, labels) for start, end, key, data in edges]
    return {
        "elements.csv": _csv(ELEMENTS, elements),
        "connections.csv": _csv(_columns(CONNECTIONS, connections), connections),
    }


def _labels(network: nx.MultiDiGraph[str]) -> dict[str, str]:
    """Return a unique label per node, because Kumu joins by label and not by id."""
    said = {node: " ".join(data["label"].split()) for node, data in network.nodes(data=True)}
    count = Counter(label.casefold() for label in said.values())
    labels = {node: label if count[label.casefold()] == 1 else f"{label} ({node})" for node, label in said.items()}
    clash = len({label.casefold() for label in labels.values()}) < len(labels)
    return {node: f"{label} ({node})" for node, label in said.items()} if clash else labels


def _element(node: str, data: Mapping[str, Any], labels: Mapping[str, str], world: World) -> dict[str, str]:
    entity = world.entities.get(node)
    names = [name.replace("|", "/") for name in data["names"].split("\n")]
    return {
        "Label": labels[node],
        "Type": data["type"],
        "Description": str(entity.facts.get("note", "")) if entity else "",
        "Tags": "|".join(tag for tag in (data["column"], data["outlook"], "stand-in" * data["stand_in"]) if tag),
        "Id": node,
        "Names": "|".join(names),
        "Iri": data["iri"],
    }


def _connection(start: str, end: str, key: str, data: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, str]:
    more = {name: text for name, text in data.items() if name not in SHOWN}
    return more | {
        "From": labels[start],
        "To": labels[end],
        "Type": data["term"],
        "Label": data["label"],
        "Direction": "directed",
        "Description": data["sentence"],
        "Tags": f"{data['kind']}|{data['verdict']}",
        "Verdict": data["verdict"],
        "Start": data.get("from", ""),
        "End": data.get("until", ""),
        "Id": key,
        "Proposition": data["proposition"],
    }


def _csv(columns: Iterable[str], rows: Rows) -> str:
    """Return rows as CSV in which a spreadsheet runs no formula."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    columns = list(columns)
    writer.writerow(columns)
    writer.writerows([defuse(row.get(name, "")) for name in columns] for row in rows)
    return table.getvalue()
