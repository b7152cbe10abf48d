"""What the columns of a table mean: ``tables/NAME.yaml`` in, ``Mapping`` out. Nothing of the table itself is read.

A text may hold ``$column`` or ``${column}``; it is empty where one of its columns is. ``$row`` is the number of the
row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from pathlib import Path

from kg.ingestion.reading import Fault, Node, compose
from kg.ingestion.reading.layout import Layout
from kg.model.errors import CheckError, Location, Problem, ProjectError
from kg.model.ontology import Ontology, nearest

FOLDER = "tables"
NUMBER = "row"  # `$row` is the number of the row
WHERE = "where"
PARTS = ("file", "source", "expect", "columns", "entities", "sources", "claims")
REFERRING = ("claim", "claims", "entities")
_PLACEHOLDER = re.compile(r"\$\{(?P<braced>[^}]+)\}|\$(?P<bare>[A-Za-z_][A-Za-z0-9_-]*)")


@dataclass(frozen=True, slots=True)
class Template:
    """A text with columns in it: literal pieces and names of columns in turn, a piece at either end."""

    pieces: tuple[str, ...]
    place: Location = field(compare=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that it takes."""
        return self.pieces[1::2]


@dataclass(frozen=True, slots=True)
class LookUp:
    """A column made from another by exact texts, then by regular expressions; what fits none is ``otherwise``.

    The value of a regular expression may take its groups: ``$1``.
    """

    of: Template
    exact: Map[str, str]
    patterns: Map[str, str]
    otherwise: str | None


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

    def taken(self) -> set[str]:
        """Return the columns of the table that the mapping takes."""
        templates = [template for cells in self.claims for template in cells.values()]
        for recipe in (*self.entities.values(), *self.sources.values()):
            templates += [*recipe.cells.values(), *([recipe.key] if recipe.key else [])]
        templates += [look_up.of for look_up in self.columns.values()]
        made = {*self.columns, *map(id_column, self.entities), NUMBER}
        return {column for template in templates for column in template.columns} - made


def check_count(mapping: Mapping, claims: int) -> None:
    """Raise ProjectError where a table gave fewer claims than its mapping expects, or more."""
    least, most = mapping.expect
    if claims < least or (most is not None and claims > most):
        wanted = f"at least {least:,}" if claims < least else f"at most {most:,}"
        raise ProjectError(f"{mapping.place.file}: {claims:,} claims, where {wanted} are expected; is the table whole?")


def id_column(entity: str) -> str:
    """Return the column that holds the ids of an entity of the mapping; the table may have one of the entity's name."""
    return f"id:{entity}"


def read_mappings(folder: Path, ontology: Ontology) -> list[Mapping]:
    """Return the mappings of a project, by name. Raises CheckError with every fault in them."""
    mappings, problems = [], list[Problem]()
    for path in sorted((folder / FOLDER).glob("*.yaml")):
        try:
            mappings.append(read_mapping(path.relative_to(folder).as_posix(), path.read_text("utf-8"), ontology))
        except Fault as fault:
            problems.append(fault.problem)
    if problems:
        raise CheckError(problems)
    return mappings


def read_mapping(name: str, text: str, ontology: Ontology) -> Mapping:
    """Read one mapping. Raises Fault."""
    node = compose(text, name)
    if node is None:
        raise Fault(Location(name, 1, 1), "KG011", "the mapping is empty", f"it holds {', '.join(PARTS)}")
    parts = _parts(node, PARTS, "a mapping")
    if "file" not in parts:
        raise Fault(node.place, "KG108", "'file' is missing", "the table, beside the mapping")
    source = {"source": _template(parts["source"])} if "source" in parts else {}
    entities = {key: _recipe(value, ontology, "entity") for key, value in _pairs(parts.get("entities"))}
    claims = ({**source, **_claim(member, ontology)} for member in _members(parts.get("claims")))
    mapping = Mapping(
        name=Path(name).stem,
        file=_text(parts["file"]),
        place=node.place,
        columns={key: _look_up(value) for key, value in _pairs(parts.get("columns"))},
        entities=entities,
        sources={key: _recipe(value, ontology, "source") for key, value in _pairs(parts.get("sources"))},
        claims=tuple({key: _naming(entities, cell) for key, cell in cells.items()} for cells in claims),
        expect=_expect(parts.get("expect")),
    )
    _check_sources(mapping)
    return mapping


def _check_sources(mapping: Mapping) -> None:
    if any("source" not in cells for cells in mapping.claims):
        hint = "its id, such as source: registry-2024, or source: $column"
        raise Fault(mapping.place, "KG108", "'source' is missing: who says what the table holds?", hint)
    if not (mapping.claims or mapping.entities or mapping.sources):
        raise Fault(mapping.place, "KG108", "the mapping makes nothing", "give it claims, entities or sources")


def _claim(node: Node, ontology: Ontology) -> dict[str, Template]:
    """Read what a row claims, in the keys of a claim file; a row of a table is not referred to and refers to none."""
    cells = {}
    for key, value in _nodes(node):
        word = key.text or ""
        known = ontology.row_keys.get(word)
        if word not in ("source", WHERE) and known is None:
            near = nearest(word, ontology.row_keys)
            raise Fault(key.place, "KG101", f"unknown key '{word}'", f"did you mean '{near}'?" if near else "")
        if known is not None and (known.value_kind in REFERRING or word == "id"):
            hint = "claims that refer to each other, and sets of entities, stand in a claim file"
            raise Fault(key.place, "KG106", f"a row of a table takes no '{word}'", hint)
        cells[word] = _template(value)
    if len([word for word in cells if word in ontology.kinds]) != 1:
        raise Fault(node.place, "KG107", "cannot tell what a row says", f"one of: {', '.join(ontology.kinds)}")
    return cells


def _naming(entities: Map[str, Recipe], template: Template) -> Template:
    """Return a claim's text in which the name of an entity of the mapping means its id."""
    pieces = (id_column(p) if place % 2 and p in entities else p for place, p in enumerate(template.pieces))
    return replace(template, pieces=tuple(pieces))


def _recipe(node: Node, ontology: Ontology, record: str) -> Recipe:
    cells = {key: _template(value) for key, value in _pairs(node)}
    key, prefix = cells.pop("key", None), cells.pop("prefix", None)
    if (key is None) == ("id" not in cells):
        raise Fault(node.place, "KG108", f"the {record} has no 'id'", "give it an id, or a key to make one from")
    if record == "entity" and "type" not in cells:
        raise Fault(node.place, "KG108", "'type' is missing", "what sort of entity is it?")
    for word, template in cells.items():
        if word not in ontology.keys(record) and not (record == "entity" and (word == "id" or len(word) == 2)):
            raise Fault(template.place, "KG101", f"unknown key '{word}'", f"keys: {', '.join(ontology.keys(record))}")
    return Recipe(cells, key, prefix.pieces[0] if prefix else "")


def _look_up(node: Node) -> LookUp:
    cells = {key: _text(value) if key != "else" else value.text or "" for key, value in _pairs(node)}
    if "from" not in cells:
        raise Fault(node.place, "KG108", "'from' is missing", "from which column? such as from: $kind")
    of, otherwise = cells.pop("from"), cells.pop("else", None)
    patterns = {text[1:]: value for text, value in cells.items() if text.startswith("~")}
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise Fault(node.place, "KG210", f"'{pattern}' is no regular expression: {error}") from None
    exact = {text: value for text, value in cells.items() if not text.startswith("~")}
    return LookUp(make_template(of, node.place), exact, patterns, otherwise)


def _expect(node: Node | None) -> tuple[int, int | None]:
    parts = _parts(node, ("min", "max"), "'expect'") if node else {}
    for part in parts.values():
        if not _text(part).isdecimal():
            raise Fault(part.place, "KG210", f"'{part.text}' is no number of claims", "such as min: 1000")
    return int(_text(parts["min"])) if "min" in parts else 0, int(_text(parts["max"])) if "max" in parts else None


# ---------------------------------------------------------------- nodes


def make_template(text: str, place: Location) -> Template:
    """Return a text with its columns told apart."""
    pieces, end = list[str](), 0
    for found in _PLACEHOLDER.finditer(text):
        pieces += [text[end : found.start()], found["braced"] or found["bare"]]
        end = found.end()
    return Template((*pieces, text[end:]), place)


def _template(node: Node) -> Template:
    return make_template(_text(node), node.place)


def _text(node: Node) -> str:
    if not node.text:
        raise Fault(node.place, "KG005", "a text belongs here")
    return node.text


def _nodes(node: Node | None) -> list[tuple[Node, Node]]:
    """Return the pairs of a map, each key once."""
    if node is None:
        return []
    if node.pairs is None:
        raise Fault(node.place, "KG005", "a map belongs here", "such as {key: value}")
    seen = set[str]()
    for key, _ in node.pairs:
        if key.text is None or key.text in seen:
            raise Fault(key.place, "KG004", f"'{key.text}' stands twice", "write it once")
        seen.add(key.text)
    return node.pairs


def _pairs(node: Node | None) -> list[tuple[str, Node]]:
    return [(key.text or "", value) for key, value in _nodes(node)]


def _parts(node: Node, known: tuple[str, ...], what: str) -> dict[str, Node]:
    for key, _ in _nodes(node):
        if key.text not in known:
            raise Fault(key.place, "KG101", f"unknown key '{key.text}'", f"{what} holds {', '.join(known)}")
    return dict(_pairs(node))


def _members(node: Node | None) -> list[Node]:
    if node is None:
        return []
    if not node.members:
        raise Fault(node.place, "KG005", "'claims' must be a list", "each begins with '- '")
    return node.members
