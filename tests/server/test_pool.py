"""The processes that answer: each guard, and what happens without a well-behaved process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kg.files.cache import hold
from kg.server import process as processes
from kg.server.limits import Limits
from kg.server.pool import Pool
from kg.server.process import Answer, NoAnswerError
from kg.sparql.store import keep_store
from serving import seed_graph

FORMS = {"solutions": "application/sparql-results+json", "boolean": "application/json", "triples": "text/turtle"}
LONG = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
Ask = Callable[[str], Awaitable[Answer]]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a store of the example's graph."""
    quads = seed_graph().store
    assert isinstance(quads, str)
    with hold(lambda: keep_store(tmp_path_factory.mktemp("stores"), quads)) as place:
        yield place


def with_pool(store: Path, limits: Limits, work: Callable[[Pool, Ask], Awaitable[Any]]) -> Any:  # noqa: ANN401
    """Run work on a pool, and close it; no process may be left."""

    async def run() -> Any:  # noqa: ANN401
        pool = Pool(store, limits)
        await pool.open()
        pids = pool.processes

        async def ask(query: str) -> Answer:
            return await pool.answer({"query": query, "forms": FORMS, "dataset": False})

        try:
            return await work(pool, ask)
        finally:
            pids += pool.processes
            await pool.close()
            assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]

    return asyncio.run(run())


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Ask no longer."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def test_a_query_that_takes_too_long_is_gone(store: Path) -> None:
    """Its process is absent soon after the limit, and the next query is answered."""

    async def work(pool: Pool, ask: Ask) -> None:
        for _ in range(2):
            before = set(pool.processes)
            with pytest.raises(NoAnswerError) as raised:
                await ask(LONG)
            assert raised.value.status == 504
            (ended,) = before - set(pool.processes)
            while Path(f"/proc/{ended}").exists():
                await asyncio.sleep(0.005)
            assert json.loads((await ask("ASK { ?s ?p ?o }")).body)["boolean"] is True

    with_pool(store, Limits(timeout=0.4, workers=2), work)


def test_memory_is_limited(store: Path) -> None:
    """A query that grows without bound ends, and with it its process alone."""
    grow = (
        "SELECT (STRLEN(?z) AS ?n) WHERE { BIND('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' AS ?a)"
        + "".join(
            f" BIND(CONCAT(?{a}, ?{a}, ?{a}, ?{a}) AS ?{b})"
            for a, b in zip("abcdefghijkl", "bcdefghijklm", strict=True)
        ).replace("?m)", "?z)")
        + " }"
    )

    async def work(_: Pool, ask: Ask) -> int:
        with pytest.raises(NoAnswerError) as raised:
            await ask(grow)
        assert (await ask("ASK {}")).kind == "boolean"
        return raised.value.status

    assert with_pool(store, Limits(timeout=60, memory=1_000_000_000, workers=1, slow=99), work) == 507


@pytest.mark.parametrize("limits", [Limits(workers=1, slow=9, rows=100), Limits(workers=1, slow=9, answer=20_000)])
def test_an_answer_that_is_too_large_is_none(store: Path, limits: Limits) -> None:
    """Neither more rows nor more bytes: nothing is cut, and the process lives on."""

    async def work(pool: Pool, ask: Ask) -> None:
        before = pool.processes
        with pytest.raises(NoAnswerError) as raised:
            await ask("SELECT * WHERE { ?s ?p ?o }")
        assert (raised.value.status, before) == (413, pool.processes)
        assert json.loads((await ask("SELECT * WHERE { ?s ?p ?o } LIMIT 50")).body)["results"]["bindings"][49]

    with_pool(store, limits, work)


def test_too_many_wait_in_vain(store: Path) -> None:
    """What finds the queue full is told at once, and when to try again."""

    async def work(_: Pool, ask: Ask) -> list[Any]:
        return await asyncio.gather(*(ask(LONG) for _ in range(8)), return_exceptions=True)

    limits = Limits(timeout=0.5, workers=1, queue=2, slow=9)
    refused = [e for e in with_pool(store, limits, work) if isinstance(e, NoAnswerError) and e.status == 503]
    assert len(refused) >= 5
    assert all(error.retry > 0 for error in refused)


def test_long_queries_leave_their_place(store: Path) -> None:
    """With as many long queries as places, short ones are answered long before those end."""

    async def work(_: Pool, ask: Ask) -> None:
        long = [asyncio.create_task(ask(LONG)) for _ in range(2)]
        await asyncio.sleep(0.05)
        await ask("ASK {}")
        assert not any(task.done() for task in long)
        await end(*long)

    with_pool(store, Limits(timeout=60, workers=2, slow=0.05), work)


def test_a_short_query_finds_a_process_ready(store: Path) -> None:
    """Where all places are lost to queries known to be long, others stand ready: none need be begun."""

    async def no_more(_: Path, __: Limits) -> processes.Worker:
        raise NoAnswerError(503, "no more")

    async def work(pool: Pool, ask: Ask) -> None:
        with pytest.raises(NoAnswerError):
            await ask(LONG)
        pool.limits, pool._bounds["timeout"] = replace(pool.limits, timeout=60), 60
        while len(pool.processes) < 4:
            await asyncio.sleep(0.01)
        pool._source.begin = no_more  # type: ignore[method-assign]
        long = [asyncio.create_task(ask(LONG)) for _ in range(2)]
        await asyncio.sleep(0.01)
        assert [(await answer).kind for answer in [asyncio.create_task(ask("ASK {}")) for _ in range(2)]]
        assert not any(task.done() for task in long)
        await end(*long)

    with_pool(store, Limits(timeout=0.4, workers=2, spare=2, slow=0.05), work)


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks at processes as Linux has them")
def test_the_process_that_others_are_forked_from_ends(store: Path) -> None:
    """All of them end with it, and another takes its place."""

    async def work(pool: Pool, ask: Ask) -> None:
        before = pool.processes
        (parent,) = {Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1] for pid in before}
        assert int(parent) != os.getpid()
        os.kill(int(parent), signal.SIGKILL)
        while any(Path(f"/proc/{pid}").exists() for pid in before):
            await asyncio.sleep(0.01)
        assert json.loads((await ask("ASK {}")).body)["boolean"] is True
        assert not set(before) & set(pool.processes)

    with_pool(store, Limits(workers=2, spare=1), work)


def test_a_store_that_cannot_be_opened(tmp_path: Path) -> None:
    """Is told as such, and no process is left."""

    async def run() -> None:
        pool = Pool(tmp_path / "none", Limits(workers=1, spare=0))
        with pytest.raises(NoAnswerError) as raised:
            await pool.open()
        await pool.close()
        assert raised.value.status == 503

    asyncio.run(run())


def test_the_longest_gives_way_to_too_many(store: Path) -> None:
    """Of more long queries than may run on, the one that has run longest ends, and is told so."""

    async def work(_: Pool, ask: Ask) -> None:
        asked = [asyncio.create_task(ask(LONG)) for _ in range(4)]
        done, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        assert [task.exception().status for task in done] == [503] * len(done)  # type: ignore[union-attr]
        await end(*asked)

    with_pool(store, Limits(timeout=60, workers=2, slow=0.05, slow_queries=1), work)


# ---------------------------------------------------------------- what a process may not do


def test_a_process_opens_no_socket(store: Path) -> None:
    """Even past the lexer: SERVICE reaches no listener, for there is no descriptor to reach it with."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)
        port = listener.getsockname()[1]

        async def work(_: Pool, ask: Ask) -> None:
            for silent in ("", "SILENT "):
                query = f"SELECT * WHERE {{ SERVICE {silent}<http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}"
                try:
                    await ask(query)
                except NoAnswerError as error:
                    assert error.status == 400

        with_pool(store, Limits(workers=1), work)
        with pytest.raises(TimeoutError):
            listener.accept()


def test_a_store_is_only_read(store: Path) -> None:
    """Serving changes no byte of it."""

    def content() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(store.rglob("*")) if path.is_file()}

    async def work(_: Pool, ask: Ask) -> None:
        for update in ("INSERT DATA { <a:a> <a:b> <a:c> }", "CLEAR ALL", "LOAD <file:///etc/passwd>"):
            with pytest.raises(NoAnswerError):
                await ask(update)
        await ask("SELECT * WHERE { ?s ?p ?o } LIMIT 10")

    before = content()
    with_pool(store, Limits(workers=2), work)
    assert content() == before


# ---------------------------------------------------------------- frames


class _Impostor:
    """Begins processes that answer as a script does."""

    def __init__(self, script: str) -> None:
        self.script = script

    async def begin(self, store: Path, limits: Limits) -> processes.Worker:
        """Return one."""
        ours, theirs = socket.socketpair()
        command = (sys.executable, "-uc", self.script)
        with theirs:
            child = await asyncio.create_subprocess_exec(*command, stdin=theirs, stdout=theirs, stderr=DEVNULL)
        loop = asyncio.get_running_loop()
        transport, frames = await loop.create_connection(lambda: processes.Frames(limits.answer), sock=ours)
        return processes.Worker(
            processes.Child(child.pid, asyncio.ensure_future(child.wait()), child.kill), transport, frames, store
        )

    async def close(self) -> None:
        """Begin no more."""


HEAD = '{"id": %s, "status": 200, "kind": "boolean", "media": "text/csv", "length": 4}'
STALE = f"""
import json, sys
for line in sys.stdin:
    print('{HEAD}' % (json.loads(line)["id"] - 1)); print("true", end="")
"""
EXTRA = f"""
import json, sys
for line in sys.stdin:
    print('{HEAD}' % json.loads(line)["id"]); print("trueleft over from another", end="")
"""
CUT = f"""
import json, sys
line = sys.stdin.readline()
print('{HEAD}' % json.loads(line)["id"]); print("tr", end="")
"""


@pytest.mark.parametrize("script", [STALE, CUT, "print('no frame')"])
def test_an_answer_belongs_to_its_query(tmp_path: Path, script: str) -> None:
    """A frame of another query, a cut one, or none: no answer is made of it, and the process is not asked again."""

    async def run() -> None:
        pool = Pool(tmp_path, Limits(workers=1, spare=0, timeout=60, slow=99), source=_Impostor(script))
        await pool.open()
        before = pool.processes
        with pytest.raises(NoAnswerError) as raised:
            await pool.answer({"query": "ASK {}", "forms": FORMS})
        assert raised.value.status == 500
        assert not set(before) & set(pool.processes)
        await pool.close()

    asyncio.run(run())


def test_bytes_left_over_reach_nobody(tmp_path: Path) -> None:
    """What a process wrote beyond its frame is not the beginning of the next client's answer."""

    async def run() -> None:
        pool = Pool(tmp_path, Limits(workers=1, spare=0, timeout=60, slow=99), source=_Impostor(EXTRA))
        await pool.open()
        request = {"query": "ASK {}", "forms": FORMS}
        assert (await pool.answer(request)).body == b"true"
        with pytest.raises(NoAnswerError):
            await pool.answer(request)
        await pool.close()

    asyncio.run(run())


def test_a_process_sees_no_secrets(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment holds nothing that it does not need."""
    monkeypatch.setenv("KG_STORE_PASSWORD", "geheim")

    async def work(pool: Pool, _: Ask) -> None:
        for pid in pool.processes:
            assert b"geheim" not in Path(f"/proc/{pid}/environ").read_bytes()

    with_pool(store, Limits(workers=1), work)
    assert "geheim" in os.environ["KG_STORE_PASSWORD"]
