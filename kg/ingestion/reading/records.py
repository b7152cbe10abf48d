"""Rows of cells with their places, and the problems of reading them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from kg.model.errors import Location, Problem, Severity

MAX_TEXT = 1_000
NEEDED = {"claims": "source", "entities": "id", "sources": "id"}  # each table, and the column that it must have


class Cell:
    """The text of a value, with the places of the value and its key."""

    __slots__ = ("_key_place", "_place", "text")

    def __init__(self, text: str, place: Location, key_place: Location) -> None:
        """Keep the text and its places."""
        self.text, self._place, self._key_place = text, place, key_place

    @property
    def place(self) -> Location:
        """Return the place of the value."""
        return self._place

    @property
    def key_place(self) -> Location:
        """Return the place of the key."""
        return self._key_place

    def under(self, key: Cell, text: str) -> Cell:
        """Return the cell with a text, under a cell that names its key."""
        return Cell(text, self._place, key.place)


@dataclass(frozen=True, slots=True)
class Row:
    """One flat record: key to cell. An absent key has no cell; a faulty one was reported and is not missed."""

    place: Location
    cells: Mapping[str, Cell]
    faulty: frozenset[str] = frozenset()

    def text(self, key: str) -> str:
        """Return the text under a key, or ""."""
        cell = self.cells.get(key)
        return cell.text if cell else ""

    def where(self, key: str) -> Location:
        """Return the place of a key's value, or that of the row."""
        cell = self.cells.get(key)
        return cell.place if cell else self.place


@dataclass
class Records:
    """Everything read from a project, and the problems of reading it."""

    settings: Row
    entities: list[Row] = field(default_factory=list)
    sources: list[Row] = field(default_factory=list)
    defaults: list[Row] = field(default_factory=list)
    claims: list[Row] = field(default_factory=list)
    ontology: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    rejected: list[Problem] = field(default_factory=list)  # problems of unreadable table rows, which are left out
    unread: set[str] = field(default_factory=set)  # files that were not read completely
    instead: Mapping[str, str] = field(default_factory=dict)  # texts that replace those of files, by name

    def report(self, place: Location, code: str, message: str, hint: str = "", severity: Severity = "error") -> None:
        """Add a problem."""
        self.problems.append(Problem(place, severity, code, message, hint))

    def add(self, table: str, rows: Iterable[Row]) -> None:
        """Add rows to the claims, entities or sources, and report entities without an id."""
        into = {"claims": self.claims, "entities": self.entities, "sources": self.sources}[table]
        for row in rows:
            into.append(row)
            if table == "entities" and "id" not in row.cells and "id" not in row.faulty:
                self.report(row.place, "KG108", "'id' is missing", "a short word of small letters, digits and hyphens")


class Fault(Exception):  # noqa: N818 - it is no error of ours but of the file
    """Raised with a problem when a file cannot be read further."""

    def __init__(self, place: Location, code: str, message: str, hint: str = "", *, is_open: bool = False) -> None:
        """Keep the problem; ``is_open``: the rest of the file might complete the record."""
        super().__init__(message)
        self.is_open = is_open
        self.problem = Problem(place, "error", code, message, hint)


# Controls, unusual line breaks and direction marks: they are invisible and can disguise a text. Zero-width spaces are
# allowed, because some scripts need them; in an id or a word they are reported.
INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")


@lru_cache(maxsize=2**14)
def sound_text(text: str) -> str:
    """Return a text without problems, stripped and NFC-normalised, or "" for another."""
    if len(text) <= MAX_TEXT and text.isascii() and text.isprintable():
        return text.strip()
    return "" if len(text) > MAX_TEXT or INVISIBLE.search(text) else unicodedata.normalize("NFC", text.strip())


def make_cell(records: Records, text: str, place: Location, key_place: Location) -> Cell | None:
    """Return a cell with its text NFC-normalised and trimmed, or report one that is too long."""
    if len(text) > MAX_TEXT:
        message = f"a text of {len(text):,} characters, where {MAX_TEXT:,} are the most"
        records.report(place, "KG012", message, "a row holds a fact, not a passage")
        return None
    if hidden := INVISIBLE.search(text):  # it was written as an escape: the raw text was already checked
        records.report(place, "KG010", f"the invisible character U+{ord(hidden[0]):04X}", "delete it")
        return None
    return Cell(unicodedata.normalize("NFC", text.strip()), place, key_place)


def make_row(records: Records, texts: Mapping[str, str], place: Location) -> Row:
    """Return a row of texts without a place of their own, checked like the text of a cell."""
    cells = {key: cell for key, text in texts.items() if (cell := make_cell(records, text, place, place))}
    return Row(place, cells, frozenset(texts.keys() - cells.keys()))
