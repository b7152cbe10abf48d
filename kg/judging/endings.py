"""Find the claims that no longer count, because a later claim corrects them, overtakes them or takes them back.

Only who said or published a claim may end it, or an editor of the project; see ``may_end``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from kg.judging.origins import concludes
from kg.model.properties import Term
from kg.model.terms import Key
from kg.model.world import Claim, Ref, World

OWNERS = ("agent", "subject", "about")  # whose state a claim tells of


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a claim no longer counts: the resulting verdict, and the claims that ended it, each with its own.

    ``with_`` are the claims that it repeats, if it ended because they did.
    """

    verdict: Term
    told: tuple[tuple[str, Term], ...]
    with_: tuple[str, ...] = ()

    @property
    def by(self) -> tuple[str, ...]:
        """Return the IRIs of the claims that ended it."""
        return tuple(dict.fromkeys(iri for iri, _ in self.told))


def ended(world: World, by_iri: Mapping[str, Claim]) -> dict[str, Ending]:
    """Return the claims that later claims ended.

    What ends a claim must itself count, and be published no earlier. What is told second-hand ends with the last of
    the claims that it repeats. A circle of endings ends nothing.
    """
    enders = _enders(world, by_iri)
    repeated = _repeated(by_iri, enders)
    stays: set[str] = set()
    found: dict[str, Ending] = {}
    asked = {*enders, *repeated, *(iri for some in enders.values() for iri, _ in some)}
    while new := {
        iri
        for iri in asked - stays - found.keys()
        if all(by in found for by, _ in enders.get(iri, ())) and (iri not in repeated or repeated[iri] & stays)
    }:
        stays |= new
        found |= {
            iri: _ending(told) for iri, some in enders.items() if (told := [one for one in some if one[0] in stays])
        }
        while fallen := {iri for iri in repeated.keys() - found.keys() if repeated[iri] <= found.keys()}:
            for iri in sorted(fallen):
                ends = [found[origin] for origin in sorted(repeated[iri])]
                found[iri] = _ending({one for end in ends for one in end.told}, tuple(sorted(repeated[iri])))
    return dict(sorted(found.items()))


def _ending(told: Collection[tuple[str, Term]], with_: tuple[str, ...] = ()) -> Ending:
    ordered = sorted(told, key=lambda one: (one[0], one[1].position))
    return Ending(first(verdict for _, verdict in told), tuple(ordered), with_)


def _repeated(by_iri: Mapping[str, Claim], enders: Iterable[str]) -> dict[str, set[str]]:
    """Return, by claim told second-hand, the claims of the document that it was read in, where all of them may end.

    They are those that say the same of the same proposition.
    """
    citing = [claim for claim in by_iri.values() if "second-hand" in claim.facts] if enders else []
    told: dict[tuple[str, str, str], set[str]] = {}
    for claim in by_iri.values() if citing else ():
        told.setdefault((claim.source.iri, claim.proposition.iri, claim.stance.iri), set()).add(claim.iri)
    origins = {
        claim.iri: told.get((ref.iri, claim.proposition.iri, claim.stance.iri), set()) - {claim.iri}
        for claim in citing
        if (ref := claim.ref("second-hand"))
    }
    ending, found = {*enders}, dict[str, set[str]]()
    while new := {iri for iri, some in origins.items() if some and some <= ending and iri not in found}:
        found |= {iri: origins[iri] for iri in new}
        ending |= new
    return found


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
