"""What the store of a project with large tables keeps of them, so that a question need not read them again.

Beside the graph, in its generation: the days at which it was made, the entities and sources that files of the project
mention (``tables.json``), and the ids and names of all (``names.tsv``). The name of the generation tells the content of
the project's files, the days asked for, the program and its engine: whatever is another makes another.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
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
    """Whom and what large tables tell of, as their store keeps it."""

    store: Path
    clocks: Clocks
    rows: int  # of the tables, that are claims
    mentioned: list[Mentioned]

    def find(self, name: str) -> list[str]:
        """Return the ids of the entities and sources with an id, or else with a name, in whatever case."""
        folded = fold(name)
        found = list(_tails(self.store / NAMES, f"{folded}\t".encode()))
        return [name] if name == folded and "" in found else [id for id in found if id]


def fold(name: str) -> str:
    """Return a name as it is looked up."""
    return " ".join(name.lower().split())


def _tails(path: Path, head: bytes) -> Iterator[str]:
    """Yield what follows in the lines of a sorted file that begin so; the first line of the file is empty."""
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
    """Return where the stores of a project are. Raises ProjectError."""
    return build_folder(folder) / "store"


def store_place(folder: Path, digests: Digests, days: Clocks) -> Path:
    """Return where the store belongs of files with certain digests, at the days that are asked for."""
    import pyoxigraph  # no earlier: most projects have no such store

    words = (days.as_of, days.known_by, digest_of_program(), pyoxigraph.__version__)
    return store_cache(folder) / name_content(digests, words)


def read_directory(folder: Path, stamps: Mapping[str, str], days: Clocks) -> Directory | None:
    """Return what the store keeps of a project's files, as they were at their stamps; None where there is no store."""
    try:
        cache = store_cache(folder)
        if not cache.is_dir():
            return None
        recover(cache)
        digests = known_digests(folder, cache, stamps)
        found = open_directory(store_place(folder, digests, days))
    except (OSError, ProjectError):
        return None
    keep_digests(cache, digests)
    return found


def open_directory(place: Path) -> Directory:
    """Return what the store in a folder keeps. Raises OSError where there is none, ProjectError where it was harmed."""
    try:
        state = json.loads((place / STATE).read_text("utf-8"))
        mentioned = [(what, file, texts) for what, file, texts in state["mentioned"]]
        return Directory(place, Clocks(**state["clocks"]), state["rows"], mentioned)
    except (KeyError, TypeError, ValueError):
        raise ProjectError(f"{place / STATE} is not as it was written; delete {place} and ask again") from None


def write_state(place: Path, clocks: Clocks, rows: int, mentioned: Iterable[Mentioned]) -> None:
    """Write into a store what is kept beside its names."""
    state = {"clocks": asdict(clocks), "rows": rows, "mentioned": list(mentioned)}
    (place / STATE).write_text(json.dumps(state, ensure_ascii=False), "utf-8")


def copy_directory(old: Path, new: Path, *, rows: int) -> None:
    """Keep in a store what another keeps, whose tables tell of the same. Raises OSError, ProjectError."""
    directory = open_directory(old)
    (new / NAMES).hardlink_to(old / NAMES)
    write_state(new, directory.clocks, rows, directory.mentioned)


def add_mentioned(records: Records, mentioned: Iterable[Mentioned]) -> None:
    """Add to the records of a project's files the entities and sources of large tables that they mention."""
    for what, file, texts in mentioned:
        place = Location(file)
        records.add(what, [Row(place, {key: Cell(text, place, place) for key, text in texts.items()})])
