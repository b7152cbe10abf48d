"""Find figures and dates that cannot all be right: one function per rule, each yielding pairs of current claims.

In: what the rules compare (``Ground``). Out: ``Pair`` objects. Titles, severities and the keys by which a rule compares
are in the ontology, in ``conflicts/rules.ttl``; a new rule is a term there and a function in ``CLASHES``.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations, product
from typing import NamedTuple

from kg.judging.conflict_ground import Days, Figure, Ground, Pair, above, iri_of
from kg.judging.holdings import circles, shares_above_hundred, two_shares
from kg.judging.runs import ordinal
from kg.judging.tellings import TIME_KEYS
from kg.model.dates import Date
from kg.model.iris import AUTOKG
from kg.model.ontology import shipped_terms
from kg.model.properties import Term
from kg.model.quantities import plain
from kg.model.terms import ConflictRule, Predicate
from kg.model.world import Proposition, Ref, canonical, period_of

PERCENT = AUTOKG + "unit/percent"
AT_LEAST, AT_MOST = ("=", ">", ">="), ("=", "<", "<=")
SIDES = ("agent", "target", "counterparty")
ACTING = frozenset({"event", "agent", "counterparty", "parties", *TIME_KEYS})
PLACES = (*SIDES, "subject", "object", "about")


def _limits(ground: Ground, rule: str, proposition: Proposition) -> set[str]:
    """Return the qualifiers of a proposition under the keys that a rule names."""
    keys = (ground.ontology.term(iri).notation for iri in shipped_rules()[rule].limits)
    return {canonical(proposition.content[name]) for name in keys if name in proposition.content}


def shipped_rules() -> Mapping[str, ConflictRule]:
    """Return the rules that come with the package, by name."""
    return shipped_terms("conflicts").of(ConflictRule)


# ---------------------------------------------------------------- figures


def _two_values(ground: Ground) -> Iterator[Pair]:
    """Yield figures of one slot and time, counting the same, whose ranges cannot meet."""
    slots = Counter(one.proposition.slot for one in ground.figures)
    times: dict[tuple[str, str, str], list[Figure]] = {}
    for one in (one for one in ground.figures if slots[one.proposition.slot] > 1):
        for first, last in product(ground.begins(one.proposition), ground.ends(one.proposition)):
            times.setdefault((one.proposition.slot, first, last), []).append(one)
    for figures in times.values():
        for large, small in product(figures, figures) if len(figures) > 1 else ():
            if _is_apart(large, small) and _counts_the_same(ground, large, small):
                yield from ground.pairs(large.proposition, small.proposition)


def _is_apart(large: Figure, small: Figure) -> bool:
    above = large.number > small.number and large.number > small.greatest
    return above and large.value.comparator in AT_LEAST and small.value.comparator in AT_MOST


def _counts_the_same(ground: Ground, large: Figure, small: Figure) -> bool:
    limits = [_limits(ground, "two-values", one.proposition) for one in (large, small)]
    return large.units <= small.units and limits[0] == limits[1]


def _part_above_whole(ground: Ground) -> Iterator[Pair]:
    """Yield figures of a part whose minimum is above the maximum of the whole, over times that can meet."""
    alike = _by_subject(ground, lambda one: [(one.value.unit, period_of(ground.ontology, one.proposition.content))])
    for (about, *rest), smalls in alike.items():
        if not all(rest):
            continue
        for whole in above(ground.wholes, about):
            for small, large in product(smalls, alike.get((whole, *rest), ())):
                if _is_above(small, large) and _can_meet(ground, small, large):
                    limits = _limits(ground, "part-above-whole", large.proposition)
                    if limits <= _mentions(small):
                        yield from ground.pairs(small.proposition, large.proposition)


def _by_subject(
    ground: Ground, likeness: Callable[[Figure], Iterable[tuple[str, ...]]]
) -> dict[tuple[str, ...], list[Figure]]:
    """Return the figures that can be added up, by subject, measure and a further likeness."""
    found: dict[tuple[str, ...], list[Figure]] = {}
    counted = {*ground.wholes}.union(*ground.wholes.values())
    for one in ground.figures if counted else ():
        about = iri_of(one.proposition, "about")
        if about in counted and one.is_summed and one.value.unit not in ("", PERCENT):
            for like in likeness(one):
                found.setdefault((about, one.proposition.term.iri, *like), []).append(one)
    return found


def _is_above(small: Figure, large: Figure) -> bool:
    mine, theirs = small.value.comparator, large.value.comparator
    if mine not in AT_LEAST or theirs not in AT_MOST:
        return False
    least, greatest = small.number, large.greatest
    return least > greatest or (least == greatest and (mine == ">" or theirs == "<"))


def _can_meet(ground: Ground, small: Figure, large: Figure) -> bool:
    one, other, begins, ends = small.proposition, large.proposition, ground.begins, ground.ends
    return _not_after(begins(one), ends(other)) and _not_after(begins(other), ends(one))


def _not_after(first: Days, last: Days) -> bool:
    return not first or not last or min(first) <= max(last)


def _mentions(one: Figure) -> set[str]:
    """Return the IRIs of everything that a figure names."""
    values = one.proposition.content.values()
    named = (member for value in values for member in (value if isinstance(value, tuple) else (value,)))
    return {value.iri for value in named if isinstance(value, Ref | Term)} | one.units


def _parts_above_whole(ground: Ground) -> Iterator[Pair]:
    """Yield a figure of a whole with those of its parts, whose sum is larger.

    Of each part the smallest figure counts; a part of a part is in that one's figure already.
    """
    alike = _by_subject(ground, lambda one: _time_and_unit(ground, one))
    parts: dict[str, list[str]] = {}
    for part, whole in ((part, whole) for part, wholes in ground.wholes.items() for whole in wholes):
        parts.setdefault(whole, []).append(part)
    sums: dict[str, dict[str, list[Figure]]] = {}
    larges: dict[str, Figure] = {}
    for (about, *rest), figures in alike.items():
        for large, part in product(figures, parts.get(about, ())):
            smalls = [one for one in alike.get((part, *rest), ()) if _is_part(ground, one, large)]
            if smalls:
                larges[large.proposition.iri] = large
                sums.setdefault(large.proposition.iri, {}).setdefault(part, []).extend(smalls)
    for iri, by_part in sums.items():
        whole_parts = {part: told for part, told in by_part.items() if above(ground.wholes, part).isdisjoint(by_part)}
        yield from _summed(ground, larges[iri], whole_parts)


def _time_and_unit(ground: Ground, one: Figure) -> Iterator[tuple[str, ...]]:
    times = product(ground.begins(one.proposition), ground.ends(one.proposition))
    return ((one.value.unit, first, last) for first, last in times)


def _is_part(ground: Ground, small: Figure, large: Figure) -> bool:
    """Return whether a figure adds up under another: a minimum, of the same segment and qualifiers."""
    if small.value.comparator not in AT_LEAST or not {small.value.per} <= {large.value.per, ""}:
        return False
    limits = _limits(ground, "parts-above-whole", large.proposition) | ({large.value.per} - {""})
    same = iri_of(small.proposition, "segment") == iri_of(large.proposition, "segment")
    return same and limits <= _mentions(small)


def _summed(ground: Ground, large: Figure, by_part: Mapping[str, list[Figure]]) -> Iterator[Pair]:
    if len(by_part) < 2 or large.value.comparator not in AT_MOST:
        return
    total = sum((min(one.number for one in figures) for figures in by_part.values()), Decimal(0))
    if total > large.greatest:
        told = sorted(ground.claims_of(one for figures in by_part.values() for one in figures), key=lambda c: c.iri)
        note = f"the {len(by_part)} parts have {plain(total)} together"
        yield from (Pair(one, told[0], note, more=tuple(told[1:])) for one in ground.told[large.proposition.iri])


# ---------------------------------------------------------------- figures of shorter times


def _shorter_above_longer(ground: Ground) -> Iterator[Pair]:
    """Yield a figure with those of times inside its own that are larger, alone or together if they do not overlap."""
    for figures in _over_time(ground).values():
        figures.sort(key=lambda told: (told.days, told.one.proposition.iri))
        firsts = [told.days[0] for told in figures]
        for whole in figures if len(figures) > 1 else ():
            near = figures[bisect_left(firsts, whole.days[0]) : bisect_right(firsts, whole.days[1])]
            parts = [told for told in near if told.days != whole.days and told.days[1] <= whole.days[1]]
            yield from _longer(ground, whole.one, parts)


class Timed(NamedTuple):
    """A figure with the first and the last day of its time."""

    one: Figure
    days: tuple[str, str]


def _over_time(ground: Ground) -> dict[Hashable, list[Timed]]:
    """Return the figures that add up over time, by all that they count but the time."""
    found: dict[Hashable, list[Timed]] = {}
    for one in ground.figures:
        said = one.proposition.content.items()
        firsts, lasts = ground.begins(one.proposition), ground.ends(one.proposition)
        when = one.proposition.content.get("when")
        is_known = not isinstance(when, Date) or bool(when.duration)  # a year whose months are not told has none
        adds = one.proposition.term.adds and one.is_summed and not one.value.per
        if adds and is_known and len(firsts) == len(lasts) == 1:
            like = frozenset((key, canonical(value)) for key, value in said if key not in (*TIME_KEYS, "value"))
            found.setdefault((like, one.value.unit), []).append(Timed(one, (firsts[0], lasts[0])))
    return found


def _longer(ground: Ground, whole: Figure, parts: Sequence[Timed]) -> Iterator[Pair]:
    """Yield a figure with each part of its time that is larger; if none is, with several that are together."""
    above = [part.one for part in parts if _is_above(part.one, whole)]
    for part in above:
        yield from ground.pairs(part.proposition, whole.proposition)
    chosen: list[Timed] = []
    for told in sorted(
        parts, key=lambda told: (told.days[1] > told.days[0], _length(told), told.days, told.one.number)
    ):
        apart = all(told.days[1] < other.days[0] or other.days[1] < told.days[0] for other in chosen)
        if apart and told.one.value.comparator in AT_LEAST:
            chosen.append(told)
    total = sum((told.one.number for told in chosen), Decimal(0))
    if not above and len(chosen) > 1 and total > whole.greatest and whole.value.comparator in AT_MOST:
        claims = ground.claims_of(told.one for told in chosen)
        note = f"{len(chosen)} parts of the time have {plain(total)} together"
        yield from (Pair(one, claims[0], note, more=tuple(claims[1:])) for one in ground.told[whole.proposition.iri])


def _length(told: Timed) -> int:
    first, last = (ordinal(day, 0) for day in told.days)
    return last - first


# ---------------------------------------------------------------- events that happen once


def _two_dates(ground: Ground) -> Iterator[Pair]:
    """Yield the tellings of what happens once, to the same thing, whose dates cannot be one."""
    for events in _dated_events(ground, lambda term: [term.iri] if term.once else []).values():
        for one, other in combinations(events, 2):
            if one.days[1] < other.days[0] or other.days[1] < one.days[0]:
                yield from ground.pairs(one.said, other.said)


def _end_before_beginning(ground: Ground) -> Iterator[Pair]:
    """Yield an end with what it ends, if it surely comes before that began."""
    ends = _dated_events(ground, lambda term: [begun.iri for begun in term.closes])
    begins = _dated_events(ground, lambda term: [term.iri]) if ends else {}
    for name, closing in ends.items():
        for end, begin in product(closing, begins.get(name, ())):
            if end.days[1] < begin.days[0]:
                yield from ground.pairs(end.said, begin.said)


class Event(NamedTuple):
    """A dated event, with its first and last possible day."""

    said: Proposition
    days: tuple[str, str]


def _dated_events(
    ground: Ground, named: Callable[[Predicate], list[str]]
) -> dict[tuple[str, frozenset[tuple[str, str]]], list[Event]]:
    """Return the dated events by a name and by all that they say but who acts and when."""
    found: dict[tuple[str, frozenset[tuple[str, str]]], list[Event]] = {}
    for said in ground.propositions:
        for name in named(said.term) if "about" in said.content else ():
            days = ground.begins(said), ground.ends(said)
            like = frozenset((key, canonical(value)) for key, value in said.content.items() if key not in ACTING)
            if len(days[0]) == len(days[1]) == 1:
                found.setdefault((name, like), []).append(Event(said, (days[0][0], days[1][0])))
    return found


# ---------------------------------------------------------------- names


def old_name(ground: Ground) -> Iterator[Pair]:
    """Yield claims about an entity, in the words of its source under an old name, for a time after it was renamed.

    What they say may be right, so this is no clash.
    """
    renamed: dict[str, list[tuple[Days, Proposition]]] = {}
    for proposition in (one for one in ground.propositions if "old-name" in one.content):
        if when := ground.ends(proposition):
            renamed.setdefault(iri_of(proposition, "about"), []).append((when, proposition))
    for told in ground.propositions if renamed else ():
        for entity in renamed.keys() & {iri_of(told, name) for name in PLACES}:
            for days, change in renamed[entity]:
                if max(ground.begins(told), default="") > min(days) and change.iri != told.iri:
                    old = change.content["old-name"]
                    yield from (pair for pair in ground.pairs(told, change) if pair.one.text("term") == old)


def compared(said: Proposition) -> Iterator[tuple[str, ...]]:
    """Yield names that a proposition shares with those with which its figure, share or date may clash.

    What is compared by way of other claims, parts with wholes and circles of owners, has none here.
    """
    about = iri_of(said, "about")
    if "value" in said.content:
        yield "figure", about, said.term.iri
    if "share" in said.content:
        yield "share", iri_of(said, "target"), said.term.iri
    for name in (said.term, *said.term.closes) if said.term.once or said.term.closes else ():
        yield "event", about, name.iri


CLASHES: Mapping[str, Callable[[Ground], Iterator[Pair]]] = {
    "two-values": _two_values,
    "part-above-whole": _part_above_whole,
    "parts-above-whole": _parts_above_whole,
    "shorter-above-longer": _shorter_above_longer,
    "two-shares": two_shares,
    "shares-above-hundred": shares_above_hundred,
    "circle-of-majority": circles,
    "two-dates": _two_dates,
    "end-before-beginning": _end_before_beginning,
}
