"""The guards survive their own review: with each taken out, a test fails that is named beside it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import kg
from amounts import amount
from guards import GUARDS, Guard
from kg.files import outputs
from kg.sparql import store
from projects import ROOT, make_project

EVERY = amount("KG_GUARDS", 25)  # one in so many is taken out
HANGS = 300  # seconds after which a test without its guard is taken for one that never ends


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the project that can be changed."""
    place = tmp_path_factory.mktemp("guards")
    for name in ("kg", "ontology", "docs", "examples", "tests"):
        shutil.copytree(ROOT / name, place / "copy" / name, ignore=shutil.ignore_patterns("__pycache__", "build"))
    shutil.copyfile(ROOT / "pyproject.toml", place / "copy" / "pyproject.toml")
    return place / "copy"


def passes(copy: Path, test: str) -> bool:
    """Run a test of the copy; tell whether it passes: one that hangs does not."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", f"tests/{test}"]
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", "KG_KILLS": "2"}
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, cwd=copy, env=environment, start_new_session=True, **pipe) as run:  # type: ignore[call-overload]
        try:
            said = run.communicate(timeout=HANGS)[0]
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)  # and what it began
            return False
    assert run.returncode in (0, 1), said  # else the test is not there
    assert "skipped" not in said, said
    return bool(run.returncode == 0)


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.what)
def test_every_guard_stands_where_it_is_said(guard: Guard) -> None:
    """The text that guards is there, once; the test that notices has its name in its file."""
    file, _, name = guard.test.partition("::")
    assert (ROOT / "kg" / guard.file).read_text("utf-8").count(guard.there) == 1
    assert f"def {name.partition('[')[0]}(" in (ROOT / "tests" / file).read_text("utf-8")


@pytest.mark.more
@pytest.mark.parametrize("guard", GUARDS[::EVERY], ids=lambda guard: guard.what)
def test_without_its_guard_a_test_fails(guard: Guard, copy: Path) -> None:
    """It passes as things are, and fails without the guard."""
    path = copy / "kg" / guard.file
    text = path.read_text("utf-8")
    if EVERY > 1:
        assert passes(copy, guard.test)
    path.write_text(text.replace(guard.there, guard.without), encoding="utf-8")
    try:
        assert not passes(copy, guard.test)
    finally:
        path.write_text(text, encoding="utf-8")


# ---------------------------------------------------------------- guards behind guards: what nothing else would notice


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Listen, so that whoever is reached out to is known."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.3)
        yield server


def test_the_engine_reaches_nothing(listener: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the look at a query, the process has no descriptor to call anybody with."""
    monkeypatch.setattr(store, "check_query", lambda query: None)
    query = f"SELECT * {{ SERVICE SILENT <http://127.0.0.1:{listener.getsockname()[1]}/> {{ ?s ?p ?o }} }}"
    store.ask_store("<a:a> <a:b> <a:c> <a:g> .\n", query, prefixes={})
    with pytest.raises(TimeoutError):
        listener.accept()


def test_the_engine_ends_in_time() -> None:
    """A query that would run for hours is ended."""
    quads = "".join(f"<a:{number}> <a:p> <a:o{number}> <a:g> .\n" for number in range(150))
    rows = " ".join(f"?a{step} ?b{step} ?c{step} ." for step in range(6))  # 150 to the power of 6
    query = f"SELECT (COUNT(*) AS ?n) {{ {rows} FILTER(?a0 != ?a5) }}"
    with pytest.raises(kg.QueryError, match="no answer within 1 seconds"):
        store.ask_store(quads, query, prefixes={}, timeout=1)


def test_the_engine_has_a_limit_of_memory() -> None:
    """A text that doubles and doubles ends at the limit."""
    doubled = " ".join(f"BIND(CONCAT(?x{step}, ?x{step}) AS ?x{step + 1})" for step in range(25))
    query = f'SELECT (STRLEN(?x25) AS ?n) {{ BIND("aaaaaaaaaa" AS ?x0) {doubled} }}'
    with pytest.raises(kg.QueryError, match="needs more than 600 MB of memory"):
        store.ask_store("<a:a> <a:b> <a:c> <a:g> .\n", query, prefixes={}, memory=600_000_000)


def test_what_serves_has_no_descriptor_left(tmp_path: Path) -> None:
    """The limit is that of its three descriptors."""
    import asyncio

    from kg.server.limits import Limits
    from kg.server.pool import Pool

    place = store.keep_store(tmp_path, "<a:a> <a:b> <a:c> <a:g> .\n")

    async def limits() -> str:
        pool = Pool(place, Limits(workers=1, spare=0))
        await pool.open()
        text = Path(f"/proc/{pool.processes[0]}/limits").read_text("utf-8")
        await pool.close()
        return text

    line = next(line for line in asyncio.run(limits()).splitlines() if line.startswith("Max open files"))
    assert line.split()[3:5] == ["3", "3"]


def test_a_process_that_never_answers_is_given_up(tmp_path: Path) -> None:
    """Whatever it does with its own alarm: the pool does not wait for it."""
    import asyncio

    from test_pool import FORMS, _Impostor

    from kg.server.limits import Limits
    from kg.server.pool import NoAnswerError, Pool

    async def run() -> None:
        pool = Pool(tmp_path, Limits(workers=1, timeout=0.3), source=_Impostor("import time; time.sleep(5)"))
        await pool.open()
        with pytest.raises(NoAnswerError) as raised:
            await asyncio.wait_for(pool.answer({"query": "ASK {}", "forms": FORMS}), 20)
        assert raised.value.status == 504
        await pool.close()

    asyncio.run(run())


def test_a_process_that_is_left_alone_ends_itself(tmp_path: Path) -> None:
    """Where nobody ends a query that is late, its process does."""
    quads = "".join(f"<a:{number}> <a:p> <a:o{number}> <a:g> .\n" for number in range(300))
    query = "ASK { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l FILTER(STRLEN(CONCAT(STR(?c), STR(?f), STR(?i))) > 100) }"
    script = "import sys; from kg.server.worker import work; work(sys.argv[1], 1_500_000_000)"
    command = [sys.executable, "-c", script, str(store.keep_store(tmp_path, quads))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as child:
        assert child.stdin
        request = {"id": 1, "query": query, "timeout": 0.3, "forms": {"boolean": "text/csv"}, "rows": 9, "bytes": 99}
        child.stdin.write(json.dumps(request).encode() + b"\n")
        child.stdin.flush()
        try:
            assert child.wait(30) == -signal.SIGALRM
        finally:
            child.kill()


def test_a_body_in_chunks_is_counted() -> None:
    """A body that does not say its length ends where it is too large."""
    from serving import QUICK, running

    with running() as it, socket.create_connection(("127.0.0.1", it.port), 10) as wire:
        wire.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/sparql-query\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        piece = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        for _ in range(QUICK.body // 0x10000 + 2):
            wire.sendall(piece)
        wire.sendall(b"0\r\n\r\n")
        answer = b""
        while piece := wire.recv(65_536):
            answer += piece
            if b"bytes" in answer:
                break
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"the request is larger than" in answer  # not only the query in it


@pytest.mark.parametrize("linked", [True, False], ids=["by a link", "by a path"])
def test_a_table_outside_the_project_is_not_read(linked: bool, tmp_path: Path) -> None:
    """Told at the mapping, whichever way it leads there."""
    from test_tables import project

    folder = project(tmp_path / "p")
    table, elsewhere = folder / "tables" / "t.csv", tmp_path / "t.csv"
    table.rename(elsewhere)
    if linked:
        table.symlink_to(elsewhere)
    else:
        mapping = folder / "tables" / "t.yaml"
        mapping.write_text(mapping.read_text("utf-8").replace("t.csv", "../../t.csv"), encoding="utf-8")
    with pytest.raises(kg.CheckError) as caught:
        kg.load(folder)
    (problem, *_) = caught.value.problems
    assert (problem.code, problem.location.file) == ("KG001", "tables/t.yaml")
    assert "lies outside the project" in problem.message


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    """Told, not read on."""
    folder = make_project(tmp_path, "agent: a, role: supplier, target: b")
    with (folder / "claims" / "big.yaml").open("wb") as file:
        file.truncate(50_000_001)
    (problem,) = [problem for problem in kg.check(folder) if problem.location.file == "claims/big.yaml"]
    assert (problem.code, problem.message) == ("KG001", "larger than 50 MB; split it")


def test_files_are_on_the_disk_before_they_are_committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file is brought to the disk, then its folder, and only then comes the rename."""
    done: list[str] = []
    real_sync, real_rename = os.fsync, os.rename

    def sync(descriptor: int) -> None:
        done.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        real_sync(descriptor)

    def rename(*words: object) -> None:
        done.append("rename")
        real_rename(*words)  # type: ignore[arg-type]

    (tmp_path / "a.txt").write_text("old", encoding="utf-8")
    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "rename", rename)
    outputs.write_files(tmp_path, {"a.txt": "new", "b.txt": "new"})
    before = done[: done.index("rename")]
    assert before[:2] == ["a.txt", "b.txt"]
    assert before[2].startswith(outputs.PARTIAL)
    assert tmp_path.name in done[done.index("rename") :]


def test_the_table_of_guards_has_no_doubles() -> None:
    """Each is told once."""
    assert len({guard.what for guard in GUARDS}) == len(GUARDS) >= 50
