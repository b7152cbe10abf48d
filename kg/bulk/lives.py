"""Find the far ends at which claims of tables meet the beginning or the end of an entity, wherever that is told.

An event that founds, launches or ends an entity bears on claims at other far ends, in other buckets. The far ends of
such claims, and of the event, are judged with the claim files, as one world.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import polars as pl

from kg.bulk.buckets import END, end_of
from kg.bulk.claim_objects import Objects
from kg.bulk.claims import Ledger
from kg.bulk.distinct_texts import ENTITIES
from kg.bulk.tables import LIVES, NEAR, TURNS, Tables
from kg.judging.runs import iso
from kg.judging.tellings import lives, tells_fact
from kg.model.world import World

TOUCHED = {END: pl.UInt64, "entity": pl.String}


def life_rows(ledger: Ledger, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the claims that tell a dated beginning or end of an entity."""
    words = [word for word, term in ledger.terms(frame).items() if term.begins or term.ends or term.launches]
    if "when" not in frame.columns or not words:
        return frame.clear()
    return frame.filter(pl.col(ledger.naming(frame)).is_in(words), pl.col("when").is_not_null())


def turns(tables: Tables, world: World) -> pl.DataFrame:
    """Return the beginnings and ends that claims state, of files and of tables: ``entity``, ``turn``, ``last`` day."""
    rows = [row for frame in tables.notes[LIVES] for row in frame.iter_rows(named=True)]
    told = Objects(tables.ledger, tables.clocks, rows).world(rows).claims
    base = f"{tables.ledger.settings.base}id/"
    found = [
        (life.entity.removeprefix(base), life.turn, iso(life.day[1]))
        for life in lives(filter(tells_fact, (*told, *world.claims)))
    ]
    return pl.DataFrame(found, TURNS, orient="row").unique()


def touched(ledger: Ledger, turned: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the far end of each claim that the beginning or end of an entity may bear on, and that entity.

    An end bears on every state, a beginning on what may begin before it, or of which only an end is told.
    """
    kind, words = ledger.kind(frame), ledger.terms(frame)
    if not turned.height:
        return pl.DataFrame(schema=TOUCHED)
    lowest = [pl.col(f"{key}|first") for key in ("when", "from") if key in frame.columns]
    frame = _with_first_days(ledger, frame)
    first = pl.coalesce(*lowest, "source|first")
    ended = [pl.col(key).is_not_null() for key in ("until",) if key in frame.columns]
    dated = [pl.col(key).is_null() for key in ("when", "from") if key in frame.columns]
    alone = pl.all_horizontal(*ended, *dated) if ended else pl.lit(value=False)
    launching = pl.col(ledger.naming(frame)).is_in([word for word, term in words.items() if term.needs_launch])
    timeless = pl.col(ledger.naming(frame)).is_in([word for word, term in words.items() if term.timeless])
    early = (first < pl.col("last")) | first.is_null() | alone
    late = pl.lit(value=not kind.remains) | (first > pl.col("last"))
    bears = pl.when(pl.col("turn") == "ended").then(late).otherwise(early)
    bears = bears & ~timeless & (launching | (pl.col("turn") != "launched"))
    turning = [word for word, term in words.items() if term.begins or term.ends or term.launches]
    itself = pl.col(ledger.naming(frame)).is_in(turning)
    found = [pl.DataFrame(schema=TOUCHED)]
    for key in (key for key in ledger.content(frame) if ledger.keys[key].value_kind in ENTITIES):
        met = bears & ~itself if key == "about" else bears
        found.append(frame.join(turned, left_on=key, right_on="entity").filter(met).select(END, entity=key))
    return pl.concat(found).unique()


def _with_first_days(ledger: Ledger, frame: pl.DataFrame) -> pl.DataFrame:
    """Add the first days that the dates of claims, and of the publication of their sources, allow."""
    sources = ledger.register(ledger.sources).join(frame, "source", ("published",))
    keys = [(ledger.keys[key], key) for key in ("when", "from") if key in frame.columns]
    for key, name in keys:
        sources = ledger.readings.join(sources, key, ("lower",)).rename({f"{name}|lower": f"{name}|first"})
    published = ledger.ontology.keys("source")["published"]
    read = sources.select(pl.col("source|published").alias("published"))
    first = ledger.readings.join(read, published, ("lower",))["published|lower"]
    return sources.with_columns(first.alias("source|first"))


def reach(tables: Tables, world: World, frames: Callable[[], Iterable[pl.DataFrame]]) -> None:
    """Add the far ends at which a beginning or end of an entity bears on claims to those of the front.

    ``frames`` yields the claims of tables; it is called only if such an event is on record.
    """
    tables.turned, ledger = turns(tables, world), tables.ledger
    if tables.turned.height:
        new = widen_front(tables, world, (touched(ledger, tables.turned, frame) for frame in frames()))
        there = (frame.filter(pl.col(END).is_in(new.implode())) for frame in frames())
        tables.notes[NEAR] += [frame for frame in there if frame.height]


def widen_front(tables: Tables, world: World, found: Iterable[pl.DataFrame]) -> pl.Series:
    """Add the far ends in the results of ``touched``, and those of the entities, to the front; return the new ones."""
    reached, turned = pl.concat([pl.DataFrame(schema=TOUCHED), *found]), tables.turned
    named = turned.filter(pl.col("entity").is_in([*world.mentions]))["entity"]
    entities = pl.concat([reached["entity"], named]).unique()
    ends = pl.concat([reached[END], entities.to_frame("far").select(end_of(pl.col("far")))[END]]).unique()
    new = ends.filter(~ends.is_in(tables.front.ends.implode()))
    tables.front = replace(tables.front, ends=pl.concat([tables.front.ends, new]))
    return new
