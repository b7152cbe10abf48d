"""Turn claims into RDF text by column: blocks of Turtle, and the same blocks by graph as TriG.

The model is ``rdf.triples``, which makes the pairs of a read value for the dictionaries; this module only joins the
columns of a whole node. A block is one text, one per row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import polars as pl

from kg.bulk.claims import Ledger, collapsed, join_readings, place_of
from kg.bulk.distinct_texts import ENTITIES, is_read
from kg.model.iris import KG, PROV, RDFS, XSD, iri
from kg.model.terms import Key, Kind, Predicate, Stance
from kg.model.world import far_keys

_PLACE = re.compile(r"\{([a-z-]+)(\.label)?\}")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
Piece = str | pl.Expr


def escaped(text: pl.Expr) -> pl.Expr:
    """Return texts escaped for the quotes of a literal."""
    return text.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))


def joined(*pieces: Piece) -> pl.Expr:
    """Return pieces of text joined; null pieces are left out."""
    return pl.concat_str([pl.lit(p) if isinstance(p, str) else p for p in pieces], ignore_nulls=True)


def whole(*pieces: Piece) -> pl.Expr:
    """Return pieces of text joined, or null if one of them is null."""
    return pl.concat_str([pl.lit(p) if isinstance(p, str) else p for p in pieces])


class Writer:
    """Write Turtle for the claims of one kind of proposition."""

    def __init__(self, ledger: Ledger) -> None:
        """Shorten IRIs with the project's prefixes."""
        self.ledger = ledger
        self.short = ledger.readings.shortener.turtle

    def predicate(self, name: str) -> str:
        """Return a predicate of our own namespace, as it begins a line of a block."""
        return f" ;\n    {self.short(iri(KG + name))} "

    def proposition_pairs(self, frame: pl.DataFrame) -> list[Piece]:
        """Return the pairs after ``prop:…`` in the block of a proposition, without the derived ones."""
        kind = self.ledger.kind(frame)
        label = self.short(iri(RDFS + "label"))
        pieces: list[Piece] = [f' a {self.short(iri(kind.iri))} ;\n    {label} "', escaped(pl.col(".sentence")), '"@en']
        pieces += [self.predicate("slot"), "slot:", pl.col(".slot")]
        for key in self.ledger.content(frame):
            pieces += self.pairs(frame, self.ledger.keys[key], content=True)
        if not frame[".period"].is_null().all():
            pieces.append(
                whole(self.predicate("period") + '"', pl.col(".period"), f'"^^{self.short(iri(XSD + "duration"))}')
            )
        return pieces

    def claim_pairs(self, frame: pl.DataFrame) -> list[Piece]:
        """Return the pairs after ``claim:…`` in the block of a claim."""
        stances = {word: self.short(iri(term.stance_of)) for word, term in self.ledger.ontology.of(Stance).items()}
        stance = pl.col("stance").replace_strict(list(stances), list(stances.values()), return_dtype=pl.String)
        derived = self.short(iri(PROV + "wasDerivedFrom"))
        pieces: list[Piece] = [
            f" a {self.short(iri(KG + 'Claim'))} ;\n    {derived} :",
            pl.col("source"),
            " ;\n    ",
            stance,
            " prop:",
            pl.col(".proposition"),
        ]
        for key in (key for key in self.ledger.ontology.keys("claim") if key in frame.columns and key != "stance"):
            pieces += self.pairs(frame, self.ledger.keys[key])
        pieces += [pl.col(column) for column in frame.columns if column.endswith("|wording")]
        for key in (key for key in self.ledger.content(frame) if self.ledger.keys[key].value_kind == "text"):
            text = self.predicate("asWritten") + f'"{key}: '
            pieces.append(pl.when(collapsed(key) != pl.col(key)).then(whole(text, escaped(pl.col(key)), '"')))
        return pieces

    def record_pairs(self, frame: pl.DataFrame, keys: Iterable[Key]) -> list[Piece]:
        """Return the pairs after the subject in the block of an entity or a source, without its type."""
        return [piece for key in keys if key.notation in frame.columns for piece in self.pairs(frame, key)]

    def pairs(self, frame: pl.DataFrame, key: Key, *, content: bool = False) -> list[Piece]:
        """Return the pairs of a key, as they follow each other in a block; content is written without its wording."""
        name = key.notation
        if is_read(key):
            return [self.without_repeated_bound(frame, key) if content else pl.col(f"{name}|turtle")]
        head = f" ;\n    {self.short(iri(key.iri))} "
        pieces: list[Piece]
        if key.value_kind in ENTITIES:
            pieces = [f"{head}:", pl.col(name)]
        elif key.value_kind == "url":
            pieces = [f"{head}<", pl.col(name), ">"]
        else:
            spoken = whole("@", pl.col("source|lang").str.to_lowercase()) if key.in_source_language else ""
            pieces = [f'{head}"', escaped(collapsed(name) if content else pl.col(name)), joined('"', spoken)]
        return pieces if not frame[name].has_nulls() else [pl.when(pl.col(name).is_not_null()).then(whole(*pieces))]

    def without_repeated_bound(self, frame: pl.DataFrame, key: Key) -> pl.Expr:
        """Return the pairs of a date, without the bound that the row's ``when`` has as well."""
        text, name = pl.col(f"{key.notation}|turtle"), key.notation
        if name == "when" or "when" not in frame.columns:
            return text
        when = self.ledger.keys["when"]
        bounds = ((key.lower_bound, when.lower_bound, "lower"), (key.upper_bound, when.upper_bound, "upper"))
        for mine, its, column in bounds:
            if mine and mine == its:
                same = pl.col(f"{name}|{column}") == pl.col(f"when|{column}")
                text = pl.when(same).then(pl.col(f"{name}|first")).otherwise(text)
        return text


# ---------------------------------------------------------------- sentences of propositions


def add_sentences(ledger: Ledger, frame: pl.DataFrame) -> pl.DataFrame:
    """Add ``.sentence``: each proposition as a sentence, as ``sentences`` words it.

    Rows with the same keys are handled together, and among them the terms with the same word order.
    """
    naming = ledger.naming(frame)
    for key in (key for key in ledger.content(frame) if ledger.keys[key].value_kind in ENTITIES):
        frame = ledger.register(ledger.entities).join(frame, key, ("label",), places=frame[place_of(key)])
    content = [key for key in ledger.content(frame) if key != naming]
    masks = [tuple(mask) for mask in frame.select(pl.col(key).is_not_null() for key in content).unique().rows()]
    sentence = pl.lit(None, pl.String)
    for mask in sorted(masks):
        there = [key for key, present in zip(content, mask, strict=True) if present]
        here = pl.all_horizontal(
            pl.col(k).is_not_null() if p else pl.col(k).is_null() for k, p in zip(content, mask, strict=True)
        )
        worded = _worded(ledger, frame, there)
        sentence = worded if len(masks) == 1 else pl.when(here).then(worded).otherwise(sentence)
    return frame.with_columns(sentence.alias(".sentence"))


def _worded(ledger: Ledger, frame: pl.DataFrame, there: list[str]) -> pl.Expr:
    """Return the sentences of rows that have certain keys."""
    naming = ledger.naming(frame)
    plans: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for word, term in ledger.terms(frame).items():
        pieces = _plan(ledger, ledger.kind(frame), term, there)
        plans.setdefault(tuple(pieces[1::2]), {})[word] = pieces[::2]
    sentence = pl.lit(None, pl.String)
    for places, texts in sorted(plans.items()):
        parts: list[Piece] = []
        for index in range(len(places) + 1):
            by_word = {word: literals[index] for word, literals in texts.items()}
            same = len(set(by_word.values())) == 1
            parts.append(next(iter(by_word.values())) if same else ledger.term_expr(frame, by_word))
            if index < len(places):
                parts.append(_reads(ledger, places[index]))
        worded = whole(*parts)
        sentence = (
            worded if len(plans) == 1 else pl.when(pl.col(naming).is_in(list(texts))).then(worded).otherwise(sentence)
        )
    return sentence


def _reads(ledger: Ledger, key: str) -> pl.Expr:
    if ledger.keys[key].value_kind == "text":
        return collapsed(key)
    return pl.col(f"{key}|label" if ledger.keys[key].value_kind in ENTITIES else f"{key}|reads")


def _plan(ledger: Ledger, kind: Kind, term: Predicate, there: Iterable[str]) -> list[str]:
    """Return a term's sentence as alternating literal texts and keys: the pattern, then its qualifiers."""
    ontology, naming = ledger.ontology, kind.named_by.notation
    keys = {naming, *there}
    far = next((key.notation for key in far_keys(kind, term) if key.notation in keys), "")
    named = {**{key: key for key in keys}, **({"far": far} if far else {})}
    fitting = [p for p in kind.patterns if all(name in named for name, _ in _PLACE.findall(p))]
    pattern = max(fitting, key=lambda p: (len(_PLACE.findall(p)), p), default=term.label())
    pieces, end, used = [""], 0, {naming}
    for found in _PLACE.finditer(pattern):
        pieces[-1] += pattern[end : found.start()]
        end, key = found.end(), named[found[1]]
        used.add(key)
        if key == naming:
            pieces[-1] += term.label() if found[2] else term.reads
        else:
            pieces += [key, ""]
    pieces[-1] += pattern[end:]
    for _, key in sorted((ontology.row_keys[key].position, key) for key in keys if key not in used):
        own = term.inherited(f"{key}Reads")
        reads = own[0] if own else ontology.row_keys[key].said
        alone = " " if not ontology.row_keys[key].choice_reads else ""
        pieces[-1] += f"{reads} " if reads.startswith(",") else f" {reads} " if reads else alone
        pieces += [key, ""]
    return pieces


def with_content(ledger: Ledger, frame: pl.DataFrame) -> pl.DataFrame:
    """Join to propositions the sentence text and the Turtle of their content."""
    keys = [key for key in ledger.content(frame) if is_read(ledger.keys[key])]
    frame = join_readings(ledger, frame, keys, ("reads", "turtle", "first", "duration", "lower", "upper"))
    period = [pl.col(f"{key}|duration") for key in ("value", "when") if f"{key}|duration" in frame.columns]
    return frame.with_columns((pl.coalesce(period) if period else pl.lit(None, pl.String)).alias(".period"))


def with_facts(ledger: Ledger, frame: pl.DataFrame) -> pl.DataFrame:
    """Join to claims the Turtle of their facts, and the wording of their content."""
    content = ledger.content(frame)
    keys = [key for key in ledger.present(frame) if is_read(ledger.keys[key])]
    frame = join_readings(ledger, frame, [key for key in keys if key in content], ("wording",))
    return join_readings(ledger, frame, [key for key in keys if key not in content], ("turtle",))
