"""Open the tables of a project to be read by column: their mappings, entities and sources."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from kg.bulk.batches import count_rows
from kg.bulk.index import Mentioned, add_mentioned
from kg.bulk.mappings import read_mappings, reread_mapping
from kg.bulk.names import ROW
from kg.bulk.parts import read_records
from kg.bulk.tables import Tables
from kg.ingestion.mapping import FOLDER, Mapping
from kg.ingestion.reading import Fault, Records, Row, read_frame
from kg.model.errors import CheckError
from kg.model.ontology import Ontology, read_ontology
from kg.model.world import Settings


def read_tables(folder: Path, records: Records, settings: Settings) -> Tables | None:
    """Return the tables of a project, or None if a mapping, a table or a file read so far has an error.

    The entities and sources that the files mention are added to ``records``, and the warnings to its problems.
    """
    ontology = read_ontology(records.ontology, [])
    mappings = read_mappings(folder, records, ontology)
    if any(problem.severity == "error" for problem in records.problems):
        return None
    try:
        tables = read_records(folder, mappings, settings, ontology)
        tables.rows = {mapping.name: count_rows(folder, mapping) for mapping in mappings}
    except Fault:
        return None
    records.problems += tables.doubts.problems
    tables.mentioned = _mentioned(records, tables)
    add_mentioned(records, tables.mentioned)
    return tables


def open_tables(folder: Path, settings: Settings, ontology: Ontology) -> Tables:
    """Return the tables of a project. Raises CheckError if a mapping or a table cannot be read."""
    try:
        mappings = _reread_mappings(folder, ontology)
        tables = read_records(folder, mappings, settings, ontology)
        tables.rows = {mapping.name: count_rows(folder, mapping) for mapping in mappings}
    except Fault as fault:
        raise CheckError([fault.problem]) from None
    return tables


def _reread_mappings(folder: Path, ontology: Ontology) -> list[Mapping]:
    records = read_frame(folder)
    names = (path.relative_to(folder).as_posix() for path in sorted((folder / FOLDER).glob("*.yaml")))
    return [reread_mapping(folder, records, name, ontology) for name in names]


def _mentioned(records: Records, tables: Tables) -> list[Mentioned]:
    """Return the entities and sources of tables that the project's own files mention."""
    words = {part.strip() for row in _all_rows(records) for cell in row.cells.values() for part in cell.text.split("|")}
    described = {row.text("id") for row in (*records.entities, *records.sources)}
    wanted = pl.DataFrame({"id": sorted(words - described)}, {"id": pl.String})
    mentioned = list[Mentioned]()
    for what, packs in (("entities", tables.entities), ("sources", tables.sources)):
        for told in packs:
            file = f"{FOLDER}/{tables.mappings[told.part - 1].file}"
            for texts in told.where(wanted, "semi").frame.iter_rows(named=True):
                mentioned.append(
                    (what, file, {key: text for key, text in texts.items() if text is not None and key != ROW})
                )
    return mentioned


def _all_rows(records: Records) -> Iterable[Row]:
    return (*records.entities, *records.sources, *records.claims)
