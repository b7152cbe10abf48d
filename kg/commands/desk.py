"""The commands for people who write claims, ``fmt``, ``schema`` and ``add``, and output functions for ``check``.

Expensive imports are inside the functions.
"""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from kg.model.errors import CheckError, Problem, UsageError

NEAR = 0.75  # less similar words are no completion


class ProblemForm(StrEnum):
    """Output formats for problems."""

    text = "text"
    json = "json"
    sarif = "sarif"


class FailOn(StrEnum):
    """The lowest severity that makes a check fail."""

    error = "error"
    warning = "warning"
    never = "never"


class SchemaOf(StrEnum):
    """The files that a schema describes."""

    claims = "claims"
    entities = "entities"


def fmt(
    context: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILES", help="Default: every YAML file of the project.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit 1 where something would change.")
    ] = False,
) -> None:
    """Bring YAML files into their one form: order and spacing. Comments and meaning stay."""
    from kg.curation.formatting import format_files

    failed = False
    for outcome in format_files(files or [], context.obj, write=not check):
        if outcome.state == "changed":
            typer.echo(outcome.path)
            failed |= check
        elif outcome.state == "left":
            typer.echo(f"{outcome.path}: left alone: {outcome.reason}", err=True)
            failed = True
    raise typer.Exit(1 if failed else 0)


def schema(
    context: typer.Context,
    of: Annotated[SchemaOf, typer.Argument(metavar="[claims|entities]", help="For which files.")] = SchemaOf.claims,
    output: Annotated[str, typer.Option("-o", metavar="FILE", help="Where to write; - is standard output.")] = "-",
) -> None:
    """Write a JSON Schema for editors; in a project, its own words and the ids of its entities are in it."""
    from kg.files.outputs import write_file
    from kg.formats.json_schema import project_schema

    text = json.dumps(project_schema(of.value, context.obj), ensure_ascii=False, indent=1) + "\n"
    if output == "-":
        sys.stdout.write(text)
        return
    write_file(Path(output), text)
    typer.echo(output)


def add(
    context: typer.Context,
    cells: Annotated[list[str] | None, typer.Argument(metavar="KEY=VALUE", help="Default: you are asked.")] = None,
    to: Annotated[str, typer.Option("--to", metavar="FILE", help="The claim file, by path, name or source.")] = "",
) -> None:
    """Add one row to a claim file, once the project with it has been checked."""
    from kg.curation import adding
    from kg.files.project import find_project

    if not cells and not sys.stdin.isatty():
        raise UsageError("give the row as KEY=VALUE …, or run kg add on a terminal to be asked")
    desk = adding.open_desk(find_project(context.obj))
    try:
        name = adding.find_file(desk, to) if cells or to else ""
        guide = adding.Guide(desk, _ask, lambda text: typer.echo(text, err=True))
        if cells:
            plan = adding.plan_row(desk, name, _pairs(cells))
        else:
            plan = adding.plan_row(desk, name or guide.file(), guide.row())
        typer.echo(plan.line)
        typer.echo(plan.sentence, err=True)
        for problem in plan.problems:
            typer.echo(problem, err=True)
        if not cells and guide.choice("Write it? [Yes/no]", ["yes", "no"], optional=True) == "no":
            raise KeyboardInterrupt
    except (KeyboardInterrupt, EOFError):
        typer.echo("\nnothing was written", err=True)
        raise typer.Exit(1) from None
    except CheckError as error:
        for problem in error.problems:
            typer.echo(problem, err=True)
        typer.echo("nothing was written; fix the errors first", err=True)
        raise typer.Exit(1) from None
    adding.write_plan(desk, plan)
    typer.echo(f"written to {plan.name}", err=True)


def _pairs(cells: list[str]) -> dict[str, str]:
    """Return ``key=value`` arguments as a row. Raises UsageError."""
    row: dict[str, str] = {}
    for word in cells:
        key, equals, value = (part.strip() for part in word.partition("="))
        if not key or not equals or not value or key in row:
            what = "stands twice" if key in row else "is no KEY=VALUE"
            raise UsageError(f"'{word}' {what}")
        row[key] = value
    return row


def _ask(question: str, words: list[str]) -> str:
    """Ask on the terminal; Tab completes the words if readline is available."""
    try:
        import readline
    except ImportError:
        return input(f"{question} ")
    readline.set_completer_delims("|")
    readline.set_completer(lambda text, state: [*completions(text, words), None][state])
    readline.parse_and_bind("tab: complete")
    try:
        return input(f"{question} ")
    finally:
        readline.set_completer(None)


def completions(text: str, words: list[str]) -> list[str]:
    """Return the words that start with a text, else those that contain it, else similar ones."""
    from difflib import get_close_matches

    text = text.strip()
    begun = [word for word in words if word.startswith(text)]
    return begun or [word for word in words if text in word] or get_close_matches(text, words, n=8, cutoff=NEAR)


def problem_json(problem: Problem) -> dict[str, str | int]:
    """Return a problem as a JSON object."""
    place = problem.location
    where: dict[str, str | int] = {"file": place.file, "line": place.line, "column": place.column}
    if place.cell:
        where["cell"] = place.cell
    return {
        **where,
        "severity": problem.severity,
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
    }


def say_sarif(problems: list[Problem], folder: Path | None, version: str) -> str:
    """Return problems as a SARIF log."""
    from kg.files.project import find_project
    from kg.formats.sarif import sarif_log

    return json.dumps(sarif_log(problems, find_project(folder), version), ensure_ascii=False, indent=1)


def watch_project(folder: Path | None, interval: float) -> None:
    """Check a project, then again on every save, and print only the changes, until Ctrl-C."""
    from kg.curation.watching import watch
    from kg.files.project import find_project
    from kg.graph.loading import check_files

    path = find_project(folder)
    try:
        for change in watch(path, lambda: check_files(path), interval=interval):
            for problem in change.went:
                typer.echo(f"gone: {problem}")
            for problem in change.came:
                typer.echo(problem)
            total = f"{change.total} problem{'' if change.total == 1 else 's'}" if change.total else "no problems"
            typer.echo(f"{total}, checked in {change.seconds * 1000:.0f} ms; Ctrl-C ends", err=True)
            sys.stdout.flush()
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
