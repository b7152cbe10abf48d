"""The meaning of a table's columns. This module does not read the table itself.

A text may contain ``$column`` or ``${a column}``; it is empty if one of its columns is empty. ``$row`` is the row
number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace

from kg.ingestion.reading.layout import Layout
from kg.model.errors import CheckError, Location, Problem

FOLDER = "tables"
NUMBER = "row"  # the name of the row number in texts
WHERE = "where"
UNKNOWN = ("KG103", "KG104")  # follow-up errors of a claim whose row gives no entity or source
# Prefixes that mark what a name refers to: a column of the table, a look-up, an entity or source id, a regex group.
COLUMN, MADE, MADE_ID, GROUP = "column:", "look-up:", "id:", "group:"
PLACEHOLDER = re.compile(r"\$\{(?P<braced>[^}]+)\}|\$(?P<bare>[A-Za-z_][A-Za-z0-9_-]*)")
_OR_GROUP = re.compile(rf"\$(?P<group>[0-9]+)|\$\{{(?P<braced_group>[0-9]+)\}}|{PLACEHOLDER.pattern}")


@dataclass(frozen=True, slots=True)
class Template:
    """A text with placeholders: literal pieces and column names alternate, with a literal piece at each end."""

    pieces: tuple[str, ...]
    place: Location = field(compare=False)
    key_place: Location = field(compare=False)
    text: str = field(default="", compare=False)
    quoted: bool = field(default=False, compare=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names in its placeholders, each with its prefix."""
        return self.pieces[1::2]

    def named(self, names: Map[str, str]) -> Template:
        """Return a copy with each name prefixed by what it refers to; an unknown name is a column of the table."""
        known = {NUMBER: NUMBER, **names}
        pieces = (
            known.get(piece, COLUMN + piece) if place % 2 and not piece.startswith(GROUP) else piece
            for place, piece in enumerate(self.pieces)
        )
        return replace(self, pieces=tuple(pieces))


def make_template(
    text: str, place: Location, key_place: Location, *, quoted: bool = False, groups: bool = False
) -> Template:
    """Parse a text into a template; ``groups`` also accepts regular expression groups (``$1``)."""
    pieces, end = list[str](), 0
    for found in (_OR_GROUP if groups else PLACEHOLDER).finditer(text):
        words = found.groupdict()
        group = words.get("group") or words.get("braced_group")
        pieces += [text[end : found.start()], GROUP + group if group else words["braced"] or words["bare"]]
        end = found.end()
    pieces.append(text[end:])
    pieces[::2] = [unicodedata.normalize("NFC", piece) for piece in pieces[::2]]
    return Template(tuple(pieces), place, key_place, text, quoted)


@dataclass(frozen=True, slots=True)
class LookUp:
    """A column derived from another by exact texts, then by regular expressions, then ``otherwise``.

    The result of a regular expression may use its groups: ``$1``.
    """

    of: Template
    exact: Map[str, Template] = field(default_factory=dict)
    patterns: Map[str, Template] = field(default_factory=dict)
    otherwise: Template | None = None

    @property
    def results(self) -> list[Template]:
        """Return every possible result."""
        return [*self.exact.values(), *self.patterns.values(), *([self.otherwise] if self.otherwise else [])]


@dataclass(frozen=True, slots=True)
class Recipe:
    """The rule that turns a row into an entity or a source: its cells, and the key that an id is generated from."""

    cells: Map[str, Template]
    key: Template | None = None
    prefix: str = ""


@dataclass(frozen=True)
class Mapping:
    """The meaning of the columns of one table."""

    name: str
    file: str
    place: Location = field(compare=False)
    columns: Map[str, LookUp] = field(default_factory=dict)
    entities: Map[str, Recipe] = field(default_factory=dict)
    sources: Map[str, Recipe] = field(default_factory=dict)
    claims: tuple[Map[str, Template], ...] = ()
    expect: tuple[int, int | None] = (0, None)
    layout: Layout = field(default_factory=Layout)

    def templates(self) -> Iterator[Template]:
        """Yield every template."""
        for look_up in self.columns.values():
            yield from (look_up.of, *look_up.results)
        for recipe in (*self.entities.values(), *self.sources.values()):
            yield from (*recipe.cells.values(), *([recipe.key] if recipe.key else []))
        for cells in self.claims:
            yield from cells.values()

    def taken(self) -> set[str]:
        """Return the table columns that the mapping uses."""
        named = (name for template in self.templates() for name in template.columns)
        return {name.removeprefix(COLUMN) for name in named if name.startswith(COLUMN)}


def count_problems(mapping: Mapping, claims: int) -> list[Problem]:
    """Return a problem if a table gave fewer or more claims than its mapping expects."""
    least, most = mapping.expect
    if least <= claims and (most is None or claims <= most):
        return []
    code, wanted = ("KG108", f"at least {least:,}") if claims < least else ("KG209", f"at most {most:,}")
    message = f"{claims:,} claims, where {wanted} are expected"
    return [Problem(mapping.place, "error", code, message, "is the table whole?")]


def check_count(mapping: Mapping, claims: int) -> None:
    """Raise CheckError if a table gave fewer or more claims than its mapping expects."""
    if problems := count_problems(mapping, claims):
        raise CheckError(problems)
