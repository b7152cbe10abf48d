"""The store of a project with large tables: a generation of the cache, loaded from text made by column."""

from __future__ import annotations

import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import IO

from kg.columns.parts import Tables
from kg.columns.volume import write_trig
from kg.errors import CheckError
from kg.generations import content_key, generation
from kg.model import World
from kg.reading import Fault
from kg.store import load_store


def make_store(tables: Tables, world: World, cache: Path) -> Path:
    """Return the folder of the store of what a project now holds, made where it is not there.

    Raises CheckError, ProjectError.
    """
    clocks = world.clocks
    words = (" ".join(triple) for triple in world.ontology.triples)
    key = content_key(tables.folder, cache, (clocks.as_of, clocks.known_by, *words))
    return generation(cache, key, partial(_fill, tables, world))


def _fill(tables: Tables, world: World, folder: Path) -> None:
    load_store(folder, partial(_write, tables, world, folder.parent))


def _write(tables: Tables, world: World, cache: Path, pipe: IO[bytes]) -> None:
    working = Path(tempfile.mkdtemp(prefix=".partial-", dir=cache))
    try:
        write_trig(tables, world, working, pipe)
    except Fault as fault:
        raise CheckError([fault.problem]) from None
    finally:
        shutil.rmtree(working, ignore_errors=True)
