"""Read the tables of mappings as batches of text, and report the rows that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from kg.bulk.names import ROW
from kg.ingestion.mapping import FOLDER, Mapping
from kg.ingestion.reading import Fault
from kg.ingestion.reading.frames import FORMS, Table, column_names, ending_of, open_table, read_frames
from kg.ingestion.reading.layout import Report
from kg.model.errors import Problem
from kg.model.ontology import nearest


def _ignore(problem: Problem, row: int) -> None:
    """Ignore the problem: another pass over the same rows reports it."""


def read_batches(
    folder: Path, mapping: Mapping, rows: range | None = None, report: Report = _ignore
) -> Iterator[pl.DataFrame]:
    """Yield the batches of a mapping's table, or of a range of its rows, with the columns that the mapping uses.

    Rows are counted from 0. Raises Fault if the table cannot be read.
    """
    table = _open(folder, mapping)
    _check_columns(mapping, table)
    for batch in read_frames(table, mapping.layout, mapping.taken(), report):
        if rows is None:
            yield batch
        elif (part := batch.filter(pl.col(ROW).is_between(rows.start + 1, rows.stop))).height:
            yield part
        elif batch.height and batch[ROW][0] > rows.stop:
            return


def read_columns(folder: Path, mapping: Mapping) -> list[str]:
    """Return the columns of a mapping's table. Raises Fault if the table cannot be read."""
    return column_names(_open(folder, mapping))


def count_rows(folder: Path, mapping: Mapping) -> int:
    """Return the number of rows in a mapping's table. Raises Fault if the table cannot be read."""
    frames = read_frames(_open(folder, mapping), mapping.layout, (), _ignore)
    return max((int(frame[ROW][-1]) for frame in frames if frame.height), default=0)


def _open(folder: Path, mapping: Mapping) -> Table:
    path = folder / FOLDER / mapping.file
    if ending_of(path) not in FORMS:
        raise Fault(mapping.place, "KG014", f"'{mapping.file}' is not read", f"a table is {', '.join(FORMS)}")
    hint = "a table lies beside its mapping"
    if not path.resolve().is_relative_to(folder.resolve()):
        raise Fault(mapping.place, "KG001", f"'{mapping.file}' lies outside the project", hint)
    if not path.is_file():
        raise Fault(mapping.place, "KG001", f"there is no '{FOLDER}/{mapping.file}'", hint)
    return open_table(path, f"{FOLDER}/{mapping.file}", mapping.layout)


def _check_columns(mapping: Mapping, table: Table) -> None:
    columns = column_names(table)
    for column in sorted(mapping.taken() - set(columns)):
        near = nearest(column, columns)
        hint = f"did you mean '{near}'?" if near else f"its columns: {', '.join(columns)}"
        raise Fault(mapping.place, "KG101", f"no column '{column}' in '{mapping.file}'", hint)
