"""Read the two editions of a comparison: a project folder, a build, an exported file, or a git revision.

In: two names. Out: the world of each edition. Nothing is checked out: the project files of a revision are read from
git's object store.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from kg.bulk.whole import read_whole
from kg.files.git import run_git
from kg.files.project import SETTINGS, find_project
from kg.formats.import_project import RDF_FORMS, read_export
from kg.ingestion.checking.check import check_records
from kg.model.errors import CheckError, Problem, ProjectError, UsageError
from kg.model.ontology import nearest
from kg.model.world import World

_RULES = re.compile(r'rulesVersion.{0,120}?["> ](\d+)["< ]')
FILES = (SETTINGS, "entities.", "sources.", "claims.", "claims/", "ontology/", "tables/")
Checked = tuple[World | None, list[Problem]]


@dataclass(frozen=True, slots=True)
class Edition:
    """One side of a comparison: its name, its world, and by which version of the rules it was built (0: it was not)."""

    name: str
    world: World
    rules: int = 0


def read_editions(old: str, new: str, project: Path | None) -> tuple[Edition, Edition]:
    """Return the old and the new edition; if ``new`` is "", use the project in its current state.

    Raises UsageError if a name cannot be resolved, CheckError if an edition has errors;
    their locations start with its name.
    """
    later = _read(new, project) if new else _read_project(find_project(project))
    before = Edition(old, _sound(_read(old, project), old), _rules_of(old))
    return before, Edition(new, _sound(later, new), _rules_of(new))


def _rules_of(name: str) -> int:
    """Return the version of the rules in the header of a build or an RDF file, 1 without one; 0 for anything else."""
    path = _export(Path(name))
    if not path.is_file() or path.suffix.lower() not in RDF_FORMS:
        return 0
    with path.open(encoding="utf-8") as lines:
        found = (match[1] for line in lines if (match := _RULES.search(line)))
        return int(next(found, 1))


def _export(path: Path) -> Path:
    """Return the graph of a build, or the path itself."""
    return next((path / file for file in ("graph.trig", "graph.ttl") if (path / file).is_file()), path)


def _sound(checked: Checked, name: str) -> World:
    world, problems = checked
    if world is not None:
        return world
    where = f"{name}: " if name else ""
    raise CheckError(replace(p, location=replace(p.location, file=f"{where}{p.location.file}")) for p in problems)


def _read(name: str, project: Path | None) -> Checked:
    path = Path(name)
    if (path / SETTINGS).is_file():
        return _read_project(path)
    export = _export(path)
    if export.is_file() and export.suffix.lower() in (*RDF_FORMS, ".xlsx"):
        return check_records(read_export(export))
    return _of_revision(name, project)


def _read_project(folder: Path) -> Checked:
    whole = read_whole(folder)
    return whole.world, whole.problems


# ---------------------------------------------------------------- git


def _of_revision(name: str, project: Path | None) -> Checked:
    """Return the world of the project at a git revision."""
    folder = find_project(project).resolve()
    try:
        run_git(folder, "rev-parse", "--git-dir")
    except ProjectError as error:
        message = f"'{name}' is no project, build or exported file, and {folder} is in no git repository ({error})"
        raise UsageError(message) from error
    try:
        commit = run_git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    except ProjectError:
        raise UsageError(_unknown(folder, name)) from None
    with TemporaryDirectory() as scratch:
        files = dict(_files(folder, commit.decode().strip()))
        if SETTINGS not in files:
            raise UsageError(
                f"at revision '{name}' there is no {SETTINGS} in {folder.name}; did the project exist then?"
            )
        for file, content in files.items():
            place = Path(scratch) / file
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        return _read_project(Path(scratch))


def _unknown(folder: Path, name: str) -> str:
    words = run_git(folder, "for-each-ref", "--format=%(refname:short)").decode("utf-8", "replace").split()
    near = nearest(name, ["HEAD", *words])
    known = ", ".join(["HEAD~1", *words[:8]]) + (" …" if len(words) > 8 else "")
    hint = f"; did you mean '{near}'?" if near else f"; there are {known}"
    return f"'{name}' is no project, build or exported file, and no revision of this repository{hint}"


def _files(folder: Path, commit: str) -> Iterator[tuple[str, bytes]]:
    """Yield the project files of a commit, with paths relative to the project; symbolic links are skipped."""
    listed = run_git(folder, "ls-tree", "-r", "-z", commit, "./").decode("utf-8", "surrogateescape").split("\0")
    wanted: dict[str, str] = {}
    for entry in filter(None, listed):
        about, _, file = entry.partition("\t")
        mode, kind, blob = about.split()
        is_ours = file.startswith(FILES) or file.endswith(".xlsx")
        if kind == "blob" and mode != "120000" and is_ours and ".." not in file.split("/"):
            wanted[file] = blob
    content = run_git(folder, "cat-file", "--batch", given="".join(f"{blob}\n" for blob in wanted.values()))
    for file in wanted:
        head, _, content = content.partition(b"\n")
        size = int(head.split()[2])
        yield file, content[:size]
        content = content[size + 1 :]
