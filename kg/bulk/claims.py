"""Turn rows of text into named claims by column, and return the rows that are not claims with their reasons.

In: a frame with the keys of one kind of proposition. Out: the same rows with defaults filled in, and ``.proposition``,
``.slot``, ``.claim`` (24 hexadecimal digits), ``.lower``, ``.upper`` (the period).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl
import polars_hash as plh

from kg.bulk.distinct_texts import ENTITIES, Readings, is_read
from kg.bulk.lookup import Register
from kg.model.dates import FISCAL_ENDS
from kg.model.ontology import Ontology
from kg.model.terms import EntityType, Key, Kind, Predicate
from kg.model.world import Settings, far_keys

IDENTITY = ("said-by", "modality", "stance", "second-hand")
DIGITS = 24


@dataclass
class Ledger:
    """What rows are checked against: the ontology, the readings so far, and the known entities and sources as frames.

    ``entities`` and ``sources`` have the columns of ``ENTITY_INDEX`` and ``SOURCE_INDEX`` in ``entities``.
    """

    settings: Settings
    ontology: Ontology
    readings: Readings
    entities: pl.DataFrame
    sources: pl.DataFrame
    keys: Mapping[str, Key] = field(init=False)
    registers: list[Register] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Look up the keys of a claim row."""
        self.keys = self.ontology.row_keys

    def register(self, records: pl.DataFrame) -> Register:
        """Return the entities or the sources by id, hashed once for all threads until the frame is replaced."""
        with self.readings.lock:
            current = [r for r in self.registers if r.frame is self.entities or r.frame is self.sources]
            mine = next((r for r in current if r.frame is records), None) or Register(records, "id")
            self.registers = [mine, *(r for r in current if r is not mine)]
            return mine

    def content(self, frame: pl.DataFrame) -> list[str]:
        """Return the content keys of a frame, sorted as names are made from them."""
        return sorted(key for key in self.ontology.keys("content") if key in frame.columns)

    def present(self, frame: pl.DataFrame) -> list[str]:
        """Return every key of a frame."""
        return [key for key in self.keys if key in frame.columns]

    def kind(self, frame: pl.DataFrame) -> Kind:
        """Return the kind of proposition that a frame's naming key determines."""
        return next(kind for name, kind in self.ontology.kinds.items() if name in frame.columns)

    def naming(self, frame: pl.DataFrame) -> str:
        """Return the key that names the kind."""
        return next(name for name in self.ontology.kinds if name in frame.columns)

    def terms(self, frame: pl.DataFrame) -> dict[str, Predicate]:
        """Return the terms of a frame's naming key by notation."""
        key = self.keys[self.naming(frame)]
        words = frame[key.notation].unique().drop_nulls().sort()
        found = ((word, self.readings.value(key, word)) for word in words)
        return {word: value for word, value in found if isinstance(value, Predicate)}

    def term_expr(self, frame: pl.DataFrame, values: Mapping[str, str]) -> pl.Expr:
        """Return a column that maps each row's term to its value; null if it has none."""
        words, given = list(values), list(values.values())
        return pl.col(self.naming(frame)).replace_strict(words, given, default=None, return_dtype=pl.String)


def join_readings(ledger: Ledger, frame: pl.DataFrame, keys: Iterable[str], columns: Iterable[str]) -> pl.DataFrame:
    """Add, for each key, columns of its dictionary as ``key|column``."""
    for key in keys:
        frame = ledger.readings.join(frame, ledger.keys[key], columns)
    return frame


def join_known(ledger: Ledger, frame: pl.DataFrame) -> pl.DataFrame:
    """Add the type of every entity as ``key|type``, and of the source ``source|publisher``, ``|upper``, ``|lang``.

    Also add the position of each entity in the ledger for later look-ups, because finding it is slow.
    """
    entities = ledger.register(ledger.entities)
    for key in (key for key in ledger.present(frame) if ledger.keys[key].value_kind in ENTITIES):
        places = entities.places(frame[key])
        frame = entities.join(frame, key, ("type",), places=places).with_columns(places.alias(place_of(key)))
    return ledger.register(ledger.sources).join(frame, "source", ("publisher", "upper", "lang"))


def place_of(key: str) -> str:
    """Return the column that holds the positions of a key's entities in the ledger."""
    return f".at-{key}"


# ---------------------------------------------------------------- fiscal years


def tell_fiscal_years(ledger: Ledger, frame: pl.DataFrame) -> pl.DataFrame:
    """Put the month in which it ends behind the name of each fiscal year, if the entity of the row says so."""
    dated = [key for key, term in ledger.ontology.keys("content").items() if term.value_kind == "date"]
    named = [key for key in dated if key in frame.columns and frame[key].str.starts_with("FY").any()]
    whose = [key for key in FISCAL_ENDS if key in frame.columns]
    if not named or not whose:
        return frame
    ends = ledger.entities.select(pl.col("id").alias(".whose"), pl.col("fiscal").str.zfill(2).alias(".fiscal"))
    frame = frame.with_columns(pl.coalesce(whose).alias(".whose")).join(
        ends, on=".whose", how="left", maintain_order="left"
    )
    bare = (pl.col(key).str.contains(r"^FY\d{4}$") & pl.col(".fiscal").is_not_null() for key in named)
    told = (
        pl.when(is_bare).then(pl.concat_str(key, pl.lit("-"), ".fiscal")).otherwise(key).alias(key)
        for key, is_bare in zip(named, bare, strict=True)
    )
    return frame.with_columns(*told).drop(".whose", ".fiscal")


# ---------------------------------------------------------------- defaults and names


def fill_defaults(ledger: Ledger, frame: pl.DataFrame) -> pl.DataFrame:
    """Fill in the defaults of ``model.default_facts``: speaker, stance, modality, kind of evidence."""
    types = ledger.ontology.of(EntityType)
    narration = pl.lit("narration")
    evidence = narration
    if "said-by" in frame.columns:
        words = {word: type_.default_evidence.notation for word, type_ in types.items() if type_.default_evidence}
        of_type = pl.col("said-by|type").replace_strict(
            list(words), list(words.values()), default=None, return_dtype=pl.String
        )
        evidence = (
            pl.when(pl.col("said-by") != pl.col("source|publisher"))
            .then(pl.coalesce(of_type, narration))
            .otherwise(narration)
        )
    modality = pl.lit("actual")
    if "if" in frame.columns:
        modality = pl.when(pl.col("if").is_not_null()).then(pl.lit("conditional")).otherwise(modality)
    filled = {
        "said-by": pl.col("source|publisher"),
        "stance": pl.lit("asserts"),
        "modality": modality,
        "evidence": evidence,
    }
    given = {key for key in filled if key in frame.columns and not frame[key].has_nulls()}
    frame = frame.with_columns(
        **{
            key: pl.coalesce(key, value) if key in frame.columns else value
            for key, value in filled.items()
            if key not in given
        }
    )
    return join_readings(ledger, frame, sorted({"stance", "modality"} - given), ("canonical",))


def put_in_order(ledger: Ledger, frame: pl.DataFrame) -> pl.DataFrame:
    """Put the ends of a symmetric relation in the order of their IRIs."""
    symmetric = [word for word, term in ledger.terms(frame).items() if term.symmetric]
    if not symmetric:
        return frame
    turned = pl.col(ledger.naming(frame)).is_in(symmetric) & (pl.col("subject") > pl.col("object"))
    ends = (("subject", "object"), (place_of("subject"), place_of("object")))
    return frame.with_columns(
        pl.when(turned).then(other).otherwise(end).alias(end) for pair in ends for end, other in (pair, pair[::-1])
    )


def digested(*parts: pl.Expr) -> pl.Expr:
    """Return a column of names, as ``iris.digest`` makes them; null parts are left out."""
    content = pl.concat_str(parts, separator="\n", ignore_nulls=True)
    return plh.concat_str(content).chash.sha2_256().str.slice(0, DIGITS)


def canonical_expr(ledger: Ledger, key: str, head: str = "") -> pl.Expr:
    """Return, after a prefix, the text that identifies a key's values, without characters that separate parts."""
    if ledger.keys[key].value_kind in ENTITIES:
        head, text = f"{head}{ledger.settings.base}id/", pl.col(key)
    elif is_read(ledger.keys[key]):
        text = pl.col(f"{key}|canonical")
    else:
        text = collapsed(key).str.replace_many(["\\", "\n"], ["\\\\", "\\n"])
    return pl.concat_str(pl.lit(head), text) if head else text


def collapsed(key: str) -> pl.Expr:
    """Return a text with runs of whitespace collapsed to single spaces."""
    return pl.col(key).str.replace_all(r"\s+", " ")


def name_claims(ledger: Ledger, frame: pl.DataFrame) -> pl.DataFrame:
    """Add the names of proposition, slot and claim, and the period."""
    kind, base = ledger.kind(frame), ledger.settings.base
    frame = frame.with_columns(
        canonical_expr(ledger, key, f"{key}=").alias(f"{key}|part") for key in ledger.content(frame)
    )
    parts = {key: pl.col(f"{key}|part") for key in ledger.content(frame)}
    slot = [_slot_part(frame, key, parts) for key in sorted(key.notation for key in kind.slot_keys)]
    frame = frame.with_columns(
        digested(pl.lit(kind.iri), *parts.values()).alias(".proposition"),
        digested(pl.lit(kind.iri), *slot).alias(".slot"),
        *_bounds(frame),
    )
    spoken = (
        pl.coalesce(canonical_expr(ledger, key), pl.lit("")) if key in frame.columns else pl.lit("") for key in IDENTITY
    )
    source_and_proposition = pl.concat_str(
        pl.lit(f"{base}id/"), "source", pl.lit(f"\n{base}proposition/"), ".proposition"
    )
    return frame.with_columns(digested(source_and_proposition, *spoken).alias(".claim"))


def _slot_part(frame: pl.DataFrame, key: str, parts: Mapping[str, pl.Expr]) -> pl.Expr:
    if key == "period":
        return pl.concat_str(pl.lit("period="), pl.coalesce(_period(frame), pl.lit("")))
    return pl.coalesce(parts[key], pl.lit(f"{key}=")) if key in parts else pl.lit(f"{key}=")


def _period(frame: pl.DataFrame) -> pl.Expr:
    """Return the period that a figure covers: its rate's unit, or the length of its date."""
    columns = [f"{key}|duration" for key in ("value", "when") if key in frame.columns]
    return pl.coalesce(columns) if columns else pl.lit(None, pl.String)


def _bounds(frame: pl.DataFrame) -> list[pl.Expr]:
    """Return the first and last day of the period, as ``Proposition.period`` does; null if open or unknown."""
    lower = [f"{key}|lower" for key in ("when", "from") if key in frame.columns]
    upper = [f"{key}|upper" for key in ("when", "until") if key in frame.columns]
    nothing = pl.lit(None, pl.String)
    return [
        (pl.max_horizontal(lower) if lower else nothing).alias(".lower"),
        (pl.min_horizontal(upper) if upper else nothing).alias(".upper"),
    ]


def ends(ledger: Ledger, frame: pl.DataFrame) -> list[pl.Expr]:
    """Return the entities at the near and the far end, ``.near`` and ``.far``, as ``model.far_key`` finds them."""
    kind, terms = ledger.kind(frame), ledger.terms(frame).items()
    far = []
    for key in (key for key in kind.line_to if key.notation in frame.columns):
        words = [word for word, term in terms if key in far_keys(kind, term)]
        far.append(pl.when(pl.col(ledger.naming(frame)).is_in(words)).then(pl.col(key.notation)))
    nothing, near = pl.lit(None, pl.String), kind.line_from.notation if kind.line_from else ""
    return [
        (pl.col(near) if near in frame.columns else nothing).alias(".near"),
        (pl.coalesce(far) if far else nothing).alias(".far"),
    ]
