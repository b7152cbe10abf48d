"""Check a query before the engine sees it: reject what would call other servers, write, or crash the process.

A small lexer ensures that a word in a string, a comment or an IRI is never taken for a keyword, and that an escape
never hides one. The engine reads without a lexer: it finds the keyword in ``SERVICEx:y`` and ``trueSERVICE``, so words
that contain it are rejected too. The limits are measured: a 4 kB query of braces ends pyoxigraph's process with a
segmentation fault.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from kg.model.errors import QueryError

MAX_BYTES = 65_536
MAX_DEPTH = 100
MAX_PATTERNS = 500
MAX_OPERATORS = 500
MAX_COMMAS = 5_000

# The characters of names in the grammar of SPARQL 1.1; \w is a different set.
_FIRST = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_VARIABLE = _FIRST + r"_0-9\u00b7\u0300-\u036f\u203f\u2040"
_LATER = _VARIABLE + r"\-"
_ESCAPED = r"%[0-9A-Fa-f]{2}|\\[_~.!$&'()*+,;=/?\#@%-]"
_CODE = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_PREFIX = rf"[{_FIRST}](?:[{_LATER}]|\.+(?=[{_LATER}]))*"
_LOCAL = rf"(?:[{_FIRST}_0-9:]|{_ESCAPED})(?:[{_LATER}:]|{_ESCAPED}|\.+(?=[{_LATER}:%\\]))*"
_TOKEN = rf"""(?P<comment>\#[^\n\r]*)
      | (?P<string>\"{{3}}(?:\"{{0,2}}(?:[^"\\]|\\.))*\"{{3}}|'{{3}}(?:'{{0,2}}(?:[^'\\]|\\.))*'{{3}}
          |"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
      | (?P<iri><(?:[^<>"{{}}|^`\\\x00-\x20]|{_CODE})*>)
      | (?P<variable>[?$][{_FIRST}_0-9][{_VARIABLE}]*) | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
      | (?P<name>(?:{_PREFIX})?:(?:{_LOCAL})?|_:[{_FIRST}_0-9](?:[{_LATER}]|\.+(?=[{_LATER}]))*)
      | (?P<word>[{_FIRST}][{_FIRST}_0-9]*) | (?P<open>[({{\[]) | (?P<close>[)}}\]])
      | (?P<operator>&&|\|\||\^\^|!=|<=|>=|[!+*/|^=<>-]) | (?P<stop>[.;]) | (?P<comma>,) | (?P<other>\S)"""
_NO_CHARACTER = re.compile("[\0\ud800-\udfff]")
_UNICODE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_SERVICE = re.compile("service", re.IGNORECASE)
# "?a<?b)SERVICE?v#>" looks like an IRI, but is a comparison, a call and a comment.
_CALL_IN_IRI = re.compile(r"\).*service.*#", re.IGNORECASE)
WRITES = frozenset({"INSERT", "DELETE", "CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD"})
_SUSPECT = ("SERVICE", "LOAD", *sorted(WRITES))
_BEGINNINGS = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
_PROLOGUE = frozenset({"BASE", "PREFIX", "VERSION"})
# The beginning of nearly every query; others are read token by token.
_BEGINS = re.compile(
    r"(?:[ \t\r\n]|\#[^\n\r]*|PREFIX[ ]+[A-Za-z-]*:[ ]*<[^<>\s\\]*>)*+"
    r"(?P<form>SELECT|ASK|CONSTRUCT|DESCRIBE)(?=[\s?*({])"
)


def check_query(query: str) -> None:
    """Raise QueryError, with line and column, if a query must not reach the engine."""
    check_characters(query)
    if not _is_plain(query):
        _check_tokens(query)
        unescaped = _UNICODE.sub(_character, query)
        if unescaped != query:  # the grammar allows escapes in a keyword, whatever this engine does
            _check_tokens(unescaped)
            query = unescaped
    query_form(query)


def check_characters(query: str) -> None:
    """Raise QueryError if a query is too long or is not valid text."""
    if len(query.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise QueryError(f"the query is longer than {MAX_BYTES // 1024} kB")
    if _NO_CHARACTER.search(query):
        raise QueryError("the query holds a NUL or half a character")


@cache
def _lexer() -> re.Pattern[str]:
    """Compile the token pattern on first use, because that is slow."""
    return re.compile(_TOKEN, re.VERBOSE | re.DOTALL)


def _is_plain(query: str) -> bool:
    """Return whether a query contains none of the rejected words anywhere, and is too small to exceed any limit."""
    capitals = query.upper()
    return (
        not any(word in capitals for word in _SUSPECT)
        and sum(map(query.count, "([{")) <= MAX_DEPTH
        and sum(map(query.count, "&|^!<>=+*/-")) <= MAX_OPERATORS
        and sum(map(query.count, ".;")) <= MAX_PATTERNS
        and query.count(",") <= MAX_COMMAS
        and "\\" not in query
    )


def tokens(query: str) -> Iterator[re.Match[str]]:
    """Yield the tokens of a query without comments; ``lastgroup`` is the kind of each."""
    return (match for match in _lexer().finditer(query) if match.lastgroup != "comment")


def query_form(query: str) -> str:
    """Return the form of a query: SELECT, ASK, CONSTRUCT or DESCRIBE. Raises QueryError if it has none."""
    if begins := _BEGINS.match(query):
        return begins["form"]
    for match in tokens(query):
        token, kind = match.group(), match.lastgroup
        if kind in ("iri", "name", "string") or (kind == "word" and token.upper() in _PROLOGUE):
            continue
        if token.upper() not in _BEGINNINGS:
            raise QueryError(
                f"{_place(query, match)}: a query begins with SELECT, ASK, CONSTRUCT or DESCRIBE, not {token!r}"
            )
        return token.upper()
    raise QueryError("there is no query in it")


_FROM = re.compile(r"(?<![\w:?$])from(?!\w)", re.IGNORECASE)  # not at the end of a longer name


def names_graphs(query: str) -> bool:
    """Return whether a query names its graphs with FROM, which is a keyword nowhere else."""
    if "\\" not in query and ("FROM" not in query.upper() or not _FROM.search(query)):
        return False
    unescaped = _UNICODE.sub(_character, query)
    return any(match.lastgroup == "word" and match.group().upper() == "FROM" for match in tokens(unescaped))


def _character(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else match.group()


def _check_tokens(text: str) -> None:
    depth, counts = 0, Counter[str]()
    for before, match, after in _in_context(text):
        kind = str(match.lastgroup)
        counts[kind] += 1
        _check_meaning(before, match, after, text)
        depth += (kind == "open") - (kind == "close")
        _check_limits(match, text, depth, counts)


def _in_context(text: str) -> Iterator[tuple[str, re.Match[str], str]]:
    """Yield each token with the texts of the tokens before and after it, without comments."""
    before, current = "", None
    for match in tokens(text):
        if current is not None:
            yield before, current, match.group()
            before = current.group()
        current = match
    if current is not None:
        yield before, current, ""


def _check_meaning(before: str, match: re.Match[str], after: str, text: str) -> None:
    """Reject calls to other servers, and updates."""
    token, kind = match.group(), match.lastgroup
    calls = (
        (kind == "word" and _SERVICE.search(token))
        or (kind == "name" and _SERVICE.search(token.partition(":")[0]) and after == "{" and before.upper() != "GRAPH")
        or (kind == "iri" and _CALL_IN_IRI.search(token))
    )
    if calls:
        raise QueryError(
            f"{_place(text, match)}: SERVICE asks another server; a query here reaches nothing but the graph"
        )
    if kind == "word" and token.upper() == "LOAD":
        raise QueryError(f"{_place(text, match)}: LOAD loads a document; a query here reaches nothing but the graph")
    if kind == "word" and token.upper() in WRITES:
        raise QueryError(
            f"{_place(text, match)}: {token.upper()} is an update; the graph is made from the claims and only read"
        )


def _check_limits(match: re.Match[str], text: str, depth: int, counts: Counter[str]) -> None:
    for value, limit, what in (
        (depth, MAX_DEPTH, "brackets nested deeper than"),
        (counts["stop"], MAX_PATTERNS, "more triple patterns than"),
        (counts["operator"], MAX_OPERATORS, "more operators than"),
        (counts["comma"], MAX_COMMAS, "more list members than"),
    ):
        if value > limit:
            raise QueryError(f"{_place(text, match)}: {what} {limit}")


def _place(text: str, match: re.Match[str]) -> str:
    line_start = text.rfind("\n", 0, match.start()) + 1
    return f"{text.count(chr(10), 0, match.start()) + 1}:{match.start() - line_start + 1}"
