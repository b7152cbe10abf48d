"""Compare amounts: convert units and rates, add parts, decide whether what was seen reaches a goal.

In: quantities as they are written. Out: bounds within which a number lies, and True, False or None (it may or may not).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal

from kg.model.ontology import Ontology
from kg.model.quantities import Quantity
from kg.model.terms import Predicate, Unit

Bounds = tuple[Decimal | None, Decimal | None, bool]  # lowest and highest (None: unbounded), whether they are excluded
Way = Literal["more", "less", ""]
Days = tuple[str, str]  # first and last day as ISO text, "" if open

IN_MONTHS = {"P1M": 1, "P3M": 3, "P6M": 6, "P1Y": 12}
IN_DAYS = {"P1D": 1, "P7D": 7}
A_YEAR = Decimal(365)


def way_of(goal: Quantity, measure: Predicate | None = None) -> Way:
    """Return which numbers reach a goal: by its comparator, else by what the ontology says of the measure."""
    if goal.comparator in (">", ">="):
        return "more"
    if goal.comparator in ("<", "<="):
        return "less"
    better = measure.better.notation if measure and measure.better else ""
    return "more" if better == "more" else "less" if better == "less" else ""


def bounds_of(quantity: Quantity) -> Bounds:
    """Return the bounds of the number that a quantity tells."""
    low, high = quantity.number, quantity.number if quantity.upper is None else quantity.upper
    if quantity.comparator in (">", ">="):
        return low, None, quantity.comparator == ">"
    if quantity.comparator in ("<", "<="):
        return None, high, quantity.comparator == "<"
    return low, high, False


def added(bounds: Iterable[Bounds]) -> Bounds:
    """Return the bounds of a sum."""
    parts = list(bounds)
    lows, highs = [low for low, _, _ in parts if low is not None], [high for _, high, _ in parts if high is not None]
    low = sum(lows, Decimal(0)) if len(lows) == len(parts) else None
    high = sum(highs, Decimal(0)) if len(highs) == len(parts) else None
    return low, high, any(is_open for _, _, is_open in parts)


def hull(bounds: Sequence[Bounds]) -> Bounds:
    """Return the bounds of a number of which several tell: all that one of them allows."""
    lows, highs = [low for low, _, _ in bounds if low is not None], [high for _, high, _ in bounds if high is not None]
    low = min(lows) if len(lows) == len(bounds) else None
    high = max(highs) if len(highs) == len(bounds) else None
    return low, high, all(is_open for _, _, is_open in bounds)


def reaches(goal: Quantity, seen: Bounds, way: Way) -> bool | None:
    """Return whether a number reaches a goal; None if it may or may not.

    Of a range as the goal, *more* must reach the lower end and *less* the upper one. With neither, the number must be
    the same, at the precision in which the goal is written.
    """
    if goal.number is None:
        return None
    low, high, is_open = seen
    strict = goal.comparator in (">", "<")
    if way == "more":
        return _at_least(goal.number, low, high, strict=strict, is_open=is_open)
    if way == "less":
        most = goal.number if goal.upper is None else goal.upper
        return _at_least(-most, _minus(high), _minus(low), strict=strict, is_open=is_open)
    return _same(goal, low, high)


def _at_least(least: Decimal, low: Decimal | None, high: Decimal | None, *, strict: bool, is_open: bool) -> bool | None:
    if low is not None and (low > least or (low == least and (not strict or is_open))):
        return True
    return False if high is not None and (high < least or (high == least and (strict or is_open))) else None


def _minus(number: Decimal | None) -> Decimal | None:
    return None if number is None else -number


def _same(goal: Quantity, low: Decimal | None, high: Decimal | None) -> bool | None:
    assert goal.number is not None  # noqa: S101 - the caller has checked it
    half = Decimal(5).scaleb(int(goal.number.as_tuple().exponent) - 1) if goal.upper is None else Decimal(0)
    least, most = goal.number - half, (goal.number if goal.upper is None else goal.upper) + half
    if low is not None and high is not None and least <= low and high <= most:
        return True
    apart = (high is not None and high < least) or (low is not None and low > most)
    return False if apart else None


# ---------------------------------------------------------------- units and rates


def times(quantity: Quantity, factor: Decimal, *, unit: str = "", per: str = "") -> Quantity:
    """Return a quantity times a factor, in another unit or rate."""
    number = None if quantity.number is None else quantity.number * factor
    upper = None if quantity.upper is None else quantity.upper * factor
    return replace(quantity, number=number, upper=upper, unit=unit or quantity.unit, per=per)


def in_unit(ontology: Ontology, seen: Quantity, unit: str) -> Quantity | None:
    """Return a quantity in another unit, or None if the ontology does not say how the two are related."""
    if seen.unit == unit:
        return seen
    if not (seen.unit and unit):
        return None
    (base, factor), (other, divisor) = (_size(ontology.typed(Unit, iri)) for iri in (seen.unit, unit))
    return times(seen, factor / divisor, unit=unit, per=seen.per) if base == other and factor and divisor else None


def _size(unit: Unit) -> tuple[str, Decimal]:
    """Return what a unit is a multiple of, and how many times; 0 if a project's ontology gives no such number."""
    if not unit.multiple_of:
        return unit.iri, Decimal(1)
    try:
        factor = Decimal(unit.factor)
    except InvalidOperation:
        return unit.multiple_of.iri, Decimal(0)
    return unit.multiple_of.iri, factor if factor.is_finite() and factor > 0 else Decimal(0)


def at_rate(ontology: Ontology, seen: Quantity, per: str) -> Quantity | None:
    """Return a rate per another time, by the times in a year, or None if one of the two is no time.

    Days and weeks do not fill months exactly, so that a rate of one in terms of the other is approximate.
    """
    if seen.per == per:
        return seen
    mine, other = (_a_year(ontology, unit) for unit in (seen.per, per))
    if not (mine and other):
        return None
    rate = times(seen, mine / other, per=per)
    is_exact = {duration_of(ontology, unit) in IN_DAYS for unit in (seen.per, per)} != {True, False}
    return rate if is_exact or rate.comparator != "=" else replace(rate, comparator="~")


def _a_year(ontology: Ontology, unit: str) -> Decimal:
    duration = duration_of(ontology, unit)
    if duration in IN_MONTHS:
        return Decimal(12) / IN_MONTHS[duration]
    return A_YEAR / IN_DAYS[duration] if duration in IN_DAYS else Decimal(0)


def duration_of(ontology: Ontology, unit: str) -> str:
    """Return how long a unit lasts, as an ``xsd:duration``, or ""."""
    return ontology.typed(Unit, unit).unit_duration if unit else ""


def beats(duration: str, days: Days) -> Decimal:
    """Return how many times a duration fits into a period, or 0 if they have no months or days in common."""
    if duration in IN_DAYS:
        return Decimal(count_days(days)) / IN_DAYS[duration]
    return Decimal(count_months(days)) / IN_MONTHS[duration] if duration in IN_MONTHS else Decimal(0)


def count_days(days: Days) -> int:
    """Return the number of days of a period."""
    return (date.fromisoformat(days[1]) - date.fromisoformat(days[0])).days + 1


def count_months(days: Days) -> int:
    """Return the number of months of a period that begins with one and ends with one, else 0."""
    first, last = map(date.fromisoformat, days)
    is_whole = first.day == 1 and last.day == monthrange(last.year, last.month)[1]
    return 12 * (last.year - first.year) + last.month - first.month + 1 if is_whole else 0
