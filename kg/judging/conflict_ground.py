"""What the conflict rules compare: the claims of a judged world that assert something as a fact, and its figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from itertools import product
from typing import NamedTuple

from kg.judging.verdicts import Judge
from kg.model.dates import Date
from kg.model.iris import AUTOKG, KG
from kg.model.properties import Term
from kg.model.quantities import Quantity
from kg.model.terms import Predicate
from kg.model.world import Claim, Proposition, Ref, line_ends

ACTUAL = AUTOKG + "modality/actual"
COUNTED = KG + "partOfTotal"
Days = tuple[str, ...]


class Pair(NamedTuple):
    """Two claims that cannot both hold, a note, and the value that pairs of one conflict share."""

    one: Claim
    other: Claim
    note: str = ""
    clash: str = ""


class Figure(NamedTuple):
    """A proposition with a quantity of it, and the quantity's number."""

    proposition: Proposition
    value: Quantity
    number: Decimal

    @property
    def greatest(self) -> Decimal:
        """Return the upper end of a range, or the number."""
        return self.number if self.value.upper is None else self.value.upper

    @property
    def units(self) -> set[str]:
        """Return the unit and that below the stroke."""
        return {self.value.unit, self.value.per} - {""}


class Ground:
    """What the rules compare: the current claims of a judged world that assert something as a fact."""

    def __init__(self, judge: Judge) -> None:
        """Group the claims by the proposition that they assert."""
        self.judge, self.ontology = judge, judge.world.ontology
        self.told: dict[str, list[Claim]] = {}
        for claim in judge.asserted:
            if claim.modality.iri == ACTUAL:
                self.told.setdefault(claim.proposition.iri, []).append(claim)
        keys = self.ontology.keys("content").values()
        self._first = tuple(key.notation for key in keys if key.lower_bound == KG + "validFrom")
        self._last = tuple(key.notation for key in keys if key.upper_bound == KG + "validUntil")

    @cached_property
    def propositions(self) -> list[Proposition]:
        """Return the propositions asserted as a fact, sorted by IRI."""
        return [self.told[iri][0].proposition for iri in sorted(self.told)]

    def begins(self, proposition: Proposition) -> Days:
        """Return the first days that the dates of a proposition allow."""
        dates = (proposition.content.get(name) for name in self._first)
        return tuple(date.lower for date in dates if isinstance(date, Date) and date.lower)

    def ends(self, proposition: Proposition) -> Days:
        """Return the last days that the dates of a proposition allow."""
        dates = (proposition.content.get(name) for name in self._last)
        return tuple(date.upper for date in dates if isinstance(date, Date) and date.upper)

    def pairs(self, one: Proposition, other: Proposition, note: str = "", clash: str = "") -> Iterator[Pair]:
        """Yield every claim of one proposition with every claim of another."""
        for first, second in product(self.told[one.iri], self.told[other.iri]):
            yield Pair(first, second, note, clash)

    def witness(self, proposition: Proposition) -> str:
        """Return the IRI of the first claim of a proposition."""
        return min(claim.iri for claim in self.told[proposition.iri])

    @cached_property
    def figures(self) -> list[Figure]:
        """Return the propositions that have a numeric value."""
        found = (figure(proposition, "value") for proposition in self.propositions)
        return [one for one in found if one is not None]

    @cached_property
    def wholes(self) -> Mapping[str, set[str]]:
        """Return, per entity, the entities in whose total it is stated to be counted."""
        found: dict[str, set[str]] = {}
        world, judgements = self.judge.world, self.judge.judgements
        terms = {term for term in {one.term for one in world.propositions} if self._is_counted(term)}
        for proposition in world.propositions if terms else ():
            if proposition.term not in terms or not judgements[proposition.iri].is_firm:
                continue
            if ends := line_ends(proposition):
                found.setdefault(ends[0].iri, set()).add(ends[1].iri)
        return found

    def _is_counted(self, term: Predicate) -> bool:
        return any(COUNTED in wider.shortcuts for wider in self.ontology.wider(term))


def figure(proposition: Proposition, name: str) -> Figure | None:
    """Return the quantity of a proposition under a key, or None if it is not a number."""
    value = proposition.content.get(name)
    if isinstance(value, Quantity) and value.number is not None:
        return Figure(proposition, value, value.number)
    return None


def iri_of(proposition: Proposition, name: str) -> str:
    """Return the IRI of the entity or term under a key, or "" if there is none."""
    value = proposition.content.get(name)
    return value.iri if isinstance(value, Ref | Term) else ""
