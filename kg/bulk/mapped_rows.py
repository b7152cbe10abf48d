"""Apply a mapping to a batch: rows of text by claim, entity and source, as a curator would have written them.

Columns are the keys of a claim file; a null is an absent key. The only check here is that look-ups find a match.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Map
from dataclasses import dataclass
from functools import partial

import polars as pl
import polars_hash as plh

from kg.bulk.names import ROW
from kg.ingestion.mapping import COLUMN, GROUP, MADE, MADE_ID, NUMBER, WHERE, LookUp, Mapping, Recipe, Template

SLUG = 40
NULL_WORDS = (
    *("N/A", "n/a", "NA", "#N/A", "N.A.", "n.a.", "NULL", "Null", "null", "NaN", "nan", "None", "none", "nil"),
    *("-", "--", "–", "—"),
)  # placeholders for a missing value; no entity has such a name


@dataclass(frozen=True)
class Rows:
    """The rows of a batch: entities and sources by recipe, claims by template, and the rows that no look-up matches."""

    entities: list[pl.DataFrame]
    sources: list[pl.DataFrame]
    claims: list[pl.DataFrame]
    unfit: pl.DataFrame
    mapping: Mapping
    batch: pl.DataFrame  # the rows that fit, with the columns of the table and the look-ups

    @property
    def doubtful(self) -> pl.DataFrame:
        """Return row, column and word for each placeholder of a missing value that is taken as it is."""
        return _doubtful(self.mapping, self.batch)


def map_batch(mapping: Mapping, batch: pl.DataFrame) -> Rows:
    """Apply a mapping to a batch of text."""
    batch = batch.rename(lambda name: name if name == ROW else COLUMN + name)
    batch = batch.with_columns(message=pl.lit(None, pl.String))
    for name, look_up in mapping.columns.items():
        batch = _looked_up(batch, name, look_up)
    unfit = batch.filter(pl.col("message").is_not_null()).select(ROW, pl.lit("KG102").alias("code"), "message")
    if unfit.height:
        batch = batch.join(unfit.select(ROW), on=ROW, how="anti", maintain_order="left")
    fitting = batch
    for name, recipe in (*mapping.sources.items(), *mapping.entities.items()):
        batch = _with_id(batch, name, recipe)
    return Rows(
        [_records(batch, name, recipe) for name, recipe in mapping.entities.items()],
        [_records(batch, name, recipe) for name, recipe in mapping.sources.items()],
        [_claims(batch, cells) for cells in mapping.claims],
        unfit,
        mapping,
        fitting,
    )


def _doubtful(mapping: Mapping, batch: pl.DataFrame) -> pl.DataFrame:
    recipes = (*mapping.entities.values(), *mapping.sources.values())
    templates = [t for cells in (*mapping.claims, *(recipe.cells for recipe in recipes)) for t in cells.values()]
    taken = {
        name for t in (*templates, *(r.key for r in recipes if r.key)) for name in t.columns if name in batch.columns
    }
    found = [
        batch.filter(pl.col(name).is_in(NULL_WORDS)).select(
            ROW, column=pl.lit(name.removeprefix(COLUMN).removeprefix(MADE)), word=name
        )
        for name in sorted(taken)
    ]
    return pl.concat(found) if found else pl.DataFrame(schema={ROW: pl.UInt32, "column": pl.String, "word": pl.String})


def _claims(batch: pl.DataFrame, cells: Map[str, Template]) -> pl.DataFrame:
    """Return the claims of the rows; a row whose text under ``where`` is empty makes no claim."""
    claims = batch.select(ROW, **_cells(cells))
    return claims.filter(pl.col(WHERE).is_not_null()).drop(WHERE) if WHERE in cells else claims


def _cells(cells: Map[str, Template]) -> dict[str, pl.Expr]:
    return {key: filled(template) for key, template in cells.items()}


def filled(template: Template, group: Callable[[int], pl.Expr] | None = None) -> pl.Expr:
    """Return a template's text with its columns filled in; null if one of them is null."""
    pieces = [_taken(piece, group) if place % 2 else pl.lit(piece) for place, piece in enumerate(template.pieces)]
    if len(pieces) == 3 and not template.pieces[0] + template.pieces[2]:
        return pieces[1]
    return pl.concat_str(pieces) if len(pieces) > 1 else pieces[0]


def _taken(column: str, group: Callable[[int], pl.Expr] | None) -> pl.Expr:
    if group and column.startswith(GROUP):
        return group(int(column.removeprefix(GROUP)))
    return pl.col(ROW).cast(pl.String) if column == NUMBER else pl.col(column)


def _looked_up(batch: pl.DataFrame, name: str, look_up: LookUp) -> pl.DataFrame:
    """Add the result of a look-up, and report the rows without a match; an empty result is a match."""
    text, column = filled(look_up.of), pl.col(MADE + name)
    batch = batch.with_columns(_found(look_up, text).alias(MADE + name))
    unfit = pl.when(column.is_null()).then(pl.concat_str(pl.lit(f"no {name} for '"), text, pl.lit("'")))
    return batch.with_columns(pl.when(column != "").then(column), pl.coalesce("message", unfit).alias("message"))


def _found(look_up: LookUp, text: pl.Expr) -> pl.Expr:
    """Return the result of a look-up for a text; null if nothing matches."""
    plain = {word: result.pieces[0] for word, result in look_up.exact.items() if not result.columns}
    found = [text.replace_strict(list(plain), list(plain.values()), default=None, return_dtype=pl.String)]
    found += [
        pl.when(text == word).then(filled(result).fill_null(""))
        for word, result in look_up.exact.items()
        if result.columns
    ]
    for pattern, result in look_up.patterns.items():
        given = filled(result, partial(_group, text, pattern)).fill_null("")
        found.append(pl.when(text.str.contains(pattern)).then(given))
    if look_up.otherwise:
        found.append(filled(look_up.otherwise).fill_null(""))
    return pl.coalesce(found)


def _group(text: pl.Expr, pattern: str, number: int) -> pl.Expr:
    return text.str.extract(pattern, number).fill_null("")


def _with_id(batch: pl.DataFrame, name: str, recipe: Recipe) -> pl.DataFrame:
    """Add the id of an entity or a source as a column: the given one, or one made from the key."""
    if recipe.key is None:
        return batch.with_columns(filled(recipe.cells["id"]).alias(MADE_ID + name))
    batch = batch.with_columns(filled(recipe.key).alias("key"))
    keys = _with_made_ids(batch.select("key").unique().drop_nulls(), recipe.prefix or name, MADE_ID + name)
    return batch.join(keys, on="key", how="left", maintain_order="left").drop("key")


def _with_made_ids(keys: pl.DataFrame, prefix: str, column: str) -> pl.DataFrame:
    """Add readable ids made from ``key``, with a digest if it has more than letters, digits and spaces.

    Each step is a separate ``with_columns``, because within one, polars computes every use of an expression again.
    """
    keys = keys.with_columns(folded=pl.col("key").str.to_lowercase().str.replace_all(r"\s+", " "))
    folded = pl.col("folded")
    slug = folded.str.replace_all("[^a-z0-9]+", "-").str.strip_chars("-").str.slice(0, SLUG).str.strip_chars("-")
    whole = folded.str.contains("^[a-z0-9]+( [a-z0-9]+)*$") & (folded.str.len_bytes() <= SLUG)
    digest = plh.concat_str(folded).chash.sha2_256().str.slice(0, 8)
    keys = keys.with_columns(slug=slug, digest=pl.when(~whole).then(pl.concat_str(pl.lit("-"), digest)))
    behind = pl.when(pl.col("slug") != "").then(pl.concat_str(pl.lit("-"), "slug"))
    made = pl.concat_str(pl.lit(prefix), behind, "digest", ignore_nulls=True)
    return keys.select("key", made.alias(column))


def _records(batch: pl.DataFrame, name: str, recipe: Recipe) -> pl.DataFrame:
    """Return the records of a batch, the first of each id."""
    cells = {**_cells(recipe.cells), "id": pl.col(MADE_ID + name)}
    return batch.select(ROW, **cells).filter(pl.col("id").is_not_null()).unique("id", keep="first", maintain_order=True)
