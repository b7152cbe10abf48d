"""Explain a verdict: its claims, oppositions, the steps of the rule, what would change it, and its history.

In: a judged world and the names that a user gives. Out: frozen dataclasses of plain text, for a terminal or JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from kg.judging.bearing import bearing
from kg.judging.corroboration import Corroboration
from kg.judging.history import histories
from kg.judging.opposition import asserts
from kg.judging.origins import concludes
from kg.judging.periods import CLASH, TENSION
from kg.judging.verdicts import Judge, Judgement, worth
from kg.model.errors import UsageError
from kg.model.ontology import nearest
from kg.model.properties import Term
from kg.model.terms import Evidence, Modality, Stance
from kg.model.world import Claim, Clocks, Proposition, Ref, Value, World
from kg.reports.claim_text import ClaimText, PropositionText
from kg.reports.telling import Teller, called, handle, last_part

DOUBTS = {CLASH: "with a clash", TENSION: "in tension, by an editor"}
SHORTEST = 6  # fewest characters of an abbreviated hash


@dataclass(frozen=True, slots=True)
class Change:
    """A change to the claims, and the verdict that the rule would then give."""

    what: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Since:
    """The known-by day from which a verdict held."""

    known_by: str
    verdict: str


@dataclass(frozen=True, slots=True)
class PartText:
    """A part of a proposition on which independent origins agree.

    ``claims`` are references to the claims that agree, of as many ``documents`` and ``origins``.
    """

    statement: str
    verdict: str
    claims: tuple[str, ...]
    documents: int
    origins: int


@dataclass(frozen=True, slots=True)
class Explanation(PropositionText):
    """Why a proposition has its verdict: also claims in finer words, the steps of the rule, changes, history.

    ``parts`` are corroborated. ``rest`` are the labels of the keys that are in none of them, ``witnesses`` how many
    assert the proposition with these; if it is corroborated as a whole, there is no rest.
    """

    finer: tuple[ClaimText, ...]
    parts: tuple[PartText, ...]
    rest: tuple[str, ...]
    witnesses: int
    steps: tuple[str, ...]
    changes: tuple[Change, ...]
    history: tuple[Since, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """The given names, and an explanation of each proposition that they refer to."""

    asked: tuple[str, ...]
    explanations: tuple[Explanation, ...]


def explain(judge: Judge, judgements: Mapping[str, Judgement], names: tuple[str, ...]) -> Why:
    """Explain the propositions of a claim, a proposition, an edge of a picture, or two entities.

    Raises UsageError if a name is unknown or ambiguous.
    """
    explained = explanations(judge, judgements, find_propositions(judge.world, names))
    return Why(tuple(names), tuple(sorted(explained, key=lambda explanation: (explanation.statement, explanation.iri))))


def explanations(
    judge: Judge, judgements: Mapping[str, Judgement], propositions: Iterable[Proposition]
) -> Iterator[Explanation]:
    """Yield the explanation of each proposition."""
    teller = Teller(judge, judgements)
    parts = {claim.proposition.iri: part for part in bearing(judge.world) for claim in part}
    yield from (_explanation(teller, proposition, parts[proposition.iri]) for proposition in propositions)


# ---------------------------------------------------------------- finding propositions


def find_propositions(world: World, names: tuple[str, ...]) -> list[Proposition]:
    """Return the propositions of a claim or proposition id, or those that mention both of two entities.

    Raises UsageError if a name is unknown or ambiguous.
    """
    if len(names) == 2:
        return _between(world, *(_entity(world, name) for name in names))
    if len(names) != 1:
        raise UsageError("name a claim (source/id), a proposition (its hash), or two entities")
    return list({claim.proposition.iri: claim.proposition for claim in find_claims(world, names[0])}.values())


def find_claims(world: World, id: str) -> list[Claim]:
    """Return the claims that an id refers to: one by handle, hash or ``file:line``, or all claims of a proposition.

    A hash may be abbreviated, or be the key of an edge in a picture. Raises UsageError.
    """
    found = [claim for claim in world.claims if id in (handle(claim), f"{claim.place.file}:{claim.place.line}")]
    if found:
        return found
    short = id.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1].partition("-")[0]
    if len(short) >= SHORTEST:
        found = [c for c in world.claims if any(last_part(iri).startswith(short) for iri in (c.iri, c.proposition.iri))]
    if len({claim.proposition.iri for claim in found}) == 1:
        return found
    if found:
        raise UsageError(f"'{id}' begins several hashes; give more of it")
    raise UsageError(_unknown(world, id))


def _unknown(world: World, id: str) -> str:
    if id in world.entities:
        return f"'{id}' is an entity; name a second one that it has to do with: kg why {id} OTHER"
    near = nearest(id, [handle(claim) for claim in world.claims if claim.text("id")])
    hint = f"did you mean '{near}'?" if near else "give source/id, FILE:LINE, a hash, or two entities"
    return f"no claim or proposition is called '{id}'; {hint}"


def _entity(world: World, name: str) -> str:
    """Return the IRI of an entity by id or name. Raises UsageError."""
    entities = world.entities.values()
    named = [e for e in entities if name.casefold() in {e.id, *(text.casefold() for text in e.names.values())}]
    exact = [entity for entity in named if entity.id == name] or named
    if len(exact) == 1:
        return exact[0].iri
    if exact:
        raise UsageError(f"'{name}' names several: {', '.join(sorted(entity.id for entity in exact))}")
    near = nearest(name, [*world.entities, *(text for entity in entities for text in entity.names.values())])
    raise UsageError(f"nobody and nothing is called '{name}'" + (f"; did you mean '{near}'?" if near else ""))


def _between(world: World, one: str, other: str) -> list[Proposition]:
    found = [p for p in world.propositions if {one, other} <= _mentioned(p)]
    if not found:
        raise UsageError("no claim names both; `kg timeline A` tells what is said of one")
    return found


def _mentioned(proposition: Proposition) -> set[str]:
    """Return the IRIs of the entities and claims that a proposition mentions."""
    return {iri for value in proposition.content.values() for iri in _iris(value)}


def _iris(value: Value) -> Iterator[str]:
    members = value if isinstance(value, tuple) else (value,)
    return (member.iri for member in members if isinstance(member, Ref))


# ---------------------------------------------------------------- the explanation


def _explanation(teller: Teller, proposition: Proposition, part: Sequence[Claim]) -> Explanation:
    """Return the explanation of a proposition; ``part`` holds the claims that bear on it."""
    judge, world, judgement = teller.judge, teller.world, teller.judgements[proposition.iri]
    near = replace(world, claims=tuple(part), clocks=Clocks(world.as_of, world.known_by))
    finer = judge.corroborations.supporters(proposition)
    text = teller.proposition(proposition)
    return Explanation(
        **{field.name: getattr(text, field.name) for field in fields(text)},
        finer=tuple(teller.claim(claim) for claim in finer if claim.proposition.iri != proposition.iri),
        parts=tuple(_part(teller, part) for part in judgement.parts),
        rest=tuple(_rest(teller, proposition)),
        witnesses=judge.origins.count_witnesses(finer),
        steps=tuple(_steps(judge, judgement)),
        changes=tuple(_changes(Judge(near), judgement, proposition)),
        history=tuple(Since(day, verdict.label()) for day, verdict in histories(near).get(proposition.iri, ())),
    )


def _part(teller: Teller, found: Corroboration) -> PartText:
    return PartText(
        statement=teller.sentences.sentence(found.part),
        verdict=found.verdict.label(),
        claims=tuple(called(claim) for claim in found.claims),
        documents=len({claim.source.id for claim in found.claims}),
        origins=len(found.origins),
    )


def _rest(teller: Teller, proposition: Proposition) -> Iterator[str]:
    """Yield the labels of the keys of a proposition that no corroborated part has, if it has such parts."""
    parts, whole = teller.judgements[proposition.iri].parts, teller.judge.corroborations.whole
    if parts and proposition.iri not in whole:
        left = set[str].intersection(*({*part.rest(proposition)} for part in parts))
        yield from (teller.world.ontology.row_keys[key].label() for key in proposition.content if key in left)


def _steps(judge: Judge, judgement: Judgement) -> Iterator[str]:
    """Yield the steps by which the rule reached the verdict."""
    claims, ended = judgement.claims, {iri for iri, _ in judgement.endings}
    counting = [claim for claim in claims if claim.iri not in ended]
    gone = len(claims) - len(counting)
    how = (
        f"{gone} more no longer {'counts' if gone == 1 else 'count'}"
        if gone
        else "none was corrected, overtaken or taken back"
    )
    yield f"{_count(len(counting), 'claim')} about it {'counts' if len(counting) == 1 else 'count'}; {how}"
    asserting = [claim for claim in counting if asserts(claim)]
    label = judgement.verdict.label()
    against = {opposition.claim for opposition in judgement.oppositions}
    verb = "speaks" if len(against) == 1 else "speak"
    opposed = f"{_count(len(against), 'claim')} {verb} against it, which makes it: {label}"
    if not asserting:
        yield f"none of them asserts it; {opposed}" if against else f"none of them asserts it: {label}"
        return
    best = min(asserting, key=lambda one: (worth(judge.world, one).position, concludes(one.source), one.iri))
    value = worth(judge.world, best).label()
    verb = "asserts" if len(asserting) == 1 else "assert"
    yield f"{len(asserting)} of them {verb} it; the strongest, {called(best)}, alone gives: {value}"
    beside = dict.fromkeys(DOUBTS[pair.qualifier] for pair in judgement.beside if pair.qualifier in DOUBTS)
    alone = f"no denial or dispute by a source reaches it, so it stays: {', '.join((label, *beside))}"
    yield opposed if against else alone


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


# ---------------------------------------------------------------- changes of the verdict


def _changes(judge: Judge, judgement: Judgement, proposition: Proposition) -> Iterator[Change]:
    """Yield what would change the verdict: retracting claims, or adding one; each is tried with the rule."""
    now, told = judgement.verdict, set[str]()
    for what, claims in _tries(judge, judgement, proposition):
        tried = Judge(replace(judge.world, claims=(*judge.world.claims, *claims))).judgements[proposition.iri].verdict
        if tried != now and what not in told:
            told.add(what)
            yield Change(what, tried.label())


def _tries(judge: Judge, judgement: Judgement, proposition: Proposition) -> Iterator[tuple[str, list[Claim]]]:
    counting = [claim.iri for claim in judgement.claims if claim.iri not in judge.retired]
    reasons = list(dict.fromkeys(opposition.said_in for opposition in judgement.oppositions))
    for iri in (*counting, *reasons):
        yield f"{called(judge.by_iri[iri])} were taken back", [_retraction(judge, [iri])]
    if len(reasons) > 1:
        yield "everything against it were taken back", [_retraction(judge, reasons)]
    evidence = judge.world.ontology.of(Evidence).values()
    strong = next(term for term in evidence if not term.weak)
    weak = next(term for term in evidence if term.weak)
    example = judgement.claims[0]
    yield "somebody named said so as a fact, at first hand", [_saying(judge, example, "asserts", strong)]
    yield "somebody unnamed said so as a fact", [_saying(judge, example, "asserts", weak)]
    yield "somebody denied it", [_saying(judge, example, "denies", strong)]


def _retraction(judge: Judge, iris: list[str]) -> Claim:
    """Return a hypothetical claim that retracts others and asserts nothing."""
    example = judge.by_iri[iris[0]]
    row = _saying(judge, example, "takes-back", example.evidence)
    return replace(row, links={"retracts": tuple(iris)})


def _saying(judge: Judge, example: Claim, stance: str, evidence: Term) -> Claim:
    """Return a hypothetical claim on the proposition of ``example``."""
    ontology = judge.world.ontology
    facts = {"stance": ontology.of(Stance)[stance], "modality": ontology.of(Modality)["actual"], "evidence": evidence}
    return replace(example, iri=f"{example.iri}#{stance}", facts=facts, links={})
