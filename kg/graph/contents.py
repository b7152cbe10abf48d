"""The checked content of a project: its own files, and its tables."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kg.bulk.index import Directory, add_mentioned, clear_leftovers, read_directory
from kg.bulk.whole import Whole, check_with_rejects, has_tables, load_world, read_whole
from kg.files.cache import read_stamps
from kg.ingestion.checking.check import read_settings
from kg.ingestion.reading import read_records
from kg.model.world import Clocks, World

if TYPE_CHECKING:
    from kg.bulk.tables import Tables


@dataclass(frozen=True)
class Contents(Whole):
    """The content of a project as ``load`` needs it.

    Where there are tables, ``tables`` returns them checked against a world, and ``directory`` is the index from their
    store, if there is one; the rows and the world are those of the files then.
    """

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
def read_contents(folder: Path, days: Clocks) -> Contents:
    """Read and check a project. Its store is reused if there is one for the same two dates.

    A wrong mapping, an unreadable table and a table with an unexpected number of claims are reported as problems.
    """
    if not has_tables(folder):
        return _complete(read_whole(folder))
    clear_leftovers(folder)
    stamps, records = read_stamps(folder), read_records(folder)
    if directory := read_directory(folder, stamps, days):
        add_mentioned(records, directory.mentioned)
        (world, problems), rejects = check_with_rejects(records)
        return Contents(records, world, problems, rejects, partial(_open_tables, folder, stamps, directory), directory)
    from kg.bulk.opening import read_tables
    from kg.bulk.parts import join_world

    tables = read_tables(folder, records, read_settings(records))
    (world, problems), rejects = check_with_rejects(records) if tables else ((None, []), [])
    if tables is None or world is None:
        return _complete(read_whole(folder))  # it tells every error, those of table rows too
    tables.stamps = stamps
    return Contents(records, world, problems, rejects, partial(join_world, tables))


@dataclass(frozen=True)
class Rows:
    """The rows of tables, read into a world when asked for: all of them, or those that bear on some entities."""

    folder: Path
    days: Clocks

    @collector_at_rest()
    def whole(self) -> World:
        """Return the world of all files and tables. Raises CheckError if it has errors."""
        return load_world(self.folder).at(self.days)

    @collector_at_rest()
    def window(self, names: Sequence[str], *, depth: int, pair: bool) -> World | None:
        """Return the world that ``read_window`` gives, or None if only the whole can tell."""
        from kg.bulk.window import read_window

        found = read_window(self.folder, names, depth=depth, pair=pair)
        return found.world.at(self.days) if found and found.world else None


def _complete(whole: Whole) -> Contents:
    return Contents(whole.records, whole.world, whole.problems, whole.rejects)


def _open_tables(folder: Path, stamps: dict[str, str], directory: Directory, world: World) -> Tables:
    """Return the tables of a project from its existing store. Raises CheckError or ProjectError."""
    from kg.bulk.opening import open_tables
    from kg.bulk.parts import join_world

    tables = open_tables(folder, world.settings, world.ontology)
    tables.stamps, tables.mentioned = stamps, directory.mentioned
    return join_world(tables, world)
