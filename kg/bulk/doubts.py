"""Warn of placeholder words for a missing value in columns of names: one warning for each word of a column."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from kg.ingestion.mapping import FOLDER, Mapping
from kg.model.errors import Location, Problem


@dataclass
class Doubts:
    """The warnings so far, one for each table, column and word."""

    problems: list[Problem] = field(default_factory=list)
    seen: set[tuple[str, str, str]] = field(default_factory=set)

    def add(self, mapping: Mapping, doubtful: pl.DataFrame) -> None:
        """Add the words of a batch: row, column and word."""
        for row, column, word in doubtful.rows():
            if (mapping.file, column, word) not in self.seen:
                self.seen.add((mapping.file, column, word))
                place = Location(f"{FOLDER}/{mapping.file}", row, 1, f"row {row}")
                message = f"'{word}' in column '{column}' counts as a name"
                hint = f'if it means nothing, write empty: ["{word}"] in the mapping, or look it up to an empty text'
                self.problems.append(Problem(place, "warning", "KG301", message, hint))
