"""Build the data shown beside the picture: the legend, and the claims behind each proposition.

Includes the history as sources appear: from which day a claim is known, a verdict holds, an opposition or an ending
applies.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from kg.judging.history import changes
from kg.judging.verdicts import Judgement, Opposition
from kg.model.ontology import Ontology
from kg.model.properties import Term
from kg.model.sentences import Sentences
from kg.model.terms import Column, EntityType, Verdict
from kg.model.world import Claim, Proposition, Ref, Value, World
from kg.reports.speakers import LINKS
from kg.reports.timeline import make_entry
from kg.views.network import short

DEFINITION = "http://www.w3.org/2004/02/skos/core#definition"
T = TypeVar("T")


def build_legend(ontology: Ontology) -> dict[str, list[dict[str, Any]]]:
    """Return the legend of a picture: the ontology's columns, types, verdicts and qualifiers."""
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
                "meaning": _meaning(verdict),
            }
            for verdict in ontology.of(Verdict).values()
        ],
        "qualifiers": [
            {"id": qualifier.notation, "label": qualifier.label(), "meaning": _meaning(qualifier)}
            for qualifier in ontology.terms("Qualifier").values()
        ],
    }


def _meaning(term: Term) -> str:
    return next(iter(term.statements.get(DEFINITION, ())), "")


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
    teller = _Teller(world, Sentences(world), {claim.iri: claim for claim in world.claims}, chronicle)
    named = {short(proposition.iri): proposition for proposition in world.propositions}
    wanted = [name for name, one in named.items() if about is None or any(id in about for id in _entities(one))]
    told = {name: teller.tell(named[name], judgements[named[name].iri]) for name in wanted}
    others = {answer["proposition"] for entry in told.values() for answer in answers(entry)} - told.keys()
    return told | {name: teller.tell(named[name], judgements[named[name].iri]) for name in sorted(others)}


def answers(entry: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    """Yield the answers to a proposition: oppositions to it, and endings of its claims."""
    yield from entry["opposed_by"]
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
class _Teller:
    """Converts propositions and claims to plain data."""

    world: World
    sentences: Sentences
    claims: Mapping[str, Claim]
    chronicle: _Chronicle

    def tell(self, proposition: Proposition, judgement: Judgement) -> dict[str, Any]:
        return {
            "sentence": self.sentences.sentence(proposition),
            "verdict": judgement.verdict.notation,
            "kind": proposition.kind.notation,
            "term": proposition.term.notation,
            "role": proposition.term.label(),
            "when": make_entry(self.sentences, proposition, judgement).when,
            "period": list(proposition.period),
            "nodes": sorted(set(_entities(proposition)) & self.world.entities.keys()),
            "qualifiers": [qualifier.notation for qualifier in judgement.qualifiers],
            "claims": [self._claim(claim, judgement) for claim in judgement.claims],
            "opposed_by": self._opposed(proposition, judgement),
            "history": [list(entry) for entry in self.chronicle.verdicts.get(proposition.iri, ())],
        }

    def _opposed(self, proposition: Proposition, judgement: Judgement) -> list[dict[str, str]]:
        """Return the current and past oppositions to a proposition."""
        told = self.chronicle.oppositions.tell(proposition.iri, judgement.oppositions)
        return [self._opposing(*entry) for entry in sorted(told)]

    def _opposing(self, opposition: Opposition, known: str, until: str) -> dict[str, str]:
        claim, said_in = self.claims[opposition.claim], self.claims[opposition.said_in]
        note = said_in.text("note") if said_in is not claim else ""
        why = f"{opposition.why} by {said_in.source.facts['title']}" if said_in is not claim else opposition.why
        return {
            "claim": short(claim.iri),
            "proposition": short(claim.proposition.iri),
            "why": f"{why}: {note}" if note else why,
            "known": known,
            "until": until,
        }

    def _ended(self, claim: Claim, judgement: Judgement) -> list[dict[str, str]]:
        """Return what ends a claim now or did so in the past."""
        now = next((ending.by for iri, ending in judgement.endings if iri == claim.iri), ())
        return [self._ending(claim, *entry) for entry in sorted(self.chronicle.enders.tell(claim.iri, now))]

    def _ending(self, claim: Claim, by: str, known: str, until: str) -> dict[str, str]:
        ender = self.claims[by]
        how = " and ".join(word for link, word in LINKS.items() if claim.iri in ender.links.get(link, ()))
        proposition = short(ender.proposition.iri)
        return {"how": how, "claim": short(by), "proposition": proposition, "known": known, "until": until}

    def _claim(self, claim: Claim, judgement: Judgement) -> dict[str, Any]:
        speaker, second_hand, hedge = claim.ref("said-by"), claim.ref("second-hand"), claim.facts.get("hedge")
        return {
            "id": short(claim.iri),
            "known": self.chronicle.claims.get(claim.iri, ""),
            "stance": claim.stance.label(),
            "speaker": self.sentences.name(speaker) if speaker else "",
            "modality": claim.modality.label(),
            "evidence": claim.evidence.label(),
            "hedge": hedge.label() if isinstance(hedge, Term) else "",
            "source": self._source(claim),
            "at": claim.text("at"),
            "term": claim.text("term"),
            "note": claim.text("note"),
            "second_hand": self.sentences.name(second_hand) if second_hand else "",
            "file": claim.place.file,
            "line": claim.place.line,
            "ended": self._ended(claim, judgement),
        }

    def _source(self, claim: Claim) -> dict[str, str]:
        facts = claim.source.facts
        publisher = facts["publisher"]
        return {
            "id": claim.source.id,
            "title": str(facts["title"]),
            "publisher": self.sentences.name(publisher) if isinstance(publisher, Ref) else "",
            "published": str(claim.source.published),
            "url": str(facts.get("url", "")),
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
