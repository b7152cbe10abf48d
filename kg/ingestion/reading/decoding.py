"""The bytes of a file → its text, without anything in it that nobody sees."""

from __future__ import annotations

import codecs
import re
from itertools import islice
from pathlib import Path

from kg.ingestion.reading.records import INVISIBLE, Fault, Records, Row
from kg.model.errors import Location

MAX_BYTES = 50_000_000
MAX_INVISIBLE = 20


def text_of(records: Records, folder: Path, name: str) -> str:
    """Return the text of a file of a project, decoded as the settings say. Raises Fault."""
    if name in records.instead:
        return records.instead[name]
    text = _decode(content_of(folder, name), name, records.settings)
    _refuse_invisible(records, text, name)
    return text


def content_of(folder: Path, name: str) -> bytes:
    """Return the bytes of a file that lies within the project. Raises Fault."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise Fault(Location(name), "KG001", "the file lies outside the project; a link must not leave it")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Fault(Location(name), "KG001", f"cannot be read: {error.strerror}") from None
    if len(content) > MAX_BYTES:
        raise Fault(Location(name), "KG001", f"larger than {MAX_BYTES // 1_000_000} MB; split it")
    return content


def _decode(content: bytes, name: str, settings: Row) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Fault(Location(name, 1, 1), "KG001", "not UTF-8 but UTF-16", "save it as UTF-8")
    named = settings.text("encoding") or "utf-8"
    try:
        codec = codecs.lookup(named).name
        mark = codecs.BOM_UTF8 if codec == "utf-8" and content.startswith(codecs.BOM_UTF8) else b""
        content = content.removeprefix(mark)
        return content.decode(codec)
    except UnicodeDecodeError as error:
        place = place_at(content[: error.start].decode(codec, "replace"), name, None)
        hint = "save it as UTF-8, or name the encoding in kg.yaml, such as encoding: gb18030"
        message = f"not {named.upper()} at byte {len(mark) + error.start + 1}"
        raise Fault(place, "KG001", message, hint) from None
    except (LookupError, UnicodeError):
        hint = "write utf-8, gb18030, big5, latin-1 …"
        raise Fault(settings.where("encoding"), "KG001", f"unknown encoding '{named}'", hint) from None


NEWLINE = re.compile(r"\r\n|\n|\r")


def place_at(text: str, name: str, position: int | None) -> Location:
    """Return the place of a position in a text, or of its end; lines are counted as editors count them."""
    before = text if position is None else text[:position]
    ends = [newline.end() for newline in NEWLINE.finditer(before)]
    return Location(name, len(ends) + 1, len(before) - (ends[-1] if ends else 0) + 1)


def _refuse_invisible(records: Records, text: str, name: str) -> None:
    faults = [
        Fault(
            place_at(text, name, found.start()), "KG010", f"the invisible character U+{ord(found[0]):04X}", "delete it"
        )
        for found in islice(INVISIBLE.finditer(text), MAX_INVISIBLE)
    ]
    if faults:
        records.problems.extend(fault.problem for fault in faults[:-1])
        raise faults[-1]
