"""How a table is laid out in its file: what its mapping says where the file does not tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kg.model.errors import Problem

ROW = ".row"  # the working column that holds the number of a row of a table, from 1
Report = Callable[[Problem, int], None]  # what is wrong with a row, and its number; 0 where no row is left out for it


@dataclass(frozen=True, slots=True)
class Layout:
    """Encoding and delimiter of a text, the line or row that names the columns, the sheet, and words for nothing."""

    encoding: str = ""
    delimiter: str = ","
    header: int = 1
    sheet: str = ""
    empty: tuple[str, ...] = ()
