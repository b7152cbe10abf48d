"""Decide which propositions cover or support others: what a wider denial denies, what a finer assertion asserts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from kg.judging.tellings import TIME_KEYS
from kg.model.dates import Date, inside
from kg.model.properties import Term
from kg.model.world import Claim, Proposition, Ref, Value, World, canonical

ANCHORS = ("agent", "subject", "about", "parties")
OTHER_ENDS = ("target", "object")


def covering(world: World, denials: Iterable[Claim], asserted: Iterable[Claim]) -> Iterator[tuple[Claim, Claim]]:
    """Yield each denial with each assertion that its words cover, of any time."""
    by_ends: dict[tuple[str, str], list[Claim]] = {}
    for claim in denials:
        near, far = (_anchor(world, claim.proposition, keys) for keys in (ANCHORS, OTHER_ENDS))
        by_ends.setdefault((near, far), []).append(claim)
    for claim in asserted if by_ends else ():
        content = claim.proposition.content
        nears, fars = (
            {canonical(content[key]) for key in keys if key in content} | {""} for keys in (ANCHORS, OTHER_ENDS)
        )
        for denial in (denial for ends in product(nears, fars) for denial in by_ends.get(ends, ())):
            if covers(world, denial.proposition, claim.proposition):
                yield denial, claim


def _anchor(world: World, proposition: Proposition, keys: Iterable[str]) -> str:
    """Return an entity by which a denial is indexed, or "" if it names none, or one that represents its whole type.

    A wider denial can name fewer entities than the assertion, so it is looked up by each entity of the assertion.
    """
    value = next((value for key in keys if (value := proposition.content.get(key))), "")
    return "" if isinstance(value, Ref) and _any(world, value) else canonical(value)


def covers(world: World, wider: Proposition, narrower: Proposition) -> bool:
    """Return whether the words of the wider proposition cover the narrower one, at any time.

    The narrower proposition must have every content key of the wider one, with the same value, a narrower term, or an
    entity of the type whose every member the wider one's entity stands for.
    """
    if wider.iri == narrower.iri:
        return True
    if wider.kind.iri != narrower.kind.iri:
        return False
    return all(
        key in narrower.content and _within(world, value, narrower.content[key])
        for key, value in wider.content.items()
        if key not in TIME_KEYS or not isinstance(value, Date)
    )


def supports(world: World, finer: Proposition, coarser: Proposition) -> bool:
    """Return whether asserting the finer proposition asserts the coarser one.

    Both must be in the same slot, and the finer one must have every key of the coarser one, with the same value, a
    narrower term, or a date that lies inside. Figures support only themselves.
    """
    if finer.iri == coarser.iri:
        return True
    if finer.slot != coarser.slot or coarser.kind.whole_only:
        return False
    return all(
        key in finer.content and _refines(world, value, finer.content[key]) for key, value in coarser.content.items()
    )


def _refines(world: World, coarser: Value, finer: Value) -> bool:
    if isinstance(coarser, Date) and isinstance(finer, Date):
        return inside(finer, coarser)
    return _within(world, coarser, finer)


def _within(world: World, wider: Value, narrower: Value) -> bool:
    if isinstance(wider, Term) and isinstance(narrower, Term):
        return wider.iri in world.ontology.broader(narrower.iri)
    if isinstance(wider, Ref) and isinstance(narrower, Ref) and _any(world, wider):
        entity = world.entities.get(narrower.id)
        return entity is not None and world.ontology.is_a(entity.type.iri, (world.entities[wider.id].type.iri,))
    return canonical(wider) == canonical(narrower)


def _any(world: World, ref: Ref) -> bool:
    entity = world.entities.get(ref.id)
    return entity is not None and entity.stands_for_any
