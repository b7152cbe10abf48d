"""Find rows by a text for a whole column, as a dictionary does for one row.

A polars join hashes its right side again for every batch; here it is hashed once. Few texts are found fastest as polars
categories, which take 95 bytes per text (1.5 million measured); for many, sorted hashes take 22 bytes per text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count

import polars as pl

TEXT = "text"
MANY = 200_000


class Register:
    """A frame whose rows are found by the distinct texts of one of its columns."""

    def __init__(self, frame: pl.DataFrame, by: str) -> None:
        """Hash the column."""
        self.frame, self.by = frame, by
        self._empty = {column for column in frame.columns if frame[column].null_count() == frame.height}
        self._find = (_by_category if frame.height < MANY else _by_hash)(frame[by])

    def __reduce__(self) -> tuple[type[Register], tuple[pl.DataFrame, str]]:
        """Pickle without the hashes."""
        return Register, (self.frame, self.by)

    def places(self, texts: pl.Series) -> pl.Series:
        """Return the position of each text, counted from 0; null if it is absent."""
        return self._find(texts)

    def join(
        self, frame: pl.DataFrame, key: str, columns: Iterable[str], *, places: pl.Series | None = None
    ) -> pl.DataFrame:
        """Add, for the texts of a key, columns of the matching rows as ``key|column``; null if none matches.

        Pass ``places`` if the positions of the texts are already known.
        """
        found = pl.lit(self.places(frame[key]) if places is None else places)
        return frame.with_columns(self._at(found, column).alias(f"{key}|{column}") for column in columns)

    def _at(self, places: pl.Expr, column: str) -> pl.Expr:
        """Return the values of a column at some positions, without a look-up if the column is all null."""
        if column in self._empty:
            return pl.lit(None, self.frame.schema[column])
        return pl.lit(self.frame[column]).gather(places)


def _by_category(known: pl.Series) -> Callable[[pl.Series], pl.Series]:
    """Return a function that finds the positions of texts among the known, as categories."""
    place = pl.col(TEXT).cast(pl.Enum(known), strict=False).to_physical()
    return lambda texts: texts.to_frame(TEXT).select(place).to_series()


def _by_hash(known: pl.Series) -> Callable[[pl.Series], pl.Series]:
    """Return a function that finds the positions of texts among the known (at least one) by a collision-free hash."""
    hashes, seed = next((hashes, seed) for seed in count() if not (hashes := known.hash(seed)).is_duplicated().any())
    order = hashes.arg_sort()
    ordered = hashes.gather(order)

    def find(texts: pl.Series) -> pl.Series:
        near = ordered.search_sorted(texts.hash(seed)).clip(upper_bound=known.len() - 1)
        places = order.gather(near)
        return places.zip_with(known.gather(places).eq(texts), places.clear(texts.len()))

    return find
