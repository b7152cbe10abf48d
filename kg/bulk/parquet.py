"""Write claims as Parquet for DuckDB, polars and Spark: ``claims/TABLE/*.parquet``, typed as in docs/tables.md.

A table has one file for each claim of its mapping and each range of rows, in table order: ``00-0000.parquet``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from kg.bulk.buckets import Spill
from kg.bulk.claims import Ledger
from kg.bulk.distinct_texts import ENTITIES
from kg.bulk.names import PART, ROW
from kg.bulk.parts import TEMPLATE, Bucket
from kg.bulk.tables import Tables
from kg.ingestion.mapping import FOLDER as TABLES
from kg.model.ontology import Ontology
from kg.model.terms import Verdict

FOLDER = "claims"
NAMES = {".claim": "claim", ".proposition": "proposition", ".slot": "slot"}
DAYS = {".lower": "valid_from", ".upper": "valid_until"}
TAKEN = (*NAMES.values(), "kind", "verdict", "file", "row")  # no keys; a key with such a name becomes key_kind
ROWS = 131_072  # table rows per file
CHUNK = ".chunk"
PLACE = (PART, TEMPLATE, ROW)
FILE = (PART, CHUNK, TEMPLATE)
File = tuple[int, int, int]


@dataclass
class ClaimFiles:
    """The verdicts of a build by the position of each claim; files are written once every bucket is judged."""

    tables: Tables
    verdicts: list[pl.DataFrame] = field(default_factory=list)

    def take(self, bucket: Bucket) -> None:
        """Store the verdicts of a bucket's claims."""
        words = pl.Enum(sorted(self.tables.ledger.ontology.of(Verdict)))
        for frame in bucket.claims:
            self.verdicts.append(frame.select(*PLACE, pl.col(".verdict").cast(words)))

    def write(self, spill: Spill, stage: Path) -> None:
        """Write the claims that have a verdict; a file is written once no later fragment can hold its rows."""
        verdicts = pl.concat(self.verdicts) if self.verdicts else pl.DataFrame()
        waiting: dict[File, list[pl.DataFrame]] = {}
        written = spill.written()
        for fragment in range(spill.fragments if self.verdicts else 0):
            for claims in written.together(pl.col("fragment") == fragment):
                mine = verdicts.filter(pl.col(PART).is_between(claims[PART].min(), claims[PART].max()))
                for file, rows in by_file(claims.join(mine, on=PLACE)):
                    waiting.setdefault(file, []).append(rows)
            last = max(waiting, default=(0, 0, 0))[:2]
            for file in [file for file in waiting if file[:2] < last]:
                self._write(stage, file, waiting.pop(file))
        for file, frames in waiting.items():
            self._write(stage, file, frames)

    def _write(self, stage: Path, file: File, frames: list[pl.DataFrame]) -> None:
        path = stage / claim_file(self.tables, file)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_rows(typed(self.tables, pl.concat(frames)), path)


def by_file(claims: pl.DataFrame) -> Iterable[tuple[File, pl.DataFrame]]:
    """Return claims by the file that holds them."""
    chunked = claims.with_columns(((pl.col(ROW) - 1) // ROWS).alias(CHUNK))
    for (part, chunk, template), rows in chunked.partition_by(FILE, as_dict=True).items():
        yield (int(part), int(chunk), int(template)), rows


def claim_file(tables: Tables, file: File) -> str:
    """Return the name of a claim file, relative to the output folder."""
    part, chunk, template = file
    return f"{FOLDER}/{tables.mappings[part - 1].name}/{template:02}-{chunk:04}.parquet"


def count_mentions(ledger: Ledger, files: Iterable[Path]) -> tuple[int, Counter[str]]:
    """Return the number of claims in claim files, and of those that name each entity, by id."""
    rows, counts = 0, Counter[str]()
    content = ledger.ontology.keys("content")
    keys = [keyed(key) for key in content if content[key].value_kind in ENTITIES]
    for path in files:
        claims = pl.read_parquet(path, columns=keys).with_row_index(ROW)
        ids, rows = claims.unpivot(index=ROW, value_name="id"), rows + claims.height
        counts.update(dict(ids.drop_nulls("id").unique([ROW, "id"])["id"].value_counts().iter_rows()))
    return rows, counts


def write_rows(claims: pl.DataFrame, path: Path) -> None:
    """Write the typed claims of one file, in row order."""
    claims.sort("row").rechunk().write_parquet(path, statistics=True)


def write_bucket(tables: Tables, bucket: Bucket, folder: Path, begin: str) -> None:
    """Write the claims of a bucket, one file per table and group, with a common name prefix."""
    number = 0
    for frame in bucket.claims:
        for (part,), mine in sorted(frame.partition_by(PART, as_dict=True, maintain_order=True).items()):
            place = folder / FOLDER / tables.mappings[part - 1].name
            place.mkdir(parents=True, exist_ok=True)
            typed(tables, mine).write_parquet(place / f"{begin}{number:05}.parquet", statistics=True)
            number += 1


def keys_of(ontology: Ontology) -> list[str]:
    """Return the keys of a claim row: every file has a column for each, so that all form one table."""
    return list(ontology.row_keys)


def keyed(key: str) -> str:
    """Return the column of a key: its name, unless a column that is no key has that."""
    return f"key_{key}" if key in TAKEN else key


def typed(tables: Tables, frame: pl.DataFrame) -> pl.DataFrame:
    """Return claims with their verdicts in the published Parquet schema; a key that no row has is null."""
    ledger = tables.ledger
    present = {*ledger.present(frame)}
    files = {part: f"{TABLES}/{mapping.file}" for part, mapping in enumerate(tables.mappings, 1)}
    return frame.select(
        *(pl.col(column).alias(name) for column, name in NAMES.items()),
        pl.lit(ledger.kind(frame).notation).alias("kind"),
        pl.col(".verdict").cast(pl.String).alias("verdict"),
        *(pl.col(column).str.to_date().alias(name) for column, name in DAYS.items()),
        "source",
        pl.col(PART).replace_strict(list(files), list(files.values()), return_dtype=pl.String).alias("file"),
        pl.col(ROW).alias("row"),
        *(
            (pl.col(key) if key in present else pl.lit(None, pl.String)).alias(keyed(key))
            for key in keys_of(ledger.ontology)
        ),
    )
