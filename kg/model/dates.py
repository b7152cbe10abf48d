"""Parse dates in a subset of EDTF into inclusive bounds, never more precise than the source.

This module does not use the ``edtf`` package, which takes 4.5 ms per date and 0.1 s to import, and fails on open
intervals (docs/decisions/0003-dates.md).
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

_DATE = re.compile(
    r"(?P<year>\d{4})(?:-(?:(?P<half>H[12]|4[01])|(?P<quarter>Q[1-4]|3[3-6])|(?P<month>\d{2})(?:-(?P<day>\d{2}))?))?(?P<mark>[~?%]?)",
    re.ASCII,
)
_OPEN = ".."
# The calendar periods by their first and last month, as EDTF writes them after the year.
PERIODS = {
    **{(month, month): f"-{month:02}" for month in range(1, 13)},
    **{(3 * quarter + 1, 3 * quarter + 3): f"-{33 + quarter}" for quarter in range(4)},
    **{(1, 6): "-40", (7, 12): "-41", (1, 12): ""},
}
Certainty = Literal["yes", "no", "possibly"]


@dataclass(frozen=True, slots=True)
class Date:
    """A date or interval: EDTF text, first and last day as ISO text ("" if open), length of a calendar period.

    ``name`` is set for a fiscal year, as written.
    """

    edtf: str
    lower: str
    upper: str
    duration: str = ""
    name: str = ""

    def __str__(self) -> str:
        """Return the name, or the EDTF text with quarters and halves by letter: ``2021-Q4``, ``2021-H1``."""
        if self.name:
            return self.name
        spelled = re.sub(r"-3([3-6])(?!\d)", lambda m: f"-Q{int(m[1]) - 2}", self.edtf)
        return re.sub(r"-4([01])(?!\d)", lambda m: f"-H{int(m[1]) + 1}", spelled)


# A fiscal year by the calendar year in which it ends, and the month in which it does, if that is known.
FISCAL_ENDS = ("about", "agent", "subject")  # whose fiscal year it is: the first that a row names
FISCAL = re.compile(r"FY(?P<year>\d{4})(?:-(?P<month>0[1-9]|1[0-2]))?", re.ASCII)
_UNTOLD = re.compile(r"\d{4}-02/\d{4}-12", re.ASCII)  # the months of a fiscal year of which only the number is told
_LOOSE = re.compile(r"(?P<year>\d{4})(?:[./-]|年)(?P<month>\d{1,2})(?:(?:[./-]|月)(?P<day>\d{1,2})日?|月)?", re.ASCII)
_NAMED = re.compile(
    r"(?:(?P<before>\d{1,2})\.? )?(?P<name>[A-Za-z]{3,9})\.?,? (?:(?P<after>\d{1,2}),? )?(?P<year>\d{4})", re.ASCII
)
_PART = re.compile(r"(?P<year>\d{4})[ -]?(?P<part>[HhQq][1-4])", re.ASCII)
_DAY_FIRST = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{4}", re.ASCII)
_SERIAL = re.compile(r"[34]\d{4}", re.ASCII)
_HOW = "write it like 2021, 2021-H1, 2021-Q4, 2021-08, 2021-08-30, with ~ (about) or ? (inferred) behind"


def advise(text: str) -> str:
    """Return how to write a text that is not a date; "" if its form is valid."""
    if _DATE.fullmatch(text) or FISCAL.fullmatch(text):
        return ""
    if re.fullmatch(r"MY\d{4}", text):
        return "a model year is no time; write it under model-year"
    if meant := _meant(text):
        return f"write {meant}"
    if _DAY_FIRST.fullmatch(text):
        return "write the year first, then the month, then the day: 2021-08-30"
    if _SERIAL.fullmatch(text):
        day = (date(1899, 12, 30) + timedelta(days=int(text))).isoformat()
        return f"a spreadsheet's number of a day? Then it is {day}"
    return _HOW


def _meant(text: str) -> str:
    """Return the one date that a differently written text can mean, or ""."""
    if match := _PART.fullmatch(text):
        meant = f"{match['year']}-{match['part'].upper()}"
    elif match := _LOOSE.fullmatch(text):
        meant = "-".join(f"{int(part):02}" for part in match.groups() if part)
    elif match := _NAMED.fullmatch(text):
        names = [name.lower() for name in calendar.month_abbr]
        month = names.index(match["name"][:3].lower()) if match["name"][:3].lower() in names else 0
        day = match["before"] or match["after"]
        meant = f"{match['year']}-{month:02}" + (f"-{int(day):02}" if day else "")
    else:
        return ""
    try:
        return str(read_date(meant))
    except ValueError:
        return ""


def read_date(text: str) -> Date:
    """Parse one date: ``2021``, ``2021-H1``, ``2021-Q4``, ``2021-08``, ``2021-08-30``, each with ``~`` or ``?``.

    Raises ValueError with a message for the curator.
    """
    if fiscal := FISCAL.fullmatch(text):
        return _fiscal_year(text, int(fiscal["year"]), int(fiscal["month"] or 0))
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is not a date")
    year = int(match["year"])
    if year == 0:
        raise ValueError(f"'{text}' is not a date: there is no year 0")
    first, last, middle, duration = _months(match)
    if not 1 <= first <= 12:
        raise ValueError(f"'{text}' is not a date: there is no month {match['month']}")
    first_day, last_day = 1, calendar.monthrange(year, last)[1]
    if match["day"]:
        first_day = int(match["day"])
        if not 1 <= first_day <= last_day:
            raise ValueError(f"'{text}' is not a date: {year:04}-{last:02} has {last_day} days")
        last_day, middle, duration = first_day, f"{middle}-{match['day']}", "P1D"
    edtf = f"{match['year']}{middle}{match['mark']}"
    return Date(edtf, f"{year:04}-{first:02}-{first_day:02}", f"{year:04}-{last:02}-{last_day:02}", duration)


def _fiscal_year(text: str, year: int, month: int) -> Date:
    """Return the twelve months of a fiscal year that ends in a month; for 0, all months that it may have."""
    if year < 2:
        raise ValueError(f"'{text}' is not a date: there is no year 0")
    first = (year - 1, 2) if not month else (year, 1) if month == 12 else (year - 1, month + 1)
    span = read_interval(f"{first[0]:04}-{first[1]:02}/{year:04}-{month or 12:02}")
    return Date(span.edtf, span.lower, span.upper, "P1Y" if month else "", text)


def _months(match: re.Match[str]) -> tuple[int, int, str, str]:
    """Return the first month, the last month, the EDTF text after the year, and the duration."""
    if match["half"]:
        half = int(match["half"][-1]) if match["half"][0] == "H" else int(match["half"]) - 39
        return 6 * half - 5, 6 * half, f"-{39 + half}", "P6M"
    if match["quarter"]:
        quarter = int(match["quarter"][-1]) if match["quarter"][0] == "Q" else int(match["quarter"]) - 32
        return 3 * quarter - 2, 3 * quarter, f"-{32 + quarter}", "P3M"
    if match["month"]:
        month = int(match["month"])
        return month, min(max(month, 1), 12), f"-{match['month']}", "P1M"
    return 1, 12, "", "P1Y"


def called(date_: Date) -> str:
    """Return a date as a sentence has it: a fiscal year by its last month, or by its number if that is not known."""
    first, stroke, last = date_.edtf.partition("/")
    if stroke and date_.duration == "P1Y":
        return f"the year to {last}"
    if _UNTOLD.fullmatch(date_.edtf) and int(last[:4]) == int(first[:4]) + 1:
        return f"fiscal year {last[:4]}"
    return str(date_)


def read_interval(text: str) -> Date:
    """Parse a date or an interval ``a/b``, ``../b``, ``a/..``. Raises ValueError with a message for the curator."""
    start_text, stroke, end_text = text.partition("/")
    if not stroke:
        return read_date(text)
    if start_text == end_text == _OPEN:
        raise ValueError(f"'{text}' says nothing: both ends are open")
    try:
        start = None if start_text == _OPEN else read_date(start_text)
        end = None if end_text == _OPEN else read_date(end_text)
    except ValueError as error:
        reason = str(error).partition(" is not a date")[2]
        raise ValueError(f"'{text}' is not a date or an interval of dates{reason}") from None
    if start and end and start.lower > end.upper:
        raise ValueError(f"'{text}' ends before it begins")
    edtf = f"{start.edtf if start else _OPEN}/{end.edtf if end else _OPEN}"
    return Date(edtf, start.lower if start else "", end.upper if end else "")


@lru_cache(maxsize=65536)
def date_between(first: str, last: str) -> Date:
    """Return two ISO days as one date: a calendar period if they are its first and last day, else an interval."""
    if first == last:
        return read_date(first)
    year, begin, end = first[:4], int(first[5:7]), int(last[5:7])
    last_day = f"{end:02}-{calendar.monthrange(int(year), end)[1]:02}"
    if not first.endswith("-01") or last != f"{year}-{last_day}" or (begin, end) not in PERIODS:
        return read_interval(f"{first}/{last}")
    return read_date(f"{year}{PERIODS[begin, end]}")


def overlap(first: tuple[str, str], second: tuple[str, str]) -> bool:
    """Return whether two periods of ISO days (lower, upper; "" is open) can share a day."""
    return (not first[0] or not second[1] or first[0] <= second[1]) and (
        not second[0] or not first[1] or second[0] <= first[1]
    )


def inside(finer: Date, coarser: Date) -> bool:
    """Return whether ``coarser`` allows every day that ``finer`` allows; an open end lies only inside an open end."""
    begins = not coarser.lower or coarser.lower <= finer.lower
    return begins and (not coarser.upper or "" < finer.upper <= coarser.upper)


def precedes(first: Date, second: Date) -> Certainty:
    """Return whether ``first`` lies before ``second``: "yes", "no", or "possibly" if they may share days."""
    if first.upper and second.lower and first.upper < second.lower:
        return "yes"
    never = second.upper and first.lower and second.upper <= first.lower
    return "no" if never else "possibly"


def reaches(day: str, begin: tuple[str, str], end: tuple[str, str]) -> Certainty:
    """Return whether a state with an imprecise begin and end (earliest and latest ISO day; "" unknown) holds on a day.

    An unknown end counts as no end. Without a known begin the answer is never "yes".
    """
    if day < begin[0] or (end[1] and day > end[1]):
        return "no"
    begun = begin[1] and day >= begin[1]
    return "yes" if begun and (not end[0] or day <= end[0]) else "possibly"
