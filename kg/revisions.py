"""When a row was written down and how it was changed since: read from git, for people. No build ever asks this.

In: claims with their places. Out: the commits that touched each row. A row is followed by its line, so it must stand in
the last commit as it stands now, on lines of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kg.errors import ProjectError
from kg.model import Claim
from kg.repository import run_git

_COMMIT = "\x1e"
_FORM = f"--format={_COMMIT}%H%x1f%aI%x1f%an%x1f%s"


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit that wrote or changed a row: hash, time, who, the commit's first line, the row before and after."""

    commit: str
    when: str
    who: str
    subject: str
    before: str
    after: str


def revisions(folder: Path, claim: Claim) -> list[Revision]:
    """Return the commits that touched a claim's row, the last first.

    Raises ProjectError where the project is in no git repository, or the row is not committed as it stands.
    """
    if claim.place.cell:
        raise ProjectError(f"{claim.place} is a cell of a workbook; git keeps the file as a whole")
    name, line = claim.place.file, claim.place.line
    number = _committed_line(folder, name, line)
    told = _ask(folder, "log", f"-L{number},{number}:{name}", _FORM).decode("utf-8", "replace")
    return [_revision(part) for part in told.split(_COMMIT)[1:]]


def _committed_line(folder: Path, name: str, line: int) -> int:
    """Return where the row stands in the last commit: the same line, or the only one that reads so."""
    now = (folder / name).read_bytes().splitlines()[line - 1]
    committed = _ask(folder, "show", f"HEAD:./{name}").splitlines()
    if line <= len(committed) and committed[line - 1] == now:
        return line
    same = [number for number, text in enumerate(committed, 1) if text == now]
    if len(same) != 1:
        raise ProjectError(f"{name}:{line} is not committed as it stands; commit it, then git can tell its history")
    return same[0]


def _revision(part: str) -> Revision:
    head, _, patch = part.partition("\n")
    commit, when, who, subject = head.split("\x1f")
    body = patch.partition("@@")[2].partition("\n")[2]
    return Revision(commit, when, who, subject, _side(body, "-"), _side(body, "+"))


def _side(patch: str, mark: str) -> str:
    return "\n".join(line[1:].strip() for line in patch.splitlines() if line.startswith(mark))


def _ask(folder: Path, *words: str) -> bytes:
    """Return what git says of a folder. Raises ProjectError in the words of who asks for a history."""
    try:
        return run_git(folder, *words, "--no-ext-diff", "--no-textconv")
    except ProjectError as error:
        raise ProjectError(_failure(folder, str(error))) from None


def _failure(folder: Path, said: str) -> str:
    if "not a git repository" in said:
        return f"{folder} is in no git repository; the history of a row is read from git"
    if any(words in said for words in ("HEAD", "does not have any commits", "does not exist")):
        return "the file is not committed yet; the history of a row is read from git"
    return said
