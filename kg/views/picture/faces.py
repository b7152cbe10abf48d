"""Break the text on boxes into lines, and estimate the size of text."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Any

from kg.views.layout import Size

LONGEST_TEXT = 300  # characters of a name on a box; the panel shows all
NAME_SIZE, NAME_LINE = 15.0, 19.0
SUB_SIZE, SUB_LINE = 12.5, 16.0
NAME_WIDTHS = (96.0, 106.0, 116.0, 128.0, 140.0)


@dataclass(frozen=True, slots=True)
class Face:
    """The text on a box, broken into lines, and the size that it needs."""

    name: tuple[str, ...]
    sub: str
    size: Size


def face_of(node: Mapping[str, Any]) -> Face:
    """Return the face of a node; its name has few lines, in the narrowest width that fits."""
    name = wrapped(one_line(node["label"]), NAME_SIZE, NAME_WIDTHS)
    under = " · ".join(text for text in map(one_line, (node["sublabel"], node["outlook"])) if text)
    sub = cut(under, SUB_SIZE, NAME_WIDTHS[-1])
    widths = [measured(line, NAME_SIZE) * 1.05 for line in name] + [measured(sub, SUB_SIZE)]
    height = len(name) * NAME_LINE + (SUB_LINE if sub else 0) + 16
    return Face(name, sub, (max(84.0, *widths) + 22, max(44.0, height)))


def one_line(text: str) -> str:
    """Return the beginning of a text on one line, with single spaces."""
    return " ".join(text[:LONGEST_TEXT].split())


def wrapped(text: str, size: float, widths: Sequence[float], most: int = 3) -> tuple[str, ...]:
    """Break a text into as few lines as the widest width allows, then use the narrowest width for that number.

    Text that needs more than ``most`` lines ends in an ellipsis.
    """
    fewest = len(_broken(text, size, widths[-1]))
    for width in widths:
        lines = _broken(text, size, width)
        if len(lines) <= min(fewest, most):
            return tuple(lines)
    return (*lines[: most - 1], cut(" ".join(lines[most - 1 :]), size, widths[-1]))


def _broken(text: str, size: float, width: float) -> list[str]:
    """Break a text at spaces, and inside words that are too long."""
    lines: list[str] = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if measured(longer, size) <= width:
            lines[-1] = longer
            continue
        pieces = _pieces(word, size, width)
        lines.extend(pieces if lines[-1] else pieces[1:])
        if not lines[0]:
            lines[0] = pieces[0]
    return lines


def _pieces(word: str, size: float, width: float) -> list[str]:
    pieces = [""]
    for char in word:
        if measured(pieces[-1] + char, size) > width:
            pieces.append("")
        pieces[-1] += char
    return pieces


def cut(text: str, size: float, width: float) -> str:
    """Shorten a text to a width, with an ellipsis."""
    if measured(text, size) <= width:
        return text
    reach = accumulate(_em(char) * size for char in text)
    kept = bisect_right(list(reach), width - measured("…", size))
    return text[:kept].rstrip() + "…"


def measured(text: str, size: float) -> float:
    """Estimate the width of a text in a common sans-serif font. The page shrinks text that is still too wide."""
    return sum(map(_em, text)) * size


@cache
def _em(char: str) -> float:
    for chars, em in _EMS:
        if char in chars:
            return em
    if char.isascii():
        return 0.65 if char.isupper() else 0.54
    if unicodedata.east_asian_width(char) in "WF":
        return 1.0
    return 0.0 if unicodedata.category(char) in {"Mn", "Me", "Cf"} else 0.66


_EMS = (("ijlI.,:;'|!’` ", 0.27), ('frt-/"()[]', 0.36), ("mwMW@%", 0.86))


def clean(text: str) -> str:
    """Remove characters that HTML or XML cannot hold: control characters, surrogates, non-characters."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs", "Cn"})
