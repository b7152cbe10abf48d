"""Download one document from the web, within limits. Only this module opens a connection, and only on request.

Only http and https, and only public addresses, at every redirect; the connection uses the very address that was
checked; bytes and seconds are capped. A proxy in the environment is ignored, because no address could be checked behind
it.
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
    """A document cannot be fetched; the message says why."""


@dataclass(frozen=True)
class Limits:
    """The limits of a fetch. ``allow_private`` is for tests, which serve from localhost."""

    bytes: int = MAX_BYTES
    seconds: float = TIMEOUT
    allow_private: bool = False


def fetch(url: str, limits: Limits | None = None) -> bytes:
    """Return the bytes of a text document at a URL. Raises FetchError."""
    limits = limits or Limits()
    deadline = time.monotonic() + limits.seconds
    for _ in range(MAX_REDIRECTS + 1):
        content, url = _get(url, limits, deadline)
        if content is not None:
            return content
    raise FetchError(f"more than {MAX_REDIRECTS} redirects")


def _get(url: str, limits: Limits, deadline: float) -> tuple[bytes | None, str]:
    """Return the content and its URL, or None and the redirect target."""
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
        if _late(deadline, limits):  # the watchdog may have closed the connection early
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
    """Open a connection to the checked address, without resolving the name again."""
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
    """Return the first address of a host. Raises FetchError if any of its addresses is not public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchError(f"{host}: {error}") from None
    for *_, address in found:
        if not limits.allow_private and not is_public(str(address[0])):
            raise FetchError(f"{host} is {address[0]}, no public address; it is not fetched")
    return found[0][4]


def is_public(address: str) -> bool:
    """Return whether an IP address is public, including one embedded in an IPv6 address."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def _content(response: http.client.HTTPResponse, limits: Limits) -> bytes:
    """Return the body, reading no more than the cap. Raises FetchError if it is not text."""
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
    """Shut down a connection that timed out, so that a blocked read returns."""
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _late(deadline: float, limits: Limits) -> str:
    return f"no answer within {limits.seconds:g} seconds" if time.monotonic() >= deadline - 0.01 else ""
