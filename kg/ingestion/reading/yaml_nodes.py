"""The text of a YAML file → nodes with their places, from libyaml's events: no value is guessed at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from kg.ingestion.reading.decoding import NEWLINE
from kg.ingestion.reading.records import Fault
from kg.model.errors import Location

MAX_DEPTH = 64
MAX_KEY = 1_024


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


_BRACE_MISSING = "a comma or a closing brace is missing"
_CONFLICT = re.compile(r"(<<<<<<<|=======|>>>>>>>)( |$)")


_FULL_WIDTH = re.compile("[\uff0c\uff1a]")
_ENDS = " \t,:{}[]"  # of a word in braces


# A quote that begins a value runs to the next one; any other is a letter like the rest. No text reads in two ways,
# so that no line takes more than one pass.
_COMMENT = re.compile(
    r"""^(?:[^"'#]|(?<![^\s{\[,:])(?:"[^"]*"|'[^']*')|(?<=[^\s{\[,:])["']|(?<!\s)\#)*?\s(?P<cut>\#.*)"""
)


def _yaml_fault(error: Exception, text: str, name: str) -> Fault:
    """Say what libyaml found, at the place where the curator has to look."""
    mark, said = getattr(error, "problem_mark", None), str(getattr(error, "problem", ""))
    if mark is None:
        return Fault(Location(name), "KG002", f"not YAML: {error}")
    lines, begin = NEWLINE.split(text), getattr(error, "context_mark", None) or mark
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
        said = _BRACE_MISSING
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
    line = lines[min(mark.line, len(lines) - 1)]
    if line[: mark.column + 1].endswith("${"):
        return mark.line, mark.column, _BRACE_MISSING, f'quote it: write "{_value_around(line, mark.column)}"'
    for number in between:
        if comment := _COMMENT.match(lines[number]):
            words = "' #' begins a comment, and the brace before it is never closed"
            return number, comment.start("cut"), words, "quote the value that holds the '#'"
    if found := _FULL_WIDTH.search(line, 0, mark.column):
        hint = "write a plain comma or colon and a space, or quote the value"
        begin = max(line.rfind(end, 0, found.start()) for end in _ENDS) + 1
        return mark.line, begin, f"'{found[0]}' is a full-width mark, and part of the value", hint
    if mark.column > MAX_KEY and "mapping values" in said:
        begin = len(line) - len(line.lstrip())
        return mark.line, begin, f"a key longer than {MAX_KEY:,} characters", "a key is a short word"
    return None


def _value_around(line: str, brace: int) -> str:
    """Return the value in a line that holds a pair of braces, of which the first is given."""
    begin = max(line.rfind(end, 0, brace) for end in ",:{[") + 1
    behind = re.compile(r"(?:\$\{[^{}]*\}|[^,{}\[\]])*").match(line, brace - 1)
    value = line[begin : behind.end() if behind else None].strip()
    return value if "}" in value else "${a column}"
