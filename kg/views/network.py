"""Convert a judged world to a NetworkX graph, controlled by the ontology's annotations.

Input: ``model.World`` and its judgements. Output: a ``networkx.MultiDiGraph`` whose nodes are entities and whose edges
are propositions. Attributes are text, integers or booleans.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kg.judging.opposition import asserts
from kg.judging.verdicts import Judge, Judgement
from kg.model.errors import UsageError
from kg.model.iris import KG
from kg.model.ontology import Ontology, nearest
from kg.model.terms import Column, EntityType
from kg.model.world import Claim, Entity, Proposition, Ref, Value, World, far_key
from kg.reports.telling import Teller, last_part

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a picture: start and end node ids, and label."""

    start: str
    end: str
    label: str


def build_network(world: World, judgements: Mapping[str, Judgement]) -> nx.MultiDiGraph[str]:
    """Return the network: a node per entity that propositions are about, an edge per proposition with two ends.

    With an as-of day, propositions that cannot hold on that day have no edge.
    Node attributes: label, sublabel, names (one per line), type, column, stand_in, outlook, iri.
    Edge attributes: label, and those of ``Teller.attributes``. The edge key is proposition and hop.
    """
    from kg.views.multigraph import Network

    teller, ontology = Teller(Judge(world), judgements), world.ontology
    graph = Network(title=world.settings.title, as_of=world.as_of)
    columns = _moved_columns(world)
    shown = [*filter(teller.applies, world.propositions)]
    for id in sorted(_told_of(world, shown)):
        graph.add_node(id, **_node(world, world.entities[id], columns))
    for proposition in shown:
        for hop, line in enumerate(_lines(world, proposition)):
            for end in (line.start, line.end):
                if end not in graph:
                    known = world.entities.get(end)
                    graph.add_node(end, **(_node(world, known, columns) if known else _stand_in(world, proposition)))
            graph.add_edge(
                line.start,
                line.end,
                key=f"{last_part(proposition.iri)}-{hop}",
                label=line.label,
                **teller.attributes(proposition),
            )
    asserted = {last_part(p.iri): [c for c in judgements[p.iri].current if asserts(c)] for p in shown}
    for node, data in graph.nodes(data=True):
        if data["stand_in"] or not ontology.is_a(world.entities[node].type.iri, (KG + "Agent",)):
            data["outlook"] = _outlook(graph, node, asserted)
    return graph


def focus_network(graph: nx.MultiDiGraph[str], focus: str, depth: int) -> nx.MultiDiGraph[str]:
    """Return the part of a graph within ``depth`` steps of a node, in either direction.

    Raises UsageError if the node is not in the graph.
    """
    import networkx as nx

    if focus not in graph:
        near = nearest(focus, graph)
        raise UsageError(f"nothing is drawn of '{focus}'" + (f"; did you mean '{near}'?" if near else ""))
    near_by = nx.ego_graph(graph.to_undirected(as_view=True), focus, radius=depth)
    return graph.subgraph(near_by).copy()


def _told_of(world: World, shown: Iterable[Proposition]) -> set[str]:
    """Return the ids of entities that propositions are about, without those that only speak."""
    found: set[str] = set()
    for proposition in shown:
        kind = proposition.kind
        near = (kind.line_from,) if kind.line_from else ()
        for key in (*near, *kind.line_to, *kind.requires, *kind.requires_one_of):
            found.update(_ids(proposition.content.get(key.notation)))
    return found & world.entities.keys()


def _ids(value: Value | None) -> Iterator[str]:
    if isinstance(value, Ref):
        yield value.id
    elif isinstance(value, tuple):
        yield from (member.id for member in value if isinstance(member, Ref))


def _node(world: World, entity: Entity, columns: Mapping[str, str]) -> dict[str, Any]:
    languages = world.settings.languages
    label = entity.label(languages)
    others = [entity.names[lang] for lang in languages if lang in entity.names and entity.names[lang] != label]
    also = entity.facts.get("aka", ())
    names = dict.fromkeys([*entity.names.values(), *(map(str, also) if isinstance(also, tuple) else ()), entity.id])
    column = columns.get(entity.id) or entity.type.column.notation
    return {
        "label": label,
        "sublabel": others[0] if others else "",
        "names": "\n".join(names),
        "type": entity.type.notation,
        "column": column,
        "stand_in": False,
        "outlook": "",
        "iri": entity.iri,
    }


def _last_column(ontology: Ontology, classes: Iterable[str]) -> str:
    """Return the rightmost column that can hold an entity of these classes."""
    types = (type_ for type_ in ontology.of(EntityType).values() if ontology.is_a(type_.iri, classes))
    order = list(ontology.of(Column))
    return max((type_.column.notation for type_ in types), key=order.index, default="")


def _moved_columns(world: World) -> dict[str, str]:
    """Return the columns of entities that a relation moves out of their type's column."""
    moved = {}
    for proposition in world.propositions:
        column, value = proposition.term.moves_to, proposition.content.get("object")
        if column and isinstance(value, Ref):
            moved[value.id] = world.ontology.term(column).notation
    return moved


def _stand_in(world: World, proposition: Proposition) -> dict[str, Any]:
    """Return the node that stands in for a far end that no source names; it shows the role."""
    term = proposition.term
    column = _last_column(world.ontology, term.inherited("targetType"))
    return {
        "label": term.label(),
        "sublabel": "",
        "names": "\n".join(dict.fromkeys(term.labels.values())),
        "type": "",
        "column": column,
        "stand_in": True,
        "outlook": "",
        "iri": term.iri,
    }


def _lines(world: World, proposition: Proposition) -> Iterator[Line]:
    """Yield the lines of a proposition: one, or one per hop if it has entities between or behind its ends."""
    ontology, content, term = world.ontology, proposition.content, proposition.term
    begin = proposition.kind.line_from
    near = content.get(begin.notation) if begin else None
    if term.undrawn or not isinstance(near, Ref):
        return
    far = content.get(far_key(proposition)) or content.get("counterparty")
    stops = [near.id, far.id if isinstance(far, Ref) else f"{term.notation}?"]
    labels = [term.line_label or term.label()]
    if term.drawn_from and term.drawn_from.notation == "object":
        stops.reverse()
    for name, value in content.items():
        key = ontology.row_keys[name]
        if key.via_first and isinstance(value, Ref):
            stops, labels = ([stops[0], value.id, *stops[1:]], [key.via_first, key.via_second])
        if key.onward and isinstance(value, Ref):
            stops, labels = [*stops, value.id], [*labels, key.onward]
    for start, end, label in zip(stops, stops[1:], labels, strict=False):
        yield Line(start, end, label)


def _outlook(graph: nx.MultiDiGraph[str], node: str, asserted: Mapping[str, Sequence[Claim]]) -> str:
    """Return ``planned`` or ``denied`` if what its incoming edges say is only planned or only denied, else ""."""
    edges = [data for _, _, data in graph.in_edges(node, data=True)]
    if edges and all(data["verdict"] == "denied" for data in edges):
        return "denied"
    claims = [claim for data in edges for claim in asserted[data["proposition"]]]
    return "planned" if claims and all(claim.modality.verdict.notation == "planned" for claim in claims) else ""
