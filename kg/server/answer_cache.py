"""Cache complete answers for a store that never changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from kg.server.process import Answer

SMALL, ALL = 64 * 1024, 32 * 1024 * 1024  # bytes: of one answer with its query, and of all
# Functions that return a different value each time. Queries that contain one of these words are not cached.
_CHANGES = ("RAND", "NOW", "UUID", "BNODE", "\\U")

Key = tuple[Any, ...]


class Kept:
    """The cached answers of one store, least recently used evicted first. A new store gets a new cache."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Key, Answer] = OrderedDict()
        self._size = 0

    def get(self, key: Key) -> Answer | None:
        """Return a cached answer, or None."""
        answer = self._answers.get(key)
        if answer is not None:
            self._answers.move_to_end(key)
        return answer

    def put(self, key: Key, answer: Answer) -> None:
        """Cache an answer unless it is large or differs each time. Evict the least recently used when full."""
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
    """Return the cache key of a query: everything its answer depends on, the query first."""
    bindings = tuple(sorted((options.get("bindings") or {}).items()))
    graphs = (tuple(options.get(name, ())) for name in ("default_graph", "named_graphs"))
    return query, tuple(forms.items()), bindings, *graphs


def _size(key: Key, answer: Answer) -> int:
    return len(key[0]) + len(answer.body) + 500
