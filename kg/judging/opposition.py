"""Decide who opposes whom: who denies or disputes what another asserts, and what an editor sets against each other.

In: the current claims of a world, and those that they link to. Out: ``Contest`` pairs, and the denials of a later time,
which end what was only seen before. The rules are in docs/verdicts.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from kg.judging.coverage import covering
from kg.judging.endings import may_end
from kg.judging.origins import concludes
from kg.judging.periods import Told
from kg.judging.runs import EVER, Span, span_of
from kg.judging.tellings import telling, tells_fact
from kg.model.dates import Date
from kg.model.world import Claim, Relation, World

DENIED, DISPUTED, SET_AGAINST, HELD = "denied", "disputed", "set against", "held by another"


@dataclass(frozen=True, order=True, slots=True)
class Opposition:
    """One reason against a claim: the opposing claim, the opposed claim, why, and the claim that says so."""

    claim: str
    against: str
    why: str
    said_in: str


class Contest(NamedTuple):
    """Two claims that do not agree: ``one`` speaks against ``other``, why, and the claim that says so."""

    one: str
    other: str
    why: str
    said_in: str


@dataclass(frozen=True)
class Spoken:
    """What claims say against each other: contests, and by claim, the days from which it is denied, and by whom."""

    contests: tuple[Contest, ...]
    later: tuple[tuple[str, Told], ...]


def spoken(world: World, current: Iterable[Claim]) -> Spoken:
    """Return what the current claims say against each other."""
    here = {claim.iri: claim for claim in current}
    contests, later = list[Contest](), list[tuple[str, Told]]()
    denials = [claim for claim in here.values() if denies(claim)]
    for denial, claim in covering(world, denials, filter(asserts, here.values())):
        if meets(denial, claim):
            contests.append(Contest(denial.iri, claim.iri, DENIED, denial.iri))
        elif (day := later_than(denial, claim)) and not is_editors(denial):
            later.append((claim.iri, (day, denial.iri)))
    contests += [*_disputes(world, here), *_tensions(here)]
    return Spoken(tuple(contests), tuple(later))


def _disputes(world: World, here: Mapping[str, Claim]) -> Iterator[Contest]:
    """Yield what claims dispute: by a link of that name, or by one that would end what is another's to end."""
    keys = world.ontology.keys("claim")
    for claim in here.values():
        for key, targets in claim.links.items():
            for other in (here[iri] for iri in targets if iri in here and iri != claim.iri):
                if keys[key].opposes and speaks(other) and not (keys[key].retires and may_end(claim, other, keys[key])):
                    yield Contest(claim.iri, other.iri, DISPUTED, claim.iri)


def _tensions(here: Mapping[str, Claim]) -> Iterator[Contest]:
    """Yield what claims set against each other."""
    for claim in filter(asserts, here.values()):
        relation = claim.proposition
        if isinstance(relation, Relation) and relation.term.sets:
            one, other = relation.subject.iri, relation.object.iri
            if one in here and other in here:
                yield Contest(one, other, SET_AGAINST, claim.iri)


def is_tension(contest: Contest, by_iri: Mapping[str, Claim]) -> bool:
    """Return whether a contest is in the eyes of an editor of the project only: that does not make it contested."""
    return contest.why == SET_AGAINST or any(is_editors(by_iri[iri]) for iri in contest[:2])


def is_editors(claim: Claim) -> bool:
    """Return whether a claim is a conclusion of an editor of the project."""
    return concludes(claim.source)


def asserts(claim: Claim) -> bool:
    """Return whether the claim asserts its proposition."""
    return claim.stance.notation == "asserts"


def speaks(claim: Claim) -> bool:
    """Return whether the claim asserts or denies its proposition."""
    return asserts(claim) or denies(claim)


def denies(claim: Claim) -> bool:
    """Return whether the claim denies its proposition."""
    return claim.stance.notation == "denies"


# ---------------------------------------------------------------- the dates of denials


def meets(denial: Claim, claim: Claim) -> bool:
    """Return whether a denial is of a time of which the claim tells.

    A denial without dates is of all times, but for what had ended before it was published. A role or relation without
    dates was seen when its source was published. One that begins when another ends does not meet it.
    """
    said = claim.proposition.content
    until = said.get("until")
    if not any(isinstance(value, Date) for value in denial.proposition.content.values()):
        return not isinstance(until, Date) or span_of(until)[1] >= span_of(denial.source.published)[0]
    (low, high), (first, last) = _dates(denial), _times(claim)
    return low <= last and first <= high and not _adjoins(denial, claim)


def later_than(denial: Claim, claim: Claim) -> Span | None:
    """Return the time from which a denial is of later days than a state that was seen, or None."""
    if not tells_fact(claim) or claim.proposition.kind.remains:
        return None
    low, high = _dates(denial)
    run = telling(claim).run()
    return (low, low) if run.seen and run.start[1] < low < high + 1 else None


def _times(claim: Claim) -> Span:
    """Return the first and the last day of which a claim may tell."""
    if tells_fact(claim) and not claim.proposition.kind.remains:
        run = telling(claim).run()
        if run.seen:
            return run.start
    return _dates(claim)


def _dates(claim: Claim) -> Span:
    """Return the first and the last day that the dates of a claim allow; open where it tells none."""
    content = claim.proposition.content
    first, last = (
        next((d for name in names if isinstance(d := content.get(name), Date)), None)
        for names in (("when", "from"), ("when", "until", "by"))
    )
    return span_of(first)[0] if first else EVER[0], span_of(last)[1] if last else EVER[1]


def _adjoins(one: Claim, other: Claim) -> bool:
    """Return whether one begins when the other ends: on one day, or in the same month or year."""
    mine, theirs = one.proposition.content, other.proposition.content
    pairs = ((mine.get("from"), theirs.get("until")), (theirs.get("from"), mine.get("until")))
    return any(isinstance(begin, Date) and begin == end for begin, end in pairs)
