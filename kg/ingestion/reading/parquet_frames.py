"""Read Parquet into frames of text: days as 2021-08-30, whole numbers without a decimal point."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from kg.ingestion.reading.layout import ROW, Layout, Report
from kg.ingestion.reading.number_formats import WITH_TIME
from kg.ingestion.reading.records import Cell, Fault
from kg.model.errors import Location, Problem

_FAULT = " fault"  # column names are trimmed, so no wanted column begins with a space


class ParquetTable:
    """A Parquet file. Raises Fault if it is not valid."""

    def __init__(self, path: Path, name: str, layout: Layout) -> None:
        """Read the schema."""
        self.name = name
        self.rows = pl.scan_parquet(path)
        try:
            self.schema = self.rows.collect_schema()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise Fault(Location(name), "KG001", f"cannot be read: {_first_line(error)}", "is it whole?") from None
        place = Location(name)
        self.header = [Cell(column, place, place) for column in self.schema.names()]

    def frames(self, wanted: Mapping[str, int], report: Report) -> Iterator[pl.DataFrame]:
        """Yield the rows. A row with a list or a time of day in a wanted column is reported and left out."""
        columns = {name: self.header[index].text for name, index in wanted.items()}
        texts = {name: _text(column, self.schema[column]) for name, column in columns.items()}
        faults = {f"{_FAULT}{name}": _fault(column, self.schema[column]) for name, column in columns.items()}
        whole = self.rows.with_row_index(ROW, offset=1).select(ROW, **texts, **faults)
        try:
            for frame in whole.collect_batches(maintain_order=True):
                yield self._sound(frame, list(columns), report)
        except pl.exceptions.PolarsError as error:
            raise Fault(Location(self.name), "KG001", f"cannot be read: {_first_line(error)}", "is it whole?") from None

    def _sound(self, frame: pl.DataFrame, names: list[str], report: Report) -> pl.DataFrame:
        faulty = pl.any_horizontal(pl.col(f"{_FAULT}{name}") for name in names) if names else pl.lit(value=False)
        for row in frame.filter(faulty).iter_rows(named=True):
            name = next(name for name in names if row[f"{_FAULT}{name}"])
            place = Location(self.name, 0, 0, f"row {row[ROW]}")
            kind = self.schema[self.header[[cell.text for cell in self.header].index(name)].text]
            said = WITH_TIME if kind.is_temporal() else (f"'{name}' holds {kind}", "two values are two rows")
            report(Problem(place, "error", "KG006" if kind.is_temporal() else "KG005", *said), row[ROW])
        return frame.filter(~faulty).select(ROW, *names)


def _text(column: str, kind: pl.DataType) -> pl.Expr:
    value = pl.col(column)
    if isinstance(kind, pl.Datetime):
        return value.dt.date().cast(pl.String)
    if kind.is_float():
        whole = value.is_finite() & (value == value.floor()) & (value.abs() < 1e15)
        return pl.when(whole).then(value.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(value.cast(pl.String))
    if kind.is_nested() or isinstance(kind, pl.Binary):
        return pl.lit(None, pl.String)
    return value.cast(pl.String)


def _fault(column: str, kind: pl.DataType) -> pl.Expr:
    value = pl.col(column)
    if isinstance(kind, pl.Datetime):
        return (value.dt.time() != pl.time(0, 0)).fill_null(value=False)
    if kind.is_nested() or isinstance(kind, pl.Binary | pl.Time | pl.Duration):
        return value.is_not_null()
    return pl.lit(value=False)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
