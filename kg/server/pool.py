"""Run queries in a pool of worker processes, one query per process at a time.

Input: a request (see ``kg.server.worker``). Output: an ``Answer``, or ``NoAnswerError`` with the reason. A process
that misses the deadline is ended and replaced.

A slow query yields: its process takes the lowest priority, and a fresh process takes its place. Only a limited number
may continue like that; if there are more, the longest-running one is ended.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from kg.server.fork_client import ForkServer
from kg.server.limits import Limits
from kg.server.process import Answer, NoAnswerError, Worker, give_up

YIELDING = 19
REMEMBERED = 500  # slow queries
_IDS = count(1)


class Source(Protocol):
    """Starts worker processes."""

    async def begin(self, store: Path, limits: Limits) -> Worker:
        """Return a worker that has opened the store. Raises NoAnswerError."""

    async def close(self) -> None:
        """Start no more workers."""


class Pool:
    """The worker processes over one store, which can be replaced while queries run."""

    def __init__(self, store: Path, limits: Limits, *, source: Source | None = None) -> None:
        """Set the store and the limits; ``open`` starts the processes."""
        self.store, self.limits = store, limits
        self._source = source or ForkServer()
        self._wanted = limits.workers + limits.spare
        self._bounds = {"timeout": limits.timeout, "bytes": limits.answer, "rows": limits.rows}
        self._idle: list[Worker] = []
        self._all: set[Worker] = set()
        self._running: set[Worker] = set()
        self._waiting: deque[asyncio.Future[Worker]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._long: dict[str, None] = {}
        self._closed = False

    async def open(self) -> None:
        """Start the processes. Raises NoAnswerError if the store cannot be opened."""
        for worker in await self._begin(self.store):
            self._all.add(worker)
            self._offer(worker)

    async def _begin(self, store: Path) -> list[Worker]:
        return await asyncio.gather(*(self._source.begin(store, self.limits) for _ in range(self._wanted)))

    async def answer(self, request: Mapping[str, Any]) -> Answer:
        """Return a complete answer. Raises NoAnswerError."""
        worker = await self._take()
        delay = 0.0 if request["query"] in self._long else self.limits.slow
        worker.watch = asyncio.get_running_loop().call_later(delay, self._look, worker, delay)
        usable = False  # after a fault, or when it is cancelled, what the process still writes belongs to nobody
        try:
            number = next(_IDS)
            line = json.dumps({**request, **self._bounds, "id": number}).encode() + b"\n"
            answer = await worker.ask(line, number, self.limits)
            usable = True
        except NoAnswerError as reason:
            if reason.status in (503, 504, 507):
                self._remember(request["query"])
            usable = reason.status in (400, 406, 413) and worker.alive
            raise
        finally:
            worker.watch.cancel()
            self._release(worker, usable=usable)
        return answer

    def _remember(self, query: str) -> None:
        """Remember a query that ran too long, so that it yields from its start next time."""
        self._long[query] = None
        if len(self._long) > REMEMBERED:
            del self._long[next(iter(self._long))]

    # ------------------------------------------------------------ scheduling

    async def _take(self) -> Worker:
        if worker := self._free():
            return worker
        self._waiting = deque(place for place in self._waiting if not place.done())
        if len(self._waiting) >= self.limits.queue:
            raise NoAnswerError(503, "too many queries wait already; try again", retry=1)
        place: asyncio.Future[Worker] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        late = asyncio.get_running_loop().call_later(self.limits.patience, give_up, place)
        try:
            return await place
        except TimeoutError:
            raise NoAnswerError(503, f"no turn within {self.limits.patience:g} seconds; try again", retry=2) from None
        finally:
            late.cancel()

    def _free(self) -> Worker | None:
        """Return the most recently used idle process, or None if no more may run."""
        while self._idle and len(self._running) < self.limits.workers:
            worker = self._idle.pop()
            if worker.alive:
                self._running.add(worker)
                return worker
            self._drop(worker)
        return None

    def _offer(self, worker: Worker) -> None:
        """Add an idle process."""
        self._idle.append(worker)
        self._hand_on()

    def _hand_on(self) -> None:
        """Give idle processes to the requests that wait longest, as far as there is room."""
        while self._waiting:
            if self._waiting[0].done():  # gave up waiting
                self._waiting.popleft()
            elif worker := self._free():
                self._waiting.popleft().set_result(worker)
            else:
                return

    def _release(self, worker: Worker, *, usable: bool) -> None:
        """Take a process back, or end it and start another. One that yielded has already been replaced."""
        self._running.discard(worker)
        if usable and worker.store == self.store and not worker.slow and not worker.evicted:
            self._offer(worker)
            return
        self._drop(worker)
        self._hand_on()

    def _drop(self, worker: Worker) -> None:
        self._all.discard(worker)
        self._spawn(self._end(worker))
        self._refill()

    async def _end(self, worker: Worker) -> None:
        await worker.end()

    def _refill(self) -> None:
        """Start processes until the pool is full, counting those that are starting."""
        if not self._closed:
            for _ in range(self._wanted - self._quick - self._starting):
                self._starting += 1
                self._spawn(self._add())

    _starting = 0

    async def _add(self) -> None:
        store = self.store
        try:
            worker = await self._source.begin(store, self.limits)
        except NoAnswerError:
            await asyncio.sleep(1)
            worker = None
        finally:
            self._starting -= 1
        if worker is None:
            self._refill()
            return
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
        """Make a query yield once it has used its CPU time; on a busy machine, that is later than by the clock."""
        now = worker.seconds
        left -= now - used if used >= 0 else 0
        if left <= 0:
            self._yield_place(worker)
            return
        loop = asyncio.get_running_loop()
        worker.watch = loop.call_later(max(left, 0.02), self._look, worker, left, now)

    def _yield_place(self, worker: Worker) -> None:
        """Let a slow query continue in addition to the others; end the longest-running ones above the limit."""
        worker.slow = True
        worker.schedule("IDLE", nice=YIELDING)
        self._running.discard(worker)
        worker.started = asyncio.get_running_loop().time()
        slow = sorted((w for w in self._all if w.slow), key=lambda w: w.started)
        for oldest in slow[: max(len(slow) - self.limits.slow_queries, 0)]:
            oldest.evict()
        self._refill()
        self._hand_on()

    # ------------------------------------------------------------ swap and close

    async def swap(self, store: Path) -> None:
        """Switch to another store; running queries finish on the old one. Raises NoAnswerError."""
        fresh = await self._begin(store)
        self.store = store
        old, self._idle = self._idle, []
        for worker in old:
            self._all.discard(worker)
            self._spawn(self._end(worker))
        for worker in fresh:
            self._all.add(worker)
            self._offer(worker)

    async def settle(self) -> None:
        """Wait until no query runs on an old store."""
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
        await self._source.close()

    def _spawn(self, work: Any) -> None:  # noqa: ANN401 - a coroutine
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def processes(self) -> list[int]:
        """Return the process ids."""
        return [worker.child.pid for worker in self._all]
