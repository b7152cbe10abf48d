"""Whole answers kept for a store that never changes, so that what is asked again is answered at once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from kg.server.process import Answer

SMALL, ALL = 64 * 1024, 32 * 1024 * 1024  # bytes of an answer with its query, and of all that are kept
# What gives something else each time; a word that merely holds one of these is taken for it.
_CHANGES = ("RAND", "NOW", "UUID", "BNODE", "\\U")

Key = tuple[Any, ...]


class Kept:
    """The answers over one store, those asked last; a new store begins with none."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Key, Answer] = OrderedDict()
        self._size = 0

    def get(self, key: Key) -> Answer | None:
        """Return an answer that is kept."""
        answer = self._answers.get(key)
        if answer is not None:
            self._answers.move_to_end(key)
        return answer

    def put(self, key: Key, answer: Answer) -> None:
        """Keep an answer unless it is large, or would not be the same again; those not asked for longest go."""
        size = _size(key, answer)
        capitals = key[0].upper()
        if size > SMALL or key in self._answers or any(word in capitals for word in _CHANGES):
            return
        self._answers[key] = answer
        self._size += size
        while self._size > ALL:
            self._size -= _size(*self._answers.popitem(last=False))

    def __len__(self) -> int:
        return len(self._answers)


def key_of(query: str, forms: Mapping[str, str], options: Mapping[str, Any]) -> Key:
    """Return what an answer depends on, the query first."""
    bindings = tuple(sorted((options.get("bindings") or {}).items()))
    graphs = (tuple(options.get(name, ())) for name in ("default_graph", "named_graphs"))
    return query, tuple(forms.items()), bindings, *graphs


def _size(key: Key, answer: Answer) -> int:
    return len(key[0]) + len(answer.body) + 500
