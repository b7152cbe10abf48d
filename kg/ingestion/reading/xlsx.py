"""Read an XLSX workbook as a stream of cells: the text that a spreadsheet shows, or why a cell has none.

In: the bytes of a file. Out: ``Sheet`` objects, each with its rows of ``SheetCell``. Memory depends on the cells that
exist, not on the area they span. The zip directory is checked before anything is decompressed, a DOCTYPE is refused,
and no cell is guessed (docs/decisions/0007-xlsx.md).
"""

from __future__ import annotations

import contextlib
import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from kg.ingestion.reading.number_formats import BUILT_IN, WITH_TIME, Styles, number_text

MAX_TOTAL = 50_000_000
MAX_MEMBERS = 1_000
MAX_COLUMN = 16_384
MAX_RATIO = 100
SMALL = 100_000  # bytes; a smaller member has no limit of ratio
MAX_TEXT = 65_536
MAX_STRINGS = 5_000_000
CHUNK = 65_536
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class WorkbookError(Exception):
    """The workbook cannot be read; ``cell`` is the place, or "" if unknown."""

    def __init__(self, message: str, hint: str = "", cell: str = "") -> None:
        """Keep the message, the hint and the cell."""
        super().__init__(message)
        self.message, self.hint, self.cell = message, hint, cell


@dataclass(frozen=True, slots=True)
class SheetCell:
    """A non-empty cell: its place, and its text or its fault (message and hint)."""

    row: int
    column: int
    text: str
    fault: tuple[str, str] | None = None

    @property
    def reference(self) -> str:
        """Return the cell reference, such as ``F7``."""
        return reference(self.row, self.column)


@dataclass
class Sheet:
    """A sheet: its name and its rows; hidden and merged cells are known once the rows are read."""

    name: str
    hidden: bool
    rows: Iterator[list[SheetCell]]
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)


def reference(row: int, column: int) -> str:
    """Return the name of a cell from its row and column, both from 1."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


def column_number(letters: str) -> int:
    """Return the number of a column, A being 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


# ---------------------------------------------------------------- the container


def read_workbook(content: bytes) -> Iterator[Sheet]:
    """Yield the sheets of a workbook in order. Read the rows of a sheet before taking the next one."""
    with _damage_told(content), zipfile.ZipFile(io.BytesIO(content)) as archive:
        _check_directory(archive)
        yield from _sheets(archive)


@contextlib.contextmanager
def _damage_told(content: bytes = b"-") -> Iterator[None]:
    """Turn every error of decompression into a WorkbookError that says the file is damaged."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, KeyError, ValueError) as error:
        said = "no workbook, or a damaged one" if content else "empty"
        raise WorkbookError(f"the file is {said}", "save it as .xlsx from a spreadsheet") from error
    except (OSError, struct.error, MemoryError, OverflowError) as error:
        raise WorkbookError("the file is a damaged workbook", "save it as .xlsx from a spreadsheet") from error


def _check_directory(archive: zipfile.ZipFile) -> None:
    """Refuse members that are too large or outside the archive, before anything is decompressed."""
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise WorkbookError(f"the workbook has more than {MAX_MEMBERS:,} parts", "copy the tables into a new one")
    if sum(member.file_size for member in members) > MAX_TOTAL:
        raise WorkbookError(f"the workbook unpacks to more than {MAX_TOTAL // 1_000_000} MB", "split it")
    for member in members:
        name = member.filename
        if ".." in name.split("/") or name.startswith("/") or "\\" in name:
            raise WorkbookError("the workbook has a part that lies outside of it", "copy the tables into a new one")
        if member.flag_bits & 1:
            raise WorkbookError("the workbook is encrypted", "save it without a password")
        if member.file_size > SMALL and member.file_size > MAX_RATIO * max(member.compress_size, 1):
            message = f"a part of the workbook unpacks to more than {MAX_RATIO} times its size"
            raise WorkbookError(message, "delete empty rows and columns with formats, or write CSV")


Handler = Callable[..., None]


def _parse(archive: zipfile.ZipFile, name: str, begin: Handler, end: Handler, text: Handler) -> Iterator[None]:
    """Feed a part to the handlers in chunks, and yield after each chunk."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = lambda tag, attributes: begin(tag.rpartition(" ")[2], attributes)
    parser.EndElementHandler = lambda tag: end(tag.rpartition(" ")[2])
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        with archive.open(name) as part:
            while chunk := part.read(CHUNK):
                parser.Parse(chunk, False)
                yield
            parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise WorkbookError("a part of the workbook is no XML", "save it again from a spreadsheet") from error


def _refuse_doctype(*_: object) -> None:
    raise WorkbookError("the workbook declares a DOCTYPE", "save it again from a spreadsheet")


def _elements(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the elements of a small part with their attributes, without namespaces; nothing if the part is missing."""
    if name not in archive.namelist():
        return
    found: list[tuple[str, dict[str, str]]] = []
    for _ in _parse(archive, name, lambda tag, attributes: found.append((tag, attributes)), _nothing, _nothing):
        pass
    for tag, attributes in found:
        yield tag, {key.rpartition(" ")[2]: value for key, value in attributes.items()}


def _nothing(*_: object) -> None:
    pass


def _relations(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Return the relations of a part: by id, the type and name of the other part."""
    folder, _, name = part.rpartition("/")
    return {
        attributes.get("Id", ""): (
            attributes.get("Type", "").rpartition("/")[2],
            posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))[1:],
        )
        for tag, attributes in _elements(archive, f"{folder}/_rels/{name}.rels".lstrip("/"))
        if tag == "Relationship" and attributes.get("TargetMode") != "External"
    }


def _sheets(archive: zipfile.ZipFile) -> Iterator[Sheet]:
    whole = dict(_relations(archive, "").values())
    book = whole.get("officeDocument", "xl/workbook.xml")
    if book not in archive.namelist():
        raise WorkbookError("the file is no workbook", "save it as .xlsx from a spreadsheet")
    parts = _relations(archive, book)
    by_kind = dict(parts.values())
    listed = list(_elements(archive, book))
    styles = Styles(_formats(archive, by_kind.get("styles", "")))
    styles.is_1904 = any(tag == "workbookPr" and a.get("date1904") in ("1", "true") for tag, a in listed)
    strings = _strings(archive, by_kind.get("sharedStrings", ""))
    for tag, attributes in listed:
        if tag == "sheet" and parts.get(attributes.get("id", ""), ("", ""))[0] == "worksheet":
            hidden = attributes.get("state", "visible") != "visible"
            yield _sheet(archive, parts[attributes["id"]][1], attributes.get("name", ""), hidden, strings, styles)


def _formats(archive: zipfile.ZipFile, name: str) -> list[str]:
    """Return the number format of each cell style."""
    own: dict[str, str] = {}
    formats: list[str] = []
    inside = False
    for tag, attributes in _elements(archive, name):
        inside = tag == "cellXfs" or (inside and tag in ("xf", "alignment", "protection"))
        if tag == "numFmt":
            own[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif tag == "xf" and inside:
            number = attributes.get("numFmtId", "0")
            formats.append(own.get(number) or BUILT_IN.get(number, ""))
    return formats


def _strings(archive: zipfile.ZipFile, name: str) -> list[str]:
    """Return the shared strings, without phonetic readings."""
    if name not in archive.namelist():
        return []
    strings: list[str] = []
    pieces: list[str] = []
    state = {"text": False, "phonetic": False}

    def begin(tag: str, _: object) -> None:
        state["text"] = tag == "t" and not state["phonetic"]
        state["phonetic"] |= tag == "rPh"

    def end(tag: str) -> None:
        state["text"] = False
        state["phonetic"] &= tag != "rPh"
        if tag == "si":
            strings.append(_unescape("".join(pieces)))
            pieces.clear()
        if len(strings) > MAX_STRINGS:
            raise WorkbookError("too many strings", "split the workbook")

    for _ in _parse(archive, name, begin, end, lambda text: pieces.append(text) if state["text"] else None):
        pass
    return strings


def _unescape(text: str) -> str:
    """Return a string with escapes such as ``_x000D_`` decoded."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


# ---------------------------------------------------------------- a sheet


class _Reader:
    """The XML handlers of a sheet, which collect rows of cells."""

    def __init__(self, sheet: Sheet, strings: list[str], styles: Styles) -> None:
        self.sheet, self.strings, self.styles = sheet, strings, styles
        self.ready: list[list[SheetCell]] = []
        self.row: list[SheetCell] = []
        self.number = self.column = self.last_column = 0
        self.attributes: dict[str, str] = {}
        self.value: list[str] = []
        self.has_value = self.has_formula = self.reading = self.phonetic = False

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element."""
        if tag == "c":
            self._begin_cell(attributes)
        elif tag == "row":
            self._begin_row(attributes)
        elif tag in ("v", "t"):
            self.reading = not self.phonetic
            self.has_value |= self.reading
        elif tag == "f":
            self.has_formula = True
        elif tag == "rPh":
            self.phonetic = True
        elif tag == "col" and attributes.get("hidden") in ("1", "true"):
            self.sheet.hidden_columns.append((int(attributes.get("min", "1")), int(attributes.get("max", "1"))))
        elif tag == "mergeCell":
            self.sheet.merged.append(attributes.get("ref", ""))

    def _begin_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r", "")
        self.number, self.last_column = int(number) if number.isdecimal() and len(number) < 9 else self.number + 1, 0
        self.row = []
        if attributes.get("hidden") in ("1", "true"):
            self.sheet.hidden_rows.append(self.number)

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        match = _REFERENCE.fullmatch(attributes.get("r", ""))
        self.column = column_number(match[1]) if match else self.last_column + 1
        if self.column <= self.last_column or (match and int(match[2]) != self.number):
            raise WorkbookError("the cell stands out of order", "save the file again", attributes.get("r", ""))
        self.last_column, self.attributes, self.value = self.column, attributes, []
        self.has_value = self.has_formula = False

    def end(self, tag: str) -> None:
        """Handle the end of an element."""
        if tag in ("v", "t"):
            self.reading = False
        elif tag == "rPh":
            self.phonetic = False
        elif tag == "c" and (self.has_value or self.has_formula):
            text, fault = self._text()
            if text.strip() or fault:
                self.row.append(SheetCell(self.number, self.column, text, fault))
        elif tag == "row" and self.row:
            self.ready.append(self.row)

    def text(self, text: str) -> None:
        """Handle text."""
        if self.reading:
            self.value.append(text)

    def _text(self) -> tuple[str, tuple[str, str] | None]:
        """Return the text of a cell as a spreadsheet shows it, or its fault."""
        kind, raw = self.attributes.get("t", "n"), "".join(self.value)
        if kind == "e":
            return "", (f"the cell holds the error {raw}", "mend it, or empty the cell")
        if self.has_formula and not (raw or (self.has_value and kind == "str")):
            return "", ("the cell holds a formula without a value", "write the value itself")
        if kind == "s":
            return self._shared(raw)
        if kind in ("inlineStr", "str"):
            return _unescape(raw), None
        if kind == "b":
            return ("TRUE" if raw == "1" else "FALSE"), None
        if kind == "d":
            day = re.fullmatch(r"(\d{4}-\d\d-\d\d)(?:T00:00(?::00(?:\.0+)?)?Z?)?", raw)
            return (day[1], None) if day else ("", WITH_TIME)
        return number_text(raw, self.styles.format(self.attributes.get("s", "")), self.styles.is_1904)

    def _shared(self, raw: str) -> tuple[str, tuple[str, str] | None]:
        if raw.isdecimal() and len(raw) < 9 and int(raw) < len(self.strings):
            return self.strings[int(raw)], None
        return "", ("the cell refers to a text that the workbook does not hold", "save the file again")


def _sheet(archive: zipfile.ZipFile, part: str, name: str, hidden: bool, strings: list[str], styles: Styles) -> Sheet:
    sheet = Sheet(name, hidden, iter(()))
    sheet.rows = _rows(archive, part, _Reader(sheet, strings, styles))
    return sheet


def _rows(archive: zipfile.ZipFile, part: str, reader: _Reader) -> Iterator[list[SheetCell]]:
    """Yield the non-empty rows of a sheet as they are read."""
    last = 0
    pieces = _parse(archive, part, reader.begin, reader.end, reader.text)
    while True:
        with _damage_told():
            if next(pieces, True):
                return
        for row in reader.ready:
            if row[0].row <= last:
                raise WorkbookError("the row stands out of order", "save the file again", row[0].reference)
            last = row[0].row
            yield row
        reader.ready.clear()
