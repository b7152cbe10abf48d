"""Read CSV of any size into frames of text, block by block, in flat memory.

Polars parses the lines that the strict reader (``csv_files``) would read in the same way. The strict reader parses
every other record and reports faults at their place.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import accumulate
from pathlib import Path

import polars as pl

from kg.ingestion.reading.csv_files import length_fault, parse_record
from kg.ingestion.reading.decoding import NEWLINE, text_blocks
from kg.ingestion.reading.layout import ROW, Layout, Report
from kg.ingestion.reading.records import Cell, Fault
from kg.model.errors import Location

MAX_RECORD = 1_000_000  # characters
MANY = 0.05  # share of odd lines above which the strict reader reads the whole block
_UNUSED = "\x1f"  # a separator that no text holds


class CsvTable:
    """A CSV file, optionally compressed with gzip. Reading raises Fault if the file cannot be read further."""

    def __init__(self, path: Path, name: str, layout: Layout) -> None:
        """Keep the file; ``name`` is its name in problems."""
        self.path, self.name, self.layout = path, name, layout

    @cached_property
    def header(self) -> list[Cell]:
        """Return the cells that name the columns."""
        return self._header(next(self._blocks(), ("", True))[0])[0]

    def _header(self, text: str) -> tuple[list[Cell], int, int]:
        """Return the fields of the header, and the position and line after it."""
        position, line = 0, 1
        while position < len(text):
            if line < self.layout.header:
                newline = NEWLINE.search(text, position)
                position, line = newline.end() if newline else len(text), line + 1
                continue
            fields, position, line = parse_record(text, position, self.name, self.layout.delimiter, line)
            if fields:
                return fields, position, line
        raise Fault(Location(self.name, 1, 1), "KG011", "the file is empty", "the first line names the columns")

    def frames(self, wanted: Mapping[str, int], report: Report) -> Iterator[pl.DataFrame]:
        """Yield the rows: ``.row``, numbered from 1, and the text of each wanted column (name to index in the header).

        An invalid record is reported and left out. It still counts as a row, and so does a blank line.
        """
        reader, carried = _Rows(self, report, sorted({*wanted.values()})), ""
        for block, is_last in self._blocks():
            text = carried + block
            cut = len(text) if is_last else text.rfind("\n") + 1
            for frame in reader.read(text[:cut], is_last=is_last):
                yield frame.select(ROW, **{name: pl.col(f"{index}") for name, index in wanted.items()})
            carried = reader.left + text[cut:]

    def _blocks(self) -> Iterator[tuple[str, bool]]:
        return text_blocks(self.path, self.name, self.layout.encoding)


class _Rows:
    """The rows of a table, read block by block, with the next line and row number."""

    def __init__(self, table: CsvTable, report: Report, columns: list[int]) -> None:
        self.table, self.report, self.columns = table, report, columns
        self.line, self.number, self.left = 0, 1, ""
        self.width = len(table.header)
        self.names = [str(index) for index in range(self.width)]
        mark = re.escape(table.layout.delimiter)
        one = f'(?:[^"{mark}]*|"(?:[^"]|"")*")'
        self.quoted = f"^{one}(?:{mark}{one}){{{self.width - 1}}}$"

    def read(self, text: str, *, is_last: bool) -> Iterator[pl.DataFrame]:
        """Yield the rows of whole lines. ``left`` is an unfinished record at the end, or ""."""
        position, self.left = 0, ""
        if not self.line:
            _, position, self.line = self.table._header(text)
        text = text[position:]
        count = text.count("\n") + (not text.endswith("\n")) if text else 0
        odd = self._odd_lines(text, count) if count else []
        if not odd:
            yield from self._plain(text, count)
        else:
            yield from self._mixed(text, count, odd, is_last=is_last)

    def _odd_lines(self, text: str, count: int) -> list[int]:
        """Return the indices of lines that are neither blank nor a complete record that Polars parses correctly."""
        try:
            lines = _read(text, _UNUSED, ["line"], quote=None)["line"].fill_null("") if _UNUSED not in text else None
        except pl.exceptions.PolarsError:
            lines = None
        if lines is None or lines.len() != count:
            return list(range(count))
        delimiters = lines.str.count_matches(self.table.layout.delimiter, literal=True)
        has_quote = lines.str.contains('"', literal=True)
        plain = (lines == "") | (~has_quote & (delimiters == self.width - 1))
        if has_quote.any():
            plain |= has_quote & lines.str.contains(self.quoted)
        return (~plain | lines.str.contains("\r", literal=True)).arg_true().to_list()

    def _plain(self, text: str, count: int) -> Iterator[pl.DataFrame]:
        """Yield the rows of lines that each hold one record."""
        if not count:
            return
        numbers = pl.int_range(self.number, self.number + count, dtype=pl.UInt32, eager=True).alias(ROW)
        frame = numbers.to_frame()
        if self.columns:
            frame = _read(text, self.table.layout.delimiter, self.names, quote='"', columns=self.columns)
            frame.insert_column(0, numbers)  # raises if Polars read another number of lines
        yield frame
        self.line, self.number = self.line + count, self.number + count

    def _mixed(self, text: str, count: int, odd: list[int], *, is_last: bool) -> Iterator[pl.DataFrame]:
        """Yield the rows of a text, reading the odd lines with the strict reader."""
        begins = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
        if len(odd) > MANY * count:
            odd = list(range(count))
        first, strict, at = self.line, list[tuple[int, list[str]]](), 0
        for line in odd:
            if line < at:
                continue
            if line > at:
                yield from self._kept(strict)
                yield from self._plain(text[begins[at] : begins[line]], line - at)
            self.line = first + line
            end = self._record(text, begins[line], strict, is_last=is_last)
            if end is None:
                self.left = text[begins[line] :]
                yield from self._kept(strict)
                return
            at = self.line - first
        yield from self._kept(strict)
        yield from self._plain(text[begins[at] :], count - at)

    def _record(self, text: str, position: int, into: list[tuple[int, list[str]]], *, is_last: bool) -> int | None:
        """Read a record strictly and return its end, or None if it may continue after the text."""
        name, delimiter, line = self.table.name, self.table.layout.delimiter, self.line
        try:
            fields, end, self.line = parse_record(text, position, name, delimiter, line)
            if fields and len(fields) != self.width:
                self.report(length_fault(fields, self.width).problem, self.number)
            else:
                into.append((self.number, [cell.text for cell in fields] or [""] * self.width))
        except Fault as fault:
            if fault.is_open and not is_last and len(text) - position < MAX_RECORD:
                return None
            self.report(fault.problem, self.number)
            newline = text.find("\n", position)
            end, self.line = (newline + 1 if newline >= 0 else len(text)), line + 1
        self.number += 1
        return end

    def _kept(self, strict: list[tuple[int, list[str]]]) -> Iterator[pl.DataFrame]:
        """Yield the rows collected from the strict reader."""
        if strict:
            schema = dict.fromkeys(self.names, pl.String)
            rows = pl.DataFrame([fields for _, fields in strict], schema, orient="row")
            rows = rows.insert_column(0, pl.Series(ROW, [number for number, _ in strict], pl.UInt32))
            yield rows.select(ROW, *(self.names[column] for column in self.columns))
            strict.clear()


def _read(
    text: str, separator: str, names: list[str], *, quote: str | None, columns: list[int] | None = None
) -> pl.DataFrame:
    """Parse lines with Polars. A header is added, because Polars takes the number of columns from the first line."""
    lines = f"{separator.join(names)}\n{text}".encode()
    return pl.read_csv(io.BytesIO(lines), infer_schema=False, separator=separator, quote_char=quote, columns=columns)
