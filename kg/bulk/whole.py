"""Read a project as a whole: the rows of its files and of all its tables, checked as one world.

A project without tables needs no Polars: what reads tables is imported where there are some.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from pathlib import Path

from kg.ingestion.checking.check import check_records
from kg.ingestion.mapping import FOLDER, UNKNOWN, Mapping, count_problems
from kg.ingestion.reading import Records, read_records
from kg.model.errors import CheckError, Location, Problem
from kg.model.world import World

SAME = "KG112"
Checked = tuple[World | None, list[Problem]]


@dataclass(frozen=True)
class Whole:
    """The rows of a project, the world built from them if there is no error, and the problems found.

    ``rejects`` lists the table rows that were left out.
    """

    records: Records
    world: World | None
    problems: list[Problem]
    rejects: list[Problem] = field(default_factory=list)


def has_tables(folder: Path) -> bool:
    """Return whether a project has mappings of tables."""
    return any((folder / FOLDER).glob("*.yaml"))


def read_all_records(folder: Path, instead: Map[str, str] | None = None) -> Records:
    """Read the rows of every file and table of a project; ``instead`` replaces the text of some files, by name.

    Raises ProjectError if the folder has no ``kg.yaml``.
    """
    records = read_records(folder, instead)
    if has_tables(folder):
        from kg.bulk.table_rows import add_tables

        add_tables(folder, records)
    return records


def read_whole(folder: Path, instead: Map[str, str] | None = None) -> Whole:
    """Read and check every file and table of a project; arguments and errors as in ``read_all_records``."""
    records = read_records(folder, instead)
    if not has_tables(folder):
        return Whole(records, *check_records(records))
    from kg.bulk.table_rows import add_tables

    return _check_whole(records, add_tables(folder, records))


def _check_whole(records: Records, mappings: list[Mapping]) -> Whole:
    """Check the rows of files and tables, and the number of claims that each mapping expects."""
    places = [row.place for row in records.claims]
    (world, problems), rejects = check_with_rejects(records)
    rejected = {problem.location for problem in rejects}
    counts = Counter(place.file for place in places if place not in rejected)  # duplicates count
    if not (records.claims or rejects or any(problem.severity == "error" for problem in problems)):
        return Whole(records, None, [_no_claims(problems)], rejects)
    short = [problem for m in mappings for problem in count_problems(m, counts[f"{FOLDER}/{m.file}"])]
    return Whole(records, None if short else world, sorted([*problems, *short]), rejects)


def load_world(folder: Path) -> World:
    """Return the world of every file and table of a project. Raises CheckError if it has errors."""
    whole = read_whole(folder)
    if whole.world is None:
        raise CheckError(whole.problems)
    return whole.world


def check_with_rejects(records: Records) -> tuple[Checked, list[Problem]]:
    """Check records until no entity or source of a table row has an error; return the result and the rejected rows.

    A duplicate table row is dropped without being reported. A claim that refers to the entity of its own rejected row
    is rejected with it.
    """
    rejected = list(records.rejected)
    while True:
        lost = {row.place for row in records.claims if row.place.file.startswith(f"{FOLDER}/")}
        world, problems = check_records(records, lost=lost)
        faults = [p for p in problems if p.severity == "error" and _is_row(p)]
        told = {(p.location.file, p.location.line) for p in rejected}
        rejected += [
            fault
            for fault in faults
            if fault.code != SAME
            and (fault.code not in UNKNOWN or (fault.location.file, fault.location.line) not in told)
        ]
        places = {fault.location for fault in faults}
        for rows in (records.entities, records.sources, records.claims) if places else ():
            rows[:] = [row for row in rows if row.place not in places]
        if places <= lost:
            return (world, [p for p in problems if p.location not in places]), sorted(rejected)
        records.problems = [p for p in records.problems if p.location not in places]


def _is_row(problem: Problem) -> bool:
    """Return whether a problem concerns a row of a table."""
    return problem.location.file.startswith(f"{FOLDER}/") and bool(problem.location.cell)


def _no_claims(problems: list[Problem]) -> Problem:
    """Return the problem of a project whose tables have no rows and that has no other claims."""
    place = next((p.location for p in problems if p.code == "KG011"), Location(FOLDER))
    return Problem(place, "error", "KG011", "the project holds no claims", "write rows below the header")
