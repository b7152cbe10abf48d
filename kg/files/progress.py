"""How far a long work has come: share, rate and remaining time on the terminal, once it takes over a second.

Nothing is shown unless a command asks for it, and standard error is a terminal.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

Thing = TypeVar("Thing")
PATIENCE = 1.0  # seconds before anything is shown
PAUSE = 0.1  # seconds between two showings
WIDTH = 24
_shown: list[Callable[[str], None]] = []


@contextmanager
def shown() -> Iterator[None]:
    """Show what is tracked within the block, where standard error is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    _shown.append(_rewrite)
    try:
        yield
    finally:
        _shown.pop()
        _rewrite("")


def track(
    things: Iterable[Thing], what: str, *, total: int, unit: str, size: Callable[[Thing], int]
) -> Iterator[Thing]:
    """Yield the things, showing how many units of how many are done."""
    gauge = Gauge(what, total, unit)
    for thing in things:
        yield thing
        gauge.advance(size(thing))


@dataclass
class Gauge:
    """One work under way."""

    what: str
    total: int
    unit: str
    done: int = 0
    begun: float = field(default_factory=lambda: time.monotonic())
    last: float = field(default_factory=lambda: time.monotonic())

    def advance(self, units: int) -> None:
        """Count units, and show them now and then."""
        self.done += units
        now = time.monotonic()
        if _shown and now - self.begun >= PATIENCE and now - self.last >= PAUSE:
            self.last = now
            _shown[-1](self.line(now - self.begun))

    def line(self, seconds: float) -> str:
        """Return the line after so many seconds."""
        rate = self.done / seconds
        share = min(self.done / self.total, 1.0) if self.total else 0.0
        bar = "█" * round(share * WIDTH)
        left = max(self.total - self.done, 0) / rate if rate else 0
        return f"{self.what} {bar:░<{WIDTH}} {share:4.0%}  {rate:,.0f} {self.unit}/s  {_clock(left)} left"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02} min" if minutes else f"{rest} s"


def _rewrite(line: str) -> None:
    sys.stderr.write(f"\r\x1b[2K{line}")
    sys.stderr.flush()
