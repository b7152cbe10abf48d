"""What is fuzzed: a function per reader that takes any bytes and raises nothing but the errors that it promises."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping

from kg.ingestion.checking.values import Scope
from kg.ingestion.mapping_files import read_mapping
from kg.ingestion.mapping_texts import TextCheck
from kg.ingestion.reading import Fault, Records, Row, compose, parse_csv
from kg.ingestion.reading.json_lines import jsonl_rows
from kg.ingestion.reading.records import INVISIBLE
from kg.ingestion.reading.xlsx import WorkbookError, read_workbook
from kg.model.dates import advise, read_interval
from kg.model.errors import KgError, Location
from kg.model.ontology import read_ontology
from kg.model.quantities import QuantityError, read_quantity
from kg.sparql.guard import check_query


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def yaml(content: bytes) -> None:
    """Read YAML, without the characters that are refused before: a tree, or a fault at a place."""
    try:
        compose(INVISIBLE.sub("", _text(content)), "x.yaml")
    except Fault as fault:
        assert fault.problem.location.line >= 1


def csv(content: bytes) -> None:
    """Read CSV: records, or a fault at a place; joined again they are the text that was read."""
    text = _text(content)
    try:
        records = list(parse_csv(text, "x.csv"))
    except Fault as fault:
        assert fault.problem.location.line >= 1
        return
    assert sum(len(cell.text) for record in records for cell in record) <= len(text)


def json_lines(content: bytes) -> None:
    """Read JSON Lines: rows, and problems at places."""
    records = Records(Row(Location("kg.yaml"), {}))
    try:
        list(jsonl_rows(records, "x.jsonl", _text(content)))
    except Fault as fault:
        records.problems.append(fault.problem)
    assert all(problem.location.line >= 1 for problem in records.problems)


def mapping(content: bytes) -> None:
    """Read a mapping of a table and hold it against columns: problems at places, or a fault at one."""
    scope = Scope(read_ontology({}, []))
    try:
        read = read_mapping(scope, "tables/x.yaml", INVISIBLE.sub("", _text(content)))
        TextCheck(scope, read, ["maker", "model year", "厂商", "row"], {"a"}).run()
    except Fault as fault:
        scope.problems.append(fault.problem)
    assert all(problem.location.line >= 1 for problem in scope.problems)


PARTS = ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels")
SOUND = (
    b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats'
    b'.org/officeDocument/2006/relationships"><sheets><sheet name="claims" sheetId="1" r:id="rId1"/></sheets></workbook>',
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="s">'
    b"<v>0</v></c></row></sheetData></worksheet>",
    b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>source</t></si></sst>',
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="'
    b'http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
    b"</Relationships>",
)


def xlsx(content: bytes) -> None:
    """Read a workbook of which one part is anything: cells, or an error that says why not."""
    book = io.BytesIO()
    broken = content[0] % len(PARTS) if content else 0
    with zipfile.ZipFile(book, "w") as file:
        for number, (name, sound) in enumerate(zip(PARTS, SOUND, strict=True)):
            file.writestr(name, content[1:] if number == broken else sound)
    try:
        for sheet in read_workbook(book.getvalue()):
            list(sheet.rows)
    except WorkbookError:
        pass


def guard(content: bytes) -> None:
    """Look at a query: it passes, or is refused with a reason."""
    try:
        check_query(_text(content))
    except KgError as error:
        assert str(error)


def values(content: bytes) -> None:
    """Read dates and quantities: a value, or a reason that a person can act on."""
    text = _text(content)
    for read in (read_interval, read_quantity):
        try:
            read(text)
        except (ValueError, QuantityError) as error:
            assert str(error)
    advise(text)


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    target.__name__: target for target in (yaml, csv, json_lines, mapping, xlsx, guard, values)
}
