"""Access a remote SPARQL 1.1 store over HTTP: queries, and the Graph Store Protocol to put, get and delete graphs.

Only https, or http to this machine. Redirects are not followed, proxies are not used, and responses are limited in size
and time. Credentials come from the environment: KG_STORE_USER and KG_STORE_PASSWORD, or KG_STORE_TOKEN.
"""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, quote, urlencode, urlsplit

from kg.model.errors import ProjectError, QueryError, UsageError

if TYPE_CHECKING:
    import http.client

CONNECT, READ = 10.0, 60.0
MAX_BYTES = 100_000_000
LOOPBACK = ("127.0.0.1", "localhost", "::1")
RESULTS = "application/sparql-results+json"
PAGES = ("text/html", "application/xhtml+xml")
LOGIN = "; KG_STORE_USER and KG_STORE_PASSWORD, or KG_STORE_TOKEN, in the environment let you in"
_PIECE = 1 << 16


@dataclass(frozen=True)
class Remote:
    """The addresses of a store for queries and for graphs, and the timeout of a request in seconds."""

    query_url: str
    graphs_url: str
    seconds: float = READ

    @property
    def name(self) -> str:
        """Return the host, for messages."""
        return urlsplit(self.query_url).netloc

    def query(self, sparql: str, accept: str, *, graphs: Iterable[str] = ()) -> str:
        """Return the answer to a query over ``graphs``, or over the store's default if there are none.

        Raises QueryError if the store rejects the query or has a server error, ProjectError for any other failure.
        """
        named = [(f"{which}-graph-uri", graph) for graph in graphs for which in ("default", "named")]
        headers = {"Accept": accept, "Content-Type": "application/x-www-form-urlencoded"}
        status, kind, body = self._send(
            "POST", self.query_url, urlencode([("query", sparql), *named]).encode(), headers
        )
        if status in (400, 406, 413) or status >= 500:
            raise QueryError(f"{self.name} answered {status}: {_line(body)}")
        if status != 200:
            raise ProjectError(f"{self.name} answered {status}{_advice(status)}")
        if kind not in accept:
            told = "a web page" if kind in PAGES else kind or "nothing"
            raise ProjectError(f"{self.name} answered with {told}, not {accept}; is this where queries are asked?")
        return _text(body, self.name)

    def rows(self, sparql: str) -> list[dict[str, str]]:
        """Return the solutions of a query, with values as text. Raises QueryError, ProjectError."""
        told = self.query(sparql, RESULTS)
        try:
            bindings = json.loads(told)["results"]["bindings"]
            return [{name: str(term["value"]) for name, term in row.items()} for row in bindings]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ProjectError(f"{self.name} answered with what are no SPARQL results, or not all of them") from None

    def counts(self) -> dict[str, int]:
        """Return the number of triples in each named graph, by its IRI. Raises QueryError, ProjectError."""
        query = "SELECT ?graph (COUNT(*) AS ?n) WHERE { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph"
        return {row["graph"]: int(row["n"]) for row in self.rows(query) if "graph" in row}

    def get(self, graph: str) -> str:
        """Return a graph as N-Triples. Raises ProjectError."""
        accept = "application/n-triples"
        status, kind, body = self._send("GET", self._address(graph), None, {"Accept": accept})
        if status != 200 or kind not in (accept, "text/plain"):
            raise ProjectError(f"{self.name} answered {status} to GET of <{graph}>{_advice(status)}: {_line(body)}")
        return _text(body, self.name)

    def _address(self, graph: str) -> str:
        return f"{self.graphs_url}?graph={quote(graph, safe='')}"

    def put(self, graph: str, ntriples: str) -> None:
        """Replace a graph by triples. Raises ProjectError."""
        headers = {"Content-Type": "application/n-triples"}
        self._expect("PUT", graph, ntriples.encode(), headers, (200, 201, 204))

    def add(self, graph: str, ntriples: str) -> None:
        """Add triples to a graph. Raises ProjectError."""
        headers = {"Content-Type": "application/n-triples"}
        self._expect("POST", graph, ntriples.encode(), headers, (200, 201, 204))

    def delete(self, graph: str) -> None:
        """Delete a graph if it exists. Raises ProjectError."""
        self._expect("DELETE", graph, None, {}, (200, 202, 204, 404))

    def _expect(
        self, method: str, graph: str, body: bytes | None, headers: Mapping[str, str], good: tuple[int, ...]
    ) -> None:
        status, _, said = self._send(method, self._address(graph), body, headers)
        if status not in good:
            raise ProjectError(
                f"{self.name} answered {status} to {method} of <{graph}>{_advice(status)}: {_line(said)}"
            )

    def _send(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, str, bytes]:
        """Return status, media type and body. Raises ProjectError."""
        import http.client  # takes 10 ms to import, and most commands do not need it

        parts = urlsplit(url)
        target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        connection = _connection(parts)
        try:
            connection.request(method, target, body, {**headers, **_credentials(), "User-Agent": "autokg"})
            if connection.sock is not None:
                connection.sock.settimeout(self.seconds)
            response = connection.getresponse()
            return response.status, response.headers.get_content_type(), self._read(response)
        except TimeoutError:
            raise ProjectError(f"{self.name} gives no answer within {self.seconds:g} seconds") from None
        except http.client.IncompleteRead:
            raise ProjectError(f"{self.name} broke off its answer") from None
        except (OSError, http.client.HTTPException) as error:
            told = " ".join(str(error).split()) or type(error).__name__
            raise ProjectError(f"no answer from {self.name}: {told}") from None
        finally:
            connection.close()

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        """Return the body, limited in size and time. Raises ProjectError."""
        deadline, body = time.monotonic() + self.seconds, bytearray()
        while piece := response.read1(_PIECE):
            body += piece
            if len(body) > MAX_BYTES:
                raise ProjectError(f"{self.name} answers with more than {MAX_BYTES:,} bytes")
            if time.monotonic() > deadline:
                raise ProjectError(f"{self.name} has not ended its answer within {self.seconds:g} seconds")
        if response.length:
            raise ProjectError(f"{self.name} broke off its answer")
        return bytes(body)


def _connection(parts: SplitResult) -> http.client.HTTPConnection:
    import http.client
    import ssl

    if parts.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(str(parts.hostname), parts.port, timeout=CONNECT, context=context)
    return http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=CONNECT)


def _credentials() -> dict[str, str]:
    """Return the Authorization header for the credentials in the environment."""
    token, user = os.environ.get("KG_STORE_TOKEN"), os.environ.get("KG_STORE_USER")
    if token:
        return {"Authorization": f"Bearer {token}"}
    if user:
        pair = f"{user}:{os.environ.get('KG_STORE_PASSWORD', '')}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    return {}


def _advice(status: int) -> str:
    """Return advice on a status, as the end of a message."""
    if status in (401, 403):
        known = os.environ.get("KG_STORE_TOKEN") or os.environ.get("KG_STORE_USER")
        return "; it does not take what KG_STORE_… hold in the environment" if known else LOGIN
    return "; a redirect is not followed, name the address that it leads to" if 300 <= status < 400 else ""


def _text(body: bytes, name: str) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise ProjectError(f"{name} answered with what is not UTF-8, at byte {error.start + 1}") from None


def _line(body: bytes) -> str:
    return " ".join(body[:300].decode("utf-8", "replace").split())


def open_remote(url: str, *, graphs: str = "") -> Remote:
    """Return the store at a query address, such as http://localhost:7878/query; ``graphs`` is its address for graphs.

    By default, that address is derived: /query and /store as in Oxigraph, /sparql or /query and /data below the name
    of a data set as in Fuseki. Raises UsageError for an invalid address.
    """
    for address in (url, graphs or url):
        _check(address)
    if graphs:
        return Remote(url, graphs)
    head, _, last = url.rstrip("/").rpartition("/")
    if last in ("query", "sparql"):
        return Remote(url.rstrip("/"), f"{head}/{'store' if head.count('/') == 2 else 'data'}")
    root = url.rstrip("/")
    return Remote(f"{root}/query", f"{root}/{'store' if root.count('/') == 2 else 'data'}")


def _check(url: str) -> None:
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known or not url.isascii() or any(character <= " " for character in url):
        raise UsageError("a store has an address such as https://example.org/query")
    if parts.username is not None:
        raise UsageError("an address holds no name or password; they come from KG_STORE_USER and KG_STORE_PASSWORD")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise UsageError(f"{parts.hostname} is asked by https; plain http goes to this machine alone")
