"""Check the texts of a mapping against the columns of its table: unknown names, columns without ``$``."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from kg.ingestion.checking.constraints import FEW
from kg.ingestion.checking.values import Scope, read_value
from kg.ingestion.mapping import COLUMN, PLACEHOLDER, WHERE, Mapping, Template
from kg.ingestion.mapping_files import report_plain
from kg.ingestion.reading import Cell
from kg.model.ontology import nearest
from kg.model.terms import Key

_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_LEFT = re.compile(r"\$(\{|(?=[^\W\d]))")
NAMING = ("entity", "entity-or-claim", "source")
ANY_TEXT = ("text", "texts", "id")


def written(column: str) -> str:
    """Return the placeholder for a column."""
    return f"${column}" if _BARE.fullmatch(column) else f'"${{{column}}}"'


@dataclass
class TextCheck:
    """Check of a mapping's texts. ``columns`` is None if the table cannot be read; ``ids`` are the project's ids."""

    scope: Scope
    mapping: Mapping
    columns: list[str] | None
    ids: Collection[str]
    names: dict[str, str] = field(init=False)  # name to what it refers to

    def __post_init__(self) -> None:
        """Collect the names."""
        self.names = dict.fromkeys(self.columns or (), "column") | dict.fromkeys(self.mapping.columns, "look-up")

    def run(self) -> None:
        """Report every error."""
        for text in self.mapping.templates():
            told = self._check_names(text)
            self._check_left(text)
            if self.columns is not None:
                self._check_columns(text, told)
        for key, template, named in self._uses():
            if not template.columns:
                self._check_plain(key, template, named)

    def _uses(self) -> Iterator[tuple[Key | None, Template, dict[str, str]]]:
        """Yield each text outside look-ups, with its key and the names it may use."""
        mapping, ontology = self.mapping, self.scope.ontology
        for record, recipes in (("entity", mapping.entities), ("source", mapping.sources)):
            for recipe in recipes.values():
                yield from ((ontology.keys(record).get(w), t, self.names) for w, t in recipe.cells.items())
                yield from ((None, t, self.names) for t in (recipe.key,) if t)
        kept = dict.fromkeys(mapping.sources, "source") | dict.fromkeys(mapping.entities, "entity")
        keys = {**ontology.row_keys, "source": ontology.keys("source")["copy-of"]}
        for cells in mapping.claims:
            yield from ((keys.get(w), t, self.names | kept) for w, t in cells.items() if w != WHERE)

    def _check_names(self, template: Template) -> set[str]:
        """Report ``$Model year`` if there is a column of that name; return the reported names."""
        told = set[str]()
        for found in PLACEHOLDER.finditer(template.text):
            name, longer = found["bare"] or "", self._longest(template.text[found.start() + 1 :])
            if name and len(longer) > len(name):
                other = f"; for '{name}' and plain text write ${{{name}}}" if name in self.names else ""
                message = f"'${longer}' is the column '{name}' and plain text behind it"
                hint = f"for the column '{longer}' write {written(longer)}{other}"
                self.scope.report(template.place, "KG101", message, hint)
                told.add(name)
        return told

    def _longest(self, text: str) -> str:
        """Return the longest column name that the text begins with, or ""."""
        return max((c for c in self.columns or () if c and text.startswith(c)), key=len, default="")

    def _check_left(self, template: Template) -> None:
        """Report a ``$`` that starts no placeholder: before a non-ASCII name without braces, or an unclosed brace."""
        for piece in template.pieces[::2]:
            if found := _LEFT.search(piece):
                column = self._longest(piece[found.end() :])
                hint = f"for the column write {written(column)}" if column else 'a column is written "${name}"'
                self.scope.report(template.place, "KG101", f"'{piece[found.start() :]}' is plain text", hint)

    def _check_columns(self, template: Template, told: Collection[str]) -> None:
        columns = self.columns or []
        for name in dict.fromkeys(template.columns):
            column = name.removeprefix(COLUMN)
            if not name.startswith(COLUMN) or column in columns or column in told:
                continue
            shown = ", ".join(columns[:FEW]) + (" …" if len(columns) > FEW else "")
            near = nearest(column, self.names)
            hint = f"did you mean '{near}'?" if near else f"its columns: {shown}"
            if column in {*self.mapping.entities, *self.mapping.sources}:
                hint = f"only a claim takes '{column}' as the id that its line makes"
            self.scope.report(template.place, "KG101", f"no column '{column}' in '{self.mapping.file}'", hint)

    def _check_plain(self, key: Key | None, template: Template, names: dict[str, str]) -> None:
        """Report a column name without ``$``, and a constant that its key never accepts."""
        text, kind = template.text, key.value_kind if key else "text"
        forgotten = text in names and not template.quoted and not (kind in (*NAMING, "id") and text in self.ids)
        if key and kind not in (*NAMING, *ANY_TEXT):
            found = Scope(self.scope.ontology, settings=self.scope.settings)
            if read_value(found, key, Cell(text, template.place, template.key_place)) is not None:
                return
            if not forgotten:
                self.scope.problems.extend(found.problems)
        if forgotten:
            report_plain(self.scope, template, written(text), names[text].replace("look-up", "column"))
