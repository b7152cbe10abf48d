"""Write rows of text as the canonical YAML of a project, which the strict reader reads back unchanged.

Input: rows as dicts of key to text (see ``world_rows.Tables``). Output: ``kg.yaml``, ``entities.yaml`` and claim files.
A claim row or an entity is a flow map on one line of any length, with keys in the ontology's order; a source is a
block. Values are unquoted if that is safe in braces, else in double quotes. A note is always quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from kg.ingestion.world_rows import in_order
from kg.model.ontology import Ontology
from kg.model.terms import Key

SETTING_ORDER = ("title", "base", "licence", "languages", "encoding")
ALWAYS_QUOTED = ("note",)

# Text that is safe without quotes: inside braces, next to comments, and for other YAML readers.
_BARE = re.compile(r"(?![-?:,\[\]{}#&*!|>'\"%@`=~<+]|\.(?!\./))(?:[^\s,\[\]{}?:#\\\"]|:(?=//)|(?<=\S)#| (?=[^\s#]))+")
_WORDS = re.compile(r"(?i:null|true|false|yes|no|on|off|y|n|[-+]?\.(?:inf|nan))")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ESCAPED = re.compile(r'[\\"\x00-\x1f\x7f-\xa0\u2028-\u202e\u2066-\u2069\u3000\ufeff\ufffe\uffff]')


def scalar(text: str, *, quoted: bool = False) -> str:
    """Return a value as written in a file: unquoted if that is safe, else in double quotes."""
    if not quoted and _BARE.fullmatch(text) and not _WORDS.fullmatch(text):
        return text
    return '"' + _ESCAPED.sub(lambda match: _ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04X}", text) + '"'


def pair(key: str, text: str) -> str:
    """Return a key with its value."""
    return f"{key}: {scalar(text, quoted=key in ALWAYS_QUOTED)}"


def claim_line(row: Mapping[str, str], ontology: Ontology) -> str:
    """Return a claim row as a line that begins with ``- {``."""
    cells = in_order({key: text for key, text in row.items() if key != "source"}, ontology.row_keys)
    return f"- {_braces(cells)}"


def _braces(cells: Mapping[str, str]) -> str:
    return f"{{{', '.join(pair(key, text) for key, text in cells.items())}}}"


def entity_line(row: Mapping[str, str], ontology: Ontology) -> str:
    """Return an entity as ``id: {type: …, en: …}``: the type, the names sorted by language, then other keys."""
    keys = ontology.keys("entity")
    names = {key: row[key] for key in sorted(row) if key not in keys and key != "id"}
    facts = in_order({key: row[key] for key in row if key in keys and key != "type"}, keys)
    cells = {**({"type": row["type"]} if "type" in row else {}), **names, **facts}
    return f"{scalar(row['id'])}: {_braces(cells)}"


def block(head: str, row: Mapping[str, str], keys: Mapping[str, Key] | None = None) -> str:
    """Return a mapping under a head such as ``source``, one indented line per key."""
    cells = in_order(row, keys or {})
    return f"{head}:\n" + "".join(f"  {pair(key, text)}\n" for key, text in cells.items())


def claim_file(
    source: Mapping[str, str],
    rows: Iterable[Mapping[str, str]],
    ontology: Ontology,
    defaults: Mapping[str, str] | None = None,
) -> str:
    """Return a claim file: its source, its defaults if any, and its rows in the given order."""
    text = block("source", source, ontology.keys("source"))
    if defaults:
        text += block("defaults", defaults, ontology.row_keys)
    return text + "claims:\n" + "".join(f"{claim_line(row, ontology)}\n" for row in rows)


def entities_file(rows: Iterable[Mapping[str, str]], ontology: Ontology) -> str:
    """Return the text of ``entities.yaml``: one line per entity, in the given order."""
    return "".join(f"{entity_line(row, ontology)}\n" for row in rows)


def settings_file(row: Mapping[str, str]) -> str:
    """Return the text of ``kg.yaml``."""
    order = {key: number for number, key in enumerate(SETTING_ORDER)}
    return "".join(f"{pair(key, row[key])}\n" for key in sorted(row, key=lambda key: (order.get(key, 99), key)))
