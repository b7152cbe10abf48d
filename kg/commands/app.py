"""The ``kg`` command: parse arguments, call one function, print.

Results go to standard output, everything else to standard error. Exit codes: 0 success; 1 findings or failure; 2 wrong
usage.
"""

from __future__ import annotations

import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Optional

import typer

import kg
from kg.commands import comparison, desk, inquiry, pictures, review, serving
from kg.commands.printing import (
    Asking,
    AsOf,
    Form,
    KnownBy,
    Limit,
    echo_problems,
    engine_form,
    load_graph,
    open_endpoint,
    print_answer,
    read_query,
    row_limit,
    start_worker,
    with_asking,
    write_output,
)
from kg.files import progress
from kg.model.errors import CheckError, KgError, RejectedError, UsageError

app = typer.Typer(
    help="Who really makes a car: curated, sourced claims in; Turtle, an interactive page and answers out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Engine(StrEnum):
    """The engine of a build."""

    local = "local"
    spark = "spark"


class Flatness(StrEnum):
    """The one-hop triples that an export includes."""

    cautious = "cautious"
    brave = "brave"


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"kg {kg.__version__}")
        raise typer.Exit


@app.callback()
def main_options(
    context: typer.Context,
    project: Annotated[
        Path | None,
        typer.Option("-C", metavar="DIR", help="The project's folder. Default: the nearest upward that holds kg.yaml."),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show where in the program an error arose.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options before the verb."""
    context.obj = project


@app.command()
def check(
    context: typer.Context,
    form: Annotated[
        desk.ProblemForm, typer.Option("--format", help="How to write the problems.")
    ] = desk.ProblemForm.text,
    fail_on: Annotated[
        desk.FailOn, typer.Option("--fail-on", help="The least severity that fails.")
    ] = desk.FailOn.error,
    watch: Annotated[
        bool,
        typer.Option(
            "--watch", help="Check the files again on every save, without the conflicts; tell only what changed."
        ),
    ] = False,
    interval: Annotated[
        float, typer.Option("--interval", min=0.01, max=60, help="With --watch: seconds between looks at the files.")
    ] = 0.1,
) -> None:
    """Find every problem in the claims, each with its place and what to do."""
    if watch:
        if form is not desk.ProblemForm.text:
            raise UsageError("--watch writes text only")
        desk.watch_project(context.obj, interval)
    problems = kg.check(context.obj)
    if form is desk.ProblemForm.sarif:
        typer.echo(desk.say_sarif(problems, context.obj, kg.__version__))
    elif form is desk.ProblemForm.json:
        typer.echo(json.dumps([desk.problem_json(problem) for problem in problems], ensure_ascii=False, indent=1))
    else:
        for problem in problems:
            typer.echo(problem)
    counts = {severity: sum(p.severity == severity for p in problems) for severity in ("error", "warning", "info")}
    said = ", ".join(
        f"{number} {severity}{'s' if number > 1 and severity != 'info' else ''}"
        for severity, number in counts.items()
        if number
    )
    typer.echo(said or "no problems", err=True)
    failing = {"error": ("error",), "warning": ("error", "warning"), "never": ()}[fail_on.value]
    raise typer.Exit(1 if any(counts[severity] for severity in failing) else 0)


@app.command()
def build(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Option("-o", metavar="DIR", help="Where to write. Default: build in the project.")
    ] = None,
    engine: Annotated[
        Engine, typer.Option("--engine", help="What does the work; spark writes tables as N-Quads and Parquet.")
    ] = Engine.local,
    master: Annotated[
        str, typer.Option("--master", metavar="URL", help="With --engine spark: its master. Default: local[*].")
    ] = "",
    allow_rejects: Annotated[
        bool, typer.Option("--allow-rejects", help="Build without the rows of tables that are rejected.")
    ] = False,
    no_picture: Annotated[bool, typer.Option("--no-picture", help="Write no graph.html.")] = False,
) -> None:
    """Write graph.ttl, graph.trig, ontology.ttl and graph.html; of tables also parts and Parquet files."""
    if master and engine is Engine.local:
        raise UsageError("--master names a Spark master; say --engine spark")
    from kg.graph.loading import rebuild

    with progress.shown():
        local = engine is Engine.local
        if built := rebuild(context.obj, out, allow_rejects=allow_rejects, picture=not no_picture) if local else None:
            paths, summary = built.paths, built.summary
            for warning in built.warnings:
                typer.echo(warning, err=True)
        else:
            graph = load_graph(context)
            cluster = master or "local[*]" if engine is Engine.spark else ""
            paths = graph.write(out, master=cluster, allow_rejects=allow_rejects, picture=not no_picture)
            summary = graph.summary
            echo_problems(graph.rejected)
    for path in paths:
        typer.echo(path)
    typer.echo(summary, err=True)


@app.command()
def export(
    context: typer.Context,
    form: Annotated[str, typer.Option("-f", "--format", metavar="FORM", help="The format; `kg formats` lists them.")],
    output: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("-o", metavar="FILE|DIR", help="Where to write; - is standard output, for one file only."),
    ] = None,
    flat: Annotated[
        Flatness | None,
        typer.Option(
            "--flat", help="One-hop triples only: of what is stated (cautious), or asserted and not denied (brave)."
        ),
    ] = None,
    as_of: AsOf = "",
    known_by: KnownBy = "",
) -> None:
    """Write the graph in one format."""
    from kg.formats.registry import find_format

    chosen = find_format(form, flat=flat is not None)
    if chosen.is_folder and output in (None, "-"):
        raise UsageError(f"{form} is several files; say where with -o DIR")
    graph = load_graph(context, as_of=as_of, known_by=known_by)
    write_output(graph.export(form, flat=flat.value if flat else ""), output)


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="What kg exported, a folder of tables, or a neighbour's table.")
    ],
    out: Annotated[
        Path, typer.Option("-o", metavar="DIR", help="The new project: a folder that is empty or not there yet.")
    ],
    neighbour: Annotated[
        str, typer.Option("--from", metavar="TOOL", help="Whose tables they are: kumu, kgx or opensanctions.")
    ] = "",
    words: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            "--map", metavar="WORD=OURS", help="Which type, role or relation of ours a neighbour's word means."
        ),
    ] = None,
    ontology: Annotated[
        Optional[list[Path]],  # noqa: UP045
        typer.Option("--ontology", metavar="PATH", help="Terms of your own: a Turtle file, or a folder of them."),
    ] = None,
    publisher: Annotated[str, typer.Option("--publisher", help="Who published a neighbour's tables.")] = "",
    published: Annotated[
        str, typer.Option("--published", metavar="DATE", help="When. Default: not after the day of the file.")
    ] = "",
) -> None:
    """Make a project of a file: our RDF and tables, or those of Kumu, KGX and OpenSanctions."""
    from kg.formats.import_project import import_file

    pairs = dict(word.partition("=")[::2] for word in words or ())
    if wrong := next((word for word, ours in pairs.items() if not ours), ""):
        raise UsageError(f"'{wrong}' says not what it means; write --map WORD=OURS")
    made = import_file(
        file, out, neighbour=neighbour, words=pairs, ontology=ontology or (), publisher=publisher, published=published
    )
    for path in made.files:
        typer.echo(path)
    for line in made.report:
        typer.echo(line, err=True)


@app.command()
def formats() -> None:
    """List the formats of kg export: name, ending, full or lossy, what each keeps and drops."""
    from kg.formats.registry import format_lines

    for line in format_lines():
        typer.echo(line)


@app.command()
@with_asking
def query(
    context: typer.Context,
    sparql: Annotated[
        str | None,
        typer.Argument(metavar="QUERY", help="SPARQL 1.1. The project's prefixes are declared.", show_default=False),
    ] = None,
    file: Annotated[
        str | None, typer.Option("-q", metavar="FILE", help="Read the query from a file; - is standard input.")
    ] = None,
    form: Form = None,
    *,
    asking: Asking,
) -> None:
    """Answer a SPARQL query over the union of the graphs."""
    if (sparql is None) == (file is None):
        raise UsageError("give a query, or a file with -q; one of the two")
    text = sparql if sparql is not None else read_query(str(file))
    graph = open_endpoint(context, asking)
    with progress.shown():
        answer = graph.query(text, form=engine_form(form), timeout=asking.timeout)
    print_answer(answer, form, graph)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
@with_asking
def ask(
    context: typer.Context,
    question: Annotated[
        str | None,
        typer.Argument(
            metavar="QUESTION", help="The question's name. Without one: all of them, a line each.", show_default=False
        ),
    ] = None,
    form: Form = None,
    limit: Limit = None,
    *,
    asking: Asking,
) -> None:
    """Answer a named question; its parameters are written --NAME VALUE."""
    if question is not None and not asking.store:
        start_worker()
    graph = open_endpoint(context, asking)
    if question is None:
        for name, known in graph.questions.items():
            takes = "".join(
                f" [--{parameter.name} {parameter.kind.rpartition(' ')[2].upper()}]" for parameter in known.parameters
            )
            typer.echo(f"{name}{takes}: {known.title}")
        return
    with progress.shown():
        rows = row_limit(limit, form)
        given, most = _parameters(context.args), rows and rows + 1  # one extra row shows whether there are more
        answer = graph.ask(question, given, form=engine_form(form), limit=most, timeout=asking.timeout)
    typer.echo(graph.questions[question].title, err=True)
    print_answer(answer, form, graph, limit=rows)


def _parameters(words: list[str]) -> dict[str, str]:
    """Return ``--name value`` and ``--name=value`` as a dict."""
    found, rest = {}, list(words)
    while rest:
        name, equals, value = rest.pop(0).partition("=")
        if not name.startswith("--") or not (equals or rest):
            raise UsageError(f"'{name}' is no parameter with a value; write --NAME VALUE")
        found[name[2:]] = value if equals else rest.pop(0)
    return found


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is empty or not there yet.")],
) -> None:
    """Begin a project: settings, entities and a commented claim file."""
    from kg.files.project import new_project

    for path in new_project(folder):
        typer.echo(path)
    typer.echo(f"now: kg -C {folder} check", err=True)


for _command in (
    pictures.view,
    pictures.matrix,
    pictures.timeline,
    desk.add,
    desk.fmt,
    desk.schema,
    comparison.plans,
    comparison.gaps,
    comparison.diff,
    comparison.test,
    inquiry.conflicts,
    inquiry.history,
    inquiry.why,
):
    app.command()(_command)
app.command()(review.xref)
app.command()(serving.serve)
app.command()(serving.push)
app.add_typer(review.sources, name="sources")


def main() -> None:
    """Run the command; a KgError prints one message and sets the exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")  # type: ignore[union-attr]
    try:
        app()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KgError as error:
        if "--debug" in sys.argv:
            raise
        _report(error)
        sys.exit(2 if isinstance(error, UsageError) else 1)


def _report(error: KgError) -> None:
    if isinstance(error, CheckError):
        echo_problems(error.problems)
        rejected = "nothing was built but rejects.csv; kg build --allow-rejects builds without these rows"
        typer.echo(
            rejected if isinstance(error, RejectedError) else "nothing was written; fix the errors first", err=True
        )
    else:
        typer.echo(f"kg: {error}", err=True)
