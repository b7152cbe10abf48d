"""Share work between two threads, with results in order; polars releases the GIL while it computes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

THREADS = 2
A = TypeVar("A")
B = TypeVar("B")


def in_order(work: Callable[[A], B], things: Iterable[A]) -> Iterator[B]:
    """Yield the result for each item in order; at most two are in progress, so that memory stays bounded."""
    with ThreadPoolExecutor(THREADS) as pool:
        waiting: deque[Future[B]] = deque()
        for thing in things:
            waiting.append(pool.submit(work, thing))
            if len(waiting) >= THREADS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
