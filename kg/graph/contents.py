"""The checked content of a project: its own files, including small tables, and its large tables."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kg.bulk.index import Directory, add_mentioned, clear_leftovers, read_directory
from kg.files.cache import read_stamps
from kg.ingestion.checking.check import check_records, read_settings
from kg.ingestion.mapping import FOLDER, UNKNOWN
from kg.ingestion.reading import Records, read_records
from kg.model.errors import Location, Problem
from kg.model.world import Clocks, World

if TYPE_CHECKING:
    from kg.bulk.tables import Tables

SAME = "KG112"
Checked = tuple[World | None, list[Problem]]


@dataclass(frozen=True)
class Contents:
    """A project's rows, the world built from them if there are no errors, and the problems found.

    ``rejects`` lists the rows of small tables that were left out. For tables too large to load as rows, ``tables``
    returns them checked against a world, and ``directory`` is the index from their store, if there is one.
    """

    records: Records
    world: World | None
    problems: list[Problem]
    rejects: list[Problem] = field(default_factory=list)
    tables: Callable[[World], Tables] | None = None
    directory: Directory | None = None


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Disable Python's garbage collector, which would repeatedly scan many long-lived objects."""
    was_at_work = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_at_work:
            gc.enable()


@collector_at_rest()
def read_contents(folder: Path, days: Clocks | None = None) -> Contents:
    """Read and check a project. Its store is reused if there is one for the same two dates; without ``days`` it is not.

    A wrong mapping, an unreadable table and a table with an unexpected number of claims are reported as problems.
    """
    if not any((folder / "tables").glob("*.yaml")):
        records = read_records(folder)
        return Contents(records, *check_records(records))
    clear_leftovers(folder)
    stamps, records = read_stamps(folder), read_records(folder)
    if directory := read_directory(folder, stamps, days) if days else None:
        add_mentioned(records, directory.mentioned)
        (world, problems), rejects = _check(records)
        return Contents(records, world, problems, rejects, partial(_open_tables, folder, stamps, directory), directory)
    from kg.bulk.parts import join_world
    from kg.bulk.small_tables import read_tables, short_counts

    mappings, tables = read_tables(folder, records, read_settings(records))
    (world, problems), rejects = _check(records)
    if tables is None:
        if not (records.claims or rejects or any(problem.severity == "error" for problem in problems)):
            return Contents(records, None, [_no_claims(problems)], rejects)
        short = short_counts(records, mappings)
        return Contents(records, None if short else world, sorted([*problems, *short]), rejects)
    tables.stamps = stamps
    return Contents(records, world, problems, rejects, partial(join_world, tables))


def _open_tables(folder: Path, stamps: dict[str, str], directory: Directory, world: World) -> Tables:
    """Return the tables of a project from its existing store. Raises CheckError or ProjectError."""
    from kg.bulk.parts import join_world
    from kg.bulk.small_tables import open_tables

    tables = open_tables(folder, world.settings, world.ontology)
    tables.stamps, tables.mentioned = stamps, directory.mentioned
    return join_world(tables, world)


def _no_claims(problems: list[Problem]) -> Problem:
    """Return the problem of a project whose tables have no rows and that has no other claims."""
    place = next((p.location for p in problems if p.code == "KG011"), Location(FOLDER))
    return Problem(place, "error", "KG011", "the project holds no claims", "write rows below the header")


def _is_row(problem: Problem) -> bool:
    """Return whether a problem concerns a row of a table."""
    return problem.location.file.startswith(f"{FOLDER}/") and bool(problem.location.cell)


def _check(records: Records) -> tuple[Checked, list[Problem]]:
    """Check records until no table row has an error; return the result and the rejected rows.

    A duplicate table row is dropped without being reported. A claim that refers to the entity of its own rejected row
    is rejected with it.
    """
    rejected = list(records.rejected)
    while True:
        world, problems = check_records(records)
        faults = [p for p in problems if p.severity == "error" and _is_row(p)]
        if not faults:
            return (world, problems), sorted(rejected)
        told = {(p.location.file, p.location.line) for p in rejected}
        rejected += [
            fault
            for fault in faults
            if fault.code != SAME
            and (fault.code not in UNKNOWN or (fault.location.file, fault.location.line) not in told)
        ]
        places = {fault.location for fault in faults}
        for rows in (records.entities, records.sources, records.claims):
            rows[:] = [row for row in rows if row.place not in places]
        records.problems = [p for p in records.problems if p.location not in places]
