"""From a judged world to NetworkX, driven by the ontology's annotations; and the evidence behind each line.

In: ``model.World`` and its judgements. Out: a ``networkx.MultiDiGraph`` whose nodes are entities and whose edges are
propositions, with typed attributes (text, whole numbers, booleans) only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kg.errors import UsageError
from kg.iris import KG
from kg.model import Claim, Entity, Proposition, Ref, Value, World, far_key
from kg.ontology import Ontology, Term, nearest
from kg.sentences import Sentences
from kg.verdicts import Judgement, Opposition

if TYPE_CHECKING:
    import networkx as nx

STANDING = frozenset({"stated", "reported", "policy"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a picture: from, to, the label on it. Ends are node ids."""

    start: str
    end: str
    label: str


def build_network(world: World, judgements: Mapping[str, Judgement]) -> nx.MultiDiGraph[str]:
    """Return the graph: a node per entity that anything is said of, an edge per proposition with two ends.

    Node attributes: label, sublabel, names (every name, a line each), type, column, stand_in, outlook, iri.
    Edge attributes: proposition, label, verdict, sentence, kind, term, from and until (days, "" where
    open or unknown); the key is proposition and hop.
    """
    import networkx as nx

    sentences, ontology = Sentences(world), world.ontology
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(title=world.settings.title, as_of=world.as_of)
    columns = _moved_columns(world)
    for id in sorted(_told_of(world)):
        graph.add_node(id, **_node(world, world.entities[id], columns))
    for proposition in world.propositions:
        for hop, line in enumerate(_lines(world, proposition)):
            for end in (line.start, line.end):
                if end not in graph:
                    known = world.entities.get(end)
                    graph.add_node(end, **(_node(world, known, columns) if known else _stand_in(world, proposition)))
            graph.add_edge(
                line.start,
                line.end,
                key=f"{short(proposition.iri)}-{hop}",
                label=line.label,
                **_edge(proposition, judgements, sentences),
            )
    for node, data in graph.nodes(data=True):
        if data["stand_in"] or not ontology.is_a(world.entities[node].type.iri, (KG + "Agent",)):
            data["outlook"] = _outlook(graph, node)
    return graph


def short(iri: str) -> str:
    """Return the last part of an IRI: how propositions and claims are named in a picture."""
    return iri.rsplit("/", 1)[-1]


def focus_network(graph: nx.MultiDiGraph[str], focus: str, depth: int) -> nx.MultiDiGraph[str]:
    """Return the part of a graph within ``depth`` steps of a node, directions aside. Raises UsageError for another."""
    import networkx as nx

    if focus not in graph:
        near = nearest(focus, graph)
        raise UsageError(f"nothing is drawn of '{focus}'" + (f"; did you mean '{near}'?" if near else ""))
    near_by = nx.ego_graph(graph.to_undirected(as_view=True), focus, radius=depth)
    return graph.subgraph(near_by).copy()


def _told_of(world: World) -> set[str]:
    """Return the entities of which something is said, not those that only speak."""
    found: set[str] = set()
    for proposition in world.propositions:
        for iri in (
            *proposition.kind.all("lineFrom"),
            *proposition.kind.all("lineTo"),
            *proposition.kind.all("requires"),
            *proposition.kind.all("requiresOneOf"),
        ):
            found.update(_ids(proposition.content.get(world.ontology.term(iri).notation)))
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
    column = columns.get(entity.id) or _column(world.ontology, entity.type)
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


def _column(ontology: Ontology, type_: Term) -> str:
    """Return the column of a type, or of the nearest class above it that has one."""
    found = (ontology.term(iri).one("column") for iri in ontology.ancestors(type_.iri))
    return next((ontology.term(column).notation for column in found if column), "")


def _last_column(ontology: Ontology, classes: Iterable[str]) -> str:
    """Return the rightmost column in which an entity of the classes can stand."""
    types = (type_ for type_ in ontology.terms("EntityType").values() if ontology.is_a(type_.iri, classes))
    order = list(ontology.terms("Column"))
    return max((_column(ontology, type_) for type_ in types), key=order.index, default="")


def _moved_columns(world: World) -> dict[str, str]:
    """Return the entities that a relation moves to another column than their type's."""
    moved = {}
    for proposition in world.propositions:
        column, value = proposition.term.one("movesTo"), proposition.content.get("object")
        if column and isinstance(value, Ref):
            moved[value.id] = world.ontology.term(column).notation
    return moved


def _stand_in(world: World, proposition: Proposition) -> dict[str, Any]:
    """Return the node that stands in for a far end that nobody named: the role itself."""
    term = proposition.term
    column = _last_column(world.ontology, world.ontology.inherited(term, "targetType"))
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


def _edge(proposition: Proposition, judgements: Mapping[str, Judgement], sentences: Sentences) -> dict[str, str]:
    first, last = proposition.period
    return {
        "proposition": short(proposition.iri),
        "verdict": judgements[proposition.iri].verdict.notation,
        "sentence": sentences.sentence(proposition),
        "kind": proposition.kind.notation,
        "term": proposition.term.notation,
        "from": first,
        "until": last,
    }


def _lines(world: World, proposition: Proposition) -> Iterator[Line]:
    """Yield the lines of a proposition: one, or one per hop where something stands between or behind its ends."""
    ontology, content, term = world.ontology, proposition.content, proposition.term
    near = content.get(ontology.term(proposition.kind.one("lineFrom")).notation)
    if term.flag("undrawn") or not isinstance(near, Ref):
        return
    far = content.get(far_key(ontology, proposition)) or content.get("counterparty")
    stops = [near.id, far.id if isinstance(far, Ref) else f"{term.notation}?"]
    labels = [term.one("lineLabel") or term.label()]
    if ontology.term(term.one("drawnFrom")).notation == "object":
        stops.reverse()
    for name, value in content.items():
        key = ontology.row_keys[name]
        if key.one("viaFirst") and isinstance(value, Ref):
            stops, labels = ([stops[0], value.id, *stops[1:]], [key.one("viaFirst"), key.one("viaSecond")])
        if key.one("onward") and isinstance(value, Ref):
            stops, labels = [*stops, value.id], [*labels, key.one("onward")]
    for start, end, label in zip(stops, stops[1:], labels, strict=False):
        yield Line(start, end, label)


def _outlook(graph: nx.MultiDiGraph[str], node: str) -> str:
    """Tell whether a thing is only planned or only denied, from what is said towards it."""
    verdicts = {data["verdict"] for _, _, data in graph.in_edges(node, data=True)}
    if verdicts == {"denied"}:
        return "denied"
    return "planned" if verdicts and not verdicts & STANDING else ""


# ---------------------------------------------------------------- what a picture tells beside the lines


def build_legend(ontology: Ontology) -> dict[str, list[dict[str, Any]]]:
    """Return the columns, types and verdicts of a picture, as the ontology has them."""
    columns = ontology.terms("Column")
    return {
        "columns": [{"id": column.notation, "label": column.label()} for column in columns.values()],
        "types": [_type_style(ontology, type_) for type_ in ontology.terms("EntityType").values()],
        "verdicts": [
            {
                "id": verdict.notation,
                "label": verdict.label(),
                "line": verdict.one("line"),
                "mark": verdict.one("mark"),
                "meaning": next(iter(verdict.statements.get(DEFINITION, ())), ""),
            }
            for verdict in ontology.terms("Verdict").values()
        ],
    }


DEFINITION = "http://www.w3.org/2004/02/skos/core#definition"


def _type_style(ontology: Ontology, type_: Term) -> dict[str, Any]:
    coloured = ontology.term(type_.one("colour") or type_.iri)
    column = ontology.term(coloured.one("column"))
    return {
        "id": type_.notation,
        "label": type_.label(),
        "shape": type_.one("shape", "box"),
        "column": ontology.term(type_.one("column")).notation,
        "light": {"line": column.one("lineLight"), "tint": column.one("tintLight")},
        "dark": {"line": column.one("lineDark"), "tint": column.one("tintDark")},
    }


def build_evidence(world: World, judgements: Mapping[str, Judgement]) -> dict[str, dict[str, Any]]:
    """Return, by proposition, its sentence and verdict, the claims behind it, and what opposes it."""
    sentences = Sentences(world)
    by_iri = {claim.iri: claim for claim in world.claims}
    return {
        short(proposition.iri): {
            "sentence": sentences.sentence(proposition),
            "verdict": judgements[proposition.iri].verdict.notation,
            "kind": proposition.kind.notation,
            "nodes": sorted(
                {id for value in proposition.content.values() for id in _ids(value) if id in world.entities}
            ),
            "claims": [_claim(world, claim) for claim in judgements[proposition.iri].claims],
            "opposed_by": [_opposing(by_iri, opposition) for opposition in judgements[proposition.iri].oppositions],
            "why": _why(judgements[proposition.iri]),
        }
        for proposition in world.propositions
    }


def _why(judgement: Judgement) -> str:
    """Return how many claims take which stance, how many oppose, and from how many sources."""
    stances = Counter(claim.term("stance").label() for claim in judgement.claims)
    parts = [f"{number} × {stance}" for stance, number in stances.items()]
    against = {opposition.claim for opposition in judgement.oppositions}
    if against:
        parts.append(f"{len(against)} against")
    sources = len({claim.source.iri for claim in judgement.claims})
    return f"{', '.join(parts)}; {sources} source{'s'[: sources > 1]}"


def _opposing(by_iri: Mapping[str, Claim], opposition: Opposition) -> dict[str, str]:
    claim = by_iri[opposition.claim]
    said_in = by_iri[opposition.said_in]
    note = said_in.text("note") if said_in is not claim else ""
    why = f"{opposition.why} by {said_in.source.facts['title']}" if said_in is not claim else opposition.why
    return {
        "claim": short(claim.iri),
        "proposition": short(claim.proposition.iri),
        "why": f"{why}: {note}" if note else why,
    }


def _claim(world: World, claim: Claim) -> dict[str, Any]:
    sentences = Sentences(world)
    speaker, second_hand, hedge = (claim.ref("said-by"), claim.ref("second-hand"), claim.facts.get("hedge"))
    facts = claim.source.facts
    publisher = facts["publisher"]
    return {
        "id": short(claim.iri),
        "stance": claim.term("stance").label(),
        "speaker": sentences.name(speaker) if speaker else "",
        "modality": claim.term("modality").label(),
        "evidence": claim.term("evidence").label(),
        "hedge": hedge.label() if isinstance(hedge, Term) else "",
        "source": {
            "id": claim.source.id,
            "title": str(facts["title"]),
            "publisher": sentences.name(publisher) if isinstance(publisher, Ref) else "",
            "published": str(claim.source.published),
            "url": str(facts.get("url", "")),
        },
        "at": claim.text("at"),
        "term": claim.text("term"),
        "note": claim.text("note"),
        "second_hand": sentences.name(second_hand) if second_hand else "",
        "file": claim.place.file,
        "line": claim.place.line,
    }
