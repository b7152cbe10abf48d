"""Keep a remote SPARQL 1.1 store in step with a graph: named graph by named graph, only what changed.

In: quads and the address of a store's Graph Store Protocol. Out: what was put, deleted and left. The store itself says
what it holds: a graph of ours keeps, in the remote store, the hashes of the graphs that were pushed, each written once
its graph is there. So an interrupted push goes on where it ended.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from kg.elsewhere import LEDGER
from kg.errors import ProjectError
from kg.iris import KG, iri, literal
from kg.rdf import Quad
from kg.remote import Remote
from kg.store import parse_rdf

HASH = iri(KG + "contentHash")


@dataclass(frozen=True)
class Pushed:
    """What a push did, by the IRIs of the graphs; ``triples`` are in the store now, of ours."""

    put: list[str]
    deleted: list[str]
    left: list[str]
    triples: int


def push(quads: Iterable[Quad], remote: Remote, base: str) -> Pushed:
    """Bring the store in step, then hold its counts against ours. Raises ProjectError."""
    ours = {graph: _triples(members) for graph, members in groupby(sorted(quads), itemgetter(0))}
    hashes = {graph: hashlib.sha256(text.encode()).hexdigest() for graph, text in ours.items()}
    ledger = f"{base}{LEDGER}"
    theirs, counts = _pushed(remote, ledger), _counts(remote)
    changed = [g for g in ours if theirs.get(g) != hashes[g] or counts.get(g) != ours[g].count("\n")]
    gone = sorted(theirs.keys() - ours.keys())
    for graph in changed:
        remote.put(graph[1:-1], ours[graph])
        theirs[graph] = hashes[graph]
        remote.put(ledger, _ledger(theirs))
    for graph in gone:
        remote.delete(graph[1:-1])
        del theirs[graph]
        remote.put(ledger, _ledger(theirs))
    _verify(remote, ours, changed)
    total = sum(text.count("\n") for text in ours.values())
    return Pushed(_bare(changed), _bare(gone), _bare(g for g in ours if g not in changed), total)


def _bare(graphs: Iterable[str]) -> list[str]:
    return [graph[1:-1] for graph in graphs]


def _triples(quads: Iterable[Quad]) -> str:
    return "".join(sorted({f"{s} {p} {o} .\n" for _, s, p, o in quads}))


def _ledger(hashes: Mapping[str, str]) -> str:
    return "".join(f"{graph} {HASH} {literal(digest)} .\n" for graph, digest in sorted(hashes.items()))


def _pushed(remote: Remote, ledger: str) -> dict[str, str]:
    query = f"SELECT ?graph ?hash WHERE {{ GRAPH <{ledger}> {{ ?graph {HASH} ?hash }} }}"
    return {iri(row["graph"]): row["hash"] for row in remote.rows(query)}


def _counts(remote: Remote) -> dict[str, int]:
    return {iri(graph): number for graph, number in remote.counts().items()}


def _verify(remote: Remote, ours: Mapping[str, str], changed: Iterable[str]) -> None:
    """Count what the store holds, and read back what was put. Raises ProjectError where that is not what was pushed."""
    counts = _counts(remote)
    for graph, text in ours.items():
        if counts.get(graph, 0) != text.count("\n"):
            held, wanted = counts.get(graph, 0), text.count("\n")
            raise ProjectError(f"{remote.name}: {graph} holds {held:,} triples, not {wanted:,}; push again")
    for graph in changed:
        if _canonical(remote.get(graph[1:-1])) != _canonical(ours[graph]):
            raise ProjectError(f"{remote.name}: {graph} does not read as it was pushed")


def _canonical(ntriples: str) -> str:
    """Return triples as the engine writes them: escapes and numbers in one way."""
    return parse_rdf(ntriples.encode(), "N_TRIPLES", "what the store holds")


__all__ = ["Pushed", "push"]
