"""What the conflict rules compare: the claims of a judged world that assert something as a fact, and its figures."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from itertools import product
from typing import NamedTuple

from kg.judging.runs import Run
from kg.model.dates import Date
from kg.model.iris import KG
from kg.model.ontology import Ontology
from kg.model.properties import Term
from kg.model.quantities import Quantity
from kg.model.terms import Measure, Predicate
from kg.model.world import Claim, Proposition, Ref, line_ends

COUNTED = KG + "partOfTotal"
Days = tuple[str, ...]


class Pair(NamedTuple):
    """Two claims that cannot both hold, a note, and the value that pairs of one conflict share.

    ``more`` are claims that are part of the same clash with the first.
    """

    one: Claim
    other: Claim
    note: str = ""
    clash: str = ""
    more: tuple[Claim, ...] = ()


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
    def is_summed(self) -> bool:
        """Return whether no part can be larger than the whole: its measure cannot be negative."""
        term = self.proposition.term
        return isinstance(term, Measure) and not term.may_be_negative

    @property
    def units(self) -> set[str]:
        """Return the unit and that below the stroke."""
        return {self.value.unit, self.value.per} - {""}


class Ground:
    """What the rules compare: the current claims that assert something as a fact."""

    def __init__(
        self, ontology: Ontology, facts: Iterable[Claim], runs: Mapping[str, Run], unsure: Collection[str]
    ) -> None:
        """Group the claims by the proposition that they assert.

        ``runs`` are the days for which they are told, ``unsure`` the propositions that are contested or in tension.
        """
        self.ontology, self.runs, self._unsure = ontology, runs, unsure
        self.told: dict[str, list[Claim]] = {}
        for claim in facts:
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

    def claims_of(self, figures: Iterable[Figure]) -> list[Claim]:
        """Return the claims of some figures, each once."""
        return list({claim.iri: claim for one in figures for claim in self.told[one.proposition.iri]}.values())

    @cached_property
    def figures(self) -> list[Figure]:
        """Return the propositions that have a numeric value."""
        found = (figure(proposition, "value") for proposition in self.propositions)
        return [one for one in found if one is not None]

    @cached_property
    def wholes(self) -> Mapping[str, set[str]]:
        """Return, per entity, the entities in whose total it is counted, by what is stated and not in dispute."""
        found: dict[str, set[str]] = {}
        for proposition in self.propositions:
            sure = proposition.iri not in self._unsure and not all(c.evidence.weak for c in self.told[proposition.iri])
            if is_counted(self.ontology, proposition.term) and sure and (ends := line_ends(proposition)):
                found.setdefault(ends[0].iri, set()).add(ends[1].iri)
        return found


def is_counted(ontology: Ontology, term: Predicate) -> bool:
    """Return whether a term says that one end is part of the total of the other."""
    return any(COUNTED in wider.shortcuts for wider in ontology.wider(term))


def above(wholes: Mapping[str, set[str]], part: str) -> set[str]:
    """Return everything of which an entity is part, or by which it is owned, directly or not."""
    found: set[str] = set()
    queue = [part]
    for current in queue:
        queue.extend(wholes.get(current, set()) - found)
        found |= wholes.get(current, set())
    return found


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
