"""Which rows of tables a verb leaves out that looks at claims in files alone."""

from __future__ import annotations

from pathlib import Path

from kg.ingestion.mapping import FOLDER
from kg.ingestion.reading import read_frame
from kg.model.errors import LargeTablesError
from kg.model.ontology import read_ontology


def tell_tables(folder: Path) -> str:
    """Return how many rows of which tables stand beside the world of a project, being too large; else nothing.

    Raises CheckError where a table cannot be read.
    """
    if not any((folder / FOLDER).glob("*.yaml")):
        return ""
    from kg.bulk.small_tables import tell_large

    return tell_large(folder, read_ontology(read_frame(folder).ontology, []))


def refuse_tables(folder: Path) -> None:
    """Raise LargeTablesError where a project has large tables: for what looks at claims in files alone."""
    if rows := tell_tables(folder):
        raise LargeTablesError(rows)
