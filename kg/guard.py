"""Look at a query before the engine does: refuse what would reach out, write, or end the process by its sheer shape.

A small lexer, so that a word inside a string, a comment or an IRI is never taken for a keyword, and an escape never
hides one. The limits are from measurement: a 4 kB query of braces ends pyoxigraph's process by segmentation fault.
"""

from __future__ import annotations

import re
from collections import Counter

from kg.errors import QueryError

MAX_BYTES = 65_536
MAX_DEPTH = 100
MAX_PATTERNS = 500
MAX_OPERATORS = 500
MAX_COMMAS = 5_000

_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n\r]*)
      | (?P<string>\"{3}(?:\"{0,2}(?:[^"\\]|\\.))*\"{3}|'{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
          |"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
      | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
      | (?P<variable>[?$]\w+) | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
      | (?P<name>[^\W\d_][\w.-]*:[\w:.%\\~!$&'()*+,;=/?\#@-]*|:[\w:.%-]*|_:[\w.-]+)
      | (?P<word>[^\W\d_]\w*) | (?P<open>[({\[]) | (?P<close>[)}\]])
      | (?P<operator>&&|\|\||\^\^|!=|<=|>=|[!+*/|^=<>-]) | (?P<stop>[.;]) | (?P<comma>,) | (?P<other>\S)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
REACHES_OUT = {"SERVICE": "asks another server", "LOAD": "loads a document"}
WRITES = frozenset({"INSERT", "DELETE", "CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD"})


def check_query(query: str) -> None:
    """Raise QueryError, with line and column, where a query is refused before it is parsed."""
    if len(query.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise QueryError(f"the query is longer than {MAX_BYTES // 1024} kB")
    if any("\ud800" <= character <= "\udfff" or character == "\0" for character in query):
        raise QueryError("the query holds a NUL or half a character")
    text = _ESCAPE.sub(_unescaped, query)
    depth, counts = 0, Counter[str]()
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        counts[kind] += 1
        if kind == "word":
            _check_word(match, text)
        depth += (kind == "open") - (kind == "close")
        _check_limits(match, text, depth, counts)


def _unescaped(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else match.group()


def _check_word(match: re.Match[str], text: str) -> None:
    word = match.group().upper()
    if word in REACHES_OUT:
        raise QueryError(
            f"{_place(text, match.start())}: {word} {REACHES_OUT[word]}; a query here reaches nothing but the graph"
        )
    if word in WRITES:
        raise QueryError(
            f"{_place(text, match.start())}: {word} is an update; the graph is made from the claims and only read"
        )


def _check_limits(match: re.Match[str], text: str, depth: int, counts: Counter[str]) -> None:
    for value, limit, what in (
        (depth, MAX_DEPTH, "brackets nested deeper than"),
        (counts["stop"], MAX_PATTERNS, "more triple patterns than"),
        (counts["operator"], MAX_OPERATORS, "more operators than"),
        (counts["comma"], MAX_COMMAS, "more list members than"),
    ):
        if value > limit:
            raise QueryError(f"{_place(text, match.start())}: {what} {limit}")


def _place(text: str, position: int) -> str:
    line_start = text.rfind("\n", 0, position) + 1
    return f"{text.count(chr(10), 0, position) + 1}:{position - line_start + 1}"
