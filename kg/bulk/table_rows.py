"""Add the rows of tables to those of the project's files, as if a curator had written them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from kg.bulk.batches import read_batches
from kg.bulk.doubts import Doubts
from kg.bulk.mapped_rows import Rows, map_batch
from kg.bulk.mappings import read_mappings
from kg.bulk.names import ROW
from kg.ingestion.mapping import FOLDER, Mapping
from kg.ingestion.reading import Fault, Records, Row, make_row
from kg.model.errors import Location, Problem
from kg.model.ontology import read_ontology


def add_tables(folder: Path, records: Records) -> list[Mapping]:
    """Add the rows of every table to the records of a project's files; return the mappings of those that can be read.

    The faults of other mappings and tables are added to the problems of the records.
    """
    mappings = read_mappings(folder, records, read_ontology(records.ontology, []))
    return [mapping for mapping in mappings if _add_rows(folder, records, mapping)]


@contextmanager
def told(records: Records, mapping: Mapping) -> Iterator[None]:
    """Report a table that cannot be read, and continue with the rest of the project."""
    try:
        yield
    except Fault as fault:
        records.problems.append(fault.problem)
        records.unread.add(mapping.place.file)


def _add_rows(folder: Path, records: Records, mapping: Mapping) -> bool:
    """Add every row of a table; return whether it can be read."""

    def report(problem: Problem, _: int) -> None:
        (records.rejected if problem.severity == "error" else records.problems).append(problem)

    doubts, before = Doubts(), len(records.rejected)
    with told(records, mapping):
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
