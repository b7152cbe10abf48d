"""Run the application under uvicorn: one process for HTTP, ended by a signal once what runs is answered."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import threading
from collections.abc import Iterator
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kg.server.limits import Limits
from kg.server.middleware import Gate

DRAIN = 5
_FINAL = re.compile(rb"HTTP/1\.1 [2-5]")  # an answer's head; "100 Continue" is none
_ABSOLUTE = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)")  # in place of a path
TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"x-content-type-options: nosniff\r\nconnection: close\r\ncontent-length: 36\r\n\r\n"
    b"the head of the request is too large"
)


def make_server(app: Gate, *, limits: Limits) -> uvicorn.Server:
    """Return a server that runs until SIGTERM or SIGINT.

    Then it takes no more connections, answers what runs for at most 5 seconds, and ends.
    """
    config = uvicorn.Config(
        app,
        http=bounded_protocol(limits),
        ws="none",
        lifespan="on",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_level="warning",
        limit_concurrency=limits.connections,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=DRAIN,
    )
    return _Server(config)


class _Server(uvicorn.Server):
    """Ends by a signal as by itself: uvicorn would raise the signal anew, so that the process failed."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take SIGTERM, SIGINT and, unless whoever started us ignores it, SIGHUP while it runs."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        heeded = [signal.SIGTERM, signal.SIGINT]
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
            heeded.append(signal.SIGHUP)
        before = {number: signal.signal(number, self.handle_exit) for number in heeded}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def bounded_protocol(limits: Limits) -> type[HttpToolsProtocol]:
    """Return the HTTP parser, with bounds on the size and the time of a request's head: it has none itself."""
    return type("Bounded", (_Bounded,), {"limits": limits})


class _Joined:
    """A transport that sends the head of an answer together with what follows it: one call to the system, not two."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a transport has
        return getattr(self._transport, name)

    def write(self, content: bytes) -> None:
        """Keep a head; send what else there is behind it."""
        if not self._head and _FINAL.match(content) and content.endswith(b"\r\n\r\n"):
            self._head = content
        else:
            self._transport.write(self._head + content)
            self._head = b""

    def flush(self) -> None:
        """Send a head that nothing follows."""
        if self._head:
            self.write(b"")

    def close(self) -> None:
        """Send what is kept, and close."""
        self.flush()
        self._transport.close()


class _Bounded(HttpToolsProtocol):
    """Counts the bytes of a head, and the seconds until it is there."""

    limits = Limits()
    _in_head, _size = True, 0
    _clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - as uvicorn has it
        super().connection_made(_Joined(transport))  # type: ignore[arg-type] # it has all of a transport
        self._clock = self.loop.call_later(self.limits.head_seconds, self.transport.close)

    def data_received(self, data: bytes) -> None:
        self._size += len(data) if self._in_head else 0
        if self._size > 2 * self.limits.head and b"\r\n\r\n" not in data:
            self.transport.write(TOO_LARGE)
            self.transport.close()
            return
        super().data_received(data)

    def on_message_begin(self) -> None:
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head, self._size = False, 0
        self._stop_clock()
        if named := _ABSOLUTE.match(self.url):
            self._name_host(named[1])
        super().on_headers_complete()

    def _name_host(self, host: bytes) -> None:
        """Take the host of a whole address in place of the header's: RFC 9112, section 3.2.2."""
        self.headers[:] = [(name, host if name == b"host" else value) for name, value in self.headers]

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_head = True

    def on_response_complete(self) -> None:
        self.transport.flush()  # type: ignore[attr-defined] # it is ours
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_clock()
        super().connection_lost(exc)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None


__all__ = ["DRAIN", "bounded_protocol", "make_server"]
