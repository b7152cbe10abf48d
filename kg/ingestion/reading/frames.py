"""Read tables into frames of text: CSV, gzipped CSV, XLSX, JSON Lines and Parquet.

Column ``.row`` is the number of a row, from 1. A text is trimmed and NFC-normalised; an empty one is null. A row with
an unreadable cell is reported at its place and left out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

import polars as pl

from kg.files.cells import plain_cell
from kg.ingestion.reading.csv_frames import CsvTable
from kg.ingestion.reading.json_frames import JsonTable
from kg.ingestion.reading.layout import ROW, Layout, Report
from kg.ingestion.reading.parquet_frames import ParquetTable
from kg.ingestion.reading.records import Cell, Fault
from kg.ingestion.reading.sheet_frames import SheetTable
from kg.model.errors import Location

ROWS = 32_768  # of a frame, at most


class Table(Protocol):
    """A table in a file: its header and its rows."""

    @property
    def header(self) -> list[Cell]:
        """Return the cells that name the columns."""

    def frames(self, wanted: Mapping[str, int], report: Report) -> Iterator[pl.DataFrame]:
        """Yield the rows of the wanted columns, given by their index in the header."""


FORMS: Mapping[str, Callable[[Path, str, Layout], Table]] = {
    ".csv": CsvTable,
    ".csv.gz": CsvTable,
    ".xlsx": SheetTable,
    ".parquet": ParquetTable,
    ".jsonl": JsonTable,
}


def ending_of(path: Path) -> str:
    """Return the file extension that selects the reader, such as ``.csv.gz``."""
    return "".join(path.suffixes[-2:] if path.suffix.lower() == ".gz" else path.suffixes[-1:]).lower()


def open_table(path: Path, name: str, layout: Layout) -> Table:
    """Open a table by its extension, one of ``FORMS``; ``name`` is its name in problems. Raises Fault."""
    try:
        return FORMS[ending_of(path)](path, name, layout)
    except OSError as error:
        raise Fault(Location(name), "KG001", f"cannot be read: {error.strerror}") from None


def column_names(table: Table) -> list[str]:
    """Return the names of the columns, trimmed and normalised."""
    return [unicodedata.normalize("NFC", cell.text.strip()) for cell in table.header]


def read_frames(table: Table, layout: Layout, columns: Iterable[str], report: Report) -> Iterator[pl.DataFrame]:
    """Yield the rows of a table in frames of at most ``ROWS``, with some of its columns. Raises Fault.

    A duplicate column name raises Fault if the column is wanted.
    """
    names, wanted = column_names(table), sorted(columns)
    for column in wanted:
        if names.count(column) > 1:
            place = [cell.place for cell, name in zip(table.header, names, strict=True) if name == column][1]
            raise Fault(place, "KG009", f"the column '{column}' is there twice", "give one of them another name")
    for frame in table.frames({column: names.index(column) for column in wanted}, report):
        for piece in frame.iter_slices(ROWS):
            texts = _normalised(piece.with_columns(_text(column, layout) for column in wanted))
            yield _undefused(texts) if isinstance(table, CsvTable | SheetTable) else texts


def _text(column: str, layout: Layout) -> pl.Expr:
    text = pl.col(column).str.strip_chars()
    return pl.when(~text.is_in(["", *layout.empty])).then(text).alias(column)


def _normalised(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with its texts in NFC. Nearly all are, and checking is cheaper than rewriting."""
    if not frame.height or frame.width == 1:
        return frame
    texts = pl.exclude(ROW)
    beyond_ascii = frame.select((texts.str.len_bytes() != texts.str.len_chars()).any()).row(0, named=True)
    odd = [name for name, beyond in beyond_ascii.items() if beyond and not _is_normal(frame[name])]
    return frame.with_columns(pl.col(name).str.normalize("NFC") for name in odd)


def _undefused(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame without the apostrophes that keep spreadsheets from running formulas."""
    if not frame.height or frame.width == 1:
        return frame
    defused = frame.select(pl.exclude(ROW).str.starts_with("'").any()).row(0, named=True)
    return frame.with_columns(
        pl.Series(name, [text and plain_cell(text) for text in frame[name]], pl.String)
        for name, is_defused in defused.items()
        if is_defused
    )


def _is_normal(texts: pl.Series) -> bool:
    beyond_ascii = texts.filter(texts.str.len_bytes() != texts.str.len_chars())
    return all(unicodedata.is_normalized("NFC", text) for text in beyond_ascii.to_list())
