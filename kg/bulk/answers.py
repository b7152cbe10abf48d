"""Judge rows of a bucket as objects, with the rules of ``kg.judging``, and return the results as Turtle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from kg.bulk.claim_objects import Objects, Row
from kg.bulk.claims import Ledger
from kg.judging.origins import Descent
from kg.judging.qualifiers import qualified
from kg.judging.verdicts import Judge
from kg.model.iris import KG, XSD, iri, literal
from kg.model.terms import Verdict
from kg.model.world import Clocks
from kg.rdf.triples import Pair, derived_pairs

ORIGIN, YIELDS, VERDICT, SEEN = (iri(KG + name) for name in ("origin", "yields", "verdict", "lastSeen"))


class Answer(NamedTuple):
    """What follows for a claim.

    ``verdict`` and ``yields`` (predicates of one-hop triples) are those of its proposition; ``derived`` of the
    proposition and ``told`` of the claim are pairs as they follow each other in a block of Turtle.
    """

    claim: str
    verdict: str
    derived: str
    yields: list[str]
    told: str


class Answers:
    """What follows from some rows, each of which is there with all that bears on it."""

    def __init__(self, ledger: Ledger, descent: Descent, clocks: Clocks, rows: Iterable[Row]) -> None:
        """Judge the rows."""
        once = list({row[".claim"]: row for row in rows}.values())
        world = Objects(ledger, clocks, once).world(once)
        judge = Judge(world, descent)
        self._pairs: dict[str, list[Pair]] = {}
        judgements = qualified(judge)
        self._parts = {part.part.iri: part for judged in judgements.values() for part in judged.parts}
        for subject, pairs in derived_pairs(world, judgements, judge.origins):
            self._pairs.setdefault(subject, []).extend(pairs)
        shortener = ledger.readings.shortener
        self._base, self._short, self._verb = ledger.settings.base, shortener.turtle, shortener.predicate
        self._words = {iri(term.iri): word for word, term in ledger.ontology.of(Verdict).items()}

    def of(self, row: Row) -> Answer:
        """Return what follows for a claim; its origin is left out if the row has it."""
        proposition, claim = (self._of(row, name) for name in ("proposition", "claim"))
        verdict = next(self._words[value] for predicate, value in proposition if predicate == VERDICT)
        yields = [self._short(value) for predicate, value in proposition if predicate == YIELDS]
        told = [pair for pair in claim if pair[0] != ORIGIN or not row[".origin"]]
        return Answer(row[".claim"], verdict, self._text(proposition), yields, self._text(told))

    def around_day(self, row: Row, days: Sequence[str]) -> tuple[str, str, str]:
        """Return what follows for a proposition as a text before a day of the row, the column of the day, the rest.

        Of a plan that nothing bears on, the day is when it is due; of a state that is a fact, ``.seen``: when it was
        last seen. Others have a text only.
        """
        text = self._text(self._of(row, "proposition"))
        if seen := row[".seen"]:
            before, _, after = text.partition(f'{self._short(SEEN)} "{seen}"')
            return f'{before}{self._short(SEEN)} "', ".seen", f'"{after}'
        for column in (column for column in days if row[column]):
            day = self._short(literal(row[column], datatype=XSD + "date"))
            before, found, after = text.partition(day)
            if found:
                ahead, behind = day.split(row[column])
                return before + ahead, column, behind + after
        return text, "", ""

    def corroborations(self) -> Iterator[tuple[str, str, str]]:
        """Yield what the rows corroborate: the name of the first claim that agrees, the subject, pairs."""
        for name, part in sorted(self._parts.items()):
            if pairs := self._pairs.get(iri(name)):
                yield part.claims[0].iri.rpartition("/")[2], self._short(iri(name)), self._text(pairs)

    def _of(self, row: Row, kind: str) -> list[Pair]:
        return self._pairs.get(iri(f"{self._base}{kind}/{row[f'.{kind}']}"), [])

    def _text(self, pairs: Iterable[Pair]) -> str:
        return "".join(f" ;\n    {self._verb(p)} {self._short(value)}" for p, value in sorted(set(pairs)))
