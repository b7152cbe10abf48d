"""Keep an index of a project's tables beside its store, so that a question need not read the tables again.

It holds the days for which the graph was made, the entities and sources that the project's own files mention
(``tables.json``), and the ids and names of all (``names.tsv``). The generation's name is a hash of the project's files,
the requested days, the program and its engine: a change in any of them makes a new generation.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path

from kg.files.cache import Digests, digest_of_program, keep_digests, known_digests, name_content, recover
from kg.files.project import build_folder
from kg.ingestion.reading import Cell, Records, Row
from kg.model.errors import Location, ProjectError
from kg.model.world import Clocks

STATE = "tables.json"
NAMES = "names.tsv"
Mentioned = tuple[str, str, dict[str, str]]  # entities or sources, the file of the table, the texts by key


@dataclass(frozen=True)
class Directory:
    """The index of a project's tables, as its store keeps it."""

    store: Path
    clocks: Clocks
    rows: int  # table rows that are claims
    mentioned: list[Mentioned]

    def find(self, name: str) -> list[str]:
        """Return the ids of the entities and sources with this id, or else with this name, ignoring case."""
        folded = fold(name)
        found = list(_tails(self.store / NAMES, f"{folded}\t".encode()))
        return [name] if name == folded and "" in found else [id for id in found if id]


def fold(name: str) -> str:
    """Return a name in its normalized form for look-ups."""
    return " ".join(name.lower().split())


def _tails(path: Path, head: bytes) -> Iterator[str]:
    """Yield the rest of each line that starts with a prefix, in a sorted file whose first line is empty."""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as lines:
        start, stop = 0, len(lines)
        while start < stop:
            middle = (start + stop) // 2
            line, after = lines.rfind(b"\n", 0, middle) + 1, lines.find(b"\n", middle) + 1
            start, stop = (after, stop) if lines[line:after] < head else (start, line)
        while lines[start : start + len(head)] == head:
            after = lines.find(b"\n", start)
            yield lines[start + len(head) : after].decode()
            start = after + 1


def store_cache(folder: Path) -> Path:
    """Return the folder of a project's stores. Raises ProjectError."""
    return build_folder(folder) / "store"


def store_place(folder: Path, digests: Digests, days: Clocks) -> Path:
    """Return the folder of the store for the given files and days."""
    import pyoxigraph  # imported late: most projects have no such store

    words = (days.as_of, days.known_by, digest_of_program(), pyoxigraph.__version__)
    return store_cache(folder) / name_content(digests, words)


def clear_leftovers(folder: Path) -> None:
    """Delete what killed processes left among a project's stores."""
    with suppress(ProjectError):
        recover(store_cache(folder))


def read_directory(folder: Path, stamps: Mapping[str, str], days: Clocks) -> Directory | None:
    """Return the index for the project's files at the given stamps, or None if there is no store."""
    try:
        cache = store_cache(folder)
        if not cache.is_dir():
            return None
        digests = known_digests(folder, cache, stamps)
        found = open_directory(store_place(folder, digests, days))
    except (OSError, ProjectError):
        return None
    keep_digests(cache, digests)
    return found


def open_directory(place: Path) -> Directory:
    """Return the index in a store's folder. Raises OSError if there is none, ProjectError if it is damaged."""
    try:
        state = json.loads((place / STATE).read_text("utf-8"))
        mentioned = [(what, file, texts) for what, file, texts in state["mentioned"]]
        return Directory(place, Clocks(**state["clocks"]), state["rows"], mentioned)
    except (KeyError, TypeError, ValueError):
        raise ProjectError(f"{place / STATE} is not as it was written; delete {place} and ask again") from None


def write_state(place: Path, clocks: Clocks, rows: int, mentioned: Iterable[Mentioned]) -> None:
    """Write the days, the row count and the mentioned records into a store."""
    state = {"clocks": asdict(clocks), "rows": rows, "mentioned": list(mentioned)}
    (place / STATE).write_text(json.dumps(state, ensure_ascii=False), "utf-8")


def copy_directory(old: Path, new: Path, *, rows: int) -> None:
    """Copy the index of one store to another with the same entities and sources. Raises OSError or ProjectError."""
    directory = open_directory(old)
    (new / NAMES).hardlink_to(old / NAMES)
    write_state(new, directory.clocks, rows, directory.mentioned)


def add_mentioned(records: Records, mentioned: Iterable[Mentioned]) -> None:
    """Add the entities and sources of tables that the project's files mention to the project's records."""
    for what, file, texts in mentioned:
        place = Location(file)
        records.add(what, [Row(place, {key: Cell(text, place, place) for key, text in texts.items()})])
