"""CSV, JSON Lines, XLSX and RDF are full formats: what is written is read back as the same project."""

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import event, given

import kg
from arbitrary import drafts, law, world_of
from kg.formats.import_project import project_texts, records_of
from kg.formats.registry import FORMATS
from kg.formats.tabular import csv_tables, jsonl_tables, xlsx_workbook
from kg.graph.loading import check_files
from kg.graph.project_graph import Graph
from kg.ingestion.checking.check import check_records
from kg.ingestion.reading import Records, read_records, read_workbook_alone
from kg.ingestion.world_rows import Tables, world_tables
from kg.model.ontology import read_ontology
from kg.model.world import World
from kg.rdf.rows_from_rdf import tables_from_rdf
from projects import EXAMPLE, make_project

SHIPPED = read_ontology({}, [])
RDF = {"turtle": "TURTLE", "trig": "TRIG", "nquads": "N_QUADS", "ntriples": "N_TRIPLES", "jsonld": "JSON_LD", "rdfxml": "RDF_XML"}  # fmt: skip


def rows_of(records: Records) -> Tables:
    """Return the rows of a world made from records; every problem fails."""
    world, problems = check_records(records)
    assert world is not None, "\n".join(map(str, problems))
    return world_tables(world)


def from_folder(texts: dict[str, str]) -> Tables:
    """Write the files of a project, read them, and return the rows."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            (Path(folder) / name).parent.mkdir(exist_ok=True)
            (Path(folder) / name).write_bytes(text.encode())
        return rows_of(read_records(Path(folder)))


def through_yaml(world: World) -> Tables:
    """Write a project as canonical YAML and read it."""
    return from_folder(project_texts(world))


def through_csv(world: World) -> Tables:
    """Write CSV and read it."""
    return from_folder(csv_tables(world_tables(world)))


def through_jsonl(world: World) -> Tables:
    """Write JSON Lines and read them."""
    return from_folder(jsonl_tables(world_tables(world)))


def through_xlsx(world: World) -> Tables:
    """Write a workbook and read it."""
    return rows_of(read_workbook_alone(xlsx_workbook(world_tables(world)), "t.xlsx"))


def through_rdf(world: World, form: str) -> Tables:
    """Write RDF, read it with pyoxigraph, and return the rows."""
    text = str(FORMATS[form].write(Graph(Path(), world, [])))
    quads = ox.parse(text.encode(), getattr(ox.RdfFormat, RDF[form]))
    triples = {(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in quads}
    return rows_of(records_of(tables_from_rdf(sorted(triples), SHIPPED), "t"))


WAYS: dict[str, Callable[[World], Tables]] = {
    "yaml": through_yaml,
    "csv": through_csv,
    "jsonl": through_jsonl,
    "xlsx": through_xlsx,
    **{form: lambda world, form=form: through_rdf(world, form) for form in RDF},  # type: ignore[misc]
}


@pytest.mark.parametrize("form", WAYS)
def test_full_formats_are_an_identity(form: str) -> None:
    """Claims, out and in again: the same rows of settings, entities, sources and claims, the same own terms."""

    @law
    @given(drafts)
    def holds(draft: Any) -> None:  # noqa: ANN401 - whatever the strategy draws
        world = world_of(draft)
        event(f"{len(world.claims)} claims")
        assert WAYS[form](world) == world_tables(world)

    holds()


def test_every_full_format_is_held_to_it() -> None:
    """No format calls itself full without standing above."""
    assert {name for name, form in FORMATS.items() if form.full} == WAYS.keys() - {"yaml"}


@pytest.fixture(scope="module")
def seed() -> Iterator[Tables]:
    """Return the rows of the example."""
    yield world_tables(kg.load(EXAMPLE).world)


def test_a_folder_of_tables_is_a_project(seed: Tables, tmp_path: Path) -> None:
    """What kg export writes as CSV or JSON Lines needs no import: it can be checked and built as it is."""
    for number, texts in enumerate((csv_tables(seed), jsonl_tables(seed))):
        folder = tmp_path / str(number)
        folder.mkdir()
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="")
        assert [str(problem) for problem in check_files(folder)] == []
        assert world_tables(kg.load(folder).world) == seed


def test_a_workbook_beside_the_settings_is_a_project(seed: Tables, tmp_path: Path) -> None:
    """A workbook in the project's folder takes the place of all its tables."""
    (tmp_path / "kg.yaml").write_text(csv_tables(seed)["kg.yaml"], encoding="utf-8")
    (tmp_path / "all.xlsx").write_bytes(xlsx_workbook(seed))
    assert check_files(tmp_path) == []
    assert world_tables(kg.load(tmp_path).world) == seed


def test_a_workbook_is_the_same_bytes_every_time(seed: Tables) -> None:
    """Nothing in it hangs on the clock or the machine."""
    content = xlsx_workbook(seed)
    assert content == xlsx_workbook(seed)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


FORMULAS = ("=1+1", "+1", "-1", "@x", "'x", "''", "'=x", '=HYPERLINK("http://evil.invalid","x")')


def formula_project(folder: Path) -> World:
    """Return a project whose notes and names a spreadsheet would run."""
    rows = [f"agent: {'abc'[n % 3]}, role: retailer, target: {'car' if n < 3 else 'car-x'}, note: \"{text.replace(chr(34), chr(92) + chr(34))}\"" for n, text in enumerate(FORMULAS[:6])]  # fmt: skip
    entities = "\n".join(f"x{n}: {{type: firm, en: {json.dumps(text)}}}" for n, text in enumerate(FORMULAS))
    folder = make_project(folder, *rows)
    with (folder / "entities.yaml").open("a", encoding="utf-8") as file:
        file.write(entities)
    return kg.load(folder).world


def test_no_cell_runs(tmp_path: Path) -> None:
    """In CSV and XLSX no cell begins like a formula; JSON Lines keep the text as it is."""
    world = formula_project(tmp_path)
    tables = world_tables(world)
    texts = csv_tables(tables)
    cells = [
        cell
        for name, text in texts.items()
        if name.endswith(".csv")
        for row in csv.reader(io.StringIO(text))
        for cell in row
    ]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert {f"'{text}" for text in FORMULAS} <= set(cells)
    names = [json.loads(line).get("en") for line in jsonl_tables(tables)["entities.jsonl"].splitlines()]
    assert set(FORMULAS) <= set(names)
    with zipfile.ZipFile(io.BytesIO(xlsx_workbook(tables))) as archive:
        sheets = "".join(
            archive.read(name).decode() for name in archive.namelist() if "worksheets" in name or "Strings" in name
        )
    assert "<f>" not in sheets
    assert not any(mark in sheets for mark in (">=", ">+", ">-", ">@"))
    for form in ("csv", "xlsx", "jsonl"):
        assert WAYS[form](world) == tables


def test_one_apostrophe_and_no_other_goes(tmp_path: Path) -> None:
    """Of a table written by hand, ``'=x`` is ``=x``, and ``'tis`` is left as it is."""
    project = make_project(tmp_path, "agent: a, role: retailer, target: car")
    (project / "entities.csv").write_text("id,type,en\nx,firm,'=x\ny,firm,'tis\nz,firm,''=x\n", encoding="utf-8")
    names = {id: entity.names.get("en") for id, entity in kg.load(project).world.entities.items()}
    assert (names["x"], names["y"], names["z"]) == ("=x", "'tis", "'=x")


def test_a_second_reader_opens_the_tables(seed: Tables) -> None:
    """Python's csv and json see the same cells."""
    texts = csv_tables(seed)
    read = list(csv.DictReader(io.StringIO(texts["claims.csv"])))
    assert [{key: text for key, text in row.items() if text} for row in read] == seed.claims
    lines = jsonl_tables(seed)["claims.jsonl"].splitlines()
    assert [json.loads(line) for line in lines] == seed.claims


def test_openpyxl_opens_the_workbook(seed: Tables) -> None:
    """The commonest reader of workbooks sees the same cells, all of them text."""
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    book = openpyxl.load_workbook(io.BytesIO(xlsx_workbook(seed)))
    assert book.sheetnames == ["claims", "entities", "sources", "settings"]
    header, *rows = [[cell.value for cell in row] for row in book["claims"].iter_rows()]
    assert [{k: v for k, v in zip(header, row, strict=True) if v is not None} for row in rows] == seed.claims
    assert {cell.data_type for row in book["claims"].iter_rows() for cell in row if cell.value is not None} == {"s"}


# ---------------------------------------------------------------- JSON Lines

BAD_LINES = {
    '{"id": "x", "type": "firm", "en": "X"': ("1:38", "KG002", "must stand here"),
    '{"id": "x", "type": "firm", "en": ["X"]}': ("1:35", "KG005", "holds a list"),
    '{"id": "x", "type": "firm", "en": {"a": 1}}': ("1:35", "KG005", "holds a map"),
    '{"id": "x", "type": "firm", "en": null}': ("1:35", "KG006", "no value"),
    '{"id": "x", "type": "firm", "en": ""}': ("1:35", "KG006", "no value"),
    '{"id": "x", "type": "firm", "en": true}': ("1:35", "KG005", "holds true"),
    '{"id": "x", "id": "y", "type": "firm", "en": "X"}': ("1:13", "KG004", "stands twice"),
    '{"id": "x", "type": "frim", "en": "X"}': ("1:21", "KG102", "did you mean 'firm'"),
    '{"type": "firm", "en": "X"}': ("1:1", "KG108", "'id' is missing"),
    '[1]': ("1:1", "KG002", "one object"),
    '{"id": "x", "type": "firm", "en": "X"} x': ("1:40", "KG002", "after the object"),
    '{"id": "x", "type": "firm", "en": "X",}': ("1:39", "KG002", "comma"),
    '{"id": "x", "type": "firm", "en": "\\q"}': ("1:35", "KG002", "escape"),
    '{"id": "x", "type": "firm", "en": "\\u0007"}': ("1:35", "KG010", "U+0007"),
    "{'id': 'x'}": ("1:2", "KG002", "not JSON"),
    "": ("1:1", "KG011", "empty"),
}  # fmt: skip


@pytest.mark.parametrize("line", BAD_LINES)
def test_a_bad_line_is_told_at_its_place(line: str, tmp_path: Path) -> None:
    """Every mistake in a line of JSON has its line and column."""
    project = make_project(tmp_path, "agent: a, role: retailer, target: car")
    (project / "entities.jsonl").write_text(line + "\n", encoding="utf-8")
    place, code, words = BAD_LINES[line]
    problems = [problem for problem in kg.check(project) if problem.location.file == "entities.jsonl"]
    assert [(str(p.location), p.code) for p in problems] == [(f"entities.jsonl:{place}", code)]
    assert words in f"{problems[0].message}; {problems[0].hint}"


def test_a_number_is_its_text(tmp_path: Path) -> None:
    """1.10 stays 1.10, in quotes or not."""
    project = make_project(tmp_path, "agent: a, role: retailer, target: car")
    rows = '{"source": "s1", "about": "car", "measure": "rank", "among": "all", "value": 1, "at": "par2"}\n\n{"source": "s1", "agent": "a", "role": "shareholder", "target": "b", "share": "1.10%", "note": 1.10}\n'
    (project / "claims" / "more.jsonl").write_text(rows, encoding="utf-8")
    rows = world_tables(kg.load(project).world).claims
    assert {row.get("value") for row in rows} >= {"1"}
    assert {row.get("note") for row in rows} >= {"1.10"}
