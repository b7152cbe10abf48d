"""Keep a remote SPARQL 1.1 store in step with a graph: named graph by named graph, only what changed.

In: named graphs and the address of a store's Graph Store Protocol. Out: what was put, deleted and left. The store says
itself what it holds: a graph of ours keeps there the hashes of the graphs that were pushed, each written once its graph
is there. So an interrupted push goes on where it ended.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from operator import itemgetter

from kg.model.errors import ProjectError
from kg.model.iris import KG, iri, literal
from kg.rdf.triples import Quad
from kg.sparql.remote_graph import LEDGER
from kg.sparql.remote_store import Remote
from kg.sparql.store import parse_rdf

PIECE, READ_BACK = 20_000_000, 50_000_000  # characters: of one request, and of a graph that is read back
HASH = iri(KG + "contentHash")


@dataclass(frozen=True)
class Pushed:
    """What a push did, by the IRIs of the graphs; ``triples`` are in the store now, of ours."""

    put: list[str]
    deleted: list[str]
    left: list[str]
    triples: int


def push(graphs: Mapping[str, Callable[[], str]], remote: Remote, base: str) -> Pushed:
    """Bring the store in step with named graphs, each given by what returns it as N-Triples, one at a time.

    What is put is read back, then counts are held against ours. Raises ProjectError, QueryError.
    """
    ledger = f"{base}{LEDGER}"
    theirs, counts = _pushed(remote, ledger), remote.counts()
    done = Pushed([], [], [], 0)
    ours: dict[str, int] = {}
    for graph, read in sorted(graphs.items()):
        text = read()
        digest, ours[graph] = hashlib.sha256(text.encode()).hexdigest(), text.count("\n")
        if theirs.get(graph) == digest and counts.get(graph) == ours[graph]:
            done.left.append(graph)
            continue
        _put(remote, graph, text)
        theirs[graph] = digest
        remote.put(ledger, _ledger(theirs))
        done.put.append(graph)
    for graph in sorted(theirs.keys() - ours.keys()):
        remote.delete(graph)
        del theirs[graph]
        remote.put(ledger, _ledger(theirs))
        done.deleted.append(graph)
    _verify(remote, ours)
    return replace(done, triples=sum(ours.values()))


def split_graphs(quads: Iterable[Quad]) -> dict[str, Callable[[], str]]:
    """Return what gives each named graph of quads as N-Triples, by its IRI."""
    texts = {graph[1:-1]: _triples(members) for graph, members in groupby(sorted(quads), itemgetter(0))}
    return {graph: partial(str, text) for graph, text in texts.items()}


def _triples(quads: Iterable[Quad]) -> str:
    return "".join(sorted({f"{s} {p} {o} .\n" for _, s, p, o in quads}))


def _put(remote: Remote, graph: str, text: str) -> None:
    """Replace a graph, a large one piece by piece, and read it back unless it is too large for that."""
    first, *others = _pieces(text)
    remote.put(graph, first)
    for piece in others:
        remote.add(graph, piece)
    if len(text) <= READ_BACK and _canonical(remote.get(graph)) != _canonical(text):
        raise ProjectError(f"{remote.name}: <{graph}> does not read as it was pushed")


def _pieces(text: str) -> list[str]:
    """Cut a text at ends of lines."""
    pieces, start = [], 0
    while len(text) - start > PIECE:
        end = text.rindex("\n", start, start + PIECE) + 1
        pieces.append(text[start:end])
        start = end
    return [*pieces, text[start:]]


def _ledger(hashes: Mapping[str, str]) -> str:
    return "".join(f"{iri(graph)} {HASH} {literal(digest)} .\n" for graph, digest in sorted(hashes.items()))


def _pushed(remote: Remote, ledger: str) -> dict[str, str]:
    query = f"SELECT ?graph ?hash WHERE {{ GRAPH <{ledger}> {{ ?graph {HASH} ?hash }} }}"
    return {row["graph"]: row["hash"] for row in remote.rows(query)}


def _verify(remote: Remote, ours: Mapping[str, int]) -> None:
    """Count what the store holds. Raises ProjectError where that is not as much as was pushed."""
    counts = remote.counts()
    for graph, wanted in ours.items():
        if counts.get(graph, 0) != wanted:
            held = counts.get(graph, 0)
            raise ProjectError(f"{remote.name}: <{graph}> holds {held:,} triples, not {wanted:,}; push again")


def _canonical(ntriples: str) -> str:
    """Return triples as the engine writes them: escapes and numbers in one way."""
    return parse_rdf(ntriples.encode(), "N_TRIPLES", "what the store holds")


__all__ = ["Pushed", "push", "split_graphs"]
