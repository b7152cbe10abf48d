"""What a project holds, read and checked: its own files, its small tables among them, its large tables besides."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kg.checking import check_records, read_settings
from kg.errors import Problem
from kg.generations import read_stamps
from kg.model import World
from kg.reading import Records, read_records

if TYPE_CHECKING:
    from kg.columns.parts import Tables


@dataclass(frozen=True)
class Contents:
    """A project's rows, the world that they make where nothing is wrong, and what was found.

    ``rejects`` are rows of small tables that were left out; ``tables`` are there where they are too large to be rows.
    """

    records: Records
    world: World | None
    problems: list[Problem]
    rejects: list[Problem] = field(default_factory=list)
    tables: Tables | None = None


def read_contents(folder: Path) -> Contents:
    """Read and check a project.

    Raises CheckError where a table cannot be read, ProjectError where it holds not as many claims as are expected.
    """
    if not any((folder / "tables").glob("*.yaml")):
        records = read_records(folder)
        return Contents(records, *check_records(records))
    from kg.columns.curated import check_counts, check_with_rejects, read_tables

    stamps, records = read_stamps(folder), read_records(folder)

    mappings, tables = read_tables(folder, records, read_settings(records))
    (world, problems), rejects = check_with_rejects(records, check_records)
    if tables is None:
        check_counts(records, mappings)
    else:
        tables.stamps = stamps
    return Contents(records, world, problems, rejects, tables)
