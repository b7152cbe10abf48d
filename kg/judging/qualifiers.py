"""Add qualifiers to verdicts: one function per qualifier, each yielding the IRIs of propositions that get it.

There are few verdicts, so that they have one order of precedence and one line style each; everything finer is a
qualifier, and a proposition can have several. A new one needs a term in the ontology and a function in ``RULES``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from kg.judging.opposition import asserts
from kg.judging.periods import CLASH, HANDOVER, JOINT, SEEN_AFTER, TENSION
from kg.judging.verdicts import Judge, Judgement
from kg.model.iris import AUTOKG

QUALIFIER = AUTOKG + "qualifier/"


def qualified(judge: Judge) -> dict[str, Judgement]:
    """Return the judgements with qualifiers, in the order of the ontology, corroborated parts, outcomes."""
    found: dict[str, set[str]] = {}
    for name, rule in RULES.items():
        for iri in rule(judge):
            found.setdefault(iri, set()).add(name)
    terms = judge.world.ontology.terms("Qualifier").items()
    became = {outcome.plan.iri: outcome for outcome in judge.outcomes}
    return {
        iri: replace(
            judgement,
            qualifiers=tuple(term for name, term in terms if name in found.get(iri, ())),
            outcome=became.get(iri),
            parts=judge.corroborations.by_proposition.get(iri, ()),
            finer=tuple(c for c in judge.corroborations.whole.get(iri, ()) if c.proposition.iri != iri),
        )
        if iri in found or iri in became
        else judgement
        for iri, judgement in judge.judgements.items()
    }


def _corroborated(judge: Judge) -> Iterator[str]:
    """Yield what is corroborated, wholly or in part."""
    yield from judge.corroborations.whole
    yield from judge.corroborations.by_proposition


def _revised(judge: Judge) -> Iterator[str]:
    for iri in judge.retired:
        proposition = judge.by_iri[iri].proposition.iri
        if any(asserts(claim) and claim.iri not in judge.retired for claim in judge.by_proposition[proposition]):
            yield proposition


def _of_stance(notation: str, verdict: str) -> Callable[[Judge], Iterator[str]]:
    """Return a rule for what somebody takes a stance on, unless its verdict says so already."""

    def given(judge: Judge) -> Iterator[str]:
        found = (claim.proposition.iri for claim in judge.current if claim.stance.notation == notation)
        return (iri for iri in found if judge.judgements[iri].verdict.notation != verdict)

    return given


def _settled(judge: Judge) -> Iterator[str]:
    for iri, judgement in judge.judgements.items():
        pairs = [frozenset((o.claim, o.against)) for o in judgement.oppositions]
        pairs += [
            frozenset((pair.claim, pair.other)) for pair in judgement.beside if pair.qualifier in (CLASH, TENSION)
        ]
        if pairs and all(pair in judge.settlements for pair in pairs):
            yield iri


def _beside(qualifier: str) -> Callable[[Judge], Iterator[str]]:
    """Return a rule for what has another claim beside it."""

    def given(judge: Judge) -> Iterator[str]:
        for iri, judgement in judge.judgements.items():
            if any(pair.qualifier == qualifier for pair in judgement.beside):
                yield iri

    return given


def _of_outcome(*notations: str) -> Callable[[Judge], Iterator[str]]:
    def given(judge: Judge) -> Iterator[str]:
        return (outcome.plan.iri for outcome in judge.outcomes if outcome.status.notation in notations)

    return given


RULES: Mapping[str, Callable[[Judge], Iterator[str]]] = {
    "corroborated": _corroborated,
    "revised": _revised,
    "no-comment": _of_stance("declines", "declined"),
    "not-found": _of_stance("silent", "not-found"),
    "settled": _settled,
    **{name: _beside(name) for name in (CLASH, TENSION, HANDOVER, SEEN_AFTER, JOINT)},
    **{name: _of_outcome(name) for name in ("met", "missed", "late", "not-kept", "not-comparable")},
    "overdue": _of_outcome("overdue", "never-reported"),
}
