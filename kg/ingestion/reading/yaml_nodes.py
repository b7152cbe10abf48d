"""Parse YAML into nodes with places, from libyaml's events. No value is guessed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from kg.ingestion.reading.decoding import NEWLINE
from kg.ingestion.reading.records import Cell, Fault
from kg.model.errors import Location

MAX_DEPTH = 64
MAX_KEY = 1_024


def place_of(name: str, mark: Any) -> Location:  # noqa: ANN401 - libyaml's
    """Return the place in a file that libyaml marked."""
    return Location(name, mark.line + 1, mark.column + 1)


class MarkedCell(Cell):
    """A cell whose places are computed on demand, because most are never needed."""

    __slots__ = ("_name",)

    def __init__(self, text: str, name: str, value: Any, key: Any) -> None:  # noqa: ANN401 - libyaml's
        """Keep the marks of the value and its key."""
        self.text, self._name, self._place, self._key_place = text, name, value, key

    @property
    def place(self) -> Location:
        """Return the place of the value."""
        return place_of(self._name, self._place)

    @property
    def key_place(self) -> Location:
        """Return the place of the key."""
        return place_of(self._name, self._key_place)


class Node:
    """A YAML node: the text of a scalar, the pairs of a mapping or the members of a sequence.

    ``parts`` are the members of a collection, or the keys and values of a mapping in turn: nodes, or libyaml's events
    where they are scalars, of which most become cells without a node.
    """

    __slots__ = ("begin", "is_map", "name", "parts", "plain", "stop", "text")
    value = None  # a collection among the parts has no text, where an event of a scalar has one

    def __init__(self, name: str, event: Any, *, is_map: bool) -> None:  # noqa: ANN401 - libyaml's
        """Keep the file and the event. The parts and the end of a collection are added later."""
        self.name, self.is_map = name, is_map
        self.begin, self.stop = event.start_mark, event.end_mark
        self.text: str | None = getattr(event, "value", None)
        self.plain = self.text is not None and not event.style
        self.parts: list[Any] = []

    @property
    def place(self) -> Location:
        """Return the place where it begins."""
        return place_of(self.name, self.begin)

    @property
    def end(self) -> tuple[int, int]:
        """Return the line and column at which it ends, from 0."""
        return self.stop.line, self.stop.column

    @property
    def children(self) -> list[Node]:
        """Return the parts as nodes."""
        return [part if part.__class__ is Node else Node(self.name, part, is_map=False) for part in self.parts]

    @property
    def pairs(self) -> list[tuple[Node, Node]] | None:
        """Return the keys and values of a mapping."""
        if not self.is_map:
            return None
        children = self.children
        return list(zip(children[::2], children[1::2], strict=True))

    @property
    def members(self) -> list[Node] | None:
        """Return the members of a sequence."""
        return None if self.is_map or self.text is not None else self.children


def compose(text: str, name: str) -> Node | None:
    """Return the single document of a YAML text as nodes, or None if it is empty. Raises Fault."""
    import yaml

    try:
        return _tree(yaml.CBaseLoader(text).get_event, name)
    except yaml.YAMLError as error:
        raise _yaml_fault(error, text, name) from None


def _tree(next_event: Callable[[], Any], name: str) -> Node | None:
    """Build nodes from libyaml's events."""
    import yaml

    scalar, mapping, sequence = yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent
    root: Node | None = None
    stack: list[Node] = []
    while (event := next_event()) is not None:
        kind = event.__class__
        if kind is scalar and stack and len(stack) < MAX_DEPTH and event.anchor is None and event.tag is None:
            stack[-1].parts.append(event)
            continue
        is_node = kind is scalar or kind is mapping or kind is sequence
        if len(stack) >= MAX_DEPTH or kind is yaml.AliasEvent or (is_node and (event.anchor or event.tag is not None)):
            raise _machinery(event, name)
        if is_node:
            node = Node(name, event, is_map=kind is mapping)
            if stack:
                stack[-1].parts.append(node)
            else:
                root = node
            if kind is not scalar:
                stack.append(node)
        elif stack:
            stack.pop().stop = event.end_mark
        elif root and kind is yaml.DocumentStartEvent:
            place = place_of(name, event.start_mark)
            raise Fault(place, "KG003", "a second document in one file", "one file holds one source")
    return root


def _machinery(event: Any, name: str) -> Fault:  # noqa: ANN401 - libyaml's
    """Return the fault of an event with an alias, an anchor, a tag, or too much depth."""
    place = place_of(name, event.start_mark)
    if getattr(event, "anchor", None):
        hint = "write the value out, or quote it"
        return Fault(place, "KG003", "anchors and aliases (& and *) are not used here", hint)
    if getattr(event, "tag", None) is not None:
        return Fault(place, "KG003", f"tags such as '{event.tag}' are not used here", "quote the value if it is text")
    return Fault(place, "KG003", f"nested deeper than {MAX_DEPTH} levels")


# Messages of libyaml, and ours instead; {} is the character at the place.
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
    """Return the fault that libyaml found, at the place that the curator has to fix."""
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
    """Return line, column, message and hint of a mistake that libyaml notices only later."""
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
    """Return the value in a line that contains the given opening brace and its pair."""
    begin = max(line.rfind(end, 0, brace) for end in ",:{[") + 1
    behind = re.compile(r"(?:\$\{[^{}]*\}|[^,{}\[\]])*").match(line, brace - 1)
    value = line[begin : behind.end() if behind else None].strip()
    return value if "}" in value else "${a column}"
