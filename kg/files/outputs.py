"""Write files so that a failed or killed command leaves all the old ones, or all the new ones.

New files are written into a folder of their own beside their places. One rename of that folder commits them, then each
is moved to its place. What a killed command had committed, the next one that writes there moves; what it had not, that
one deletes. Whoever is at work holds a lock on its folder, so that nobody takes it for a dead one's. What an
earlier run wrote and this one does not, such as a part of a table that is gone, goes with the commit.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from kg.model.errors import ProjectError

PARTIAL = ".kg-partial-"
READY = ".kg-ready-"
GONE = ".kg-gone"  # in what is committed: the files that go


@contextmanager
def staged(
    folder: Path, *, instead_of: Iterable[str] = (), check: Callable[[], object] = lambda: None
) -> Iterator[Path]:
    """Give a folder to write new files into; they reach ``folder`` when the block ends, all of them or none.

    Files there that match a pattern of ``instead_of``, as ``Path.glob`` takes it, and are not written anew are deleted.
    Two that write at once do not hinder each other: the later one's files stand, unless its ``check``, called when
    nobody else commits, raises. A folder that is not there yet appears with everything in it. Raises ProjectError where
    something cannot be written; then nothing has changed.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = folder if folder.exists() else folder.parent
        with locked(beside):
            _clear(beside)
            stage = beside / f"{PARTIAL}{secrets.token_hex(6)}"
            stage.mkdir()
            held = lock(stage)
        try:
            yield stage
            _sync(stage)
            if not _appeared(stage, folder):
                _commit(stage, folder, instead_of, check)
        finally:
            os.close(held)
            shutil.rmtree(stage, ignore_errors=True)
    except OSError as error:
        raise ProjectError(f"cannot write {error.filename2 or error.filename or folder}: {error.strerror}") from error


def write_files(folder: Path, texts: Mapping[str, str | bytes], *, instead_of: Iterable[str] = ()) -> list[Path]:
    """Write texts, or bytes, by name (``claims/a.yaml``) into a folder: all of them, or none; ``instead_of`` as staged.

    Raises ProjectError where that cannot be done; then nothing has changed.
    """
    with staged(folder, instead_of=instead_of) as stage:
        for name, text in texts.items():
            path = stage / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode() if isinstance(text, str) else text)
    return [folder / name for name in texts]


def write_file(path: Path, text: str | bytes) -> None:
    """Write one file, the old one staying whole until the new one is; a pipe or device takes the bytes as they are."""
    if path.exists() and not path.is_file() and not path.is_dir():
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    else:
        write_files(path.parent, {path.name: text})


def recover(folder: Path) -> None:
    """Finish what a killed command had committed in a folder, and delete what it had not."""
    if any(folder.glob(f"{PARTIAL}*")) or any(folder.glob(f"{READY}*")):
        with locked(folder):
            _clear(folder)


def _clear(folder: Path) -> None:
    """Finish and delete what nobody is at work on. Whoever calls holds the folder's lock."""
    for left in sorted(folder.glob(f"{PARTIAL}*")):
        if not in_use(left):
            shutil.rmtree(left, ignore_errors=True)
    _finish(folder)


def _appeared(stage: Path, folder: Path) -> bool:
    """Tell whether the staged files became a folder that was not there, at once."""
    if folder.exists():
        return False
    try:
        stage.rename(folder)
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
            raise
        return False  # somebody else's appeared in the meantime
    _sync_folder(folder.parent)
    return True


def _commit(stage: Path, folder: Path, instead_of: Iterable[str], check: Callable[[], object]) -> None:
    """Put what is staged in place, once whoever is at it has done so."""
    files = _files(stage)
    for path in files:
        target = folder / path.relative_to(stage)
        if target.is_dir():
            raise IsADirectoryError(21, "a folder has this name", str(target))
        if target.exists():
            shutil.copymode(target, path)
    with locked(folder):
        _finish(folder)
        check()
        old = {path.relative_to(folder) for pattern in instead_of for path in folder.glob(pattern)}
        if gone := sorted(map(str, old - {path.relative_to(stage) for path in files})):
            (stage / GONE).write_text("\0".join(gone), "utf-8")
            _sync(stage)
        stage.rename(folder / f"{READY}{stage.name.removeprefix(PARTIAL)}")
        try:
            _sync_folder(folder)
            _finish(folder)
        except OSError:  # the new files are committed: what failed once may not fail twice
            _finish(folder)


def _finish(folder: Path) -> None:
    """Move what is committed to its place. Whoever calls holds the folder's lock."""
    committed = sorted(folder.glob(f"{READY}*"))
    for ready in committed:
        for path in _files(ready):
            if path != ready / GONE:
                target = folder / path.relative_to(ready)
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
        _delete(folder, ready / GONE)
        shutil.rmtree(ready)
    if committed:
        _sync_folder(folder)


def _delete(folder: Path, gone: Path) -> None:
    """Delete the files that a list names, none outside the folder: the list may be a stranger's."""
    inside = folder.resolve()
    for name in gone.read_text("utf-8").split("\0") if gone.exists() else ():
        path = folder / name
        if inside in path.parent.resolve().joinpath(path.name).parents and not path.is_dir():
            path.unlink(missing_ok=True)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def lock(folder: Path) -> int:
    """Return a descriptor that holds the lock of a folder; the lock goes with it, and with the process."""
    descriptor = os.open(folder, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder until the block ends; wait for whoever holds it."""
    descriptor = lock(folder)
    try:
        yield
    finally:
        os.close(descriptor)


def in_use(folder: Path) -> bool:
    """Tell whether somebody holds the lock of a folder."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _sync(folder: Path) -> None:
    """Bring everything in a folder to the disk."""
    for path in _files(folder):
        with path.open("rb") as file:
            os.fsync(file.fileno())
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
