"""Compare plans, targets and expectations with what later claims state as a fact.

In: a world and its current claims. Out: an ``Outcome`` per planned proposition, as of the world's as-of day. Only
comparable claims count: the same subject, measure, unit and qualifiers, over periods that add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kg.model.dates import Date, overlap
from kg.model.iris import AUTOKG
from kg.model.properties import Term
from kg.model.quantities import Quantity
from kg.model.terms import Unit
from kg.model.world import Claim, Figure, Proposition, Value, World, canonical, period_of

TIMES = ("when", "from", "until", "by")
MONTHS = {"P1M": 1, "P3M": 3, "P6M": 6, "P1Y": 12}
LOOSE = "measured too loosely to tell"
Days = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a plan.

    ``due`` is the last day on which the plan can be met ("" if unknown). ``observations`` are the claims compared with
    it. ``reached`` is observed divided by planned, from the bare numbers; ``bound`` says how exact that is: =, ~, >, <.
    ``near`` are figures for the same subject and time that were not compared: another measure, or other qualifiers.
    """

    plan: Proposition
    claims: tuple[Claim, ...]
    due: str
    status: Term
    why: str
    observations: tuple[Claim, ...] = ()
    reached: Decimal | None = None
    bound: str = "="
    near: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a comparison before the due day is considered: a status, or "" while it is open."""

    status: str
    why: str
    observations: tuple[Claim, ...] = ()
    reached: Decimal | None = None
    bound: str = "="


def outcomes(world: World, current: Iterable[Claim]) -> tuple[Outcome, ...]:
    """Return the outcome of every plan, by status, due day and IRI. ``current`` are the claims that still count."""
    plans: dict[str, list[Claim]] = {}
    facts: dict[tuple[str, ...], list[Claim]] = {}
    for claim in sorted(current, key=lambda claim: claim.iri):
        stance, verdict = claim.stance.notation, claim.modality.verdict.iri
        if stance == "asserts" and verdict == f"{AUTOKG}verdict/planned":
            plans.setdefault(claim.proposition.iri, []).append(claim)
        elif stance == "silent" or (stance == "asserts" and verdict == f"{AUTOKG}verdict/stated"):
            facts.setdefault(_subject(world, claim.proposition), []).append(claim)
    found = [
        _outcome(world, claims, facts.get(_subject(world, claims[0].proposition), ())) for claims in plans.values()
    ]
    return tuple(sorted(found, key=lambda outcome: (outcome.status.position, outcome.due or "9999", outcome.plan.iri)))


def _subject(world: World, proposition: Proposition) -> tuple[str, ...]:
    """Return the values of a proposition's slot keys without its term: the subject to compare by."""
    values = (proposition.content.get(key, "") for key in world.ontology.slot_keys[proposition.kind.iri])
    return proposition.kind.iri, *("" if isinstance(value, Term) else canonical(value) for value in values)


def _outcome(world: World, claims: Sequence[Claim], candidates: Sequence[Claim]) -> Outcome:
    plan = claims[0].proposition
    like = [claim for claim in candidates if _is_like(world, plan, claim.proposition)]
    searched = tuple(claim for claim in like if claim.stance.notation == "silent")
    announced = min((claim.source.published.lower for claim in claims), default="")
    asserted = (claim for claim in like if claim.stance.notation == "asserts")
    seen = [c for c in asserted if (days := _days(c))[0] <= world.as_of and days[1] >= announced]
    due, value = _due(plan), plan.content.get("value")
    finding = _measured(world, plan, value, seen) if isinstance(value, Quantity) else _happened(due, seen)
    finding = _dated(finding, plan, is_past=bool(due) and due < world.as_of, due=due, searched=searched)
    status = world.ontology.term(f"{AUTOKG}outcome/{finding.status}")
    near = () if finding.observations else tuple(_near(plan, {claim.iri for claim in like}, candidates))
    told = (finding.why, finding.observations, finding.reached, finding.bound)
    return Outcome(plan, tuple(claims), due, status, *told, near)


def _near(plan: Proposition, like: set[str], candidates: Iterable[Claim]) -> Iterator[Claim]:
    """Yield figures in the plan's unit for an overlapping time that measure something else."""
    goal, when = plan.content.get("value"), plan.content.get("when")
    if not isinstance(goal, Quantity) or not isinstance(when, Date):
        return
    for claim in candidates:
        value, time = claim.proposition.content.get("value"), claim.proposition.content.get("when")
        if claim.iri in like or claim.stance.notation != "asserts" or not isinstance(value, Quantity):
            continue
        days = (time.lower, time.upper) if isinstance(time, Date) else None
        if days and value.unit == goal.unit and overlap(days, (when.lower, when.upper)):
            yield claim


def _due(plan: Proposition) -> str:
    """Return the last day of ``by``, else ``when``, else ``until`` (not for a state), else ``from``; "" if none."""
    names = ("by", "when", "until", "from") if plan.kind.remains else ("by", "when", "from")
    return next((date.upper for name in names if isinstance(date := plan.content.get(name), Date)), "")


def _days(claim: Claim) -> Days:
    """Return the first and last day of an observation; without a date, the last is the day of publication."""
    content, is_state = claim.proposition.content, not claim.proposition.kind.remains
    begin = next((d for name in ("when", "from") if isinstance(d := content.get(name), Date)), None)
    end = begin if is_state else content.get("until", begin)
    if begin is None or not isinstance(end, Date):
        return "", end.upper if isinstance(end, Date) else claim.source.published.upper
    return begin.lower, end.upper


def _is_like(world: World, plan: Proposition, seen: Proposition) -> bool:
    """Return whether an observation matches a plan: for figures on every qualifier, else on those that both have."""
    mine, theirs = (_compared(proposition) for proposition in (plan, seen))
    if "value" in plan.content and mine.keys() != theirs.keys():
        return False
    return all(_is_within(world, value, theirs[key]) for key, value in mine.items() if key in theirs)


def _compared(proposition: Proposition) -> dict[str, Value]:
    return {name: value for name, value in proposition.content.items() if name not in (*TIMES, "value")}


def _is_within(world: World, planned: Value, seen: Value) -> bool:
    if isinstance(planned, Term) and isinstance(seen, Term):
        return planned.iri in world.ontology.broader(seen.iri)
    return canonical(planned) == canonical(seen)


def _dated(finding: Finding, plan: Proposition, *, is_past: bool, due: str, searched: tuple[Claim, ...]) -> Finding:
    """Return the finding, or if it has no status, the status that follows from the due day."""
    if finding.status:
        return finding
    if not is_past:
        told = finding.why or ("not due yet" if due else "names no day")
        return Finding("open", told, finding.observations, finding.reached, finding.bound)
    if searched:
        return Finding("never-reported", "somebody searched and found nothing", (*finding.observations, *searched))
    if isinstance(plan.content.get("value"), Quantity) and "when" in plan.content and not finding.observations:
        return Finding("never-reported", "no figure for that time is on record")
    why = finding.why or "nothing on record says whether it came about"
    return Finding("overdue", why, finding.observations, finding.reached, finding.bound)


# ---------------------------------------------------------------- events and states


def _happened(due: str, seen: Sequence[Claim]) -> Finding:
    """Compare the first observation with the due day."""
    if not seen:
        return Finding("", "")
    first = min(seen, key=lambda claim: (_days(claim)[1], claim.iri))
    begin, end = _days(first)
    if not due or end <= due:
        return Finding("met", "it came about", (first,))
    if begin > due:
        return Finding("missed", "it came about, but late", (first,))
    return Finding("undecided", "it came about; whether in time is not told", (first,))


# ---------------------------------------------------------------- figures


def _measured(world: World, plan: Proposition, goal: Quantity, seen: Sequence[Claim]) -> Finding:
    if goal.number is None:
        return Finding("", "names no number")
    like = [claim for claim in seen if _quantity(claim).number is not None and _quantity(claim).unit == goal.unit]
    when = plan.content.get("when")
    if isinstance(when, Date) and plan.term.adds:
        return _summed(world, goal, when, like)
    length = period_of(world.ontology, plan.content) if goal.per else ""
    if length:
        return _level(goal, _due(plan), [c for c in like if period_of(world.ontology, c.proposition.content) == length])
    if plan.term.adds:  # a total up to a day is not the total of a month
        like = [claim for claim in like if "when" not in claim.proposition.content]
    return _level(goal, _due(plan), [claim for claim in like if not _quantity(claim).per])


def _quantity(claim: Claim) -> Quantity:
    assert isinstance(claim.proposition, Figure)  # noqa: S101 - only figures are measured
    return claim.proposition.value


def _level(goal: Quantity, due: str, seen: Sequence[Claim]) -> Finding:
    """Compare a level due on a day with the figures before, on and after that day."""
    told = [(claim, _days(claim), _reaches(goal, _bounds(_quantity(claim)))) for claim in seen]
    told.sort(key=lambda one: (one[1][1], one[0].iri))
    in_time = [claim for claim, days, reached in told if reached and (not due or days[1] <= due)]
    at_due = [(claim, reached) for claim, days, reached in told if "" < days[0] <= due <= days[1]]
    later = [(claim, reached) for claim, days, reached in told if (days[0] or days[1]) > due > ""]
    if in_time:
        return _finding("met", "reached", goal, in_time[:1])
    for claim, reached in at_due[:1]:
        status = {True: "met", False: "missed", None: "undecided"}[reached]
        return _finding(status, "as measured when it was due" if status != "undecided" else LOOSE, goal, [claim])
    for claim, reached in later[:1]:
        if reached is False:
            return _finding("missed", "not reached when it was next measured", goal, [claim])
        late = "reached when it was next measured; whether in time is not told"
        return _finding("undecided", late if reached else LOOSE, goal, [claim])
    early = [claim for claim, _, _ in told]
    return _finding("", "the last figure before it is due", goal, early[-1:]) if early else Finding("", "")


def _summed(world: World, goal: Quantity, when: Date, seen: Sequence[Claim]) -> Finding:
    """Compare a total over a period with the figures for that period, or for parts of it that add up."""
    length = MONTHS.get(when.duration, 0)
    if not length:  # a fiscal year whose months are not told: only a figure for the same one says anything
        same = [claim for claim in seen if _covers(claim, when)]
        return _level(goal, when.upper, same) if same and not goal.per else Finding("", "")
    target = _scaled(world, goal, length)
    parts = [Part(c, d, total) for c in seen if (d := _within(c, when)) and (total := _total(world, c, d)) is not None]
    if target is None or not length or not parts:
        return Finding("", "")
    chosen = _tiled(parts)
    covered = sum(MONTHS[part.when.duration] for part in chosen)
    reached = _reaches(target, _added([_bounds(part.total) for part in chosen]), is_whole=covered == length)
    words = f"{covered} of {length} months reported" if covered < length else "as measured over that time"
    status = {True: "met", False: "missed", None: "undecided" if covered == length else ""}[reached]
    if not status and when.upper < world.as_of:
        status = "partial"
    return _finding(status, words, target, [part.claim for part in chosen], [part.total for part in chosen])


@dataclass(frozen=True, slots=True)
class Part:
    """The total of a part of a longer period."""

    claim: Claim
    when: Date
    total: Quantity


def _total(world: World, claim: Claim, when: Date) -> Quantity | None:
    return _scaled(world, _quantity(claim), MONTHS[when.duration])


def _within(claim: Claim, whole: Date) -> Date | None:
    """Return the calendar period of a figure if it lies within ``whole``, else None."""
    when = claim.proposition.content.get("when")
    if isinstance(when, Date) and when.duration in MONTHS and whole.lower <= when.lower and when.upper <= whole.upper:
        return when
    return None


def _covers(claim: Claim, whole: Date) -> bool:
    """Return whether a figure is for the same time, told alike."""
    when = claim.proposition.content.get("when")
    return isinstance(when, Date) and (when.lower, when.upper) == (whole.lower, whole.upper)


def _tiled(parts: Iterable[Part]) -> list[Part]:
    """Return parts that do not overlap: the longest first, and of equal length the last published."""
    ordered = sorted(parts, key=lambda part: part.claim.iri)
    ordered.sort(key=lambda part: (MONTHS[part.when.duration], part.claim.source.published.upper), reverse=True)
    chosen: list[Part] = []
    for part in ordered:
        if all(part.when.upper < other.when.lower or other.when.upper < part.when.lower for other in chosen):
            chosen.append(part)
    return sorted(chosen, key=lambda part: part.when.lower)


def _scaled(world: World, quantity: Quantity, months: int) -> Quantity | None:
    """Return the total of a rate over ``months``, other quantities unchanged, or None if the unit has no duration."""
    if not quantity.per or quantity.number is None:
        return quantity
    beat = MONTHS.get(world.ontology.typed(Unit, quantity.per).unit_duration, 0)
    if not beat:
        return None
    upper = None if quantity.upper is None else quantity.upper * months / beat
    return Quantity(quantity.text, quantity.comparator, quantity.number * months / beat, upper, quantity.unit)


# ---------------------------------------------------------------- inexact numbers

Bounds = tuple[Decimal | None, Decimal | None, bool]


def _bounds(quantity: Quantity) -> Bounds:
    """Return the lowest and highest possible number (None: unbounded), and whether these bounds are excluded."""
    low, high = quantity.number, quantity.upper or quantity.number
    if quantity.comparator in (">", ">="):
        return low, None, quantity.comparator == ">"
    if quantity.comparator in ("<", "<="):
        return None, high, quantity.comparator == "<"
    return low, high, False


def _added(bounds: Sequence[Bounds]) -> Bounds:
    lows, highs = [low for low, _, _ in bounds], [high for _, high, _ in bounds]
    low = sum((n for n in lows if n is not None), Decimal(0))
    high = sum((n for n in highs if n is not None), Decimal(0))
    return None if None in lows else low, None if None in highs else high, any(is_open for _, _, is_open in bounds)


def _reaches(goal: Quantity, bounds: Bounds, *, is_whole: bool = True) -> bool | None:
    """Return whether a number within bounds reaches a goal; None if it may or may not.

    For a part of the whole only the lower bound counts: more can be added.
    """
    low, high, is_open = bounds
    least, strict = goal.number, goal.comparator in (">", "<")
    if least is None:
        return None
    if goal.comparator in ("<", "<="):
        if low is not None and (low > least or (low == least and (strict or is_open))):
            return False
        fits = high is not None and (high < least or (high == least and (not strict or is_open)))
        return True if fits and is_whole else None
    if low is not None and (low > least or (low == least and (not strict or is_open))):
        return True
    short = high is not None and (high < least or (high == least and (strict or is_open)))
    return False if short and is_whole else None


def _finding(
    status: str, why: str, goal: Quantity, claims: Sequence[Claim], values: Sequence[Quantity] = ()
) -> Finding:
    """Return a finding with the ratio of the bare numbers."""
    seen = values or [_quantity(claim) for claim in claims]
    total = sum((value.number for value in seen if value.number is not None), Decimal(0))
    reached = (total / goal.number).quantize(Decimal("0.0001")) if goal.number else None
    return Finding(status, why, tuple(claims), reached, "".join(sorted(set(_inexact(seen)))) or "=")


def _inexact(values: Iterable[Quantity]) -> Iterator[str]:
    """Yield how the bare numbers understate (>), overstate (<) or blur (~) what was observed."""
    for value in values:
        if value.upper is not None or value.comparator[0] != "=":
            yield "~" if value.upper is not None else value.comparator[0]
