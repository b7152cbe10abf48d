"""The W3C's SPARQL 1.1 suites of queries and of the protocol, sent to the endpoint."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urljoin

import pyoxigraph as ox
import pytest

from projects import SHARED
from serving import Reply, Running, quads_running

SUITE = SHARED / "suites" / "rdf-tests"
WEB = "https://w3c.github.io/rdf-tests"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
ELSEWHERE = ("entailment", "protocol", "graph-store-protocol", "http-rdf-update", "service-description", "service")
FORMS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".trig": ox.RdfFormat.TRIG,
    ".nq": ox.RdfFormat.N_QUADS,
}
RESULTS = {".srx": ox.QueryResultsFormat.XML, ".srj": ox.QueryResultsFormat.JSON, ".tsv": ox.QueryResultsFormat.TSV}
# What the engine answers otherwise than the suite. It does so where it is asked directly, too.
DEVIATIONS = {
    "aggregates/agg-empty-group-count-graph": "GRAPH ?g over an empty pattern yields no row for a graph",
    "aggregates/agg-groupconcat-04": "GROUP_CONCAT drops a language that all members share",
    "aggregates/agg-groupconcat-06": "GROUP_CONCAT drops a language that all members share",
    "bindings/graph": "VALUES inside GRAPH ?g that binds ?g itself",
    "csv-tsv-res/csv03": "a double is kept by its value: 1.0e6 is written 1000000",
    "csv-tsv-res/tsv03": "a double is kept by its value: 1.0e6 is written 1000000",
    "negation/graph-minus": "MINUS inside GRAPH ?g compares ?g too",
    "property-path/zero_or_more_set_end": "a path of no length from a term that no graph holds",
    "property-path/zero_or_more_set_start": "a path of no length from a term that no graph holds",
    "property-path/zero_or_one_set_end": "a path of no length from a term that no graph holds",
    "property-path/zero_or_one_set_start": "a path of no length from a term that no graph holds",
}
LEAST = 222  # of 235: what the engine passes where it is asked directly

if not SUITE.is_dir():
    pytest.skip(f"needs the W3C's rdf-tests, in {SUITE}", allow_module_level=True)


@dataclass(frozen=True)
class Case:
    """One test of the suite: its query, the graphs it is asked of, and the file with the right answer."""

    name: str
    query: Path
    default: tuple[str, ...]
    named: tuple[str, ...]
    result: Path

    @property
    def text(self) -> str:
        """Return the query."""
        return self.query.read_text("utf-8")

    @property
    def base(self) -> str:
        """Return the IRI against which its IRIs are read."""
        return _web(self.query)

    @property
    def graphs(self) -> set[str]:
        """Return the graphs that it needs."""
        own = {urljoin(self.base, iri) for iri in re.findall(r"FROM\s+(?:NAMED\s+)?<([^>]+)>", self.text)}
        return {*self.default, *self.named, *own}


def _web(path: Path) -> str:
    return str(path).replace(str(SUITE), WEB)


def _file(iri: str) -> Path:
    return Path(iri.replace(WEB, str(SUITE)))


def _cases() -> Iterator[Case]:
    for manifest in sorted((SUITE / "sparql" / "sparql11").glob("*/manifest.ttl")):
        if manifest.parent.name not in ELSEWHERE:
            yield from _manifest(manifest)


def _manifest(path: Path) -> Iterator[Case]:
    graph = ox.Store()
    graph.load(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=_web(path))

    def all_of(subject: ox.NamedNode | ox.BlankNode, predicate: str) -> list:
        return [quad.object for quad in graph.quads_for_pattern(subject, ox.NamedNode(predicate), None, None)]

    for kind in ("QueryEvaluationTest", "CSVResultFormatTest"):
        for quad in graph.quads_for_pattern(None, ox.NamedNode(RDF + "type"), ox.NamedNode(MF + kind), None):
            (action,) = all_of(quad.subject, MF + "action")
            if all_of(action, QT + "serviceData"):
                continue
            yield Case(
                name=f"{path.parent.name}/{quad.subject.value.rpartition('#')[2]}",
                query=_file(all_of(action, QT + "query")[0].value),
                default=tuple(term.value for term in all_of(action, QT + "data")),
                named=tuple(term.value for term in all_of(action, QT + "graphData")),
                result=_file(all_of(quad.subject, MF + "result")[0].value),
            )


CASES = list(_cases()) if SUITE.is_dir() else []


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Serve the data of every test, each file as the graph of its IRI."""
    lines = []
    for iri in sorted({graph for case in CASES for graph in case.graphs}):
        for quad in ox.parse(
            path=str(_file(iri)), format=FORMS[Path(iri).suffix], base_iri=iri, rename_blank_nodes=True
        ):
            lines.append(f"{ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode(iri))} .\n")
    with quads_running(tmp_path_factory.mktemp("w3c"), "".join(lines)) as it:
        yield it


def _ask(endpoint: Running, case: Case) -> Reply:
    chosen: list[tuple[str, str]] = []
    if not re.search(r"^\s*FROM\b", case.text, re.MULTILINE | re.IGNORECASE):
        default = case.default or ("urn:x-nothing",)
        chosen = [*(("default-graph-uri", g) for g in default), *(("named-graph-uri", g) for g in case.named)]
    accept = {
        ".csv": "text/csv",
        ".tsv": "text/tab-separated-values",
        ".srx": "application/sparql-results+xml",
        ".ttl": "text/turtle, application/sparql-results+json",
        ".rdf": "application/rdf+xml, application/sparql-results+json",
        ".nt": "application/n-triples, application/sparql-results+json",
    }.get(case.result.suffix, "application/sparql-results+json")
    body = urlencode([("query", f"BASE <{case.base}>\n{case.text}"), *chosen])
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": accept}
    return endpoint.send("POST", "/sparql", body, headers)


def _right(case: Case, reply: Reply) -> bool:
    if reply.status != 200:
        return False
    media = reply.headers["content-type"].partition(";")[0]
    if case.result.suffix == ".csv":
        return _csv(reply.text) == _csv(case.result.read_text("utf-8"))
    if case.result.suffix in RESULTS:
        form = next(form for form in RESULTS.values() if form.media_type.partition(";")[0] == media)
        expected = ox.parse_query_results(path=str(case.result), format=RESULTS[case.result.suffix])
        return _content(ox.parse_query_results(reply.body, format=form)) == _content(expected)
    expected_quads = list(ox.parse(path=str(case.result), format=FORMS[case.result.suffix], base_iri=_web(case.result)))
    if media == "application/sparql-results+json":
        return _content(ox.parse_query_results(reply.body, format=ox.QueryResultsFormat.JSON)) == _listed(
            expected_quads
        )
    return _canonical(ox.parse(reply.body, ox.RdfFormat.from_media_type(media))) == _canonical(expected_quads)


def _csv(text: str) -> list[list[tuple[str, str]]]:
    """Return the rows, sorted; blank nodes alike. The order of columns is open where a query says *."""
    rows = csv.DictReader(io.StringIO(text))
    return sorted(sorted((name, re.sub("^_:.*", "_:", cell)) for name, cell in row.items()) for row in rows)


def _canonical(quads: Iterator[ox.Quad] | list[ox.Quad]) -> set[str]:
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


def _content(results: ox.QuerySolutions | ox.QueryBoolean) -> bool | list:
    if isinstance(results, ox.QueryBoolean):
        return bool(results)
    names = sorted(variable.value for variable in results.variables)
    return sorted([(name, _comparable(row[name])) for name in names if row[name] is not None] for row in results)


def _listed(quads: list[ox.Quad]) -> bool | list:
    """Return the solutions that a graph of the result-set vocabulary lists."""
    graph = ox.Store()
    graph.extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)

    def all_of(subject: object, name: str) -> list:
        return [quad.object for quad in graph.quads_for_pattern(subject, ox.NamedNode(RS + name), None, None)]

    if found := all_of(None, "boolean"):
        return bool(found[0].value == "true")
    rows = [
        {all_of(binding, "variable")[0].value: all_of(binding, "value")[0] for binding in all_of(solution, "binding")}
        for solution in all_of(None, "solution")
    ]
    return sorted(sorted((name, _comparable(value)) for name, value in row.items()) for row in rows)


def _comparable(term: object) -> tuple[str, ...]:
    if isinstance(term, ox.BlankNode):
        return ("blank",)
    if isinstance(term, ox.Literal):
        kind = term.datatype.value.rpartition("#")[2]
        if kind in ("integer", "decimal", "double", "float"):
            return ("number", kind, repr(float(term.value)))
        if kind == "boolean":
            return ("boolean", str(term.value in ("true", "1")))
        return ("literal", term.value, term.language or "", kind)
    return ("iri", str(term))


def test_as_many_as_the_engine_itself() -> None:
    """The list of deviations is no longer than the engine's own."""
    assert len(CASES) == 235
    assert len(CASES) - len(DEVIATIONS) >= LEAST


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_evaluation(case: Case, endpoint: Running) -> None:
    """An answer is the suite's; where it is known not to be, it still is not, so that the list stays true."""
    reply = _ask(endpoint, case)
    assert reply.status < 500
    assert _right(case, reply) == (case.name not in DEVIATIONS), reply.text[:500]


def test_the_protocol_suite(tmp_path: Path) -> None:
    """34 of 34, updates refused."""
    script = SUITE.parent / "run_protocol.py"
    graphs = (script.parent / "rdf-tests/sparql/sparql11/protocol" / f"data{n}.nt" for n in (1, 2, 3))
    quads = "".join(
        f"{quad.subject} {quad.predicate} {quad.object} <http://kasei.us/2009/09/sparql/data/{path.stem}.rdf> .\n"
        for path in graphs
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.N_TRIPLES)
    )
    with quads_running(tmp_path, quads) as endpoint:
        command = [sys.executable, str(script), f"{endpoint.url}/sparql", "--read-only"]
        told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout
    assert told == "34/34 protocol tests passed\n"
