"""Check rows against the ontology by column: the checks of ``claim_rows`` and ``constraints`` for all rows at once.

A check that depends on a few words only (a role and the type of an end, a measure and a quantity) runs once for each
combination that occurs. The first fault of a row is its reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import polars as pl

from kg.bulk.claims import Ledger
from kg.bulk.distinct_texts import ENTITIES, FORMED, NOWHERE, PLAIN
from kg.ingestion.checking.constraints import ENDS, check_quantity
from kg.ingestion.checking.values import FORMS, with_article
from kg.ingestion.reading import MAX_TEXT, Cell
from kg.model.properties import Term
from kg.model.quantities import Quantity
from kg.model.terms import EntityType, Key

FAULT = ".fault"
ID = "^[a-z][a-z0-9-]{0,62}$"
_CODES = {"id": "KG111", "url": "KG207", "locator": "KG208"}
# The characters that `reading` refuses, in the regex syntax of polars; a text column holds no surrogates.
INVISIBLE = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}\x{2028}-\x{202e}\x{2066}-\x{2069}\x{feff}\x{fffe}\x{ffff}]"


def find_faults(ledger: Ledger, frame: pl.DataFrame) -> pl.DataFrame:
    """Add the reason why a row is not a claim, as ``KGnnn: message``; null if it is a claim."""
    frame = _join_misfits(ledger, frame)
    faults = [
        *_missing(ledger, frame),
        *(fault for key in ledger.present(frame) for fault in _unreadable(ledger, key)),
        *_without_end(ledger, frame),
        *(pl.col(column) for column in frame.columns if column.endswith("|misfit")),
        *_disordered(frame),
        *_selfish(frame),
    ]
    return frame.with_columns(pl.coalesce(faults).alias(FAULT))


def _said(condition: pl.Expr, code: str, *words: str | pl.Expr) -> pl.Expr:
    """Return code and message where a condition holds, else null."""
    text = pl.concat_str(pl.lit(f"{code}: "), *(pl.lit(w) if isinstance(w, str) else w for w in words))
    return pl.when(condition).then(text)


def _missing(ledger: Ledger, frame: pl.DataFrame) -> Iterable[pl.Expr]:
    yield _said(pl.col("source").is_null(), "KG108", "'source' is missing")
    unknown = pl.col("source|publisher").is_null() & pl.col("source").is_not_null()
    yield _said(unknown, "KG104", "unknown source '", pl.col("source"), "'")
    kind, naming = ledger.kind(frame), ledger.naming(frame)
    needed: dict[str, list[str]] = {}
    for word, term in ledger.terms(frame).items():
        for required in {*kind.requires, *term.requires}:
            needed.setdefault(required.notation, []).append(word)
    for key in sorted({key.notation for key in kind.requires} | needed.keys()):
        absent = pl.col(key).is_null() if key in frame.columns else pl.lit(value=True)
        where = pl.col(naming).is_in(needed.get(key, [])) if key != naming else pl.lit(value=True)
        yield _said(absent & where, "KG108", f"'{key}' is missing")


def _unreadable(ledger: Ledger, key: str) -> Iterable[pl.Expr]:
    """Yield the faults of a key's text, regardless of other keys."""
    if ledger.keys[key].value_kind in ENTITIES:
        unknown = pl.col(key).is_not_null() & pl.col(f"{key}|type").is_null()
        yield _said(unknown, "KG103", "unknown entity '", pl.col(key), "'")
    else:
        yield from text_faults(ledger.keys[key])


def text_faults(key: Key) -> Iterable[pl.Expr]:
    """Yield the faults of a key's text, whether it is read as a column or into a dictionary."""
    kind, text = key.value_kind, pl.col(key.notation)
    if kind in PLAIN:
        yield _said(
            text.str.len_chars() > MAX_TEXT, "KG012", f"'{key.notation}' is longer than {MAX_TEXT:,} characters"
        )
        yield _said(text.str.contains(INVISIBLE), "KG010", f"an invisible character in '{key.notation}'")
    elif kind in ENTITIES:  # an entity is looked up later, once all entities are known
        yield _said(text.str.contains(ID).not_(), "KG103", "unknown entity '", text, "'")
    elif kind in FORMED:
        misformed = text.str.contains(f"^(?:{FORMS[kind].pattern})$").not_()
        yield _said(misformed, _CODES.get(kind, "KG210"), "'", text, f"' cannot be '{key.notation}'")
    else:
        yield pl.col(f"{key.notation}|fault")


def _without_end(ledger: Ledger, frame: pl.DataFrame) -> Iterable[pl.Expr]:
    kind = ledger.kind(frame)
    ends = [key.notation for key in kind.requires_one_of]
    if not ends:
        return
    alone = [word for word, term in ledger.terms(frame).items() if term.stands_alone]
    absent = pl.all_horizontal(pl.col(end).is_null() if end in frame.columns else pl.lit(value=True) for end in ends)
    naming = pl.col(ledger.naming(frame))
    yield _said(absent & naming.is_in(alone).not_(), "KG108", "'", naming, f"' needs {' or '.join(sorted(ends))}")


def _disordered(frame: pl.DataFrame) -> Iterable[pl.Expr]:
    dated = [key for key in ("from", "when", "until") if key in frame.columns]
    for before, after in [*pairwise(dated), *([("from", "until")] if len(dated) == 3 else [])]:
        wrong = pl.col(f"{before}|lower") > pl.col(f"{after}|upper")
        if (before, after) == ("from", "until") and "when" in dated:
            wrong = wrong & pl.col("when").is_null()
        yield _said(wrong, "KG202", f"{after} ", pl.col(after), f" lies before {before} ", pl.col(before))
    if "said-when" in frame.columns:
        late = pl.col("said-when|lower") > pl.col("source|upper")
        yield _said(late, "KG202", "said in ", pl.col("said-when"), ", after its source was published")


def _selfish(frame: pl.DataFrame) -> Iterable[pl.Expr]:
    ends = [end for end in ENDS if end in frame.columns]
    for place, end in enumerate(ends):
        for other in ends[place + 1 :]:
            yield _said(
                pl.col(end) == pl.col(other), "KG114", "'", pl.col(end), f"' stands in '{end}' and in '{other}'"
            )


# ---------------------------------------------------------------- misfits between keys


def _join_misfits(ledger: Ledger, frame: pl.DataFrame) -> pl.DataFrame:
    """Add ``key|misfit``: the fault of an entity type or a quantity that the row's term does not accept."""
    naming, terms = ledger.naming(frame), ledger.terms(frame)
    for key in ledger.present(frame):
        term = ledger.keys[key]
        if f"{key}|type" in frame.columns:
            column = f"{key}|type"
            misfits = [
                (w, t, m)
                for w, t in _pairs(frame, naming, column)
                if w in terms and (m := _wrong_type(ledger, terms[w], key, t))
            ]
        elif term.value_kind == "quantity":
            column = key
            misfits = [
                (w, t, m)
                for w, t in _pairs(frame, naming, key)
                if w in terms and (m := _wrong_unit(ledger, terms[w], term, t))
            ]
        else:
            continue
        if misfits:
            found = pl.DataFrame(misfits, [naming, column, f"{key}|misfit"], orient="row")
            frame = frame.join(found, on=[naming, column], how="left", maintain_order="left")
    return frame


def _pairs(frame: pl.DataFrame, one: str, other: str) -> list[tuple[str, str]]:
    pairs = frame.select(one, other).drop_nulls().unique().sort(one, other)
    return [(word, text) for word, text in pairs.iter_rows()]


def _wrong_type(ledger: Ledger, term: Term, key: str, type_: str) -> str:
    """Return the fault of an entity type under a key, or an empty text."""
    ontology, holder = ledger.ontology, ledger.keys[key]
    iri = ontology.of(EntityType)[type_].iri
    for wanted in ((holder.range,) if holder.range else (), ontology.narrowed(holder, term)):
        if wanted and not ontology.is_a(iri, wanted):
            words = " or ".join(with_article(ontology.term(iri).label()) for iri in wanted)
            return f"KG109: the {key} of '{term.notation}' is {with_article(type_)}; it takes {words}"
    return ""


def _wrong_unit(ledger: Ledger, term: Term, key: Key, text: str) -> str:
    """Return the fault of a quantity's unit for a measure, or an empty text."""
    scope, value = ledger.readings.scope, ledger.readings.value(key, text)
    if not isinstance(value, Quantity):
        return ""
    before = len(scope.problems)
    check_quantity(scope, term, key, Cell(text, NOWHERE, NOWHERE), value)
    errors = [problem for problem in scope.problems[before:] if problem.severity == "error"]
    del scope.problems[before:]
    return f"{errors[0].code}: {errors[0].message}" if errors else ""
