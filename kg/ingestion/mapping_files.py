"""Parse ``tables/NAME.yaml`` into a ``Mapping``, reporting every error at its place.

A misspelt key is reported, and its value is read under the key that was likely meant.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from collections.abc import Mapping as Map
from pathlib import Path

from kg.ingestion.checking.constraints import check_ends, check_required, fits
from kg.ingestion.checking.values import ID, Scope, with_article
from kg.ingestion.mapping import MADE, MADE_ID, WHERE, LookUp, Mapping, Recipe, Template, make_template
from kg.ingestion.mapping_layout import LAYOUT, read_layout
from kg.ingestion.reading import Cell, Fault, Node, Row, compose
from kg.ingestion.reading.records import INVISIBLE
from kg.model.errors import Location
from kg.model.ontology import nearest
from kg.model.terms import Key, Record

PARTS = ("file", "source", *LAYOUT, "expect", "columns", "entities", "sources", "claims")
REFERRING = ("claim", "claims", "entities")
_CUT = 'write a value, or leave the key out; put a text with a comma in quotes; an empty text is ""'
Pairs = dict[str, tuple[Node, Node]]
Cells = dict[str, Template | None]  # None: already reported, so not also missing
Names = Map[str, str]


def read_mapping(scope: Scope, name: str, text: str) -> Mapping:
    """Read one mapping, reporting every error; return the valid part. Raises Fault if it is empty or not a map."""
    node = compose(text, name)
    if node is None:
        raise Fault(Location(name, 1, 1), "KG011", "the mapping is empty", f"it holds {', '.join(PARTS)}")
    if node.pairs is None:
        raise Fault(node.place, "KG005", "a mapping must be a map", f"it holds {', '.join(PARTS)}")
    parts = _meant(scope, node, "a mapping", PARTS)
    columns = _look_ups(scope, parts)
    strange = [key.text or "" for word in parts.keys() - {*PARTS} for key, _ in parts[word][1].pairs or ()]
    names = {word: MADE + word for word in (*strange, *columns)}
    entities = _recipes(scope, parts, "entity", names)
    sources = _recipes(scope, parts, "source", names)
    for word in sorted(entities.keys() & sources.keys()):
        place = next(key.place for key, _ in parts["sources"][1].pairs or () if key.text == word)
        scope.report(place, "KG110", f"'{word}' is an entity too", "give the source another name")
    names |= {word: MADE_ID + word for word in (*sources, *entities)}
    _check_parts(scope, node, parts)
    return Mapping(
        name=Path(name).stem,
        file=file.text if (file := _part(scope, parts, "file")) else "",
        place=node.place,
        columns={word: look_up for word, look_up in columns.items() if look_up},
        entities={word: recipe for word, recipe in entities.items() if recipe},
        sources={word: recipe for word, recipe in sources.items() if recipe},
        claims=tuple(_claims(scope, parts, names)),
        expect=_expect(scope, parts),
        layout=read_layout(scope, {word: parts[word][1] for word in LAYOUT if word in parts}),
    )


def _check_parts(scope: Scope, node: Node, parts: Pairs) -> None:
    if "file" not in parts:
        scope.report(node.place, "KG108", "'file' is missing", "the table, beside the mapping")
    made = [parts[word][1] for word in ("claims", "entities", "sources") if word in parts]
    if parts.keys() <= {*PARTS} and not any(part.members or part.pairs or part.text is not None for part in made):
        scope.report(node.place, "KG108", "the mapping makes nothing", "give it claims, entities or sources")


def _part(scope: Scope, parts: Pairs, word: str) -> Template | None:
    return _template(scope, *parts[word]) if word in parts else None


# ---------------------------------------------------------------- look-ups


def _look_ups(scope: Scope, parts: Pairs) -> dict[str, LookUp | None]:
    found: dict[str, LookUp | None] = {}
    lines = _lines(scope, parts, "columns")
    for number, (key, value) in enumerate(lines):
        further = {later.text or "" for later, _ in lines[number:]}
        found[key.text or ""] = _look_up(scope, key, value, {word: MADE + word for word in found}, further)
    return found


def _look_up(scope: Scope, key: Node, node: Node, names: Names, further: Collection[str]) -> LookUp | None:
    cells: Cells = {
        word.text or "": _template(scope, word, value, result=word.text != "from")
        for word, value in _pairs(scope, node, f"the look-up '{key.text}'")
    }
    if "from" not in cells and node.pairs is not None:
        near = nearest("from", cells)
        hint = f"did you mean it by '{near}'?" if near else "from which column? such as from: $kind"
        scope.report(node.place, "KG108", "'from' is missing", hint)
    for template in filter(None, cells.values()):
        for word in sorted({*template.columns} & {*further}):
            itself = word == key.text
            message = f"'{word}' is looked up from itself" if itself else f"'{word}' is looked up further down"
            hint = "give the look-up another name than the column" if itself else "put that line above this one"
            scope.report(template.place, "KG101", message, hint)
    names = {**names, **{word: MADE + word for word in further}}
    named = {word: template.named(names) for word, template in cells.items() if template}
    of, otherwise = named.pop("from", None), named.pop("else", None)
    if of is None:
        return None
    if not of.columns:
        report_plain(scope, of, f"${of.text}")
    patterns = {word[1:]: template for word, template in named.items() if word.startswith("~")}
    return LookUp(of, {word: t for word, t in named.items() if not word.startswith("~")}, patterns, otherwise)


def report_plain(scope: Scope, template: Template, written: str, what: str = "column") -> None:
    """Report plain text that was meant as a column."""
    hint = f'for the {what} write {written}; for the word itself write it in quotes: "{template.text}"'
    if template.quoted:
        hint = f"for the {what} write {written}"
    scope.report(template.place, "KG101", f"'{template.text}' is plain text", hint)


# ---------------------------------------------------------------- entities and sources


def _recipes(scope: Scope, parts: Pairs, record: str, names: Names) -> dict[str, Recipe | None]:
    lines = _lines(scope, parts, {"entity": "entities", "source": "sources"}[record])
    return {key.text or "": _recipe(scope, record, key, value, names) for key, value in lines}


def _recipe(scope: Scope, record: str, name: Node, node: Node, names: Names) -> Recipe | None:
    keys = scope.ontology.keys(record)
    languages = [key.text for key, _ in node.pairs or () if key.text and re.fullmatch("[a-z]{2}", key.text)]
    words = [*keys, "id", "key", "prefix", *(languages if record == "entity" else ())]
    cells = _cells(scope, _meant(scope, node, f"'{name.text}'", words, keys), words)
    if node.pairs is None:
        return None
    prefix = cells.pop("prefix", None)
    if "key" in cells:
        _check_prefix(scope, name, prefix)
    if (key := cells.get("key")) and "id" in cells:
        scope.report(key.key_place, "KG106", f"'id' and 'key' in one {record}", "it takes one of the two")
    if cells.keys() <= {*words}:  # otherwise an unknown key may be the missing one
        if "key" not in cells and "id" not in cells:
            scope.report(node.place, "KG108", f"the {record} has no 'id'", "give it an id, or a key to make one from")
        row = _row(node, {**cells, "id": None})
        check_required(scope, row, scope.ontology.of(Record)[record].requires)
    named = {word: template.named(names) for word, template in cells.items() if template}
    made = named.pop("key", None)
    return Recipe(named, made, prefix.text if prefix else "")


def _check_prefix(scope: Scope, name: Node, prefix: Template | None) -> None:
    """Report a prefix that ids cannot begin with."""
    begin = prefix.text if prefix else name.text or ""
    if not ID.fullmatch(begin):
        hint = "ids are small letters, digits and hyphens, a letter first" + ("" if prefix else "; give it a prefix")
        scope.report(prefix.place if prefix else name.place, "KG111", f"'{begin}' cannot begin an id", hint)


def _row(node: Node, cells: Cells) -> Row:
    """Return cells as a ``Row``."""
    texts = {word: Cell(t.text, t.place, t.key_place) for word, t in cells.items() if t}
    return Row(node.place, texts, frozenset(cells.keys() - texts.keys()))


# ---------------------------------------------------------------- claims


def _claims(scope: Scope, parts: Pairs, names: Names) -> Iterable[dict[str, Template]]:
    """Yield the claims that each table row makes, as cells with the keys of a claim file."""
    if "claims" not in parts:
        return
    key, node = parts["claims"]
    if node.members is None:
        scope.report(*_misplaced(key, node), "'claims' must be a list", "each begins with '- '")
    source: Cells = {"source": _part(scope, parts, "source")} if "source" in parts else {}
    claims = [{**source, **_claim(scope, member)} for member in node.members or ()]
    if any("source" not in cells for cells in claims):
        hint = "its id, such as source: registry-2024, or source: $column"
        place = parts["file"][0].place if "file" in parts else key.place
        scope.report(place, "KG108", "'source' is missing: who says what the table holds?", hint)
    for cells in claims:
        yield {word: template.named(names) for word, template in cells.items() if template}


def _claim(scope: Scope, node: Node) -> Cells:
    """Read one claim; a table row cannot refer to another row or be referred to."""
    keys = scope.ontology.row_keys
    words = [*keys, "source", WHERE]
    pairs = _meant(scope, node, "a claim", words, keys)
    cells = _cells(scope, pairs, words)
    for word in [word for word in cells if word in keys and (keys[word].value_kind in REFERRING or word == "id")]:
        hint = "write claims that refer to each other, and sets of entities, in a claim file"
        scope.report(pairs[word][0].place, "KG106", f"a row of a table takes no '{word}'", hint)
        cells[word] = None
    naming = [word for word in cells if word in scope.ontology.kinds]
    if len(naming) == 1:
        _check_kind(scope, node, pairs, cells, naming[0])
    elif naming or (None not in cells.values() and node.pairs is not None):
        place = pairs[naming[1]][0].place if naming else node.place
        scope.report(place, "KG107", "cannot tell what a row says", f"one of: {', '.join(scope.ontology.kinds)}")
    if (where := cells.get(WHERE)) and not where.columns:
        report_plain(scope, where, f"${where.text}")
    return cells


def _check_kind(scope: Scope, node: Node, pairs: Pairs, cells: Cells, naming: str) -> None:
    """Report keys that the kind of claim does not take, and required keys that are missing."""
    kind, content = scope.ontology.kinds[naming], scope.ontology.keys("content")
    for word in [word for word in cells if word in content and not fits(kind, content[word])]:
        takes = ", ".join(key.notation for key in content.values() if fits(kind, key))
        message = f"{with_article(kind.label())} takes no '{word}'"
        scope.report(pairs[word][0].place, "KG106", message, f"it takes {takes}")
    if not cells.keys() <= {*scope.ontology.row_keys, "source", WHERE}:
        return  # an unknown key may be the missing one
    named, row = cells[naming], _row(node, cells)
    term = scope.ontology.predicates(kind).get(named.text) if named else None
    missing = check_required(scope, row, {*kind.requires, *(term.requires if term else ())})
    if term:
        check_ends(scope, row, kind, term, missing)


def _expect(scope: Scope, parts: Pairs) -> tuple[int, int | None]:
    if "expect" not in parts:
        return 0, None
    found: dict[str, int] = {}
    for word, (key, value) in _meant(scope, parts["expect"][1], "'expect'", ("min", "max")).items():
        template = _template(scope, key, value) if word in ("min", "max") else None
        if template and not re.fullmatch("[0-9]{1,15}", template.text):
            scope.report(value.place, "KG210", f"'{value.text}' is no number of claims", "such as min: 1000")
        elif template:
            found[word] = int(template.text)
    return found.get("min", 0), found.get("max")


# ---------------------------------------------------------------- nodes


def _lines(scope: Scope, parts: Pairs, word: str) -> list[tuple[Node, Node]]:
    """Return the named entries of one part of a mapping."""
    if word not in parts:
        return []
    key, node = parts[word]
    if node.pairs is None:
        scope.report(*_misplaced(key, node), f"'{word}' must be a map", "a line each: name: {…}")
        return []
    return _pairs(scope, node, f"'{word}'")


def _misplaced(key: Node, node: Node) -> tuple[Location, str]:
    """Return the place and code for a part of the wrong type; an empty part is reported at its key."""
    return (key.place, "KG006") if node.text == "" else (node.place, "KG005")


def _pairs(scope: Scope, node: Node, what: str) -> list[tuple[Node, Node]]:
    """Return the pairs of a map, reporting duplicate keys."""
    if node.pairs is None:
        scope.report(node.place, "KG005", f"{what} must be a map", "such as {key: value}")
    found: dict[str, tuple[Node, Node]] = {}
    for key, value in node.pairs or ():
        if key.text is None:
            scope.report(key.place, "KG005", "a key must be a plain word")
        elif key.text in found:
            first = found[key.text][0].place
            message = f"'{key.text}' stands twice (first at {first.line}:{first.column})"
            scope.report(key.place, "KG004", message, "write it once")
        else:
            found[key.text] = key, value
    return list(found.values())


def _meant(scope: Scope, node: Node, what: str, words: Collection[str], keys: Map[str, Key] | None = None) -> Pairs:
    """Return the pairs of a map by key. Report an unknown key, and read it as the nearest known one."""
    pairs = _pairs(scope, node, what)
    found = {key.text or "": (key, value) for key, value in pairs if key.text in words}
    for key, value in (pair for pair in pairs if pair[0].text not in words):
        word = key.text or ""
        near = next((k.notation for k in (keys or {}).values() if word in k.instead_of), "")
        near = near or nearest(word, words)
        if _is_cut(value):
            scope.report(key.place, "KG006", f"'{word}' has no value", _CUT)
        else:
            hint = f"did you mean '{near}'?" if near else f"{what} holds {', '.join(words)}"
            scope.report(key.place, "KG101", f"unknown key '{word}'", hint)
            found.setdefault(near or word, (key, value))
    return found


def _cells(scope: Scope, pairs: Pairs, words: Collection[str]) -> Cells:
    """Return the templates of the known keys, and None for the others, which are already reported."""
    return {word: _template(scope, *pair) if word in words else None for word, pair in pairs.items()}


def _is_cut(value: Node) -> bool:
    return value.plain and not value.text


def _template(scope: Scope, key: Node, value: Node, *, result: bool = False) -> Template | None:
    """Return a template, or report a value that is not text; the result of a look-up may be empty."""
    if value.text is None:
        message = f"'{key.text}' holds a {'list' if value.members is not None else 'map'}"
        scope.report(value.place, "KG005", message, "a text belongs here")
    elif (_is_cut(value) and not (result and key.text == "else")) or not (value.text.strip() or result):
        scope.report(key.place, "KG006", f"'{key.text}' has no value", _CUT)
    elif hidden := INVISIBLE.search(value.text):  # written as an escape sequence
        scope.report(value.place, "KG010", f"the invisible character U+{ord(hidden[0]):04X}", "delete it")
    else:
        groups = result and (key.text or "").startswith("~")
        return make_template(value.text.strip(), value.place, key.place, quoted=not value.plain, groups=groups)
    return None
