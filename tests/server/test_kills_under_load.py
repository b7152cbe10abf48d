"""``kill -9`` inside a running ``kg serve --watch`` while it goes over to a changed project, and clients ask on.

Whoever is killed, every answer is wholly of the old state or wholly of the new one, and the next start needs no help.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import pytest

from amounts import amount, chance
from forks import Forks, forks
from kg.files.cache import HELD
from projects import ENTITIES, make_project

KILLS = amount("KG_KILLS", 4)
FIRMS = 150
QUERY = 'SELECT ?name { ?s rdfs:label ?name FILTER(LANG(?name) = "en" && STRSTARTS(STR(?s), "https://example.org/t/id/firm-")) }'


def write_state(folder: Path, number: int) -> None:
    """Save the entities anew, at once, each named after a state of the project."""
    firms = "".join(f"firm-{firm}: {{type: firm, en: Firm {firm} of {number}}}\n" for firm in range(FIRMS))
    (folder / "entities.new").write_text(ENTITIES + firms, encoding="utf-8")
    (folder / "entities.new").replace(folder / "entities.yaml")


class Clients:
    """Threads that ask all the time, and look at every answer."""

    def __init__(self, count: int) -> None:
        """Ask with so many threads, once there is a port."""
        self.port, self.allowed = 0, {0}
        self.seen, self.wrong, self.stopped = Counter[str](), list[str](), threading.Event()
        self.threads = [threading.Thread(target=self._ask_on) for _ in range(count)]

    def _ask_on(self) -> None:
        while not self.stopped.wait(0.02):
            if self.port:
                self.seen[self.ask()] += 1

    def ask(self) -> str:
        """Ask once; return that it was answered, or why it was not."""
        connection, before = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120), self.allowed
        try:
            connection.request("GET", f"/sparql?query={quote(QUERY)}")
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            return "no connection"
        finally:
            connection.close()
        if answer.status == 200:
            self._look(body, before | self.allowed)
        return f"status {answer.status}"

    def _look(self, body: bytes, allowed: set[int]) -> None:
        """Note an answer that is not wholly of one state."""
        rows = json.loads(body)["results"]["bindings"]
        states = {int(row["name"]["value"].rpartition(" ")[2]) for row in rows}
        if len(rows) != FIRMS or len(states) != 1 or not states <= allowed:
            self.wrong.append(f"{len(rows)} rows of {states}, where {allowed} were allowed")

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Ask until the block ends."""
        for thread in self.threads:
            thread.start()
        try:
            yield
        finally:
            self.stopped.set()
            for thread in self.threads:
                thread.join(30)


class Service:
    """A ``kg serve --watch`` over a project, in its states one after the other."""

    def __init__(self, forked: Forks, folder: Path, clients: Clients) -> None:
        """Serve a folder to clients."""
        self.forked, self.folder, self.clients = forked, folder, clients
        self.state, self.heard = 0, 0

    def start(self) -> None:
        """Start it and wait until it answers: only from the newest state."""
        self.heard = self.forked.errors.stat().st_size
        self.forked.start("-C", self.folder, "serve", "--watch", "--port", "0", "--workers", "2")
        self.clients.port = int(self.hear(r"http://127\.0\.0\.1:(\d+)/"))
        self.clients.allowed = {self.state}
        until(lambda: self.clients.ask() == "status 200")

    def stop(self) -> None:
        """End it as a terminal does."""
        self.clients.port = 0
        os.kill(self.forked.pid, signal.SIGTERM)
        assert self.forked.end() == 0

    def change(self) -> None:
        """Save the next state of the project."""
        self.state += 1
        self.clients.allowed = self.clients.allowed | {self.state}
        write_state(self.folder, self.state)

    def hear(self, pattern: str) -> str:
        """Return what a pattern finds in what the service says from here on, once it says it."""
        found: list[str] = []

        def said() -> bool:
            text = self.forked.errors.read_bytes()[self.heard :].decode("utf-8", "replace")
            if match := re.search(pattern, text):
                self.heard += len(text[: match.end()].encode())
                found.append(match[1])
            return match is not None

        until(said)
        return found[0]

    def settle(self) -> str:
        """Wait until it has gone over to what was saved, or told why not; from then on the newest state alone is right."""
        told = self.hear(r"(now:|the last good graph is still served)")
        if told == "now:":
            self.clients.allowed = {self.state}
        return told

    def children(self, module: str) -> list[int]:
        """Return the processes that run a module for it."""
        return [pid for pid in children(self.forked.pid) if f"-m\0{module}\0".encode() in command(pid)]


def until(holds: Callable[[], object], seconds: float = 300) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def children(pid: int) -> list[int]:
    """Return the ids of a process's children."""
    with suppress(OSError):
        return [int(word) for path in Path(f"/proc/{pid}/task").glob("*/children") for word in path.read_text().split()]
    return []


def command(pid: int) -> bytes:
    """Return the words of a process, each ended by a NUL; none where it is gone."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


# ---------------------------------------------------------------- who is killed


def kill_server(service: Service, _: random.Random) -> bool:
    """Kill the server alone: what answered for it ends by itself, and so does what made its store."""
    left = children(service.forked.pid)
    os.kill(service.forked.pid, signal.SIGKILL)
    assert service.forked.end() == -signal.SIGKILL
    until(lambda: not any(command(pid) for pid in left))
    service.start()
    return True


def kill_all(service: Service, _: random.Random) -> bool:
    """Kill the server with all of its processes, as a power cut would."""
    assert service.forked.kill() == -signal.SIGKILL
    service.start()
    return True


def kill_builder(service: Service, draws: random.Random) -> bool:
    """Kill what makes the new store: the old one is served on, until the next change."""
    victims = list[int]()
    until(lambda: victims.extend(service.children("kg.sparql.worker")) or victims)
    time.sleep(draws.uniform(0, 0.15))
    with suppress(ProcessLookupError):
        os.kill(victims[0], signal.SIGKILL)
    return service.settle() != "now:"


def answering(service: Service) -> list[int]:
    """Return the processes that answer for a service: they are forked from one that it runs."""
    return [pid for forking in service.children("kg.server.fork_parent") for pid in children(forking)]


def kill_answerer(service: Service, draws: random.Random) -> bool:
    """Kill a process that answers: another takes its place, and the change is served."""
    until(lambda: answering(service))
    os.kill(draws.choice(answering(service)), signal.SIGKILL)
    return service.settle() == "now:"


VICTIMS: Mapping[str, Callable[[Service, random.Random], bool]] = {
    "the server": kill_server,
    "the server and all its processes": kill_all,
    "what makes the store": kill_builder,
    "what answers": kill_answerer,
}
AT_ONCE = ("what makes the store",)  # waits for its own moment


@pytest.mark.more
def test_killed_in_the_middle_of_a_swap_under_load(tmp_path: Path) -> None:
    """No answer is of no state or of two; after each kill the next start, or the next change, serves the newest."""
    folder = make_project(tmp_path / "project", "agent: a, role: supplier, target: b")
    write_state(folder, 0)
    clients, draws, killed = Clients(2), chance(9), Counter[str]()
    with forks(tmp_path / "errors") as forked, clients.asking():
        service = Service(forked, folder, clients)
        service.start()
        began = time.monotonic()
        service.change()
        assert service.settle() == "now:"
        took = time.monotonic() - began
        for number in range(10 * KILLS):
            victim = list(VICTIMS)[number % len(VICTIMS)]
            service.change()
            time.sleep(0 if victim in AT_ONCE else draws.uniform(0, took))
            killed[victim] += VICTIMS[victim](service, draws)
            if killed.total() == KILLS:
                break
        service.stop()
        service.change()
        service.start()  # what nobody holds any more goes as the next is made
        service.stop()
    left = sorted(path.name for path in (folder / "build" / "served").iterdir())
    print(f"swap under load: killed {dict(killed)}; clients: {dict(clients.seen)}, {len(clients.wrong)} wrong answers")
    assert clients.wrong == []
    assert clients.seen["status 200"] > KILLS
    assert killed.total() == KILLS
    assert left == [left[0], f"{left[0]}{HELD}"]
