"""Replace some blocks in the texts of parts, so that a change of a few claims leaves the rest of a text as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from kg.bulk.build_state import StaleError

TURTLE, TRIG = b" .\n", b" .\n}\n"  # the end of a block; a literal has no line break
SECTIONS = {b"claim": 1, b"prop": 2}  # they follow the shortcuts
Change = tuple[list[bytes], list[bytes]]  # removed blocks, and added blocks


def changes_of(pairs: Iterable[tuple[pl.DataFrame, pl.DataFrame]], buckets: int) -> dict[int, dict[int, Change]]:
    """Return the removed and added blocks by part and bucket, from pairs of frames before and after."""
    changes: dict[int, dict[int, Change]] = {}
    for old, new in pairs:
        for side, (one, other) in enumerate(((old, new), (new, old))):
            alone = one.join(other, on=one.columns, how="anti", nulls_equal=True)
            for part, end, block in alone.rows():
                if end is None:
                    raise StaleError("a block has no far end")
                changes.setdefault(part, {}).setdefault(end % buckets, ([], []))[side].append(block.encode())
    return changes


def splice_part(
    text: bytes, sizes: Mapping[int, int], changes: Mapping[int, Change], end: bytes
) -> tuple[bytes, dict[int, int]]:
    """Return the text of a part with changes by bucket, and the new sizes of its buckets; ``end`` ends a block."""
    if len(text) != sum(sizes.values()):
        raise StaleError("a part is not as long as it was")
    pieces, start, new_sizes = [], 0, dict[int, int]()
    for bucket in sorted({*sizes, *changes}):
        size = sizes.get(bucket, 0)
        piece = text[start : start + size]
        if bucket in changes:
            piece = splice(piece, *changes[bucket], end)
        start += size
        pieces.append(piece)
        new_sizes[bucket] = len(piece)
    return b"".join(pieces), {bucket: size for bucket, size in new_sizes.items() if size}


def splice(text: bytes, gone: Iterable[bytes], come: Iterable[bytes], end: bytes) -> bytes:
    """Return a bucket's text in a part with some blocks removed and others inserted in order."""
    *blocks, rest = text.split(end)
    there, going = {block + end for block in blocks}, set(gone)
    if rest or len(there) != len(blocks) or not going <= there:
        raise StaleError("a part does not hold what it held")
    left: list[bytes] = sorted([*(there - going), *come], key=_order)
    return b"".join(left)


def _order(block: bytes) -> tuple[int, bytes, int, bytes]:
    """Return the sort key of a block, as ``blocks`` orders them: by section, subject, and what it says of it."""
    graph, _, inner = block.rpartition(b" {\n")
    section = SECTIONS.get(inner.partition(b":")[0], 0)
    if not section:
        return 0, block, 0, b""
    subject, _, pairs = inner.partition(b" ")
    own = not pairs.startswith(b"kg:") and graph != b"graph:derived"
    return section, subject, 0 if own else 1 if section > 1 or b"kg:origin " in pairs else 2, block
