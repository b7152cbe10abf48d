"""Write claims, propositions and shortcuts as blocks of RDF text, one per row: Turtle by subject, TriG by graph.

A frame of blocks has the columns ``.part``, ``.end`` (the far end), ``key`` (the sort key) and ``block``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import polars as pl

from kg.bulk.buckets import END
from kg.bulk.claims import Ledger, ends
from kg.bulk.names import PART
from kg.bulk.rdf_text import Piece, Writer, add_sentences, joined, with_content, with_facts

DERIVED = "graph:derived"
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


def claim_blocks(ledger: Ledger, frame: pl.DataFrame, form: Form) -> pl.DataFrame:
    """Return one block per claim, with what is ``.told`` of it."""
    frame = with_facts(ledger, frame)
    graph, subject = joined(":", pl.col("source")), ("claim:", pl.col(".claim"))
    block = form(graph, subject, Writer(ledger).claim_pairs(frame), [pl.col(".told")])
    return frame.select(PART, END, key=".claim", block=block)


def proposition_blocks(ledger: Ledger, frame: pl.DataFrame, form: Form) -> pl.DataFrame:
    """Return one block per proposition, with what is ``.derived`` of it."""
    frame = add_sentences(ledger, with_content(ledger, frame))
    subject = ("prop:", pl.col(".proposition"))
    block = form("graph:propositions", subject, Writer(ledger).proposition_pairs(frame), [pl.col(".derived")])
    return frame.select(PART, END, key=".proposition", block=block)


def shortcut_blocks(ledger: Ledger, frame: pl.DataFrame, form: Form) -> pl.DataFrame:
    """Return one block per one-hop triple that propositions yield."""
    yielding = frame.filter(pl.col(".yields").list.len() > 0)
    singles = yielding.select(PART, END, ".yields", *ends(ledger, frame)).explode(".yields")
    pairs = (" ", pl.col(".yields"), " :", pl.col(".far"))
    key = joined(":", pl.col(".near"), *pairs)
    return singles.select(PART, END, key=key, block=form(DERIVED, (":", pl.col(".near")), pairs, ()))


def opposition_blocks(frames: Iterable[pl.DataFrame], afar: pl.DataFrame, form: Form) -> pl.DataFrame:
    """Return one block per claim that a denial from elsewhere opposes, in the part of the opposed claim."""
    places = pl.concat(frame.select(PART, END, ".claim") for frame in frames)
    block = form(DERIVED, (pl.col(".subject"), " "), [pl.col(".pairs").str.strip_prefix(SEPARATOR)], ())
    return places.join(afar, on=".claim").select(PART, END, key=".subject", block=block).sort("key", "block")
