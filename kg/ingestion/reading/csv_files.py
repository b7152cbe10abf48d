"""A table in CSV → rows, by a strict reader of our own: no library gives the column of a field (note 0004)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from kg.ingestion.reading.decoding import NEWLINE
from kg.ingestion.reading.header_rows import read_header, row_under
from kg.ingestion.reading.records import Cell, Fault, Records, Row
from kg.model.errors import Location

MAX_FIELD = 65_536


def csv_rows(records: Records, name: str, text: str, needed: str) -> Iterator[Row]:
    """Yield the rows of a table by its header, reporting every record of another length; empty rows are none."""
    table = parse_csv(text, name)
    header = next(table, None)
    if header is None:
        raise Fault(Location(name, 1, 1), "KG011", "the file is empty", "the first line names the columns")
    names = read_header(records, header, needed)
    count = 0
    for fields in table:
        count += 1
        if len(fields) != len(names):
            wrong = fields[len(names)].place if len(fields) > len(names) else fields[0].place
            message = f"{_count(len(fields), 'field')} where the header has {len(names)}"
            records.report(wrong, "KG008", message, _length_hint(fields, len(names)))
        elif any(cell.text.strip() for cell in fields):
            yield row_under(records, names, header, fields)
    if not count:
        records.report(Location(name, 1, 1), "KG011", "0 rows: the file holds a header only", "a row below it")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _length_hint(fields: list[Cell], wanted: int) -> str:
    if any(mark in cell.text for cell in fields for mark in "\u201c\u201d"):
        return 'typographic quotes do not quote; write plain ones: "'
    if len(fields) > wanted:
        return "quote a field that holds a comma"
    return "an empty field still needs its comma"


# Possessive, so that a quote which is never closed costs no more than reading to the end.
_FIELD = re.compile(r'"(?P<quoted>(?:[^"]++|"")*+)"|(?P<bare>[^,\r\n]*)')


def parse_csv(text: str, name: str) -> Iterator[list[Cell]]:
    """Yield the records of a CSV text, blank lines left out, each field with its physical place. Raises Fault."""
    line, start, position, fields = 1, 0, 0, []
    while True:
        place = Location(name, line, position - start + 1)
        match = _FIELD.match(text, position)
        if match is None or (match["quoted"] is None and text.startswith('"', position)):
            hint = 'close it; a quote inside a quoted field is doubled: ""'
            raise Fault(place, "KG007", "a quote is opened here and never closed", hint)
        fields.append(Cell(_field_text(match, place), place, place))
        for newline in NEWLINE.finditer(text, position, match.end()):
            line, start = line + 1, newline.end()
        position = match.end()
        if text.startswith(",", position):
            position += 1
            continue
        end = NEWLINE.match(text, position)
        if end is None and position < len(text):
            place = Location(name, line, position - start + 1)
            raise Fault(place, "KG007", "text after a closing quote", 'a quote inside a quoted field is doubled: ""')
        if fields != [fields[0]] or match.group():
            yield fields
        if end is None or end.end() >= len(text):
            return
        line, start, position, fields = line + 1, end.end(), end.end(), []


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
