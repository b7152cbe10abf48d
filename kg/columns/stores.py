"""The store of a project with large tables: a generation of the cache, loaded from text made by column."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import IO

from kg import store
from kg.columns.parts import Bucket, Tables
from kg.columns.volume import prefix_lines, write_trig
from kg.errors import CheckError
from kg.generations import Digests, content_key, generation, name_content
from kg.model import World
from kg.project import build_folder
from kg.reading import Fault


def make_store(tables: Tables, world: World) -> Path:
    """Return the folder of the store of what a project now holds, made where it is not there.

    Raises CheckError, ProjectError.
    """
    cache = _cache(tables)
    key = content_key(tables.folder, cache, _also(tables))
    return generation(cache, key, partial(_fill, tables, world))


def update_store(tables: Tables, old: Digests, new: Digests, judged: Callable[[], list[tuple[Bucket, Bucket]]]) -> None:
    """Make the store of the project's new files from that of the old ones, if there is one.

    ``judged`` gives the blocks of TriG of all that changed, as it was and as it is. Raises ProjectError.
    """
    cache = _cache(tables)
    before, after = (cache / name_content(digests, _also(tables)) for digests in (old, new))
    if before.is_dir() and before != after:
        removed, added = _changed_texts(tables, judged())
        generation(cache, after.name, lambda folder: store.update_store(folder, before, removed, added))


def _cache(tables: Tables) -> Path:
    return build_folder(tables.folder) / "store"


def _also(tables: Tables) -> Iterator[str]:
    """Yield what a store depends on beside the project's files: the days, and the ontology."""
    yield from (tables.clocks.as_of, tables.clocks.known_by)
    yield from (" ".join(triple) for triple in tables.ledger.ontology.triples)


def _changed_texts(tables: Tables, judged: Iterable[tuple[Bucket, Bucket]]) -> tuple[bytes, bytes]:
    """Return documents of what goes and what comes."""
    removed = added = prefix_lines(tables.ledger.settings.prefixes)
    for sides in judged:
        old, new = (side.blocks.select("block") for side in sides)
        removed += "".join(old.join(new, on="block", how="anti")["block"]).encode()
        added += "".join(new.join(old, on="block", how="anti")["block"]).encode()
    return removed, added


def _fill(tables: Tables, world: World, folder: Path) -> None:
    store.load_store(folder, partial(_write, tables, world, folder.parent))


def _write(tables: Tables, world: World, cache: Path, pipe: IO[bytes]) -> None:
    working = Path(tempfile.mkdtemp(prefix=".partial-", dir=cache))
    try:
        write_trig(tables, world, working, pipe)
    except Fault as fault:
        raise CheckError([fault.problem]) from None
    finally:
        shutil.rmtree(working, ignore_errors=True)
