"""Tables of any form, in any folder: each fault at its place, no row lost, the same graph from the same rows."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import kg
from command import run
from kg.ingestion.reading import Fault, decoding
from kg.ingestion.reading.csv_files import parse_record
from kg.ingestion.reading.csv_frames import CsvTable
from kg.ingestion.reading.layout import Layout
from projects import make_project

MAPPING = """file: {file}
source: s1
entities:
  owner: {{key: $owner, prefix: firm, type: firm, en: $owner}}
claims:
- {{agent: $owner, role: shareholder, target: b, share: $share, from: $from, at: row$row}}
"""
ROWS = [["Omega", "40%", "2020"], ["Sigma", "5%", "2021-03"]]
HEADER = ["owner", "share", "from"]


def with_table(folder: Path, file: str, content: bytes, *, mapping: str = MAPPING, settings: str = "") -> Path:
    """Write a project with one claim and one table."""
    make_project(folder, "agent: a, role: supplier, target: car, at: par1")
    (folder / "tables").mkdir()
    (folder / "tables" / file).write_bytes(content)
    (folder / "tables" / "own.yaml").write_text(mapping.format(file=file), "utf-8")
    with (folder / "kg.yaml").open("a", encoding="utf-8") as file_:
        file_.write(settings)
    return folder


def told(folder: Path) -> list[str]:
    """Return what a check finds: place, severity and code."""
    return [f"{p.location} {p.severity} {p.code}" for p in kg.check(folder)]


def owners(folder: Path) -> list[str]:
    """Return the names of the owners."""
    rows = kg.load(folder).query("SELECT ?name { ?owner kg:shareholderOf ?b ; rdfs:label ?name } ORDER BY ?name")
    return [row["name"] for row in rows]


def written_csv(rows: list[list[str]], delimiter: str = ",") -> str:
    """Return rows as CSV."""
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator="\n").writerows([HEADER, *rows])
    return stream.getvalue()


def written_xlsx(rows: list[list[object]], above: int = 0, sheet: str = "Sheet") -> bytes:
    """Return rows as a workbook, with so many rows above the header."""
    book, stream = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.title = sheet
    for row in [["A register of owners"]] * above + [HEADER, *rows]:
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


def written_jsonl(rows: list[list[object]]) -> bytes:
    """Return rows as JSON Lines."""
    return "".join(json.dumps(dict(zip(HEADER, row, strict=True)), ensure_ascii=False) + "\n" for row in rows).encode()


def written_parquet(rows: list[list[str]]) -> bytes:
    """Return rows as Parquet."""
    stream = io.BytesIO()
    pl.DataFrame(rows, HEADER, orient="row").write_parquet(stream)
    return stream.getvalue()


FORMS: dict[str, Callable[[list[list[str]]], bytes]] = {
    "own.csv": lambda rows: written_csv(rows).encode(),
    "own.csv.gz": lambda rows: gzip.compress(written_csv(rows).encode()),
    "own.xlsx": lambda rows: written_xlsx([list(row) for row in rows]),
    "own.jsonl": lambda rows: written_jsonl([list(row) for row in rows]),
    "own.parquet": written_parquet,
}


@pytest.mark.parametrize("file", FORMS)
def test_every_form_gives_the_same_graph(tmp_path: Path, file: str) -> None:
    """The rows of a table are the rows of a claim file, byte for byte, whatever form either has."""
    table = with_table(tmp_path / "table", file, FORMS[file](ROWS))
    plain = make_project(tmp_path / "plain", "agent: a, role: supplier, target: car, at: par1")
    with (plain / "entities.yaml").open("a", encoding="utf-8") as entities:
        entities.write("firm-omega: {type: firm, en: Omega}\nfirm-sigma: {type: firm, en: Sigma}\n")
    rows = [
        {
            "source": "s1",
            "agent": f"firm-{owner.lower()}",
            "role": "shareholder",
            "target": "b",
            "share": share,
            "from": day,
            "at": f"row{n}",
        }
        for n, (owner, share, day) in enumerate(ROWS, 1)
    ]
    texts = [list(rows[0]), *(list(row.values()) for row in rows)]
    stream, book, sheets = io.StringIO(newline=""), openpyxl.Workbook(), io.BytesIO()
    csv.writer(stream).writerows(texts)
    assert book.active is not None
    book.active.title = "claims"
    for row in texts:
        book.active.append(row)
    book.save(sheets)
    claims = {
        "more.csv": stream.getvalue().encode(),
        "more.jsonl": "".join(json.dumps(row) + "\n" for row in rows).encode(),
        "more.xlsx": sheets.getvalue(),
    }
    wanted = kg.load(table).export("trig")
    for name, content in claims.items():
        (plain / "claims" / name).write_bytes(content)
        assert kg.load(plain).export("trig") == wanted, name
        (plain / "claims" / name).unlink()


@pytest.mark.parametrize(
    ("file", "content", "place"),
    [
        pytest.param("own.csv", b'owner,share,from\n"O "x" y",40%,2020\nSigma,5%,2021\n', "tables/own.csv:2:5 error KG007", id="a stray quote"),
        pytest.param("own.csv", b'owner,share,from\nOmega,"40%,2020\nSigma,5%,2021\n', "tables/own.csv:2:7 error KG007", id="an open quote"),
        pytest.param("own.csv", b"owner,share,from\nOmega,40%\nSigma,5%,2021\n", "tables/own.csv:2:1 error KG008", id="a short row"),
        pytest.param("own.csv", b"owner,share,from\r\nOmega,40%,2020,x\r\nSigma,5%,2021\r\n", "tables/own.csv:2:16 error KG008", id="a long row"),
        pytest.param("own.csv.gz", gzip.compress(b"owner,share,from\nOmega,40%\nSigma,5%,2021\n"), "tables/own.csv.gz:2:1 error KG008", id="packed"),
        pytest.param("own.jsonl", written_jsonl([[["O", "P"], "4%", "2020"], ["Sigma", "5%", "2021"]]), "tables/own.jsonl:1:11 error KG005", id="a list"),
        pytest.param("own.jsonl", b'{"owner": "Omega", "share": true}\n{"owner": "Sigma", "share": "5%", "from": 2021}\n', "tables/own.jsonl:1:29 error KG005", id="a truth"),
        pytest.param("own.jsonl", b'{"owner": "Omega", \n{"owner": "Sigma", "share": "5%", "from": null}\n', "tables/own.jsonl:1:19 error KG002", id="half a line"),
        pytest.param("own.xlsx", written_xlsx([["Omega", "=1/2", "2020"], ["Sigma", "5%", "2021"]]), "tables/own.xlsx:Sheet!B2 error KG006", id="no value"),
        pytest.param("own.xlsx", written_xlsx([["Omega", "40%", datetime(2020, 5, 1, 13, 30)], ["Sigma", "5%", date(2021, 3, 9)]]), "tables/own.xlsx:Sheet!C2 error KG006", id="a time of day"),
    ],
)  # fmt: skip
def test_a_fault_costs_its_row_alone(tmp_path: Path, file: str, content: bytes, place: str) -> None:
    """It has its place; the build stops, or goes on without the row where that is allowed."""
    folder = with_table(tmp_path, file, content)
    assert told(folder) == [place]
    assert owners(folder) == ["Sigma"]
    refused = run("-C", folder, "build")
    assert refused.returncode == 1
    assert place.partition(" ")[0] in refused.stderr
    assert "--allow-rejects" in refused.stderr
    assert {path.name for path in (folder / "build").iterdir()} - {"store"} == {"rejects.csv"}
    allowed = run("-C", folder, "build", "--allow-rejects")
    assert (allowed.returncode, place.partition(" ")[0] in allowed.stderr) == (0, True)


@pytest.mark.parametrize("claims", [True, False], ids=["claims", "entities alone"])
def test_no_row_is_lost_at_any_size(claims: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that cannot be read stops a build by column too, also in a table that makes entities alone."""
    mapping = MAPPING if claims else MAPPING.partition("claims:")[0]
    content = b"owner,share,from\nOmega,40%\nSigma,5%,2021\n"
    folder = with_table(tmp_path, "own.csv", content, mapping=mapping)
    assert told(folder) == ["tables/own.csv:2:1 error KG008"]
    with pytest.raises(kg.CheckError, match="KG008"):
        kg.build(folder)
    assert [path.name for path in (folder / "build").iterdir() if path.is_file()] == ["rejects.csv"]
    kg.build(folder, allow_rejects=True)
    assert "Sigma" in (folder / "build" / "graph.ttl").read_text("utf-8")
    assert "KG008" in (folder / "build" / "rejects.csv").read_text("utf-8")


def test_a_check_says_the_same_once_there_is_a_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store keeps what questions need, and no warnings: a check reads the tables."""
    folder = with_table(tmp_path, "own.csv", written_csv([["NULL", "4%", "2020"], ["Omega", "40%", "2020"]]).encode())
    (folder / "tables" / "more.csv").write_text("owner\nTheta\n", "utf-8")
    before = told(folder)
    assert before == ["tables/more.csv info KG014", "tables/own.csv:row 1 warning KG301"]
    assert owners(folder) == ["NULL", "Omega"]
    assert told(folder) == before


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "utf-16", "windows-1252"])
@pytest.mark.parametrize("where", ["settings", "mapping"])
def test_an_encoding_counts_for_tables(tmp_path: Path, encoding: str, where: str) -> None:
    """One that ``kg.yaml`` names for every file, one that a mapping names for its table; else it says what was tried."""
    owner, whole = "Müller" if encoding == "windows-1252" else "北風", where == "settings"
    named, content = f"encoding: {encoding}\n", written_csv([[owner, "40%", "2020"]]).encode(encoding)
    mapping, settings = (MAPPING, named) if whole else (MAPPING + named, "")
    folder = with_table(tmp_path / "with", "own.csv", content, mapping=mapping, settings=settings)
    for name in ("entities.yaml", "claims/s1.yaml", "tables/own.yaml") if whole else ():
        text = re.sub(r", zh: \w+", "", (folder / name).read_text("utf-8"))
        (folder / name).write_bytes(text.encode(encoding))
    assert (told(folder), owners(folder)) == ([], [owner])
    without = kg.check(with_table(tmp_path / "without", "own.csv", content))
    assert [problem.code for problem in without] == ["KG001"]
    assert "UTF-8" in without[0].message
    assert "encoding:" in without[0].hint


def test_a_layout_is_settable(tmp_path: Path) -> None:
    """Title lines above the header, another delimiter, a sheet by name, words for nothing."""
    text = "A register\n\n" + written_csv([["Omega", "40%", "2020"], ["Sigma", "5%", "n.a."]], ";")
    layout = 'delimiter: ";"\nheader: 3\nempty: [n.a.]\n'
    folder = with_table(tmp_path / "csv", "own.csv", text.encode(), mapping=MAPPING + layout)
    assert (told(folder), owners(folder)) == ([], ["Omega", "Sigma"])
    book = openpyxl.load_workbook(io.BytesIO(written_xlsx([["Omega", "40%", "2020"]], above=2, sheet="Owners")))
    book.create_sheet("Notes", 0).append(["nothing"])
    stream = io.BytesIO()
    book.save(stream)
    folder = with_table(
        tmp_path / "xlsx", "own.xlsx", stream.getvalue(), mapping=MAPPING + "sheet: Owners\nheader: 3\n"
    )
    assert (told(folder), owners(folder)) == ([], ["Omega"])


def test_a_midnight_is_a_day(tmp_path: Path) -> None:
    """A workbook that shows 00:00 behind a date holds the date."""
    folder = with_table(tmp_path, "own.xlsx", written_xlsx([["Omega", "40%", datetime(2020, 5, 1)]]))
    assert told(folder) == []
    assert "from 2020-05-01" in run("-C", folder, "timeline", "b").stdout


def test_merged_and_hidden_cells_are_told(tmp_path: Path) -> None:
    """A merged area costs the rows that lack a text for it; a hidden row counts, and is told."""
    book = openpyxl.load_workbook(
        io.BytesIO(written_xlsx([["Omega", "40%", "2020"], ["", "4%", "2020"], ["Sigma", "5%", "2021"]]))
    )
    assert book.active is not None
    book.active.merge_cells("A2:A3")
    book.active.row_dimensions[4].hidden = True
    stream = io.BytesIO()
    book.save(stream)
    folder = with_table(tmp_path, "own.xlsx", stream.getvalue())
    assert told(folder) == [
        "tables/own.xlsx:Sheet!A2 error KG005",
        "tables/own.xlsx:Sheet!A2 error KG005",
        "tables/own.xlsx:Sheet!A4 warning KG014",
    ]
    assert owners(folder) == ["Sigma"]


def test_words_for_nothing_are_told(tmp_path: Path) -> None:
    """Each word once, unless the mapping empties it; a name that only begins so is none."""
    content = written_csv(
        [["NULL", "4%", "2020"], ["NULL", "5%", "2020"], ["-", "6%", "2020"], ["Nil Works", "7%", "2020"]]
    ).encode()
    folder = with_table(tmp_path / "told", "own.csv", content)
    words = [problem for problem in told(folder) if "KG401" not in problem]  # two shares of NULL clash, too
    assert words == ["tables/own.csv:row 1 warning KG301", "tables/own.csv:row 3 warning KG301"]
    mapping = MAPPING.replace("at: row$row}}", "at: row$row, where: $owner}}") + 'empty: ["NULL", "-"]\n'
    folder = with_table(tmp_path / "emptied", "own.csv", content, mapping=mapping)
    assert (told(folder), owners(folder)) == ([], ["Nil Works"])


def test_less_than_nothing_is_told(tmp_path: Path) -> None:
    """A negative share is an error, in a table and in a claim file; a loss is none."""
    folder = with_table(tmp_path, "own.csv", written_csv([["Omega", "-4%", "2020"]]).encode())
    assert told(folder) == ["tables/own.csv:row 1, claim 1 error KG209"]
    rows = (
        "about: a, measure: profit, value: -3 million CNY, when: 2020, at: par1",
        "about: a, measure: employees, value: -3 people, when: 2020, at: par1",
    )
    assert told(make_project(tmp_path / "files", *rows)) == ["claims/s1.yaml:4:41 error KG209"]


def test_a_header_alone_is_told(tmp_path: Path) -> None:
    """A warning beside other claims; the one error of a project that has none."""
    folder = with_table(tmp_path, "own.csv", b"owner,share,from\n")
    assert told(folder) == ["tables/own.csv:1:1 warning KG011"]
    (folder / "claims" / "s1.yaml").unlink()
    (folder / "sources.csv").write_text("id,title,publisher,published\ns1,One,paper,2021\n", "utf-8")
    assert told(folder) == ["tables/own.csv:1:1 error KG011"]


def test_a_file_without_a_mapping_is_told(tmp_path: Path) -> None:
    """It lies where tables lie, and nothing says what its columns mean."""
    folder = with_table(tmp_path, "own.csv", written_csv(ROWS).encode())
    (folder / "tables" / "more.csv").write_text("owner\nTheta\n", "utf-8")
    assert told(folder) == ["tables/more.csv info KG014"]


def test_a_packed_table_has_a_limit(tmp_path: Path) -> None:
    """One that unpacks to more than a hundred times its size is refused before it fills the memory."""
    content = gzip.compress(b"owner,share,from\n" + b"Omega,40%,2020\n" * 1_000_000)
    assert len(content) * 100 < 15_000_000
    folder = with_table(tmp_path, "own.csv.gz", content)
    assert told(folder) == ["tables/own.csv.gz error KG001"]


# ---------------------------------------------------------------- the two readers of CSV agree


def strictly(text: str) -> tuple[list[tuple[int, list[str]]], list[tuple[int, str]]] | None:
    """Return the rows of a text and its faults, by number, as the strict reader has them; None without a header."""
    rows, faults, position, line, number, width = [], [], 0, 1, 0, 0
    while position < len(text):
        number += bool(width)
        try:
            fields, position, line = parse_record(text, position, "x.csv", ",", line)
        except Fault as fault:
            if not width:
                return None
            faults.append((number, fault.problem.code))
            newline = text.find("\n", position)
            position, line = (newline + 1 if newline >= 0 else len(text)), line + 1
            continue
        if not width:
            width = len(fields)
        elif fields and len(fields) != width:
            faults.append((number, "KG008"))
        else:
            rows.append((number, [cell.text for cell in fields] or [""] * width))
    return (rows, faults) if width else None


PIECES = ["x", "y", ",", '"', "\n", '""', '"q"', "\r\n", "1,2\n", "é", '3,"4"\n', ",\n", "\x1f"]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), st.sampled_from([7, 64, 4_000_000]))
@example('\n",\n"', 7)
@example('\n\n""q"3,"4"\nx1,2\n', 4_000_000)
def test_blocks_are_read_as_the_strict_reader_reads(
    tmp_path_factory: pytest.TempPathFactory, rest: str, block: int
) -> None:
    """The same rows with the same numbers, the same faults, however the file is cut."""
    text = f"a,b\n{rest}"
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    path.write_bytes(text.encode())
    faults: list[tuple[int, str]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "BLOCK", block)
        table = CsvTable(path, "x.csv", Layout())
        frames = table.frames({"a": 0, "b": 1}, lambda problem, row: faults.append((row, problem.code)))
        rows = [(row, [a or "", b or ""]) for frame in frames for row, a, b in frame.iter_rows()]
    assert (rows, sorted(faults)) == strictly(text)
