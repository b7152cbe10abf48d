"""Judge a world as it was known on each day, without judging again what no new claim bears on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from kg.judging.bearing import bearing
from kg.judging.verdicts import Judge, Judgement
from kg.model.properties import Term
from kg.model.world import Claim, Clocks, World

MOST_DAYS = 120  # days on which a part is judged; if its sources appear on more, they are sampled evenly


def histories(world: World) -> dict[str, tuple[tuple[str, Term], ...]]:
    """Return, by proposition IRI, each day on which a publication changes the verdict, with the new verdict."""
    found: dict[str, list[tuple[str, Term]]] = {}
    for day, judgements in changes(world):
        for iri, judgement in judgements.items():
            history = found.setdefault(iri, [])
            if not history or history[-1][1] != judgement.verdict:
                history.append((day, judgement.verdict))
    return {iri: tuple(history) for iri, history in found.items()}


def changes(world: World) -> Iterator[tuple[str, Mapping[str, Judgement]]]:
    """Yield each day on which claims become known, and the judgements, by proposition IRI, that may change with them.

    The last day of an imprecise publication date counts; claims without one never become known.
    """
    by_day: dict[str, list[Claim]] = {}
    for part in bearing(world):
        days = sorted({claim.source.published.upper for claim in part} - {""})
        step = -(-len(days) // MOST_DAYS) or 1
        for day in days[::-1][::step]:
            by_day.setdefault(day, []).extend(part)
    for day, claims in sorted(by_day.items()):
        known = replace(world, claims=tuple(claims)).at(Clocks(as_of=world.clocks.as_of, known_by=day))
        yield day, Judge(known).judgements
