"""Measure the build: rows of a table to checked Turtle, by kg, by its peers and by a C program, in one go.

    python bench/volume/build.py FOLDER [ROWS … PEER …]

Peers get the triples prepared: a table for each predicate with subject and object, so that names, checks, verdicts
and sentences, which kg computes, cost them nothing. Each runs in an environment of its own, made once in FOLDER.
Every output is read and must hold exactly our triples; of SDM-RDFizer only the lines are counted, for it writes the
objects' IRIs percent-encoded. Prints a table, writes it to FOLDER/build.json and draws it as FOLDER/build.svg.
"""

from __future__ import annotations

import compileall
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph
from workload import write_project

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PEERS = {
    "maplib": ["maplib"],
    "morph-kgc": ["morph-kgc"],
    "rdflib": ["rdflib"],
    "pyoxigraph": ["pyoxigraph"],
    "sdm-rdfizer": ["rdfizer"],
}
LIMITS = {
    "rdflib": 100_000,
    "morph-kgc": 1_000_000,
    "maplib": 1_000_000,
    "pyoxigraph": 1_000_000,
    "sdm-rdfizer": 10_000,
}
LINES = ("morph-kgc", "sdm-rdfizer")  # those that write N-Triples
PLOT = "matplotlib"


def environment(folder: Path, name: str) -> Path:
    """Return the Python of a peer's environment, made where it is not there."""
    place = folder / "environments" / name
    if not (place / "made").exists():
        venv.create(place, with_pip=True)
        subprocess.run([place / "bin" / "pip", "install", "--quiet", *PEERS.get(name, [name])], check=True)
        (place / "made").touch()
    return place / "bin" / "python"


def measured(command: list[str | Path]) -> dict[str, float]:
    """Run a command; return its seconds by the clock and of the processor, and the most memory that it held in MB."""
    start = time.perf_counter()
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)})
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command[-3]} failed")
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "processor": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss / 1000}


def triples(path: Path) -> Iterator[str]:
    """Yield the triples of a file."""
    form = pyoxigraph.RdfFormat.TURTLE if path.suffix == ".ttl" else pyoxigraph.RdfFormat.N_TRIPLES
    with path.open("rb") as file:
        for quad in pyoxigraph.parse(file, form):
            yield f"{quad.subject}\t{quad.predicate}\t{quad.object}"


def fingerprint(path: Path) -> tuple[int, str]:
    """Return how many triples a file holds, and a number that only the same set of triples gives; repeats count."""
    count, total = 0, 0
    for triple in triples(path):
        count += 1
        total = (total + int.from_bytes(hashlib.blake2b(triple.encode(), digest_size=16).digest(), "big")) % (1 << 128)
    return count, f"{total:032x}"


def prepare(graph: Path, folder: Path) -> Path:
    """Write the triples of a graph as a table for each predicate, and as lines for the C program; return the folder."""
    prepared = folder / "prepared"
    if (prepared / "done").exists():
        return prepared
    prepared.mkdir()
    files: dict[str, tuple[str, object]] = {}
    with pyoxigraph_lines(graph) as lines:
        for subject, predicate, value, kind in lines:
            name = f"{len(files)}.csv"
            if predicate + kind not in files:
                files[predicate + kind] = (name, (prepared / name).open("w", encoding="utf-8"))
                files[predicate + kind][1].write("s,o\n")  # type: ignore[attr-defined]
            quoted = value.replace('"', '""')
            files[predicate + kind][1].write(f'{subject},"{quoted}"\n')  # type: ignore[attr-defined]
    tables = {}
    for key, (name, file) in files.items():
        file.close()  # type: ignore[attr-defined]
        predicate, kind = key.split(" ", 1)
        tables[name] = {"predicate": predicate, "kind": kind}
    (prepared / "tables.json").write_text(json.dumps(tables, indent=1), "utf-8")
    write_lines(graph, prepared / "lines.tsv")
    (prepared / "done").touch()
    return prepared


class pyoxigraph_lines:  # noqa: N801 - used as a function
    """Triples as texts: subject, predicate with a blank behind it, value, kind of value (iri, @lang or ^^datatype)."""

    def __init__(self, graph: Path) -> None:
        """Open the graph."""
        self.file = graph.open("rb")

    def __enter__(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield the triples."""
        for quad in pyoxigraph.parse(self.file, pyoxigraph.RdfFormat.TURTLE):
            value = quad.object
            kind = "iri"
            if isinstance(value, pyoxigraph.Literal):
                kind = f"@{value.language}" if value.language else f"^^{value.datatype.value}"
            yield quad.subject.value, f"{quad.predicate.value} ", value.value, kind

    def __exit__(self, *_: object) -> None:
        """Close the graph."""
        self.file.close()


def write_lines(graph: Path, target: Path) -> None:
    """Write the blocks of a graph of ours as lines: subject, predicate, object, as they stand in it."""
    with graph.open(encoding="utf-8", newline="\n") as file, target.open("w", encoding="utf-8") as lines:
        for line in file:
            if line.startswith(("@", "\n")):
                continue
            text, subject = line.rstrip("\n").removesuffix(" ;").removesuffix(" ."), ""
            if not line.startswith(" "):
                subject, _, text = text.partition(" ")
            predicate, _, values = text.strip().partition(" ")
            lines.write(f"{subject}\t{predicate}\t{values}\n")


def compile_writer(folder: Path) -> Path:
    """Compile the C program."""
    program, compiler = folder / "writer", shutil.which("cc") or "cc"
    subprocess.run([compiler, "-O2", "-o", program, HERE / "writer.c"], check=True)
    return program


def run(folder: Path, rows: int, peers: list[str]) -> dict[str, dict[str, float]]:
    """Measure everything at a number of rows; exit where triples differ."""
    project = write_project(folder, rows)
    results = {}
    graph = project / "kg.ttl"
    results["kg"] = measured([sys.executable, HERE / "ours.py", project, graph])
    count, expected = fingerprint(graph)
    print(f"{rows:,} rows, {count:,} triples, {graph.stat().st_size / 1e6:,.0f} MB", flush=True)
    prepared = prepare(graph, project)
    written = project / "c.ttl"
    results["C writer"] = measured([compile_writer(folder), prepared / "lines.tsv", written])
    body = b"".join(line for line in graph.open("rb") if not line.startswith((b"@", b"\n")))
    if written.read_bytes() != body:
        raise SystemExit("the C program writes other bytes")
    for peer in peers:
        if rows <= LIMITS[peer]:
            output = project / ("peer.nt" if peer in LINES else "peer.ttl")
            results[peer] = measured([environment(folder, peer), HERE / "peers.py", peer, prepared, output])
            if peer == "sdm-rdfizer":
                same = sum(1 for _ in output.open("rb")) == count
            else:
                same = fingerprint(output) == (count, expected)
            if not same:
                print(f"{peer}: other triples", flush=True)
                raise SystemExit(1)
    for name, figures in results.items():
        print(f"{name:12}" + "".join(f"  {key} {value:9,.2f}" for key, value in figures.items()), flush=True)
    return results


def main() -> None:
    """Measure each number of rows."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    sizes = [int(word) for word in sys.argv[2:] if word.isdecimal()] or [10_000, 100_000, 1_000_000]
    peers = [word for word in sys.argv[2:] if word in PEERS] or list(PEERS)
    compileall.compile_dir(ROOT / "kg", quiet=1)  # as pip does when it installs, and did for the peers
    results = {rows: run(folder, rows, peers) for rows in sizes}
    (folder / "build.json").write_text(json.dumps(results, indent=1), "utf-8")
    picture = folder / "build.svg"
    subprocess.run([environment(folder, PLOT), HERE / "plot.py", folder / "build.json", picture], check=True)


if __name__ == "__main__":
    main()
