"""Escape table cells so that a spreadsheet does not run them as formulas."""

from __future__ import annotations

_RUNS = ("=", "+", "-", "@", "\t", "\r", "'")


def defuse(text: str) -> str:
    """Return a cell that a spreadsheet reads as text: prefix ``'`` if it could start a formula or starts with ``'``."""
    return f"'{text}" if text.startswith(_RUNS) else text


def plain_cell(text: str) -> str:
    """Return the original text of an escaped cell: remove exactly one leading ``'``."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_RUNS) else text
