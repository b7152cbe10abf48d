"""Run the service of a project: load, open, listen, watch, end."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

from kg.curation.watching import INTERVAL, Stamp, stamp_of
from kg.graph.project_graph import Graph
from kg.model.errors import ProjectError, UsageError
from kg.server.app import create_app
from kg.server.http_server import make_server
from kg.server.limits import Limits
from kg.server.loading import answering
from kg.server.middleware import is_loopback
from kg.server.service import Service
from kg.server.snapshot import Site


def run(
    load: Callable[[], Graph],
    *,
    host: str,
    port: int,
    watched: Path | None,
    timeout: float,
    workers: int,
    hosts: Iterable[str],
    origin: str,
    say: Callable[[str], None],
) -> None:
    """Serve the graph that ``load`` returns until a signal arrives; reload when a ``watched`` project file is saved.

    Until the graph is loaded, every request is answered with status 503; then, until the pages are prepared, those that
    need more than the store are.

    Raises ProjectError, CheckError, UsageError.
    """
    if origin and (not origin.startswith(("http://", "https://")) or origin.count("/") != 2):
        raise UsageError("--cors takes one origin, such as https://example.org")
    limits = Limits(timeout=timeout, workers=workers)
    seen = stamp_of(watched) if watched else {}  # before loading, so that files saved meanwhile cause a reload
    listener = listen(host, port)
    name = f"[{host}]" if ":" in host else host
    say(f"http://{name}:{listener.getsockname()[1]}/  (end it with Ctrl-C)")
    with contextlib.ExitStack() as stack, answering(listener) as loading:
        stack.callback(listener.close)  # if loading fails
        graph = load()
        loading.stage = "Loading the graph into its store"
        site = Site(graph)
        loading.stage = "Preparing the first page"
        site.prepare_first()
        stack.pop_all()
    service = Service(site, limits, load=load)
    if not is_loopback(host) and host != "localhost":
        say(f"warning: {host} can be reached from other machines; put a proxy with TLS and a login in front")
    background = _watching(service, watched, seen, say) if watched else None
    app = create_app(service, hosts=[name, *hosts], origin=origin, background=background)
    say(f"{site.graph.summary}")
    make_server(app, limits=limits).run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises ProjectError if the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ProjectError(f"cannot listen at {host}:{port}: {error.strerror or error}") from None
    return listener


def _watching(
    service: Service, folder: Path, seen: Stamp, say: Callable[[str], None]
) -> Callable[[], contextlib.AbstractAsyncContextManager[None]]:
    """Return a context manager that watches the project's files and reloads the service when they change."""

    @contextlib.asynccontextmanager
    async def background() -> AsyncIterator[None]:
        task = asyncio.create_task(watch_project(service, folder, seen, say))
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    return background


async def watch_project(
    service: Service, folder: Path, seen: Stamp, say: Callable[[str], None], *, interval: float = INTERVAL
) -> None:
    """Reload the service when a file of the project changes, and report the result."""
    while True:
        await asyncio.sleep(interval)
        stamp = await asyncio.to_thread(stamp_of, folder)
        if stamp == seen:
            continue
        seen = stamp
        await service.reload()
        for problem in service.problems:
            say(problem)
        say("the last good graph is still served" if service.problems else f"now: {service.site.graph.summary}")
