"""The child process that answers one query, or reads one RDF file, and ends. Run as ``python -m kg.sparql.worker``.

In, on standard input: one line of JSON (queries, prefixes, bindings, form, memory), then the graph as N-Quads, unless
``store`` names a folder with a store that is opened to read only. ``load`` names one to make of RDF,
``update`` one to make of an ``old`` one and two documents: quads to remove (so many bytes), and quads to add.
Out, on standard output: one line of JSON (of each answer its kind and its bytes), then the answers. On failure: exit 3
and the message on standard error.
To read a file: one line of JSON (parse: the format, memory), then the file; out come its quads as sorted N-Quads. Where
it breaks the rules of its format: exit 5, and line, column and message as JSON on standard error; where a text is too
long for the engine: exit 6, line, column and limit. ``results`` names a form in which to write the SPARQL JSON that
follows.

A child, because a short query can end the process by segmentation fault, Python cannot stop a running one, and memory
can be capped only for a whole process.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kg.sparql.engine import at_most, engine_words

OPENED = 16  # sorted tables that the engine opens with a store


def main() -> None:
    """Answer the query on standard input, or read the file."""
    import pyoxigraph  # before the request comes

    line = sys.stdin.buffer.readline()
    if not line:
        return  # started for a question that was never asked
    request = json.loads(line)
    limit_memory(request["memory"])

    if "parse" in request:
        _parse(request["parse"])
        return
    if "results" in request:
        _rewrite(request["results"])
        return
    if "load" in request:
        _load(request["load"], request["form"])
        return
    if "update" in request:
        _update(request)
        return
    if "store" in request:
        store = pyoxigraph.Store.read_only(request["store"])
    else:
        store = pyoxigraph.Store()
        store.bulk_load(sys.stdin.buffer, pyoxigraph.RdfFormat.N_QUADS)
    close_doors(request.get("store"))
    try:
        answers = [_answer(store, {**request, **asked}) for asked in request["queries"]]
    except (SyntaxError, ValueError, RuntimeError, OSError) as error:
        sys.stderr.write(engine_words(str(error.msg if isinstance(error, SyntaxError) and error.msg else error)))
        sys.exit(3)
    except MemoryError:
        sys.stderr.write("out of memory")
        sys.exit(4)
    head = [{"kind": kind, "size": len(answer)} for kind, answer in answers]
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + b"".join(answer for _, answer in answers))


def limit_memory(memory: int) -> None:
    """Cap the memory and leave no core file. Where the system has no such limits, the time limit still holds."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def close_doors(store: str | None = None) -> None:
    """Leave no file descriptor to open a file or a socket with, whatever the engine might try.

    Of a store with many sorted tables the engine opens the first at once, the others when a query needs them: for so
    many there are descriptors.
    """
    tables = len(list(Path(store).glob("*.sst"))) if store else 0
    left = 3 if tables <= OPENED else 3 + len(list(Path(store or "").iterdir()))
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_NOFILE, (left, left))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


_GRAPHS = ("default_graph", "named_graphs")
_GROUP = re.compile(r"""^SELECT\b[^{}#"'<]*\bWHERE\s*\{""", re.MULTILINE)


def narrow(query: str, bindings: Mapping[str, str]) -> str:
    """Return a query that begins by saying which resources its bound variables are.

    The engine orders its joins by what it finds in the query, before it puts bindings in: a question about one vehicle
    would begin with all of them. A variable that the query itself makes is left out, and so is any odd query.
    """
    group = _GROUP.search(query) if bindings else None
    if group is None or "{" in query[: group.start()]:
        return query
    made = set(re.findall(r"\bAS\s+[?$](\w+)", query, re.IGNORECASE))
    given = [f" VALUES ?{name} {{ {term} }}" for name, term in bindings.items() if term[0] == "<" and name not in made]
    return f"{query[: group.end()]}{''.join(given)}{query[group.end() :]}"


def evaluate(store: Any, request: Mapping[str, Any]) -> Any:  # noqa: ANN401 - pyoxigraph's store and its results
    """Run a query and return what pyoxigraph gives.

    The request holds the query, and may hold prefixes, a base IRI, bindings (variable to term) and the graphs to ask:
    those named beforehand, else those that the query itself names (``dataset`` tells that it does), else all; and
    ``limit``, how many rows a named question may give.
    """
    import pyoxigraph as ox

    named = {
        key: [ox.NamedNode(graph) for graph in request.get(key) or ()] for key in ("default_graph", "named_graphs")
    }
    bindings = request.get("bindings", {})
    query = narrow(request["query"], bindings)
    return store.query(
        at_most(query, request["limit"]) if request.get("limit") else query,
        base_iri=request.get("base"),
        prefixes=request.get("prefixes"),
        substitutions={ox.Variable(name): _term(value) for name, value in bindings.items()},
        **(named if any(named.values()) else {"use_default_graph_as_union": not request.get("dataset")}),
    )


def _answer(store: Any, request: Mapping[str, Any]) -> tuple[str, bytes]:  # noqa: ANN401
    import pyoxigraph as ox

    result = evaluate(store, request)
    if isinstance(result, ox.QueryTriples):
        return "triples", "".join(sorted({f"{triple} .\n" for triple in result})).encode()
    return _written(result, str(request["form"]))


def _written(result: Any, name: str) -> tuple[str, bytes]:  # noqa: ANN401 - solutions or a boolean
    import pyoxigraph as ox

    form = getattr(ox.QueryResultsFormat, name.upper())
    kind = "boolean" if isinstance(result, ox.QueryBoolean) else "solutions"
    if kind == "boolean" and form not in (ox.QueryResultsFormat.JSON, ox.QueryResultsFormat.XML):
        return kind, b"true\n" if result else b"false\n"
    return kind, result.serialize(format=form)


def _rewrite(form: str) -> None:
    """Write the SPARQL JSON on standard input in another form; exit 5 where it is none."""
    import pyoxigraph as ox

    content = sys.stdin.buffer.read()
    close_doors()
    try:
        result = ox.parse_query_results(content, ox.QueryResultsFormat.JSON)
        kind, answer = _written(result, form)
    except (SyntaxError, ValueError, OSError) as error:
        sys.stderr.write(" ".join(str(error).split())[:200])
        sys.exit(5)
    sys.stdout.buffer.write(json.dumps({"kind": kind}).encode() + b"\n" + answer)


def _load(folder: str, form: str) -> None:
    """Make a store on the disk of the RDF on standard input."""
    import pyoxigraph as ox

    try:
        store = ox.Store(folder)
        store.bulk_load(sys.stdin.buffer, getattr(ox.RdfFormat, form))
        store.flush()
    except (SyntaxError, ValueError, RuntimeError, OSError) as error:
        sys.stderr.write(str(error))
        sys.exit(3)
    sys.stdout.buffer.write(b'{"kind": "store"}\n')


def _update(request: Mapping[str, Any]) -> None:
    """Make a store of another, whose files it shares, and of the quads on standard input that go and come."""
    import pyoxigraph as ox

    folder, form = Path(request["update"]), getattr(ox.RdfFormat, request["form"])
    removed, added = sys.stdin.buffer.read(request["removed"]), sys.stdin.buffer.read()
    try:
        copy = folder / "copy"
        ox.Store.read_only(request["old"]).backup(str(copy))
        for file in copy.iterdir():
            file.rename(folder / file.name)
        copy.rmdir()
        store = ox.Store(str(folder))
        for quad in ox.parse(removed, form):
            store.remove(quad)
        store.extend(ox.parse(added, form))
        store.flush()
    except (SyntaxError, ValueError, RuntimeError, OSError) as error:
        sys.stderr.write(str(error))
        sys.exit(3)


def _parse(form: str) -> None:
    """Write the quads of the file on standard input, sorted."""
    import pyoxigraph as ox

    content = sys.stdin.buffer.read()
    close_doors()
    try:
        quads = {str(quad) for quad in ox.parse(content, getattr(ox.RdfFormat, form))}
    except SyntaxError as error:
        fault = {"line": error.lineno or 1, "column": error.offset or 1, "message": error.msg or str(error)}
        sys.stderr.write(json.dumps(fault))
        sys.exit(5)
    except (ValueError, OSError) as error:
        sys.stderr.write(json.dumps({"line": 0, "column": 0, "message": str(error)}))
        sys.exit(5)
    except MemoryError as error:
        if limit := re.search(r"buffer maximal size of (\d+)", str(error)):
            sys.stderr.write(json.dumps(_find_long(content, form, int(limit[1]))))
            sys.exit(6)
        sys.stderr.write("out of memory")
        sys.exit(4)
    sys.stdout.buffer.write(b'{"kind": "quads"}\n' + "".join(f"{quad} .\n" for quad in sorted(quads)).encode())


def _find_long(content: bytes, form: str, limit: int) -> dict[str, int]:
    """Return where the statement begins of which a text fills the engine's buffer: what was read last is all in it."""
    import pyoxigraph as ox

    stream = io.BytesIO(content)
    with contextlib.suppress(MemoryError):
        deque(ox.parse(stream, getattr(ox.RdfFormat, form)), maxlen=0)
    lines = content[: max(stream.tell() - limit, 0)].decode("utf-8", "replace").split("\n")
    return {"line": len(lines), "column": len(lines[-1]) + 1, "limit": limit}


def _term(value: str) -> object:
    """Return a term from N-Triples syntax."""
    import pyoxigraph as ox

    return next(iter(ox.parse(f"<s:s> <p:p> {value} .", ox.RdfFormat.N_TRIPLES))).object


if __name__ == "__main__":
    main()
