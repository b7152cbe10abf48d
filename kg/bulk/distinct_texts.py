"""Read each distinct text once: the result of ``values``, as a row of a dictionary that is joined back to a column.

The dictionary of a key has the columns ``text``, ``fault``, ``canonical``, ``reads``, ``wording``, ``lower``,
``upper``, ``duration``, ``turtle`` (the pairs of predicate and object in a subject's block) and ``first`` (the first
pair).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import RLock

import polars as pl

from kg.bulk.lookup import TEXT, Register
from kg.ingestion.checking.values import Scope, read_value
from kg.ingestion.reading import Cell
from kg.model.dates import Date, called
from kg.model.errors import Location
from kg.model.iris import KG, Shortener, iri, literal
from kg.model.properties import Term
from kg.model.quantities import Quantity
from kg.model.terms import Key
from kg.model.world import Value, canonical, period_of, without_wording
from kg.rdf.triples import Pair, value_pairs

# Kinds of value that are read as a whole column: any text, and texts of one form.
PLAIN = ("text",)
FORMED = ("id", "locator", "url", "language", "sha256")
ENTITIES = ("entity", "entity-or-claim")
NOWHERE = Location("")
KEPT = 50_000  # readings per key that are kept for the next batch
SCHEMA = dict.fromkeys(
    (TEXT, "fault", "canonical", "reads", "wording", "lower", "upper", "duration", "turtle", "first"), pl.String
)


def is_read(key: Key) -> bool:
    """Return whether a key's texts are read one by one, into a dictionary."""
    return key.value_kind not in (*PLAIN, *FORMED, *ENTITIES)


@dataclass(frozen=True, slots=True)
class Reading:
    """The reading of one text of one key: a value with its pairs, or a fault."""

    value: Value | None
    fault: str | None
    pairs: tuple[Pair, ...] = ()
    wording: str | None = None


@dataclass
class Readings:
    """Dictionaries by key, in which each text is read once, however many rows hold it. Threads may share them."""

    scope: Scope
    shortener: Shortener
    known: dict[str, dict[str, Reading]] = field(default_factory=dict)
    registers: dict[str, Register] = field(default_factory=dict)
    lock: RLock = field(default_factory=RLock)

    def __reduce__(self) -> tuple[type[Readings], tuple[Scope, Shortener]]:
        """Pickle without the readings and the lock."""
        return Readings, (self.scope, self.shortener)

    def join(self, frame: pl.DataFrame, key: Key, columns: Iterable[str]) -> pl.DataFrame:
        """Add, for the texts of a key, columns of its dictionary as ``key|column``."""
        texts = frame[key.notation]
        with self.lock:
            register = self.registers.get(key.iri) or Register(pl.DataFrame(schema=SCHEMA), TEXT)
            places = register.places(texts)
            new = texts.filter(places.is_null()).unique().drop_nulls()
            if new.len():
                register = self.registers[key.iri] = self._grown(register.frame, key, texts, new)
                places = register.places(texts)
        return register.join(frame, key.notation, columns, places=places)

    def _grown(self, dictionary: pl.DataFrame, key: Key, texts: pl.Series, new: pl.Series) -> Register:
        """Return a dictionary with new texts; one that would grow too large is replaced by one of the current texts."""
        if dictionary.height + new.len() > KEPT:
            dictionary, new = dictionary.clear(), texts.unique().drop_nulls()
        rows = [self._row(text, self._reading(key, text), key) for text in new]
        return Register(pl.concat([dictionary, pl.DataFrame(rows, SCHEMA, orient="row")]), TEXT)

    def value(self, key: Key, text: str) -> Value | None:
        """Return the value of a text, or None if it has none."""
        return self._reading(key, text).value

    def date(self, key: Key, text: str) -> Date:
        """Return the date of a text that the check found to be one."""
        value = self.value(key, text)
        assert isinstance(value, Date)  # noqa: S101 - the check lets no other pass
        return value

    def _reading(self, key: Key, text: str) -> Reading:
        with self.lock:
            known = self.known.setdefault(key.iri, {})
            if text not in known:
                known[text] = self._read(key, text)
            return known[text]

    def _read(self, key: Key, text: str) -> Reading:
        before = len(self.scope.problems)
        value = read_value(self.scope, key, Cell(text, NOWHERE, NOWHERE))
        errors = [problem for problem in self.scope.problems[before:] if problem.severity == "error"]
        del self.scope.problems[before:]
        if value is None or errors:
            return Reading(None, f"{errors[0].code}: {errors[0].message}" if errors else "KG102: not understood")
        content = key.notation in self.scope.ontology.keys("content")
        plain = without_wording(self.scope.ontology, value) if content else value
        reworded = isinstance(plain, Date | Quantity | str) and str(plain) != str(value)
        wording = f"{key.notation}: {value}" if reworded else None
        return Reading(plain, None, tuple(value_pairs(key, plain)), wording)

    def _row(self, text: str, reading: Reading, key: Key) -> tuple[str | None, ...]:
        value = reading.value
        if value is None:
            return (text, reading.fault, *(None for _ in range(len(SCHEMA) - 2)))
        date = value if isinstance(value, Date) else None
        return (
            text,
            None,
            canonical(value),
            self._reads(key, value),
            self.turtle([(iri(KG + "asWritten"), literal(reading.wording))]) if reading.wording else None,
            date.lower or None if date else None,
            date.upper or None if date else None,
            period_of(self.scope.ontology, {"value" if date is None else "when": value}) or None,
            self.turtle(reading.pairs),
            self.turtle(reading.pairs[:1]),
        )

    def turtle(self, pairs: Iterable[Pair]) -> str:
        """Return pairs as Turtle, as they follow each other in a subject's block."""
        shorten = self.shortener.turtle
        return "".join(f" ;\n    {shorten(predicate)} {shorten(value)}" for predicate, value in pairs)

    def _reads(self, key: Key, value: Value) -> str:
        """Return the text of a value in a sentence; entities are named elsewhere."""
        if isinstance(value, Term):
            return value.label()
        if isinstance(value, Date):
            return called(value)
        readings = dict(reading.split(": ", 1) for reading in key.choice_reads)
        text = readings.get(str(value), str(value))
        apart = not readings or text.startswith(",")  # a reading without a word before it brings its own space
        return text if apart else f" {text}"
