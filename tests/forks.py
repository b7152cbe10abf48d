"""Commands of kg, each in a fork of one process that has imported all they need: so that hundreds can be killed.

Run by itself, this file is that process. In, on standard input: a line of JSON a command, its words. Out: ``started``
and the id of its process, ``writing`` as it makes its first file or folder, ``ended`` and its exit code.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]


class Forks:
    """The process that forks, as a test sees it."""

    def __init__(self, process: subprocess.Popen[str], errors: Path) -> None:
        """Speak to a process that has begun; what its commands say on standard error is kept in a file."""
        self.process, self.errors, self.pid = process, errors, 0

    def start(self, *words: str | Path) -> None:
        """Start a command."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps([*map(str, words)]) + "\n")
        self.process.stdin.flush()
        self.pid = int(self.wait_for("started"))

    def wait_for(self, wanted: str) -> str:
        """Return what is told beside a word, once it comes."""
        assert self.process.stdout
        for line in self.process.stdout:
            word, _, told = line.strip().partition(" ")
            if word == wanted:
                return told
            assert word != "ended", self.errors.read_text("utf-8", "replace")
        raise AssertionError(self.errors.read_text("utf-8", "replace"))

    def strike(self) -> None:
        """Kill the command and every process of its own, as a power cut would."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    def kill(self) -> int:
        """Kill the command; return how it ended."""
        self.strike()
        return self.end()

    def end(self) -> int:
        """Wait for the command's end; return its exit code, or that of the signal below zero."""
        code = int(self.wait_for("ended"))
        self.pid = 0
        said = self.errors.read_text("utf-8", "replace")
        assert "Traceback" not in said, said
        return code

    def run(self, *words: str | Path) -> int:
        """Run a command; return its exit code."""
        self.start(*words)
        return self.end()


class Killer:
    """Kills a command at random moments: of one half of its runs in all, of the other half as it writes."""

    def __init__(self, forks: Forks, chance: random.Random, *words: str | Path) -> None:
        """Run the command once, to know how long it takes."""
        self.forks, self.chance = forks, chance
        began = time.monotonic()
        forks.start(*words)
        forks.wait_for("writing")
        writes = time.monotonic()
        assert forks.end() == 0
        self.whole, self.writing = time.monotonic() - began, time.monotonic() - writes
        self.killed = {"at any moment": 0, "while writing": 0}

    def kill(self, *words: str | Path) -> bool:
        """Start the command and kill it; tell whether it was killed before it ended."""
        moment = "while writing" if sum(self.killed.values()) % 2 else "at any moment"
        self.forks.start(*words)
        if moment == "while writing":
            self.forks.wait_for("writing")
        time.sleep(self.chance.uniform(0, self.writing if moment == "while writing" else self.whole))
        was_killed = self.forks.kill() == -signal.SIGKILL
        self.killed[moment] += was_killed
        return was_killed

    @property
    def count(self) -> int:
        """Return how many were killed under way."""
        return sum(self.killed.values())


@contextlib.contextmanager
def forks(errors: Path) -> Iterator[Forks]:
    """Start the process that forks; end it with the block."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, __file__]
    pipe = subprocess.PIPE
    with errors.open("w") as said, subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=said, text=True, cwd=errors.parent) as process:  # fmt: skip
        forked = Forks(process, errors)
        try:
            yield forked
        finally:
            process.kill()
            forked.strike()  # what a test that failed left


# ---------------------------------------------------------------- the process


def tell(*words: object) -> None:
    """Write a line, at once and whole."""
    os.write(1, f"{' '.join(map(str, words))}\n".encode())


def work(words: list[str], known: int) -> None:
    """Be the command. What it imported is told to the process that forks, to import it before the next."""
    told = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    wrote = False

    def look(event: str, _: object) -> None:
        nonlocal wrote
        if event == "os.mkdir" and not wrote:
            wrote = True
            os.write(told, b"writing\n")

    sys.addaudithook(look)
    sys.argv = ["kg", *words]
    from kg.__main__ import main

    try:
        main()
    except SystemExit as end:
        sys.stdout.flush()
        os.write(known, " ".join(sys.modules).encode())
        os._exit(end.code if isinstance(end.code, int) else 1)


def serve() -> None:
    """Fork for every line."""
    for line in sys.stdin:
        read, write = os.pipe()
        child = os.fork()
        if not child:
            work(json.loads(line), write)
            os._exit(99)  # a command ends itself
        os.close(write)
        os.setpgid(child, child)
        tell("started", child)
        with open(read, encoding="utf-8") as modules:  # noqa: PTH123 - a descriptor
            names = modules.read().split()
        _, status = os.waitpid(child, 0)
        for name in names:
            if name not in sys.modules and name != "__main__":
                importlib.import_module(name)
        tell("ended", os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    serve()
