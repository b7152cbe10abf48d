"""What the engine says of a query that it refuses, in fewer words, and how it is asked for some rows alone.

Apart from the guard, whose lexer takes longer to be made than a process that answers takes to begin.
"""

from __future__ import annotations

import re

REFUSED = ("LATERAL", "SERVICE")  # the engine would take them there; a query here may not hold them
_ENGINE = re.compile(r"error at (\d+:\d+): expected (?:one of )?(.*)", re.DOTALL)
_SETS = re.compile(r"\[[^\]]*\](?:\s*\|\s*\[[^\]]*\])*")
_SENTENCE = re.compile(r"[A-Z][A-Za-z]*(?: [A-Za-z]+)+")


def engine_words(message: str) -> str:
    """Return what the engine says of a query as one line that begins with the place.

    It lists what it expected there: of a sentence in the list that sentence, else the words without character sets.
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
    """Return a named question that gives no more rows than so many: those found first, in the question's order.

    To order all of a large graph the engine would have to find all of it, and to count all of it: of groups it is told
    beforehand about whom or what those found first are, unless it is told anyway. Any odd query is returned as it is.
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
