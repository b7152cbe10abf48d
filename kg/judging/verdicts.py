"""Derive a verdict per proposition from the claims, by the published rule (docs/verdicts.md).

The result depends only on the set of claims, not on their order or the clock. The ontology defines the weight of
modalities and kinds of evidence, and the precedence of verdicts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kg.judging.clashes import CLASHES
from kg.judging.conflict_ground import Ground, Pair
from kg.judging.corroboration import Corroboration, Corroborations
from kg.judging.endings import Ending, ended, first
from kg.judging.opposition import Contest, Opposition, Spoken, asserts, is_editors, is_tension, speaks, spoken
from kg.judging.origins import Descent, Origins
from kg.judging.periods import CLASH, TENSION, Beside, Bound, Periods, grouped
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


@dataclass(frozen=True, slots=True)
class Judgement:
    """The result for a proposition: its verdict, its qualifiers, and when it holds.

    ``claims`` are all its claims, ``oppositions`` the reasons against the current ones, ``endings`` what ended the
    others. ``holds`` is None if nothing is told of the as-of day; ``last_seen`` is of a state. ``period`` are the first
    and the last day on which it may hold, "" if open. ``gives`` means that it gives a cautious one-hop triple, if it is
    stated; ``applies`` that what is said is neither over by the as-of day nor only told of later days. ``beside`` are
    the pairs that give it a qualifier, ``bounds`` what bounds its claims. ``outcome`` is set if it is a plan; ``parts``
    are what other propositions of its slot say alike, ``finer`` the claims in finer words that corroborate it.
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
    parts: tuple[Corroboration, ...] = ()
    finer: tuple[Claim, ...] = ()

    @property
    def is_firm(self) -> bool:
        """Return whether it is stated, may hold on the as-of day, and neither clashes nor is in tension."""
        doubted = any(pair.is_clash or pair.qualifier == TENSION for pair in self.beside)
        return self.verdict.notation == "stated" and self.gives and self.applies and not doubted

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
        beside = tuple(sorted(pair for claim in claims for pair in self._between.get(claim.iri, ())))
        return Judgement(verdict, tuple(claims), tuple(sorted(opposed)), endings, beside=beside, **timing)

    def _verdict_of(self, claims: Sequence[Claim], endings: Sequence[tuple[str, Ending]], *, opposed: bool) -> Term:
        """Return the verdict of what counts, else of how it ended, else of who was asked or searched."""
        current = [claim for claim in claims if claim.iri not in self.retired] if endings else claims
        stances = {claim.stance.notation for claim in current}
        if opposed and stances & {"asserts", "denies"}:
            return self._verdict("contested")
        if asserted := [claim for claim in current if asserts(claim)]:
            return first([worth(self.world, claim) for claim in asserted])
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
    def corroborations(self) -> Corroborations:
        """Return what claims of several origins corroborate."""
        return Corroborations(self)

    @cached_property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Return the outcome of every plan, by status and due day."""
        return outcomes(self.world, self.current, self._unsure)

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
        tellings = [telling(claim) for claim in self._facts]
        return Periods(tellings, list(lives(self._facts)), self._unsure, self._spoken.later)

    @cached_property
    def _facts(self) -> list[Claim]:
        """Return the current claims that assert something as a fact."""
        return [claim for claim in self.current if tells_fact(claim)]

    @cached_property
    def _unsure(self) -> set[str]:
        """Return the propositions that are denied or disputed: what they say takes certainty and ends nothing."""
        contests = (contest for contest in self._spoken.contests if not is_tension(contest, self.by_iri))
        return {self.by_iri[iri].proposition.iri for contest in contests for iri in contest[:2]}

    @cached_property
    def _day(self) -> int:
        """Return the number of the as-of day; without any date in the project, a day after all others."""
        return ordinal(self.world.as_of, FOREVER - 1)

    @cached_property
    def _holding(self) -> set[str]:
        return self.periods.holding(self._day)

    @cached_property
    def ground(self) -> Ground:
        """Return what the rules of clashes compare."""
        doubted = {self.by_iri[iri].proposition.iri for contest in self._contests for iri in contest[:2]}
        return Ground(self.world.ontology, self._facts, self.periods.runs, doubted)

    @cached_property
    def clashes(self) -> Mapping[str, tuple[Pair, ...]]:
        """Return the figures and dates that cannot all be right, by rule."""
        return {name: tuple(rule(self.ground)) for name, rule in CLASHES.items()}

    @cached_property
    def beside(self) -> frozenset[Beside]:
        """Return the pairs of claims that give each other a qualifier, once for each of the two."""
        told = (pair for pair in self.periods.beside if pair.qualifier)
        clashing = (Beside(CLASH, *sides, name) for name, pairs in self.clashes.items() for sides in _both(pairs))
        return frozenset((*told, *clashing, *self._tensions()))

    @cached_property
    def _between(self) -> Mapping[str, list[Beside]]:
        return grouped(self.beside, lambda pair: pair.claim)

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
        for ender in (iri for iri, how in ending.told if how == ending.verdict):
            then = telling(self.by_iri[ender]).run().start
            run.bound(then[0] - 1, then[1])
        return run

    # ------------------------------------------------------------ oppositions

    @cached_property
    def oppositions(self) -> Mapping[str, set[Opposition]]:
        """Return the reasons against the claims of each proposition.

        Both sides of a contest are opposed, if they assert or deny something; within one proposition, only what is
        asserted.
        """
        found: dict[str, set[Opposition]] = {}
        for contest in self._contests:
            if not is_tension(contest, self.by_iri):
                for one, other in self._sides(contest):
                    if speaks(self.by_iri[other]):
                        against = self.by_iri[other].proposition.iri
                        found.setdefault(against, set()).add(Opposition(one, other, contest.why, contest.said_in))
        return found

    def _sides(self, contest: Contest) -> Iterator[tuple[str, str]]:
        """Yield the claim that speaks with the other, and the reverse if they tell of different propositions."""
        one, other = contest[:2]
        yield one, other
        if self.by_iri[one].proposition.iri != self.by_iri[other].proposition.iri:
            yield other, one

    @cached_property
    def _spoken(self) -> Spoken:
        return spoken(self.world, self.current)

    @cached_property
    def _contests(self) -> tuple[Contest, ...]:
        """Return what is denied, disputed, set against each other, or held by two."""
        held = (pair for pair in self.periods.beside if not pair.qualifier and pair.claim < pair.other)
        return (*self._spoken.contests, *(Contest(pair.claim, pair.other, pair.rule, pair.claim) for pair in held))

    def _tensions(self) -> Iterator[Beside]:
        """Yield both sides of every contest that is in the eyes of an editor only, with the editor's claim."""
        for contest in (contest for contest in self._contests if is_tension(contest, self.by_iri)):
            editors = [iri for iri in (contest.said_in, *contest[:2]) if is_editors(self.by_iri[iri])]
            for one, other in self._sides(contest):
                yield Beside(TENSION, other, one, contest.why, next(iter(editors), contest.said_in))


def _both(pairs: Iterable[Pair]) -> Iterator[tuple[str, str]]:
    """Yield the IRIs of the claims of each pair in both orders, and of the first with each further one."""
    for pair in pairs:
        for other in (pair.other, *pair.more):
            yield pair.one.iri, other.iri
            yield other.iri, pair.one.iri


def places(claims: Iterable[Claim]) -> Iterator[list[Claim]]:
    """Yield the claims of each place that only one can hold, where there are several."""
    for mine in grouped(claims, lambda claim: place_of(claim.proposition)).values():
        if len(mine) > 1 and any(is_only(claim.proposition) for claim in mine):
            yield mine


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
