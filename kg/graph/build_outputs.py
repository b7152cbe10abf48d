"""Write the outputs of a build: all of them, or none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from kg.files.outputs import write_files
from kg.files.project import BUILT, OUTPUTS
from kg.model.errors import UsageError
from kg.rdf.triples import trig, turtle
from kg.views.listing import Describe, is_too_large, list_page

if TYPE_CHECKING:
    from kg.bulk.tables import Tables
    from kg.graph.project_graph import Graph


def write_outputs(graph: Graph, folder: Path, *, master: str, allow_rejects: bool, picture: bool) -> list[Path]:
    """Write the outputs of ``Graph.write`` into a folder, and return their paths."""
    if tables := graph.tables:
        return _write_tables(graph, tables, folder, master, allow_rejects=allow_rejects, picture=picture)
    if master:
        raise UsageError("a cluster reads tables, and there are none; kg build alone writes everything")
    texts = [turtle(graph.quads, graph.prefixes), trig(graph.quads, graph.prefixes), graph.ontology_text()]
    texts += [graph.view()] if picture else []
    return write_files(folder, dict(zip(OUTPUTS, texts, strict=False)), instead_of=BUILT)


def _write_tables(
    graph: Graph, tables: Tables, folder: Path, master: str, *, allow_rejects: bool, picture: bool
) -> list[Path]:
    ontology = graph.ontology_text()
    if master:
        from kg.bulk.spark import write_partitions

        return write_partitions(
            tables, graph.frame, folder, ontology=ontology, master=master, allow_rejects=allow_rejects
        )
    from kg.bulk.outputs import write_volume

    def page(claims: int, counts: Mapping[str, int], describe: Describe, summary: str) -> str:
        return listed(graph.frame.settings.title, claims, counts, describe, summary) or graph.view()

    warnings = [str(problem) for problem in graph.problems if problem.severity == "warning"]
    return write_volume(
        tables,
        graph.frame,
        folder,
        ontology=ontology,
        warnings=warnings,
        allow_rejects=allow_rejects,
        page=page if picture else None,
    )


def listed(title: str, claims: int, counts: Mapping[str, int], describe: Describe, summary: str) -> str | None:
    """Return the page that lists the entities of a graph, or None if the graph can be drawn."""
    if not is_too_large(len(counts), claims):
        return None
    return list_page(counts, describe, title=title, summary=summary)
