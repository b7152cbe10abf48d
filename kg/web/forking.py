"""A process from which those that answer queries are forked: it has imported all they need, and opened nothing.

Run as ``python -m kg.web.forking PARENT``. In, on descriptor 0, a UNIX socket: a line of JSON (store, memory) together
with the descriptor at which the new process answers (see ``kg.web.worker``), or {"reap": pid}. Out: {"pid": pid} for
each process begun, in turn, and {"pid": pid, "status": status} for each that ended; its id is taken until it is reaped.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import signal
import socket
import sys
from collections import deque
from typing import Any

import pyoxigraph  # noqa: F401 - imported once, for all

from kg.guard import check_query
from kg.web.worker import work

CLONE_NEWUSER, CLONE_NEWNET, PR_SET_PDEATHSIG = 0x10000000, 0x40000000, 1
MESSAGE, DESCRIPTORS = 65_536, 64  # bytes and descriptors taken at once


class Forks:
    """The processes forked, and the socket at which they are ordered."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._running: set[int] = set()
        self._told: set[int] = set()

    def serve(self) -> None:
        """Fork and reap as told, until the other end is closed."""
        descriptors: deque[int] = deque()
        rest = b""
        while True:
            content, came, *_ = socket.recv_fds(self._control, MESSAGE, DESCRIPTORS)
            if not content:
                self._end()
                return
            descriptors += came
            *lines, rest = (rest + content).split(b"\n")
            for line in lines:
                order = json.loads(line)
                if "reap" in order:
                    self._reap(order["reap"])
                else:
                    self._begin(order, descriptors.popleft())

    def _begin(self, order: dict[str, Any], descriptor: int) -> None:
        server = os.getpid()
        pid = os.fork()
        if pid == 0:
            _become_worker(server, descriptor, order)
        os.close(descriptor)
        self._send(pid=pid)
        self._running.add(pid)
        self.tell()  # it may have ended before it was counted

    def tell(self, *_: object) -> None:
        """Tell which processes have ended."""
        for pid in sorted(self._running - self._told):
            ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended:
                self._told.add(pid)
                self._send(pid=pid, status=ended.si_status * (1 if ended.si_code == os.CLD_EXITED else -1))

    def _reap(self, pid: int) -> None:
        os.waitpid(pid, 0)
        self._running.discard(pid)
        self._told.discard(pid)

    def _end(self) -> None:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for pid in self._running:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def _send(self, **told: int) -> None:
        self._control.sendall(json.dumps(told).encode() + b"\n")


def _become_worker(server: int, descriptor: int, order: dict[str, Any]) -> None:
    """Answer at a descriptor, with nothing else open, until the other end is closed; never return."""
    status = 1
    try:
        _end_with(server)
        for number in (signal.SIGCHLD, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)
        os.dup2(descriptor, 0)
        os.dup2(descriptor, 1)
        os.closerange(3, max(descriptor, 3) + 1)
        work(order["store"], order["memory"])
        status = 0
    finally:
        os._exit(status)


def _end_with(parent: int) -> None:
    """End when the parent does, as far as the system does that."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def main() -> None:
    """Leave the network where the system lets a process do so, before any thread begins, and serve."""
    _end_with(int(sys.argv[1]))
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).unshare(CLONE_NEWUSER | CLONE_NEWNET)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the service, which ends what runs
    forks = Forks(socket.socket(fileno=0))
    signal.signal(signal.SIGCHLD, forks.tell)
    check_query("SELECT (1 AS ?load) {}")  # compiles what looks at queries
    gc.freeze()
    forks.serve()


if __name__ == "__main__":
    main()
