"""Write the outputs of a project with tables: one part of Turtle per table, the graph, claims as Parquet.

``graph.ttl`` is the text of the claim files, then the parts in the order of their names. Memory does not grow with the
tables.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import IO

import polars as pl

from kg.bulk.blocks import Form, as_trig, as_turtle
from kg.bulk.buckets import Fragments, Spill
from kg.bulk.build_state import keep
from kg.bulk.entities import Describe, describer, entity_blocks, source_blocks
from kg.bulk.front import judge_front
from kg.bulk.judging import Beyond
from kg.bulk.names import PART
from kg.bulk.parquet import ClaimFiles, count_mentions
from kg.bulk.part_files import FOLDER as PARTS
from kg.bulk.part_files import RECORDS, PartFiles, Sink, append, pour_blocks, write_texts
from kg.bulk.parts import Bucket, bucket_blocks, bucket_count, spill_claims
from kg.bulk.patches import TRIG, TURTLE
from kg.bulk.reach import reach
from kg.bulk.tables import REJECTED, Tables
from kg.bulk.threads import in_order
from kg.files.outputs import staged, write_files
from kg.files.progress import track
from kg.files.project import BUILT, KEPT, tell_size
from kg.ingestion.reading import Fault
from kg.model.errors import CheckError, RejectedError
from kg.model.world import World
from kg.rdf.triples import Quad, ontology_quads, said_quads, trig, trig_head, turtle_head

REJECTS = "rejects.csv"
PAGE = "graph.html"
CLAIM_FILES = "claims/*/*.parquet"
# From the number of claims, that of those that name each entity, a name and a type for each id, and a summary.
Page = Callable[[int, Mapping[str, int], Describe, str], str | None]
SPILL = "spill"


def write_volume(
    tables: Tables,
    world: World,
    folder: Path,
    *,
    ontology: str,
    warnings: Sequence[str] = (),
    allow_rejects: bool = False,
    page: Page | None = None,
) -> list[Path]:
    """Write all outputs of a build into a folder, or none; return their paths.

    ``page`` returns the text of ``graph.html``, if one is wanted. The state for the next build is kept beside the
    outputs, with the warnings. Raises CheckError if a table cannot be read or
    does not have the expected counts, ProjectError if a file cannot be written.
    """
    with staged(folder, instead_of=BUILT) as stage:
        try:
            spill, texts, claims = open_spill(tables, stage / KEPT), part_files(tables, stage), ClaimFiles(tables)
            for parts in texts:
                parts.begin()
            derived = pour(tables, world, spill, [(parts.form, parts.add) for parts in texts], claims.take)
        except Fault as fault:
            raise CheckError([fault.problem]) from None
        if not allow_rejects:
            refuse_rejects(tables, folder)
        claims.write(spill, stage)
        quads, prefixes = {*said_quads(world), *derived}, world.settings.prefixes
        heads = [head(quads, prefixes).encode() for head in (turtle_head, trig_head)]
        for parts, head in zip(texts, heads, strict=True):
            concatenate(stage / parts.graph, head, parts.paths)
        write_rejects(stage, tables.rejected())
        (stage / "ontology.ttl").write_text(ontology, "utf-8")
        if page:
            write_page(tables, world.mentions, len(world.claims), sorted(stage.glob(CLAIM_FILES)), page, stage)
        keep(tables, world, spill, texts, heads=[len(head) for head in heads], warnings=warnings)
        return written_files(stage, folder)


def write_page(
    tables: Tables, mentions: Mapping[str, int], written: int, files: Iterable[Path], page: Page, stage: Path
) -> bool:
    """Write ``graph.html`` and return True, or return False if ``page`` gives no text.

    ``mentions`` counts the claims by entity of the ``written`` claims in claim files, ``files`` hold those of tables.
    """
    rows, counts = count_mentions(tables.ledger, files)
    counts.update(mentions)
    summary = tell_size(written + rows, tables.ledger.sources.height, None, tables.clocks.known_by)
    text = page(written + rows, counts, describer(tables.ledger), summary)
    if text is not None:
        (stage / PAGE).write_text(text, "utf-8")
    return text is not None


def written_files(stage: Path, folder: Path) -> list[Path]:
    """Return the final paths of the staged outputs, without the kept state."""
    names = (path.relative_to(stage) for path in stage.rglob("*") if path.is_file())
    return sorted(folder / name for name in names if name.parts[0] != KEPT)


def _forget(bucket: Bucket) -> None:
    """Keep nothing of a bucket but its text."""


def open_spill(tables: Tables, folder: Path) -> Spill:
    """Return a new spill for the claims of tables, in a folder that is created."""
    folder.mkdir()
    return Spill(folder, bucket_count(tables.folder, tables.mappings))


def pour(
    tables: Tables,
    world: World,
    spill: Spill,
    sinks: Sequence[tuple[Form, Sink]],
    keep: Callable[[Bucket], object] = _forget,
) -> set[Quad]:
    """Pass the texts of all parts to sinks, bucket by bucket; return the quads of what follows from claim files.

    Raises Fault if a table cannot be read, ProjectError if a file cannot be written.
    """
    spill_claims(tables, spill)
    claims = spill.written()
    reach(tables, world, lambda: claims.frames(pl.lit(value=True)))
    beyond, derived = judge_front(tables, world)
    for form, sink in sinks:
        write_records(tables, sink, form)
    filled = sorted(claims.extents["bucket"].unique())
    buckets = in_order(partial(_bucket, tables, beyond, claims, [form for form, _ in sinks]), filled)
    tracked = track(
        buckets, "writing", total=spill.rows, unit="claims", size=lambda bucket: sum(c.height for c in bucket.claims)
    )
    for number, bucket in zip(filled, tracked, strict=True):
        for (_, sink), blocks in zip(sinks, bucket.blocks, strict=True):
            pour_blocks(blocks, number, sink)
        keep(bucket)
    return derived


def write_trig(tables: Tables, world: World, folder: Path, file: IO[bytes]) -> None:
    """Write every graph of a project as TriG into a file, with a folder for the buckets. Raises Fault, ProjectError."""
    prefixes = world.settings.prefixes
    file.write(prefix_lines(prefixes))
    spill = open_spill(tables, folder / SPILL)
    derived = pour(tables, world, spill, [(as_trig, lambda part, bucket, blocks: write_texts(blocks, file))])
    shutil.rmtree(spill.folder)
    quads = {*said_quads(world), *derived, *ontology_quads(world.ontology.triples)}
    file.write(trig(quads, prefixes).encode())


def prefix_lines(prefixes: Mapping[str, str]) -> bytes:
    """Return the prefix lines that precede the blocks."""
    return "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in sorted(prefixes.items())).encode()


def part_files(tables: Tables, stage: Path) -> tuple[PartFiles, PartFiles]:
    """Return the parts as Turtle and, kept for the next build, as TriG, in the order of their names."""
    names = [mapping.name for mapping in tables.mappings]
    turtle = PartFiles("graph.ttl", as_turtle, TURTLE, [stage / PARTS / f"{name}.ttl" for name in names])
    return turtle, PartFiles("graph.trig", as_trig, TRIG, [stage / KEPT / f"part-{name}.trig" for name in names])


def _bucket(tables: Tables, beyond: Beyond, claims: Fragments, forms: Sequence[Form], bucket: int) -> Bucket:
    return bucket_blocks(tables, beyond, list(claims.together(pl.col("bucket") == bucket)), forms)


def write_records(tables: Tables, sink: Sink, form: Form) -> None:
    """Pass the entities and sources of each part to a sink."""
    for writer, records in ((entity_blocks, tables.entities), (source_blocks, tables.sources)):
        for told in records:
            blocks = writer(tables.ledger, told.frame, form).sort().to_frame("block")
            pour_blocks(blocks.with_columns(pl.lit(told.part, pl.UInt16).alias(PART)), RECORDS, sink)


def concatenate(path: Path, head: bytes, parts: Iterable[Path]) -> None:
    """Write a graph: a head, then the parts."""
    with path.open("wb") as graph:
        graph.write(head)
        for part in parts:
            append(part, graph)


def refuse_rejects(tables: Tables, folder: Path) -> None:
    """Write only ``rejects.csv`` into a folder and raise RejectedError, if rows of tables were rejected."""
    if rejected := tables.rejected():
        write_files(folder, {REJECTS: rejects_csv(rejected)})
        raise RejectedError(tables.rejected_problems())


def rejects_csv(rejects: Iterable[pl.DataFrame]) -> str:
    """Return the rejected rows by table and row, with code and reason, even if there are none."""
    return pl.concat([pl.DataFrame(schema=REJECTED), *rejects]).sort(*REJECTED).write_csv()


def write_rejects(stage: Path, rejects: Iterable[pl.DataFrame]) -> None:
    """Write the rejected rows into a stage."""
    (stage / REJECTS).write_text(rejects_csv(rejects), "utf-8")
