"""The days for which a claim tells that something holds, as far as every reading of its dates, or any, gives them.

A date that is not told to the day is a ``Span``: one day, somewhere from its first to its last. What every reading of
the spans gives is certain, what any reading gives is possible. Days are proleptic Gregorian ordinals.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from kg.model.dates import Certainty, Date, date_between

Span = tuple[int, int]
FOREVER = 10**9
EVER = (-FOREVER, FOREVER)


@dataclass(slots=True)
class Run:
    """The days for which a claim tells something: from some day in ``start`` to some day in ``end``, at least."""

    start: Span
    end: Span
    certain_to: int  # the last day that every reading gives
    seen: bool  # an observation: start and end are one day
    vague: bool  # no day is certain: it is told ahead, or only its end is told
    begun: bool  # its beginning is told
    triple_from: int = -FOREVER  # the first day for which it gives a one-hop triple; if only an end is told, another's
    ends_from: int = FOREVER  # the first day on which it may have ended by a told end
    no_after: int = FOREVER  # an end is told: after that day it does not hold
    untold_after: int = FOREVER  # nothing is told of the days after
    outdone: bool = False  # seen against a term whose beginning is told: it gives no one-hop triple

    def bound(self, certain_to: int, no_after: int = FOREVER, untold_after: int = FOREVER) -> None:
        """Bound it further."""
        self.certain_to, self.no_after = min(self.certain_to, certain_to), min(self.no_after, no_after)
        self.ends_from, self.untold_after = min(self.ends_from, certain_to + 1), min(self.untold_after, untold_after)

    @property
    def last(self) -> int:
        """Return the last day on which it may hold."""
        return min(self.no_after, self.untold_after)

    def holds(self, day: int) -> Certainty | None:
        """Return whether it holds on a day, or None if nothing is told of that day."""
        if day < self.start[0] or self.untold_after < day <= self.no_after:
            return None
        return "no" if day > self.no_after else "yes" if self.is_certain((day, day)) else "possibly"

    def is_certain(self, time: Span) -> bool:
        """Return whether every reading gives all of a time."""
        return not self.vague and self.start[1] <= time[0] and time[1] <= self.certain_to

    def is_told_for(self, time: Span) -> bool:
        """Return whether it is told for all of a time, or was seen on some day of just that time."""
        return self.is_certain(time) or (self.seen and self.start == time)

    def shares_a_day(self, other: Run) -> bool:
        """Return whether every reading has a day that is told for both."""
        surely = self.start[1] <= other.certain_to and other.start[1] <= self.certain_to
        return surely and not self.vague and not other.vague

    def is_of_one_time(self, other: Run) -> bool:
        """Return whether both are told for one time: a day, or the same month or year."""
        return self.shares_a_day(other) or (self.seen and other.seen and self.start == other.start)

    def last_seen(self, day: int) -> Span | None:
        """Return the last time up to a day for which it is told, or None if it is told of later days only."""
        if self.start[0] > day or self.start[0] == -FOREVER:
            return None
        last = min(self.end[1], self.no_after, day)
        return min(max(self.end[0], self.start[0]), last), last


def make_run(
    published: Span, when: Span | None = None, begin: Span | None = None, until: Span | None = None, *, remains: bool
) -> Run:
    """Return the days that a claim tells by itself.

    What is undated was seen when its source was published. What ``remains`` happened, or was measured: it holds from
    its time on. Nothing is certain for a day after the publication, so an end that is agreed for the future is not.
    """
    if remains:
        start = when or published
        return Run(start, start, FOREVER, bool(when), start[0] > published[1], begun=True)
    eve = (min(until[0] - 1, published[0]), min(until[1] - 1, published[1])) if until else published
    seen = bool(when or not (begin or until))
    start = when or begin or (-FOREVER if until else published[0], eve[1])
    vague = start[0] > published[1] or not (seen or begin)
    end = start if seen else (max(eve[0], start[0]), max(eve[1], start[1] if vague else start[0]))
    if until is None:
        return Run(start, end, end[0], seen, vague, bool(begin))
    alone = FOREVER if not (begin or when) else -FOREVER
    return Run(start, end, min(end[0], until[0] - 1), seen, vague, bool(begin), alone, until[0], until[1])


def holding(runs: Iterable[Run], day: int) -> Certainty | None:
    """Return whether what has some runs holds on a day, or None if nothing is told of that day."""
    answers = [run.holds(day) for run in runs]
    return next((answer for answer in ("yes", "possibly", "no") if answer in answers), None)


def last_seen(runs: Iterable[Run], day: int) -> Date | None:
    """Return the last time up to a day for which one of some runs is told."""
    seen = max((time for run in runs if (time := run.last_seen(day))), default=None)
    return date_between(iso(seen[0]), iso(seen[1])) if seen else None


def span_of(value: Date) -> Span:
    """Return the first and the last day that a date allows."""
    return ordinal(value.lower, -FOREVER), ordinal(value.upper, FOREVER)


@lru_cache(maxsize=65536)
def ordinal(day: str, unknown: int) -> int:
    """Return the number of an ISO day, or ``unknown`` for ""."""
    return date.fromisoformat(day).toordinal() if day else unknown


@lru_cache(maxsize=65536)
def iso(day: int) -> str:
    """Return a day as ISO text, or "" if it is open."""
    return date.fromordinal(day).isoformat() if 0 < day <= date.max.toordinal() else ""
