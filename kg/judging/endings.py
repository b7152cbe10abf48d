"""Find the claims that no longer count, because a later claim corrects them, overtakes them or takes them back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.model.properties import Term
from kg.model.world import Claim, World


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a claim no longer counts: the resulting verdict, and the claims that ended it."""

    verdict: Term
    by: tuple[str, ...]


def ended(world: World, by_iri: Mapping[str, Claim]) -> dict[str, Ending]:
    """Return the claims that later claims ended.

    What ends a claim must itself count, and be published no earlier. A circle of endings ends nothing.
    """
    enders = _enders(world, by_iri)
    stays: set[str] = set()
    gone: set[str] = set()
    asked = {*enders, *(iri for found in enders.values() for iri, _ in found)}
    while new := {iri for iri in asked - stays - gone if all(by in gone for by, _ in enders.get(iri, ()))}:
        stays |= new
        gone |= {iri for iri, found in enders.items() if any(by in stays for by, _ in found)}
    found = {iri: [(by, verdict) for by, verdict in enders[iri] if by in stays] for iri in sorted(gone)}
    return {
        iri: Ending(first(v for _, v in told), tuple(sorted({by for by, _ in told}))) for iri, told in found.items()
    }


def _enders(world: World, by_iri: Mapping[str, Claim]) -> dict[str, list[tuple[str, Term]]]:
    """Return, by claim, the claims that would end it, with the verdict that is left."""
    keys = world.ontology.keys("claim")
    found: dict[str, list[tuple[str, Term]]] = {}
    for claim in by_iri.values():
        for key, targets in claim.links.items():
            if verdict := keys[key].retires:
                for target in targets:
                    if target != claim.iri and not _is_before(claim, by_iri[target]):
                        found.setdefault(target, []).append((claim.iri, verdict))
    return found


def _is_before(claim: Claim, target: Claim) -> bool:
    """Return whether a claim was published before another, in every reading of their dates."""
    return "" < claim.source.published.upper < target.source.published.lower


def first(verdicts: Iterable[Term]) -> Term:
    """Return the verdict that comes first in the order of the ontology."""
    return min(verdicts, key=lambda verdict: verdict.position)
