"""Decide whether a planned event or state came about in time, by what claims tell of it.

In: a plan that is no figure, and claims of facts that are like it. Out: a ``Finding``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kg.judging.figures import DISAGREE, Finding, days_of
from kg.model.dates import Date
from kg.model.world import Claim, Proposition

LATE = "it came about after that day"
In = Literal["met", "late", "undecided"]


@dataclass(frozen=True, slots=True)
class Happening:
    """A plan that is no figure, the last day on which it can come about ("" if unknown), and the as-of day."""

    plan: Proposition
    due: str
    as_of: str

    def finding(self, seen: Sequence[Claim], denials: Sequence[Claim]) -> Finding:
        """Return what became of the plan, by claims like it and by denials that reach its day."""
        seen = sorted(seen, key=lambda claim: (days_of(claim)[1], claim.iri))
        timed: dict[In, list[Claim]] = {}
        for claim in seen:
            timed.setdefault(self._in_time(claim), []).append(claim)
        met, late, loose = (timed.get(status, [])[:1] for status in ("met", "late", "undecided"))
        if ended := self._ended_early(seen):
            return ended
        if denials and not late:
            status, why = ("undecided", DISAGREE) if met else ("missed", "somebody says that it was not so by then")
            return Finding(status, why, (*met, *denials))
        if met:
            return self._lasting(met[0], seen)
        if late:
            return Finding("late", LATE, (*late, *denials))
        return Finding("undecided", "it came about; whether in time is not told", tuple(loose)) if loose else NOTHING

    def _in_time(self, claim: Claim) -> In:
        """Return whether what a claim tells came about in time.

        A state that is seen later may have begun before; one of which only an end is told has no certain day.
        """
        first, last = days_of(claim)
        content = claim.proposition.content
        if not self.plan.kind.remains:
            if "until" in content and not content.keys() & {"from", "when"}:
                return "undecided"
            begin = content.get("from")
            last = begin.upper if isinstance(begin, Date) else last
        if not self.due or last <= self.due:
            return "met"
        begins = self.plan.kind.remains or "from" in content
        return "late" if begins and first > self.due else "undecided"

    # ------------------------------------------------------------ how long it lasted

    def _ended_early(self, seen: Sequence[Claim]) -> Finding | None:
        """Return a finding if the state ended before the end that was planned, and nobody saw it again."""
        planned = self._planned_end()
        for claim in seen if planned else ():
            until = claim.proposition.content.get("until")
            if not planned or not isinstance(until, Date) or not until.upper < min(planned.lower, self.as_of):
                continue
            if not any(days_of(other)[0] > until.upper for other in seen):
                return Finding("not-kept", f"planned until {planned}, ended {until}", (claim,))
        return None

    def _lasting(self, claim: Claim, seen: Sequence[Claim]) -> Finding:
        """Return the finding for a plan that came about in time: a state must also last as long as planned."""
        planned = self._planned_end()
        if not planned:
            return Finding("met", "it came about", (claim,))
        if last := next((other for other in seen if _last_certain(other) >= planned.lower), None):
            return Finding("met", "it came about, and lasted as planned", (claim, *([last] if last != claim else [])))
        told = f"it came about; planned until {planned}"
        if self.as_of <= planned.upper:
            return Finding("open", told, (claim,), due=planned.upper)
        return Finding("undecided", f"{told}, and whether it lasted is not told", (claim,), due=planned.upper)

    def _planned_end(self) -> Date | None:
        until = self.plan.content.get("until")
        return until if isinstance(until, Date) and until.upper and not self.plan.kind.remains else None


NOTHING = Finding("", "")


def _last_certain(claim: Claim) -> str:
    """Return the last day for which a claim tells a state: of its end, of a sighting, else when it was published."""
    content = claim.proposition.content
    told = next((date for key in ("until", "when") if isinstance(date := content.get(key), Date)), None)
    return told.lower if told else claim.source.published.lower


def covers_deadline(denial: Claim, plan: Proposition, due: str, told: str) -> bool:
    """Return whether a denial says that a planned event or state had not come about by its due day.

    It was published no earlier, and it has no dates, or its dates span that day; of an event, also all days from the
    first for which it was planned, else from the day on which the plan was ``told``.
    """
    if not due or denial.source.published.upper < due:
        return False
    dates = {key: d for key, d in denial.proposition.content.items() if isinstance(d, Date)}
    if not dates:
        return True
    first = next((dates[key].lower for key in ("when", "from") if key in dates), "")
    last = next((dates[key].upper for key in ("until", "by", "when") if key in dates), denial.source.published.upper)
    begin = (plan.period[0] or told) if plan.kind.remains else due
    return first <= begin and due <= last
