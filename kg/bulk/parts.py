"""Turn tables into parts: one Turtle text per table, and the rejected rows, in a folder of parts.

There are two passes: the first checks and names the claims of rows and partitions them into buckets; the second turns
each bucket into verdicts and text. A proposition that several tables claim is in the part of the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import log2
from pathlib import Path

import polars as pl

from kg.bulk.batches import read_batches
from kg.bulk.blocks import Form, claim_nodes, corroboration_nodes, proposition_nodes, shortcut_nodes
from kg.bulk.buckets import BUCKET_ROWS, END, Spill, far_end
from kg.bulk.checks import FAULT, find_faults
from kg.bulk.claims import (
    IDENTITY,
    Ledger,
    fill_defaults,
    join_known,
    join_readings,
    name_claims,
    put_in_order,
    tell_fiscal_years,
)
from kg.bulk.distinct_texts import NOWHERE, Readings, is_read
from kg.bulk.entities import (
    ENTITY_INDEX,
    SOURCE_INDEX,
    check_records,
    index_entities,
    index_sources,
    packed,
    required,
    unknown_sources,
    world_index,
)
from kg.bulk.front import front_of, note, wide_denials
from kg.bulk.judging import Beyond, judge
from kg.bulk.mapped_rows import map_batch
from kg.bulk.names import PART, ROW
from kg.bulk.tables import NOTES, Tables
from kg.bulk.threads import in_order
from kg.files.progress import track
from kg.ingestion.checking.values import Scope
from kg.ingestion.mapping import FOLDER, Mapping, check_count
from kg.ingestion.reading.frames import ROWS
from kg.ingestion.world_rows import value_text
from kg.judging.opposition import denies
from kg.judging.verdicts import Judge
from kg.model.iris import Shortener
from kg.model.ontology import Ontology
from kg.model.terms import EntityType
from kg.model.world import Clocks, Ref, Settings, World

ROW_BYTES = 90  # approximate size of a table row on disk; only the number of buckets depends on it
TEMPLATE = ".template"  # index of the mapping's claim that a row became
Batch = tuple[int, pl.DataFrame]  # the part's number, and rows of its table
READ = ("fault", "canonical", "lower", "upper", "duration")


@dataclass(frozen=True)
class Bucket:
    """The result of a bucket: blocks (``.part``, ``.end``, ``block``) in each form, its claims with ``.verdict``."""

    blocks: list[pl.DataFrame]
    claims: list[pl.DataFrame]


def read_records(folder: Path, mappings: list[Mapping], settings: Settings, ontology: Ontology) -> Tables:
    """Read the entities and sources of every table. Raises Fault if a table cannot be read."""
    readings = Readings(Scope(ontology, settings=settings), Shortener(settings.prefixes))
    nothing = pl.DataFrame(schema=ENTITY_INDEX), pl.DataFrame(schema=SOURCE_INDEX)
    tables = Tables(folder, mappings, Ledger(settings, ontology, readings, *nothing))
    for part, mapping in enumerate(mappings, 1):
        if mapping.entities or mapping.sources:
            for batch in read_batches(folder, mapping, report=tables.report):
                _take_records(tables, part, mapping, batch)
    return tables


def join_world(tables: Tables, world: World) -> Tables:
    """Return the tables with the records of the claim files put first, and the world's clocks."""
    ledger = tables.ledger
    entities, sources = world_index(world)
    for records, known in ((tables.entities, entities), (tables.sources, sources)):
        records[:] = [told.where(known, "anti") for told in records]
    ledger.entities = pl.concat([entities, ledger.entities.join(entities, on="id", how="anti")])
    ledger.sources = pl.concat([sources, ledger.sources.join(sources, on="id", how="anti")])
    _reject_unknown(tables)
    tables.asked = world.clocks
    known_by = world.clocks.known_by or str(ledger.sources["upper"].max() or "")
    tables.clocks = Clocks(as_of=world.clocks.as_of or known_by, known_by=known_by)
    ledger.sources = ledger.sources.filter(pl.col("upper") <= known_by)
    tables.sources = [told.where(ledger.sources, "semi") for told in tables.sources]
    scope = ledger.readings.scope
    scope.types.update(documents(ledger))
    scope.types.update({entity.id: entity.type for entity in world.entities.values()})
    scope.sources.update(dict.fromkeys(ledger.sources["id"].to_list(), NOWHERE))
    tables.front = front_of(world, wide_in_files(ledger, world))
    return tables


def _reject_unknown(tables: Tables) -> None:
    """Reject the records that name a source that nothing describes, then those that name these."""
    ledger, found = tables.ledger, True
    while found:
        papers = ledger.entities.filter(type="source")["id"]
        known, found = pl.concat([ledger.sources["id"], papers]), False
        for records, layer in ((tables.entities, "entity"), (tables.sources, "source")):
            for place, told in enumerate(records):
                wrong = unknown_sources(told.frame, ledger.ontology.keys(layer), known)
                if wrong.height:
                    found, records[place] = True, told.where(wrong, "anti")
                    _reject(tables.rejects, tables.mappings[told.part - 1], wrong.drop("id"))
                    ledger.entities = ledger.entities.join(wrong, on="id", how="anti", maintain_order="left")
                    ledger.sources = ledger.sources.join(wrong, on="id", how="anti", maintain_order="left")


def documents(ledger: Ledger) -> dict[str, EntityType]:
    """Return the types of the entities of tables that are documents, which a claim may have been read in."""
    types = ledger.ontology.of(EntityType)
    return {id: types[word] for id, word in ledger.entities.filter(type="source").select("id", "type").iter_rows()}


def wide_in_files(ledger: Ledger, world: World) -> list[pl.DataFrame]:
    """Return the denials of claim files that may cover claims at any far end, as named claims of the part 0."""
    judge = Judge(world)
    rows: dict[str, list[dict[str, str | int | None]]] = {}
    for number, claim in enumerate(claim for claim in judge.current if denies(claim)):
        content = claim.proposition.content
        if any(isinstance(v, Ref) and v.id not in world.entities for v in content.values()):
            continue  # a claim about claims has no far end
        said = {key: claim.facts[key] for key in (*IDENTITY, "evidence") if key in claim.facts}
        row = {key: value_text(value) for key, value in {**content, **said}.items()} | dict(claim.wording)
        rows.setdefault(claim.proposition.kind.notation, []).append({ROW: number, "source": claim.source.id, **row})
    frames = []
    for mine in rows.values():
        keys = sorted({key for row in mine for key in row} - {ROW})
        frame = pl.DataFrame(
            [{key: row.get(key) for key in (ROW, *keys)} for row in mine],
            {ROW: pl.UInt32, **dict.fromkeys(keys, pl.String)},
        )
        frames.append(wide_denials(ledger, read_claims(ledger, _placed(frame, 0, 0))[0]))
    return [frame for frame in frames if frame.height]


def _take_records(tables: Tables, part: int, mapping: Mapping, batch: pl.DataFrame) -> None:
    """Add the entities and sources of a batch that no earlier row described."""
    rows, ledger = map_batch(mapping, batch), tables.ledger
    tables.doubts.add(mapping, rows.doubtful)
    for frame in rows.entities:
        records = check_records(ledger.readings, frame, ledger.ontology.keys("entity"), ["type"])
        new = records.sound.join(ledger.entities, on="id", how="anti", maintain_order="left")
        ledger.entities = pl.concat([ledger.entities, index_entities(ledger, new)])
        tables.entities.append(packed(part, new))
        _reject(tables.rejects, mapping, records.rejects)
    for frame in rows.sources:
        records = check_records(
            ledger.readings, frame, ledger.ontology.keys("source"), required(ledger.ontology, "source")
        )
        new = records.sound.join(ledger.sources, on="id", how="anti", maintain_order="left")
        ledger.sources = pl.concat([ledger.sources, index_sources(new)])
        tables.sources.append(packed(part, new))
        _reject(tables.rejects, mapping, records.rejects)


def _reject(into: list[pl.DataFrame], mapping: Mapping, rejects: pl.DataFrame) -> None:
    if rejects.height:
        code, message = (pl.col(FAULT).str.extract(r"^(KG\d{3}): ([\s\S]*)$", group) for group in (1, 2))
        into.append(rejects.select(table=pl.lit(f"{FOLDER}/{mapping.file}"), row=ROW, code=code, message=message))


# ---------------------------------------------------------------- rows to claims


def spill_claims(tables: Tables, spill: Spill) -> None:
    """Read every table's claims, check and name them, and partition them into buckets."""
    tables.notes = {name: [] for name in NOTES}
    tables.unfit.clear()
    tables.counts = {mapping.name: 0 for mapping in tables.mappings if mapping.claims}
    for rejects, claims in in_order(partial(claims_of, tables), _gathered(_tracked(tables))):
        tables.unfit += rejects
        for part, frame in claims:
            tables.counts[tables.mappings[part - 1].name] += frame.height
            _spill(tables, spill, frame, part)
    spill.flush()
    for mapping in tables.mappings:
        check_count(mapping, tables.counts.get(mapping.name, 0))


def _tracked(tables: Tables) -> Iterator[Batch]:
    """Yield the batches of the tables that make claims, and show the progress."""
    for part, mapping in enumerate(tables.mappings, 1):
        if mapping.claims:
            batches, rows = read_batches(tables.folder, mapping, report=tables.report), tables.rows.get(mapping.name, 0)
            what = f"reading {mapping.file}"
            for batch in track(batches, what, total=rows, unit="rows", size=lambda batch: batch.height):
                yield part, batch


def _gathered(batches: Iterable[Batch]) -> Iterator[list[Batch]]:
    """Yield small batches together, up to the size of a large one."""
    held, rows = list[Batch](), 0
    for part, batch in batches:
        if held and rows + batch.height > ROWS:
            yield held
            held, rows = [], 0
        held.append((part, batch))
        rows += batch.height
    if held:
        yield held


def _spill(tables: Tables, spill: Spill, frame: pl.DataFrame, part: int) -> None:
    """Add claims to their buckets, and note what others need to know of them."""
    spill.add(frame, part)
    for name, noted in note(tables, frame):
        tables.notes[name] += [noted] if noted.height else []


def claims_of(tables: Tables, batches: Iterable[Batch]) -> tuple[list[pl.DataFrame], list[Batch]]:
    """Return the rejects of some batches, and their claims as one frame per part and template.

    Rows of one form are read together across parts, because most steps take as long for few rows as for many.
    """
    rejects, forms = list[pl.DataFrame](), dict[tuple[str, ...], list[tuple[int, int, pl.DataFrame]]]()
    for part, batch in batches:
        rows = map_batch(tables.mappings[part - 1], batch)
        unfit = rows.unfit.select(ROW, pl.concat_str("code", pl.lit(": "), "message").alias(FAULT))
        _reject(rejects, tables.mappings[part - 1], unfit)
        for template, frame in enumerate(rows.claims):
            forms.setdefault(tuple(frame.columns), []).append((part, template, _placed(frame, part, template)))
    found = dict[tuple[int, int], pl.DataFrame]()
    for mine in forms.values():
        claims, unclaimed = read_claims(tables.ledger, pl.concat(frame for _, _, frame in mine))
        found |= _split(claims, [(part, template) for part, template, _ in mine])
        for (part,), rejected in unclaimed.partition_by(PART, as_dict=True).items():
            _reject(rejects, tables.mappings[part - 1], rejected)
    return rejects, [(part, found[part, template]) for part, template in sorted(found)]


def _split(claims: pl.DataFrame, places: list[tuple[int, int]]) -> dict[tuple[int, int], pl.DataFrame]:
    """Return claims by part and template; some may have none."""
    if len(places) == 1:
        return {places[0]: claims}
    split = claims.partition_by(PART, TEMPLATE, as_dict=True, maintain_order=True)
    return {place: split.get(place, claims.clear()) for place in places}


def _placed(frame: pl.DataFrame, part: int, template: int) -> pl.DataFrame:
    return frame.with_columns(pl.lit(template, pl.UInt8).alias(TEMPLATE), pl.lit(part, pl.UInt16).alias(PART))


def read_claims(ledger: Ledger, frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows of a frame that are claims, named, and the rejected rows (``.row``, ``.fault``)."""
    frame = tell_fiscal_years(ledger, frame)
    keys, placed = ledger.present(frame), [column for column in (TEMPLATE, PART) if column in frame.columns]
    frame = join_readings(ledger, join_known(ledger, frame), [key for key in keys if is_read(ledger.keys[key])], READ)
    frame = find_faults(ledger, frame)
    fault = pl.col(FAULT)
    rejects = frame.filter(fault.is_not_null()).select(ROW, FAULT, *placed)
    sound = fill_defaults(ledger, frame.filter(fault.is_null()) if rejects.height else frame)
    named = name_claims(ledger, put_in_order(ledger, sound))
    named = named.with_columns(far_end(named))
    kept = [column for column in named.columns if column.startswith(".") and column not in (ROW, FAULT, TEMPLATE, PART)]
    spoken = ["source|lang"] if any(ledger.keys[key].in_source_language for key in keys) else []
    return named.select(ROW, "source", *ledger.present(named), *kept, *spoken, *placed), rejects


def bucket_count(folder: Path, mappings: Iterable[Mapping]) -> int:
    """Return the number of buckets for the size of the tables: a power of two.

    So a table that grows a little keeps the number, and with it the order of the blocks in every part.
    """
    sizes = ((folder / FOLDER / m.file, len(m.claims)) for m in mappings)
    rows = (
        sum(path.stat().st_size * (8 if path.suffix == ".gz" else 1) * claims for path, claims in sizes if claims)
        / ROW_BYTES
    )
    return 1 << max(0, round(log2(max(rows, 1) / BUCKET_ROWS)))


# ---------------------------------------------------------------- buckets to text


def bucket_blocks(tables: Tables, beyond: Beyond, frames: list[pl.DataFrame], forms: Sequence[Form]) -> Bucket:
    """Return a bucket's blocks in some forms, sorted by subject within each part: entities, claims, propositions."""
    judged = judge(tables.ledger, beyond, _without_doubles(frames, tables.front.claims))
    ledger, links, propositions = tables.ledger, [], []
    seen = [tables.front.propositions.alias(".proposition").to_frame()]
    for frame in judged.claims:
        mine = frame.unique(".proposition", keep="first", maintain_order=True)
        for other in seen:
            mine = mine.join(other, on=".proposition", how="anti", maintain_order="left")
        seen.append(mine.select(".proposition"))
        links.append(shortcut_nodes(ledger, mine))
        propositions.append(proposition_nodes(ledger, mine))
    once = pl.concat(links).sort("key", PART).unique("key", keep="first", maintain_order=True)
    once = pl.concat([once, corroboration_nodes(judged.claims, judged.shared)])
    claims = [claim_nodes(ledger, frame) for frame in judged.claims]
    nodes = (once, pl.concat(claims), pl.concat(propositions))
    texts = [pl.concat(_by_subject(form(some)) for some in nodes).select(PART, END, "block") for form in forms]
    return Bucket(texts, judged.claims)


def _by_subject(blocks: pl.DataFrame) -> pl.DataFrame:
    """Sort blocks by part, then by subject, in two steps: one sort by two columns takes twice as long."""
    ordered = blocks.sort("key", maintain_order=True)
    return ordered if ordered[PART].is_sorted() else ordered.sort(PART, maintain_order=True)


def _without_doubles(frames: list[pl.DataFrame], known: pl.Series) -> list[pl.DataFrame]:
    """Return each claim once: rows of one source that say the same are one claim. Leave out those of claim files."""
    kept = [known.alias(".claim").to_frame()]
    for frame in frames:
        place = frame.select(pl.col(PART).cast(pl.UInt64) * 2**32 + pl.col(ROW)).to_series()
        once = frame if place.is_sorted() else frame.sort(place, maintain_order=True)
        if once[".claim"].n_unique() < once.height:
            once = once.unique(".claim", keep="first", maintain_order=True)
        for other in kept:
            once = once.join(other.select(".claim"), on=".claim", how="anti", maintain_order="left")
        kept.append(once)
    return kept[1:]
