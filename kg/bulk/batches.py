"""The tables of mappings as batches of text: the rows that can be read, and what was wrong with the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from kg.ingestion.mapping import FOLDER, Mapping
from kg.ingestion.reading import Fault
from kg.ingestion.reading.frames import Table, column_names, open_table, read_frames
from kg.ingestion.reading.layout import ROW, Report
from kg.model.errors import Problem
from kg.model.ontology import nearest


def _ignore(problem: Problem, row: int) -> None:
    """Tell nobody: somebody else reads the same rows and does."""


def read_batches(
    folder: Path, mapping: Mapping, rows: range | None = None, report: Report = _ignore
) -> Iterator[pl.DataFrame]:
    """Yield the batches of a mapping's table, or of some of its rows, with the columns that the mapping takes.

    Rows of the range are counted from 0. Raises Fault where the table cannot be read.
    """
    table = open_table(folder, f"{FOLDER}/{mapping.file}", mapping.layout)
    _check_columns(mapping, table)
    for batch in read_frames(table, mapping.layout, mapping.taken(), report):
        if rows is None:
            yield batch
        elif (part := batch.filter(pl.col(ROW).is_between(rows.start + 1, rows.stop))).height:
            yield part
        elif batch.height and batch[ROW][0] > rows.stop:
            return


def count_rows(folder: Path, mapping: Mapping) -> int:
    """Return how many rows a mapping's table has. Raises Fault."""
    table = open_table(folder, f"{FOLDER}/{mapping.file}", mapping.layout)
    return max(
        (int(batch[ROW][-1]) for batch in read_frames(table, mapping.layout, (), _ignore) if batch.height), default=0
    )


def _check_columns(mapping: Mapping, table: Table) -> None:
    columns = column_names(table)
    for column in sorted(mapping.taken() - set(columns)):
        near = nearest(column, columns)
        hint = f"did you mean '{near}'?" if near else f"its columns: {', '.join(columns)}"
        raise Fault(mapping.place, "KG101", f"no column '{column}' in '{mapping.file}'", hint)
