"""Measure a build after one of a thousand sources changed, against a build of everything.

    python bench/volume/rebuild.py FOLDER [ROWS …] [store]

The workload of ``workload`` in a thousand tables of roles. In one of them a row changes, one is added at the end, one
goes from the middle, and a denial is added that meets another table's claim; then nothing changes. After each, ``kg
build`` runs in a process of its own; then everything is built into another folder, and every output must be the same
bytes. With ``store``: it is loaded once, follows each change, and must hold the quads of one that is loaded anew.
Seconds by the clock and of the processor, and the share of a full build; what it takes to copy the parts into graph.ttl
and bring that to the disk is told apart.
"""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
from workload import ENTITIES, MAPPINGS, SETTINGS, firms_of, roles_of, sources_of, vehicles_of

import kg
from kg.sparql.store import name_graphs, read_graph

TABLES, LEAST = 1000, 100  # tables, and rows of each
CHANGED = "register-0050"
Change = Callable[[pl.DataFrame], pl.DataFrame]


def write_project(folder: Path, rows: int) -> Path:
    """Write the project into a folder, unless it is there; return the folder."""
    project = folder / f"sources-{rows}"
    if (project / "done").exists():
        return project
    shutil.rmtree(project, ignore_errors=True)
    tables = project / "tables"
    tables.mkdir(parents=True)
    (project / "kg.yaml").write_text(SETTINGS, "utf-8")
    (project / "entities.yaml").write_text(ENTITIES, "utf-8")
    firms, vehicles, sources = max(rows // 20, 10), max(rows // 10, 10), max(rows // 50, 2)
    shared = {"firms": firms_of(firms), "vehicles": vehicles_of(vehicles), "sources": sources_of(sources)}
    for name, frame in shared.items():
        (tables / f"{name}.yaml").write_text(MAPPINGS[name], "utf-8")
        frame.sink_csv(tables / f"{name}.csv")
    each = max(rows // TABLES, LEAST)
    for number, frame in enumerate(roles_of(rows, firms, vehicles, sources).collect().iter_slices(each)):
        name = f"register-{number:04}"
        (tables / f"{name}.yaml").write_text(MAPPINGS["roles"].replace("roles.csv", f"{name}.csv"), "utf-8")
        frame.write_csv(tables / f"{name}.csv")
    (project / "done").touch()
    return project


def changes(project: Path) -> dict[str, Change]:
    """Return what is changed, one thing after the other."""
    claim = pl.read_csv(project / "tables" / "register-0007.csv", infer_schema=False).filter(status="confirmed").head(1)
    denial = claim.with_columns(status=pl.lit("denied"), source=pl.lit("s1"), quote=pl.lit("a denial"))
    return {
        "a row changed": lambda table: table.with_columns(
            firm=pl.when(pl.int_range(pl.len()) == 3).then(pl.lit("f7")).otherwise("firm")
        ),
        "a row added": lambda table: pl.concat([table, table.tail(1).with_columns(vehicle=pl.lit("v11"))]),
        "a row gone": lambda table: table.filter(pl.int_range(pl.len()) != table.height // 2),
        "a denial added": lambda table: pl.concat([table, denial]),
        "nothing": lambda table: table,
    }


def timed(project: Path, out: Path | None = None) -> dict[str, float]:
    """Run ``kg build``; return its seconds by the clock and of the processor, and the most memory in MB."""
    command = [sys.executable, "-m", "kg", "-C", str(project), "build", *(["-o", str(out)] if out else [])]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = status
    if status:
        raise SystemExit("kg build failed")
    seconds = time.perf_counter() - start
    return {"clock": seconds, "processor": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss / 1000}


def joined(build: Path) -> dict[str, float]:
    """Return what it takes to copy a graph of that size and to bring it to the disk."""
    copy, before, start = build / "copy", time.process_time(), time.perf_counter()
    shutil.copyfile(build / "graph.ttl", copy)
    with copy.open("rb") as file:
        os.fsync(file.fileno())
    figures = {"clock": time.perf_counter() - start, "processor": time.process_time() - before}
    copy.unlink()
    return figures


def outputs(build: Path) -> set[str]:
    """Return the names of what a build wrote, without what it keeps for itself."""
    files = (path.relative_to(build) for path in build.rglob("*") if path.is_file())
    return {name.as_posix() for name in files if name.parts[0] not in (".kept", "store")}


def check_same(build: Path, anew: Path) -> None:
    """Exit where two builds differ in a byte."""
    names = outputs(anew)
    if outputs(build) != names:
        raise SystemExit("other files than a full build writes")
    if different := filecmp.cmpfiles(build, anew, names, shallow=False)[1]:
        raise SystemExit(f"other bytes than a full build writes: {different}")


def check_store(project: Path) -> None:
    """Exit where the store that followed the changes holds other quads than one that is loaded anew."""
    there = Path(str(kg.load(project).store))
    aside = there.rename(project / "build" / "aside")
    anew = Path(str(kg.load(project).store))
    for graph in name_graphs(anew):
        if graph.endswith(("derived", "propositions", "/s1")) and read_graph(aside, graph) != read_graph(anew, graph):
            raise SystemExit(f"other quads than a store that is loaded anew: {graph}")
    shutil.rmtree(aside)


def run(folder: Path, rows: int, *, store: bool) -> dict[str, dict[str, float]]:
    """Measure a number of rows; exit where outputs differ."""
    project = write_project(folder, rows)
    build, anew, table = project / "build", project / "anew", project / "tables" / f"{CHANGED}.csv"
    shutil.rmtree(build, ignore_errors=True)
    figures = {"everything": timed(project)}
    if store:
        start = time.perf_counter()
        print(kg.load(project).store, f"loaded in {time.perf_counter() - start:.1f} s", flush=True)
    figures["graph.ttl"] = joined(build)
    original = table.read_bytes()
    for what, change in changes(project).items():
        change(pl.read_csv(table, infer_schema=False)).write_csv(table)
        figures[what] = timed(project)
        shutil.rmtree(anew, ignore_errors=True)
        figures[f"everything, {what}"] = timed(project, anew)
        check_same(build, anew)
    if store:
        check_store(project)
    table.write_bytes(original)
    shutil.rmtree(anew, ignore_errors=True)
    show(rows, figures)
    return figures


def show(rows: int, figures: dict[str, dict[str, float]]) -> None:
    """Print seconds and shares."""
    whole = figures["everything"]
    for what, mine in figures.items():
        shares = " ".join(f"{key} {mine[key]:8.2f} s {mine[key] / whole[key]:7.1%}" for key in ("clock", "processor"))
        print(f"{rows:>9,} {what:30} {shares} {mine.get('memory', 0):6.0f} MB", flush=True)


def main() -> None:
    """Measure each number of rows."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    sizes = [int(word) for word in sys.argv[2:] if word.isdecimal()] or [100_000, 1_000_000]
    results = {rows: run(folder, rows, store="store" in sys.argv) for rows in sizes}
    (folder / "rebuild.json").write_text(json.dumps(results, indent=1), "utf-8")


if __name__ == "__main__":
    main()
