"""Show a progress bar with share, rate and remaining time for work that takes longer than a second.

It appears only if a command enables it and standard error is a terminal.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

Thing = TypeVar("Thing")
PATIENCE = 1.0  # seconds before the bar appears
PAUSE = 0.1  # seconds between two updates
WIDTH = 24
_shown: list[Callable[[str], None]] = []


@contextmanager
def shown() -> Iterator[None]:
    """Show progress bars within the block if standard error is a terminal."""
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
    """Yield the items of ``things`` and count their units as done."""
    gauge = Gauge(what, total, unit)
    for thing in things:
        yield thing
        gauge.advance(size(thing))


@dataclass
class Gauge:
    """The progress of one task."""

    what: str
    total: int
    unit: str
    done: int = 0
    begun: float = field(default_factory=lambda: time.monotonic())
    last: float = field(default_factory=lambda: time.monotonic())

    def advance(self, units: int) -> None:
        """Add ``units`` to the count, and update the bar if it is due."""
        self.done += units
        now = time.monotonic()
        if _shown and now - self.begun >= PATIENCE and now - self.last >= PAUSE:
            self.last = now
            _shown[-1](self.line(now - self.begun))

    def line(self, seconds: float) -> str:
        """Return the text of the bar after ``seconds`` of work."""
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
