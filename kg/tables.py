"""Answers as a table for a terminal: IRIs shortened, columns aligned, wide characters counted as two."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from kg.iris import Shortener, split_term


def answer_table(columns: Sequence[str], rows: Sequence[Sequence[str | None]], shortener: Shortener) -> str:
    """Return the rows (terms in N-Triples syntax) under their column names, a line each."""
    return text_table(columns, [[show_term(term, shortener) for term in row] for row in rows])


def show_term(term: str | None, shortener: Shortener) -> str:
    """Return a term as a person reads it: prefixed name, or the bare text of a literal, on one line."""
    if term is None:
        return ""
    if term.startswith("<"):
        return shortener.turtle(term)
    return term if term.startswith("_:") else "".join(_visible(c) for c in split_term(term)[0])


def _visible(character: str) -> str:
    """Return a character, or a space or escape where it would move the cursor or colour the terminal."""
    if character in "\n\r\t":
        return " "
    return character if unicodedata.category(character) not in ("Cc", "Cf") else f"\\u{ord(character):04x}"


def text_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return columns of text, each as wide as its widest cell."""
    widths = [max(width(row[i]) for row in (columns, *rows)) for i in range(len(columns))]
    lines = [_line(columns, widths), "  ".join("─" * w for w in widths), *(_line(row, widths) for row in rows)]
    return "".join(f"{line}\n" for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell + " " * (w - width(cell)) for cell, w in zip(cells, widths, strict=True)).rstrip()


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
