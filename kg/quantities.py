"""Quantities as sources word them: ``[comparator] number [to number] [thousand|million|billion] [unit[/unit]]``.

The text is kept as written; the number beside it is exact (Decimal).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

COMPARATORS = {
    "over": ">", "more than": ">", "under": "<", "less than": "<", "at least": ">=", "at most": "<=",
    "about": "~", "nearly": "~", "exactly": "=", ">": ">", "<": "<", ">=": ">=", "<=": "<=", "~": "~",
}  # fmt: skip
WORDS = {">": "over", "<": "under", ">=": "at least", "<=": "at most", "~": "about", "=": ""}
DIRECTIONS = ("up", "down", "unknown")
SCALES = {"thousand": 3, "million": 6, "billion": 9}
_QUANTITY = re.compile(
    r"(?P<comparator>over|more than|under|less than|at least|at most|about|nearly|exactly|>=|<=|>|<|~)?\s*"
    r"(?P<number>[+-]?[0-9]+(?:\.[0-9]+)?)(?:\s+to\s+(?P<upper>[+-]?[0-9]+(?:\.[0-9]+)?))?"
    r"(?:\s+(?P<scale>thousand|million|billion))?\s*(?P<unit>[^\s/0-9][^/]*?)?(?:\s*/\s*(?P<per>[^\s/0-9][^/]*?))?"
)
_SEPARATED = re.compile(r"[0-9][,'\u2019\u202f\u00a0 _][0-9]{3}(?![0-9])")
_POINT_THREE = re.compile(r"(?<![0-9.])[1-9][0-9]{0,2}\.[0-9]{3}(?![0-9])")


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a source measured: comparator, number, upper end of a range, unit and per-unit words, and the text."""

    text: str
    comparator: str
    number: Decimal | None
    upper: Decimal | None = None
    unit: str = ""
    per: str = ""

    def __str__(self) -> str:
        """Return the text as written."""
        return self.text


def read_quantity(text: str) -> Quantity:
    """Read a quantity; unit words stay words. Raises ValueError with a message for the curator."""
    if text in DIRECTIONS:
        return Quantity(text, text, None)
    if _SEPARATED.search(text):
        raise ValueError(f"'{text}' has a thousands separator; write the digits alone: {_SEPARATED.sub(_joined, text)}")
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is not a quantity; write it like: over 6500 vehicles/month")
    if _POINT_THREE.search(text) and match["comparator"] != "exactly":
        raise ValueError(
            f"'{text}' can be read two ways; without the point, or with 'exactly' before it where the point is meant"
        )
    scale = Decimal(10) ** SCALES.get(match["scale"] or "", 0)
    number, upper = (Decimal(match[part]) * scale if match[part] else None for part in ("number", "upper"))
    if number is not None and upper is not None and number > upper:
        raise ValueError(f"'{text}' runs downwards; the smaller number comes first")
    comparator = COMPARATORS[match["comparator"] or "exactly"]
    return Quantity(text, comparator, number, upper, (match["unit"] or "").strip(), (match["per"] or "").strip())


def _joined(match: re.Match[str]) -> str:
    return match.group()[0] + match.group()[2:]


def plain(number: Decimal) -> str:
    """Write a number without exponent and without idle zeros, as ``xsd:decimal`` wants it."""
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text
