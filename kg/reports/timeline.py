"""Build the timeline of an entity: events, roles and relations with their periods, figures, publications.

Dates stay as imprecise as in the source: an entry has the first and last possible day, and the text as written. Entries
without a date come last, ordered by when they were first said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kg.judging.verdicts import Judge, Judgement
from kg.model.dates import Date
from kg.model.errors import UsageError
from kg.model.ontology import nearest
from kg.model.terms import Verdict
from kg.model.world import Proposition, Ref, Source, World
from kg.reports.telling import Teller, last_part

PUBLICATION = "publication"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline.

    ``when`` is the date as written, "" if there is none; ``earliest`` and ``latest`` are the first and last day that it
    allows, as ISO text, "" if open. ``first_said`` is the publication date of the first source, as written;
    ``known_from`` is the last day that this date allows.
    """

    when: str
    earliest: str
    latest: str
    kind: str
    sentence: str
    verdict: str
    first_said: str
    known_from: str
    proposition: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The entries of an entity in order, those without a date last."""

    entity: str
    label: str
    entries: tuple[Entry, ...]
    verdicts: Mapping[str, str]


def build_timeline(world: World, judgements: Mapping[str, Judgement], entity: str) -> Timeline:
    """Return the timeline of an entity by its id. Raises UsageError if the id is unknown.

    If the world has an explicit as-of day, entries that begin after it are left out.
    """
    if entity not in world.entities:
        near = nearest(entity, world.entities)
        raise UsageError(f"no entity '{entity}'" + (f"; did you mean '{near}'?" if near else ""))
    teller, day = Teller(Judge(world), judgements), world.clocks.as_of
    told = [_entry(teller, p) for p in world.propositions if _speaks_of(p, entity)]
    entries = [*told, *(_published(source) for source in _sources_by(world, entity))]
    kept = [entry for entry in entries if not day or entry.earliest <= day]
    return Timeline(
        entity,
        world.entities[entity].label(world.settings.languages),
        tuple(sorted(kept, key=_order)),
        {id: term.label() for id, term in world.ontology.of(Verdict).items()},
    )


def _speaks_of(proposition: Proposition, entity: str) -> bool:
    return any(
        ref.id == entity
        for value in proposition.content.values()
        for ref in (value if isinstance(value, tuple) else (value,))
        if isinstance(ref, Ref)
    )


def _sources_by(world: World, entity: str) -> Iterator[Source]:
    for source in world.sources.values():
        publisher = source.facts["publisher"]
        if isinstance(publisher, Ref) and publisher.id == entity:
            yield source


def _entry(teller: Teller, proposition: Proposition) -> Entry:
    judgement = teller.judgements[proposition.iri]
    first = min((claim.source.published for claim in judgement.claims), key=lambda date: (date.upper, date.lower))
    earliest, latest = _bounds(proposition)
    return Entry(
        when=teller.when(proposition),
        earliest=earliest,
        latest=latest,
        kind=proposition.kind.notation,
        sentence=teller.sentences.sentence(proposition),
        verdict=judgement.verdict.notation,
        first_said=str(first),
        known_from=first.upper,
        proposition=last_part(proposition.iri),
        sources=tuple(sorted({claim.source.id for claim in judgement.current or judgement.claims})),
    )


def _published(source: Source) -> Entry:
    date, title = source.published, str(source.facts["title"])
    return Entry(
        str(date), date.lower, date.upper, PUBLICATION, f"“{title}”", "", str(date), date.upper, "", (source.id,)
    )


def _bounds(proposition: Proposition) -> tuple[str, str]:
    """Return the first and last possible day; a deadline counts as the last."""
    earliest, latest = proposition.period
    due = proposition.content.get("by")
    return earliest, latest or (due.upper if isinstance(due, Date) else "")


def _order(entry: Entry) -> tuple[bool, str, str, str, str]:
    """Sort by the first possible day, wider dates first; undated entries by when they were first said."""
    start = entry.earliest or entry.latest
    wide = "".join(chr(0x10FFFF - ord(c)) for c in entry.latest or "9999")
    return not start, start or entry.known_from, wide, entry.kind, entry.sentence
