"""Run the ``git`` program on a folder, without the hooks and helpers that a repository could configure."""

from __future__ import annotations

import subprocess
from pathlib import Path

from kg.model.errors import ProjectError

TIMEOUT = 60.0
_SAFE = ("--no-pager", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false")


def run_git(folder: Path, *words: str, given: str = "") -> bytes:
    """Return the standard output of a git command, with ``given`` on its standard input.

    Raises ProjectError with the first line of git's error, or if git is not installed or exceeds ``TIMEOUT`` (seconds).
    """
    command = ["git", *_SAFE, "-C", str(folder), *words]
    try:
        done = subprocess.run(command, input=given.encode(), capture_output=True, timeout=TIMEOUT, check=False)  # noqa: S603
    except FileNotFoundError:
        raise ProjectError("git is not installed here") from None
    except subprocess.TimeoutExpired:
        raise ProjectError(f"git gave no answer within {TIMEOUT:g} seconds") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ProjectError(said[0].removeprefix("fatal: ") if said else f"git {words[0]} failed without a word")
    return done.stdout
