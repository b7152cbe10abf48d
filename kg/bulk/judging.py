"""Judge the claims of a bucket with the rules of ``kg.judging``: columns find which claims bear on each other.

Claims are judged as objects. Most are alone: nothing bears on them, so that their judgement follows from their shape,
and of each shape only the first is judged. The answers are joined back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

import polars as pl

from kg.bulk.answers import Answers
from kg.bulk.buckets import END
from kg.bulk.claim_objects import Row
from kg.bulk.claims import Ledger, join_readings
from kg.bulk.distinct_texts import ENTITIES
from kg.bulk.names import PART
from kg.bulk.timing import SEEN, timed
from kg.judging.origins import Descent, bond_keys
from kg.judging.verdicts import VERDICT
from kg.model.iris import KG, iri
from kg.model.ontology import Ontology
from kg.model.terms import Modality
from kg.model.world import Clocks

NUMBER, SHAPE = ".number", ".shape"
NEAR_ENDS = ("agent", "subject")  # a row of a table takes no set of parties
SPREAD = 0x9E3779B97F4A7C1  # spreads small numbers over 64 bits
JUDGED = pl.Schema(
    {".verdict": pl.String(), ".derived": pl.String(), ".yields": pl.List(pl.String()), ".told": pl.String()}
)
VERDICTS = {".proposition": pl.String, ".verdict": pl.String}
SHARED = {".claim": pl.String, ".name": pl.String, ".pairs": pl.String}


@dataclass(frozen=True)
class Beyond:
    """What bears on the claims of a bucket from beyond it.

    The claims at the far ends in ``front`` are judged with those of the claim files; ``verdicts`` holds their verdicts
    (``.proposition``, ``.verdict``).
    """

    base: str  # of the IRIs of entities and documents
    clocks: Clocks
    descent: Descent
    front: pl.Series = field(default_factory=lambda: pl.Series(END, [], pl.UInt64))
    verdicts: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=VERDICTS))

    @cached_property
    def copied(self) -> pl.Series:
        """Return the ids of the documents that are copies."""
        return self._ids(self.descent.copied)

    @cached_property
    def parts(self) -> pl.Series:
        """Return the ids of the entities that belong to others."""
        return self._ids(self.descent.belongs)

    def _ids(self, iris: Iterable[str]) -> pl.Series:
        return pl.Series([name.removeprefix(self.base) for name in iris], dtype=pl.String)


@dataclass(frozen=True)
class Judged:
    """The claims of a bucket with what follows from them, one frame per kind of row, and what they corroborate.

    The claims get the columns ``.verdict`` and ``.yields`` (the predicates of one-hop triples) of the claim's
    proposition, and as Turtle what is ``.derived`` of the proposition and ``.told`` of the claim. ``shared`` has one
    row for each corroboration: its first ``.claim``, its ``.name`` and pairs as Turtle.
    """

    claims: list[pl.DataFrame]
    shared: pl.DataFrame


def judge(ledger: Ledger, beyond: Beyond, frames: Iterable[pl.DataFrame]) -> Judged:
    """Judge the claims of a bucket: one frame per kind of row."""
    traced = [_traced(ledger, beyond, frame).with_row_index(NUMBER) for frame in frames]
    here = [frame.filter(~pl.col(END).is_in(beyond.front.implode())) for frame in traced]
    bearing = _bearing_claims(ledger, here).unique()
    apart = [_apart(ledger, beyond.clocks, frame.join(bearing, on=".claim", how="anti")) for frame in here]
    together = [row for frame in here for row in frame.join(bearing, on=".claim", how="semi").iter_rows(named=True)]
    first = [[*frame.filter(pl.col(NUMBER) == pl.col(SHAPE)).iter_rows(named=True)] for frame in apart]
    every = [*together, *(row for rows in first for row in rows)]
    answers = Answers(ledger, beyond.descent, beyond.clocks, every)
    found = pl.DataFrame(map(answers.of, together), {".claim": pl.String(), **JUDGED}, orient="row")
    alone = [_answered(ledger, frame, rows, answers) for frame, rows in zip(apart, first, strict=True)]
    claims = [_joined(ledger, frame, found, own, beyond.verdicts) for frame, own in zip(traced, alone, strict=True)]
    return Judged(claims, pl.DataFrame(answers.corroborations(), SHARED, orient="row"))


# ---------------------------------------------------------------- origins


def bonds(ledger: Ledger, frame: pl.DataFrame) -> pl.DataFrame:
    """Return what belongs to what, by claims that state it as a fact: ``.part``, and the ids ``part`` and ``whole``."""
    strong = [word for word, term in ledger.ontology.of(Modality).items() if term.verdict_when_weak]
    naming, found = pl.col(ledger.naming(frame)), []
    for word, term in ledger.terms(frame).items():
        part, whole = bond_keys(term)
        if part in frame.columns and whole in frame.columns:
            stated = (naming == word) & pl.col("modality").is_in(strong) & (pl.col("stance") == "asserts")
            found.append(frame.filter(stated).select(PART, part=part, whole=whole).drop_nulls())
    schema = {PART: pl.UInt16, "part": pl.String, "whole": pl.String}
    return pl.concat([pl.DataFrame(schema=schema), *found]).unique().sort("part", "whole")


def _traced(ledger: Ledger, beyond: Beyond, frame: pl.DataFrame) -> pl.DataFrame:
    """Add the id of each claim's origin, ``.origin``, and whether it has a stake in an entity of the claim, ``.stake``.

    The origin of what was read at second hand depends on other claims and is null. ``.one`` says that the speaker
    represents one.
    """
    base, descent = beyond.base, beyond.descent
    frame = ledger.register(ledger.sources).join(frame, "source", ("publisher",))
    frame = frame.with_columns(pl.when(pl.col("source").is_in(beyond.copied.implode())).then("source").alias(".copy"))
    told = frame.select(".copy", "source|publisher", "said-by").unique()
    origins = [
        descent.told_by(*(f"{base}{id or ''}" for id in ids)).removeprefix(base)  # only of a copy the document matters
        for ids in told.iter_rows()
    ]
    told = told.with_columns(pl.Series(".origin", origins, pl.String))
    frame = frame.join(told, on=told.columns[:-1], how="left", nulls_equal=True, maintain_order="left")
    if "second-hand" in frame.columns:
        frame = frame.with_columns(pl.when(pl.col("second-hand").is_null()).then(".origin").alias(".origin"))
    frame = ledger.register(ledger.entities).join(frame, "said-by", ("one",)).rename({"said-by|one": ".one"})
    frame = frame.drop(".copy", "source|publisher").with_columns(pl.lit(value=False).alias(".stake"))
    for key in (key for key in ledger.content(frame) if ledger.keys[key].value_kind in ENTITIES):
        frame = _with_stake(beyond, frame, key)
    return frame


def _with_stake(beyond: Beyond, frame: pl.DataFrame, key: str) -> pl.DataFrame:
    """Add to ``.stake`` whether the origins have a stake in the entities of a key."""
    base, parts = beyond.base, beyond.parts.implode()
    same = pl.col(".origin") == pl.col(key)
    owned = frame.filter(~same, pl.col(".origin").is_in(parts) | pl.col(key).is_in(parts))
    pairs = owned.select(".origin", key).unique()
    having = [beyond.descent.has_stake(f"{base}{origin}", f"{base}{party}") for origin, party in pairs.iter_rows()]
    held = pairs.filter(pl.Series(having, dtype=pl.Boolean)).with_columns(pl.lit(value=True).alias(".held"))
    frame = frame.join(held, on=[".origin", key], how="left", maintain_order="left")
    stake = pl.col(".stake") | same.fill_null(value=False) | pl.col(".held").fill_null(value=False)
    return frame.with_columns(stake.alias(".stake")).drop(".held")


# ---------------------------------------------------------------- what bears on what


def _bearing_claims(ledger: Ledger, frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Return the names of the claims that are not alone.

    Claims bear on each other if they name the same ends: the same agent and target, the same subject and object; so do
    the claims of all who hold what one holds alone, and the events that give it to somebody; and all claims at a far
    end where something is denied of anybody. What bears on them from farther away is judged before (``bulk.lives``).
    """
    rows = pl.concat([_bearing(ledger, frame) for frame in frames])
    within = rows.group_by(".pair").agg(
        pl.len(), pl.col(".term", ".origin", ".proposition").n_unique(), pl.col(".odd", ".cited", ".ends").any()
    )
    many, one = pl.col("len") > 1, pl.col(".proposition") == pl.col("len")
    differ = (pl.col(".term") > 1) | (pl.col(".origin") > 1) | ~one | pl.col(".odd") | pl.col(".ends")
    pairs = within.filter((many & differ) | pl.col(".cited"))[".pair"]
    shared = rows.filter(".only").join(rows, on=[END, ".term"]).filter(pl.col(".agent") != pl.col(".agent_right"))
    pairs = pl.concat([pairs, shared[".pair"], shared[".pair_right"]]).unique()
    free = rows.filter(".free")[END].unique()
    given = rows.filter(".gives").join(rows.filter(".only"), on=END, how="semi")[END].unique()
    bearing = pl.col(".pair").is_in(pairs.implode()) | pl.col(END).is_in(free.implode())
    taken = pl.col(END).is_in(given.implode()) & (pl.col(".gives") | pl.col(".only"))
    held = pl.col(".share").is_not_null() & pl.concat_str(END, ".term").is_in(_shared(rows).implode())
    measured = pl.col(".first").is_not_null() & pl.concat_str(".pair", ".term").is_in(_overlapping(rows).implode())
    return rows.filter(bearing | taken | held | measured).select(".claim")


def _shared(rows: pl.DataFrame) -> pl.Series:
    """Return the far ends, with the term, where shares may not fit: of one holder, or above a hundred per cent."""
    held = rows.filter(pl.col(".share").is_not_null()).group_by(END, ".term")
    told = held.agg(pl.len(), pl.col(".agent").n_unique(), pl.col(".share").sum())
    told = told.filter((pl.col(".agent") < pl.col("len")) | (pl.col(".share") > 100))
    return told.select(pl.concat_str(END, ".term")).to_series()


def _overlapping(rows: pl.DataFrame) -> pl.Series:
    """Return the ends, with the measure, at which figures are told of times that overlap."""
    told = rows.filter(pl.col(".first").is_not_null()).sort(".pair", ".term", ".first")
    series = [".pair", ".term"]
    before = pl.col(".last").cum_max().shift(1).over(series)
    return told.filter(pl.col(".first") <= before).select(pl.concat_str(series)).to_series().unique()


def _bearing(ledger: Ledger, frame: pl.DataFrame) -> pl.DataFrame:
    """Return one row a claim, with what decides which claims bear on each other.

    ``.pair`` is a number for the two ends. ``.only``: only one agent can hold the role; ``.odd``: not an asserted fact;
    ``.cited``: read at second hand; ``.free``: a denial that names no agent or subject; ``.ends``: an end is told;
    ``.gives``: an event that gives a role to its agent; ``.share``: the number of a share, 100 if it has none;
    ``.first`` and ``.last``: the days of a figure.
    """
    ontology, kind, nothing = ledger.ontology, ledger.kind(frame), pl.lit(None, pl.String)
    slot = {key.notation for key in kind.slot_keys}
    near = next((pl.col(key) for key in NEAR_ENDS if key in slot and key in frame.columns), nothing)
    anyone = ledger.entities.filter("any")["id"]
    strong = [word for word, term in ontology.of(Modality).items() if term.verdict.iri == f"{VERDICT}stated"]
    exclusive = [word for word, term in ledger.terms(frame).items() if term.exclusive]
    giving = [word for word, term in ledger.terms(frame).items() if term.gives]
    until = pl.col("until") if "until" in frame.columns else nothing
    only = pl.col("only") == "agent" if "only" in frame.columns else pl.lit(value=False)
    once = pl.col(ledger.naming(frame)).is_in([word for word, term in ledger.terms(frame).items() if term.once])
    agent, cited = (pl.col(key) if key in frame.columns else nothing for key in ("agent", "second-hand"))
    frame, first, last = _with_days(ledger, frame)
    return frame.select(
        ".claim",
        ".proposition",
        END,
        first.alias(".first"),
        last.alias(".last"),
        _share(frame).alias(".share"),
        (pl.col(END) + near.hash(kind.position + 1) * SPREAD).alias(".pair"),
        pl.col(ledger.naming(frame)).alias(".term"),
        ".origin",
        agent.alias(".agent"),
        (pl.col(ledger.naming(frame)).is_in(exclusive) | only.fill_null(value=False)).alias(".only"),
        ((pl.col("stance") != "asserts") | ~pl.col("modality").is_in(strong) | once).alias(".odd"),
        cited.is_not_null().alias(".cited"),
        until.is_not_null().alias(".ends"),
        pl.col(ledger.naming(frame)).is_in(giving).alias(".gives"),
        ((pl.col("stance") == "denies") & (near.is_null() | near.is_in(anyone.implode()))).alias(".free"),
    )


def _share(frame: pl.DataFrame) -> pl.Expr:
    """Return the number in a share, 100 if it is not in digits; null without a share."""
    if "share" not in frame.columns:
        return pl.lit(None, pl.Float64)
    number = pl.col("share").str.extract(r"(\d+(?:\.\d+)?)").cast(pl.Float64)
    return pl.when(pl.col("share").is_not_null()).then(number.fill_null(100))


def _with_days(ledger: Ledger, frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.Expr, pl.Expr]:
    """Return a frame, and the first and the last day of each figure that has both; null for others."""
    keys = [key for key in ("when", "from", "until") if key in frame.columns]
    nothing = pl.lit(None, pl.String)
    if "value" not in frame.columns or not keys:
        return frame, nothing, nothing
    frame = join_readings(ledger, frame, keys, ("lower", "upper"))
    first, last = (
        pl.coalesce(*(pl.col(f"{key}|{end}") for key in some if key in keys), nothing)
        for some, end in ((("when", "from"), "lower"), (("when", "until"), "upper"))
    )
    return frame, pl.when(last.is_not_null()).then(first), pl.when(first.is_not_null()).then(last)


# ---------------------------------------------------------------- judging


def _apart(ledger: Ledger, clocks: Clocks, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the claims that are alone, with the number of the first one that has the same shape, ``.shape``.

    The judgement of such a claim depends on its words, on which keys it has, on whether its origin has a stake, on
    whether it holds on the as-of day, and on the order of its days and that day.
    """
    content, weak = ledger.content(frame), ledger.ontology.weak_keys & {*frame.columns}
    days = [key for key in dated(ledger.ontology) if key in frame.columns]
    frame = timed(ledger, clocks, join_readings(ledger, frame, days, ("lower", "upper")))
    ends = [pl.col(f"{key}|{end}") for key in days for end in ("lower", "upper")]
    shape = [
        *(
            pl.col(name)
            for name in (ledger.naming(frame), "stance", "modality", "evidence", ".one", ".stake", ".holds", ".gives")
        ),
        pl.col(".seen").is_null(),
        *(pl.col(key).is_null() for key in (*content, *sorted(weak))),
        *(day > clocks.as_of for day in ends),
        *(day < clocks.as_of for day in ends),
        *(pl.col(f"{one}|upper") == pl.col(f"{other}|upper") for one, other in combinations(days, 2)),
    ]
    named = {f".shape-{number}": part for number, part in enumerate(shape)}
    keyed = frame.with_columns(**named).with_columns(pl.first(NUMBER).over(list(named)).alias(SHAPE))
    return keyed.drop(list(named))


def _answered(ledger: Ledger, frame: pl.DataFrame, first: Iterable[Row], answers: Answers) -> pl.DataFrame:
    """Return what follows for claims that are alone, by their ``.number``; ``first`` holds one row of each shape."""
    days = [f"{key}|upper" for key in dated(ledger.ontology) if key in frame.columns]
    rows = [(row[NUMBER], *answers.of(row)[1:4:2], *answers.around_day(row, days)) for row in first]
    schema = {SHAPE: frame.schema[NUMBER], ".verdict": pl.String(), ".yields": JUDGED[".yields"]}
    schema |= dict.fromkeys((".before", ".day", ".after"), pl.String())
    given = pl.DataFrame(rows, schema, orient="row")
    frame = frame.join(given, on=SHAPE, how="left", maintain_order="left")
    put = [pl.when(pl.col(".day") == column).then(column) for column in (*days, SEEN)]
    derived = pl.concat_str(".before", *([pl.coalesce(put)] if put else []), ".after", ignore_nulls=True)
    return frame.select(NUMBER, ".verdict", derived.alias(".derived"), ".yields", pl.lit("").alias(".told"))


def dated(ontology: Ontology) -> list[str]:
    """Return the content keys that hold a date."""
    return [key for key, term in ontology.keys("content").items() if term.value_kind == "date"]


def _joined(
    ledger: Ledger, frame: pl.DataFrame, found: pl.DataFrame, alone: pl.DataFrame, front: pl.DataFrame
) -> pl.DataFrame:
    """Return claims with what follows from them; of those judged with claim files, with the verdict only."""
    frame = frame.join(alone, on=NUMBER, how="left", maintain_order="left")
    if found.height:
        frame = frame.join(found, on=".claim", how="left", maintain_order="left", suffix="|window")
        frame = frame.with_columns(pl.coalesce(column, f"{column}|window").alias(column) for column in JUDGED)
        frame = frame.drop(f"{column}|window" for column in JUDGED)
    if front.height:
        frame = frame.join(front, on=".proposition", how="left", maintain_order="left", suffix="|front")
        frame = frame.with_columns(pl.coalesce(".verdict", ".verdict|front").alias(".verdict")).drop(".verdict|front")
    origin = f" ;\n    {ledger.readings.shortener.turtle(iri(KG + 'origin'))} :"
    traced = pl.when(pl.col(".told").is_not_null()).then(pl.concat_str(pl.lit(origin), ".origin"))
    told = pl.concat_str(traced, ".told", ignore_nulls=True)
    return frame.with_columns(told.alias(".told")).drop(NUMBER, ".origin", ".stake", ".one")
