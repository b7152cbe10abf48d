"""A mapping applied to a batch: rows of text by claim, entity and source, as a curator would have written them.

Columns are the keys of a claim file, a null is an absent key. Nothing is checked here but that look-ups find something.
"""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass

import polars as pl
import polars_hash as plh

from kg.bulk.names import ROW
from kg.ingestion.mapping import NUMBER, WHERE, LookUp, Mapping, Recipe, Template, id_column

SLUG = 40
KEY = ".key"


@dataclass(frozen=True)
class Rows:
    """What a batch says: entities and sources by recipe, claims by template, and the rows that no look-up fits."""

    entities: list[pl.DataFrame]
    sources: list[pl.DataFrame]
    claims: list[pl.DataFrame]
    unfit: pl.DataFrame


def map_batch(mapping: Mapping, batch: pl.DataFrame) -> Rows:
    """Apply a mapping to a batch of text."""
    batch = batch.with_columns(**{name: _looked_up(look_up) for name, look_up in mapping.columns.items()})
    unfit = _unfit(mapping, batch)
    if unfit.height:
        batch = batch.join(unfit.select(ROW), on=ROW, how="anti", maintain_order="left")
    for name, recipe in mapping.entities.items():
        batch = _with_id(batch, name, recipe)
    return Rows(
        [_records(batch, name, recipe) for name, recipe in mapping.entities.items()],
        [_records(batch, "", recipe) for recipe in mapping.sources.values()],
        [_claims(batch, cells) for cells in mapping.claims],
        unfit,
    )


def _claims(batch: pl.DataFrame, cells: Map[str, Template]) -> pl.DataFrame:
    """Return what the rows claim; those where the text under ``where`` is empty claim nothing."""
    claims = batch.select(pl.col(ROW), **_cells(cells))
    return claims.filter(pl.col(WHERE).is_not_null()).drop(WHERE) if WHERE in cells else claims


def _cells(cells: Map[str, Template]) -> dict[str, pl.Expr]:
    return {key: filled(template) for key, template in cells.items()}


def filled(template: Template) -> pl.Expr:
    """Return a text with its columns filled in; null where one of them is."""
    if len(template.pieces) == 3 and not template.pieces[0] + template.pieces[2]:
        return _taken(template.pieces[1])
    pieces = [_taken(piece) if place % 2 else pl.lit(piece) for place, piece in enumerate(template.pieces)]
    return pl.concat_str(pieces) if len(pieces) > 1 else pieces[0]


def _taken(column: str) -> pl.Expr:
    return pl.col(ROW if column == NUMBER else column).cast(pl.String)


def _looked_up(look_up: LookUp) -> pl.Expr:
    text = filled(look_up.of)
    found = text.replace_strict(list(look_up.exact), list(look_up.exact.values()), default=None, return_dtype=pl.String)
    for pattern, value in look_up.patterns.items():
        given = text.str.replace(pattern, value) if "$" in value else pl.lit(value)
        found = pl.coalesce(found, pl.when(text.str.contains(pattern)).then(given))
    return pl.coalesce(found, pl.lit(look_up.otherwise)) if look_up.otherwise else found


def _unfit(mapping: Mapping, batch: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of which a look-up knows nothing: row, code, message."""
    faults = [
        pl.when(pl.col(name).is_null() & filled(look_up.of).is_not_null()).then(
            pl.concat_str(pl.lit(f"no {name} for '"), filled(look_up.of), pl.lit("'"))
        )
        for name, look_up in mapping.columns.items()
        if look_up.otherwise is None
    ]
    message = pl.coalesce(faults) if faults else pl.lit(None, pl.String)
    return batch.select(pl.col(ROW), code=pl.lit("KG102"), message=message).filter(pl.col("message").is_not_null())


def _with_id(batch: pl.DataFrame, name: str, recipe: Recipe) -> pl.DataFrame:
    """Add the entity's id as a column: the one that is given, or one made from the key."""
    if recipe.key is None:
        return batch.with_columns(filled(recipe.cells["id"]).alias(id_column(name)))
    batch = batch.with_columns(filled(recipe.key).alias(KEY))
    keys = _with_made_ids(batch.select(KEY).unique().drop_nulls(), recipe.prefix or name, id_column(name))
    return batch.join(keys, on=KEY, how="left", maintain_order="left").drop(KEY)


def _with_made_ids(keys: pl.DataFrame, prefix: str, column: str) -> pl.DataFrame:
    """Add ids made from ``.key``: readable, and with a digest behind it where letters, digits and spaces are not all.

    One step after the other, for within one each use of an expression is computed anew.
    """
    keys = keys.with_columns(folded=pl.col(KEY).str.to_lowercase().str.replace_all(r"\s+", " "))
    folded = pl.col("folded")
    slug = folded.str.replace_all("[^a-z0-9]+", "-").str.strip_chars("-").str.slice(0, SLUG).str.strip_chars("-")
    whole = folded.str.contains("^[a-z0-9]+( [a-z0-9]+)*$") & (folded.str.len_bytes() <= SLUG)
    digest = plh.concat_str(folded).chash.sha2_256().str.slice(0, 8)
    keys = keys.with_columns(slug=slug, digest=pl.when(~whole).then(pl.concat_str(pl.lit("-"), digest)))
    behind = pl.when(pl.col("slug") != "").then(pl.concat_str(pl.lit("-"), "slug"))
    made = pl.concat_str(pl.lit(prefix), behind, "digest", ignore_nulls=True)
    return keys.select(KEY, made.alias(column))


def _records(batch: pl.DataFrame, name: str, recipe: Recipe) -> pl.DataFrame:
    """Return the records of a batch, the first of each id."""
    cells = _cells(recipe.cells)
    if name:
        cells["id"] = pl.col(id_column(name))
    return (
        batch.select(pl.col(ROW), **cells)
        .filter(pl.col("id").is_not_null())
        .unique("id", keep="first", maintain_order=True)
    )
