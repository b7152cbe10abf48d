"""Run the process that workers are forked from. It has imported all that they need, and opened nothing.

Run as ``python -m kg.server.fork_parent PARENT``. Input, on descriptor 0, a UNIX socket: one line of JSON (store,
memory) together with the descriptor on which the new process answers (see ``worker``), or {"kill": pid}. Output:
{"pid": pid} for each process started, in order, and {"pid": pid, "status": status} for each that ended. This process
does the killing because only it knows that an id still belongs to its child.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import select
import signal
import socket
import sys
from collections import deque
from typing import Any

import pyoxigraph  # noqa: F401 - imported once for all children

from kg.server.worker import work
from kg.sparql.guard import check_query

CLONE_NEWUSER, CLONE_NEWNET, PR_SET_PDEATHSIG = 0x10000000, 0x40000000, 1
MESSAGE, DESCRIPTORS = 65_536, 64  # bytes and descriptors per receive
MOST = 1024  # descriptors that can be open here


class Forks:
    """The forked processes, and the socket that requests arrive on."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._running: set[int] = set()
        self._descriptors: deque[int] = deque()
        self._rest = b""

    def serve(self) -> None:
        """Fork and kill as requested, and report processes that end, until the other end closes."""
        woken, waking = socket.socketpair()
        for end in (woken, waking):
            end.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waking.fileno())
        while True:
            readable, *_ = select.select([self._control, woken], [], [])
            if woken in readable:
                woken.recv(MESSAGE)
                self._tell()
            if self._control in readable and not self._take():
                return

    def _take(self) -> bool:
        """Handle the pending requests; return whether more may come."""
        content, descriptors, *_ = socket.recv_fds(self._control, MESSAGE, DESCRIPTORS)
        self._descriptors += descriptors
        *lines, self._rest = (self._rest + content).split(b"\n")
        for line in lines:
            order = json.loads(line)
            if "kill" not in order:
                self._begin(order, self._descriptors.popleft())
            elif order["kill"] in self._running:
                os.kill(order["kill"], signal.SIGKILL)
        return bool(content)

    def _begin(self, order: dict[str, Any], descriptor: int) -> None:
        server = os.getpid()
        pid = os.fork()
        if pid == 0:
            _become_worker(server, descriptor, order)
        os.close(descriptor)
        self._running.add(pid)
        self._send(pid=pid)

    def _tell(self) -> None:
        for number in sorted(self._running):
            pid, status = os.waitpid(number, os.WNOHANG)
            if pid:
                self._running.discard(pid)
                self._send(pid=pid, status=os.waitstatus_to_exitcode(status))

    def end(self) -> None:
        """Kill the running processes."""
        for pid in self._running:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def _send(self, **told: int) -> None:
        self._control.sendall(json.dumps(told).encode() + b"\n")


def _become_worker(server: int, descriptor: int, order: dict[str, Any]) -> None:
    """Answer on a descriptor, with no other one open, until the other end closes. Never returns."""
    status = 1
    try:
        _end_with(server)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(descriptor, 0)
        os.dup2(descriptor, 1)
        os.closerange(3, MOST)
        work(order["store"], order["memory"])
        status = 0
    finally:
        os._exit(status)


def _end_with(parent: int) -> None:
    """End this process when the parent ends, if the system supports that."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def main() -> None:
    """Leave the network if the system allows it, before any thread starts, and serve."""
    _end_with(int(sys.argv[1]))
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).unshare(CLONE_NEWUSER | CLONE_NEWNET)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the service, which ends its workers
    forks = Forks(socket.socket(fileno=0))
    check_query("SELECT (1 AS ?load) {}")  # compiles the patterns that check queries
    gc.freeze()
    forks.serve()
    forks.end()


if __name__ == "__main__":
    main()
