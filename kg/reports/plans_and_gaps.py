"""Build reports on plans and gaps: frozen dataclasses of plain text, for a terminal or JSON.

In: a judged world. Out: a ``PlanReport`` per plan, a ``GapReport`` per entity with gaps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from kg.judging.gaps import Cell, Inquiry, Weakness, find_gaps
from kg.judging.plans import Outcome
from kg.judging.verdicts import Judge
from kg.model.world import Claim, Ref
from kg.reports.speakers import Voice, Voices

DEFINITION = "http://www.w3.org/2004/02/skos/core#definition"
BOUNDS = {"=": "", "~": "about ", ">": "over ", "<": "under "}


@dataclass(frozen=True, slots=True)
class PlanReport:
    """The outcome of a plan.

    ``due`` is an ISO day, "" if unknown; ``reached`` is observed divided by planned (1: the goal is met), and ``bound``
    says how exact that is. ``plan_of`` names whose plan it is, if known. ``near`` was not compared: it has another
    measure or other qualifiers.
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
    said: tuple[Voice, ...]
    observed: tuple[Voice, ...]
    near: tuple[Voice, ...]

    @property
    def percent(self) -> str:
        """Return the share reached, such as ``about 26 %``, or "" if nothing was measured."""
        if self.reached is None:
            return ""
        share = (Decimal(str(self.reached)) * 100).quantize(Decimal("0.1"))
        return f"{BOUNDS.get(self.bound, 'about ')}{share.normalize():f} %"


def plan_reports(judge: Judge) -> tuple[PlanReport, ...]:
    """Return a report for every plan, by outcome, then by due day."""
    voices = Voices(judge)
    return tuple(_plan(voices, outcome) for outcome in judge.outcomes)


def _plan(voices: Voices, outcome: Outcome) -> PlanReport:
    owners = (_owner(claim) for claim in outcome.claims)
    return PlanReport(
        plan=voices.sentences.sentence(outcome.plan),
        outcome=outcome.status.notation,
        label=outcome.status.label(),
        meaning=next(iter(outcome.status.statements.get(DEFINITION, ())), ""),
        due=outcome.due,
        why=outcome.why,
        reached=None if outcome.reached is None else float(outcome.reached),
        bound=outcome.bound,
        plan_of=tuple(dict.fromkeys(voices.sentences.name(owner) for owner in owners if owner)),
        said=_spoken(voices, outcome.claims),
        observed=_spoken(voices, outcome.observations),
        near=_spoken(voices, outcome.near),
    )


def _owner(claim: Claim) -> Ref | None:
    """Return whose plan a claim describes: ``plan-of``, else the speaker, unless that is the publisher."""
    speaker = claim.ref("said-by")
    return claim.ref("plan-of") or (speaker if speaker != claim.source.facts["publisher"] else None)


def _spoken(voices: Voices, claims: Iterable[Claim]) -> tuple[Voice, ...]:
    return tuple(voices.voice(claim) for claim in claims)


# ---------------------------------------------------------------- gaps


@dataclass(frozen=True, slots=True)
class CellReport:
    """An unfilled place: what is expected, the kind of absence, and the claims that support it."""

    expected: str
    label: str
    absence: str
    absence_label: str
    meaning: str
    said: tuple[Voice, ...]


@dataclass(frozen=True, slots=True)
class StatementReport:
    """A weakly supported statement: what it lacks, in words, and its claims."""

    statement: str
    lacks: tuple[str, ...]
    verdict: str
    said: tuple[Voice, ...]


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
    voices = Voices(judge)
    opposed = {iri: len(judgement.oppositions) for iri, judgement in judge.judgements.items()}
    return tuple(_gap(voices, inquiry) for inquiry in find_gaps(judge.world, judge.current, opposed))


def _gap(voices: Voices, inquiry: Inquiry) -> GapReport:
    entity = inquiry.entity
    return GapReport(
        entity.id,
        entity.label(voices.judge.world.settings.languages),
        entity.type.label(),
        inquiry.statements,
        tuple(_cell(voices, cell) for cell in inquiry.cells),
        tuple(_statement(voices, weakness) for weakness in inquiry.weaknesses),
    )


def _cell(voices: Voices, cell: Cell) -> CellReport:
    return CellReport(
        cell.expected.notation,
        cell.expected.label(),
        cell.absence.notation,
        cell.absence.label(),
        next(iter(cell.absence.statements.get(DEFINITION, ())), ""),
        _spoken(voices, cell.claims),
    )


def _statement(voices: Voices, weakness: Weakness) -> StatementReport:
    lacks = {
        "a second witness": weakness.witnesses < 2,
        "a date": weakness.undated,
        "its place in the source": weakness.unlocated,
    }
    return StatementReport(
        voices.sentences.sentence(weakness.proposition),
        tuple(what for what, is_lacking in lacks.items() if is_lacking),
        voices.judge.judgements[weakness.proposition.iri].verdict.label(),
        _spoken(voices, weakness.claims),
    )
