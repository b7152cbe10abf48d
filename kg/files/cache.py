"""Store cache generations: immutable folders, each named by a digest of its inputs.

A generation is written to a temporary folder and then renamed. Processes that use an older generation keep it. A
process that writes locks its temporary folder; the next process that opens the cache deletes unlocked ones.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache as kept
from pathlib import Path
from typing import IO

from kg.files.outputs import in_use, lock, locked, write_file
from kg.model.errors import ProjectError
from kg.model.ontology import shipped_folder
from kg.model.package import PACKAGE

DIGESTS = "digests.json"
PARTIAL = ".partial-"
HELD = ".held"
INPUTS = ("kg.yaml", "entities.*", "sources.*", "*.xlsx", "claims/**/*", "ontology/**/*", "tables/**/*")
Digests = Mapping[str, list[str]]  # by file name: stamp and SHA-256


def known_digests(folder: Path, cache: Path, stamps: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the digests of a project's files; only files whose stamp differs from the cached one are read."""
    return read_digests(folder, stamps, _known(cache / DIGESTS))


def keep_digests(cache: Path, digests: Digests) -> None:
    """Store digests; if the cache cannot be written, the next run computes them again."""
    if digests != _known(cache / DIGESTS):
        with suppress(OSError, ProjectError):
            cache.mkdir(parents=True, exist_ok=True)
            write_file(cache / DIGESTS, json.dumps(digests))


def name_content(digests: Digests, also: Iterable[str]) -> str:
    """Return a name (24 hexadecimal digits) for the digests of files and the strings in ``also``."""
    whole = hashlib.sha256()
    for part in (*(f"{name} {digest[1]}" for name, digest in digests.items()), *also):
        whole.update(f"{part}\n".encode())
    return whole.hexdigest()[:24]


@kept
def digest_of_program() -> str:
    """Return a digest of the package's modules and the shipped ontology."""
    whole = hashlib.sha256()
    for root, pattern in ((PACKAGE, "**/*.py"), (shipped_folder(), "*.ttl")):
        for path in sorted(root.glob(pattern)):
            whole.update(f"{path.relative_to(root)}\n".encode() + path.read_bytes())
    return whole.hexdigest()


def read_stamps(folder: Path) -> dict[str, str]:
    """Return the stamp of every file of a project, by path relative to ``folder``."""
    paths = sorted({path for pattern in INPUTS for path in folder.glob(pattern) if path.is_file()})
    return {path.relative_to(folder).as_posix(): read_stamp(path) for path in paths}


def read_stamp(path: Path) -> str:
    """Return a text that differs once a file has changed: size, mtime and ctime in nanoseconds, inode."""
    state = path.stat()
    return f"{state.st_size} {state.st_mtime_ns} {state.st_ctime_ns} {state.st_ino}"


def read_digests(folder: Path, stamps: Mapping[str, str], known: Digests) -> dict[str, list[str]]:
    """Return stamp and SHA-256 of each file; files with a known stamp are not read."""
    return {name: _digest(folder / name, stamp, known.get(name)) for name, stamp in stamps.items()}


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


def generation(cache: Path, key: str, fill: Callable[[Path], None]) -> Path:
    """Return the generation of a key; if it is missing, create it with ``fill`` and delete older ones.

    Raises ProjectError if it cannot be written.
    """
    place = cache / key
    if place.is_dir():
        recover(cache)
        return place
    try:
        cache.mkdir(parents=True, exist_ok=True)
        _make(place, fill)
        with locked(cache):
            for old in cache.iterdir():
                if old != place and old.is_dir() and not old.name.startswith("."):
                    _delete_unheld(old)
    except OSError as error:
        raise ProjectError(f"cannot write {error.filename or cache}: {error.strerror}") from error
    return place


def _make(place: Path, fill: Callable[[Path], None]) -> None:
    """Create a generation in a temporary folder and rename it, unless another process was faster."""
    with scratch(place.parent) as partial:
        fill(partial)
        try:
            partial.rename(place)
        except OSError:
            if not place.is_dir():
                raise


@contextmanager
def scratch(cache: Path) -> Iterator[Path]:
    """Yield a new folder in a cache and delete it after the block; no other process deletes it meanwhile."""
    with locked(cache):
        _clear(cache)
        folder = Path(tempfile.mkdtemp(prefix=PARTIAL, dir=cache))
        held = lock(folder)
    try:
        yield folder
    finally:
        os.close(held)
        shutil.rmtree(folder, ignore_errors=True)


def recover(cache: Path) -> None:
    """Delete what killed processes left in a cache, if the cache is writable; locked folders stay."""
    with suppress(OSError):
        if any(cache.glob(f"{PARTIAL}*")):
            with locked(cache):
                _clear(cache)


def _clear(cache: Path) -> None:
    """Delete what killed processes left: unfinished generations, and lock files of deleted ones."""
    for left in cache.glob(f"{PARTIAL}*"):
        if not in_use(left):
            shutil.rmtree(left, ignore_errors=True)
    for left in cache.glob(f"*{HELD}"):
        if not left.with_name(left.name.removesuffix(HELD)).is_dir():
            _delete_unheld(left.with_name(left.name.removesuffix(HELD)))


@contextmanager
def hold(make: Callable[[], Path]) -> Iterator[Path]:
    """Yield the generation that ``make`` returns; no process deletes it until the block ends."""
    while True:
        place = make()
        with _held_file(place).open("a") as held:
            fcntl.flock(held, fcntl.LOCK_SH)
            if place.is_dir() and _is_same(held, _held_file(place)):  # else it was deleted before the lock was acquired
                yield place
                return


def _held_file(place: Path) -> Path:
    return place.with_name(f"{place.name}{HELD}")


def _is_same(held: IO[str], path: Path) -> bool:
    return path.exists() and path.stat().st_ino == os.fstat(held.fileno()).st_ino


def _delete_unheld(place: Path) -> None:
    """Delete a generation unless a process holds it; rename it first, so that no process sees half of it."""
    path = _held_file(place)
    with path.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        if place.is_dir():
            gone = Path(tempfile.mkdtemp(prefix=PARTIAL, dir=place.parent))
            place.rename(gone)  # replaces the empty folder
            shutil.rmtree(gone, ignore_errors=True)
        path.unlink(missing_ok=True)
