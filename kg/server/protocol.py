"""SPARQL 1.1 Protocol, its query half: a request in, an answer, a service description or the reason why not out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from kg.model.errors import QueryError
from kg.server.description import service_quads
from kg.server.media import HTML, RDF, RESULTS, SHORT, choose
from kg.server.middleware import RequestError, read_body
from kg.server.process import NoAnswerError
from kg.server.rdf_answers import rdf_response
from kg.server.service import Service

FORM, DIRECT, UPDATE = "application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update"
MAX_FIELDS = 200
OFTEN = 4096  # bytes of a query that is read once, however often it comes
READ_ONLY = "the graph is made from the claims and only read; there is no update here"
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_VARIABLE = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Asked:
    """A query as a request states it. ``bindings`` are terms for variables, given as ``$name=term``."""

    query: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    form: str = ""
    bindings: tuple[tuple[str, str], ...] = ()


async def sparql(request: Request) -> Response:
    """Answer a request to the endpoint."""
    service: Service = request.app.state.service
    try:
        asked = await read_request(request, service)
        if asked is None:
            return _describe(request, service)
        forms = wanted_forms(request.headers.get("accept", ""), asked.form)
        answer = await service.answer(asked.query, forms, client=_client(request), **_dataset(asked))
    except RequestError as refusal:
        return plain(refusal.status, refusal.message)
    except QueryError as error:
        return plain(413 if "longer than" in str(error) else 400, str(error))
    except NoAnswerError as reason:
        return plain(reason.status, reason.message, retry=reason.retry)
    headers = {"vary": "Accept", "cache-control": "no-cache"}
    return Response(answer.body, media_type=_with_charset(answer.media), headers=headers)


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


def _dataset(asked: Asked) -> dict[str, object]:
    chosen = {"default_graph": asked.default_graphs, "named_graphs": asked.named_graphs}
    return {**{key: graphs for key, graphs in chosen.items() if graphs}, "bindings": dict(asked.bindings)}


def _with_charset(media: str) -> str:
    return f"{media}; charset=utf-8" if media.startswith("text/") else media


def plain(status: int, message: str, *, retry: int = 0) -> Response:
    """Return an error as one line of text."""
    line = " ".join(message.split())
    return PlainTextResponse(f"{line}\n", status, {"retry-after": str(retry)} if retry else None)


# ---------------------------------------------------------------- what is asked


async def read_request(request: Request, service: Service) -> Asked | None:
    """Return what a request asks; None where it asks nothing, and so for the service description.

    Raises RequestError, QueryError.
    """
    sent: bytes = request.scope["query_string"]
    if request.method == "POST":
        pairs = read_pairs(sent.decode("latin-1"))
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in (FORM, DIRECT):
            raise RequestError(*((403, READ_ONLY) if kind == UPDATE else (415, f"send a query as {FORM} or {DIRECT}")))
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise RequestError(415, "send a query as it is, not compressed")
        text = await read_body(request, service.limits)
        pairs += [("query", text)] if kind == DIRECT else read_pairs(text)
        return collect(pairs, may_be_empty=False)
    return (_read_query_again if len(sent) < OFTEN else _read_query)(sent)


def _read_query(sent: bytes) -> Asked | None:
    return collect(read_pairs(sent.decode("latin-1")), may_be_empty=True)


_read_query_again = lru_cache(maxsize=2048)(_read_query)


def read_pairs(text: str) -> list[tuple[str, str]]:
    """Return the fields of a form or a query string. Raises RequestError where it is broken."""
    if match := _BAD_PERCENT.search(text):
        raise RequestError(400, f"broken percent-encoding: {text[match.start() : match.start() + 3]!r}")
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except UnicodeDecodeError:
        raise RequestError(400, "the request is not UTF-8") from None
    except ValueError:
        raise RequestError(400, f"a request has at most {MAX_FIELDS} fields") from None


def collect(pairs: Sequence[tuple[str, str]], *, may_be_empty: bool) -> Asked | None:
    """Return the query that fields state. Raises RequestError where there is none, or more than one."""
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    if "update" in fields:
        raise RequestError(403, READ_ONLY)
    queries = fields.get("query", [])
    if not queries and may_be_empty:
        return None
    if len(queries) != 1:
        raise RequestError(400, f"a request holds one query; this one holds {len(queries) or 'none'}")
    bindings = tuple((name[1:], values[0]) for name, values in fields.items() if _VARIABLE.fullmatch(name))
    default, named = (tuple(fields.get(f"{which}-graph-uri", ())) for which in ("default", "named"))
    return Asked(queries[0], default, named, fields.get("format", [""])[0], bindings)


@lru_cache(maxsize=512)
def wanted_forms(accept: str, form: str = "") -> Mapping[str, str]:
    """Return the media type that each kind of answer gets; none where nothing that is accepted fits it."""
    if form:
        accept = SHORT.get(form, form)
    return {
        "solutions": choose(accept, tuple(RESULTS)),
        "boolean": choose(accept, tuple(RESULTS)),
        "triples": choose(accept, tuple(RDF)),
    }


def _describe(request: Request, service: Service) -> Response:
    """Return the service description; a browser is led to the page that asks."""
    accept = request.headers.get("accept", "")
    if choose(accept, (*RDF, HTML)) == HTML:
        return RedirectResponse("/editor", 303, {"vary": "Accept"})
    return rdf_response(service_quads(service, str(request.base_url)), accept, service.site)


__all__ = ["plain", "read_pairs", "sparql", "wanted_forms"]
