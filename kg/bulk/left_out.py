"""Report the table rows that a command leaves out because it reads only claims in files."""

from __future__ import annotations

from pathlib import Path

from kg.ingestion.mapping import FOLDER
from kg.ingestion.reading import read_frame
from kg.model.ontology import read_ontology


def tell_tables(folder: Path) -> str:
    """Return a text with the row counts of tables that are too large to read as project files; "" if there are none."""
    if not any((folder / FOLDER).glob("*.yaml")):
        return ""
    from kg.bulk.small_tables import tell_large

    return tell_large(folder, read_ontology(read_frame(folder).ontology, []))
