"""A project whose rows carry a recognisable value under each key of the ontology, and every surface that shows claims.

The rows are generated from the ontology, so that a new key gets its row by itself. A surface is a list of texts: its
lines, cells or values.
"""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from xml.etree import ElementTree

import polars as pl

import kg
from kg.commands.inquiry import explanation_lines
from kg.model.dates import read_date
from kg.model.ontology import Ontology
from kg.model.sentences import in_words
from kg.model.terms import EntityType, Key, Kind
from kg.reports.grids import TIMELINE_FORMS
from projects import SETTINGS
from serving import running

TEXT = b"The source says so.\n"
DIGEST = hashlib.sha256(TEXT).hexdigest()
BASES = {  # by kind: the row to which a key is added
    "participation": "agent: a-{0}, role: supplier, target: t-{0}",
    "relation": "subject: a-{0}, relation: subsidiary-of, object: b-{0}",
    "event": "agent: a-{0}, event: share-purchase, about: b-{0}",
    "figure": "about: b-{0}, measure: units-sold, value: 6543 vehicles",
}
INSTEAD = {"parties": "event: merger, parties: v-parties|w-parties", "re": "re: of-re, said-by: a-re"}
MODALITIES = {"by": "planned", "plan-of": "planned", "if": "conditional"}
FIXED = {  # by kind of value: what is written, and the forms in which it may be shown
    "source": ("s3", "s3", "Third document"),
    "locator": ("par37", "par37", "paragraph 37"),
    "language": ("de", "de"),
    "sha256": (DIGEST, DIGEST),
    "path": ("texts/s2.txt", "texts/s2.txt"),
}
TERMS = {"modality": "expected", "stance": "declines", "evidence": "registry", "kind": "dataset"}
QUANTITIES = {"value": ("6543 vehicles", "6543"), "share": ("37.5%", "37.5")}
IDS = {"claim": "the-handle", "source": "s2"}


@dataclass(frozen=True)
class Example:
    """A key with a row that has it, and the forms in which its value may be shown."""

    layer: str
    key: str
    written: str
    row: str
    forms: tuple[str, ...]


def examples(ontology: Ontology) -> list[Example]:
    """Return an example for each key of claims and sources."""
    found = []
    for layer in ("content", "claim", "source"):
        for number, (name, key) in enumerate(ontology.keys(layer).items()):
            written, *forms = _value(ontology, layer, key, number)
            row = "" if layer == "source" else _row(ontology, key, written)
            found.append(Example(layer, name, written, row, tuple(forms)))
    return found


def _row(ontology: Ontology, key: Key, written: str) -> str:
    name = key.notation
    if name in INSTEAD:
        return INSTEAD[name]
    takes = {kind.notation for kind in ontology.of(Kind).values() if kind.iri in key.key_of}
    base = next(row for kind, row in BASES.items() if kind in takes or not takes).format(name)
    if f"{name}: " in base:
        row = re.sub(rf"\b{name}: [^,]*", f"{name}: {written}", base)
    else:
        row = f"{base}, {name}: {written}"
    return f"{row}, modality: {MODALITIES[name]}" if name in MODALITIES else row


def _value(ontology: Ontology, layer: str, key: Key, number: int) -> tuple[str, ...]:
    """Return a value that a key takes, and the forms in which it may be shown; ``=`` begins a form that is a whole text."""
    name, kind = key.notation, key.value_kind
    year = 2021 if layer == "source" else 2010 + number % 7
    day = f"{year}-0{1 + number % 9}-1{number % 10}"
    if kind == "term":
        wanted = re.search(rf"\b{name}: ([\w-]+)", " ".join(BASES.values()))
        terms = ontology.terms(key.term_class)
        term = terms[TERMS.get(name) or (wanted[1] if wanted else list(terms)[-1])]
        return term.notation, term.notation, term.label(), term.reads
    if kind == "choice":
        choice = key.choices[-1]
        return (
            choice,
            f"={choice}",
            f'"{choice}"',
            *filter(None, [key.readings().get(choice) or f"{key.reads} {choice}"]),
        )
    if kind in ("date", "interval"):
        return day, day, in_words(read_date(day))
    if kind == "quantity":
        return QUANTITIES[name][0], *QUANTITIES[name]
    plain = {
        **dict.fromkeys(("entity", "entities", "entity-or-claim"), f"v-{name}"),
        **dict.fromkeys(("claim", "claims"), f"of-{name}"),
        **{"id": IDS.get(layer, ""), "url": f"https://example.org/{name}", "text": f"words of {name}"},
    }
    if kind in plain:
        return plain[kind], plain[kind], f"Value of {name}"
    return FIXED[kind]  # a kind of value that has no example yet is a KeyError


def write_project(folder: Path, ontology: Ontology) -> None:
    """Write the examples as a project: the claims in the source ``s2``, the claims that they refer to in ``s1``."""
    found = examples(ontology)
    for name in ("claims", "texts"):
        (folder / name).mkdir(parents=True)
    (folder / "texts" / "s2.txt").write_bytes(TEXT)
    (folder / "kg.yaml").write_text(SETTINGS, "utf-8")
    sources = {one.key: one.written for one in found if one.layer == "source"}
    head = ", ".join(f"{key}: {text}" for key, text in sources.items())
    rows = [re.sub(": of-", ": s1/of-", one.row) for one in found if one.row]
    (folder / "claims" / "s2.yaml").write_text(f"source: {{{head}}}\nclaims:\n{_lines(rows)}", "utf-8")
    answered = [one.written for one in found if one.written.startswith("of-")]
    first = [f"id: {id}, agent: a-{id}, role: retailer, target: t-{id}" for id in answered]
    head = "id: s1, title: First document, publisher: paper, published: 2009"
    (folder / "claims" / "s1.yaml").write_text(f"source: {{{head}}}\nclaims:\n{_lines(first)}", "utf-8")
    types = {one.key: _type(ontology, key) for one in found if (key := ontology.row_keys.get(one.key))}
    types["publisher"] = "media"
    (folder / "entities.yaml").write_text("".join(_entities(types, " ".join([*rows, *first, *sources.values()]))))


def _lines(rows: list[str]) -> str:
    return "".join(f"- {{{row}}}\n" for row in rows)


def _type(ontology: Ontology, key: Key) -> str:
    """Return a type of entity that a key takes."""
    if key.notation in ("subject", "object", "about", "target"):
        return "model" if key.notation == "target" else "firm"
    fitting = [t.notation for t in ontology.of(EntityType).values() if ontology.is_a(t.iri, (key.range,))]
    return next(iter(fitting), "firm")


def _entities(types: Mapping[str, str], text: str) -> Iterator[str]:
    yield "paper: {type: media, en: The Paper}\ns3: {type: source, en: Third document, publisher: paper, published: 2009}\n"
    for id in sorted(set(re.findall(r"\b[abtvw]-[a-z-]+", text))):
        letter, _, name = id.partition("-")
        type_ = {"t": "model", "a": "firm", "b": "firm"}.get(letter) or types[name]
        yield (
            f"{id}: {{type: {type_}, en: Value of {name}}}\n"
            if letter == "v"
            else f"{id}: {{type: {type_}, en: Entity {id}}}\n"
        )


# ---------------------------------------------------------------- surfaces


def surfaces(folder: Path) -> dict[str, list[str]]:
    """Return the texts of each surface, of the project in ``folder``."""
    graph = kg.load(folder)
    network = graph.to_networkx()
    ids = [proposition.iri.rpartition("/")[2] for proposition in graph.world.propositions]
    whys = [told for id in ids for told in graph.why(id).explanations]
    return {
        "rdf": str(graph.export("nquads")).splitlines(),
        "why": [line for told in whys for line in explanation_lines(told)],
        "timeline": [
            line for id in graph.world.entities for line in TIMELINE_FORMS["table"](graph.timeline(id)).splitlines()
        ],
        "page": [*_page(graph.view())],
        "server": [*_server(graph, ids)],
        "json": [text for told in whys for text in leaves(asdict(told))],
        "frame": _frame(graph.export("parquet")),
        "csv": [cell for text in _files(graph, "csv", ".csv") for cell in _cells(text, ",")],
        "xlsx": _workbook(graph.export("xlsx")),
        "networkx": [str(value) for *_, data in network.edges(data=True) for value in data.values()],
        "graphml": [text for edge in _edges(graph, "graphml") for text in edge.itertext()],
        "gexf": [text for edge in _edges(graph, "gexf") for part in edge.iter() for text in part.attrib.values()],
        "kgx": [cell for text in _files(graph, "kgx", "edges.tsv") for cell in _cells(text, "\t")],
        "kumu": [cell for text in _files(graph, "kumu", "connections.csv") for cell in _cells(text, ",")],
    }


def leaves(value: object) -> Iterator[str]:
    """Yield the texts and numbers in a value of JSON."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        yield from (leaf for member in value for leaf in leaves(member))
    else:
        yield str(value)


def _page(page: str) -> Iterator[str]:
    """Yield the texts of the facts in a page, without its legend."""
    found = re.search(r'<script type="application/json" id="kg-view">(.*?)</script>', page, re.S)
    assert found
    view = json.loads(found[1])
    for name in ("facts", "asides", "sources", "usual"):
        yield from leaves(view[name])


def _server(graph: kg.Graph, ids: list[str]) -> Iterator[str]:
    """Yield the lines of the pages of propositions and sources, without markup."""
    with running(graph=graph) as it:
        for path in (*(f"/proposition/{id}.html" for id in ids), *(f"/id/{id}.html" for id in graph.world.sources)):
            reply = it.get(path)
            assert reply.status == 200, path
            main = reply.text.partition("<main")[2]
            yield from (html.unescape(re.sub(r"<[^>]*>", " ", line)) for line in main.splitlines())


def _edges(graph: kg.Graph, form: str) -> list[ElementTree.Element]:
    """Return the edges of a network in XML."""
    root = ElementTree.fromstring(str(graph.export(form)))  # noqa: S314 -- our own file
    return [part for part in root.iter() if part.tag.endswith("}edge")]


def _frame(content: object) -> list[str]:
    assert isinstance(content, bytes)
    return [str(value) for row in pl.read_parquet(io.BytesIO(content)).rows() for value in row if value is not None]


def _files(graph: kg.Graph, form: str, ending: str) -> list[str]:
    written = graph.export(form)
    assert isinstance(written, dict)
    return [str(text) for name, text in written.items() if name.endswith(ending)]


def _cells(text: str, delimiter: str) -> list[str]:
    """Return the cells of a table below its header."""
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    return [cell for row in rows[1:] for cell in row]


def _workbook(content: object) -> list[str]:
    assert isinstance(content, bytes)
    strings = zipfile.ZipFile(io.BytesIO(content)).read("xl/sharedStrings.xml").decode()
    return [html.unescape(text) for text in re.findall(r"<t[^>]*>([^<]*)<", strings)]


def is_shown(forms: tuple[str, ...], texts: list[str]) -> bool:
    """Return whether a value is in one of the texts as a word of its own, in one of its forms."""
    whole = {form[1:] for form in forms if form[0] == "="}
    parts = [form for form in forms if form[0] != "="]
    words = (rf"(?<![\w-]){re.escape(form)}" if form[0].isalnum() else re.escape(form) for form in parts)
    pattern = re.compile("|".join(rf"(?:{word})(?![\w-])" for word in words))
    return any(text in whole or pattern.search(text) for text in texts)
