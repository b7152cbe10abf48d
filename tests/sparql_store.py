"""A SPARQL 1.1 store to push to, as small as can be: pyoxigraph behind HTTP, with the Graph Store Protocol."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox


class RemoteStore:
    """What it holds, what it was asked, and what is done as each request comes in."""

    def __init__(self) -> None:
        """Begin empty."""
        self.store, self.requests, self.lock = ox.Store(), list[str](), threading.Lock()
        self.on_request: Callable[[int], object] = lambda number: None
        self.port = 0

    @property
    def url(self) -> str:
        """Return where it is asked."""
        return f"http://127.0.0.1:{self.port}/query"

    def graphs(self) -> dict[str, frozenset[str]]:
        """Return the triples of every graph by its name."""
        found: dict[str, set[str]] = {}
        for quad in self.store:
            found.setdefault(str(quad.graph_name), set()).add(str(quad.triple))
        return {name: frozenset(triples) for name, triples in found.items()}

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, str, bytes]:
        """Return status, media type and body."""
        parts = urlsplit(target)
        if parts.path == "/query":
            results = self.store.query(parse_qs(body.decode())["query"][0])
            return 200, "application/sparql-results+json", results.serialize(format=ox.QueryResultsFormat.JSON) or b""
        graph = ox.NamedNode(parse_qs(parts.query)["graph"][0])
        if method == "GET":
            return 200, "application/n-triples", self.store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=graph) or b""
        self.store.remove_graph(graph)
        self.store.load(body, ox.RdfFormat.N_TRIPLES, to_graph=graph)
        return 204, "text/plain", b""


@contextmanager
def remote_store() -> Iterator[RemoteStore]:
    """Run one until the block ends."""
    remote = RemoteStore()

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length)
            with remote.lock:
                remote.requests.append(f"{self.command} {self.path}")
                remote.on_request(len(remote.requests))
                if len(body) < length:
                    return  # whoever asked is gone: half a graph is none
                status, kind, said = remote.answer(self.command, self.path, body)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            if status != 204:
                self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = do_PUT = do_DELETE = _handle  # noqa: N815 - names that http.server looks for

        def log_message(self, *_: Any) -> None:  # noqa: ANN401
            """Say nothing."""

        def handle(self) -> None:
            """Let a client go without a word."""
            try:
                super().handle()
            except (ConnectionError, BrokenPipeError):
                return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        remote.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield remote
        finally:
            server.shutdown()
            thread.join()
