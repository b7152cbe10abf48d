"""Read a project's files into rows of text, each cell with its file, line and column. Nothing is interpreted here.

In: ``kg.yaml``, ``entities.yaml|csv``, ``sources.csv``, ``claims/*.yaml|csv``, ``ontology/*.ttl``. Out: ``Records``.
Every scalar is a string. YAML comes from libyaml's events, so that no value is guessed at and every key has a place;
CSV from a strict reader of our own, because no library gives the column of a field (docs/decisions/0004-reading.md).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from kg.errors import Location, Problem, ProjectError, Severity

SETTINGS = "kg.yaml"
MAX_DEPTH = 64
MAX_BYTES = 50_000_000
MAX_TEXT = 1_000
MAX_FIELD = 65_536


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of one value, and where the value and its key stand."""

    text: str
    place: Location
    key_place: Location


@dataclass(frozen=True, slots=True)
class Row:
    """One flat record: key to cell. An absent key has no cell."""

    place: Location
    cells: Mapping[str, Cell]

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


def read_records(folder: Path) -> Records:
    """Read every file of a project. Raises ProjectError where the folder holds no ``kg.yaml``."""
    if not (folder / SETTINGS).is_file():
        raise ProjectError(f"no {SETTINGS} in {folder}; `kg new DIR` makes a project to start from")
    records = Records(Row(Location(SETTINGS), {}))
    _guarded(records, folder, SETTINGS, _read_settings)
    readers = {".yaml": _read_entities_yaml, ".yml": _read_entities_yaml, ".csv": _read_entities_csv}
    for name in ("entities.yaml", "entities.yml", "entities.csv"):
        if (folder / name).exists():
            _guarded(records, folder, name, readers[Path(name).suffix])
    if (folder / "sources.csv").exists():
        _guarded(records, folder, "sources.csv", _read_sources_csv)
    readers = {".yaml": _read_claims_yaml, ".yml": _read_claims_yaml, ".csv": _read_claims_csv}
    for path in _files(folder / "claims"):
        name = path.relative_to(folder).as_posix()
        if path.suffix.lower() in readers:
            _guarded(records, folder, name, readers[path.suffix.lower()])
        else:
            records.report(Location(name), "KG014", "not read: claims are .yaml or .csv", severity="info")
    for path in _files(folder / "ontology"):
        if path.suffix == ".ttl":
            _guarded(records, folder, path.relative_to(folder).as_posix(), _read_turtle)
    if not records.claims and not any(problem.severity == "error" for problem in records.problems):
        records.report(
            Location("claims"), "KG011", "the project holds no claims", "write the first into claims/NAME.yaml"
        )
    return records


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


def _text_of(records: Records, folder: Path, name: str) -> str:
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise Fault(Location(name), "KG001", "the file lies outside the project; a link must not leave it")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Fault(Location(name), "KG001", f"cannot be read: {error.strerror}") from None
    if len(content) > MAX_BYTES:
        raise Fault(Location(name), "KG001", f"larger than {MAX_BYTES // 1_000_000} MB; split it")
    text = _decode(content, name, records.settings.text("encoding") or "utf-8")
    _refuse_invisible(text, name)
    return text


def _decode(content: bytes, name: str, encoding: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Fault(Location(name, 1, 1), "KG001", "not UTF-8 but UTF-16", "save it as UTF-8")
    try:
        return content.decode("utf-8-sig" if encoding.lower().replace("-", "") == "utf8" else encoding)
    except LookupError:
        raise Fault(
            Location(SETTINGS), "KG001", f"unknown encoding '{encoding}'", "write utf-8, gb18030, big5, latin-1 …"
        ) from None
    except UnicodeDecodeError as error:
        before = content[: error.start].decode(encoding, "replace")
        place = Location(name, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        hint = "save it as UTF-8, or name the encoding in kg.yaml, such as encoding: gb18030"
        raise Fault(place, "KG001", f"not {encoding.upper()} at byte {error.start + 1}", hint) from None


_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]"
)


def _refuse_invisible(text: str, name: str) -> None:
    match = _INVISIBLE.search(text)
    if match:
        start = match.start()
        place = Location(name, text.count("\n", 0, start) + 1, start - (text.rfind("\n", 0, start) + 1) + 1)
        raise Fault(place, "KG010", f"the invisible character U+{ord(match.group()):04X}", "delete it")


def _clean(text: str, place: Location) -> str:
    """Return the text NFC-normalised and trimmed."""
    if len(text) > MAX_TEXT:
        raise Fault(place, "KG012", f"a text longer than {MAX_TEXT} characters", "a row holds a fact, not a passage")
    return unicodedata.normalize("NFC", text.strip())


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
            place = Location(name, event.start_mark.line + 1, event.start_mark.column + 1)
            _refuse_machinery(event, place, len(stack))
            if isinstance(event, yaml.CollectionEndEvent):
                stack.pop()
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
        end = (event.end_mark.line, event.end_mark.column)
        return Node(place, text=event.value, plain=not event.style, end=end)
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


_YAML_HINTS = (
    (re.compile(r"\{[^}]*?:\s*[><]=?\s*[0-9]"), "write comparators as words: over 1000, under 4 s"),
    (re.compile(r"^(<<<<<<<|=======|>>>>>>>)", re.MULTILINE), "this looks like a git merge conflict; settle it first"),
    (re.compile(r"\s#\S"), "' #' begins a comment; quote the value that holds it"),
    (re.compile(r"[:,]\s*[%@`]"), "quote a value that begins with % @ or `"),
    (re.compile(r"^\s*\t"), "indent with spaces, not tabs"),
    (re.compile(r":\s+[^,{}\"']*:\s"), "quote a value that holds ': '"),
    (re.compile("[\uff0c\uff1a]"), "a full-width comma or colon; YAML wants the plain ones"),
    (re.compile("^\\s*-?\\s*\xa0"), "indented with no-break spaces; use plain ones"),
)


def _yaml_fault(error: Exception, text: str, name: str) -> Fault:
    mark = getattr(error, "problem_mark", None)
    place = Location(name, mark.line + 1, mark.column + 1) if mark else Location(name)
    lines = text.splitlines()
    line = lines[min(mark.line, len(lines) - 1)] if mark and lines else ""
    hint = next((hint for pattern, hint in _YAML_HINTS if pattern.search(line)), "")
    return Fault(place, "KG002", f"not YAML: {getattr(error, 'problem', None) or error}", hint)


def _pairs(records: Records, node: Node | None, what: str, place: Location) -> Iterator[tuple[Node, Node]]:
    """Yield the pairs of a mapping, reporting what is none and every key that stands twice."""
    if node is None or node.pairs is None:
        raise Fault(node.place if node else place, "KG005", f"{what} must be a map of keys and values")
    seen: dict[str, Location] = {}
    for key, value in node.pairs:
        if key.text is None:
            records.report(key.place, "KG005", "a key must be a plain word")
        elif key.text == "<<":
            raise Fault(key.place, "KG003", "merge keys (<<) are not used here", "write the values out")
        elif key.text in seen:
            records.report(
                key.place,
                "KG004",
                f"'{key.text}' stands twice (first at line {seen[key.text].line})",
                "two values are two rows",
            )
        else:
            seen[key.text] = key.place
            yield key, value


def _row(records: Records, node: Node, what: str, lines: list[str]) -> Row:
    """Make a flat row of a mapping, reporting every value that is not text."""
    cells: dict[str, Cell] = {}
    before = ""
    for key, value in _pairs(records, node, what, node.place):
        name = unicodedata.normalize("NFC", key.text or "")
        if value.text is None:
            hint = "two values are two rows" if value.members is not None else "a row is flat"
            records.report(
                value.place, "KG005", f"'{name}' holds a {'list' if value.members is not None else 'map'}", hint
            )
        elif value.text == "" and value.plain:
            records.report(key.place, "KG006", f"'{name}' has no value", _comma_hint(name, before))
        else:
            _warn_of_cut(records, value, lines)
            cells[name] = Cell(_clean(value.text, value.place), value.place, key.place)
        before = name
    return Row(node.place, cells)


def _comma_hint(name: str, before: str) -> str:
    if before and not re.fullmatch(r"[a-z][a-z-]*", name):
        return f"did a comma end the value of '{before}'? Quote it"
    return "write a value, or leave the key out"


def _warn_of_cut(records: Records, value: Node, lines: list[str]) -> None:
    """Warn where a comment follows a bare value without a space after '#': the text was likely meant."""
    line, column = value.end
    rest = lines[line][column:] if value.plain and line < len(lines) else ""
    if match := re.match(r"\s+(#[^\s#].*)", rest):
        records.report(
            replace(value.place, column=column + 1),
            "KG013",
            f"the text after ' #' is a comment: {match[1][:40]}",
            "quote the value if it belongs to it",
            "warning",
        )


def _read_settings(records: Records, name: str, text: str) -> None:
    node = compose(text, name)
    if node is None:
        raise Fault(Location(name, 1, 1), "KG011", "the file is empty", "write at least title and base")
    records.settings = _row(records, node, "kg.yaml", text.splitlines())


def _read_entities_yaml(records: Records, name: str, text: str) -> None:
    node, lines = compose(text, name), text.splitlines()
    if node is None:
        raise Fault(Location(name, 1, 1), "KG011", "the file holds no entities")
    for key, value in _pairs(records, node, "entities.yaml", node.place):
        if value.pairs is None:
            records.report(value.place, "KG005", f"'{key.text}' must be followed by a map", "such as {type: …, en: …}")
            continue
        row = _row(records, value, "an entity", lines)
        records.entities.append(Row(key.place, {"id": Cell(key.text or "", key.place, key.place), **row.cells}))


def _read_claims_yaml(records: Records, name: str, text: str) -> None:
    node, lines = compose(text, name), text.splitlines()
    if node is None:
        raise Fault(Location(name, 1, 1), "KG011", "the file holds no claims", "it needs source: and claims:")
    parts = {key.text or "": (key, value) for key, value in _pairs(records, node, "a claim file", node.place)}
    for word, (key, _) in parts.items():
        if word not in ("source", "defaults", "claims"):
            records.report(
                key.place, "KG101", f"unknown key '{word}'", "a claim file holds source, defaults and claims"
            )
    if "source" not in parts:
        raise Fault(
            node.place,
            "KG108",
            "the file names no source",
            "begin with source: {id: …, title: …, publisher: …, published: …}",
        )
    source = _row(records, parts["source"][1], "source", lines)
    records.sources.append(source)
    defaults = _row(records, parts["defaults"][1], "defaults", lines) if "defaults" in parts else Row(node.place, {})
    if defaults.cells:
        records.defaults.append(defaults)
    rows = parts["claims"][1] if "claims" in parts else None
    if rows is None or not rows.members:
        raise Fault(
            rows.place if rows else node.place, "KG011", "the file holds no claims", "claims: is a list of rows"
        )
    about_source = {"source": source.cells["id"]} if "id" in source.cells else {}
    for member in rows.members:
        if member.pairs is None:
            records.report(
                member.place,
                "KG005",
                "a claim must be a map of keys and values",
                "such as - {agent: …, role: …, target: …}",
            )
            continue
        row = _row(records, member, "a claim", lines)
        if "source" in row.cells:
            records.report(
                row.cells["source"].key_place, "KG101", "unknown key 'source': a row's source is that of its file"
            )
        records.claims.append(Row(row.place, {**defaults.cells, **row.cells, **about_source}))


def _read_turtle(records: Records, name: str, text: str) -> None:
    records.ontology[name] = text


# ---------------------------------------------------------------- CSV

_FIELD = re.compile(r'"(?P<quoted>(?:[^"]|"")*)"|(?P<bare>[^,\r\n]*)')
_NEWLINE = re.compile(r"\r\n|\n|\r")


def parse_csv(text: str, name: str) -> Iterator[list[Cell]]:
    """Yield the records of a CSV text, blank lines left out, each field with its physical place. Raises Fault."""
    line, start, position, fields = 1, 0, 0, []
    while True:
        place = Location(name, line, position - start + 1)
        match = _FIELD.match(text, position)
        if match is None or (match["quoted"] is None and text.startswith('"', position)):
            raise Fault(place, "KG007", "a quote is opened and never closed")
        fields.append(Cell(_field_text(match, place), place, place))
        for newline in _NEWLINE.finditer(text, position, match.end()):
            line, start = line + 1, newline.end()
        position = match.end()
        if text.startswith(",", position):
            position += 1
            continue
        end = _NEWLINE.match(text, position)
        if end is None and position < len(text):
            raise Fault(
                Location(name, line, position - start + 1),
                "KG007",
                "text after a closing quote",
                'double a quote inside a field: ""',
            )
        if fields != [fields[0]] or match.group():
            yield fields
        if end is None or end.end() >= len(text):
            return
        line, start, position, fields = line + 1, end.end(), end.end(), []


def _field_text(match: re.Match[str], place: Location) -> str:
    if match.end() - match.start() > MAX_FIELD:
        raise Fault(place, "KG012", f"a field longer than {MAX_FIELD:,} characters")
    if match["quoted"] is not None:
        return match["quoted"].replace('""', '"')
    if '"' in match["bare"]:
        column = place.column + match["bare"].index('"')
        raise Fault(
            replace(place, column=column),
            "KG007",
            "a quote inside an unquoted field",
            'quote the whole field and double it: ""',
        )
    return match["bare"]


def _csv_rows(records: Records, name: str, text: str, needed: str) -> Iterator[Row]:
    """Yield the rows of a table by its header, reporting every record of another length."""
    table = parse_csv(text, name)
    header = next(table, None)
    if header is None:
        raise Fault(Location(name, 1, 1), "KG011", "the file is empty")
    names = _header(records, header, needed)
    count = 0
    for count, fields in enumerate(table, 1):
        if len(fields) != len(names):
            wrong = fields[len(names)].place if len(fields) > len(names) else fields[0].place
            records.report(
                wrong,
                "KG008",
                f"{len(fields)} fields where the header has {len(names)}",
                "quote a field that holds a comma",
            )
            continue
        yield Row(fields[0].place, _cells(names, header, fields))
    if not count:
        records.report(Location(name, 1, 1), "KG011", "0 rows: the file holds a header only")


def _header(records: Records, header: list[Cell], needed: str) -> list[str]:
    names = [unicodedata.normalize("NFC", cell.text.strip()) for cell in header]
    if needed not in names:
        separators = [s for s in (";", "\t", "|") if s in header[0].text]
        hint = (
            f"the separator is {separators[0]!r}; it must be a comma"
            if separators
            else "the first line names the columns"
        )
        raise Fault(header[0].place, "KG009", f"no column '{needed}' in the header", hint)
    for index, name in enumerate(names):
        if name in names[:index]:
            records.report(header[index].place, "KG009", f"the column '{name}' stands twice")
        if not name:
            records.report(header[index].place, "KG009", "a column without a name")
    return names


def _cells(names: list[str], header: list[Cell], fields: list[Cell]) -> dict[str, Cell]:
    return {
        name: Cell(_clean(cell.text, cell.place), cell.place, top.place)
        for name, top, cell in zip(names, header, fields, strict=True)
        if cell.text.strip()
    }


def _read_entities_csv(records: Records, name: str, text: str) -> None:
    records.entities.extend(_csv_rows(records, name, text, "id"))


def _read_sources_csv(records: Records, name: str, text: str) -> None:
    records.sources.extend(_csv_rows(records, name, text, "id"))


def _read_claims_csv(records: Records, name: str, text: str) -> None:
    records.claims.extend(_csv_rows(records, name, text, "source"))
