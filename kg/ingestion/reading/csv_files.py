"""Read CSV strictly into rows with places. No library gives the column of a field (note 0004)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from kg.ingestion.reading.decoding import NEWLINE
from kg.ingestion.reading.header_rows import duplicates, lack, read_header, row_under
from kg.ingestion.reading.records import Cell, Fault, Records, Row
from kg.model.errors import Location

MAX_FIELD = 65_536


class LineCell(Cell):
    """A field of a line without quotes. Its place is computed on demand, because most are never needed."""

    __slots__ = ("_index", "_key", "_line")

    def __init__(self, text: str, line: Line, index: int, key: Cell | None = None) -> None:
        """Keep the line, the index of the field, and the cell that names its key."""
        self.text, self._line, self._index, self._key = text, line, index, key

    @property
    def place(self) -> Location:
        """Return the place of the field."""
        line, begin = self._line, 0
        for _ in range(self._index):
            begin = line.text.index(line.delimiter, begin) + 1
        return Location(line.name, line.number, begin + 1)

    @property
    def key_place(self) -> Location:
        """Return the place of its column's name, or of the field itself."""
        return self._key.place if self._key else self.place

    def under(self, key: Cell, text: str) -> Cell:
        """Return the field with a text, under a cell that names its key."""
        return LineCell(text, self._line, self._index, key)


class Line(NamedTuple):
    """A line of a CSV file."""

    text: str
    name: str
    number: int
    delimiter: str


def csv_rows(records: Records, name: str, text: str, needed: str) -> Iterator[Row]:
    """Yield the rows under the header, without empty ones. Records of another length are reported."""

    def report(fault: Fault) -> None:
        records.problems.append(fault.problem)
        records.unread.add(name)

    table = parse_csv(text, name, report=report)
    header = next(table, None)
    if header is None:
        raise Fault(Location(name, 1, 1), "KG011", "the file is empty", "the first line names the columns")
    names = read_header(records, header, needed)
    twice = duplicates(names)
    count = 0
    for fields in table:
        count += 1
        if len(fields) != len(names):
            records.problems.append(length_fault(fields, len(names)).problem)
        elif any(cell.text.strip() for cell in fields):
            yield row_under(records, names, header, fields, twice)
    if not count and name not in records.unread:
        records.report(
            Location(name, 1, 1), "KG011", "0 rows: the file holds a header only", "a row below it", lack(needed)
        )


def length_fault(fields: list[Cell], wanted: int) -> Fault:
    """Return the fault of a record that is longer or shorter than the header."""
    place = fields[wanted].place if len(fields) > wanted else fields[0].place
    message = f"{_count(len(fields), 'field')} where the header has {wanted}"
    return Fault(place, "KG008", message, _length_hint(fields, wanted))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _length_hint(fields: list[Cell], wanted: int) -> str:
    if any(mark in cell.text for cell in fields for mark in "\u201c\u201d"):
        return 'typographic quotes do not quote; write plain ones: "'
    if len(fields) > wanted:
        return "quote a field that holds a comma"
    return "an empty field still needs its comma"


@cache
def _field(delimiter: str) -> re.Pattern[str]:
    """Return the pattern of a field. It is possessive, so an unclosed quote costs a single scan of the text."""
    return re.compile(rf'"(?P<quoted>(?:[^"]++|"")*+)"|(?P<bare>[^{re.escape(delimiter)}\r\n]*)')


def parse_csv(
    text: str, name: str, *, delimiter: str = ",", line: int = 1, report: Callable[[Fault], None] | None = None
) -> Iterator[list[Cell]]:
    """Yield the records of a CSV text that begins at a line, without blank lines, each field with its place.

    A record with wrong quotes is reported, and reading continues at the line after its first. Without
    ``report`` it raises Fault.
    """
    position = 0
    while position < len(text):
        if plain := _plain_line(text, position):
            whole = Line(plain.removesuffix("\r"), name, line, delimiter)
            yield [LineCell(field, whole, index) for index, field in enumerate(whole.text.split(delimiter))]
            position, line = position + len(plain) + 1, line + 1
            continue
        try:
            fields, end, next_line = parse_record(text, position, name, delimiter, line)
        except Fault as fault:
            if report is None:
                raise
            report(fault)
            newline = NEWLINE.search(text, position)
            fields, end, next_line = [], newline.end() if newline else len(text), line + 1
        if fields:
            yield fields
        position, line = end, next_line


def _plain_line(text: str, position: int) -> str:
    """Return the line at a position if it is a record without quotes, else ""."""
    end = text.find("\n", position)
    line = text[position : end if end >= 0 else len(text)]
    is_plain = '"' not in line and 0 < len(line) <= MAX_FIELD and "\r" not in line[:-1]
    return line if is_plain and line != "\r" else ""


def parse_record(text: str, position: int, name: str, delimiter: str, line: int) -> tuple[list[Cell], int, int]:
    """Return the fields of the record at a position (none for a blank line), and the position and line after it.

    Raises Fault.
    """
    start, fields = position, list[Cell]()
    while True:
        place = Location(name, line, position - start + 1)
        match = _field(delimiter).match(text, position)
        if match is None or (match["quoted"] is None and text.startswith('"', position)):
            hint = 'close it; a quote inside a quoted field is doubled: ""'
            raise Fault(place, "KG007", "a quote is opened here and never closed", hint, is_open=True)
        fields.append(Cell(_field_text(match, place), place, place))
        for newline in NEWLINE.finditer(text, position, match.end()):
            line, start = line + 1, newline.end()
        position = match.end()
        if text.startswith(delimiter, position):
            position += 1
            continue
        end = NEWLINE.match(text, position)
        if end is None and position < len(text):
            place = Location(name, line, position - start + 1)
            raise Fault(place, "KG007", "text after a closing quote", 'a quote inside a quoted field is doubled: ""')
        is_blank = len(fields) == 1 and not match.group()
        return [] if is_blank else fields, end.end() if end else len(text), line + 1


def _field_text(match: re.Match[str], place: Location) -> str:
    if match.end() - match.start() > MAX_FIELD:
        raise Fault(
            place, "KG012", f"a field longer than {MAX_FIELD:,} characters", "a row holds a fact, not a passage"
        )
    if match["quoted"] is not None:
        return match["quoted"].replace('""', '"')
    if '"' in match["bare"]:
        at_quote = replace(place, column=place.column + match["bare"].index('"'))
        raise Fault(at_quote, "KG007", "a quote inside an unquoted field", 'quote the whole field and double it: ""')
    return match["bare"]
