"""Claims as Parquet, for DuckDB, polars and Spark: ``claims/TABLE/NUMBER.parquet``, typed as docs/tables.md says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from kg.columns.parts import Bucket, Tables

FOLDER = "claims"
NAMES = {".claim": "claim", ".proposition": "proposition", ".slot": "slot"}
DAYS = {".lower": "valid_from", ".upper": "valid_until"}


@dataclass
class ClaimFiles:
    """The Parquet files of a build: one for each table, bucket and kind of row; their names begin alike."""

    tables: Tables
    stage: Path
    begin: str = ""
    written: int = 0

    def add(self, bucket: Bucket) -> None:
        """Write the claims of a bucket, with their verdicts."""
        for frame in bucket.claims:
            judged = frame.join(bucket.judged.verdicts, on=".proposition", how="left", maintain_order="left")
            for (part,), mine in sorted(judged.partition_by("part", as_dict=True, maintain_order=True).items()):
                folder = self.stage / FOLDER / self.tables.mappings[part - 1].name
                folder.mkdir(parents=True, exist_ok=True)
                self._typed(mine).write_parquet(folder / f"{self.begin}{self.written:05}.parquet", statistics=True)
                self.written += 1

    def _typed(self, frame: pl.DataFrame) -> pl.DataFrame:
        kind = pl.lit(self.tables.ledger.kind(frame).notation).alias("kind")
        return frame.select(
            *(pl.col(column).alias(name) for column, name in NAMES.items()),
            kind,
            "verdict",
            *(pl.col(column).str.to_date().alias(name) for column, name in DAYS.items()),
            "source",
            "row",
            *(key for key in self.tables.ledger.present(frame) if not frame[key].is_null().all()),
        )
