"""Write claims, propositions and one-hop triples as RDF text: first as nodes, then as blocks of Turtle or of TriG.

A frame of nodes has the columns ``.part``, ``.end`` (the far end), ``key`` (the sort key of the subject) and texts:
``graph``, ``subject``, ``said`` (its stated pairs) and ``derived`` (those in the derived graph, or null). A frame of
blocks has ``.part``, ``.end``, ``key`` and ``block``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import polars as pl

from kg.bulk.buckets import END
from kg.bulk.claims import Ledger, ends
from kg.bulk.names import PART
from kg.bulk.rdf_text import Piece, Writer, add_sentences, joined, with_content, with_facts

DERIVED = "graph:derived"
SEPARATOR = " ;\n    "
OWN, FOLLOWS, OPPOSES = " 0", " 1", " 2"  # the order of the blocks of one subject
Form = Callable[[pl.DataFrame], pl.DataFrame]  # nodes to blocks


def as_turtle(nodes: pl.DataFrame) -> pl.DataFrame:
    """Return one block for each node, with what is stated and what is derived."""
    return nodes.select(PART, END, "key", block=joined(pl.col("subject"), pl.col("said"), pl.col("derived"), " .\n"))


def as_trig(nodes: pl.DataFrame) -> pl.DataFrame:
    """Return a block for what is stated of each node, and one for what is derived, if anything is."""
    own = joined(pl.col("graph"), " {\n", pl.col("subject"), pl.col("said"), " .\n}\n")
    follows = joined(
        f"{DERIVED} {{\n", pl.col("subject"), " ", pl.col("derived").str.strip_prefix(SEPARATOR), " .\n}\n"
    )
    key = pl.col("key").str.replace(f"{OWN}$", FOLLOWS)
    derived = nodes.filter(pl.col("derived") != "")
    return pl.concat([nodes.select(PART, END, "key", block=own), derived.select(PART, END, key, block=follows)])


def node(key: Piece, graph: Piece, subject: Piece, said: Piece, derived: pl.Expr | None = None) -> list[pl.Expr]:
    """Return the texts of a node as columns."""
    texts = {"key": joined(key, OWN), "graph": joined(graph), "subject": joined(subject), "said": joined(said)}
    follows = pl.lit(None, pl.String) if derived is None else derived
    return [*(text.alias(name) for name, text in texts.items()), follows.alias("derived")]


def claim_nodes(ledger: Ledger, frame: pl.DataFrame) -> pl.DataFrame:
    """Return claims as nodes, with what is ``.told`` of them."""
    frame, name = with_facts(ledger, frame), pl.col(".claim")
    pairs, graph = joined(*Writer(ledger).claim_pairs(frame)), joined(":", pl.col("source"))
    return frame.select(PART, END, *node(name, graph, joined("claim:", name), pairs, pl.col(".told")))


def proposition_nodes(ledger: Ledger, frame: pl.DataFrame) -> pl.DataFrame:
    """Return propositions as nodes, with what is ``.derived`` of them."""
    frame, name = add_sentences(ledger, with_content(ledger, frame)), pl.col(".proposition")
    pairs = joined(*Writer(ledger).proposition_pairs(frame))
    return frame.select(PART, END, *node(name, "graph:propositions", joined("prop:", name), pairs, pl.col(".derived")))


def shortcut_nodes(ledger: Ledger, frame: pl.DataFrame) -> pl.DataFrame:
    """Return one node per one-hop triple that propositions yield."""
    yielding = frame.filter(pl.col(".yields").list.len() > 0)
    singles = yielding.select(PART, END, ".yields", *ends(ledger, frame)).explode(".yields")
    subject, pairs = joined(":", pl.col(".near")), joined(" ", pl.col(".yields"), " :", pl.col(".far"))
    return singles.select(PART, END, *node(joined(subject, pairs), DERIVED, subject, pairs))


def corroboration_nodes(frames: Iterable[pl.DataFrame], shared: pl.DataFrame) -> pl.DataFrame:
    """Return one node per corroboration, in the part of the first claim that agrees."""
    places = pl.concat(frame.select(PART, END, ".claim") for frame in frames).join(shared, on=".claim")
    subject, pairs = joined(pl.col(".name"), " "), pl.col(".pairs").str.strip_prefix(SEPARATOR)
    return places.select(PART, END, *node(pl.col(".name"), DERIVED, subject, pairs)).sort("subject")
