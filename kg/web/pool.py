"""A pool of processes that answer queries, one query each at a time, ended at the deadline and replaced.

In: a request (see ``kg.web.worker``). Out: an ``Answer``, or ``NoAnswerError`` with why there is none.

A query that runs long gives way: its process takes the lowest priority and leaves its place to a fresh one. Only so
many may run on like that; where there are more, the longest-running one ends.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from kg.web.limits import Limits
from kg.web.process import Answer, NoAnswerError, Worker, start_worker

YIELDING = 19
REMEMBERED = 500  # queries that ran too long
_IDS = count(1)


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
