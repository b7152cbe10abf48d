"""Find the claims that no longer count, because a later claim corrects them, overtakes them or takes them back.

Only who said or published a claim may end it, or an editor of the project; see ``may_end``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.judging.origins import concludes
from kg.model.properties import Term
from kg.model.terms import Key
from kg.model.world import Claim, Ref, World

OWNERS = ("agent", "subject", "about")  # whose state a claim tells of


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a claim no longer counts: the resulting verdict, and the claims that ended it, each with its own."""

    verdict: Term
    told: tuple[tuple[str, Term], ...]

    @property
    def by(self) -> tuple[str, ...]:
        """Return the IRIs of the claims that ended it."""
        return tuple(dict.fromkeys(iri for iri, _ in self.told))


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
    found = {iri: sorted(one for one in enders[iri] if one[0] in stays) for iri in sorted(gone)}
    return {iri: Ending(first(verdict for _, verdict in told), tuple(told)) for iri, told in found.items()}


def _enders(world: World, by_iri: Mapping[str, Claim]) -> dict[str, list[tuple[str, Term]]]:
    """Return, by claim, the claims that would end it, with the verdict that is left."""
    keys = world.ontology.keys("claim")
    found: dict[str, list[tuple[str, Term]]] = {}
    for claim in by_iri.values():
        for key, targets in claim.links.items():
            if verdict := keys[key].retires:
                for target in targets:
                    if target != claim.iri and may_end(claim, by_iri[target], keys[key]):
                        found.setdefault(target, []).append((claim.iri, verdict))
    return found


def may_end(claim: Claim, target: Claim, key: Key) -> bool:
    """Return whether a claim may end another by a link: they share a speaker or a publisher, or an editor says so.

    It must be published no earlier. Those whose state or plan it is may overtake it, too.
    """
    if _is_before(claim, target):
        return False
    mine = said_by(claim)
    owned = key.is_owners and not mine.isdisjoint(_owners(target))
    return concludes(claim.source) or owned or not mine.isdisjoint(said_by(target))


def said_by(claim: Claim) -> set[str]:
    """Return the IRIs of who says a claim: its speaker and its publisher."""
    found = (claim.ref("said-by"), claim.source.facts.get("publisher"))
    return {ref.iri for ref in found if isinstance(ref, Ref)}


def _owners(claim: Claim) -> set[str]:
    """Return the IRIs of those whose state or plan a claim tells of."""
    refs = (claim.ref("plan-of"), *map(claim.proposition.ref, OWNERS))
    return {ref.iri for ref in refs if ref}


def _is_before(claim: Claim, target: Claim) -> bool:
    """Return whether a claim was published before another, in every reading of their dates."""
    return "" < claim.source.published.upper < target.source.published.lower


def first(verdicts: Iterable[Term]) -> Term:
    """Return the verdict that comes first in the order of the ontology."""
    return min(verdicts, key=lambda verdict: verdict.position)
