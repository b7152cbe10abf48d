"""Measure `kg serve` under load and under attack, beside Oxigraph's own server and rdflib-endpoint on the same data.

About a million quads, made by rule. Clients are processes of their own on the same cores; each holds a connection open
and compares every answer, byte by byte, with the engine's own. Everything goes over loopback, for a bounded time.

    python bench/serve.py [--seconds 60] [--quads 1000000] [--queries 1000] [--peer PYTHON] [PART…]

Parts: load attack cancel swap peers; by default all. PYTHON is one that has rdflib-endpoint; without it that peer is
left out. The `oxigraph` command comes from the package of that name.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing as mp
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import pyoxigraph as ox  # noqa: E402

from kg.files.cache import hold  # noqa: E402
from kg.server.limits import Limits  # noqa: E402
from kg.server.pool import Pool  # noqa: E402
from kg.server.process import NoAnswerError  # noqa: E402
from kg.sparql.store import keep_store  # noqa: E402

ATTACKS = ROOT / "tests" / "data" / "badinputs" / "sparql"
LISTENED = 47811  # the port that the hostile queries name
JSON = "application/sparql-results+json"
EX = "https://example.org/trade/"  # holds no word that the guard looks at twice
PREFIX = f"PREFIX : <{EX}>\n"


# ---------------------------------------------------------------- the data and the questions


def quads(number: int, tag: str = "") -> str:
    """Return about ``number`` quads: roles of firms towards vehicles, ten quads each."""
    lines = []
    for role in range(number // 10):
        firm, vehicle, source = (role * role) % max(number // 200, 1), role % max(number // 100, 1), role % 997
        subject, graph = f"<{EX}role/{role}>", f"<{EX}source/{source}>"
        for name, value in (
            ("agent", f"<{EX}firm/{firm}>"),
            ("target", f"<{EX}vehicle/{vehicle}>"),
            ("kind", f"<{EX}kind/{role % 12}>"),
            ("source", graph),
            ("status", f'"{("stated", "planned", "denied")[role % 3]}"'),
            ("from", f'"{2000 + role % 25}-{1 + role % 12:02}-01"^^<http://www.w3.org/2001/XMLSchema#date>'),
            ("label", f'"role {role} of firm {firm}"@en'),
            ("quote", f'"line {role}, “as said”, 第{role}条{tag}"'),
            ("page", f'"{role % 300}"^^<http://www.w3.org/2001/XMLSchema#integer>'),
            ("tag", f'"{tag}"'),
        ):
            lines.append(f"{subject} <{EX}{name}> {value} {graph} .\n")
    return "".join(lines)


def questions(number: int) -> list[str]:
    """Return 1,600 simple queries: what one role says, the roles of a firm, who has one for a vehicle, yes or no."""
    roles, firms, vehicles = number // 10, max(number // 200, 1), max(number // 100, 1)
    made = []
    for n in range(400):
        role, firm, vehicle = n * 7919 % roles, (n * 37) ** 2 % firms, n * 613 % vehicles
        made += [
            f"{PREFIX}SELECT ?p ?o WHERE {{ <{EX}role/{role}> ?p ?o }}",
            f"{PREFIX}SELECT ?role ?kind WHERE {{ ?role :agent <{EX}firm/{firm}> ; :kind ?kind }} LIMIT 20",
            f"{PREFIX}SELECT ?firm ?kind ?from WHERE {{ ?role :target <{EX}vehicle/{vehicle}> ; :agent ?firm "
            f"; :kind ?kind"
            f" ; :from ?from . FILTER(?from < '2015-01-01'^^<http://www.w3.org/2001/XMLSchema#date>) }} LIMIT 20",
            f"{PREFIX}ASK {{ <{EX}role/{role}> :status 'planned' }}",
        ]
    return made


def expected(store: Path, asked: list[str]) -> list[bytes]:
    """Return the engine's own answers as JSON."""
    engine = ox.Store.read_only(str(store))
    answers = (engine.query(query, use_default_graph_as_union=True) for query in asked)
    return [bytes(answer.serialize(format=ox.QueryResultsFormat.JSON)) for answer in answers]


# ---------------------------------------------------------------- servers


@contextlib.contextmanager
def kg_server(store: Path) -> Iterator[tuple[int, int]]:
    """Run the service over a store in a process of its own; give its port and process."""
    with _process([sys.executable, __file__, "--only-serve", str(store)], stdout=subprocess.PIPE) as process:
        port = int(process.stdout.readline() if process.stdout else 0)
        _wait(port)
        yield port, process.pid


def only_serve(store: str) -> None:
    """Serve a store under the example's pages, until a signal ends it."""
    import kg
    from kg.server.app import create_app
    from kg.server.http_server import make_server
    from kg.server.run import listen
    from kg.server.service import Service
    from kg.server.snapshot import Site

    limits = Limits()
    listener = listen("127.0.0.1", 0)
    print(listener.getsockname()[1], flush=True)
    service = Service(Site(kg.load(ROOT / "examples" / "huawei_seres"), Path(store)), limits)
    make_server(create_app(service), limits=limits).run(sockets=[listener])


@contextlib.contextmanager
def oxigraph_server(store: Path) -> Iterator[tuple[int, int]]:
    """Run Oxigraph's own server over the same store."""
    port = _free_port()
    command = [str(Path(sys.executable).parent / "oxigraph"), "serve-read-only", "--location", str(store)]
    with _process([*command, "--bind", f"127.0.0.1:{port}", "--union-default-graph"]) as process:
        _wait(port)
        yield port, process.pid


RDFLIB = """
import sys, rdflib, uvicorn
from rdflib_endpoint import SparqlEndpoint
graph = rdflib.Dataset(default_union=True)
graph.parse(sys.argv[1], format="nquads")
uvicorn.run(SparqlEndpoint(graph=graph, path="/sparql"), port=int(sys.argv[2]), log_level="error")
"""


@contextlib.contextmanager
def rdflib_server(python: str, nquads: Path) -> Iterator[tuple[int, int]]:
    """Run rdflib-endpoint over the same quads, in memory."""
    port = _free_port()
    with _process([python, "-c", RDFLIB, str(nquads), str(port)]) as process:
        _wait(port, 600)
        yield port, process.pid


@contextlib.contextmanager
def _process(command: list[str], **options: Any) -> Iterator[subprocess.Popen[bytes]]:  # noqa: ANN401
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, **options)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            time.sleep(0.5)
            return
        time.sleep(0.1)
    raise SystemExit(f"nothing listens at {port}")


# ---------------------------------------------------------------- clients


class Wire:
    """One connection that is kept open; enough of HTTP/1.1 to cost little beside a server."""

    def __init__(self, port: int) -> None:
        """Remember the port."""
        self.port, self.socket, self.left = port, None, b""

    def send(self, request: bytes) -> tuple[int, bytes]:
        """Send a request and return status and body."""
        for _ in range(2):
            try:
                if self.socket is None:
                    self.socket, self.left = socket.create_connection(("127.0.0.1", self.port), 30), b""
                self.socket.sendall(request)
                return self._receive()
            except OSError:
                self.close()
        return 0, b""

    def _receive(self) -> tuple[int, bytes]:
        head, rest = self._until(b"\r\n\r\n")
        lower = head.lower()
        if b"transfer-encoding: chunked" in lower:
            body = b""
            self.left = rest
            while True:
                size, self.left = self._until(b"\r\n")
                length = int(size, 16)
                piece = self._exactly(length + 2)
                if not length:
                    break
                body += piece[:-2]
        else:
            place = lower.find(b"content-length:")
            length = int(lower[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
            self.left = rest
            body = self._exactly(length)
        if b"connection: close" in lower:
            self.close()
        return int(head[9:12]), body

    def _until(self, mark: bytes) -> tuple[bytes, bytes]:
        while mark not in self.left:
            self._more()
        head, _, rest = self.left.partition(mark)
        return head, rest

    def _exactly(self, length: int) -> bytes:
        while len(self.left) < length:
            self._more()
        body, self.left = self.left[:length], self.left[length:]
        return body

    def _more(self) -> None:
        piece = self.socket.recv(262_144) if self.socket else b""
        if not piece:
            raise OSError("closed")
        self.left += piece

    def close(self) -> None:
        """Hang up."""
        if self.socket is not None:
            self.socket.close()
        self.socket = None


def get(query: str, path: str) -> bytes:
    """Return a request that asks a query."""
    return f"GET {path}?query={quote(query)} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {JSON}\r\n\r\n".encode()


def post(content: bytes, kind: str, path: str) -> bytes:
    """Return a request that sends a query as it is."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/sparql-{kind}\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


def good(
    port: int,
    path: str,
    pairs: list[tuple[str, bytes]],
    seconds: float,
    start: int,
    out: Any,  # noqa: ANN401
    *,
    fresh: bool = False,
) -> None:
    """Ask in turn for some seconds; count the right, the wrong, the failed, and note how long each took.

    Where it asks afresh, a comment makes each query one that was never asked before.
    """
    began_at = time.monotonic_ns()
    requests = [(get(query, path), answer) for query, answer in pairs]
    wire, times, wrong, failed = Wire(port), [], 0, 0
    until, turn = time.monotonic() + seconds, start * 17
    while (began := time.monotonic()) < until:
        request, answer = requests[turn % len(requests)]
        if fresh:
            request = request.replace(b" HTTP/1.1", b"%%0A%%23%d-%d-%d HTTP/1.1" % (start, began_at, turn), 1)
        status, body = wire.send(request)
        times.append(time.monotonic() - began)
        failed += status != 200
        wrong += status == 200 and bool(answer) and body != answer
        turn += 1
    out.put((times, wrong, failed))


def bad(port: int, path: str, seconds: float, start: int, out: Any) -> None:  # noqa: ANN401
    """Send the hostile queries in turn for some seconds; count the statuses."""
    files = sorted(ATTACKS.iterdir())
    requests = [post(file.read_bytes(), "update" if file.suffix == ".ru" else "query", path) for file in files]
    wire, seen = Wire(port), {}
    until, turn = time.monotonic() + seconds, start * 5
    while time.monotonic() < until:
        status, _ = wire.send(requests[turn % len(requests)])
        seen[status] = seen.get(status, 0) + 1
        turn += 1
    out.put(seen)


def drive(
    port: int,
    pairs: list[tuple[str, bytes]],
    *,
    clients: int,
    attackers: int = 0,
    seconds: float,
    path: str = "/sparql",
    fresh: bool = False,
) -> dict[str, Any]:
    """Run clients, and attackers beside them; return what came of it."""
    out: Any = mp.Queue()
    outs: Any = mp.Queue()
    work = [
        mp.Process(target=good, args=(port, path, pairs, seconds, n, out), kwargs={"fresh": fresh})
        for n in range(clients)
    ]
    work += [mp.Process(target=bad, args=(port, path, seconds, n, outs)) for n in range(attackers)]
    for process in work:
        process.start()
    told = [out.get() for _ in range(clients)]
    attacks: dict[int, int] = {}
    for seen in (outs.get() for _ in range(attackers)):
        for status, number in seen.items():
            attacks[status] = attacks.get(status, 0) + number
    for process in work:
        process.join()
    times = sorted(t for each, *_ in told for t in each)
    return {
        "clients": clients,
        "attackers": attackers,
        "answers": len(times),
        "per_second": round(len(times) / seconds),
        "p50_ms": round(times[len(times) // 2] * 1000, 1),
        "p99_ms": round(times[int(len(times) * 0.99)] * 1000, 1),
        "wrong": sum(w for _, w, _ in told),
        "failed": sum(f for *_, f in told),
        **({"attacks": dict(sorted(attacks.items()))} if attackers else {}),
    }


# ---------------------------------------------------------------- the parts


def children(pid: int) -> list[int]:
    """Return the processes that a process started, and those that they did."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    own = [int(child) for child in path.read_text().split()] if path.exists() else []
    return [one for child in own for one in (child, *children(child))]


def cpu(pid: int) -> float:
    """Return the processor's seconds of a process and those that it started."""
    total = 0
    for one in (pid, *children(pid)):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> int:
    """Return the resident bytes of a process and those that it started."""
    total = 0
    for one in (pid, *children(pid)):
        with contextlib.suppress(OSError, IndexError):
            total += int(Path(f"/proc/{one}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    return total


class Listener(threading.Thread):
    """Counts who connects to the port that the hostile queries name."""

    def __init__(self) -> None:
        """Listen."""
        super().__init__(daemon=True)
        self.count = 0
        self.socket = socket.create_server(("127.0.0.1", LISTENED))
        self.start()

    def run(self) -> None:
        """Count."""
        with contextlib.suppress(OSError):
            while True:
                self.socket.accept()[0].close()
                self.count += 1


def load(store: Path, pairs: list[tuple[str, bytes]], seconds: float) -> None:
    """8 and 32 clients."""
    for clients in (8, 32):
        with kg_server(store) as (port, pid):
            before, workers = cpu(pid), children(pid)
            told = drive(port, pairs, clients=clients, seconds=seconds, fresh=True)
            spent = cpu(pid) - before
            kept = len(set(workers) & set(children(pid)))
            say("load", **told, cpu_ms_each=round(1000 * spent / told["answers"], 2), workers_kept=kept)


def attack(store: Path, pairs: list[tuple[str, bytes]], seconds: float) -> None:
    """16 clients alone, then beside 4 attackers; memory, connections out, and processes left."""
    listener = Listener()
    with kg_server(store) as (port, pid):
        alone = drive(port, pairs, clients=16, seconds=seconds, fresh=True)
        say("alone", **alone)
        peak, stop = [0], threading.Event()
        threading.Thread(target=lambda: _watch(pid, peak, stop), daemon=True).start()
        beside = drive(port, pairs, clients=16, attackers=4, seconds=seconds, fresh=True)
        stop.set()
        say("attacked", **beside, p99_ratio=round(beside["p99_ms"] / alone["p99_ms"], 2), peak_mb=peak[0] // 1_000_000)
        time.sleep(3)
        say("afterwards", workers=len(children(pid)), connections_out=listener.count)
        workers = children(pid)
    listener.socket.close()
    say("ended", left=sum(Path(f"/proc/{worker}").exists() for worker in workers))


def _watch(pid: int, peak: list[int], stop: threading.Event) -> None:
    while not stop.wait(0.05):
        peak[0] = max(peak[0], memory(pid))


def cancel(store: Path, number: int = 1000) -> None:
    """Over-long queries: how long until the answer, until the process is gone, and until the next good answer."""
    limits = Limits(timeout=0.5)
    forms = {"solutions": JSON, "boolean": JSON, "triples": "text/turtle"}
    long = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"

    async def run() -> tuple[list[float], list[float]]:
        pool = Pool(store, limits)
        await pool.open()
        gone, following = [], []
        for _ in range(number):
            before = set(pool.processes)
            began = time.monotonic()
            with contextlib.suppress(NoAnswerError):
                await pool.answer({"query": long, "forms": forms})
                raise SystemExit("an over-long query was answered")
            ended = next(iter(before - set(pool.processes)))
            while Path(f"/proc/{ended}").exists():
                await asyncio.sleep(0.001)
            gone.append(time.monotonic() - began - limits.timeout)
            began = time.monotonic()
            with contextlib.suppress(NoAnswerError):  # on a busy machine; the time tells
                await pool.answer({"query": "ASK { ?s ?p ?o }", "forms": forms})
            following.append(time.monotonic() - began)
        await pool.close()
        return gone, following

    gone, following = asyncio.run(run())
    late = [round(1000 * seconds, 1) for seconds in sorted(gone)]
    figures = {"p50": late[number // 2], "p99": late[int(number * 0.99)], "max": late[-1]}
    told = {f"gone_late_ms_{name}": value for name, value in figures.items()}
    over, after = sum(value > 250 for value in late), round(max(following) * 1000, 1)
    say("cancel", queries=number, limit_s=limits.timeout, **told, over_250_ms=over, next_ms_max=after)


def swap(folder: Path, number: int = 50) -> None:
    """Two stores that take turns under load: every answer is of one alone."""
    from kg.server.snapshot import Site
    from serving import running, seed_graph

    query = f"{PREFIX}SELECT (COUNT(?t) AS ?n) (MIN(?t) AS ?a) (MAX(?t) AS ?b) WHERE {{ ?s :tag ?t ; :quote ?q }}"
    texts = {word: quads(20_000, word) for word in ("old", "new")}
    makers = [lambda word=word: keep_store(folder / word, texts[word]) for word in texts]
    with hold(makers[0]) as old, hold(makers[1]) as new:
        seen: dict[tuple[str, ...], int] = {}
        stop = threading.Event()
        with running(store=old, limits=Limits()) as it:

            def ask() -> None:
                wire, request = Wire(it.port), get(query, "/sparql")
                while not stop.is_set():
                    status, body = wire.send(request)
                    row = json.loads(body)["results"]["bindings"][0] if status == 200 else {}
                    key = (str(status), *(row[name]["value"] for name in sorted(row)))
                    seen[key] = seen.get(key, 0) + 1

            threads = [threading.Thread(target=ask) for _ in range(4)]
            for thread in threads:
                thread.start()
            for turn in range(number):
                site = Site(seed_graph(), (new, old)[turn % 2])
                asyncio.run_coroutine_threadsafe(it.service.replace(site), it.loop).result(60)
                time.sleep(0.1)
            stop.set()
            for thread in threads:
                thread.join()
        say("swap", swaps=number, answers={" ".join(key): count for key, count in seen.items()})


def peers(store: Path, nquads: Path, pairs: list[tuple[str, bytes]], seconds: float, python: str) -> None:
    """The same simple queries from 8 clients to each server in turn, twice; asked afresh each time, and again."""
    servers: dict[str, Callable[[], Any]] = {
        "kg serve": lambda: kg_server(store),
        "oxigraph serve-read-only": lambda: oxigraph_server(store),
    }
    if python:
        servers["rdflib-endpoint"] = lambda: rdflib_server(python, nquads)
    for fresh in (True, False):
        best: dict[str, int] = {}
        for name in [*servers, *list(servers)[:2]]:
            with servers[name]() as (port, _):
                checked = pairs if name != "rdflib-endpoint" else [(query, b"") for query, _ in pairs]
                path = "/query" if name.startswith("oxigraph") else "/sparql"
                told = drive(port, checked, clients=8, seconds=seconds, path=path, fresh=fresh)
                best[name] = max(best.get(name, 0), told["per_second"])
                say(name, fresh=fresh, **told)
        ratios = {f"to {name}": round(best["kg serve"] / rate, 2) for name, rate in best.items() if rate}
        say("ratios", fresh=fresh, **ratios)


def say(what: str, **figures: Any) -> None:  # noqa: ANN401
    """Print a line of figures."""
    print(f"{what}: " + ", ".join(f"{name} {value}" for name, value in figures.items()), flush=True)


def main() -> None:
    """Make the data, run the parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--quads", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=1000, help="how many over-long ones")
    parser.add_argument("--peer", default="")
    parser.add_argument("--only-serve", default="")
    wanted = parser.parse_args()
    if wanted.only_serve:
        only_serve(wanted.only_serve)
        return
    parts = wanted.parts or ["load", "attack", "cancel", "swap", "peers"]
    folder = Path(tempfile.gettempdir()) / "kg-bench-serve"
    text = quads(wanted.quads)
    with hold(lambda: keep_store(folder, text)) as store:
        nquads = folder / "load.nq"
        nquads.write_text(text, encoding="utf-8")
        say("data", quads=text.count("\n"), cores=os.cpu_count())
        asked = questions(wanted.quads)
        pairs = list(zip(asked, expected(store, asked), strict=True))
        runs: dict[str, Callable[[], None]] = {
            "load": lambda: load(store, pairs, wanted.seconds),
            "attack": lambda: attack(store, pairs, wanted.seconds),
            "cancel": lambda: cancel(store, wanted.queries),
            "swap": lambda: swap(folder / "two"),
            "peers": lambda: peers(store, nquads, pairs, wanted.seconds, wanted.peer),
        }
        for part in parts:
            runs[part]()


if __name__ == "__main__":
    main()
