"""The commands themselves under kill -9, Ctrl-C, limits and hostile places: old outputs whole, or new ones whole."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from amounts import amount, chance
from command import run as run_here
from forks import Killer, forks
from kg.files.outputs import recover
from projects import EXAMPLE, ROOT

KILLS = amount("KG_KILLS", 4)
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def kg(*words: str | Path, **options: object) -> subprocess.Popen[bytes]:
    """Start a command."""
    command = [sys.executable, "-m", "kg", *map(str, words)]
    return subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)  # type: ignore[call-overload,no-any-return]


def run(*words: str | Path) -> tuple[int, str]:
    """Run a command; return its exit code and what it says on standard error."""
    done = run_here(*words)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stderr


def content(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder with what it holds."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a copy of the example."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / 'it\'s a "项目" & more', ignore=shutil.ignore_patterns("build")))


def state(project: Path, number: int) -> None:
    """Bring the project into one of two states."""
    text = (EXAMPLE / "kg.yaml").read_text("utf-8")
    (project / "kg.yaml").write_text(text + f"licence: CC-BY-{number % 2}.0\n", encoding="utf-8")


COMMANDS: Mapping[str, Callable[[Path, Path], list[str | Path]]] = {
    "build": lambda project, out: ["-C", project, "build", "-o", out],
    "export": lambda project, out: ["-C", project, "export", "-f", "csv", "-o", out],
}


@pytest.mark.more
@pytest.mark.parametrize("name", COMMANDS)
def test_killed_at_any_moment(name: str, project: Path, tmp_path: Path) -> None:
    """``kill -9`` at random moments: the outputs are of one state, and the next command needs no help."""
    out, sets = tmp_path / "out", []
    words = COMMANDS[name](project, out)
    with forks(tmp_path / "errors") as forked:
        for number in (0, 1):
            state(project, number)
            assert forked.run(*words) == 0
            sets.append(content(out))
        assert sets[0] != sets[1]
        killer, stands = Killer(forked, chance(name), *words), Counter[str]()
        for number in range(20 * KILLS):  # one that ended before its kill does not count
            state(project, number)
            was_killed = killer.kill(*words)
            recover(out)
            found = content(out)
            assert found in sets
            stands["new" if found == sets[number % 2] else "old"] += was_killed
            if killer.count == KILLS:
                break
        state(project, 0)
        assert forked.run(*words) == 0
    assert content(out) == sets[0]
    print(f"{name}: killed {killer.killed}, then there stood {dict(stands)}; 0 mixed, 0 left over")
    assert killer.count == KILLS


@pytest.mark.more
def test_an_import_killed_at_any_moment(project: Path, tmp_path: Path) -> None:
    """A new project is not there, or there whole; what was begun is gone with the next."""
    file, stands = tmp_path / "graph.trig", Counter[str]()
    with forks(tmp_path / "errors") as forked:
        assert forked.run("-C", project, "export", "-f", "trig", "-o", file) == 0
        assert forked.run("import", file, "-o", tmp_path / "whole") == 0
        whole = content(tmp_path / "whole")
        killer = Killer(forked, chance(1), "import", file, "-o", tmp_path / "first")
        for number in range(20 * KILLS):
            place = tmp_path / f"place {number}"
            was_killed = killer.kill("import", file, "-o", place / "made")
            there = (place / "made").exists()
            stands["begun" if place.exists() and not there else "whole" if there else "nothing"] += was_killed
            if not there:
                assert forked.run("import", file, "-o", place / "made") == 0
            assert content(place) == {f"made/{name}": text for name, text in whole.items()}
            assert [path.name for path in place.iterdir()] == ["made"]
            if killer.count == KILLS:
                break
    print(f"import: killed {killer.killed}, then there stood {dict(stands)}; 0 half there, 0 left over")
    assert killer.count == KILLS


def interrupt(child: subprocess.Popen[bytes]) -> None:
    """Press Ctrl-C; the command ends at once, by the signal or with the code that shells give it, and says nothing."""
    child.send_signal(signal.SIGINT)
    _, error = child.communicate(timeout=120)
    assert b"Traceback" not in error, error.decode()
    assert b"Exception ignored" not in error, error.decode()
    assert child.returncode in (0, 130, -signal.SIGINT)


def test_interrupted_by_the_keyboard(project: Path) -> None:
    """Ctrl-C ends a command without a traceback, and the last good outputs stand."""
    assert run("-C", project, "build")[0] == 0
    before = content(project)
    for wait in (0.3, 0.5, 0.7):
        child = kg("-C", project, "build", start_new_session=True)
        time.sleep(wait)
        interrupt(child)
        assert content(project) == before


INTERRUPTIONS = amount("KG_INTERRUPTIONS", 4)


@pytest.mark.more
def test_interrupted_while_modules_are_imported(project: Path) -> None:
    """Ctrl-C as so many random modules have just been imported: no word, and nothing written."""
    command = [sys.executable, "-X", "importtime", "-m", "kg", "-C", str(project), "build"]
    options = {"env": ENVIRONMENT, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "start_new_session": True}
    whole = subprocess.run(command, check=True, env=ENVIRONMENT, capture_output=True).stderr.splitlines()
    # From here the command has the signal in its hands; before, Python itself is starting.
    first = (
        next(number for number, line in enumerate(whole) if line.endswith(b"| signal") or line.endswith(b"| kg")) + 2
    )
    draws, before = chance(40), content(project)
    for _ in range(INTERRUPTIONS):
        child = subprocess.Popen(command, **options)  # type: ignore[call-overload]
        assert child.stderr is not None
        for _ in range(draws.randrange(first, len(whole))):
            child.stderr.readline()
        interrupt(child)
        if child.returncode:
            assert content(project) == before


AT_AN_IMPORT = """
import signal, sys
from kg.__main__ import main

class Interruption:
    def find_spec(self, name, path=None, target=None):
        if name == wanted:
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Interruption())
wanted = sys.argv.pop(1)
main()
"""


@pytest.mark.parametrize("module", ["kg.commands.app", "typer", "yaml", "kg.rdf.triples"])
def test_interrupted_at_an_import(module: str, project: Path) -> None:
    """Ctrl-C just as a module is looked for, whether the command has begun or not: no word, and nothing written."""
    before = content(project)
    run = subprocess.run([sys.executable, "-c", AT_AN_IMPORT, module, "-C", project, "build"], env=ENVIRONMENT, capture_output=True, check=False)  # fmt: skip
    assert run.returncode in (130, -signal.SIGINT)
    assert run.stderr == b""
    assert content(project) == before


def test_a_signal_that_is_ignored_stays_ignored(project: Path) -> None:
    """What a shell starts in the background does not end when somebody presses Ctrl-C in front."""
    code = 'trap "" INT; exec "$0" -X importtime -m kg -C "$1" check'
    child = subprocess.Popen(
        ["bash", "-c", code, sys.executable, str(project)],
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert child.stderr is not None
    for _ in range(200):
        child.stderr.readline()
        child.send_signal(signal.SIGINT)
    child.communicate(timeout=120)
    assert child.returncode == 0


def test_a_build_folder_that_leads_out_of_the_project_is_refused(project: Path, tmp_path: Path) -> None:
    """A project that a stranger made may not have its outputs written elsewhere; -o may name any place."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (project / "build").symlink_to(elsewhere)
    code, error = run("-C", project, "build")
    assert (code, content(elsewhere)) == (1, {})
    assert "leads out of the project" in error
    assert run("-C", project, "build", "-o", elsewhere)[0] == 0


def test_an_output_folder_that_is_a_file(project: Path, tmp_path: Path) -> None:
    """The message names it, and it stays as it is."""
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    for words in (["build", "-o", tmp_path / "out"], ["export", "-f", "csv", "-o", tmp_path / "out"]):
        code, error = run("-C", project, *words)
        assert code == 1
        assert str(tmp_path / "out") in error
    assert (tmp_path / "out").read_text("utf-8") == "mine"


needs_rights = pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may write anywhere")
AS_ANYBODY = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []


def as_anybody(*words: str | Path) -> subprocess.CompletedProcess[bytes]:
    """Run a command as one for whom rights of folders count."""
    command = [*AS_ANYBODY, sys.executable, "-m", "kg", *map(str, words)]
    return subprocess.run(command, env=ENVIRONMENT, capture_output=True, check=False)


@needs_rights
def test_a_folder_that_may_not_be_written(project: Path, tmp_path: Path) -> None:
    """The message names it; exit 1."""
    out = tmp_path / "out"
    out.mkdir()
    out.chmod(0o500)
    child = as_anybody("-C", project, "export", "-f", "turtle", "-o", out / "g.ttl")
    assert child.returncode == 1, child.stderr
    assert b"Permission denied" in child.stderr
    assert content(out) == {}


@needs_rights
def test_a_project_that_may_only_be_read(project: Path, tmp_path: Path) -> None:
    """It is asked, and built elsewhere; a build in it says why not, and leaves nothing."""
    before = content(project)
    for path in (project, *project.rglob("*")):
        path.chmod(0o500 if path.is_dir() else 0o400)
    for words in (["ask", "roles-of", "--firm", "huawei"], ["build", "-o", tmp_path / "b"]):
        child = as_anybody("-C", project, *words)
        assert child.returncode == 0, child.stderr
    child = as_anybody("-C", project, "build")
    assert child.returncode == 1
    assert b"Permission denied" in child.stderr
    assert b"Traceback" not in child.stderr
    assert content(project) == before
    for path in (project, *project.rglob("*")):
        path.chmod(0o700)


LIMITS = {"files of 100 kB at most": "ulimit -f 100", "64 open files": "ulimit -n 64", "600 MB": "ulimit -v 600000"}


@pytest.mark.parametrize("limit", LIMITS.values(), ids=LIMITS)
def test_under_a_limit(limit: str, project: Path) -> None:
    """It works, or a clear message says why not and the old outputs stand."""
    assert run("-C", project, "build")[0] == 0
    before = content(project / "build")
    state(project, 1)
    line = f'{limit} && exec "$0" -m kg -C "$1" build'
    child = subprocess.run(
        ["bash", "-c", line, sys.executable, str(project)], env=ENVIRONMENT, capture_output=True, check=False
    )
    assert b"Traceback" not in child.stderr, child.stderr.decode()
    assert child.returncode in (0, 1), child.stderr
    after = content(project / "build")
    assert (after == before) == (child.returncode == 1)
    assert not list(project.rglob(".kg-*"))


def test_a_clock_that_is_wrong_changes_nothing(project: Path) -> None:
    """No output holds the time of its making."""
    assert run("-C", project, "build")[0] == 0
    before = content(project / "build")
    for path in project.rglob("*"):
        os.utime(path, (0, 0))
    assert run("-C", project, "build")[0] == 0
    assert content(project / "build") == before
