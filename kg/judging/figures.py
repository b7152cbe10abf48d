"""Compare the goal of a plan with the figures that were told for its time, or for parts of it.

In: a plan with a quantity, and figures of the same measure and qualifiers. Out: a ``Finding``, which does not know yet
whether the day has passed on which the plan is due.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from kg.judging.amounts import (
    Bounds,
    Days,
    Way,
    added,
    at_rate,
    beats,
    bounds_of,
    count_days,
    count_months,
    duration_of,
    hull,
    in_unit,
    reaches,
    times,
    way_of,
)
from kg.model.dates import Date
from kg.model.ontology import Ontology
from kg.model.quantities import Quantity
from kg.model.world import Claim, Figure, Proposition, World

LOOSE = "measured too loosely to tell"
DISAGREE = "the sources disagree"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a comparison before the due day is considered: a status, or "" while it is open.

    ``due`` is set if the plan has come to be due on another day than the one that it names first.
    """

    status: str
    why: str
    observations: tuple[Claim, ...] = ()
    reached: Decimal | None = None
    bound: str = "="
    due: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A figure in the terms of the goal: for which days, and whether it tells a mean of a longer time only."""

    claim: Claim
    days: Days
    amount: Quantity
    reached: bool | None


def measured(world: World, plan: Proposition, due: str, seen: Sequence[Claim]) -> Finding:
    """Compare a plan's quantity with the figures of the same measure and qualifiers."""
    goal = quantity_of(plan)
    if goal.number is None:
        told = tuple(claim for claim in seen if not due or days_of(claim)[0] <= due)
        return Finding("undecided" if told and "" < due < world.as_of else "", "names no number", told)
    comparing = Comparing(world.ontology, plan, goal, way_of(goal, plan.term), due)
    finding = comparing.totals(seen) if comparing.is_total else comparing.levels(seen)
    return replace(finding, status="partial") if finding.status == "so far" and due < world.as_of else finding


def quantity_of(proposition: Proposition) -> Quantity:
    """Return the quantity of a figure."""
    assert isinstance(proposition, Figure)  # noqa: S101 - only figures are measured
    return proposition.value


def days_of(claim: Claim) -> Days:
    """Return the first and last day of which a claim tells; without a date, the last is the day of publication."""
    content = claim.proposition.content
    begin = next((d for name in ("when", "from") if isinstance(d := content.get(name), Date)), None)
    end = content.get("until", begin)
    if begin is None or not isinstance(end, Date):
        return "", end.upper if isinstance(end, Date) else claim.source.published.upper
    return begin.lower, end.upper


def window_of(plan: Proposition) -> Days:
    """Return the first and last day that the quantity of a plan is to cover, "" where that is not told."""
    dates = {name: d for name, d in plan.content.items() if isinstance(d, Date)}
    if when := dates.get("when"):
        return when.lower, when.upper
    end = dates.get("by") or dates.get("until")
    begin = dates.get("from")
    return begin.lower if begin else "", end.upper if end else begin.upper if begin else ""


@dataclass(frozen=True)
class Comparing:
    """A goal and what is needed to compare figures with it; ``due`` is the last day on which it can be reached."""

    ontology: Ontology
    plan: Proposition
    goal: Quantity
    way: Way
    due: str

    @cached_property
    def window(self) -> Days:
        """Return the days that the goal is to cover."""
        return window_of(self.plan)

    @property
    def is_total(self) -> bool:
        """Return whether the goal is a total over a period whose first and last day are told."""
        return self.plan.term.adds and "" not in self.window

    # ------------------------------------------------------------ totals over a period

    def totals(self, seen: Sequence[Claim]) -> Finding:
        """Add the figures for parts of the period that do not overlap; if they cover it, they decide."""
        parts: dict[Days, list[Seen]] = {}
        for claim in seen:
            if self._is_part(claim) and (part := self._total(claim)):
                parts.setdefault(part.days, []).append(part)
        chosen = tiled(parts)
        if not chosen:
            return Finding("", "")
        told = [sorted(parts[days], key=_last_published)[-1] for days in chosen]
        total = added(hull([bounds_of(part.amount) for part in parts[days]]) for days in chosen)
        plain = added(bounds_of(part.amount) for part in told)
        covered = sum(map(count_days, chosen)) == count_days(self.window)
        reached = self._reaches_in_all(total) if covered else self._reaches_in_part(total)
        if reached is None and self._decides(plain, covered=covered):
            every = [part for days in chosen for part in parts[days]]
            return self.finding("undecided", DISAGREE, every)
        words = "as measured over that time" if covered else self._how_much(chosen)
        status = {True: "met", False: "missed", None: "undecided" if covered else "so far"}[reached]
        return self.finding(status, LOOSE if status == "undecided" else words, told)

    def _reaches_in_all(self, total: Bounds) -> bool | None:
        return reaches(self._whole_goal, total, self.way)

    def _reaches_in_part(self, total: Bounds) -> bool | None:
        """Return True if a part already reaches the goal, to which the rest can only add."""
        grows = self.way == "more" and not getattr(self.plan.term, "may_be_negative", False)
        return (grows and reaches(self._whole_goal, total, self.way)) or None

    def _decides(self, total: Bounds, *, covered: bool) -> bool:
        return (self._reaches_in_all(total) if covered else self._reaches_in_part(total)) is not None

    @cached_property
    def _whole_goal(self) -> Quantity:
        """Return the goal as a total of its period."""
        if not self.goal.per:
            return self.goal
        return times(self.goal, beats(duration_of(self.ontology, self.goal.per), self.window))

    def _is_part(self, claim: Claim) -> bool:
        """Return whether a figure is for the period, or for a part of it whose days are known."""
        days, when = days_of(claim), claim.proposition.content.get("when")
        if days == self.window:
            return True
        if not (self.window[0] <= days[0] and days[1] <= self.window[1]) or not days[1]:
            return False
        return self._has_known_days and not (isinstance(when, Date) and not when.duration)

    @cached_property
    def _has_known_days(self) -> bool:
        """Return whether the days of the period are known; those of a fiscal year may not be."""
        when = self.plan.content.get("when")
        return not isinstance(when, Date) or bool(when.duration)

    def _total(self, claim: Claim) -> Seen | None:
        """Return the total that a figure tells for its days, or None if it cannot be had in the goal's unit."""
        days, amount = days_of(claim), in_unit(self.ontology, quantity_of(claim.proposition), self.goal.unit)
        if amount is None or amount.number is None or (self.goal.number and not self._whole_goal.number):
            return None
        if amount.per:
            often = beats(duration_of(self.ontology, amount.per), days) if self._has_known_days else Decimal(0)
            amount = times(amount, often) if often else None
        return Seen(claim, days, amount, None) if amount else None

    def _how_much(self, chosen: Iterable[Days]) -> str:
        """Return how much of the period is reported, in months if all parts are whole months."""
        for count, unit in ((count_months, "months"), (count_days, "days")):
            counts = [count(days) for days in chosen]
            if all(counts) and count(self.window):
                return f"{sum(counts)} of {count(self.window)} {unit} reported"
        return ""

    # ------------------------------------------------------------ levels

    def levels(self, seen: Sequence[Claim]) -> Finding:
        """Compare a level, or a pace, with the figures within its time, when it is due, and after."""
        told = [level for claim in seen if (level := self._level(claim))]
        told.sort(key=lambda one: (one.days[1], one.claim.iri))
        start, due = self.window[0], self.due
        in_time = [one for one in told if one.reached and one.days[0] >= start and (not due or one.days[1] <= due)]
        at_due = [one for one in told if "" < one.days[0] <= due <= one.days[1]]
        if found := in_time[:1] or at_due:
            same = [one for one in told if one.days == found[0].days]
            status = {True: "met", False: "missed", None: "undecided"}[found[0].reached]
            if {one.reached for one in same} >= {True, False}:
                return self.finding("undecided", DISAGREE, same)
            words = "reached" if in_time else "as measured when it was due"
            return self.finding(status, LOOSE if status == "undecided" else words, found[:1])
        for one in [one for one in told if (one.days[0] or one.days[1]) > due > ""][:1]:
            word = "reached" if one.reached else "not reached"
            why = f"{word} when it was next measured; whether in time is not told"
            why = LOOSE if one.reached is None else why
            return self.finding("undecided", why, [one])
        words = "the last figure before it is due" if due else "names no day; the last figure"
        return self.finding("", words, told[-1:]) if told else Finding("", "")

    def _level(self, claim: Claim) -> Seen | None:
        """Return a figure as a level in the goal's unit and rate, or None if it is none.

        The mean of a time longer than that of the rate reaches a goal only for some part of it: else it tells nothing.
        """
        days, per = days_of(claim), self._per(self.goal)
        amount = in_unit(self.ontology, quantity_of(claim.proposition), self.goal.unit)
        if amount is None or amount.number is None or not self._is_of_time(claim, days):
            return None
        if self.plan.term.adds and per and not amount.per:
            often = Decimal(0) if "" in days else beats(duration_of(self.ontology, per), days)
            level = times(amount, 1 / often, per=per) if often >= 1 else None
        else:
            level = at_rate(self.ontology, replace(amount, per=self._per(amount)), per)
        if level is None:
            return None
        reached = reaches(self.goal, bounds_of(level), self.way)
        return Seen(claim, days, level, reached or (None if self._is_mean(per, days) else reached))

    def _per(self, amount: Quantity) -> str:
        default = self.plan.term.default_per
        return amount.per or (default.iri if default else "")

    def _is_mean(self, per: str, days: Days) -> bool:
        adds = self.plan.term.adds and per and "" not in days
        return bool(adds) and beats(duration_of(self.ontology, per), days) > 1

    def _is_of_time(self, claim: Claim, days: Days) -> bool:
        """Return whether a figure can be compared as a level: growth is that of its period, a total is one up to a day.

        Of a total up to a day, the figure of a period decides if it alone reaches the goal.
        """
        if self.plan.term.growth_of:
            return days == self.window or "when" not in self.plan.content
        if not self.plan.term.adds or self.goal.per or "" in days:
            return True
        amount = in_unit(self.ontology, quantity_of(claim.proposition), self.goal.unit)
        return amount is not None and not amount.per and bool(self._reaches_in_part(bounds_of(amount)))

    # ------------------------------------------------------------ findings

    def finding(self, status: str, why: str, seen: Sequence[Seen]) -> Finding:
        """Return a finding with the ratio of the bare numbers, if more is better than none."""
        claims, amounts = tuple(one.claim for one in seen), [one.amount for one in seen]
        goal = self._whole_goal if self.is_total else self.goal
        if self.way != "more" or not goal.number or goal.number <= 0 or why == DISAGREE:
            told = " and ".join(quantity_of(claim.proposition).text for claim in claims)
            return Finding(status, f"{why}: {told} against {self.goal.text}", claims)
        total = sum((amount.number for amount in amounts if amount.number is not None), Decimal(0))
        reached = (total / goal.number).quantize(Decimal("0.0001"))
        return Finding(status, why, claims, reached, "".join(sorted(set(_inexact(amounts)))) or "=")


def tiled(parts: Collection[Days]) -> list[Days]:
    """Return periods that do not overlap and cover the most days; of as many, the fewest and the earliest."""
    best: list[tuple[int, int, list[Days]]] = [(0, 0, [])]
    ordered = sorted(parts, key=lambda days: (days[1], days[0]))
    for number, days in enumerate(ordered):
        before = max((n + 1 for n in range(number) if ordered[n][1] < days[0]), default=0)
        covered, minus, chosen = best[before]
        taken = (covered + count_days(days), minus - 1, [*chosen, days])
        best.append(taken if taken[:2] > best[-1][:2] else best[-1])
    return best[-1][2]


def _last_published(part: Seen) -> tuple[str, str]:
    return part.claim.source.published.upper, part.claim.iri


def _inexact(values: Iterable[Quantity]) -> Iterator[str]:
    """Yield how the bare numbers understate (>), overstate (<) or blur (~) what was observed."""
    for value in values:
        if value.upper is not None or value.comparator[0] != "=":
            yield "~" if value.upper is not None else value.comparator[0]
