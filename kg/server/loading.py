"""Answer requests while the graph is loaded: status 503, and a page that says so and asks again."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RETRY = 2  # seconds after which a client may ask again
PATIENCE = 5  # seconds that a client may take to ask
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="{retry}"><title>Loading</title>
<style>:root {{ color-scheme: light dark; }} body {{ font: 16px/1.5 sans-serif; margin: 2rem auto; max-width: 40rem;
padding: 0 1rem; }}</style></head>
<body><h1>Loading</h1><p role="status">{stage}, for {seconds} seconds. This page asks again by itself.</p></body></html>
"""


@dataclass
class Loading:
    """What is being done, and since when."""

    stage: str = "Reading the project"
    begun: float = field(default_factory=time.monotonic)

    def page(self) -> bytes:
        """Return the page."""
        seconds = int(time.monotonic() - self.begun)
        return PAGE.format(retry=RETRY, stage=escape(self.stage), seconds=seconds).encode()


@contextlib.contextmanager
def answering(listener: socket.socket) -> Iterator[Loading]:
    """Answer every request at a bound socket with status 503 until the block ends; the socket goes on listening."""
    loading = Loading()

    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE
        server_version, sys_version = "kg", ""

        def answer(self) -> None:
            body = loading.page()
            self.send_response(503)
            for name, value in (
                ("retry-after", str(RETRY)),
                ("content-type", "text/html; charset=utf-8"),
                ("content-length", str(len(body))),
                ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
                ("x-content-type-options", "nosniff"),
                ("cache-control", "no-store"),
            ):
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_POST = do_OPTIONS = answer  # noqa: N815 - the names that http.server calls

        def log_message(self, format: str, *args: object) -> None:
            """Write no log, as the service does."""

    server = ThreadingHTTPServer(listener.getsockname()[:2], Handler, bind_and_activate=False)
    server.socket.close()
    server.socket, server.daemon_threads = listener, True
    listener.listen()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield loading
    finally:
        server.shutdown()
        thread.join()
