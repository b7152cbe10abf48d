"""Tables to parts: a text of Turtle for each table, and what was rejected, in a folder of parts.

Two walks: rows to checked, named claims, sorted into buckets; then bucket by bucket to verdicts and text. A proposition
that several tables claim stands in the part of the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import polars as pl

from kg.columns.batches import read_batches
from kg.columns.checks import FAULT, find_faults
from kg.columns.claims import IDENTITY, Ledger, fill_defaults, join_known, join_readings, name_claims, put_in_order
from kg.columns.crew import in_order
from kg.columns.judging import Judged, judge
from kg.columns.mapping import FOLDER, Mapping, check_count
from kg.columns.readings import NOWHERE, Readings, is_read
from kg.columns.records import (
    ENTITY_INDEX,
    SOURCE_INDEX,
    check_records,
    index_entities,
    index_sources,
    required,
    world_index,
)
from kg.columns.rows import map_batch
from kg.columns.spill import BUCKET_ROWS, Spill
from kg.columns.text import Piece, Writer, add_sentences, joined, with_readings
from kg.iris import KG, Shortener, iri
from kg.model import Clocks, Ref, Settings, World
from kg.ontology import Ontology
from kg.rows import value_text
from kg.values import Scope
from kg.verdicts import VERDICT, Judge

ROW_BYTES = 90  # of a table on the disk, about; only the number of buckets depends on it
WRITTEN = 0  # the part of what stands in files of claims
PARTED = {"part": pl.UInt16, ".claim": pl.String}
READ = ("fault", "canonical", "lower", "upper", "duration")


@dataclass
class Tables:
    """What the tables of a project hold beside claims, and what the claims are held against.

    ``mappings`` are the parts after the first, which holds what stands in files of claims.
    """

    folder: Path
    mappings: list[Mapping]
    ledger: Ledger
    clocks: Clocks = field(default_factory=Clocks)
    entities: list[tuple[int, pl.DataFrame]] = field(default_factory=list)
    sources: list[tuple[int, pl.DataFrame]] = field(default_factory=list)
    rejects: list[pl.DataFrame] = field(default_factory=list)
    wide: list[pl.DataFrame] = field(default_factory=list)  # denials that may cover claims of any bucket
    written: list[pl.DataFrame] = field(default_factory=list)  # claims that stand in files of claims


@dataclass(frozen=True)
class Bucket:
    """What a bucket becomes: blocks (``part``, ``block``), and what it says of claims that stand in files of claims.

    ``verdicts`` are those of propositions that the tables bear upon, ``oppositions`` those across.
    """

    blocks: pl.DataFrame
    verdicts: pl.DataFrame
    oppositions: pl.DataFrame


def open_tables(folder: Path, mappings: list[Mapping], settings: Settings, ontology: Ontology) -> Tables:
    """Read the entities and sources of every table. Raises Fault where a table cannot be read."""
    readings = Readings(Scope(ontology, settings=settings), Shortener(settings.prefixes))
    nothing = pl.DataFrame(schema=ENTITY_INDEX), pl.DataFrame(schema=SOURCE_INDEX)
    tables = Tables(folder, mappings, Ledger(settings, ontology, readings, *nothing))
    for part, mapping in enumerate(mappings, 1):
        if mapping.entities or mapping.sources:
            for batch in read_batches(folder, mapping):
                _take_records(tables, part, mapping, batch)
    return tables


def join_world(tables: Tables, world: World) -> World:
    """Put what stands in files of claims before the tables; return that world at the clocks of both."""
    ledger = tables.ledger
    entities, sources = world_index(world)
    for records, known in ((tables.entities, entities), (tables.sources, sources)):
        records[:] = [(part, frame.join(known, on="id", how="anti", maintain_order="left")) for part, frame in records]
    ledger.entities = pl.concat([entities, ledger.entities.join(entities, on="id", how="anti")])
    ledger.sources = pl.concat([sources, ledger.sources.join(sources, on="id", how="anti")])
    known_by = world.clocks.known_by or str(ledger.sources["upper"].max() or "")
    tables.clocks = Clocks(as_of=world.clocks.as_of or known_by, known_by=known_by)
    ledger.sources = ledger.sources.filter(pl.col("upper") <= known_by)
    tables.sources = [(part, frame.filter(pl.col("published|upper") <= known_by)) for part, frame in tables.sources]
    scope = ledger.readings.scope
    scope.types.update({entity.id: entity.type for entity in world.entities.values()})
    scope.sources.update(dict.fromkeys(ledger.sources["id"].to_list(), NOWHERE))
    tables.written = written_frames(ledger, world)
    return replace(world, clocks=tables.clocks)


def written_frames(ledger: Ledger, world: World) -> list[pl.DataFrame]:
    """Return the claims of a world that nothing has ended as named claims, a frame for each kind of proposition."""
    retired = Judge(world).retired
    rows: dict[str, list[dict[str, str | int | None]]] = {}
    for number, claim in enumerate(world.claims):
        content = claim.proposition.content
        if claim.iri in retired or any(isinstance(v, Ref) and v.id not in world.entities for v in content.values()):
            continue  # a claim about claims stands alone
        said = {key: claim.facts[key] for key in (*IDENTITY, "evidence") if key in claim.facts}
        row = {key: value_text(value) for key, value in {**content, **said}.items()}
        rows.setdefault(claim.proposition.kind.notation, []).append({"row": number, "source": claim.source.id, **row})
    frames = []
    for mine in rows.values():
        keys = sorted({key for row in mine for key in row} - {"row"})
        frame = pl.DataFrame(
            [{key: row.get(key) for key in ("row", *keys)} for row in mine],
            {"row": pl.UInt32, **dict.fromkeys(keys, pl.String)},
        )
        frames.append(read_claims(ledger, frame)[0].with_columns(part=pl.lit(WRITTEN, pl.UInt16)))
    return frames


def _take_records(tables: Tables, part: int, mapping: Mapping, batch: pl.DataFrame) -> None:
    """Add what a batch tells of entities and sources that no row before told of."""
    rows, ledger = map_batch(mapping, batch), tables.ledger
    for frame in rows.entities:
        records = check_records(ledger.readings, frame, ledger.ontology.keys("entity"), ["type"])
        new = records.sound.join(ledger.entities, on="id", how="anti", maintain_order="left")
        ledger.entities = pl.concat([ledger.entities, index_entities(new, ledger.settings.languages)])
        tables.entities.append((part, new.drop("row")))
        _reject(tables, mapping, records.rejects)
    for frame in rows.sources:
        records = check_records(
            ledger.readings, frame, ledger.ontology.keys("source"), required(ledger.ontology, "source")
        )
        new = records.sound.join(ledger.sources, on="id", how="anti", maintain_order="left")
        ledger.sources = pl.concat([ledger.sources, index_sources(new)])
        tables.sources.append((part, new.drop("row")))
        _reject(tables, mapping, records.rejects)


def _reject(tables: Tables, mapping: Mapping, rejects: pl.DataFrame) -> None:
    if rejects.height:
        code, message = (pl.col(FAULT).str.extract(r"^(KG\d{3}): ([\s\S]*)$", group) for group in (1, 2))
        tables.rejects.append(
            rejects.select(table=pl.lit(f"{FOLDER}/{mapping.file}"), row="row", code=code, message=message)
        )


# ---------------------------------------------------------------- rows to claims


def spill_claims(tables: Tables, spill: Spill) -> None:
    """Read every table's claims, check and name them, and sort them into buckets."""
    for frame in tables.written:
        _spill(tables, spill, frame)
    for part, mapping in enumerate(tables.mappings, 1):
        if not mapping.claims:
            continue
        count = 0
        for rejects, claims in in_order(partial(_claims_of, tables, mapping), read_batches(tables.folder, mapping)):
            for rejected in rejects:
                _reject(tables, mapping, rejected)
            for frame in claims:
                count += frame.height
                _spill(tables, spill, frame.with_columns(part=pl.lit(part, pl.UInt16)))
        check_count(mapping, count)
    spill.close()


def _spill(tables: Tables, spill: Spill, frame: pl.DataFrame) -> None:
    """Put claims into their buckets; denials that may cover what stands in other buckets are kept besides."""
    spill.add(frame)
    ends = [end for end in ("target", "object", "about") if end in frame.columns]
    anyone = tables.ledger.entities.filter("any")["id"].to_list()
    open_ = pl.coalesce(ends).is_null() | pl.coalesce(ends).is_in(anyone) if ends else pl.lit(value=True)
    if (wide := frame.filter(open_, stance="denies")).height:
        tables.wide.append(wide)


def _claims_of(tables: Tables, mapping: Mapping, batch: pl.DataFrame) -> tuple[list[pl.DataFrame], list[pl.DataFrame]]:
    """Return the rejects and the claims of a batch."""
    rows = map_batch(mapping, batch)
    unfit = rows.unfit.select("row", pl.concat_str("code", pl.lit(": "), "message").alias(FAULT))
    claims, rejects = zip(*(read_claims(tables.ledger, frame) for frame in rows.claims), strict=True)
    return [unfit, *rejects], [*claims]


def read_claims(ledger: Ledger, frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows of a frame that are claims, named, and those that are none (``row``, ``.fault``)."""
    keys = ledger.present(frame)
    frame = join_readings(ledger, join_known(ledger, frame), [key for key in keys if is_read(ledger.keys[key])], READ)
    frame = find_faults(ledger, frame)
    fault = pl.col(FAULT)
    rejects = frame.filter(fault.is_not_null()).select("row", FAULT)
    sound = fill_defaults(ledger, frame.filter(fault.is_null()) if rejects.height else frame)
    named = name_claims(ledger, put_in_order(ledger, sound))
    kept = [column for column in named.columns if column.startswith(".") and column != FAULT]
    spoken = ["source|lang"] if any(ledger.keys[key].flag("inSourceLanguage") for key in keys) else []
    return named.select("row", "source", *ledger.present(named), *kept, *spoken), rejects


def bucket_count(folder: Path, mappings: Iterable[Mapping]) -> int:
    """Return into how many buckets the claims are sorted, by the size of the tables."""
    sizes = ((folder / FOLDER / m.file, len(m.claims)) for m in mappings)
    rows = (
        sum(path.stat().st_size * (8 if path.suffix == ".gz" else 1) * claims for path, claims in sizes if claims)
        / ROW_BYTES
    )
    return max(1, round(rows / BUCKET_ROWS))


# ---------------------------------------------------------------- buckets to text


def bucket_blocks(tables: Tables, frames: list[pl.DataFrame], wide: list[pl.DataFrame]) -> Bucket:
    """Return a bucket's blocks, each part's sorted by subject: entities, claims, propositions."""
    frames = _without_doubles(frames)
    judged = judge(tables.ledger, frames, wide)
    links, claims, propositions = [], [_opposing(tables, frames, wide, judged)], []
    seen = pl.DataFrame(schema={".proposition": pl.String})
    for frame in frames:
        owned = frame.unique(".proposition", keep="first", maintain_order=True).join(
            seen, on=".proposition", how="anti"
        )
        seen = pl.concat([seen, owned.select(".proposition")])
        links.append(shortcut_blocks(tables, owned, judged))
        claims.append(claim_blocks(tables, frame.filter(pl.col("part") != WRITTEN), judged))
        propositions.append(proposition_blocks(tables, owned.filter(pl.col("part") != WRITTEN), judged))
    once = pl.concat(links).sort("key", "part").unique("key", keep="first", maintain_order=True)
    ordered = [once.sort("part", "key"), *(pl.concat(kind).sort("part", "key") for kind in (claims, propositions))]
    blocks = pl.concat(ordered).filter(pl.col("part") != WRITTEN).select("part", "block")
    return Bucket(blocks, *_of_written(frames, wide, judged))


def _opposing(tables: Tables, frames: list[pl.DataFrame], wide: list[pl.DataFrame], judged: Judged) -> pl.DataFrame:
    """Return a block for each opposition of a denial that stands in another bucket."""
    short = tables.ledger.readings.shortener.turtle
    here = pl.concat([frame.select(".claim") for frame in frames])
    elsewhere = pl.concat([pl.DataFrame(schema=PARTED), *(frame.select("part", ".claim") for frame in wide)])
    pairs = elsewhere.unique(".claim").join(here, on=".claim", how="anti").join(judged.oppositions, on=".claim")
    block = joined("claim:", pl.col(".claim"), f" {short(iri(KG + 'opposes'))} claim:", pl.col("against"), " .\n")
    return pairs.select("part", key=".claim", block=block)


def _of_written(
    frames: list[pl.DataFrame], wide: list[pl.DataFrame], judged: Judged
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the verdicts that tables bear upon of propositions in files of claims, and the oppositions across."""
    parted = pl.concat([frame.select("part", ".claim", ".proposition") for frame in (*frames, *wide)])
    written, tabled = (parted.filter(pl.col("part") == WRITTEN), parted.filter(pl.col("part") != WRITTEN))
    mine, theirs = written.select(".claim").unique(), tabled.select(".claim").unique()
    across = pl.concat(
        judged.oppositions.join(one, on=".claim", how="semi").join(
            other, left_on="against", right_on=".claim", how="semi"
        )
        for one, other in ((mine, theirs), (theirs, mine))
    )
    against = across.join(written, left_on="against", right_on=".claim").select(".proposition")
    touched = pl.concat([written.select(".proposition").join(tabled, on=".proposition", how="semi"), against]).unique()
    return judged.verdicts.join(touched, on=".proposition", how="semi"), across


def _without_doubles(frames: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """Return claims once each: rows of one source that say the same are one claim."""
    kept: list[pl.DataFrame] = []
    for frame in frames:
        once = frame.sort("part", "row").unique(".claim", keep="first", maintain_order=True)
        for other in kept:
            once = once.join(other.select(".claim"), on=".claim", how="anti", maintain_order="left")
        kept.append(once)
    return kept


def claim_blocks(tables: Tables, frame: pl.DataFrame, judged: Judged) -> pl.DataFrame:
    """Return a block for each claim, with what it opposes."""
    ledger = tables.ledger
    frame = with_readings(ledger, frame)
    pieces: list[Piece] = ["claim:", pl.col(".claim"), *Writer(ledger).claim_pairs(frame)]
    if judged.oppositions.height:
        against = judged.oppositions.group_by(".claim").agg(
            pl.concat_str(pl.lit("claim:"), "against").sort().str.join(" , ").alias("opposes")
        )
        frame = frame.join(against, on=".claim", how="left", maintain_order="left")
        pieces.append(
            pl.when(pl.col("opposes").is_not_null()).then(
                joined(f" ;\n    {ledger.readings.shortener.turtle(iri(KG + 'opposes'))} ", pl.col("opposes"))
            )
        )
    return frame.select("part", key=".claim", block=joined(*pieces, " .\n"))


def proposition_blocks(tables: Tables, frame: pl.DataFrame, judged: Judged) -> pl.DataFrame:
    """Return a block for each proposition, with its verdict and the shortcuts that it yields."""
    ledger = tables.ledger
    frame = add_sentences(ledger, with_readings(ledger, frame))
    frame = frame.join(judged.verdicts, on=".proposition", how="left", maintain_order="left")
    writer = Writer(ledger)
    verdicts = {word: writer.short(iri(f"{VERDICT}{word}")) for word in ledger.ontology.terms("Verdict")}
    pieces = ["prop:", pl.col(".proposition"), *writer.proposition_pairs(frame), writer.predicate("verdict")]
    pieces.append(pl.col("verdict").replace_strict(list(verdicts), list(verdicts.values()), return_dtype=pl.String))
    yields = {
        w: "".join(f"{writer.predicate('yields')}{p}" for p in ps) for w, ps in _shortcuts(ledger, frame).items() if ps
    }
    if yields:
        pieces.append(pl.when(_yielding(tables)).then(ledger.term_expr(frame, yields)))
    return frame.select("part", key=".proposition", block=joined(*pieces, " .\n"))


def shortcut_blocks(tables: Tables, frame: pl.DataFrame, judged: Judged) -> pl.DataFrame:
    """Return a block for each shortcut that some proposition yields."""
    ledger = tables.ledger
    properties = {word: ps for word, ps in _shortcuts(ledger, frame).items() if ps}
    naming = ledger.naming(frame)
    joinable = frame.select("part", naming, ".proposition", ".near", ".far", ".lower", ".upper").join(
        judged.verdicts, on=".proposition", how="left", maintain_order="left"
    )
    yielding = joinable.filter(_yielding(tables), pl.col(naming).is_in(list(properties)))
    singles = yielding.with_columns(
        predicate=pl.col(naming).replace_strict(
            list(properties), list(properties.values()), default=None, return_dtype=pl.List(pl.String)
        )
    ).explode("predicate")
    block = joined(":", pl.col(".near"), " ", pl.col("predicate"), " :", pl.col(".far"), " .\n")
    return singles.select("part", key=block, block=block)


def _yielding(tables: Tables) -> pl.Expr:
    """Tell whether a proposition is stated, has two ends, and holds at the as-of day."""
    day = tables.clocks.as_of
    begun, lasts = pl.col(".lower") <= day, pl.col(".upper") >= day
    ends = pl.col(".near").is_not_null() & pl.col(".far").is_not_null()
    return (pl.col("verdict") == "stated") & ends & begun.fill_null(value=True) & lasts.fill_null(value=True)


def _shortcuts(ledger: Ledger, frame: pl.DataFrame) -> dict[str, list[str]]:
    """Return the properties of shortcuts, as Turtle, by term: its own and those of every broader one."""
    ontology, short = ledger.ontology, ledger.readings.shortener.turtle
    return {
        word: list(
            dict.fromkeys(
                short(iri(p)) for broader in ontology.broader(term.iri) for p in ontology.term(broader).all("shortcut")
            )
        )
        for word, term in ledger.terms(frame).items()
    }
