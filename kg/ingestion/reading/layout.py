"""The layout of a table in its file, as its mapping gives it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kg.model.errors import Problem

ROW = ".row"  # the working column that holds the number of a row of a table, from 1
Report = Callable[[Problem, int], None]  # receives a problem and the row that is left out, or 0


@dataclass(frozen=True, slots=True)
class Layout:
    """Encoding, delimiter, line or row of the header, name of the sheet, and words that count as empty."""

    encoding: str = ""
    delimiter: str = ","
    header: int = 1
    sheet: str = ""
    empty: tuple[str, ...] = ()
