"""The parts of a graph as files: what each bucket adds to each part, and where it stands in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from io import SEEK_END
from pathlib import Path
from typing import IO

import polars as pl

from kg.bulk.names import PART

FOLDER = "parts"
RECORDS = -1  # in place of a bucket: the entities and sources of a part
BATCH = 2_048  # texts that are written at once
AT_ONCE = 1 << 30  # bytes that the kernel is asked to copy
SIZES = {"part": pl.UInt16, "bucket": pl.Int32, "size": pl.UInt64}
Sink = Callable[[int, int, pl.DataFrame], object]  # takes part, bucket and texts


@dataclass
class PartFiles:
    """A file for each part, and by part and bucket how many bytes each gave; buckets follow each other."""

    paths: Sequence[Path]
    sizes: dict[int, dict[int, int]] = field(default_factory=dict)

    def begin(self) -> None:
        """Make the files, with nothing in them."""
        for path in self.paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    def add(self, part: int, bucket: int, blocks: pl.DataFrame) -> None:
        """Add to a part what a bucket, or its records, give it; the file is open only meanwhile: there may be many."""
        with self.paths[part - 1].open("ab") as file:
            start = file.tell()
            write_texts(blocks, file)
            size = file.seek(0, SEEK_END) - start
        sizes = self.sizes.setdefault(part, {})
        sizes[bucket] = sizes.get(bucket, 0) + size


def sizes_table(sizes: Mapping[int, Mapping[int, int]]) -> pl.DataFrame:
    """Return how many bytes each bucket gave each part, as a frame."""
    rows = [(part, bucket, size) for part, mine in sorted(sizes.items()) for bucket, size in sorted(mine.items())]
    return pl.DataFrame(rows, SIZES, orient="row")


def sizes_by_part(table: pl.DataFrame) -> dict[int, dict[int, int]]:
    """Return sizes again from their frame."""
    found: dict[int, dict[int, int]] = {}
    for part, bucket, size in table.rows():
        found.setdefault(part, {})[bucket] = size
    return found


def pour_blocks(blocks: pl.DataFrame, bucket: int, sink: Sink) -> None:
    """Give the blocks of a bucket (``.part``, ``block``) to whoever takes texts, those of a part together."""
    for (part,), mine in sorted(blocks.partition_by(PART, as_dict=True, maintain_order=True).items()):
        sink(int(part), bucket, mine.select("block"))


def write_texts(blocks: pl.DataFrame, file: IO[bytes]) -> None:
    """Write a column of texts one after the other, as they are."""
    blocks.write_csv(file, include_header=False, quote_style="never", line_terminator="", batch_size=BATCH)


def append(path: Path, file: IO[bytes]) -> None:
    """Add what a file holds to another: the kernel copies it, where system and disks can."""
    file.flush()
    with path.open("rb") as part:
        with suppress(AttributeError, OSError):
            while os.copy_file_range(part.fileno(), file.fileno(), AT_ONCE):
                pass
        shutil.copyfileobj(part, file)  # what is left
