"""Workbooks as input: every mistake at its cell, nothing guessed, no bomb."""

import io
import json
import re
import shutil
import subprocess
import tempfile
import time
import tracemalloc
import zipfile
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kg
from arbitrary import law
from kg.files.cells import defuse
from kg.formats.tabular import xlsx_workbook
from kg.graph.loading import check_files
from kg.ingestion.reading import Row, read_records
from kg.ingestion.reading.number_formats import number_text
from kg.ingestion.reading.xlsx import MAX_MEMBERS, WorkbookError, read_workbook, reference
from kg.ingestion.world_rows import world_tables
from kg.model.errors import Location, Problem
from projects import EXAMPLE, SHARED
from test_bad_input import BAD, MISTAKES, project, refuse_to_build

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
ABSENT = "not here: shared/badinputs, a folder beside the repository"


def text_cell(place: str, text: str) -> str:
    """Return a cell that holds text."""
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def sheet_data(grid: Iterable[Iterable[str]]) -> str:
    """Return the rows of a sheet of texts; empty texts are no cells."""
    rows = []
    for number, cells in enumerate(grid, 1):
        inner = "".join(text_cell(reference(number, c), text) for c, text in enumerate(cells, 1) if text)
        rows.append(f'<row r="{number}">{inner}</row>')
    return f"<sheetData>{''.join(rows)}</sheetData>"


def book(sheets: dict[str, str], *, styles: str = "", strings: str = "", states: dict[str, str] | None = None, more: dict[str, bytes] | None = None, settings: str = "") -> bytes:  # fmt: skip
    """Return a workbook of sheets by name, each given as what stands in its XML."""
    kinds = {f"rId{n}": ("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)}
    kinds |= {"s": ("styles", "styles.xml"), "t": ("sharedStrings", "sharedStrings.xml")}
    relations = "".join(f'<Relationship Id="{i}" Type="{OFFICE}/{k}" Target="{t}"/>' for i, (k, t) in kinds.items())
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}" state="{(states or {}).get(name, "visible")}"/>'
        for n, name in enumerate(sheets, 1)
    )
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{settings}<sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{relations}</Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
        **{
            f"xl/worksheets/sheet{n}.xml": xml
            if xml.startswith("<?xml")
            else f'<worksheet xmlns="{MAIN}">{xml}</worksheet>'
            for n, xml in enumerate(sheets.values(), 1)
        },
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {**parts, **(more or {})}.items():
            archive.writestr(name, text)
    return content.getvalue()


def check_book(folder: Path, content: bytes, name: str = "book.xlsx") -> list[str]:
    """Return what a check says of a sound project with a workbook beside its files."""
    project(folder)
    (folder / name).write_bytes(content)
    began = time.process_time()
    problems = kg.check(folder)
    assert time.process_time() - began < 2
    return [str(problem) for problem in problems if problem.location.file == name]


# ---------------------------------------------------------------- the seeded mistakes again, as workbooks

TABLES = ("claims", "entities", "sources")
READING = {"KG001", "KG002", "KG003", "KG004", "KG005", "KG006", "KG007", "KG008", "KG009", "KG010", "KG011", "KG012", "KG013", "KG014"}  # fmt: skip


def columns_of(rows: list[Row], first: str) -> list[str]:
    """Return the columns of a table: the one that names it first, then by first appearance."""
    return list(dict.fromkeys([first, *(key for row in rows for key in row.cells)]))


def as_workbook(folder: Path) -> tuple[bytes, dict[Location, str]] | None:
    """Return the rows of a project as a workbook, and the cell for each place; nothing where they cannot be read."""
    records = read_records(folder)
    if records.defaults or records.unread or any(problem.code in READING for problem in records.problems):
        return None
    sheets: dict[str, str] = {}
    cells: dict[Location, str] = {}
    for table in TABLES:
        rows: list[Row] = getattr(records, table)
        columns = columns_of(rows, "source" if table == "claims" else "id")
        if table == "claims" and any("source" not in row.cells for row in rows):
            return None
        grid = [columns]
        for number, row in enumerate(rows, 2):
            grid.append([defuse(row.text(column)) for column in columns])
            cells[row.place] = f"{table}!{reference(number, 1)}"
            for key, cell in row.cells.items():
                column = columns.index(key) + 1
                cells.setdefault(cell.key_place, f"{table}!{reference(1, column)}")
                cells[cell.place] = f"{table}!{reference(number, column)}"
        sheets[table] = sheet_data(grid)
    return book(sheets), cells


def project_of_workbook(folder: Path, source: Path) -> tuple[list[Problem], list[Problem], dict[Location, str]] | None:
    """Return the problems of a project, those of the same rows in a workbook, and the cell for each place."""
    made = as_workbook(source)
    if made is None:
        return None
    folder.mkdir()
    shutil.copy(source / "kg.yaml", folder)
    if (source / "ontology").exists():
        shutil.copytree(source / "ontology", folder / "ontology")
    (folder / "book.xlsx").write_bytes(made[0])
    return check_files(source), check_files(folder), made[1]


OF_YAML = {"claim-file-key-misspelt"}  # the key is one of the file, and no row has it


def in_rows() -> list[str]:
    """Return the mistakes that rows can hold: the others are of YAML, of CSV or of a whole file."""
    with tempfile.TemporaryDirectory() as folder:
        made = {mistake: as_workbook(project(Path(folder) / mistake, mistake)) for mistake in MISTAKES}
    return [mistake for mistake in MISTAKES if made[mistake] is not None and mistake not in OF_YAML]


@pytest.mark.parametrize("mistake", in_rows())
def test_a_mistake_in_a_workbook_is_told_at_its_cell(mistake: str, tmp_path: Path) -> None:
    """The same code, severity and words as in YAML or CSV, at the exact cell; nothing is written."""
    source = project(tmp_path / "text", mistake)
    made = project_of_workbook(tmp_path / "book", source)
    assert made is not None
    there, here, cells = made

    def told(problem: Problem, place: str) -> tuple[str, str, str, str]:
        return (
            place,
            problem.severity,
            problem.code,
            re.sub(r"\(first at [^)]*\)|at \S+:\d+:\d+|at \S+!\w+", "", problem.message),
        )

    wanted = {told(p, f"book.xlsx:{cells[p.location]}" if p.location in cells else str(p.location)) for p in there}
    found = {told(p, str(p.location)) for p in here}
    assert found == wanted
    if any(problem.severity == "error" for problem in here):
        refuse_to_build(tmp_path / "book")


def test_many_mistakes_are_converted(tmp_path: Path) -> None:
    """More than the twenty that were asked for, those of CSV among them."""
    converted = [m for m in MISTAKES if as_workbook(project(tmp_path / m, m))]
    assert len(converted) >= 60
    of_csv = [m for m in converted if any((BAD / m).rglob("*.csv"))]
    assert {"csv-wrong-cell", "csv-source-not-known"} <= set(of_csv)


# ---------------------------------------------------------------- the shared corpus

CORPUS = {
    "001_not_zip": ("", "KG001", "no workbook"),
    "002_empty": ("", "KG001", "is empty"),
    "004_dimension_bomb": ("entities!A1", "KG009", "no column 'id'"),
    "005_xxe": ("entities", "KG001", "DOCTYPE"),
    "007_formula_no_value": ("entities!C2", "KG006", "formula without a value"),
    "008_error_cell": ("entities!C2", "KG006", "#N/A"),
    "010_hidden_row": ("entities!A2", "KG014", "row 2 is hidden"),
    "012_bad_member_path": ("", "KG001", "outside of it"),
}


def shared(name: str) -> bytes:
    """Return a workbook of the corpus."""
    file = SHARED / "badinputs" / "xlsx" / f"{name}.xlsx"
    if not file.is_file():
        pytest.skip(ABSENT)
    return file.read_bytes()


@pytest.mark.parametrize("name", CORPUS)
def test_the_corpus_is_told(name: str, tmp_path: Path) -> None:
    """What the index wants refused is refused at the cell that it names, nothing written."""
    place, code, words = CORPUS[name]
    lines = check_book(tmp_path, shared(name))
    where = f"book.xlsx:{place}" if place else "book.xlsx"
    assert any(re.fullmatch(rf"{re.escape(where)}: \w+ {code}: .*{re.escape(words)}.*", line) for line in lines), lines
    if not name.startswith("010"):
        refuse_to_build(tmp_path)


def test_every_workbook_of_the_corpus_is_tested() -> None:
    """None is left out; two are accepted, their columns being of another format than ours."""
    index = SHARED / "badinputs" / "index.yaml"
    if not index.is_file():
        pytest.skip(ABSENT)
    listed = [json.loads(line.removeprefix("- ")) for line in index.read_text("utf-8").splitlines() if "xlsx/" in line]
    names = {
        entry["file"].removeprefix("xlsx/").removesuffix(".xlsx")
        for entry in listed
        if entry.get("file", "").startswith("xlsx/")
    }
    assert names == CORPUS.keys() | {"000_good", "011_formula_text"}


@pytest.mark.parametrize(("name", "text"), [("000_good", "BYD"), ("011_formula_text", "=1+1")])
def test_sound_workbooks_are_read(name: str, text: str) -> None:
    """What is right is read to the letter."""
    (sheet,) = [
        (sheet.name, [[cell.text for cell in row] for row in sheet.rows]) for sheet in read_workbook(shared(name))
    ]
    assert sheet == ("entities", [["id", "type", "name", "country", "source"], ["byd", "firm", text, "CN", "s1"]])


def test_a_formula_text_is_kept(tmp_path: Path) -> None:
    """Text that looks like a formula is a name like any other."""
    project(tmp_path)
    (tmp_path / "book.xlsx").write_bytes(book({"entities": sheet_data([["id", "type", "en"], ["x", "firm", "=1+1"]])}))
    assert kg.load(tmp_path).world.entities["x"].names["en"] == "=1+1"


# ---------------------------------------------------------------- bombs and traps


def test_two_corners_take_no_time_and_no_room(tmp_path: Path) -> None:
    """Two cells at opposite corners, below a sound header: told at the cell, in little time and memory."""
    cells = '<row r="2"><c r="A2"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    data = sheet_data([["id", "type", "en"]]).replace("</sheetData>", f"{cells}</sheetData>")
    tracemalloc.start()
    lines = check_book(tmp_path, book({"entities": f'<dimension ref="A1:XFD1048576"/>{data}'}))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert any(line.startswith("book.xlsx:entities!XFD1048576: error KG008") for line in lines), lines
    assert peak < 20_000_000


def padded(name: str, size: int) -> dict[str, bytes]:
    """Return a part of many equal bytes."""
    return {name: b" " * size}


GOOD = sheet_data([["id", "type", "en"], ["x", "firm", "X"]])
TRAPS = {
    "unpacks to a thousand times its size": (book({"entities": GOOD}, more=padded("xl/media/a", 5_000_000)), "100 times"),
    "unpacks to too much": (book({"entities": GOOD}, more={f"p{n}": bytes(range(256)) * 25_000 for n in range(9)}), "50 MB"),
    "has too many parts": (book({"entities": GOOD}, more={f"p{n}": b"" for n in range(MAX_MEMBERS)}), "parts"),
    "climbs out": (book({"entities": GOOD}, more={"../x": b""}), "outside"),
    "is absolute": (book({"entities": GOOD}, more={"/etc/x": b""}), "outside"),
    "is cut short": (book({"entities": GOOD})[:-40], "damaged"),
    "has billions of laughs": (book({"entities": '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}), "DOCTYPE"),
    "has an unknown entity": (book({"entities": "<sheetData><row><c><v>&a;</v></c></row></sheetData>"}), "no XML"),
    "is broken": (book({"entities": "<sheetData><row>"}), "no XML"),
    "has cells out of order": (
        book({"entities": '<sheetData><row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row></sheetData>'}),
        "out of order",
    ),
    "has rows out of order": (
        book({"entities": GOOD.replace("</sheetData>", '<row r="2"><c t="str"><v>y</v></c></row></sheetData>')}),
        "out of order",
    ),
    "is another zip": (b"PK\x05\x06" + bytes(18), "no workbook"),
}  # fmt: skip


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_is_refused(trap: str, tmp_path: Path) -> None:
    """A workbook that is a trap is refused whole, in no time, and nothing is written."""
    content, words = TRAPS[trap]
    (line,) = check_book(tmp_path, content)
    assert line.startswith("book.xlsx")
    assert ": error KG001: " in line
    assert words in line
    refuse_to_build(tmp_path)


@law
@given(st.binary(max_size=300), st.integers(0, 10_000))
def test_damage_is_told_and_nothing_else(noise: bytes, at: int) -> None:
    """A damaged workbook is read or refused; no other error comes out."""
    content = bytearray(xlsx_workbook(world_tables_of_example()))
    begin = at % len(content)
    content[begin : begin + len(noise)] = noise
    try:
        for sheet in read_workbook(bytes(content)):
            list(sheet.rows)
    except WorkbookError as error:
        assert error.message


_EXAMPLE: list[object] = []


def world_tables_of_example() -> object:
    """Return the rows of the example, read once."""
    if not _EXAMPLE:
        _EXAMPLE.append(world_tables(kg.load(EXAMPLE).world))
    return _EXAMPLE[0]


# ---------------------------------------------------------------- cells

NUMBERS = {
    ("7", ""): "7",
    ("7.0", ""): "7",
    ("0.1", ""): "0.1",
    ("0.30000000000000004", ""): "0.3",
    ("4.9900000000000002", ""): "4.99",
    ("1E+6", ""): "1000000",
    ("1.5E-3", ""): "0.0015",
    ("-0", ""): "0",
    ("3565", "#,##0"): "3565",
    ("3565", '#,##0 "cars"'): "3565",
    ("7", "000"): "007",
    ("0.0499", "0.00%"): "4.99%",
    ("0.5", "0%"): "50%",
    ("12345678901234567890", ""): "12345678901234600000",
    ("44438", "yyyy-mm-dd"): "2021-08-30",
    ("44438", "d/m/yyyy;@"): "2021-08-30",
    ("44438", '[$-409]d\\ mmmm\\ yyyy'): "2021-08-30",
    ("44409", "mmm-yy"): "2021-08",
    ("44197", "yyyy"): "2021",
    ("45296", ""): "45296",
}  # fmt: skip
NO_TEXT = {
    ("44438.5", "yyyy-mm-dd h:mm"): "time of day",
    ("44438.5", "yyyy-mm-dd"): "time of day",
    ("44438", "d-mmm"): "half a date",
    ("0.5", "h:mm"): "time of day",
    ("12", "yyyy-mm-dd"): "count wrongly",
    ("99999999", "yyyy-mm-dd"): "count wrongly",
    ("x", ""): "no number",
    ("", ""): "no number",
    ("NaN", ""): "no number",
    ("1E+400", ""): "no number",
}


@pytest.mark.parametrize(("raw", "pattern"), NUMBERS)
def test_a_number_is_what_a_person_sees(raw: str, pattern: str) -> None:
    """7 is 7 and not 7.0, a percentage has its sign, a date is a date as far as it is shown."""
    assert number_text(raw, pattern) == (NUMBERS[raw, pattern], None)


@pytest.mark.parametrize(("raw", "pattern"), NO_TEXT)
def test_what_is_no_plain_number_is_refused(raw: str, pattern: str) -> None:
    """Half a date, a time of day or nonsense is never guessed at."""
    text, fault = number_text(raw, pattern)
    assert text == ""
    assert fault
    assert NO_TEXT[raw, pattern] in fault[0]


def test_days_counted_from_1904() -> None:
    """Old workbooks of the Macintosh count from another day."""
    assert number_text("42976", "yyyy-mm-dd", is_1904=True) == ("2021-08-30", None)


STYLES = (
    '<numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm"/></numFmts><cellStyleXfs><xf numFmtId="9"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="10"><alignment/></xf><xf numFmtId="22"/></cellXfs>'
)
STRINGS = "<si><t>shared</t></si><si><r><t>rich </t></r><r><t>text</t></r><rPh><t>phonetic</t></rPh></si><si><t>a_x0041_b</t></si>"
KINDS = {
    '<c r="{}" t="s"><v>0</v></c>': "shared",
    '<c r="{}" t="s"><v>1</v></c>': "rich text",
    '<c r="{}" t="s"><v>2</v></c>': "aAb",
    '<c r="{}" t="str"><f>A1</f><v>kept</v></c>': "kept",
    '<c r="{}" t="str"><f>A1</f><v></v></c>': "",
    '<c r="{}"><f>1+1</f><v>2</v></c>': "2",
    '<c r="{}" t="b"><v>1</v></c>': "TRUE",
    '<c r="{}" t="d"><v>2021-08-30</v></c>': "2021-08-30",
    '<c r="{}" s="1"><v>44438</v></c>': "2021-08-30",
    '<c r="{}" s="2"><v>44409</v></c>': "2021-08",
    '<c r="{}" s="3"><v>0.0499</v></c>': "4.99%",
    '<c r="{}" s="1"/>': "",
    '<c r="{}" t="inlineStr"><is><r><t>in </t></r><r><t>line</t></r></is></c>': "in line",
    "<c><v>7</v></c>": "7",
}


@pytest.mark.parametrize("cell", KINDS)
def test_every_kind_of_cell(cell: str) -> None:
    """Shared, rich, inline and computed texts, numbers and dates are read as they show."""
    xml = f'<sheetData><row r="1">{cell.format("A1")}</row></sheetData>'
    sheets = read_workbook(book({"claims": xml}, styles=STYLES, strings=STRINGS))
    assert [[(c.text, c.fault) for c in row] for sheet in sheets for row in sheet.rows] == (
        [[(KINDS[cell], None)]] if KINDS[cell] else []
    )


FAULTY = {
    '<c r="C2" t="e"><v>#REF!</v></c>': "the error #REF!",
    '<c r="C2"><f>1+1</f></c>': "formula without a value",
    '<c r="C2"><f>1+1</f><v/></c>': "formula without a value",
    '<c r="C2" s="4"><v>44438.5</v></c>': "time of day",
    '<c r="C2" t="d"><v>2021-08-30T12:00:00</v></c>': "time of day",
    '<c r="C2" t="s"><v>99</v></c>': "does not hold",
    '<c r="C2" t="s"><v>²</v></c>': "does not hold",
}


@pytest.mark.parametrize("cell", FAULTY)
def test_a_cell_without_text_is_told(cell: str, tmp_path: Path) -> None:
    """One message at the cell, and not another that the key is missing."""
    data = GOOD.replace(text_cell("C2", "X"), cell)
    (line,) = check_book(tmp_path, book({"entities": data}, styles=STYLES))
    assert line.startswith("book.xlsx:entities!C2: error KG006: ")
    assert FAULTY[cell] in line


def test_merged_cells_are_refused(tmp_path: Path) -> None:
    """A merged cell has one value for many rows."""
    (line,) = check_book(tmp_path, book({"entities": f'{GOOD}<mergeCells><mergeCell ref="B2:B4"/></mergeCells>'}))
    assert line.startswith("book.xlsx:entities!B2: error KG005: the cells B2:B4 are merged")


def test_what_is_hidden_is_told(tmp_path: Path) -> None:
    """Hidden rows, columns and sheets are read, and a warning names them; other sheets are not, and are named too."""
    rows = GOOD.replace("</sheetData>", "".join(f'<row r="{n}" hidden="1">{text_cell(f"A{n}", f"x{n}")}{text_cell(f"B{n}", "firm")}{text_cell(f"C{n}", f"N{n}")}</row>' for n in (3, 4, 6)) + "</sheetData>")  # fmt: skip
    columns = '<cols><col min="2" max="3" hidden="1"/></cols>'
    content = book({"entities": columns + rows, "Sheet2": GOOD}, states={"entities": "hidden"})
    lines = check_book(tmp_path, content)
    assert [line.partition(";")[0] for line in lines] == [
        "book.xlsx:Sheet2: info KG014: the sheet is not read",
        "book.xlsx:entities: warning KG014: the sheet is hidden, and read all the same",
        "book.xlsx:entities!B1: warning KG014: columns B to C are hidden, and read all the same",
        "book.xlsx:entities!A3: warning KG014: rows 3 to 4 are hidden, and read all the same",
        "book.xlsx:entities!A6: warning KG014: row 6 is hidden, and read all the same",
    ]
    assert {"x3", "x4", "x6"} <= kg.load(tmp_path).world.entities.keys()


SHEETS = {
    "no sheet of ours": ({"Sheet1": GOOD}, "book.xlsx: error KG009: no sheet 'claims', 'entities' or 'sources'"),
    "a sheet misspelt": ({"entites": GOOD}, "did you mean 'entities'?"),
    "an empty sheet": ({"entities": "<sheetData/>"}, "book.xlsx:entities: error KG011: the sheet is empty"),
    "a header alone": ({"entities": sheet_data([["id", "type"]])}, "book.xlsx:entities!A1: error KG011: 0 rows"),
    "no column of ours": ({"entities": sheet_data([["ident", "type"], ["x", "firm"]])}, "entities!A1: error KG009"),
    "a column twice": ({"entities": sheet_data([["id", "type", "en", "en"], ["x", "firm", "X", "Y"]])}, "entities!D1: error KG009: the column 'en' stands twice"),
    "a value beside the table": ({"entities": sheet_data([["id", "type", "en"], ["x", "firm", "X", "y"]])}, "entities!D2: error KG008"),
    "nobody named": ({"entities": sheet_data([["id", "type", "en"], ["", "firm", "X"]])}, "entities!A2: error KG108: 'id' is missing"),
    "no source": ({"claims": sheet_data([["source", "agent", "role", "target"], ["", "aurora", "sales-lead", "a5"]])}, "claims!A2: error KG108: 'source' is missing"),
    "a control character": ({"entities": sheet_data([["id", "type", "en"], ["x", "firm", "a_x0007_b"]])}, "entities!C2: error KG010"),
}  # fmt: skip


@pytest.mark.parametrize("case", SHEETS)
def test_a_sheet_is_held_to_the_rules_of_tables(case: str, tmp_path: Path) -> None:
    """What is wrong with a table as a whole is told as for CSV, by cell."""
    sheets, words = SHEETS[case]
    lines = check_book(tmp_path, book(sheets))
    assert any(words in line for line in lines), lines


def test_claims_in_a_workbook_beside_yaml(tmp_path: Path) -> None:
    """A workbook in the folder of claims adds to the files there; its name ends in any case."""
    rows = [["source", "agent", "role", "target", "at"], ["base-1", "aurora", "sales-lead", "a5", "par9"]]
    project(tmp_path)
    before = len(kg.load(tmp_path).world.claims)
    (tmp_path / "claims" / "more.XLSX").write_bytes(book({"Claims": sheet_data(rows)}))
    assert kg.check(tmp_path) == []
    assert len(kg.load(tmp_path).world.claims) == before + 1


def test_the_place_is_in_the_json(tmp_path: Path) -> None:
    """A program gets file, line and column as ever, and the cell besides."""
    project(tmp_path)
    (tmp_path / "book.xlsx").write_bytes(book({"entities": sheet_data([["id", "type", "en"], ["x", "frim", "X"]])}))
    command = ["python", "-m", "kg", "-C", str(tmp_path), "check", "--format", "json"]
    import sys

    run = subprocess.run([sys.executable, *command[1:]], capture_output=True, text=True, check=False)
    (problem,) = json.loads(run.stdout)
    assert {key: problem[key] for key in ("file", "line", "column", "cell")} == {
        "file": "book.xlsx",
        "line": 2,
        "column": 2,
        "cell": "entities!B2",
    }


def test_libreoffice_keeps_every_row(tmp_path: Path) -> None:
    """Opened and saved again by LibreOffice, the workbook gives the same rows."""
    office = shutil.which("libreoffice") or shutil.which("soffice")
    if not office:
        pytest.skip("LibreOffice is not installed")
    tables = world_tables(kg.load(EXAMPLE).world)
    (tmp_path / "all.xlsx").write_bytes(xlsx_workbook(tables))
    out = tmp_path / "again"
    command = [
        office,
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--headless",
        "--convert-to",
        "xlsx",
        "--outdir",
        str(out),
    ]
    subprocess.run([*command, str(tmp_path / "all.xlsx")], check=True, capture_output=True, timeout=180)
    shutil.copy(EXAMPLE / "kg.yaml", out)
    assert [str(p) for p in kg.check(out) if p.severity != "info"] == []
    assert world_tables(kg.load(out).world) == tables
