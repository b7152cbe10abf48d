"""Rebuild what depends on the tables that changed, and leave every other output as it is.

Claims meet only at a common far end. So the claims of a changed table, before and after, determine the far ends to
judge again; the texts of these, before and after, determine what changes in each part, claim file and store. If
anything else changed (entities, sources, a mapping, the project's own files), or the kept state does not fit, nothing
is done here, and a full build runs.
"""

from __future__ import annotations

import glob
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from kg.bulk.batches import read_batches
from kg.bulk.blocks import as_trig, as_turtle
from kg.bulk.buckets import END, write_frame
from kg.bulk.build_state import Frames, Kept, StaleError, Table, fresh_file, read_kept, write_state
from kg.bulk.claims import Ledger
from kg.bulk.distinct_texts import NOWHERE, Readings
from kg.bulk.front import descent, note
from kg.bulk.judging import Beyond
from kg.bulk.mappings import reread_mapping
from kg.bulk.names import PART, ROW
from kg.bulk.outputs import (
    CLAIM_FILES,
    PAGE,
    REJECTS,
    Page,
    concatenate,
    part_files,
    write_page,
    write_rejects,
    written_files,
)
from kg.bulk.parquet import File, by_file, claim_file, typed, write_rows
from kg.bulk.part_files import PartFiles, sizes_by_part, sizes_table
from kg.bulk.parts import TEMPLATE, Bucket, bucket_blocks, bucket_count, claims_of, documents
from kg.bulk.patches import changes_of, splice_part
from kg.bulk.reach import touched
from kg.bulk.stores import update_store
from kg.bulk.tables import NOTES, REJECTED, Tables
from kg.files.cache import read_digests, read_stamp, read_stamps
from kg.files.outputs import recover, staged
from kg.files.project import KEPT, tell_size
from kg.ingestion.checking.check import read_settings
from kg.ingestion.checking.values import Scope
from kg.ingestion.mapping import FOLDER, check_count
from kg.ingestion.mapping import Mapping as TableMapping
from kg.ingestion.reading import Fault, read_frame
from kg.model.errors import KgError, Location, Problem
from kg.model.iris import Shortener
from kg.model.ontology import read_ontology
from kg.model.terms import EntityType
from kg.model.world import Clocks

MOST_FRESH = 0.1  # maximum share of rows kept separately before a full build
Judged = tuple[Bucket, Bucket]  # before and after


@dataclass(frozen=True)
class Rebuilt:
    """The outputs that a rebuild wrote, and the other results of a build."""

    paths: list[Path]
    summary: str
    warnings: list[str]


@dataclass(frozen=True)
class Walk:
    """The current content of the changed tables: claims by group, rejects, and the kept state of tables and groups."""

    claims: Frames
    rejects: list[pl.DataFrame]
    tables: list[Table]
    orders: list[list[int]]


@dataclass(frozen=True)
class Sides:
    """The claims at the far ends that a change affects, by group: before and after."""

    old: Frames
    new: Frames

    def judged(self, tables: Tables, beyond: Beyond) -> list[Judged]:
        """Return the results of both sides, as Turtle and as TriG."""
        groups = sorted({*self.old, *self.new})
        if not groups:
            return []
        some = {**self.old, **self.new}
        sides = [[side.get(group, some[group].clear()) for group in groups] for side in (self.old, self.new)]
        old, new = (bucket_blocks(tables, beyond, frames, (as_turtle, as_trig)) for frames in sides)
        return [(old, new)]


def rebuild(folder: Path, out: Path, *, allow_rejects: bool = False, page: Page | None = None) -> Rebuilt | None:
    """Update the outputs of the last build; return None, with nothing written, if a full build is needed.

    ``page`` returns the text of ``graph.html``, or None if the picture needs a full build.
    """
    with suppress(StaleError, KgError, Fault, OSError, pl.exceptions.PolarsError):
        recover(out)
        kept = read_kept(out)
        return _rebuild(folder, out, kept, page, allow_rejects=allow_rejects)
    return None


def _rebuild(folder: Path, out: Path, kept: Kept, page: Page | None, *, allow_rejects: bool) -> Rebuilt:
    state = kept.state
    stamps = read_stamps(folder)
    inputs = read_digests(folder, stamps, state.inputs)
    changed = changed_parts(kept, inputs)
    tables = open_kept(folder, kept, changed)
    walk = walk_parts(tables, kept, changed)
    read = (f"{FOLDER}/{tables.mappings[part - 1].file}" for part in changed)
    if any(read_stamp(folder / name) != stamps[name] for name in read):
        raise StaleError("a table changes while it is read")
    sides, base = find_sides(kept, walk, changed), f"{tables.ledger.settings.base}id/"
    beyond = Beyond(base, tables.clocks, descent(tables))
    judged = sides.judged(tables, beyond)
    fresh = _fresh(kept, walk, changed)
    after = replace(
        state, inputs=inputs, tables=walk.tables, orders=walk.orders, fresh=sorted({*state.fresh, *changed})
    )
    gone: list[str] = []

    def check() -> None:
        if not kept.is_last():
            raise StaleError("another build came between")

    with staged(out, instead_of=map(glob.escape, gone), check=check) as stage:
        (stage / KEPT).mkdir()
        texts = zip(part_files(tables, kept.out), part_files(tables, stage), state.heads, strict=True)
        for number, (before, after_, head) in enumerate(texts):
            blocks = [(old.blocks[number], new.blocks[number]) for old, new in judged]
            _write_parts(before, after_, kept, stage, head, blocks)
        gone += _write_claims(tables, out, stage, judged)
        gone += _write_page(tables, out, stage, kept, gone, page)
        _write_rejects(tables, out, stage, changed, walk.rejects, allow_rejects=allow_rejects)
        for group, frame in fresh.items():
            write_frame(frame, stage / KEPT / fresh_file(group))
        paths = written_files(stage, out)
        write_state(after, stage, gone)
    rows = sum(table.claims for table in walk.tables)
    with suppress(KgError):
        update_store(tables, state.inputs, inputs, rows, judged)
    return Rebuilt(paths, tell_size(*state.written, rows, state.clocks[1]), state.warnings)


# ---------------------------------------------------------------- what changed


def changed_parts(kept: Kept, inputs: Mapping[str, list[str]]) -> list[int]:
    """Return the parts whose tables changed. Raises StaleError if anything else did."""
    state = kept.state
    if Clocks(*state.asked) != Clocks() or state.inputs.keys() != inputs.keys():
        raise StaleError("other files, or other days")
    if any(f"{FOLDER}/{table.name}.yaml" not in inputs for table in state.tables):
        raise StaleError("a table has a name that none has")  # and would change the path of its part
    other = {name for name, (_, digest) in inputs.items() if state.inputs[name][1] != digest}
    parts = [part for part, table in enumerate(state.tables, 1) if f"{FOLDER}/{table.file}" in other]
    known = {f"{FOLDER}/{state.tables[part - 1].file}" for part in parts}
    if other - known or any(state.tables[part - 1].records for part in parts):
        raise StaleError("what changed may touch everything")
    return parts


def open_kept(folder: Path, kept: Kept, changed: Iterable[int]) -> Tables:
    """Return tables to check the changed ones against; of the others only name and file are known."""
    records, state, reread = read_frame(folder), kept.state, set(changed)
    settings, ontology = read_settings(records), read_ontology(records.ontology, [])
    scope, types = Scope(ontology, settings=settings), ontology.of(EntityType)
    sources = kept.frame("sources")
    scope.types.update((id, types[word]) for id, word in kept.frame("types").iter_rows())
    scope.sources.update(dict.fromkeys(sources["id"].to_list(), NOWHERE))
    readings = Readings(scope, Shortener(settings.prefixes))
    mappings = []
    for part, table in enumerate(state.tables, 1):
        name = f"{FOLDER}/{table.name}.yaml"
        if part in reread:
            mappings.append(reread_mapping(folder, records, name, ontology))
        else:
            mappings.append(TableMapping(table.name, table.file, Location(name), claims=({},) * table.templates))
    ledger = Ledger(settings, ontology, readings, kept.frame("entities"), sources)
    scope.types.update(documents(ledger))
    return Tables(
        folder, mappings, ledger, Clocks(*state.clocks), notes=kept.notes, front=kept.front, turned=kept.frame("turned")
    )


def _stale(problem: Problem, _: int) -> None:
    if problem.severity == "error":
        raise StaleError("a row cannot be read; a build from nothing tells which")


def walk_parts(tables: Tables, kept: Kept, changed: Iterable[int]) -> Walk:
    """Read the changed tables. Raises StaleError if their claims would change the order or place of others."""
    state, groups = kept.state, {tuple(columns): number for number, columns in enumerate(kept.state.groups)}
    found: dict[int, list[pl.DataFrame]] = {}
    notes: dict[str, list[pl.DataFrame]] = {name: [] for name in NOTES}
    rejects, known, orders = list[pl.DataFrame](), list(state.tables), list(state.orders)
    for part in changed:
        order, rows, count = dict[int, None](), 0, 0
        for batch in read_batches(tables.folder, tables.mappings[part - 1], report=_stale):
            unfit, frames = claims_of(tables, [(part, batch)])
            rejects += unfit
            rows += batch.height
            for _, frame in frames:
                group = groups.get(tuple(frame.columns), -1)
                order[group] = None
                found.setdefault(group, []).append(frame)
                count += frame.height
                for name, noted in note(tables, frame):
                    notes[name].append(noted)
                reached = touched(tables.ledger, tables.turned, tables.wide, frame)[END]
                if not reached.is_in(tables.front.ends.implode()).all():
                    raise StaleError("what is said elsewhere bears on a claim, and did not before")
        check_count(tables.mappings[part - 1], count)
        known[part - 1] = replace(known[part - 1], rows=rows, claims=count)
        orders[part] = list(order)
    for name, noted_before in kept.notes.items():
        mine = (frame.filter(pl.col(PART).is_in(list(changed))) for frame in noted_before)
        if _by_place(mine) != _by_place(notes[name]):
            raise StaleError("what other far ends need to know of these tables is another")
    first = list(dict.fromkeys(group for order in orders for group in order))
    if first != list(range(len(groups))) or bucket_count(tables.folder, tables.mappings) != state.buckets:
        raise StaleError("the claims of every table would have another order")
    return Walk({group: pl.concat(frames) for group, frames in found.items()}, rejects, known, orders)


def find_sides(kept: Kept, walk: Walk, changed: Sequence[int]) -> Sides:
    """Return the claims at every far end where a changed table has different claims than before."""
    old, new = kept.claims_of(changed), walk.claims
    ends = [
        one.join(other, on=one.columns, how="anti", nulls_equal=True)[END]
        for mine, theirs in ((old, new), (new, old))
        for group, one in mine.items()
        for other in (theirs.get(group, one.clear()),)
    ]
    touched = pl.concat([pl.Series(END, [], pl.UInt64), *ends]).unique()
    if touched.has_nulls():
        raise StaleError("a claim has no far end")
    buckets = sorted(set(touched % kept.state.buckets))
    there = pl.col(END).is_in(touched.implode())
    others = kept.claims_at(there, buckets, without=changed)
    was, now = (_joined(others, {g: frame.filter(there) for g, frame in mine.items()}) for mine in (old, new))
    return Sides(was, now)


def _by_place(frames: Iterable[pl.DataFrame]) -> list[str]:
    """Return a value that is equal for two lists of frames with the same claims."""
    return sorted(repr(sorted(row.items())) for frame in frames for row in frame.iter_rows(named=True))


def _joined(others: Frames, mine: Frames) -> Frames:
    """Return the claims of all other parts and of the changed ones, in the order of the spill."""
    groups = sorted({*others, *mine})
    frames = {group: pl.concat([side[group] for side in (others, mine) if group in side]) for group in groups}
    return {group: frame.sort(PART, ROW, TEMPLATE) for group, frame in frames.items() if frame.height}


def _fresh(kept: Kept, walk: Walk, changed: Sequence[int]) -> Frames:
    """Return the claims to keep separately from now on, by group. Raises StaleError if they are too many."""
    found: Frames = {}
    others = ~pl.col(PART).is_in(list(changed))
    for group in range(len(kept.state.groups)):
        frames = [frame.filter(others) for frame in kept.fresh(group)]
        frames += [walk.claims[group]] if group in walk.claims else []
        if frames:
            found[group] = pl.concat(frames)
    if sum(frame.height for frame in found.values()) > MOST_FRESH * sum(table.claims for table in walk.tables):
        raise StaleError("much has changed since everything was built")
    return found


# ---------------------------------------------------------------- what is written


def _write_parts(
    old: PartFiles, new: PartFiles, kept: Kept, stage: Path, head: int, blocks: list[tuple[pl.DataFrame, pl.DataFrame]]
) -> None:
    """Write the parts whose text changes in one form, and the graph; ``blocks`` are those before and after."""
    changes = changes_of(blocks, kept.state.buckets)
    if not changes:
        return
    name = f"{new.graph}-sizes"
    sizes = sizes_by_part(kept.frame(name))
    for part, mine in changes.items():
        text, sizes[part] = splice_part(old.paths[part - 1].read_bytes(), sizes.get(part, {}), mine, new.end)
        new.paths[part - 1].parent.mkdir(exist_ok=True)
        new.paths[part - 1].write_bytes(text)
    write_frame(sizes_table(sizes), stage / KEPT / f"{name}.arrow")
    with (kept.out / new.graph).open("rb") as graph:
        begin = graph.read(head)
    parts = [new.paths[n] if n + 1 in changes else path for n, path in enumerate(old.paths)]
    concatenate(stage / new.graph, begin, parts)


def _write_claims(tables: Tables, out: Path, stage: Path, judged: Iterable[Judged]) -> list[str]:
    """Write the claim files in which a row changes; return those that become empty."""
    old, new = (_rows_by_file(tables, buckets) for buckets in (list(zip(*judged, strict=True)) or [(), ()]))
    gone = []
    for file in sorted({*old, *new}):
        some = old.get(file, new.get(file, pl.DataFrame()))
        was, now = (side.get(file, some.clear()) for side in (old, new))
        if was.equals(now):
            continue
        name = claim_file(tables, file)
        rows = _with_rows(out / name, was, now)
        if rows.height:
            (stage / name).parent.mkdir(parents=True, exist_ok=True)
            write_rows(rows, stage / name)
        else:
            gone.append(name)
    return gone


def _write_page(
    tables: Tables, out: Path, stage: Path, kept: Kept, gone: Iterable[str], page: Page | None
) -> list[str]:
    """Write ``graph.html``; if none is wanted, return its name as that of a file to delete."""
    if page is None:
        return [PAGE] if (out / PAGE).exists() else []
    names = {path.relative_to(place).as_posix() for place in (out, stage) for path in place.glob(CLAIM_FILES)}
    files = [
        next(place / name for place in (stage, out) if (place / name).exists()) for name in sorted(names - {*gone})
    ]
    mentions = dict(kept.frame("mentions").iter_rows())
    if not write_page(tables, mentions, kept.state.written[0], files, page, stage):
        raise StaleError("the picture shows every claim")
    return []


def _rows_by_file(tables: Tables, buckets: Iterable[Bucket]) -> dict[File, pl.DataFrame]:
    found: dict[File, list[pl.DataFrame]] = {}
    for frame in (frame for bucket in buckets for frame in bucket.claims):
        for file, mine in by_file(frame):
            found.setdefault(file, []).append(typed(tables, mine))
    return {file: pl.concat(frames).sort("row") for file, frames in found.items()}


def _with_rows(path: Path, was: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Return the claims of a file with some rows replaced."""
    there = pl.read_parquet(path) if path.exists() else was.clear()
    left = there.join(was.select("row"), on="row", how="anti")
    if there.height - left.height != was.height:
        raise StaleError("a file of claims does not hold what it held")
    return pl.concat([left, now])


def _write_rejects(
    tables: Tables,
    out: Path,
    stage: Path,
    changed: Iterable[int],
    rejects: Iterable[pl.DataFrame],
    *,
    allow_rejects: bool,
) -> None:
    files = [f"{FOLDER}/{tables.mappings[part - 1].file}" for part in changed]
    old = pl.read_csv(out / REJECTS, schema=REJECTED)
    new = pl.concat([old.filter(~pl.col("table").is_in(files)), *rejects])
    if new.height and not allow_rejects:
        raise StaleError("rows are rejected; a build from nothing tells which")
    if not new.sort(*REJECTED).equals(old):
        write_rejects(stage, [new])
