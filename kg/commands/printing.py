"""Shared parts of the commands: common options, loading the project, writing results."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

import kg
from kg.model.errors import KgError, Problem, ProjectError, UsageError

if TYPE_CHECKING:
    from kg.formats.registry import Output as Written
    from kg.model.iris import Shortener
    from kg.sparql.endpoint import Endpoint
    from kg.sparql.store import Answer

SHOWN = 200  # problems of a command that fails
TABLE_ROWS = 200  # more than people read in a terminal


class AnswerForm(StrEnum):
    """Output formats for an answer."""

    table = "table"
    csv = "csv"
    tsv = "tsv"
    json = "json"
    xml = "xml"
    turtle = "turtle"


Form = Annotated[
    AnswerForm | None,
    typer.Option("-f", "--format", help="How to write the answer. Default: a table; Turtle for triples."),
]
Timeout = Annotated[float, typer.Option("--timeout", min=0.1, max=3600, help="Seconds an answer may take.")]
Limit = Annotated[
    int | None, typer.Option("--limit", min=0, help="Show at most so many rows of a table; 0 shows all. Default: 200.")
]
Output = Annotated[Optional[str], typer.Option("-o", metavar="FILE", help="Where to write; - is standard output.")]  # noqa: UP045

AsOf = Annotated[
    str, typer.Option("--as-of", metavar="DATE", help="For which day answers hold. Default: the last that is known.")
]
KnownBy = Annotated[
    str, typer.Option("--known-by", metavar="DATE", help="Leave out what was published later, or may have been.")
]


From = Annotated[
    str,
    typer.Option(
        "--store", metavar="URL", help="Read from the SPARQL 1.1 store that is asked there, such as kg push fills."
    ),
]


@dataclass(frozen=True)
class Asking:
    """The shared options of ``query`` and ``ask``: timeout in seconds, as-of and known-by days, and store URL."""

    timeout: Timeout = 60.0
    as_of: AsOf = ""
    known_by: KnownBy = ""
    store: From = ""


def with_asking(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command whose last parameter is replaced by an option for each field of ``Asking``."""
    *own, last = signature(command, eval_str=True).parameters.values()
    options = signature(Asking, eval_str=True).parameters

    @wraps(command)
    def with_options(**given: Any) -> None:  # noqa: ANN401 - the options have various types
        asking = Asking(**{name: given.pop(name) for name in options})
        command(**given, **{last.name: asking})

    parameters = [*own, *options.values()]
    with_options.__signature__ = signature(command).replace(parameters=parameters)  # type: ignore[attr-defined]
    with_options.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return with_options


def load_graph(context: typer.Context, *, as_of: str = "", known_by: str = "", store: str = "") -> kg.Graph:
    """Load the project as it stands at two days, from a store where one is named; warnings go to standard error."""
    days = {"as_of": as_of, "known_by": known_by}
    graph = kg.open_store(store, context.obj).fetch(**days) if store else kg.load(context.obj, **days)
    for problem in graph.problems:
        if problem.severity == "warning":
            typer.echo(problem, err=True)
    return graph


def open_endpoint(context: typer.Context, asking: Asking) -> Endpoint:
    """Return what is asked: the store itself, unless other days than its own are wanted; else the project."""
    if asking.store and not (asking.as_of or asking.known_by):
        return kg.open_store(asking.store, context.obj)
    return load_graph(context, as_of=asking.as_of, known_by=asking.known_by, store=asking.store)


def read_query(file: str) -> str:
    """Return the text of a query file; ``-`` is standard input. Raises ProjectError, KgError."""
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise ProjectError(f"cannot read {file}: {error.strerror}") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise KgError(f"{file}: not UTF-8 at byte {error.start + 1}") from error


def write_output(written: Written, output: str | None) -> None:
    """Write to a file, to a folder with several files, or to standard output."""
    if output in (None, "-"):
        _print(written)
        return
    from kg.files.outputs import write_file, write_files

    path = Path(str(output))
    if isinstance(written, dict):
        for file in write_files(path, written):
            typer.echo(file)
        return
    write_file(path, written)
    typer.echo(output)


def _print(written: Written) -> None:
    if isinstance(written, bytes):
        sys.stdout.buffer.write(written)
    else:
        sys.stdout.write(str(written))


def engine_form(form: AnswerForm | None) -> str:
    """Return the format to request from the engine for an output format."""
    return form.value if form and form not in (AnswerForm.table, AnswerForm.turtle) else "json"


def start_worker() -> None:
    """Start the query process while this process reads the project."""
    from kg.sparql.store import start_worker as start

    start()


def row_limit(limit: int | None, form: AnswerForm | None) -> int:
    """Return the maximum number of rows, 0 for all: only tables are limited. Raises UsageError for other formats."""
    if form in (None, AnswerForm.table):
        return TABLE_ROWS if limit is None else limit
    if limit is not None:
        raise UsageError(f"--limit is for tables; -f {form.value} is whole")
    return 0


def print_answer(answer: Answer, form: AnswerForm | None, graph: Endpoint, *, limit: int = 0) -> None:
    """Print an answer, of a table at most ``limit`` rows. Raises UsageError if the format does not fit the answer."""
    from kg.model.iris import Shortener

    if (answer.kind == "triples") != (form is AnswerForm.turtle) and form is not None:
        raise UsageError(f"-f {form.value} does not suit an answer of {answer.kind}; triples are written as turtle")
    if answer.kind == "triples":
        sys.stdout.write(_as_turtle(answer.text, graph))
    elif form not in (None, AnswerForm.table):
        sys.stdout.write(answer.text)
    elif answer.kind == "boolean":
        typer.echo("yes" if answer else "no")
    else:
        _print_table(answer, Shortener(graph.prefixes), limit)


def _print_table(answer: Answer, shortener: Shortener, limit: int) -> None:
    from kg.files.text_tables import answer_table

    rows = answer.terms
    shown = rows[:limit] if limit else rows
    sys.stdout.write(answer_table(answer.columns, shown, shortener))
    told = f"{len(shown):,} row{'' if len(shown) == 1 else 's'}"
    more = ", those found first; there are more: say whom or what it is about, or --limit 0"
    typer.echo(told + more * (len(rows) > len(shown)), err=True)


def _as_turtle(ntriples: str, graph: Endpoint) -> str:
    from kg.rdf.triples import turtle

    triples = (line.removesuffix(" .").split(" ", 2) for line in ntriples.splitlines())
    return turtle((("", s, p, o) for s, p, o in triples), graph.prefixes)


def echo_problems(problems: Sequence[Problem]) -> None:
    """Print problems to standard error, the first of very many."""
    for problem in problems[:SHOWN]:
        typer.echo(problem, err=True)
    if more := len(problems[SHOWN:]):
        typer.echo(f"… and {more:,} more", err=True)
