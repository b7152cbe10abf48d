"""Parse the layout of a table from its mapping: encoding, delimiter, header, sheet, empty values."""

from __future__ import annotations

from collections.abc import Mapping

from kg.ingestion.checking.values import Scope
from kg.ingestion.reading import Node
from kg.ingestion.reading.decoding import is_encoding
from kg.ingestion.reading.layout import Layout

LAYOUT = ("encoding", "delimiter", "header", "sheet", "empty")
_DELIMITERS = {"tab": "\t", "\\t": "\t", "\t": "\t", ",": ",", ";": ";", "|": "|"}


def read_layout(scope: Scope, parts: Mapping[str, Node]) -> Layout:
    """Return the layout given by parts of a mapping, reporting invalid ones."""
    encoding, delimiter, header = (_text(scope, parts, word) for word in ("encoding", "delimiter", "header"))
    if encoding and not is_encoding(encoding):
        hint = "write utf-8, gb18030, big5, utf-16, windows-1252 …"
        scope.report(parts["encoding"].place, "KG001", f"unknown encoding '{encoding}'", hint)
        encoding = ""
    if delimiter and delimiter not in _DELIMITERS:
        hint = 'write ",", ";", "|" or tab'
        scope.report(parts["delimiter"].place, "KG210", f"'{delimiter}' is no delimiter", hint)
    if header and not (header.isascii() and header.isdigit() and 0 < int(header[:9]) < 10_000):
        hint = "the line, or the row of a sheet, that names the columns, such as header: 3"
        scope.report(parts["header"].place, "KG210", f"'{header}' is no line of a header", hint)
        header = ""
    sheet, empty = _text(scope, parts, "sheet"), _words(scope, parts.get("empty"))
    return Layout(encoding, _DELIMITERS.get(delimiter, ","), int(header or 1), sheet, empty)


def _text(scope: Scope, parts: Mapping[str, Node], word: str) -> str:
    node = parts.get(word)
    if node is not None and not node.text:
        scope.report(node.place, "KG005", f"'{word}' must be a text")
    return (node.text or "") if node else ""


def _words(scope: Scope, node: Node | None) -> tuple[str, ...]:
    if node is None:
        return ()
    words = [member.text for member in node.members or ()] if node.members is not None else [node.text]
    if not all(words):
        scope.report(node.place, "KG005", "'empty' must be a list of texts", 'such as empty: [N/A, "-"]')
    return tuple(word for word in words if word)
