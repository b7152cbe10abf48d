"""The commands for whoever writes claims: ``fmt``, ``schema``, ``add``, and the ways in which ``check`` can speak.

Parse, call one function, print, as in ``cli``; what is heavy is imported inside.
"""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from kg.errors import CheckError, Problem, UsageError


class SchemaOf(StrEnum):
    """The files that a schema can be made for."""

    claims = "claims"
    entities = "entities"


def fmt(
    context: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILES", help="Default: every YAML file of the project.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 where something would change.")] = False,
) -> None:
    """Bring YAML files into their one form: order and spacing. Comments and meaning stay."""
    from kg.formatting import format_files

    failed = False
    for outcome in format_files(files or [], context.obj, write=not check):
        if outcome.state == "changed":
            typer.echo(outcome.path)
            failed |= check
        elif outcome.state == "left":
            typer.echo(f"{outcome.path}: left alone: {outcome.reason}", err=True)
            failed = True
    raise typer.Exit(1 if failed else 0)
