"""Tell a claim, or a proposition with both sides, as plain texts: what every report, page and format prints.

In: a judged world. Out: the texts of ``claim_text``. Which keys a claim has, and what they are called, is data in the
ontology.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from kg.ingestion.world_rows import value_text
from kg.judging.clashes import shipped_rules
from kg.judging.opposition import HELD, Opposition, asserts, denies
from kg.judging.origins import UNKNOWN, concludes
from kg.judging.periods import Beside, Bound
from kg.judging.tellings import TIME_KEYS, tells_fact
from kg.judging.verdicts import Judge, Judgement, is_weak
from kg.model.dates import Date, read_interval
from kg.model.properties import Term
from kg.model.sentences import Sentences, in_words, spelled
from kg.model.terms import Key, Qualifier
from kg.model.world import Claim, Proposition, Ref, Source, Value, World
from kg.reports.claim_text import (
    HOLDS,
    NO_FACT,
    Against,
    BesideText,
    BoundText,
    ClaimText,
    Detail,
    PropositionText,
    Word,
)

_PLACE = re.compile(r"([a-z]+)(\d[\d-]*)")
_WORDS = {"par": "paragraph"}
LINKS = {"corrects": "corrected", "supersedes": "overtaken", "retracts": "taken back", "withdraws": "given up"}
UNCHECKED = "not checked here"
T = TypeVar("T")


class Teller:
    """Tells the claims and propositions of a judged world."""

    def __init__(self, judge: Judge, judgements: Mapping[str, Judgement] | None = None) -> None:
        """Use the world and results of a judge; ``judgements`` are its judgements with qualifiers."""
        self.judge = judge
        self.judgements = judge.judgements if judgements is None else judgements
        self.sentences = Sentences(judge.world, days_in_words=True)
        ontology = judge.world.ontology
        self._content, self._facts, self._source = (ontology.keys(of) for of in ("content", "claim", "source"))
        self._cited: dict[str, dict[str, Any]] = {}

    @property
    def world(self) -> World:
        """Return the world."""
        return self.judge.world

    # ------------------------------------------------------------ a claim

    def claim(self, claim: Claim) -> ClaimText:
        """Return a claim as text."""
        name, quote = self._name, claim.text("quote")
        return ClaimText(
            id=handle(claim),
            proposition=last_part(claim.proposition.iri),
            statement=self.sentences.sentence(claim.proposition),
            verdict=self.judgements[claim.proposition.iri].verdict.label(),
            speaker=name(claim.ref("said-by")),
            stance=claim.stance.reads,
            modality=claim.modality.label() if asserts(claim) or denies(claim) else "",  # silence has none
            plan_of=name(claim.ref("plan-of")),
            evidence=claim.evidence.label(),
            weak=is_weak(self.world, claim),
            hedge=name(claim.facts.get("hedge")),
            condition=claim.text("if"),
            second_hand=name(claim.ref("second-hand")),
            said_when=name(claim.facts.get("said-when")),
            recorded=name(claim.facts.get("recorded")),
            at=place_in_words(claim.text("at")),
            term=claim.text("term"),
            quote=quote,
            quote_check=UNCHECKED if quote else "",
            note=claim.text("note"),
            ended=self._ended(claim),
            location=claim.place,
            content=self.content(claim.proposition),
            details=(*self._details(self._facts, claim.facts), *self._linked(claim), *self._reworded(claim)),
            **self._source_texts(claim.source),
        )

    def _name(self, value: object) -> str:
        if isinstance(value, Ref):
            return self.sentences.name(value)
        if isinstance(value, Date):
            return spelled(value)
        return value.label() if isinstance(value, Term) else str(value or "")

    def content(self, proposition: Proposition) -> tuple[Detail, ...]:
        """Return the keys of a proposition."""
        return self._details(self._content, proposition.content)

    def _details(self, keys: Mapping[str, Key], facts: Mapping[str, Value]) -> tuple[Detail, ...]:
        """Return the keys of a row that have a value, in the order of the ontology."""
        there = sorted((keys[name] for name in facts), key=lambda key: key.position)
        named = ((key, facts[key.notation]) for key in there)
        return tuple(Detail(k.notation, k.label(), self._text(k, value), value_text(value)) for k, value in named)

    def _text(self, key: Key, value: Value) -> str:
        """Return a value as a person reads it: named, dates in words, the source's own words in quotation marks."""
        if isinstance(value, Date):
            return in_words(value)
        if key.value_kind == "locator":
            return place_in_words(str(value))
        if key.value_kind == "choice":
            return str(value)
        text = self.sentences.value(key, value)
        return f"“{text}”" if key.in_source_language else text

    def _linked(self, claim: Claim) -> Iterator[Detail]:
        """Yield the other claims that a claim refers to, by key."""
        for name, targets in claim.links.items():
            handles = [handle(self.judge.by_iri[iri]) for iri in targets if iri in self.judge.by_iri]
            yield Detail(name, self._facts[name].label(), " and ".join(handles), "|".join(handles))

    def _reworded(self, claim: Claim) -> Iterator[Detail]:
        """Yield what the source words otherwise than the proposition, such as ``about`` before a date."""
        for name, text in claim.wording.items():
            is_date = isinstance(claim.proposition.content.get(name), Date)
            words = in_words(read_interval(text)) if is_date else text
            yield Detail(name, f"{self._content[name].label()} as written", words, text)

    def _source_texts(self, source: Source) -> dict[str, Any]:
        """Return the fields of a ``ClaimText`` that tell of its source."""
        if source.id not in self._cited:
            self._cited[source.id] = {
                "source": source.id,
                "published": spelled(source.published),
                "source_details": self._details(self._source, source.facts),
                **{key: self._name(source.facts.get(key)) for key in ("title", "publisher", "url", "archive")},
            }
        return self._cited[source.id]

    # ------------------------------------------------------------ what ended a claim

    def _ended(self, claim: Claim) -> str:
        """Return how and by whom a claim was ended, or ""."""
        ending = self.judge.retired.get(claim.iri)
        if ending and ending.with_:
            origins = (self.judge.by_iri[iri] for iri in ending.with_)
            return "; ".join(f"it repeats {called(origin)}, which was {self._ended(origin)}" for origin in origins)
        enders = [self.judge.by_iri[iri] for iri in ending.by] if ending else []
        return "; ".join(
            f"{word} by {called(ender)} ({self._name(ender.ref('said-by'))}, {in_words(ender.source.published)})"
            for ender in enders
            for word in ways_of_ending(claim, ender)
        )

    # ------------------------------------------------------------ a proposition

    def attributes(self, proposition: Proposition, claims: Sequence[Claim] = ()) -> dict[str, str]:
        """Return a proposition as data: verdict, dates, and each key of it and its claims; what is absent has no key.

        Several values are joined by ``|``. ``from`` and ``until`` are days. The keys of ``claims`` follow, by default
        of those that count, or of all if none does; one that has the name of another attribute is ``claim-…``.
        """
        judgement, (first, last) = self.judgements[proposition.iri], proposition.period
        claims = claims or judgement.current or judgement.claims
        found = {
            "proposition": last_part(proposition.iri),
            "verdict": judgement.verdict.notation,
            "qualifiers": "|".join(qualifier.notation for qualifier in judgement.qualifiers),
            "holds": self.holds(proposition),
            "last-seen": self.last_seen(proposition),
            "sentence": self.sentences.sentence(proposition),
            "kind": proposition.kind.notation,
            "term": proposition.term.notation,
            **{name: value_text(value) for name, value in proposition.content.items()},
            "from": first,
            "until": last,
            "claims": _joined(handle(claim) for claim in claims),
            "sources": _joined(claim.source.id for claim in claims),
            "origins": _joined(map(self.origin, claims)),
        }
        values: dict[str, list[str]] = {}
        for claim in claims:
            details = (*self._details(self._facts, claim.facts), *self._linked(claim))
            for detail in (detail for detail in details if detail.key != "id"):  # it is in ``claims``
                values.setdefault(detail.key, []).append(detail.value)
        said = {f"claim-{key}" if key in found else key: _joined(texts) for key, texts in values.items()}
        return {name: text for name, text in (found | said).items() if text}

    def proposition(self, proposition: Proposition) -> PropositionText:
        """Return a proposition as text, with the claims on both sides."""
        judgement = self.judgements[proposition.iri]
        asserting = [claim for claim in judgement.current if asserts(claim) and not concludes(claim.source)]
        return PropositionText(
            id=last_part(proposition.iri),
            iri=proposition.iri,
            statement=self.sentences.sentence(proposition),
            kind=proposition.kind.label(),
            term=proposition.term.label(),
            when=self.when(proposition),
            content=self.content(proposition),
            verdict=word(judgement.verdict),
            qualifiers=tuple(word(qualifier) for qualifier in judgement.qualifiers),
            as_of=self.world.as_of,
            known_by=self.world.known_by,
            holds=self.holds(proposition),
            last_seen=self.last_seen(proposition),
            held=self.held(proposition),
            became=self.became(proposition),
            documents=len({claim.source.id for claim in asserting}),
            origins=len(self.judge.origins.witnesses(asserting)),
            voices=tuple(self.claim(claim) for claim in judgement.claims),
            against=tuple(self.against(opposition) for opposition in judgement.oppositions),
            bounds=self.bounds(judgement),
            beside=self.besides(judgement),
        )

    def holds(self, proposition: Proposition) -> str:
        """Return whether a proposition holds on the as-of day, or "" if nothing is told of that day."""
        return self.judgements[proposition.iri].holds or ""

    def against(self, opposition: Opposition) -> Against:
        """Return an opposition with its claims."""
        claim, against = (self.judge.by_iri[iri] for iri in (opposition.claim, opposition.against))
        settled = self.judge.settlements.get(frozenset((claim.iri, against.iri)))
        return Against(
            voice=self.claim(claim),
            against=handle(against),
            why=opposition.why,
            answers=opposition.why != HELD and opposition.said_in == opposition.against,
            settled=self.claim(settled) if settled else None,
        )

    def applies(self, proposition: Proposition) -> bool:
        """Return whether what a proposition says is of the as-of day, if one is given."""
        return not self.world.clocks.as_of or self.judgements[proposition.iri].applies

    def last_seen(self, proposition: Proposition) -> str:
        """Return when a proposition was last told to hold, up to the as-of day, or ""."""
        return str(self.judgements[proposition.iri].last_seen or "")

    def held(self, proposition: Proposition) -> str:
        """Return whether a proposition holds, when it was last seen, and what ended it, as a clause."""
        judgement, seen = self.judgements[proposition.iri], self.last_seen(proposition)
        if not judgement.holds and not any(map(tells_fact, judgement.claims)):
            return NO_FACT
        text = HOLDS[judgement.holds or ""].format(day=self.world.as_of)
        text += f", last seen {seen}" if seen and judgement.holds == "possibly" else ""
        bounds = () if judgement.holds == "yes" else self.bounds(judgement)
        return "; ".join([text, *(bound.clause for bound in bounds)])

    def became(self, proposition: Proposition) -> str:
        """Return what became of a plan, with the claims compared with it, or else those that were not."""
        if not (outcome := self.judgements[proposition.iri].outcome):
            return ""
        claims = ", ".join(map(called, outcome.observations or outcome.near))
        return f"{outcome.status.label()}, {outcome.why}{f' ({claims})' if claims else ''}"

    def bounds(self, judgement: Judgement) -> tuple[BoundText, ...]:
        """Return what tells until when the claims of a proposition can hold."""
        return tuple(map(self.bound, _once(judgement.bounds, lambda bound: (bound.by, bound.rule))))

    def besides(self, judgement: Judgement) -> tuple[BesideText, ...]:
        """Return what gives a proposition its qualifiers by other claims."""
        return tuple(map(self.beside, _once(judgement.beside, lambda pair: (pair.qualifier, pair.other))))

    def bound(self, bound: Bound) -> BoundText:
        """Return what tells until when a claim can hold."""
        by = self.judge.by_iri[bound.by]
        content = by.proposition.content
        keys = ("until",) if bound.rule == "ended" else ("when", "from")
        day = next((str(content[key]) for key in keys if key in content), "")
        return BoundText(self.claim(by), bound.rule, by.proposition.term.label(), day, contested=not bound.sure)

    def beside(self, pair: Beside) -> BesideText:
        """Return what gives a claim a qualifier, with the claim that settles it."""
        by_iri, settled = self.judge.by_iri, self.judge.settlements.get(frozenset((pair.claim, pair.other)))
        title = shipped_rules()[pair.rule].label() if pair.rule in shipped_rules() else pair.rule
        return BesideText(
            qualifier=word(self.world.ontology.of(Qualifier)[pair.qualifier]),
            claim=handle(by_iri[pair.claim]),
            why=f"{title[:1].lower()}{title[1:]}" if pair.is_clash else "",
            voice=self.claim(by_iri[pair.other]),
            concluded=self.claim(by_iri[pair.said_in]) if pair.said_in not in ("", pair.other) else None,
            settled=self.claim(settled) if settled else None,
        )

    def origin(self, claim: Claim) -> str:
        """Return the id or hash of who or what a claim goes back to: claims of one origin are one witness."""
        return last_part(self.judge.origins.trace(claim)[0])

    def witness(self, claim: Claim) -> str:
        """Return the id or hash of a claim's origin if it is an independent witness, else ``unknown``."""
        return last_part(self.judge.origins.witness(claim) or UNKNOWN)

    def when(self, proposition: Proposition) -> str:
        """Return the dates of a proposition as its sources write them."""
        dated = [
            name for name in self._content if isinstance(proposition.content.get(name), Date) and name in TIME_KEYS
        ]
        return " ".join(self._dated(proposition, name) for name in dated)

    def _dated(self, proposition: Proposition, name: str) -> str:
        """Return one date with the label of its key; if sources write it differently, all spellings."""
        plain, claims = str(proposition.content[name]), self.judgements[proposition.iri].claims
        spellings = dict.fromkeys(sorted(claim.wording.get(name, plain) for claim in claims))
        label = "" if name == "when" else self._content[name].label()
        return f"{label} {' or '.join(spellings)}".strip()


def _once(some: Iterable[T], key: Callable[[T], object]) -> list[T]:
    """Return the first of each key."""
    return list({key(one): one for one in reversed(list(some))}.values())[::-1]


def _joined(texts: Iterable[str]) -> str:
    """Return different texts in one, separated by bars."""
    return "|".join(sorted({text.replace("|", "/") for text in texts}))


def ways_of_ending(claim: Claim, ender: Claim) -> list[str]:
    """Return in which ways one claim ends another: corrected, overtaken, taken back, given up."""
    return [how for link, how in LINKS.items() if claim.iri in ender.links.get(link, ())]


def word(term: Term) -> Word:
    """Return a term as text."""
    return Word(term.notation, term.label(), term.comment)


def place_in_words(place: str) -> str:
    """Return a place in a source in words: ``par3`` as ``paragraph 3``."""
    return _PLACE.sub(lambda match: f"{_WORDS.get(match[1], match[1])} {match[2]}", place)


def last_part(iri: str) -> str:
    """Return the last part of an IRI: the hash of a claim or proposition."""
    return iri.rsplit("/", 1)[-1]


def called(claim: Claim) -> str:
    """Return a reference to a claim that ``kg why`` accepts: its handle, or file and line."""
    return handle(claim) if claim.text("id") else str(replace(claim.place, column=0)).removesuffix(":0")


def handle(claim: Claim) -> str:
    """Return a reference to a claim: ``source/id`` if its row has an id, else its hash."""
    return f"{claim.source.id}/{claim.text('id')}" if claim.text("id") else last_part(claim.iri)
