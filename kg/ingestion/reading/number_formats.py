"""Format a number as a spreadsheet shows it, or say why it cannot be shown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

# Built-in formats that show more than a number. Those of the East (27-36, 50-58) differ from country to country.
BUILT_IN = {
    "9": "0%", "10": "0.00%", "14": "yyyy-mm-dd", "15": "d-mmm-yy", "16": "d-mmm", "17": "mmm-yy", "18": "h:mm",
    "19": "h:mm:ss", "20": "h:mm", "21": "h:mm:ss", "22": "yyyy-mm-dd h:mm", "45": "mm:ss", "46": "h:mm:ss",
    "47": "mm:ss",
    **{str(number): "d-h" for number in (*range(27, 37), *range(50, 59))},
}  # fmt: skip
_LITERAL = re.compile(r'"[^"]*"|\\.|\[(?:\$|[A-Za-z])[^\]]*\]|[_*].')
_AS_TEXT = "format the cell as text, and write the date as 2021-08-30, 2021-08 or 2021"
WITH_TIME = ("the cell holds a date with a time of day, or half a date", _AS_TEXT)


@dataclass
class Styles:
    """The number format of each style of a workbook, and whether its days count from 1904."""

    formats: list[str] = field(default_factory=list)
    is_1904: bool = False

    def format(self, style: str) -> str:
        """Return the number format of a style, or ""."""
        number = int(style) if style.isdecimal() and len(style) < 9 else 0
        return self.formats[number] if number < len(self.formats) else ""


def number_text(raw: str, pattern: str, is_1904: bool = False) -> tuple[str, tuple[str, str] | None]:
    """Return a number as a person sees it: 7 and not 7.0, a percentage with its sign, a day as 2021-08-30."""
    try:
        number = Decimal(raw.strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > 40:
        return "", (f"the cell holds '{raw[:40]}', which is no number", "write it as text")
    shown = _LITERAL.sub("", pattern.partition(";")[0]).lower()
    if re.search("[ymdhs]", shown.replace("general", "")):
        return _date_text(number, shown, is_1904)
    if shown.endswith("%"):
        return f"{_plain(number * 100)}%", None
    text = _plain(number)
    return (text.zfill(len(shown)) if re.fullmatch("0+", shown) and text.isdigit() else text), None


def _plain(number: Decimal) -> str:
    """Return a number with 15 digits, as spreadsheets store it, without binary noise and exponent."""
    text = f"{Decimal(f'{number:.14e}'):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _date_text(number: Decimal, shown: str, is_1904: bool) -> tuple[str, tuple[str, str] | None]:
    """Return a day, month or year as the format shows it, or why the cell is not a date."""
    day = int(number) + (1462 if is_1904 else 0)
    if "y" not in shown or number != int(number):  # a day shown with 00:00 is still a day
        return "", WITH_TIME
    if not 61 <= day <= 2_958_465:
        return "", ("the cell holds a day that spreadsheets count wrongly, or none", _AS_TEXT)
    text = (date(1899, 12, 30) + timedelta(days=day)).isoformat()
    shown = shown.partition("h")[0]  # after h, m means minutes
    return text[: 10 if "d" in shown else 7 if "m" in shown else 4], None
