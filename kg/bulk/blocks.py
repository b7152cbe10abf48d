"""Write claims, propositions and shortcuts as blocks of RDF text: Turtle by subject, TriG by graph and subject.

A frame of blocks has the columns ``.part``, ``.end`` (the far end), ``key`` (the sort key) and ``block``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import polars as pl

from kg.bulk.buckets import END
from kg.bulk.claims import Ledger, ends
from kg.bulk.names import PART
from kg.bulk.rdf_text import Piece, Writer, add_sentences, joined, with_content, with_facts

DERIVED = "graph:derived"
SEPARATOR = " ;\n    "
OWN, FOLLOWS, OPPOSES = "0", "1", "2"  # the order of the blocks of one subject
# Given the graph, the subject, and its stated and derived pairs: the blocks, null where there is none, by their order.
Form = Callable[[Piece, Sequence[Piece], Sequence[Piece], Sequence[Piece]], Mapping[str, pl.Expr]]


def as_turtle(
    graph: Piece, subject: Sequence[Piece], pairs: Sequence[Piece], derived: Sequence[Piece]
) -> Mapping[str, pl.Expr]:
    """Return the stated and the derived pairs of a subject as one block of Turtle."""
    return {OWN: joined(*subject, *pairs, *derived, " .\n")}


def as_trig(
    graph: Piece, subject: Sequence[Piece], pairs: Sequence[Piece], derived: Sequence[Piece]
) -> Mapping[str, pl.Expr]:
    """Return the stated and the derived pairs of a subject as one block of TriG each."""
    own = joined(graph, " {\n", *subject, *pairs, " .\n}\n")
    if not derived:
        return {OWN: own}
    said = joined(*derived).str.strip_prefix(SEPARATOR)
    return {OWN: own, FOLLOWS: pl.when(said != "").then(joined(f"{DERIVED} {{\n", *subject, " ", said, " .\n}\n"))}


def _blocks(frame: pl.DataFrame, key: pl.Expr, blocks: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """Return the blocks of the subjects of a frame, each sorted by its subject and then by its order."""
    return pl.concat(
        frame.select(PART, END, key=joined(key, " ", order), block=block).drop_nulls("block")
        for order, block in blocks.items()
    )


def claim_blocks(ledger: Ledger, frame: pl.DataFrame, form: Form) -> pl.DataFrame:
    """Return the blocks of claims, with what is ``.told`` of them."""
    frame, name = with_facts(ledger, frame), pl.col(".claim")
    graph = joined(":", pl.col("source"))
    return _blocks(frame, name, form(graph, ("claim:", name), Writer(ledger).claim_pairs(frame), [pl.col(".told")]))


def proposition_blocks(ledger: Ledger, frame: pl.DataFrame, form: Form) -> pl.DataFrame:
    """Return the blocks of propositions, with what is ``.derived`` of them."""
    frame, name = add_sentences(ledger, with_content(ledger, frame)), pl.col(".proposition")
    pairs = Writer(ledger).proposition_pairs(frame)
    return _blocks(frame, name, form("graph:propositions", ("prop:", name), pairs, [pl.col(".derived")]))


def shortcut_blocks(ledger: Ledger, frame: pl.DataFrame, form: Form) -> pl.DataFrame:
    """Return one block per one-hop triple that propositions yield."""
    yielding = frame.filter(pl.col(".yields").list.len() > 0)
    singles = yielding.select(PART, END, ".yields", *ends(ledger, frame)).explode(".yields")
    pairs = (" ", pl.col(".yields"), " :", pl.col(".far"))
    return _blocks(singles, joined(":", pl.col(".near"), *pairs), form(DERIVED, (":", pl.col(".near")), pairs, ()))


def opposition_blocks(frames: Iterable[pl.DataFrame], afar: pl.DataFrame, form: Form) -> pl.DataFrame:
    """Return one block per claim that a denial from elsewhere opposes, in the part of the opposed claim."""
    places = pl.concat(frame.select(PART, END, ".claim") for frame in frames).join(afar, on=".claim")
    pairs = [pl.col(".pairs").str.strip_prefix(SEPARATOR)]
    blocks = form(DERIVED, ("claim:", pl.col(".denial"), " "), pairs, ())
    return _blocks(places, pl.col(".denial"), {OPPOSES: blocks[OWN]}).sort("block")
