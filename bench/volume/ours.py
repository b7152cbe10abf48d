"""What kg does in the benchmark of the build: check a project and write its graph as Turtle, nothing else."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path

from kg.bulk.blocks import as_turtle
from kg.bulk.outputs import SPILL, concatenate, open_spill, part_files, pour, written_quads
from kg.graph.contents import read_contents
from kg.model.world import Clocks
from kg.rdf.triples import turtle_head


def main(folder: Path, target: Path) -> None:
    """Write the graph of a project with large tables."""
    contents = read_contents(folder, Clocks())
    if contents.world is None or contents.tables is None:
        raise SystemExit("no project with large tables")
    tables = contents.tables(contents.world)
    world = replace(contents.world, clocks=tables.clocks)
    stage = target.with_suffix(".stage")
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir()
    parts = part_files(tables, stage)
    parts.begin()
    written = pour(tables, open_spill(tables, stage / SPILL), parts.add, as_turtle)
    head = turtle_head(written_quads(world, written), world.settings.prefixes).encode()
    concatenate(stage, head, parts.paths)
    (stage / "graph.ttl").replace(target)
    shutil.rmtree(stage)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
