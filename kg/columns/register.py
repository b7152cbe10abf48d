"""Rows found by a text, by column: what a dictionary is to one row.

A join hashes the whole of its right side anew for every batch; here it is hashed once.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

TEXT = "text"


class Register:
    """A frame whose rows are found by the distinct texts of one of its columns."""

    def __init__(self, frame: pl.DataFrame, by: str) -> None:
        """Hash the column."""
        self.frame, self.by = frame, by
        self._empty = {column for column in frame.columns if frame[column].null_count() == frame.height}
        self._place = pl.col(TEXT).cast(pl.Enum(frame[by]), strict=False).to_physical()

    def __reduce__(self) -> tuple[type[Register], tuple[pl.DataFrame, str]]:
        """Travel to another process without what was hashed."""
        return Register, (self.frame, self.by)

    def places(self, texts: pl.Series) -> pl.Series:
        """Return where each text stands, counted from 0; null where it does not."""
        return texts.to_frame(TEXT).select(self._place).to_series()

    def join(
        self, frame: pl.DataFrame, key: str, columns: Iterable[str], *, places: pl.Series | None = None
    ) -> pl.DataFrame:
        """Add to a frame, for the texts of a key, columns of the rows found, as ``key|column``; null where none is.

        Whoever knows the places of the texts already gives them.
        """
        found = pl.lit(self.places(frame[key]) if places is None else places)
        return frame.with_columns(self._at(found, column).alias(f"{key}|{column}") for column in columns)

    def _at(self, places: pl.Expr, column: str) -> pl.Expr:
        """Return the values of a column at some places; many columns of a dictionary hold nothing."""
        if column in self._empty:
            return pl.lit(None, self.frame.schema[column])
        return pl.lit(self.frame[column]).gather(places)
