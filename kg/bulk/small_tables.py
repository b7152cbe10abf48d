"""Add the rows of small tables to those of the project's files, as if a curator had written them.

So a project with small tables has every feature of a project of files. Of a large table, only the entities and sources
that the files mention are added.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from kg.bulk.batches import count_rows, read_batches
from kg.bulk.doubts import Doubts
from kg.bulk.index import Mentioned, add_mentioned
from kg.bulk.mapped_rows import Rows, map_batch
from kg.bulk.mappings import read_mappings, reread_mapping
from kg.bulk.names import ROW
from kg.bulk.parts import read_large
from kg.bulk.tables import REJECTED, Tables
from kg.ingestion.mapping import FOLDER, Mapping
from kg.ingestion.reading import Fault, Records, Row, make_row, read_frame
from kg.model.errors import CheckError, Location, Problem, UsageError
from kg.model.ontology import Ontology, read_ontology
from kg.model.world import Settings

FEW = 10_000  # claims of tables that are still held in memory one by one


def bulk_from() -> int:
    """Return the most claims of tables that are held in memory one by one: ``KG_BULK_FROM``, or ``FEW``.

    Raises UsageError if the variable is no number.
    """
    text = os.environ.get("KG_BULK_FROM", "")
    if text and not text.isdecimal():
        raise UsageError(f"KG_BULK_FROM is a number of claims, not '{text}'")
    return int(text) if text else FEW


def add_tables(folder: Path, records: Records) -> list[Mapping]:
    """Add the rows of every table to the records of a project's files; return the mappings of those that can be read.

    The faults of other mappings and tables are added to the problems of the records.
    """
    mappings = read_mappings(folder, records, read_ontology(records.ontology, []))
    return [mapping for mapping in mappings if _add_rows(folder, records, mapping)]


def read_tables(folder: Path, records: Records, settings: Settings) -> tuple[Tables | None, list[Mapping]]:
    """Return the tables of a project that are too large to hold as rows, else add their rows as ``add_tables`` does."""
    ontology = read_ontology(records.ontology, [])
    rows: dict[str, int] = {}
    mappings = [
        mapping for mapping in read_mappings(folder, records, ontology) if _count(folder, records, mapping, rows)
    ]
    if not _are_large(mappings, rows):
        return None, [mapping for mapping in mappings if _add_rows(folder, records, mapping)]
    if any(problem.severity == "error" for problem in records.problems):
        records.unread |= {mapping.place.file for mapping in mappings}  # nothing will be made of them
        return None, []
    try:
        tables = read_large(folder, mappings, settings, ontology)
    except Fault as fault:
        records.problems.append(fault.problem)
        return None, []
    records.problems += tables.doubts.problems
    tables.rows = rows
    tables.mentioned = _mentioned(records, tables)
    add_mentioned(records, tables.mentioned)
    return tables, []


def open_tables(folder: Path, settings: Settings, ontology: Ontology) -> Tables:
    """Return the large tables of a project. Raises CheckError if a mapping or a table cannot be read."""
    try:
        mappings = _reread_mappings(folder, ontology)
        tables = read_large(folder, mappings, settings, ontology)
        tables.rows = {mapping.name: count_rows(folder, mapping) for mapping in mappings}
    except Fault as fault:
        raise CheckError([fault.problem]) from None
    return tables


def _reread_mappings(folder: Path, ontology: Ontology) -> list[Mapping]:
    records = read_frame(folder)
    names = (path.relative_to(folder).as_posix() for path in sorted((folder / FOLDER).glob("*.yaml")))
    return [reread_mapping(folder, records, name, ontology) for name in names]


def _are_large(mappings: Iterable[Mapping], rows: dict[str, int]) -> bool:
    return sum(rows[mapping.name] * max(len(mapping.claims), 1) for mapping in mappings) > bulk_from()


@contextmanager
def _told(records: Records, mapping: Mapping) -> Iterator[None]:
    """Report a table that cannot be read, and continue with the rest of the project."""
    try:
        yield
    except Fault as fault:
        records.problems.append(fault.problem)
        records.unread.add(mapping.place.file)


def _count(folder: Path, records: Records, mapping: Mapping, rows: dict[str, int]) -> bool:
    """Count the rows of a table; return whether it can be read."""
    with _told(records, mapping):
        rows[mapping.name] = count_rows(folder, mapping)
    return mapping.name in rows


def _add_rows(folder: Path, records: Records, mapping: Mapping) -> bool:
    """Add every row of a table; return whether it can be read."""

    def report(problem: Problem, _: int) -> None:
        (records.rejected if problem.severity == "error" else records.problems).append(problem)

    doubts, before = Doubts(), len(records.rejected)
    with _told(records, mapping):
        has_rows = False
        for batch in read_batches(folder, mapping, report=report):
            rows, has_rows = map_batch(mapping, batch), has_rows or batch.height > 0
            add_batch(records, mapping, rows)
            doubts.add(mapping, rows.doubtful)
        records.problems += doubts.problems
        if not has_rows and len(records.rejected) == before:
            place = Location(f"{FOLDER}/{mapping.file}", 1, 1)
            records.problems.append(Problem(place, "warning", "KG011", "0 rows: the table holds a header only"))
    return mapping.place.file not in records.unread


def add_batch(records: Records, mapping: Mapping, rows: Rows) -> None:
    """Add the rows of a batch; if an id is already there, the first description wins."""
    known = {row.text("id") for row in (*records.entities, *records.sources)}
    for what, frames, into in (("entity", rows.entities, records.entities), ("source", rows.sources, records.sources)):
        for row in _rows(records, mapping, frames, what):
            if row.text("id") not in known:
                known.add(row.text("id"))
                into.append(row)
    records.claims.extend(_rows(records, mapping, rows.claims, "claim"))
    for number, code, message in rows.unfit.rows():
        records.problems.append(Problem(_place(mapping, number), "error", code, message))


def _rows(records: Records, mapping: Mapping, frames: Iterable[pl.DataFrame], what: str) -> Iterable[Row]:
    for count, frame in enumerate(frames, 1):
        for texts in frame.iter_rows(named=True):
            place = _place(mapping, texts.pop(ROW), f", {what} {count}")
            yield make_row(records, {key: text for key, text in texts.items() if text is not None}, place)


def _place(mapping: Mapping, row: int, what: str = "") -> Location:
    return Location(f"{FOLDER}/{mapping.file}", row, 1, f"row {row}{what}")


def _mentioned(records: Records, tables: Tables) -> list[Mentioned]:
    """Return the entities and sources of large tables that the project's own files mention."""
    words = {part.strip() for row in _all_rows(records) for cell in row.cells.values() for part in cell.text.split("|")}
    described = {row.text("id") for row in (*records.entities, *records.sources)}
    wanted = pl.DataFrame({"id": sorted(words - described)}, {"id": pl.String})
    mentioned = list[Mentioned]()
    for what, packs in (("entities", tables.entities), ("sources", tables.sources)):
        for told in packs:
            file = f"{FOLDER}/{tables.mappings[told.part - 1].file}"
            for texts in told.where(wanted, "semi").frame.iter_rows(named=True):
                mentioned.append((what, file, {key: text for key, text in texts.items() if text is not None}))
    return mentioned


def _all_rows(records: Records) -> Iterable[Row]:
    return (*records.entities, *records.sources, *records.claims)


def rejects_csv(rejects: Iterable[Problem]) -> str:
    """Return the rejected rows of small tables as the text of ``rejects.csv``."""
    rows = [(p.location.file, p.location.line, p.code, p.message) for p in rejects]
    return pl.DataFrame(rows, REJECTED, orient="row").write_csv()
