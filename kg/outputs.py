"""Write files so that a failed or killed command leaves the last good ones."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from kg.errors import ProjectError

SUFFIX = ".kg-partial"


def write_files(folder: Path, texts: Mapping[str, str | bytes]) -> list[Path]:
    """Write texts, or bytes, by name into a folder: all of them whole beside their places first, then put in place.

    Raises ProjectError where that cannot be done; then nothing has changed.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _clear(folder, everyone=True)
        partial = {name: _write_partial(folder, name, text) for name, text in texts.items()}
        for name, path in partial.items():
            path.replace(folder / name)
        _sync_folder(folder)
    except OSError as error:
        _clear(folder)
        raise ProjectError(f"cannot write {error.filename or folder}: {error.strerror}") from error
    return [folder / name for name in texts]


def write_file(path: Path, text: str | bytes) -> None:
    """Write one file, the old one staying whole until the new one is."""
    write_files(path.parent, {path.name: text})


def _write_partial(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / f".{name}.{os.getpid()}{SUFFIX}"
    with path.open("wb") as file:
        file.write(text.encode() if isinstance(text, str) else text)
        file.flush()
        os.fsync(file.fileno())
    return path


def _clear(folder: Path, *, everyone: bool = False) -> None:
    """Delete what this process, or everyone's process that is no more, left half written."""
    for leftover in folder.glob(f".*{SUFFIX}") if folder.is_dir() else ():
        process = int(leftover.name.removesuffix(SUFFIX).rpartition(".")[2])
        if process == os.getpid() or (everyone and not _alive(process)):
            leftover.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
