"""Tables as batches of text: CSV, CSV.gz, XLSX, Parquet, JSON Lines in, frames of strings of so many rows out.

Column ``.row`` is the number of the row, from 1; a text is trimmed and NFC-normalised, and an empty one is null.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from kg.bulk.names import ROW
from kg.ingestion.mapping import FOLDER, Mapping
from kg.ingestion.reading import Fault
from kg.ingestion.reading.xlsx import WorkbookError, read_workbook
from kg.model.errors import Location
from kg.model.ontology import nearest

ROWS = 32_768


def read_batches(folder: Path, mapping: Mapping, rows: range | None = None) -> Iterator[pl.DataFrame]:
    """Yield the batches of a mapping's table, or of some of its rows, with the columns that the mapping takes.

    Rows of the range are counted from 0. Raises Fault.
    """
    with _told(mapping):
        table = _open(folder, mapping)
        _check_columns(mapping, table.collect_schema().names())
        texts = table.select(pl.col(ROW), *(_text(column) for column in sorted(mapping.taken())))
        if rows is not None:
            texts = texts.slice(rows.start, len(rows))
        yield from map(_normalised, texts.collect_batches(chunk_size=ROWS, maintain_order=True))


def read_columns(folder: Path, mapping: Mapping) -> list[str]:
    """Return the columns of a mapping's table. Raises Fault."""
    with _told(mapping):
        return [name for name in _open(folder, mapping).collect_schema().names() if name != ROW]


def count_rows(folder: Path, mapping: Mapping) -> int:
    """Return how many rows a mapping's table has. Raises Fault.

    The number of the last row is asked for: to count them polars maps the whole file into memory.
    """
    with _told(mapping):
        return int(_open(folder, mapping).select(pl.col(ROW).max()).collect().item() or 0)


@contextmanager
def _told(mapping: Mapping) -> Iterator[None]:
    """Say of a table that cannot be read which it is."""
    try:
        yield
    except (pl.exceptions.PolarsError, WorkbookError, OSError) as error:
        said = str(error).partition("\n")[0]
        raise Fault(Location(f"{FOLDER}/{mapping.file}"), "KG001", f"cannot be read: {said}", "is it whole?") from None


def _open(folder: Path, mapping: Mapping) -> pl.LazyFrame:
    path = folder / FOLDER / mapping.file
    ending = "".join(path.suffixes[-2:] if path.suffix == ".gz" else path.suffixes[-1:]).lower()
    if ending not in _FORMS:
        raise Fault(mapping.place, "KG014", f"'{mapping.file}' is not read", f"a table is {', '.join(_FORMS)}")
    if not path.resolve().is_relative_to(folder.resolve()):
        raise Fault(
            mapping.place, "KG001", f"'{mapping.file}' lies outside the project", "a table stands beside its mapping"
        )
    if not path.is_file():
        raise Fault(
            mapping.place, "KG001", f"there is no '{FOLDER}/{mapping.file}'", "a table stands beside its mapping"
        )
    return _FORMS[ending](path)


def _check_columns(mapping: Mapping, columns: Iterable[str]) -> None:
    for column in sorted(mapping.taken() - set(columns)):
        near = nearest(column, columns)
        hint = f"did you mean '{near}'?" if near else f"its columns: {', '.join(columns)}"
        raise Fault(mapping.place, "KG101", f"no column '{column}' in '{mapping.file}'", hint)


def _text(column: str) -> pl.Expr:
    text = pl.col(column).cast(pl.String).str.strip_chars()
    return pl.when(text != "").then(text).alias(column)


def _normalised(batch: pl.DataFrame) -> pl.DataFrame:
    """Return a batch with its texts in NFC; nearly all of them are, and looking is cheaper than writing them anew."""
    if batch.width == 1:
        return batch
    texts = pl.exclude(ROW)
    beyond_ascii = batch.select((texts.str.len_bytes() != texts.str.len_chars()).any()).row(0, named=True)
    odd = [column for column, beyond in beyond_ascii.items() if beyond and not _is_normal(batch[column])]
    return batch.with_columns(pl.col(column).str.normalize("NFC") for column in odd)


def _is_normal(texts: pl.Series) -> bool:
    beyond_ascii = texts.filter(texts.str.len_bytes() != texts.str.len_chars())
    return all(unicodedata.is_normalized("NFC", text) for text in beyond_ascii.to_list())


def _csv(path: Path) -> pl.LazyFrame:
    return pl.scan_csv(path, infer_schema=False, row_index_name=ROW, row_index_offset=1, encoding="utf8")


def _parquet(path: Path) -> pl.LazyFrame:
    return pl.scan_parquet(path, row_index_name=ROW, row_index_offset=1)


def _jsonl(path: Path) -> pl.LazyFrame:
    return pl.scan_ndjson(path, infer_schema_length=None, row_index_name=ROW, row_index_offset=1)


def _xlsx(path: Path) -> pl.LazyFrame:
    """Return the first sheet of a workbook, its first row being the header."""
    sheets = read_workbook(path.read_bytes())  # kept, for the sheet is read through it
    sheet = next(sheets)
    rows = ({cell.column: cell.text for cell in row} for row in sheet.rows)
    header = next(rows, {})
    columns = {name: list[str | None]() for name in header.values()}
    for row in rows:
        for number, name in header.items():
            columns[name].append(row.get(number))
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    return frame.with_row_index(ROW, offset=1).lazy()


_FORMS: dict[str, Callable[[Path], pl.LazyFrame]] = {
    ".csv": _csv,
    ".csv.gz": _csv,
    ".xlsx": _xlsx,
    ".parquet": _parquet,
    ".jsonl": _jsonl,
}
