"""Shorten the engine's error messages, and limit the rows of a query.

This is separate from the guard, because compiling the guard's lexer takes longer than starting a worker process.
"""

from __future__ import annotations

import re

REFUSED = ("LATERAL", "SERVICE")  # the engine accepts them, but the guard rejects them
_ENGINE = re.compile(r"error at (\d+:\d+): expected (?:one of )?(.*)", re.DOTALL)
_SETS = re.compile(r"\[[^\]]*\](?:\s*\|\s*\[[^\]]*\])*")
_SENTENCE = re.compile(r"[A-Z][A-Za-z]*(?: [A-Za-z]+)+")


def engine_words(message: str) -> str:
    """Return the engine's error message as one line that begins with the place.

    The engine lists what it expected there. If the list contains a sentence, only that is kept, else the words without
    character sets.
    """
    if not (match := _ENGINE.match(message)):
        return " ".join(message.split())
    expected = " ".join(_SETS.sub("", match[2]).split())
    if sentence := _SENTENCE.search(expected):
        return f"{match[1]}: {sentence.group()[0].lower()}{sentence.group()[1:]}"
    found = (word.strip(" ,|") for word in re.split(r", (?=[\"A-Za-z<])", expected))
    words = [word for word in found if word and word not in REFUSED]
    if not words:
        return f"{match[1]}: what stands here is not SPARQL"
    return f"{match[1]}: expected {'one of ' * (len(words) > 1)}{', '.join(words)}"


_SELECT = re.compile(r"""^SELECT(?P<columns>\b[^{}#"'<]*)\bWHERE\s*\{""", re.MULTILINE)
_ORDER = re.compile(r"(?P<groups>[^{}]*)\bORDER\s+BY\b(?P<keys>[^{}]*)")
_GROUP = re.compile(r"\s*GROUP\s+BY((?:\s+\?\w+)+)")
_COLUMN = re.compile(r"\(.*?\bAS\s+(\?\w+)\s*\)|(\?\w+)", re.DOTALL)


def at_most(query: str, rows: int) -> str:
    """Return a named question that returns at most ``rows`` rows: the first ones found, in the question's order.

    To sort or count everything in a large graph, the engine would have to find all of it. For groups, the query
    first selects the keys of the groups found first, unless it restricts them itself. A query of another form is
    returned unchanged.
    """
    head, brace, tail = query.rpartition("}")
    order, select = _ORDER.fullmatch(tail), _SELECT.search(query)
    if order is None or select is None or "{" in query[: select.start()]:
        return query
    body = head[select.end() :]
    if (group := _GROUP.match(order["groups"])) and "HAVING" not in order["groups"]:
        first, groups = group[1].split()[0], f"SELECT DISTINCT{group[1]} WHERE {{{body}}} LIMIT {rows}"
        if f"VALUES {first} {{" not in body:
            body = f" {{ SELECT DISTINCT {first} WHERE {{ {{ {groups} }} }} }}{body}"
    columns = ["".join(names) for names in _COLUMN.findall(select["columns"])]
    keys = dict.fromkeys(name for name in re.findall(r"\?\w+", order["keys"]) if name not in columns)
    inner = f"SELECT{select['columns']}{' '.join(keys)} WHERE {{{body}{brace}{order['groups']}"
    outer = f"SELECT {' '.join(columns)} WHERE {{ {{ {inner} LIMIT {rows} }} }} ORDER BY{order['keys']}"
    return query[: select.start()] + outer
