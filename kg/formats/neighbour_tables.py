"""Read the tables of neighbouring tools as things and links, in the words of the tool.

Input: Kumu elements and connections, KGX nodes and edges, or OpenSanctions statements. Output: ``Thing``s and
``Link``s, and counts of the cells without a counterpart. ``neighbour_terms`` converts them to our tables.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kg.files.cells import plain_cell
from kg.ingestion.reading import MAX_BYTES
from kg.model.errors import ProjectError

csv.field_size_limit(1_000_000)

_LANGUAGES = {
    "eng": "en", "zho": "zh", "rus": "ru", "deu": "de", "fra": "fr", "jpn": "ja", "kor": "ko", "spa": "es", "ara": "ar",
    "ukr": "uk", "ita": "it", "por": "pt",
}  # fmt: skip
_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]+")


@dataclass
class Thing:
    """A node of a neighbouring tool: its key, the words for its type, and its names."""

    key: str
    words: list[str]
    names: dict[str, str] = field(default_factory=dict)
    aka: list[str] = field(default_factory=list)
    note: str = ""
    same_as: str = ""
    wish: str = ""  # the preferred id


@dataclass
class Link:
    """An edge of a neighbouring tool: its ends, the words for its type, its row, and more values under our keys."""

    near: str
    far: str
    words: list[str]
    row: int
    more: dict[str, str] = field(default_factory=dict)
    how: str = ""  # verdict or modality that kg exported; without it, a plan would become a fact


# ---------------------------------------------------------------- the files


def _pair(path: Path, first: str, second: str, suffix: str) -> dict[str, Path]:
    """Return the two tables of a tool: those in a folder, or the named file and the other one beside it."""
    folder = path if path.is_dir() else path.parent
    found = {}
    for word in (first, second):
        files = sorted(file for file in folder.glob(f"*{suffix}") if word in file.name.casefold())
        if path.is_file() and word in path.name.casefold():
            files = [path]
        elif path.is_file():
            other = second if word == first else first
            twin = path.name.casefold().replace(other, word)
            files = [file for file in files if file.name.casefold() == twin] or files
        if not files:
            raise ProjectError(f"no table of {word} (*{word}*{suffix}) in {folder}")
        found[word] = files[0]
    return found


def _one(path: Path) -> dict[str, Path]:
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    if not files:
        raise ProjectError(f"no table (*.csv) in {path}")
    return {"statements": files[0]}


NEIGHBOURS: Mapping[str, Callable[[Path], dict[str, Path]]] = {
    "kumu": lambda path: _pair(path, "elements", "connections", ".csv"),
    "kgx": lambda path: _pair(path, "nodes", "edges", ".tsv"),
    "opensanctions": _one,
}


def _table(file: Path, needed: Iterable[str], *, tabs: bool = False) -> list[dict[str, str]]:
    """Return the rows of a table, each with its number under ``#``.

    Raises ProjectError if the file cannot be read or a column is missing.
    """
    try:
        if file.stat().st_size > MAX_BYTES:
            raise ProjectError(f"{file.name} is larger than {MAX_BYTES // 1_000_000} MB")
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ProjectError(f"cannot read {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ProjectError(f"{file.name}: not UTF-8 at byte {error.start + 1}") from error
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if tabs else csv.reader(lines, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        if missing := [name for name in needed if name.casefold() not in map(str.casefold, header)]:
            raise ProjectError(f"{file.name}: no column '{missing[0]}'")
        keys = [name.casefold() for name in header]
        rows = [(number, dict(zip(keys, cells, strict=False))) for number, cells in enumerate(reader, 1) if any(cells)]
    except csv.Error as error:
        raise ProjectError(f"{file.name}: line {reader.line_num}: {error}") from error
    clean = _same if tabs else plain_cell
    return [{"#": str(number), **{key: _text(clean(text)) for key, text in row.items()}} for number, row in rows]


def _same(text: str) -> str:
    return text


def _text(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(_INVISIBLE.sub(" ", text).split()))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split("|") if part.strip()]


def _dropped_columns(rows: list[dict[str, str]], used: set[str], reasons: Counter[str], table: str) -> None:
    """Count the cells of columns without a counterpart."""
    for row in rows:
        for key, text in row.items():
            if text and key not in used:
                reasons[f"{table}: cells of column '{key}', which has no counterpart"] += 1


# ---------------------------------------------------------------- the tools


def _kumu(files: Mapping[str, Path], reasons: Counter[str]) -> tuple[list[Thing], list[Link]]:
    elements = _table(files["elements"], ("Label",))
    connections = _table(files["connections"], ("From", "To"))
    _dropped_columns(elements, {"#", "label", "type", "description", "id", "names"}, reasons, "elements")
    _dropped_columns(
        connections, {"#", "from", "to", "type", "label", "description", "verdict"}, reasons, "connections"
    )
    things = []
    for row in elements:
        first, *others = _parts(row["label"]) or [""]
        thing = Thing(
            row["label"], _parts(row.get("type", "")), wish=row.get("id", ""), note=row.get("description", "")
        )
        for name in (first, *others, *_parts(row.get("names", ""))):
            _add_name(thing, name)
        things.append(thing)
    links = []
    for row in connections:
        words = [*_parts(row.get("type", "")), *_parts(row.get("label", ""))]
        more = {"note": row["description"]} if row.get("description") else {}
        links.append(Link(row["from"], row["to"], words, int(row["#"]), more, row.get("verdict", "")))
    return things, links


def _kgx(files: Mapping[str, Path], reasons: Counter[str]) -> tuple[list[Thing], list[Link]]:
    nodes = _table(files["nodes"], ("id", "category"), tabs=True)
    edges = _table(files["edges"], ("subject", "predicate", "object"), tabs=True)
    _dropped_columns(nodes, {"#", "id", "category", "name", "synonym", "xref", "description"}, reasons, "nodes")
    _dropped_columns(edges, {"#", "subject", "predicate", "object", "negated", "id", "modality"}, reasons, "edges")
    things = []
    for row in nodes:
        words = [part.rpartition(":")[2] for part in _parts(row["category"])]
        thing = Thing(row["id"], words, wish=row["id"].rpartition(":")[2], note=row.get("description", ""))
        for name in (row.get("name", ""), *_parts(row.get("synonym", ""))):
            _add_name(thing, name)
        others = [part.rpartition(":")[2] for part in _parts(row.get("xref", ""))]
        thing.same_as = next((other for other in others if re.fullmatch(r"Q[1-9][0-9]*", other)), "")
        things.append(thing)
    links = []
    for row in edges:
        denied = {"stance": "denies"} if row.get("negated", "").casefold() == "true" else {}
        words = [part.rpartition(":")[2] for part in _parts(row["predicate"])]
        links.append(Link(row["subject"], row["object"], words, int(row["#"]), denied, row.get("modality", "")))
    return things, links


# The two ends of links by schema; OpenSanctions stores them as entities.
_ENDS = {
    "Ownership": ("owner", "asset"),
    "Directorship": ("director", "organization"),
    "Membership": ("member", "organization"),
    "Employment": ("employee", "employer"),
    "Succession": ("successor", "predecessor"),
    "Representation": ("agent", "client"),
    "Family": ("person", "relative"),
    "Associate": ("person", "associate"),
    "UnknownLink": ("subject", "object"),
}
_LINK_KEYS = {"startDate": "from", "endDate": "until", "percentage": "share", "role": "", "status": ""}


def _opensanctions(files: Mapping[str, Path], reasons: Counter[str]) -> tuple[list[Thing], list[Link]]:
    rows = _table(files["statements"], ("canonical_id", "prop", "schema", "value"))
    by_id: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_id.setdefault(row["canonical_id"], []).append(row)
    things, links = [], []
    for key, statements in by_id.items():
        schema = next((ends for row in statements if (ends := row["schema"]) in _ENDS), "")
        if schema:
            links.extend(_statement_links(schema, statements, reasons))
        else:
            things.append(_statement_thing(key, statements, reasons))
    return things, links


def _statement_links(schema: str, statements: list[dict[str, str]], reasons: Counter[str]) -> list[Link]:
    near, far = ([row["value"] for row in statements if row["prop"] == end] for end in _ENDS[schema])
    more, number = {}, int(statements[0]["#"])
    roles = [row["value"] for row in statements if row["prop"] == "role"]
    for row in statements:
        key = _LINK_KEYS.get(row["prop"])
        if row["prop"] in (*_ENDS[schema], "id", "role"):
            continue
        value = row["value"].rstrip("%") + "%" if key == "share" else row["value"]
        fits = re.fullmatch(r"[0-9]+(\.[0-9]+)?%", value) if key == "share" else _DATE.fullmatch(value)
        if key and fits and key not in more:
            more[key] = value
        else:
            reasons[f"statements: '{row['prop']}' of {schema}, which has no counterpart"] += 1
    if not near or not far:
        reasons[f"statements: {schema} without two ends"] += 1
    return [Link(a, b, [*roles, schema], number, dict(more)) for a in near for b in far]


def _statement_thing(key: str, statements: list[dict[str, str]], reasons: Counter[str]) -> Thing:
    schemas = Counter(row["schema"] for row in statements)
    thing = Thing(key, [schema for schema, _ in schemas.most_common()], wish=key)
    for row in statements:
        prop, value = row["prop"], row["value"]
        if prop == "name":
            _add_name(thing, value, _LANGUAGES.get(row.get("lang", ""), ""))
        elif prop in ("alias", "weakAlias", "previousName"):
            thing.aka.append(value)
        elif prop == "wikidataId" and not thing.same_as:
            thing.same_as = value
        elif prop == "notes" and not thing.note:
            thing.note = value
        elif prop != "id":
            reasons[f"statements: '{prop}', which is no identity but a fact, or has no counterpart"] += 1
    return thing


_READERS = {"kumu": _kumu, "kgx": _kgx, "opensanctions": _opensanctions}


def read_tables(files: Mapping[str, Path], tool: str, reasons: Counter[str]) -> tuple[list[Thing], list[Link]]:
    """Return the things and links in a tool's tables; count in ``reasons`` what has no counterpart.

    Raises ProjectError if the tables cannot be read or are of another kind.
    """
    return _READERS[tool](files, reasons)


def _add_name(thing: Thing, name: str, language: str = "") -> None:
    """Add a name under its language, by default guessed from its letters. A second name of a language is an alias."""
    if not name:
        return
    language = language or _script(name)
    if thing.names.setdefault(language, name) != name and name not in thing.aka:
        thing.aka.append(name)


def _script(name: str) -> str:
    letters = [unicodedata.name(character, "").partition(" ")[0] for character in name if character.isalpha()]
    if "CJK" in letters:
        return "zh"
    return "en" if all(letter == "LATIN" for letter in letters) else "und"
