"""Load a project folder into a graph: read, check, build."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from kg.bulk.index import clear_leftovers
from kg.bulk.whole import read_whole
from kg.files.project import build_folder, find_project, is_kept
from kg.graph.build_outputs import listed
from kg.graph.contents import Rows, collector_at_rest, read_contents
from kg.graph.project_graph import Graph
from kg.ingestion.checking.check import read_settings
from kg.ingestion.reading import read_frame
from kg.model.dates import advise, read_date
from kg.model.errors import CheckError, Problem, UsageError
from kg.model.world import Clocks, World

if TYPE_CHECKING:
    from kg.bulk.rebuild import Rebuilt


def load(folder: str | Path | None = None, *, as_of: str = "", known_by: str = "") -> Graph:
    """Read and check a project; return its graph as of two dates.

    ``folder`` is the folder that contains ``kg.yaml``; by default the nearest one from the working folder upward.
    ``as_of`` is the date for which answers hold; ``known_by`` excludes sources that may have been published later. The
    last day of an imprecise date counts; both default to the last known day.
    Raises CheckError if the claims have errors, ProjectError if there is no project, UsageError if a date is invalid.
    """
    days = clocks(as_of, known_by)
    path = find_project(folder)
    contents = read_contents(path, days)
    if contents.world is None:
        raise CheckError(contents.problems)
    world, directory = contents.world.at(days), contents.directory
    tables = cache(partial(contents.tables, world)) if contents.tables else None
    if tables:
        world = replace(world, clocks=directory.clocks if directory else tables().clocks)
    rows = Rows(path, days) if tables else None
    return Graph(
        path, world, contents.problems, tables=tables, directory=directory, rejects=contents.rejects, rows=rows
    )


def clocks(as_of: str, known_by: str) -> Clocks:
    """Parse two dates into clocks; the last day of an imprecise date counts. Raises UsageError."""
    return Clocks(as_of=_last_day(as_of), known_by=_last_day(known_by))


def _last_day(text: str) -> str:
    try:
        return read_date(text).upper if text else ""
    except ValueError as error:
        raise UsageError(f"{error}; {advise(text)}") from None


@collector_at_rest()
def check(folder: str | Path | None = None) -> list[Problem]:
    """Return every problem of a project, sorted by place, including conflicts between two claims; never raise for one.

    Every row of files and tables is held in memory. Only this function uses the current date: it warns about a source
    dated in the future.
    """
    from kg.reports.conflicts import conflict_problems

    path = find_project(folder)
    clear_leftovers(path)
    world, problems = _check_files(path)
    conflicts = Graph(path, world, problems).conflicts() if world else []
    return sorted([*problems, *conflict_problems(conflicts)])


def check_files(folder: str | Path | None = None) -> list[Problem]:
    """Return the problems of ``check`` without conflicts: only errors in the files, in a fraction of the time."""
    return _check_files(find_project(folder))[1]


def _check_files(path: Path) -> tuple[World | None, list[Problem]]:
    from kg.curation.xref import check_file

    whole = read_whole(path)
    judged = check_file(path, (row.text("id") for row in whole.records.entities))
    future = _from_the_future(whole.world, date.today().isoformat())
    return whole.world, sorted([*whole.problems, *whole.rejects, *judged, *future])


def build(
    folder: str | Path | None = None,
    out: str | Path | None = None,
    *,
    allow_rejects: bool = False,
    picture: bool = True,
) -> Graph:
    """Check a project and write ``graph.ttl``, ``graph.trig``, ``ontology.ttl`` and ``graph.html`` to ``out``.

    ``out`` defaults to ``build`` inside the project; without ``picture``, no ``graph.html`` is written. A failed build
    keeps the last good outputs.
    Raises CheckError, or ProjectError if a file cannot be written.
    """
    graph = load(folder)
    graph.write(out, allow_rejects=allow_rejects, picture=picture)
    return graph


def rebuild(
    folder: str | Path | None = None,
    out: str | Path | None = None,
    *,
    allow_rejects: bool = False,
    picture: bool = True,
) -> Rebuilt | None:
    """Update the outputs of a project with tables, redoing only what depends on changed tables.

    Return None, without writing anything, if the last build cannot be reused; then run ``build``.
    """
    path = find_project(folder)
    place = Path(out) if out else build_folder(path)
    if not is_kept(place):
        return None
    from kg.bulk.rebuild import rebuild

    title = read_settings(read_frame(path)).title
    return rebuild(path, place, allow_rejects=allow_rejects, page=partial(listed, title) if picture else None)


def _from_the_future(world: World | None, today: str) -> list[Problem]:
    return [
        Problem(
            source.place,
            "warning",
            "KG303",
            f"'{source.id}' is published after today ({source.published})",
            "is the year right?",
        )
        for source in (world.sources.values() if world else ())
        if source.published.lower > today
    ]
