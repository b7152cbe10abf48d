"""Find which claims of a world bear on each other, so that a part of it can be judged by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from kg.judging.clashes import compared
from kg.judging.conflict_ground import above, is_counted
from kg.judging.coverage import covering
from kg.judging.holdings import controlled, rings
from kg.judging.opposition import denies
from kg.judging.periods import grouped
from kg.judging.tellings import bears, lives, place_in, telling, tells_fact
from kg.judging.verdicts import places
from kg.model.world import Claim, Ref, World, line_ends


def bearing(world: World) -> list[list[Claim]]:
    """Return the claims in parts, so that no claim bears on the verdict of a proposition in another part.

    Claims bear on each other if they tell of one proposition, if one links to the other or speaks about it, if one
    denies what the other tells of, if they tell of two holders of what one holds alone, if one tells since when or
    until when the other can hold, or if their figures, shares or dates can clash; and so do those that bear on these.
    Whether they assert it does not matter, so that another claim on a proposition of a part joins no other part.
    """
    part_of = _joined(_pairs(world))
    found: dict[str, list[Claim]] = {}
    for claim in world.claims:
        found.setdefault(part_of(claim.iri), []).append(claim)
    return list(found.values())


def _pairs(world: World) -> Iterator[tuple[str, str]]:
    """Yield pairs of IRIs of claims and propositions that are in one part."""
    known = {claim.iri for claim in world.claims}
    for claim in world.claims:
        yield claim.iri, claim.proposition.iri
        ends = (value.iri for value in claim.proposition.content.values() if isinstance(value, Ref))
        linked = (iri for targets in claim.links.values() for iri in targets)
        yield from ((claim.iri, iri) for iri in (*ends, *linked) if iri in known)
    for denial, claim in covering(world, filter(denies, world.claims), world.claims):
        yield denial.iri, claim.iri
    for first, *others in places(world.claims):
        yield from ((first.iri, other.iri) for other in others)
    yield from _timed(world.claims)
    yield from _clashing(world)


def _timed(claims: Iterable[Claim]) -> Iterator[tuple[str, str]]:
    """Yield pairs of claims of which one tells until when, or since when, the other can hold."""
    tellings = [telling(claim) for claim in claims if tells_fact(claim)]
    slots: dict[object, str] = {}
    for told in tellings:
        places = (told.place if told.exclusive else (), *map(place_in, told.gives))
        yield from (
            (told.claim, slots.setdefault(name, told.claim)) for name in (told.slot, *told.gives, *places) if name
        )
    by_entity = grouped(lives(filter(tells_fact, claims)), lambda life: life.entity)
    for told in tellings if by_entity else ():
        named = [life for entity in {*told.entities, *told.needs} for life in by_entity.get(entity, ())]
        yield from ((told.claim, life.by) for life in named if bears(life, told))


def _clashing(world: World) -> Iterator[tuple[str, str]]:
    """Yield pairs of names, of claims and of what is compared, for claims whose figures, shares or dates may clash.

    Figures of a part and of its whole are compared by way of the claim that says so.
    """
    measured = {name for claim in world.claims for name in compared(claim.proposition) if name[0] == "figure"}
    wholes: dict[str, set[str]] = {}
    for claim in world.claims:
        said = claim.proposition
        yield from ((claim.iri, " ".join(name)) for name in compared(said))
        if is_counted(world.ontology, said.term) and (ends := line_ends(said)):
            wholes.setdefault(ends[0].iri, set()).add(ends[1].iri)
    for claim in world.claims if wholes else ():
        if is_counted(world.ontology, claim.proposition.term) and (ends := line_ends(claim.proposition)):
            near = {ends[0].iri, *above(wholes, ends[0].iri)}
            yield from ((claim.iri, " ".join(name)) for name in measured if name[1] in near)
    controls = [(claim, pair) for claim in world.claims if (pair := controlled(claim.proposition))]
    for ring in rings(controls, lambda one: one[1]):
        yield from ((ring[0][0].iri, claim.iri) for claim, _ in ring)


def _joined(pairs: Iterable[tuple[str, str]]) -> Callable[[str], str]:
    """Return a function that gives the same name for all that pairs join, directly or not."""
    above: dict[str, str] = {}

    def top(name: str) -> str:
        while (higher := above.get(name, name)) != name:
            above[name] = above.get(higher, higher)  # halve the path, so that later look-ups are short
            name = higher
        return name

    for one, other in pairs:
        above[top(one)] = top(other)
    return top
