"""Represent one worker process to the service: its output, its state, and why it gave no answer.

Input: a store, and one line of JSON per query (see ``worker``). Output: an ``Answer``, or ``NoAnswerError`` with the
reason as an HTTP status and message.
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
    """There is no answer: an HTTP status, a message, and the seconds after which to retry (0: never)."""

    def __init__(self, status: int, message: str, *, retry: int = 0) -> None:
        super().__init__(message)
        self.status, self.message, self.retry = status, message, retry


class Frames(asyncio.Protocol):
    """Reads the output of a process frame by frame: a line of JSON, then as many bytes as it announces."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes = bytearray()
        self._head: dict[str, Any] | None = None
        self._waiting: asyncio.Future[tuple[dict[str, Any], bytes]] | None = None

    def next(self) -> asyncio.Future[tuple[dict[str, Any], bytes]]:
        """Return a future for the next frame. It raises ConnectionError if the process ends first."""
        self._waiting = asyncio.get_running_loop().create_future()
        if self._bytes:
            self._fail("out of step")
        return self._waiting

    def data_received(self, data: bytes) -> None:
        """Take bytes; deliver a frame once it is complete."""
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
        """Make a pending frame raise ConnectionError."""
        self._fail("ended")


@dataclass(eq=False)
class Child:
    """A process: its id, its exit status once it has ended (negative for a signal), and a function that kills it."""

    pid: int
    ended: asyncio.Future[int]
    kill: Callable[[], None]


@dataclass(eq=False)
class Worker:
    """A worker process and its state."""

    child: Child
    transport: asyncio.Transport
    frames: Frames
    store: Path
    slow: bool = False
    evicted: bool = False
    started: float = 0.0
    watch: asyncio.TimerHandle = field(init=False, repr=False)

    async def ask(self, line: bytes, number: int, limits: Limits) -> Answer:
        """Return the answer to one request. Raises NoAnswerError, after which the process may be unusable."""
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
        """Return why a process gave no frame: it has ended, or its output belongs to none of our queries."""
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
        """Return whether the process runs."""
        return not self.child.ended.done()

    @property
    def seconds(self) -> float:
        """Return the CPU seconds that the process has used, or the clock's time if the system does not report them."""
        try:
            fields = Path(f"/proc/{self.child.pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        except OSError:
            return asyncio.get_running_loop().time()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def schedule(self, policy: str, *, nice: int = 0) -> None:
        """Set the scheduling policy, if the system allows it: BATCH interrupts nothing, IDLE yields to everything."""
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.child.pid, nice)
        with contextlib.suppress(OSError, AttributeError):
            os.sched_setscheduler(self.child.pid, getattr(os, f"SCHED_{policy}"), os.sched_param(0))

    def evict(self) -> None:
        """End the process during a query."""
        self.evicted = True
        self.kill()

    def kill(self) -> None:
        """Kill the process, first at normal priority again if the system allows it: ending takes CPU time too."""
        if self.alive:
            self.schedule("OTHER", nice=0)
            self.child.kill()

    async def end(self) -> None:
        """End the process and wait until it is gone."""
        self.kill()
        self.transport.abort()
        await self.child.ended


def give_up(waiting: asyncio.Future[Any]) -> None:
    """Make a pending future raise TimeoutError."""
    if not waiting.done():
        waiting.set_exception(TimeoutError())


def _words(limits: Limits) -> dict[str, Any]:
    return {"memory": limits.memory // 1_000_000, "timeout": limits.timeout}
