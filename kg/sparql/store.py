"""Query the graph with SPARQL 1.1 by pyoxigraph, in a child process with limits on time and memory.

Input: N-Quads and a query. Output: an ``Answer``. By default, a query sees the union of the graphs. RDF files from
others are also parsed in such a child process.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from kg.files.cache import generation
from kg.ingestion.reading import MAX_TEXT
from kg.model.errors import CheckError, Location, Problem, ProjectError, QueryError
from kg.model.iris import XSD, literal
from kg.sparql.engine import at_most
from kg.sparql.guard import check_query, names_graphs
from kg.sparql.remote_graph import Elsewhere

TIMEOUT = 60.0
WHOLE = 3600.0  # seconds, to read a whole store
MEMORY = 1_500_000_000
LOAD_MEMORY = 8_000_000_000  # bytes of address space; a load uses far less
_FORMS = {"TURTLE": "Turtle", "TRIG": "TriG", "JSON_LD": "JSON-LD", "RDF_XML": "RDF/XML"}
FORMS = ("csv", "tsv", "json", "xml")
TRIPLE = ("subject", "predicate", "object")
Cell = str | int | Decimal | bool | None
Store = str | Path | Elsewhere  # N-Quads, the folder of a store, or a remote store


@dataclass(frozen=True)
class Answer:
    """The result of a query: solutions (rows), a boolean, or triples.

    ``text`` is the engine's output: SPARQL JSON, CSV, TSV or XML for solutions and booleans, sorted N-Triples for
    triples. Iteration yields a dict per row (variable to value, IRIs as text); ``bool`` is the answer to an ASK. A
    notebook shortens IRIs with the ``prefixes``.
    """

    kind: str
    text: str
    prefixes: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def _json(self) -> dict[str, object]:
        loaded: dict[str, object] = json.loads(self.text)
        return loaded

    @property
    def columns(self) -> list[str]:
        """Return the variables, in the order of the query."""
        return list(self._json["head"]["vars"])  # type: ignore[index]

    @property
    def terms(self) -> list[list[str | None]]:
        """Return the rows as terms in N-Triples syntax."""
        rows = self._json["results"]["bindings"]  # type: ignore[index]
        return [[_term(row[name]) if name in row else None for name in self.columns] for row in rows]

    def __iter__(self) -> Iterator[dict[str, Cell]]:
        """Yield each row as a dict."""
        rows = self._json["results"]["bindings"]  # type: ignore[index]
        for row in rows:
            yield {name: _value(row[name]) if name in row else None for name in self.columns}

    def _repr_html_(self) -> str:
        """Return the first rows or triples as a table for a notebook."""
        from kg.files.text_tables import html_table, show_term
        from kg.model.iris import Shortener

        if self.kind == "boolean":
            return html_table("yes" if self else "no", (), (), total=0)
        shortener, number = Shortener(self.prefixes), len(self)
        columns, terms = (self.columns, self.terms) if self.kind == "solutions" else (list(TRIPLE), self._triples)
        rows = ([show_term(term, shortener) for term in row] for row in terms)
        noun = "row" if self.kind == "solutions" else "triple"
        return html_table(f"{number:,} {noun}{'' if number == 1 else 's'}", columns, rows, total=number)

    @property
    def _triples(self) -> list[list[str | None]]:
        return [list(line.removesuffix(" .").split(" ", 2)) for line in self.text.split("\n") if line]

    def __len__(self) -> int:
        """Return the number of rows or triples."""
        return len(self.terms) if self.kind == "solutions" else self.text.count("\n")

    def __bool__(self) -> bool:
        """Return the answer to an ASK, or whether there are any rows or triples."""
        return bool(self._json["boolean"]) if self.kind == "boolean" else len(self) > 0


def _term(binding: Mapping[str, str]) -> str:
    if binding["type"] == "uri":
        return f"<{binding['value']}>"
    if binding["type"] == "bnode":
        return f"_:{binding['value']}"
    return literal(binding["value"], language=binding.get("xml:lang", ""), datatype=binding.get("datatype", ""))


def _value(binding: Mapping[str, str]) -> Cell:
    """Return a Python value: numbers and booleans by datatype, everything else as text."""
    text, datatype = binding["value"], binding.get("datatype", "").removeprefix(XSD)
    if datatype in ("integer", "int", "long"):
        return int(text)
    if datatype == "decimal":
        return Decimal(text)
    return text == "true" if datatype == "boolean" else text


def ask_store(
    graph: Store,
    query: str,
    *,
    prefixes: Mapping[str, str],
    bindings: Mapping[str, str] | None = None,
    form: str = "json",
    limit: int = 0,
    timeout: float = TIMEOUT,
    memory: int = MEMORY,
) -> Answer:
    """Answer a SPARQL query over a store; ``bindings`` are values of variables, given as terms.

    With a ``limit``, a named question returns at most that many rows: the first ones found, in its order.

    Raises QueryError if the query is rejected, wrong, or needs more than ``timeout`` seconds or ``memory`` bytes,
    ProjectError if a remote store gives no valid answer.
    """
    answers = ask_all(
        graph, [query], prefixes=prefixes, bindings=bindings, form=form, limit=limit, timeout=timeout, memory=memory
    )
    return answers[0]


def ask_all(
    graph: Store,
    queries: Sequence[str],
    *,
    prefixes: Mapping[str, str],
    bindings: Mapping[str, str] | None = None,
    form: str = "json",
    limit: int = 0,
    timeout: float = TIMEOUT,
    memory: int = MEMORY,
) -> list[Answer]:
    """Answer several queries in one child process, which loads the graph once. Raises as ``ask_store`` does."""
    for query in queries:
        check_query(query)
    if isinstance(graph, Elsewhere):
        asked = (at_most(query, limit) if limit else query for query in queries)
        told = (graph.ask(query, prefixes, bindings or {}, timeout) for query in asked)
        answers = [_rewritten(kind, text, form, graph.remote.name, memory) for kind, text in told]
        return [replace(answer, prefixes=prefixes) for answer in answers]
    request = {
        "queries": [{"query": query, "dataset": names_graphs(query)} for query in queries],
        "prefixes": dict(prefixes),
        "bindings": dict(bindings or {}),
        "form": form,
        "limit": limit,
        "memory": memory,
    }
    if isinstance(graph, Path):
        request["store"] = str(graph)
    try:
        child = _run_worker(request, b"" if isinstance(graph, Path) else graph.encode(), timeout)
    except subprocess.TimeoutExpired:
        raise QueryError(f"no answer within {timeout:g} seconds; ask for less, or give it more time") from None
    if child.returncode:
        raise QueryError(_failure(child.returncode, child.stderr.decode("utf-8", "replace").strip(), memory))
    head, _, body = child.stdout.partition(b"\n")
    return [replace(answer, prefixes=prefixes) for answer in _split(json.loads(head), body)]


def _rewritten(kind: str, text: str, form: str, name: str, memory: int) -> Answer:
    """Return the answer of a remote store in the requested format, as the local engine writes it.

    Raises ProjectError if it is not a valid answer.
    """
    if kind == "triples":
        return Answer(kind, parse_rdf(text.encode(), "N_TRIPLES", name, memory=memory))
    try:
        child = _run_worker({"results": form, "memory": memory}, text.encode(), TIMEOUT)
    except subprocess.TimeoutExpired:
        raise ProjectError(f"the answer of {name} could not be read within {TIMEOUT:g} seconds") from None
    said = child.stderr.decode("utf-8", "replace").strip()
    if child.returncode == 5:
        raise ProjectError(f"{name} answered with what are no SPARQL results, or not all of them: {said}")
    if child.returncode:
        raise ProjectError(f"{name}: {_failure(child.returncode, said, memory, 'its answer')}")
    head, _, body = child.stdout.partition(b"\n")
    if json.loads(head)["kind"] != kind:
        raise ProjectError(f"{name} answered with {json.loads(head)['kind']}, not {kind}")
    return Answer(kind, body.decode())


def _split(head: list[dict[str, Any]], body: bytes) -> Iterator[Answer]:
    start = 0
    for part in head:
        yield Answer(part["kind"], body[start : start + part["size"]].decode())
        start += part["size"]


_waiting: list[subprocess.Popen[bytes]] = []


def start_worker() -> None:
    """Start the child process for the next query in advance."""
    _waiting.append(_start())


def _start() -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", "kg.sparql.worker"]
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)  # noqa: S603 - our own module


def _run_worker(request: Mapping[str, object], content: bytes, timeout: float) -> subprocess.CompletedProcess[bytes]:
    """Run the child process on a request. Raises TimeoutExpired after the child has ended."""
    message = json.dumps(request).encode() + b"\n" + content
    with _waiting.pop() if _waiting else _start() as child:
        try:
            said, failed = child.communicate(message, timeout=timeout)
        finally:
            if child.returncode is None:  # it has not ended by itself
                child.kill()
    return subprocess.CompletedProcess(child.args, child.returncode, said, failed)


def name_graphs(store: Path) -> list[str]:
    """Return the named graphs of the store in a folder. Raises QueryError."""
    query = "SELECT DISTINCT ?graph WHERE { GRAPH ?graph { ?s ?p ?o } }"
    return sorted(str(row["graph"]) for row in ask_store(store, query, prefixes={}, timeout=WHOLE, memory=LOAD_MEMORY))


def read_graph(store: Path, graph: str) -> str:
    """Return a named graph of the store in a folder as sorted N-Triples. Raises QueryError."""
    query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
    return ask_store(store, query, prefixes={}, timeout=WHOLE, memory=LOAD_MEMORY).text


def keep_store(cache: Path, quads: str) -> Path:
    """Return the cached store of N-Quads as a folder, created if it does not exist. Raises ProjectError."""
    content = quads.encode()
    key = hashlib.sha256(content).hexdigest()[:24]

    def fill(folder: Path) -> None:
        load_store(folder, lambda pipe: pipe.write(content), form="N_QUADS")

    return generation(cache, key, fill)


def load_store(folder: Path, write: Callable[[IO[bytes]], object], *, form: str = "TRIG") -> None:
    """Create a store in an empty folder from TriG, or another ``form``, that ``write`` writes to a pipe.

    Raises ProjectError.
    """
    _fill_store({"load": str(folder), "form": form}, write)


def update_store(folder: Path, old: Path, removed: bytes, added: bytes, *, form: str = "TRIG") -> None:
    """Create a store in an empty folder from another, without some quads and with others. Unchanged files are shared.

    Raises ProjectError.
    """
    request = {"update": str(folder), "old": str(old), "removed": len(removed), "form": form}
    _fill_store(request, lambda pipe: pipe.write(removed + added))


def _fill_store(request: Mapping[str, object], write: Callable[[IO[bytes]], object]) -> None:
    """Run a child process that fills a folder with a store."""
    head = json.dumps({**request, "memory": LOAD_MEMORY}).encode() + b"\n"
    command = [sys.executable, "-m", "kg.sparql.worker"]
    pipe, null = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, stdin=pipe, stderr=pipe, stdout=null) as child:  # noqa: S603 - our own module
        assert child.stdin and child.stderr  # noqa: S101 - both are pipes
        try:
            _feed(child.stdin, head, write)
            said = child.stderr.read().decode("utf-8", "replace").strip()
            child.wait()
        finally:
            if child.returncode is None:
                child.kill()
                child.wait()  # it may write until it has ended
    if child.returncode:
        raise ProjectError(f"the store cannot be made: {_failure(child.returncode, said, LOAD_MEMORY, 'loading it')}")


def _feed(pipe: IO[bytes], request: bytes, write: Callable[[IO[bytes]], object]) -> None:
    """Write the request and the data to a child process. If it ends early, its standard error says why."""
    with suppress(BrokenPipeError), pipe as graph:
        graph.write(request)
        write(graph)


def parse_rdf(content: bytes, form: str, file: str, *, timeout: float = TIMEOUT, memory: int = MEMORY) -> str:
    """Return the quads of a file as sorted N-Quads; ``form`` is pyoxigraph's name for the format.

    Raises CheckError with the place of the error if the file is broken, ProjectError if it needs too much time or
    memory.
    """
    try:
        child = _run_worker({"parse": form, "memory": memory}, content, timeout)
    except subprocess.TimeoutExpired:
        raise ProjectError(f"{file} could not be read within {timeout:g} seconds") from None
    said = child.stderr.decode("utf-8", "replace").strip()
    if child.returncode in (5, 6):
        raise CheckError([_fault(json.loads(said), form, file)])
    if child.returncode:
        raise ProjectError(f"{file} cannot be read: {_failure(child.returncode, said, memory, 'reading it')}")
    return child.stdout.partition(b"\n")[2].decode()


def _fault(told: Mapping[str, Any], form: str, file: str) -> Problem:
    """Return the problem in a file that the child process reported."""
    place = Location(file, told["line"], told["column"])
    if "limit" in told:
        message = f"a text in this statement is longer than {told['limit']:,} bytes"
        return Problem(place, "error", "KG012", message, f"{MAX_TEXT:,} characters are the most that a text may have")
    words = re.sub(r"^Parser error (?:at|between) line \d+[^:]*: ", "", told["message"])
    return Problem(place, "error", "KG002", f"not {_FORMS.get(form, form.title().replace('_', '-'))}: {words}")


def _failure(code: int, message: str, memory: int, what: str = "the query") -> str:
    if code == 3:
        return message
    if code == 4 or "alloc" in message or "memory" in message.lower():
        advice = "ask for less" if what == "the query" else "its longest text or its number of triples is too large"
        return f"{what} needs more than {memory // 1_000_000} MB of memory; {advice}"
    return f"{what} ended the engine ({f'signal {-code}' if code < 0 else f'exit {code}'}); it is too deep or too long"
