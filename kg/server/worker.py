"""Answer queries over one store on disk, one after the other, in a child process.

Input, on descriptor 0: one line of JSON per query (id, query, timeout, bytes, rows, forms, and the options of
``sparql.worker.evaluate``; without ``dataset``, the query has not been checked yet). Output, on descriptor 1: one line
of JSON (id, kind, media type, length; or id, status and message), then as many bytes. An answer is written only when it
is complete.
"""

from __future__ import annotations

import io
import json
import signal
from collections.abc import Callable, Mapping
from typing import Any

from kg.model.errors import QueryError
from kg.server.media import BOOLEAN_TEXT, RDF, RESULTS
from kg.server.queries import check_once
from kg.sparql.engine import engine_words
from kg.sparql.worker import close_doors, evaluate, limit_memory

GRACE = 0.15  # seconds; the parent ends a late query, and if it fails to, this process ends itself


class TooLargeError(Exception):
    """An answer exceeded its limit."""


class RefusedError(Exception):
    """An answer is refused: status and message."""


class Buffer(io.BytesIO):
    """A buffer for an answer, with a maximum size."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def write(self, content: Any) -> int:  # noqa: ANN401 - BytesIO's signature
        """Append a piece. Raises TooLargeError."""
        if self.tell() + len(content) > self.limit:
            raise TooLargeError
        return super().write(content)


def work(directory: str, memory: int) -> None:
    """Answer until the other end closes. ``directory`` is the store's, ``memory`` the limit in bytes."""
    limit_memory(memory)
    import pyoxigraph

    store = pyoxigraph.Store.read_only(directory)
    reading, writing = open(0, "rb"), open(1, "wb")  # noqa: SIM115 - open until the process ends
    close_doors(directory)
    writing.write(b"{}\n")
    writing.flush()
    for line in reading:
        request = json.loads(line)
        signal.setitimer(signal.ITIMER_REAL, request["timeout"] + GRACE)
        head, body = _reply(store, request)
        signal.setitimer(signal.ITIMER_REAL, 0)
        writing.write(json.dumps({"id": request["id"], **head, "length": len(body)}).encode() + b"\n" + body)
        writing.flush()


def _reply(store: Any, request: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:  # noqa: ANN401 - pyoxigraph's store
    try:
        return _answer(store, request)
    except RefusedError as refusal:
        status, message = refusal.args
    except QueryError as error:
        status, message = 400, str(error)
    except SyntaxError as error:
        status, message = 400, engine_words(error.msg or str(error))
    except (TooLargeError, MemoryError) as error:
        status, message = (413, _too_large(request)) if isinstance(error, TooLargeError) else (507, "")
    except (ValueError, RuntimeError, OSError) as error:
        status, message = (
            (413, _too_large(request)) if isinstance(error.__cause__, TooLargeError) else (400, str(error))
        )
    return {"status": status, "message": message}, b""


def _too_large(request: Mapping[str, Any]) -> str:
    return f"the answer has more than {request['rows']:,} rows or {request['bytes']:,} bytes; ask for less, by LIMIT"


def _answer(store: Any, request: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:  # noqa: ANN401
    import pyoxigraph as ox

    if "dataset" not in request:
        request = {**request, "dataset": check_once(request["query"])}
    result = evaluate(store, request)
    kind = {ox.QueryTriples: "triples", ox.QueryBoolean: "boolean"}.get(type(result), "solutions")
    media = request["forms"].get(kind)
    if not media:
        raise RefusedError(406, f"an answer of {kind} cannot be had in any of the forms asked for")
    body = _write(result, kind, media, request)
    if kind == "solutions" and len(body) > request["rows"] and count_rows(body, media) > request["rows"]:
        raise TooLargeError
    return {"status": 200, "kind": kind, "media": media}, body


def _write(result: Any, kind: str, media: str, request: Mapping[str, Any]) -> bytes:  # noqa: ANN401
    import pyoxigraph as ox

    buffer = Buffer(request["bytes"])
    if kind == "triples":
        form = getattr(ox.RdfFormat, RDF[media])
        ox.serialize(result, buffer, format=form, prefixes=request.get("prefixes"))
    elif kind == "boolean" and media in BOOLEAN_TEXT:
        buffer.write(b"true\n" if result else b"false\n")
    else:
        result.serialize(buffer, format=getattr(ox.QueryResultsFormat, RESULTS[media]))
    return buffer.getvalue()


def count_rows(body: bytes, media: str) -> int:
    """Return the number of solutions in an answer."""
    return _COUNTS[RESULTS[media]](body)


def _count_csv(body: bytes) -> int:
    import csv

    return sum(1 for _ in csv.reader(io.StringIO(body.decode(), newline=""))) - 1


_COUNTS: Mapping[str, Callable[[bytes], int]] = {
    "JSON": lambda body: len(json.loads(body)["results"]["bindings"]),
    "XML": lambda body: body.count(b"<result>"),
    "TSV": lambda body: body.count(b"\n") - 1,
    "CSV": _count_csv,
}
