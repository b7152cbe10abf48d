"""What the columns of a table mean. Nothing of the table itself is read here.

A text may hold ``$column`` or ``${a column}``; it is empty where one of its columns is. ``$row`` is the number of the
row.
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
NUMBER = "row"  # what texts call that number
WHERE = "where"
UNKNOWN = ("KG103", "KG104")  # what follows for a claim whose row is no entity, or no source
# Before a name, what it is the name of: a column of the table, a look-up, an entity or a source, a group.
COLUMN, MADE, MADE_ID, GROUP = "column:", "look-up:", "id:", "group:"
PLACEHOLDER = re.compile(r"\$\{(?P<braced>[^}]+)\}|\$(?P<bare>[A-Za-z_][A-Za-z0-9_-]*)")
_OR_GROUP = re.compile(rf"\$(?P<group>[0-9]+)|\$\{{(?P<braced_group>[0-9]+)\}}|{PLACEHOLDER.pattern}")


@dataclass(frozen=True, slots=True)
class Template:
    """A text with columns in it: literal pieces and names of columns in turn, a piece at either end."""

    pieces: tuple[str, ...]
    place: Location = field(compare=False)
    key_place: Location = field(compare=False)
    text: str = field(default="", compare=False)
    quoted: bool = field(default=False, compare=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that it takes, each as what it is."""
        return self.pieces[1::2]

    def named(self, names: Map[str, str]) -> Template:
        """Return it with each name as what it is the name of; what is not among the names is a column of the table."""
        known = {NUMBER: NUMBER, **names}
        pieces = (
            known.get(piece, COLUMN + piece) if place % 2 and not piece.startswith(GROUP) else piece
            for place, piece in enumerate(self.pieces)
        )
        return replace(self, pieces=tuple(pieces))


def make_template(
    text: str, place: Location, key_place: Location, *, quoted: bool = False, groups: bool = False
) -> Template:
    """Return a text with its columns told apart, and with ``groups`` those of a regular expression (``$1``)."""
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
    """A column made from another by exact texts, then by regular expressions; what fits none is ``otherwise``.

    The result of a regular expression may take its groups: ``$1``.
    """

    of: Template
    exact: Map[str, Template] = field(default_factory=dict)
    patterns: Map[str, Template] = field(default_factory=dict)
    otherwise: Template | None = None

    @property
    def results(self) -> list[Template]:
        """Return everything that it may become."""
        return [*self.exact.values(), *self.patterns.values(), *([self.otherwise] if self.otherwise else [])]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a row becomes an entity or a source: its cells, and the key from which its id is made where it has none."""

    cells: Map[str, Template]
    key: Template | None = None
    prefix: str = ""


@dataclass(frozen=True)
class Mapping:
    """What the columns of one table mean."""

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
        """Yield every text."""
        for look_up in self.columns.values():
            yield from (look_up.of, *look_up.results)
        for recipe in (*self.entities.values(), *self.sources.values()):
            yield from (*recipe.cells.values(), *([recipe.key] if recipe.key else []))
        for cells in self.claims:
            yield from cells.values()

    def taken(self) -> set[str]:
        """Return the columns of the table that the mapping takes."""
        named = (name for template in self.templates() for name in template.columns)
        return {name.removeprefix(COLUMN) for name in named if name.startswith(COLUMN)}


def count_problems(mapping: Mapping, claims: int) -> list[Problem]:
    """Return what is wrong where a table gave fewer claims than its mapping expects, or more."""
    least, most = mapping.expect
    if least <= claims and (most is None or claims <= most):
        return []
    code, wanted = ("KG108", f"at least {least:,}") if claims < least else ("KG209", f"at most {most:,}")
    message = f"{claims:,} claims, where {wanted} are expected"
    return [Problem(mapping.place, "error", code, message, "is the table whole?")]


def check_count(mapping: Mapping, claims: int) -> None:
    """Raise CheckError where a table gave fewer claims than its mapping expects, or more."""
    if problems := count_problems(mapping, claims):
        raise CheckError(problems)
