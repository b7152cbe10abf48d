"""Find gaps: roles, relations and events that no claim states for an entity, and weakly supported statements.

In: a world and its current claims. Out: an ``Inquiry`` per entity whose type has expectations in the ontology, the most
mentioned entity first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.judging.opposition import denies
from kg.judging.origins import Origins, concludes
from kg.model.iris import AUTOKG
from kg.model.properties import Term
from kg.model.terms import Absence, EntityClass, EntityType
from kg.model.world import Claim, Entity, Proposition, Ref, Value, World

ENDS = ("target", "subject", "about")
TIMES = frozenset({"when", "from", "until", "by"})
ABSENCE = AUTOKG + "absence/"


@dataclass(frozen=True, slots=True)
class Cell:
    """An unfilled place: the expected term, the kind of absence, and the claims that support it."""

    expected: Term
    absence: Term
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Weakness:
    """A statement that lacks a date, a second witness, or places in the sources (``unlocated`` counts claims)."""

    proposition: Proposition
    claims: tuple[Claim, ...]
    undated: bool
    witnesses: int
    unlocated: int
    opposed: int


@dataclass(frozen=True, slots=True)
class Inquiry:
    """The gaps of one entity, and the number of statements that mention it."""

    entity: Entity
    statements: int
    cells: tuple[Cell, ...]
    weaknesses: tuple[Weakness, ...]


def find_gaps(
    world: World, current: Iterable[Claim], opposed: Mapping[str, int], corroborated: Container[str]
) -> tuple[Inquiry, ...]:
    """Return the gaps per entity, the most mentioned entity first.

    ``current`` are the claims that still count; ``opposed`` gives the number of oppositions per proposition IRI, and
    ``corroborated`` has the propositions that several origins assert, in these words or in finer ones. Within an
    entity, cells follow the order of absences in the ontology, and the most opposed statements come first.
    """
    by_entity: dict[str, list[Claim]] = {}
    for claim in sorted(current, key=lambda claim: claim.iri):
        for id in _named(claim.proposition):
            by_entity.setdefault(id, []).append(claim)
    anyone = [id for id, entity in world.entities.items() if entity.stands_for_any]
    wide = [claim for id in anyone for claim in by_entity.get(id, ()) if denies(claim)]
    origins = Origins(world)
    found = [
        _inquiry(world, origins, entity, expected, by_entity.get(entity.id, []), wide, opposed, corroborated)
        for entity in world.entities.values()
        if (expected := looked_for(world, entity))
    ]
    found = [inquiry for inquiry in found if inquiry.cells or inquiry.weaknesses]
    return tuple(sorted(found, key=lambda inquiry: (-inquiry.statements, inquiry.entity.id)))


def looked_for(world: World, entity: Entity) -> tuple[Term, ...]:
    """Return the terms that the ontology expects of an entity; none of one that represents a whole type."""
    return () if entity.stands_for_any else expected_of(world, entity.type)


def expected_of(world: World, type_: EntityType) -> tuple[Term, ...]:
    """Return the terms that the ontology expects of a type, from the nearest superclass that has any."""
    classes = (world.ontology.typed(EntityClass, iri) for iri in world.ontology.ancestors(type_.iri))
    return next((cls.expects for cls in classes if cls.expects), ())


def _named(proposition: Proposition) -> set[str]:
    return {value.id for value in proposition.content.values() if isinstance(value, Ref)}


def _inquiry(
    world: World,
    origins: Origins,
    entity: Entity,
    expected: tuple[Term, ...],
    claims: list[Claim],
    wide: list[Claim],
    opposed: Mapping[str, int],
    corroborated: Container[str],
) -> Inquiry:
    cells = [cell for term in expected if (cell := _cell(world, term, _about(world, entity, [*claims, *wide], term)))]
    weaknesses = sorted(
        _weaknesses(world, origins, claims, opposed, corroborated),
        key=lambda weakness: (-weakness.opposed, weakness.witnesses, not weakness.undated, weakness.proposition.iri),
    )
    return Inquiry(
        entity,
        len({claim.proposition.iri for claim in claims}),
        tuple(sorted(cells, key=lambda cell: (cell.absence.position, cell.expected.iri))),
        tuple(weaknesses),
    )


# ---------------------------------------------------------------- cells


def _about(world: World, entity: Entity, claims: Iterable[Claim], expected: Term) -> Iterator[Claim]:
    """Yield the claims with an expected or narrower term, or of an event that gives it, with the entity at one end.

    A denial counts with a wider term too, and if what it denies is denied of every entity of the type.
    """
    broader = world.ontology.broader
    for claim in claims:
        said = claim.proposition
        given = said.term.gives if claim.stance.notation == "asserts" and "agent" in said.content else ()
        is_fit = any(expected.iri in broader(term.iri) for term in (said.term, *given))
        if not is_fit and not (denies(claim) and said.term.iri in broader(expected.iri)):
            continue
        if any(_takes_in(world, end, entity) for end in map(said.content.get, ENDS)):
            yield claim


def _takes_in(world: World, end: Value | None, entity: Entity) -> bool:
    """Return whether an end of a claim is an entity, or represents every entity of its type."""
    if not isinstance(end, Ref) or end.id == entity.id:
        return isinstance(end, Ref)
    other = world.entities.get(end.id)
    return bool(other and other.stands_for_any and world.ontology.is_a(entity.type.iri, (other.type.iri,)))


def _cell(world: World, expected: Term, claims: Iterable[Claim]) -> Cell | None:
    """Return the kind of absence, or None if a claim states the expected term as a fact."""
    claims = list(claims)
    asserted = [claim for claim in claims if claim.stance.notation == "asserts"]
    if any(claim.modality.verdict.iri == f"{AUTOKG}verdict/stated" for claim in asserted):
        return None
    if asserted:
        return Cell(expected, world.ontology.term(f"{ABSENCE}planned"), tuple(asserted))
    for absence in world.ontology.of(Absence).values():
        said = tuple(claim for claim in claims if claim.stance.iri == absence.absence_of)
        if said:
            return Cell(expected, absence, said)
    return Cell(expected, world.ontology.term(f"{ABSENCE}unknown"), ())


# ---------------------------------------------------------------- statements


def _weaknesses(
    world: World, origins: Origins, claims: Iterable[Claim], opposed: Mapping[str, int], corroborated: Container[str]
) -> Iterator[Weakness]:
    asserted: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.stance.notation == "asserts" and not concludes(claim.source):
            asserted.setdefault(claim.proposition.iri, []).append(claim)
    for iri, mine in asserted.items():
        proposition = mine[0].proposition
        weakness = Weakness(
            proposition,
            tuple(mine),
            proposition.kind.dated and TIMES.isdisjoint(proposition.content),
            max(origins.count_witnesses(_strongest(mine)), 2 if iri in corroborated else 0),
            sum(not claim.text("at") for claim in mine),
            opposed.get(iri, 0),
        )
        if weakness.undated or weakness.witnesses < 2 or weakness.unlocated:
            yield weakness


def _strongest(claims: Sequence[Claim]) -> list[Claim]:
    """Return the claims of the strongest modality: a plan is no witness of what another claim states as a fact."""
    best = min(claim.modality.verdict.position for claim in claims)
    return [claim for claim in claims if claim.modality.verdict.position == best]


def count(inquiries: Iterable[Inquiry]) -> Counter[str]:
    """Return how many cells, dates, second witnesses and places are missing; each statement counts once."""
    counts: Counter[str] = Counter()
    seen: set[str] = set()
    for inquiry in inquiries:
        counts["cells"] += len(inquiry.cells)
        for weakness in inquiry.weaknesses:
            if weakness.proposition.iri not in seen:
                seen.add(weakness.proposition.iri)
                counts["dates"] += weakness.undated
                counts["second witnesses"] += weakness.witnesses < 2
                counts["places"] += weakness.unlocated
    return counts
