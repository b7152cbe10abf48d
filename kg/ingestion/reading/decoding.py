"""Decode the bytes of a file to text, and refuse invisible characters."""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from kg.ingestion.reading.records import INVISIBLE, Fault, Records, Row
from kg.model.errors import Location

MAX_BYTES = 50_000_000
MAX_INVISIBLE = 20
BLOCK = 4_000_000  # bytes of a table that are read at once
MAX_RATIO = 100
SMALL = 10_000_000  # bytes; a table that decompresses to less has no limit of ratio


def text_of(records: Records, folder: Path, name: str) -> str:
    """Return the text of a file of a project, decoded with the encoding in the settings. Raises Fault."""
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
    named = encoding_of(settings, name)
    codec = codec_of(content, name, named, settings.where("encoding"))
    mark = mark_of(codec, content)
    try:
        return content.removeprefix(mark).decode(codec)
    except UnicodeDecodeError as error:
        raise decoding_fault(error, name, named or "utf-8", skipped=len(mark)) from None


def encoding_of(settings: Row, name: str) -> str:
    """Return the encoding that ``kg.yaml`` names for a file, or "" for UTF-8.

    ``encoding: gb18030`` is that of every file, ``encoding: claims/a.csv gb18030|claims/b.csv big5`` that of two.
    """
    default = ""
    for part in settings.text("encoding").split("|"):
        file, _, named = part.strip().rpartition(" ")
        if file.strip() == name:
            return named
        default = default if file else named
    return default


def is_encoding(name: str) -> bool:
    """Return whether Python has a text encoding of that name."""
    try:
        "".encode(name)
    except (LookupError, ValueError):
        return False
    return True


def codec_of(content: bytes, name: str, named: str, place: Location | None = None) -> str:
    """Return the codec of a text: UTF-8 after its byte order mark, else the named encoding. Raises Fault."""
    if not is_encoding(named or "utf-8"):
        hint = "write utf-8, gb18030, big5, utf-16, windows-1252 …"
        raise Fault(place or Location(name), "KG001", f"unknown encoding '{named}'", hint)
    codec = "utf-8" if content.startswith(codecs.BOM_UTF8) else codecs.lookup(named or "utf-8").name
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not codec.startswith(("utf-16", "utf-32")):
        hint = "save it as UTF-8, or name its encoding in kg.yaml: encoding: " + f"{name} utf-16"
        raise Fault(Location(name, 1, 1), "KG001", f"not {codec.upper()} but UTF-16", hint)
    return codec


def text_blocks(path: Path, name: str, encoding: str) -> Iterator[tuple[str, bool]]:
    """Yield the text of a file, optionally gzipped, in arbitrary blocks, and whether each is the last. Raises Fault."""
    pieces = _bytes(path, name)
    piece = next(pieces, b"")
    codec, line = codec_of(piece, name, encoding), 1
    decoder, mark = codecs.getincrementaldecoder(codec)(), mark_of(codec, piece)
    following: bytes | None = piece.removeprefix(mark)
    while following is not None:
        piece, following = following, next(pieces, None)
        try:
            text = decoder.decode(piece, following is None)
        except UnicodeDecodeError as error:
            raise decoding_fault(error, name, codec, line) from None
        line += text.count("\n")
        yield text, following is None


def _bytes(path: Path, name: str) -> Iterator[bytes]:
    is_packed, unpacked = path.suffix.lower() == ".gz", 0
    most = max(SMALL, MAX_RATIO * path.stat().st_size)
    try:
        with gzip.open(path) if is_packed else path.open("rb") as file:
            while piece := file.read(BLOCK):
                unpacked += len(piece)
                if is_packed and unpacked > most:
                    message = f"the file unpacks to more than {MAX_RATIO} times its size"
                    raise Fault(Location(name), "KG001", message, "unpack it, and look at what it holds")
                yield piece
    except (gzip.BadGzipFile, zlib.error, EOFError, OSError) as error:
        raise Fault(Location(name), "KG001", f"cannot be read: {error}", "is it whole?") from None


def mark_of(codec: str, content: bytes) -> bytes:
    """Return the byte order mark before a UTF-8 text, or b"" if it has none."""
    return codecs.BOM_UTF8 if codec == "utf-8" and content.startswith(codecs.BOM_UTF8) else b""


def decoding_fault(error: UnicodeDecodeError, name: str, encoding: str, line: int = 1, skipped: int = 0) -> Fault:
    """Return the fault for bytes, starting at a line, that are not valid in an encoding."""
    place = place_at(error.object[: error.start].decode(encoding, "replace"), name, None)
    place = replace(place, line=place.line + line - 1)
    at = f" at byte {skipped + error.start + 1}" if line == 1 else ""
    hint = "save it as UTF-8, or name its encoding in kg.yaml, such as encoding: gb18030"
    return Fault(place, "KG001", f"not {encoding.upper()}{at}", hint)


NEWLINE = re.compile(r"\r\n|\n|\r")


def place_at(text: str, name: str, position: int | None) -> Location:
    """Return the place of a position in a text, or of its end. Lines are counted as editors count them."""
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
