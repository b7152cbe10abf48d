"""``kill -9`` at any point of what reaches beyond a folder: a push to a store elsewhere, a swap of what is served."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import kg
from amounts import amount, chance
from forks import forks
from kg.files.cache import HELD, PARTIAL, generation, hold
from kg.model.errors import ProjectError
from kg.sparql.store import ask_store, keep_store
from projects import EXAMPLE, ROOT
from sparql_store import RemoteStore, remote_store

KILLS = amount("KG_KILLS", 3)
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}

# ---------------------------------------------------------------- push


@pytest.fixture
def remote() -> Iterator[RemoteStore]:
    """Run a store."""
    with remote_store() as it:
        yield it


@pytest.mark.more
def test_a_push_killed_at_any_request_goes_on(remote: RemoteStore, tmp_path: Path) -> None:
    """Each graph is the old one or the new one; the next push puts only what is missing, and the store is as wanted."""
    old = kg.load(EXAMPLE)
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "new", ignore=shutil.ignore_patterns("build")))
    for path in (folder / "claims").glob("*.yaml"):
        path.write_text(re.sub(r"(?m)^(\s+title: )", r"\1New ", path.read_text("utf-8")), encoding="utf-8")
    new = kg.load(folder)
    states = []
    for graph in (old, new):
        graph.push(remote.url)
        states.append((list(remote.store), remote.graphs()))
    (before, old_graphs), (_, new_graphs) = states
    count_of_new = len([name for name in new_graphs if new_graphs[name] != old_graphs.get(name)])
    assert count_of_new > 5
    draws, resumed = chance(3), 0
    ledger = next(name for name in new_graphs if name.endswith("/graph/pushed>"))
    with forks(tmp_path / "errors") as forked:
        for number in range(KILLS):
            remote.store.clear()
            remote.store.extend(before)
            remote.requests.clear()
            at = draws.randrange(1, 2 * count_of_new + 4)
            remote.on_request = lambda count, at=at: forked.strike() if count == at else None
            forked.start("-C", folder, "push", remote.url)
            assert forked.end() == -signal.SIGKILL, (number, at)
            remote.on_request = lambda count: None
            with remote.lock:
                found = remote.graphs()
            for name in found.keys() - {ledger}:
                assert found[name] in (old_graphs.get(name), new_graphs.get(name)), name
            put = new.push(remote.url).put
            resumed += len(put) < count_of_new - 1
            assert remote.graphs() == new_graphs
    print(f"push: {KILLS} killed under way, 0 graphs half written; {resumed} went on in the middle")
    assert resumed


# ---------------------------------------------------------------- what is served


def quads_of(number: int, count: int = 300) -> str:
    """Return so many quads that all tell which set they are of."""
    return "".join(f'<a:s{row}> <a:p> "{number}" <a:g> .\n' for row in range(count))


SWAPPER = """
import sys
from pathlib import Path
from kg.files.cache import hold
from kg.sparql.store import keep_store
sys.path[:0] = [sys.argv[2], f"{sys.argv[2]}/server"]
from test_kills import quads_of
print("ready", flush=True)
number = int(sys.argv[3])
while True:
    with hold(lambda: keep_store(Path(sys.argv[1]), quads_of(number))):
        print("made", flush=True)
    number += 1
"""


def whole(place: Path) -> bool:
    """Tell whether a generation holds one set, all of it."""
    query = "SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT ?v) AS ?sets) { GRAPH ?g { ?s ?p ?v } }"
    (row,) = ask_store(place, query, prefixes={})
    return (row["n"], row["sets"]) == (300, 1)


@pytest.mark.more
def test_a_swap_killed_at_any_moment_leaves_whole_generations(tmp_path: Path) -> None:
    """Every generation that has its name is whole and opens at once; the next swap clears what was half made."""
    draws, cache, killed = chance(5), tmp_path / "store", 0
    seen = set[str]()
    for number in range(KILLS):
        command = [sys.executable, "-c", SWAPPER, str(cache), str(Path(__file__).parents[1]), str(1000 * number)]
        child = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, start_new_session=True)
        assert child.stdout is not None
        for _ in range(draws.randrange(1, 4)):
            child.stdout.readline()
        time.sleep(draws.uniform(0, 0.3))
        os.killpg(child.pid, signal.SIGKILL)  # and its engine, as a power cut would
        child.communicate()
        killed += 1
        for place in [path for path in cache.glob("[!.]*") if path.is_dir()]:
            assert whole(place)
            seen.add(place.name)
    keep_store(cache, quads_of(-1))
    assert whole(keep_store(cache, quads_of(-2)))
    left = sorted(path.name for path in cache.iterdir())
    print(f"swap: {killed} killed, {len(seen)} generations looked at, all whole; left over: {len(left) - 1}")
    assert len(left) == 1
    assert seen


def test_readers_keep_what_they_hold_while_writers_are_killed(tmp_path: Path) -> None:
    """A reader's generation stays whole while others are made, killed, and deleted."""
    with hold(lambda: keep_store(tmp_path, quads_of(1))) as mine:
        for number in range(3):
            command = [sys.executable, "-c", SWAPPER, str(tmp_path), str(Path(__file__).parents[1]), str(100 + number)]
            child = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, start_new_session=True)
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(0.5 + number / 5)
            os.killpg(child.pid, signal.SIGKILL)
            child.communicate()
            assert whole(mine)
    assert whole(keep_store(tmp_path, quads_of(2)))
    assert [path for path in tmp_path.iterdir() if path == mine] == []


def test_a_generation_half_deleted_is_not_taken_for_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed while an old generation is deleted, its name is gone already: who asks for it again makes it anew."""
    old = generation(tmp_path, "old", lambda folder: (folder / "whole").touch())
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", lambda *_, **__: None)
        generation(tmp_path, "new", lambda folder: (folder / "whole").touch())
    assert not old.exists()
    assert generation(tmp_path, "old", lambda folder: (folder / "whole").touch()) == old
    generation(tmp_path, "newest", lambda folder: (folder / "whole").touch())
    assert [path.name for path in tmp_path.iterdir()] == ["newest"]


def test_two_that_make_one_generation_do_not_hinder_each_other(tmp_path: Path) -> None:
    """Neither deletes what the other is making; both get the same folder, whole."""
    begun, made = threading.Barrier(2), list[Path | ProjectError]()

    def fill(folder: Path) -> None:
        (folder / "half").touch()
        begun.wait(10)
        assert (folder / "half").exists()
        (folder / "whole").touch()

    def make() -> None:
        try:
            made.append(generation(tmp_path, "key", fill))
        except ProjectError as error:
            made.append(error)

    threads = [threading.Thread(target=make) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [tmp_path / "key"] * 2
    assert (tmp_path / "key" / "whole").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(PARTIAL) or path.name.endswith(HELD)]
