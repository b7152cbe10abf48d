"""The one door to git: its own program, asked about a folder. Nothing that a repository configures is run."""

from __future__ import annotations

import subprocess
from pathlib import Path

from kg.model.errors import ProjectError

TIMEOUT = 60.0
_SAFE = ("--no-pager", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false")


def run_git(folder: Path, *words: str, given: str = "") -> bytes:
    """Return what git writes of a folder, ``given`` on its standard input.

    Raises ProjectError with the first line of what it objects to, or where git is not there or takes too long.
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
