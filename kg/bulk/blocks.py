"""Write claims, propositions and shortcuts as blocks of RDF text, one per row: Turtle by subject, TriG by graph.

A frame of blocks has the columns ``.part``, ``.end`` (the far end), ``key`` (the sort key) and ``block``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from kg.bulk.buckets import END
from kg.bulk.claims import Ledger, ends
from kg.bulk.judging import STANCES, Judged
from kg.bulk.names import PART
from kg.bulk.rdf_text import Piece, Writer, add_sentences, joined, with_content, with_facts
from kg.judging.verdicts import VERDICT
from kg.model.iris import AUTOKG, iri
from kg.model.ontology import Term

DERIVED = "graph:derived"
OPPOSING = ("contradicts", "excludes")
SEPARATOR = " ;\n    "
Form = Callable[[Piece, Sequence[Piece], Sequence[Piece], Sequence[Piece]], pl.Expr]


def as_turtle(graph: Piece, subject: Sequence[Piece], pairs: Sequence[Piece], derived: Sequence[Piece]) -> pl.Expr:
    """Return the stated and the derived pairs of a subject as one block of Turtle."""
    return joined(*subject, *pairs, *derived, " .\n")


def as_trig(graph: Piece, subject: Sequence[Piece], pairs: Sequence[Piece], derived: Sequence[Piece]) -> pl.Expr:
    """Return the stated and the derived pairs of a subject as one block in each of two graphs."""
    own = joined(graph, " {\n", *subject, *pairs, " .\n}\n")
    if not derived:
        return own
    said = joined(*derived).str.strip_prefix(SEPARATOR)
    return joined(own, pl.when(said != "").then(joined(f"{DERIVED} {{\n", *subject, " ", said, " .\n}\n")))


def claim_blocks(ledger: Ledger, frame: pl.DataFrame, judged: Judged, form: Form) -> pl.DataFrame:
    """Return one block per claim, with the claims that it opposes."""
    frame = with_facts(ledger, frame)
    derived: list[Piece] = []
    if judged.oppositions.height:
        frame = frame.join(_opposed(judged.oppositions), on=".claim", how="left", maintain_order="left")
        for name in ("opposes", *OPPOSING):
            names = pl.col(f".{name}")
            derived.append(pl.when(names.is_not_null()).then(joined(Writer(ledger).predicate(name), names)))
    graph, subject = joined(":", pl.col("source")), ("claim:", pl.col(".claim"))
    block = form(graph, subject, Writer(ledger).claim_pairs(frame), derived)
    return frame.select(PART, END, key=".claim", block=block)


def _opposed(oppositions: pl.DataFrame) -> pl.DataFrame:
    """Return, per claim, the claims that it opposes as objects of a property, one column per kind of opposition."""
    names = pl.concat_str(pl.lit("claim:"), ".against").unique().sort()
    by_why = [names.filter(pl.col(".why") == why).drop_nulls().alias(f".{why}") for why in OPPOSING]
    found = oppositions.group_by(".claim").agg(names.str.join(" , ").alias(".opposes"), *by_why)
    lists = [pl.col(f".{why}") for why in OPPOSING]
    return found.with_columns(pl.when(names.list.len() > 0).then(names.list.join(" , ")) for names in lists)


def proposition_blocks(ledger: Ledger, frame: pl.DataFrame, judged: Judged, form: Form, day: str) -> pl.DataFrame:
    """Return one block per proposition, with its verdict and the shortcuts that it yields."""
    frame = add_sentences(ledger, with_content(ledger, frame))
    frame = frame.join(judged.verdicts, on=".proposition", how="left", maintain_order="left")
    frame = frame.with_columns(ends(ledger, frame))
    writer = Writer(ledger)
    verdicts = {word: writer.short(iri(f"{VERDICT}{word}")) for word in ledger.ontology.terms("Verdict")}
    verdict = pl.col(".verdict").replace_strict(list(verdicts), list(verdicts.values()), return_dtype=pl.String)
    derived: list[Piece] = [
        writer.predicate("verdict"),
        verdict,
        writer.predicate("holds"),
        '"',
        _holds(frame, ledger, day),
        '"',
    ]
    for name in STANCES.values():
        known = writer.predicate("qualifier") + writer.short(iri(f"{AUTOKG}qualifier/{name}"))
        derived.append(pl.when(pl.col(".qualifiers").list.contains(name)).then(pl.lit(known)))
    if judged.also.height:
        frame = frame.join(_also(ledger, judged.also), on=".proposition", how="left", maintain_order="left")
        derived.append(pl.col(".also"))
    yields = {
        w: "".join(f"{writer.predicate('yields')}{p}" for p in ps) for w, ps in _shortcuts(ledger, frame).items() if ps
    }
    if yields:
        derived.append(pl.when(_yielding(day, ledger.kind(frame))).then(ledger.term_expr(frame, yields)))
    subject = ("prop:", pl.col(".proposition"))
    block = form("graph:propositions", subject, writer.proposition_pairs(frame), derived)
    return frame.select(PART, END, key=".proposition", block=block)


def _also(ledger: Ledger, also: pl.DataFrame) -> pl.DataFrame:
    """Return, per proposition, the other terms between its ends, as text for its block."""
    short = ledger.readings.shortener.turtle
    turtle = {name: short(iri(name)) for column in (".also", ".term") for name in also[column].unique()}
    predicate, value = (pl.col(column).replace_strict(turtle, return_dtype=pl.String) for column in (".also", ".term"))
    pair = joined(SEPARATOR, predicate, " ", value)
    return also.group_by(".proposition").agg(pair.sort().str.join("").alias(".also"))


def shortcut_blocks(ledger: Ledger, frame: pl.DataFrame, judged: Judged, form: Form, day: str) -> pl.DataFrame:
    """Return one block per shortcut that a proposition yields."""
    properties = {word: ps for word, ps in _shortcuts(ledger, frame).items() if ps}
    naming = ledger.naming(frame)
    joinable = frame.select(PART, END, naming, ".proposition", *ends(ledger, frame), ".lower", ".upper").join(
        judged.verdicts, on=".proposition", how="left", maintain_order="left"
    )
    yielding = joinable.filter(_yielding(day, ledger.kind(frame)), pl.col(naming).is_in(list(properties)))
    singles = yielding.with_columns(
        pl.col(naming)
        .replace_strict(list(properties), list(properties.values()), default=None, return_dtype=pl.List(pl.String))
        .alias(".predicate")
    ).explode(".predicate")
    pairs = (" ", pl.col(".predicate"), " :", pl.col(".far"))
    key = joined(":", pl.col(".near"), *pairs)
    return singles.select(PART, END, key=key, block=form(DERIVED, (":", pl.col(".near")), pairs, ()))


def opposition_blocks(ledger: Ledger, frame: pl.DataFrame, form: Form) -> pl.DataFrame:
    """Return one block per opposition in a frame (``.part``, ``.claim``, ``.against``, ``.why``)."""
    writer = Writer(ledger)
    why = pl.concat_str(pl.lit(" ;\n    kg:"), ".why", pl.lit(" claim:"), ".against")
    pairs = (writer.predicate("opposes").removeprefix(SEPARATOR), "claim:", pl.col(".against"), why)
    end = pl.lit(None, pl.UInt64).alias(END)  # the opposed claim is in another bucket
    block = form(DERIVED, ("claim:", pl.col(".claim"), " "), pairs, ())
    return frame.select(PART, end, key=".claim", block=block).sort("block")


def _yielding(day: str, kind: Term) -> pl.Expr:
    """Return whether a proposition is stated, has two ends, and holds on the as-of day."""
    begun, lasts = (pl.col(".lower") <= day).fill_null(value=True), (pl.col(".upper") >= day).fill_null(value=True)
    ended = pl.col(".near").is_not_null() & pl.col(".far").is_not_null()
    return (pl.col(".verdict") == "stated") & ended & begun & (pl.lit(value=True) if kind.flag("remains") else lasts)


def _holds(frame: pl.DataFrame, ledger: Ledger, day: str) -> pl.Expr:
    """Return whether a proposition holds on the as-of day, as ``verdicts.holds`` does."""
    remains, nothing = ledger.kind(frame).flag("remains"), pl.lit(None, pl.String)
    dates = [key for key in ("when", "from", "until") if key in frame.columns]
    begins = [f"{key}|upper" for key in dates if remains or key != "until"]
    endings = [f"{key}|lower" for key in dates if key != "from" and not remains]
    begun = pl.max_horizontal(begins) if begins else nothing
    ending = pl.min_horizontal(endings) if endings else nothing
    never = (pl.col(".lower") > day).fill_null(value=False)
    if not remains:
        never = never | (pl.col(".upper") < day).fill_null(value=False)
    surely = (begun <= day).fill_null(value=False) & (ending >= day).fill_null(value=True)
    return pl.when(never).then(pl.lit("no")).when(surely).then(pl.lit("yes")).otherwise(pl.lit("possibly"))


def _shortcuts(ledger: Ledger, frame: pl.DataFrame) -> dict[str, list[str]]:
    """Return, per term, its shortcut properties as Turtle: its own and those of every broader term."""
    ontology, short = ledger.ontology, ledger.readings.shortener.turtle
    return {
        word: list(
            dict.fromkeys(
                short(iri(p)) for broader in ontology.broader(term.iri) for p in ontology.term(broader).all("shortcut")
            )
        )
        for word, term in ledger.terms(frame).items()
    }
