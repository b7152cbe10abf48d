"""Keep the state of a build beside its outputs, so that the next build redoes only what depends on changed files.

The folder ``.kept`` holds the claims by bucket (``buckets``); separately, the claims of tables that changed since; the
known entities and sources; the size of each bucket in each part; and ``state.json``. It is committed together with the
outputs, and is used only if the outputs, the program and the project's own files are unchanged.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import polars as pl

from kg.bulk.buckets import Fragments, Spill, write_frame
from kg.bulk.names import PART, ROW
from kg.bulk.part_files import PartFiles, sizes_table
from kg.bulk.parts import TEMPLATE
from kg.bulk.tables import Front, Tables
from kg.files.cache import digest_of_program, read_digests, read_stamps
from kg.files.project import KEPT, LARGE
from kg.ingestion.mapping import Mapping
from kg.model.world import World

STATE = "state.json"
PLACE = (PART, TEMPLATE, ROW)
NAMED = ("front-ends", "front-claims", "front-propositions")
Frames = dict[int, pl.DataFrame]  # claims by group


class StaleError(Exception):
    """The kept state does not determine the outputs: a full build is needed."""


@dataclass(frozen=True)
class Table:
    """A table at the last build: its file, the number of claims that its mapping makes per row, and its counts."""

    name: str
    file: str
    templates: int
    records: bool  # it also has entities or sources
    rows: int
    claims: int


@dataclass(frozen=True)
class State:
    """The state of the last build, without its frames.

    ``inputs`` maps names to stamp and digest, ``outputs`` to size and modification time; ``orders`` and ``places`` are
    those of ``Spill``, by part; ``notes`` counts the frames of each kind of note; ``fresh`` lists the parts whose
    claims are kept separately; ``heads`` are the numbers of bytes in the graphs before the parts; ``written`` counts
    the claims and sources in claim files.
    """

    program: str
    asked: tuple[str, str]
    clocks: tuple[str, str]
    inputs: dict[str, list[str]]
    tables: list[Table]
    buckets: int
    groups: list[list[str]]
    orders: list[list[int]]
    places: list[list[int]]
    notes: dict[str, int]
    heads: list[int]
    written: tuple[int, int]
    warnings: list[str]
    fresh: list[int] = field(default_factory=list)
    outputs: dict[str, list[int]] = field(default_factory=dict)


def program() -> str:
    """Return a text that changes whenever a different program would compute the outputs."""
    return f"{digest_of_program()} {pl.__version__}"


def keep(
    tables: Tables, world: World, spill: Spill, texts: Sequence[PartFiles], *, heads: list[int], warnings: Sequence[str]
) -> None:
    """Keep the state of a build before it is committed; keep nothing if the project's files changed meanwhile."""
    folder = spill.folder
    stage = folder.parent
    inputs = read_digests(tables.folder, tables.stamps, {})
    if read_stamps(tables.folder) != tables.stamps:
        return
    numbers = range(len(tables.mappings) + 1)
    state = State(
        program=program(),
        asked=(tables.asked.as_of, tables.asked.known_by),
        clocks=(tables.clocks.as_of, tables.clocks.known_by),
        inputs=inputs,
        tables=[_table(tables, mapping) for mapping in tables.mappings],
        buckets=spill.buckets,
        groups=[list(columns) for columns in spill.groups],
        orders=[spill.orders.get(part, []) for part in numbers],
        places=[sorted(spill.places.get(part, ())) for part in numbers],
        notes={name: len(frames) for name, frames in tables.notes.items()},
        heads=heads,
        written=(len(world.claims), len(world.sources)),
        warnings=list(warnings),
    )
    types = [(entity.id, entity.type.notation) for entity in world.entities.values()]
    write_frame(pl.DataFrame(types, {"id": pl.String, "type": pl.String}, orient="row"), folder / "types.arrow")
    write_frame(tables.ledger.entities, folder / "entities.arrow")
    write_frame(tables.ledger.sources, folder / "sources.arrow")
    mentions = pl.DataFrame([*world.mentions.items()], {"id": pl.String, "claims": pl.UInt32}, orient="row")
    write_frame(mentions, folder / "mentions.arrow")
    write_frame(tables.turned, folder / "turned.arrow")
    for name, frames in (*tables.notes.items(), *_front_frames(tables.front)):
        for number, frame in enumerate(frames):
            write_frame(frame, folder / f"{name}-{number}.arrow")
    for parts in texts:
        write_frame(sizes_table(parts.sizes), folder / f"{parts.graph}-sizes.arrow")
    write_frame(spill.written().extents, folder / "extents.arrow")
    write_state(state, stage)


def _front_frames(front: Front) -> list[tuple[str, list[pl.DataFrame]]]:
    named = zip(NAMED, (front.ends, front.claims, front.propositions), strict=True)
    series = [(name, [some.alias("id").to_frame()]) for name, some in named]
    return [*series, ("front-bonds", [front.bonds]), ("front-wide", front.wide)]


def _table(tables: Tables, mapping: Mapping) -> Table:
    records, rows = bool(mapping.entities or mapping.sources), tables.rows[mapping.name]
    return Table(mapping.name, mapping.file, len(mapping.claims), records, rows, tables.counts.get(mapping.name, 0))


def write_state(state: State, stage: Path, gone: Iterable[str] = ()) -> None:
    """Write the state into a stage, with the stamps of the other outputs staged there."""
    files = (path for path in stage.rglob("*") if path.is_file())
    outputs = {path.relative_to(stage).as_posix(): _seen(path) for path in files}
    known = {name: seen for name, seen in state.outputs.items() if name not in set(gone)}
    fields = {**vars(state), "tables": [vars(table) for table in state.tables], "outputs": {**known, **outputs}}
    content = json.dumps(fields, ensure_ascii=False).encode()
    (stage / KEPT / STATE).write_bytes(_sum(content) + content)


def _sum(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode() + b"\n"


def _seen(path: Path) -> list[int]:
    state = path.stat()
    return [state.st_size, state.st_mtime_ns]


@dataclass(frozen=True)
class Kept:
    """The state and frames that the last build left in the output folder."""

    out: Path
    state: State
    identity: tuple[int, int]  # of the state file

    @property
    def folder(self) -> Path:
        """Return the folder of the frames."""
        return self.out / KEPT

    def is_last(self) -> bool:
        """Return whether no other build has been committed since."""
        return _identity(self.folder / STATE) == self.identity

    def frame(self, name: str) -> pl.DataFrame:
        """Return a frame by name."""
        return pl.read_ipc(self.folder / f"{name}.arrow")

    def claims_of(self, parts: Iterable[int]) -> Frames:
        """Return the claims of some parts."""
        wanted = set(parts)
        fragments = sorted({place for part in wanted - {*self.state.fresh} for place in self.state.places[part]})
        there = pl.col(PART).is_in(sorted(wanted))
        return self._gathered(pl.col("fragment").is_in(fragments), there, there)

    @cached_property
    def notes(self) -> dict[str, list[pl.DataFrame]]:
        """Return what the claims of tables say to other far ends, by name."""
        return {name: [self.frame(f"{name}-{n}") for n in range(count)] for name, count in self.state.notes.items()}

    @cached_property
    def front(self) -> Front:
        """Return what is known of the claims of claim files."""
        ends, claims, propositions = (self.frame(f"{name}-0").to_series() for name in NAMED)
        wide = [pl.read_ipc(path) for path in sorted(self.folder.glob("front-wide-*.arrow"))]
        return Front(ends, claims, propositions, self.frame("front-bonds-0"), wide)

    def claims_at(self, there: pl.Expr, buckets: Iterable[int], *, without: Iterable[int]) -> Frames:
        """Return the claims of some buckets at the far ends that ``there`` selects, except those of some parts."""
        apart = set(without)
        where = pl.col("bucket").is_in(list(buckets))
        old = there & ~pl.col(PART).is_in(sorted({*self.state.fresh, *apart}))
        return self._gathered(where, old, there & ~pl.col(PART).is_in(sorted(apart)))

    def _gathered(self, where: pl.Expr, old: pl.Expr, fresh: pl.Expr) -> Frames:
        """Return the claims of the selected extents that are still current, and those that are kept separately."""
        still = ~pl.col(PART).is_in(self.state.fresh)
        written = Fragments(self.folder, self.frame("extents")).read(where)
        kept = {group: [frame.filter(old & still) for frame in frames] for group, frames in written}
        found: Frames = {}
        for group in range(len(self.state.groups)):
            frames = kept.get(group, []) + [frame.filter(fresh) for frame in self.fresh(group)]
            if frames:
                found[group] = pl.concat(frames).sort(PLACE)
        return found

    def fresh(self, group: int) -> list[pl.DataFrame]:
        """Return the separately kept claims of a group, if any."""
        path = self.folder / fresh_file(group)
        return [pl.read_ipc(path)] if path.exists() else []


def fresh_file(group: int) -> str:
    """Return the file name of the separately kept claims of a group."""
    return f"fresh-{group}.arrow"


def read_kept(out: Path) -> Kept:
    """Return what the last build kept. Raises StaleError if it is incomplete or the outputs have changed since."""
    path = out / KEPT / STATE
    try:
        identity = _identity(path)
        sum_, _, content = path.read_bytes().partition(b"\n")
        fields = json.loads(content)
        if fields["program"] != program() or sum_ + b"\n" != _sum(content):
            raise StaleError("another program wrote it, or it is not whole")
        tables = [Table(**table) for table in fields.pop("tables")]
        state = State(**{**fields, "tables": tables})
        there = {name: _seen(out / name) for name in state.outputs}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StaleError(f"nothing is kept: {error}") from None
    large = {path.relative_to(out).as_posix() for pattern in LARGE for path in out.glob(pattern)}
    if there != state.outputs or not large <= {*state.outputs, f"{KEPT}/{STATE}"}:
        raise StaleError("outputs are not what was written")
    return Kept(out, state, identity)


def _identity(path: Path) -> tuple[int, int]:
    state = path.stat()
    return state.st_ino, state.st_mtime_ns
