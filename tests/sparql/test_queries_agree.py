"""Generated queries, answered three times: by kg in its process, by pyoxigraph here, and by rdflib. All give the same rows."""

import json
import random
from collections import Counter

import pyoxigraph as ox
import pytest

import kg
from amounts import amount, chance
from kg.sparql.store import ask_all
from projects import EXAMPLE

QUERIES = amount("KG_QUERIES", 30)
Rows = Counter[tuple[tuple[str, str, str, str], ...]]


@pytest.fixture(scope="module")
def graph() -> kg.Graph:
    """Give the example."""
    return kg.load(EXAMPLE)


def generated(triples: list[tuple[str, str, str]], draws: random.Random) -> str:
    """Return a query of one to three patterns taken from triples that are there, some of their terms made variables."""
    subject = draws.choice(triples)[0]
    near = [triple for triple in triples if subject in (triple[0], triple[2])]
    names, variables = {}, iter("abcdefghij")

    def term(text: str, likely: float) -> str:
        if text not in names and draws.random() < likely:
            names[text] = f"?{next(variables)}"
        return names.get(text, text)

    patterns = [
        f"{term(s, 0.8)} {term(p, 0.2)} {term(o, 0.6)} ."
        for s, p, o in draws.sample(near, min(len(near), draws.randint(1, 3)))
    ]
    used = sorted(set(names.values()))
    if not used:
        return f"ASK {{ {' '.join(patterns)} }}"
    return shaped(patterns, used, draws)


def shaped(patterns: list[str], used: list[str], draws: random.Random) -> str:
    """Return a query over patterns: plain, or with one more of what SPARQL has."""
    head, body, tail = f"SELECT {' '.join(used)}", " ".join(patterns), ""
    match draws.randrange(7):
        case 0 if len(patterns) > 1:
            body = f"{patterns[0]} OPTIONAL {{ {' '.join(patterns[1:])} }}"
        case 1 if len(patterns) > 1:
            body = f"{{ {patterns[0]} }} UNION {{ {' '.join(patterns[1:])} }}"
        case 2:
            body += f" FILTER(isIRI({used[0]}) || STRLEN(STR({used[0]})) > {draws.randrange(12)})"
        case 3:
            head = f"SELECT DISTINCT {draws.choice(used)}"
        case 4:
            head, tail = f"SELECT {used[0]} (COUNT(*) AS ?n)", f"GROUP BY {used[0]}"
        case 5 if len(patterns) > 1:
            body = f"{patterns[0]} FILTER NOT EXISTS {{ {' '.join(patterns[1:])} }}"
        case 6 if len(patterns) > 1:
            body = f"{patterns[0]} MINUS {{ {' '.join(patterns[1:])} }}"
    return f"{head} WHERE {{ {body} }} {tail}"


def rows(text: str | bytes) -> Rows:
    """Return the rows of results in JSON, each so often as it stands there; yes or no is a row too."""
    told = json.loads(text)
    if "boolean" in told:
        return Counter([(("", "", "", str(told["boolean"])),)])
    return Counter(
        tuple(
            (name, value["value"], value.get("xml:lang", "").lower(), value.get("datatype", "").replace("http://www.w3.org/2001/XMLSchema#string", ""))
            for name, value in sorted(row.items())
        )
        for row in told["results"]["bindings"]
    )  # fmt: skip


@pytest.mark.more
def test_three_answers_are_one(graph: kg.Graph) -> None:
    """The same rows, as often, whichever engine and process answers."""
    draws = chance(12)
    triples = sorted({quad[1:] for quad in graph.quads})
    queries = [generated(triples, draws) for _ in range(QUERIES)]
    nquads = graph.export("nquads")
    assert isinstance(nquads, str)
    here = ox.Store()
    here.load(nquads.encode(), ox.RdfFormat.N_QUADS)
    third = graph.to_rdflib()
    by_kg = [
        answer
        for start in range(0, QUERIES, 100)
        for answer in ask_all(nquads, queries[start : start + 100], prefixes={}, timeout=300)
    ]
    counts = Counter[str]()
    for query, answer in zip(queries, by_kg, strict=True):
        found = rows(answer.text)
        result = here.query(query, use_default_graph_as_union=True)
        assert isinstance(result, ox.QuerySolutions | ox.QueryBoolean)
        assert found == rows(result.serialize(format=ox.QueryResultsFormat.JSON) or b""), query
        assert found == rows(third.query(query).serialize(format="json") or b""), query
        counts["with rows" if found else "without"] += 1
    print(f"{QUERIES} queries, each answered alike three times: {dict(counts)}")
    assert counts["with rows"] > QUERIES / 2
