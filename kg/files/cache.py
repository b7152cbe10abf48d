"""Generations of a cache: immutable folders, each named by the content that it was made from.

A generation is made beside its place and renamed once it is whole; whoever has an older one open keeps it. Killed while
it is made, it is deleted by the next that opens the cache; whoever is at work holds a lock, and is let be.
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
Digests = Mapping[str, list[str]]  # by name: stamp and SHA-256


def known_digests(folder: Path, cache: Path, stamps: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the digests of a project's files; one is read again once it has changed since the cache kept them.

    Its stamp tells whether it has.
    """
    return read_digests(folder, stamps, _known(cache / DIGESTS))


def keep_digests(cache: Path, digests: Digests) -> None:
    """Remember digests; where nothing can be written, the next run computes them again."""
    if digests != _known(cache / DIGESTS):
        with suppress(OSError, ProjectError):
            cache.mkdir(parents=True, exist_ok=True)
            write_file(cache / DIGESTS, json.dumps(digests))


def name_content(digests: Digests, also: Iterable[str]) -> str:
    """Return a name for files with certain digests, and for words besides."""
    whole = hashlib.sha256()
    for part in (*(f"{name} {digest[1]}" for name, digest in digests.items()), *also):
        whole.update(f"{part}\n".encode())
    return whole.hexdigest()[:24]


@kept
def digest_of_program() -> str:
    """Return a digest of what computes: the modules, and the ontology that came with them."""
    whole = hashlib.sha256()
    for root, pattern in ((PACKAGE, "**/*.py"), (shipped_folder(), "*.ttl")):
        for path in sorted(root.glob(pattern)):
            whole.update(f"{path.relative_to(root)}\n".encode() + path.read_bytes())
    return whole.hexdigest()


def read_stamps(folder: Path) -> dict[str, str]:
    """Return the files of a project, each with its stamp."""
    paths = sorted({path for pattern in INPUTS for path in folder.glob(pattern) if path.is_file()})
    return {path.relative_to(folder).as_posix(): read_stamp(path) for path in paths}


def read_stamp(path: Path) -> str:
    """Return what is another once a file has changed: its size, times and number."""
    state = path.stat()
    return f"{state.st_size} {state.st_mtime_ns} {state.st_ctime_ns} {state.st_ino}"


def read_digests(folder: Path, stamps: Mapping[str, str], known: Digests) -> dict[str, list[str]]:
    """Return stamp and SHA-256 of each file; one whose stamp is known is not read."""
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
    """Return the generation of a key, made by ``fill`` where it is not there; older ones are deleted then.

    Raises ProjectError where it cannot be written.
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
    """Make a generation beside its place and move it there, unless somebody else was quicker."""
    with scratch(place.parent) as partial:
        fill(partial)
        try:
            partial.rename(place)
        except OSError:
            if not place.is_dir():
                raise


@contextmanager
def scratch(cache: Path) -> Iterator[Path]:
    """Give a new folder in a cache until the block ends; nobody else clears it while this process lives."""
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
    """Delete what the dead were making in a cache, where it can be written; what is under way stays."""
    with suppress(OSError):
        if any(cache.glob(f"{PARTIAL}*")):
            with locked(cache):
                _clear(cache)


def _clear(cache: Path) -> None:
    """Delete what the dead left: generations that they were making, locks of those that are gone."""
    for left in cache.glob(f"{PARTIAL}*"):
        if not in_use(left):
            shutil.rmtree(left, ignore_errors=True)
    for left in cache.glob(f"*{HELD}"):
        if not left.with_name(left.name.removesuffix(HELD)).is_dir():
            _delete_unheld(left.with_name(left.name.removesuffix(HELD)))


@contextmanager
def hold(make: Callable[[], Path]) -> Iterator[Path]:
    """Give the generation that ``make`` returns; nobody deletes it meanwhile, whatever newer one is made."""
    while True:
        place = make()
        with _held_file(place).open("a") as held:
            fcntl.flock(held, fcntl.LOCK_SH)
            if place.is_dir() and _is_same(held, _held_file(place)):  # else it went before it was held
                yield place
                return


def _held_file(place: Path) -> Path:
    return place.with_name(f"{place.name}{HELD}")


def _is_same(held: IO[str], path: Path) -> bool:
    return path.exists() and path.stat().st_ino == os.fstat(held.fileno()).st_ino


def _delete_unheld(place: Path) -> None:
    """Delete a generation, unless a process holds it: its name goes first, so that no half of it is taken for whole."""
    path = _held_file(place)
    with path.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        if place.is_dir():
            gone = Path(tempfile.mkdtemp(prefix=PARTIAL, dir=place.parent))
            place.rename(gone)  # over an empty folder
            shutil.rmtree(gone, ignore_errors=True)
        path.unlink(missing_ok=True)
