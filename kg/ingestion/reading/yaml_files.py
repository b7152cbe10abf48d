"""Read ``kg.yaml``, ``entities.yaml`` and ``claims/*.yaml`` into rows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from kg.files.project import SETTINGS
from kg.ingestion.reading.decoding import NEWLINE
from kg.ingestion.reading.records import INVISIBLE, Cell, Fault, Records, Row, make_cell, sound_text
from kg.ingestion.reading.yaml_nodes import MarkedCell, Node, compose
from kg.model.errors import Location, Problem
from kg.model.ontology import nearest

CLAIM_PARTS = ("source", "defaults", "claims")


def read_settings(records: Records, name: str, text: str) -> None:
    """Read ``kg.yaml``: one flat map. Raises Fault."""
    node = compose(text, name)
    if node is None:
        raise Fault(Location(name, 1, 1), "KG011", "the file is empty", "write at least title and base")
    records.settings = _row(records, node, SETTINGS, NEWLINE.split(text))


def read_entities(records: Records, name: str, text: str) -> None:
    """Read a map of ids to entities. Raises Fault."""
    node, lines = _compose_rows(records, text, name, _ENTITY_ROW), NEWLINE.split(text)
    if node is None and name not in records.unread:
        raise Fault(Location(name, 1, 1), "KG011", "the file holds no entities", "a line each: id: {type: …, en: …}")
    pairs = _pairs(records, node, name, "is one of the two too many?") if node else ()
    for key, value in pairs:
        about = {"id": Cell(unicodedata.normalize("NFC", key.text or ""), key.place, key.place)}
        if not value.is_map:
            hint = "such as {type: …, en: …}"
            records.report(value.place, "KG005", f"'{key.text}' must be followed by a map", hint)
            records.entities.append(Row(key.place, about, frozenset({"type"})))
            continue
        row = _row(records, value, "an entity", lines)
        if "id" in row.cells:
            place, message = row.cells["id"].key_place, "unknown key 'id'"
            records.report(place, "KG101", message, "the id stands before the colon that opens the line")
        records.entities.append(Row(key.place, {**row.cells, **about}, row.faulty))


def read_claims(records: Records, name: str, text: str) -> None:
    """Read the claims of a source, with the source itself and its defaults. Raises Fault."""
    node, lines = _compose_rows(records, text, name, _CLAIM_ROW), NEWLINE.split(text)
    if node is None:
        if name in records.unread:
            return
        raise Fault(Location(name, 1, 1), "KG011", "the file holds no claims", "it needs source: and claims:")
    parts = {key.text or "": (key, value) for key, value in _pairs(records, node, "a claim file", "write it once")}
    for word, (key, value) in list(parts.items()):
        if word not in CLAIM_PARTS:
            near = nearest(word, CLAIM_PARTS)
            hint = f"did you mean '{near}'?" if near else f"a claim file holds {', '.join(CLAIM_PARTS)}"
            records.report(key.place, "KG101", f"unknown key '{word}'", hint)
            _check_unknown(records, value)
            if near and (value.members is None) == (near != "claims"):
                parts.setdefault(near, (key, value))
    if "source" not in parts:
        hint = "begin with source: {id: …, title: …, publisher: …, published: …}"
        raise Fault(node.place, "KG108", "the file names no source", hint)
    source = _row(records, parts["source"][1], "'source'", lines)
    records.sources.append(source)
    defaults = _defaults(records, parts["defaults"][1], lines) if "defaults" in parts else {}
    about_source = {"source": source.cells["id"]} if "id" in source.cells else {}
    for member in _claim_rows(records, name, node, parts.get("claims")):
        if (sound := _sound_cells(member, lines)) and "source" not in sound:
            records.claims.append(Row(member.place, {**defaults, **sound, **about_source}))
            continue
        row = _row(records, member, "a claim", lines)
        if "source" in row.cells:
            hint = "the source of a row is that of its file"
            records.report(row.cells["source"].key_place, "KG101", "unknown key 'source'", hint)
        records.claims.append(Row(row.place, {**defaults, **row.cells, **about_source}, row.faulty))


def _check_unknown(records: Records, node: Node) -> None:
    """Report duplicate keys below an unknown key, whose content is not read otherwise."""
    for member in node.members or ():
        _check_unknown(records, member)
    for _, value in _pairs(records, node, "") if node.pairs else ():
        _check_unknown(records, value)


def _defaults(records: Records, node: Node, lines: list[str]) -> Mapping[str, Cell]:
    defaults = _row(records, node, "'defaults'", lines)
    records.defaults.append(defaults)
    return defaults.cells


def _claim_rows(records: Records, name: str, node: Node, claims: tuple[Node, Node] | None) -> Iterator[Node]:
    """Yield the rows under ``claims``, and report items that are not rows."""
    rows = claims[1] if claims else None
    if rows is None or (rows.members is None and rows.text == ""):
        if name not in records.unread:
            hint = "claims: is a list of rows, each beginning with '- '"
            raise Fault(claims[0].place if claims else node.place, "KG011", "the file holds no claims", hint)
        return
    if not rows.members:
        raise Fault(rows.place, "KG005", "'claims' must be a list of rows", "each row begins with '- '")
    for member in rows.members:
        if not member.is_map:
            hint = "such as - {agent: …, role: …, target: …}"
            records.report(member.place, "KG005", "a claim must be a map of keys and values", hint)
        else:
            yield member


_CLAIM_ROW = re.compile(r"\s*-\s")


_ENTITY_ROW = re.compile(r"[\w-]+:\s*\{")


def _compose_rows(records: Records, text: str, name: str, row: re.Pattern[str]) -> Node | None:
    """Compose a file of rows. Rows that are not YAML are reported, and the others are still read."""
    try:
        return compose(text, name)
    except Fault:
        rest, faults = _without_bad_rows(text, name, row)
        if not faults:
            raise
        records.problems.extend(faults)
        records.unread.add(name)
        return compose(rest, name)


def _without_bad_rows(text: str, name: str, row: re.Pattern[str]) -> tuple[str, list[Problem]]:
    """Return the text with invalid rows blanked, and the faults of these rows."""
    lines = [line for line in re.split(r"(?<=\n)|(?<=\r)(?!\n)", text) if line]
    begins = [number for number, line in enumerate(lines) if row.match(line) or line[0] not in " \t\r\n"]
    faults = []
    for begin, end in zip(begins, [*begins[1:], len(lines)], strict=True):
        if not row.match(lines[begin]):
            continue
        try:
            compose("".join(lines[begin:end]), name)
        except Fault as fault:
            place = fault.problem.location
            faults.append(replace(fault.problem, location=replace(place, line=place.line + begin)))
            lines[begin:end] = [re.sub(r"[^\r\n]", "", line) for line in lines[begin:end]]
    return "".join(lines), faults


_WIDE_SPACES = ("\xa0", "\u2007", "\u202f", "\u3000")


def _pairs(
    records: Records, node: Node, what: str, twice: str = "two values are two rows"
) -> Iterator[tuple[Node, Node]]:
    """Yield the pairs of a mapping, and report nodes that are not mappings and duplicate keys."""
    if not node.is_map:
        hint = "the colon is full-width; write a plain one and a space: ': '" if "\uff1a" in (node.text or "") else ""
        raise Fault(node.place, "KG005", f"{what} must be a map of keys and values", hint)
    seen: dict[str, Location] = {}
    for key, value in node.pairs or ():
        if key.text is None:
            records.report(key.place, "KG005", "a key must be a plain word")
        elif key.text == "<<":
            raise Fault(key.place, "KG003", "merge keys (<<) are not used here", "write the values out")
        elif hidden := INVISIBLE.search(key.text):
            records.report(key.place, "KG010", f"the invisible character U+{ord(hidden[0]):04X}", "delete it")
        elif key.text[:1] in _WIDE_SPACES:
            message, hint = "the line is indented with no-break or wide spaces", "use plain ones"
            records.report(key.place, "KG010", message, hint)
        elif key.text in seen:
            first = seen[key.text]
            records.report(
                key.place, "KG004", f"'{key.text}' stands twice (first at {first.line}:{first.column})", twice
            )
        else:
            seen[key.text] = key.place
            yield key, value


def _row(records: Records, node: Node, what: str, lines: list[str]) -> Row:
    """Return a mapping as a flat row, and report values that are not text."""
    if sound := _sound_cells(node, lines):
        return Row(node.place, sound)
    cells: dict[str, Cell] = {}
    faulty: set[str] = set()
    pieces: dict[str, list[Node]] = {}
    name = ""
    for key, value in _pairs(records, node, what):
        if value.text == "" and value.plain and not _has_colon(key, lines):
            pieces.setdefault(name, []).append(key)
            continue
        name = unicodedata.normalize("NFC", key.text or "")
        cell = _value(records, name, key, value, lines)
        if cell is None:
            faulty.add(name)
        else:
            cells[name] = cell
    for owner, keys in pieces.items():
        _report_pieces(records, cells.pop(owner, None), owner, keys)
    return Row(node.place, cells, frozenset({*faulty, *pieces} - {""}))


def _sound_cells(node: Node, lines: list[str]) -> dict[str, Cell]:
    """Return the cells of a mapping without problems, or None if it may have some."""
    cells: dict[str, Cell] = {}
    parts = iter(node.parts if node.is_map else ())
    for key, value in zip(parts, parts, strict=True):
        name, text = _sound_key(key.value or ""), sound_text(value.value or "")
        if not name or name in cells or not text:
            return {}
        if not value.style and (stop := value.end_mark.line) < len(lines) and "#" in lines[stop]:
            return {}
        cells[name] = MarkedCell(text, node.name, value.start_mark, key.start_mark)
    return cells


@lru_cache(maxsize=2**12)
def _sound_key(text: str) -> str:
    """Return a key without problems, NFC-normalised, or "" for another."""
    wrong = text == "<<" or INVISIBLE.search(text) or text[:1] in _WIDE_SPACES
    return "" if wrong else unicodedata.normalize("NFC", text)


def _value(records: Records, name: str, key: Node, value: Node, lines: list[str]) -> Cell | None:
    """Return the cell of a value, or report a value that is missing or not text."""
    if value.text is None:
        is_list = value.members is not None
        hint = "two values are two rows; equal sides of one thing are a|b" if is_list else "a row is flat"
        records.report(value.place, "KG005", f"'{name}' holds a {'list' if is_list else 'map'}", hint)
        return None
    if not value.text.strip():
        place = value.place if value.place.line == key.place.line else key.place
        records.report(place, "KG006", f"'{name}' has no value", "write a value, or leave the key out")
        return None
    _warn_of_cut(records, value, lines)
    return make_cell(records, value.text, value.place, key.place)


def _has_colon(key: Node, lines: list[str]) -> bool:
    """Return whether a colon follows the key. Without one, the key is text that a comma cut off."""
    line, column = key.end
    return line >= len(lines) or lines[line][column:].lstrip().startswith(":")


def _report_pieces(records: Records, owner: Cell | None, name: str, pieces: list[Node]) -> None:
    """Report once the text that commas cut off a value."""
    texts = [piece.text or "" for piece in pieces]
    message = f"'{texts[0]}' has no value"
    if owner is None:
        hint = "a row is made of 'key: value'" + (f"; did a comma end the value of '{name}'? Quote it" if name else "")
    elif owner.text[-1:].isdigit() and texts[0][:3].isdigit():
        hint = f"did a comma end the number before it? Write the digits alone: {owner.text}{', '.join(texts)}"
    else:
        hint = f"did a comma end the value of '{name}'? Quote it: \"{', '.join([owner.text, *texts])}\""
    records.report(pieces[0].place, "KG006", message, hint)


def _warn_of_cut(records: Records, value: Node, lines: list[str]) -> None:
    """Warn if a comment without a space after '#' follows a bare value: it is likely part of the text."""
    line, column = value.end
    rest = lines[line][column:] if value.plain and line < len(lines) else ""
    if match := re.match(r"\s+(#[^\s#].*)", rest):
        records.report(
            replace(value.place, line=line + 1, column=column + match.start(1) + 1),
            "KG013",
            f"the text after ' #' is a comment: {match[1][:40]}",
            "quote the value if it belongs to it",
            "warning",
        )
