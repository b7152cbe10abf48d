"""Define the limits of a service. The service description states them too."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The limits of a service. Times are in seconds, sizes in bytes.

    ``workers`` is how many queries run at once, ``spare`` how many more processes are ready to take a place, ``slow``
    the CPU time after which a query yields to others, ``slow_queries`` how many such queries may run in addition,
    ``budget`` how long one remote client may keep the engine busy within a minute.
    """

    timeout: float = 2.0
    memory: int = 1_500_000_000
    workers: int = 4
    spare: int = 4
    queue: int = 32
    patience: float = 5.0
    slow: float = 0.03
    slow_queries: int = 4
    rows: int = 10_000
    answer: int = 10_000_000
    body: int = 256 * 1024
    head: int = 32 * 1024
    head_seconds: float = 10.0
    body_seconds: float = 20.0
    connections: int = 512
    budget: float = 60.0
