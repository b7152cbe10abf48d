"""Pushing to a real SPARQL 1.1 server, and what is taken of one that lies or stalls."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import kg
from kg.remote import Remote, open_remote
from projects import make_project, source
from sparql_store import remote_store

OXIGRAPH = shutil.which("oxigraph", path=f"{Path(sys.executable).parent}:/usr/bin:/usr/local/bin")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Run Oxigraph's server, or where it is not installed its engine behind a small one; give where it is asked."""
    if OXIGRAPH is None:
        with remote_store() as remote:
            yield remote.url
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [OXIGRAPH, "serve", "--location", str(tmp_path / "remote"), "--bind", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/query"
        process.terminate()


def test_only_what_changed_is_put(server: str, tmp_path: Path) -> None:
    """All of it first, nothing then, one graph after an edit or a loss; what is gone is deleted."""
    folder = make_project(tmp_path / "p", "agent: a, role: supplier, target: b")
    first = kg.load(folder).push(server)
    assert (len(first.put) > 3, first.left) == (True, [])
    assert kg.load(folder).push(server).put == []
    text = (folder / "entities.yaml").read_text("utf-8")
    (folder / "entities.yaml").write_text(text.replace("Gamma", "Delta"), "utf-8")
    assert kg.load(folder).push(server).put == ["https://example.org/t/graph/entities"]
    open_remote(server).delete("https://example.org/t/graph/entities")
    assert kg.load(folder).push(server).put == ["https://example.org/t/graph/entities"]
    more = source("s2", "2021-06", "agent: a, role: supplier, target: c")
    (folder / "claims" / "s2.yaml").write_text(more, "utf-8")
    assert "https://example.org/t/id/s2" in kg.load(folder).push(server).put
    (folder / "claims" / "s1.yaml").unlink()
    assert "https://example.org/t/id/s1" in kg.load(folder).push(server).deleted


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://example.org/query", "asked by https"),
        ("ftp://example.org/", "has an address such as"),
        ("https://me:secret@example.org/", "holds no name or password"),
    ],
)
def test_addresses_that_are_not_taken(url: str, words: str) -> None:
    """Nothing in the clear to elsewhere, no password on the command line, and none in the message."""
    with pytest.raises(kg.UsageError, match=words) as raised:
        open_remote(url)
    assert "secret" not in str(raised.value)


@contextlib.contextmanager
def _liar(answer: bytes) -> Iterator[tuple[Remote, list[bytes]]]:
    """Answer every connection with the same bytes; keep what was asked."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    wire = listener.accept()[0]
                    asked.append(wire.recv(65_536))
                    wire.sendall(answer)
                    if answer:
                        wire.close()

        threading.Thread(target=serve, daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        yield Remote(f"{url}/query", f"{url}/store", seconds=0.5), asked


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\nContent-Length: 900\r\n\r\n{",
        b"nonsense\r\n\r\n",
        b"",
    ],
)
def test_a_store_that_lies_or_stalls(answer: bytes) -> None:
    """A redirect, another type, a cut answer, no HTTP, silence: an error in time, no second request."""
    with _liar(answer) as (remote, asked):
        began = time.monotonic()
        with pytest.raises(kg.ProjectError):
            remote.query("ASK {}", "application/sparql-results+json")
        assert time.monotonic() - began < 5
        assert len(asked) <= 1


def test_credentials_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are sent, and are in no message."""
    monkeypatch.setenv("KG_STORE_TOKEN", "abc123")
    with _liar(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno") as (remote, asked):
        with pytest.raises(kg.QueryError) as raised:
            remote.query("ASK {}", "application/sparql-results+json")
        assert b"Authorization: Bearer abc123" in asked[0]
        assert "abc123" not in str(raised.value)
