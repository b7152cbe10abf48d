"""Find claims that cannot both hold: one function per rule, each yielding pairs of current claims.

In: a judge. Out: ``Pair`` objects. Titles, severities and the keys by which a rule compares are in the ontology, in
``conflicts/rules.ttl``; a new rule is a term there and a function in ``RULES``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import product

from kg.judging.conflict_ground import Days, Figure, Ground, Pair, figure, iri_of
from kg.judging.periods import CLASH, HANDOVER
from kg.judging.tellings import turns
from kg.model.iris import AUTOKG
from kg.model.ontology import shipped_terms
from kg.model.properties import Term
from kg.model.quantities import plain
from kg.model.terms import ConflictRule, Key, Predicate
from kg.model.world import Proposition, Ref, canonical, period_of

PERCENT = AUTOKG + "unit/percent"
AT_LEAST, AT_MOST = ("=", ">", ">="), ("=", "<", "<=")
SIDES = ("agent", "target", "counterparty")
PLACES = (*SIDES, "subject", "object", "about")


def _limits(ground: Ground, rule: str, proposition: Proposition) -> set[str]:
    """Return the qualifiers of a proposition under the keys that a rule names."""
    keys = (ground.ontology.term(iri).notation for iri in shipped_rules()[rule].limits)
    return {canonical(proposition.content[name]) for name in keys if name in proposition.content}


def shipped_rules() -> Mapping[str, ConflictRule]:
    """Return the rules that come with the package, by name."""
    return shipped_terms("conflicts").of(ConflictRule)


# ---------------------------------------------------------------- oppositions from the verdicts


def _opposed(why: str) -> Callable[[Ground], Iterator[Pair]]:
    def found(ground: Ground) -> Iterator[Pair]:
        claims = ground.judge.by_iri
        for judgement in ground.judge.judgements.values():
            yield from (Pair(claims[o.claim], claims[o.against]) for o in judgement.oppositions if o.why == why)

    return found


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
        for whole in _above(ground.wholes, about):
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
        if about in counted and one.value.unit not in ("", PERCENT):
            for like in likeness(one):
                found.setdefault((about, one.proposition.term.iri, *like), []).append(one)
    return found


def _above(wholes: Mapping[str, set[str]], part: str) -> set[str]:
    """Return every entity in which a part is counted, directly or not."""
    found: set[str] = set()
    queue = [part]
    for current in queue:
        queue.extend(wholes.get(current, set()) - found)
        found |= wholes.get(current, set())
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
    """Yield a figure of a whole with one of its parts', whose sum is larger; of each part the smallest counts."""
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
        yield from _summed(ground, larges[iri], by_part)


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
        told = min(ground.witness(one.proposition) for figures in by_part.values() for one in figures)
        note = f"the {len(by_part)} parts have {plain(total)} together"
        yield from (Pair(one, ground.judge.by_iri[told], note) for one in ground.told[large.proposition.iri])


# ---------------------------------------------------------------- shares


def _shares_above_hundred(ground: Ground) -> Iterator[Pair]:
    """Yield two claims of holdings that exceed a hundred per cent together on a day when one begins or ends."""
    days: dict[tuple[str, str], set[Days]] = {}
    held: dict[tuple[str, str], list[Figure]] = {}
    for proposition in ground.judge.world.propositions:
        one, place = figure(proposition, "share"), (iri_of(proposition, "target"), iri_of(proposition, "role"))
        if one is None or not all(place):
            continue
        days.setdefault(place, set()).add(ground.begins(proposition) or ground.ends(proposition))
        if proposition.iri in ground.told and one.value.comparator in AT_LEAST and iri_of(proposition, "agent"):
            held.setdefault(place, []).append(one)
    for place, holdings in held.items():
        found = [total for when in days[place] if (total := _held(ground, holdings, when))]
        if found:
            claims, note = ground.judge.by_iri, f"{plain(max(most for most, *_ in found))} % together"
            first, last = min(first for _, first, _ in found), max(last for *_, last in found)
            yield Pair(claims[first], claims[last], note)


def _held(ground: Ground, holdings: list[Figure], days: Days) -> tuple[Decimal, str, str] | None:
    """Return the total held on some days, with the first and the last claim, or None if it is at most a hundred."""
    agents: dict[str, list[Figure]] = {}
    for one in holdings:
        if _is_held(ground, one.proposition, days):
            agents.setdefault(iri_of(one.proposition, "agent"), []).append(one)
    total = sum((min(one.number for one in mine) for mine in agents.values()), Decimal(0))
    if len(agents) < 2 or total <= 100:
        return None
    told = [min(ground.witness(one.proposition) for one in mine) for mine in agents.values()]
    return total, min(told), max(told)


def _is_held(ground: Ground, holding: Proposition, days: Days) -> bool:
    first, last = ground.begins(holding), ground.ends(holding)
    if not days:
        return not first and not last
    return any((not first or min(first) <= day) and (not last or max(last) >= day) for day in days)


# ---------------------------------------------------------------- lives


def _beside(qualifier: str) -> Callable[[Ground], Iterator[Pair]]:
    """Return a rule for two claims between which there is a qualifier, the first in order against the other."""

    def found(ground: Ground) -> Iterator[Pair]:
        claims = ground.judge.by_iri
        pairs = (pair for pair in ground.judge.periods.beside if pair.qualifier == qualifier)
        yield from (Pair(claims[pair.claim], claims[pair.other]) for pair in pairs if pair.claim < pair.other)

    return found


def _outside_life(ground: Ground) -> Iterator[Pair]:
    """Yield what is told of an entity for a time before it begins or comes to market, or after its end."""
    claims = ground.judge.by_iri
    for pair in ground.judge.periods.beside:
        told, event = claims[pair.claim], claims[pair.other]
        if pair.qualifier != CLASH or not turns(event.proposition):
            continue
        if not turns(told.proposition) or pair.claim < pair.other:
            yield Pair(told, event, clash=f"{told.proposition.slot} {event.proposition.slot}")


def _turns(
    ground: Ground, changed: Callable[[Predicate], tuple[Key, ...]], days: Callable[[Proposition], Days]
) -> dict[str, list[tuple[Days, Proposition]]]:
    """Return, per entity, its changes with their days; ``changed`` gives the keys for the entity."""
    found: dict[str, list[tuple[Days, Proposition]]] = {}
    terms = {term for term in {one.term for one in ground.propositions} if changed(term)}
    for proposition in (one for one in ground.propositions if one.term in terms):
        for key in changed(proposition.term):
            value = proposition.content.get(key.notation)
            when = days(proposition)
            for ref in (value if isinstance(value, tuple) else (value,)) if when else ():
                if isinstance(ref, Ref):
                    found.setdefault(ref.iri, []).append((when, proposition))
    return found


def _used_after_end(ground: Ground) -> Iterator[Pair]:
    """Yield claims about an entity, or under a name, for a time after another replaced it."""

    def days(one: Proposition) -> Days:
        return ground.ends(one) if one.kind.remains else ground.begins(one)

    changes = _turns(ground, lambda term: term.gives_way, days)
    renamed: dict[str, list[tuple[Days, Proposition]]] = {}
    for proposition in (one for one in ground.propositions if "old-name" in one.content):
        if when := ground.ends(proposition):
            renamed.setdefault(iri_of(proposition, "about"), []).append((when, proposition))
    befallen = changes.keys() | renamed.keys()
    for told in ground.propositions if befallen else ():
        for entity in befallen & {iri_of(told, name) for name in PLACES}:
            first = max(ground.begins(told), default="")
            for change in _past(changes.get(entity, ()), told, first, entity):
                yield from ground.pairs(told, change)
            for change in _past(renamed.get(entity, ()), told, first, entity):
                old = change.content["old-name"]
                yield from (pair for pair in ground.pairs(told, change) if pair.one.text("term") == old)


def _past(
    changes: Iterable[tuple[Days, Proposition]], told: Proposition, first: str, entity: str
) -> Iterator[Proposition]:
    """Yield the changes that end before a day, except the claim's own and those that result in the same entity."""
    for days, change in changes:
        if first > min(days) and change.iri != told.iri and iri_of(change, "into") != entity:
            yield change


RULES: Mapping[str, Callable[[Ground], Iterator[Pair]]] = {
    "denied": _opposed("denied"),
    "disputed": _opposed("disputed"),
    "held-by-two": _opposed("held by another"),
    "set-against": _opposed("set against"),
    "two-values": _two_values,
    "part-above-whole": _part_above_whole,
    "parts-above-whole": _parts_above_whole,
    "shares-above-hundred": _shares_above_hundred,
    "handover-untold": _beside(HANDOVER),
    "outside-life": _outside_life,
    "used-after-end": _used_after_end,
}
