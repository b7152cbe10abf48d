"""Judge the claims of a bucket with the rules of ``kg.judging``: columns find which claims bear on each other.

Most claims are alone: nothing in their bucket bears on them. Those that are not form windows. Alone or not, claims are
judged as objects, once for each shape (``shapes``), and the answers are joined back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import polars as pl

from kg.bulk.buckets import END
from kg.bulk.claim_objects import Objects, Row
from kg.bulk.claims import Ledger, join_readings
from kg.bulk.distinct_texts import ENTITIES, is_read
from kg.bulk.names import PART
from kg.bulk.shapes import Piece, Shape, Shapes, Template, dated, filled
from kg.judging.origins import Descent, bond_keys
from kg.judging.verdicts import VERDICT
from kg.model.iris import KG, iri
from kg.model.world import Clocks

WINDOW, NUMBER, SHAPE = ".window", ".number", ".shape"
NEAR_ENDS = ("agent", "subject", "parties")
SPREAD = 0x9E3779B97F4A7C1  # spreads small numbers over 64 bits
JUDGED = pl.Schema(
    {".verdict": pl.String(), ".derived": pl.String(), ".yields": pl.List(pl.String()), ".told": pl.String()}
)
VERDICTS = {".proposition": pl.String, ".verdict": pl.String}
AFAR = {".claim": pl.String, ".subject": pl.String, ".pairs": pl.String}


@dataclass(frozen=True)
class Beyond:
    """What bears on the claims of a bucket from beyond it.

    ``wide`` are denials that may cover claims at any far end. The claims at the far ends in ``front`` are judged with
    those of the claim files; ``verdicts`` holds their verdicts (``.proposition``, ``.verdict``).
    """

    clocks: Clocks
    descent: Descent
    wide: Sequence[pl.DataFrame] = ()
    front: pl.Series = field(default_factory=lambda: pl.Series(END, [], pl.UInt64))
    verdicts: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=VERDICTS))


@dataclass(frozen=True)
class Judged:
    """The claims of a bucket with what follows from them, and what denials from elsewhere oppose.

    Each frame of ``claims`` has the columns ``.verdict`` and ``.yields`` (the predicates of one-hop triples) of the
    claim's proposition, and as Turtle what is ``.derived`` of the proposition and ``.told`` of the claim. ``afar`` has
    the opposed ``.claim``, the ``.subject`` that opposes it, and its ``.pairs``.
    """

    claims: list[pl.DataFrame]
    afar: pl.DataFrame


def judge(ledger: Ledger, beyond: Beyond, frames: Iterable[pl.DataFrame]) -> Judged:
    """Judge the claims of a bucket: one frame per kind of row."""
    traced = [_traced(ledger, beyond.descent, frame).with_row_index(NUMBER) for frame in frames]
    here = [frame.filter(~pl.col(END).is_in(beyond.front.implode())) for frame in traced]
    windows, wide = _windows(ledger, here), _Wide(ledger, beyond.wide, here)
    placed = [_placed(frame, windows, wide.touched) for frame in here]
    apart = [_apart(ledger, beyond.clocks, frame) for frame in placed]
    together = [row for frame in placed for row in rows_of(ledger, frame.filter(pl.col(WINDOW).is_not_null()))]
    first = [[*rows_of(ledger, frame.filter(pl.col(NUMBER) == pl.col(SHAPE)))] for frame in apart]
    every = [*together, *wide.rows, *(row for rows in first for row in rows)]
    shapes = Shapes(ledger, beyond.descent, Objects(ledger, beyond.clocks, every))
    found, afar = _judge_windows(shapes, together, wide)
    alone = [
        _answered(ledger, frame, {row[NUMBER]: shapes.judge([row]) for row in rows})
        for frame, rows in zip(apart, first, strict=True)
    ]
    claims = [_joined(ledger, frame, found, own, beyond.verdicts) for frame, own in zip(traced, alone, strict=True)]
    return Judged(claims, pl.DataFrame(afar, AFAR, orient="row"))


# ---------------------------------------------------------------- origins


def bonds(ledger: Ledger, frame: pl.DataFrame) -> pl.DataFrame:
    """Return what belongs to what, by claims that state it as a fact: ``.part``, and the ids ``part`` and ``whole``."""
    strong = [word for word, term in ledger.ontology.terms("Modality").items() if term.one("verdictWhenWeak")]
    naming, found = pl.col(ledger.naming(frame)), []
    for word, term in ledger.terms(frame).items():
        part, whole = bond_keys(ledger.ontology, term)
        if part in frame.columns and whole in frame.columns:
            stated = (naming == word) & pl.col("modality").is_in(strong) & (pl.col("stance") == "asserts")
            found.append(frame.filter(stated).select(PART, part=part, whole=whole).drop_nulls())
    schema = {PART: pl.UInt16, "part": pl.String, "whole": pl.String}
    return pl.concat([pl.DataFrame(schema=schema), *found]).unique().sort("part", "whole")


def _traced(ledger: Ledger, descent: Descent, frame: pl.DataFrame) -> pl.DataFrame:
    """Add the id of each claim's origin, ``.origin``, and whether it has a stake in an entity of the claim, ``.stake``.

    The origin of what was read at second hand depends on other claims and is null.
    """
    base = f"{ledger.settings.base}id/"
    copied = pl.Series([name.removeprefix(base) for name in descent.copied], dtype=pl.String)
    frame = ledger.register(ledger.sources).join(frame, "source", ("publisher",))
    frame = frame.with_columns(pl.when(pl.col("source").is_in(copied.implode())).then("source").alias(".copy"))
    told = frame.select(".copy", "source|publisher", "said-by").unique()
    origins = [
        descent.told_by(*(f"{base}{id or ''}" for id in ids)).removeprefix(base)  # only of a copy the document matters
        for ids in told.iter_rows()
    ]
    told = told.with_columns(pl.Series(".origin", origins, pl.String))
    frame = frame.join(told, on=told.columns[:-1], how="left", nulls_equal=True, maintain_order="left")
    if "second-hand" in frame.columns:
        frame = frame.with_columns(pl.when(pl.col("second-hand").is_null()).then(".origin").alias(".origin"))
    frame = frame.drop(".copy", "source|publisher").with_columns(pl.lit(value=False).alias(".stake"))
    for key in (key for key in ledger.content(frame) if ledger.keys[key].value_kind in ENTITIES):
        frame = _with_stake(descent, base, frame, key)
    return frame


def _with_stake(descent: Descent, base: str, frame: pl.DataFrame, key: str) -> pl.DataFrame:
    """Add to ``.stake`` whether the origins have a stake in the entities of a key."""
    parts = pl.Series([name.removeprefix(base) for name in descent.belongs], dtype=pl.String).implode()
    same = pl.col(".origin") == pl.col(key)
    owned = frame.filter(~same, pl.col(".origin").is_in(parts) | pl.col(key).is_in(parts))
    pairs = owned.select(".origin", key).unique()
    having = [descent.has_stake(f"{base}{origin}", f"{base}{party}") for origin, party in pairs.iter_rows()]
    held = pairs.filter(pl.Series(having, dtype=pl.Boolean)).with_columns(pl.lit(value=True).alias(".held"))
    frame = frame.join(held, on=[".origin", key], how="left", maintain_order="left")
    stake = pl.col(".stake") | same.fill_null(value=False) | pl.col(".held").fill_null(value=False)
    return frame.with_columns(stake.alias(".stake")).drop(".held")


# ---------------------------------------------------------------- what bears on what


def _windows(ledger: Ledger, frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Return the claims that are not alone: ``.claim`` and a number of their window.

    Claims bear on each other if they name the same ends: the same agent and target, the same subject and object. All
    claims at a far end do where something there is denied of anybody, or two hold what one holds alone.
    """
    rows = pl.concat([_bearing(ledger, frame) for frame in frames])
    within = rows.group_by(".pair").agg(
        pl.len(), pl.col(".term", ".origin", ".proposition").n_unique(), pl.col(".odd", ".own").any()
    )
    many, one = pl.col("len") > 1, pl.col(".proposition") == pl.col("len")
    differ = (pl.col(".term") > 1) | (pl.col(".origin") > 1) | ~one | pl.col(".odd")
    pairs = within.filter((many & differ) | pl.col(".own"))[".pair"]
    held = rows.filter(".only").join(rows, on=[END, ".term"]).filter(pl.col(".agent") != pl.col(".agent_right"))
    ends = pl.concat([held[END], rows.filter(".free")[END]]).unique()
    whole = pl.col(END).is_in(ends.implode())
    bearing = rows.filter(whole | pl.col(".pair").is_in(pairs.implode()))
    return bearing.select(".claim", pl.when(whole).then(END).otherwise(".pair").alias(WINDOW))


def _bearing(ledger: Ledger, frame: pl.DataFrame) -> pl.DataFrame:
    """Return what decides which claims bear on each other, one row a claim."""
    ontology, kind, nothing = ledger.ontology, ledger.kind(frame), pl.lit(None, pl.String)
    slot = {ontology.term(iri).notation for iri in kind.all("slotKey")}
    near = next((pl.col(key) for key in NEAR_ENDS if key in slot and key in frame.columns), nothing)
    anyone = ledger.entities.filter("any")["id"]
    strong = [word for word, term in ontology.terms("Modality").items() if term.one("verdictOf") == f"{VERDICT}stated"]
    exclusive = [word for word, term in ledger.terms(frame).items() if term.flag("exclusive")]
    only = pl.col("only") == "agent" if "only" in frame.columns else pl.lit(value=False)
    agent, cited, parties = (
        pl.col(key) if key in frame.columns else nothing for key in ("agent", "second-hand", "parties")
    )
    return frame.select(
        ".claim",
        ".proposition",
        END,
        (pl.col(END) + near.hash(kind.position + 1) * SPREAD).alias(".pair"),
        pl.col(ledger.naming(frame)).alias(".term"),
        ".origin",
        agent.alias(".agent"),
        (pl.col(ledger.naming(frame)).is_in(exclusive) | only.fill_null(value=False)).alias(".only"),
        ((pl.col("stance") != "asserts") | ~pl.col("modality").is_in(strong)).alias(".odd"),
        (cited.is_not_null() | parties.is_not_null()).alias(".own"),
        ((pl.col("stance") == "denies") & (near.is_null() | near.is_in(anyone.implode()))).alias(".free"),
    )


class _Wide:
    """Denials that may cover claims at any far end, and the claims of a bucket that each may cover."""

    def __init__(self, ledger: Ledger, wide: Iterable[pl.DataFrame], frames: Sequence[pl.DataFrame]) -> None:
        """Find the claims that assert what a denial says of the same entities, in the same or a narrower term."""
        self.rows, self.of = list[Row](), dict[str, list[Row]]()
        anyone = ledger.entities.filter("any")["id"].to_list()
        for row in (row for frame in wide for row in rows_of(ledger, frame)):
            self.rows.append(row)
            for frame in frames:
                for claim in _covered(ledger, row, frame, anyone):
                    self.of.setdefault(claim, []).append(row)
        self.touched = pl.Series(".claim", list(self.of), pl.String)

    def on(self, rows: Iterable[Row]) -> list[Row]:
        """Return the denials that may cover one of some claims."""
        return list({wide[".claim"]: wide for row in rows for wide in self.of.get(row[".claim"], ())}.values())


def _covered(ledger: Ledger, denial: Row, frame: pl.DataFrame, anyone: Sequence[str]) -> Iterator[str]:
    """Yield the claims of a frame that a denial may cover."""
    naming, ontology = ledger.naming(frame), ledger.ontology
    if denial.get(naming) is None:
        return
    wide = ledger.readings.value(ledger.keys[naming], denial[naming])
    narrower = [w for w, term in ledger.terms(frame).items() if getattr(wide, "iri", "") in ontology.broader(term.iri)]
    same = [
        pl.col(key) == denial[key] if key in frame.columns else pl.lit(value=False)
        for key, term in ontology.keys("content").items()
        if term.value_kind in ENTITIES and denial.get(key) not in (None, *anyone)
    ]
    yield from frame.filter(pl.col(naming).is_in(narrower), pl.col("stance") == "asserts", *same)[".claim"]


def _placed(frame: pl.DataFrame, windows: pl.DataFrame, touched: pl.Series) -> pl.DataFrame:
    """Add the window of each claim; null if it is alone."""
    frame = frame.join(windows, on=".claim", how="left", maintain_order="left")
    if touched.is_empty():
        return frame
    own = pl.when(pl.col(".claim").is_in(touched.implode())).then(pl.col(".claim").hash())
    return frame.with_columns(pl.coalesce(WINDOW, own).alias(WINDOW))


# ---------------------------------------------------------------- judging


def rows_of(ledger: Ledger, frame: pl.DataFrame) -> Iterator[Row]:
    """Yield the rows of a frame with the days of their dates and what else the shape of a claim needs."""
    content = [key for key in ledger.content(frame) if is_read(ledger.keys[key])]
    frame = join_readings(ledger, frame, content, ("canonical", "lower", "upper"))
    yield from frame.iter_rows(named=True)


def _judge_windows(shapes: Shapes, rows: Iterable[Row], wide: _Wide) -> tuple[pl.DataFrame, list[tuple[str, str, str]]]:
    """Judge the windows that some claims form; return what follows for each claim, and the oppositions from beyond."""
    windows: dict[object, list[Row]] = {}
    for row in rows:
        windows.setdefault(row[WINDOW], []).append(row)
    known: dict[Shape, Template] = {}
    found, afar = [], []
    for mine in windows.values():
        beyond = wide.on(mine)
        shape = None if beyond else shapes.shape(mine)
        template = known.get(shape) if shape else None
        if template is None:
            template = shapes.judge(mine, beyond)
            if shape:
                known[shape] = template
        for row, answer in zip(mine, template.answers, strict=True):
            derived, told = filled(answer.derived, mine), filled(answer.told, mine)
            found.append((row[".claim"], answer.verdict, derived, answer.yields, told))
        for subject, member, pieces in template.afar:
            afar.append((mine[member][".claim"], subject, filled(pieces, mine)))
    return pl.DataFrame(found, {".claim": pl.String(), **JUDGED}, orient="row"), afar


def _apart(ledger: Ledger, clocks: Clocks, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the claims that are alone, with the number of the first one that has the same shape, ``.shape``.

    The judgement of such a claim depends on its words, on which keys it has, on whether its origin has a stake, and on
    the order of its days and the as-of day.
    """
    content, weak = ledger.content(frame), ledger.ontology.weak_keys & {*frame.columns}
    days = [key for key in dated(ledger.ontology) if key in frame.columns]
    frame = join_readings(ledger, frame.filter(pl.col(WINDOW).is_null()), days, ("lower", "upper"))
    ends = [pl.col(f"{key}|{end}") for key in days for end in ("lower", "upper")]
    shape = [
        *(pl.col(name) for name in (ledger.naming(frame), "stance", "modality", "evidence", ".stake")),
        *(pl.col(key).is_null() for key in (*content, *sorted(weak))),
        *(day > clocks.as_of for day in ends),
        *(day < clocks.as_of for day in ends),
        *(pl.col(f"{one}|upper") == pl.col(f"{other}|upper") for one, other in combinations(days, 2)),
    ]
    named = {f".shape-{number}": part for number, part in enumerate(shape)}
    keyed = frame.with_columns(**named).with_columns(pl.first(NUMBER).over(list(named)).alias(SHAPE))
    return keyed.drop(list(named))


def _answered(ledger: Ledger, frame: pl.DataFrame, templates: Mapping[int, Template]) -> pl.DataFrame:
    """Return what follows for claims that are alone, by their ``.number``."""
    rows = []
    for number, template in templates.items():
        (answer,) = template.answers
        before, day, after = _around_day(answer.derived)
        rows.append((number, answer.verdict, answer.yields, before, day, after))
    schema = {SHAPE: frame.schema[NUMBER], ".verdict": pl.String(), ".yields": JUDGED[".yields"]}
    given = pl.DataFrame(
        rows, {**schema, ".before": pl.String(), ".day": pl.String(), ".after": pl.String()}, orient="row"
    )
    frame = frame.join(given, on=SHAPE, how="left", maintain_order="left")
    days = given[".day"].drop_nulls().unique().sort()
    put = [pl.when(pl.col(".day") == column).then(column) for column in days]
    derived = pl.concat_str(".before", *([pl.coalesce(put)] if put else []), ".after", ignore_nulls=True)
    return frame.select(NUMBER, ".verdict", derived.alias(".derived"), ".yields", pl.lit("").alias(".told"))


def _around_day(pieces: Sequence[Piece]) -> tuple[str, str | None, str]:
    """Return the text before the day in what follows from one claim, the day's column if there is one, the rest."""
    texts = [piece for piece in pieces if isinstance(piece, str)]
    days = [column for piece in pieces if not isinstance(piece, str) for column in piece[1:]]
    assert len(days) < 2 and len(texts) <= 2, pieces  # noqa: S101 - a plan is due on one day
    return texts[0], next(iter(days), None), texts[1] if texts[1:] else ""


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
    return frame.with_columns(told.alias(".told")).drop(NUMBER, ".origin", ".stake")
