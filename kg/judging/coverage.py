"""Decide what is wider and what is narrower: which assertions a denial covers, which values refine others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from kg.judging.tellings import TIME_KEYS
from kg.model.dates import Date, inside
from kg.model.properties import Term
from kg.model.world import Claim, Proposition, Ref, Value, World, canonical

ANCHORS = ("agent", "subject", "about", "parties")
OTHER_ENDS = ("target", "object")
Item = tuple[str, str]  # a key and the canonical text of its value


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
    entity of the type whose every member the wider one's entity represents.
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


def coarser_values(world: World, values: Mapping[Item, Value]) -> dict[Item, set[Item]]:
    """Return, for values by key and canonical text, those of the same key that each refines; without itself.

    A value refines a broader term, a date that it lies inside, and an entity that represents its whole type.
    """
    found: dict[Item, set[Item]] = {}
    for finer, coarser in _comparable(world, values):
        if finer[0] == coarser[0] and finer != coarser and _refines(world, values[coarser], values[finer]):
            found.setdefault(finer, set()).add(coarser)
    return found


def _comparable(world: World, values: Mapping[Item, Value]) -> Iterator[tuple[Item, Item]]:
    """Yield pairs of values of which the first may refine the second: of dates, those that begin no later."""
    terms = [item for item, value in values.items() if isinstance(value, Term)]
    wide = [item for item, value in values.items() if isinstance(value, Ref) and _any(world, value)]
    yield from (*product(terms, terms), *product(values, wide))
    dated = [
        (value.lower, _later_first(value.upper), value, item)
        for item, value in values.items()
        if isinstance(value, Date)
    ]
    before: list[tuple[Date, Item]] = []
    for *_, value, item in sorted(dated, key=lambda one: one[:2]):
        before = [(date, other) for date, other in before if not date.upper or date.upper >= value.lower]
        yield from ((item, other) for _, other in before)
        before.append((value, item))


def _later_first(day: str) -> int:
    """Return a number by which later days come first, and an open end before all."""
    return -int(day.replace("-", "")) if day else -(10**9)


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
