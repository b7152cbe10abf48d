"""Check, index and write entities and sources by column.

If several rows or tables describe the same id, the first description wins; the project's own files come first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

import polars as pl

from kg.bulk.blocks import Form, node
from kg.bulk.buckets import END
from kg.bulk.checks import FAULT, ID, text_faults
from kg.bulk.claims import Ledger
from kg.bulk.distinct_texts import Readings, is_read
from kg.bulk.names import PART, ROW
from kg.bulk.rdf_text import Piece, Writer, escaped, joined, whole
from kg.ingestion.world_rows import value_text
from kg.model.iris import KG, RDFS, iri
from kg.model.ontology import Ontology
from kg.model.terms import EntityType, Key, Record
from kg.model.world import ONE, Value, World

FISCAL_KEY = "fiscal-year-ends"
SOURCE = "source"  # the value kind of a key that names a source
Describe = Callable[[str], tuple[str, str]]  # an id to its name and the label of its type
ENTITY_INDEX = {
    "id": pl.String,
    "type": pl.String,
    "label": pl.String,
    "any": pl.Boolean,
    "one": pl.Boolean,
    "publisher": pl.String,
    "fiscal": pl.String,
}
SUBJECT = joined(":", pl.col("id"))
# Of a source: its last day of publication, and the texts of what decides where its claims come from.
TRACED = ("publisher", "published", "lang", "kind", "copy-of", "sha256")
SOURCE_INDEX = {"id": pl.String, "upper": pl.String, **dict.fromkeys(TRACED, pl.String)}


@dataclass(frozen=True)
class Records:
    """The checked records of one recipe, and the rejected rows (``.row``, ``.fault``)."""

    sound: pl.DataFrame
    rejects: pl.DataFrame


@dataclass(frozen=True)
class Told:
    """The records of a part, compressed: there can be many, and they are read twice."""

    part: int
    packed: bytes

    @property
    def frame(self) -> pl.DataFrame:
        """Return the records."""
        return pl.read_ipc_stream(BytesIO(self.packed))

    def where(self, ids: pl.DataFrame, how: Literal["semi", "anti"]) -> Told:
        """Return the records whose ids are in a frame (``semi``), or are not (``anti``)."""
        return packed(self.part, self.frame.join(ids, on="id", how=how, maintain_order="left"))


def packed(part: int, frame: pl.DataFrame) -> Told:
    """Compress records, without the columns of their readings."""
    keys = [key for key in frame.columns if "|" not in key and (not key.startswith(".") or key == ROW)]
    file = BytesIO()
    frame.select(keys).write_ipc_stream(file, compression="lz4")
    return Told(part, file.getvalue())


def world_index(world: World) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the entities and the sources in the project's own files, as an index each."""
    languages = ("en", *world.settings.languages)
    entities = [
        (
            e.id,
            e.type.notation,
            e.label(languages),
            e.stands_for_any,
            e.stands_for_one,
            *(_text(e.facts.get(key)) for key in ("publisher", FISCAL_KEY)),
        )
        for e in world.entities.values()
    ]
    sources = [
        (s.id, s.published.upper or None, *(_text(s.facts.get(key)) for key in TRACED)) for s in world.sources.values()
    ]
    return pl.DataFrame(entities, ENTITY_INDEX, orient="row"), pl.DataFrame(sources, SOURCE_INDEX, orient="row")


def _text(value: Value | None) -> str | None:
    return None if value is None else value_text(value)


def describer(ledger: Ledger) -> Describe:
    """Return a function that gives the name of an entity and the label of its type."""
    types = {notation: term.label() for notation, term in ledger.ontology.of(EntityType).items()}
    known = {
        id: (label, types[type_]) for id, type_, label in ledger.entities.select("id", "type", "label").iter_rows()
    }
    return known.__getitem__


def check_records(readings: Readings, frame: pl.DataFrame, keys: Mapping[str, Key], needed: Iterable[str]) -> Records:
    """Check records against their keys: required keys are present, and each text is readable.

    Whether there are the sources that they name is known once all are read: see ``unknown_sources``.
    """
    used = [key for key in keys.values() if key.notation in frame.columns and key.value_kind != SOURCE]
    for key in (key for key in used if is_read(key)):
        frame = readings.join(frame, key, ("fault", "upper"))
    missing = [
        pl.when(pl.col(key).is_null() if key in frame.columns else pl.lit(value=True)).then(
            pl.lit(f"KG108: '{key}' is missing")
        )
        for key in needed
    ]
    misformed = [fault for key in used for fault in text_faults(key)]
    bad_id = pl.when(pl.col("id").str.contains(ID).not_()).then(joined("KG111: '", pl.col("id"), "' is no id"))
    frame = frame.with_columns(pl.coalesce(bad_id, *missing, *misformed).alias(FAULT))
    fault = pl.col(FAULT)
    return Records(frame.filter(fault.is_null()), frame.filter(fault.is_not_null()).select(ROW, FAULT))


def unknown_sources(frame: pl.DataFrame, keys: Mapping[str, Key], known: pl.Series) -> pl.DataFrame:
    """Return the records that name a source whose id is not known: ``id``, ``.row`` and ``.fault``."""
    used = [key.notation for key in keys.values() if key.notation in frame.columns and key.value_kind == SOURCE]
    there = pl.concat([known, pl.Series(["unknown"])]).implode()
    wrong = (
        pl.when(~pl.col(key).is_in(there)).then(joined("KG104: unknown source '", pl.col(key), "'")) for key in used
    )
    return frame.select("id", ROW, pl.coalesce(*wrong, pl.lit(None, pl.String)).alias(FAULT)).drop_nulls(FAULT)


def index_entities(ledger: Ledger, frame: pl.DataFrame) -> pl.DataFrame:
    """Return entities as an index; the label is the name in the first language that has one, or any name, or the id."""
    there = _languages(ledger, frame)
    named = [name for name in dict.fromkeys(("en", *ledger.settings.languages, *there)) if name in there]
    number = pl.col("stands-for") if "stands-for" in frame.columns else pl.lit(None, pl.String)
    any_, one = (number == "any").fill_null(value=False), number.is_in(ONE).fill_null(value=False)
    publisher = _column(frame, "publisher")
    fiscal = _column(frame, FISCAL_KEY)
    return frame.select(
        "id", "type", label=pl.coalesce(*named, "id"), any=any_, one=one, publisher=publisher, fiscal=fiscal
    )


def index_sources(frame: pl.DataFrame) -> pl.DataFrame:
    """Return sources as an index."""
    return frame.select("id", pl.col("published|upper").alias("upper"), *(_column(frame, key) for key in TRACED))


def _column(frame: pl.DataFrame, key: str) -> pl.Expr:
    """Return the texts of a key, all null if no row has it."""
    return pl.col(key) if key in frame.columns else pl.lit(None, pl.String).alias(key)


def entity_blocks(ledger: Ledger, frame: pl.DataFrame, form: Form) -> pl.Series:
    """Return one block per entity."""
    writer, types = Writer(ledger), ledger.ontology.of(EntityType)
    words = [word for word in types if word in set(frame["type"].unique())]
    iris = [writer.short(iri(types[word].iri)) for word in words]
    label = writer.short(iri(RDFS + "label"))
    pieces: list[Piece] = [" a ", pl.col("type").replace_strict(words, iris, return_dtype=pl.String)]
    for language in _languages(ledger, frame):
        name = whole(f' ;\n    {label} "', escaped(pl.col(language)), f'"@{language}')
        pieces.append(name)
    keys = [key for word, key in ledger.ontology.keys("entity").items() if word != "type"]
    frame = _with_turtle(ledger, frame, keys)
    pairs = [*pieces, *writer.record_pairs(frame, keys)]
    return _written(frame, "graph:entities", pairs, form)


def source_blocks(ledger: Ledger, frame: pl.DataFrame, form: Form) -> pl.Series:
    """Return one block per source."""
    writer = Writer(ledger)
    own: Piece = f" a {writer.short(iri(KG + 'Source'))}"
    keys = ledger.ontology.keys("source").values()
    frame = _with_turtle(ledger, frame, keys)
    pairs = [own, *writer.record_pairs(frame, keys)]
    return _written(frame, SUBJECT, pairs, form)


def _written(frame: pl.DataFrame, graph: Piece, pairs: Iterable[Piece], form: Form) -> pl.Series:
    place = (pl.lit(None, pl.UInt16).alias(PART), pl.lit(None, pl.UInt64).alias(END))
    return form(frame.select(*place, *node("", graph, SUBJECT, joined(*pairs))))["block"]


def _with_turtle(ledger: Ledger, frame: pl.DataFrame, keys: Iterable[Key]) -> pl.DataFrame:
    for key in (key for key in keys if is_read(key) and key.notation in frame.columns):
        frame = ledger.readings.join(frame, key, ("turtle",))
    return frame


def _languages(ledger: Ledger, frame: pl.DataFrame) -> list[str]:
    keys = {"id", *ledger.ontology.keys("entity")}
    return sorted(column for column in frame.columns if len(column) == 2 and column not in keys)


def required(ontology: Ontology, record: str) -> list[str]:
    """Return the keys that a record must have."""
    return [key.notation for key in ontology.of(Record)[record].requires]
