"""Bars: share, rate and time left on a terminal, nothing elsewhere."""

import io
import sys
import time

import pytest

from kg.files import progress


class Terminal(io.StringIO):
    """A standard error that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.mark.parametrize(("stream", "lines"), [(Terminal, 3), (io.StringIO, 0)])
def test_a_bar_is_shown_on_a_terminal_only(
    stream: type[io.StringIO], lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a second, with share, rate and remaining time; at the end the line is empty again."""
    now = iter(float(second) for second in range(100))
    monkeypatch.setattr(time, "monotonic", lambda: next(now))
    monkeypatch.setattr(sys, "stderr", stream())
    with progress.shown():
        done = list(progress.track([30, 30, 40], "reading", total=100, unit="rows", size=lambda size: size))
    assert done == [30, 30, 40]
    said = sys.stderr.getvalue().split("\r\x1b[2K")[1:]  # type: ignore[attr-defined]
    assert len(said) == (lines + 1 if lines else 0)
    if lines:
        assert said[1].startswith("reading ██████████████")
        assert " 60%  20 rows/s  2 s left" in said[1]
        assert said[-1] == ""


def test_nothing_is_shown_unless_a_command_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library is silent on a terminal too."""
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    assert list(progress.track([1], "reading", total=1, unit="rows", size=lambda size: size)) == [1]
    assert sys.stderr.getvalue() == ""  # type: ignore[attr-defined]
