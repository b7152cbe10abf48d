"""Hostile queries and broken requests, of the corpus and our own: each its status, and nobody else notices."""

from __future__ import annotations

import contextlib
import json
import re
import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from command import run
from kg.commands.printing import read_query
from kg.model.errors import KgError, QueryError
from projects import BADINPUTS, EXAMPLE
from serving import QUICK, Reply, Running, running, seed_graph

QUERIES, REQUESTS = BADINPUTS / "sparql", BADINPUTS / "http"
ONE = "SELECT ?name WHERE { :huawei rdfs:label ?name FILTER(LANG(?name) = 'en') }"
READ_FROM = 47811  # the port that the corpus' queries reach for


@pytest.fixture(scope="module")
def seed() -> Iterator[Running]:
    """Serve the example."""
    with running(limits=replace(QUICK, timeout=2)) as it:
        yield it


@pytest.fixture(scope="module")
def outside() -> Iterator[socket.socket]:
    """Listen where the corpus' queries would call."""
    try:
        listener = socket.create_server(("127.0.0.1", READ_FROM))
    except OSError:  # somebody else has the port: what is called is seen by our own queries alone
        listener = socket.create_server(("127.0.0.1", 0))
    with listener:
        listener.settimeout(0.02)
        yield listener


# ---------------------------------------------------------------- queries

PLACE = r"(\d+:\d+: |the query is longer|the query holds)"
# By file: the statuses that the service answers with, and how the error of ``kg query`` begins; "" where it answers.
CORPUS: dict[str, tuple[tuple[int, ...], str]] = {
    "001_syntax.rq": ((400,), "1:1: a query begins with"),
    "002_brace_depth.rq": ((400,), "1:110: brackets nested deeper"),
    "003_paren_depth.rq": ((400,), "1:116: brackets nested deeper"),
    "004_not_depth.rq": ((400,), "1:517: more operators"),
    "005_plus_chain.rq": ((400,), PLACE),
    "006_or_chain.rq": ((400,), PLACE),
    "007_many_patterns.rq": ((413,), PLACE),
    "008_cross3.rq": ((200, 504), ".*"),  # the seed is small: where the machine is quick it is counted in time
    "010_concat_double.rq": ((504, 507), ".*(memory|no answer within)"),
    "011_replace_grow.rq": ((504, 507), ".*(memory|no answer within)"),
    "013_service_silent.rq": ((400,), "1:11: SERVICE asks another server"),
    "015_service_unicode_escape.rq": ((400,), "1:11: SERVICE asks another server"),
    "016_service_comment.rq": ((400,), "1:11: SERVICE asks another server"),
    "018_from_file.rq": ((200,), ""),
    "019_from_http.rq": ((200,), ""),
    "020_load.ru": ((403,), "1:1: LOAD loads a document"),
    "021_load_file.ru": ((403,), "1:1: LOAD loads a document"),
    "023_drop.ru": ((403,), "1:1: DROP is an update"),
    "024_long.rq": ((413,), "the query is longer than 64 kB"),
    "025_not_utf8.rq": ((400,), ".*025_not_utf8.rq: not UTF-8 at byte 18"),
    "026_nul.rq": ((400,), "the query holds a NUL"),
    "028_path_star.rq": ((200, 504), ".*"),
}


def test_every_query_of_the_corpus_is_in_the_table() -> None:
    """None is left out."""
    assert {path.name for path in QUERIES.iterdir()} == set(CORPUS)


@pytest.mark.parametrize("name", CORPUS)
def test_the_service_answers(name: str, seed: Running, outside: socket.socket) -> None:
    """Its status, as text; no connection; no process is lost where it is refused; the next good answer is as ever."""
    good, processes = seed.ask(ONE).body, seed.service.pool.processes
    kind = "application/sparql-update" if name.endswith(".ru") else "application/sparql-query"
    reply = seed.send("POST", "/sparql", (QUERIES / name).read_bytes(), {"Content-Type": kind})
    assert reply.status in CORPUS[name][0], reply.text[:300]
    assert "Traceback" not in reply.text[:10_000]
    if reply.status in (400, 403, 413):
        assert reply.headers["content-type"].startswith("text/plain")
        assert seed.service.pool.processes == processes
    assert seed.ask(ONE).body == good
    with pytest.raises(TimeoutError):
        outside.accept()


@pytest.mark.parametrize("name", CORPUS)
def test_the_library_answers(name: str, outside: socket.socket) -> None:
    """``kg query`` refuses the same, with the place in the query; it reaches out as little."""
    words = CORPUS[name][1]
    try:
        answer = seed_graph().query(read_query(str(QUERIES / name)), timeout=1 if words else 60)
    except KgError as error:
        assert words, error
        assert re.match(words, str(error)), error
    else:
        assert words in ("", ".*"), answer
        assert "FROM" not in read_query(str(QUERIES / name)) or list(answer) == []
    with pytest.raises(TimeoutError):
        outside.accept()


@pytest.mark.parametrize("name", ["001_syntax.rq", "002_brace_depth.rq", "025_not_utf8.rq", "026_nul.rq"])
def test_the_command_says_why(name: str) -> None:
    """One line on standard error, exit 1."""
    done = run("-C", EXAMPLE, "query", "-q", QUERIES / name)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.match(f"kg: {CORPUS[name][1]}", done.stderr)
    assert done.stderr.count("\n") == 1


# Of our own: hostile in their size, their depth, or by what they reach for.
OWN = {
    "an empty query": "",
    "only a comment": "# SELECT",
    "only a prologue": "PREFIX a: <a:>",
    "a comment that hides the end": "SELECT * { ?s ?p ?o # }",
    "a service of a variable": "SELECT * { ?s ?p ?x SERVICE ?x { ?a ?b ?c } }",
    "a service in a filter": f"ASK {{ FILTER EXISTS {{ SERVICE <http://127.0.0.1:{READ_FROM}/> {{ ?s ?p ?o }} }} }}",
    "a service by a prefix": f"PREFIX a: <http://127.0.0.1:{READ_FROM}/> ASK {{ SERVICE a:x {{ ?s ?p ?o }} }}",
    "a service in a sub-query": f"ASK {{ {{ SELECT * {{ sErViCe <http://127.0.0.1:{READ_FROM}/> {{ ?s ?p ?o }} }} }} }}",
    "a service behind a tab": f"ASK {{\tSERVICE\tSILENT\t<http://127.0.0.1:{READ_FROM}/>\t{{ ?s ?p ?o }} }}",
    "a load after a query": f"ASK {{}} ; LOAD <http://127.0.0.1:{READ_FROM}/>",
    "an insertion": "INSERT DATA { <a:a> <a:b> <a:c> }",
    "an insertion spelt by escapes": "\\u0049NSERT DATA { <a:a> <a:b> <a:c> }",
    "a deletion where": "DELETE WHERE { ?s ?p ?o }",
    "a string that never ends": "SELECT * { ?s ?p 'x }",
    "a long string that never ends": 'SELECT * { ?s ?p """x }',
    "an IRI with a space": "ASK { <a b> ?p ?o }",
    "a prefix that nobody declares": "ASK { nobody:x ?p ?o }",
    "an escape without a character": "ASK { ?s ?p '\\uD800' }",
    "lists 200 deep": "ASK { ?s ?p " + "(" * 200 + ")" * 200 + " }",
    "nodes 200 deep": "ASK { ?s ?p " + "[ ?p " * 200 + "?o" + "]" * 200 + " }",
    "a path of 600 steps": f"ASK {{ ?s {'/'.join(['<a:p>'] * 600)} ?o }}",
    "a union of 600": "ASK { " + " UNION ".join(["{ ?s ?p ?o . }"] * 600) + " }",
    "a list of 6,000 values": f"ASK {{ ?s ?p ?o FILTER(?o IN ({', '.join(map(str, range(6000)))})) }}",
    "a function that nobody knows": "ASK { FILTER(<a:system>('rm')) BIND(<a:system>('rm') AS ?x) }",
    "a variable bound twice": "SELECT * { BIND(1 AS ?x) BIND(2 AS ?x) }",
}


@pytest.mark.parametrize("name", OWN)
def test_own_hostile_queries(name: str, seed: Running, outside: socket.socket) -> None:
    """Refused with a reason of one line by the service and by the library; nobody is called, nobody else loses."""
    good = seed.ask(ONE).body
    reply = seed.ask(OWN[name])
    with pytest.raises(QueryError) as caught:
        seed_graph().query(OWN[name], timeout=5)
    assert str(caught.value).count("\n") == 0
    assert 400 <= reply.status < 500, reply.text
    assert reply.text.count("\n") == 1
    assert seed.ask(ONE).body == good
    with pytest.raises(TimeoutError):
        outside.accept()


def test_a_long_query_is_looked_at_elsewhere(
    seed: Running, outside: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the process that answers, in its own time: the one that speaks HTTP is not kept busy."""
    monkeypatch.setattr("kg.server.queries.check_query", None)
    padding = f"# {'x' * 3000}\n"
    calling = f"{padding}ASK {{ SERVICE SILENT <http://127.0.0.1:{READ_FROM}/> {{ ?s ?p ?o }} }}"
    for query, word in ((calling, "2:7: SERVICE"), (f"{padding}DROP ALL", "2:1: DROP")):
        reply = seed.ask(query)
        assert (reply.status, reply.text[: len(word)]) == (400, word)
    assert json.loads(seed.ask(f"{padding}ASK {{ ?s ?p ?o }}").body)["boolean"] is True
    assert json.loads(seed.ask(f"{padding}ASK FROM <x:none> {{ ?s ?p ?o }}").body)["boolean"] is False
    with pytest.raises(TimeoutError):
        outside.accept()


# ---------------------------------------------------------------- requests


def exchange(seed: Running, request: bytes) -> Reply:
    """Send bytes as they are; return what comes back."""
    got = b""
    with socket.create_connection(("127.0.0.1", seed.port), 10) as wire:
        wire.sendall(request)
        with contextlib.suppress(ConnectionError, TimeoutError):
            while piece := wire.recv(65_536):
                got += piece
                if b"\r\n\r\n" in got:
                    break
    head, _, body = got.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    return Reply(int(lines[0][9:12] or 0), headers, body)


# By file: the statuses that its line of the index allows.
CORPUS_OF_REQUESTS: dict[str, tuple[int, ...]] = {
    "002_host_rebind_port.http": (421,),
    "003_no_host.http": (400,),
    "006_preflight_evil.http": (405,),
    "008_traversal.http": (404,),
    "009_traversal2.http": (404,),
    "011_nul_path.http": (404,),
    "012_bad_percent.http": (400,),
    "013_two_queries.http": (400,),
    "014_no_query.http": (200,),
    "017_accept_junk.http": (200, 406),
    "019_big_header.http": (400, 431),
    "020_chunked_huge.http": (413,),
    "021_smuggle.http": (400,),
    "022_crlf_inject.http": (404,),
    "023_open_redirect.http": (404,),
    "024_xss_reflect.http": (200,),
}


def test_every_request_of_the_corpus_is_in_the_table() -> None:
    """None is left out."""
    assert {path.name for path in REQUESTS.iterdir()} == set(CORPUS_OF_REQUESTS)


@pytest.mark.parametrize("name", CORPUS_OF_REQUESTS)
def test_requests_of_the_corpus(name: str, seed: Running) -> None:
    """Its status; nothing of it in a head: no cookie, no origin let in, no way elsewhere; a policy on every answer."""
    reply = exchange(seed, (REQUESTS / name).read_bytes())
    assert reply.status in CORPUS_OF_REQUESTS[name], reply
    assert not {"set-cookie", "location"} & set(reply.headers)
    assert not [header for header in reply.headers if header.startswith("access-control")]
    if reply.headers.get("server") is None and name[:3] not in ("003", "021"):  # those two never reach our own code
        assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert b"<script>window" not in reply.body
    assert seed.get("/health").status == 200


def post(*headers: str, body: str = "ASK {}") -> bytes:
    """Return a POST of a query with further headers."""
    return "\r\n".join(["POST /sparql HTTP/1.1", "Host: 127.0.0.1", *headers, "", body]).encode()


def get(path: str, *headers: str, host: str = "127.0.0.1", method: str = "GET") -> bytes:
    """Return a request of a path with further headers."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", *headers, "", ""]).encode("latin-1")


DIRECT, FORM = "Content-Type: application/sparql-query", "Content-Type: application/x-www-form-urlencoded"
# Of our own: the request, and the status that it gets.
OWN_REQUESTS: dict[str, tuple[bytes, int]] = {
    "two hosts": (get("/", "Host: evil.example"), 400),
    "a user in the host": (get("/", host="127.0.0.1@evil.example"), 421),
    "a list of hosts": (get("/", host="127.0.0.1,evil.example"), 421),
    "a look-alike host": (get("/", host="localhost.evil.example"), 421),
    "a host with a dot": (get("/", host="localhost."), 421),
    "a host with two ports": (get("/", host="127.0.0.1:80:80"), 421),
    "a host as a number": (get("/", host="2130706433"), 421),
    "an empty host": (get("/", host=""), 421),
    "another's address": (get("http://evil.example/", host="evil.example"), 421),
    "another's address under our host": (get("http://evil.example/health"), 421),
    "another's address in capitals": (get("HTTP://EVIL.EXAMPLE/"), 421),
    "a user in an address": (get("http://127.0.0.1@evil.example/health"), 421),
    "our name before a user": (get("http://evil.example@127.0.0.1/health"), 421),
    "an address under two hosts": (get("http://127.0.0.1/health", "Host: evil.example"), 400),
    "two lengths": (post(DIRECT, "Content-Length: 1", "Content-Length: 2"), 400),
    "a list of lengths": (post(DIRECT, "Content-Length: 1, 2"), 400),
    "a negative length": (post(DIRECT, "Content-Length: -1"), 400),
    "a length with a sign": (post(DIRECT, "Content-Length: +6"), 400),
    "a length in hexadecimal": (post(DIRECT, "Content-Length: 0x6"), 400),
    "a length over 64 bits": (post(DIRECT, "Content-Length: 99999999999999999999999"), 400),
    "chunks and no chunks": (post(DIRECT, "Transfer-Encoding: chunked, identity", body="0\r\n\r\n"), 400),
    "chunks by another name": (post(DIRECT, "Transfer-Encoding: xchunked", body="0\r\n\r\n"), 400),
    "a space before the colon": (post(DIRECT, "Transfer-Encoding : chunked", body="0\r\n\r\n"), 400),
    "a chunk beyond all size": (post(DIRECT, "Transfer-Encoding: chunked", body="FFFFFFFFFFFFFFFFFF\r\n"), 400),
    "a chunk without a size": (post(DIRECT, "Transfer-Encoding: chunked", body="zz\r\nab\r\n"), 400),
    "a header without a colon": (get("/", "nonsense"), 400),
    "a header that goes on": (get("/", "X-A: a\r\n b: c"), 400),
    "a NUL in a header": (get("/", "X-A: a\0b"), 400),
    "a bare return in a header": (get("/", "X-A: a\rX-B: b"), 400),
    "3,000 headers": (get("/", *(f"X-{number}: aaaaaaaa" for number in range(3000))), 431),
    "HTTP 0.9": (b"GET /\r\n\r\n", 400),
    "HTTP 2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "TLS": (bytes.fromhex("16030100c8010000c40303") + b"\0" * 200, 400),
    "a method in small letters": (get("/", method="get"), 400),
    "TRACE": (get("/", method="TRACE"), 405),
    "CONNECT": (get("evil.example:443", method="CONNECT"), 400),
    "DELETE": (get("/sparql", method="DELETE"), 405),
    "PATCH": (get("/", "Content-Length: 0", method="PATCH"), 405),
    "a graph to put": (get("/graph?default", "Content-Length: 0", method="PUT"), 404),
    "a path of 40 kB": (get("/" + "a" * 40_000), 404),
    "a compressed body": (post(DIRECT, "Content-Encoding: gzip", "Content-Length: 6"), 415),
    "many parts": (post("Content-Type: multipart/form-data; boundary=x", "Content-Length: 5", body="--x--"), 415),
    "a plain text": (post("Content-Type: text/plain", "Content-Length: 6"), 415),
    "an update in a form": (post(FORM, "Content-Length: 15", body="update=DROP+ALL"), 403),
    "two queries in a form": (post(FORM, "Content-Length: 23", body="query=ASK{}&query=ASK{}"), 400),
    "backslashes upward": (get("/\\..\\..\\etc\\passwd"), 404),
    "dots upward": (get("/../../../../etc/passwd"), 404),
    "dots upward, escaped twice": (get("/static/%252e%252e/%252e%252e/etc/passwd"), 404),
    "dots upward, overlong": (get("/%c0%ae%c0%ae/etc/passwd"), 404),
    "a download upward": (get("/download/..%2f..%2fetc%2fpasswd"), 404),
}


@pytest.mark.parametrize("name", OWN_REQUESTS)
def test_own_broken_requests(name: str, seed: Running) -> None:
    """Each is refused by its status; the service goes on."""
    request, status = OWN_REQUESTS[name]
    assert exchange(seed, request).status == status
    assert seed.get("/health").status == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "evil.example"])
def test_a_whole_address_of_ours_is_answered(host: str, seed: Running) -> None:
    """As a proxy sends it; its host counts, whatever the header says (RFC 9112, section 3.2.2)."""
    reply = exchange(seed, get(f"http://127.0.0.1:{seed.port}/health", host=host))
    assert (reply.status, reply.body) == (200, seed.get("/health").body)


def test_a_hundred_and_fifty_of_our_own() -> None:
    """Inputs of our own that must be refused, beside the corpus: mistakes of curators, and what is hostile."""
    from test_bad_input import MISTAKES
    from test_hostile_rdf import HOSTILE
    from test_xlsx import TRAPS

    counts = {
        "projects": len(MISTAKES),
        "RDF": len(HOSTILE),
        "workbooks": len(TRAPS),
        "queries": len(OWN),
        "requests": len(OWN_REQUESTS),
    }
    print(f"inputs of our own: {sum(counts.values())}, {counts}")
    assert sum(counts.values()) >= 250
