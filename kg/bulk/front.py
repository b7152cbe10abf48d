"""Judge the claims of claim files together with the table rows at the same far ends, before any bucket is judged.

Claims in files refer to each other, so they are judged as one world. What they bear on in tables, and what bears on
them, is at their far ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from kg.bulk.buckets import END, FAR_ENDS, end_of
from kg.bulk.claim_objects import Objects
from kg.bulk.claims import Ledger
from kg.bulk.judging import VERDICTS, Beyond, bonds
from kg.bulk.names import PART
from kg.bulk.reach import life_rows, pairs
from kg.bulk.tables import BONDS, CITED, LIVES, NEAR, PAIRS, WIDE, Front, Tables
from kg.judging.origins import Descent, copies, grouped
from kg.judging.origins import bonds as bonds_of
from kg.judging.qualifiers import qualified
from kg.judging.verdicts import Judge
from kg.model.world import Claim, Ref, World
from kg.rdf.triples import Quad, derived_quads


def front_of(world: World, wide: list[pl.DataFrame]) -> Front:
    """Return the far ends, names and bonds of the claims of a world; ``wide`` are denials that reach farther."""
    ends = pl.DataFrame({"far": [end for claim in world.claims if (end := _far_end(world, claim))]}, {"far": pl.String})
    base = f"{world.settings.base}id/"
    pairs = {pair for claim in world.claims for pair in bonds_of(claim)}
    belonging = sorted(tuple(name.removeprefix(base) for name in pair) for pair in pairs)
    names = ([c.iri for c in world.claims], [proposition.iri for proposition in world.propositions])
    claims, propositions = (pl.Series([name.rpartition("/")[2] for name in some], dtype=pl.String) for some in names)
    bonded = pl.DataFrame(belonging, {"part": pl.String, "whole": pl.String}, orient="row")
    return Front(ends.select(end_of(pl.col("far")).unique())[END], claims, propositions, bonded, wide)


def _far_end(world: World, claim: Claim) -> str:
    """Return the id of the far end of a claim, or "" for a claim about claims, or about a set of parties alone."""
    content = claim.proposition.content
    value = next((content[key] for key in FAR_ENDS if key in content), "")
    return value.id if isinstance(value, Ref) and value.id in world.entities else ""


def note(tables: Tables, frame: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield what other buckets, and the claim files, need to know of some claims of a table, by name."""
    ledger = tables.ledger
    yield WIDE, wide_denials(ledger, frame)
    yield BONDS, bonds(ledger, frame)
    yield NEAR, frame.filter(pl.col(END).is_in(tables.front.ends.implode()))
    yield LIVES, life_rows(ledger, frame)
    yield PAIRS, pairs(ledger, frame)
    if "second-hand" in frame.columns:
        yield CITED, frame.select(PART, id="second-hand").drop_nulls().unique().sort("id")


def wide_denials(ledger: Ledger, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the denials that may cover claims in other buckets: without an end, or of any entity of a type."""
    ends = [end for end in ("target", "object", "about") if end in frame.columns]
    anyone = ledger.entities.filter("any")["id"].to_list()
    open_ = pl.coalesce(ends).is_null() | pl.coalesce(ends).is_in(anyone) if ends else pl.lit(value=True)
    return frame.filter(open_, stance="denies")


def descent(tables: Tables, claims: Iterable[Claim] = ()) -> Descent:
    """Return what origins are traced by, for the claims of tables, which have been read, and for claims of files."""
    ledger, base = tables.ledger, f"{tables.ledger.settings.base}id/"
    pairs = [tables.front.bonds, *(frame.select("part", "whole") for frame in tables.notes[BONDS])]
    belongs = grouped((f"{base}{part}", f"{base}{whole}") for part, whole in pl.concat(pairs).unique().iter_rows())
    made = ledger.sources.filter(pl.col("copy-of").is_not_null() | pl.col("sha256").is_not_null())
    copied = copies(Objects(ledger, tables.clocks, [{"source": id} for id in made["id"]]).sources.values())
    wanted = {name.removeprefix(base) for name in copied.values()}
    wanted |= {ref.id for claim in claims if (ref := claim.ref("second-hand"))}
    wanted |= {id for frame in tables.notes[CITED] for id in frame["id"]}
    documents = pl.concat(records.select("id", "publisher") for records in (ledger.entities, ledger.sources))
    known = documents.drop_nulls().filter(pl.col("id").is_in(sorted(wanted)))
    publishers = {f"{base}{id}": f"{base}{publisher}" for id, publisher in known.iter_rows()}
    return Descent(publishers, copied, belongs)


def judge_front(tables: Tables, world: World) -> tuple[Beyond, set[Quad]]:
    """Judge the claims of a world of claim files with the table rows at the same far ends.

    Return what bears on the claims of every bucket, and the quads of what follows from the claims judged here.
    """
    ledger, traced = tables.ledger, descent(tables, world.claims)
    near = [row for frame in tables.notes[NEAR] for row in frame.iter_rows(named=True)]
    objects = Objects(ledger, tables.clocks, near)
    told = {claim.iri: claim for claim in objects.world(near).claims}
    claims = {**told, **{claim.iri: claim for claim in world.claims}}
    judge = Judge(
        World(
            ledger.settings,
            ledger.ontology,
            {**objects.entities, **world.entities},
            {**objects.sources, **world.sources},
            tuple(claims.values()),
            tables.clocks,
        ),
        traced,
    )
    judgements = qualified(judge)
    base = ledger.settings.base
    quads = derived_quads(judge.world, judgements, judge.origins)
    digits = sorted({row[".proposition"] for row in near})
    words = [(name, judgements[f"{base}proposition/{name}"].verdict.notation) for name in digits]
    verdicts = pl.DataFrame(words, VERDICTS, orient="row")
    beyond = Beyond(f"{base}id/", tables.clocks, traced, tables.front.ends, verdicts)
    return beyond, quads
