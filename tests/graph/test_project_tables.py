"""Every verb at every size: what a project with a large table answers is what one of files would answer."""

import io
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyoxigraph
import pytest
import typer

import kg
from command import run
from kg.commands.app import app
from kg.formats.registry import FORMATS
from kg.rdf.triples import nquads, ontology_quads
from projects import make_project
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

# By verb: calls, each with a text that only rows of tables can give, in its output or in the files that it writes.
MAKER, FIGURE = "aker 7", "sales.csv"
CALLS = {
    "ask": {"ask roles-of --firm maker-maker-7": "car"},
    "build": {"build --allow-rejects -o OUT": MAKER},
    "check": {"check": "row 61, claim 1: error", "check --format json": FIGURE},
    "conflicts": {"conflicts": FIGURE},
    "diff": {"diff SMALL PROJECT": MAKER, "diff HEAD": "no differences"},
    "export": {f"export -f {form} -o OUT/x": "" if form in ("parquet", "xlsx") else MAKER for form in FORMATS},
    "gaps": {"gaps --format json": MAKER},
    "history": {"history s1/one": "one"},
    "matrix": {"matrix": MAKER, "matrix -f csv": MAKER},
    "plans": {"plans": "200"},
    "query": {"query SELECT(COUNT(*)AS?n){?r<https://w3id.org/autokg/ns#role>?x}": "1512"},
    "schema": {"schema": "maker"},
    "sources check": {"sources check": "s2"},
    "test": {"test": "1"},
    "timeline": {"timeline maker-maker-7": "retails"},
    "view": {"view -o OUT/x.html": MAKER, "view --focus maker-maker-7 -o OUT/x.html": MAKER},
    "why": {"why maker-maker-7 car": "tables/suppliers.csv", "why b brand-a": "tables/sales.csv"},
    "xref": {"xref": MAKER},
}
FAILS = {"check", "check --format json", "diff SMALL PROJECT"}
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
    lines = ["maker,note", *rows, "Maker 7 Ltd.,which xref takes for Maker 7", ""]
    (made / "tables" / "suppliers.csv").write_text("\n".join(lines), "utf-8")
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


def answer(words: str, project: Path, folder: Path) -> tuple[int, str, bytes]:
    """Run a command; return exit code, what it says, and the files that it writes."""
    folder.mkdir(exist_ok=True)
    small = folder.parent / "small"
    if not small.exists():
        make_project(small, "agent: a, role: carmaker, target: car")
    places = {"PROJECT": str(project), "SMALL": str(small), "OUT": str(folder)}
    ran = run("-C", project, *(re.sub("|".join(places), lambda name: places[name[0]], word) for word in words.split()))
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return ran.returncode, ran.stdout + ran.stderr, b"".join(path.read_bytes() for path in files)


def verbs() -> Iterator[str]:
    """Yield every command of kg."""
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        yield from (f"{name} {one}" for one in command.commands) if hasattr(command, "commands") else [name]


def test_every_verb_is_tried() -> None:
    """None is forgotten above."""
    assert sorted(verbs()) == sorted([*CALLS, *APART])


@pytest.mark.parametrize("words", [words for calls in CALLS.values() for words in calls])
def test_every_verb_reads_the_rows_of_tables(words: str, project: Path, tmp_path: Path) -> None:
    """Its answer has what only a row of a table can give."""
    code, said, files = answer(words, project, tmp_path / "out")
    text = next(calls[words] for calls in CALLS.values() if words in calls)
    assert text in said or text.encode() in files
    assert (code == 0) != (words in FAILS), said


def test_the_store_holds_the_graph_of_the_rows(project: Path) -> None:
    """What answers questions, made by column, is quad by quad what the rows as objects give."""
    graph = kg.load(project)
    found = {str(quad) for quad in pyoxigraph.Store.read_only(str(graph.store))}
    ontology = graph.world.ontology.triples
    rows = nquads({*graph.quads, *ontology_quads(ontology)}).encode()
    assert found == set(map(str, pyoxigraph.parse(rows, pyoxigraph.RdfFormat.N_QUADS)))


def test_the_claims_table_of_rows_is_that_of_columns(project: Path, tmp_path: Path) -> None:
    """One schema; each claim of a table with the same names, days, place and keys, whichever way it was made."""
    by_row = pl.read_parquet(io.BytesIO(answer("export -f parquet -o OUT/x", project, tmp_path / "row")[2]))
    answer("build --allow-rejects -o OUT", project, tmp_path / "column")
    by_column = pl.read_parquet(tmp_path / "column" / "claims" / "*" / "*.parquet")
    assert by_column.schema == by_row.schema
    tables = by_row.filter(pl.col("file").str.starts_with("tables/"))
    assert tables.height == by_column.height > ROWS
    assert tables.sort("claim").equals(by_column.sort("claim"))
    assert by_row.filter(pl.col("file") == "claims/s1.yaml").sort("row")["id"].to_list()[0] == "one"


# ---------------------------------------------------------------- in Python


@pytest.fixture(scope="module")
def graph(project: Path) -> kg.Graph:
    """Return the project's graph."""
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
