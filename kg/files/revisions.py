"""Read the history of a claim's row from git, for people; no build uses it.

In: a claim with its location. Out: the commits that wrote or changed its row. A row is followed by its text, not by its
line number: moving it is no change. Its text before a change is the most similar line that the commit removed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from kg.files.git import run_git
from kg.model.errors import ProjectError
from kg.model.world import Claim

LIKENESS = 0.6  # of 1: a less similar line counts as another row
_FORM = "--format=%H%x1f%P%x1f%aI%x1f%an%x1f%s"


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit that wrote or changed a row: hash, time, author, subject line, and the row before and after."""

    commit: str
    when: str
    who: str
    subject: str
    before: str
    after: str


def revisions(folder: Path, claim: Claim) -> list[Revision]:
    """Return the commits that wrote or changed a claim's row, newest first.

    Raises ProjectError if the project is not in a git repository, or the row is in a workbook or not committed as it
    is.
    """
    if claim.place.cell:
        raise ProjectError(f"{claim.place} is a cell of a workbook; git keeps the file as a whole")
    name, line = claim.place.file, claim.place.line
    text = _lines((folder / name).read_bytes())[line - 1].strip()
    if text not in (row.strip() for row in _lines(_ask(folder, "show", f"HEAD:./{name}"))):
        raise ProjectError(f"{name}:{line} is not committed as it stands; commit it, then git can tell its history")
    return list(_back(folder, name, text))


def _back(folder: Path, name: str, text: str) -> Iterator[Revision]:
    """Yield the commit that introduced a text, then the one that introduced the text before it, and so on."""
    start = "HEAD"
    while text and (told := _ask(folder, "log", "-1", _FORM, f"-S{text}", start, "--", name)):
        commit, parents, when, who, subject = _shown(told).rstrip("\n").split("\x1f")
        patch = _lines(_ask(folder, "show", "--format=", "-U0", commit, "--", name)) if parents else []
        before = _likest(text, patch)
        yield Revision(commit, when, who, subject, _shown_text(before), _shown_text(text))
        start, text = f"{commit}^", before


def _likest(text: str, patch: list[str]) -> str:
    """Return the removed line of a patch that is most similar to ``text``, or "" if none is similar enough."""
    came, went = ([row[1:].strip() for row in patch if row.startswith(mark)] for mark in "+-")
    moved = set(came)
    return next(iter(get_close_matches(text, [row for row in went if row not in moved], n=1, cutoff=LIKENESS)), "")


def _lines(content: bytes) -> list[str]:
    """Return the lines of a file in any encoding: bytes that are not UTF-8 survive the round trip."""
    return [line.decode("utf-8", "surrogateescape") for line in content.splitlines()]


def _shown(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _shown_text(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _ask(folder: Path, *words: str) -> bytes:
    """Return the output of git for a folder. Raises ProjectError with a message about row history."""
    try:
        return run_git(folder, words[0], "--no-ext-diff", "--no-textconv", *words[1:])
    except ProjectError as error:
        raise ProjectError(_failure(folder, str(error))) from None


def _failure(folder: Path, said: str) -> str:
    if "not a git repository" in said:
        return f"{folder} is in no git repository; the history of a row is read from git"
    if any(words in said for words in ("HEAD", "does not have any commits", "does not exist")):
        return "the file is not committed yet; the history of a row is read from git"
    return said
