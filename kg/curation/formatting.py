"""Format a project's YAML files: canonical order and spacing, with comments and meaning unchanged.

In: the text of ``kg.yaml``, ``entities.yaml`` or a claim file, and the ontology. Out: the rows as ``yaml_form`` writes
them, with the comments put back: a comment above or behind a row or key moves with it, and a block at the top followed
by an empty line stays there. An empty line between rows starts a section: rows are sorted within their section, and
comments after the empty line are its heading. If formatting would change the rows, the comments or the problems found
on reading, the file is not changed.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kg.files.outputs import write_file
from kg.files.project import SETTINGS, find_project
from kg.formats.yaml_form import block, claim_line, entity_line, settings_file
from kg.ingestion.reading import Fault, Node, Records, Row, compose, encoding_of, read_frame, read_yaml, text_of
from kg.ingestion.world_rows import claim_rank, ends_in_order, entity_rank, in_order
from kg.model.errors import Problem, UsageError
from kg.model.ontology import Ontology, read_ontology

ENTITIES = ("entities.yaml", "entities.yml")
SUFFIXES = (".yaml", ".yml")
Mark = tuple[int, int]  # line and column, from 0
Texts = dict[str, str]


class Doubt(Exception):  # noqa: N818 - nothing went wrong: the file is left as it is
    """The reason why a file is not formatted."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for one file: ``same``, ``changed`` (or would change), or ``left`` unchanged for ``reason``."""

    path: Path
    state: str
    reason: str = ""


@dataclass(slots=True)
class Piece:
    """A row, or a line with a key: its canonical text, its original place, and its comments.

    ``heading`` is set for the first row of a section that follows an empty line, else None. ``lead`` is the heading
    that collects the comments above the row that came first before sorting.
    """

    text: str
    begin: Mark
    end: Mark
    row: Texts = field(default_factory=dict)
    heading: list[str] | None = None
    lead: list[str] | None = None
    above: list[str] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)

    def written(self) -> str:
        """Return the text with its comments; several comments behind it are moved above it."""
        indent = self.text[: len(self.text) - len(self.text.lstrip())]
        several = len(self.behind) > 1
        comments = [*(self.heading or ()), *self.above, *(self.behind if several else ())]
        above = "".join(f"{indent}{comment}\n" for comment in comments)
        behind = "" if several else "".join(f"  {comment}" for comment in self.behind)
        return f"{'' if self.heading is None else chr(10)}{above}{self.text}{behind}\n"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment from its ``#``, its place, and whether nothing precedes it on its line."""

    text: str
    mark: Mark
    alone: bool


# ---------------------------------------------------------------- files


def format_files(paths: Iterable[Path], folder: Path | None = None, *, write: bool) -> Iterator[Outcome]:
    """Format the given files, or every YAML file of the project, and yield the result of each.

    Raises UsageError for a file that is not one of a project's YAML files, ProjectError if there is no project.
    """
    named = list(paths)
    project = find_project(folder) if folder or not named else None
    for path in named or project_files(project or Path()):
        yield _format_file(path, project or find_project(_home(path)), write=write)


def project_files(folder: Path) -> list[Path]:
    """Return the YAML files of a project: settings, entities, claims."""
    claims = (path for path in (folder / "claims").rglob("*") if not path.name.startswith((".", "~")))
    found = [folder / SETTINGS, *(folder / name for name in ENTITIES), *sorted(claims)]
    return [path for path in found if path.is_file() and path.suffix in SUFFIXES]


def _home(path: Path) -> Path:
    """Return the nearest folder above a file that holds ``kg.yaml``, else the folder of the file."""
    above = path.resolve().parents
    return next((folder for folder in above if (folder / SETTINGS).is_file()), path.parent)


def _format_file(path: Path, folder: Path, *, write: bool) -> Outcome:
    name = _name_in_project(path, folder)
    frame = read_frame(folder)
    try:
        if codec := encoding_of(frame.settings, name).lower().replace("-", "").removeprefix("utf8"):
            raise Doubt(f"the file is written in {codec}, and canonical files in UTF-8")
        before = text_of(frame, folder, name)
        after = format_text(name, before, read_ontology(frame.ontology, []))
    except Fault as fault:
        return Outcome(path, "left", str(fault.problem))
    except Doubt as doubt:
        return Outcome(path, "left", str(doubt))
    if after.encode() == path.read_bytes():
        return Outcome(path, "same")
    if write:
        write_file(path.resolve(), after)
    return Outcome(path, "changed")


def _name_in_project(path: Path, folder: Path) -> str:
    """Return the path of a file relative to its project. Raises UsageError."""
    if not path.is_file():
        raise UsageError(f"no file {path}")
    full, home = path.parent.resolve() / path.name, folder.resolve()
    name = full.relative_to(home).as_posix() if full.is_relative_to(home) else ""
    if path.suffix not in SUFFIXES or not (name == SETTINGS or name in ENTITIES or name.startswith("claims/")):
        raise UsageError(f"{path} is none of the YAML files of the project: kg.yaml, entities.yaml, claims/NAME.yaml")
    return name


# ---------------------------------------------------------------- texts


def format_text(name: str, text: str, ontology: Ontology) -> str:
    """Return the canonical text of a file; ``name`` is its path in the project. Raises Doubt."""
    records = read_yaml(name, text)
    if fault := next((problem for problem in records.problems if problem.severity == "error"), None):
        raise Doubt(f"mend this first: {fault}")
    text = re.sub(r"\r\n?", "\n", text)
    node = compose(text, name)
    if node is None or node.pairs is None:
        raise Doubt("it holds no rows")
    comments = _comments(text, node)
    formatted = _formatted(name, text, node, comments, ontology)
    if formatted == text:
        return text
    if _said(records, ontology) != _said(read_yaml(name, formatted), ontology):
        raise Doubt("its rows would not be the same afterwards")
    again = compose(formatted, name)
    if again is None or _remarks(comments) != _remarks(_comments(formatted, again)):
        raise Doubt("its comments would not be the same afterwards")
    return formatted


def _said(records: Records, ontology: Ontology) -> list[object]:
    """Return everything read from one file without locations; the order of claims and entities does not matter."""

    def texts(row: Row) -> tuple[tuple[str, str], ...]:
        return tuple(sorted(ends_in_order({key: cell.text for key, cell in row.cells.items()}, ontology).items()))

    tables = (records.entities, records.sources, records.defaults, records.claims)
    return [
        texts(records.settings),
        *(Counter(map(texts, rows)) for rows in tables),
        Counter(_blamed(problem) for problem in records.problems),
    ]


def _blamed(problem: Problem) -> tuple[str, str, str]:
    return problem.code, problem.severity, problem.message


def _remarks(comments: list[Comment]) -> Counter[str]:
    return Counter(comment.text for comment in comments)


def _formatted(name: str, text: str, node: Node, comments: list[Comment], ontology: Ontology) -> str:
    lines = text.split("\n")
    if any(line.startswith("%") for line in lines):
        raise Doubt("it begins with a directive of YAML")
    pieces = _pieces(name, node, lines, ontology)
    header, footer = _place_comments(comments, pieces, lines)
    head = "".join(f"{comment}\n" for comment in header) + ("\n" if header else "")
    body = "".join(piece.written() for piece in pieces).removeprefix("\n")
    return head + body + "".join(f"{comment}\n" for comment in footer)


def _pieces(name: str, node: Node, lines: list[str], ontology: Ontology) -> list[Piece]:
    """Return the pieces of a file in canonical order, each with its original place."""
    if name == SETTINGS:
        row, places = _row(node), _key_places(node, lines)
        written = settings_file(row).splitlines()
        return [Piece(line, *places[line.partition(":")[0]]) for line in written]
    if name in ENTITIES:
        return _entities(node, lines, ontology)
    parts = {key.text or "": (key, value) for key, value in node.pairs or ()}
    pieces = []
    for word, keys in (("source", ontology.keys("source")), ("defaults", ontology.row_keys)):
        if word in parts:
            key, value = parts[word]
            head, *written = block(word, _row(value), keys).splitlines()
            places = _key_places(value, lines)
            pieces.append(_head(head, key, value, lines))
            pieces += [Piece(line, *places[line.strip().partition(":")[0]]) for line in written]
    key, value = parts["claims"]
    rows = [_claim(member, lines, ontology) for member in value.members or ()]
    pieces.append(_head("claims:", key, value, lines))
    return [*pieces, *_in_sections(rows, _begin(key)[0], lines, lambda row: claim_rank(row, ontology))]


def _in_sections(
    rows: list[Piece], above: int, lines: list[str], rank: Callable[[Texts], tuple[object, ...]]
) -> list[Piece]:
    """Return rows sorted within their sections; ``above`` is the line after which an empty line starts a section."""
    sections: list[list[Piece]] = []
    opened = []
    for piece in rows:
        begins = any(not line.strip() for line in lines[above : piece.begin[0]])
        if begins or not sections:
            sections.append([])
            opened.append(begins)
        sections[-1].append(piece)
        above = piece.end[0]
    for section, begins in zip(sections, opened, strict=True):
        first = section[0]
        section.sort(key=lambda piece: rank(piece.row))
        if begins:
            section[0].heading = first.lead = []
    return [piece for section in sections for piece in section]


def _head(text: str, key: Node, value: Node, lines: list[str]) -> Piece:
    """Return the first line of a part; in flow style (braces or brackets) the piece extends to the closing one."""
    return Piece(text, _begin(key), end_of(value, lines) if _in_braces(value, lines) else key.end)


def _claim(node: Node, lines: list[str], ontology: Ontology) -> Piece:
    row = in_order(ends_in_order(_row(node), ontology), ontology.row_keys)
    return Piece(claim_line(row, ontology), _begin(node), end_of(node, lines), row)


def _entities(node: Node, lines: list[str], ontology: Ontology) -> list[Piece]:
    pieces = []
    for key, value in node.pairs or ():
        row = {"id": _normal(key.text), **_row(value)}
        pieces.append(Piece(entity_line(row, ontology), _begin(key), end_of(value, lines), row))
    return _in_sections(pieces, 0, lines, lambda row: entity_rank(row, ontology))


def _row(node: Node) -> Texts:
    return {_normal(key.text): _normal((value.text or "").strip()) for key, value in node.pairs or ()}


def _normal(text: str | None) -> str:
    return unicodedata.normalize("NFC", text or "")


# ---------------------------------------------------------------- places


def _begin(node: Node) -> Mark:
    return node.place.line - 1, node.place.column - 1


def _in_braces(node: Node, lines: list[str]) -> bool:
    line, column = _begin(node)
    return node.text is None and lines[line][column : column + 1] in ("{", "[")


def end_of(node: Node, lines: list[str]) -> Mark:
    """Return where a node ends; a block-style node ends with its last text, not where the next node begins."""
    if node.text is not None or _in_braces(node, lines):
        return node.end
    inner = [*(node.members or ()), *(part for pair in node.pairs or () for part in pair)]
    return max((end_of(part, lines) for part in inner), default=_begin(node))


def _key_places(node: Node, lines: list[str]) -> dict[str, tuple[Mark, Mark]]:
    return {_normal(key.text): (_begin(key), end_of(value, lines)) for key, value in node.pairs or ()}


# ---------------------------------------------------------------- comments


def _comments(text: str, root: Node) -> list[Comment]:
    """Return the comments: each ``#`` outside keys and values starts one."""
    lines = text.split("\n")
    covered: dict[int, list[tuple[int, int]]] = {}
    for node in _scalars(root):
        (first, column), (last, end) = _begin(node), node.end
        if not node.plain and lines[first][column : column + 1] in ("|", ">"):
            raise Doubt(f"line {first + 1} begins a block of text; write it in quotes, on one line")
        for number in range(first, last + 1):
            stop = end if number == last else len(lines[number])
            covered.setdefault(number, []).append((column if number == first else 0, stop))
    found = []
    for number, line in enumerate(lines):
        spans = covered.get(number, ())
        hashes = (place.start() for place in re.finditer("#", line))
        start = next((at for at in hashes if not any(a <= at < b for a, b in spans)), -1)
        if start >= 0:
            before = line[:start].strip()
            found.append(Comment(line[start:].rstrip(), (number, start), before in ("", "-", "---")))
    return found


def _scalars(node: Node) -> Iterator[Node]:
    """Yield every key and value of a node, without recursion: the file controls the depth."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if current.text is not None:
            yield current
        waiting += [*(current.members or ()), *(part for pair in current.pairs or () for part in pair)]


def _place_comments(comments: list[Comment], pieces: list[Piece], lines: list[str]) -> tuple[list[str], list[str]]:
    """Attach each comment to its row or key; return those at the top and those after the last row."""
    in_text = sorted(pieces, key=lambda piece: piece.begin)
    begins = [piece.begin for piece in in_text]
    parts = [piece for piece in in_text if piece.text.endswith(":")]  # these contain other pieces
    top = _top(lines, begins[0][0]) if begins else 0
    header: list[str] = []
    footer: list[str] = []
    for comment in comments:
        number = bisect(begins, comment.mark)
        after = in_text[number] if number < len(in_text) else None
        before = [piece for piece in (*parts, *in_text[max(number - 1, 0) : number]) if piece.begin < comment.mark]
        around = [piece for piece in before if comment.mark < piece.end]
        ended = [piece for piece in before if piece.end <= comment.mark]
        if comment.mark[0] < top:
            header.append(comment.text)
        elif around and not (after and after.begin < around[-1].end):  # not inside a part that contains more pieces
            around[-1].above.append(comment.text)
        elif not comment.alone and ended:
            max(ended, key=lambda piece: (piece.end, -piece.begin[0], -piece.begin[1])).behind.append(comment.text)
        else:
            above = after.above if after and after.lead is None else after.lead if after else None
            (footer if above is None else above).append(comment.text)
    return header, footer


def _top(lines: list[str], first: int) -> int:
    """Return the line after the block at the top: the one after the last empty line before the first row."""
    return next((number + 1 for number in range(first - 1, -1, -1) if not lines[number].strip()), 0)
