"""Get one document from the web, within limits: the only place that opens a connection, and only where asked to.

http and https; public addresses only, at every redirect; a connection goes to the very address that was checked; a cap
on bytes and on seconds. A proxy named in the environment is not used: behind it, no address could be checked.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

MAX_BYTES = 10_000_000
TIMEOUT = 20.0
MAX_REDIRECTS = 5
KINDS = ("text/", "application/xhtml+xml")
REDIRECTS = (301, 302, 303, 307, 308)
AGENT = "autokg (kg sources check --fetch)"


class FetchError(Exception):
    """A document was not got: why."""


@dataclass(frozen=True)
class Limits:
    """What a fetch may take. ``allow_private`` is for tests, which serve from the machine itself."""

    bytes: int = MAX_BYTES
    seconds: float = TIMEOUT
    allow_private: bool = False


def fetch(url: str, limits: Limits | None = None) -> bytes:
    """Return the bytes of a text on the web. Raises FetchError."""
    limits = limits or Limits()
    deadline = time.monotonic() + limits.seconds
    for _ in range(MAX_REDIRECTS + 1):
        content, url = _get(url, limits, deadline)
        if content is not None:
            return content
    raise FetchError(f"more than {MAX_REDIRECTS} redirects")


def _get(url: str, limits: Limits, deadline: float) -> tuple[bytes | None, str]:
    """Return the content, or None and the address to which this one points."""
    parts = _parts(url)
    connection = _connect(parts, limits, deadline)
    watchdog = threading.Timer(max(deadline - time.monotonic(), 0), _hang_up, [connection.sock])
    watchdog.daemon = True
    watchdog.start()
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Accept": "text/html, text/plain", "Accept-Encoding": "identity", "User-Agent": AGENT}
        connection.request("GET", target, headers=headers)
        response = connection.getresponse()
        if response.status in REDIRECTS:
            return None, urljoin(url, response.headers.get("Location") or "")
        content = _content(response, limits)
        if _late(deadline, limits):  # the watchdog may have cut it short
            raise OSError
        return content, url
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise FetchError(_late(deadline, limits) or f"{parts.hostname}: {str(error) or type(error).__name__}") from None
    finally:
        watchdog.cancel()
        connection.close()


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise FetchError(f"no web address: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None or port == 0:
        raise FetchError(f"'{parts.scheme}://{parts.hostname or ''}' is not fetched; only http and https")
    if not url.isascii() or any(character <= " " for character in url):
        raise FetchError("the address holds characters that must be written as %XX")
    return parts


def _connect(parts: SplitResult, limits: Limits, deadline: float) -> http.client.HTTPConnection:
    """Open a connection to the address that was checked: the name is not looked up a second time."""
    host = str(parts.hostname)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    address = _public_address(host, port, limits)
    connection = (http.client.HTTPSConnection if secure else http.client.HTTPConnection)(host, port)
    try:
        plain = socket.create_connection(address[:2], timeout=max(deadline - time.monotonic(), 0.001))
        connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if secure else plain
    except OSError as error:
        raise FetchError(_late(deadline, limits) or f"{host}: {error}") from None
    return connection


def _public_address(host: str, port: int, limits: Limits) -> tuple[Any, ...]:
    """Return the first address of a host. Raises FetchError where any of its addresses is not public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchError(f"{host}: {error}") from None
    for *_, address in found:
        if not limits.allow_private and not is_public(str(address[0])):
            raise FetchError(f"{host} is {address[0]}, no public address; it is not fetched")
    return found[0][4]


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the public internet, whatever it is wrapped in."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def _content(response: http.client.HTTPResponse, limits: Limits) -> bytes:
    """Return the body, read no further than the cap. Raises FetchError where it is no text."""
    if response.status != 200:
        raise FetchError(f"answered {response.status} {response.reason}")
    kind = response.headers.get_content_type()
    if not kind.startswith(KINDS):
        raise FetchError(f"is {kind}; a text or a page is wanted")
    if (coding := response.headers.get("Content-Encoding", "identity")) != "identity":
        raise FetchError(f"is sent as {coding}, unasked")
    content = response.read(limits.bytes + 1)
    if len(content) > limits.bytes:
        raise FetchError(f"larger than {limits.bytes:,} bytes")
    if response.length:
        raise FetchError(f"broke off, {response.length:,} bytes before its end")
    return content


def _hang_up(sock: socket.socket) -> None:
    """End a connection whose time is up, so that whoever waits for it waits no longer."""
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _late(deadline: float, limits: Limits) -> str:
    return f"no answer within {limits.seconds:g} seconds" if time.monotonic() >= deadline - 0.01 else ""
