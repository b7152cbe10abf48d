"""What a client gets before the graph is loaded."""

import contextlib
import socket
from http.client import HTTPConnection, HTTPMessage

import pytest

from kg.server.loading import RETRY, answering
from kg.server.run import listen


def ask(listener: socket.socket, method: str = "GET") -> tuple[int, HTTPMessage, str]:
    """Return status, headers and body of the reply to a request at a socket."""
    connection = HTTPConnection(*listener.getsockname(), timeout=10)
    with contextlib.closing(connection):
        connection.request(method, "/sparql?query=ASK%20{}", b"x" if method == "POST" else None)
        reply = connection.getresponse()
        return reply.status, reply.headers, reply.read().decode()


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_request_before_the_graph_is_loaded_gets_503(method: str) -> None:
    """With the time after which to ask again, and a page that says what is being done."""
    with listen("127.0.0.1", 0) as listener, answering(listener) as loading:
        loading.stage = "Preparing <pages>"
        status, headers, body = ask(listener, method)
    assert (status, headers["retry-after"]) == (503, str(RETRY))
    assert ("Preparing &lt;pages&gt;, for 0 seconds" in body) == (method != "HEAD")
    assert "default-src 'none'" in headers["content-security-policy"]


def test_the_socket_listens_on_after_loading() -> None:
    """A client that connects between the two waits for an answer of the service."""
    with listen("127.0.0.1", 0) as listener:
        with answering(listener):
            ask(listener)
        with socket.create_connection(listener.getsockname(), timeout=10):
            connection, _ = listener.accept()
            connection.close()
