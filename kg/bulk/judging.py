"""Compute verdicts by column with the rule of ``verdicts``, for claims that refer to no other claim.

In: named claims from ``claims``. Out: the oppositions between them, and a verdict for each proposition.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from kg.bulk.buckets import END
from kg.bulk.claims import Ledger, collapsed, ends, join_readings, place_of
from kg.bulk.distinct_texts import ENTITIES, PLAIN, is_read
from kg.judging.verdicts import TIME_KEYS, UNPLACED, VERDICT

CORE = ("stance", "modality", ".proposition", ".claim", ".lower", ".upper", ".worth")
ALSO = {".proposition": pl.String, ".also": pl.String, ".term": pl.String}
PAIR = {".claim": pl.String, ".against": pl.String, ".why": pl.String}
SPREAD = 0x9E3779B97F4A7C1  # spreads small numbers over 64 bits
STANCES = {"declines": "no-comment", "silent": "not-found"}  # stances that add a qualifier to the verdict


@dataclass(frozen=True)
class Judged:
    """Verdicts (``.proposition``, ``.verdict``, ``.qualifiers``), oppositions (``.claim``, ``.against``, ``.why``).

    ``.why`` is the property of an opposition: contradicts or excludes. ``.qualifiers`` is a list; only those that a
    stance gives are computed here. ``also`` holds the other terms between the ends of a proposition: ``.proposition``,
    and two IRIs, ``.also`` (the property) and ``.term``.
    """

    verdicts: pl.DataFrame
    oppositions: pl.DataFrame
    also: pl.DataFrame


def judge(ledger: Ledger, frames: Iterable[pl.DataFrame], wide: Iterable[pl.DataFrame]) -> Judged:
    """Judge claims, one frame per kind of row; ``wide`` are denials from other buckets that may cover some of them."""
    frames = list(frames)
    elsewhere = [_flat(ledger, frame) for frame in wide]  # may have keys that no claim here has
    here = [*(_flat(ledger, frame) for frame in frames), *(frame.clear() for frame in elsewhere)]
    claims = pl.concat(here, how="diagonal")
    denials = pl.concat([claims, *elsewhere], how="diagonal").filter(stance="denies")
    asserted = claims.filter(stance="asserts")
    pairs = [*_denied(ledger, denials.unique(".claim"), asserted), _held(ledger, asserted)]
    oppositions = pl.concat(pairs).unique() if pairs else pl.DataFrame(schema=PAIR)
    return Judged(_verdicts(ledger, claims, oppositions), oppositions, _also(ledger, frames))


def _flat(ledger: Ledger, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the columns that the rule compares, with the content keys in canonical form."""
    kind, naming = ledger.kind(frame), ledger.naming(frame)
    keys = [key for key in ledger.content(frame) if key not in (*TIME_KEYS, naming)]
    read = [key for key in keys if is_read(ledger.keys[key])]
    frame = join_readings(ledger, frame, read, ("canonical",))
    texts = [key for key in keys if ledger.keys[key].value_kind in PLAIN]
    plain = {**{key: pl.col(f"{key}|canonical") for key in read}, **{key: collapsed(key) for key in texts}}
    values = [plain.get(key, pl.col(key)).alias(key) for key in keys]
    return frame.select(*CORE, *values, pl.lit(kind.notation).alias(".kind"), pl.col(naming).alias(".term"))


def _overlap() -> pl.Expr:
    """Return whether the periods of two joined claims can share a day; null is open."""
    before, after = pl.col(".lower") <= pl.col(".upper_right"), pl.col(".lower_right") <= pl.col(".upper")
    return before.fill_null(value=True) & after.fill_null(value=True)


# ---------------------------------------------------------------- denials


def _denied(ledger: Ledger, denials: pl.DataFrame, asserted: pl.DataFrame) -> Iterable[pl.DataFrame]:
    """Yield each denial with the assertions that it covers, one frame per set of keys."""
    keys = ledger.content(denials)
    masks = (
        denials.select(".kind", *(pl.col(key).is_not_null() for key in keys)).unique().rows() if denials.height else []
    )
    for kind, *mask in sorted(masks):
        there = [key for key, present in zip(keys, mask, strict=True) if present]
        same = pl.all_horizontal(
            pl.col(k).is_not_null() if p else pl.col(k).is_null() for k, p in zip(keys, mask, strict=True)
        )
        mine = pl.col(".kind") == kind
        yield from _covered(ledger, denials.filter(same, mine), asserted.filter(mine), there)


def _covered(ledger: Ledger, denials: pl.DataFrame, asserted: pl.DataFrame, keys: list[str]) -> Iterable[pl.DataFrame]:
    """Yield the pairs of denials with certain keys; a denial of any entity of a type matches by type."""
    anyone = ledger.entities.filter("any")
    ends = [key for key in keys if ledger.keys[key].value_kind in ENTITIES and anyone.height]
    split: list[tuple[pl.DataFrame, list[str]]] = [(denials, [])]
    for key in ends:
        is_any = pl.col(key).is_in(anyone["id"].to_list())
        split = [
            part
            for frame, free in split
            for part in ((frame.filter(is_any), [*free, key]), (frame.filter(~is_any), free))
        ]
    for frame, free in split:
        if frame.height:
            yield _matched(ledger, frame, asserted, [key for key in keys if key not in free], free)


def _matched(
    ledger: Ledger, denials: pl.DataFrame, asserted: pl.DataFrame, exact: list[str], free: list[str]
) -> pl.DataFrame:
    """Return the pairs of a denial and an assertion with equal values, narrower terms, or members of any type."""
    wider = _wider_terms(ledger, asserted[".term"].unique().to_list(), denials[".term"].unique().to_list())
    narrowed = asserted.join(wider, on=".term", how="inner")
    pairs = narrowed.join(denials.with_columns(pl.col(".term").alias(".wider")), on=[".wider", *exact], how="inner")
    pairs = pairs.filter(_overlap())
    for key in free:
        pairs = pairs.join(
            _members(ledger, denials[key].unique().to_list()),
            left_on=[key, f"{key}_right"],
            right_on=[".member", ".any"],
            how="inner",
        )
    return pairs.select(**{".claim": ".claim_right", ".against": ".claim", ".why": pl.lit("contradicts")})


def _wider_terms(ledger: Ledger, narrow: list[str], wide: list[str]) -> pl.DataFrame:
    """Return pairs of a term's notation and that of a broader term, or of itself."""
    naming = [ledger.keys[name].one("termClass") for name in ledger.ontology.kinds]
    terms = {word: term for cls in naming for word, term in ledger.ontology.terms(cls).items()}
    pairs = [(n, w) for n in narrow for w in wide if terms[w].iri in ledger.ontology.broader(terms[n].iri)]
    return pl.DataFrame(pairs, {".term": pl.String, ".wider": pl.String}, orient="row")


def _members(ledger: Ledger, anyone: list[str]) -> pl.DataFrame:
    """Return pairs of an entity and the entity that represents any of its type."""
    types, ontology = ledger.ontology.terms("EntityType"), ledger.ontology
    found = []
    for id, type_ in ledger.entities.filter(pl.col("id").is_in(anyone)).select("id", "type").rows():
        fitting = [word for word, term in types.items() if ontology.is_a(term.iri, (types[type_].iri,))]
        members = ledger.entities.filter(pl.col("type").is_in(fitting)).select(
            pl.col("id").alias(".member"), pl.lit(id).alias(".any")
        )
        found.append(members)
    return pl.concat(found)


# ---------------------------------------------------------------- places that only one can hold


def _held(ledger: Ledger, asserted: pl.DataFrame) -> pl.DataFrame:
    """Return each holder of a place with the others who hold it at the same time."""
    if not {"agent", "target"} <= set(asserted.columns):
        return pl.DataFrame(schema=PAIR)
    ontology = ledger.ontology
    factual = [word for word, term in ontology.terms("Modality").items() if term.one("verdictOf") == f"{VERDICT}stated"]
    exclusive = [word for word, term in ontology.terms("Role").items() if term.flag("exclusive")]
    only = pl.col("only") == "agent" if "only" in asserted.columns else pl.lit(value=False)
    placed = asserted.drop_nulls(["agent", "target"])
    place = [".kind", ".term", *(key for key in ledger.content(placed) if key not in UNPLACED)]
    excludes = (pl.col(".term").is_in(exclusive) | only.fill_null(value=False)) & pl.col("modality").is_in(factual)
    holders = placed.filter(excludes)
    pairs = holders.join(placed, on=place, how="inner", nulls_equal=True)
    pairs = pairs.filter(pl.col("agent") != pl.col("agent_right"), _overlap())
    return pairs.select(".claim", **{".against": ".claim_right", ".why": pl.lit("excludes")})


def _verdicts(ledger: Ledger, claims: pl.DataFrame, oppositions: pl.DataFrame) -> pl.DataFrame:
    """Return the verdict of each proposition."""
    words = {str(term.position): word for word, term in ledger.ontology.terms("Verdict").items()}
    asserts, denies = pl.col("stance") == "asserts", pl.col("stance") == "denies"
    opposed = oppositions.select(pl.col(".against").alias(".claim"), pl.lit(value=True).alias(".opposed")).unique()
    judged = (
        claims.join(opposed, on=".claim", how="left")
        .group_by(".proposition", maintain_order=True)
        .agg(
            asserted=asserts.any(),
            denied=denies.any(),
            opposed=(asserts & pl.col(".opposed").fill_null(value=False)).any(),
            **{name: (pl.col("stance") == stance).any() for stance, name in STANCES.items()},
            worth=pl.col(".worth").filter(asserts).min().cast(pl.String),
        )
    )
    worth = pl.col("worth").replace_strict(list(words), list(words.values()), default=None, return_dtype=pl.String)
    verdict = (
        pl.when(pl.col("asserted") & pl.col("opposed"))
        .then(pl.lit("contested"))
        .when(pl.col("asserted"))
        .then(worth)
        .when(pl.col("denied"))
        .then(pl.lit("denied"))
        .otherwise(pl.lit("declined"))
    )
    qualifiers = pl.concat_list(pl.when(name).then(pl.lit(name)) for name in STANCES.values()).list.drop_nulls()
    return judged.select(".proposition", verdict.alias(".verdict"), qualifiers.alias(".qualifiers"))


# ---------------------------------------------------------------- other terms between the same ends


def _also(ledger: Ledger, frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Return the other terms of its kind between the two ends of each proposition, as ``rdf.triples`` does.

    There are rarely any, so a comparison of numbers finds the candidates first.
    """
    asserted = [_between(ledger, frame) for frame in frames if ledger.kind(frame).all("otherTerm")]
    if not asserted:
        return pl.DataFrame(schema=ALSO)
    rows = pl.concat(asserted)
    both, place = [".near", ".far", ".also"], [".near", ".far", ".also", ".term"]
    rows = rows.filter(pl.col(".pair").is_duplicated()).drop(".pair").drop_nulls().unique()
    terms = rows.select(place).unique()
    others = terms.join(terms, on=both).filter(pl.col(".term") != pl.col(".term_right"))
    found = rows.join(others, on=place).select(".proposition", ".also", pl.col(".term_right").alias(".term"))
    return found.sort(found.columns)


def _between(ledger: Ledger, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the asserted propositions of a frame with their ends, terms, and a hash of the ends."""
    kind, terms = ledger.kind(frame), {word: term.iri for word, term in ledger.terms(frame).items()}
    near = place_of(ledger.ontology.term(kind.one("lineFrom")).notation)
    return frame.filter(stance="asserts").select(
        ".proposition",
        *ends(ledger, frame),
        pl.lit(kind.one("otherTerm")).alias(".also"),
        ledger.term_expr(frame, terms).alias(".term"),
        (pl.col(END) + pl.col(near).cast(pl.UInt64) * SPREAD).alias(".pair"),
    )
