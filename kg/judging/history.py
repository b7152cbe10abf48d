"""Judge a world as it was known on each day, without judging again what no new claim bears on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from kg.judging.verdicts import Judge, Judgement, asserts, covering, denies, excluding
from kg.model.properties import Term
from kg.model.world import Claim, Clocks, Ref, World

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


def bearing(world: World) -> list[list[Claim]]:
    """Return the claims in parts, so that no claim bears on the verdict of a proposition in another part.

    Claims bear on each other if they tell of one proposition, if one links to the other or speaks about it, if one
    denies what the other says, or if they name two holders of what one holds alone; and so do those that bear on these.
    """
    known = {claim.iri for claim in world.claims}
    pairs = [(claim.iri, claim.proposition.iri) for claim in world.claims]
    for claim in world.claims:
        ends = (value.iri for value in claim.proposition.content.values() if isinstance(value, Ref))
        linked = (iri for targets in claim.links.values() for iri in targets)
        pairs += [(claim.iri, iri) for iri in (*ends, *linked) if iri in known]
    asserted, denials = ([claim for claim in world.claims if is_so(claim)] for is_so in (asserts, denies))
    for one, other in (*covering(world, denials, asserted), *excluding(asserted)):
        pairs.append((one.iri, other.iri))
    part_of = _joined(pairs)
    found: dict[str, list[Claim]] = {}
    for claim in world.claims:
        found.setdefault(part_of(claim.iri), []).append(claim)
    return list(found.values())


def _joined(pairs: Iterable[tuple[str, str]]) -> Callable[[str], str]:
    """Return a function that gives the same name for all that pairs join, directly or not."""
    above: dict[str, str] = {}

    def top(name: str) -> str:
        while (higher := above.get(name, name)) != name:
            above[name] = above.get(higher, higher)  # halve the path, so that later look-ups are short
            name = higher
        return name

    for one, other in pairs:
        above[top(one)] = top(other)
    return top
