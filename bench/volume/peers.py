"""What each peer does: prepared tables to one file of RDF. Runs in the peer's own environment."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any


def rows(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    """Yield subject, predicate, kind of object and object of every prepared triple."""
    for name, table in json.loads((folder / "tables.json").read_text("utf-8")).items():
        with (folder / name).open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            next(reader)
            for subject, value in reader:
                yield subject, table["predicate"], table["kind"], value


def by_rdflib(folder: Path, output: Path) -> None:
    """Build a graph and serialize it."""
    from rdflib import Graph, Literal, URIRef

    graph = Graph()
    for subject, predicate, kind, value in rows(folder):
        node: Any = URIRef(value) if kind == "iri" else None
        if kind.startswith("@"):
            node = Literal(value, lang=kind[1:])
        elif node is None:
            node = Literal(value, datatype=None if kind.endswith("#string") else URIRef(kind[2:]), normalize=False)
        graph.add((URIRef(subject), URIRef(predicate), node))
    graph.serialize(output, format="turtle")


def by_pyoxigraph(folder: Path, output: Path) -> None:
    """Stream triples into the serializer."""
    import pyoxigraph as ox

    def triples() -> Iterator[ox.Triple]:
        for subject, predicate, kind, value in rows(folder):
            node: Any
            if kind == "iri":
                node = ox.NamedNode(value)
            elif kind.startswith("@"):
                node = ox.Literal(value, language=kind[1:])
            else:
                node = ox.Literal(value, datatype=ox.NamedNode(kind[2:]))
            yield ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), node)

    with output.open("wb") as file:
        ox.serialize(triples(), file, ox.RdfFormat.TURTLE)


def by_maplib(folder: Path, output: Path) -> None:
    """Map a frame for each predicate with a template."""
    import polars as pl
    from maplib import Model

    model = Model()
    for number, (name, table) in enumerate(json.loads((folder / "tables.json").read_text("utf-8")).items()):
        frame = pl.read_csv(folder / name, infer_schema=False)
        kind = table["kind"]
        tail = "" if kind == "iri" else kind if kind.startswith("@") else f"^^<{kind[2:]}>"
        if kind.endswith("#date"):
            frame = frame.with_columns(pl.col("o").str.to_date())
        if kind.startswith("@"):
            frame = frame.with_columns(tagged(kind[1:]))
        model.add_template(document(number, table["predicate"], tail))
        model.map(f"https://example.org/template/t{number}", frame)
    model.write(str(output), format="turtle")


def tagged(language: str) -> Any:  # noqa: ANN401 - a frame's expression
    """Return the objects as literals of a language."""
    import polars as pl

    text = pl.col("o").alias("<http://www.w3.org/1999/02/22-rdf-syntax-ns#langString>")
    return pl.struct(text, pl.lit(language).alias("l")).alias("o")


def document(number: int, predicate: str, tail: str) -> str:
    """Return a template in OTTR: the object is an IRI, or a literal of one type or language."""
    types = {"": "ottr:IRI", "@en": "rdf:langString"}
    object_ = types.get(tail, tail.removeprefix("^^"))
    return f"""@prefix : <https://example.org/template/> . @prefix ottr: <http://ns.ottr.xyz/0.4/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
:t{number} [ ottr:IRI ?s, {object_} ?o ] :: {{ ottr:Triple(?s, <{predicate}>, ?o) }} ."""


def by_morph(folder: Path, output: Path) -> None:
    """Run RML mappings, one for each predicate."""
    import morph_kgc

    mapping = write_mapping(folder)
    config = f"[CONFIGURATION]\noutput_file: {output}\nlogging_level: ERROR\n[source]\nmappings: {mapping}\n"
    morph_kgc.materialize_to_file(config) if hasattr(morph_kgc, "materialize_to_file") else write_set(
        morph_kgc, config, output
    )


def write_set(morph_kgc: Any, config: str, output: Path) -> None:  # noqa: ANN401 - a library without types
    """Write the set of triples that the engine returns."""
    with output.open("w", encoding="utf-8") as file:
        file.writelines(f"{triple} .\n" for triple in morph_kgc.materialize_set(config))


def by_rdfizer(folder: Path, output: Path) -> None:
    """Run RML mappings, one for each predicate."""
    sys.modules["pyodbc"] = ModuleType("pyodbc")  # wants a library of the system, for databases that are not asked here
    from rdfizer.semantify import semantify

    config = folder / "rdfizer.ini"
    config.write_text(
        f"[datasets]\nnumber_of_datasets: 1\noutput_folder: {output.parent}\nall_in_one_file: no\n"
        "remove_duplicate: yes\nenrichment: yes\noutput_format: n-triples\nordered: yes\nlarge_file: false\n"
        f"name: {output.stem}\n[dataset1]\nname: {output.stem}\nmapping: {write_mapping(folder)}\n",
        "utf-8",
    )
    semantify(str(config))


def write_mapping(folder: Path) -> Path:
    """Write the RML mapping of all prepared tables."""
    tables = json.loads((folder / "tables.json").read_text("utf-8"))
    mapping = folder / "mapping.ttl"
    mapping.write_text(RML_HEAD + "".join(rml(folder / name, table) for name, table in tables.items()), "utf-8")
    return mapping


RML_HEAD = """@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix rml: <http://semweb.mmlab.be/ns/rml#> .
@prefix ql: <http://semweb.mmlab.be/ns/ql#> .
"""


def rml(path: Path, table: dict[str, str]) -> str:
    """Return the mapping of one table."""
    kind = table["kind"]
    what = "rr:termType rr:IRI" if kind == "iri" else f'rr:language "{kind[1:]}"' if kind.startswith("@") else ""
    if not what:
        what = "rr:termType rr:Literal" if kind.endswith("#string") else f"rr:datatype <{kind[2:]}>"
    return f"""<#{path.stem}> rml:logicalSource [ rml:source "{path}" ; rml:referenceFormulation ql:CSV ] ;
  rr:subjectMap [ rml:reference "s" ; rr:termType rr:IRI ] ;
  rr:predicateObjectMap [ rr:predicate <{table["predicate"]}> ; rr:objectMap [ rml:reference "o" ; {what} ] ] .
"""


WAYS: dict[str, Callable[[Path, Path], None]] = {
    "rdflib": by_rdflib,
    "pyoxigraph": by_pyoxigraph,
    "maplib": by_maplib,
    "morph-kgc": by_morph,
    "sdm-rdfizer": by_rdfizer,
}

if __name__ == "__main__":
    WAYS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
