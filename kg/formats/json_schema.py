"""Generate a JSON Schema (2020-12) of claim and entity files from the ontology, for completion in an editor.

Input: the ontology, and in a project the ids of its entities and sources. Output: a schema as plain data. It covers the
form of a single file; ``kg check`` covers what needs other rows, a calendar or arithmetic.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.bulk.whole import has_tables
from kg.files.project import find_project
from kg.ingestion.checking.values import FORMS, ID
from kg.ingestion.reading import MAX_TEXT, Records, read_records
from kg.model.errors import ProjectError
from kg.model.iris import KG, RDF
from kg.model.ontology import Ontology, in_order, read_ontology
from kg.model.properties import Term
from kg.model.quantities import COMPARATORS, DIRECTIONS, SCALES
from kg.model.terms import EntityType, Key, Kind, Measure, Record, Unit

Schema = dict[str, Any]
ALT_LABEL = "http://www.w3.org/2004/02/skos/core#altLabel"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
POINTER = "re"
ANY = ["string", "number", "boolean"]  # kg reads every value as text; an editor reads 2021 as a number

_DAY = r"[0-9]{4}(-(H[12]|4[01]|Q[1-4]|3[3-6]|(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?))?[~?%]?"
_NUMBER = r"[+\-]?[0-9]+(\.[0-9]+)?"
_TWO_WAYS = r"(?!(?!exactly)(.*[^0-9.])?[1-9][0-9]{0,2}\.[0-9]{3}(?![0-9]))"
_HANDLE = rf"({ID.pattern}/)?{ID.pattern}"


@dataclass
class Known:
    """What rows of a project can refer to: entities with their types and names, and sources."""

    types: dict[str, EntityType] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    languages: tuple[str, ...] = ("en", "zh")


def project_schema(of: str, folder: Path | None = None) -> Schema:
    """Return the schema of ``claims`` or ``entities``, in a project with its own terms and ids.

    With tables, any id is valid: theirs are too many to list. Raises ProjectError if ``folder`` is no project.
    """
    try:
        path = find_project(folder)
    except ProjectError:
        if folder is not None:
            raise
        return make_schema(of, read_ontology({}, []), Known())
    records = read_records(path)
    ontology = read_ontology(records.ontology, [])
    known = _known(records, ontology)
    return make_schema(of, ontology, Known(languages=known.languages) if has_tables(path) else known)


def _known(records: Records, ontology: Ontology) -> Known:
    types = ontology.of(EntityType)
    languages = tuple(part.strip() for part in records.settings.text("languages").split("|") if part.strip())
    known = Known(languages=languages or ("en", "zh"))
    for row in records.entities:
        id = row.text("id")
        if ID.fullmatch(id):
            known.types[id] = types.get(row.text("type")) or ontology.unknown_type
            known.names[id] = next((row.text(language) for language in known.languages if row.text(language)), id)
    known.sources = [id for row in records.sources if ID.fullmatch(id := row.text("id"))]
    return known


def make_schema(of: str, ontology: Ontology, known: Known) -> Schema:
    """Return the schema of ``claims`` or ``entities``."""
    maker = _Maker(ontology, known)
    body = maker.claim_file() if of == "claims" else maker.entities_file()
    head = {
        "$schema": DIALECT,
        "$comment": "Made by `kg schema`. Make it anew when the ontology or the entities change.",
    }
    return {**head, **body, "$defs": dict(sorted(maker.definitions.items()))}


class _Maker:
    """Builds schemas. Those used more than once become definitions."""

    def __init__(self, ontology: Ontology, known: Known) -> None:
        self.ontology = ontology
        self.known = known
        self.definitions: dict[str, Schema] = {}

    # ------------------------------------------------------------ files

    def claim_file(self) -> Schema:
        """Return the schema of a claim file."""
        rows = [self.kind(kind, word) for word, kind in self.ontology.kinds.items()]
        defaults = self.ontology.default_keys
        return {
            "title": "claims of one source",
            "description": "One file is one source; one row is one source saying one thing.",
            "type": "object",
            "required": ["source", "claims"],
            "additionalProperties": False,
            "properties": {
                "source": self.record("source", "The document in which the claims were made."),
                "defaults": {
                    "description": "Who says it and where, for every row that does not say so itself.",
                    **_object({name: self.key("claim", name, key) for name, key in defaults.items()}),
                },
                "claims": {
                    "description": "One row a claim; its kind is told by the one key that names it.",
                    "type": "array",
                    "minItems": 1,
                    "items": {"type": "object", "oneOf": [*rows, self.pointer()]},
                },
            },
        }

    def entities_file(self) -> Schema:
        """Return the schema of ``entities.yaml``."""
        keys = list(self.ontology.keys("entity"))
        entity = self.record("entity", "Identity only: whatever else there is to say is a claim, with a source.")
        name = {"description": "The name in this language.", **_text()}
        entity["properties"] |= {language: name for language in self.known.languages if language not in keys}
        entity["patternProperties"] = {"^[a-z]{2}(-[A-Za-z0-9]{2,8})*$": name}
        unseen = {"properties": {"type": {"const": "source"}}, "required": ["type"]}
        named = {"description": "a name, by its language, such as en", "not": {"propertyNames": {"enum": keys}}}
        return {
            "title": "entities",
            "description": "Who and what is talked about: an id, a type, names by language.",
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": _whole(ID.pattern)},
            "additionalProperties": {**entity, "anyOf": [named, unseen]},
        }

    def record(self, layer: str, description: str) -> Schema:
        """Return the schema of a source description or an entity."""
        keys = self.ontology.keys(layer)
        required = self.ontology.of(Record)[layer].requires
        properties = {name: self.key(layer, name, key) for name, key in keys.items()}
        return {"description": description, **_object(properties, _notations(required))}

    # ------------------------------------------------------------ rows

    def kind(self, kind: Kind, word: str) -> Schema:
        """Return the schema of the rows of one kind, identified by the key ``word``."""
        content = {name: key for name, key in self.ontology.keys("content").items() if kind.iri in key.key_of}
        claim = {name: key for name, key in self.ontology.keys("claim").items() if name != POINTER}
        properties = {name: self.key("claim", name, key) for name, key in {**content, **claim}.items()}
        pattern = max(kind.patterns, key=lambda pattern: (pattern.count("{"), pattern), default="")
        conditions = [*self.requirements(kind, word), *self.narrowings(kind, word, content)]
        return {
            "title": f"{kind.label()}, told by '{word}'",
            "description": f"{kind.comment} Reads: {re.sub(r'[{}]|[.]label', '', pattern)}",
            **_object(properties, _notations(kind.requires, first=word)),
            **self.ends(kind, word),
            **({"allOf": conditions} if conditions else {}),
        }

    def pointer(self) -> Schema:
        """Return the schema of a row that answers another claim."""
        keys = self.ontology.keys("claim")
        properties = {name: self.key("claim", name, key) for name, key in keys.items()}
        return {
            "title": f"pointer, told by '{POINTER}'",
            "description": keys[POINTER].comment,
            **_object(properties, [POINTER]),
        }

    def ends(self, kind: Kind, word: str) -> Schema:
        """Return the schema that requires one of several keys, except with terms that stand alone."""
        ends = _notations(kind.requires_one_of)
        alone = [name for name, term in self.ontology.predicates(kind).items() if term.stands_alone]
        choices: list[Schema] = [{"required": [end]} for end in ends]
        if choices and alone:
            choices.append({"properties": {word: {"enum": alone}}})
        return {"anyOf": choices} if choices else {}

    def requirements(self, kind: Kind, word: str) -> list[Schema]:
        """Return the keys that terms of a kind need in addition to those of the kind."""
        groups: dict[tuple[str, ...], list[str]] = {}
        for name, term in self.ontology.predicates(kind).items():
            if required := tuple(_notations(term.requires)):
                groups.setdefault(required, []).append(name)
        return [_when(word, names, {"required": list(required)}) for required, names in groups.items()]

    def narrowings(self, kind: Kind, word: str, content: Mapping[str, Key]) -> list[Schema]:
        """Return how terms of a kind narrow the values of other keys: by entity type or by unit."""
        found = []
        for name, key in content.items():
            groups: dict[tuple[str, ...], list[str]] = {}
            for term_name, term in self.ontology.predicates(kind).items():
                groups.setdefault(self._wanted(key, term), []).append(term_name)
            for wanted, names in groups.items():
                if (narrow := self._narrow(key, wanted)) is not None:
                    found.append(_when(word, names, {"properties": {name: narrow}}))
        return found

    def _wanted(self, key: Key, term: Term) -> tuple[str, ...]:
        if key.value_kind == "quantity" and not key.unit_of:
            return ("unit", *term.unit_of) if isinstance(term, Measure) else ("unit",)
        return self.ontology.narrowed(key, term)

    def _narrow(self, key: Key, wanted: tuple[str, ...]) -> Schema | None:
        if wanted[:1] == ("unit",):
            return self.quantity(wanted[1:])
        if not wanted:
            return None
        if KG + "Claim" in wanted:
            return {"description": "a claim, as id or source/id", **_matching(_HANDLE)}
        return self.entity(wanted) if self.known.types else None

    def _terms(self, key: Key) -> Mapping[str, Term]:
        return self.ontology.terms(key.term_class)

    # ------------------------------------------------------------ keys and values

    def key(self, layer: str, name: str, key: Key) -> Schema:
        """Return a reference to the schema of a key."""
        id = f"{layer}.{name}"
        if id not in self.definitions:
            how = key.read_as.label()
            text = " ".join(part for part in (key.comment, f"({how})") if part)
            self.definitions[id] = {"title": key.label(), "description": text, **self.value(key)}
        return {"$ref": f"#/$defs/{id}"}

    def value(self, key: Key) -> Schema:
        """Return the schema of a key's value by its kind."""
        kind = key.value_kind
        makers: dict[str, Callable[[], Schema]] = {
            "entity": lambda: self.entity((key.range,) if key.range else ()),
            "entities": lambda: _joined(ID.pattern),
            "entity-or-claim": lambda: _matching(_HANDLE),
            "term": lambda: self.words(self._terms(key)),
            "choice": lambda: {"enum": list(key.choices)},
            "date": lambda: _dated(_DAY),
            "interval": lambda: _dated(rf"{_DAY}(/({_DAY}|\.\.))?|\.\./{_DAY}"),
            "quantity": lambda: self.quantity(key.unit_of or None),
            "claim": lambda: _matching(_HANDLE),
            "claims": lambda: _joined(_HANDLE),
            "source": self.source,
            "locator": lambda: _matching(rf"¶ *[0-9]+(-[0-9]+)?|{_portable(FORMS['locator'])}"),
        }
        if kind in makers:
            return makers[kind]()
        return _matching(_portable(FORMS[kind])) if kind in FORMS else _text()

    def words(self, terms: Mapping[str, Term]) -> Schema:
        """Return a choice of the ontology's words, each with its meaning."""
        said = [" ".join(p for p in (term.label(), term.comment) if p) for term in terms.values()]
        return {"enum": list(terms), "enumDescriptions": said}

    def entity(self, classes: tuple[str, ...]) -> Schema:
        """Return a choice of the project's entities of some classes, or the form of an id if no entity is known."""
        if not self.known.types:
            return _matching(ID.pattern)
        wanted = sorted(classes)
        id = "entity." + (".".join(re.split("[/#]", iri)[-1] for iri in wanted) or "any")
        if id not in self.definitions:
            is_a = self.ontology.is_a
            ids = [name for name, t in self.known.types.items() if not wanted or not t.iri or is_a(t.iri, wanted)]
            said = [f"{self.known.names[name]} ({self.known.types[name].label()})" for name in ids]
            self.definitions[id] = {"enum": ids, "enumDescriptions": said} if ids else {"not": {}}
        return {"$ref": f"#/$defs/{id}"}

    def source(self) -> Schema:
        """Return a choice of the project's sources, seen and unseen, or the form of an id if no entity is known."""
        if not self.known.types:
            return _matching(ID.pattern)
        unseen = (id for id, type_ in self.known.types.items() if type_.notation == "source")
        return {"enum": ["unknown", *self.known.sources, *unseen]}

    def quantity(self, accepted: tuple[str, ...] | None) -> Schema:
        """Return the form of a quantity in some units or classes of units: () for a bare number, None for any unit."""
        units = self.ontology.of(Unit).values()
        fitting = [u for u in units if accepted is None or {u.iri, *u.statements.get(RDF + "type", ())} & set(accepted)]
        unit, per = _one_of(_unit_words(fitting)), _one_of(_unit_words(units))
        tail = rf" *({unit}){'?' if accepted is None else ''}" if fitting else ""
        comparator = _one_of(COMPARATORS)
        scale = f"( ({_one_of(SCALES)}))?"
        form = rf"(({comparator}) *)?{_NUMBER}( to {_NUMBER})?{scale}{tail}( */ *({per}))?|{_one_of(DIRECTIONS)}"
        id = "quantity." + (".".join(sorted(re.split("[/#]", iri)[-1] for iri in accepted or ())) or "any")
        id = "quantity.bare" if accepted == () else id
        types = ["string"] if accepted else ["string", "number"]
        self.definitions[id] = {"type": types, "pattern": f"^{_TWO_WAYS}({form})$"}
        return {"$ref": f"#/$defs/{id}"}


def _object(properties: Schema, required: Iterable[str] = ()) -> Schema:
    needed = list(required)
    body = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**body, "required": needed} if needed else body


def _when(word: str, names: list[str], then: Schema) -> Schema:
    return {"if": {"properties": {word: {"enum": names}}, "required": [word]}, "then": then}


def _notations(keys: Iterable[Key], first: str = "") -> list[str]:
    return sorted((key.notation for key in in_order(keys)), key=lambda name: name != first)


def _text() -> Schema:
    return {"type": ANY, "minLength": 1, "maxLength": MAX_TEXT}


def _whole(pattern: str) -> str:
    return f"^({pattern})$"


def _matching(pattern: str) -> Schema:
    return {"type": "string", "pattern": _whole(pattern)}


def _joined(pattern: str) -> Schema:
    return {"type": "string", "pattern": rf"^({pattern})( *\| *({pattern}))*$"}


def _dated(pattern: str) -> Schema:
    return {"type": ["string", "integer"], "pattern": _whole(pattern), "minimum": 1, "maximum": 9999}


def _portable(pattern: re.Pattern[str]) -> str:
    """Return a pattern in the syntax that Python and JavaScript share."""
    return pattern.pattern.replace('\\"', '"').replace("(?:", "(")


def _unit_words(units: Iterable[Term]) -> list[str]:
    return [word for u in units for word in (u.notation, *u.labels.values(), *u.statements.get(ALT_LABEL, ()))]


def _one_of(words: Iterable[str]) -> str:
    """Return an alternation, longest first."""
    quoted = (
        re.sub(r"[\\^$.*+?()\[\]{}|/]", r"\\\g<0>", word) for word in sorted(set(words), key=lambda w: (-len(w), w))
    )
    return "|".join(quoted)
