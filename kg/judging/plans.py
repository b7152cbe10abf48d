"""Compare plans, targets and expectations with what claims state as a fact, whenever and wherever it was published.

In: a world and its current claims. Out: an ``Outcome`` per planned proposition, as of the world's as-of day. Only like
is compared with like: the same subject and term, with no key of another value; figures are compared in ``figures``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from kg.judging.amounts import bounds_of, reaches, way_of
from kg.judging.coverage import covering
from kg.judging.figures import Finding, days_of, measured, window_of
from kg.judging.happenings import Happening, covers_deadline
from kg.judging.origins import concludes
from kg.judging.tellings import TIME_KEYS, tells_fact
from kg.model.dates import Date, overlap
from kg.model.iris import AUTOKG
from kg.model.properties import Term
from kg.model.quantities import Quantity
from kg.model.world import Claim, Proposition, Value, World, canonical

PLANNED, STATED = f"{AUTOKG}verdict/planned", f"{AUTOKG}verdict/stated"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a plan.

    ``due`` is the last day on which the plan can be met ("" if unknown). ``observations`` are the claims compared with
    it. ``reached`` is observed divided by planned, from the bare numbers, where more is better; ``bound`` says how
    exact that is: =, ~, >, <. ``near`` are claims on the same subject that were not compared: of another measure, unit,
    qualifier or time.
    """

    plan: Proposition
    claims: tuple[Claim, ...]
    due: str
    status: Term
    why: str
    observations: tuple[Claim, ...] = ()
    reached: Decimal | None = None
    bound: str = "="
    near: tuple[Claim, ...] = ()


def outcomes(world: World, current: Iterable[Claim], unsure: Collection[str] = ()) -> tuple[Outcome, ...]:
    """Return the outcome of every plan, by status, due day and IRI.

    ``current`` are the claims that still count, ``unsure`` the IRIs of propositions that are denied or disputed.
    """
    plans: dict[str, list[Claim]] = {}
    facts: dict[tuple[str, ...], list[Claim]] = {}
    denials: list[Claim] = []
    for claim in sorted(current, key=lambda claim: claim.iri):
        stance, is_fact = claim.stance.notation, claim.modality.verdict.iri == STATED
        if stance == "asserts" and claim.modality.verdict.iri == PLANNED:
            plans.setdefault(claim.proposition.iri, []).append(claim)
        elif stance == "silent" or tells_fact(claim):
            facts.setdefault(_subject(world, claim.proposition), []).append(claim)
        elif stance == "denies" and is_fact and not concludes(claim.source):
            denials.append(claim)
    denied: dict[str, list[Claim]] = {}
    for denial, claim in covering(world, denials, [claims[0] for claims in plans.values()]):
        denied.setdefault(claim.proposition.iri, []).append(denial)
    found = []
    for iri, claims in plans.items():
        candidates = facts.get(_subject(world, claims[0].proposition), ())
        found.append(Comparison(world, claims, candidates, denied.get(iri, ()), unsure).outcome())
    return tuple(sorted(found, key=lambda outcome: (outcome.status.position, outcome.due or "9999", outcome.plan.iri)))


def _subject(world: World, proposition: Proposition) -> tuple[str, ...]:
    """Return the values of a proposition's slot keys without its term: the subject to compare by."""
    values = (proposition.content.get(key, "") for key in world.ontology.slot_keys[proposition.kind.iri])
    return proposition.kind.iri, *("" if isinstance(value, Term) else canonical(value) for value in values)


def due_of(plan: Proposition) -> str:
    """Return the last day of ``by``, else ``when``, else (not of a state) ``until``, else ``from``, else ``until``."""
    names = ("by", "when", "until", "from") if plan.kind.remains else ("by", "when", "from", "until")
    return next((date.upper for name in names if isinstance(date := plan.content.get(name), Date)), "")


@dataclass
class Comparison:
    """A plan with the claims on its subject: ``candidates`` are facts and searches, ``denials`` cover the plan."""

    world: World
    claims: Sequence[Claim]
    candidates: Sequence[Claim]
    denials: Sequence[Claim]
    unsure: Collection[str]

    def __post_init__(self) -> None:
        """Divide the candidates: like the plan, or near it."""
        self.plan = self.claims[0].proposition
        self.due, self.goal = due_of(self.plan), self.plan.content.get("value")
        self.is_past, self.told = "" < self.due < self.world.as_of, self._told()
        fits = {c.iri: _fits(self.world, self.plan, c.proposition) for c in self.candidates}
        self.searched = tuple(c for c in self.candidates if fits[c.iri] and self._is_search(c))
        seen = [c for c in self.candidates if tells_fact(c) and days_of(c)[0] <= self.world.as_of]
        before = {c.iri for c in seen if self._is_before(c)}
        self.like = [c for c in seen if fits[c.iri] and c.iri not in before]
        self.otherwise = [c for c in seen if not fits[c.iri] and c.iri not in before and self._is_near(c)]
        self.earlier = [c for c in seen if c.iri in before and (fits[c.iri] or self._is_near(c))]
        self.contested = [c for c in self.like if c.proposition.iri in self.unsure]
        launched = {*self.plan.term.launches}  # what needs a product on the market does not begin before its launch
        self.presuming = [c for c in seen if not launched.isdisjoint(c.proposition.term.needs_launch)]

    def outcome(self) -> Outcome:
        """Return what became of the plan."""
        sure = [claim for claim in self.like if claim.proposition.iri not in self.unsure]
        if isinstance(self.goal, Quantity):
            finding = measured(self.world, self.plan, self.due, sure)
        else:
            deciding = [d for d in self.denials if covers_deadline(d, self.plan, self.due, self.told)]
            finding = Happening(self.plan, self.due, self.world.as_of).finding(sure, deciding)
        finding = self._dated(finding)
        seen = finding.observations
        used = {claim.iri for claim in seen} | {claim.proposition.iri for claim in seen if tells_fact(claim)}
        is_decided = finding.reached or finding.status in ("met", "missed", "late", "not-kept")
        near = (
            ()
            if is_decided
            else (claim for claim in self._near() if used.isdisjoint((claim.iri, claim.proposition.iri)))
        )
        status = self.world.ontology.term(f"{AUTOKG}outcome/{finding.status}")
        told = (finding.why, finding.observations, finding.reached, finding.bound)
        return Outcome(self.plan, tuple(self.claims), finding.due or self.due, status, *told, tuple(near))

    # ------------------------------------------------------------ what is like the plan

    def _told(self) -> str:
        """Return the first day on which the plan can have been told."""
        said = (claim.facts.get("said-when") for claim in self.claims)
        days = [date.lower for date in said if isinstance(date, Date)]
        return min([*days, *(claim.source.published.lower for claim in self.claims)])

    def _is_search(self, claim: Claim) -> bool:
        """Return whether a claim tells that a source was searched for what was planned, for all of its time."""
        sought = claim.proposition
        first, last = sought.period
        covers = first <= (self.plan.period[0] or self.due) and self.due <= (last or self.due)
        return claim.stance.notation == "silent" and (sought.iri == self.plan.iri or covers)

    def _is_before(self, claim: Claim) -> bool:
        """Return whether a claim tells only of a time before the plan was told, in a source that tells no plan.

        A figure for the time that the plan names counts, whenever that is.
        """
        if claim.source.iri in {plan.source.iri for plan in self.claims}:
            return False
        if isinstance(self.goal, Quantity) and self.plan.content.keys() & {"when", "from"}:
            return False
        content, last = claim.proposition.content, days_of(claim)[1]
        lasts = not self.plan.kind.remains and not content.keys() & {"when", "until"}
        return max(last, claim.source.published.upper if lasts else "") < self.told

    def _is_near(self, claim: Claim) -> bool:
        """Return whether a claim that does not fit tells of the plan's time: of a figure also in another measure."""
        seen, first = claim.proposition, self.told
        if not isinstance(self.goal, Quantity):
            same = not seen.kind.remains or "when" in seen.content
            return same and _fits(self.world, self.plan, seen, without_amounts=True)
        if self.plan.content.keys() & {"when", "from"}:
            first = window_of(self.plan)[0]
        value, is_same = seen.content.get("value"), _is_within(self.world, self.plan.term, seen.term)
        alike = is_same or (isinstance(value, Quantity) and value.unit == self.goal.unit)
        dated = is_same or days_of(claim)[0] != ""
        return bool(self.due) and alike and dated and overlap((first, self.due), days_of(claim))

    def _near(self) -> list[Claim]:
        """Return what is on record of the plan's subject and was not compared."""
        earlier = self.earlier if self.is_past else ()
        claims = (*self.otherwise, *self._unused(), *self.contested, *self.denials, *self.presuming, *earlier)
        return [claim for _, claim in sorted({claim.iri: claim for claim in claims}.items())]

    def _unused(self) -> list[Claim]:
        """Return the figures that are like the plan's, for a time that overlaps with the plan's."""
        return [claim for claim in self.like if self._is_near(claim)] if isinstance(self.goal, Quantity) else []

    # ------------------------------------------------------------ what follows from the day

    def _dated(self, finding: Finding) -> Finding:
        """Return the finding, or if it has no status, the status that follows from the due day."""
        is_early = finding.status == "missed" and not self.is_past
        if finding.status and finding.status != "so far" and not is_early:
            return finding
        if not self.is_past:
            told = finding.why or ("not due yet" if self.due else "names no day")
            return replace(finding, status="open", why=told)
        if self.searched and not self.contested:
            found = (*finding.observations, *self.searched)
            return Finding("never-reported", "somebody searched and found nothing", found)
        status, why = self._overdue(finding)
        return replace(finding, status=status, why=why)

    def _overdue(self, finding: Finding) -> tuple[str, str]:
        """Return the status of a plan whose day has passed and that no claim decides, and why."""
        is_figure = isinstance(self.goal, Quantity)
        if finding.observations:
            return "overdue", finding.why
        if self.contested:
            return "undecided", "what is on record of it is denied or disputed"
        if self.otherwise and not is_figure:
            return "undecided", "it is on record with another value, or without one"
        if self.otherwise or self._unused():
            return "not-comparable", "what is on record for that time is of another measure, unit, qualifier or period"
        if self.presuming:
            return "undecided", "what is on record needs it to have come about; whether in time is not told"
        if self.denials:
            return "overdue", "a denial is on record, and does not decide"
        if self.earlier:
            return "overdue", "what is on record tells of another time"
        if is_figure and "when" in self.plan.content:
            return "never-reported", "no figure for that time is on record"
        return "overdue", "nothing on record says whether it came about"


# ---------------------------------------------------------------- likeness


def _fits(world: World, plan: Proposition, seen: Proposition, *, without_amounts: bool = False) -> bool:
    """Return whether an observation matches a plan: for figures on every qualifier, else on those that both have.

    An amount beside the subject, such as a share, must be told, and reach that of the plan.
    """
    mine, theirs = (_compared(proposition) for proposition in (plan, seen))
    if "value" in plan.content:
        same = mine.keys() == theirs.keys()
        return same and all(_is_within(world, value, theirs[key]) for key, value in mine.items())
    amounts = {key for key, value in mine.items() if isinstance(value, Quantity)}
    if not all(_is_within(world, mine[key], theirs[key]) for key in mine.keys() & theirs.keys() - amounts):
        return False
    return without_amounts or all(_is_reached(mine[key], theirs.get(key)) for key in amounts)


def _compared(proposition: Proposition) -> dict[str, Value]:
    return {name: value for name, value in proposition.content.items() if name not in TIME_KEYS and name != "value"}


def _is_within(world: World, planned: Value, seen: Value) -> bool:
    if isinstance(planned, Term) and isinstance(seen, Term):
        return planned.iri in world.ontology.broader(seen.iri)
    return canonical(planned) == canonical(seen)


def _is_reached(planned: Value, seen: Value | None) -> bool:
    """Return whether an amount is reached, by the comparator of the plan."""
    if not isinstance(planned, Quantity) or not isinstance(seen, Quantity) or planned.unit != seen.unit:
        return False
    if planned.number is None or seen.number is None:
        return canonical(planned) == canonical(seen)
    return reaches(planned, bounds_of(seen), way_of(planned)) is True
