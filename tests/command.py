"""The command ``kg``, run in this process: most tests look at what it says and does, not at how Python starts."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from kg.commands import app
from kg.sparql import store
from projects import ROOT


def run(*words: str | Path, cwd: Path = ROOT, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run ``kg`` in a folder; return its exit code and what it wrote."""
    given = io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8")
    out, error = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    command = ["kg", *map(str, words)]
    streams = {"argv": command, "stdin": given, "stdout": out, "stderr": error}
    with contextlib.chdir(cwd), mock.patch.multiple(sys, **streams), _as_it_was():
        try:
            app.main()
            code: str | int | None = 0
        except SystemExit as end:
            code = end.code
    assert code is None or isinstance(code, int), code
    said = [stream.buffer.getvalue().decode() for stream in (out, error)]  # type: ignore[attr-defined]
    return subprocess.CompletedProcess(command, code or 0, *said)


def run_apart(*words: str | Path, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    """Run ``kg`` in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **env}
    command = [sys.executable, "-m", "kg", *map(str, words)]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", check=False)


@contextlib.contextmanager
def _as_it_was() -> Iterator[None]:
    """Undo what a command leaves to the end of its process: how Ctrl-C is taken, a worker that nobody asked."""
    heeded = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, heeded)
        while store._waiting:
            with store._waiting.pop() as child:
                child.kill()
