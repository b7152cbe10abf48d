"""What a client gets before the graph is loaded."""

import contextlib
import socket
import threading
from http.client import HTTPConnection, HTTPMessage

import pytest

import kg
from kg.server.loading import RETRY, Loading, answering
from kg.server.run import listen
from kg.server.snapshot import PAGES, Site
from projects import EXAMPLE
from serving import running


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


def test_pages_that_are_not_prepared_wait_and_others_answer() -> None:
    """503 for what needs the whole graph in memory; the first page, questions to the store and health are there."""
    with running(graph=kg.load(EXAMPLE)) as it:
        it.service.site.waits = Loading("Preparing the pages")
        for path in ("/entities", "/gaps", "/plans", "/id/huawei.html", "/search?q=a", "/reconcile", "/editor"):
            reply = it.get(path, Accept="text/html")
            assert (reply.status, reply.headers["retry-after"]) == (503, str(RETRY)), path
            assert "Preparing the pages" in reply.text
        for path in ("/", "/conflicts", "/health", "/download/graph.ttl"):
            assert it.get(path, Accept="*/*").status == 200, path
        assert b"true" in it.ask("ASK { ?s ?p ?o }").body
        it.service.site.waits = None
        assert it.get("/gaps", Accept="text/html").status == 200


def test_everything_is_prepared_behind_the_first_page() -> None:
    """Nothing waits in the end, and each part is there."""
    with contextlib.closing(Site(kg.load(EXAMPLE))) as site:
        site.prepare_first()
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and thread.name.startswith("prepare"):
                thread.join(60)
        assert site.waits is None
        assert {"picture", "conflicts", *PAGES} <= vars(site).keys()
