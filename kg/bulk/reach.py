"""Find the far ends at which claims meet claims at others: they are judged with the claim files, as one world.

What reaches so far: the beginning or end of an entity, and that another takes its place; a denial of everything of a
kind; figures of a part and of its whole; and a circle of owners.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import polars as pl

from kg.bulk.buckets import END, end_of
from kg.bulk.claim_objects import Objects, Row
from kg.bulk.claims import Ledger
from kg.bulk.distinct_texts import ENTITIES
from kg.bulk.names import PART
from kg.bulk.tables import LIVES, NEAR, PAIRS, TURNS, Tables
from kg.judging.conflict_ground import is_counted
from kg.judging.holdings import controlled, rings
from kg.judging.origins import OTHER_END
from kg.judging.runs import iso
from kg.judging.tellings import STATED, lives, tells_fact
from kg.model.terms import Modality
from kg.model.world import World, line_ends

TOUCHED = {END: pl.UInt64, "entity": pl.String}
JOINED = {"kind": pl.String, "near": pl.String, "far": pl.String}
COUNTED, OWNED = "counted", "owned"  # kinds of pairs: a part and its whole; an entity and who has its majority
TIMES = ("when", "from")


def life_rows(ledger: Ledger, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the claims that tell a dated beginning or end of an entity, or that another takes its place."""
    terms = ledger.terms(frame).items()
    words = [word for word, term in terms if term.begins or term.ends or term.launches or term.gives_way]
    days = [pl.col(key).is_not_null() for key in TIMES if key in frame.columns]
    if not days or not words:
        return frame.clear()
    return frame.filter(pl.col(ledger.naming(frame)).is_in(words), pl.any_horizontal(days))


def pairs(ledger: Ledger, frame: pl.DataFrame) -> pl.DataFrame:
    """Return what is counted in what, and whose majority is whose, by claims that assert it as a fact."""
    strong = [word for word, term in ledger.ontology.of(Modality).items() if term.verdict.iri == STATED]
    facts = frame.filter(pl.col("stance") == "asserts", pl.col("modality").is_in(strong))
    found, naming, kind = [pl.DataFrame(schema={PART: pl.UInt16, **JOINED})], ledger.naming(frame), ledger.kind(frame)
    for word, term in ledger.terms(frame).items():
        counted = kind.line_from if is_counted(ledger.ontology, term) else None
        for name, key in ((COUNTED, counted), (OWNED, term.controlled)):
            near, far = (key.notation, OTHER_END[key.notation]) if key else ("", "")
            if near in frame.columns and far in frame.columns:
                mine = facts.filter(pl.col(naming) == word)
                found.append(mine.select(PART, kind=pl.lit(name), near=near, far=far).drop_nulls())
    return pl.concat(found).unique().sort("kind", "near", "far")


def joined(tables: Tables, world: World) -> pl.DataFrame:
    """Return the pairs that claims of files and of tables assert: ``kind``, ``near`` and ``far`` end."""
    told, base = list[tuple[str, str, str]](), f"{tables.ledger.settings.base}id/"
    for said in (claim.proposition for claim in world.claims if tells_fact(claim)):
        if is_counted(tables.ledger.ontology, said.term) and (ends := line_ends(said)):
            told.append((COUNTED, ends[0].id, ends[1].id))
        if owned := controlled(said):
            told.append((OWNED, owned[0].removeprefix(base), owned[1].removeprefix(base)))
    frames = (frame.select(*JOINED) for frame in tables.notes[PAIRS])
    return pl.concat([pl.DataFrame(told, JOINED, orient="row"), *frames]).unique()


def turns(tables: Tables, world: World) -> pl.DataFrame:
    """Return the beginnings and ends that claims of files and tables state: ``entity``, ``turn``, ``last`` day.

    What is counted in something, or has something counted in it, is there as ``counted``.
    """
    rows = [row for frame in tables.notes[LIVES] for row in frame.iter_rows(named=True)]
    told = Objects(tables.ledger, tables.clocks, rows).world(rows).claims
    base = f"{tables.ledger.settings.base}id/"
    found: list[tuple[str, str, str]] = [
        (life.entity.removeprefix(base), life.turn, iso(life.day[1]))
        for life in lives(filter(tells_fact, (*told, *world.claims)))
    ]
    counted = joined(tables, world).filter(kind=COUNTED)
    found += [(id, COUNTED, "") for key in ("near", "far") for id in counted[key].unique().sort()]
    return pl.DataFrame(found, TURNS, orient="row").unique()


def touched(ledger: Ledger, turned: pl.DataFrame, wide: Iterable[pl.DataFrame], frame: pl.DataFrame) -> pl.DataFrame:
    """Return the far end of each claim on which something at another may bear, and the entity, if one is the reason.

    ``turned`` are the results of ``turns``, ``wide`` the denials that may cover claims at any far end.
    """
    found: list[pl.DataFrame] = [pl.DataFrame(schema=TOUCHED), *(_met(ledger, turned, frame) if turned.height else ())]
    anyone = ledger.entities.filter("any")["id"].to_list()
    for row in (row for denials in wide for row in denials.iter_rows(named=True)):
        if (covered := frame.filter(_covers(ledger, row, frame, anyone))).height:
            ends = pl.concat([covered[END], pl.Series(END, [row[END]], pl.UInt64)])
            found.append(ends.to_frame().with_columns(pl.lit(None, pl.String).alias("entity")))
    return pl.concat(found).unique()


def _covers(ledger: Ledger, denial: Row, frame: pl.DataFrame, anyone: Sequence[str]) -> pl.Expr:
    """Return whether a denial may cover a claim: it names the same entities, and the same or a narrower term."""
    naming, ontology = ledger.naming(frame), ledger.ontology
    if denial.get(naming) is None:
        return pl.lit(value=False)
    wide = ledger.readings.value(ledger.keys[naming], denial[naming])
    narrower = [w for w, term in ledger.terms(frame).items() if getattr(wide, "iri", "") in ontology.broader(term.iri)]
    same = [
        pl.col(key) == denial[key] if key in frame.columns else pl.lit(value=False)
        for key, term in ontology.keys("content").items()
        if term.value_kind in ENTITIES and denial.get(key) not in (None, *anyone)
    ]
    return pl.all_horizontal(pl.col(naming).is_in(narrower), pl.col("stance") == "asserts", *same)


def _met(ledger: Ledger, turned: pl.DataFrame, frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the far ends of claims that name an entity whose beginning, end or whole may bear on them, with the entity.

    An end bears on every state, a beginning on what may begin before it, or of which only an end is told; what is
    counted elsewhere, on figures.
    """
    kind, words = ledger.kind(frame), ledger.terms(frame)
    lowest = [pl.col(f"{key}|first") for key in TIMES if key in frame.columns]
    frame = _with_first_days(ledger, frame)
    first = pl.coalesce(*lowest, "source|first")
    ended = [pl.col(key).is_not_null() for key in ("until",) if key in frame.columns]
    dated = [pl.col(key).is_null() for key in TIMES if key in frame.columns]
    alone = pl.all_horizontal(*ended, *dated) if ended else pl.lit(value=False)
    launching = pl.col(ledger.naming(frame)).is_in([word for word, term in words.items() if term.needs_launch])
    timeless = pl.col(ledger.naming(frame)).is_in([word for word, term in words.items() if term.timeless])
    early = (first < pl.col("last")) | first.is_null() | alone
    late = pl.lit(value=not kind.remains) | (first > pl.col("last"))
    turn = pl.col("turn")
    bears = pl.when(turn == "ended").then(late).when(turn == "replaced").then(first > pl.col("last")).otherwise(early)
    bears = bears & ~timeless & (launching | (turn != "launched")) & (turn != COUNTED)
    turning = [word for word, term in words.items() if term.begins or term.ends or term.launches]
    itself = pl.col(ledger.naming(frame)).is_in(turning)
    for key in (key for key in ledger.content(frame) if ledger.keys[key].value_kind in ENTITIES):
        met = (bears & ~itself) | ((turn == COUNTED) & ("value" in frame.columns)) if key == "about" else bears
        yield frame.join(turned, left_on=key, right_on="entity").filter(met).select(END, entity=key)


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
    """Add the far ends at which claims meet those at others to those of the front.

    ``frames`` yields the claims of tables; it is called only if something on record may reach so far.
    """
    tables.turned, ledger = turns(tables, world), tables.ledger
    if may_reach(tables):
        found = (touched(ledger, tables.turned, tables.wide, frame) for frame in frames())
        new = widen_front(tables, world, found)
        there = (frame.filter(pl.col(END).is_in(new.implode())) for frame in frames())
        tables.notes[NEAR] += [frame for frame in there if frame.height]


def may_reach(tables: Tables) -> bool:
    """Return whether anything on record may reach claims at other far ends."""
    return bool(tables.turned.height or tables.wide or any(frame.height for frame in tables.notes[PAIRS]))


def widen_front(tables: Tables, world: World, found: Iterable[pl.DataFrame]) -> pl.Series:
    """Add the far ends in the results of ``touched``, and those of the entities, to the front; return the new ones."""
    reached, turned, told = pl.concat([pl.DataFrame(schema=TOUCHED), *found]), tables.turned, joined(tables, world)
    named = turned.filter(pl.col("entity").is_in([*world.mentions]))["entity"]
    entities = pl.concat([reached["entity"].drop_nulls(), named]).unique()
    wholes = told.filter(pl.col("near").is_in(entities.implode()), kind=COUNTED)["far"]
    owned = [tuple(pair) for pair in told.filter(kind=OWNED).select("near", "far").iter_rows()]
    owners = [id for ring in rings(owned, lambda pair: pair) for pair in ring for id in pair]
    far = pl.concat([entities, wholes, pl.Series(owners, dtype=pl.String)]).unique()
    ends = pl.concat([reached[END], far.to_frame("far").select(end_of(pl.col("far")))[END]]).unique()
    new = ends.filter(~ends.is_in(tables.front.ends.implode()))
    tables.front = replace(tables.front, ends=pl.concat([tables.front.ends, new]))
    return new
