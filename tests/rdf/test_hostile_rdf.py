"""RDF made to hurt whoever imports it: told at its place, in bounded time and memory, no connection, nothing written."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from command import run
from kg.formats.import_project import import_file
from kg.model.errors import KgError
from kg.rdf.hostile_rdf import refuse_traps
from projects import ROOT

RDF = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="http://x/">'
LEVELS = "".join(f'<!ENTITY e{level + 1} "{f"&e{level};" * 10}">' for level in range(9))
LAUGHS = f'<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY e0 "ha">{LEVELS}]>\n{RDF}<rdf:Description rdf:about="http://x/a"><x:p>&e9;</x:p></rdf:Description></rdf:RDF>'
UTF_16 = LAUGHS.replace("?>", ' encoding="UTF-16"?>', 1).encode("utf-16")
UTF_7 = b'<?xml version="1.0" encoding="UTF-7"?>\n+ADwAIQ-DOCTYPE x>' + RDF.encode()

# By name: the file's ending and content, and how the message begins; HERE is an address at which somebody listens.
HOSTILE: dict[str, tuple[str, str | bytes, str]] = {
    "a billion laughs": (".rdf", LAUGHS, "x.rdf:2:1: error KG003: a DOCTYPE"),
    "a billion laughs in UTF-16": (".rdf", UTF_16, "x.rdf:2:1: error KG003: a DOCTYPE"),
    "a DOCTYPE in UTF-7": (".rdf", UTF_7, "x.rdf:1:31: error KG002: not RDF/XML: multi-byte"),
    "a DOCTYPE in EBCDIC": (".rdf", LAUGHS.encode("cp037"), "x.rdf:1:3: error KG002: not RDF/XML: not well-formed"),
    "a DOCTYPE from elsewhere": (".rdf", f'<!DOCTYPE x SYSTEM "HERE">{RDF}', "x.rdf:1:1: error KG003: a DOCTYPE"),
    "an entity from elsewhere": (".rdf", f'<!DOCTYPE x [<!ENTITY a SYSTEM "HERE">]>{RDF}<x:p>&a;</x:p>', "x.rdf:1:1: error KG003"),
    "an entity that nobody declares": (".rdf", f"{RDF}\n<x:C>&a;</x:C></rdf:RDF>", "x.rdf:2:6: error KG002: not RDF/XML: undefined"),
    "elements 50,000 deep": (".rdf", RDF + "<rdf:Description><x:p>" * 50_000, "x.rdf:1:785: error KG003: nested deeper than 64"),
    "a namespace that is not declared": (".rdf", "<a:b/>", "x.rdf:1:"),
    "a context from elsewhere": (".jsonld", '{"@context": "HERE", "@id": "a:b"}', "x.jsonld:1:14: error KG003: a context from elsewhere"),
    "a context spelt by escapes": (".jsonld", '{"\\u0040context": "HERE"}', "x.jsonld:1:19: error KG003: a context from elsewhere"),
    "a context in a context": (".jsonld", '{"@context": {"x": {"@id": "a:b", "@context": "HERE"}}}', "x.jsonld:1:47: error KG003"),
    "a context that imports": (".jsonld", '{"@context": {"@import": "HERE"}}', "x.jsonld:1:26: error KG003"),
    "a context of a file": (".jsonld", '{"@context": ["file:///etc/passwd", {}]}', "x.jsonld:1:15: error KG003"),
    "a context in UTF-16": (".jsonld", '{"@context": "HERE"}'.encode("utf-16"), "x.jsonld:1:1: error KG002: not JSON-LD"),
    "objects 100,000 deep": (".jsonld", '{"a":' * 100_000, "x.jsonld:1:321: error KG003: nested deeper than 64"),
    "a text of 45 MB": (".ttl", f'<a:b> <a:c> "{"y" * 45_000_000}" .', "x.ttl:1:1: error KG012: a text in this statement is longer than 16,777,216 bytes"),
    "a text of 40 MB in lines": (".trig", '<a:g> {<a:b> <a:c> """' + "y\n" * 20_000_000 + '""" .}', "x.trig:1:1: error KG012: a text in this statement"),
    "a text of 20 MB further down": (".nq", "<a:a> <a:b> <a:c> <a:g> .\n" * 9 + f'<a:b> <a:c> "{"项" * 7_000_000}" <a:g> .', "x.nq:10:1: error KG012: a text in this statement"),
    "an IRI of 20 MB": (".nt", f'\n<a:b> <a:c> <a:{"y" * 20_000_000}> .', "x.nt:2:1: error KG012: a text in this statement"),
    "a text of 10 MB in JSON": (".jsonld", '{"@id": "a:b",\n "a:c": "' + "y" * 10_000_000 + '"}', "x.jsonld:2:9: error KG012: a text of 10,000,000 characters, where 1,000 are the most"),
    "a text that never ends": (".ttl", f'<a:b> <a:c> """{"y" * 1_000_000}', "x.ttl:1:13: error KG002"),
    "a file of 60 MB": (".nq", b" " * 60_000_000, "kg: FOLDER/x.nq is larger than 50 MB"),
    "lists 200,000 deep": (".ttl", "<a:b> <a:c> " + "(" * 200_000, "x.ttl:1:200013: error KG002"),
    "nodes 200,000 deep": (".trig", "<a:b> <a:c> " + "[<a:c> " * 200_000, "x.trig:1:1400013: error KG002"),
    "quoted triples 200,000 deep": (".trig", "<< " * 200_000, "x.trig:1:600001: error KG002"),
    "a space in an IRI": (".nq", "<a:a> <a:b> <http://x/c d> <a:g> .\n", "x.nq:1:13: error KG002: not N-Quads: Invalid IRI"),
    "a space in an IRI by escape": (".nq", "<a:a> <a:b> <http://x/\\u0020d> <a:g> .\n", "x.nq:1:13: error KG002: not N-Quads: Invalid IRI"),
    "a quote in an IRI": (".nt", '\n<a:a> <a:b"> <a:c> .\n', "x.nt:2:7: error KG002: not N-Triples: Invalid IRI"),
    "markup in an IRI": (".nq", "<a:a> <a:b> <a:<script>> <a:g> .\n", "x.nq:1:13: error KG002"),
    "a relative IRI": (".nq", "<a:a> <a:b> <c> <a:g> .\n", "x.nq:1:13: error KG002: not N-Quads: No scheme"),
    "a control character in an IRI": (".nq", "<a:a> <a:b> <a:\x07> <a:g> .\n", "x.nq:1:13: error KG002"),
    "half a character": (".nq", '<a:a> <a:b> "\\uD800" <a:g> .\n', "x.nq:1:14: error KG002: not N-Quads: The escape"),
    "a language that is none": (".nq", '<a:a> <a:b> "x"@a_b <a:g> .\n', "x.nq:1:"),
    "bytes that are no UTF-8": (".ttl", b'<a:a> <a:b> "Citro\xebn" .', "x.ttl:1:19: error KG002: not Turtle: Invalid UTF-8"),
    "prefixes that reach out": (".ttl", "@base <HERE> . @prefix a: <HERE> . <x> a:b <file:///etc/passwd> .", "kg: no dataset"),
}  # fmt: skip
SECONDS, MEGABYTES = 60, 1_700  # far above what is used: some need hours, or all memory, where nobody looks


@pytest.fixture(scope="module")
def listener() -> Iterator[socket.socket]:
    """Listen, so that whoever is reached out to is known."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        yield server


def content_of(case: str, listener: socket.socket) -> bytes:
    """Return the file of a case, the listener's address in it."""
    content = HOSTILE[case][1]
    raw = content.encode() if isinstance(content, str) else content
    return raw.replace(b"HERE", f"http://127.0.0.1:{listener.getsockname()[1]}/x".encode())


LARGE = [case for case in HOSTILE if len(HOSTILE[case][1]) > 100_000]


def written(case: str, listener: socket.socket, folder: Path) -> tuple[Path, str]:
    """Write the file of a case; return its place, and how the message begins."""
    ending, _, words = HOSTILE[case]
    file = folder / f"x{ending}"
    file.write_bytes(content_of(case, listener))
    return file, words.replace("FOLDER", str(folder))


@pytest.mark.parametrize("case", sorted(HOSTILE.keys() - {*LARGE}))
def test_hostile_rdf_is_told(case: str, listener: socket.socket, tmp_path: Path) -> None:
    """As the command does it: the message, no connection, no file."""
    file, words = written(case, listener, tmp_path)
    done = run("import", file, "-o", tmp_path / "new")
    assert done.stderr.startswith(words), done.stderr
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    with pytest.raises(TimeoutError):
        listener.accept()


@pytest.mark.parametrize("case", LARGE)
def test_large_hostile_rdf_is_told(case: str, listener: socket.socket, tmp_path: Path) -> None:
    """Likewise, in a process of its own, with a limit of time and of memory of all its processes."""
    file, words = written(case, listener, tmp_path)
    child = subprocess.Popen(
        [sys.executable, "-m", "kg", "import", str(file), "-o", str(tmp_path / "new")],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    assert child.stderr is not None
    with child.stderr as stream:
        said = stream.read().decode()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert said.startswith(words), said
    assert (child.returncode, "Traceback" in said) == (1, False)
    assert used.ru_utime + used.ru_stime < SECONDS
    assert used.ru_maxrss < MEGABYTES * 1024
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


@pytest.mark.parametrize(
    "text",
    [
        f"<?xml version='1.0'?><!-- <!DOCTYPE x> -->{RDF}<!-- <!DOCTYPE x> --><x:C><![CDATA[<!DOCTYPE x>]]></x:C></rdf:RDF>",
        f"{RDF}<x:C a='&lt;!DOCTYPE x>'/></rdf:RDF>",
    ],
)
def test_a_word_is_no_doctype(text: str) -> None:
    """In a comment, a text or an attribute it is only a word."""
    refuse_traps(text.encode(), "RDF_XML", "x.rdf")


def test_texts_that_look_like_a_context(tmp_path: Path) -> None:
    """A value that is called so, or a key that ends so, is none; an escape that JSON has not goes to the engine."""
    refuse_traps(
        b'{"@graph": [{"a:b": "@context", "a:context": "x", "c": ["@context", "x"], "@id": "\\u0061:b"}]}',
        "JSON_LD",
        "x",
    )
    (tmp_path / "x.jsonld").write_text('{"\\x": "y"}', encoding="utf-8")
    with pytest.raises(KgError, match="not JSON-LD"):
        import_file(tmp_path / "x.jsonld", tmp_path / "new")
