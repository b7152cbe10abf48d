"""Write the parts of a graph as files, and record the size of each bucket in each part."""

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

from kg.bulk.blocks import Form
from kg.bulk.names import PART

FOLDER = "parts"
RECORDS = -1  # in place of a bucket: the entities and sources of a part
BATCH = 2_048  # texts per write
AT_ONCE = 1 << 30  # bytes that the kernel is asked to copy at once
SIZES = {"part": pl.UInt16, "bucket": pl.Int32, "size": pl.UInt64}
Sink = Callable[[int, int, pl.DataFrame], object]  # takes part, bucket and texts


@dataclass
class PartFiles:
    """One file per part, and the bytes that each bucket added to each part; buckets follow each other.

    ``graph`` is the file that joins the parts, ``form`` their form, ``end`` the bytes that end a block.
    """

    graph: str
    form: Form
    end: bytes
    paths: Sequence[Path]
    sizes: dict[int, dict[int, int]] = field(default_factory=dict)

    def begin(self) -> None:
        """Create the files, empty."""
        for path in self.paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    def add(self, part: int, bucket: int, blocks: pl.DataFrame) -> None:
        """Append the blocks of a bucket or of records to a part; open the file only for that, as there may be many."""
        with self.paths[part - 1].open("ab") as file:
            start = file.tell()
            write_texts(blocks, file)
            size = file.seek(0, SEEK_END) - start
        sizes = self.sizes.setdefault(part, {})
        sizes[bucket] = sizes.get(bucket, 0) + size


def sizes_table(sizes: Mapping[int, Mapping[int, int]]) -> pl.DataFrame:
    """Return the bytes of each bucket in each part as a frame."""
    rows = [(part, bucket, size) for part, mine in sorted(sizes.items()) for bucket, size in sorted(mine.items())]
    return pl.DataFrame(rows, SIZES, orient="row")


def sizes_by_part(table: pl.DataFrame) -> dict[int, dict[int, int]]:
    """Return the sizes from their frame, by part and bucket."""
    found: dict[int, dict[int, int]] = {}
    for part, bucket, size in table.rows():
        found.setdefault(part, {})[bucket] = size
    return found


def pour_blocks(blocks: pl.DataFrame, bucket: int, sink: Sink) -> None:
    """Pass the blocks of a bucket (``.part``, ``block``) to a sink, grouped by part."""
    for (part,), mine in sorted(blocks.partition_by(PART, as_dict=True, maintain_order=True).items()):
        sink(int(part), bucket, mine.select("block"))


def write_texts(blocks: pl.DataFrame, file: IO[bytes]) -> None:
    """Write a column of texts one after the other, unchanged."""
    blocks.write_csv(file, include_header=False, quote_style="never", line_terminator="", batch_size=BATCH)


def append(path: Path, file: IO[bytes]) -> None:
    """Append the content of a file to another; the kernel copies it where system and disks allow."""
    file.flush()
    with path.open("rb") as part:
        with suppress(AttributeError, OSError):
            while os.copy_file_range(part.fileno(), file.fileno(), AT_ONCE):
                pass
        shutil.copyfileobj(part, file)  # the rest
