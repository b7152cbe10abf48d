"""Read the sheets of a workbook that are named after tables into rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from kg.ingestion.reading.header_rows import duplicates, lack, read_header, row_under
from kg.ingestion.reading.records import NEEDED, Cell, Fault, Records, Row
from kg.ingestion.reading.xlsx import MAX_COLUMN, Sheet, SheetCell, WorkbookError, read_workbook, reference
from kg.model.errors import Location, Problem
from kg.model.ontology import nearest

FILED = ("settings", "ontology")  # in a project these are files, and are read from there


def read_workbook_alone(content: bytes, name: str) -> Records:
    """Return the records of a workbook that holds a whole project, with sheets for settings and own terms."""
    records = Records(Row(Location(name), {}))
    try:
        read_sheets(records, name, content, {"settings": _read_settings, "ontology": _read_ontology})
    except Fault as fault:
        records.problems.append(fault.problem)
    return records


def read_sheets(
    records: Records,
    name: str,
    content: bytes,
    others: Mapping[str, Callable[[Records, str, Sheet], None]] | None = None,
) -> None:
    """Read the sheets that are named after tables, and those in ``others``, which have files in a project."""
    found, at, others = [], "", others or {}
    try:
        for sheet in read_workbook(content):
            at, word = sheet.name, sheet.name.strip().casefold()
            found.append(word)
            if word in NEEDED:
                records.add(word, _sheet_rows(records, name, sheet, NEEDED[word]))
            elif word in others:
                others[word](records, name, sheet)
            elif word not in FILED:
                hint = f"sheets that are read: {', '.join(NEEDED)}"
                records.report(Location(name, cell=at), "KG014", "the sheet is not read", hint, "info")
    except WorkbookError as error:
        place = _sheet_place(name, at, error.cell) if error.cell else Location(name, cell=at)
        raise Fault(place, "KG001", error.message, error.hint) from None
    if NEEDED.keys().isdisjoint(found):
        near = next((near for word in found if (near := nearest(word, NEEDED))), "")
        hint = f"did you mean '{near}'?" if near else "name the sheets so; the first row names the columns"
        raise Fault(Location(name), "KG009", "no sheet 'claims', 'entities' or 'sources'", hint)


def _read_settings(records: Records, name: str, sheet: Sheet) -> None:
    for row in _sheet_rows(records, name, sheet, "base"):
        records.settings = row


def _read_ontology(records: Records, name: str, sheet: Sheet) -> None:
    """Read own terms: a header, then one triple per row, as N-Triples terms."""
    next(sheet.rows, None)
    lines = []
    for row in sheet.rows:
        for cell in row:
            _report_fault(records, _sheet_place(name, sheet.name, cell.reference, cell.row, cell.column), cell)
        lines.append(f"{' '.join(cell.text for cell in row)} .\n")
    records.ontology[name] = "".join(lines)


def _sheet_place(name: str, sheet: str, reference: str, row: int = 0, column: int = 0) -> Location:
    return Location(name, row, column, f"{sheet}!{reference}")


def sheet_place(name: str, sheet: str, cell: SheetCell) -> Location:
    """Return the place of a cell."""
    return _sheet_place(name, sheet, cell.reference, cell.row, cell.column)


def _sheet_rows(records: Records, name: str, sheet: Sheet, needed: str) -> Iterator[Row]:
    """Yield the rows under the first row, the header; then report hidden and merged cells."""

    def place(cell: SheetCell) -> Location:
        return sheet_place(name, sheet.name, cell)

    header = next(sheet.rows, None)
    if header is None:
        raise Fault(Location(name, cell=sheet.name), "KG011", "the sheet is empty", "the first row names the columns")
    tops = [Cell(cell.text, place(cell), place(cell)) for cell in header]
    for cell in header:
        _report_fault(records, place(cell), cell)
    names = dict(zip((c.column for c in header), read_header(records, tops, needed), strict=True))
    columns, twice = dict(zip(names, tops, strict=True)), duplicates([*names.values()])
    count = 0
    for row in sheet.rows:
        count += 1
        faulty = {names.get(cell.column, "") for cell in row if _report_fault(records, place(cell), cell)}
        for cell in row:
            if cell.column not in names:
                hint = "name its column in the first row, or empty the cell"
                records.report(place(cell), "KG008", "a value in a column without a name", hint)
        cells = [cell for cell in row if cell.column in names]
        if cells:
            fields = [Cell(cell.text, place(cell), place(cell)) for cell in cells]
            tops = [columns[c.column] for c in cells]
            made = row_under(records, [names[c.column] for c in cells], tops, fields, twice)
            begin = place(SheetCell(cells[0].row, header[0].column, ""))
            yield replace(made, place=begin, faulty=made.faulty | faulty - {""})
    if not count:
        message = "0 rows: the sheet holds a header only"
        records.report(place(header[0]), "KG011", message, "a row below it", lack(needed))
    _tell_of_sheet(records, name, sheet)


def _report_fault(records: Records, place: Location, cell: SheetCell) -> bool:
    if cell.fault:
        records.report(place, "KG006", *cell.fault)
    return cell.fault is not None


def _tell_of_sheet(records: Records, name: str, sheet: Sheet) -> None:
    """Report merged cells as errors, and hidden ones as warnings."""
    for area in sheet.merged:
        place = _sheet_place(name, sheet.name, area.partition(":")[0])
        records.report(place, "KG005", f"the cells {area} are merged", "a cell is one value of one row; unmerge them")
    records.problems.extend(hidden_problems(name, sheet))


def hidden_problems(name: str, sheet: Sheet) -> Iterator[Problem]:
    """Yield warnings for the hidden parts of a sheet: they are read although they are not visible."""
    hidden = [("the sheet", Location(name, cell=sheet.name))] if sheet.hidden else []
    for first, last in _runs(sheet.hidden_rows):
        words = f"row {first}" if first == last else f"rows {first} to {last}"
        hidden.append((words, _sheet_place(name, sheet.name, f"A{first}", first, 1)))
    for begin, end in sheet.hidden_columns:
        left, right = reference(1, begin), reference(1, min(end, MAX_COLUMN))
        words = f"column {left[:-1]}" if begin == end else f"columns {left[:-1]} to {right[:-1]}"
        hidden.append((words, _sheet_place(name, sheet.name, left, 1, begin)))
    for words, place in hidden:
        verb = "is" if " to " not in words else "are"
        message = f"{words} {verb} hidden, and read all the same"
        yield Problem(place, "warning", "KG014", message, "show what is meant, delete what is not")


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    """Return the runs of consecutive numbers, first and last."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
