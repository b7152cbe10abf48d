"""The command line, as scripts rely on it: exit codes, what goes where, and words for mistakes."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import kg
from command import run, run_apart
from projects import EXAMPLE, ROOT, make_project, source


def test_version() -> None:
    """``kg --version`` needs no project, and ``python -m kg`` is ``kg``."""
    assert run("--version").stdout == run_apart("--version").stdout == f"kg {kg.__version__}\n"


def test_help_names_every_verb() -> None:
    """The help lists the verbs."""
    text = run("--help").stdout
    assert all(f" {verb} " in text for verb in ("ask", "build", "check", "export", "formats", "new", "query", "view"))


def test_check_of_a_good_project() -> None:
    """What stands against each other in the sources is told, nothing is wrong, exit 0; one line on standard error."""
    done = run("-C", EXAMPLE, "check")
    assert all(": info KG401: " in line for line in done.stdout.splitlines())
    assert (done.returncode, done.stderr) == (0, f"{len(done.stdout.splitlines())} info\n")


def test_check_of_a_bad_project(tmp_path: Path) -> None:
    """Problems on standard output in one form, exit 1; --fail-on decides."""
    folder = make_project(tmp_path, "agent: a, role: desinger, target: car", "agent: a, role: oem, target: car")
    done = run("-C", folder, "check")
    first, second = done.stdout.splitlines()
    assert first.startswith("claims/s1.yaml:3:20: error KG102: unknown role 'desinger'; ")
    assert second.startswith("claims/s1.yaml:4:20: warning KG301: ")
    assert (done.returncode, done.stderr) == (1, "1 error, 1 warning\n")
    assert run("-C", folder, "check", "--fail-on", "never").returncode == 0


def test_fail_on_warning(tmp_path: Path) -> None:
    """A warning passes, unless asked otherwise."""
    folder = make_project(tmp_path, "agent: a, role: oem, target: car")
    assert run("-C", folder, "check").returncode == 0
    assert run("-C", folder, "check", "--fail-on", "warning").returncode == 1


def test_check_as_json(tmp_path: Path) -> None:
    """JSON has the same, for programs."""
    folder = make_project(tmp_path, "agent: nobody, role: retailer, target: car")
    (problem,) = json.loads(run("-C", folder, "check", "--format", "json").stdout)
    assert problem["file"] == "claims/s1.yaml"
    assert (problem["line"], problem["column"], problem["severity"], problem["code"]) == (3, 11, "error", "KG103")


def test_build_writes_into_the_project_or_elsewhere(tmp_path: Path) -> None:
    """Outputs go to PROJECT/build, or to -o relative to where one stands."""
    project = tmp_path / "p"
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("build"))
    assert run("-C", project, "build").returncode == 0
    done = run("-C", project, "build", "-o", "out", cwd=tmp_path)
    names = ["graph.html", "graph.trig", "graph.ttl", "ontology.ttl"]
    assert sorted(path.name for path in (project / "build").iterdir()) == names
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
    assert sorted(done.stdout.split()) == [f"out/{name}" for name in names]


def test_the_nearest_project_upward(tmp_path: Path) -> None:
    """Without -C, the nearest folder upward that holds kg.yaml."""
    folder = make_project(tmp_path / "p", "agent: a, role: retailer, target: car")
    assert run("check", cwd=folder / "claims").returncode == 0
    lost = run("check", cwd=tmp_path)
    assert (lost.returncode, lost.stdout) == (1, "")
    assert "no kg.yaml here or above" in lost.stderr


def test_a_bad_project_makes_nothing(tmp_path: Path) -> None:
    """Every verb but check says the errors and exits 1, writing nothing."""
    folder = make_project(tmp_path, "agent: nobody, role: retailer, target: car")
    for words in (
        ["build"],
        ["view"],
        ["export", "-f", "turtle", "-o", str(tmp_path / "x.ttl")],
        ["query", "ASK {}"],
        ["ask"],
    ):
        done = run("-C", folder, *words)
        assert (done.returncode, done.stdout) == (1, ""), words
        assert "claims/s1.yaml:3:11: error KG103" in done.stderr
    assert not (folder / "build").exists()
    assert not (tmp_path / "x.ttl").exists()


def test_query_forms() -> None:
    """The same answer as table, CSV, TSV, JSON, XML; triples as Turtle; ASK as yes and no."""
    sparql = "SELECT ?name { :huawei rdfs:label ?name } ORDER BY ?name"
    assert run("-C", EXAMPLE, "query", sparql).stdout == "name\n──────\nHuawei\n华为\n"
    assert run("-C", EXAMPLE, "query", sparql, "-f", "csv").stdout.split() == ["name", "Huawei", "华为"]
    assert run("-C", EXAMPLE, "query", sparql, "-f", "tsv").stdout == '?name\n"Huawei"@en\n"华为"@zh\n'
    assert json.loads(run("-C", EXAMPLE, "query", sparql, "-f", "json").stdout)["head"]["vars"] == ["name"]
    assert "<literal xml:lang=" in run("-C", EXAMPLE, "query", sparql, "-f", "xml").stdout
    assert ":huawei a kg:Firm ." in run("-C", EXAMPLE, "query", "CONSTRUCT WHERE { :huawei a ?t }").stdout
    assert run("-C", EXAMPLE, "query", "ASK { :huawei a kg:Firm }").stdout == "yes\n"


def test_query_from_a_file_and_from_standard_input(tmp_path: Path) -> None:
    """-q FILE is relative to where one stands; - reads standard input."""
    (tmp_path / "q.rq").write_text("ASK { :huawei a kg:Brand }", encoding="utf-8")
    assert run("-C", EXAMPLE, "query", "-q", "q.rq", cwd=tmp_path).stdout == "no\n"
    assert run("-C", EXAMPLE, "query", "-q", "-", stdin="ASK { :huawei a kg:Firm }").stdout == "yes\n"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["query", "SELECT * { SERVICE <http://x/> {} }"], 1, "1:12: SERVICE asks another server"),
        (["query", "SELECT ?x {"], 1, "expected"),
        (["query", "SELECT ?x { ?x a ?t }", "-f", "turtle"], 2, "does not suit"),
        (["query"], 2, "give a query"),
        (["query", "-q", "nowhere.rq"], 1, "cannot read nowhere.rq"),
        (["ask", "rols-of"], 2, "did you mean 'roles-of'"),
        (["ask", "roles-of", "--firm"], 2, "no parameter with a value"),
        (["ask", "roles-of", "--firm", "huawie"], 2, "did you mean 'huawei'"),
        (["export"], 2, "Missing option"),
        (["export", "-f", "docx"], 2, "docx"),
        (["frobnicate"], 2, "No such command"),
        (["view", "--focus", "huawie"], 2, "did you mean 'huawei'"),
        (["view", "-o", "/proc/nowhere/x.html"], 1, "cannot write"),
    ],
)
def test_mistakes(words: list[str], code: int, said: str) -> None:
    """Wrong usage exits 2, failure 1; one plain message, never a traceback."""
    done = run("-C", EXAMPLE, *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_ask_lists_the_questions() -> None:
    """Without a question: a line each, with parameters and title; at least 20."""
    lines = run("-C", EXAMPLE, "ask").stdout.splitlines()
    assert len(lines) >= 20
    assert any(line.startswith("roles-of [--firm ENTITY]") for line in lines)


def test_a_table_ends_and_says_so() -> None:
    """A table shows the rows found first and tells that there are more; what a program reads is whole."""
    cut, whole = (run("-C", EXAMPLE, "ask", "roles-of", "--limit", rows) for rows in ("3", "0"))
    assert len(cut.stdout.splitlines()) == 3 + 2 < len(whole.stdout.splitlines())
    assert set(cut.stdout.split()) <= {*whole.stdout.split(), *(word for word in cut.stdout.split() if "─" in word)}
    assert "3 rows, those found first; there are more" in cut.stderr
    assert "there are more" not in whole.stderr
    refused = run("-C", EXAMPLE, "ask", "roles-of", "-f", "csv", "--limit", "3")
    assert (refused.returncode, refused.stderr) == (2, "kg: --limit is for tables; -f csv is whole\n")


def test_export_to_a_file_and_to_standard_output(tmp_path: Path) -> None:
    """The same text either way."""
    text = run("-C", EXAMPLE, "export", "-f", "trig").stdout
    done = run("-C", EXAMPLE, "export", "-f", "trig", "-o", "g.trig", cwd=tmp_path)
    assert done.stdout == "g.trig\n"
    assert (tmp_path / "g.trig").read_text("utf-8") == text
    assert "kg:supplierOf" in run("-C", EXAMPLE, "export", "-f", "turtle", "--flat", "cautious").stdout


def test_view_writes_a_page(tmp_path: Path) -> None:
    """A page at -o; --focus makes it smaller."""
    assert run("-C", EXAMPLE, "view", "-o", tmp_path / "all.html").returncode == 0
    assert run("-C", EXAMPLE, "view", "-o", tmp_path / "near.html", "--focus", "sokon", "--depth", "1").returncode == 0
    assert (tmp_path / "near.html").stat().st_size < (tmp_path / "all.html").stat().st_size


def test_new_begins_a_project_that_works(tmp_path: Path) -> None:
    """A new project checks clean and builds; a folder that holds something is left alone."""
    assert run("new", "mine", cwd=tmp_path).returncode == 0
    assert run("-C", "mine", "check", "--fail-on", "warning", cwd=tmp_path).returncode == 0
    assert run("-C", "mine", "build", cwd=tmp_path).returncode == 0
    again = run("new", "mine", cwd=tmp_path)
    assert again.returncode == 1
    assert "not empty" in again.stderr


def test_a_poor_locale_is_no_trouble() -> None:
    """Chinese goes out as UTF-8 even under POSIX without UTF-8 mode."""
    poor = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    assert "华为" in run_apart("-C", EXAMPLE, "query", "SELECT ?n { :huawei rdfs:label ?n }", **poor).stdout


def test_a_closed_pipe_is_no_traceback() -> None:
    """``kg export … | head -1`` ends quietly."""
    command = f"{sys.executable} -m kg -C {EXAMPLE} export -f nquads | head -n 1"
    done = subprocess.run(  # noqa: S602 - a pipe is what is tested
        command, shell=True, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_none_is_told_of_what_was_looked_at(tmp_path: Path) -> None:
    """No plan of an outcome is not no plan; nothing is missing only where something was looked for."""
    plan = "event: launch, about: car, modality: planned"
    folder = make_project(tmp_path, plan, "subject: a, relation: subsidiary-of, object: b")
    assert "0 of 1 plan\n" in run("plans", "--outcome", "met", cwd=folder).stderr
    assert "0 of 1 plan\n1 more plans name no day" in run("plans", cwd=folder).stderr
    assert "nothing is looked for: the ontology expects nothing" in run("gaps", "boss", cwd=folder).stderr
    (folder / "claims" / "s1.yaml").write_text(source("s1", "2021", "subject: a, relation: subsidiary-of, object: b"))
    assert "no plan that counts is on record" in run("plans", cwd=folder).stderr
