"""A pool of processes that answer queries, one query each at a time, ended at the deadline and replaced.

In: a request (see ``kg.web.worker``). Out: an ``Answer``, or ``NoAnswerError`` with the status that HTTP has for why.

A query that runs long gives way: its process takes the lowest priority and leaves its place to a fresh one. Only so
many may run on like that; where there are more, the longest-running one ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from kg.web.limits import Limits

OUT_OF_STEP = "the engine answered out of step; this answer was thrown away"
BEGIN = 20.0  # seconds that a process may take to open the store
NICE, YIELDING = 2, 19
REMEMBERED = 500  # queries that ran too long
TICKS = os.sysconf("SC_CLK_TCK")
_IDS = count(1)
_REASONS = {
    signal.SIGABRT: (507, "the query needs more than {memory} MB of memory; ask for less"),
    signal.SIGKILL: (507, "the query needs more memory than this machine has; ask for less"),
    signal.SIGALRM: (504, "no answer within {timeout:g} seconds; ask for less"),
}


@dataclass(frozen=True)
class Answer:
    """A complete answer: its kind, media type and bytes."""

    kind: str
    media: str
    body: bytes


class NoAnswerError(Exception):
    """Why there is none: an HTTP status, a message, and after how many seconds to try again (0: never)."""

    def __init__(self, status: int, message: str, *, retry: int = 0) -> None:
        super().__init__(message)
        self.status, self.message, self.retry = status, message, retry


class Frames(asyncio.SubprocessProtocol):
    """What a process writes, frame by frame: a line of JSON, then as many bytes as it tells."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes = bytearray()
        self._head: dict[str, Any] | None = None
        self._waiting: asyncio.Future[tuple[dict[str, Any], bytes]] | None = None
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def next(self) -> asyncio.Future[tuple[dict[str, Any], bytes]]:
        """Return the next frame, once it is there. It raises ConnectionError where the process ends before."""
        self._waiting = asyncio.get_running_loop().create_future()
        if self._bytes:
            self._fail("out of step")
        return self._waiting

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Take bytes; pass a frame on when it is whole."""
        self._bytes += data
        try:
            self._read()
        except (ValueError, TypeError, KeyError):
            self._fail("out of step")

    def _read(self) -> None:
        if self._head is None:
            line, mark, rest = self._bytes.partition(b"\n")
            if not mark:
                return
            self._head, self._bytes = dict(json.loads(line)), rest
        length = self._head.get("length", 0)
        if not 0 <= length <= self._limit:
            raise ValueError
        if len(self._bytes) >= length:
            frame = self._head, bytes(self._bytes[:length])
            del self._bytes[:length]
            self._head = None
            if self._waiting and not self._waiting.done():
                self._waiting.set_result(frame)

    def _fail(self, why: str) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(ConnectionError(why))

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        """Tell who waits for a frame that none will come."""
        if fd == 1:
            self._fail("ended")

    def process_exited(self) -> None:
        """Tell who waits for the end."""
        if not self.ended.done():
            self.ended.set_result(None)


@dataclass(eq=False)
class Worker:
    """One process, and what it is at."""

    process: asyncio.SubprocessTransport
    frames: Frames
    store: Path
    slow: bool = False
    evicted: bool = False
    started: float = 0.0
    watch: asyncio.TimerHandle = field(init=False, repr=False)

    async def ask(self, line: bytes, number: int, limits: Limits) -> Answer:
        """Return the answer to one request. Raises NoAnswerError, after which the process may be of no use."""
        waiting = self.frames.next()
        late = asyncio.get_running_loop().call_later(limits.timeout, _give_up, waiting)
        try:
            self.process.get_pipe_transport(0).write(line)  # type: ignore[union-attr] # it is a pipe to write to
            head, body = await waiting
        except TimeoutError:
            raise NoAnswerError(504, f"no answer within {limits.timeout:g} seconds; ask for less") from None
        except ConnectionError:
            raise await self._failure(limits) from None
        finally:
            late.cancel()
        if head.get("id") != number:
            raise NoAnswerError(500, OUT_OF_STEP)
        if head["status"] == 200:
            return Answer(head["kind"], head["media"], body)
        raise NoAnswerError(head["status"], head["message"] or _REASONS[signal.SIGABRT][1].format(**_words(limits)))

    async def _failure(self, limits: Limits) -> NoAnswerError:
        """Return why a process gave no frame: it is gone, or what it wrote belongs to no query of ours."""
        await asyncio.wait([self.frames.ended], timeout=0.5)
        code = self.process.get_returncode()
        if self.evicted:
            return NoAnswerError(
                503, "the query ran long while others waited; try again later, or ask for less", retry=5
            )
        if code is None or code >= 0:
            return NoAnswerError(500, OUT_OF_STEP)
        deep = (400, "the query ended the engine; it is too deep or too long")
        status, words = _REASONS.get(signal.Signals(-code), deep)
        return NoAnswerError(status, words.format(**_words(limits)))

    @property
    def alive(self) -> bool:
        """Tell whether the process runs."""
        return self.process.get_returncode() is None

    @property
    def seconds(self) -> float:
        """Return the processor's seconds that the process has used; where the system does not tell, the clock's."""
        try:
            fields = (
                Path(f"/proc/{self.process.get_pid()}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
            )
        except OSError:
            return asyncio.get_running_loop().time()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def set_priority(self, nice: int) -> None:
        """Take a lower priority."""
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.process.get_pid(), nice)

    def evict(self) -> None:
        """End the process in the middle of a query."""
        self.evicted = True
        self.kill()

    def kill(self) -> None:
        """End the process now."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()

    async def end(self) -> None:
        """End the process and wait until it is gone."""
        self.kill()
        await self.frames.ended
        self.process.close()


def _give_up(waiting: asyncio.Future[Any]) -> None:
    if not waiting.done():
        waiting.set_exception(TimeoutError())


def _words(limits: Limits) -> dict[str, Any]:
    return {"memory": limits.memory // 1_000_000, "timeout": limits.timeout}


async def start_worker(store: Path, limits: Limits) -> Worker:
    """Start a process and wait until it has opened the store. Raises NoAnswerError where it cannot."""
    transport, frames = await asyncio.get_running_loop().subprocess_exec(
        lambda: Frames(limits.answer),
        *(sys.executable, "-m", "kg.web.worker", str(store), str(limits.memory)),
        stderr=asyncio.subprocess.DEVNULL,
        env={name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH") if name in os.environ},
    )
    worker = Worker(transport, frames, store)
    ready = frames.next()
    late = asyncio.get_running_loop().call_later(BEGIN, _give_up, ready)
    try:
        await ready
    except (TimeoutError, ConnectionError):
        await worker.end()
        raise NoAnswerError(503, "the store cannot be opened", retry=5) from None
    finally:
        late.cancel()
    worker.set_priority(NICE)
    return worker


class Pool:
    """The processes over one store, which can be swapped for another under load."""

    def __init__(
        self, store: Path, limits: Limits, *, start: Callable[[Path, Limits], Awaitable[Worker]] = start_worker
    ) -> None:
        """Remember what to serve; ``open`` starts the processes."""
        self.store, self.limits = store, limits
        self._start = start
        self._bounds = {"timeout": limits.timeout, "bytes": limits.answer, "rows": limits.rows}
        self._idle: list[Worker] = []
        self._all: set[Worker] = set()
        self._waiting: deque[asyncio.Future[Worker]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._long: dict[str, None] = {}
        self._closed = False

    async def open(self) -> None:
        """Start the processes. Raises NoAnswerError where the store cannot be opened."""
        for worker in await asyncio.gather(*(self._start(self.store, self.limits) for _ in range(self.limits.workers))):
            self._all.add(worker)
            self._offer(worker)

    async def answer(self, request: Mapping[str, Any]) -> Answer:
        """Return a complete answer. Raises NoAnswerError."""
        worker = await self._take()
        delay = 0.0 if request["query"] in self._long else self.limits.slow
        worker.watch = asyncio.get_running_loop().call_later(delay, self._look, worker, delay)
        try:
            number = next(_IDS)
            line = json.dumps({**request, **self._bounds, "id": number}).encode() + b"\n"
            answer = await worker.ask(line, number, self.limits)
        except NoAnswerError as reason:
            if reason.status in (503, 504, 507):
                self._remember(request["query"])
            self._release(worker, usable=reason.status in (400, 406, 413) and worker.alive)
            raise
        except BaseException:
            self._release(worker, usable=False)
            raise
        finally:
            worker.watch.cancel()
        self._release(worker, usable=True)
        return answer

    def _remember(self, query: str) -> None:
        """Let a query that ran too long give way from its beginning, should it come again."""
        self._long[query] = None
        if len(self._long) > REMEMBERED:
            del self._long[next(iter(self._long))]

    # ------------------------------------------------------------ who runs

    async def _take(self) -> Worker:
        while self._idle:
            worker = self._idle.pop()
            if worker.alive:
                return worker
            self._drop(worker)
        if len(self._waiting) >= self.limits.queue:
            raise NoAnswerError(503, "too many queries wait already; try again", retry=1)
        place: asyncio.Future[Worker] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            async with asyncio.timeout(self.limits.patience):
                return await place
        except TimeoutError:
            raise NoAnswerError(503, f"no turn within {self.limits.patience:g} seconds; try again", retry=2) from None
        finally:
            if place in self._waiting:
                self._waiting.remove(place)

    def _offer(self, worker: Worker) -> None:
        """Give a free process to who waits longest, else keep it."""
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(worker)
                return
        self._idle.append(worker)

    def _release(self, worker: Worker, *, usable: bool) -> None:
        """Take a process back, or end it and start another. One that gave way has been replaced already."""
        if usable and worker.store == self.store and not worker.slow and not worker.evicted:
            self._offer(worker)
            return
        self._drop(worker)

    def _drop(self, worker: Worker) -> None:
        self._all.discard(worker)
        self._spawn(self._end(worker))
        self._refill()

    async def _end(self, worker: Worker) -> None:
        await worker.end()

    def _refill(self) -> None:
        """Start processes until the places are full; what is starting counts."""
        if not self._closed:
            for _ in range(self.limits.workers - self._quick - self._starting):
                self._starting += 1
                self._spawn(self._add())

    _starting = 0

    async def _add(self) -> None:
        store = self.store
        try:
            worker = await self._start(store, self.limits)
        except NoAnswerError:
            await asyncio.sleep(1)
            return
        finally:
            self._starting -= 1
        if self._closed or store != self.store:
            await worker.end()
            self._refill()
            return
        self._all.add(worker)
        self._offer(worker)

    @property
    def _quick(self) -> int:
        return sum(not worker.slow and worker.store == self.store for worker in self._all)

    def _look(self, worker: Worker, left: float, used: float = -1.0) -> None:
        """Let a query give way once it has had its share of a processor: on a busy machine later than by the clock."""
        now = worker.seconds
        left -= now - used if used >= 0 else 0
        if left <= 0:
            self._yield_place(worker)
            return
        loop = asyncio.get_running_loop()
        worker.watch = loop.call_later(max(left, 0.02), self._look, worker, left, now)

    def _yield_place(self, worker: Worker) -> None:
        """Let a query that runs long run on beside the others, or end the longest-running where there are too many."""
        worker.slow = True
        worker.set_priority(YIELDING)
        worker.started = asyncio.get_running_loop().time()
        slow = sorted((w for w in self._all if w.slow), key=lambda w: w.started)
        for oldest in slow[: max(len(slow) - self.limits.slow_queries, 0)]:
            oldest.evict()
        self._refill()

    # ------------------------------------------------------------ change and end

    async def swap(self, store: Path) -> None:
        """Answer from another store from now on; what runs ends on the old one. Raises NoAnswerError."""
        fresh = await asyncio.gather(*(self._start(store, self.limits) for _ in range(self.limits.workers)))
        self.store = store
        old, self._idle = self._idle, []
        for worker in old:
            self._all.discard(worker)
            self._spawn(self._end(worker))
        for worker in fresh:
            self._all.add(worker)
            self._offer(worker)

    async def settle(self) -> None:
        """Wait until no query runs on a store other than the present one."""
        while any(worker.store != self.store for worker in self._all):
            await asyncio.sleep(0.02)

    async def close(self) -> None:
        """End every process and wait until they are gone."""
        self._closed = True
        for task in list(self._tasks):
            await asyncio.wait([task], timeout=2)
        await asyncio.gather(*(worker.end() for worker in list(self._all)))
        self._all.clear()
        self._idle.clear()

    def _spawn(self, work: Any) -> None:  # noqa: ANN401 - a coroutine
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def processes(self) -> list[int]:
        """Return the ids of the processes."""
        return [worker.process.get_pid() for worker in self._all]
