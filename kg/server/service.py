"""Hold what is served now: a site, the worker processes, and the problems that keep a newer site from being served."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request

from kg.graph.project_graph import Graph
from kg.model.errors import CheckError, KgError
from kg.server.answer_cache import Kept, key_of
from kg.server.limits import Limits
from kg.server.middleware import is_loopback
from kg.server.pool import Pool
from kg.server.process import Answer, NoAnswerError
from kg.server.queries import look_at
from kg.server.snapshot import Site

MINUTE = 60.0


class Budgets:
    """Tracks how long each client kept the engine busy within about the last minute."""

    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._spent: dict[str, tuple[float, float]] = {}

    def left(self, client: str) -> float:
        """Return the seconds that a client has left. Spent seconds come back evenly over a minute."""
        spent, when = self._spent.get(client, (0.0, 0.0))
        return self._seconds - max(spent - (self._clock() - when) * self._seconds / MINUTE, 0.0)

    def spend(self, client: str, seconds: float) -> None:
        """Charge seconds to a client; forget clients whose budget is full again."""
        now = self._clock()
        self._spent[client] = (self._seconds - self.left(client) + seconds, now)
        if len(self._spent) > 10_000:
            self._spent = {name: spent for name, spent in self._spent.items() if self.left(name) < self._seconds}


class Service:
    """The object that all requests share."""

    def __init__(self, site: Site, limits: Limits, *, load: Callable[[], Graph] | None = None) -> None:
        """Serve a site; ``load`` returns the graph of the next one."""
        self.site, self.limits = site, limits
        self.pool = Pool(site.store, limits)
        self.problems: list[str] = []
        self._load = load
        self._budgets = Budgets(limits.budget)
        self._kept = Kept()

    async def open(self) -> None:
        """Start the processes. Raises NoAnswerError."""
        await self.pool.open()

    async def close(self) -> None:
        """End the processes and release the store."""
        await self.pool.close()
        self.site.close()

    async def answer(self, query: str, forms: Mapping[str, str], *, client: str = "", **options: Any) -> Answer:  # noqa: ANN401 - what kg.sparql.worker.evaluate takes
        """Return the answer to a query. ``forms`` gives the media type by kind of answer.

        Raises QueryError, NoAnswerError.
        """
        kept, key = self._kept, key_of(query, forms, options)
        if answer := kept.get(key):
            return answer
        seen = look_at(query)
        metered = bool(client) and not is_loopback(client)
        if metered and self._budgets.left(client) <= 0:
            raise NoAnswerError(429, "this client has used up its time for this minute", retry=30)
        request = {"query": query, "forms": forms, "base": self.site.base, **seen, **options}
        request["prefixes"] = self.site.prefixes_of(query)
        began = time.monotonic()
        try:
            answer = await self.pool.answer(request)
            kept.put(key, answer)
            return answer
        finally:
            if metered:
                self._budgets.spend(client, time.monotonic() - began)

    async def reload(self) -> None:
        """Load the project again and serve it. A broken one is not served; its problems are kept for display."""
        if self._load is None:
            return
        try:
            site = await asyncio.to_thread(self._next_site, self._load)
        except CheckError as error:
            self.problems = [str(problem) for problem in error.problems]
            return
        except KgError as error:
            self.problems = [str(error)]
            return
        await self.replace(site)

    @staticmethod
    def _next_site(load: Callable[[], Graph]) -> Site:
        return Site(load()).prepare()

    async def replace(self, site: Site) -> None:
        """Serve another site; running queries finish on the old one."""
        if site.store != self.site.store:
            await self.pool.swap(site.store)
            self._kept = Kept()
        old, self.site, self.problems = self.site, site, []
        await self.pool.settle()
        old.close()


def service_of(request: Request) -> Service:
    """Return the service that handles a request."""
    service: Service = request.app.state.service
    return service


def site_of(request: Request) -> Site:
    """Return the site that is served now."""
    return service_of(request).site


__all__ = ["Budgets", "Service", "service_of", "site_of"]
