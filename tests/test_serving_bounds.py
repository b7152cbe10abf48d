"""How a service ends, and how long it waits for a client that does not go on."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from kg.server.app import create_app
from projects import EXAMPLE
from serving import QUICK, Running, running

ROWS = 350  # a query that takes a while, and yet has its answer before it would give way to others
PART = f"{{ SELECT * {{ ?%s ?%s ?%s }} LIMIT {ROWS} }}"
WHILE = f"SELECT (COUNT(*) AS ?n) {{ {PART % tuple('abc')} {PART % tuple('def')} }}"


def _children(pid: int) -> list[int]:
    """Return the processes that a process started, and those that they did."""
    own = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [one for child in own for one in (child, *_children(child))]


def _busy(pids: list[int]) -> int:
    """Return the processor's ticks that processes have used."""
    fields = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids)
    return sum(int(each[11]) + int(each[12]) for each in fields)


@contextlib.contextmanager
def _serving(*options: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run the command until the block ends; give it and its port."""
    command = [sys.executable, "-m", "kg", "-C", str(EXAMPLE), "serve", "--port", "0", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, encoding="utf-8") as process:
        try:
            assert process.stderr
            told = next((line for line in process.stderr if line.startswith("http://")), "")
            port = int(re.findall(r":(\d+)/", told)[0])
            _until_served(port)
            yield process, port
        finally:
            process.kill()


def _get(port: int, path: str) -> tuple[int, bytes]:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", path, headers={"Accept": "application/json"})
        reply = connection.getresponse()
        return reply.status, reply.read()


def _until_served(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if _get(port, "/health")[0] == 200:
                return
        time.sleep(0.1)
    pytest.fail("nothing is served")


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="counts processes as Linux has them")
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_once_what_runs_is_answered(ending: signal.Signals) -> None:
    """A request under way gets its whole answer, a new one none; exit 0, and no process is left."""
    request = f"GET /sparql?query={quote(WHILE)} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n"
    with _serving("--timeout", "30") as (process, port), socket.create_connection(("127.0.0.1", port), 60) as wire:
        workers = _children(process.pid)
        before = _busy(workers)
        wire.sendall(request.encode())
        while _busy(workers) == before and not select.select([wire], [], [], 0.005)[0]:
            pass
        process.send_signal(ending)
        head, _, body = _until_closed(wire).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        assert json.loads(body)["results"]["bindings"][0]["n"]["value"] == str(ROWS * ROWS)
        assert process.wait(60) == 0
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", port), 5)
        assert len(workers) >= 4
        assert [pid for pid in workers if Path(f"/proc/{pid}").exists()] == []


def _until_closed(wire: socket.socket) -> bytes:
    got = b""
    while more := wire.recv(65_536):
        got += more
    return got


@pytest.fixture(scope="module")
def hasty() -> Iterator[Running]:
    """Serve with little patience."""
    with running(limits=replace(QUICK, head_seconds=0.5, body_seconds=0.5)) as it:
        yield it


def _answer_of(it: Running, *pieces: bytes, pause: float) -> bytes:
    """Return what is answered to a request that comes in pieces; the connection has been closed at the end."""
    with socket.create_connection(("127.0.0.1", it.port), 30) as wire, contextlib.suppress(ConnectionError):
        for piece in pieces:
            wire.sendall(piece)
            time.sleep(pause)
        return _until_closed(wire)
    return b""


def test_a_head_that_does_not_end(hasty: Running) -> None:
    """The connection is closed; so it is where a piece comes now and then. Others are served meanwhile."""
    began = time.monotonic()
    assert _answer_of(hasty, b"GET / HTTP/1.1\r\n", pause=0) == b""
    assert _answer_of(hasty, *[b"GET / HTTP/1.1\r\nHost: localhost\r\n", *[b"X-A: 1\r\n"] * 20], pause=0.1) == b""
    assert time.monotonic() - began < 20
    assert hasty.get("/health").status == 200


POSTED = {"/sparql": b"application/sparql-query", "/reconcile": b"application/x-www-form-urlencoded"}


def _post(path: str, length: int, body: bytes) -> bytes:
    """Return a request that says how long its body is."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n".encode()
        + b"Content-Type: " + POSTED[path] + b"\r\n\r\n" + body
    )  # fmt: skip


def test_every_address_that_takes_a_body_is_tried(hasty: Running) -> None:
    """None is forgotten below."""
    app = create_app(hasty.service).app
    taking = {route.path for route in app.routes if "POST" in (route.methods or ())}  # type: ignore[attr-defined]
    assert taking == POSTED.keys()


@pytest.mark.parametrize("path", POSTED)
def test_a_body_that_does_not_come(hasty: Running, path: str) -> None:
    """It is told so: 408; a length that is told and too large is refused before it comes."""
    assert _answer_of(hasty, _post(path, 100, b"ASK"), pause=0).startswith(b"HTTP/1.1 408")
    assert _answer_of(hasty, _post(path, 10**11, b""), pause=0).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("path", POSTED)
def test_a_body_that_breaks_off(hasty: Running, path: str, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody is left to be told, and the log tells of no fault; a body that is no text is refused."""
    with socket.create_connection(("127.0.0.1", hasty.port), 30) as wire:
        wire.sendall(_post(path, 100, b"ASK"))
    assert _answer_of(hasty, _post(path, 1, b"\xff"), pause=0).startswith(b"HTTP/1.1 400")
    assert not caplog.records


def test_connections_that_say_nothing(hasty: Running) -> None:
    """Two hundred of them cost nobody an answer, and none is kept."""
    silent = [socket.create_connection(("127.0.0.1", hasty.port), 30) for _ in range(200)]
    try:
        assert hasty.ask("ASK {}").status == 200
        for wire in silent:
            assert wire.recv(1) == b""
    finally:
        for wire in silent:
            wire.close()


def test_a_client_that_waits_to_be_asked_on(hasty: Running) -> None:
    """It is told to continue before it sends its body; then its answer comes whole, the head with the body."""
    head = (
        b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sparql-query\r\nContent-Length: 6\r\n"
    )
    with socket.create_connection(("127.0.0.1", hasty.port), 30) as wire:
        wire.sendall(head + b"Expect: 100-continue\r\n\r\n")
        assert wire.recv(65_536).startswith(b"HTTP/1.1 100 Continue")
        wire.sendall(b"ASK {}")
        assert b'"boolean":true' in wire.recv(65_536)
    for method, path, status in (("HEAD", "/sparql?query=ASK%7B%7D", 200), ("GET", "/favicon.ico", 204)):
        reply = hasty.send(method, path)
        assert (reply.status, reply.body) == (status, b"")
