"""Build reports on plans and gaps: frozen dataclasses of plain text, for a terminal or JSON.

In: a judged world. Out: a ``PlanReport`` per plan, a ``GapReport`` per entity with gaps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from kg.judging.gaps import Cell, Inquiry, Weakness, find_gaps
from kg.judging.planners import whose_plan
from kg.judging.plans import Outcome
from kg.judging.verdicts import Judge
from kg.model.world import Claim
from kg.reports.claim_text import ClaimText
from kg.reports.telling import Teller

BOUNDS = {"=": "", "~": "about ", ">": "over ", "<": "under "}


@dataclass(frozen=True, slots=True)
class PlanReport:
    """The outcome of a plan.

    ``due`` is an ISO day, "" if unknown; ``reached`` is observed divided by planned (1: the goal is met), and ``bound``
    says how exact that is. ``plan_of`` names whose plan it is, if that is told. ``near`` is on record and was not
    compared: it has another measure, unit, qualifier or time, or is denied or disputed.
    """

    plan: str
    outcome: str
    label: str
    meaning: str
    due: str
    why: str
    reached: float | None
    bound: str
    plan_of: tuple[str, ...]
    said: tuple[ClaimText, ...]
    observed: tuple[ClaimText, ...]
    near: tuple[ClaimText, ...]

    @property
    def percent(self) -> str:
        """Return the share reached, such as ``about 26 %``, or "" if nothing was measured."""
        if self.reached is None:
            return ""
        share = (Decimal(str(self.reached)) * 100).quantize(Decimal("0.1"))
        return f"{BOUNDS.get(self.bound, 'about ')}{share.normalize():f} %"


def plan_reports(judge: Judge) -> tuple[PlanReport, ...]:
    """Return a report for every plan, by outcome, then by due day."""
    teller = Teller(judge)
    return tuple(_plan(teller, outcome) for outcome in judge.outcomes)


def _plan(teller: Teller, outcome: Outcome) -> PlanReport:
    judge = teller.judge
    owners = (whose_plan(judge.world, judge.origins.descent, claim) for claim in outcome.claims)
    return PlanReport(
        plan=teller.sentences.sentence(outcome.plan),
        outcome=outcome.status.notation,
        label=outcome.status.label(),
        meaning=outcome.status.comment,
        due=outcome.due,
        why=outcome.why,
        reached=None if outcome.reached is None else float(outcome.reached),
        bound=outcome.bound,
        plan_of=tuple(dict.fromkeys(teller.sentences.name(owner) for owner in owners if owner)),
        said=_spoken(teller, outcome.claims),
        observed=_spoken(teller, outcome.observations),
        near=_spoken(teller, outcome.near),
    )


def _spoken(teller: Teller, claims: Iterable[Claim]) -> tuple[ClaimText, ...]:
    return tuple(teller.claim(claim) for claim in claims)


# ---------------------------------------------------------------- gaps


@dataclass(frozen=True, slots=True)
class CellReport:
    """An unfilled place: what is expected, the kind of absence, and the claims that support it."""

    expected: str
    label: str
    absence: str
    absence_label: str
    meaning: str
    said: tuple[ClaimText, ...]


@dataclass(frozen=True, slots=True)
class StatementReport:
    """A weakly supported statement: what it lacks, in words, and its claims."""

    statement: str
    lacks: tuple[str, ...]
    verdict: str
    said: tuple[ClaimText, ...]


@dataclass(frozen=True, slots=True)
class GapReport:
    """The gaps of one entity; ``statements`` is the number of statements that mention it."""

    id: str
    name: str
    type: str
    statements: int
    cells: tuple[CellReport, ...]
    weak: tuple[StatementReport, ...]


def gap_reports(judge: Judge) -> tuple[GapReport, ...]:
    """Return a report per entity with gaps, the most mentioned entity first."""
    teller = Teller(judge)
    opposed = {iri: len(judgement.oppositions) for iri, judgement in judge.judgements.items()}
    inquiries = find_gaps(judge.world, judge.current, opposed, judge.corroborations.whole)
    return tuple(_gap(teller, inquiry) for inquiry in inquiries)


def _gap(teller: Teller, inquiry: Inquiry) -> GapReport:
    entity = inquiry.entity
    return GapReport(
        entity.id,
        entity.label(teller.judge.world.settings.languages),
        entity.type.label(),
        inquiry.statements,
        tuple(_cell(teller, cell) for cell in inquiry.cells),
        tuple(_statement(teller, weakness) for weakness in inquiry.weaknesses),
    )


def _cell(teller: Teller, cell: Cell) -> CellReport:
    return CellReport(
        cell.expected.notation,
        cell.expected.label(),
        cell.absence.notation,
        cell.absence.label(),
        cell.absence.comment,
        _spoken(teller, cell.claims),
    )


def _statement(teller: Teller, weakness: Weakness) -> StatementReport:
    lacks = {
        "a second witness": weakness.witnesses < 2,
        "a date": weakness.undated,
        "its place in the source": weakness.unlocated,
    }
    return StatementReport(
        teller.sentences.sentence(weakness.proposition),
        tuple(what for what, is_lacking in lacks.items() if is_lacking),
        teller.judge.judgements[weakness.proposition.iri].verdict.label(),
        _spoken(teller, weakness.claims),
    )
