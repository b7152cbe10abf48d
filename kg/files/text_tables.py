"""Format tables as text for terminals (wide characters count as two columns), Markdown, CSV and HTML."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from html import escape
from itertools import islice

from kg.files.cells import defuse
from kg.model.iris import Shortener, split_term


def answer_table(columns: Sequence[str], rows: Sequence[Sequence[str | None]], shortener: Shortener) -> str:
    """Return rows of terms in N-Triples syntax as an aligned table with a header."""
    return text_table(columns, [[show_term(term, shortener) for term in row] for row in rows])


def show_term(term: str | None, shortener: Shortener) -> str:
    """Return a term in readable form on one line: a prefixed name, or the text of a literal."""
    if term is None:
        return ""
    if term.startswith("<"):
        return shortener.turtle(term)
    return term if term.startswith("_:") else visible(split_term(term)[0])


def visible(text: str) -> str:
    """Return a text on one line, with control and format characters escaped so that they do not affect a terminal."""
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    """Return a character, or a space or escape if it would affect the terminal."""
    if character in "\n\r\t":
        return " "
    return character if unicodedata.category(character) not in ("Cc", "Cf") else f"\\u{ord(character):04x}"


def text_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return an aligned table with a header; each column is as wide as its widest cell."""
    widths = [max(width(row[i]) for row in (columns, *rows)) for i in range(len(columns))]
    lines = [_line(columns, widths), "  ".join("─" * w for w in widths), *(_line(row, widths) for row in rows)]
    return "".join(f"{line}\n" for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell + " " * (w - width(cell)) for cell, w in zip(cells, widths, strict=True)).rstrip()


def width(text: str) -> int:
    """Return the number of terminal columns that a text takes."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


_MARKUP = re.compile(r"([\\`*_\[\]<>|~#])")


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in GitHub-flavoured Markdown; markup in cells is escaped."""
    head, *body = ([markdown_text(cell) for cell in line] for line in (columns, *rows))
    return "".join(f"| {' | '.join(line)} |\n" for line in (head, ["---"] * len(columns), *body))


def markdown_text(text: str) -> str:
    """Return a text on one line with Markdown characters escaped."""
    return _MARKUP.sub(r"\\\1", visible(text))


SHOWN, LONGEST = 20, 120  # most rows of a table in a notebook, and characters of a cell


def html_table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, total: int) -> str:
    """Return the first ``SHOWN`` of ``total`` rows as HTML for a notebook; texts are escaped and clipped."""
    shown = list(islice(rows, SHOWN))
    more = f"<p>{total - len(shown):,} more</p>" if total > len(shown) else ""
    head = "".join(f'<th scope="col">{_html_text(name)}</th>' for name in columns)
    body = "".join(f"<tr>{''.join(map(_html_cell, row))}</tr>\n" for row in shown)
    table = f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>" if columns else ""
    return f"<div>\n<p>{_html_text(caption)}</p>\n{table}{more}\n</div>"


def _html_cell(text: str) -> str:
    return f'<td dir="auto">{_html_text(text)}</td>'


def _html_text(text: str) -> str:
    return escape(visible(text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"))


_QUOTED = re.compile(r'[",\r\n]|^\s|\s$')


def csv_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table as CSV (RFC 4180, with line feeds); cells are escaped against spreadsheet formulas."""
    return "".join(f"{','.join(map(_csv_field, line))}\n" for line in (columns, *rows))


def _csv_field(text: str) -> str:
    text = defuse(text)
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if _QUOTED.search(text) else text
