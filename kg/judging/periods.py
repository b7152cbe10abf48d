"""Decide until when and since when claims hold, by what other claims tell: ends, successors, lives of entities.

In: what claims of facts tell of time (``Telling``), and lives of entities. Out: a ``Run`` for each claim, what bounds
it, and what is to be known beside verdicts. The rules are in docs/verdicts.md. Nothing depends on the order of claims.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeVar

from kg.judging.runs import FOREVER, Run, Span
from kg.judging.tellings import Life, Manner, Slot, Telling, place_in

CLASH, HANDOVER, SEEN_AFTER, JOINT = "clash", "handover-untold", "seen-after-end", "joint"
TENSION = "in-tension"
BEFORE = {"founded": "dated before the entity began", "launched": "dated before the entity came to market"}
AFTER = "dated after the entity ended"
OUTSIDE = frozenset({AFTER, *BEFORE.values()})
REPLACED = "dated after another took its place"
T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
Told = tuple[Span, str]  # a day, and the claim that tells it
Begins = Mapping[Slot, list[tuple[Manner, Told]]]


class Beside(NamedTuple):
    """A pair of claims between which there is a qualifier, or a contest (""), once for each of the two.

    ``said_in`` is the claim of an editor that sets the two against each other, or "".
    """

    qualifier: str
    claim: str
    other: str
    rule: str
    said_in: str = ""

    @property
    def is_clash(self) -> bool:
        """Return whether the two claims clash."""
        return self.qualifier == CLASH


class Bound(NamedTuple):
    """A claim that can hold no longer than ``by`` says, and by which rule.

    It is not ``sure`` if what ``by`` says is denied or disputed: the claim may hold longer.
    """

    claim: str
    by: str
    rule: str
    sure: bool


@dataclass
class Periods:
    """The runs of claims by their IRIs, with what bounds them and what is between them.

    ``unsure`` are propositions that are denied or disputed: what they would end may go on. ``denied`` gives, by claim,
    the days from which others deny what it tells of an earlier time.
    """

    tellings: Sequence[Telling]
    lives: Iterable[Life] = ()
    unsure: Collection[str] = ()
    denied: Iterable[tuple[str, Told]] = ()
    runs: dict[str, Run] = field(default_factory=dict)
    beside: set[Beside] = field(default_factory=set)
    bounds: set[Bound] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Apply the rules."""
        self._propositions = {told.claim: told.proposition for told in self.tellings}
        self.runs = {told.claim: told.run() for told in self.tellings}
        for claim, (day, by) in self.denied:
            self.runs[claim].bound(FOREVER, untold_after=day[0] - 1)
            self._bound(claim, by, "denied later")
        states = [told for told in self.tellings if not told.remains]
        begins = self._begins()
        for told in grouped(states, lambda told: told.slot).values():
            self._end_terms(told, begins.get(told[0].slot, ()) if told[0].slot else ())
        self._bound_by_lives()
        before = {
            name: replace(run) for name, run in self.runs.items()
        }  # so that the order of the pairs does not matter
        for holders in grouped(states, lambda told: told.place).values():
            for one, other in rivals(holders):
                self._compare(one, other, begins, before)
        self._bound_by_takers(states, before)

    def holding(self, day: int) -> set[str]:
        """Return the claims that give a one-hop triple on a day.

        Of a place they are those of its one certain holder, else of its one possible holder, or of joint holders.
        """
        states = [told for told in self.tellings if not told.remains]
        held = [t for t in states if self.runs[t.claim].holds(day) in ("yes", "possibly")]
        held = [told for told in held if not self.runs[told.claim].outdone]
        giving = {told.claim for told in held if self.runs[told.claim].triple_from <= day}
        joint = {(pair.claim, pair.other) for pair in self.beside if pair.qualifier == JOINT}
        for group in grouped(held, lambda told: told.place).values():
            sure = {told.holder for told in group if self.runs[told.claim].holds(day) == "yes"}
            for one, other in ((a, b) for pair in rivals(group) for a, b in (pair, pair[::-1])):
                if (one.claim, other.claim) not in joint and (other.holder in sure or one.holder not in sure):
                    giving.discard(one.claim)
        return giving

    # ------------------------------------------------------------ notes

    def _between(self, qualifier: str, rule: str, one: str, other: str) -> None:
        """Note a contest, or a qualifier, on both sides."""
        self.beside |= {Beside(qualifier, one, other, rule), Beside(qualifier, other, one, rule)}

    def _bound(self, claim: str, by: str, rule: str) -> None:
        """Note what bounds a claim."""
        self.bounds.add(Bound(claim, by, rule, self._is_sure(by)))

    def _is_sure(self, claim: str) -> bool:
        """Return whether no denial or dispute reaches what a claim says."""
        return self._propositions.get(claim) not in self.unsure

    def _sure(self, days: Iterable[Told]) -> int:
        """Return the last possible day of some ends, of those that are sure."""
        return max((day[1] for day, by in days if self._is_sure(by)), default=FOREVER)

    def _begins(self) -> dict[Slot, list[tuple[Manner, Told]]]:
        """Return the told beginnings of terms by slot, each with its manner."""
        found: dict[Slot, list[tuple[Manner, Told]]] = defaultdict(list)
        for told in self.tellings:
            if told.begin and told.slot and not told.remains:
                found[told.slot].append((told.manner, (told.begin, told.claim)))
            for slot in told.gives if told.when else ():
                found[slot].append((frozenset(), (told.when or told.published, told.claim)))
        return found

    # ------------------------------------------------------------ ends told of a term

    def _end_terms(self, group: list[Telling], begins: Sequence[tuple[Manner, Told]]) -> None:
        """Bound the tellings of one slot by the ends told of it in others, up to the beginning of a later term."""
        if len(group) == 1 and not begins and not group[0].until:
            return
        ends_of = within([(told.manner, (told.until, told.claim)) for told in group if told.until])
        begins_of = within(begins)
        tellings_of = within([(told.manner, told) for told in group])
        for told in group:
            ends, starts = ends_of(told.manner), begins_of(told.manner)
            if told.until:
                self._start_end_alone(told, ends, starts, tellings_of(told.manner))
            else:
                self._end_term(told, ends, starts)

    def _end_term(self, told: Telling, ends: Sequence[Told], begins: Sequence[Told]) -> None:
        run = self.runs[told.claim]
        since = [day[1] for day, _ in begins if day[0] <= run.start[1]]
        run.begun |= any(not any(begin <= end[1] < run.start[0] for end, _ in ends) for begin in since)
        for day, by in ends if run.seen else ():
            if day[1] < run.start[0] and not any(b[1] >= day[0] and b[0] <= run.start[1] for b, _ in begins):
                self._between(SEEN_AFTER, "seen after an end", told.claim, by)
        first = min((day[1] for day, _ in ends if day[1] >= run.start[0]), default=FOREVER)
        next_term = min((day[0] for day, _ in begins if day[0] > first), default=FOREVER)
        coming = [(day, by) for day, by in ends if day[1] >= run.start[0] and day[0] < next_term]
        for day, by in coming:
            run.bound(day[0] - 1)
            self._bound(told.claim, by, "ended")
        run.bound(FOREVER, self._sure((day, by) for day, by in coming if run.seen or run.start[1] <= day[0]))

    def _start_end_alone(
        self, told: Telling, ends: Sequence[Told], begins: Sequence[Told], tellings: Iterable[Telling]
    ) -> None:
        """Let a telling of an end give a triple from another telling of the same term on."""
        until, run = told.until or told.published, self.runs[told.claim]
        days = [day[0] for day, _ in begins]
        days += [start for other in tellings if (start := self.runs[other.claim].start[0]) > -FOREVER]
        new = [b[0] for b, _ in begins if b[1] <= until[0] and any(end[1] < b[0] for end, _ in ends)]
        run.triple_from = min([run.triple_from, *(day for day in days if day >= max(new, default=day))])

    # ------------------------------------------------------------ lives of entities

    def _bound_by_lives(self) -> None:
        """Bound what is told of entities by their beginnings and ends."""
        by_entity = grouped(self.lives, lambda life: life.entity)
        for told in self.tellings if by_entity else ():
            if any(entity in by_entity for entity in (*told.entities, *told.needs)):
                self._bound_by_life(told, by_entity)

    def _bound_by_life(self, told: Telling, by_entity: Mapping[str, list[Life]]) -> None:
        run, begun, over = self.runs[told.claim], dict[str, int](), defaultdict[str, list[Told]](list)
        for life in _of_life(told, by_entity):
            entity, turn, day, by = life
            if turn in BEFORE and run.start[1] < day[0]:
                self._between(CLASH, BEFORE[turn], told.claim, by)
            elif turn == "replaced":
                if run.start[0] > day[1] and (told.when or told.begin):
                    self._between(CLASH, REPLACED, told.claim, by)
            elif turn != "ended":
                begun[entity] = min(begun.get(entity, day[0]), day[0])
            elif run.start[0] > day[1] or (told.until and run.end[0] > day[1]):
                self._between(CLASH, AFTER, told.claim, by)
            elif not told.remains:
                over[entity].append((day, by))
                self._bound(told.claim, by, "ended with it")
        run.start = (max([run.start[0], *begun.values()]), run.start[1])
        if told.entities and begun.keys() >= {*told.entities}:
            run.triple_from = min(run.triple_from, run.start[0])
        for ends in over.values():
            run.bound(min(day[0] for day, _ in ends) - 1, self._sure(ends))

    # ------------------------------------------------------------ two holders

    def _compare(self, one: Telling, other: Telling, begins: Begins, before: Mapping[str, Run]) -> None:
        """Compare two holders of a place that only one can hold, and bound the earlier."""
        mine, theirs = before[one.claim], before[other.claim]
        if _is_joint(one, other):
            if _is_alike(one, other) or mine.is_of_one_time(theirs):
                self._between(JOINT, "joint", one.claim, other.claim)
            return
        if mine.shares_a_day(theirs):
            self._between("", "held by another", one.claim, other.claim)
            return
        pairs = ((one, mine, other, theirs), (other, theirs, one, mine))
        orders = [order for pair in pairs if (order := _order(*pair, begins))]
        orders = [order for order in orders if len(orders) == 1 or order.sure]
        for ended, days, _ in orders:
            self.runs[ended].bound(min(day[0] for day, _ in days) - 1, self._sure(days))
            for _, by in days:
                self._bound(ended, by, "succession")
        if orders or any(run.no_after < FOREVER and run.ends_from <= later.start[1] for _, run, _, later in pairs):
            return
        self._between(HANDOVER, "handover untold", one.claim, other.claim)
        for earlier, run, later, seen in pairs:
            if seen.start[0] > run.end[1] and run.begun:  # a sighting does not end a term whose beginning is told
                self.runs[later.claim].outdone |= seen.seen
            elif seen.start[0] > run.end[1]:
                self.runs[earlier.claim].bound(FOREVER, untold_after=seen.start[1])

    def _bound_by_takers(self, states: Iterable[Telling], before: Mapping[str, Run]) -> None:
        """Bound the holders of a place by the events that give it to another, whether or not that one is seen there."""
        takers = defaultdict[tuple[str, ...], list[tuple[str, Told]]](list)
        for told in self.tellings:
            for slot in told.gives if told.when else ():
                takers[place_in(slot)].append((slot[0], (told.when or told.published, told.claim)))
        for told in states if takers else ():
            run, day_of = before[told.claim], takers.get(told.place, ()) if told.exclusive else ()
            days = [(day, by) for taker, (day, by) in day_of if taker != told.holder and day[0] > run.end[1]]
            if days:
                self.runs[told.claim].bound(min(day[0] for day, _ in days) - 1, self._sure(days))
                for _, by in days:
                    self._bound(told.claim, by, "succession")


class Order(NamedTuple):
    """Who may be the earlier holder, the told beginnings of the later one, and whether all surely lie later."""

    earlier: str
    days: list[Told]
    sure: bool


def _order(earlier: Telling, run: Run, other: Telling, later: Run, begins: Begins) -> Order | None:
    """Return an order in which two may have held a place, if a beginning of the later one is told."""
    told = within(begins.get(other.slot, ()) if other.slot else ())(other.manner)
    days = [(day, by) for day, by in told if day[0] <= later.start[1] and day[1] > run.certain_to]
    return Order(earlier.claim, days, all(day[0] > run.end[1] for day, _ in days)) if days else None


def _is_alike(one: Telling, other: Telling) -> bool:
    return (one.when, one.begin, one.until, one.published) == (other.when, other.begin, other.until, other.published)


def _is_joint(one: Telling, other: Telling) -> bool:
    """Return whether two holders may hold a place together: in the same words, or by shares that fit."""
    fit = one.amount and other.amount and one.amount[0] + other.amount[0] <= 100
    return bool(fit) or (bool(one.wording) and one.wording == other.wording and _is_alike(one, other))


def _of_life(told: Telling, by_entity: Mapping[str, list[Life]]) -> Iterator[Life]:
    """Yield what bears on a telling of the lives of its entities; an event does not bear on itself."""
    for entity in dict.fromkeys((*told.entities, *told.needs)):
        for life in by_entity.get(entity, ()):
            bounded = told.needs if life.turn == "launched" else told.entities
            if life.by != told.claim and entity in bounded:
                yield life


def rivals(holders: list[Telling]) -> Iterator[tuple[Telling, Telling]]:
    """Yield the pairs of different holders of a place of whom one, at least, says to be the only one."""
    for one in (told for told in holders if told.exclusive):
        for other in holders:
            if one.holder != other.holder and (not other.exclusive or one.claim < other.claim):
                yield one, other


def within(some: Iterable[tuple[Manner, T]]) -> Callable[[Manner], list[T]]:
    """Return a function that gives the values whose manner is the same as another, or wider."""
    by_manner: dict[Manner, list[T]] = {}
    for manner, value in some:
        by_manner.setdefault(manner, []).append(value)
    names = {frozenset(key for key, _ in manner) for manner in by_manner}

    def find(manner: Manner) -> list[T]:
        present = {key for key, _ in manner}
        wider = (frozenset(pair for pair in manner if pair[0] in keys) for keys in names if keys <= present)
        return [value for wide in wider for value in by_manner.get(wide, ())]

    return find


def grouped(some: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """Return the members with each key; those whose key is empty are in no group."""
    found: dict[K, list[T]] = {}
    for one in some:
        if name := key(one):
            found.setdefault(name, []).append(one)
    return found
