"""The texts of a claim, and of a proposition with both sides, as ``telling`` makes them: frozen, and ready for JSON.

Sentences have days in words; fields of their own have them as ISO text.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass

from kg.model.errors import Location
from kg.model.sentences import days_in_words

HOLDS = {
    "yes": "it holds on {day}",
    "no": "it does not hold on {day}",
    "possibly": "it possibly holds on {day}",
    "": "not told of {day}, neither yes nor no",
}
NO_FACT = "no claim states it as a fact"
BOUNDED = {
    "ended": "it ended {day}, by {place}",
    "ended with it": "it ended with the {term}, {day}, {place}",
    "denied later": "it is denied from {day} on, by {place}",
    "succession": "another took over, {day}, {place}: “{statement}”",
}
AGAINST = {
    "denied": "it denies what {claim} asserts",
    "disputed": "it disputes {claim}",
    "held by another": "only one can hold this at a time, and {claim} gives it to another",
}
ANSWERS = {"denied": "{claim} denies what it asserts", "disputed": "{claim} disputes it"}
IN_LINE = ("id", "stance", "said-by", "modality", "evidence", "hedge", "if", "at")  # of ``ClaimText.lines``
IN_READING = ("id", "title", "publisher", "published")
FOR_TOOLS = ("lang", "sha256", "text", "retrieved", "kind")  # of a source, not for readers of a claim


@dataclass(frozen=True, slots=True)
class Word:
    """A term of the rule, such as a verdict: notation, label, and definition."""

    word: str
    label: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Detail:
    """The value of a key: the label of the key, the value as a person reads it, and the value as rows have it."""

    key: str
    label: str
    text: str
    value: str


@dataclass(frozen=True, slots=True)
class ClaimText:
    """A claim as text; fields are "" if there is nothing to say.

    ``id`` is a reference that ``kg why`` accepts: the handle or the hash. ``ended`` names the claims that ended it.
    ``content``, ``details`` and ``source_details`` hold every key of the proposition, the claim and the source.
    """

    id: str
    proposition: str
    statement: str
    verdict: str
    speaker: str
    stance: str
    modality: str
    plan_of: str
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
    url: str
    archive: str
    at: str
    term: str
    quote: str
    quote_check: str
    note: str
    ended: str
    location: Location
    content: tuple[Detail, ...]
    details: tuple[Detail, ...]
    source_details: tuple[Detail, ...]

    @property
    def place(self) -> str:
        """Return file and line, or the cell of a workbook."""
        return str(self.location) if self.location.cell else f"{self.location.file}:{self.location.line}"

    @property
    def saying(self) -> str:
        """Return speaker, stance and modality, without the statement."""
        return ", ".join(part for part in (f"{self._who} {self.stance}", self._how) if part)

    @property
    def telling(self) -> str:
        """Return speaker and modality, for a context that implies the stance."""
        return ", ".join(part for part in (self._who, self._how) if part)

    @property
    def _how(self) -> str:
        hedge = f", hedged “{self.hedge}”" if self.hedge else ""
        condition = f", if {self.condition}" if self.condition else ""
        return f"{self.modality}{hedge}{condition}".removeprefix(", ")

    @property
    def _who(self) -> str:
        return f"{self.speaker} ({self.evidence}{', second-hand' if self.second_hand else ''})"

    @property
    def reading(self) -> str:
        """Return the source reference: title, publisher, date, place in the source."""
        parts = [f"“{self.title}”", self.publisher, days_in_words(self.published), self.at]
        return ", ".join(part for part in parts if part)

    @property
    def signature(self) -> str:
        """Return speaker and date of publication."""
        return f"{self.speaker}, {days_in_words(self.published)}"

    @property
    def conclusion(self) -> str:
        """Return what an editor concludes: who, when, the note or else the statement, and the place."""
        return f"{self.signature}: {self.note or self.statement}  ({self.place})"

    def more(self, placed: Container[str] = IN_LINE) -> list[tuple[str, str]]:
        """Return label and text of the claim's keys that are not in ``placed``; a quote comes with its check."""
        found = [(one.label, one.text) for one in self.details if one.key not in placed]
        return [*found, ("check", self.quote_check)] if self.quote else found

    def source_more(self, *placed: str) -> list[tuple[str, str]]:
        """Return label and text of the source's keys, without those of ``reading``, ``FOR_TOOLS`` and ``placed``."""
        left_out = {*IN_READING, *FOR_TOOLS, *placed}
        return [(one.label, one.text) for one in self.source_details if one.key not in left_out]

    def lines(self) -> Iterator[str]:
        """Yield the claim as lines: speaker, source, further keys, file and line."""
        yield self.saying
        yield f"in {self.reading}"
        for label, text in (*self.more(), *self.source_more()):
            yield f"{label}: {text}"
        if self.ended:
            yield f"no longer counts: {self.ended}"
        yield f"{self.place} ({self.id})" if "/" in self.id else self.place

    def quoting(self) -> Iterator[str]:
        """Yield the claim as lines, its statement first."""
        yield f"“{self.statement}”"
        yield from self.lines()


@dataclass(frozen=True, slots=True)
class Against:
    """A claim that opposes another, and why; ``settled`` is the claim that resolves the conflict.

    ``answers`` means that the other one speaks: it denies or disputes this claim.
    """

    voice: ClaimText
    against: str
    why: str
    answers: bool
    settled: ClaimText | None

    def lines(self, against: str) -> Iterator[str]:
        """Yield the opposing claim and why it opposes; ``against`` refers to the opposed claim."""
        yield from self.voice.quoting()
        yield (ANSWERS if self.answers else AGAINST)[self.why].format(claim=against)
        if self.settled:
            yield f"settled by {self.settled.conclusion}"


@dataclass(frozen=True, slots=True)
class BoundText:
    """A claim that tells until when another can hold, by which rule, the label of its term, and the day.

    What is ``contested`` may not have ended it.
    """

    voice: ClaimText
    rule: str
    term: str
    day: str
    contested: bool

    @property
    def clause(self) -> str:
        """Return what bounds it as a clause: when, and the place of the claim that tells so."""
        said = {"day": self.day, "place": self.voice.place, "term": self.term, "statement": self.voice.statement}
        clause = BOUNDED[self.rule].format(**said)
        return f"whether {clause} is contested" if self.contested else clause


@dataclass(frozen=True, slots=True)
class BesideText:
    """A claim that gives ``claim`` a qualifier, and by which rule.

    ``concluded`` is the claim of an editor that sets the two against each other, ``settled`` the one that settles it.
    """

    qualifier: Word
    claim: str
    why: str
    voice: ClaimText
    concluded: ClaimText | None
    settled: ClaimText | None

    def lines(self, claim: str) -> Iterator[str]:
        """Yield the other claim and the rule; ``claim`` refers to the one that gets the qualifier."""
        yield from self.voice.quoting()
        yield f"{self.qualifier.label} with {claim}{f': {self.why}' if self.why else ''}"
        if said := self.concluded:
            yield f"{said.speaker} sets the two against each other, in “{said.title}”, {days_in_words(said.published)}"
            yield f"{said.note}  ({said.place})" if said.note else f"({said.place})"
        if self.settled:
            yield f"settled by {self.settled.conclusion}"


@dataclass(frozen=True, slots=True)
class PropositionText:
    """A proposition with its verdict and both sides. ``holds`` is yes, no or possibly on the as-of day, or "".

    ``last_seen`` is when a state was last told up to that day; ``held`` says both, and what ended it, as a clause.
    ``became`` says what became of a plan, and by which claims, as a clause; it is "" for what is no plan.

    ``documents`` and ``origins`` count where it is asserted, and the independent witnesses that this goes back to.
    """

    id: str
    iri: str
    statement: str
    kind: str
    term: str
    when: str
    content: tuple[Detail, ...]
    verdict: Word
    qualifiers: tuple[Word, ...]
    as_of: str
    known_by: str
    holds: str
    last_seen: str
    held: str
    became: str
    documents: int
    origins: int
    voices: tuple[ClaimText, ...]
    against: tuple[Against, ...]
    bounds: tuple[BoundText, ...]
    beside: tuple[BesideText, ...]

    @property
    def support(self) -> str:
        """Return in how many documents of how many origins it is asserted, or "" if in no more than one."""
        origins = f"{self.origins or 'no known'} origin{'' if self.origins == 1 else 's'}"
        return f"asserted in {self.documents} documents, which go back to {origins}" if self.documents > 1 else ""


def marked(verdict: str, statement: str) -> str:
    """Return a statement behind the label of its verdict, so that it does not read as a fact."""
    return f"{verdict}: {statement}"
