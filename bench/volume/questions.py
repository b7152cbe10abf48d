"""Measure the named questions on a project with a table of N claims: in our store and by others.

    python bench/volume/questions.py FOLDER [ROWS …] [rdflib] [pyoxigraph] [server] [maplib] [duckdb] [bound]

Each question is asked for one entity or day where it takes one, and for all; each in a process of its own, which is
ended after LIMIT seconds. Prints rows and milliseconds of the processor, medians of the runs that fit into PATIENCE;
``bound`` leaves out what is asked for all. Of firms two are asked about: one of the largest, and an ordinary one.
Alone kg is asked as for a table, which ends after TABLE_ROWS; beside others every answer is whole. rdflib, pyoxigraph
and maplib hold the graph in memory, the server of Oxigraph our store; DuckDB holds the claims as columns, and is asked
the questions that ``sql/`` says again in SQL. maplib and DuckDB run in environments of their own, made once in FOLDER.
The run fails where two differ in their rows; maplib may, which is told, and not counted. Results stand in
FOLDER/questions.json.
"""

from __future__ import annotations

import contextlib
import csv
import gc
import hashlib
import json
import math
import multiprocessing
import re
import select
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pyoxigraph
from build import environment
from workload import write_project

import kg
from kg.commands.printing import TABLE_ROWS
from kg.sparql.questions import bind
from kg.sparql.remote_graph import with_prefixes, with_values
from kg.sparql.worker import evaluate

LIMIT = 30.0  # seconds for one answer
PEERS = ("rdflib", "pyoxigraph", "server", "maplib", "duckdb")
MAY_DIFFER = ("maplib",)  # whose answers may be others than ours
HERE = Path(__file__).parent
FORK = multiprocessing.get_context("fork")
TERMS = "https://w3id.org/autokg/"
PATIENCE = 2.0  # seconds for the runs of one question
RUNS = 7
BOUND = {
    "brand": "v40", "component": "v40", "channel": "v41", "day": "2015-06", "entity": "f3", "firm": "f3",
    "from": "2015-01", "source": "s3", "until": "2015-12", "vehicle": "v41", "supplier": "f3", "product": "v41",
    "plan": "v41", "origin": "s3", "who": "f3",
}  # fmt: skip
ON_DAYS = ("day", "from", "until")
Answer = Callable[[str, dict[str, str]], bytes]  # SPARQL, bindings as terms; CSV
Clock = Callable[[], float]


@dataclass(frozen=True)
class Asked:
    """A question with its values: as they were given, and as terms."""

    name: str
    sparql: str
    values: dict[str, str]
    bindings: dict[str, str]

    @property
    def title(self) -> str:
        """Return the question and its values."""
        return " ".join((self.name, *self.values.values()))

    @property
    def bound(self) -> bool:
        """Return whether it is asked about an entity."""
        return not set(self.values) <= set(ON_DAYS)


@dataclass(frozen=True)
class Told:
    """What an engine said: the columns, the number of rows (-1 where none came), a digest, the median milliseconds."""

    columns: list[str]
    rows: int
    digest: str
    ms: float
    error: str = ""

    def __str__(self) -> str:
        """Return rows and time."""
        return self.error or f"{self.rows:8,} rows {self.ms:10,.1f} ms"


Engine = Callable[[Asked, list[str]], Told]  # the columns that are wanted, in their order
LATE = Told([], -1, "", LIMIT * 1000)


def asked(graph: kg.Graph, rows: int) -> Iterator[Asked]:
    """Yield each question with each set of values."""
    ordinary = {name: f"f{rows // 40}" for name, value in BOUND.items() if value == "f3"}
    for name, question in graph.questions.items():
        names = [p.name for p in question.parameters if p.name in BOUND]
        ways = [{n: known[n] for n in names} for known in (BOUND, {**BOUND, **ordinary})]
        ways.append({n: BOUND[n] for n in names if n in ON_DAYS})
        for place, values in enumerate(ways):
            if values not in ways[:place]:
                yield Asked(name, question.sparql, values, bind(graph.world, question, values, graph.finder))


def timed(answer: Answer, clock: Clock, asked: Asked, pipe: Connection) -> None:
    """Send the columns, the number of rows and a digest of them, then the milliseconds of each run."""
    begun, runs = time.monotonic(), list[float]()
    found = b""
    while len(runs) < RUNS and (not runs or time.monotonic() - begun < PATIENCE):
        start = clock()
        found = answer(asked.sparql, asked.bindings)
        runs.append((clock() - start) * 1000)
    head, *rows = found.replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")
    digest = hashlib.sha256(b"\n".join(sorted(rows))).hexdigest()[:8]
    pipe.send((head.decode().split(","), len(rows), digest, statistics.median(runs[1:] or runs)))


def hosted(load: Callable[[], Answer], clock: Clock = time.process_time) -> Engine:
    """Return an engine in a process of its own, which loads what it asks and then forks for each question.

    In one process with other engines a child would pay for what those hold: what it touches is copied.
    """
    ours, theirs = multiprocessing.Pipe()
    FORK.Process(target=_host, args=(load, clock, theirs, ours)).start()
    theirs.close()
    ours.recv()

    def ask(asked: Asked, columns: list[str]) -> Told:
        ours.send(asked)
        told: Told = ours.recv()
        return told

    return ask


def _host(load: Callable[[], Answer], clock: Clock, pipe: Connection, other: Connection) -> None:
    """Answer as long as somebody asks; nothing of what is loaded is looked at by the collector of garbage."""
    other.close()
    answer = load()
    gc.freeze()
    pipe.send("ready")
    with contextlib.suppress(EOFError):
        while True:
            pipe.send(_forked(answer, clock, pipe.recv()))


def _forked(answer: Answer, clock: Clock, asked: Asked) -> Told:
    """Answer in a child of this process, which is ended after LIMIT."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    child = FORK.Process(target=timed, args=(answer, clock, asked, theirs))
    child.start()
    try:
        return Told(*ours.recv()) if ours.poll(LIMIT) else LATE
    finally:
        child.kill()
        child.join()


class Elsewhere:
    """An engine in an environment of its own (askers.py), which reads everything, again after a late answer."""

    def __init__(
        self, folder: Path, name: str, files: list[Path], query: Callable[[Asked], dict[str, Any] | None]
    ) -> None:
        """Take what is read, and what makes a question one of its own; where that gives none, it is not asked."""
        self.command = [environment(folder, name), HERE / "askers.py", name, *files]
        self.query, self.child = query, self.start()

    def start(self) -> subprocess.Popen[str]:
        """Return the process, once it has read."""
        child = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if child.stdout is None or child.stdout.readline() != "ready\n":
            raise SystemExit(f"{self.command[2]} reads nothing")
        return child

    def __call__(self, asked: Asked, columns: list[str]) -> Told:
        """Return what it says."""
        query = self.query(asked)
        if query is None:
            return Told([], -1, "", 0, "not asked")
        if self.child.poll() is not None:
            self.child = self.start()
        assert self.child.stdin and self.child.stdout  # noqa: S101 - they were asked for
        self.child.stdin.write(json.dumps({**query, "columns": columns, "runs": RUNS, "patience": PATIENCE}) + "\n")
        self.child.stdin.flush()
        if not select.select([self.child.stdout], [], [], LIMIT)[0]:
            self.stop()
            return LATE
        told = json.loads(self.child.stdout.readline() or '{"error": "it ended"}')
        if "error" in told:
            return Told([], -1, "", 0, told["error"])
        return Told(columns, told["rows"], told["digest"], statistics.median(told["runs"]))

    def stop(self) -> None:
        """End the process."""
        self.child.kill()
        self.child.wait()


def by_store(folder: Path, prefixes: dict[str, str], limit: int) -> Answer:
    """Ask our store on the disk, as `kg ask` does once its process runs."""
    opened: list[pyoxigraph.Store] = []

    def answer(sparql: str, bindings: dict[str, str]) -> bytes:
        if not opened:
            opened.append(pyoxigraph.Store.read_only(str(folder)))
        asked = {"query": sparql, "prefixes": prefixes, "bindings": bindings, "dataset": False, "limit": limit}
        return bytes(evaluate(opened[0], asked).serialize(format=pyoxigraph.QueryResultsFormat.CSV))

    return answer


def by_pyoxigraph(files: list[Path], prefixes: dict[str, str]) -> Answer:
    """Ask a store in memory, the query with its values as anybody would write them: in the text, made once."""
    store, texts = pyoxigraph.Store(), dict[str, str]()
    for file in files:
        store.bulk_load(path=str(file))

    def answer(sparql: str, bindings: dict[str, str]) -> bytes:
        if sparql not in texts:
            texts[sparql] = with_prefixes(with_values(sparql, bindings), prefixes)
        return bytes(store.query(texts[sparql]).serialize(format=pyoxigraph.QueryResultsFormat.CSV))  # type: ignore[union-attr]

    return answer


@contextlib.contextmanager
def by_server(folder: Path, prefixes: dict[str, str]) -> Iterator[tuple[Answer, Clock]]:
    """Ask the server of Oxigraph over our store, as ``by_pyoxigraph`` does; the clock is that of the server."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [str(Path(sys.executable).with_name("oxigraph")), "serve-read-only", "--union-default-graph"]
    server = subprocess.Popen([*command, "--location", str(folder), "--bind", address], stderr=subprocess.DEVNULL)

    def answer(sparql: str, bindings: dict[str, str]) -> bytes:
        query = with_prefixes(with_values(sparql, bindings), prefixes)
        request = urllib.request.Request(
            f"http://{address}/query", urlencode({"query": query}).encode(), {"Accept": "text/csv"}
        )
        with urllib.request.urlopen(request) as response:  # noqa: S310 - http to this machine
            return bytes(response.read())

    def clock() -> float:
        return time.clock_gettime((~server.pid << 3) | 2)  # how Linux names the processor's time of another process

    try:
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(server_place(address), 1).close()
                break
            time.sleep(0.2)
        yield answer, clock
    finally:
        server.kill()
        server.wait()


def server_place(address: str) -> tuple[str, int]:
    """Return host and port."""
    host, _, port = address.partition(":")
    return host, int(port)


def by_rdflib(files: list[Path], prefixes: dict[str, str]) -> Answer:
    """Ask rdflib, whose graph is in memory before the clock runs."""
    import rdflib
    from rdflib.util import from_n3

    graph = rdflib.Graph()
    for file in files:
        graph.parse(file)

    def answer(sparql: str, bindings: dict[str, str]) -> bytes:
        given = {name: from_n3(term) for name, term in bindings.items()}
        return graph.query(sparql, initNs=prefixes, initBindings=given).serialize(format="csv") or b""

    return answer


def by_maplib(folder: Path, files: list[Path], prefixes: dict[str, str]) -> Elsewhere:
    """Ask a model in memory, the query as for ``by_pyoxigraph``."""

    def query(asked: Asked) -> dict[str, Any]:
        return {"query": with_prefixes(with_values(asked.sparql, asked.bindings), prefixes), "values": {}}

    return Elsewhere(folder, "maplib", files, query)


def by_duckdb(folder: Path, project: Path, graph: kg.Graph) -> Elsewhere:
    """Ask the claims as columns, beside the ontology's terms, in SQL."""
    named = "SELECT ?term ?label { ?term skos:notation ?id ; skos:prefLabel ?label . FILTER(LANG(?label) = 'en') }"
    above = "SELECT ?term ?ancestor { ?term a kg:Role ; skos:broader* ?ancestor . ?ancestor a kg:Role }"
    files = [project / "build/claims/*/*.parquet"]
    files += [
        write_rows(folder / f"{name}.csv", graph.query(query))
        for name, query in (("terms", named), ("ancestors", above))
    ]
    today = next(iter(graph.query("SELECT ?day { ?dataset kg:asOf ?day }")))["day"]
    fixed = {"base": graph.prefixes[""], "today": today}

    def query(asked: Asked) -> dict[str, Any] | None:
        file = HERE / "sql" / f"{asked.name}.sql"
        if not file.exists():
            return None
        given = {n: asked.bindings[n].split('"')[1] if n in ON_DAYS else value for n, value in asked.values.items()}
        sql = file.read_text("utf-8")
        names = set(re.findall(r"\$(\w+)", sql))
        return {"query": sql, "values": {name: {**fixed, **given}.get(name) for name in names}}

    return Elsewhere(folder, "duckdb", files, query)


def write_rows(path: Path, found: kg.Answer) -> Path:
    """Write what a query gave as CSV, terms of the ontology without their common space; return the path."""
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(found.columns)
        lines.writerows([str(value).removeprefix(TERMS) for value in row.values()] for row in found)
    return path


def run(folder: Path, rows: int, words: list[str]) -> dict[str, dict[str, float]]:
    """Measure everything at a number of rows."""
    project = write_project(folder, rows)
    graph = kg.load(project)
    peers = [peer for peer in PEERS if peer in words]
    if set(peers) - {"server"} and not (project / "build" / "graph.ttl").exists():
        graph.write()
    if not isinstance(graph.store, Path):
        raise SystemExit("too few rows for a store on the disk")
    prefixes = dict(graph.prefixes)
    files = [project / "build" / name for name in ("graph.ttl", "ontology.ttl")]
    engines: dict[str, Engine] = {
        "kg": hosted(partial(by_store, graph.store, prefixes, 0 if peers else TABLE_ROWS + 1))
    }
    with contextlib.ExitStack() as stack:
        for name in ("maplib", "duckdb"):
            if name in peers:
                peer = by_maplib(folder, files, prefixes) if name == "maplib" else by_duckdb(folder, project, graph)
                stack.callback(peer.stop)
                engines[name] = peer
        if "server" in peers:
            served, clock = stack.enter_context(by_server(graph.store, prefixes))
            engines["server"] = hosted(lambda: served, clock)
        if "pyoxigraph" in peers:
            engines["pyoxigraph"] = hosted(partial(by_pyoxigraph, files, prefixes))
        if "rdflib" in peers:
            engines["rdflib"] = hosted(partial(by_rdflib, files, prefixes))
        every = [one for one in asked(graph, rows) if one.bound or "bound" not in words]
        results = {one.title: {"bound": float(one.bound), **compare(one, engines)} for one in every}
    summarize(results, peers)
    return results


def compare(asked: Asked, engines: dict[str, Engine]) -> dict[str, float]:
    """Ask everybody one question; print and return the milliseconds. Ends the run where answers differ."""
    ours = engines["kg"](asked, [])
    told = {name: ours if name == "kg" else engine(asked, ours.columns) for name, engine in engines.items()}
    others = {n for n, t in told.items() if ours.rows >= 0 <= t.rows and (t.rows, t.digest) != (ours.rows, ours.digest)}
    marks = {name: f"{name} {'(other rows) ' if name in others else ''}{t}" for name, t in told.items()}
    print(f"{asked.title:40}  " + "  ".join(marks.values()), flush=True)
    if others - set(MAY_DIFFER):
        raise SystemExit(f"{asked.title}: the answers differ: {told}")
    return {name: t.ms for name, t in told.items() if not t.error and name not in others}


def summarize(results: dict[str, dict[str, float]], peers: list[str]) -> None:
    """Print medians, and the geometric mean against each of the others."""
    for what, figures in (
        ("all", [r["kg"] for r in results.values()]),
        ("bound to an entity", [r["kg"] for r in results.values() if r["bound"]]),
    ):
        print(f"{what}: median {statistics.median(figures):,.1f} ms, worst {max(figures):,.0f} ms")
    for peer in peers:
        for what, some in (
            ("all", results.values()),
            ("bound to an entity", [r for r in results.values() if r["bound"]]),
        ):
            both = [r for r in some if peer in r]
            ratios = [r[peer] / r["kg"] for r in both]
            late = sum(r[peer] >= LIMIT * 1000 for r in both)
            mean = math.exp(statistics.fmean(map(math.log, ratios))) if ratios else math.nan
            print(
                f"{peer}, {what}: {mean:,.2f} times as long (geometric mean of {len(both)} of {len(some)}, {late} late)"
            )


def main() -> None:
    """Measure each number of rows."""
    folder = Path(sys.argv[1])
    sizes = [int(word) for word in sys.argv[2:] if word.isdecimal()] or [100_000, 1_000_000]
    results = {rows: run(folder, rows, sys.argv[2:]) for rows in sizes}
    (folder / "questions.json").write_text(json.dumps(results, indent=1), "utf-8")


if __name__ == "__main__":
    main()
