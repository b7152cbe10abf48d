"""Answer queries, or read one RDF file, in a child process that then ends. Run as ``python -m kg.sparql.worker``.

This is a child process because a short query can end it with a segmentation fault, Python cannot stop a running query,
and memory can be limited only for a whole process.

Input, on standard input: one line of JSON with ``memory`` and one of these, then the data:

- ``queries``, prefixes, bindings, form: the graph as N-Quads, unless ``store`` names the folder of a store to open
  read-only. Output: one line of JSON (kind and bytes of each answer), then the answers. On failure: exit 3 and the
  message on standard error.
- ``load``, the folder of a store to create: RDF.
- ``update``, the folder of a store to create from an ``old`` one: quads to remove (``removed`` bytes), then quads to
  add.
- ``parse``, the format of a file: the file. Output: one line of JSON, then the quads as sorted N-Quads. If the file
  breaks the rules of its format: exit 5, and line, column and message as JSON on standard error. If a text is too long
  for the engine: exit 6, and line, column and limit.
- ``results``, a format to convert to: SPARQL JSON.
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

OPENED = 16  # sorted tables that the engine opens together with a store


def main() -> None:
    """Handle the request on standard input."""
    import pyoxigraph  # before the request arrives

    line = sys.stdin.buffer.readline()
    if not line:
        return  # started in advance for a query that never came
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
    """Limit the memory and disable core files. Without support by the system, only the time limit applies."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def close_doors(store: str | None = None) -> None:
    """Leave no file descriptor for opening a file or a socket, whatever the engine might try.

    In a store with many sorted tables, the engine opens the others only when a query needs them, so descriptors for all
    its files stay available.
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
    """Return a query that begins with the values of its bound variables that are resources.

    The engine orders joins by the query, before it substitutes bindings: a question about one vehicle would begin with
    all of them. Variables that the query itself creates are left out; a query of another form is returned unchanged.
    """
    group = _GROUP.search(query) if bindings else None
    if group is None or "{" in query[: group.start()]:
        return query
    made = set(re.findall(r"\bAS\s+[?$](\w+)", query, re.IGNORECASE))
    given = [f" VALUES ?{name} {{ {term} }}" for name, term in bindings.items() if term[0] == "<" and name not in made]
    return f"{query[: group.end()]}{''.join(given)}{query[group.end() :]}"


def evaluate(store: Any, request: Mapping[str, Any]) -> Any:  # noqa: ANN401 - pyoxigraph's store and its results
    """Run a query and return pyoxigraph's result.

    The request holds the query, and may hold prefixes, a base IRI, bindings (variable to term), ``limit`` (how many
    rows a named question may return), and the graphs to query: those given, else those that the query names
    (``dataset`` says that it does), else all.
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
    """Write the SPARQL JSON on standard input in another format; exit 5 if it is invalid."""
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
    """Create a store on disk from the RDF on standard input."""
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
    """Create a store from another, sharing its files; remove and add the quads on standard input."""
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
    """Return the start of the statement with a text that fills the engine's buffer, which holds what was read last."""
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
