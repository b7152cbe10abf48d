"""The commands ``serve`` and ``push``. Expensive imports are inside the functions."""

from __future__ import annotations

from typing import Annotated

import typer

import kg
from kg.commands.printing import load_graph
from kg.model.errors import UsageError


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option("--host", help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The port to listen at.")] = 8000,
    watch: Annotated[
        bool, typer.Option("--watch", help="Serve the project anew whenever one of its files is saved.")
    ] = False,
    timeout: Annotated[float, typer.Option("--timeout", min=0.1, max=60, help="Seconds that a query may take.")] = 2.0,
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=64, help="How many queries are answered at once.")
    ] = 4,
    allow_host: Annotated[
        list[str] | None,
        typer.Option("--allow-host", metavar="NAME", help="A name under which the service is reached, behind a proxy."),
    ] = None,
    cors: Annotated[
        str,
        typer.Option("--cors", metavar="ORIGIN", help="Let pages of this origin read answers; never with credentials."),
    ] = "",
) -> None:
    """Serve the graph: a SPARQL endpoint, pages to look around in, and matching of names. Read-only."""
    from kg.files.project import find_project

    try:
        from kg.server.run import run
    except ModuleNotFoundError as error:
        raise UsageError(f"kg serve needs '{error.name}'; pip install 'autokg[serve]'") from None
    project = find_project(context.obj)
    run(
        lambda: kg.load(project),
        host=host,
        port=port,
        watched=project if watch else None,
        timeout=timeout,
        workers=workers,
        hosts=allow_host or [],
        origin=cors,
        say=lambda text: typer.echo(text, err=True),
    )


def push(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="Where the store is asked: http://localhost:7878/query.")],
    graphs: Annotated[
        str, typer.Option("--graphs", metavar="URL", help="Where it takes graphs. Default: beside it, /store or /data.")
    ] = "",
) -> None:
    """Bring a SPARQL 1.1 store in step, named graph by named graph, only what changed.

    KG_STORE_USER and KG_STORE_PASSWORD, or KG_STORE_TOKEN, in the environment let you in.
    """
    done = load_graph(context).push(url, graphs=graphs)
    for graph in done.put:
        typer.echo(f"put {graph}")
    for graph in done.deleted:
        typer.echo(f"deleted {graph}")
    typer.echo(
        f"{len(done.put)} put, {len(done.deleted)} deleted, {len(done.left)} left; {done.triples:,} triples", err=True
    )
