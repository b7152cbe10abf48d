"""Parse the text of a cell into a value, by the value kind that the ontology gives its key."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from difflib import get_close_matches
from typing import NamedTuple

from kg.ingestion.reading import Cell
from kg.model.dates import advise, read_date, read_interval
from kg.model.errors import Location, Problem, Severity
from kg.model.iris import KG, WIKIDATA
from kg.model.ontology import Ontology, nearest
from kg.model.properties import Term
from kg.model.quantities import Quantity, QuantityError, read_quantity
from kg.model.terms import EntityType, Key, Quantified
from kg.model.world import Ref, Settings, Value

ID = re.compile(r"[a-z][a-z0-9-]{0,62}")
_WINDOWS = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")
_LOCATOR = re.compile(
    r"title|lead|body|abstract|(?:par|page|table|figure|caption|section|slide|note|row|line|item|chapter|annex)[0-9]+(?:-[0-9]+)?"
    r"|(?:[0-9]{2}:)?[0-9]{2}:[0-9]{2}"
)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_URL = re.compile(r"https?://[^\s/?#@\"<>\\^`{|}]+(?:[/?#][^\s\"<>\\^`{|}]*)?")
_PATH = re.compile(r"\w[\w. -]*(?:/\w[\w. -]*)*")
_STANDS_FOR = re.compile(r"one|several|some|any|at least [1-9][0-9]*|[1-9][0-9]* unnamed")
_DATE_LIKE = re.compile(r"[0-9]{4}(-[0-9A-Z]{2,3}){0,2}[~?]?")


MAX_SEARCHES = 100
_HIDDEN = re.compile("[\xad\u061c\u180e\u200b-\u200f\u2060-\u2064]")


class Taken(NamedTuple):
    """The parsed value of a cell, and the source's wording if it differs."""

    value: Value | None
    is_content: bool = False
    waits: bool = False  # it refers to claims, resolved once all rows are read
    wording: str = ""
    type: EntityType | None = None  # the type of the entity it names


class Demands(NamedTuple):
    """The required keys of a row, by notation and as such, and the keys of which one is required."""

    keys: frozenset[str]
    required: tuple[Key, ...]
    one_of: tuple[str, ...]


@dataclass
class Scope:
    """The names that a cell may refer to, and the problems found so far."""

    ontology: Ontology
    settings: Settings = field(default_factory=lambda: Settings("", "https://example.org/"))
    types: dict[str, EntityType] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    fiscal: dict[str, str] = field(default_factory=dict)  # by entity, the month in which its fiscal year ends
    sources: dict[str, Location] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)  # case-folded name to ids
    unread: frozenset[str] = frozenset()  # files not read completely
    problems: list[Problem] = field(default_factory=list)
    looked_up: dict[str, str] = field(default_factory=dict)
    taken: dict[Term | None, dict[str, dict[str, Taken]]] = field(default_factory=dict)  # by term, key and text
    alike: dict[tuple[Term | None, str], dict[str, Taken]] = field(default_factory=dict)  # by kind and key, then text
    fitting: set[tuple[Term, str, Term]] = field(default_factory=set)  # term, key and an accepted type
    demands: dict[Term, Demands] = field(default_factory=dict)

    def report(self, place: Location, code: str, message: str, hint: str = "", severity: Severity = "error") -> None:
        """Add a problem; invisible characters in its message are written out."""
        if hidden := _HIDDEN.search(message):
            message = _HIDDEN.sub(lambda match: f"<U+{ord(match[0]):04X}>", message)
            hint = f"delete the invisible character U+{ord(hidden[0]):04X}"
        self.problems.append(Problem(place, severity, code, message, hint))

    def ref(self, id: str) -> Ref:
        """Return a reference to an entity or source by its id."""
        return Ref(f"{self.settings.base}id/{id}", id)

    def nearest(self, word: str, words: Iterable[str]) -> str:
        """Return the nearest of many words, or ""; only ``MAX_SEARCHES`` words get a slow search."""
        if word not in self.looked_up and len(self.looked_up) < MAX_SEARCHES:
            self.looked_up[word] = nearest(word, words)
        return self.looked_up.get(word, "")

    @property
    def knows_entities(self) -> bool:
        """Return whether every entity was read, so that an unknown one is an error of the row that names it."""
        return bool(self.types) and not any(
            name.startswith(("entities.", "tables/")) or name.endswith(".xlsx") for name in self.unread
        )

    @property
    def knows_claims(self) -> bool:
        """Return whether every source and claim was read."""
        return not any(
            name.startswith(("claims/", "claims.", "sources.", "tables/")) or name.endswith(".xlsx")
            for name in self.unread
        )

    @property
    def has_errors(self) -> bool:
        """Return whether an error was found."""
        return any(problem.severity == "error" for problem in self.problems)


def did_you_mean(word: str, words: Iterable[str], *, by_part: bool = False) -> str:
    """Return a hint with the nearest word, or ""; ``by_part`` also compares the hyphenated parts of words."""
    known = list(words)
    found = [near] if (near := nearest(word, known)) else _nearest_by_part(word, known) if by_part else []
    quoted = " or ".join(f"'{word}'" for word in found)
    return f"did you mean {quoted}?" if found else ""


def with_article(words: str) -> str:
    """Put "a" or "an" before words."""
    vowel = words[:1].lower() in set("aeiou") and not words.startswith("uni")
    return f"{'an' if vowel else 'a'} {words}"


def _nearest_by_part(word: str, words: Iterable[str]) -> list[str]:
    """Return the words with a hyphenated part near the word."""
    parts: dict[str, str] = {}
    for known in words:
        for part in known.split("-") if "-" in known else ():
            parts.setdefault(part, known)
    near = get_close_matches(word.casefold(), parts, n=2, cutoff=0.7) if len(word) > 3 else []
    return sorted({parts[part] for part in near})


def _entity(scope: Scope, key: Key, cell: Cell) -> Value | None:
    if cell.text in scope.types:
        return scope.ref(cell.text)
    if cell.text in scope.sources:
        hint = "a source is named under second-hand, or before the stroke of source/id"
        scope.report(cell.place, "KG109", f"'{cell.text}' is a source; '{key.notation}' names an entity", hint)
    elif scope.knows_entities and is_id(scope.nearest(cell.text, scope.types)):
        scope.report(cell.place, "KG103", f"unknown entity '{cell.text}'", _entity_hint(scope, cell.text))
    return None


def is_id(near: str) -> bool:
    """Return whether the nearest id, if any, is valid; an invalid id is reported only where it is defined."""
    return not near or bool(ID.fullmatch(near))


def _entity_hint(scope: Scope, text: str) -> str:
    named = " or ".join(f"'{id}'" for id in scope.names.get(text.casefold(), ()))
    if named:
        return f"write {named}"
    near = scope.nearest(text, scope.types)
    return f"did you mean '{near}'?" if near else "name it in entities.yaml"


def _entities(scope: Scope, key: Key, cell: Cell) -> Value | None:
    ids = [part.strip() for part in cell.text.split("|")]
    if len(set(ids)) < len(ids):
        scope.report(cell.place, "KG110", f"'{cell.text}' names one twice", "a set names each once")
    refs = [_entity(scope, key, Cell(id, cell.place, cell.key_place)) for id in sorted(set(ids))]
    found = tuple(ref for ref in refs if isinstance(ref, Ref))
    return found if len(found) == len(refs) else None


def _term(scope: Scope, key: Key, cell: Cell) -> Value | None:
    terms = scope.ontology.terms(key.term_class)
    if cell.text in terms:
        return terms[cell.text]
    named = {name.casefold(): word for word, term in terms.items() for name in term.names}.get(cell.text.casefold())
    shown = ", ".join(list(terms)[:12]) + (" …" if len(terms) > 12 else "")
    hint = f"write '{named}'" if named else did_you_mean(cell.text, terms, by_part=True) or f"one of: {shown}"
    scope.report(cell.place, "KG102", f"unknown {key.label()} '{cell.text}'", hint)
    return None


def _choice(scope: Scope, key: Key, cell: Cell) -> Value | None:
    if cell.text in key.choices:
        return cell.text
    hint = did_you_mean(cell.text, key.choices) or f"one of: {', '.join(key.choices)}"
    scope.report(cell.place, "KG102", f"unknown {key.label()} '{cell.text}'", hint)
    return None


def _date(scope: Scope, key: Key, cell: Cell) -> Value | None:
    try:
        return read_date(cell.text)
    except ValueError as error:
        scope.report(cell.place, *_date_fault(scope, key, cell, str(error)))
        return None


def _date_fault(scope: Scope, key: Key, cell: Cell, message: str) -> tuple[str, str, str]:
    """Return the code, message and hint for an invalid date."""
    named = [cell.text] if cell.text in scope.types else scope.names.get(cell.text.casefold())
    if named:
        type_ = with_article(scope.types[named[0]].label())
        return "KG201", message, f"'{named[0]}' is {type_}; who speaks stands under said-by"
    try:
        read_interval(cell.text)
    except ValueError:
        return "KG201", message, advise(cell.text)
    return "KG211", f"'{cell.text}' is an interval; '{key.notation}' takes one date", "write from and until"


def _interval(scope: Scope, key: Key, cell: Cell) -> Value | None:
    try:
        return read_interval(cell.text)
    except ValueError as error:
        reversed_ = str(error).endswith("ends before it begins")
        hint = "are the two mixed up?" if reversed_ else advise(cell.text)
        scope.report(cell.place, "KG202" if reversed_ else "KG201", str(error), hint)
        return None


def _quantity(scope: Scope, key: Key, cell: Cell) -> Value | None:
    try:
        quantity = read_quantity(cell.text)
    except QuantityError as error:
        scope.report(cell.place, "KG206" if error.ambiguous else "KG203", str(error), error.hint)
        return None
    unit, per = _unit(scope, cell, quantity.unit), _unit(scope, cell, quantity.per)
    if unit is None or per is None:
        return None
    return replace(quantity, unit=unit, per=per)


def _unit(scope: Scope, cell: Cell, word: str) -> str | None:
    """Return the IRI of a unit by any of its names, "" for no word, or None for an unknown one."""
    if not word:
        return ""
    names = scope.ontology.units
    if word in names:
        return names[word]
    hint = did_you_mean(word, names)
    if word[0] in "十百千万亿":
        hint = "write the number out, or with thousand, million, billion; 万 is ten thousand, 亿 a hundred million"
    scope.report(cell.place, "KG205", f"unknown unit '{word}'", hint or "a currency is named by its code, such as USD")
    return None


def _text(scope: Scope, key: Key, cell: Cell) -> Value | None:
    return cell.text


def _texts(scope: Scope, key: Key, cell: Cell) -> Value | None:
    return tuple(sorted({part.strip() for part in cell.text.split("|")} - {""})) or None  # only bars is empty


def _matching(pattern: re.Pattern[str], code: str, message: str, hint: str) -> Reader:
    """Return a reader that accepts text matching a pattern."""

    def read(scope: Scope, key: Key, cell: Cell) -> Value | None:
        if pattern.fullmatch(cell.text):
            return cell.text
        scope.report(cell.place, code, message.format(cell.text), hint)
        return None

    return read


def _locator(scope: Scope, key: Key, cell: Cell) -> Value | None:
    text = re.sub(r"^¶\s*", "par", cell.text)
    if _LOCATOR.fullmatch(text):
        return text
    hint = "write title, par3, page4, table2, caption1, body, or a time in quotes"
    if _DATE_LIKE.fullmatch(text):
        hint = "'at' is the place in the source; the time of what it tells stands under 'when'"
    scope.report(cell.place, "KG208", f"'{cell.text}' is no place in a source", hint)
    return None


def _source(scope: Scope, key: Key, cell: Cell) -> Value | None:
    if cell.text == "unknown":
        return Ref(KG + "unknown", "unknown")
    is_source = cell.text in scope.types and scope.types[cell.text].notation == "source"
    if cell.text in scope.sources or is_source:
        return scope.ref(cell.text)
    known = sorted({*scope.sources, *(id for id, type_ in scope.types.items() if type_.notation == "source")})
    hint = did_you_mean(cell.text, known) or "name it in entities.yaml with {type: source}, or write unknown"
    if scope.knows_claims and scope.knows_entities:
        scope.report(cell.place, "KG104", f"unknown source '{cell.text}'", hint)
    return None


def _wikidata(scope: Scope, key: Key, cell: Cell) -> Value | None:
    if re.fullmatch(r"Q[1-9][0-9]*", cell.text):
        return Ref(WIKIDATA + cell.text, cell.text)
    scope.report(cell.place, "KG210", f"'{cell.text}' is no Wikidata id", "such as Q42")
    return None


def check_id(scope: Scope, cell: Cell) -> bool:
    """Return whether an id is safe in an IRI and a file name, reporting it if not."""
    if ID.fullmatch(cell.text) and not _WINDOWS.fullmatch(cell.text):
        return True
    scope.report(
        cell.place,
        "KG111",
        f"'{cell.text[:70]}' is no id",
        "ids are small letters, digits and hyphens, a letter first, at most 63",
    )
    return False


def _id(scope: Scope, key: Key, cell: Cell) -> Value | None:
    return cell.text if check_id(scope, cell) else None


Reader = Callable[[Scope, Key, Cell], Value | None]
READERS: dict[str, Reader] = {
    "entity": _entity,
    "entities": _entities,
    "entity-or-claim": _entity,
    "term": _term,
    "choice": _choice,
    "date": _date,
    "interval": _interval,
    "quantity": _quantity,
    "text": _text,
    "texts": _texts,
    "id": _id,
    "locator": _locator,
    "source": _source,
    "wikidata": _wikidata,
    "url": _matching(
        _URL, "KG207", "'{}' is no web address", "only http:// and https://, without a user name or password"
    ),
    "language": _matching(_LANGUAGE, "KG210", "'{}' is no language tag", "such as en, zh, zh-Hant"),
    "sha256": _matching(
        re.compile(r"[0-9a-f]{64}"), "KG210", "'{}' is no SHA-256 in hexadecimal", "64 small hexadecimal digits"
    ),
    "path": _matching(
        _PATH, "KG210", "'{}' is no path inside the project", "such as texts/daily-1.txt, from the project's folder"
    ),
    "stands-for": _matching(
        _STANDS_FOR, "KG210", "'{}' does not say how many", "one, several, some, any, at least 2, or 2 unnamed"
    ),
}


# The pattern of the texts of some value kinds.
FORMS = {
    "id": ID,
    "locator": _LOCATOR,
    "wikidata": re.compile(r"Q[1-9][0-9]*"),
    "url": _URL,
    "language": _LANGUAGE,
    "sha256": re.compile(r"[0-9a-f]{64}"),
    "stands-for": _STANDS_FOR,
}


def read_value(scope: Scope, key: Key, cell: Cell) -> Value | None:
    """Read a cell by the value kind of its key."""
    return READERS[key.value_kind](scope, key, cell)


def check_extent(scope: Scope, place: Location, quantity: Quantity, holder: Quantified) -> None:
    """Report a number above the maximum of a key or measure, or below zero."""
    largest, number = holder.maximum, quantity.upper or quantity.number
    if quantity.number is not None and quantity.number < 0 and not holder.may_be_negative:
        scope.report(place, "KG209", f"'{quantity}' is negative, and {holder.label()} cannot be", "is the sign right?")
    if largest and number is not None and number > Decimal(largest):
        message = f"'{quantity}' is more than {largest}, the most that a {holder.label()} can be"
        scope.report(place, "KG209", message, "is a digit too many?")
