"""Name the conflicts of a judged world by the rules of the ontology: pairs of current claims that cannot both hold.

In: a judge. Out: ``Pair`` objects. Nothing is decided here. Every conflict gives a verdict or a qualifier,
but for a source that uses an old name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial

from kg.judging.clashes import CLASHES, old_name
from kg.judging.conflict_ground import Pair
from kg.judging.opposition import DENIED, DISPUTED, HELD
from kg.judging.periods import HANDOVER, OUTSIDE, REPLACED, TENSION
from kg.judging.tellings import turns
from kg.judging.verdicts import Judge
from kg.model.world import Proposition


def _opposed(why: str) -> Callable[[Judge], Iterator[Pair]]:
    """Return a rule for the contests with a reason, the one who speaks first."""

    def found(judge: Judge) -> Iterator[Pair]:
        claims = judge.by_iri
        for judgement in judge.judgements.values():
            for one in judgement.oppositions:
                if one.why == why and one.said_in != one.against:
                    yield Pair(claims[one.claim], claims[one.against])

    return found


def _beside(qualifier: str) -> Callable[[Judge], Iterator[Pair]]:
    """Return a rule for two claims between which there is a qualifier, the first in order against the other."""

    def found(judge: Judge) -> Iterator[Pair]:
        pairs = (sorted(pair[1:3]) for pair in judge.beside if pair.qualifier == qualifier)
        for one, other in dict.fromkeys(map(tuple, pairs)):
            yield Pair(judge.by_iri[one], judge.by_iri[other])

    return found


def _of_lives(rules: Collection[str], turned: Callable[[Proposition], bool]) -> Callable[[Judge], Iterator[Pair]]:
    """Return a rule for what is told of an entity for a time on which an event bears: the claim and the event."""

    def found(judge: Judge) -> Iterator[Pair]:
        for pair in judge.periods.beside:
            told, event = judge.by_iri[pair.claim], judge.by_iri[pair.other]
            first = not turned(told.proposition) or pair.claim < pair.other
            if pair.rule in rules and turned(event.proposition) and first:
                yield Pair(told, event, clash=f"{told.proposition.slot} {event.proposition.slot}")

    return found


def _clash(name: str, judge: Judge) -> Iterator[Pair]:
    yield from judge.clashes[name]


RULES: Mapping[str, Callable[[Judge], Iterator[Pair]]] = {
    "denied": _opposed(DENIED),
    "disputed": _opposed(DISPUTED),
    "held-by-two": _opposed(HELD),
    "set-against": _beside(TENSION),
    **{name: partial(_clash, name) for name in CLASHES},
    "handover-untold": _beside(HANDOVER),
    "outside-life": _of_lives(OUTSIDE, turns),
    "used-after-end": _of_lives((REPLACED,), lambda said: bool(said.term.gives_way)),
    "old-name": lambda judge: old_name(judge.ground),
}
