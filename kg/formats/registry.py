"""List every export format by name, with what it keeps and what it drops.

A format is one entry of ``FORMATS``. Its writer takes a checked graph and returns text, bytes, or, for a folder, a dict
of file name to either. *Full* means that importing the file again gives the same entities, sources and claims.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kg.formats.jsonld import jsonld
from kg.formats.neighbour_exports import kgx, kumu
from kg.formats.tabular import csv_tables, jsonl_tables, xlsx_workbook
from kg.formats.xml import gexf, graphml, rdfxml
from kg.ingestion.world_rows import Tables, world_tables
from kg.model.errors import UsageError
from kg.model.ontology import nearest
from kg.rdf.triples import Quad, nquads, ntriples, trig, turtle

if TYPE_CHECKING:
    import networkx as nx

    from kg.judging.verdicts import Judgement
    from kg.model.world import World

Output = str | bytes | dict[str, str | bytes]


class Exportable(Protocol):
    """The parts of a graph that a writer can use."""

    @property
    def world(self) -> World:
        """Return the checked project with nothing left out."""

    @property
    def judgements(self) -> Mapping[str, Judgement]:
        """Return the judgements by proposition."""

    @property
    def quads(self) -> list[Quad]:
        """Return the RDF as quads."""

    @property
    def prefixes(self) -> Mapping[str, str]:
        """Return the prefixes of the project."""

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """Return the network of the picture."""


@dataclass(frozen=True, slots=True)
class Format:
    """An export format: its name, file extension (or ``folder``), whether it is lossless, and which tools open it."""

    name: str
    extension: str
    full: bool
    keeps: str
    drops: str
    opens_in: str
    write: Callable[[Exportable], Output]
    takes_flat: bool = False

    @property
    def is_folder(self) -> bool:
        """Return whether the format is several files."""
        return self.extension == "folder"

    @property
    def extent(self) -> str:
        """Return ``full`` if everything is kept, else ``lossy``."""
        return "full" if self.full else "lossy"


def _rdf(name: str, extension: str, write: Callable[[Exportable], str], drops: str, opens_in: str) -> Format:
    keeps = f"every triple{'' if drops else ' and its graph'}, those of own terms too"
    return Format(name, extension, True, keeps, drops, opens_in, write, takes_flat=True)


_UNION = "which graph a triple stands in (its source says the same)"
_PICTURE = (
    "the picture: entities of which something is said, a line per hop with its sentence, verdict, qualifiers, days, "
    "and each key of its proposition and claims"
)
_ROWS = "every row of claims, entities and sources, the settings, own terms of the ontology"
_MADE_AGAIN = "what is made again from the rows: verdicts and shortcuts"
_UNDRAWN = (
    "figures and other propositions without two ends; which claim says what; sources but by their ids; "
    "what own terms mean"
)
_LINKS = "every entity with its names; each claim that asserts or denies a link of two, with each of its keys"
_UNLINKED = "other claims (figures, no comment, an end unnamed); sources but by their ids; what own terms mean"


def _picture(name: str, extension: str, write: Callable[[Exportable], Output], opens_in: str) -> Format:
    return Format(name, extension, False, _PICTURE, _UNDRAWN, opens_in, write)


def _rows(name: str, extension: str, write: Callable[[Tables], Output], opens_in: str) -> Format:
    return Format(name, extension, True, _ROWS, _MADE_AGAIN, opens_in, lambda g: write(world_tables(g.world)))


_CLAIMS = "every claim as a row: its names, verdict, days, file and row, and each key of a claim file as text"
_UNCLAIMED = "what entities and sources are but by their ids; own terms of the ontology; the settings"


def _parquet(graph: Exportable) -> bytes:
    from kg.bulk.claims_table import claims_parquet  # imported late: Polars takes a tenth of a second

    return claims_parquet(graph.world, graph.judgements)


_ALL = (
    _rdf("turtle", ".ttl", lambda g: turtle(g.quads, g.prefixes), _UNION, "every RDF tool"),
    _rdf("trig", ".trig", lambda g: trig(g.quads, g.prefixes), "", "RDF stores, rdflib, serdi"),
    _rdf("nquads", ".nq", lambda g: nquads(g.quads), "", "RDF stores, rdflib, serdi; grep and diff"),
    _rdf("ntriples", ".nt", lambda g: ntriples(g.quads), _UNION, "every RDF tool; grep and diff"),
    _rdf(
        "jsonld", ".jsonld", lambda g: jsonld(g.quads, g.world.settings.base, g.world.ontology), "", "RDF stores; JSON"
    ),
    _rdf("rdfxml", ".rdf", lambda g: rdfxml(g.quads, g.prefixes), _UNION, "Protégé, older RDF tools"),
    _rows("csv", "folder", lambda t: {**csv_tables(t)}, "spreadsheets, pandas; a project as it is"),
    _rows("xlsx", ".xlsx", xlsx_workbook, "Excel, LibreOffice, openpyxl"),
    _rows("jsonl", "folder", lambda t: {**jsonl_tables(t)}, "jq, pandas, databases; a project as it is"),
    Format("parquet", ".parquet", False, _CLAIMS, _UNCLAIMED, "DuckDB, Polars, pandas, Spark", _parquet),
    _picture("graphml", ".graphml", lambda g: graphml(g.to_networkx()), "Gephi, yEd, Cytoscape, igraph, NetworkX"),
    _picture("gexf", ".gexf", lambda g: gexf(g.to_networkx()), "Gephi (with its time line), NetworkX"),
    Format("kgx", "folder", False, _LINKS, _UNLINKED, "KGX, Biolink tools", lambda g: {**kgx(g.world, g.judgements)}),
    _picture("kumu", "folder", lambda g: {**kumu(g.to_networkx(), g.world)}, "Kumu, spreadsheets"),
)
FORMATS: Mapping[str, Format] = {entry.name: entry for entry in _ALL}


def find_format(name: str, *, flat: bool = False) -> Format:
    """Return a format by name. Raises UsageError if it is unknown, or, with ``flat``, if it has no triples."""
    if name not in FORMATS:
        near = nearest(name, FORMATS)
        raise UsageError(
            f"no format '{name}'; " + (f"did you mean '{near}'?" if near else f"there are {', '.join(FORMATS)}")
        )
    if flat and not FORMATS[name].takes_flat:
        takers = ", ".join(entry.name for entry in FORMATS.values() if entry.takes_flat)
        raise UsageError(f"'{name}' has no one-hop triples; {takers} have")
    return FORMATS[name]


def format_lines() -> list[str]:
    """Return a line per format: name, extension, full or lossy, what it keeps and what it drops."""
    widths = [max(len(cell) for cell in column) for column in zip(*map(_cells, FORMATS.values()), strict=True)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(_cells(entry), widths, strict=True)), _told(entry)])
        for entry in FORMATS.values()
    ]


def _cells(entry: Format) -> tuple[str, str, str]:
    return entry.name, entry.extension, entry.extent


def _told(entry: Format) -> str:
    return f"keeps {entry.keeps}" + (f"; drops {entry.drops}" if entry.drops else "")
