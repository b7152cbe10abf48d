"""Build the data shown beside the picture: the legend, and the claims behind each proposition.

Includes the history as sources appear: from which day a claim is known, a verdict holds, an opposition or an ending
applies.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from kg.judging.history import changes
from kg.judging.opposition import Opposition
from kg.judging.periods import Beside
from kg.judging.verdicts import Judge, Judgement
from kg.model.ontology import Ontology
from kg.model.sentences import in_words
from kg.model.terms import Column, EntityType, Qualifier, Stance, Verdict
from kg.model.world import Claim, Proposition, Ref, Value, World
from kg.reports.telling import Teller, last_part, ways_of_ending

T = TypeVar("T")
WITH_IT = "ended with what it repeats"  # how a claim told second-hand ended
# What the page prints of a claim at a place of its own; every other key is in the list ``more``.
PLACED = ("speaker", "modality", "evidence", "hedge", "at", "term", "note", "second_hand")


def build_legend(ontology: Ontology) -> dict[str, Any]:
    """Return the legend of a picture: the ontology's columns, types, verdicts, qualifiers and stances."""
    columns = ontology.of(Column)
    ends = {key.retires for key in ontology.keys("claim").values()}
    return {
        "columns": [{"id": column.notation, "label": column.label()} for column in columns.values()],
        "types": [_type_style(ontology, type_) for type_ in ontology.of(EntityType).values()],
        "verdicts": [
            {
                "id": verdict.notation,
                "label": verdict.label(),
                "line": verdict.line,
                "mark": verdict.mark,
                "ended": verdict in ends,
                "meaning": verdict.comment,
            }
            for verdict in ontology.of(Verdict).values()
        ],
        "stances": {stance.label(): stance.reads for stance in ontology.of(Stance).values()},
        "qualifiers": [
            {"id": qualifier.notation, "label": qualifier.label(), "mark": qualifier.mark, "meaning": qualifier.comment}
            for qualifier in ontology.of(Qualifier).values()
        ],
    }


def _type_style(ontology: Ontology, type_: EntityType) -> dict[str, Any]:
    column = (type_.colour or type_).column
    return {
        "id": type_.notation,
        "label": type_.label(),
        "shape": type_.shape,
        "column": type_.column.notation,
        "light": {"line": column.line_light, "tint": column.tint_light},
        "dark": {"line": column.line_dark, "tint": column.tint_dark},
    }


def build_evidence(
    world: World, judgements: Mapping[str, Judgement], *, about: Container[str] | None = None
) -> dict[str, dict[str, Any]]:
    """Return, by proposition, its sentence, dates and verdicts, the claims behind it, and what opposes it.

    With ``about``, only the propositions that name one of its ids are told, and those that answer them.
    ``history`` lists each day from which a new verdict applies. ``known`` of a claim or an opposition is the first day
    on which it is known ("" if there is none), ``until`` the day from which an opposition no longer applies. ``ended``
    of a claim says how and by which claims it was ended, with the same two days.
    """
    chronicle = _read_chronicle(world)
    evidence = _Evidence(Teller(Judge(world), judgements), chronicle)
    named = {last_part(proposition.iri): proposition for proposition in world.propositions}
    wanted = [name for name, one in named.items() if about is None or any(id in about for id in _entities(one))]
    told = {name: evidence.entry(named[name]) for name in wanted}
    others = {answer["proposition"] for entry in told.values() for answer in answers(entry)} - told.keys()
    return told | {name: evidence.entry(named[name]) for name in sorted(others)}


def answers(entry: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    """Yield the answers to a proposition: oppositions to it, and endings of its claims."""
    yield from entry["opposed_by"]
    yield from entry.get("beside", ())
    for claim in entry["claims"]:
        yield from claim.get("ended", ())


# ---------------------------------------------------------------- history


@dataclass
class _Spans(Generic[T]):
    """Values by IRI, each with its first day and the day from which it no longer applies ("" if it still does)."""

    over: dict[str, list[tuple[T, str, str]]] = field(default_factory=dict)
    standing: dict[str, dict[T, str]] = field(default_factory=dict)

    def see(self, iri: str, now: Iterable[T], day: str) -> None:
        """Record the values that apply on a day. Call this with the days in order."""
        before = self.standing.get(iri, {})
        after = self.standing[iri] = {one: before.get(one, day) for one in now}
        gone = [(one, first, day) for one, first in before.items() if one not in after]
        self.over.setdefault(iri, []).extend(gone)

    def tell(self, iri: str, now: Iterable[T]) -> Iterator[tuple[T, str, str]]:
        """Yield past and current values with their days. A value known only from undated sources has none."""
        standing = self.standing.get(iri, {})
        yield from self.over.get(iri, ())
        yield from ((one, standing.get(one, ""), "") for one in now)


@dataclass
class _Chronicle:
    """Days by IRI: of verdicts, oppositions, claims, and the claims that end them."""

    verdicts: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    claims: dict[str, str] = field(default_factory=dict)
    oppositions: _Spans[Opposition] = field(default_factory=_Spans)
    enders: _Spans[str] = field(default_factory=_Spans)


def _read_chronicle(world: World) -> _Chronicle:
    """Judge the world as known on each day, and record what changes."""
    chronicle = _Chronicle()
    for day, judgements in changes(world):
        for iri, judgement in judgements.items():
            history = chronicle.verdicts.setdefault(iri, [])
            if not history or history[-1][1] != judgement.verdict.notation:
                history.append((day, judgement.verdict.notation))
            for claim in judgement.claims:
                chronicle.claims.setdefault(claim.iri, day)
            chronicle.oppositions.see(iri, judgement.oppositions, day)
            ended = {claim: ending.by for claim, ending in judgement.endings}
            for claim in judgement.claims:
                chronicle.enders.see(claim.iri, ended.get(claim.iri, ()), day)
    return chronicle


# ---------------------------------------------------------------- one proposition


@dataclass(frozen=True)
class _Evidence:
    """Adds to the texts of propositions and claims since when they are known, and how the page refers to them."""

    teller: Teller
    chronicle: _Chronicle

    def entry(self, proposition: Proposition) -> dict[str, Any]:
        """Return the data of a proposition."""
        judgement, teller = self.teller.judgements[proposition.iri], self.teller
        return {
            "sentence": teller.sentences.sentence(proposition),
            "verdict": judgement.verdict.notation,
            "kind": proposition.kind.notation,
            "term": proposition.term.notation,
            "role": proposition.term.label(),
            "when": teller.when(proposition),
            "period": list(proposition.period),
            "told": list(judgement.period),
            "seen": teller.last_seen(proposition),
            "held": teller.held(proposition),
            "nodes": sorted(set(_entities(proposition)) & teller.world.entities.keys()),
            "qualifiers": [qualifier.notation for qualifier in judgement.qualifiers],
            "claims": [self._claim(claim, judgement) for claim in judgement.claims],
            "opposed_by": self._opposed(proposition, judgement),
            "beside": [self._beside(pair) for pair in judgement.beside],
            "history": [list(entry) for entry in self.chronicle.verdicts.get(proposition.iri, ())],
        }

    def _opposed(self, proposition: Proposition, judgement: Judgement) -> list[dict[str, str]]:
        """Return the current and past oppositions to a proposition."""
        told = self.chronicle.oppositions.tell(proposition.iri, judgement.oppositions)
        return [
            {**self._named(opposition.claim), "why": self.teller.against(opposition).why, "known": k, "until": until}
            for opposition, k, until in sorted(told)
        ]

    def _beside(self, pair: Beside) -> dict[str, str]:
        """Return a claim that gives a proposition a qualifier."""
        told = self.teller.beside(pair)
        said = told.concluded
        by = f"{said.speaker}{f': {said.note}' if said.note else ''}" if said else ""
        return {**self._named(pair.other), "qualifier": pair.qualifier, "why": told.why or by}

    def _ended(self, claim: Claim, judgement: Judgement) -> list[dict[str, str]]:
        """Return what ends a claim now or did so in the past."""
        now = next((ending.by for iri, ending in judgement.endings if iri == claim.iri), ())
        by_iri = self.teller.judge.by_iri
        return [
            {
                **self._named(by),
                "how": " and ".join(ways_of_ending(claim, by_iri[by])) or WITH_IT,
                "known": known,
                "until": until,
            }
            for by, known, until in sorted(self.chronicle.enders.tell(claim.iri, now))
        ]

    def _named(self, claim: str) -> dict[str, str]:
        """Return the names of a claim and of its proposition."""
        return {"claim": last_part(claim), "proposition": last_part(self.teller.judge.by_iri[claim].proposition.iri)}

    def _claim(self, claim: Claim, judgement: Judgement) -> dict[str, Any]:
        told = self.teller.claim(claim)
        return {
            "id": last_part(claim.iri),
            "known": self.chronicle.claims.get(claim.iri, ""),
            "stance": claim.stance.label(),
            **{name: getattr(told, name) for name in PLACED},
            "origin": self.teller.witness(claim),
            "more": told.more(("id", "said-by", "stance", "second-hand", *PLACED)),
            "source": {
                **{"id": told.source, "title": told.title, "publisher": told.publisher, "url": told.url},
                **{"published": str(claim.source.published), "date": in_words(claim.source.published)},
                "more": told.source_more("url"),
            },
            "file": claim.place.file,
            "line": claim.place.line,
            "handle": claim.text("id") and told.id,
            "ended": self._ended(claim, judgement),
        }


def _entities(proposition: Proposition) -> Iterator[str]:
    """Yield the ids in a proposition's content."""
    for value in proposition.content.values():
        yield from _ids(value)


def _ids(value: Value) -> Iterator[str]:
    if isinstance(value, Ref):
        yield value.id
    elif isinstance(value, tuple):
        yield from (member.id for member in value if isinstance(member, Ref))
