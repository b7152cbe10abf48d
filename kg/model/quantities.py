"""Parse quantities: ``[comparator] number [to number] [thousand|million|billion] [unit[/unit]]``.

The text is kept as written; the number is an exact Decimal.
"""

from __future__ import annotations

import re
import unicodedata
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
    r"(?:\s+(?P<scale>thousand|million|billion))?\s*(?P<unit>[^\s/0-9,.;:][^/]*?)?(?:\s*/\s*(?P<per>[^\s/0-9,.;:][^/]*?))?"
)
_SEPARATED = re.compile(
    r"(?<=[0-9])[,'\u2019\u2009\u202f\u00a0 _](?=[0-9]{3}(?![0-9]))|(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{3}){2,}(?![0-9.])"
)
_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])[,.'\u2019\u2009\u202f\u00a0 _](?=[0-9])")
_POINT_THREE = re.compile(r"(?<![0-9.])[1-9][0-9]{0,2}\.[0-9]{3}(?![0-9])")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity as written in a source: text, comparator, number, upper end of a range, unit and per-unit words."""

    text: str
    comparator: str
    number: Decimal | None
    upper: Decimal | None = None
    unit: str = ""
    per: str = ""

    def __str__(self) -> str:
        """Return the text as written."""
        return self.text


class QuantityError(ValueError):
    """A text is not a quantity; ``hint`` says what to write, ``ambiguous`` whether two readings are possible."""

    def __init__(self, message: str, hint: str = "", *, ambiguous: bool = False) -> None:
        """Store message, hint and ambiguity."""
        super().__init__(message)
        self.hint = hint
        self.ambiguous = ambiguous


def read_quantity(text: str) -> Quantity:
    """Parse a quantity; unit words are not resolved. Raises QuantityError with a message for the curator."""
    if text in DIRECTIONS:
        return Quantity(text, text, None)
    if _SEPARATED.search(text):
        hint = f"write the digits alone: {_BETWEEN_DIGITS.sub('', text)}"
        raise QuantityError(f"'{text}' has a thousands separator", hint, ambiguous=True)
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise QuantityError(f"'{text}' is not a quantity", _advice(text))
    if _POINT_THREE.search(text) and match["comparator"] != "exactly":
        meant = _POINT_THREE.sub(r"\g<0>0", text) if match["comparator"] else f"exactly {text}"
        hint = f"write {_BETWEEN_DIGITS.sub('', text)}, or where the point is meant: {meant}"
        raise QuantityError(f"'{text}' can be read in two ways", hint, ambiguous=True)
    exponent = SCALES.get(match["scale"] or "", 0)
    number, upper = (_scaled(match[part], exponent) if match[part] else None for part in ("number", "upper"))
    if number is not None and upper is not None and number > upper:
        raise QuantityError(f"'{text}' runs downwards", "the smaller number comes first")
    comparator = COMPARATORS[match["comparator"] or "exactly"]
    return Quantity(text, comparator, number, upper, (match["unit"] or "").strip(), (match["per"] or "").strip())


def _advice(text: str) -> str:
    """Return the usual ASCII spelling if that is valid, else an example."""
    usual = unicodedata.normalize("NFKC", text).replace("\u2212", "-")
    usual = re.sub(r"(?<=[0-9]),(?=[0-9]{1,2}(?![0-9]))", ".", usual)
    if usual != text and _QUANTITY.fullmatch(usual):
        return f"write: {usual}"
    return "write it like: over 6500 units/month"


def _scaled(digits: str, exponent: int) -> Decimal:
    """Return a number times a power of ten, exactly: Decimal arithmetic would round to 28 digits."""
    sign, numerals, point = Decimal(digits).as_tuple()
    return Decimal((sign, numerals, int(point) + exponent))


def plain(number: Decimal) -> str:
    """Return a number without exponent and trailing zeros, as ``xsd:decimal`` requires."""
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def readable(number: str) -> str:
    """Return a number that cannot be read as one with a thousands separator: 6.125 becomes 6.1250."""
    return _POINT_THREE.sub(r"\g<0>0", number)
