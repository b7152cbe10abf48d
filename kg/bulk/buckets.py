"""Partition claims into buckets by their far end, in files beside the outputs, so that memory stays bounded.

Claims that may meet are in one bucket: the claims of one proposition, the holders of one place, the propositions that
yield one shortcut. The files stay beside the outputs, and the next build reuses them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import SEEK_END
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import polars as pl
import polars_hash as plh

FAR_ENDS = ("target", "object", "about", "counterparty", "agent", "subject")
END = ".end"
BUCKET = ".bucket"
BUCKET_ROWS = 49_152
HELD_ROWS = 98_304
EXTENTS = {"group": pl.UInt32, "fragment": pl.UInt32, "bucket": pl.UInt32, "start": pl.UInt64, "size": pl.UInt64}


@dataclass(frozen=True)
class Fragments:
    """Files of claims, and the byte ranges of each bucket and group in them: one row of ``extents`` each."""

    folder: Path
    extents: pl.DataFrame

    def read(self, where: pl.Expr) -> Iterator[tuple[int, Iterator[pl.DataFrame]]]:
        """Yield the groups of the selected extents, each with its frames in the order in which they were added."""
        rows = self.extents.filter(where).sort("group", "fragment", "bucket").iter_rows()
        for group, mine in groupby(rows, key=itemgetter(0)):
            yield group, (self._frame(*place) for _, *place in mine)

    def frames(self, where: pl.Expr) -> Iterator[pl.DataFrame]:
        """Yield the frames of the selected extents, one by one."""
        yield from (frame for _, frames in self.read(where) for frame in frames)

    def together(self, where: pl.Expr) -> Iterator[pl.DataFrame]:
        """Yield the groups of the selected extents, each as one frame."""
        for _, frames in self.read(where):
            yield pl.concat(frames)

    def _frame(self, fragment: int, bucket: int, start: int, size: int) -> pl.DataFrame:
        with (self.folder / fragment_file(fragment)).open("rb") as file:
            file.seek(start)
            return pl.read_ipc_stream(file.read(size))


def fragment_file(number: int) -> str:
    """Return the file name of a fragment."""
    return f"{number:06}.arrow"


@dataclass
class Spill:
    """Partition frames of claims by bucket and write them to fragments, one fragment per flush.

    Frames with the same columns form one group. ``orders`` lists, per part, the groups of its claims in order;
    ``places`` lists the fragments that hold them.
    """

    folder: Path
    buckets: int
    groups: dict[tuple[str, ...], int] = field(default_factory=dict)
    orders: dict[int, list[int]] = field(default_factory=dict)
    places: dict[int, set[int]] = field(default_factory=dict)
    held: dict[int, list[pl.DataFrame]] = field(default_factory=dict)
    extents: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    waiting: int = 0
    rows: int = 0
    fragments: int = 0

    def add(self, frame: pl.DataFrame, part: int) -> None:
        """Add the claims of a part; flush once enough have gathered."""
        group = self.groups.setdefault(tuple(frame.columns), len(self.groups))
        if group not in (order := self.orders.setdefault(part, [])):
            order.append(group)
        self.held.setdefault(group, []).append(frame)
        self.places.setdefault(part, set()).add(self.fragments)
        self.rows += frame.height
        self.waiting += frame.height
        if self.waiting >= HELD_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write the buffered claims as one file, with a separate stream for each bucket."""
        with (self.folder / fragment_file(self.fragments)).open("wb") as file:
            for group, frames in sorted(self.held.items()):
                for bucket, part in split(pl.concat(frames), self.buckets):
                    start = file.tell()
                    part.write_ipc_stream(file, compression="uncompressed")
                    size = file.seek(0, SEEK_END) - start
                    self.extents.append((group, self.fragments, bucket, start, size))
        self.held.clear()
        self.waiting = 0
        self.fragments += 1

    def written(self) -> Fragments:
        """Return the fragments written so far."""
        return Fragments(self.folder, pl.DataFrame(self.extents, EXTENTS, orient="row"))


def write_frame(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame uncompressed, so that it can be read back without copying."""
    frame.write_ipc(path, compression="uncompressed")


def far_end(frame: pl.DataFrame) -> pl.Expr:
    """Return a number for the far end of each claim: claims that may meet have the same number."""
    return end_of(pl.coalesce(*(end for end in FAR_ENDS if end in frame.columns)))


def end_of(far: pl.Expr) -> pl.Expr:
    """Return the number of a far end, given by its id."""
    return plh.concat_str(far).nchash.xxhash64().alias(END)


def split(frame: pl.DataFrame, buckets: int) -> list[tuple[int, pl.DataFrame]]:
    """Return the claims of a frame by bucket, in their original order."""
    bucket = frame.select((pl.col(END) % buckets).alias(BUCKET))[BUCKET]
    parts = frame.with_columns(bucket).partition_by(BUCKET, as_dict=True, include_key=False, maintain_order=True)
    return sorted(((int(number), part) for (number,), part in parts.items()), key=itemgetter(0))
