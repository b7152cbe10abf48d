"""Measure the named questions on a project with a table of N claims: in our store and by others.

    python bench/volume/questions.py FOLDER [ROWS …] [rdflib] [pyoxigraph] [server] [bound]

Each question is asked for one entity or day where it takes one, and for all; each in a process of its own, which is
ended after LIMIT seconds. Prints rows and milliseconds of the processor, medians of the runs that fit into PATIENCE;
``bound`` leaves out what is asked for all. Of firms two are asked about: one of the largest, and an ordinary one.
Alone kg is asked as for a table, which ends after TABLE_ROWS; beside others (rdflib and pyoxigraph in memory, the
server of Oxigraph over our store) every answer is whole, and the run fails where two differ in their rows.
Results stand in FOLDER/questions.json.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import multiprocessing
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph
from workload import write_project

import kg
from kg.commands.printing import TABLE_ROWS
from kg.elsewhere import with_prefixes, with_values
from kg.questions import bind
from kg.worker import evaluate

LIMIT = 30.0  # seconds for one answer
PEERS = ("rdflib", "pyoxigraph", "server")
PATIENCE = 2.0  # seconds for the runs of one question
RUNS = 7
BOUND = {
    "brand": "v40", "component": "v40", "channel": "v41", "day": "2015-06", "entity": "f3", "firm": "f3",
    "from": "2015-01", "source": "s3", "until": "2015-12", "vehicle": "v41", "supplier": "f3", "product": "v41",
    "plan": "v41", "origin": "s3", "who": "f3",
}  # fmt: skip
ON_DAYS = ("day", "from", "until")
Answer = Callable[[str, dict[str, str]], bytes]  # CSV
Clock = Callable[[], float]


def asked(graph: kg.Graph, rows: int) -> Iterator[tuple[str, str, dict[str, str], bool]]:
    """Yield each question: name and parameters, SPARQL, bindings as terms, and whether it is bound to an entity."""
    ordinary = {name: f"f{rows // 40}" for name, value in BOUND.items() if value == "f3"}
    for name, question in graph.questions.items():
        names = [p.name for p in question.parameters if p.name in BOUND]
        ways = [{n: known[n] for n in names} for known in (BOUND, {**BOUND, **ordinary})]
        ways.append({n: BOUND[n] for n in names if n in ON_DAYS})
        for place, values in enumerate(ways):
            if values not in ways[:place]:
                bindings = bind(graph.world, question, values, graph.finder)
                yield " ".join((name, *values.values())), question.sparql, bindings, not set(values) <= set(ON_DAYS)


def timed(answer: Answer, clock: Clock, sparql: str, bindings: dict[str, str], pipe: Connection) -> None:
    """Send the number of rows and a digest of them, then the milliseconds of each run."""
    begun, runs = time.monotonic(), list[float]()
    found = b""
    while len(runs) < RUNS and (not runs or time.monotonic() - begun < PATIENCE):
        start = clock()
        found = answer(sparql, bindings)
        runs.append((clock() - start) * 1000)
    rows = sorted(found.replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")[1:])
    pipe.send((len(rows), hashlib.sha256(b"\n".join(rows)).hexdigest()[:8], runs[1:] or runs))


def measure(answer: Answer, clock: Clock, sparql: str, bindings: dict[str, str]) -> tuple[int, str, float]:
    """Return the number of rows, a digest, and the median milliseconds; -1 and the limit where no answer comes."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=timed, args=(answer, clock, sparql, bindings, theirs))
    child.start()
    try:
        if not ours.poll(LIMIT):
            return -1, "", LIMIT * 1000
        rows, digest, runs = ours.recv()
        return rows, digest, statistics.median(runs)
    finally:
        child.kill()
        child.join()


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
    """Ask a store in memory, the query with its values as anybody would write them."""
    store = pyoxigraph.Store()
    for file in files:
        store.bulk_load(path=str(file))

    def answer(sparql: str, bindings: dict[str, str]) -> bytes:
        found = store.query(with_prefixes(with_values(sparql, bindings), prefixes))
        return bytes(found.serialize(format=pyoxigraph.QueryResultsFormat.CSV))  # type: ignore[union-attr]

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


def run(folder: Path, rows: int, words: list[str]) -> dict[str, dict[str, float]]:
    """Measure everything at a number of rows."""
    project = write_project(folder, rows)
    graph = kg.load(project)
    peers = [peer for peer in PEERS if peer in words]
    if {"rdflib", "pyoxigraph"} & set(peers) and not (project / "build" / "graph.ttl").exists():
        graph.write()
    if not isinstance(graph.store, Path):
        raise SystemExit("too few rows for a store on the disk")
    prefixes = dict(graph.prefixes)
    files = [project / "build" / name for name in ("graph.ttl", "ontology.ttl")]
    own = time.process_time
    engines: dict[str, tuple[Answer, Clock]] = {
        "kg": (by_store(graph.store, prefixes, 0 if peers else TABLE_ROWS + 1), own)
    }
    with contextlib.ExitStack() as stack:
        if "server" in peers:
            engines["server"] = stack.enter_context(by_server(graph.store, prefixes))
        if "pyoxigraph" in peers:
            engines["pyoxigraph"] = by_pyoxigraph(files, prefixes), own
        if "rdflib" in peers:
            engines["rdflib"] = by_rdflib(files, prefixes), own
        results = {}
        for name, sparql, bindings, bound in asked(graph, rows):
            if "bound" not in words or bound:
                results[name] = {"bound": float(bound), **compare(name, sparql, bindings, engines)}
    summarize(results, peers)
    return results


def compare(
    name: str, sparql: str, bindings: dict[str, str], engines: dict[str, tuple[Answer, Clock]]
) -> dict[str, float]:
    """Ask everybody one question; print and return the milliseconds. Ends the run where answers differ."""
    told = {engine: measure(*how, sparql, bindings) for engine, how in engines.items()}
    print(f"{name:40}" + "".join(f"  {e} {n:8,} rows {ms:10,.1f} ms" for e, (n, _, ms) in told.items()), flush=True)
    answers = {(n, digest) for n, digest, _ in told.values() if n >= 0}
    if len(answers) > 1:
        raise SystemExit(f"{name}: the answers differ: {told}")
    return {engine: figure for engine, (_, _, figure) in told.items()}


def summarize(results: dict[str, dict[str, float]], peers: list[str]) -> None:
    """Print medians, and the geometric mean against each of the others."""
    for what, figures in (
        ("all", [r["kg"] for r in results.values()]),
        ("bound to an entity", [r["kg"] for r in results.values() if r["bound"]]),
    ):
        print(f"{what}: median {statistics.median(figures):,.1f} ms, worst {max(figures):,.0f} ms")
    for peer in peers:
        ratios = [r[peer] / r["kg"] for r in results.values()]
        print(f"{peer}: {math.exp(statistics.fmean(map(math.log, ratios))):,.2f} times as long (geometric mean)")


def main() -> None:
    """Measure each number of rows."""
    folder = Path(sys.argv[1])
    sizes = [int(word) for word in sys.argv[2:] if word.isdecimal()] or [100_000, 1_000_000]
    results = {rows: run(folder, rows, sys.argv[2:]) for rows in sizes}
    (folder / "questions.json").write_text(json.dumps(results, indent=1), "utf-8")


if __name__ == "__main__":
    main()
