"""Large tables of a project: what they hold, and which of their rows are rejected."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from kg.bulk.buckets import END
from kg.bulk.claims import Ledger
from kg.bulk.doubts import Doubts
from kg.bulk.entities import Told
from kg.bulk.index import Mentioned
from kg.ingestion.mapping import UNKNOWN, Mapping
from kg.model.errors import Location, Problem
from kg.model.world import Clocks

# What other buckets, and the claim files, need to know of the claims of tables: denials that may cover claims at any
# far end; what belongs to what; the claims at the far ends of claim files; the documents that claims were read in;
# the beginnings and ends of entities; what is counted in what, and whose majority is whose.
WIDE, BONDS, NEAR, CITED, LIVES, PAIRS = NOTES = ("wide", "bonds", "near", "cited", "lives", "pairs")
TURNS = {"entity": pl.String, "turn": pl.String, "last": pl.String}
REJECTED = {"table": pl.String, "row": pl.UInt32, "code": pl.String, "message": pl.String}


@dataclass(frozen=True)
class Front:
    """The claims of claim files, as far as they concern tables: their far ends, names and bonds, and wide denials.

    ``claims`` and ``propositions`` hold 24 hexadecimal digits each, ``bonds`` the ids of a part and its whole.
    """

    ends: pl.Series = field(default_factory=lambda: pl.Series(END, [], pl.UInt64))
    claims: pl.Series = field(default_factory=lambda: pl.Series([], dtype=pl.String))
    propositions: pl.Series = field(default_factory=lambda: pl.Series([], dtype=pl.String))
    bonds: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={"part": pl.String, "whole": pl.String}))
    wide: list[pl.DataFrame] = field(default_factory=list)


@dataclass
class Tables:
    """The content of a project's tables, apart from claims, and the ledger that claims are checked against.

    ``mappings`` are the parts, counted from 1. ``notes`` and ``counts`` are filled when the claims are read.
    """

    folder: Path
    mappings: list[Mapping]
    ledger: Ledger
    clocks: Clocks = field(default_factory=Clocks)
    asked: Clocks = field(default_factory=Clocks)  # from which the clocks were made
    stamps: Map[str, str] = field(default_factory=dict)  # of the project's files, before they were read
    mentioned: list[Mentioned] = field(default_factory=list)  # entities and sources that files of the project name
    entities: list[Told] = field(default_factory=list)
    sources: list[Told] = field(default_factory=list)
    rejects: list[pl.DataFrame] = field(default_factory=list)  # rows that are not valid entities or sources
    unread: dict[tuple[str, int, str, str], Problem] = field(default_factory=dict)  # rows that cannot be read
    doubts: Doubts = field(default_factory=Doubts)
    rows: dict[str, int] = field(default_factory=dict)  # by table
    counts: dict[str, int] = field(default_factory=dict)  # claims by table, once they have been read
    unfit: list[pl.DataFrame] = field(default_factory=list)  # rows that are not valid claims
    notes: dict[str, list[pl.DataFrame]] = field(default_factory=lambda: {name: [] for name in NOTES})
    front: Front = field(default_factory=Front)
    turned: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=TURNS))  # see ``bulk.reach``

    @property
    def wide(self) -> list[pl.DataFrame]:
        """Return the denials, of claim files and of tables, that may cover claims at any far end."""
        return [*self.front.wide, *self.notes[WIDE]]

    def report(self, problem: Problem, row: int) -> None:
        """Keep the problem of a row that cannot be read, or a warning, once however often the table is read."""
        if problem.severity == "error":
            self.unread[problem.location.file, row, problem.code, problem.message] = problem
        elif problem not in self.doubts.problems:
            self.doubts.problems.append(problem)

    def rejected(self) -> list[pl.DataFrame]:
        """Return the rejected rows; a row without a valid entity is not reported again for its claim."""
        unread = [pl.DataFrame([*self.unread], REJECTED, orient="row")] if self.unread else []
        if not self.rejects:
            return [*unread, *self.unfit]
        rows = pl.concat(self.rejects).select("table", "row")
        follows = pl.col("code").is_in(UNKNOWN)
        unfit = (
            pl.concat([frame.filter(~follows), frame.filter(follows).join(rows, on=["table", "row"], how="anti")])
            for frame in self.unfit
        )
        return [*unread, *self.rejects, *(frame for frame in unfit if frame.height)]

    def rejected_problems(self) -> list[Problem]:
        """Return the rejected rows as problems at their places, sorted."""
        rejected = self.rejected()
        rows = pl.concat(rejected).unique().rows() if rejected else []
        return sorted(self.unread.get(row) or _row_problem(*row) for row in rows)


def _row_problem(table: str, row: int, code: str, message: str) -> Problem:
    return Problem(Location(table, row, 1, f"row {row}"), "error", code, message)
