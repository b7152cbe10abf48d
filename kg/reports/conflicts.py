"""Find contradictions by rules: two claims that cannot both hold, and the claim that settled them.

A rule is a function of ``kg.judging.conflict_rules``, or a project's own query in ``conflicts/``: a title, a severity,
and a SELECT of two claims, ``?one`` and ``?other``, with an optional ``?note``, and an optional ``?clash``: rows with
the same value form one conflict. Without it, rows of the same two propositions do. All queries run in one child
process.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kg.judging.clashes import shipped_rules
from kg.judging.conflict_ground import Pair
from kg.judging.conflict_rules import RULES
from kg.judging.verdicts import Judge, is_weak
from kg.model.errors import SEVERITIES, Problem, ProjectError, Severity
from kg.model.world import Claim
from kg.reports.claim_text import ClaimText
from kg.reports.telling import Teller
from kg.sparql.questions import read_question, read_texts
from kg.sparql.store import Answer

CODE = "KG401"
_SEVERITY = re.compile(r"^# severity: *(\w+) *$", re.MULTILINE)
_COLUMNS = {"one", "other"}
_KNOWN: Mapping[str, Severity | None] = {word: word for word in SEVERITIES[1:]} | {"none": None}


@dataclass(frozen=True)
class Rule:
    """A rule that finds conflicts. ``severity`` is that of its problems in ``kg check``; None: it reports none.

    A rule without a query is one of those that come with the package.
    """

    name: str
    title: str
    titles: Mapping[str, str]
    severity: Severity | None
    sparql: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two claims that a rule finds in conflict, one of ``pairs`` that say the same; ``more`` are the other claims.

    ``concluded`` is the claim that puts the two in conflict, ``settled`` the claim that settles it.
    """

    rule: str
    title: str
    severity: Severity | None
    one: ClaimText
    other: ClaimText
    note: str
    pairs: int
    more: tuple[ClaimText, ...]
    concluded: ClaimText | None
    settled: ClaimText | None


def read_rules(project: Path) -> list[Rule]:
    """Return the rules of the package and of the project; the project's own win. Raises ProjectError."""
    shipped = {
        name: Rule(name, term.label(), term.labels, _KNOWN[term.severity]) for name, term in shipped_rules().items()
    }
    own = {name: read_rule(name, text) for name, text in read_texts("conflicts", project).items()}
    return list({**shipped, **own}.values())


def read_rule(name: str, text: str) -> Rule:
    """Read a rule's file. Raises ProjectError if it has no title or no severity."""
    question = read_question(name, text, folder="conflicts")
    severity = match[1] if (match := _SEVERITY.search(text)) else ""
    if severity not in _KNOWN:
        raise ProjectError(f"conflicts/{name}.rq: write '# severity: …': {', '.join(_KNOWN)}")
    return Rule(name, question.title, question.titles, _KNOWN[severity], text)


def name_conflicts(judge: Judge, rules: Iterable[Rule], answers: Mapping[str, Answer]) -> list[Conflict]:
    """Return the conflicts that the rules find, by rule and place; ``answers`` are the results of query rules.

    Raises ProjectError if a rule selects no claims.
    """
    teller = Teller(judge)
    said_in = {(o.claim, o.against): o.said_in for j in judge.judgements.values() for o in j.oppositions}
    said_in |= {(pair.claim, pair.other): pair.said_in for pair in judge.beside if pair.said_in}
    found = []
    for rule in rules:
        pairs = _selected(judge, rule, answers[rule.name]) if rule.sparql else RULES[rule.name](judge)
        found += [_conflict(teller, rule, same, said_in) for same in _clashes(judge, pairs)]
    return sorted(found, key=lambda conflict: (conflict.rule, conflict.one.location, conflict.other.location))


def _selected(judge: Judge, rule: Rule, answer: Answer) -> Iterator[Pair]:
    """Yield the pairs of claims that a query found."""
    if answer.kind != "solutions" or not set(answer.columns) >= _COLUMNS:
        raise ProjectError(f"conflicts/{rule.name}.rq does not select ?one and ?other")
    for row in answer:
        one, other = (judge.by_iri.get(str(row[name])) for name in ("one", "other"))
        if one and other:
            yield Pair(one, other, str(row.get("note") or ""), str(row.get("clash") or ""))


def _clashes(judge: Judge, pairs: Iterable[Pair]) -> list[list[Pair]]:
    """Return pairs of claims grouped by conflict, the strongest first."""
    found: dict[object, list[Pair]] = {}
    for pair in pairs:
        clash = pair.clash or frozenset((pair.one.proposition.iri, pair.other.proposition.iri))
        found.setdefault(clash, []).append(pair)
    return [sorted(same, key=lambda pair: _weakness(judge, pair)) for same in found.values()]


def _weakness(judge: Judge, pair: Pair) -> tuple[int, str, str]:
    return sum(is_weak(judge.world, claim) for claim in pair[:2]), pair[0].iri, pair[1].iri


def _conflict(teller: Teller, rule: Rule, pairs: list[Pair], said_in: Mapping[tuple[str, str], str]) -> Conflict:
    one, other, note, *_ = pairs[0]
    named = (claim for pair in pairs for claim in (*pair[:2], *pair.more))
    others = {claim.iri: claim for claim in named if claim.iri not in (one.iri, other.iri)}
    judge = teller.judge
    concluding = said_in.get((one.iri, other.iri), one.iri)
    settling = _settling(judge, pairs)
    return Conflict(
        rule=rule.name,
        title=rule.title,
        severity=rule.severity,
        one=teller.claim(one),
        other=teller.claim(other),
        note=note,
        pairs=len({frozenset((first.iri, second.iri)) for first, second, *_ in pairs}),
        more=tuple(sorted(map(teller.claim, others.values()), key=lambda voice: voice.location)),
        concluded=teller.claim(judge.by_iri[concluding]) if concluding not in (one.iri, other.iri) else None,
        settled=teller.claim(settling) if settling else None,
    )


def _settling(judge: Judge, pairs: Iterable[Pair]) -> Claim | None:
    """Return the claim that settles a conflict: in every two of its propositions, two claims must be settled."""
    found: dict[frozenset[str], Claim | None] = {}
    for one, other, *_ in pairs:
        both = frozenset((one.proposition.iri, other.proposition.iri))
        found[both] = found.get(both) or judge.settlements.get(frozenset((one.iri, other.iri)))
    return next(iter(found.values())) if all(found.values()) else None


def conflict_problems(conflicts: Iterable[Conflict]) -> list[Problem]:
    """Return the conflicts that ``kg check`` reports, at the place of one claim, with that of the other.

    Settled conflicts are not reported.
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


def _also(more: Iterable[ClaimText]) -> str:
    places = ", ".join(voice.place for voice in more)
    return f"; the same in {places}" if places else ""


def _small(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"
