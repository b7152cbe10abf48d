"""The guard before the engine: nothing that reaches out, writes or breaks gets by; nothing sound is refused."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arbitrary import EXAMPLES
from kg.model.errors import QueryError
from kg.sparql.guard import MAX_BYTES, MAX_COMMAS, MAX_DEPTH, MAX_OPERATORS, MAX_PATTERNS, check_query
from projects import BADINPUTS, ROOT

QUESTIONS = sorted((ROOT / "ontology" / "questions").glob("*.rq"))

IRI = "<http://127.0.0.1:9/>"
# Each asks another server, as the engine reads it; most of these got past a lexer that knew keywords as whole words.
CALLS = [
    f"SELECT * {{ SERVICE {IRI} {{ ?s ?p ?o }} }}",
    f"select*{{service{IRI}{{?s?p?o}}}}",
    f"SELECT * {{ SERVICE SILENT {IRI} {{ ?s ?p ?o }} }}",
    f"SELECT * {{ SERVICESILENT{IRI}{{?s ?p ?o}} }}",
    f"SELECT * {{ SERVICE#comment\n{IRI} {{ ?s ?p ?o }} }}",
    f"SELECT * {{ ?s ?p ?o FILTER EXISTS {{ SERVICE {IRI} {{ ?a ?b ?c }} }} }}",
    f"SELECT * {{ ?s ?p ?o OPTIONAL{{SERVICESILENT{IRI} {{?a ?b ?c}} }} }}",
    f"SELECT * {{ ?s ?p trueSERVICE {IRI} {{?a ?b ?c}} }}",
    f"SELECT * {{ ?s ?p 1e0SERVICE {IRI} {{?a ?b ?c}} }}",
    f"SELECT * {{ ?s ?p 1.SERVICE {IRI} {{?a ?b ?c}} }}",
    f"PREFIX x: {IRI} SELECT * {{ SERVICE x: {{?s ?p ?o}} }}",
    f"PREFIX x: {IRI} SELECT * {{ SERVICEx:{{?s ?p ?o}} }}",
    f"PREFIX x: {IRI} SELECT * {{ SERVICESILENTx: {{?s ?p ?o}} }}",
    f"PREFIX x: {IRI} SELECT * {{ SERVICEx:#comment\n{{?s ?p ?o}} }}",
    f"PREFIX : {IRI} SELECT * {{ SERVICE:{{?s ?p ?o}} }}",
    f"PREFIX e: <http://e/> SELECT * {{ FILTER(e:c=e:c)SERVICE {IRI} {{?s ?p ?o}} }}",
    f'PREFIX e: <http://e/> SELECT * {{ ?s e:b e:c#"""\n SERVICE {IRI} {{?x ?p ?o}}\n#"""\n }}',
    f"SELECT * {{ VALUES ?v {{{IRI}}} FILTER(1<2)SERVICE?v#>\n{{?s ?p ?o}} }}",
    f"PREFIX x: {IRI} SELECT * {{ FILTER(1<2)SERVICEx:#>\n{{?s ?p ?o}} }}",
    f"SELECT * {{ BIND('\\u0027' AS ?x) SERVICE {IRI} {{?a ?b ?c}} }}#'''",
    f"SELECT * {{ BIND(<http://e/#\\u0041> AS ?x) BIND('\\u0027' AS ?y) SERVICE {IRI} {{?a ?b ?c}} }}#'''",
    f"SELECT * {{ SERV\\u0049CE {IRI} {{ ?s ?p ?o }} }}",
    f"SELECT * {{ \\U00000053ERVICE {IRI} {{ ?s ?p ?o }} }}",
]
# Each is sound, whatever words stand in it.
SOUND = [
    'SELECT * { ?s ?p "SERVICE <http://e/> { }" }',
    "SELECT * { ?s ?p 'it is a SERVICE' }",
    'SELECT * { ?s ?p """LOAD\n"SERVICE" """ }',
    "SELECT * { ?s ?p '''DROP 'ALL' \\''' ''' }",
    "SELECT * { ?s ?p 'a\\'b # SERVICE' }",
    "SELECT * { ?s ?p ?o } # SERVICE <http://e/> LOAD <http://e/>",
    "# INSERT DATA\nSELECT * { ?s ?p ?o }",
    "SELECT * { ?s <http://e/service#LOAD> <http://e/SERVICE> }",
    "SELECT * { ?s <http://e/#\\u0041> ?o }",
    "PREFIX service: <http://e/> SELECT * { ?s a service:Service ; service:load service:insert }",
    "PREFIX e: <http://e/> SELECT * { ?service e:service ?load . ?load e:add ?insert }",
    "PREFIX service: <http://e/> SELECT * { GRAPH service:g { ?s ?p ?o } }",
    "PREFIX e: <http://e/> SELECT * { ?s e:a\\,b e:c%20d ; e:x.y e:z\\(1\\) }",
    'SELECT * { ?s ?p "a"@service-load }',
    "SELECT * { _:service ?p _:load }",
    "SELECT * { ?s ?p ?o FILTER(?s<?o && ?o>?p) }",
    "SELECT * { ?s ?p ?o FILTER(?a<3||?b>4) }",
    "SELECT ?名称 { ?服务 ?p ?名称 }",
    "ASK { ?s ?p 1.5e3 , -2 , +.5 , true }",
    "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "DESCRIBE <http://e/>",
]
UPDATES = [
    "INSERT DATA { }",
    "DELETE WHERE { ?s ?p ?o }",
    "CLEAR ALL",
    "DROP GRAPH <http://e/>",
    "CREATE GRAPH <http://e/>",
]
UPDATES += [
    "LOAD <file:///etc/passwd>",
    "COPY <http://e/a> TO <http://e/b>",
    "MOVE <http://e/a> TO <http://e/b>",
    "ADD DEFAULT TO <http://e/b>",
]


def refused(query: str) -> bool:
    """Tell whether the guard refuses a query."""
    try:
        check_query(query)
    except QueryError:
        return True
    return False


@pytest.mark.parametrize("query", CALLS)
def test_a_call_to_another_server_is_refused(query: str) -> None:
    """The message says where and why."""
    with pytest.raises(QueryError, match=r"^\d+:\d+: SERVICE asks another server"):
        check_query(query)


@pytest.mark.parametrize("query", UPDATES)
def test_an_update_is_refused(query: str) -> None:
    """The message says that the graph is only read."""
    with pytest.raises(QueryError, match=r"^1:1: .* (only read|nothing but the graph)$"):
        check_query(query)


@pytest.mark.parametrize("query", SOUND)
def test_a_sound_query_passes(query: str) -> None:
    """A word inside a string, a comment, an IRI or a name is no keyword."""
    check_query(query)


@pytest.mark.parametrize("file", QUESTIONS, ids=lambda file: file.stem)
def test_the_questions_pass(file: Path) -> None:
    """Every question that ships is let through."""
    check_query(file.read_text("utf-8"))


def test_there_are_questions() -> None:
    """The test above can fail."""
    assert len(QUESTIONS) >= 10


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT * " + "{" * (MAX_DEPTH + 1), "nested deeper than 100"),
        ("SELECT * { FILTER(" + "(" * MAX_DEPTH, "nested deeper than 100"),
        ("SELECT * { ?s ?p " + "[" * MAX_DEPTH, "nested deeper than 100"),
        ("SELECT * {" + "?s ?p ?o ." * (MAX_PATTERNS + 1), "more triple patterns than 500"),
        ("SELECT * { FILTER(1" + "+1" * (MAX_OPERATORS + 1), "more operators than 500"),
        ("SELECT * { FILTER(" + "!" * (MAX_OPERATORS + 1), "more operators than 500"),
        ("PREFIX e: <http://e/> SELECT * { ?s e:a" + "/e:a" * (MAX_OPERATORS + 1), "more operators than 500"),
        ("PREFIX e: <http://e/> SELECT * { ?s e:a e:a" + ",e:a" * (MAX_COMMAS + 1), "more list members than 5000"),
        ("#" + "x" * MAX_BYTES, "longer than 64 kB"),
        ("#" + "\u66d9" * (MAX_BYTES // 3 + 1), "longer than 64 kB"),
        ("SELECT * { ?s ?p '\0' }", "NUL"),
        ("SELECT * { ?s ?p '\ud800' }", "half a character"),
    ],
)
def test_limits(query: str, words: str) -> None:
    """What would end the engine by its shape is refused before it gets there."""
    with pytest.raises(QueryError, match=words):
        check_query(query)


def test_what_is_at_the_limit_passes() -> None:
    """A limit is the last that is allowed."""
    check_query("SELECT * " + "{" * MAX_DEPTH + "}" * MAX_DEPTH)
    check_query("SELECT * {" + "?s ?p ?o ." * MAX_PATTERNS + "}")
    check_query("SELECT * { FILTER(1" + "+1" * (MAX_OPERATORS - 1) + ") }")


def test_places_are_lines_and_columns() -> None:
    """The message points at the word."""
    with pytest.raises(QueryError, match=r"^3:5: SERVICE"):
        check_query("SELECT *\n{\n    SERVICE <http://e/> { ?s ?p ?o } }")


REFUSED_OF_THE_CORPUS = {
    "002_brace_depth.rq", "003_paren_depth.rq", "004_not_depth.rq", "005_plus_chain.rq", "006_or_chain.rq",
    "007_many_patterns.rq", "013_service_silent.rq", "015_service_unicode_escape.rq", "016_service_comment.rq",
    "020_load.ru", "021_load_file.ru", "023_drop.ru", "024_long.rq", "026_nul.rq",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(REFUSED_OF_THE_CORPUS))
def test_queries_of_the_corpus_are_refused(name: str) -> None:
    """The corpus of hostile queries: what the engine must never see."""
    assert refused((BADINPUTS / "sparql" / name).read_text("utf-8"))


# ---------------------------------------------------------------- against the engine's own reading

CHILD = """
import json, socket, sys, threading
import pyoxigraph

server = socket.create_server(("127.0.0.1", 0))
calls = []

def answer():
    while True:
        connection, _ = server.accept()
        calls.append(1)
        connection.close()

threading.Thread(target=answer, daemon=True).start()
address = f"<http://127.0.0.1:{server.getsockname()[1]}/>"
store = pyoxigraph.Store()
node = pyoxigraph.NamedNode
store.add(pyoxigraph.Quad(node("http://e/a"), node("http://e/b"), node("http://e/c")))
for line in sys.stdin:
    query = json.loads(line).replace("<http://127.0.0.1:9/>", address)
    calls.clear()
    try:
        store.query(query)
        outcome = "read"
    except SyntaxError:
        outcome = "no query"
    except Exception:
        outcome = "failed"
    print(json.dumps([outcome, len(calls)]), flush=True)
"""


def as_the_engine_reads(queries: list[str]) -> list[tuple[str, int]]:
    """Let pyoxigraph run queries in a process of its own; return what it makes of each, and its calls to a server."""
    text = "".join(json.dumps(query) + "\n" for query in queries)
    run = subprocess.run(
        [sys.executable, "-c", CHILD], input=text, capture_output=True, text=True, check=True, timeout=120
    )
    return [(outcome, calls) for outcome, calls in map(json.loads, run.stdout.splitlines())]


def test_the_engine_does_call() -> None:
    """Most of the calls above are calls to this engine; the guard is no empty ceremony."""
    outcomes = as_the_engine_reads(CALLS)
    assert len(outcomes) == len(CALLS)
    assert sum(calls > 0 for _, calls in outcomes) >= 12


def test_the_engine_reads_what_passes() -> None:
    """The sound queries are queries, and call nobody."""
    for query, (outcome, calls) in zip(SOUND, as_the_engine_reads(SOUND), strict=True):
        assert outcome == "read", query
        assert calls == 0, query


PIECES = [
    "SERVICE", "service", "SERVICESILENT", "SERVICEx:", "x:SERVICE", ":SERVICE", "SERVICE:", "?SERVICE", "?v", "SILENT",
    "LOAD", IRI, "<http://e/a>", "<?b)SERVICE?v#>", "?a<?b", "x:b", "x:", ":c", "_:b", "'a'", '"a"', "'\\u0027'",
    "'''", '"""', "'", '"', "#", "#'", "\n", " ", " ", ".", ";", ",", "{", "}", "{", "}", "(", ")", "[", "]",
    "{?s ?p ?o}",
    "FILTER", "FILTER(1<2)", "OPTIONAL", "EXISTS", "BIND(1 AS ?z)", "VALUES ?v {" + IRI + "}", "GRAPH", "UNION",
    "MINUS",
    "true", "1", "1e0", "1.", "@en", "^^x:d", "<", ">", "=", "!", "&&", "||", "\\u0053", "\\", "%", "x:a\\,b",
    "e\u0301",
    "?s ?p ?o", "?s ?p ", "SELECT * {", "\u66d9", "\u3001", "\u00b7",
]  # fmt: skip
HEAD = f"PREFIX x: {IRI} PREFIX SERVICEx: <http://e/> PREFIX : {IRI} SELECT * {{ "


@settings(max_examples=EXAMPLES // 6)
@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), min_size=200, max_size=200))
def test_nothing_that_passes_calls(bodies: list[str]) -> None:
    """Whatever the engine makes of a query that the guard lets through, it calls no server."""
    queries = [f"{HEAD}{body} }}" for body in bodies]
    passing = [query for query in queries if not refused(query)]
    for query, (_, calls) in zip(passing, as_the_engine_reads(passing), strict=True):
        assert calls == 0, query


WORDS = st.sampled_from(["service", "SERVICE", "load", "INSERT", "drop", "add", "a", "servicing", "\u66d9"])
TEXTS = st.lists(st.one_of(WORDS, st.sampled_from([" ", "-", "{", "}", "#", "<", ">", ";", ","])), max_size=6).map(
    "".join
)
NAMES = st.lists(WORDS, min_size=1, max_size=3).map("".join)


@st.composite
def sound_queries(draw: st.DrawFn) -> str:
    """Draw a query that is sound, with the guard's words in every place where they mean nothing."""
    prefix, local, variable = draw(NAMES), draw(NAMES), draw(NAMES)
    text, comment, iri = draw(TEXTS), draw(TEXTS), re.sub(r"[<>{}\s]", "", draw(TEXTS))
    quote = draw(st.sampled_from(["'", '"', "'''", '"""']))
    term = draw(
        st.sampled_from(
            [f"{prefix}:{local}", f"<http://e/{iri}>", f"?{variable}", f"{quote}{text}{quote}", f"_:{local}"]
        )
    )
    return f"#{comment}\nPREFIX {prefix}: <http://e/>\nSELECT * {{ ?{variable} {prefix}:{local} {term} . }} #{comment}"


@settings(max_examples=EXAMPLES // 10)
@given(st.lists(sound_queries(), min_size=100, max_size=100))
def test_nothing_sound_is_refused(queries: list[str]) -> None:
    """What the engine reads as a query that calls nobody, the guard lets through."""
    for query, (outcome, calls) in zip(queries, as_the_engine_reads(queries), strict=True):
        assert calls == 0
        assert outcome != "read" or not refused(query), query


@given(st.text(max_size=200))
def test_any_text_passes_or_is_refused(text: str) -> None:
    """Nothing but QueryError is raised."""
    refused(text)
