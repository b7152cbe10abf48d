"""The claims of a checked project as one table, in the columns of the Parquet files of a build (docs/tables.md)."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

import polars as pl

from kg.bulk.parquet import keyed, keys_of
from kg.ingestion.world_rows import claim_cells
from kg.judging.verdicts import Judgement
from kg.model.world import Claim, World

HEAD = {
    **dict.fromkeys(("claim", "proposition", "slot", "kind", "verdict", "valid_from", "valid_until"), pl.String),
    **{"source": pl.String, "file": pl.String, "row": pl.UInt32},
}


def claims_parquet(world: World, judgements: Mapping[str, Judgement]) -> bytes:
    """Return every claim as a row of a Parquet file, sorted by file and row."""
    file = BytesIO()
    claims_table(world, judgements).write_parquet(file, statistics=True)
    return file.getvalue()


def claims_table(world: World, judgements: Mapping[str, Judgement]) -> pl.DataFrame:
    """Return every claim as a row: its names, kind, verdict, days, source and place, then each key as text."""
    by_iri, keys = {claim.iri: claim for claim in world.claims}, keys_of(world.ontology)
    schema = HEAD | {keyed(key): pl.String for key in keys}
    rows = [_row(world, claim, by_iri, judgements, keys) for claim in world.claims]
    days = pl.col("valid_from", "valid_until").str.to_date()
    return pl.DataFrame(rows, schema, orient="row").with_columns(days).sort("file", "row", "claim")


def _row(
    world: World, claim: Claim, by_iri: Mapping[str, Claim], judgements: Mapping[str, Judgement], keys: list[str]
) -> tuple[str | int | None, ...]:
    proposition, cells = claim.proposition, claim_cells(claim, by_iri, world.ontology)
    lower, upper = proposition.period
    return (
        *(iri.rpartition("/")[2] for iri in (claim.iri, proposition.iri, proposition.slot)),
        proposition.kind.notation,
        judgements[proposition.iri].verdict.notation,
        lower or None,
        upper or None,
        claim.source.id,
        claim.place.file,
        claim.place.line,
        *(cells.get(key) for key in keys),
    )
