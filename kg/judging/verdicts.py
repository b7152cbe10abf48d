"""Derive a verdict per proposition from the claims, by the published rule (docs/verdicts.md).

The result depends only on the set of claims, not on their order or the clock. The ontology defines the weight of
modalities and kinds of evidence, and the precedence of verdicts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kg.judging.coverage import covering
from kg.judging.endings import Ending, ended, first
from kg.judging.origins import Descent, Origins, concludes
from kg.judging.periods import CLASH, Beside, Bound, Periods, grouped
from kg.judging.plans import Outcome, outcomes
from kg.judging.runs import FOREVER, Run, holding, iso, last_seen, ordinal
from kg.judging.tellings import is_only, lives, place_of, telling, tells_fact
from kg.model.dates import Certainty, Date, reaches
from kg.model.iris import AUTOKG
from kg.model.properties import Term
from kg.model.terms import Verdict
from kg.model.world import Claim, Proposition, Relation, World

RULES_VERSION = 3  # told in the dataset's header; raised whenever a rule changes what follows from the same claims
VERDICT = AUTOKG + "verdict/"
EDITOR = AUTOKG + "source-kind/editor"


@dataclass(frozen=True, order=True, slots=True)
class Opposition:
    """One reason against an assertion: the opposing claim, the opposed claim, why, and the claim that says so."""

    claim: str
    against: str
    why: str
    said_in: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The result for a proposition: its verdict, its qualifiers, and when it holds.

    ``claims`` are all its claims, ``oppositions`` the reasons against the current ones, ``endings`` what ended the
    others. ``holds`` is None if nothing is told of the as-of day; ``last_seen`` is of a state. ``period`` are the first
    and the last day on which it may hold, "" if open. ``gives`` means that it gives a cautious one-hop triple, if it is
    stated; ``applies`` that what is said is neither over by the as-of day nor only told of later days. ``beside`` are
    the pairs that give it a qualifier, ``bounds`` what bounds its claims. ``outcome`` is set if it is a plan.
    """

    verdict: Term
    claims: tuple[Claim, ...]
    oppositions: tuple[Opposition, ...] = ()
    endings: tuple[tuple[str, Ending], ...] = ()
    holds: Certainty | None = None
    last_seen: Date | None = None
    period: tuple[str, str] = ("", "")
    gives: bool = False
    applies: bool = True
    beside: tuple[Beside, ...] = ()
    bounds: tuple[Bound, ...] = ()
    qualifiers: tuple[Term, ...] = ()
    outcome: Outcome | None = None

    @property
    def is_firm(self) -> bool:
        """Return whether it is stated, may hold on the as-of day, and clashes with nothing."""
        clashes = any(pair.qualifier == CLASH for pair in self.beside)
        return self.verdict.notation == "stated" and self.gives and self.applies and not clashes

    @property
    def current(self) -> list[Claim]:
        """Return the claims that still count."""
        ended = {claim for claim, _ in self.endings}
        return [claim for claim in self.claims if claim.iri not in ended]


class Judge:
    """Applies the rule to one world."""

    def __init__(self, world: World, descent: Descent | None = None) -> None:
        """Index the claims, and find those that still count; ``descent`` is as in ``Origins``."""
        self.world, self.descent = world, descent
        self.by_iri = {claim.iri: claim for claim in world.claims}
        self.retired = ended(world, self.by_iri)
        self.current = [claim for claim in world.claims if claim.iri not in self.retired]
        self.asserted = [claim for claim in self.current if asserts(claim)]
        self.by_proposition: dict[str, list[Claim]] = {}
        for claim in world.claims:
            self.by_proposition.setdefault(claim.proposition.iri, []).append(claim)

    @cached_property
    def judgements(self) -> Mapping[str, Judgement]:
        """Return the judgement of every proposition by its IRI."""
        return {p.iri: self._judge(p) for p in self.world.propositions}

    def _judge(self, proposition: Proposition) -> Judgement:
        claims, opposed = self.by_proposition[proposition.iri], self.oppositions.get(proposition.iri, ())
        claims = sorted(claims, key=lambda claim: claim.iri) if len(claims) > 1 else claims
        endings = tuple([(claim.iri, self.retired[claim.iri]) for claim in claims if claim.iri in self.retired])
        verdict = self._verdict_of(claims, endings, opposed=bool(opposed))
        timing = self._timing(proposition, claims, verdict)
        return Judgement(verdict, tuple(claims), tuple(sorted(opposed)), endings, **timing)

    def _verdict_of(self, claims: Sequence[Claim], endings: Sequence[tuple[str, Ending]], *, opposed: bool) -> Term:
        """Return the verdict of what counts, else of how it ended, else of who was asked or searched."""
        current = [claim for claim in claims if claim.iri not in self.retired] if endings else claims
        if asserted := [claim for claim in current if asserts(claim)]:
            return self._verdict("contested") if opposed else first([worth(self.world, claim) for claim in asserted])
        stances = {claim.stance.notation for claim in current}
        if "denies" in stances:
            return self._verdict("denied")
        if gone := [ending.verdict for iri, ending in endings if asserts(self.by_iri[iri])]:
            return first(gone)
        if stances & {"declines", "silent"}:
            return self._verdict("declined" if "declines" in stances else "not-found")
        return self._verdict("retracted")  # a denial that was ended says nothing of what it denied

    def _verdict(self, name: str) -> Term:
        return self.world.ontology.term(VERDICT + name)

    @cached_property
    def origins(self) -> Origins:
        """Return the origins of the claims."""
        return Origins(self.world, self.descent)

    @cached_property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Return the outcome of every plan, by status and due day."""
        said = (o for o in self._spoken if not concludes(self.by_iri[o.said_in].source))
        contested = {self.by_iri[opposition.against].proposition.iri for opposition in said}
        return outcomes(self.world, self.current, contested)

    @cached_property
    def settlements(self) -> Mapping[frozenset[str], Claim]:
        """Return the current claims that settle a conflict, by the pair of claims that each names."""
        found: dict[frozenset[str], Claim] = {}
        for claim in self.asserted:
            if isinstance(relation := claim.proposition, Relation) and relation.term.settles:
                found.setdefault(frozenset((relation.subject.iri, relation.object.iri)), claim)
        return found

    # ------------------------------------------------------------ time

    @cached_property
    def periods(self) -> Periods:
        """Return until when and since when the current claims of facts hold."""
        facts = [claim for claim in self.current if tells_fact(claim)]
        unsure = {self.by_iri[opposition.against].proposition.iri for opposition in self._spoken}
        return Periods([telling(claim) for claim in facts], list(lives(facts)), unsure)

    @cached_property
    def _day(self) -> int:
        """Return the number of the as-of day; without any date in the project, a day after all others."""
        return ordinal(self.world.as_of, FOREVER - 1)

    @cached_property
    def _holding(self) -> set[str]:
        return self.periods.holding(self._day)

    @cached_property
    def _between(self) -> Mapping[str, list[Beside]]:
        """Return the pairs that give a qualifier, by the claim that gets it."""
        return grouped((pair for pair in self.periods.beside if pair.qualifier), lambda pair: pair.claim)

    @cached_property
    def _bounding(self) -> Mapping[str, list[Bound]]:
        return grouped(self.periods.bounds, lambda bound: bound.claim)

    def _timing(self, proposition: Proposition, claims: Sequence[Claim], verdict: Term) -> dict[str, Any]:
        """Return the fields of a judgement that tell when its proposition holds."""
        told = [(claim, run) for claim in claims if (run := self._run(claim, verdict))]
        if not told:
            corrected = verdict.notation == "corrected"
            is_met = spans(proposition, self.world.as_of) != "no"
            return {"period": proposition.period, "applies": is_met, "holds": "no" if corrected else None}
        runs, day = [run for _, run in told], self._day
        holds = holding(runs, day)
        return {
            "holds": holds,
            "last_seen": None if proposition.kind.remains else last_seen(runs, day),
            "period": (iso(min(run.start[0] for run in runs)), iso(max(run.last for run in runs))),
            "gives": any(claim.iri in self._holding for claim, _ in told),
            "applies": holds in ("yes", "possibly"),
            "beside": tuple(sorted(pair for claim, _ in told for pair in self._between.get(claim.iri, ()))),
            "bounds": tuple(sorted(bound for claim, _ in told for bound in self._bounding.get(claim.iri, ()))),
        }

    def _run(self, claim: Claim, verdict: Term) -> Run | None:
        """Return the days for which a claim tells its proposition, or None if it tells of none.

        A claim that was overtaken held until the first day of which the later one speaks.
        """
        ending = self.retired.get(claim.iri)
        if ending is None:
            return self.periods.runs.get(claim.iri)
        if not tells_fact(claim) or not verdict.notation == ending.verdict.notation == "superseded":
            return None
        run = telling(claim).run()
        for ender in ending.by:
            then = telling(self.by_iri[ender]).run().start
            run.bound(then[0] - 1, then[1])
        return run

    # ------------------------------------------------------------ oppositions

    @cached_property
    def oppositions(self) -> Mapping[str, set[Opposition]]:
        """Return the reasons against the assertions of each proposition."""
        found: dict[str, set[Opposition]] = {}
        for opposition in (*self._spoken, *self._exclusions()):
            found.setdefault(self.by_iri[opposition.against].proposition.iri, set()).add(opposition)
        return found

    @cached_property
    def _spoken(self) -> tuple[Opposition, ...]:
        """Return the reasons that somebody gives: denials, disputes, tensions."""
        return (*self._denials(), *self._disputes(), *self._tensions())

    def _denials(self) -> Iterator[Opposition]:
        denials = [claim for claim in self.current if denies(claim)]
        for denial, claim in covering(self.world, denials, self.asserted):
            if not _is_over(claim, denial):
                yield Opposition(denial.iri, claim.iri, "denied", denial.iri)

    def _disputes(self) -> Iterator[Opposition]:
        for claim in self.current:
            for iri in claim.links.get("disputes", ()):
                if iri not in self.retired and asserts(self.by_iri[iri]):
                    yield Opposition(claim.iri, iri, "disputed", claim.iri)

    def _tensions(self) -> Iterator[Opposition]:
        """Yield both directions of every current claim that sets two claims against each other."""
        for claim in self.asserted:
            relation = claim.proposition
            if not isinstance(relation, Relation) or not relation.term.sets:
                continue
            both = (relation.subject.iri, relation.object.iri)
            for one, other in (both, both[::-1]):
                if not {one, other} & self.retired.keys() and asserts(self.by_iri[other]):
                    yield Opposition(one, other, "set against", claim.iri)

    def _exclusions(self) -> Iterator[Opposition]:
        """Yield both directions of every two who hold at one time what only one can hold."""
        for pair in self.periods.beside:
            if not pair.qualifier:
                yield Opposition(pair.other, pair.claim, pair.rule, pair.other)


def _is_over(claim: Claim, denial: Claim) -> bool:
    """Return whether a claim tells of what had ended before a denial without dates was published."""
    until, content = claim.proposition.content.get("until"), denial.proposition.content
    dated = any(isinstance(value, Date) for value in content.values())
    return isinstance(until, Date) and not dated and until.upper < denial.source.published.lower


def places(claims: Iterable[Claim]) -> Iterator[list[Claim]]:
    """Yield the claims of each place that only one can hold, where there are several."""
    for mine in grouped(claims, lambda claim: place_of(claim.proposition)).values():
        if len(mine) > 1 and any(is_only(claim.proposition) for claim in mine):
            yield mine


def asserts(claim: Claim) -> bool:
    """Return whether the claim asserts its proposition."""
    return claim.stance.notation == "asserts"


def denies(claim: Claim) -> bool:
    """Return whether the claim denies its proposition."""
    return claim.stance.notation == "denies"


def is_weak(world: World, claim: Claim) -> bool:
    """Return whether the claim rests only on unnamed or second-hand evidence."""
    return claim.evidence.weak or not world.ontology.weak_keys.isdisjoint(claim.facts)


def worth(world: World, claim: Claim) -> Verdict:
    """Return the verdict of an unopposed assertion, from its modality and the strength of its evidence."""
    when_weak = claim.modality.verdict_when_weak
    return when_weak if when_weak and is_weak(world, claim) else claim.modality.verdict


def spans(proposition: Proposition, day: str) -> Certainty:
    """Return whether the dates of a proposition that is no fact, such as a plan, span a day, whatever its deadline."""
    dates = {key: d for key in ("when", "from", "until") if isinstance(d := proposition.content.get(key), Date)}
    first, last = proposition.period
    if proposition.kind.remains:
        return reaches(day, (first, max((d.upper for d in dates.values()), default="")), ("", ""))
    begun = max((d.upper for key, d in dates.items() if key != "until"), default="")
    ending = min((d.lower for key, d in dates.items() if key != "from" and d.lower), default="")
    return reaches(day, (first, begun), (ending, last))
