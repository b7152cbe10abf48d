"""Check a project again whenever one of its files is saved.

In: a folder and a check function. Out: the problems of the first check, then only the changes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kg.files.project import SETTINGS
from kg.model.errors import Problem

INTERVAL = 0.1  # seconds between two scans of the files
RECORDS = ("entities", "sources")
FOLDERS = ("claims", "ontology", "tables")
Stamp = dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Change:
    """The new and the fixed problems, the current total, and the duration of the check in seconds."""

    came: list[Problem]
    went: list[Problem]
    total: int
    seconds: float


def watch(
    folder: Path, check: Callable[[], list[Problem]], *, interval: float = INTERVAL, rounds: int | None = None
) -> Iterator[Change]:
    """Yield the result of the first check, then each later change; stop after ``rounds`` scans if given."""
    known: list[Problem] = []
    seen: Stamp | None = None
    while rounds is None or rounds > 0:
        stamp = stamp_of(folder)
        if stamp != seen:
            began = time.perf_counter()
            found = check()
            seconds = time.perf_counter() - began
            came, went = _without(found, known), _without(known, found)
            if came or went or seen is None:
                yield Change(came, went, len(found), seconds)
            seen, known = stamp, found
        else:
            time.sleep(interval)
        rounds = None if rounds is None else rounds - 1


def _without(problems: list[Problem], others: list[Problem]) -> list[Problem]:
    """Return the problems that are not among ``others``; the line number does not matter."""
    left = [_content(problem) for problem in others]
    new = []
    for problem in problems:
        if (content := _content(problem)) in left:
            left.remove(content)
        else:
            new.append(problem)
    return new


def _content(problem: Problem) -> tuple[str, str, str, str]:
    return problem.location.file, problem.code, problem.message, problem.severity


def stamp_of(folder: Path) -> Stamp:
    """Return modification time and size of every file that a check reads."""
    stamp: Stamp = {}
    for top in (folder, *(folder / name for name in FOLDERS)):
        for path in _below(top, deep=top != folder):
            name = os.path.basename(path)  # noqa: PTH119 - ten times a second: plain text
            wanted = top != folder or name == SETTINGS or name.startswith(RECORDS) or name.endswith(".xlsx")
            if wanted and not name.startswith((".", "~")):
                state = _state(path)
                if state:
                    stamp[path] = state
    return stamp


def _below(folder: Path, *, deep: bool) -> Iterator[str]:
    for root, folders, names in os.walk(folder):
        if not deep:
            folders.clear()
        yield from (os.path.join(root, name) for name in names)  # noqa: PTH118


def _state(path: str) -> tuple[int, int] | None:
    """Return modification time (nanoseconds) and size of a file, or None while it is being replaced."""
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
