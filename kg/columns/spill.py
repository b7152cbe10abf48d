"""Claims on their way: sorted into buckets by their far end, in files beside the outputs, so that memory stays flat.

Whatever may meet stands in one bucket: the claims of one proposition, the holders of one place, the propositions that
yield one shortcut.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

import polars as pl
import polars_hash as plh

FAR_ENDS = ("target", "object", "about", "counterparty", "agent", "subject")
BUCKET_ROWS = 49_152
HELD_ROWS = 131_072


@dataclass
class Spill:
    """Frames of claims by bucket; frames with the same columns are one group."""

    folder: Path
    buckets: int
    groups: dict[tuple[str, ...], int] = field(default_factory=dict)
    held: dict[int, list[pl.DataFrame]] = field(default_factory=dict)
    rows: int = 0
    files: int = 0

    def add(self, frame: pl.DataFrame) -> None:
        """Take claims; what has gathered is written once it is much."""
        group = self.groups.setdefault(tuple(frame.columns), len(self.groups))
        self.held.setdefault(group, []).append(frame)
        self.rows += frame.height
        if self.buckets > 1 and sum(f.height for frames in self.held.values() for f in frames) >= HELD_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what is held, a file for each bucket."""
        for group, frames in sorted(self.held.items()):
            for number, part in split(pl.concat(frames), self.buckets):
                part.write_ipc(self.folder / f"{number}-{group}-{self.files:06}.arrow", compression="uncompressed")
            self.files += 1
        self.held.clear()

    def close(self) -> None:
        """Write what is left, unless everything fits in one bucket."""
        if self.buckets > 1:
            self.flush()

    def read(self, bucket: int) -> Iterator[pl.DataFrame]:
        """Yield the groups of a bucket, each as one frame in the order in which it came."""
        if self.buckets == 1:
            yield from (pl.concat(frames) for _, frames in sorted(self.held.items()))
            return
        for group in range(len(self.groups)):
            files = sorted(self.folder.glob(f"{bucket}-{group}-*.arrow"))
            if files:
                yield pl.concat([pl.read_ipc(file) for file in files])
                for file in files:
                    file.unlink()


def split(frame: pl.DataFrame, buckets: int) -> list[tuple[int, pl.DataFrame]]:
    """Return the claims of a frame by bucket, their order kept."""
    far = pl.coalesce(*(end for end in FAR_ENDS if end in frame.columns))
    bucket = frame.select(bucket=plh.concat_str(far).nchash.xxhash64() % buckets)["bucket"]
    parts = frame.with_columns(bucket).partition_by("bucket", as_dict=True, include_key=False, maintain_order=True)
    return sorted(((int(number), part) for (number,), part in parts.items()), key=itemgetter(0))
