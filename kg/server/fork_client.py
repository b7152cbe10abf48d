"""Start worker processes through ``kg.server.fork_parent``, and learn when they end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections import deque
from functools import partial
from pathlib import Path
from typing import Any

from kg.server.limits import Limits
from kg.server.process import Child, Frames, NoAnswerError, Worker, give_up

BEGIN = 20.0  # seconds that a process may take to open the store
_KEPT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH")  # environment variables passed on
# The engine allocates much memory in small pieces and frees it at once, so the allocator should keep it.
_MALLOC = ":".join(
    f"glibc.malloc.{name}={value}"
    for name, value in {
        "arena_max": 1,
        "tcache_count": 2000,
        "mxfast": 0,
        "trim_threshold": 1 << 26,
        "mmap_threshold": 1 << 25,
        "top_pad": 1 << 21,
        "hugetlb": 1,  # large pages: a killed process is gone three times faster
    }.items()
)


class _Ending(asyncio.SubprocessProtocol):
    """Reports when a process has ended."""

    def __init__(self) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport, to close it later."""
        self._transport = transport

    def process_exited(self) -> None:
        """Close the transport and resolve ``ended``."""
        self._transport.close()
        self.ended.set_result(None)


class ForkServer:
    """A process that workers are forked from. It is started on first use, and again if it is gone."""

    def __init__(self) -> None:
        self._control: socket.socket | None = None
        self._server: _Ending | None = None
        self._births: deque[asyncio.Future[Child]] = deque()
        self._children: dict[int, Child] = {}
        self._starting = asyncio.Lock()
        self._rest = b""

    async def begin(self, store: Path, limits: Limits) -> Worker:
        """Return a worker that has opened the store. Raises NoAnswerError if that fails."""
        birth, ours = self._order(await self._ready(), store, limits)
        loop = asyncio.get_running_loop()
        transport, frames = await loop.create_connection(lambda: Frames(limits.answer), sock=ours)
        ready = frames.next()
        late = loop.call_later(BEGIN, give_up, ready)
        try:
            worker = Worker(await birth, transport, frames, store)
            await ready
        except (TimeoutError, ConnectionError):
            transport.abort()
            if birth.exception() is None:
                await worker.end()
            raise NoAnswerError(503, "the store cannot be opened", retry=5) from None
        finally:
            late.cancel()
        worker.schedule("BATCH")
        return worker

    def _order(
        self, control: socket.socket, store: Path, limits: Limits
    ) -> tuple[asyncio.Future[Child], socket.socket]:
        """Request a process; return a future for it and our end of its socket."""
        birth: asyncio.Future[Child] = asyncio.get_running_loop().create_future()
        self._births.append(birth)
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        order = json.dumps({"store": str(store), "memory": limits.memory}).encode() + b"\n"
        with theirs, contextlib.suppress(OSError):  # if the server is gone, the birth fails
            socket.send_fds(control, [order], [theirs.fileno()])
        return birth, ours

    async def _ready(self) -> socket.socket:
        async with self._starting:
            if self._control is None:
                self._control = await self._start()
            return self._control

    async def _start(self) -> socket.socket:
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        with theirs:
            _, self._server = await loop.subprocess_exec(
                _Ending,
                *(sys.executable, "-m", "kg.server.fork_parent", str(os.getpid())),
                stdin=theirs.fileno(),
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env={**{name: os.environ[name] for name in _KEPT if name in os.environ}, "GLIBC_TUNABLES": _MALLOC},
            )
        loop.add_reader(ours, self._read, ours)
        return ours

    def _read(self, control: socket.socket) -> None:
        with contextlib.suppress(ConnectionError):
            content = control.recv(65_536)
            if content:
                *lines, self._rest = (self._rest + content).split(b"\n")
                for line in lines:
                    self._take(json.loads(line))
                return
        self._lose()

    def _take(self, told: dict[str, Any]) -> None:
        pid = told["pid"]
        if "status" not in told:
            child = self._children[pid] = Child(
                pid, asyncio.get_running_loop().create_future(), partial(self._kill, pid)
            )
            birth = self._births.popleft()
            if not birth.done():
                birth.set_result(child)
            return
        self._children.pop(pid).ended.set_result(told["status"])

    def _kill(self, pid: int) -> None:
        if self._control is not None:
            with contextlib.suppress(OSError):  # the server is gone, and its children with it
                self._control.send(json.dumps({"kill": pid}).encode() + b"\n")

    def _lose(self) -> None:
        """Drop the fork server; the processes forked from it end with it."""
        if self._control is None:
            return
        asyncio.get_running_loop().remove_reader(self._control)
        self._control.close()
        self._control, self._rest = None, b""
        for child in self._children.values():
            child.ended.set_result(-signal.SIGKILL)
        self._children.clear()
        for birth in self._births:
            if not birth.done():
                birth.set_exception(ConnectionError("the fork server is gone"))
        self._births.clear()

    async def close(self) -> None:
        """End the fork server and the processes forked from it, and wait until all are gone."""
        self._lose()
        if self._server is not None:
            await self._server.ended
