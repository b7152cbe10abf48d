"""Reject RDF files with dangerous constructs before the RDF engine parses them.

In: the bytes of RDF/XML or JSON-LD. Out: nothing, or a CheckError with the location of a DOCTYPE (it can expand
entities without limit or read files), a remote context, or extreme nesting, which can slow the engine to minutes or
crash it.
"""

from __future__ import annotations

import json
import re
from typing import NoReturn
from xml.parsers import expat

from kg.ingestion.reading import MAX_DEPTH, MAX_TEXT
from kg.model.errors import CheckError, Location, Problem

_DEEP = f"nested deeper than {MAX_DEPTH} levels"
_LONG = 1_000_000  # characters of a text; a longer one may not fit the engine's memory
_ELSEWHERE = ('"@context"', '"@import"')
_JSON_PIECE = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}:,]')


def refuse_traps(content: bytes, form: str, name: str) -> None:
    """Raise CheckError if the file contains a dangerous construct; ``form`` is a format name of pyoxigraph."""
    if form == "RDF_XML":
        _Xml(name).read(content)
    elif form == "JSON_LD":
        _read_json(content.decode("utf-8", "replace"), name)


class _Xml:
    """An XML parser that tracks only the nesting depth."""

    def __init__(self, name: str) -> None:
        self.name, self.depth = name, 0
        self.parser = expat.ParserCreate()
        self.parser.DefaultHandler = self._before
        self.parser.StartElementHandler = self._open
        self.parser.EndElementHandler = self._close

    def read(self, content: bytes) -> None:
        try:
            self.parser.Parse(content, True)
        except (expat.ExpatError, LookupError, ValueError) as error:  # the last two: an unsupported encoding
            words = str(error).partition(": line")[0]
            self._refuse("KG002", f"not RDF/XML: {words}", "")

    def _before(self, piece: str) -> None:
        if piece.startswith("<!DOCTYPE"):
            self._refuse("KG003", "a DOCTYPE is not read here", "delete it")

    def _open(self, *_: object) -> None:
        self.parser.DefaultHandler = None  # a DOCTYPE can only precede the first element
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self._refuse("KG003", _DEEP, "")

    def _close(self, *_: object) -> None:
        self.depth -= 1

    def _refuse(self, code: str, message: str, hint: str) -> NoReturn:
        place = Location(self.name, self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1)
        raise CheckError([Problem(place, "error", code, message, hint)])


def _read_json(text: str, name: str) -> None:
    depth, in_context, previous, before = 0, 0, "", ""
    for match in _JSON_PIECE.finditer(text):
        if len(match[0]) > _LONG:
            message = f"a text of {len(match[0]) - 2:,} characters, where {MAX_TEXT:,} are the most"
            raise _refusal(name, text, match.start(), message, "", code="KG012")
        piece = _unescaped(match[0])
        if piece in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise _refusal(name, text, match.start(), _DEEP, "")
            if piece == "[" and previous == ":" and before == '"@context"':
                in_context = depth
        elif piece in "]}":
            in_context = 0 if depth == in_context else in_context
            depth -= 1
        elif piece.startswith('"'):
            names_it = previous == ":" and before in _ELSEWHERE
            if names_it or (in_context and depth == in_context):
                hint = "write the context into the file"
                raise _refusal(name, text, match.start(), f"a context from elsewhere, {piece[:60]}", hint)
        before, previous = (previous if piece == ":" else before), piece


def _unescaped(piece: str) -> str:
    """Return a JSON string in quotes with its escapes resolved: a keyword can be written with escapes."""
    if "\\" not in piece:
        return piece
    try:
        return f'"{json.loads(piece)}"'
    except ValueError:  # not a JSON escape: the engine reports it
        return piece


def _refusal(name: str, text: str, position: int, message: str, hint: str, *, code: str = "KG003") -> CheckError:
    before = re.split(r"\r\n|\n|\r", text[:position])
    place = Location(name, len(before), len(before[-1]) + 1)
    return CheckError([Problem(place, "error", code, message, hint)])
