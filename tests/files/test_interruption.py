"""A signal in the middle of a large build, and of loading its store: the last good outputs stay, and nothing besides."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from command import run
from kg.files.cache import HELD, PARTIAL
from projects import make_project

ROWS = 15_000
PATIENCE = 300
MAPPING = """file: t.csv
source: s1
entities:
  product: {key: $product, type: model, en: $product}
claims:
- {agent: a, role: carmaker, target: $product, note: $note}
"""
ASK = ("ask", "roles-on", "--vehicle", "product-p7", "-f", "csv")


def write_table(folder: Path, word: str) -> None:
    """Write the table of a project: more claims than are held one by one."""
    number = pl.int_range(ROWS, eager=True).cast(pl.String)
    pl.DataFrame({"product": "P" + number, "note": f"{word} " + number}).write_csv(folder / "tables" / "t.csv")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project with a large table, built and asked once."""
    made = make_project(
        tmp_path_factory.mktemp("first"), "agent: a, role: retailer, target: car", tables__t_yaml=MAPPING
    )
    write_table(made, "first")
    for words in (("build",), ASK):
        assert run("-C", made, *words).returncode == 0
    return made


@pytest.fixture
def project(first: Path, tmp_path: Path) -> Path:
    """Return a copy of it, whose table has changed since."""
    copy = Path(shutil.copytree(first, tmp_path / "project"))
    write_table(copy, "second")
    return copy


def command(project: Path, *arguments: str) -> list[str]:
    """Return a command of kg."""
    return [sys.executable, "-m", "kg", "-C", str(project), *arguments]


def interrupted(begun: Callable[[], bool], words: list[str], number: signal.Signals = signal.SIGINT) -> tuple[int, str]:
    """Run a command, send a signal once it has begun something; return exit code and messages.

    Ctrl-C reaches every process of the command, as from a terminal, and so does what kills; else the first alone.
    """
    process = subprocess.Popen(
        words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    until = time.monotonic() + PATIENCE
    while not begun():
        assert process.poll() is None, "it ended before it could be interrupted"
        assert time.monotonic() < until
        time.sleep(0.005)
    (os.killpg if number in (signal.SIGINT, signal.SIGKILL) else os.kill)(process.pid, number)
    _, said = process.communicate(timeout=PATIENCE)
    return process.returncode, said


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("place", [".kept/*.arrow", "parts/t.ttl"])
def test_an_interrupted_build_leaves_the_last_one(project: Path, place: str) -> None:
    """Whether rows are read or parts are written: the old files stay, byte by byte, and no other."""
    build = project / "build"
    before = contents(build)
    code, said = interrupted(
        lambda: any(path.stat().st_size for path in build.glob(f".kg-partial-*/{place}")), command(project, "build")
    )
    assert code in (1, 130)
    assert "Traceback" not in said
    assert contents(build) == before
    assert run("-C", project, "build").returncode == 0
    assert b"second 7" in (build / "graph.ttl").read_bytes()


def store_of(cache: Path) -> Path:
    """Return the one store that stands in a cache."""
    (found,) = (path for path in cache.iterdir() if path.is_dir() and not path.name.startswith(PARTIAL))
    assert HELD not in found.name
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_load_leaves_the_last_store(project: Path, number: signal.Signals) -> None:
    """The store that was there is still there, and the next question makes the new one."""
    cache = project / "build" / "store"
    before = store_of(cache)
    kept = contents(before)
    code, said = interrupted(lambda: any(cache.glob(".partial-*/*.log")), command(project, *ASK), number)
    assert code in {signal.SIGINT: (1, 130)}.get(number, (128 + number,))
    assert "Traceback" not in said
    assert store_of(cache) == before
    assert contents(before) == kept
    assert not list(cache.glob(".partial-*"))
    assert "carmaker" in run("-C", project, *ASK).stdout
    assert store_of(cache) != before


SCRATCH = "import sys; from pathlib import Path; from kg.files.cache import scratch\nwith scratch(Path(sys.argv[1])) as it:\n    print(it.name, flush=True)\n    input()"


@contextmanager
def another_at_work(cache: Path) -> Iterator[str]:
    """Give the name of the folder in which another process is at work until the block ends."""
    words = [sys.executable, "-c", SCRATCH, str(cache)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.communicate("\n")


def test_a_killed_load_is_cleared_by_the_next_command(project: Path) -> None:
    """What was half made goes with the next command that looks for a store, though it makes none; others work on."""
    cache = project / "build" / "store"
    before = store_of(cache)
    with another_at_work(cache) as theirs:
        code, _ = interrupted(lambda: any(cache.glob(".partial-*/*.log")), command(project, *ASK), signal.SIGKILL)
        assert code == -signal.SIGKILL
        assert len(list(cache.glob(".partial-*"))) > 1
        subprocess.run(command(project, "check"), check=True, capture_output=True)
        assert [path.name for path in cache.glob(".partial-*")] == [theirs]
    assert not list(cache.glob(".partial-*"))
    assert store_of(cache) == before
