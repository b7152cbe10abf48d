"""Every key of the ontology, by column as by row: whatever its text, and whatever a project calls its own keys."""

import ast
from collections.abc import Iterable
from pathlib import Path
from unicodedata import normalize

import polars as pl
import pytest
from test_columns import Own, Row, agree
from test_tables import triples

import kg
import kg.bulk
from arbitrary import ENTITIES
from kg.ingestion.checking.constraints import fits
from kg.model.iris import KG, RDF_TYPE, RDFS, SKOS, iri, literal
from kg.model.ontology import KEY, LAYERS, TAKEN, Ontology, read_ontology, triples_text
from kg.model.properties import Term
from kg.rdf.triples import turtle
from projects import make_project

SHIPPED = read_ontology({}, [])
REFERRING = ("claim", "claims", "entities", "id")  # kinds of value that a row of a table does not take
SOURCES = [{"id": id, "publisher": "paper", "title": "T", "published": "2021-05", "lang": "zh"} for id in ("s1", "s2")]
HOSTILE = (
    'a "quoted" word', "back\\slash", "\\", '"', '"""', "'''", "two\nlines", "赛力斯", "  wide   and  far ", "\ttab",
    "<https://example.org/x>", '" . :a kg:verdict :b . "', "x ;\n    kg:holds \"yes\" .\n", "{brace}", "@en", "😀", "=1+1", "a|b", "\\u0041",
    "$row", ".claim", "null", "e\u0301", "x" * 1_001, "a\u202eb",
)  # fmt: skip
ORDINARY: dict[str, tuple[str, ...]] = {
    "quantity": ("5 vehicles", "4.99%", "over 3"),
    "date": ("2020", "2020-H1", "2021-02-28", "2018?"),
    "interval": ("2021-05", "2021-01/2021-04", "../2021-04"),
    "locator": ("par1", "page2-3", "00:12:30"),
    "url": ("https://example.org/a?b=c#d", "https://example.org/<x>", "https://example.org/a b"),
    "language": ("zh", "zh-hant"),
    "sha256": ("0" * 64,),
    "source": ("unseen", "unknown", "s1"),
    "path": ("texts/a.txt",),
    "stands-for": ("some", "at least 2"),
    "wikidata": ("Q42",),
    "text": ("some words",),
    "texts": ("one|two",),
}
ROWS: tuple[Row, ...] = (
    {"agent": "a", "role": "retailer", "target": "car-x"},
    {"subject": "a", "relation": "subsidiary-of", "object": "b"},
    {"event": "launch", "about": "car"},
    {"about": "car", "measure": "units-sold", "value": "7 vehicles"},
)
# Who plays two roles, who alone holds one, who denies that anybody does: what is computed of rows stands beside them.
MEETING: tuple[Row, ...] = (
    {"agent": "a", "role": "oem", "target": "car-x"},
    {"agent": "b", "role": "retailer", "target": "car-x", "only": "agent"},
    {"agent": "a", "role": "retailer", "target": "any-car", "stance": "denies"},
    {"agent": "a", "role": "retailer", "target": "car-x", "stance": "declines"},
    {"agent": "a", "role": "retailer", "target": "car-x", "stance": "denies"},
)
words = pytest.mark.parametrize("layer", ["content", "claim"])


def ordinary(key: Term) -> Iterable[str]:
    """Return texts that a key is made for."""
    if key.value_kind.startswith("entity"):
        return [row["id"] for row in ENTITIES]
    if key.value_kind == "term":
        return list(SHIPPED.terms(key.term_class))[:6]
    return key.choices or ORDINARY[key.value_kind]


def takes(row: Row, key: Term) -> bool:
    """Tell whether a row is of a kind that takes a key."""
    kind = next(kind for name, kind in SHIPPED.kinds.items() if name in row)
    return key.notation not in SHIPPED.keys("content") or fits(kind, key)


def rows_with(key: Term, texts: Iterable[str]) -> list[Row]:
    """Return rows of every kind that takes a key with each text under it, at a time of its own."""
    rows: list[Row] = []
    for number, text in enumerate(texts):
        when = str(1900 + number)
        rows += [{"source": "s1", "when": when, **row, key.notation: text} for row in ROWS if takes(row, key)]
    return rows


@pytest.mark.parametrize("name", SHIPPED.row_keys)
def test_a_key_of_a_row(name: str) -> None:
    """Whatever the text of a key: what is refused by row is refused by column, what is told is told alike."""
    key = SHIPPED.row_keys[name]
    if key.value_kind not in REFERRING:
        meeting = [{"source": "s2", **row} for row in MEETING]
        assert agree([*meeting, *rows_with(key, (*ordinary(key), *HOSTILE))], SOURCES)


# ---------------------------------------------------------------- a project's own keys


def plain_words() -> list[str]:
    """Return the words in the program that works by column which could be keys: every column's name is among them."""
    found = {"also", "against", "chunk", "member", "predicate", "qualifiers", "term", "wider", "why"}  # that once were
    for path in Path(kg.bulk.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            elif isinstance(node, ast.keyword) and node.arg:
                found.add(node.arg)
    return sorted(word for word in found if KEY.fullmatch(word) and word not in SHIPPED.row_keys)


def names_of(layer: str) -> list[str]:
    """Return the words that a project may give to keys of a layer; under `en` stand names."""
    return [word for word in plain_words() if word not in {*TAKEN[LAYERS[layer]], *SHIPPED.keys(layer), "en"}]


def own_keys(layer: str, names: Iterable[str], kind: str = "text") -> Own:
    """Return the ontology of a project that has some keys of its own."""
    told: list[tuple[str, str, str]] = []
    for number, name in enumerate(names):
        key = iri(f"https://example.org/keys/{layer}/{number}")
        told += [
            (key, RDF_TYPE, iri(KG + LAYERS[layer])),
            (key, iri(SKOS + "notation"), literal(name)),
            (key, iri(RDFS + "label"), literal(name, language="en")),
            (key, iri(KG + "position"), f'"{100 + number}"^^<http://www.w3.org/2001/XMLSchema#integer>'),
            (key, iri(KG + "valueKind"), iri(f"https://w3id.org/autokg/value/{kind}")),
            *((key, iri(KG + "keyOf"), iri(of.iri)) for of in SHIPPED.kinds.values()),
        ]
    return told


@words
@pytest.mark.parametrize("part", range(8))
def test_a_key_may_have_any_name(layer: str, part: int) -> None:
    """A project's key with the name of whatever the program speaks of, such as a column that it works with."""
    names = names_of(layer)[part::8]
    rows: list[Row] = []
    for number, name in enumerate(names):
        told = {"when": str(1800 + number), name: HOSTILE[number % (len(HOSTILE) - 2)]}
        rows += [
            *({"source": "s1", **row, **told} for row in ROWS),
            *({"source": "s2", **row, **told} for row in MEETING),
        ]
    found = agree(rows, SOURCES, own_keys(layer, names))
    told_of = {line.split(" ", 2)[1] for line in found}
    assert {iri(f"https://example.org/keys/{layer}/{number}") for number in range(len(names))} <= told_of


@pytest.mark.parametrize(
    ("layer", "name", "code"),
    [
        ("claim", "from|lower", "KG111"), ("claim", ".claim", "KG111"), ("content", "agent_right", "KG111"),
        ("entity", "two words", "KG111"), ("source", "2nd", "KG111"), ("claim", "source", "KG110"),
        ("content", "where", "KG110"), ("entity", "prefix", "KG110"), ("content", "also", "KG110"), ("claim", "agent", "KG110"),
    ],
)  # fmt: skip
def test_a_key_that_could_be_something_else(tmp_path: Path, layer: str, name: str, code: str) -> None:
    """What a working column could be called, what stands beside keys, and what is a key already, is refused."""
    own = triples_text(own_keys(layer, [name]))
    folder = make_project(tmp_path, "agent: a, role: retailer, target: car", **{"ontology__own.ttl": own})
    assert [problem.code for problem in kg.check(folder)] == [code]


@pytest.mark.parametrize("name", ["类别", "co2", "Basis", "in-words"])
def test_a_key_in_any_script(tmp_path: Path, name: str) -> None:
    """Letters are those of any script."""
    problems: list[kg.Problem] = []
    read_ontology({"ontology/own.ttl": triples_text(own_keys("claim", [name]))}, problems)
    assert problems == []


# ---------------------------------------------------------------- from a table to the outputs


FIGURE = {"about": "car", "measure": "units-sold", "value": "$number vehicles"}
# What some columns hold in every row, where not the first ordinary text; what has nothing is left out.
SAMPLES = {
    "agent": "a", "counterparty": "b", "component": "motor", "channel": "shop", "territory": "china", "place": "china", "within": "deal",
    "into": "car-x", "said-by": "boss", "plan-of": "a", "publisher": "paper", "merged-into": "b", "except": "c", "type": "firm",
    "segment": "", "copy-of": "unknown",
}  # fmt: skip


def is_text(key: Term) -> bool:
    """Tell whether any text is right under a key."""
    return key.value_kind in ("text", "texts")


def cells(layer: str, ontology: Ontology) -> dict[str, list[str]]:
    """Return the texts of every key of a layer that stand in a column; a text may be anything."""
    found = {}
    for name, key in ontology.keys(layer).items():
        if layer == "content" and not fits(SHIPPED.kinds["measure"], key):
            continue
        if is_text(key):
            found[name] = [*HOSTILE[:-2]]
        elif key.value_kind not in REFERRING:
            found[name] = [SAMPLES[name] if name in SAMPLES else next(iter(ordinary(key)))]
    return {name: texts for name, texts in found.items() if name not in FIGURE and texts[0]}


def write_project(folder: Path) -> Path:
    """Write a project with every key in its tables, those of its own too: a table each of claims, entities, sources."""
    content, free = ["kind", "part", "period", "verdict"], {layer: names_of(layer) for layer in LAYERS}
    free |= {"content": content, "claim": [name for name in free["claim"] if name not in content]}
    own = triples_text(triple for layer, names in free.items() for triple in own_keys(layer, names))
    ontology = read_ontology({"own.ttl": own}, [])
    made = make_project(folder, "agent: a, role: retailer, target: car")
    for name, text in {"ontology/own.ttl": own, "texts/a.txt": "A text."}.items():
        (made / name).parent.mkdir()
        (made / name).write_text(text, "utf-8")
    said = {**cells("content", ontology), **cells("claim", ontology)}
    figure = ", ".join(f"{key}: {text}" for key, text in FIGURE.items())
    names = {"en": [*HOSTILE[:-2]]}
    write_table(made, "claims", f"source: s1\nclaims:\n- {{{{{figure}, {{}}}}}}\n", said)
    write_table(made, "entities", "entities:\n  e: {{id: e$number, {}}}\n", {**names, **cells("entity", ontology)})
    write_table(made, "sources", "sources:\n  s: {{id: t$number, {}}}\n", cells("source", ontology))
    return made


def write_table(folder: Path, name: str, mapping: str, columns: dict[str, list[str]]) -> None:
    """Write a table with its mapping, in which a key has a column of nearly its name: `$row` is another thing."""
    rows = max(len(texts) for texts in columns.values())
    texts = {f"the {key}": [texts[row % len(texts)] for row in range(rows)] for key, texts in columns.items()}
    (folder / "tables").mkdir(exist_ok=True)
    pl.DataFrame({"number": map(str, range(1, rows + 1)), **texts}).write_parquet(folder / "tables" / f"{name}.parquet")
    pairs = ", ".join(f"{key}: '${{the {key}}}'" for key in columns)
    (folder / "tables" / f"{name}.yaml").write_text(f"file: {name}.parquet\n{mapping.format(pairs)}", "utf-8")


def test_every_key_from_a_table_to_the_graph(tmp_path: Path) -> None:
    """Tables by column give the triples of their rows; every key is a column of the Parquet."""
    made = write_project(tmp_path)
    graph = kg.build(made, tmp_path / "many")
    assert (tmp_path / "many" / "rejects.csv").read_text("utf-8") == "table,row,code,message\n"
    found = triples(tmp_path / "many" / "graph.ttl")
    (tmp_path / "rows.ttl").write_text(turtle(graph.quads, graph.prefixes), "utf-8")
    assert found == triples(tmp_path / "rows.ttl")
    ontology = graph.world.ontology
    for layer in LAYERS:
        for name in cells(layer, ontology):
            assert any(f" <{ontology.keys(layer)[name].iri}> " in line for line in found) or name in (
                "type",
                "stance",
            ), name
    claims = pl.read_parquet(tmp_path / "many" / "claims" / "claims" / "*.parquet")
    texts = [normalize("NFC", text.strip()) for text in HOSTILE[:-2]]
    told = cells("content", ontology).keys() | cells("claim", ontology).keys()
    for name in (name for layer in ("content", "claim") for name, key in ontology.keys(layer).items() if is_text(key)):
        held = claims.sort("row")[f"key_{name}" if f"key_{name}" in claims.columns else name].to_list()
        assert held == (texts if name in told else [None] * len(texts)), name
    assert {"key_kind", "key_row", "key_verdict"} <= set(claims.columns)
