"""Small tables: their rows among the rows of the project's files, as if a curator had written them.

So everything that a project of files can do, one with small tables can. Of a large table only those entities and
sources join the files that they mention.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from kg.bulk.batches import count_rows, read_batches
from kg.bulk.index import Mentioned, add_mentioned
from kg.bulk.mapped_rows import map_batch
from kg.bulk.names import ROW
from kg.bulk.outputs import REJECTED
from kg.bulk.parts import Tables, read_large
from kg.ingestion.mapping import FOLDER, Mapping, check_count, read_mappings
from kg.ingestion.reading import Fault, Records, Row, make_row
from kg.model.errors import CheckError, Location, Problem
from kg.model.ontology import Ontology, read_ontology
from kg.model.world import Settings

FEW = 10_000  # claims of tables that are still held in memory one by one
NAMED = 3  # tables, of which a message names each


def read_tables(folder: Path, records: Records, settings: Settings) -> tuple[list[Mapping], Tables | None]:
    """Return the mappings of a project; small tables are added to its records, large ones returned.

    Raises CheckError where a mapping or a table cannot be read.
    """
    ontology = read_ontology(records.ontology, [])
    mappings = read_mappings(folder, ontology)
    with _told():
        rows = _count_rows(folder, mappings)
        if not _are_large(mappings, rows):
            for mapping in mappings:
                _add_rows(folder, records, mapping)
            return mappings, None
        tables = read_large(folder, mappings, settings, ontology)
    tables.rows = rows
    tables.mentioned = _mentioned(records, tables)
    add_mentioned(records, tables.mentioned)
    return mappings, tables


def open_tables(folder: Path, settings: Settings, ontology: Ontology) -> Tables:
    """Return the large tables of a project. Raises CheckError where a mapping or a table cannot be read."""
    mappings = read_mappings(folder, ontology)
    with _told():
        tables = read_large(folder, mappings, settings, ontology)
        tables.rows = _count_rows(folder, mappings)
    return tables


def tell_large(folder: Path, ontology: Ontology) -> str:
    """Return how many rows the tables of a project have, and their names; nothing where they are small.

    Raises CheckError where a mapping or a table cannot be read.
    """
    mappings = read_mappings(folder, ontology)
    with _told():
        rows = _count_rows(folder, mappings)
    if not _are_large(mappings, rows):
        return ""
    files = [f"{FOLDER}/{mapping.file}" for mapping in mappings]
    more = [f"{len(files) - NAMED:,} more"] if len(files) > NAMED + 1 else []
    *named, last = [*files[:NAMED], *(more or files[NAMED:])]
    return f"the {sum(rows.values()):,} rows of {', '.join(named)}{' and ' * bool(named)}{last}"


def _count_rows(folder: Path, mappings: Iterable[Mapping]) -> dict[str, int]:
    return {mapping.name: count_rows(folder, mapping) for mapping in mappings}


def _are_large(mappings: Iterable[Mapping], rows: dict[str, int]) -> bool:
    return sum(rows[mapping.name] * max(len(mapping.claims), 1) for mapping in mappings) > FEW


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except Fault as fault:
        raise CheckError([fault.problem]) from None


def _add_rows(folder: Path, records: Records, mapping: Mapping) -> None:
    """Add every row of a table; of an id that stands there already, the first description counts."""
    known = {row.text("id") for row in (*records.entities, *records.sources)}
    for batch in read_batches(folder, mapping, report=lambda problem, _: records.problems.append(problem)):
        rows = map_batch(mapping, batch)
        for what, frames, into in (
            ("entity", rows.entities, records.entities),
            ("source", rows.sources, records.sources),
        ):
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


def check_counts(records: Records, mappings: Iterable[Mapping]) -> None:
    """Raise ProjectError where a small table left fewer claims than its mapping expects, or more."""
    for mapping in mappings:
        check_count(mapping, sum(row.place.file == f"{FOLDER}/{mapping.file}" for row in records.claims))


def rejects_csv(rejects: Iterable[Problem]) -> str:
    """Return what was rejected of small tables, as ``rejects.csv`` tells it."""
    rows = [(p.location.file, p.location.line, p.code, p.message) for p in rejects]
    return pl.DataFrame(rows, REJECTED, orient="row").write_csv()
