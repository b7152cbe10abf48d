"""Decide whose plan a claim tells."""

from __future__ import annotations

from kg.judging.origins import Descent
from kg.model.iris import KG
from kg.model.world import Claim, Ref, World

CONCERNED = ("agent", "parties", "subject", "about")  # who acts comes before what the plan is about


def whose_plan(world: World, descent: Descent, claim: Claim) -> Ref | None:
    """Return whose plan a claim tells: ``plan-of``, else a speaker who speaks of itself; None: not told.

    A speaker speaks of itself if it acts, alone or as one of several, or holds an office there. If nobody acts, then
    if what the plan is about belongs to it, or to where it holds an office. Both follow from claims on record.
    """
    speaker, content = claim.ref("said-by"), claim.proposition.content
    if (named := claim.ref("plan-of")) or speaker is None:
        return named
    speaks_for = {speaker.iri} if _is(world, speaker, "Organisation") else descent.owners(speaker.iri)
    near = next((content[key] for key in CONCERNED if key in content), ())
    for ref in near if isinstance(near, tuple) else (near,):
        if isinstance(ref, Ref) and ref.id in world.types:
            concerned = {ref.iri} if _is(world, ref, "Agent") else descent.owners(ref.iri)
            if speaks_for & concerned:
                return speaker
    return None


def _is(world: World, ref: Ref, name: str) -> bool:
    """Return whether an entity is of a class of the ontology."""
    return ref.id in world.types and world.ontology.is_a(world.types[ref.id].iri, (KG + name,))
