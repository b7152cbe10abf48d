"""Describe claims that bear on each other by their shape: what a judgement can depend on, without their names.

Two windows of the same shape differ only in names and days. They get the same judgement, so each shape is judged once,
and the answer, a ``Template``, is filled with the names and days of each window.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.bulk.claim_objects import Objects, Row
from kg.bulk.claims import Ledger
from kg.bulk.distinct_texts import ENTITIES, is_read
from kg.judging.origins import Descent
from kg.judging.qualifiers import qualified
from kg.judging.verdicts import VERDICT, Judge
from kg.model.iris import KG, XSD, Shortener, iri, literal
from kg.model.ontology import Ontology
from kg.model.world import World
from kg.rdf.triples import Pair, derived_pairs

ORIGIN, YIELDS = iri(KG + "origin"), iri(KG + "yields")
NAMES = (".claim", ".proposition")
Shape = tuple[object, ...]
Place = tuple[int, str]  # a member of the window, and a column of its row
Piece = str | Place


@dataclass(frozen=True)
class Answer:
    """What follows for one member of a window.

    ``verdict`` and ``yields`` (predicates of one-hop triples) are those of its proposition. ``derived`` and ``told``
    are the pieces of Turtle of the proposition and of the claim: texts, and places where a name or a day is put.
    """

    verdict: str
    yields: tuple[str, ...]
    derived: tuple[Piece, ...]
    told: tuple[Piece, ...]


@dataclass(frozen=True)
class Template:
    """What follows for each member of a window, and what claims beyond it oppose: claim, member, pieces."""

    answers: tuple[Answer, ...]
    afar: tuple[tuple[str, int, tuple[Piece, ...]], ...] = ()


def filled(pieces: Iterable[Piece], rows: Sequence[Row]) -> str:
    """Return pieces as text, with the names and days of the rows of a window."""
    return "".join(piece if isinstance(piece, str) else rows[piece[0]][piece[1]] for piece in pieces)


def dated(ontology: Ontology) -> list[str]:
    """Return the content keys that hold a date."""
    return [key for key, term in ontology.keys("content").items() if term.value_kind == "date"]


def plans(ontology: Ontology) -> list[str]:
    """Return the words of the modalities that make a claim a plan."""
    verdict = f"{VERDICT}planned"
    return [word for word, term in ontology.terms("Modality").items() if term.one("verdictOf") == verdict]


class Shapes:
    """Tell the shapes of windows, and judge the windows of a bucket."""

    def __init__(self, ledger: Ledger, descent: Descent, objects: Objects) -> None:
        """Look up what the ontology says of keys and words."""
        self.ledger, self.descent, self.objects = ledger, descent, objects
        self.dated, self.plans = dated(ledger.ontology), set(plans(ledger.ontology))
        self.content = ledger.ontology.keys("content")
        self.verdicts = {iri(term.iri): word for word, term in ledger.ontology.terms("Verdict").items()}

    def shape(self, rows: Sequence[Row]) -> Shape | None:
        """Return the shape of a window, or None if its judgement may depend on more than a shape tells."""
        plans = any(row["modality"] in self.plans for row in rows)
        own = any(row.get("second-hand") or row.get("parties") or (plans and row.get("value")) for row in rows)
        if own or self._has_any(rows):
            return None
        numbers: dict[str, int] = {}
        days = sorted({day for row in rows for day in self._days(row) if day} | {self.objects.clocks.as_of})
        rank = {"": -1, **{day: place for place, day in enumerate(days)}}
        return (
            rank[self.objects.clocks.as_of],
            *(part for row in rows for part in (*self._parts(row, numbers), *(rank[day] for day in self._days(row)))),
        )

    def _has_any(self, rows: Iterable[Row]) -> bool:
        """Return whether a row names an entity that represents its whole type: then types count."""
        entities = self.objects.entities
        named = (row.get(key) for row in rows for key, term in self.content.items() if term.value_kind in ENTITIES)
        return any(entities[id].stands_for_any for id in named if id)

    def _days(self, row: Row) -> Iterable[str]:
        published = self.objects.sources[row["source"]].published
        yield from (published.lower, published.upper)
        for key in self.dated:
            yield from (row.get(f"{key}|lower") or "", row.get(f"{key}|upper") or "")

    def _parts(self, row: Row, numbers: dict[str, int]) -> Iterable[object]:
        """Yield what matters of a row: words, and which of its names and texts are the same as others'."""

        def number(text: str) -> int:
            return numbers.setdefault(text, len(numbers))

        source = self.objects.sources[row["source"]]
        yield from (row["stance"], row["modality"], row["evidence"], row[".stake"], source.facts.get("kind"))
        yield from (number(row[name] or "") for name in ("source", "said-by", ".origin", ".proposition", ".slot"))
        for key, term in self.content.items():
            text = row.get(key)
            if text is None or term.value_kind == "term":
                yield text
            elif term.value_kind in ENTITIES:
                yield number(text)
            else:
                yield number(f"{key}={row.get(f'{key}|canonical') if is_read(term) else ' '.join(text.split())}")

    def judge(self, rows: Sequence[Row], beyond: Sequence[Row] = ()) -> Template:
        """Judge a window, with claims beyond it that may bear on it, and return what follows."""
        world = self.objects.world([*rows, *(row for row in beyond if row[".claim"] not in _names(rows))])
        judge = Judge(world, self.descent)
        pairs: dict[str, list[Pair]] = {}
        for subject, said in derived_pairs(world, qualified(judge), judge.origins):
            pairs.setdefault(subject, []).extend(said)
        places = self._places(rows)
        return Template(
            tuple(self._answer(row, pairs, places) for row in rows), tuple(self._afar(world, len(rows), pairs, places))
        )

    def _places(self, rows: Sequence[Row]) -> dict[str, tuple[str, Place, str]]:
        """Return, by RDF term, what of a window it names: a text before, a place, a text after."""
        short, found = self.ledger.readings.shortener.turtle, dict[str, tuple[str, Place, str]]()
        for number, row in enumerate(rows):
            for name in NAMES:
                term = self._term(row, name)
                found.setdefault(term, (short(term).removesuffix(row[name]), (number, name), ""))
            for key in self.dated:
                if day := row.get(f"{key}|upper"):
                    term = literal(day, datatype=XSD + "date")
                    before, after = short(term).split(day)
                    found.setdefault(term, (before, (number, f"{key}|upper"), after))
        return found

    def _term(self, row: Row, name: str) -> str:
        return iri(f"{self.ledger.settings.base}{name[1:]}/{row[name]}")

    def _answer(
        self, row: Row, pairs: Mapping[str, list[Pair]], places: Mapping[str, tuple[str, Place, str]]
    ) -> Answer:
        proposition, claim = (pairs.get(self._term(row, name), []) for name in NAMES[::-1])
        verdict = next(self.verdicts[value] for predicate, value in proposition if predicate == iri(KG + "verdict"))
        short = self.ledger.readings.shortener.turtle
        yields = tuple(short(value) for predicate, value in proposition if predicate == YIELDS)
        own = [pair for pair in claim if pair[0] != ORIGIN or not row[".origin"]]
        return Answer(verdict, yields, self._pieces(proposition, places), self._pieces(own, places))

    def _afar(
        self, world: World, members: int, pairs: Mapping[str, list[Pair]], places: Mapping[str, tuple[str, Place, str]]
    ) -> Iterable[tuple[str, int, tuple[Piece, ...]]]:
        """Yield what claims beyond the window oppose in it."""
        short = self.ledger.readings.shortener.turtle
        for claim in world.claims[members:]:
            opposed: dict[int, list[Pair]] = {}
            for predicate, value in pairs.get(iri(claim.iri), ()):
                if value in places:
                    opposed.setdefault(places[value][1][0], []).append((predicate, value))
            for member, said in opposed.items():
                yield short(iri(claim.iri)), member, self._pieces(said, places)

    def _pieces(self, pairs: Iterable[Pair], places: Mapping[str, tuple[str, Place, str]]) -> tuple[Piece, ...]:
        """Return pairs as Turtle, sorted, as they follow each other in a block."""
        short: Shortener = self.ledger.readings.shortener
        pieces: list[Piece] = []
        for predicate, value in sorted(set(pairs)):
            pieces.append(f" ;\n    {short.turtle(predicate)} ")
            pieces += places[value] if value in places else [short.turtle(value)]
        return tuple(_merged(pieces))


def _merged(pieces: Iterable[Piece]) -> Iterable[Piece]:
    """Yield pieces with texts that follow each other joined."""
    held = ""
    for piece in pieces:
        if isinstance(piece, str):
            held += piece
        else:
            yield from (held, piece) if held else (piece,)
            held = ""
    if held:
        yield held


def _names(rows: Iterable[Row]) -> set[str]:
    return {row[".claim"] for row in rows}
