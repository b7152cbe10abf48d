"""Every way out: a second reader accepts it, and each lossy one drops exactly what it says."""

import csv
import io
import itertools
import json
import os
import re
import shutil
import subprocess
import unicodedata
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import networkx as nx
import pyoxigraph
import pytest
import rdflib
from hypothesis import given
from test_laws import Row, distinct, load, projects, write_csv

import kg
from arbitrary import law
from command import run
from kg.files.cells import defuse, plain_cell
from kg.formats.neighbour_exports import CONNECTIONS, EDGES, ELEMENTS, NEGATED, NODES
from kg.formats.registry import FORMATS
from kg.formats.xml import rdfxml, split_name, token
from kg.ingestion.world_rows import world_tables
from kg.model.errors import ProjectError, UsageError
from kg.rdf.rows_from_rdf import tables_from_rdf
from projects import ENTITIES, EXAMPLE, ROOT, make_project

Triple = tuple[str, str, str]
Quad = tuple[str, str, str, str]
OXIGRAPH = {"turtle": "TURTLE", "trig": "TRIG", "nquads": "N_QUADS", "ntriples": "N_TRIPLES", "jsonld": "JSON_LD", "rdfxml": "RDF_XML"}  # fmt: skip
NAMED = ("trig", "nquads", "jsonld")
RDFLIB = {
    "nquads": "nquads",
    "jsonld": "json-ld",
    "trig": "trig",
    "rdfxml": "xml",
    "turtle": "turtle",
    "ntriples": "nt",
}
HOSTILE = (
    "say \"hi\" and 'hi'",
    "back\\slash \\u0041 \\n",
    "</x><script>alert(1)</script>",
    "]]> <!-- & &amp; &#10; -->",
    "emoji 🚗 and 👩‍👩‍👧",
    "עברית العربية",
    "a|b;c,d",
    "=1+1",
    "@graph",
    "https://example.org/not-an-iri",
    "line one\nline two",
    "  {{7*7}} %s ${x}  ",
)


@pytest.fixture(scope="module")
def graph() -> kg.Graph:
    """Give the seed."""
    return kg.load(EXAMPLE)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> kg.Graph:
    """Give a project whose names, notes and title hold what breaks naive writers."""
    folder = tmp_path_factory.mktemp("hostile")
    entities = ENTITIES + "".join(
        f"x{n}: {{type: firm, en: {json.dumps(text, ensure_ascii=False)}, note: {json.dumps(text, ensure_ascii=False)}}}\n"
        for n, text in enumerate(HOSTILE)
    )
    rows = [
        f"agent: x{n}, role: retailer, target: car, note: {json.dumps(text, ensure_ascii=False)}"
        for n, text in enumerate(HOSTILE)
    ]
    make_project(folder, *rows, entities=entities)
    (folder / "kg.yaml").write_text('title: "<&> \\" = 甲 🚗"\nbase: https://example.org/t/\n', encoding="utf-8")
    return kg.load(folder)


def read_by_oxigraph(text: str, form: str) -> set[Quad]:
    """Return the quads that pyoxigraph reads; the graph is empty where the format has none."""
    quads = pyoxigraph.parse(text.encode(), getattr(pyoxigraph.RdfFormat, OXIGRAPH[form]))
    return {
        (str(q.graph_name) if form in NAMED else "", str(q.subject), str(q.predicate), str(q.object)) for q in quads
    }


def read_by_rdflib(text: str, form: str) -> set[Quad]:
    """Return the quads that rdflib reads, literals as they stand."""
    dataset = rdflib.Dataset() if form in NAMED else rdflib.Graph()
    rdflib.NORMALIZE_LITERALS = False
    try:
        dataset.parse(data=text, format=RDFLIB[form])
    finally:
        rdflib.NORMALIZE_LITERALS = True
    if isinstance(dataset, rdflib.Dataset):
        return {
            (g.n3() if g is not None and not isinstance(g, rdflib.Graph) else "", *(t.n3() for t in spo))
            for *spo, g in dataset.quads()
        }
    return {("", *(term.n3() for term in triple)) for triple in dataset}


def expected(graph: kg.Graph, form: str, read: object) -> set[Quad]:
    """Return what a reader finds in N-Quads, without the graphs where the format has none."""
    quads: set[Quad] = read(graph.export("nquads"), "nquads")  # type: ignore[operator]
    return quads if form in NAMED else {("", *quad[1:]) for quad in quads}


# ---------------------------------------------------------------- RDF


@pytest.mark.parametrize("form", OXIGRAPH)
@pytest.mark.parametrize("read", [read_by_oxigraph, read_by_rdflib])
def test_two_readers_find_the_same_triples_in_every_syntax(
    graph: kg.Graph, hostile: kg.Graph, form: str, read: object
) -> None:
    """What pyoxigraph and rdflib read is what they read in N-Quads, hostile texts included."""
    for one in (graph, hostile):
        assert read(one.export(form), form) == expected(one, form, read)  # type: ignore[operator]


@law
@given(projects)
def test_the_syntaxes_hold_the_same_for_any_project(project: list[tuple[Row, str]]) -> None:
    """JSON-LD and TriG hold the identical quads, RDF/XML the identical triples."""
    graph = load(write_csv, distinct(project))
    quads = read_by_oxigraph(graph.export("nquads"), "nquads")
    assert read_by_oxigraph(graph.export("jsonld"), "jsonld") == quads
    assert read_by_oxigraph(graph.export("trig"), "trig") == quads
    assert read_by_oxigraph(graph.export("rdfxml"), "rdfxml") == {("", *quad[1:]) for quad in quads}


@pytest.mark.parametrize("form", [name for name, entry in FORMATS.items() if entry.full and name in OXIGRAPH])
def test_rows_come_back_from_every_full_rdf(graph: kg.Graph, form: str) -> None:
    """The rows behind the triples are the same, whichever the syntax, and as many as the world has."""
    triples = [quad[1:] for quad in read_by_oxigraph(graph.export(form), form)]
    read = tables_from_rdf(triples, graph.world.ontology)
    assert read == tables_from_rdf([quad[1:] for quad in graph.quads], graph.world.ontology)
    assert (len(read.claims), len(read.sources)) == (len(graph.world.claims), len(graph.world.sources))
    assert read.entities == world_tables(graph.world).entities


def test_jsonld_is_for_people(graph: kg.Graph) -> None:
    """The words are those of the claim files, entities have their bare ids, and nothing is to be fetched."""
    document = json.loads(graph.export("jsonld"))
    assert list(document) == ["@context", "@graph"]
    assert isinstance(document["@context"], dict)
    nodes = {node["id"]: node for part in document["@graph"] for node in part["@graph"]}
    assert nodes["huawei"]["label"] == {"en": "Huawei", "zh": "华为"}
    (told,) = [n for n in nodes.values() if n.get("label", {}).get("en") == "Huawei retails SERES SF5 for SERES"]
    assert (told["agent"], told["role"], told["target"]) == ("huawei", "autokg:role/retailer", "seres-sf5")
    assert list(told)[:2] == ["id", "type"]
    claim = next(n for n in nodes.values() if n.get("at") == "caption1" or n.get("type") == "kg:Claim")
    assert {"said-by", "evidence", "modality", "at"} <= claim.keys()


def test_a_term_that_looks_like_a_prefixed_name(tmp_path: Path) -> None:
    """An IRI whose scheme is a prefix of ours is not misread in JSON-LD."""
    text = "@prefix kg: <https://w3id.org/autokg/ns#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n<org:tyres> a kg:Role ; skos:notation 'tyre-maker' ; skos:prefLabel 'tyre maker'@en ; skos:broader <https://w3id.org/autokg/role/supplier> .\n"
    folder = make_project(tmp_path, "agent: a, role: tyre-maker, target: car")
    (folder / "ontology").mkdir()
    (folder / "ontology" / "own.ttl").write_text(text, encoding="utf-8")
    graph = kg.load(folder)
    assert any("<org:tyres>" in quad for quad in graph.quads)
    for form in ("jsonld", "rdfxml"):
        assert read_by_oxigraph(graph.export(form), form) == expected(graph, form, read_by_oxigraph)


def test_every_predicate_can_be_an_xml_name(graph: kg.Graph) -> None:
    """Every property of the ontology that a triple may carry ends in an XML name."""
    ontology = graph.world.ontology
    keys = [key.iri for layer in ("content", "claim", "source", "entity") for key in ontology.keys(layer).values()]
    terms = {subject[1:-1] for subject, *_ in ontology.triples}
    shortcuts = {iri for term in terms for iri in ontology.term(term).values("shortcut")}
    bounds = {
        bound for key in keys for name in ("lowerBound", "upperBound") for bound in ontology.term(key).values(name)
    }
    assert all(split_name(iri) for iri in {*keys, *shortcuts, *bounds})


def test_a_predicate_that_is_no_xml_name_is_told() -> None:
    """RDF/XML cannot hold it: a message with the IRI, no broken file."""
    with pytest.raises(ProjectError, match=r"cannot hold the predicate https://example.org/7"):
        rdfxml([("<g:g>", "<a:s>", "<https://example.org/7>", '"x"')], {})


def test_a_character_that_is_no_xml_is_told() -> None:
    """What XML cannot hold is refused; reading refuses it before."""
    with pytest.raises(ProjectError, match=r"U\+FFFE"):
        rdfxml([("<g:g>", "<a:s>", "<https://example.org/p>", '"\ufffe"')], {})


READERS = {
    "rapper": (("rdfxml", "ntriples"), ("turtle", "ntriples")),
    "serdi": (("turtle", "ntriples"), ("trig", "nquads"), ("nquads", "nquads"), ("ntriples", "ntriples")),
}


def test_the_systems_readers_agree(graph: kg.Graph, hostile: kg.Graph, tmp_path: Path) -> None:
    """rapper and serdi, those of them that are here, read the same triples."""
    tools = [tool for tool in READERS if shutil.which(tool)]
    if not tools:
        pytest.skip("not installed: rapper and serdi (Debian: raptor2-utils and serdi)")
    cases = [(tool, *forms) for tool in tools for forms in READERS[tool]]
    for one, (tool, form, back) in itertools.product((graph, hostile), cases):
        words = [*(["-q"] if tool == "rapper" else []), "-i", form, "-o", back]
        path = tmp_path / f"x{FORMATS[form].extension}"
        path.write_text(one.export(form), encoding="utf-8", newline="\n")
        done = subprocess.run([tool, *words, str(path)], capture_output=True, encoding="utf-8", check=True)
        assert done.stderr == ""
        assert read_by_oxigraph(done.stdout, back) == expected(one, form, read_by_oxigraph)


# ---------------------------------------------------------------- GraphML and GEXF


def said(data: dict[str, object]) -> dict[str, object]:
    """Return the attributes that say something: empty ones are not written."""
    return {name: value for name, value in data.items() if value not in ("", None)}


def content(network: nx.MultiDiGraph, *, encode: bool = False) -> tuple[dict, dict]:  # type: ignore[type-arg]
    """Return nodes and edges with their data, for comparison."""
    name = token if encode else str
    nodes = {name(node): said(data) for node, data in network.nodes(data=True)}
    # NetworkX reads GEXF without parallel edges as a plain graph: then the id is among the data.
    found = (
        network.edges(keys=True, data=True)
        if network.is_multigraph()
        else ((u, v, d["id"], d) for u, v, d in network.edges(data=True))
    )
    return nodes, {(name(u), name(v), key): said(data) for u, v, key, data in found}


@pytest.mark.parametrize("which", ["graph", "hostile"])
def test_networkx_reads_graphml_back(which: str, request: pytest.FixtureRequest) -> None:
    """The same nodes, edges with their keys, and attributes with their types."""
    graph = request.getfixturevalue(which)
    read = nx.read_graphml(io.BytesIO(graph.export("graphml").encode()), force_multigraph=True)
    nodes, edges = content(read)
    for (_, _, key), data in edges.items():
        assert data.pop("id", key) == key
    assert (nodes, edges) == content(graph.to_networkx(), encode=True)
    assert said(read.graph).items() >= said(graph.to_networkx().graph).items()


@pytest.mark.parametrize("which", ["graph", "hostile"])
def test_networkx_reads_gexf_back(which: str, request: pytest.FixtureRequest) -> None:
    """The same nodes, edges and attributes; days stand where Gephi looks for them, labels on one line."""
    graph = request.getfixturevalue(which)
    read = nx.read_gexf(io.BytesIO(graph.export("gexf").encode()))
    nodes, edges = content(read)
    for (_, _, key), data in edges.items():
        assert data.pop("id", key) == key
        for ours, theirs in (("from", "start"), ("until", "end")):
            if theirs in data:
                data[ours] = data.pop(theirs)
    wanted = content(graph.to_networkx())
    for data in (*wanted[0].values(), *wanted[1].values()):
        data["label"] = " ".join(data["label"].split())
    assert (nodes, edges) == wanted


@law
@given(projects)
def test_networkx_reads_any_project_back(project: list[tuple[Row, str]]) -> None:
    """GraphML of arbitrary claims holds every node and every parallel edge; GEXF as many."""
    graph = load(write_csv, distinct(project))
    network = graph.to_networkx()
    read = nx.read_graphml(io.BytesIO(graph.export("graphml").encode()), force_multigraph=True)
    nodes, edges = content(network, encode=True)
    assert content(read)[0] == nodes
    assert content(read)[1].keys() == edges.keys()
    gexf = ET.fromstring(graph.export("gexf"))  # noqa: S314 - our own text
    assert len(gexf.findall(".//{*}edge")) == network.number_of_edges()


def test_the_picture_files_suit_gephi(graph: kg.Graph) -> None:
    """No null, no date but ISO, declared types, unique ids, and a kind of its own for every parallel edge."""
    tree = ET.fromstring(graph.export("gexf"))  # noqa: S314
    edges = tree.findall(".//{*}edge")
    assert len({edge.get("id") for edge in edges}) == len(edges) == graph.to_networkx().number_of_edges()
    assert max(Counter((edge.get("source"), edge.get("target"), edge.get("kind")) for edge in edges).values()) == 1
    assert max(Counter((edge.get("source"), edge.get("target")) for edge in edges).values()) > 1
    days = {edge.get(name) for edge in edges for name in ("start", "end") if edge.get(name) is not None}
    assert days
    assert all(re.fullmatch(r"\d{4}-\d{2}-\d{2}", day) for day in days if day)
    declared = {a.get("id") for a in tree.iter("{http://gexf.net/1.3}attribute")}
    used = {value.get("for"): value.get("value") for value in tree.iter("{http://gexf.net/1.3}attvalue")}
    assert used.keys() == declared
    assert not {"", "None", "null", "nan"} & set(used.values())
    markup = ET.fromstring(graph.export("graphml"))  # noqa: S314
    types = {key.get("id"): key.get("attr.type") for key in markup.iter("{http://graphml.graphdrawing.org/xmlns}key")}
    assert types["node-stand_in"] == "boolean"
    assert all(
        data.text and types[data.get("key", "")] for data in markup.iter("{http://graphml.graphdrawing.org/xmlns}data")
    )


def test_the_published_schemas_accept(graph: kg.Graph, hostile: kg.Graph, tmp_path: Path) -> None:
    """xmllint with the XSDs of GEXF 1.3 and GraphML 1.0, where KG_XSD names a folder that holds them.

    They come in no Debian or Python package; docs/formats.md says whence. Without them the test above looks at the structure.
    """
    folder = os.environ.get("KG_XSD")
    if not folder or not shutil.which("xmllint"):
        pytest.skip(
            "needs xmllint (Debian: libxml2-utils), and KG_XSD: a folder with gexf/gexf.xsd and graphml/graphml.xsd"
        )
    for one, form in itertools.product((graph, hostile), ("gexf", "graphml")):
        schema, path = Path(folder) / form / f"{form}.xsd", tmp_path / f"x.{form}"
        path.write_text(one.export(form), encoding="utf-8")
        done = subprocess.run(
            ["xmllint", "--noout", "--nonet", "--schema", str(schema), str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


# ---------------------------------------------------------------- KGX and Kumu


def rows_of(text: str, delimiter: str) -> list[dict[str, str]]:
    """Read a table: KGX quotes nothing."""
    quoting = csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting))


@pytest.mark.parametrize("which", ["graph", "hostile"])
def test_kgx_keeps_what_it_says(which: str, request: pytest.FixtureRequest) -> None:
    """Every entity; every claim that asserts or denies a link of two entities; with source, speaker, negation."""
    graph = request.getfixturevalue(which)
    files = graph.export("kgx")
    nodes, edges = rows_of(files["nodes.tsv"], "\t"), rows_of(files["edges.tsv"], "\t")
    assert (tuple(nodes[0]), tuple(edges[0])[: len(EDGES)]) == (NODES, EDGES)
    assert all(None not in row and None not in row.values() for row in (*nodes, *edges))
    assert [row["id"] for row in nodes] == sorted(f"entity:{id}" for id in graph.world.entities)
    assert all(row["category"].startswith("biolink:NamedThing|") and row["name"] for row in nodes)
    claims = {f"claim:{claim.iri.rsplit('/', 1)[1]}": claim for claim in graph.world.claims}
    ends = {"agent", "subject"}, {"target", "object", "about", "counterparty"}
    for row in edges:
        claim = claims[row["id"]]
        refs = {name: f"entity:{value.id}" for name, value in claim.proposition.content.items() if hasattr(value, "id")}
        assert row["subject"] in {refs.get(name) for name in ends[0]}
        assert row["object"] in {refs.get(name) for name in ends[1]}
        assert row["negated"] == NEGATED[claim.stance.notation]
        assert row["primary_knowledge_source"] == f"entity:{claim.source.id}"
        assert row["agent_type"] == "manual_agent"
        assert (row["knowledge_level"] == "knowledge_assertion") == (claim.modality.notation == "actual")
    assert {row["subject"] for row in edges} | {row["object"] for row in edges} <= {row["id"] for row in nodes}
    prefixes = json.loads(files["prefixes.json"])
    assert {
        row[name].partition(":")[0] for row in edges for name in ("id", "subject", "predicate", "object")
    } <= prefixes.keys()


def test_kgx_drops_what_it_says(graph: kg.Graph) -> None:
    """What is missing is figures, claims that neither assert nor deny, and propositions without two ends; nothing else.

    A counterparty is an end only where the role says so: otherwise the triple would say what nobody said.
    """
    kept = {row["id"].partition(":")[2] for row in rows_of(graph.export("kgx")["edges.tsv"], "\t")}
    dropped = [claim for claim in graph.world.claims if claim.iri.rsplit("/", 1)[1] not in kept]
    near, far = {"agent", "subject"}, {"target", "object", "about"}
    for claim in dropped:
        keys = claim.proposition.content.keys()
        is_figure, is_silent = "measure" in keys, claim.stance.notation not in NEGATED
        between_claims = claim.proposition.term.sets
        assert is_figure or is_silent or between_claims or not (near & keys and far & keys), claim.proposition
    assert dropped
    assert kept


@pytest.mark.parametrize("which", ["graph", "hostile"])
def test_kumu_keeps_the_picture(which: str, request: pytest.FixtureRequest) -> None:
    """Labels are unique, connections join by them, and every node and edge of the network is there."""
    graph = request.getfixturevalue(which)
    network, files = graph.to_networkx(), graph.export("kumu")
    elements, connections = (rows_of(files[name], ",") for name in ("elements.csv", "connections.csv"))
    assert (tuple(elements[0]), tuple(connections[0])[: len(CONNECTIONS)]) == (ELEMENTS, CONNECTIONS)
    labels = {row["Label"]: row["Id"] for row in elements}
    assert len({label.casefold() for label in labels}) == len(elements) == network.number_of_nodes()
    joined = {(labels[row["From"]], labels[row["To"]], row["Id"]) for row in connections}
    assert joined == set(network.edges(keys=True))
    for row in connections:
        data = network[labels[row["From"]]][labels[row["To"]]][row["Id"]]
        assert plain_cell(row["Description"]) == data["sentence"]
        assert (row["Verdict"], row["Start"], row["End"]) == (
            data["verdict"],
            data.get("from", ""),
            data.get("until", ""),
        )


def test_no_cell_of_kumu_is_a_formula(hostile: kg.Graph) -> None:
    """What begins like a formula has a ' before it, and comes back as it was by taking one off."""
    for text in hostile.export("kumu").values():
        for row in csv.reader(io.StringIO(text, newline="")):
            assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
    assert "'=1+1" in hostile.export("kumu")["elements.csv"]
    for text in (*HOSTILE, "'", "''x", "-1", "+1", "@a", "\tx", "\rx", "plain", ""):
        assert plain_cell(defuse(text)) == text


@pytest.mark.parametrize("form", ["graphml", "gexf", "kumu"])
def test_the_picture_drops_what_it_says(graph: kg.Graph, form: str) -> None:
    """Propositions that are missing have not two ends, or are figures; claims, sources and notes are in none."""
    written = graph.export(form)
    text = written if isinstance(written, str) else "".join(map(str, written.values()))
    drawn = {data["proposition"] for *_, data in graph.to_networkx().edges(data=True)}
    for proposition in graph.world.propositions:
        short = proposition.iri.rsplit("/", 1)[1]
        assert (short in text) == (short in drawn)
        keys = proposition.content.keys()
        assert short in drawn or "measure" in keys or not {"agent", "subject"} & keys or proposition.term.undrawn
    assert not any(claim.iri in text for claim in graph.world.claims)
    assert not any(source.iri in text for source in graph.world.sources.values())


# ---------------------------------------------------------------- all of them


OURS = ("turtle", "trig", "nquads", "ntriples", "jsonld", "rdfxml", "graphml", "gexf", "kgx", "kumu")


@pytest.mark.parametrize("form", OURS)
def test_hostile_texts_survive(hostile: kg.Graph, form: str) -> None:
    """Names come back whole from every format, read by something that knows the format."""
    if form in OXIGRAPH:
        found = {
            rdflib.util.from_n3(quad[3]).value
            for quad in read_by_oxigraph(hostile.export(form), form)
            if quad[3].startswith('"')
        }  # type: ignore[union-attr]
    elif form in ("graphml", "gexf"):
        found = {"".join(element.itertext()) for element in ET.fromstring(hostile.export(form)).iter()}  # noqa: S314
        found |= {v for element in ET.fromstring(hostile.export(form)).iter() for v in element.attrib.values()}  # noqa: S314
    else:
        delimiter = "\t" if form == "kgx" else ","
        tables = [text for name, text in hostile.export(form).items() if not name.endswith(".json")]  # type: ignore[union-attr]
        found = {
            plain_cell(cell) if form == "kumu" else cell
            for text in tables
            for row in rows_of(text, delimiter)
            for cell in row.values()
        }
    for text in HOSTILE:
        name = unicodedata.normalize("NFC", text).strip()
        wanted = " ".join(name.split()) if form in ("gexf", "kgx", "kumu") else name
        assert wanted in found, text


def test_every_format_says_what_it_keeps(tmp_path: Path) -> None:
    """``kg formats``: a line each, full ones drop at most the graphs; the same in docs/formats.md."""
    done = run("formats", cwd=tmp_path)
    assert [line.split()[:3] for line in done.stdout.splitlines()] == [
        [e.name, e.extension, e.extent] for e in FORMATS.values()
    ]
    table = (ROOT / "docs" / "formats.md").read_text("utf-8")
    for entry in FORMATS.values():
        row = f"| `{entry.name}` | {entry.extension} | {entry.extent} | {entry.keeps} | {entry.drops or 'nothing'} | {entry.opens_in} |"
        assert row in table
        assert entry.drops or entry.full


def test_an_unknown_format_is_wrong_usage(graph: kg.Graph) -> None:
    """With the nearest one, and before anything is read."""
    with pytest.raises(UsageError, match="did you mean 'graphml'"):
        graph.export("graphm")
    done = run("-C", "/nowhere", "export", "-f", "jsonl-d")
    assert (done.returncode, "did you mean 'jsonld'" in done.stderr or "did you mean 'jsonl'" in done.stderr) == (
        2,
        True,
    )


def test_only_triples_are_flat(graph: kg.Graph) -> None:
    """One-hop triples come in every RDF syntax, and in none of the others; the graph itself stays whole."""
    flat = read_by_oxigraph(graph.export("jsonld", flat="cautious"), "jsonld")
    assert flat == read_by_oxigraph(graph.export("nquads", flat="cautious"), "nquads")
    assert len(flat) < len(graph.quads) == len(read_by_oxigraph(graph.export("nquads"), "nquads"))
    with pytest.raises(UsageError, match="'gexf' has no one-hop triples"):
        graph.export("gexf", flat="brave")


def test_a_folder_needs_a_place(tmp_path: Path) -> None:
    """Several files cannot go to standard output; with -o DIR they are written, and named on standard output."""
    for words in ((), ("-o", "-")):
        done = run("-C", EXAMPLE, "export", "-f", "kumu", *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert "-o DIR" in done.stderr
    done = run("-C", EXAMPLE, "export", "-f", "kumu", "-o", "out", cwd=tmp_path)
    assert sorted(done.stdout.split()) == ["out/connections.csv", "out/elements.csv"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["connections.csv", "elements.csv"]
