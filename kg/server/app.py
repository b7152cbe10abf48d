"""Create the application: map each address to its handler."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from functools import wraps

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from kg.server import overview_pages, question_pages, thing_pages
from kg.server.graphstore import direct, graph_store
from kg.server.loading import RETRY
from kg.server.middleware import Gate
from kg.server.openapi import openapi_description
from kg.server.protocol import plain, sparql
from kg.server.reconcile import preview, propose, reconcile, suggest
from kg.server.service import Service, site_of

Answering = Callable[[Request], Awaitable[Response]]
Background = Callable[[], contextlib.AbstractAsyncContextManager[None]]


def create_app(
    service: Service, *, hosts: Iterable[str] = (), origin: str = "", background: Background | None = None
) -> Gate:
    """Return the application over a service. ``hosts`` are served in addition to those of the machine itself.

    ``background`` returns a context manager that is entered while the application runs.
    """

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await service.open()
        try:
            async with background() if background else contextlib.nullcontext():
                yield
        finally:
            await service.close()

    app = Starlette(
        routes=_routes(), lifespan=lifespan, exception_handlers={404: _missing, 405: _wrong_method, 500: _broken}
    )
    app.state.service = service
    app.router.redirect_slashes = False

    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD", "POST"):
            await app(scope, receive, send)
            return
        scope["app"] = app
        response = await sparql(Request(scope, receive))
        await response(scope, receive, send)

    return Gate(app, hosts=hosts, limits=service.limits, origin=origin, direct={"/sparql": endpoint})


def _routes() -> list[Route]:
    return [
        Route("/", overview_pages.front),
        Route("/sparql", sparql, methods=["GET", "POST"]),
        Route("/store", graph_store),
        Route("/graph/{name}", direct),
        Route("/id/{id}", prepared(thing_pages.named)),
        Route("/proposition/{id}", prepared(thing_pages.proposition)),
        Route("/claim/{id}", prepared(thing_pages.claim)),
        Route("/entities", prepared(overview_pages.entities)),
        Route("/search", prepared(overview_pages.search)),
        Route("/conflicts", overview_pages.conflicts),
        Route("/plans", prepared(overview_pages.plans)),
        Route("/gaps", prepared(overview_pages.gaps)),
        Route("/questions", question_pages.questions),
        Route("/questions/{name}", prepared(question_pages.question)),
        Route("/editor", prepared(question_pages.editor)),
        Route("/downloads", overview_pages.downloads_page),
        Route("/download/{name}", overview_pages.download),
        Route("/problems", overview_pages.problems),
        Route("/.well-known/void", overview_pages.dataset),
        Route("/reconcile", prepared(reconcile), methods=["GET", "POST"]),
        Route("/reconcile/properties", prepared(propose)),
        Route("/reconcile/preview", prepared(preview)),
        Route("/reconcile/suggest/{kind}", prepared(suggest)),
        Route("/openapi.json", openapi),
        Route("/health", health),
        Route("/favicon.ico", no_icon),
    ]


def prepared(answer: Answering) -> Answering:
    """Wrap a handler of what is prepared after the first page: until then the status is 503."""

    @wraps(answer)
    async def answering(request: Request) -> Response:
        if waits := site_of(request).waits:
            return HTMLResponse(waits.page(), 503, {"retry-after": str(RETRY), "cache-control": "no-store"})
        return await answer(request)

    return answering


async def health(request: Request) -> Response:
    """Return that the service runs, what it serves, and how many problems keep a newer graph from being served."""
    service: Service = request.app.state.service
    state = {"status": "ok", "graph": service.site.name, "problems": len(service.problems)}
    return JSONResponse(state, headers={"cache-control": "no-store"})


async def openapi(request: Request) -> Response:
    """Return the OpenAPI description of the service."""
    return JSONResponse(openapi_description(request.app.state.service))


async def no_icon(_: Request) -> Response:
    """Return status 204: browsers request an icon that no page names."""
    return Response(status_code=204, headers={"cache-control": "max-age=86400"})


async def _missing(request: Request, __: Exception) -> Response:
    return thing_pages.missing(request)


async def _wrong_method(_: Request, error: Exception) -> Response:
    response = plain(405, "this address is only read")
    response.headers.update(getattr(error, "headers", None) or {})
    return response


async def _broken(_: Request, __: Exception) -> Response:
    return plain(500, "this request met a fault in the service; its log says more")
