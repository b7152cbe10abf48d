"""Contradictions, found by rules and kept: two claims that cannot both hold, and who settled it.

A rule is a query in ``ontology/conflicts``, or a project's own in ``conflicts/``: its title, its severity, and a
SELECT of ``?one`` and ``?other``, two claims, with a ``?note`` where there is more to say, and a ``?clash`` where rows
of one value are one conflict; else those of the same two propositions are. One child runs them all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.judging.verdicts import Judge, is_weak
from kg.model.errors import SEVERITIES, Problem, ProjectError, Severity
from kg.model.world import Claim
from kg.reports.speakers import Voice, Voices
from kg.sparql.questions import read_question, read_texts
from kg.sparql.store import Answer

CODE = "KG401"
_SEVERITY = re.compile(r"^# severity: *(\w+) *$", re.MULTILINE)
_COLUMNS = {"one", "other"}
Pair = tuple[Claim, Claim, str]  # the two claims, and what a rule has to add


@dataclass(frozen=True)
class Rule:
    """A rule that finds conflicts. ``severity`` is how ``kg check`` tells of one; None: not at all."""

    name: str
    title: str
    titles: Mapping[str, str]
    severity: Severity | None
    sparql: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two claims that a rule finds hard to hold together, out of ``pairs`` that say the same; ``more`` are the others.

    ``concluded`` is the claim that sets the two at odds, ``settled`` the one by which somebody settled it.
    """

    rule: str
    title: str
    severity: Severity | None
    one: Voice
    other: Voice
    note: str
    pairs: int
    more: tuple[Voice, ...]
    concluded: Voice | None
    settled: Voice | None


def read_rules(project: Path) -> list[Rule]:
    """Return the rules: those that came with the package, and the project's own, which win. Raises ProjectError."""
    return [read_rule(name, text) for name, text in read_texts("conflicts", project).items()]


def read_rule(name: str, text: str) -> Rule:
    """Read a rule's file. Raises ProjectError where it has no title or no severity."""
    question = read_question(name, text, folder="conflicts")
    severity = match[1] if (match := _SEVERITY.search(text)) else ""
    known: dict[str, Severity | None] = {word: word for word in SEVERITIES[1:]} | {"none": None}
    if severity not in known:
        raise ProjectError(f"conflicts/{name}.rq: write '# severity: …': {', '.join(known)}")
    return Rule(name, question.title, question.titles, known[severity], text)


def name_conflicts(judge: Judge, rules: Sequence[Rule], answers: Iterable[Answer]) -> list[Conflict]:
    """Return what the rules found, sorted by rule and place. Raises ProjectError where a rule selects no claims."""
    voices = Voices(judge)
    said_in = {(o.claim, o.against): o.said_in for j in judge.judgements.values() for o in j.oppositions}
    found = [
        _conflict(voices, rule, pairs, said_in)
        for rule, answer in zip(rules, answers, strict=True)
        for pairs in _clashes(judge, rule, answer)
    ]
    return sorted(found, key=lambda conflict: (conflict.rule, conflict.one.location, conflict.other.location))


def _clashes(judge: Judge, rule: Rule, answer: Answer) -> list[list[Pair]]:
    """Return the pairs of claims that a rule found, those of one conflict together, the strongest first."""
    if answer.kind != "solutions" or not set(answer.columns) >= _COLUMNS:
        raise ProjectError(f"conflicts/{rule.name}.rq does not select ?one and ?other")
    found: dict[object, list[Pair]] = {}
    for row in answer:
        claims = [judge.by_iri.get(str(row[name])) for name in ("one", "other")]
        if claims[0] and claims[1]:
            pair = (claims[0], claims[1], str(row.get("note") or ""))
            clash = row.get("clash") or frozenset(claim.proposition.iri for claim in pair[:2])
            found.setdefault(clash, []).append(pair)
    return [sorted(pairs, key=lambda pair: _weakness(judge, pair)) for pairs in found.values()]


def _weakness(judge: Judge, pair: Pair) -> tuple[int, str, str]:
    return sum(is_weak(judge.world, claim) for claim in pair[:2]), pair[0].iri, pair[1].iri


def _conflict(voices: Voices, rule: Rule, pairs: list[Pair], said_in: Mapping[tuple[str, str], str]) -> Conflict:
    one, other, note = pairs[0]
    others = {claim.iri: claim for pair in pairs for claim in pair[:2] if claim not in (one, other)}
    judge = voices.judge
    concluding = said_in.get((one.iri, other.iri), one.iri)
    settling = _settling(judge, pairs)
    return Conflict(
        rule=rule.name,
        title=rule.title,
        severity=rule.severity,
        one=voices.voice(one),
        other=voices.voice(other),
        note=note,
        pairs=len({frozenset((first.iri, second.iri)) for first, second, _ in pairs}),
        more=tuple(sorted(map(voices.voice, others.values()), key=lambda voice: voice.location)),
        concluded=voices.voice(judge.by_iri[concluding]) if concluding not in (one.iri, other.iri) else None,
        settled=voices.voice(settling) if settling else None,
    )


def _settling(judge: Judge, pairs: Iterable[Pair]) -> Claim | None:
    """Return the claim that settles a conflict: of every two propositions in it, two claims must be settled."""
    found: dict[frozenset[str], Claim | None] = {}
    for one, other, _ in pairs:
        both = frozenset((one.proposition.iri, other.proposition.iri))
        found[both] = found.get(both) or judge.settlements.get(frozenset((one.iri, other.iri)))
    return next(iter(found.values())) if all(found.values()) else None


def conflict_problems(conflicts: Iterable[Conflict]) -> list[Problem]:
    """Return the conflicts that ``kg check`` tells of, at the place of one claim, with that of the other.

    What somebody settled is not told of again.
    """
    return [
        Problem(
            conflict.one.location,
            conflict.severity,
            CODE,
            f"{_small(conflict.title)} [{conflict.rule}]: “{conflict.one.statement}” and, at {conflict.other.place}, "
            f"“{conflict.other.statement}”{f': {conflict.note}' if conflict.note else ''}{_also(conflict.more)}",
            "kept as it is; `kg conflicts` shows both sides",
        )
        for conflict in conflicts
        if conflict.severity and conflict.settled is None
    ]


def _also(more: Iterable[Voice]) -> str:
    places = ", ".join(voice.place for voice in more)
    return f"; the same in {places}" if places else ""


def _small(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"
