"""One process that answers queries, as the service sees it: what it writes, what it is at, why it gave no answer.

In: a store, and a line of JSON a query (see ``worker``). Out: an ``Answer``, or ``NoAnswerError`` with why there
is none, as HTTP has it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.server.limits import Limits

OUT_OF_STEP = "the engine answered out of step; this answer was thrown away"
TICKS = os.sysconf("SC_CLK_TCK")
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


class Frames(asyncio.Protocol):
    """What a process writes, frame by frame: a line of JSON, then as many bytes as it tells."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes = bytearray()
        self._head: dict[str, Any] | None = None
        self._waiting: asyncio.Future[tuple[dict[str, Any], bytes]] | None = None

    def next(self) -> asyncio.Future[tuple[dict[str, Any], bytes]]:
        """Return the next frame, once it is there. It raises ConnectionError where the process ends before."""
        self._waiting = asyncio.get_running_loop().create_future()
        if self._bytes:
            self._fail("out of step")
        return self._waiting

    def data_received(self, data: bytes) -> None:
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

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who waits for a frame that none will come."""
        self._fail("ended")


@dataclass(eq=False)
class Child:
    """A process by its id; how it ended, once it has: its exit status, or a signal below zero; and what kills it."""

    pid: int
    ended: asyncio.Future[int]
    kill: Callable[[], None]


@dataclass(eq=False)
class Worker:
    """One process, and what it is at."""

    child: Child
    transport: asyncio.Transport
    frames: Frames
    store: Path
    slow: bool = False
    evicted: bool = False
    started: float = 0.0
    watch: asyncio.TimerHandle = field(init=False, repr=False)

    async def ask(self, line: bytes, number: int, limits: Limits) -> Answer:
        """Return the answer to one request. Raises NoAnswerError, after which the process may be of no use."""
        waiting = self.frames.next()
        late = asyncio.get_running_loop().call_later(limits.timeout, give_up, waiting)
        try:
            self.transport.write(line)
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
        await asyncio.wait([self.child.ended], timeout=0.5)
        code = self.child.ended.result() if self.child.ended.done() else 0
        if self.evicted:
            return NoAnswerError(
                503, "the query ran long while others waited; try again later, or ask for less", retry=5
            )
        if code >= 0:
            return NoAnswerError(500, OUT_OF_STEP)
        deep = (400, "the query ended the engine; it is too deep or too long")
        status, words = _REASONS.get(signal.Signals(-code), deep)
        return NoAnswerError(status, words.format(**_words(limits)))

    @property
    def alive(self) -> bool:
        """Tell whether the process runs."""
        return not self.child.ended.done()

    @property
    def seconds(self) -> float:
        """Return the processor's seconds that the process has used; where the system does not tell, the clock's."""
        try:
            fields = Path(f"/proc/{self.child.pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        except OSError:
            return asyncio.get_running_loop().time()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def schedule(self, policy: str, *, nice: int = 0) -> None:
        """Take a place among what runs, where the system allows: BATCH interrupts nothing, IDLE gives way to all."""
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.child.pid, nice)
        with contextlib.suppress(OSError, AttributeError):
            os.sched_setscheduler(self.child.pid, getattr(os, f"SCHED_{policy}"), os.sched_param(0))

    def evict(self) -> None:
        """End the process in the middle of a query."""
        self.evicted = True
        self.kill()

    def kill(self) -> None:
        """End the process now: where the system allows, no longer behind all others, for ending takes its time too."""
        if self.alive:
            self.schedule("OTHER", nice=0)
            self.child.kill()

    async def end(self) -> None:
        """End the process and wait until it is gone."""
        self.kill()
        self.transport.abort()
        await self.child.ended


def give_up(waiting: asyncio.Future[Any]) -> None:
    """Let who waits for something go on without it."""
    if not waiting.done():
        waiting.set_exception(TimeoutError())


def _words(limits: Limits) -> dict[str, Any]:
    return {"memory": limits.memory // 1_000_000, "timeout": limits.timeout}
