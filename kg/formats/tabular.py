"""Write the three tables of a project as CSV, JSON Lines or a workbook, from which the same project can be read.

Input: ``world_rows.Tables``. Output: the files of a folder (CSV, JSON Lines), or the bytes of one workbook. The same
rows give the same bytes. In CSV and XLSX, text that a spreadsheet would read as a formula gets a leading ``'``; reading
removes exactly one.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator

from kg.files.cells import defuse
from kg.formats.yaml_form import settings_file
from kg.ingestion.reading.xlsx import reference
from kg.ingestion.world_rows import Row, Tables
from kg.model.iris import PREFIXES
from kg.model.ontology import Triple
from kg.rdf.triples import ontology_quads, turtle

TABLES = ("claims", "entities", "sources")
OWN = "ontology/own.ttl"
_QUOTED = re.compile(r'[",\r\n]|\A\s|\s\Z')


def csv_tables(tables: Tables) -> dict[str, str]:
    """Return the files of a project folder: ``claims.csv``, ``entities.csv``, ``sources.csv``, ``kg.yaml``."""
    texts = {f"{table}.csv": _csv(_grid(tables, table)) for table in _filled(tables)}
    return {**texts, **_frame(tables)}


def jsonl_tables(tables: Tables) -> dict[str, str]:
    """Return the files of a project folder: ``claims.jsonl`` and so on, one JSON object per line, and ``kg.yaml``."""
    texts = {
        f"{table}.jsonl": "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in _rows(tables, table))
        for table in _filled(tables)
    }
    return {**texts, **_frame(tables)}


def _frame(tables: Tables) -> dict[str, str]:
    """Return the files beside the tables: settings, and own terms if there are any."""
    own = {OWN: ontology_file(tables.ontology)} if tables.ontology else {}
    return {"kg.yaml": settings_file(tables.settings), **own}


def ontology_file(triples: Iterable[Triple]) -> str:
    """Return a project's own terms as Turtle."""
    return turtle(ontology_quads(triples), PREFIXES)


def xlsx_workbook(tables: Tables) -> bytes:
    """Return a workbook with the sheets ``claims``, ``entities``, ``sources`` and ``settings``; every cell is text.

    Own terms are in a sheet ``ontology``, one triple per row.
    """
    sheets = {table: _grid(tables, table) for table in _filled(tables)}
    sheets["settings"] = [list(tables.settings), [defuse(text) for text in tables.settings.values()]]
    if tables.ontology:
        sheets["ontology"] = [["subject", "predicate", "object"], *map(list, tables.ontology)]
    strings: dict[str, int] = {}  # index by text, so that repeated texts are stored once
    parts = {
        "[Content_Types].xml": _content_types(len(sheets)),
        "_rels/.rels": _relations({"rId1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": _book(sheets),
        "xl/_rels/workbook.xml.rels": _relations(_book_relations(len(sheets))),
        "xl/styles.xml": _STYLES,
        **{f"xl/worksheets/sheet{number}.xml": _sheet(grid, strings) for number, grid in enumerate(sheets.values(), 1)},
    }
    parts["xl/sharedStrings.xml"] = _strings(strings)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            part = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            part.compress_type, part.create_system, part.external_attr = zipfile.ZIP_DEFLATED, 3, 0o600 << 16
            archive.writestr(part, text.encode())
    return content.getvalue()


# ---------------------------------------------------------------- tables


def _rows(tables: Tables, table: str) -> list[Row]:
    rows: list[Row] = getattr(tables, table)
    return rows


def _filled(tables: Tables) -> list[str]:
    return [table for table in TABLES if _rows(tables, table)]


def _grid(tables: Tables, table: str) -> Iterable[list[str]]:
    """Return a table with its header. A missing key is an empty cell."""
    columns = tables.columns(table)
    return [columns, *([defuse(row.get(column, "")) for column in columns] for row in _rows(tables, table))]


def _csv(grid: Iterable[list[str]]) -> str:
    return "".join(f"{','.join(map(_csv_field, cells))}\n" for cells in grid)


def _csv_field(text: str) -> str:
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if _QUOTED.search(text) else text


# ---------------------------------------------------------------- the parts of a workbook

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# Every cell is formatted as text, so that a value typed in later is not read as a date or a number.
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill>'
    '<patternFill patternType="gray125"/></fill></fills><borders count="1">'
    "<border><left/><right/><top/><bottom/><diagonal/></border></borders>"
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "_x000D_"}
_MARKED = re.compile(r"[&<>\r]|_(?=x[0-9A-Fa-f]{4}_)")


def _content_types(sheets: int) -> str:
    overrides = {"xl/workbook.xml": "sheet.main", "xl/styles.xml": "styles", "xl/sharedStrings.xml": "sharedStrings"}
    overrides |= {f"xl/worksheets/sheet{number}.xml": "worksheet" for number in range(1, sheets + 1)}
    parts = "".join(
        f'<Override PartName="/{name}" ContentType="{_TYPE}.{kind}+xml"/>' for name, kind in overrides.items()
    )
    relations = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    xml = '<Default Extension="xml" ContentType="application/xml"/>'
    return f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">{relations}{xml}{parts}</Types>'


def _book_relations(sheets: int) -> dict[str, tuple[str, str]]:
    parts = {f"rId{number}": ("worksheet", f"worksheets/sheet{number}.xml") for number in range(1, sheets + 1)}
    others = {f"rId{sheets + 1}": ("styles", "styles.xml"), f"rId{sheets + 2}": ("sharedStrings", "sharedStrings.xml")}
    return {**parts, **others}


def _relations(relations: dict[str, tuple[str, str]]) -> str:
    parts = "".join(
        f'<Relationship Id="{id}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for id, (kind, target) in relations.items()
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{parts}</Relationships>'


def _book(sheets: Iterable[str]) -> str:
    parts = "".join(
        f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>' for number, name in enumerate(sheets, 1)
    )
    return f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{parts}</sheets></workbook>'


def _sheet(grid: Iterable[list[str]], strings: dict[str, int]) -> str:
    """Return a sheet with a frozen first row and columns formatted as text."""
    rows = list(grid)
    width = max(len(rows[0]), 1)
    view = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">{view}</sheetView></sheetViews>'
        f'<cols><col min="1" max="{width}" width="18" style="1" customWidth="1"/></cols>'
        f"<sheetData>{''.join(_sheet_rows(rows, strings))}</sheetData></worksheet>"
    )


def _sheet_rows(rows: list[list[str]], strings: dict[str, int]) -> Iterator[str]:
    for number, cells in enumerate(rows, 1):
        inner = "".join(
            f'<c r="{reference(number, column)}" s="1" t="s"><v>{strings.setdefault(text, len(strings))}</v></c>'
            for column, text in enumerate(cells, 1)
            if text
        )
        yield f'<row r="{number}">{inner}</row>'


def _strings(strings: Iterable[str]) -> str:
    texts = "".join(f'<si><t xml:space="preserve">{_xml(text)}</t></si>' for text in strings)
    return f'{_HEAD}<sst xmlns="{_MAIN}">{texts}</sst>'


def _xml(text: str) -> str:
    """Return a text escaped for a workbook: what XML would change, and what looks like an escape."""
    return _MARKED.sub(lambda match: _MARKUP.get(match[0], "_x005F_"), text)
