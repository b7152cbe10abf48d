"""kg check for programs and at the desk: SARIF, and a watch that tells what changed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from queue import Queue
from typing import Any

import jsonschema
import pytest
import yaml
from test_bad_input import MISTAKES, project

import kg
from command import run
from kg.curation.watching import stamp_of, watch
from kg.formats.sarif import problem_rules, sarif_log
from kg.graph.loading import check_files
from kg.model.errors import Location, Problem
from projects import ROOT, make_project

GOOD, BAD = "agent: a, role: retailer, target: car", "agent: a, role: desinger, target: car"


def log_of(folder: Path, cwd: Path) -> Any:  # noqa: ANN401 - JSON
    """Return what the command writes."""
    return json.loads(run("-C", folder, "check", "--format", "sarif", cwd=cwd).stdout)


def test_a_log_has_the_structure_of_sarif(tmp_path: Path) -> None:
    """Version, one run, a tool with rules, results with rule, level, message and place."""
    folder = make_project(tmp_path / "a b", BAD, "agent: a, role: oem, target: car")
    log = log_of(folder, tmp_path)
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (only,) = log["runs"]
    driver = only["tool"]["driver"]
    assert (driver["name"], driver["semanticVersion"]) == ("kg", kg.__version__)
    assert [result["level"] for result in only["results"]] == ["error", "warning"]
    for result in only["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        (location,) = result["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"] == "a%20b/claims/s1.yaml"
    assert only["results"][0]["message"]["text"].startswith("unknown role 'desinger'; did you mean")
    assert only["results"][0]["locations"][0]["physicalLocation"]["region"] == {"startLine": 3, "startColumn": 20}


def test_the_published_schema_accepts(tmp_path: Path) -> None:
    """Every seeded mistake as a log, against the schema of SARIF 2.1.0, where KG_SARIF names a file that holds it.

    No Python package holds it; the npm package @microsoft/jest-sarif does, under ``lib/schemas``.
    """
    schema = Path(os.environ.get("KG_SARIF", "/nowhere"))
    if not schema.is_file():
        pytest.skip("needs KG_SARIF: the schema of SARIF 2.1.0, as the npm package @microsoft/jest-sarif holds it")
    validator = jsonschema.Draft4Validator(json.loads(schema.read_text("utf-8")))
    for mistake in MISTAKES:
        folder = project(tmp_path / mistake, mistake)
        log = sarif_log(kg.check(folder), folder, kg.__version__)
        assert [error.message for error in validator.iter_errors(log)] == [], mistake


def test_files_are_named_from_where_one_stands(tmp_path: Path) -> None:
    """In the project itself, and from outside of it, as the project names them."""
    folder = make_project(tmp_path / "p", BAD)
    (tmp_path / "elsewhere").mkdir()
    for place in (folder, tmp_path / "elsewhere"):
        (result,) = log_of(folder, place)["runs"][0]["results"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "claims/s1.yaml"


def test_every_code_is_a_rule_with_its_section_as_help() -> None:
    """The rules are the sections of docs/problems.md, all of them."""
    page = (ROOT / "docs" / "problems.md").read_text("utf-8")
    rules = problem_rules()
    assert [f"## {rule['id']}: {rule['shortDescription']['text']}" for rule in rules] == [
        line for line in page.splitlines() if line.startswith("## KG")
    ]
    assert all(rule["help"]["markdown"] in page for rule in rules)
    assert all("```" in rule["help"]["markdown"] for rule in rules)


def test_places_without_a_line_have_no_region(tmp_path: Path) -> None:
    """A whole file is a place; a cell of a workbook is told by its name as well; a code without a page is no rule."""
    problems = [
        Problem(Location("claims"), "info", "KG999", "m"),
        Problem(Location("t.xlsx", 7, 6, "claims!F7"), "error", "KG102", "m", "h"),
    ]
    whole, cell = sarif_log(problems, tmp_path, "1")["runs"][0]["results"]
    assert "region" not in whole["locations"][0]["physicalLocation"]
    assert (whole["level"], "ruleIndex" in whole) == ("note", False)
    assert cell["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "claims!F7", "kind": "element"}]


def test_hooks_and_workflow_run_what_exists() -> None:
    """What .pre-commit-hooks.yaml and the workflow in docs/desk.md call is there, and the hooks look at the right files."""
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    page = (ROOT / "docs" / "desk.md").read_text("utf-8")
    workflow = next(block for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "jobs:" in block)
    steps = yaml.safe_load(workflow)["jobs"]["check"]["steps"]
    calls = [step["run"].partition(">")[0].split() for step in steps if step.get("run", "").startswith("kg ")]
    calls += [[*hook["entry"].split(), *hook.get("args", ())] for hook in hooks.values()]
    assert len(calls) == 4
    for call in calls:
        assert run(*call[1:], "--help").returncode == 0, call
    for name in ("kg.yaml", "p/entities.yaml", "claims/deep/x.yml"):
        assert all(re.search(hook["files"], name) for hook in hooks.values()), name
    assert not any(re.search(hook["files"], "docs/claims.md") for hook in hooks.values())


# ---------------------------------------------------------------- watch


def test_watch_tells_only_what_changed(tmp_path: Path) -> None:
    """First everything; then what came and went; a problem that only moved is the same one."""
    folder = make_project(tmp_path, BAD)
    path = folder / "claims" / "s1.yaml"
    changes = watch(folder, lambda: check_files(folder), interval=0.001, rounds=1000)
    first = next(changes)
    assert ([problem.code for problem in first.came], first.went) == (["KG102"], [])
    text = path.read_text("utf-8")
    path.write_text(text.replace("claims:\n", f"# moved\nclaims:\n- {{{GOOD}, at: apr1}}\n"), encoding="utf-8")
    second = next(changes)
    assert ([problem.code for problem in second.came], second.went, second.total) == (["KG208"], [], 2)
    path.write_text(text.replace("desinger", "retailer"), encoding="utf-8")
    third = next(changes)
    assert ({problem.code for problem in third.went}, third.came, third.total) == ({"KG102", "KG208"}, [], 0)


def test_watch_sees_every_file_that_a_check_reads(tmp_path: Path) -> None:
    """Settings, entities, sources, claims, own ontology, tables; a new file and one that is gone; nothing that is built."""
    folder = make_project(tmp_path, GOOD)
    names = (
        "kg.yaml",
        "entities.csv",
        "sources.csv",
        "claims/deep/new.yaml",
        "ontology/own.ttl",
        "tables/new.csv",
        "table.xlsx",
    )
    for name in names:
        before = stamp_of(folder)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("changed, and longer than it was", encoding="utf-8")
        assert stamp_of(folder) != before, name
        if name != "kg.yaml":
            (folder / name).unlink()
            assert stamp_of(folder) == before, name
    before = stamp_of(folder)
    (folder / "build").mkdir()
    (folder / "build" / "graph.ttl").write_text("x", encoding="utf-8")
    (folder / "claims" / "~lock").write_text("x", encoding="utf-8")
    assert stamp_of(folder) == before


def test_the_command_watches_until_it_is_stopped(tmp_path: Path) -> None:
    """A saved mistake is told within a second, its mending as gone; Ctrl-C ends with 0."""
    folder = make_project(tmp_path, GOOD)
    path = folder / "claims" / "s1.yaml"
    command = [sys.executable, "-m", "kg", "-C", str(folder), "check", "--watch", "--interval", "0.02"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, **pipes) as running:  # type: ignore[call-overload]
        try:
            told: Queue[str] = Queue()
            reader = threading.Thread(target=lambda: [told.put(line) for line in running.stdout], daemon=True)
            reader.start()
            assert "no problems, checked in" in running.stderr.readline()
            good = path.read_text("utf-8")
            path.write_text(good.replace("retailer", "desinger"), encoding="utf-8")
            assert told.get(timeout=120).startswith("claims/s1.yaml:3:20: error KG102")
            path.write_text(good, encoding="utf-8")
            assert told.get(timeout=120).startswith("gone: claims/s1.yaml:3:20: error KG102")
            time.sleep(0.1)
            running.send_signal(signal.SIGINT)
            assert running.wait(timeout=120) == 0
        finally:
            running.kill()


def test_watch_writes_text_only(tmp_path: Path) -> None:
    """Another form with --watch is wrong usage."""
    folder = make_project(tmp_path, GOOD)
    assert run("-C", folder, "check", "--watch", "--format", "sarif").returncode == 2
