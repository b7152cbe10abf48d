"""The commands that review a project: ``sources check`` and ``xref``."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from kg.model.errors import UsageError

sources = typer.Typer(help="The documents in which claims were made.", no_args_is_help=True)


class ReportForm(StrEnum):
    """Output formats for findings."""

    text = "text"
    json = "json"


Form = Annotated[ReportForm, typer.Option("--format", help="How to write what is found.")]


@sources.command("check")
def sources_check(
    context: typer.Context,
    fetch: Annotated[
        bool, typer.Option("--fetch", help="Get stored texts that are not there from the source's address.")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="Tell what is well too.")] = False,
    form: Form = ReportForm.text,
) -> None:
    """Hold terms and quotes against the stored texts of their sources. Nothing is fetched unless --fetch."""
    from kg.curation.quotes import as_json, check_sources, count, report_lines
    from kg.files.project import find_project

    project = find_project(context.obj)
    reports = check_sources(project, fetch_missing=fetch)
    if form is ReportForm.json:
        typer.echo(json.dumps(as_json(reports), ensure_ascii=False, indent=1))
    else:
        for line in report_lines(reports, everything=everything):
            typer.echo(line)
    counts = count(reports).items()
    said = ", ".join(f"{number} {word}" for word, number in counts if number)
    typer.echo(said or "nothing is quoted", err=True)
    raise typer.Exit(1 if any(report.fails for report in reports) else 0)


Two = tuple[str, str]


def xref(
    context: typer.Context,
    accept: Annotated[Two, typer.Option("--accept", metavar="A B", help="They are one.")] = ("", ""),
    reject: Annotated[Two, typer.Option("--reject", metavar="A B", help="They are two.")] = ("", ""),
    unsure: Annotated[Two, typer.Option("--unsure", metavar="A B", help="It cannot be told yet.")] = ("", ""),
    by: Annotated[str, typer.Option("--by", metavar="WHO", envvar="KG_BY", help="Who judges.")] = "",
    note: Annotated[str, typer.Option("--note", help="Why.")] = "",
    least: Annotated[
        float, typer.Option("--least", min=50, max=100, help="The least score, of 100, that is proposed.")
    ] = 85.0,
    form: Form = ReportForm.text,
) -> None:
    """Propose that two entities are one, or write down what you judged; judgements are kept in xref.csv."""
    from kg.curation.xref import candidates, judge
    from kg.files.project import find_project

    folder = find_project(context.obj)
    judged = {"positive": accept, "negative": reject, "unsure": unsure}
    given = {word: pair for word, pair in judged.items() if any(pair)}
    if len(given) > 1:
        raise UsageError("one judgement at a time: --accept, --reject or --unsure")
    for word, pair in given.items():
        for line in judge(folder, *pair, word, by=by, note=note):
            typer.echo(line)
        typer.echo(f"xref.csv: {pair[0]} and {pair[1]}: {word}", err=True)
        return
    found = candidates(folder, least=least)
    if form is ReportForm.json:
        typer.echo(json.dumps([_as_json(vars(candidate)) for candidate in found], ensure_ascii=False, indent=1))
    else:
        for candidate in found:
            typer.echo(candidate)
    typer.echo(f"{len(found)} pair{'' if len(found) == 1 else 's'} to judge" if found else "nothing to judge", err=True)


def _as_json(values: dict[str, object]) -> dict[str, object]:
    return {key: round(value, 1) if isinstance(value, float) else value for key, value in values.items()}


__all__ = ["sources", "xref"]
