"""Cells of tables that open in a spreadsheet: none of them runs as a formula."""

from __future__ import annotations

_RUNS = ("=", "+", "-", "@", "\t", "\r", "'")


def defuse(text: str) -> str:
    """Return a cell that a spreadsheet takes as text: ``'`` before what could begin a formula, and before a ``'``."""
    return f"'{text}" if text.startswith(_RUNS) else text


def plain_cell(text: str) -> str:
    """Return what was defused: exactly one leading ``'`` less."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_RUNS) else text
