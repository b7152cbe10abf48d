"""What a store keeps of large tables: a second question does not read them, and nothing is answered from what was."""

import os
import subprocess
import sys
from pathlib import Path

import pyoxigraph
import pytest

import kg
from kg.bulk import opening, stores
from kg.bulk.index import fold, open_directory
from kg.sparql.store import ask_store
from projects import make_project

MAPPING = """file: t.csv
source: s1
entities:
  maker: {key: $maker, type: firm, en: $maker}
  product: {key: $maker|$model, prefix: p, type: model, en: $model}
claims:
- {agent: $maker, role: carmaker, target: $product, from: $since}
"""
CSV = """maker,model,since
Delta,One,2019
ACME (Inc.),One,2020
ACME (Inc.),Two  Litre,2020
Beta Works,One,2021
"""
HAND = "agent: maker-beta-works, role: retailer, target: car"  # of whom the table tells


@pytest.fixture(autouse=True)
def _large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every table for a large one."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with one table, of which a store was made."""
    made = make_project(tmp_path, HAND, tables__t_yaml=MAPPING)
    (made / "tables" / "t.csv").write_text(CSV, "utf-8")
    assert kg.load(made).query("ASK { ?s ?p ?o }")
    return made


def told(graph: kg.Graph, firm: str) -> list[str]:
    """Return the last part of the IRIs of what a firm makes."""
    return sorted(str(row["target"]).rpartition("/")[2] for row in graph.ask("roles-of", {"firm": firm}))


def test_a_second_question_reads_no_table(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither whom a question names nor whom the project's own claims name is looked for in a table."""
    first = kg.load(project)
    with monkeypatch.context() as patch:
        patch.setattr(opening, "read_tables", lambda *_: pytest.fail("read"))
        patch.setattr(opening, "open_tables", lambda *_: pytest.fail("opened"))
        graph = kg.load(project)
        assert len(told(graph, "acme  (INC.)")) == 2
        assert told(graph, "Beta Works") == told(graph, "maker-beta-works")
        assert "car" in told(graph, "Beta Works")
        assert graph.world == first.world
        assert graph.summary == "1 claim from 1 source and 4 rows of tables, known by 2021-05-31"
        with pytest.raises(kg.UsageError, match="unknown 'omicron'"):
            graph.ask("roles-of", {"firm": "omicron"})
        with pytest.raises(kg.UsageError, match="'one' names several: p-"):
            graph.ask("roles-of", {"firm": "one"})
    assert kg.load(project).tables  # they can still be had


def test_a_second_question_loads_no_columns(project: Path) -> None:
    """What reads tables is not even loaded: half a second."""
    code = (
        "import sys, kg; assert kg.load(sys.argv[1]).ask('roles-of', {'firm': 'delta'}); print('polars' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, project], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_changed_table_is_noticed(project: Path) -> None:
    """Another row gives another answer, another name is asked by: even of the same size, at the same time."""
    table = project / "tables" / "t.csv"
    was, before = table.stat(), told(kg.load(project), "delta")
    table.write_text(CSV.replace("Delta,One", "Omega,Two"), "utf-8")
    os.utime(table, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert table.stat().st_size == was.st_size
    graph = kg.load(project)
    assert len(told(graph, "OMEGA")) == 1
    assert told(graph, "omega") != before
    with pytest.raises(kg.UsageError, match="unknown 'delta'"):
        graph.ask("roles-of", {"firm": "delta"})


@pytest.mark.parametrize("file", ["tables/t.yaml", "entities.yaml", "sources.yaml", "kg.yaml"])
def test_any_changed_file_is_noticed(project: Path, file: str) -> None:
    """A mapping, an entity, a source, a setting: each makes another store."""
    before = kg.load(project).store
    with (project / file).open("a", encoding="utf-8") as text:
        text.write("\n# a remark\n")
    graph = kg.load(project)
    assert graph._directory is None
    assert graph.store != before


def test_other_days_have_another_store(project: Path) -> None:
    """What was known by a day, or held on it, is not what a store of other days tells."""
    assert told(kg.load(project, as_of="2030"), "delta")
    graph = kg.load(project, known_by="2020")  # nothing was published by then
    assert graph.world.known_by == "2020-12-31"
    assert told(graph, "delta") == []


def test_another_program_makes_another_store(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another version of the program made is not asked."""
    before = kg.load(project).store
    monkeypatch.setattr("kg.bulk.index.digest_of_program", lambda: "another")
    assert kg.load(project).store != before


def test_a_table_that_changes_while_it_is_read(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No store is kept that holds neither what the table was nor what it is."""
    table = project / "tables" / "t.csv"
    (project / "claims").rename(project / "other")  # so that another store is made
    graph = kg.load(project)

    def write(*_: object) -> None:
        table.write_text(CSV.replace("2019", "2018"), "utf-8")

    monkeypatch.setattr(stores, "_write_names", write)
    with pytest.raises(kg.ProjectError, match="changed while it was read"):
        _ = graph.store
    assert len([path for path in (project / "build" / "store").iterdir() if path.is_dir()]) == 1


def test_a_store_that_is_gone_is_made_again(project: Path) -> None:
    """Whoever has loaded a project while its store was there can still ask."""
    graph = kg.load(project)
    store = Path(graph.store)
    for path in store.iterdir():
        path.unlink()
    store.rmdir()
    assert len(told(graph, "delta")) == 1


def test_every_name_is_found(project: Path) -> None:
    """A directory finds what it holds and nothing else, the first and the last line among them."""
    directory = open_directory(Path(kg.load(project).store))
    lines = [line.split("\t") for line in (directory.store / "names.tsv").read_text("utf-8").splitlines()[1:]]
    assert len(lines) > 10
    for name, id in lines:
        assert id in directory.find(name) or directory.find(name) == [name]
    for name in ("", "delta\tmaker-delta", "zzz", "\n", "delt", "deltaa"):
        assert directory.find(name) == []
    assert fold(" Two  LITRE\n") == "two litre"
    assert len(directory.find("Two Litre")) == 1


def test_a_store_of_many_files_is_asked(tmp_path: Path) -> None:
    """Files that the engine opens only once a query needs them can still be opened."""
    store = pyoxigraph.Store(str(tmp_path))
    for number in range(12):
        quads = "".join(f"<s:{number}-{row}> <p:p> <o:{row}> <g:{number}> .\n" for row in range(50))
        store.bulk_load(quads.encode(), pyoxigraph.RdfFormat.N_QUADS)
    store.flush()
    del store
    assert len(list(tmp_path.glob("*.sst"))) > 32
    for query in ("ASK { <s:0-1> ?p ?o }", "ASK { ?s ?p <o:1> }", "ASK { GRAPH <g:3> { ?s <p:p> ?o } }"):
        assert ask_store(tmp_path, query, prefixes={})
