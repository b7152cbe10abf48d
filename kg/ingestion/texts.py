"""Read the stored text of a source into paragraphs, and normalise them for comparison.

In: the bytes of a plain text or an HTML page. Out: a ``Text`` of blocks. Folding a block ignores width, case, quotes,
hyphens and spaces, and keeps each character's original position.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

PAGES = (".html", ".htm", ".xhtml")
SUFFIXES = (".txt", ".md", *PAGES)


@dataclass(frozen=True)
class Block:
    """A piece of a text: a paragraph with its number, a title, or anything else."""

    text: str
    name: str = ""


@dataclass
class Text:
    """A stored text: its blocks in order, and their folded forms."""

    blocks: list[Block]
    folded: dict[int, Folded] = field(default_factory=dict)

    @property
    def paragraphs(self) -> int:
        """Return the number of paragraphs."""
        return sum(block.name.startswith("par") for block in self.blocks)

    def fold(self, index: int) -> Folded:
        """Return the folded form of a block, or of the whole text for -1; the result is cached."""
        if index not in self.folded:
            whole = "\n".join(block.text for block in self.blocks) if index < 0 else self.blocks[index].text
            self.folded[index] = fold(whole)
        return self.folded[index]


def read_text(content: bytes, suffix: str) -> Text:
    """Read a stored text. Raises ValueError if it cannot be decoded.

    Paragraphs are numbered from 1: each ``<p>`` of a page, or each piece between blank lines that is not a heading.
    """
    text = unicodedata.normalize("NFC", _decode(content, suffix.lower() in PAGES))
    return Text(list(_page_blocks(text) if suffix.lower() in PAGES else _plain_blocks(text)))


_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)


def _decode(content: bytes, page: bool) -> str:
    """Decode as UTF-8, or in the encoding that a page declares; never guess."""
    named = _CHARSET.search(content[:4096]) if page and not content.startswith(b"\xef\xbb\xbf") else None
    encoding = named[1].decode() if named else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError(f"not {encoding.removesuffix('-sig').upper()} at byte {error.start + 1}") from None
    except LookupError:
        raise ValueError(f"unknown encoding '{encoding}'") from None


def _plain_blocks(text: str) -> Iterator[Block]:
    number = 0
    for piece in re.split(r"\n[ \t]*(?:\n[ \t]*)+", text.replace("\r\n", "\n").replace("\r", "\n").strip()):
        heading = re.match(r"#+ (.*)", piece, re.DOTALL)
        number += not heading
        yield (
            Block(heading[1], "title" if heading[0].startswith("# ") else "")
            if heading
            else Block(piece, f"par{number}")
        )


def _page_blocks(page: str) -> Iterator[Block]:
    reader = _PageReader()
    reader.feed(page)
    reader.close()
    number = 0
    for tag, text in reader.pieces():
        number += tag == "p"
        yield Block(text, f"par{number}" if tag == "p" else "title" if tag in ("title", "h1") else "")


class _PageReader(HTMLParser):
    """Split a page at tags that begin or end a block, and drop unread elements."""

    UNREAD = frozenset(("script", "style", "template", "noscript", "svg"))
    INLINE = frozenset(
        ("a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "dfn", "em", "font", "i", "img", "ins", "kbd", "mark",
         "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var", "wbr")
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._found: list[tuple[str, list[str]]] = [("", [])]
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a block or an unread element."""
        self._unread += tag in self.UNREAD
        if tag == "br":
            self._found[-1][1].append("\n")
        elif tag not in self.INLINE:
            self._found.append((tag, []))

    def handle_endtag(self, tag: str) -> None:
        """End a block or an unread element."""
        self._unread = max(self._unread - (tag in self.UNREAD), 0)
        if tag not in self.INLINE and tag != "br":
            self._found.append(("", []))

    def handle_data(self, data: str) -> None:
        """Keep visible text."""
        if not self._unread:
            self._found[-1][1].append(data)

    def pieces(self) -> Iterator[tuple[str, str]]:
        """Yield the tag and text of each non-empty block."""
        for tag, parts in self._found:
            if text := "".join(parts).strip():
                yield tag, text


# ---------------------------------------------------------------- folding


@dataclass(frozen=True)
class Folded:
    """A folded text, with the original position of each character."""

    original: str
    text: str
    origin: list[int]

    def passage(self, start: int, end: int) -> str:
        """Return the original text of a range."""
        return self.original[self.origin[start] : self.origin[end - 1] + 1] if start < end else ""


_QUOTES = dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u300c\u300d\u300e\u300f\u2033\u3003", '"')
_QUOTES |= dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u2039\u203a\u00b4\u0060", "'")
_HYPHENS = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-")


def fold(text: str) -> Folded:
    """Fold a text for comparison, ignoring width, case, quotes, hyphens and spaces.

    A hyphen inside a word counts as a space; a space counts only between letters or digits of scripts that use spaces.
    """
    cache: dict[str, str] = {}
    pairs: list[tuple[str, int]] = []
    for place, character in enumerate(text):
        folded = cache.get(character)
        if folded is None:
            folded = cache[character] = _fold_character(character)
        pairs.extend((part, place) for part in folded)
    kept: list[tuple[str, int]] = []
    for index, (part, place) in enumerate(pairs):
        if (
            part == "-"
            and kept
            and is_spaced(kept[-1][0])
            and index + 1 < len(pairs)
            and is_spaced(pairs[index + 1][0])
        ):
            part = " "
        if kept and kept[-1][0] == " " and not (is_spaced(part) and len(kept) > 1 and is_spaced(kept[-2][0])):
            kept.pop()
        if part != " " or (kept and kept[-1][0] != " "):
            kept.append((part, place))
    if kept and kept[-1][0] == " ":
        kept.pop()
    return Folded(text, "".join(part for part, _ in kept), [place for _, place in kept])


def _fold_character(character: str) -> str:
    if character.isspace():
        return " "
    if unicodedata.category(character) == "Cf":
        return ""
    character = _QUOTES.get(character) or _HYPHENS.get(character) or character
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).casefold())


def is_spaced(character: str) -> bool:
    """Return whether a character is a letter or digit of a script that separates words by spaces."""
    if character.isascii():
        return character.isalnum()
    return character.isalnum() and unicodedata.east_asian_width(character) not in "WF"


def is_inside(text: str, place: int) -> bool:
    """Return whether a position lies inside a word or number."""
    return 0 < place < len(text) and is_spaced(text[place - 1]) and is_spaced(text[place])
