"""Tell of claims on which nothing bears whether they hold on the as-of day, with the rules of ``kg.judging``."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from kg.bulk.claims import Ledger
from kg.judging.runs import EVER, FOREVER, Run, Span, last_seen, make_run, ordinal, span_of
from kg.judging.tellings import STATED
from kg.model.terms import Modality
from kg.model.world import Clocks

HOLDS, GIVES, SEEN = ".holds", ".gives", ".seen"
TIMED = {HOLDS: pl.String(), GIVES: pl.Boolean(), SEEN: pl.String()}


def timed(ledger: Ledger, clocks: Clocks, frame: pl.DataFrame) -> pl.DataFrame:
    """Add whether each claim holds on the as-of day, whether it gives a one-hop triple, and when it was last seen.

    Each combination of dates is asked once. All are null for claims that state no fact.
    """
    facts = [word for word, term in ledger.ontology.of(Modality).items() if term.verdict.iri == STATED]
    frame = ledger.register(ledger.sources).join(frame, "source", ("published",))
    dates = ["source|published", *(key for key in ("when", "from", "until") if key in frame.columns)]
    told = frame.select(dates).unique()
    remains, day = ledger.kind(frame).remains, ordinal(clocks.as_of, FOREVER - 1)
    found = []
    for texts in told.iter_rows():
        run = _run(ledger, dict(zip(dates, texts, strict=True)), remains=remains)
        seen = None if remains else last_seen([run], day)
        found.append((*texts, run.holds(day) or "", run.triple_from <= day, seen.edtf if seen else None))
    known = pl.DataFrame(found, {**told.schema, **TIMED}, orient="row")
    frame = frame.join(known, on=dates, how="left", nulls_equal=True, maintain_order="left")
    is_fact = (pl.col("stance") == "asserts") & pl.col("modality").is_in(facts)
    return frame.with_columns(pl.when(is_fact).then(pl.col(name)).alias(name) for name in TIMED).drop(dates[0])


def _run(ledger: Ledger, texts: Mapping[str, str | None], *, remains: bool) -> Run:
    """Return the days that a claim with some dates tells by itself."""
    keys = {**ledger.keys, "source|published": ledger.ontology.keys("source")["published"]}

    def span(name: str) -> Span | None:
        text = texts.get(name)
        return span_of(ledger.readings.date(keys[name], text)) if text else None

    return make_run(span("source|published") or EVER, span("when"), span("from"), span("until"), remains=remains)
