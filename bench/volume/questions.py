"""Measure the named questions on a project with a table of N claims: in our store and by rdflib.

    python bench/volume/questions.py FOLDER [ROWS …] [rdflib] [bound]

Each question is asked for one entity or day where it takes one, and for all; each in a process of its own, which is
ended after LIMIT seconds. Prints rows and milliseconds of the processor, medians of the runs that fit into PATIENCE;
``bound`` leaves out what is asked for all. Of firms two are asked about: one of the largest, and an ordinary one.
Results stand in FOLDER/questions.json.
"""

from __future__ import annotations

import json
import math
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pyoxigraph
from workload import write_project

import kg
from kg.questions import bind
from kg.worker import evaluate

LIMIT = 60.0  # seconds for one answer
PATIENCE = 2.0  # seconds for the runs of one question
RUNS = 7
BOUND = {
    "brand": "v40", "component": "v40", "channel": "v41", "day": "2015-06", "entity": "f3", "firm": "f3",
    "from": "2015-01", "source": "s3", "until": "2015-12", "vehicle": "v41", "supplier": "f3", "product": "v41",
    "plan": "v41", "origin": "s3", "who": "f3",
}  # fmt: skip
ON_DAYS = ("day", "from", "until")
Answer = Callable[[str, dict[str, str]], int]


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


def timed(answer: Answer, sparql: str, bindings: dict[str, str], pipe: Connection) -> None:
    """Send the number of rows, then the milliseconds of each run."""
    begun, runs = time.monotonic(), list[float]()
    rows = 0
    while len(runs) < RUNS and (not runs or time.monotonic() - begun < PATIENCE):
        start = time.process_time()
        rows = answer(sparql, bindings)
        runs.append((time.process_time() - start) * 1000)
    pipe.send((rows, runs[1:] or runs))


def measure(answer: Answer, sparql: str, bindings: dict[str, str]) -> tuple[int, float]:
    """Return the number of rows and the median milliseconds; -1 and the limit where there is no answer in time."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=timed, args=(answer, sparql, bindings, theirs))
    child.start()
    try:
        if not ours.poll(LIMIT):
            return -1, LIMIT * 1000
        rows, runs = ours.recv()
        return rows, statistics.median(runs)
    finally:
        child.kill()
        child.join()


def by_store(folder: Path, prefixes: dict[str, str]) -> Answer:
    """Ask our store on the disk, as `kg ask` does once its process runs."""
    opened: list[pyoxigraph.Store] = []

    def answer(sparql: str, bindings: dict[str, str]) -> int:
        if not opened:
            opened.append(pyoxigraph.Store.read_only(str(folder)))
        found = evaluate(opened[0], {"query": sparql, "prefixes": prefixes, "bindings": bindings, "dataset": False})
        return sum(1 for _ in found)

    return answer


def by_rdflib(files: list[Path], prefixes: dict[str, str]) -> Answer:
    """Ask rdflib, whose graph is in memory before the clock runs."""
    import rdflib
    from rdflib.util import from_n3

    graph = rdflib.Graph()
    for file in files:
        graph.parse(file)

    def answer(sparql: str, bindings: dict[str, str]) -> int:
        given = {name: from_n3(term) for name, term in bindings.items()}
        return len(graph.query(sparql, initNs=prefixes, initBindings=given))

    return answer


def run(folder: Path, rows: int, words: list[str]) -> dict[str, dict[str, float]]:
    """Measure everything at a number of rows."""
    project = write_project(folder, rows)
    graph = kg.load(project)
    if "rdflib" in words and not (project / "build" / "graph.ttl").exists():
        graph.write()
    if not isinstance(graph.store, Path):
        raise SystemExit("too few rows for a store on the disk")
    prefixes = dict(graph.prefixes)
    engines = {"kg": by_store(graph.store, prefixes)}
    if "rdflib" in words:
        engines["rdflib"] = by_rdflib([project / "build" / name for name in ("graph.ttl", "ontology.ttl")], prefixes)
    results = {}
    for name, sparql, bindings, bound in asked(graph, rows):
        if "bound" in words and not bound:
            continue
        told = {engine: measure(answer, sparql, bindings) for engine, answer in engines.items()}
        results[name] = {"bound": bound, **{engine: figure for engine, (_, figure) in told.items()}}
        print(f"{name:40}" + "".join(f"  {e} {n:8,} rows {ms:10,.1f} ms" for e, (n, ms) in told.items()), flush=True)
    summarize(results)
    return results


def summarize(results: dict[str, dict[str, float]]) -> None:
    """Print medians, and the geometric mean against rdflib."""
    for what, figures in (
        ("all", [r["kg"] for r in results.values()]),
        ("bound to an entity", [r["kg"] for r in results.values() if r["bound"]]),
    ):
        print(f"{what}: median {statistics.median(figures):,.1f} ms, worst {max(figures):,.0f} ms")
    if ratios := [r["rdflib"] / r["kg"] for r in results.values() if "rdflib" in r]:
        print(f"rdflib: {math.exp(statistics.fmean(map(math.log, ratios))):,.0f} times as long (geometric mean)")


def main() -> None:
    """Measure each number of rows."""
    folder = Path(sys.argv[1])
    sizes = [int(word) for word in sys.argv[2:] if word.isdecimal()] or [100_000, 1_000_000]
    results = {rows: run(folder, rows, sys.argv[2:]) for rows in sizes}
    (folder / "questions.json").write_text(json.dumps(results, indent=1), "utf-8")


if __name__ == "__main__":
    main()
