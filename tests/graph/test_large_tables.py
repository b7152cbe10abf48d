"""What is asked of a project with large tables: a verb looks at all rows, or says which it leaves out and exits 2."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

import kg
from kg.bulk import small_tables
from kg.commands.app import app, main
from kg.formats.registry import FORMATS
from kg.graph.project_graph import Graph
from kg.model.errors import LargeTablesError
from projects import make_project
from serving import Running, running

ROWS = 12_000
MAPPING = """file: suppliers.csv
source: s1
entities:
  maker: {key: $maker, type: firm, en: $maker}
claims:
- {agent: $maker, role: retailer, target: car, note: $note}
"""
QUESTION = "# title: Is there a seventh?\n# answer: yes\nASK { ?e rdfs:label 'Maker 7'@en }\n"
LEFT_OUT = "not at the 12,000 rows of tables/suppliers.csv"
SAID = f"this looks at claims in files alone, {LEFT_OUT}; kg ask and kg query look at all"

ALL = {
    "ask": [["ask", "roles-of", "--firm", "maker 7"], ["ask"]],
    "query": [["query", "SELECT ?e { ?e rdfs:label 'Maker 7'@en }"]],
    "test": [["test"]],
    "build": [["build", "-o", "OUT"]],
    "schema": [["schema"]],
}
REFUSED = {
    "export": [["export", "-f", form, "-o", "OUT/x"] for form in FORMATS],
    "gaps": [["gaps"], ["gaps", "maker-7"], ["gaps", "--format", "json"]],
    "matrix": [["matrix"]],
    "plans": [["plans"]],
    "why": [["why", "a", "car"], ["why", "maker-7", "car"]],
    "conflicts": [["conflicts"]],
    "diff": [["diff", "PROJECT"], ["diff", "HEAD"], ["diff", "SMALL", "PROJECT"], ["diff", "SMALL", "HEAD"]],
    "xref": [["xref"]],
    "timeline": [["timeline", "a"], ["timeline", "maker-7"]],
    "view": [["view", "-o", "OUT/x.html"], ["view", "-o", "OUT/x.svg"], ["view", "--focus", "a", "-o", "OUT/x.html"]],
    "history": [["history", "s1/one"]],
    "sources check": [["sources", "check"]],
}
SAYING = {"check": [["check"], ["check", "--format", "json"]]}
APART = {"add", "fmt", "formats", "import", "new", "push", "serve"}  # files alone, no project, or tested elsewhere


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project with a large table, under git, and asked once."""
    made = make_project(
        tmp_path_factory.mktemp("large"),
        "agent: a, role: carmaker, target: car, id: one",
        tables__suppliers_yaml=MAPPING,
    )
    lines = (f"Maker {number},row {number}" for number in range(ROWS))
    (made / "questions").mkdir()
    (made / "questions" / "seven.rq").write_text(QUESTION, "utf-8")
    (made / "tables" / "suppliers.csv").write_text("\n".join(["maker,note", *lines, ""]), "utf-8")
    for words in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "All"],
    ):
        subprocess.run(["git", "-C", str(made), *words], check=True)
    return made


@pytest.fixture(scope="module")
def graph(project: Path) -> kg.Graph:
    """Return the project's graph."""
    return kg.load(project)


def run(
    words: list[str], project: Path, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[int, str, str]:
    """Run a command as from a terminal; return exit code, output and messages."""
    small = make_project(folder / "small", "agent: a, role: carmaker, target: car")
    places = {"PROJECT": str(project), "SMALL": str(small), "OUT": str(folder)}
    for name, place in places.items():
        words = [word.replace(name, place) for word in words]
    monkeypatch.setattr("sys.argv", ["kg", "-C", str(project), *words])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def verbs() -> Iterator[str]:
    """Yield every command of kg."""
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        yield from (f"{name} {one}" for one in command.commands) if hasattr(command, "commands") else [name]


def test_every_verb_is_tried() -> None:
    """None is forgotten below."""
    assert sorted(verbs()) == sorted([*ALL, *REFUSED, *SAYING, *APART])


@pytest.mark.parametrize("words", [words for calls in REFUSED.values() for words in calls], ids=" ".join)
def test_a_verb_that_leaves_out_tables_says_so(
    words: list[str], project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It writes nothing and exits 2."""
    code, out, said = run(words, project, tmp_path, capsys, monkeypatch)
    assert (code, out, said) == (2, "", f"kg: {SAID}\n")
    assert not list(tmp_path.glob("x*"))


@pytest.mark.parametrize("words", [words for calls in ALL.values() for words in calls], ids=" ".join)
def test_a_verb_that_looks_at_all(
    words: list[str], project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row of a table is found, or can be."""
    code, out, said = run(words, project, tmp_path, capsys, monkeypatch)
    assert code == 0, said
    assert LEFT_OUT not in said
    if words[0] == "ask" and len(words) > 1:
        assert "Car One" in out or "car" in out
    if words[0] == "query":
        assert ":maker-maker-7" in out
    if words[0] == "build":
        assert b"Maker 7" in (tmp_path / "graph.ttl").read_bytes()
        assert "no page (graph.html) was drawn and no graph.trig written: the tables are too large" in said
        assert not (tmp_path / "graph.html").exists()
    if words[0] == "schema":
        assert '"enum": ["a", "b"' not in out


@pytest.mark.parametrize("words", SAYING["check"], ids=" ".join)
def test_check_says_what_it_does_not_look_at(
    words: list[str], project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not fail for it."""
    code, _, said = run(words, project, tmp_path, capsys, monkeypatch)
    assert code == 0
    assert said.startswith("not looked for: what conflicts with the 12,000 rows of tables/suppliers.csv\n")


# ---------------------------------------------------------------- in Python

CALLS = {
    "whole": lambda graph: graph.whole,
    "judge": lambda graph: graph.judge,
    "judgements": lambda graph: graph.judgements,
    "quads": lambda graph: graph.quads,
    "why": lambda graph: graph.why("a", "car"),
    "history": lambda graph: graph.history("s1/one"),
    "conflicts": lambda graph: graph.conflicts(),
    "plans": lambda graph: graph.plans(),
    "gaps": lambda graph: graph.gaps(),
    "to_networkx": lambda graph: graph.to_networkx(),
    "to_rdflib": lambda graph: graph.to_rdflib(),
    "export": lambda graph: graph.export("csv"),
    "view": lambda graph: graph.view(),
    "svg": lambda graph: graph.svg(),
    "matrix": lambda graph: graph.matrix(),
    "timeline": lambda graph: graph.timeline("a"),
}
LOOK_AT_ALL = {
    "ask",
    "query",
    "push",
    "store",
    "hold_store",
    "write",
    "tables",
    "rejected",
    "finder",
    "summary",
    "questions",
}
OF_FILES = {
    "world",
    "frame",
    "files",
    "folder",
    "problems",
    "rejects",
    "left_out",
    "prefixes",
    "entity_id",
    "ontology_text",
    "shapes_text",
}


def test_every_method_is_tried(graph: kg.Graph) -> None:
    """None is forgotten below."""
    assert {name for name in {*dir(Graph), *vars(graph)} if name[0] != "_"} == {*CALLS, *LOOK_AT_ALL, *OF_FILES}


@pytest.mark.parametrize("name", CALLS)
def test_a_method_that_leaves_out_tables_raises(graph: kg.Graph, name: str) -> None:
    """One error, which is wrong usage."""
    with pytest.raises(LargeTablesError) as caught:
        CALLS[name](graph)
    assert str(caught.value) == SAID
    assert isinstance(caught.value, kg.UsageError)


def test_a_notebook_shows_no_verdicts(graph: kg.Graph) -> None:
    """Title and size alone, the tables with it."""
    html = graph._repr_html_()
    assert "tables" in html
    assert "stated" not in html


# ---------------------------------------------------------------- small tables, and many


def test_small_tables_are_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row more in a small table is a difference, of two folders and of a revision."""
    for name, rows in (("old", ""), ("new", "Maker 1,x\n")):
        made = make_project(tmp_path / name, "agent: a, role: carmaker, target: car", tables__suppliers_yaml=MAPPING)
        (made / "tables" / "suppliers.csv").write_text(f"maker,note\n{rows}", "utf-8")
    monkeypatch.setattr("sys.argv", ["kg", "diff", str(tmp_path / "old"), str(tmp_path / "new")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert "Maker 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("count", "told"),
    [(2, "the 2 rows of tables/t0.csv and tables/t1.csv"), (4, "the 4 rows of tables/t0.csv, tables/t1.csv, tables/t2.csv and tables/t3.csv"), (9, "the 9 rows of tables/t0.csv, tables/t1.csv, tables/t2.csv and 6 more")],
)  # fmt: skip
def test_many_tables_are_not_all_named(count: int, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three, and how many more."""
    monkeypatch.setattr(small_tables, "FEW", 0)
    made = make_project(tmp_path, "agent: a, role: carmaker, target: car")
    (made / "tables").mkdir()
    for number in range(count):
        (made / "tables" / f"t{number}.yaml").write_text(MAPPING.replace("suppliers", f"t{number}"), "utf-8")
        (made / "tables" / f"t{number}.csv").write_text("maker,note\nOne,x\n", "utf-8")
    assert kg.load(made).left_out == told


# ---------------------------------------------------------------- pages


@pytest.fixture(scope="module")
def served(graph: kg.Graph) -> Iterator[Running]:
    """Serve the project."""
    with running(graph=graph) as it:
        yield it


PAGES = [
    "/",
    "/entities",
    "/search?q=maker",
    "/conflicts",
    "/plans",
    "/gaps",
    "/id/a.html",
    "/downloads",
    "/id/maker-maker-7.html",
]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_what_it_leaves_out(served: Running, path: str) -> None:
    """Which rows, and who looks at them."""
    assert f"{LEFT_OUT}; questions and SPARQL look at all" in served.get(path, Accept="text/html").text


@pytest.mark.parametrize(
    "path",
    [
        "/reconcile",
        "/reconcile/suggest/entity?prefix=a",
        "/reconcile/properties",
        "/reconcile/preview?id=a",
        "/download/graph.ttl",
    ],
)
def test_what_has_no_page_to_say_so_is_refused(served: Running, path: str) -> None:
    """501, and why."""
    reply = served.get(path)
    assert (reply.status, LEFT_OUT in reply.text) == (501, True)


def test_questions_and_sparql_look_at_all(served: Running) -> None:
    """Also at whom only a table names."""
    page = served.get("/questions/roles-of?firm=Maker+7", Accept="text/html").text
    assert LEFT_OUT not in page
    assert "retailer" in page
    assert LEFT_OUT not in served.get("/editor", Accept="text/html").text
    assert b"true" in served.ask("ASK { ?e rdfs:label 'Maker 7'@en }").body
    assert LEFT_OUT in served.get("/id/maker-maker-7.ttl", Accept="text/turtle").text
    assert LEFT_OUT in served.get("/search?q=maker", Accept="application/json").text
    void = served.get("/.well-known/void", Accept="text/turtle").text
    assert "dataDump" not in void
    assert "void#entities" not in void
