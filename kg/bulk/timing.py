"""Tell of claims on which nothing bears whether they hold on the as-of day, with the rules of ``kg.judging``."""

from __future__ import annotations

import polars as pl

from kg.bulk.claims import Ledger
from kg.judging.runs import EVER, FOREVER, Span, iso, make_run, ordinal, span_of
from kg.judging.tellings import STATED
from kg.model.dates import date_between
from kg.model.terms import Modality
from kg.model.world import Clocks

PUBLISHED = "source|published"
DATES = (PUBLISHED, "when", "from", "until")
HOLDS, GIVES, SEEN = ".holds", ".gives", ".seen"
TIMED = {HOLDS: pl.String(), GIVES: pl.Boolean(), SEEN: pl.String()}


def timed(ledger: Ledger, clocks: Clocks, frame: pl.DataFrame) -> pl.DataFrame:
    """Add whether each claim holds on the as-of day, whether it gives a one-hop triple, and when it was last seen.

    Each combination of dates is asked once. All are null for claims that state no fact.
    """
    facts = [word for word, term in ledger.ontology.of(Modality).items() if term.verdict.iri == STATED]
    frame = ledger.register(ledger.sources).join(frame, "source", ("published",))
    dates = [name for name in DATES if name in frame.columns]
    told = frame.select(dates).unique()
    spans = [_spans(ledger, told, name) for name in DATES]
    columns = [told[name] if name in dates else [None] * told.height for name in DATES]
    remains, day = ledger.kind(frame).remains, ordinal(clocks.as_of, FOREVER - 1)
    found = []
    for texts in zip(*columns, strict=True):
        published, when, begin, until = (known[text] for known, text in zip(spans, texts, strict=True))
        run = make_run(published or EVER, when, begin, until, remains=remains)
        found.append((run.holds(day) or "", run.triple_from <= day, None if remains else run.last_seen(day)))
    edtf = {span: date_between(*map(iso, span)).edtf for span in {seen for *_, seen in found} if span}
    answers = [(holds, gives, edtf[seen] if seen else None) for holds, gives, seen in found]
    known = pl.concat([told, pl.DataFrame(answers, TIMED, orient="row")], how="horizontal")
    frame = frame.join(known, on=dates, how="left", nulls_equal=True, maintain_order="left")
    is_fact = (pl.col("stance") == "asserts") & pl.col("modality").is_in(facts)
    return frame.with_columns(pl.when(is_fact).then(pl.col(name)).alias(name) for name in TIMED).drop(PUBLISHED)


def _spans(ledger: Ledger, told: pl.DataFrame, name: str) -> dict[str | None, Span | None]:
    """Return the span of each text of a date; there is none without a text."""
    keys = {**ledger.keys, PUBLISHED: ledger.ontology.keys("source")["published"]}
    texts = told[name].unique().drop_nulls() if name in told.columns else ()
    return {None: None} | {text: span_of(ledger.readings.date(keys[name], text)) for text in texts}
