"""Read the header and the rows of CSV files and workbooks."""

from __future__ import annotations

import unicodedata

from kg.files.cells import plain_cell
from kg.ingestion.reading.records import NEEDED, Cell, Fault, Records, Row, make_cell, sound_text
from kg.model.errors import Severity
from kg.model.ontology import nearest

_SEPARATORS = {";": "a semicolon", "\t": "a tab", "|": "a bar"}


def read_header(records: Records, header: list[Cell], needed: str) -> list[str]:
    """Return the names of the columns. Raises Fault if the required column is missing."""
    names = [unicodedata.normalize("NFC", cell.text.strip()) for cell in header]
    if needed not in names:
        first, near = header[0].text, nearest(needed, names)
        separator = next((words for mark, words in _SEPARATORS.items() if mark in first), "")
        hint = "the first line names the columns"
        if first.lower().startswith("sep="):
            hint = "delete the line 'sep='; the first line names the columns"
        elif separator:
            hint = f"the separator is {separator}; it must be a comma"
        elif near:
            hint = f"did you mean '{needed}' by '{near}'?"
        raise Fault(header[0].place, "KG009", f"no column '{needed}' in the header", hint)
    for index, name in enumerate(names):
        if name in names[:index]:
            records.report(header[index].place, "KG009", f"the column '{name}' stands twice", "two values are two rows")
        if not name:
            records.report(header[index].place, "KG009", "a column without a name", "name it, or delete the column")
    return names


def lack(needed: str) -> Severity:
    """Return the severity of a table without rows: a warning for claims, because other files may hold some."""
    return "warning" if needed == NEEDED["claims"] else "error"


def duplicates(names: list[str]) -> frozenset[str]:
    """Return the names that several columns have."""
    return frozenset(name for name in names if names.count(name) > 1)


def row_under(
    records: Records, names: list[str], header: list[Cell], fields: list[Cell], twice: frozenset[str] = frozenset()
) -> Row:
    """Return a record as a row. The first of duplicate columns counts, which are given as ``twice``."""
    cells: dict[str, Cell] = {}
    faulty = set(twice)
    for name, top, field_ in zip(names, header, fields, strict=True):
        text = field_.text
        if not text or not name or name in cells or text.isspace():
            continue
        if text.lstrip()[0] != "'" and (sound := sound_text(text)):
            cells[name] = field_.under(top, sound)
        elif cell := make_cell(records, plain_cell(text.strip()), field_.place, top.place):
            cells[name] = cell
        else:
            faulty.add(name)
    return Row(fields[0].place, cells, frozenset(faulty))
