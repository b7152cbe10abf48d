"""Write files atomically: a failed or killed command leaves all the old files or all the new ones.

New files go into a temporary folder next to their targets. One rename of that folder commits them; then each file moves
to its place. After a kill, the next command that writes there finishes committed files and deletes uncommitted ones.
A command at work holds a lock on its folder, so that no other one deletes it. Files of an earlier run that this run
does not write, such as part of a deleted table, are deleted with the commit.
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
GONE = ".kg-gone"  # in a committed folder: the list of files to delete


@contextmanager
def staged(
    folder: Path, *, instead_of: Iterable[str] = (), check: Callable[[], object] = lambda: None
) -> Iterator[Path]:
    """Yield a folder for new files; when the block ends, all of them move to ``folder``, or none.

    Existing files that match a ``Path.glob`` pattern of ``instead_of`` and are not written again are deleted. Two
    writers do not block each other: the later commit wins, unless its ``check``, called under the lock, raises. A
    folder that does not exist yet appears complete. Raises ProjectError if something cannot be written; then nothing
    has changed.
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
    """Write texts or bytes by name (``claims/a.yaml``) into a folder, all or none; ``instead_of`` as in ``staged``.

    Raises ProjectError if that fails; then nothing has changed.
    """
    with staged(folder, instead_of=instead_of) as stage:
        for name, text in texts.items():
            path = stage / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode() if isinstance(text, str) else text)
    return [folder / name for name in texts]


def write_file(path: Path, text: str | bytes) -> None:
    """Write one file atomically; write directly to a pipe or device."""
    if path.exists() and not path.is_file() and not path.is_dir():
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    else:
        write_files(path.parent, {path.name: text})


def recover(folder: Path) -> None:
    """Finish what a killed command had committed in a folder, and delete what it had not committed."""
    if any(folder.glob(f"{PARTIAL}*")) or any(folder.glob(f"{READY}*")):
        with locked(folder):
            _clear(folder)


def _clear(folder: Path) -> None:
    """Delete unlocked temporary folders and finish committed ones. The caller holds the folder's lock."""
    for left in sorted(folder.glob(f"{PARTIAL}*")):
        if not in_use(left):
            shutil.rmtree(left, ignore_errors=True)
    _finish(folder)


def _appeared(stage: Path, folder: Path) -> bool:
    """Rename the stage to ``folder`` if that does not exist; return whether this succeeded."""
    if folder.exists():
        return False
    try:
        stage.rename(folder)
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
            raise
        return False  # another process created it in the meantime
    _sync_folder(folder.parent)
    return True


def _commit(stage: Path, folder: Path, instead_of: Iterable[str], check: Callable[[], object]) -> None:
    """Commit the staged files and move them into place."""
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
        except OSError:  # the new files are committed: try once more to move them
            _finish(folder)


def _finish(folder: Path) -> None:
    """Move committed files into place. The caller holds the folder's lock."""
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
    """Delete the files that a list names, but only inside the folder: the list may come from another user."""
    inside = folder.resolve()
    for name in gone.read_text("utf-8").split("\0") if gone.exists() else ():
        path = folder / name
        if inside in path.parent.resolve().joinpath(path.name).parents and not path.is_dir():
            path.unlink(missing_ok=True)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def lock(folder: Path) -> int:
    """Lock a folder and return the file descriptor; closing it, or ending the process, releases the lock."""
    descriptor = os.open(folder, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder until the block ends; wait if another process holds it."""
    descriptor = lock(folder)
    try:
        yield
    finally:
        os.close(descriptor)


def in_use(folder: Path) -> bool:
    """Return whether a process holds the lock of a folder."""
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
    """Flush every file in a folder to disk."""
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
