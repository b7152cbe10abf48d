"""Read only the rows of tables that bear on some entities, beside all claims in files.

A report made from such a window is the same as one made from the whole project. The window holds every claim that
can affect a verdict (see ``judging.bearing``), the beginnings and ends of the entities that these claims name, and
every claim about which entity belongs to which, because that decides which speakers are independent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import polars as pl

from kg.bulk.batches import count_rows, read_batches
from kg.bulk.distinct_texts import ENTITIES
from kg.bulk.mapped_rows import Rows, map_batch
from kg.bulk.mappings import read_mappings
from kg.bulk.names import ROW
from kg.bulk.table_rows import add_batch
from kg.bulk.whole import Whole, check_with_rejects
from kg.ingestion.mapping import Mapping
from kg.ingestion.reading import Fault, read_records
from kg.judging.conflict_ground import is_counted
from kg.model.ontology import Ontology, read_ontology
from kg.model.terms import Predicate

MOST_HELD = 1_000_000  # rows that are held between two passes; more are read again
Pick = Callable[[pl.DataFrame], pl.DataFrame]


class Window:
    """The tables of a project, and the ids whose claims are wanted."""

    def __init__(self, folder: Path) -> None:
        """Read the project's files and mappings. Raises Fault if a table cannot be read."""
        self.folder, self.records = folder, read_records(folder)
        self.ontology = read_ontology(self.records.ontology, [])
        self.mappings = read_mappings(folder, self.records, self.ontology)
        self._held: list[tuple[Mapping, Rows]] = []
        self._hold = sum(count_rows(folder, mapping) for mapping in self.mappings) <= MOST_HELD

    def rows(self) -> Iterator[tuple[Mapping, Rows]]:
        """Yield the mapped rows of every batch of every table."""
        if self._held:
            yield from self._held
            return
        for mapping in self.mappings:
            for batch in read_batches(self.folder, mapping):
                rows = map_batch(mapping, batch)
                if self._hold:
                    self._held.append((mapping, rows))
                yield mapping, rows

    def resolve(self, name: str) -> str:
        """Return the id of an entity of the project by id or name, or "" if there is none or there are several."""
        folded, found = name.casefold(), set[str]()
        keys = {"id", *self.ontology.keys("entity")}
        for row in self.records.entities:
            names = (cell.text for key, cell in row.cells.items() if key not in keys)
            found |= {row.text("id")} if folded in {row.text("id"), *(text.casefold() for text in names)} else set()
        for _, rows in self.rows():
            for frame in rows.entities:
                columns = ["id", *(column for column in frame.columns if column not in {ROW, *keys})]
                same = [pl.col(column).str.to_lowercase() == folded for column in columns]
                found |= set(frame.filter(pl.any_horizontal(same))["id"])
        return name if name in found else found.pop() if len(found) == 1 else ""

    def representatives(self) -> set[str]:
        """Return the ids of the entities that represent every entity of their type."""
        found = {row.text("id") for row in self.records.entities if row.text("stands-for") == "any"}
        for _, rows in self.rows():
            for frame in rows.entities:
                if "stands-for" in frame.columns:
                    found |= set(frame.filter(pl.col("stands-for") == "any")["id"])
        return found

    def neighbours(self, ids: set[str], *, least: int = 1, pick: Pick | None = None) -> set[str]:
        """Return every id in the claims that name at least ``least`` of some ids, in files and in tables."""
        found = set[str]()
        for row in self.records.claims:
            named = {part for cell in row.cells.values() for part in cell.text.split("|")}
            if pick is None and len(named & ids) >= least:
                found |= named
        for _, rows in self.rows():
            for frame in rows.claims:
                some = self._naming(pick(frame) if pick else frame, ids, least)
                for key in _entity_keys(self.ontology, some):
                    found |= set(some[key].drop_nulls().unique())
        return found

    def read(self, wanted: set[str], bonds: set[str], lives: set[str]) -> Whole:
        """Return the checked project with the claims that name wanted ids, or that connect ids in ``bonds``.

        Events that begin or end an entity are there too, for the entities in ``lives``.
        """
        belongs, turns = _picking(self.ontology, _belongs), _picking(self.ontology, _turns)
        records = self.records
        for mapping, rows in self.rows():
            claims = [
                pl.concat(
                    [
                        self._naming(frame, wanted),
                        self._naming(belongs(frame), bonds),
                        self._naming(turns(frame), lives),
                    ]
                )
                .unique(ROW)
                .sort(ROW)
                for frame in rows.claims
            ]
            add_batch(records, mapping, Rows([], [], claims, rows.unfit.clear(), mapping, rows.batch))
        mentioned = {part for row in records.claims for cell in row.cells.values() for part in cell.text.split("|")}
        known = pl.Series(sorted(mentioned), dtype=pl.String).implode()
        for mapping, rows in self.rows():
            told = (rows.entities, rows.sources)
            entities, sources = ([frame.filter(pl.col("id").is_in(known)) for frame in frames] for frames in told)
            add_batch(records, mapping, Rows(entities, sources, [], rows.unfit.clear(), mapping, rows.batch))
        (world, problems), rejects = check_with_rejects(records)
        return Whole(records, world, problems, rejects)

    def _naming(self, frame: pl.DataFrame, ids: set[str], least: int = 1) -> pl.DataFrame:
        """Return the claims that name at least ``least`` of some ids."""
        wanted = pl.Series(sorted(ids), dtype=pl.String).implode()
        named = [pl.col(key).is_in(wanted).fill_null(value=False) for key in _entity_keys(self.ontology, frame)]
        return frame.filter(pl.sum_horizontal(named) >= least) if named else frame.clear()

    def publishers(self) -> set[str]:
        """Return the ids of the publishers of all sources."""
        found = {row.text("publisher") for row in (*self.records.sources, *self.records.entities)}
        for _, rows in self.rows():
            for frame in (*rows.sources, *rows.entities):
                if "publisher" in frame.columns:
                    found |= set(frame["publisher"].drop_nulls().unique())
        return found - {""}

    def bonds(self, ids: set[str]) -> set[str]:
        """Return some ids, those that they belong to, and so on upward and downward."""
        return self._along(ids, _belongs)

    def wholes(self, ids: set[str]) -> set[str]:
        """Return some ids, and what is counted in the same totals."""
        return self._along(ids, lambda term: is_counted(self.ontology, term))

    def _along(self, ids: set[str], fits: Callable[[Predicate], bool]) -> set[str]:
        """Return some ids, and those to which claims with terms that fit lead, in either direction."""
        pick, found = _picking(self.ontology, fits), set(ids)
        while new := self.neighbours(found, pick=pick) - found:
            found |= new
        return found


def _entity_keys(ontology: Ontology, frame: pl.DataFrame) -> list[str]:
    keys = ontology.row_keys
    return [key for key in frame.columns if key in keys and keys[key].value_kind in ENTITIES]


def _belongs(term: Predicate) -> bool:
    """Return whether one end of a claim with a term belongs to the other, or may be owned by it."""
    return bool(term.belongs or term.controlled)


def _turns(term: Predicate) -> bool:
    """Return whether an entity begins, comes to market, ends or gives way to another with a term."""
    return bool(term.begins or term.launches or term.ends or term.gives_way)


def _picking(ontology: Ontology, fits: Callable[[Predicate], bool]) -> Pick:
    """Return a function that keeps the claims whose term fits."""
    words = {
        name: [word for word, term in ontology.predicates(kind).items() if fits(term)]
        for name, kind in ontology.kinds.items()
    }

    def pick(frame: pl.DataFrame) -> pl.DataFrame:
        naming_key = next((name for name in words if name in frame.columns), "")
        return frame.filter(pl.col(naming_key).is_in(words[naming_key])) if naming_key else frame.clear()

    return pick


def read_window(folder: Path, names: Iterable[str], *, depth: int = 0, pair: bool = False) -> Whole | None:
    """Return the window of the named entities, or None if a name is unknown or the tables cannot be read.

    ``depth`` is the number of steps from them that a report covers; with ``pair``, it covers only claims that name two.
    """
    try:
        window = Window(folder)
    except Fault:
        return None
    ids = {window.resolve(name) for name in names}
    if "" in ids:
        return None
    for _ in range(depth):
        ids |= window.neighbours(ids)
    told = window.wholes(ids | window.neighbours(ids, least=2 if pair else 1) | window.representatives())
    around = told | window.neighbours(told)
    bonds = window.bonds(around | window.publishers())
    return window.read(told, bonds, around | bonds)
