"""Make the store of a project with tables: a generation of the cache, loaded from text made by column."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import IO

import polars as pl

from kg.bulk.claims import Ledger
from kg.bulk.index import NAMES, copy_directory, store_cache, store_place, write_state
from kg.bulk.outputs import prefix_lines, write_trig
from kg.bulk.part_files import write_texts
from kg.bulk.parts import Bucket
from kg.bulk.tables import Tables
from kg.files.cache import Digests, generation, keep_digests, known_digests, read_stamp, scratch
from kg.ingestion.mapping import FOLDER
from kg.ingestion.reading import Fault
from kg.model.errors import CheckError, ProjectError
from kg.model.world import World
from kg.sparql import store


def make_store(tables: Tables, world: World) -> Path:
    """Return the folder of the store for the project's current files; make it if it is missing.

    Raises CheckError, ProjectError.
    """
    cache = store_cache(tables.folder)
    digests = known_digests(tables.folder, cache, tables.stamps)
    keep_digests(cache, digests)
    place = store_place(tables.folder, digests, tables.asked)
    return generation(place.parent, place.name, partial(_fill, tables, world))


def update_store(
    tables: Tables, old: Digests, new: Digests, rows: int, judged: Iterable[tuple[Bucket, Bucket]]
) -> None:
    """Make the store of the project's new files from that of the old ones, if there is one.

    ``judged`` are the buckets that change, before and after, with TriG last; ``rows`` is the number of claims that the
    tables now make. The entities and sources are the same. Raises ProjectError.
    """
    before, after = (store_place(tables.folder, digests, tables.asked) for digests in (old, new))
    if before.is_dir() and before != after:
        removed, added = _changed_texts(tables, judged)

        def fill(folder: Path) -> None:
            store.update_store(folder, before, removed, added)
            copy_directory(before, folder, rows=rows)

        generation(after.parent, after.name, fill)


def _changed_texts(tables: Tables, judged: Iterable[tuple[Bucket, Bucket]]) -> tuple[bytes, bytes]:
    """Return the documents to remove and to add."""
    removed = added = prefix_lines(tables.ledger.settings.prefixes)
    for sides in judged:
        old, new = (side.blocks[-1].select("block") for side in sides)
        removed += "".join(old.join(new, on="block", how="anti")["block"]).encode()
        added += "".join(new.join(old, on="block", how="anti")["block"]).encode()
    return removed, added


def _fill(tables: Tables, world: World, folder: Path) -> None:
    store.load_store(folder, partial(_write, tables, world, folder.parent))
    _write_names(tables.ledger, folder / NAMES)
    write_state(folder, tables.clocks, sum(tables.counts.values()), tables.mentioned)
    read = [f"{FOLDER}/{mapping.file}" for mapping in tables.mappings]
    if any(read_stamp(tables.folder / name) != tables.stamps.get(name) for name in read):
        raise ProjectError("a table changed while it was read; ask again once it is whole")


def _write_names(ledger: Ledger, path: Path) -> None:
    """Write the ids of entities and sources, and the names of entities with their ids, in the form of a directory."""
    name = pl.col("label").str.to_lowercase().str.replace_all(r"\s+", " ")
    ids = pl.concat([ledger.entities.select("id"), ledger.sources.select("id")])
    lines = [ids.select(line=pl.format("{}\t\n", "id")), ledger.entities.select(line=pl.format("{}\t{}\n", name, "id"))]
    with path.open("wb") as file:
        file.write(b"\n")
        write_texts(pl.concat(lines).unique().sort("line"), file)


def _write(tables: Tables, world: World, cache: Path, pipe: IO[bytes]) -> None:
    with scratch(cache) as working:
        try:
            write_trig(tables, world, working, pipe)
        except Fault as fault:
            raise CheckError([fault.problem]) from None
