"""What kg does in the benchmark of the build: check a project and write its graph as Turtle, nothing else."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from kg.columns.parts import join_world
from kg.columns.volume import concatenate, part_files, write_parts, written_quads
from kg.contents import read_contents
from kg.rdf import turtle_head


def main(folder: Path, target: Path) -> None:
    """Write the graph of a project with large tables."""
    contents = read_contents(folder)
    if contents.world is None or contents.tables is None:
        raise SystemExit("no project with large tables")
    world = join_world(contents.tables, contents.world)
    stage = target.with_suffix(".stage")
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir()
    head = turtle_head(written_quads(world, write_parts(contents.tables, stage)), world.settings.prefixes)
    concatenate(stage, head, part_files(contents.tables, stage))
    (stage / "graph.ttl").replace(target)
    shutil.rmtree(stage)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
