"""Describe a claim in plain words: who says what, with which modality, in which source, and whether it still counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kg.judging.verdicts import Judge, is_weak
from kg.model.dates import Date
from kg.model.errors import Location
from kg.model.properties import Term
from kg.model.sentences import Sentences
from kg.model.world import Claim, Ref

_PLACE = re.compile(r"([a-z]+)(\d[\d-]*)")
_WORDS = {"par": "paragraph"}
LINKS = {"corrects": "corrected", "supersedes": "overtaken", "retracts": "taken back", "withdraws": "given up"}


@dataclass(frozen=True, slots=True)
class Voice:
    """A claim as text; fields are "" if there is nothing to say.

    ``id`` is a reference that ``kg why`` accepts: the handle or the hash. ``ended`` names the claims that ended it.
    """

    id: str
    speaker: str
    stance: str
    statement: str
    modality: str
    evidence: str
    weak: bool
    hedge: str
    condition: str
    second_hand: str
    said_when: str
    recorded: str
    source: str
    title: str
    publisher: str
    published: str
    at: str
    term: str
    note: str
    ended: str
    location: Location

    @property
    def place(self) -> str:
        """Return file and line, or the cell of a workbook."""
        return str(self.location) if self.location.cell else f"{self.location.file}:{self.location.line}"

    @property
    def saying(self) -> str:
        """Return speaker, stance and modality, without the statement."""
        return f"{self._who} {self.stance}, {self._how}"

    @property
    def telling(self) -> str:
        """Return speaker and modality, for a context that implies the stance."""
        return f"{self._who}, {self._how}"

    @property
    def _how(self) -> str:
        hedge = f", hedged “{self.hedge}”" if self.hedge else ""
        condition = f", if {self.condition}" if self.condition else ""
        return f"{self.modality}{hedge}{condition}"

    @property
    def _who(self) -> str:
        return f"{self.speaker} ({self.evidence}{', second-hand' if self.second_hand else ''})"

    @property
    def reading(self) -> str:
        """Return the source reference: title, publisher, date, place in the source."""
        parts = [f"“{self.title}”", self.publisher, self.published, self.at]
        return ", ".join(part for part in parts if part)

    def lines(self) -> Iterator[str]:
        """Yield the claim as lines: speaker, source, further facts, file and line."""
        yield self.saying
        yield f"in {self.reading}"
        for word, text in self._more():
            if text:
                yield f"{word} {text}"
        yield f"{self.place} ({self.id})" if "/" in self.id else self.place

    def _more(self) -> Iterator[tuple[str, str]]:
        yield "read there at second hand, from", self.second_hand
        yield "said on", self.said_when
        yield "in its own term", f"“{self.term}”" if self.term else ""
        yield "note:", self.note
        yield "recorded", self.recorded
        yield "no longer counts:", self.ended


class Voices:
    """The claims of a judged world as text."""

    def __init__(self, judge: Judge) -> None:
        """Use the world and results of a judge."""
        self.judge = judge
        self.sentences = Sentences(judge.world)

    def voice(self, claim: Claim) -> Voice:
        """Return a claim as text."""
        facts, name = claim.source.facts, self._name
        return Voice(
            id=handle(claim),
            speaker=name(claim.ref("said-by")),
            stance=claim.stance.reads,
            statement=self.sentences.sentence(claim.proposition),
            modality=claim.modality.label(),
            evidence=claim.evidence.label(),
            weak=is_weak(self.judge.world, claim),
            hedge=name(claim.facts.get("hedge")),
            condition=claim.text("if"),
            second_hand=name(claim.ref("second-hand")),
            said_when=name(claim.facts.get("said-when")),
            recorded=name(claim.facts.get("recorded")),
            source=claim.source.id,
            title=str(facts["title"]),
            publisher=name(facts["publisher"]),
            published=spelled(claim.source.published),
            at=_PLACE.sub(_place_in_words, claim.text("at")),
            term=claim.text("term"),
            note=claim.text("note"),
            ended=self._ended(claim),
            location=claim.place,
        )

    def _name(self, value: object) -> str:
        if isinstance(value, Ref):
            return self.sentences.name(value)
        if isinstance(value, Date):
            return spelled(value)
        return value.label() if isinstance(value, Term) else str(value or "")

    def _ended(self, claim: Claim) -> str:
        """Return how and by whom a claim was ended, or ""."""
        ending = self.judge.retired.get(claim.iri)
        enders = [self.judge.by_iri[iri] for iri in ending.by] if ending else []
        ways = (
            f"{word} by {handle(ender)} ({self._name(ender.ref('said-by'))}, {spelled(ender.source.published)})"
            for ender in enders
            for link, word in LINKS.items()
            if claim.iri in ender.links.get(link, ())
        )
        return "; ".join(ways)


def spelled(date: Date) -> str:
    """Return a date in words: ``~`` and ``?`` spelled out, an interval with its ends."""
    first, stroke, last = str(date).partition("/")
    if not stroke:
        word = {"~": "about ", "?": "probably ", "%": "probably about "}.get(first[-1:], "")
        return f"{word}{first.rstrip('~?%')}"
    if ".." in (first, last):
        return f"not after {last}" if first == ".." else f"not before {first}"
    return f"between {first} and {last}"


def _place_in_words(match: re.Match[str]) -> str:
    """Return ``par3`` as ``paragraph 3``."""
    return f"{_WORDS.get(match[1], match[1])} {match[2]}"


def handle(claim: Claim) -> str:
    """Return a reference to a claim: ``source/id`` if its row has an id, else its hash."""
    return f"{claim.source.id}/{claim.text('id')}" if claim.text("id") else claim.iri.rsplit("/", 1)[-1]
