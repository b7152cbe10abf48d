"""Claims on their way: sorted into buckets by their far end, in files beside the outputs, so that memory stays flat.

Whatever may meet stands in one bucket: the claims of one proposition, the holders of one place, the propositions that
yield one shortcut. The files stay with the outputs, for the next build to take up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

import polars as pl
import polars_hash as plh

FAR_ENDS = ("target", "object", "about", "counterparty", "agent", "subject")
END = ".end"
BUCKET_ROWS = 49_152
HELD_ROWS = 131_072


@dataclass
class Spill:
    """Frames of claims by bucket; frames with the same columns are one group, what is written at once a fragment.

    ``orders`` tells of each part which groups its claims brought, in their order; ``places``, in which fragments they
    are; ``filled`` are the buckets that hold any.
    """

    folder: Path
    buckets: int
    groups: dict[tuple[str, ...], int] = field(default_factory=dict)
    orders: dict[int, list[int]] = field(default_factory=dict)
    places: dict[int, set[int]] = field(default_factory=dict)
    held: dict[int, list[pl.DataFrame]] = field(default_factory=dict)
    filled: set[int] = field(default_factory=set)
    waiting: int = 0
    rows: int = 0
    fragments: int = 0

    def add(self, frame: pl.DataFrame, part: int) -> None:
        """Take claims of a part; what has gathered is written once it is much."""
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
        """Write what is held, a file for each bucket."""
        for group, frames in sorted(self.held.items()):
            for number, part in split(pl.concat(frames), self.buckets):
                self.filled.add(number)
                write_frame(part, self.folder / f"{number}-{group}-{self.fragments:06}.arrow")
        self.held.clear()
        self.waiting = 0
        self.fragments += 1

    def read(self, bucket: int) -> Iterator[pl.DataFrame]:
        """Yield the groups of a bucket, each as one frame in the order in which it came."""
        return self._together(f"{bucket}-{{}}-*.arrow")

    def fragment(self, number: int) -> Iterator[pl.DataFrame]:
        """Yield the groups of a fragment, each as one frame."""
        return self._together(f"*-{{}}-{number:06}.arrow")

    def _together(self, pattern: str) -> Iterator[pl.DataFrame]:
        for group in range(len(self.groups)):
            if files := sorted(self.folder.glob(pattern.format(group))):
                yield read_frames(files)


def write_frame(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame so that it can be read again without copying."""
    frame.write_ipc(path, compression="uncompressed")


def read_frames(files: Iterable[Path]) -> pl.DataFrame:
    """Return the frames of some files, which have the same columns, as one."""
    return pl.concat([pl.read_ipc(file) for file in files])


def far_end(frame: pl.DataFrame) -> pl.Expr:
    """Return a number for the far end of each claim of a frame: claims that may meet have the same."""
    far = pl.coalesce(*(end for end in FAR_ENDS if end in frame.columns))
    return plh.concat_str(far).nchash.xxhash64().alias(END)


def split(frame: pl.DataFrame, buckets: int) -> list[tuple[int, pl.DataFrame]]:
    """Return the claims of a frame by bucket, their order kept."""
    bucket = frame.select(bucket=pl.col(END) % buckets)["bucket"]
    parts = frame.with_columns(bucket).partition_by("bucket", as_dict=True, include_key=False, maintain_order=True)
    return sorted(((int(number), part) for (number,), part in parts.items()), key=itemgetter(0))
