"""What every request passes before it reaches a page, and what every answer carries.

In: ASGI. Hosts that are not served, heads that are too large or contradict themselves are answered here; the body of
a request is read here, within limits of size and time.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Iterable, Mapping, MutableMapping
from functools import lru_cache
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.server.limits import Limits

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
POLICY = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
HEADERS = {
    "content-security-policy": POLICY,
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


_HEADERS = [(name.encode(), value.encode()) for name, value in HEADERS.items()]


class Gate:
    """Lets a request through, or answers it."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Iterable[str],
        limits: Limits,
        origin: str = "",
        direct: Mapping[str, ASGIApp] | None = None,
    ) -> None:
        """Serve only under ``hosts``; let pages of ``origin`` read what is public here, never with credentials.

        ``direct`` are addresses that are asked so often that they are looked up first.
        """
        self.app, self.limits, self.origin = app, limits, origin
        self.direct = direct or {}
        self.hosts = frozenset(host.lower() for host in (*LOOPBACK, *hosts))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the head of a request; add to the head of its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add_headers(message)
            await send(message)

        status, reason = self._fault(scope["headers"])
        app = (
            PlainTextResponse(f"{reason}\n", status, {"connection": "close"})
            if status
            else self.direct.get(scope["path"], self.app)
        )
        await app(scope, receive, with_headers)

    def _fault(self, headers: Iterable[tuple[bytes, bytes]]) -> tuple[int, str]:
        """Return the status and the reason for which a head is refused; 0 where it is not."""
        headers = list(headers)
        names = [name for name, _ in headers]
        if sum(len(name) + len(value) for name, value in headers) > self.limits.head:
            return 431, f"the head of the request is larger than {self.limits.head:,} bytes"
        hosts = [value for name, value in headers if name == b"host"]
        if len(hosts) != 1:
            return 400, "a request names one host"
        if host_name(hosts[0].decode("latin-1")) not in self.hosts:
            return 421, "this host is not served here; name it with --host or --allow-host"
        if b"transfer-encoding" in names and b"content-length" in names:
            return 400, "a request has a length or is sent in chunks, not both"
        if names.count(b"content-length") > 1:
            return 400, "a request has one length"
        return 0, ""

    def _add_headers(self, message: MutableMapping[str, Any]) -> None:
        names = {name for name, _ in message["headers"]}
        message["headers"] = [*message["headers"], *(pair for pair in _HEADERS if pair[0] not in names)]
        if self.origin:
            headers = MutableHeaders(scope=message)
            headers["access-control-allow-origin"] = self.origin
            headers["cross-origin-resource-policy"] = "cross-origin"
            headers.add_vary_header("Origin")


def host_name(host: str) -> str:
    """Return the name of a ``Host`` header without its port."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() and (":" not in name or name.endswith("]")) else host).lower()


@lru_cache(maxsize=1024)
def is_loopback(address: str) -> bool:
    """Tell whether a client's address is this machine's own."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


class RequestError(Exception):
    """A request that is not answered: status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


async def read_body(request: Request, limits: Limits) -> str:
    """Return the body of a request as text. Raises RequestError where it is too large, late, cut short or no UTF-8."""
    try:
        async with asyncio.timeout(limits.body_seconds):
            return (await _read_bytes(request, limits)).decode("utf-8")
    except TimeoutError:
        raise RequestError(408, "the request did not arrive in time") from None
    except ClientDisconnect:
        raise RequestError(400, "the request broke off") from None
    except UnicodeDecodeError as error:
        raise RequestError(400, f"the request is not UTF-8 at byte {error.start + 1}") from None


async def _read_bytes(request: Request, limits: Limits) -> bytes:
    """Return a body; one that is larger than is taken is refused before it is read, where it says so."""
    too_large = RequestError(413, f"the request is larger than {limits.body:,} bytes")
    said = request.headers.get("content-length", "0")
    if not said.isdigit() or int(said) > limits.body:
        raise too_large
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > limits.body:
            raise too_large
        pieces.append(piece)
    return b"".join(pieces)
