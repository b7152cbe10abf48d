"""Read JSON Lines into rows with places: one flat object per line, numbers kept as written."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator

from kg.ingestion.reading.records import Cell, Fault, Records, Row, make_cell
from kg.model.errors import Location

_JSON = re.compile(
    r'\s*+(?:(?P<string>"(?:[^"\\]|\\.)*+")|(?P<number>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)'
    r"|(?P<word>[A-Za-z]++)|(?P<mark>[{}\[\]:,]))"
)
_OBJECT_HINT = 'a line is one object: {"key": "text", …}'


def jsonl_rows(records: Records, name: str, text: str) -> Iterator[Row]:
    """Yield the rows of a file. An invalid line is reported, and the others are still read."""
    count = 0
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        count += 1
        try:
            yield jsonl_row(records, line, name, number)
        except Fault as fault:
            records.problems.append(fault.problem)
            records.unread.add(name)
    if not count:
        raise Fault(Location(name, 1, 1), "KG011", "the file is empty", _OBJECT_HINT)


def _json_tokens(line: str, name: str, number: int) -> list[tuple[str, str, Location]]:
    """Return the tokens of a line: kind, text and place. Raises Fault."""
    tokens, position, end = [], 0, len(line.rstrip())
    while position < end:
        match = _JSON.match(line, position)
        if match is None or match.end() > end:
            begin = position + len(line[position:]) - len(line[position:].lstrip())
            raise Fault(Location(name, number, begin + 1), "KG002", "not JSON", _OBJECT_HINT)
        kind = str(match.lastgroup)
        tokens.append((kind, match[kind], Location(name, number, match.start(kind) + 1)))
        position = match.end()
    return tokens


def jsonl_row(records: Records, line: str, name: str, number: int) -> Row:
    """Return the row of a line: a flat object of strings and numbers, each kept as its text. Raises Fault."""
    tokens = iter([*_json_tokens(line, name, number), ("end", "", Location(name, number, len(line.rstrip()) + 1))])
    start = _expect(next(tokens), "{")
    cells: dict[str, Cell] = {}
    faulty: set[str] = set()
    kind, text, place = next(tokens)
    while text != "}":
        if kind != "string":
            raise Fault(place, "KG002", "not JSON: a key in quotes must stand here", _OBJECT_HINT)
        key = unicodedata.normalize("NFC", _json_text(text, place))
        _expect(next(tokens), ":")
        cell = _json_value(records, key, place, next(tokens), tokens)
        if key in cells or key in faulty:
            records.report(place, "KG004", f"'{key}' stands twice", "two values are two rows")
        elif cell is None:
            faulty.add(key)
        else:
            cells[key] = cell
        kind, text, place = next(tokens)
        if text != "}":
            _expect((kind, text, place), ",")
            kind, text, place = next(tokens)
            if text == "}":
                raise Fault(place, "KG002", "not JSON: a comma before the end", "delete the comma")
    kind, text, place = next(tokens)
    if kind != "end":
        raise Fault(place, "KG002", "not JSON: text after the object", "one line holds one object")
    return Row(start, cells, frozenset(faulty))


def _expect(token: tuple[str, str, Location], mark: str) -> Location:
    kind, text, place = token
    if kind != "mark" or text != mark:
        raise Fault(place, "KG002", f"not JSON: '{mark}' must stand here", _OBJECT_HINT)
    return place


def _json_text(token: str, place: Location) -> str:
    try:
        return str(json.loads(token, strict=False))
    except ValueError:
        raise Fault(place, "KG002", "not JSON: an escape that JSON does not know", r"write \\ for \ itself") from None


def _json_value(
    records: Records,
    key: str,
    key_place: Location,
    token: tuple[str, str, Location],
    tokens: Iterator[tuple[str, str, Location]],
) -> Cell | None:
    """Return the cell of a value, or report a value that is missing or not text."""
    kind, text, place = token
    if kind in ("string", "number"):
        text = _json_text(text, place) if kind == "string" else text
        if text.strip():
            return make_cell(records, text, place, key_place)
        kind, text = "word", "null"
    if kind == "word":
        nothing = text == "null"
        message = f"'{key}' has no value" if nothing else f"'{key}' holds {text}"
        hint = "write a value, or leave the key out" if nothing else "write text in quotes"
        records.report(place, "KG006" if nothing else "KG005", message, hint)
    elif text in ("{", "["):
        hint = "two values are two rows; equal sides of one thing are a|b" if text == "[" else "a row is flat"
        records.report(place, "KG005", f"'{key}' holds a {'list' if text == '[' else 'map'}", hint)
        _skip(tokens, place)
    else:
        raise Fault(place, "KG002", "not JSON: a value must stand here", _OBJECT_HINT)
    return None


def _skip(tokens: Iterator[tuple[str, str, Location]], place: Location) -> None:
    """Skip a list or a map to its end."""
    depth = 1
    for kind, text, _ in tokens:
        depth += (text in ("{", "[")) - (text in ("}", "]")) if kind == "mark" else 0
        if not depth:
            return
    raise Fault(place, "KG002", "not JSON: opened here and never closed", "close it")
