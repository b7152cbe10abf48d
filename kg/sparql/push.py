"""Synchronise a remote SPARQL 1.1 store with a graph, sending only the named graphs that changed.

Input: named graphs, and a store's Graph Store Protocol address. Output: which graphs were put, deleted and left. The
store itself records what it holds: a graph of ours has the hashes of the pushed graphs, each written after its graph.
An interrupted push therefore continues where it stopped.
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

PIECE, READ_BACK = 20_000_000, 50_000_000  # characters at most: of one request, and of a graph that is read back
HASH = iri(KG + "contentHash")


@dataclass(frozen=True)
class Pushed:
    """The result of a push, by graph IRI. ``triples`` is how many of ours are in the store now."""

    put: list[str]
    deleted: list[str]
    left: list[str]
    triples: int


def push(graphs: Mapping[str, Callable[[], str]], remote: Remote, base: str) -> Pushed:
    """Synchronise the store with named graphs, each given as a function that returns its N-Triples.

    Each graph that is put is read back, and the counts of triples are compared. Raises ProjectError, QueryError.
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
    """Return, by graph IRI, a function that returns the named graph as N-Triples."""
    texts = {graph[1:-1]: _triples(members) for graph, members in groupby(sorted(quads), itemgetter(0))}
    return {graph: partial(str, text) for graph, text in texts.items()}


def _triples(quads: Iterable[Quad]) -> str:
    return "".join(sorted({f"{s} {p} {o} .\n" for _, s, p, o in quads}))


def _put(remote: Remote, graph: str, text: str) -> None:
    """Replace a graph, in pieces if it is large, and read it back unless it is too large for that."""
    first, *others = _pieces(text)
    remote.put(graph, first)
    for piece in others:
        remote.add(graph, piece)
    if len(text) <= READ_BACK and _canonical(remote.get(graph)) != _canonical(text):
        raise ProjectError(f"{remote.name}: <{graph}> does not read as it was pushed")


def _pieces(text: str) -> list[str]:
    """Split a text at line ends."""
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
    """Compare the counts of triples in the store with ours. Raises ProjectError if they differ."""
    counts = remote.counts()
    for graph, wanted in ours.items():
        if counts.get(graph, 0) != wanted:
            held = counts.get(graph, 0)
            raise ProjectError(f"{remote.name}: <{graph}> holds {held:,} triples, not {wanted:,}; push again")


def _canonical(ntriples: str) -> str:
    """Return triples as the engine writes them, with uniform escapes and numbers."""
    return parse_rdf(ntriples.encode(), "N_TRIPLES", "what the store holds")


__all__ = ["Pushed", "push", "split_graphs"]
