"""Write the outputs of a project with tables on a Spark cluster: partitioned N-Quads, and claims as Parquet.

The computation is that of ``parts``, run by ``mapInArrow``. First, slices of tables become claims by bucket; Spark
shuffles them by bucket; then each bucket is written to its own files, under temporary names that are then renamed, so
that a task that runs twice writes the same. Executors need the project's folder and the output folder.
"""

from __future__ import annotations

import io
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import polars as pl
import pyoxigraph

from kg.bulk.batches import read_batches
from kg.bulk.blocks import as_trig
from kg.bulk.buckets import END, split
from kg.bulk.front import judge_front, note
from kg.bulk.judging import Beyond
from kg.bulk.outputs import prefix_lines, refuse_rejects, write_records, write_rejects
from kg.bulk.parquet import write_bucket
from kg.bulk.part_files import write_texts
from kg.bulk.parts import Bucket, bucket_blocks, bucket_count, claims_of
from kg.bulk.reach import may_reach, touched, turns, widen_front
from kg.bulk.tables import NEAR, NOTES, Tables
from kg.files.outputs import staged
from kg.files.project import BUILT
from kg.ingestion.mapping import check_count
from kg.ingestion.reading import Fault
from kg.model.errors import CheckError, ProjectError, UsageError
from kg.model.world import World
from kg.rdf.triples import Quad, nquads, ontology_quads, said_quads

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.broadcast import Broadcast
    from pyspark.sql import DataFrame, SparkSession

QUADS = "quads"
WORKING = "working"
SLICE = 262_144  # table rows that one task reads
REJECTED = -1  # in place of a bucket: results for the driver
NOTED = {-2 - number: name for number, name in enumerate(NOTES)}
ORDER = ("part", "start", "batch", "template")  # the order in which a single machine would read
SLICES = "part int, start long, rows long"
PARCELS = "bucket int, part int, start long, batch int, template int, keys string, rows long, content binary"
SETTINGS: dict[str, bool | float | int | str | None] = {
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "16",  # a record is a frame
    "spark.sql.shuffle.partitions": "4",  # for the counts; the buckets set their own number
}
Place = tuple[int, int, int, int]
Walk = Callable[[Iterable["pa.RecordBatch"]], Iterator["pa.RecordBatch"]]


class Parcel(NamedTuple):
    """A frame on its way through Spark: its bucket, its position in reading order, its columns, its rows."""

    bucket: int
    part: int
    start: int
    batch: int
    template: int
    keys: str
    rows: int
    content: bytes


@dataclass(frozen=True)
class Told:
    """What every bucket needs from the others: what bears on its claims, and the order of the groups."""

    beyond: Beyond
    groups: list[str]


def write_partitions(
    tables: Tables, world: World, folder: Path, *, ontology: str, master: str, allow_rejects: bool = False
) -> list[Path]:
    """Write all outputs of a build into a folder, or none, on the cluster of a master; return their paths.

    Raises CheckError if a table cannot be read, ProjectError if the cluster fails or a table does not have the expected
    counts, UsageError if pyspark is not installed.
    """
    with _session(master) as session, staged(folder.resolve(), instead_of=BUILT) as stage:
        try:
            derived = _write_buckets(session, tables, world, stage)
            _write_rest(tables, world, derived, stage)
        except Fault as fault:
            raise CheckError([fault.problem]) from None
        if not allow_rejects:
            refuse_rejects(tables, folder)
        write_rejects(stage, tables.rejected())
        (stage / "ontology.ttl").write_text(ontology, "utf-8")
        shutil.rmtree(stage / WORKING)
        names = sorted(path.relative_to(stage) for path in stage.rglob("*") if path.is_file())
    return [folder / name for name in names]


@contextmanager
def _session(master: str) -> Iterator[SparkSession]:
    """Yield a session with a master; executors run this Python, unless the environment names another."""
    try:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise UsageError("Spark is not installed; pip install 'autokg[spark]', and a Java that it runs on") from None
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        settings = {**SETTINGS, "spark.ui.showConsoleProgress": str(sys.stderr.isatty()).lower()}
        session = SparkSession.Builder().master(master).appName("kg build").config(map=settings).getOrCreate()
        try:
            yield session
        finally:
            session.stop()
    except (PySparkException, Py4JError) as error:
        said = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise ProjectError(f"Spark at {master} failed: {said}") from error


def _write_buckets(session: SparkSession, tables: Tables, world: World, stage: Path) -> set[Quad]:
    """Write the files of every bucket; return the quads of what follows from claim files."""
    buckets, context = bucket_count(tables.folder, tables.mappings), session.sparkContext
    folder = tables.folder.resolve()
    shared = context.broadcast(replace(tables, folder=folder, entities=[], sources=[], rejects=[]))
    slices = list(_slices(tables))
    read = context.parallelize(slices, len(slices)).toDF(SLICES).mapInArrow(_reading(shared, buckets), PARCELS)
    parcels = read.persist()
    groups = _take_told(tables, parcels)
    tables.turned = turns(tables, world)
    if may_reach(tables):
        _reach(tables, world, parcels)
    beyond, derived = judge_front(tables, world)
    told = context.broadcast(Told(beyond, groups))
    (stage / QUADS).mkdir()
    (stage / WORKING).mkdir()
    together = parcels.where("bucket >= 0 and rows > 0").repartition(buckets, "bucket")
    done = together.sortWithinPartitions("bucket", *ORDER).mapInArrow(_writing(shared, told, stage), "told int")
    done.collect()
    return derived


def _slices(tables: Tables) -> Iterator[tuple[int, int, int]]:
    """Yield the part and range of rows that each task reads. Raises Fault if a table lacks a column."""
    for part, mapping in enumerate(tables.mappings, 1):
        if mapping.claims:
            next(read_batches(tables.folder, mapping, range(1)), None)
            rows = tables.rows[mapping.name]
            yield from ((part, start, min(SLICE, rows - start)) for start in range(0, max(rows, 1), SLICE))


def _take_told(tables: Tables, parcels: DataFrame) -> list[str]:
    """Collect the results of the first pass: rejects, notes, counts of claims; return the groups in order."""
    told = sorted(parcels.where("bucket < 0").collect())
    for bucket, into in ((REJECTED, tables.unfit), *((number, tables.notes[name]) for number, name in NOTED.items())):
        into[:] = [pl.read_ipc(io.BytesIO(row["content"])) for row in told if row["bucket"] == bucket]
    claims = parcels.where("bucket >= 0")
    counts: dict[int, int] = dict(claims.groupBy("part").agg({"rows": "sum"}).collect())
    for part, mapping in enumerate(tables.mappings, 1):
        if mapping.claims:
            tables.counts[mapping.name] = counts.get(part, 0)
            check_count(mapping, tables.counts[mapping.name])
    first = claims.selectExpr("keys", f"struct({', '.join(ORDER)}) as place").groupBy("keys").agg({"place": "min"})
    return [row["keys"] for row in sorted(first.collect(), key=lambda row: row[1])]


def _reach(tables: Tables, world: World, parcels: DataFrame) -> None:
    """Do what ``bulk.reach.reach`` does, with the claims where they are."""
    claims, ledger = parcels.where("bucket >= 0 and rows > 0"), tables.ledger
    turned, wide = tables.turned, tables.wide

    def collected(pick: Callable[[pl.DataFrame], pl.DataFrame]) -> list[pl.DataFrame]:
        rows = claims.mapInArrow(_picking(pick), PARCELS).collect()
        return [pl.read_ipc(io.BytesIO(row["content"])) for row in rows]

    new = widen_front(tables, world, collected(lambda frame: touched(ledger, turned, wide, frame)))
    tables.notes[NEAR] += collected(lambda frame: frame.filter(pl.col(END).is_in(new.implode())))


def _picking(pick: Callable[[pl.DataFrame], pl.DataFrame]) -> Walk:
    """Return a pass that makes a parcel of what is picked of each parcel, if anything is."""

    def walk(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for row in (row for batch in batches for row in batch.to_pylist()):
            picked = pick(pl.read_ipc(io.BytesIO(row["content"])))
            if picked.height:
                yield _record(
                    [_parcel(row["bucket"], (row["part"], row["start"], row["batch"], row["template"]), picked)]
                )

    return walk


def _write_rest(tables: Tables, world: World, derived: set[Quad], stage: Path) -> None:
    """Write the entities and sources of tables, and the content of claim files, as N-Quads."""
    source = stage / WORKING / "records.trig"
    with source.open("wb") as file:
        file.write(prefix_lines(world.settings.prefixes))
        write_records(tables, lambda part, bucket, blocks: write_texts(blocks, file), as_trig)
    _write_quads(source, stage / QUADS / "records.nq")
    quads = {*said_quads(world), *derived, *ontology_quads(world.ontology.triples)}
    (stage / QUADS / "files.nq").write_text(nquads(quads), "utf-8")


def _write_quads(trig: Path, target: Path) -> None:
    """Convert a TriG file to N-Quads."""
    parsed = pyoxigraph.parse(path=trig, format=pyoxigraph.RdfFormat.TRIG)
    pyoxigraph.serialize(parsed, target, pyoxigraph.RdfFormat.N_QUADS)


# ---------------------------------------------------------------- what executors do


def _reading(shared: Broadcast[Tables], buckets: int) -> Walk:
    """Return the first pass: slices of tables in, parcels out."""

    def walk(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for part, start, rows in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                yield from map(_record, _read_slice(shared.value, buckets, part, range(start, start + rows)))

    return walk


def _read_slice(tables: Tables, buckets: int, part: int, rows: range) -> Iterator[list[Parcel]]:
    """Yield the parcels of a range of rows of a part's table, those of a batch together."""
    for number, batch in enumerate(read_batches(tables.folder, tables.mappings[part - 1], rows)):
        rejects, claims = claims_of(tables, [(part, batch)])
        place = (part, rows.start, number, 0)
        parcels = [_parcel(REJECTED, place, frame) for frame in rejects]
        for template, (_, frame) in enumerate(claims):
            parcels += _parcels(tables, frame, buckets, (*place[:3], template))
        yield parcels


def _parcels(tables: Tables, frame: pl.DataFrame, buckets: int, place: Place) -> Iterator[Parcel]:
    """Yield a frame of claims by bucket, even if it is empty, and what others need to know of them."""
    numbers = {name: number for number, name in NOTED.items()}
    for name, noted in note(tables, frame):
        if noted.height:
            yield _parcel(numbers[name], place, noted)
    for bucket, claims in split(frame, buckets) or [(0, frame)]:
        yield _parcel(bucket, place, claims)


def _parcel(bucket: int, place: Place, frame: pl.DataFrame) -> Parcel:
    content = io.BytesIO()
    frame.write_ipc(content, compression="uncompressed")
    return Parcel(bucket, *place, " ".join(frame.columns), frame.height, content.getvalue())


def _record(parcels: list[Parcel]) -> pa.RecordBatch:
    import pyarrow as pa

    types = (pa.int32(), pa.int32(), pa.int64(), pa.int32(), pa.int32(), pa.string(), pa.int64(), pa.binary())
    columns = zip(*parcels, strict=True) if parcels else [()] * len(types)
    arrays = [pa.array(column, type_) for column, type_ in zip(columns, types, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, names=list(Parcel._fields))


def _writing(shared: Broadcast[Tables], told: Broadcast[Told], stage: Path) -> Walk:
    """Return the second pass: parcels sorted by bucket and position in, files and a result per bucket out."""

    def walk(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        parcels = (Parcel(*row.values()) for batch in batches for row in batch.to_pylist())
        for number, mine in groupby(parcels, key=lambda parcel: parcel.bucket):
            frames = _grouped(mine, told.value.groups)
            bucket = bucket_blocks(shared.value, told.value.beyond, frames, [as_trig])
            _write_bucket(shared.value, bucket, number, stage)
            yield pa.RecordBatch.from_pydict({"told": pa.array([number], pa.int32())})

    return walk


def _grouped(parcels: Iterable[Parcel], groups: list[str]) -> list[pl.DataFrame]:
    """Return the frames of a bucket, those with the same columns concatenated."""
    frames: Mapping[str, list[pl.DataFrame]] = {keys: [] for keys in groups}
    for parcel in parcels:
        frames[parcel.keys].append(pl.read_ipc(io.BytesIO(parcel.content)))
    return [pl.concat(same) for same in frames.values() if same]


def _write_bucket(tables: Tables, bucket: Bucket, number: int, stage: Path) -> None:
    """Write the files of a bucket under temporary names, and rename them."""
    working = stage / WORKING / f"{number:05}-{secrets.token_hex(6)}"
    (working / QUADS).mkdir(parents=True)
    source = working / "blocks.trig"
    with source.open("wb") as file:
        file.write(prefix_lines(tables.ledger.settings.prefixes))
        write_texts(bucket.blocks[0].select("block"), file)
    _write_quads(source, working / QUADS / f"{number:05}.nq")
    source.unlink()
    write_bucket(tables, bucket, working, f"{number:05}-")
    for path in [path for path in working.rglob("*") if path.is_file()]:
        target = stage / path.relative_to(working)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
