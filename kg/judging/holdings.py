"""Find shares and majorities that cannot all be right at one time: a day, or the same month or year.

In: what the rules compare (``Ground``). Out: ``Pair`` objects, for ``clashes``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import combinations
from typing import NamedTuple, TypeVar

from kg.judging.conflict_ground import Ground, Pair, above, figure, iri_of
from kg.judging.runs import Run, Span
from kg.model.quantities import plain
from kg.model.world import Claim, Proposition

WHOLE = 100  # per cent
Told = TypeVar("Told")


class Holding(NamedTuple):
    """A claim of a share: its holder, the least and the greatest share in per cent, the days of which it tells."""

    claim: Claim
    holder: str
    least: Decimal
    most: Decimal
    run: Run


class Control(NamedTuple):
    """A claim that one owns the majority of another, and the days of which it tells."""

    claim: Claim
    owned: str
    owner: str
    run: Run

    def ends(self) -> tuple[str, str]:
        """Return who is owned and who owns."""
        return self.owned, self.owner


def two_shares(ground: Ground) -> Iterator[Pair]:
    """Yield two shares of one holder in one thing, for one time, whose ranges cannot meet."""
    for held in _holdings(ground).values():
        by_holder: dict[str, list[Holding]] = {}
        for one in held:
            by_holder.setdefault(one.holder, []).append(one)
        for mine in by_holder.values():
            for one, other in combinations(mine, 2):
                if (one.least > other.most or other.least > one.most) and one.run.is_of_one_time(other.run):
                    yield Pair(one.claim, other.claim)


def shares_above_hundred(ground: Ground) -> Iterator[Pair]:
    """Yield the claims of shares in one thing that exceed a hundred per cent together, for one time."""
    for held in _holdings(ground).values():
        if sum(one.least for one in held) <= WHOLE:
            continue
        sums = [(total, mine) for mine in _at_one_time(held, lambda one: one.run) if (total := _total(mine)) > WHOLE]
        if sums:
            most, told = max(sums, key=lambda found: (found[0], len(found[1])))
            claims = sorted({one.claim.iri: one.claim for one in told}.values(), key=lambda claim: claim.iri)
            yield Pair(claims[0], claims[-1], f"{plain(most)} % together", more=tuple(claims[1:-1]))


def _total(held: Iterable[Holding]) -> Decimal:
    """Return the least that all holders have together; of several shares of one holder the smallest counts."""
    least: dict[str, Decimal] = {}
    for one in held:
        least[one.holder] = min(one.least, least.get(one.holder, one.least))
    return sum(least.values(), Decimal(0))


def _holdings(ground: Ground) -> dict[tuple[str, str], list[Holding]]:
    """Return the claims of shares by role and target."""
    found: dict[tuple[str, str], list[Holding]] = {}
    for said in ground.propositions:
        place, holder = (iri_of(said, "role"), iri_of(said, "target")), iri_of(said, "agent")
        if all(place) and holder and (share := _share(said)):
            mine = (Holding(claim, holder, *share, ground.runs[claim.iri]) for claim in ground.told[said.iri])
            found.setdefault(place, []).extend(mine)
    return found


def _share(said: Proposition) -> tuple[Decimal, Decimal] | None:
    """Return the least and the greatest share that a proposition allows, in per cent; "about" allows any."""
    one = figure(said, "share")
    if one is None:
        return None
    is_least, is_most = (one.value.comparator in some for some in (("=", ">", ">="), ("=", "<", "<=")))
    return one.number if is_least else Decimal(0), one.greatest if is_most else Decimal(WHOLE)


def circles(ground: Ground) -> Iterator[Pair]:
    """Yield circles of owners, each of whom has the majority of the next, at one time."""
    found: dict[frozenset[str], list[Claim]] = {}
    controls = [one for said in ground.propositions for one in _controls(ground, said)]
    for mine in rings(controls, Control.ends):
        for ring in (ring for now in _at_one_time(mine, lambda one: one.run) for ring in rings(now, Control.ends)):
            claims = sorted({one.claim.iri: one.claim for one in ring}.values(), key=lambda claim: claim.iri)
            found[frozenset(claim.iri for claim in claims)] = claims
    for claims in (claims for iris, claims in found.items() if not any(iris < other for other in found)):
        yield Pair(claims[0], claims[-1], more=tuple(claims[1:-1]))


def _controls(ground: Ground, said: Proposition) -> Iterator[Control]:
    """Yield the claims of a proposition if it says that one end owns the majority of the other."""
    if (pair := controlled(said)) and pair[0] != pair[1]:
        yield from (Control(claim, *pair, ground.runs[claim.iri]) for claim in ground.told[said.iri])


def controlled(said: Proposition) -> tuple[str, str] | None:
    """Return who is owned and who owns, if a proposition says that one end owns the majority of the other."""
    key = said.term.controlled
    if key is None or (said.term.controls_above and not _is_majority(said)):
        return None
    ends = {end: iri_of(said, end) for end in ("agent", "target", "subject", "object")}
    owned = ends.pop(key.notation, "")
    owner = next((iri for iri in ends.values() if iri), "")
    return (owned, owner) if owned and owner else None


def _is_majority(said: Proposition) -> bool:
    one, share, above_it = figure(said, "share"), _share(said), Decimal(said.term.controls_above)
    if one is None or share is None:
        return False
    return share[0] > above_it or (share[0] == above_it and one.value.comparator == ">")


def rings(told: Sequence[Told], ends_of: Callable[[Told], tuple[str, str]]) -> Iterator[list[Told]]:
    """Yield the members of each circle; ``ends_of`` gives who is owned and who owns."""
    kept = list(told)
    while len(rest := _joined(kept, ends_of)) < len(kept):
        kept = rest
    owners: dict[str, set[str]] = {}
    for owned, owner in map(ends_of, kept):
        owners.setdefault(owned, set()).add(owner)
    up = {owned: above(owners, owned) for owned in owners}
    found: dict[frozenset[str], list[Told]] = {}
    for one in kept:
        owned, owner = ends_of(one)
        if owned in up[owner]:
            found.setdefault(frozenset(up[owned] & up[owner]), []).append(one)
    yield from found.values()


def _joined(told: Sequence[Told], ends_of: Callable[[Told], tuple[str, str]]) -> list[Told]:
    """Return those whose owner is owned, and whose owned one owns."""
    ends = [ends_of(one) for one in told]
    owned, owners = {one for one, _ in ends}, {other for _, other in ends}
    return [one for one, (mine, theirs) in zip(told, ends, strict=True) if theirs in owned and mine in owners]


def _at_one_time(told: Sequence[Told], run_of: Callable[[Told], Run]) -> Iterator[list[Told]]:
    """Yield, for every time that some claims tell of, those that are told for it."""
    runs = [run_of(one) for one in told]
    times: set[Span] = {run.start for run in runs if run.seen} | {(run.start[1], run.start[1]) for run in runs}
    for time in sorted(times):
        yield [one for one, run in zip(told, runs, strict=True) if run.is_told_for(time)]
