"""Stores elsewhere: Oxigraph's own server, and one that says whatever it is told to say."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.sparql.remote_store import Remote

OXIGRAPH = shutil.which("oxigraph", path=f"{Path(sys.executable).parent}:/usr/bin:/usr/local/bin")


@contextlib.contextmanager
def oxigraph_server(folder: Path, *options: str) -> Iterator[str]:
    """Run Oxigraph's server over a folder; give where it is asked. Skips where there is none."""
    if OXIGRAPH is None:
        pytest.skip("no oxigraph command; pip install oxigraph")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [OXIGRAPH, "serve", "--location", str(folder), "--bind", f"127.0.0.1:{port}", *options]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        try:
            yield f"http://127.0.0.1:{port}/query"
        finally:
            process.terminate()


@contextlib.contextmanager
def liar(answer: bytes) -> Iterator[tuple[Remote, list[bytes]]]:
    """Answer every connection with the same bytes; keep what was asked."""
    asked: list[bytes] = []
    with contextlib.ExitStack() as open_ones, socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    wire = open_ones.enter_context(listener.accept()[0])
                    asked.append(_request(wire))
                    wire.sendall(answer)
                    if answer:
                        wire.close()

        threading.Thread(target=serve, daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        yield Remote(f"{url}/query", f"{url}/store", seconds=3), asked


def _request(wire: socket.socket) -> bytes:
    """Read a request to its end: what is left unread at a close resets the connection."""
    told = b""
    while b"\r\n\r\n" not in told and (piece := wire.recv(65_536)):
        told += piece
    head, _, body = told.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    while length and len(body) < int(length[1]) and (piece := wire.recv(65_536)):
        body += piece
    return head + b"\r\n\r\n" + body
