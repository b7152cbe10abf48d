"""The commands that show a graph: ``view``, ``matrix``, ``timeline``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from kg.commands.printing import AsOf, From, KnownBy, Output, load_graph, write_output
from kg.model.errors import UsageError


class MatrixForm(StrEnum):
    """Output formats for a matrix."""

    table = "table"
    markdown = "markdown"
    csv = "csv"
    json = "json"
    html = "html"


class TimelineForm(StrEnum):
    """Output formats for a timeline."""

    table = "table"
    markdown = "markdown"
    csv = "csv"
    json = "json"


def view(
    context: typer.Context,
    output: Output = None,
    focus: Annotated[str, typer.Option("--focus", metavar="ID", help="Show what is near this entity only.")] = "",
    depth: Annotated[int, typer.Option("--depth", min=0, max=20, help="How many steps are near.")] = 1,
    dark: Annotated[bool, typer.Option("--dark", help="An SVG or PNG with light words on dark.")] = False,
    as_of: AsOf = "",
    known_by: KnownBy = "",
    store: From = "",
) -> None:
    """Write the graph as one interactive page that works offline; by the ending of FILE as SVG or PNG instead."""
    ending = Path(output or "").suffix.lower()
    if dark and ending not in (".svg", ".png"):
        raise UsageError("--dark is for -o FILE.svg and FILE.png; a page has both")
    if store and not output:
        raise UsageError("say where to write with -o FILE; - is standard output")
    graph = load_graph(context, as_of=as_of, known_by=known_by, store=store)
    if ending not in (".svg", ".png"):
        write_output(graph.view(focus=focus, depth=depth), output or _usual_place(graph.folder))
        return
    text = graph.svg(focus=focus, depth=depth, theme="dark" if dark else "light")
    write_output(_raster(text) if ending == ".png" else text, output)


def _usual_place(folder: Path) -> str:
    from kg.files.project import build_folder

    return str(build_folder(folder) / "graph.html")


def _raster(svg: str) -> bytes:
    from kg.views.raster import rasterise

    return rasterise(svg)


def matrix(
    context: typer.Context,
    form: Annotated[MatrixForm, typer.Option("-f", "--format", help="How to write it.")] = MatrixForm.table,
    output: Output = None,
    as_of: AsOf = "",
    known_by: KnownBy = "",
) -> None:
    """Show who does what for which product, with verdicts and the number of independent origins."""
    from kg.reports.grids import MATRIX_FORMS

    graph = load_graph(context, as_of=as_of, known_by=known_by)
    write_output(MATRIX_FORMS[form.value](graph.matrix()), output)


def timeline(
    context: typer.Context,
    entity: Annotated[str, typer.Argument(metavar="ENTITY", help="An id, or a name.")],
    form: Annotated[TimelineForm, typer.Option("-f", "--format", help="How to write it.")] = TimelineForm.table,
    output: Output = None,
    as_of: AsOf = "",
    known_by: KnownBy = "",
) -> None:
    """Show what is said of an entity in the order of time; no date is made more exact than its source gives it."""
    from kg.reports.grids import TIMELINE_FORMS

    graph = load_graph(context, as_of=as_of, known_by=known_by)
    write_output(TIMELINE_FORMS[form.value](graph.timeline(entity)), output)


__all__ = ["matrix", "timeline", "view"]
