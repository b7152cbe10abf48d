"""Public test suites for the readers: never a traceback, always a place, and what is read is what was written."""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
import yaml

import kg
from kg.files.cells import defuse
from kg.graph.loading import check_files
from kg.ingestion.reading import Fault, Node, compose, parse_csv
from kg.model.iris import XSD
from kg.rdf.triples import trig, turtle
from projects import SHARED, make_project, source

SUITES = SHARED / "suites"
ABSENT = "not here: shared/suites, a folder beside the repository"
needs_suites = pytest.mark.skipif(not SUITES.is_dir(), reason=ABSENT)

# ---------------------------------------------------------------- yaml-test-suite

# What libyaml takes although YAML 1.2 forbids it, and where it reads another text: the library's own, known deviations.
TAKEN = {
    "2G84-2", "2G84-3", "9C9N-0", "9JBA-0", "CVW2-0", "DK95-1", "G5U8-0", "MUS6-0", "MUS6-2", "MUS6-3", "MUS6-4",
    "QB6E-0", "S98Z-0", "SU5Z-0", "X4QW-0", "Y79Y-2", "Y79Y-3", "YJV2-0",
}  # fmt: skip
READ_OTHERWISE = {"652Z-0", "HM87-1", "JEF9-2", "L24T-1"}
# What YAML offers beyond plain data, refused here on purpose.
ON_PURPOSE = ("tags such as", "anchors and aliases", "a second document")
# Sound YAML of which libyaml cannot read every case: directives, tabs, empty keys, flow over lines.
REFUSED_BY_LIBYAML = 48


def cases() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each case of the suite with its name; a file's later cases inherit from its first."""
    for path in sorted((SUITES / "yaml-test-suite" / "src").glob("*.yaml")):
        first, *more = yaml.safe_load(path.read_text("utf-8"))
        for number, case in enumerate([first, *more]):
            if "yaml" in case:
                yield f"{path.stem}-{number}", {**first, **case}


def plain(text: str) -> str:
    """Return a text of the suite without the marks that make blanks visible."""
    text = re.sub("—*»", "\t", text.replace("␣", " "))
    return text.replace("⇔", "\ufeff").replace("←", "\r").replace("↵", "").replace("∎\n", "")


def scalars(node: Node | None) -> Iterator[str]:
    """Yield the texts of a tree in the order of the file."""
    if node is not None and node.text is not None:
        yield node.text
    elif node is not None:
        for child in (*(node.members or ()), *(part for pair in node.pairs or () for part in pair)):
            yield from scalars(child)


def expected_scalars(tree: str) -> list[str]:
    """Return the texts that the suite expects, their escapes resolved."""
    values = (line.strip()[len("=VAL ") + 1 :] for line in tree.splitlines() if line.strip().startswith("=VAL"))
    marks = {"n": "\n", "t": "\t", "b": "\b", "r": "\r", "\\": "\\"}
    return [re.sub(r"\\(.)", lambda match: marks[match[1]], plain(value)) for value in values]


@needs_suites
def test_yaml_test_suite() -> None:
    """Each of the suite's cases is refused at a place inside it, or read as the suite says."""
    counts, refused = Counter[str](), Counter[str]()
    for name, case in cases():
        text = plain(case["yaml"])
        try:
            read = list(scalars(compose(text, "x.yaml")))
        except Fault as fault:
            place = fault.problem.location
            assert 1 <= place.line <= text.count("\n") + 2, name
            assert place.column >= 1, name
            counts["refused, rightly" if case.get("fail") else "refused"] += 1
            refused[next((words for words in ON_PURPOSE if words in str(fault)), "libyaml")] += not case.get("fail")
            continue
        if case.get("fail"):
            assert name in TAKEN
            counts["taken, wrongly"] += 1
        else:
            assert (read == expected_scalars(case["tree"])) == (name not in READ_OTHERWISE), name
            counts["read as the suite says" if name not in READ_OTHERWISE else "read otherwise"] += 1
    print(f"yaml-test-suite: {dict(counts)}; refused: {dict(refused)}")
    assert counts["refused, rightly"] == 87
    assert counts["read as the suite says"] == 180
    assert refused["libyaml"] <= REFUSED_BY_LIBYAML


# ---------------------------------------------------------------- csv-spectrum


@needs_suites
@pytest.mark.parametrize("name", sorted(path.stem for path in (SUITES / "csv-spectrum" / "csvs").glob("*.csv")))
def test_csv_spectrum(name: str) -> None:
    """Each table reads as the suite's own JSON says."""
    with (SUITES / "csv-spectrum" / "csvs" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = parse_csv(file.read(), "x.csv")
    wanted = json.loads((SUITES / "csv-spectrum" / "json" / f"{name}.json").read_text("utf-8"))
    read = [{top.text: cell.text for top, cell in zip(header, row, strict=True)} for row in rows]
    if name == "newlines_crlf":  # its file has a bare line feed inside the quotes, its JSON both
        wanted = [{key: text.replace("\r\n", "\n") for key, text in row.items()} for row in wanted]
    assert read == wanted


# ---------------------------------------------------------------- naughty strings


def naughty() -> list[str]:
    """Return the big list of naughty strings; those of blanks only say nothing."""
    texts = json.loads((SUITES / "naughty-strings" / "blns.json").read_text("utf-8")) if SUITES.is_dir() else []
    return [text for text in texts if text.strip()]


def tabled(folder: Path, texts: list[str]) -> Path:
    """Make a project with each text as a name, another name, a note, a source's own term, and a source's title."""
    entities = [["id", "type", "en", "aka"], ["paper", "media", "The Paper", ""], ["boss", "person", "The Boss", ""]]
    sources = [["id", "title", "publisher", "published"]]
    claims = [["source", "subject", "relation", "object", "note", "term"]]
    for number, text in enumerate(texts):
        safe = defuse(text)
        entities.append([f"firm-{number}", "firm", safe, "" if "|" in text else safe])
        sources.append([f"s-{number}", safe, "paper", "2021"])
        claims.append(
            [f"s-{number}", f"firm-{number}", "subsidiary-of", f"firm-{(number + 1) % len(texts)}", safe, safe]
        )
    make_project(folder)
    (folder / "entities.yaml").unlink()
    for name, rows in (("entities.csv", entities), ("sources.csv", sources), ("claims/all.csv", claims)):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    return folder


@needs_suites
def test_naughty_strings_in_every_text_field(tmp_path: Path) -> None:
    """Each string is refused at its place, or is in the graph as it was written, and in every syntax of RDF."""
    texts = naughty()
    kept = []
    for number, text in enumerate(texts):
        problems = check_files(tabled(tmp_path / f"{number}", [text, "another"]))
        errors = [problem for problem in problems if problem.severity == "error"]
        assert all(problem.code in ("KG010", "KG012") and problem.location.column > 1 for problem in errors), text
        kept += [] if errors else [text]
    graph = kg.load(tabled(tmp_path / "kept", kept))
    names = {entity.names["en"] for id, entity in graph.world.entities.items() if id.startswith("firm-")}
    assert len(kept) >= 480
    assert len(graph.world.claims) == len(kept)
    assert len(names) >= len(set(kept)) * 0.95  # NFC and trimming make a few of them one
    read = graph.to_rdflib()
    assert len(read) == len(graph.quads)
    print(f"naughty strings: {len(kept)} of {len(texts)} taken as they are, the others refused at their places")


@needs_suites
def test_naughty_strings_as_yaml(tmp_path: Path) -> None:
    """Each string, unquoted in a row and as a whole file, is read or told at a place."""
    outcomes = Counter[str]()
    for number, text in enumerate(naughty()):
        row = source("s1", "2021-05", f"subject: a, relation: subsidiary-of, object: b, note: {text}")
        for whole in (row, text):
            folder = make_project(tmp_path / f"{number}-{len(whole)}", claims__s1_yaml=whole)
            problems = check_files(folder)
            assert all(problem.location.line >= 1 for problem in problems if problem.location.file.endswith("s1.yaml"))
            outcomes["told" if any(problem.severity == "error" for problem in problems) else "read"] += 1
    print(f"naughty strings in YAML: {dict(outcomes)}")
    assert min(outcomes["told"], outcomes["read"]) > 100


# ---------------------------------------------------------------- rdf-tests: what we write, others read

WRITERS = {"turtle": (turtle, "TURTLE"), "trig": (trig, "TRIG")}


def rdf_files() -> list[Path]:
    """Return the W3C's RDF 1.1 documents that an engine reads."""
    return sorted(path for path in (SUITES / "rdf-tests" / "rdf").rglob("*.*") if path.suffix in (".ttl", ".trig", ".nt", ".nq"))  # fmt: skip


@needs_suites
def test_what_is_written_is_read_as_it_was() -> None:
    """Every triple of the W3C's documents, written by our writers, is read back as the same triple."""
    documents, triples = 0, 0
    for path in rdf_files():
        try:
            read = list(pyoxigraph.parse(path=str(path), base_iri="http://example.org/base/"))
        except SyntaxError:
            continue  # a negative case of the suite
        named = [quad for quad in read if "_:" not in str(quad)]
        quads = sorted({("<http://example.org/g>", *map(str, quad.triple)) for quad in named})
        prefixes = {
            "": "http://example.org/base/",
            "a": "http://a.example/",
            "xsd": XSD,
            "ex": "http://example.org/ns#",
        }
        for write, form in WRITERS.values():
            text = write(quads, prefixes)
            again = pyoxigraph.parse(text.encode(), getattr(pyoxigraph.RdfFormat, form))
            assert sorted({tuple(map(str, quad.triple)) for quad in again}) == [quad[1:] for quad in quads], path.name
        documents, triples = documents + 1, triples + len(quads)
    print(f"rdf-tests: {triples} triples of {documents} documents written and read back")
    assert documents > 500
