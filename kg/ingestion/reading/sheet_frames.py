"""Read a sheet of a workbook into a frame of text: each cell as a spreadsheet shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

import polars as pl

from kg.ingestion.reading.layout import ROW, Layout, Report
from kg.ingestion.reading.records import Cell, Fault
from kg.ingestion.reading.workbooks import hidden_problems, sheet_place
from kg.ingestion.reading.xlsx import Sheet, SheetCell, WorkbookError, column_number, read_workbook
from kg.model.errors import Location, Problem
from kg.model.ontology import nearest

_AREA = re.compile(r"([A-Z]+)(\d+):([A-Z]+)(\d+)")


class SheetTable:
    """The named sheet of a workbook, or the first. It is read at once. Raises Fault."""

    def __init__(self, path: Path, name: str, layout: Layout) -> None:
        """Read the cells."""
        self.name = name
        self.sheet, rows = _read_sheet(path.read_bytes(), name, layout)
        rows = [row for row in rows if row[0].row >= layout.header]
        if not rows:
            place = Location(name, cell=self.sheet.name)
            raise Fault(place, "KG011", "the sheet is empty", "the first row names the columns")
        self._top, self.rows = rows[0], rows[1:]
        self.header = [Cell(cell.text, self._place(cell), self._place(cell)) for cell in self._top]

    def _place(self, cell: SheetCell) -> Location:
        return sheet_place(self.name, self.sheet.name, cell)

    def frames(self, wanted: Mapping[str, int], report: Report) -> Iterator[pl.DataFrame]:
        """Yield the non-empty rows in one frame, without those that have a faulty cell in a wanted column."""
        for problem in hidden_problems(self.name, self.sheet):
            report(problem, 0)
        columns = {self._top[index].column: name for name, index in wanted.items()}
        merged = dict(self._merged(columns))
        numbers, texts = list[int](), {name: list[str | None]() for name in columns.values()}
        for number, row in enumerate(self.rows, 1):
            problems = [*self._faults(row, columns), *(merged.get(row[0].row, ()))]
            for problem in problems:
                report(problem, number)
            if not problems:
                there = {cell.column: cell.text for cell in row}
                numbers.append(number)
                for column, name in columns.items():
                    texts[name].append(there.get(column))
        yield pl.DataFrame({ROW: numbers, **texts}, {ROW: pl.UInt32, **dict.fromkeys(texts, pl.String)})

    def _faults(self, row: list[SheetCell], columns: Mapping[int, str]) -> Iterator[Problem]:
        for cell in row:
            if cell.fault and cell.column in columns:
                yield Problem(self._place(cell), "error", "KG006", *cell.fault)

    def _merged(self, columns: Mapping[int, str]) -> Iterator[tuple[int, list[Problem]]]:
        """Yield the rows in merged areas of wanted columns, with their problems."""
        for area in self.sheet.merged:
            if found := _AREA.fullmatch(area):
                left, right = (column_number(found[group]) for group in (1, 3))
                if any(left <= column <= right for column in columns):
                    place = sheet_place(self.name, self.sheet.name, SheetCell(int(found[2]), left, ""))
                    hint = "a cell is one value of one row; unmerge them"
                    problem = Problem(place, "error", "KG005", f"the cells {area} are merged", hint)
                    yield from ((row, [problem]) for row in range(int(found[2]), int(found[4]) + 1))


def _read_sheet(content: bytes, name: str, layout: Layout) -> tuple[Sheet, list[list[SheetCell]]]:
    at, names = "", list[str]()
    try:
        for sheet in read_workbook(content):
            at = sheet.name
            names.append(at)
            if layout.sheet in ("", at):
                return sheet, list(sheet.rows)
            for _ in chain(sheet.rows):
                pass
    except WorkbookError as error:
        place = Location(name, cell=f"{at}!{error.cell}" if error.cell else at)
        raise Fault(place, "KG001", error.message, error.hint) from None
    near = nearest(layout.sheet, names)
    hint = f"did you mean '{near}'?" if near else f"its sheets: {', '.join(names)}"
    raise Fault(Location(name), "KG009", f"no sheet '{layout.sheet}'", hint)
