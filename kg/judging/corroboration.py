"""Find what independent origins say alike: whole propositions, and what propositions share that differ elsewhere.

In: a judge, whose claims are traced to their origins and have their times. Out: the claims that support a proposition,
and a ``Corroboration`` for each content that two or more origins share. The rules are in docs/comparing.md.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from kg.judging.coverage import Item, coarser_values
from kg.judging.origins import concludes
from kg.judging.runs import FOREVER, Span, ordinal, span_of
from kg.model.dates import Date
from kg.model.iris import digest
from kg.model.properties import Term
from kg.model.world import Claim, Proposition, Value, canonical

if TYPE_CHECKING:
    from kg.judging.verdicts import Judge

Items = frozenset[Item]


@dataclass(frozen=True, slots=True)
class Corroboration:
    """What two or more independent origins say alike, in tellings of which none contains all others.

    ``part`` is the content on which they agree, with the IRI of this corroboration; no claim asserts it as such, unless
    ``on_record``. ``claims`` are the claims that agree, sorted by IRI, ``origins`` the IRIs of their origins, and
    ``verdict`` the weakest verdict of their propositions.
    """

    part: Proposition
    claims: tuple[Claim, ...]
    origins: tuple[str, ...]
    verdict: Term
    on_record: bool

    @property
    def propositions(self) -> dict[str, Proposition]:
        """Return the propositions that agree, by IRI."""
        return {claim.proposition.iri: claim.proposition for claim in self.claims}

    def rest(self, proposition: Proposition) -> list[str]:
        """Return the keys of a proposition whose values are no part of what is corroborated, or are finer there."""
        shared = {key: canonical(value) for key, value in self.part.content.items()}
        return [key for key, value in proposition.content.items() if shared.get(key) != canonical(value)]


class Corroborations:
    """What the current claims of a judge corroborate."""

    def __init__(self, judge: Judge) -> None:
        """Group the claims that can corroborate by slot, if a slot has several of them."""
        self.judge = judge
        slots: dict[str, list[Claim]] = {}
        for claim in judge.asserted:
            slots.setdefault(claim.proposition.slot, []).append(claim)
        self._slots = {name: _Slot(judge, claims) for name, claims in slots.items() if len(claims) > 1}

    def supporters(self, proposition: Proposition) -> list[Claim]:
        """Return the current claims that support a proposition with its best modality, in its words or in finer ones.

        Left out are those of documents that conclude from others.
        """
        slot = self._slots.get(proposition.slot) or _Slot(self.judge, self.judge.by_proposition[proposition.iri])
        return slot.supporters(proposition.iri)

    @cached_property
    def whole(self) -> Mapping[str, list[Claim]]:
        """Return the propositions that two or more origins assert, in their words or finer ones, with these claims."""
        found = {iri: slot.agreeing(slot.supporters(iri)) for slot in self._slots.values() for iri in slot.tellings}
        return {iri: claims for iri, claims in found.items() if any(c.proposition.iri == iri for c in claims)}

    @cached_property
    def parts(self) -> tuple[Corroboration, ...]:
        """Return what propositions have in common that no one of them says alone, sorted by IRI."""
        found = (part for slot in self._slots.values() if len(slot.tellings) > 1 for part in slot.parts())
        return tuple(sorted(found, key=lambda one: one.part.iri))

    @cached_property
    def by_proposition(self) -> Mapping[str, tuple[Corroboration, ...]]:
        """Return the corroborated parts of each proposition that has any."""
        found: dict[str, tuple[Corroboration, ...]] = {}
        for one in self.parts:
            for iri in one.propositions:
                found[iri] = (*found.get(iri, ()), one)
        return found


@dataclass(slots=True)
class _Telling:
    """A proposition with the claims that assert it and count, and its items: each value, and coarser ones on record."""

    proposition: Proposition
    claims: list[Claim]
    own: Items
    items: Items = frozenset()

    @property
    def rank(self) -> int:
        """Return the rank of the strongest modality, 0 the strongest: the position of the verdict that it gives."""
        return min(map(_rank, self.claims))


class _Slot:
    """The tellings of one slot."""

    def __init__(self, judge: Judge, claims: Iterable[Claim]) -> None:
        self.judge = judge
        self.tellings: dict[str, _Telling] = {}
        self._origins: dict[str, str] = {}
        self._values: dict[Item, Value] = {}
        for claim in claims:
            said = claim.proposition
            if claim.iri not in judge.retired and claim.stance.notation == "asserts":
                told = self.tellings.get(said.iri) or _Telling(said, [], self._items(said))
                self.tellings.setdefault(said.iri, told).claims.append(claim)
        self._coarser = coarser_values(judge.world, self._values)
        for told in self.tellings.values():
            told.items = told.own.union(*(self._coarser.get(item, ()) for item in told.own))

    def _items(self, said: Proposition) -> Items:
        """Return the keys beside those of the slot, with their values."""
        keys = {key.notation for key in said.kind.slot_keys}
        found = {(key, canonical(value)): value for key, value in said.content.items() if key not in keys}
        self._values |= found
        return frozenset(found)

    @cached_property
    def _holders(self) -> Mapping[Item, list[_Telling]]:
        found: dict[Item, list[_Telling]] = {}
        for told in self.tellings.values():
            for item in told.items:
                found.setdefault(item, []).append(told)
        return found

    def supporters(self, iri: str) -> list[Claim]:
        """Return the claims that support a proposition; see ``Corroborations.supporters``."""
        told = self.tellings.get(iri)
        if told is None:
            return []
        finer = min((self._holders[item] for item in told.own), key=len, default=list(self.tellings.values()))
        if told.proposition.kind.whole_only:
            finer = [told]
        claims = [claim for one in finer if told.own <= one.items for claim in one.claims]
        return [claim for claim in claims if _rank(claim) <= told.rank and not concludes(claim.source)]

    # ------------------------------------------------------------ who agrees

    def origin(self, claim: Claim) -> str:
        """Return the IRI of a claim's origin, or "" if it is no witness."""
        if claim.iri not in self._origins:
            self._origins[claim.iri] = self.judge.origins.witness(claim)
        return self._origins[claim.iri]

    def agreeing(self, claims: Iterable[Claim]) -> list[Claim]:
        """Return the claims that are of one time with a claim of another origin, in the order of their times.

        A claim has that other one if, of all that begin before it ends, the one of another origin that ends last does
        not end before it begins. So each claim is compared with two others, however many there are.
        """
        timed = sorted((*_time(self.judge, claim), claim.iri, claim) for claim in claims if self.origin(claim))
        if len({self.origin(claim) for *_, claim in timed}) < 2:
            return []
        latest: list[list[tuple[int, str]]] = []  # of the first claims, the last ends of two different origins
        best: dict[str, int] = {}
        for _, end, _, claim in timed:
            best[self.origin(claim)] = max(end, best.get(self.origin(claim), end))
            best = dict(sorted(best.items(), key=lambda pair: -pair[1])[:2])
            latest.append([(last, origin) for origin, last in best.items()])
        starts = [begin for begin, *_ in timed]
        return [
            claim
            for begin, end, _, claim in timed
            if any(last >= begin and o != self.origin(claim) for last, o in latest[bisect_right(starts, end) - 1])
        ]

    # ------------------------------------------------------------ what they share

    def parts(self) -> Iterator[Corroboration]:
        """Yield what tellings of one modality share."""
        ranks: dict[int, list[_Telling]] = {}
        for told in self.tellings.values():
            if not told.proposition.kind.whole_only:
                ranks.setdefault(told.rank, []).append(told)
        for rank, tellings in sorted(ranks.items()):
            if len(tellings) > 1:
                yield from self._parts(rank, tellings)

    def _parts(self, rank: int, tellings: Sequence[_Telling]) -> Iterator[Corroboration]:
        """Yield each shared content that is the largest one of one of its tellings."""
        largest: dict[str, list[Items]] = {}
        for content, members in sorted(
            self._shared(tellings).items(), key=lambda pair: (-len(pair[0]), sorted(pair[0]))
        ):
            mine = [claim for told in members if told.items != content for claim in told.claims if _rank(claim) == rank]
            agreed = self.agreeing(mine)
            names = {claim.proposition.iri for claim in agreed}
            if len(names) > 1 and self._is_shared(content, [self.tellings[name] for name in names]):
                new = [name for name in names if not any(content <= one for one in largest.get(name, ()))]
                for name in names:
                    largest.setdefault(name, []).append(content)
                if new:
                    yield self._corroboration(content, agreed, on_record=any(t.items == content for t in members))

    def _is_shared(self, content: Items, tellings: Sequence[_Telling]) -> bool:
        """Return whether tellings share a content and no more, and tell of one thing.

        They share the far end of each, such as the counterparty of a role without a target. Events also have no key
        with two values, which may be those of two events.
        """
        said = [one.proposition for one in tellings]
        ends = ([key.notation for key in one.kind.line_to if key.notation in one.content] for one in said)
        shared = {key for key, _ in content} | {key.notation for key in said[0].kind.slot_keys}
        if not shared.issuperset(first for first, *_ in filter(None, ends)):
            return False
        values: dict[str, set[Item]] = {}
        for item in frozenset[Item]().union(*(one.own for one in tellings)) if said[0].kind.remains else ():
            values.setdefault(item[0], set()).add(item)
        differ = any(
            some - {one} - self._coarser.get(one, set()) for some in values.values() for one in [self._finest(some)]
        )
        return not differ and frozenset.intersection(*(one.items for one in tellings)) == content

    def _finest(self, items: Iterable[Item]) -> Item:
        return max(items, key=lambda item: (len(self._coarser.get(item, ())), item))

    def _shared(self, tellings: Sequence[_Telling]) -> dict[Items, list[_Telling]]:
        """Return each content that tellings of several origins share, with all tellings that have it.

        Each step adds one value, and what all who have it share beside it. So contents are few where tellings agree in
        much, and values of one telling alone cost nothing.
        """
        found: dict[Items, list[_Telling]] = {}
        waiting = [list(tellings)]
        while waiting:
            members = waiting.pop()
            content = frozenset.intersection(*(told.items for told in members))
            if content not in found:
                found[content] = members
                holders: dict[Item, list[_Telling]] = {}
                for told in members:
                    for item in told.items - content:
                        holders.setdefault(item, []).append(told)
                waiting += [some for some in holders.values() if len(some) > 1 and self._differ(some)]
        return found

    def _differ(self, tellings: Iterable[_Telling]) -> bool:
        """Return whether tellings go back to several origins."""
        origins = (origin for told in tellings for claim in told.claims if (origin := self.origin(claim)))
        first = next(origins, "")
        return any(origin != first for origin in origins)

    def _corroboration(self, content: Items, agreed: Iterable[Claim], *, on_record: bool) -> Corroboration:
        claims = sorted(agreed, key=lambda claim: claim.iri)
        example, judgements = claims[0].proposition, self.judge.judgements
        keys = {key.notation for key in example.kind.slot_keys}
        shared = {key: value for key, value in example.content.items() if key in keys}
        for item in sorted(content, key=lambda item: (len(self._coarser.get(item, ())), item)):
            shared[item[0]] = self._values[item]  # the finest of a key comes last
        verdicts = [judgements[claim.proposition.iri] for claim in claims]
        opposed = [one.verdict for one in verdicts if one.oppositions]
        weakest = (
            opposed[0] if opposed else max((one.verdict for one in verdicts), key=lambda verdict: verdict.position)
        )
        parts = (f"{key}={canonical(value)}" for key, value in sorted(shared.items()))
        name = digest(example.kind.iri, claims[0].modality.verdict.iri, *parts)
        iri = f"{self.judge.world.settings.base}corroboration/{name}"
        part = type(example)(iri, example.slot, example.kind, example.term, shared)
        origins = tuple(sorted({self.origin(claim) for claim in claims}))
        return Corroboration(part, tuple(claims), origins, weakest, on_record)


def _rank(claim: Claim) -> int:
    return claim.modality.verdict.position


def _time(judge: Judge, claim: Claim) -> Span:
    """Return the first and the last day of which a claim may tell its proposition.

    A state lasts until a told end. What happened did so at its date, or before it was published.
    """
    said, run = claim.proposition, judge.periods.runs.get(claim.iri)
    if said.kind.remains:
        when = said.content.get("when")
        latest = ordinal(claim.source.published.upper, FOREVER) if run else FOREVER
        return span_of(when) if isinstance(when, Date) else (-FOREVER, latest)
    if run:
        return run.start[0], max(run.start[0], run.no_after)
    first, last = said.period
    return ordinal(first, -FOREVER), ordinal(last, FOREVER)
