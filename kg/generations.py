"""Generations of a cache: immutable folders named by the content that they were made from, and a pointer to the newest.

A generation is made beside its place and renamed once it is whole; whoever has an older one open keeps it. Killed while
it is made, it is deleted by the next that makes one.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from kg.errors import ProjectError

POINTER = "current"
DIGESTS = "digests.json"
PARTIAL = ".partial-"
INPUTS = ("kg.yaml", "entities.*", "sources.*", "*.xlsx", "claims/**/*", "ontology/**/*", "tables/**/*")
CHUNK = 1 << 20


def content_key(folder: Path, cache: Path, also: Iterable[str]) -> str:
    """Return a name for what a project's files hold, and for words besides; a file is read again once it has changed.

    Size and time of change tell whether it has; what was read before is kept in the cache.
    """
    known = _known(cache / DIGESTS)
    digests = {name: _digest(folder / name, stamp, known.get(name)) for name, stamp in _stamps(folder)}
    if digests != known:
        _keep(cache, digests)
    whole = hashlib.sha256()
    for part in (*(f"{name} {digest[1]}" for name, digest in digests.items()), *also):
        whole.update(f"{part}\n".encode())
    return whole.hexdigest()[:24]


def _stamps(folder: Path) -> Iterator[tuple[str, str]]:
    paths = sorted({path for pattern in INPUTS for path in folder.glob(pattern) if path.is_file()})
    for path in paths:
        state = path.stat()
        yield path.relative_to(folder).as_posix(), f"{state.st_size} {state.st_mtime_ns}"


def _digest(path: Path, stamp: str, known: list[str] | None) -> list[str]:
    if known and known[0] == stamp:
        return known
    with path.open("rb") as file:
        return [stamp, hashlib.file_digest(file, "sha256").hexdigest()]


def _known(path: Path) -> dict[str, list[str]]:
    try:
        found: dict[str, list[str]] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _keep(cache: Path, digests: dict[str, list[str]]) -> None:
    """Remember digests; where nothing can be written, the next run computes them again."""
    try:
        cache.mkdir(parents=True, exist_ok=True)
        _replace(cache / DIGESTS, json.dumps(digests))
    except OSError:
        return


def generation(cache: Path, key: str, fill: Callable[[Path], None]) -> Path:
    """Return the generation of a key, made by ``fill`` where it is not there; older ones are deleted then.

    Raises ProjectError where it cannot be written.
    """
    place = cache / key
    if place.is_dir():
        return place
    try:
        cache.mkdir(parents=True, exist_ok=True)
        for left in cache.glob(f"{PARTIAL}*"):
            shutil.rmtree(left, ignore_errors=True)
        partial = Path(tempfile.mkdtemp(prefix=PARTIAL, dir=cache))
        try:
            fill(partial)
            partial.rename(place)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        _replace(cache / POINTER, key)
        for old in cache.iterdir():
            if old.is_dir() and old != place:
                _delete_unheld(old)
    except OSError as error:
        raise ProjectError(f"cannot write {error.filename or cache}: {error.strerror}") from error
    return place


@contextmanager
def hold(make: Callable[[], Path]) -> Iterator[Path]:
    """Give the generation that ``make`` returns; nobody deletes it meanwhile, whatever newer one is made."""
    while True:
        place = make()
        with _held_file(place).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
            if place.is_dir() and _is_same(lock, _held_file(place)):  # else it went before it was held
                yield place
                return


def _held_file(place: Path) -> Path:
    return place.with_name(f"{place.name}.held")


def _is_same(lock: IO[str], path: Path) -> bool:
    return path.exists() and path.stat().st_ino == os.fstat(lock.fileno()).st_ino


def _delete_unheld(place: Path) -> None:
    """Delete a generation, unless a process holds it."""
    held = _held_file(place)
    with held.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        shutil.rmtree(place, ignore_errors=True)
        held.unlink(missing_ok=True)


def current(cache: Path) -> Path | None:
    """Return the newest generation, if there is one: a folder that nobody will change."""
    try:
        return cache / (cache / POINTER).read_text("utf-8").strip()
    except OSError:
        return None


def _replace(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}-{os.getpid()}")
    partial.write_text(text, "utf-8")
    partial.replace(path)
