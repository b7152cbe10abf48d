"""Every verb at every size: what a project with a large table answers is what one of files would answer."""

import io
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import polars as pl
import pytest
import typer

import kg
from command import run
from kg.bulk import small_tables
from kg.commands.app import app
from kg.formats.registry import FORMATS
from projects import EXAMPLE, SECOND, make_project
from serving import Running, running

ROWS = 1_500
MAPPING = """file: suppliers.csv
source: s1
entities:
  maker: {key: $maker, type: firm, en: $maker}
claims:
- {agent: $maker, role: retailer, target: car, note: $note}
"""
SALES = """file: sales.csv
source: $source
claims:
- {about: $model, measure: units-sold, value: $units vehicles, when: $month, modality: $modality}
- {agent: $firm, role: brand-owner, target: brand-a, from: $month, where: $firm}
- {agent: $firm, role: designer, target: $model, stance: $stance, where: $stance}
"""
SOURCES = "id,title,publisher,published\ns2,A register,paper,2024-02\ns3,Another,boss,2023\n"
QUESTION = "# title: Is there a seventh?\n# answer: yes\nASK { ?e rdfs:label 'Maker 7'@en }\n"
LEFT_OUT = "not at the 1,500 rows of tables/suppliers.csv"

# By verb: calls whose answers are the same, byte by byte, however the rows are held.
SAME = {
    "check": [["check"], ["check", "--format", "json"]],
    "conflicts": [["conflicts"]],
    "diff": [["diff", "SMALL", "PROJECT"], ["diff", "HEAD"]],
    "export": [["export", "-f", form, "-o", "OUT/x"] for form in FORMATS],
    "gaps": [["gaps"], ["gaps", "maker-maker-7"], ["gaps", "--format", "json"]],
    "history": [["history", "s1/one"]],
    "matrix": [["matrix"], ["matrix", "-f", "csv"]],
    "plans": [["plans"]],
    "schema": [["schema"]],
    "sources check": [["sources", "check"]],
    "timeline": [["timeline", "a"], ["timeline", "Maker 7"]],
    "view": [["view", "-o", "OUT/x.html"], ["view", "-o", "OUT/x.svg"], ["view", "--focus", "a", "-o", "OUT/x.html"]],
    "why": [["why", "a", "car"], ["why", "maker-maker-7", "car"], ["why", "nobody", "car"]],
    "xref": [["xref"]],
}
FAILS = {"check", "check --format json", "diff SMALL PROJECT", "why nobody car", "view -o OUT/x.svg"}
# These read the store, which has another order, and lacks what docs/tables.md names.
STORED = {
    "ask": [["ask", "roles-of", "--firm", "maker 7"], ["ask"]],
    "query": [["query", "SELECT ?e { ?e rdfs:label 'Maker 7'@en }"]],
    "test": [["test"]],
    "build": [["build", "-o", "OUT"]],
}
APART = {"add", "fmt", "formats", "import", "new", "push", "serve"}  # files alone, no project, or tested elsewhere


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project under git with two tables: many suppliers, and figures, owners and denials that disagree."""
    made = make_project(
        tmp_path_factory.mktemp("large"),
        "agent: a, role: carmaker, target: car, id: one",
        "agent: a, role: design-lead, target: car",
        "about: car, measure: units-sold, value: over 900 vehicles, by: 2023-06, modality: target, plan-of: a",
        "agent: b, role: brand-owner, target: brand-a, from: 2019",
        tables__suppliers_yaml=MAPPING,
        tables__sales_yaml=SALES,
        sources_csv=SOURCES,
    )
    (made / "questions").mkdir()
    (made / "questions" / "seven.rq").write_text(QUESTION, "utf-8")
    rows = (f"Maker {number},row {number}" for number in range(ROWS))
    (made / "tables" / "suppliers.csv").write_text("\n".join(["maker,note", *rows, ""]), "utf-8")
    sales = (
        f"{'s2' if number % 3 else 's3'},{'car-x' if number % 5 == 0 else 'car'},{number % 7 * 100},2023-{number % 12 + 1:02},"
        f"{'target' if number % 11 == 0 else ''},{'abc'[number % 3] if number % 4 == 0 else ''},{'denies' if number % 8 == 0 else ''}"
        for number in range(60)
    )
    lines = [
        "source,model,units,month,modality,firm,stance",
        *sales,
        "s2,car,many,2023-01,,,",
        "s9,car,7,2023-01,,,",
        "",
    ]
    (made / "tables" / "sales.csv").write_text("\n".join(lines), "utf-8")
    for words in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "All"],
    ):
        subprocess.run(["git", "-C", str(made), *words], check=True)
    return made


def answer(words: list[str], project: Path, folder: Path, bulk_from: int) -> tuple[int, str, str, dict[str, bytes]]:
    """Run a command with some setting; return exit code, output, messages and the files it wrote."""
    folder.mkdir(exist_ok=True)
    small = folder.parent / "small"
    if not small.exists():
        make_project(small, "agent: a, role: carmaker, target: car")
    places = {"PROJECT": str(project), "SMALL": str(small), "OUT": str(folder)}
    for name, place in places.items():
        words = [word.replace(name, place) for word in words]
    with mock.patch.dict(os.environ, {"KG_BULK_FROM": str(bulk_from)}):
        ran = run("-C", project, *words)
    said = [re.sub(re.escape(str(folder)), "OUT", text) for text in (ran.stdout, ran.stderr)]
    files = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    return ran.returncode, *said, files


def verbs() -> Iterator[str]:
    """Yield every command of kg."""
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        yield from (f"{name} {one}" for one in command.commands) if hasattr(command, "commands") else [name]


def test_every_verb_is_tried() -> None:
    """None is forgotten above."""
    assert sorted(verbs()) == sorted([*SAME, *STORED, *APART])


@pytest.mark.parametrize("words", [words for calls in SAME.values() for words in calls], ids=" ".join)
def test_a_verb_answers_the_same_however_rows_are_held(words: list[str], project: Path, tmp_path: Path) -> None:
    """Output, messages, exit code and files, byte by byte; and the tables are in them."""
    by_row = answer(words, project, tmp_path / "row", 10**9)
    by_column = answer(words, project, tmp_path / "column", 0)
    assert by_row == by_column
    assert (by_row[0] == 0) != (" ".join(words) in FAILS), by_row[2]


EXAMPLES = [words for verb, calls in SAME.items() if verb not in ("diff", "gaps", "history", "timeline", "view", "why") for words in calls]  # fmt: skip


@pytest.mark.parametrize("words", [words for words in EXAMPLES if words[0] != "export"], ids=" ".join)
def test_the_examples_answer_the_same(words: list[str], tmp_path: Path) -> None:
    """They hold no tables, so the setting changes nothing."""
    for example in (EXAMPLE, SECOND):
        assert answer(words, example, tmp_path / "row", 10**9) == answer(words, example, tmp_path / "column", 0)


@pytest.mark.parametrize("words", [words for calls in STORED.values() for words in calls], ids=" ".join)
def test_a_verb_that_reads_the_store_looks_at_all(words: list[str], project: Path, tmp_path: Path) -> None:
    """A row of a table is found, or can be."""
    code, out, said, files = answer(
        [*words, *(["--allow-rejects"] if words[0] == "build" else [])], project, tmp_path / "x", 0
    )
    assert code == 0, said
    if words[0] == "ask" and len(words) > 1:
        assert "car" in out
    if words[0] == "query":
        assert ":maker-maker-7" in out
    if words[0] == "build":
        assert b"Maker 7" in files["graph.ttl"]


def test_what_is_said_of_a_table_is_in_every_answer(project: Path, tmp_path: Path) -> None:
    """No verb is silent about rows: a supplier of a table, a rejected row, a conflict between rows."""
    said = {
        words: answer(words.split(), project, tmp_path / "x", 0)[1]
        for words in ("check", "matrix", "conflicts", "plans", "gaps")
    }
    assert "tables/sales.csv" in said["check"]
    assert "row 61, claim 1: error" in said["check"]
    assert "KG104" in said["check"]
    assert "Maker 7" in said["matrix"]
    assert "sales" in said["conflicts"] or "s2" in said["conflicts"]
    assert "tables/sales.csv" in answer(["why", "b", "brand-a"], project, tmp_path / "y", 0)[1]


def test_the_claims_table_of_rows_is_that_of_columns(project: Path, tmp_path: Path) -> None:
    """One schema; each claim of a table with the same names, days, place and keys, whichever way it was made."""
    exported = answer(["export", "-f", "parquet", "-o", "OUT/x"], project, tmp_path / "row", 10**9)[3]["x"]
    by_row = pl.read_parquet(io.BytesIO(exported))
    answer(["build", "--allow-rejects", "-o", "OUT"], project, tmp_path / "column", 0)
    by_column = pl.read_parquet(tmp_path / "column" / "claims" / "*" / "*.parquet")
    assert by_column.schema == by_row.schema
    tables = by_row.filter(pl.col("file").str.starts_with("tables/"))
    assert tables.height == by_column.height > ROWS
    assert tables.sort("claim").equals(by_column.sort("claim"))
    assert by_row.filter(pl.col("file") == "claims/s1.yaml").sort("row")["id"].to_list()[0] == "one"


def test_a_setting_that_is_no_number_is_refused(tmp_path: Path) -> None:
    """With the value, and no traceback."""
    project = make_project(tmp_path, "agent: a, role: carmaker, target: car", tables__suppliers_yaml=MAPPING)
    (project / "tables" / "suppliers.csv").write_text("maker,note\nOne,x\n", "utf-8")
    with mock.patch.dict(os.environ, {"KG_BULK_FROM": "many"}):
        ran = run("-C", project, "build")
    assert (ran.returncode, ran.stderr) == (2, "kg: KG_BULK_FROM is a number of claims, not 'many'\n")


# ---------------------------------------------------------------- in Python


@pytest.fixture(scope="module")
def graph(project: Path) -> kg.Graph:
    """Return the project's graph, its tables held by column."""
    with mock.patch.object(small_tables, "FEW", 0):
        return kg.load(project)


def test_python_sees_every_row(graph: kg.Graph) -> None:
    """In the world, the network and the dataset; the frame holds the files alone."""
    assert "maker-maker-7" in graph.world.entities
    assert "maker-maker-7" in graph.to_networkx()
    assert len(graph.world.claims) > ROWS > len(graph.frame.claims)
    assert len(graph.to_rdflib()) == len({quad[1:] for quad in graph.quads})


def test_a_notebook_shows_no_verdicts(graph: kg.Graph) -> None:
    """Title and size alone, the tables with it."""
    html = graph._repr_html_()
    assert "tables" in html
    assert "stated" not in html


# ---------------------------------------------------------------- pages


@pytest.fixture(scope="module")
def served(graph: kg.Graph) -> Iterator[Running]:
    """Serve the project."""
    with running(graph=graph) as it:
        yield it


PAGES = {
    "/": "Maker 7",
    "/entities": "Maker 7",
    "/search?q=maker+7": "Maker 7",
    "/conflicts": "Beta",
    "/plans": "Car One",
    "/gaps": "Car One",
    "/downloads": "graph.ttl",
    "/id/maker-maker-7.html": "retails",
}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_shows_the_rows_of_tables(served: Running, path: str) -> None:
    """An entity that only a table names, and what is said of it."""
    reply = served.get(path, Accept="text/html")
    assert reply.status == 200
    assert PAGES[path] in reply.text


def test_every_other_way_out_looks_at_all(served: Running) -> None:
    """Reconciliation, downloads, RDF of one entity, questions, SPARQL, the description of the dataset."""
    assert "maker-maker-7" in served.get("/reconcile/suggest/entity?prefix=maker+7").text
    assert "Maker 7" in served.get("/download/graph.ttl").text
    assert "Maker 7" in served.get("/id/maker-maker-7.ttl", Accept="text/turtle").text
    assert "retailer" in served.get("/questions/roles-of?firm=Maker+7", Accept="text/html").text
    assert b"true" in served.ask("ASK { ?e rdfs:label 'Maker 7'@en }").body
    void = served.get("/.well-known/void", Accept="text/turtle").text
    assert "dataDump" in void
    assert "void:entities" in void
