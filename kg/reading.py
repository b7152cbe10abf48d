"""Read a project's files into rows of text, each cell with its file, line and column. Nothing is interpreted here.

In: ``kg.yaml``, ``entities.yaml|csv|jsonl``, ``sources.csv|jsonl``, ``claims/*.yaml|csv|jsonl|xlsx``, workbooks
(``*.xlsx``) with sheets of these names, ``ontology/*.ttl``. Out: ``Records``.
Every scalar is a string. YAML comes from libyaml's events, so that no value is guessed at and every key has a place;
CSV from a strict reader of our own, because no library gives the column of a field (docs/decisions/0004-reading.md).
"""

from __future__ import annotations

import codecs
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from kg.cells import plain_cell
from kg.errors import Location, Problem, ProjectError, Severity
from kg.ontology import nearest
from kg.sheets import MAX_COLUMN, Sheet, SheetCell, WorkbookError, read_workbook, reference

SETTINGS = "kg.yaml"
CLAIM_PARTS = ("source", "defaults", "claims")
MAX_DEPTH = 64
MAX_BYTES = 50_000_000
MAX_TEXT = 1_000
MAX_FIELD = 65_536
MAX_INVISIBLE = 20
MAX_KEY = 1_024


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of one value, and where the value and its key stand."""

    text: str
    place: Location
    key_place: Location


@dataclass(frozen=True, slots=True)
class Row:
    """One flat record: key to cell. An absent key has no cell; a faulty one was reported and is not missed."""

    place: Location
    cells: Mapping[str, Cell]
    faulty: frozenset[str] = frozenset()

    def text(self, key: str) -> str:
        """Return the text under a key, or nothing."""
        cell = self.cells.get(key)
        return cell.text if cell else ""

    def where(self, key: str) -> Location:
        """Return the place of a key's value, or that of the row."""
        cell = self.cells.get(key)
        return cell.place if cell else self.place


@dataclass
class Records:
    """Everything read from a project, and what was wrong with reading it."""

    settings: Row
    entities: list[Row] = field(default_factory=list)
    sources: list[Row] = field(default_factory=list)
    defaults: list[Row] = field(default_factory=list)
    claims: list[Row] = field(default_factory=list)
    ontology: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)  # files that were not read, or not all of them
    instead: Mapping[str, str] = field(default_factory=dict)  # texts that stand for those of files, by name

    def report(self, place: Location, code: str, message: str, hint: str = "", severity: Severity = "error") -> None:
        """Add a problem."""
        self.problems.append(Problem(place, severity, code, message, hint))


class Fault(Exception):  # noqa: N818 - it is no error of ours but of the file
    """A file cannot be read further: the problem that says why."""

    def __init__(self, place: Location, code: str, message: str, hint: str = "") -> None:
        """Keep the problem."""
        super().__init__(message)
        self.problem = Problem(place, "error", code, message, hint)


Reader = Callable[["Records", str, str], None]

# ---------------------------------------------------------------- the folder


def read_records(folder: Path, instead: Mapping[str, str] | None = None) -> Records:
    """Read every file of a project, some with other texts than they hold (by name).

    Raises ProjectError where the folder holds no ``kg.yaml``.
    """
    if not (folder / SETTINGS).is_file():
        raise ProjectError(f"no {SETTINGS} in {folder}; `kg new DIR` makes a project to start from")
    records = Records(Row(Location(SETTINGS), {}), instead=instead or {})
    _read_frame(records, folder)
    for name, reader in _TABLES.items():
        if (folder / name).exists():
            _guarded(records, folder, name, reader)
    for path in sorted(folder.glob("*.xlsx")):
        if not path.name.startswith((".", "~")):
            _guarded_workbook(records, folder, path.name)
    readers = {".yaml": _read_claims_yaml, ".yml": _read_claims_yaml, ".csv": _read_claims_csv}
    readers[".jsonl"] = _read_claims_jsonl
    for path in _files(folder / "claims"):
        name = path.relative_to(folder).as_posix()
        if path.suffix.lower() in readers:
            _guarded(records, folder, name, readers[path.suffix.lower()])
        elif path.suffix.lower() == ".xlsx":
            _guarded_workbook(records, folder, name)
        else:
            hint = "claims stand in .yaml, .csv, .jsonl or .xlsx"
            records.report(Location(name), "KG014", "the file is not read", hint, severity="info")
    if not records.claims and not any(problem.severity == "error" for problem in records.problems):
        records.report(
            Location("claims"), "KG011", "the project holds no claims", "write the first into claims/NAME.yaml"
        )
    return records


def read_frame(folder: Path) -> Records:
    """Read what stands around the rows: the settings and the project's own ontology."""
    records = Records(Row(Location(SETTINGS), {}))
    _read_frame(records, folder)
    return records


def _read_frame(records: Records, folder: Path) -> None:
    _guarded(records, folder, SETTINGS, _read_settings)
    for path in _files(folder / "ontology"):
        if path.suffix == ".ttl":
            _guarded(records, folder, path.relative_to(folder).as_posix(), _read_turtle)


def read_yaml(name: str, text: str) -> Records:
    """Read the text of one YAML file of a project by itself: settings, entities, or claims."""
    records = Records(Row(Location(SETTINGS), {}), instead={name: text})
    reader = _read_settings if name == SETTINGS else _read_claims_yaml if "/" in name else _read_entities_yaml
    _guarded(records, Path(), name, reader)
    return records


def text_of(records: Records, folder: Path, name: str) -> str:
    """Return the text of a file of a project, decoded as the settings say. Raises Fault."""
    return _text_of(records, folder, name)


def read_table(folder: Path, name: str, needed: str) -> tuple[list[Row], list[Problem]]:
    """Read a table beside the claims, such as one that a command keeps; one that is not there has no rows."""
    records, rows = Records(Row(Location(name), {})), list[Row]()
    if (folder / name).exists():
        _guarded(records, folder, name, lambda records, name, text: rows.extend(_csv_rows(records, name, text, needed)))
    return rows, records.problems


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith((".", "~")))


def _guarded(records: Records, folder: Path, name: str, reader: Reader) -> None:
    """Read one file; what stops the reading of it becomes a problem, and the other files are read all the same."""
    try:
        reader(records, name, _text_of(records, folder, name))
    except Fault as fault:
        records.problems.append(fault.problem)
        records.unread.add(name)


def _text_of(records: Records, folder: Path, name: str) -> str:
    if name in records.instead:
        return records.instead[name]
    text = _decode(_content_of(folder, name), name, records.settings)
    _refuse_invisible(records, text, name)
    return text


def _content_of(folder: Path, name: str) -> bytes:
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise Fault(Location(name), "KG001", "the file lies outside the project; a link must not leave it")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Fault(Location(name), "KG001", f"cannot be read: {error.strerror}") from None
    if len(content) > MAX_BYTES:
        raise Fault(Location(name), "KG001", f"larger than {MAX_BYTES // 1_000_000} MB; split it")
    return content


def _decode(content: bytes, name: str, settings: Row) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Fault(Location(name, 1, 1), "KG001", "not UTF-8 but UTF-16", "save it as UTF-8")
    named = settings.text("encoding") or "utf-8"
    try:
        codec = codecs.lookup(named).name
        mark = codecs.BOM_UTF8 if codec == "utf-8" and content.startswith(codecs.BOM_UTF8) else b""
        content = content.removeprefix(mark)
        return content.decode(codec)
    except UnicodeDecodeError as error:
        place = _place_at(content[: error.start].decode(codec, "replace"), name, None)
        hint = "save it as UTF-8, or name the encoding in kg.yaml, such as encoding: gb18030"
        message = f"not {named.upper()} at byte {len(mark) + error.start + 1}"
        raise Fault(place, "KG001", message, hint) from None
    except (LookupError, UnicodeError):
        hint = "write utf-8, gb18030, big5, latin-1 …"
        raise Fault(settings.where("encoding"), "KG001", f"unknown encoding '{named}'", hint) from None


_NEWLINE = re.compile(r"\r\n|\n|\r")


def _place_at(text: str, name: str, position: int | None) -> Location:
    """Return the place of a position in a text, or of its end; lines are counted as editors count them."""
    before = text if position is None else text[:position]
    ends = [newline.end() for newline in _NEWLINE.finditer(before)]
    return Location(name, len(ends) + 1, len(before) - (ends[-1] if ends else 0) + 1)


# Controls, other line breaks, and marks that turn the direction of writing: nobody sees them, and texts are not what
# they seem. Spaces of no width are let be, for some scripts want them; in an id or a word they are told.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)


def _refuse_invisible(records: Records, text: str, name: str) -> None:
    faults = [
        Fault(
            _place_at(text, name, found.start()), "KG010", f"the invisible character U+{ord(found[0]):04X}", "delete it"
        )
        for found in islice(_INVISIBLE.finditer(text), MAX_INVISIBLE)
    ]
    if faults:
        records.problems.extend(fault.problem for fault in faults[:-1])
        raise faults[-1]


def _cell(records: Records, text: str, place: Location, key_place: Location) -> Cell | None:
    """Return a cell with its text NFC-normalised and trimmed, or report one that is too long."""
    if len(text) > MAX_TEXT:
        message = f"a text of {len(text):,} characters, where {MAX_TEXT:,} are the most"
        records.report(place, "KG012", message, "a row holds a fact, not a passage")
        return None
    if hidden := _INVISIBLE.search(text):  # written as an escape: the file itself has been searched
        records.report(place, "KG010", f"the invisible character U+{ord(hidden[0]):04X}", "delete it")
        return None
    return Cell(unicodedata.normalize("NFC", text.strip()), place, key_place)


def make_row(records: Records, texts: Mapping[str, str], place: Location) -> Row:
    """Return a row of texts that stand in no file, each looked at like the text of a cell."""
    cells = {key: cell for key, text in texts.items() if (cell := _cell(records, text, place, place))}
    return Row(place, cells, frozenset(texts.keys() - cells.keys()))


# ---------------------------------------------------------------- YAML


@dataclass(slots=True)
class Node:
    """A YAML node with its place: a scalar's text, a mapping's pairs or a sequence's members."""

    place: Location
    text: str | None = None
    pairs: list[tuple[Node, Node]] | None = None
    members: list[Node] | None = None
    plain: bool = False
    end: tuple[int, int] = (0, 0)


def compose(text: str, name: str) -> Node | None:
    """Return the one document of a YAML text as nodes, or None where it is empty. Raises Fault."""
    import yaml

    stack: list[Node] = []
    root: Node | None = None
    try:
        for event in yaml.parse(text, Loader=yaml.CBaseLoader):
            mark: Any = event.start_mark  # libyaml always sets it
            place = Location(name, mark.line + 1, mark.column + 1)
            _refuse_machinery(event, place, len(stack))
            if isinstance(event, yaml.CollectionEndEvent):
                end: Any = event.end_mark
                stack.pop().end = (end.line, end.column)
                continue
            if isinstance(event, yaml.DocumentStartEvent) and root is not None:
                raise Fault(place, "KG003", "a second document in one file", "one file holds one source")
            node = _node(event, place)
            if node is None:
                continue
            if stack:
                _attach(stack[-1], node)
            else:
                root = node
            if node.text is None:
                stack.append(node)
    except yaml.YAMLError as error:
        raise _yaml_fault(error, text, name) from None
    return root


def _node(event: object, place: Location) -> Node | None:
    import yaml

    if isinstance(event, yaml.ScalarEvent):
        mark: Any = event.end_mark  # libyaml always sets it
        return Node(place, text=event.value, plain=not event.style, end=(mark.line, mark.column))
    if isinstance(event, yaml.MappingStartEvent):
        return Node(place, pairs=[])
    if isinstance(event, yaml.SequenceStartEvent):
        return Node(place, members=[])
    return None


def _attach(parent: Node, child: Node) -> None:
    """Add a child; in a mapping, keys and values come in turn, a waiting key being paired with itself."""
    if parent.members is not None:
        parent.members.append(child)
    elif parent.pairs is not None:
        if parent.pairs and parent.pairs[-1][0] is parent.pairs[-1][1]:
            parent.pairs[-1] = (parent.pairs[-1][0], child)
        else:
            parent.pairs.append((child, child))


def _refuse_machinery(event: object, place: Location, depth: int) -> None:
    """Refuse what YAML offers beyond plain data: aliases, anchors, tags, merge keys, absurd depth."""
    import yaml

    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise Fault(
            place, "KG003", "anchors and aliases (& and *) are not used here", "write the value out, or quote it"
        )
    if getattr(event, "tag", None) is not None:
        raise Fault(place, "KG003", f"tags such as '{event.tag}' are not used here", "quote the value if it is text")  # type: ignore[attr-defined]
    if depth >= MAX_DEPTH:
        raise Fault(place, "KG003", f"nested deeper than {MAX_DEPTH} levels")


# What libyaml says, and what a person would say of it; {} is the character at the place.
_YAML_WORDS = {
    "mapping values are not allowed in this context": "a colon stands where none can",
    "found character that cannot start any token": "a value cannot begin with {}",
    "could not find expected ':'": "a line without 'key: value'",
    "did not find expected alphabetic or numeric character": "a value cannot begin with & or *",
    "did not find expected '-' indicator": "neither a row, which begins with '- ', nor at the depth of one",
    "did not find expected key": "neither a key nor at the depth of one",
    "did not find expected <document start>": "the text goes on after its end",
    "block sequence entries are not allowed in this context": "a row begins where none can",
}
_YAML_HINTS = (
    (re.compile(r"[:,{]\s*[><]=?\s*[0-9]"), "write comparators as words: over 1000, under 4 s"),
    (re.compile(r"^\s*-\s+[\w-]+:[^,{]*,\s*[\w-]+:\s"), "put the row in braces: - {…}"),
    (re.compile(r"[:,{]\s*[%@`|]"), "quote a value that begins with % @ | or `"),
    (re.compile(r"[:,{]\s*[&*]"), "quote a value that begins with & or *"),
    (re.compile(r"^\s*\t"), "indent with spaces, not tabs"),
    (re.compile(r":\s+[^,{}\"']*:\s"), "quote a value that holds ': '"),
)
_CONFLICT = re.compile(r"(<<<<<<<|=======|>>>>>>>)( |$)")
_FULL_WIDTH = re.compile("[^\\s,:{}\\[\\]]*[\uff0c\uff1a]")
_COMMENT = re.compile(r"""^(?:[^"'#]|"[^"]*"|'[^']*'|(?<!\s)[#'"])*?\s(?P<cut>\#.*)""")


def _yaml_fault(error: Exception, text: str, name: str) -> Fault:
    """Say what libyaml found, at the place where the curator has to look."""
    mark, said = getattr(error, "problem_mark", None), str(getattr(error, "problem", ""))
    if mark is None:
        return Fault(Location(name), "KG002", f"not YAML: {error}")
    lines, begin = _NEWLINE.split(text), getattr(error, "context_mark", None) or mark
    in_braces, in_quotes = "',' or" in said, "end of stream" in said
    lines_between = range(begin.line, mark.line) if in_braces else range(0)
    if better := _known_trap(lines, lines_between, mark, said):
        line, column, words, hint = better
        return Fault(Location(name, line + 1, column + 1), "KG002", f"not YAML: {words}", hint)
    if in_quotes or (in_braces and mark.line > begin.line):
        opened = "a quote" if in_quotes else "a brace or bracket"
        place = Location(name, begin.line + 1, begin.column + 1)
        return Fault(place, "KG002", f"not YAML: {opened} is opened here and never closed", "close it")
    if in_braces:
        said = "a comma or a closing brace is missing"
    line = lines[min(mark.line, len(lines) - 1)]
    words = _YAML_WORDS.get(said, said).format(f"'{line[mark.column : mark.column + 1]}'")
    hint = next((hint for pattern, hint in _YAML_HINTS if pattern.search(line)), "")
    return Fault(Location(name, mark.line + 1, mark.column + 1), "KG002", f"not YAML: {words}", hint)


def _known_trap(lines: list[str], between: range, mark: Any, said: str) -> tuple[int, int, str, str] | None:  # noqa: ANN401 - libyaml's
    """Return line, column, what is wrong and what to do, where libyaml stumbles later than the mistake."""
    for number, line in enumerate(lines):
        if _CONFLICT.match(line):
            hint = "settle it, and delete the lines with <<<<<<<, ======= and >>>>>>>"
            return number, 0, "a merge conflict of git", hint
    for number in between:
        if comment := _COMMENT.match(lines[number]):
            words = "' #' begins a comment, and the brace before it is never closed"
            return number, comment.start("cut"), words, "quote the value that holds the '#'"
    line = lines[min(mark.line, len(lines) - 1)]
    if found := _FULL_WIDTH.search(line, 0, mark.column):
        hint = "write a plain comma or colon and a space, or quote the value"
        return mark.line, found.start(), f"'{found[0][-1]}' is a full-width mark, and part of the value", hint
    if mark.column > MAX_KEY and "mapping values" in said:
        begin = len(line) - len(line.lstrip())
        return mark.line, begin, f"a key longer than {MAX_KEY:,} characters", "a key is a short word"
    return None


_CLAIM_ROW = re.compile(r"\s*-\s")
_ENTITY_ROW = re.compile(r"[\w-]+:\s*\{")


def _compose_rows(records: Records, text: str, name: str, row: re.Pattern[str]) -> Node | None:
    """Compose a file of rows; those that are no YAML are reported, and the others are read all the same."""
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
    """Return the text with the rows blanked that are no YAML each for itself, and why they are none."""
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
    """Yield the pairs of a mapping, reporting what is none and every key that stands twice."""
    if node.pairs is None:
        hint = "the colon is full-width; write a plain one and a space: ': '" if "\uff1a" in (node.text or "") else ""
        raise Fault(node.place, "KG005", f"{what} must be a map of keys and values", hint)
    seen: dict[str, Location] = {}
    for key, value in node.pairs:
        if key.text is None:
            records.report(key.place, "KG005", "a key must be a plain word")
        elif key.text == "<<":
            raise Fault(key.place, "KG003", "merge keys (<<) are not used here", "write the values out")
        elif hidden := _INVISIBLE.search(key.text):
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
    """Make a flat row of a mapping, reporting every value that is not text."""
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


def _value(records: Records, name: str, key: Node, value: Node, lines: list[str]) -> Cell | None:
    """Return the cell of a value, or report one that is missing or no text."""
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
    return _cell(records, value.text, value.place, key.place)


def _has_colon(key: Node, lines: list[str]) -> bool:
    """Tell whether a colon follows the key; without one, the key is a piece of text that a comma cut off."""
    line, column = key.end
    return line >= len(lines) or lines[line][column:].lstrip().startswith(":")


def _report_pieces(records: Records, owner: Cell | None, name: str, pieces: list[Node]) -> None:
    """Report once what commas have cut off a value."""
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
    """Warn where a comment follows a bare value without a space after '#': the text was likely meant."""
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


def _read_settings(records: Records, name: str, text: str) -> None:
    node = compose(text, name)
    if node is None:
        raise Fault(Location(name, 1, 1), "KG011", "the file is empty", "write at least title and base")
    records.settings = _row(records, node, SETTINGS, _NEWLINE.split(text))


def _read_entities_yaml(records: Records, name: str, text: str) -> None:
    node, lines = _compose_rows(records, text, name, _ENTITY_ROW), _NEWLINE.split(text)
    if node is None and name not in records.unread:
        raise Fault(Location(name, 1, 1), "KG011", "the file holds no entities", "a line each: id: {type: …, en: …}")
    pairs = _pairs(records, node, name, "is one of the two too many?") if node else ()
    for key, value in pairs:
        about = {"id": Cell(unicodedata.normalize("NFC", key.text or ""), key.place, key.place)}
        if value.pairs is None:
            hint = "such as {type: …, en: …}"
            records.report(value.place, "KG005", f"'{key.text}' must be followed by a map", hint)
            records.entities.append(Row(key.place, about, frozenset({"type"})))
            continue
        row = _row(records, value, "an entity", lines)
        if "id" in row.cells:
            place, message = row.cells["id"].key_place, "unknown key 'id'"
            records.report(place, "KG101", message, "the id stands before the colon that opens the line")
        records.entities.append(Row(key.place, {**row.cells, **about}, row.faulty))


def _read_claims_yaml(records: Records, name: str, text: str) -> None:
    node, lines = _compose_rows(records, text, name, _CLAIM_ROW), _NEWLINE.split(text)
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
        row = _row(records, member, "a claim", lines)
        if "source" in row.cells:
            hint = "the source of a row is that of its file"
            records.report(row.cells["source"].key_place, "KG101", "unknown key 'source'", hint)
        records.claims.append(Row(row.place, {**defaults, **row.cells, **about_source}, row.faulty))


def _check_unknown(records: Records, node: Node) -> None:
    """Report keys that stand twice below a key that is not known: the rest of it is not read."""
    for member in node.members or ():
        _check_unknown(records, member)
    for _, value in _pairs(records, node, "") if node.pairs else ():
        _check_unknown(records, value)


def _defaults(records: Records, node: Node, lines: list[str]) -> Mapping[str, Cell]:
    defaults = _row(records, node, "'defaults'", lines)
    records.defaults.append(defaults)
    return defaults.cells


def _claim_rows(records: Records, name: str, node: Node, claims: tuple[Node, Node] | None) -> Iterator[Node]:
    """Yield the rows under ``claims``, reporting what is none."""
    rows = claims[1] if claims else None
    if rows is None or (rows.members is None and rows.text == ""):
        if name not in records.unread:
            hint = "claims: is a list of rows, each beginning with '- '"
            raise Fault(claims[0].place if claims else node.place, "KG011", "the file holds no claims", hint)
        return
    if not rows.members:
        raise Fault(rows.place, "KG005", "'claims' must be a list of rows", "each row begins with '- '")
    for member in rows.members:
        if member.pairs is None:
            hint = "such as - {agent: …, role: …, target: …}"
            records.report(member.place, "KG005", "a claim must be a map of keys and values", hint)
        else:
            yield member


def _read_turtle(records: Records, name: str, text: str) -> None:
    records.ontology[name] = text


# ---------------------------------------------------------------- CSV

# Possessive, so that a quote which is never closed costs no more than reading to the end.
_FIELD = re.compile(r'"(?P<quoted>(?:[^"]++|"")*+)"|(?P<bare>[^,\r\n]*)')


def parse_csv(text: str, name: str) -> Iterator[list[Cell]]:
    """Yield the records of a CSV text, blank lines left out, each field with its physical place. Raises Fault."""
    line, start, position, fields = 1, 0, 0, []
    while True:
        place = Location(name, line, position - start + 1)
        match = _FIELD.match(text, position)
        if match is None or (match["quoted"] is None and text.startswith('"', position)):
            hint = 'close it; a quote inside a quoted field is doubled: ""'
            raise Fault(place, "KG007", "a quote is opened here and never closed", hint)
        fields.append(Cell(_field_text(match, place), place, place))
        for newline in _NEWLINE.finditer(text, position, match.end()):
            line, start = line + 1, newline.end()
        position = match.end()
        if text.startswith(",", position):
            position += 1
            continue
        end = _NEWLINE.match(text, position)
        if end is None and position < len(text):
            place = Location(name, line, position - start + 1)
            raise Fault(place, "KG007", "text after a closing quote", 'a quote inside a quoted field is doubled: ""')
        if fields != [fields[0]] or match.group():
            yield fields
        if end is None or end.end() >= len(text):
            return
        line, start, position, fields = line + 1, end.end(), end.end(), []


def _field_text(match: re.Match[str], place: Location) -> str:
    if match.end() - match.start() > MAX_FIELD:
        raise Fault(
            place, "KG012", f"a field longer than {MAX_FIELD:,} characters", "a row holds a fact, not a passage"
        )
    if match["quoted"] is not None:
        return match["quoted"].replace('""', '"')
    if '"' in match["bare"]:
        at_quote = replace(place, column=place.column + match["bare"].index('"'))
        raise Fault(at_quote, "KG007", "a quote inside an unquoted field", 'quote the whole field and double it: ""')
    return match["bare"]


def _csv_rows(records: Records, name: str, text: str, needed: str) -> Iterator[Row]:
    """Yield the rows of a table by its header, reporting every record of another length; empty rows are none."""
    table = parse_csv(text, name)
    header = next(table, None)
    if header is None:
        raise Fault(Location(name, 1, 1), "KG011", "the file is empty", "the first line names the columns")
    names = _header(records, header, needed)
    count = 0
    for fields in table:
        count += 1
        if len(fields) != len(names):
            wrong = fields[len(names)].place if len(fields) > len(names) else fields[0].place
            message = f"{_count(len(fields), 'field')} where the header has {len(names)}"
            records.report(wrong, "KG008", message, _length_hint(fields, len(names)))
        elif any(cell.text.strip() for cell in fields):
            yield _csv_row(records, names, header, fields)
    if not count:
        records.report(Location(name, 1, 1), "KG011", "0 rows: the file holds a header only", "a row below it")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _length_hint(fields: list[Cell], wanted: int) -> str:
    if any(mark in cell.text for cell in fields for mark in "\u201c\u201d"):
        return 'typographic quotes do not quote; write plain ones: "'
    if len(fields) > wanted:
        return "quote a field that holds a comma"
    return "an empty field still needs its comma"


_SEPARATORS = {";": "a semicolon", "\t": "a tab", "|": "a bar"}


def _header(records: Records, header: list[Cell], needed: str) -> list[str]:
    names = [unicodedata.normalize("NFC", cell.text.strip()) for cell in header]
    if needed not in names:
        first, near = header[0].text, nearest(needed, names)
        separator = next((words for mark, words in _SEPARATORS.items() if mark in first), "")
        hint = "the first line names the columns"
        if first.lower().startswith("sep="):
            hint = "delete the line 'sep='; the first line names the columns"
        elif separator:
            hint = f"the separator is {separator}; it must be a comma"
        elif near:
            hint = f"did you mean '{needed}' by '{near}'?"
        raise Fault(header[0].place, "KG009", f"no column '{needed}' in the header", hint)
    for index, name in enumerate(names):
        if name in names[:index]:
            records.report(header[index].place, "KG009", f"the column '{name}' stands twice", "two values are two rows")
        if not name:
            records.report(header[index].place, "KG009", "a column without a name", "name it, or delete the column")
    return names


def _csv_row(records: Records, names: list[str], header: list[Cell], fields: list[Cell]) -> Row:
    """Make a row of a record; of a column that stands twice, the first counts."""
    cells: dict[str, Cell] = {}
    faulty = {name for name in names if names.count(name) > 1}
    for name, top, field_ in zip(names, header, fields, strict=True):
        if name and name not in cells and field_.text.strip():
            cell = _cell(records, plain_cell(field_.text.strip()), field_.place, top.place)
            if cell is None:
                faulty.add(name)
            else:
                cells[name] = cell
    return Row(fields[0].place, cells, frozenset(faulty))


def _read_entities_csv(records: Records, name: str, text: str) -> None:
    records.entities.extend(_with_id(records, _csv_rows(records, name, text, "id")))


def _read_sources_csv(records: Records, name: str, text: str) -> None:
    records.sources.extend(_csv_rows(records, name, text, "id"))


def _read_claims_csv(records: Records, name: str, text: str) -> None:
    records.claims.extend(_csv_rows(records, name, text, "source"))


# ---------------------------------------------------------------- workbooks


def _guarded_workbook(records: Records, folder: Path, name: str) -> None:
    """Read one workbook; what stops the reading of it becomes a problem."""
    try:
        _read_workbook(records, name, _content_of(folder, name))
    except Fault as fault:
        records.problems.append(fault.problem)
        records.unread.add(name)


def read_workbook_alone(content: bytes, name: str) -> Records:
    """Return what a workbook holds that stands for a whole project: its settings have a sheet too."""
    records = Records(Row(Location(name), {}))
    settings: list[Row] = []
    try:
        _read_workbook(records, name, content, settings)
    except Fault as fault:
        records.problems.append(fault.problem)
    records.settings = settings[0] if settings else records.settings
    return records


def _read_workbook(records: Records, name: str, content: bytes, settings: list[Row] | None = None) -> None:
    """Read the sheets that bear the names of tables; the settings stand in ``kg.yaml``, where there is one."""
    tables = {
        "claims": ("source", records.claims),
        "entities": ("id", records.entities),
        "sources": ("id", records.sources),
    }
    found, at = [], ""
    try:
        for sheet in read_workbook(content):
            at, word = sheet.name, sheet.name.strip().casefold()
            found.append(word)
            if word in tables:
                needed, rows = tables[word]
                made = _sheet_rows(records, name, sheet, needed)
                rows.extend(_with_id(records, made) if word == "entities" else made)
            elif word != "settings":
                hint = f"sheets that are read: {', '.join(tables)}"
                records.report(Location(name, cell=at), "KG014", "the sheet is not read", hint, "info")
            elif settings is not None:
                settings.extend(_sheet_rows(records, name, sheet, "base"))
    except WorkbookError as error:
        place = _sheet_place(name, at, error.cell) if error.cell else Location(name, cell=at)
        raise Fault(place, "KG001", error.message, error.hint) from None
    if tables.keys().isdisjoint(found):
        near = next((near for word in found if (near := nearest(word, tables))), "")
        hint = f"did you mean '{near}'?" if near else "name the sheets so; the first row names the columns"
        raise Fault(Location(name), "KG009", "no sheet 'claims', 'entities' or 'sources'", hint)


def _sheet_place(name: str, sheet: str, reference: str, row: int = 0, column: int = 0) -> Location:
    return Location(name, row, column, f"{sheet}!{reference}")


def _sheet_rows(records: Records, name: str, sheet: Sheet, needed: str) -> Iterator[Row]:
    """Yield the rows of a sheet by its header, its first row; then tell what is hidden in it, or merged."""

    def place(cell: SheetCell) -> Location:
        return _sheet_place(name, sheet.name, cell.reference, cell.row, cell.column)

    header = next(sheet.rows, None)
    if header is None:
        raise Fault(Location(name, cell=sheet.name), "KG011", "the sheet is empty", "the first row names the columns")
    tops = [Cell(cell.text, place(cell), place(cell)) for cell in header]
    for cell in header:
        _report_fault(records, place(cell), cell)
    names = dict(zip((c.column for c in header), _header(records, tops, needed), strict=True))
    columns = dict(zip(names, tops, strict=True))
    count = 0
    for row in sheet.rows:
        count += 1
        faulty = {names.get(cell.column, "") for cell in row if _report_fault(records, place(cell), cell)}
        for cell in row:
            if cell.column not in names:
                hint = "name its column in the first row, or empty the cell"
                records.report(place(cell), "KG008", "a value in a column without a name", hint)
        cells = [cell for cell in row if cell.column in names]
        if cells:
            fields = [Cell(cell.text, place(cell), place(cell)) for cell in cells]
            made = _csv_row(records, [names[c.column] for c in cells], [columns[c.column] for c in cells], fields)
            begin = place(SheetCell(cells[0].row, header[0].column, ""))
            yield replace(made, place=begin, faulty=made.faulty | faulty - {""})
    if not count:
        records.report(place(header[0]), "KG011", "0 rows: the sheet holds a header only", "a row below it")
    _tell_of_sheet(records, name, sheet)


def _report_fault(records: Records, place: Location, cell: SheetCell) -> bool:
    if cell.fault:
        records.report(place, "KG006", *cell.fault)
    return cell.fault is not None


def _tell_of_sheet(records: Records, name: str, sheet: Sheet) -> None:
    """Refuse merged cells, and warn of what is hidden: it is read, and nobody sees it."""
    for area in sheet.merged:
        place = _sheet_place(name, sheet.name, area.partition(":")[0])
        records.report(place, "KG005", f"the cells {area} are merged", "a cell is one value of one row; unmerge them")
    hidden = [("the sheet", Location(name, cell=sheet.name))] if sheet.hidden else []
    for first, last in _runs(sheet.hidden_rows):
        words = f"row {first}" if first == last else f"rows {first} to {last}"
        hidden.append((words, _sheet_place(name, sheet.name, f"A{first}", first, 1)))
    for begin, end in sheet.hidden_columns:
        left, right = reference(1, begin), reference(1, min(end, MAX_COLUMN))
        words = f"column {left[:-1]}" if begin == end else f"columns {left[:-1]} to {right[:-1]}"
        hidden.append((words, _sheet_place(name, sheet.name, left, 1, begin)))
    for words, place in hidden:
        verb = "is" if " to " not in words else "are"
        message = f"{words} {verb} hidden, and read all the same"
        records.report(place, "KG014", message, "show what is meant, delete what is not", "warning")


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    """Return the runs of consecutive numbers, first and last."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


# ---------------------------------------------------------------- JSON Lines

_JSON = re.compile(
    r'\s*+(?:(?P<string>"(?:[^"\\]|\\.)*+")|(?P<number>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)'
    r"|(?P<word>[A-Za-z]++)|(?P<mark>[{}\[\]:,]))"
)
_OBJECT_HINT = 'a line is one object: {"key": "text", …}'


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


def _json_row(records: Records, line: str, name: str, number: int) -> Row:
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
    """Return the cell of a value, or report one that is missing or no text."""
    kind, text, place = token
    if kind in ("string", "number"):
        text = _json_text(text, place) if kind == "string" else text
        if text.strip():
            return _cell(records, text, place, key_place)
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
    """Pass over a list or a map to its end."""
    depth = 1
    for kind, text, _ in tokens:
        depth += (text in ("{", "[")) - (text in ("}", "]")) if kind == "mark" else 0
        if not depth:
            return
    raise Fault(place, "KG002", "not JSON: opened here and never closed", "close it")


def _jsonl_rows(records: Records, name: str, text: str) -> Iterator[Row]:
    """Yield the rows of a file; a line that is none is reported, and the others are read all the same."""
    count = 0
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        count += 1
        try:
            yield _json_row(records, line, name, number)
        except Fault as fault:
            records.problems.append(fault.problem)
            records.unread.add(name)
    if not count:
        raise Fault(Location(name, 1, 1), "KG011", "the file is empty", _OBJECT_HINT)


def _read_entities_jsonl(records: Records, name: str, text: str) -> None:
    records.entities.extend(_with_id(records, _jsonl_rows(records, name, text)))


def _read_sources_jsonl(records: Records, name: str, text: str) -> None:
    records.sources.extend(_jsonl_rows(records, name, text))


def _read_claims_jsonl(records: Records, name: str, text: str) -> None:
    records.claims.extend(_jsonl_rows(records, name, text))


def _with_id(records: Records, rows: Iterator[Row]) -> Iterator[Row]:
    """Yield rows, reporting those that name nobody."""
    for row in rows:
        if "id" not in row.cells and "id" not in row.faulty:
            records.report(row.place, "KG108", "'id' is missing", "a short word of small letters, digits and hyphens")
        yield row


_TABLES: Mapping[str, Reader] = {
    "entities.yaml": _read_entities_yaml,
    "entities.yml": _read_entities_yaml,
    "entities.csv": _read_entities_csv,
    "entities.jsonl": _read_entities_jsonl,
    "sources.csv": _read_sources_csv,
    "sources.jsonl": _read_sources_jsonl,
    "claims.csv": _read_claims_csv,
    "claims.jsonl": _read_claims_jsonl,
}
