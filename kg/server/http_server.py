"""Run the application under uvicorn, in one process that ends on a signal after answering running requests."""

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
_FINAL = re.compile(rb"HTTP/1\.1 [2-5]")  # headers of a final response, not "100 Continue"
_ABSOLUTE = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)")  # a request target with a host
TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"x-content-type-options: nosniff\r\nconnection: close\r\ncontent-length: 36\r\n\r\n"
    b"the head of the request is too large"
)


def make_server(app: Gate, *, limits: Limits) -> uvicorn.Server:
    """Return a server that runs until SIGTERM or SIGINT.

    It then accepts no more connections, answers running requests for at most 5 seconds, and ends.
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
    """Exits normally on a signal. uvicorn would raise the signal again, and the process would fail."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle SIGTERM, SIGINT and, unless the parent process ignores it, SIGHUP while the server runs."""
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
    """Return the HTTP protocol class with limits on the size and time of request headers, which uvicorn's lacks."""
    return type("Bounded", (_Bounded,), {"limits": limits})


class _Joined:
    """A transport that sends the headers of a response together with the body: one system call instead of two."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any attribute of a transport
        return getattr(self._transport, name)

    def write(self, content: bytes) -> None:
        """Keep response headers; send anything else together with the kept headers."""
        if not self._head and _FINAL.match(content) and content.endswith(b"\r\n\r\n"):
            self._head = content
        else:
            self._transport.write(self._head + content)
            self._head = b""

    def flush(self) -> None:
        """Send kept headers that no body follows."""
        if self._head:
            self.write(b"")

    def close(self) -> None:
        """Send what is kept, and close."""
        self.flush()
        self._transport.close()


class _Bounded(HttpToolsProtocol):
    """Limits the bytes of request headers, and the seconds until they are complete."""

    limits = Limits()
    _in_head, _size = True, 0
    _clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - uvicorn's signature
        super().connection_made(_Joined(transport))  # type: ignore[arg-type] # has all methods of a transport
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
        """Replace the Host header by the host of an absolute URL: RFC 9112, section 3.2.2."""
        self.headers[:] = [(name, host if name == b"host" else value) for name, value in self.headers]

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_head = True

    def on_response_complete(self) -> None:
        self.transport.flush()  # type: ignore[attr-defined] # a _Joined
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_clock()
        super().connection_lost(exc)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None


__all__ = ["DRAIN", "bounded_protocol", "make_server"]
