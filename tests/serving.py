"""A service that runs while a test asks it, over the seed's graph or over any quads."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

import kg
from kg.files.cache import hold
from kg.server.app import create_app
from kg.server.http_server import make_server
from kg.server.limits import Limits
from kg.server.run import listen
from kg.server.service import Service
from kg.server.snapshot import Site
from kg.sparql.store import keep_store

ROOT = Path(__file__).parent.parent
SEED = ROOT / "examples" / "huawei_seres"
QUICK = Limits(workers=2, timeout=60, patience=60)  # quick to start, with time for a busy machine


@cache
def seed_graph() -> kg.Graph:
    """Return the graph of the example project, made once."""
    return kg.load(SEED)


@dataclass(frozen=True)
class Reply:
    """An answer: status, headers by lower-case name, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """Return the body as text."""
        return self.body.decode()


@dataclass(frozen=True)
class Running:
    """A service that listens."""

    service: Service
    port: int
    loop: asyncio.AbstractEventLoop

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **headers: str) -> Reply:
        """Send a GET."""
        return self.send("GET", path, headers=headers)

    def ask(self, query: str, accept: str = "application/sparql-results+json", **more: str) -> Reply:
        """Send a query by GET."""
        return self.get("/sparql?" + urlencode({"query": query, **more}), Accept=accept)

    def send(
        self, method: str, path: str, body: bytes | str | None = None, headers: dict[str, str] | None = None
    ) -> Reply:
        """Send a request and return its answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()


@contextlib.contextmanager
def running(
    *,
    graph: kg.Graph | None = None,
    store: Path | None = None,
    limits: Limits = QUICK,
    service: Service | None = None,
    **options: object,
) -> Iterator[Running]:
    """Serve a graph, or a store under the example's pages, until the block ends."""
    service = service or Service(Site(graph or seed_graph(), store), limits)
    listener = listen("127.0.0.1", 0)
    server = make_server(create_app(service, **options), limits=limits)  # type: ignore[arg-type]
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        await server.serve([listener])

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        deadline = time.monotonic() + 30
        while not server.started and thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert server.started
        yield Running(service, listener.getsockname()[1], loops[0])
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()


@contextlib.contextmanager
def quads_running(folder: Path, nquads: str, **options: object) -> Iterator[Running]:
    """Serve quads until the block ends."""
    with hold(lambda: keep_store(folder, nquads)) as store, running(store=store, **options) as it:  # type: ignore[arg-type]
        yield it
