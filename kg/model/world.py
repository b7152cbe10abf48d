"""The checked content of a project: entities, sources, propositions and claims. All classes are frozen."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import cast

from kg.model.dates import Date
from kg.model.errors import Location
from kg.model.iris import data_prefixes, digest
from kg.model.ontology import Ontology
from kg.model.properties import Term
from kg.model.quantities import WORDS, Quantity, plain, readable
from kg.model.terms import EntityType, Evidence, Key, Kind, Modality, Predicate, Stance, Unit


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference to an entity, a source or a claim: its IRI, and the id as written."""

    iri: str
    id: str


Value = Ref | Term | Date | Quantity | str | tuple[Ref, ...] | tuple[str, ...]
Facts = Mapping[str, Value]
ONE = ("one", "1 unnamed")  # how ``stands-for`` tells that there is exactly one


@dataclass(frozen=True)
class Settings:
    """The settings of ``kg.yaml``."""

    title: str
    base: str
    licence: str = ""
    languages: tuple[str, ...] = ("en", "zh")

    @property
    def prefixes(self) -> dict[str, str]:
        """Return every prefix used in the project's data."""
        return data_prefixes(self.base)


@dataclass(frozen=True)
class Entity:
    """A person, organisation or thing that claims refer to. It holds identity only."""

    id: str
    iri: str
    type: EntityType
    names: Mapping[str, str]
    facts: Facts
    place: Location = field(compare=False)

    def label(self, languages: tuple[str, ...] = ("en",)) -> str:
        """Return the name in the first language that has one, or else any name, or else the id."""
        return next(
            (self.names[lang] for lang in languages if lang in self.names), next(iter(self.names.values()), self.id)
        )

    @property
    def stands_for_any(self) -> bool:
        """Return whether the entity represents every instance of its type."""
        return self.facts.get("stands-for") == "any"

    @property
    def stands_for_one(self) -> bool:
        """Return whether the entity represents exactly one, without a name."""
        return self.facts.get("stands-for") in ONE

    @property
    def least(self) -> int:
        """Return the least number that the entity represents; 1 if unknown."""
        number = str(self.facts.get("stands-for", ""))
        digits = re.search(r"[0-9]+", number)
        return int(digits[0]) if digits else 2 if number == "several" else 1


@dataclass(frozen=True)
class Source:
    """A document that makes claims: the named graph of its claims."""

    id: str
    iri: str
    facts: Facts
    place: Location = field(compare=False)

    @property
    def published(self) -> Date:
        """Return the publication date, as precise as it is known."""
        published = self.facts["published"]
        assert isinstance(published, Date)  # noqa: S101 - the check requires it
        return published


@dataclass(frozen=True)
class Proposition:
    """A statement that can be true or false: its kind, the term that names it, and its content by key."""

    iri: str
    slot: str
    kind: Kind
    term: Predicate
    content: Facts

    def ref(self, key: str) -> Ref | None:
        """Return the entity or claim under a key."""
        value = self.content.get(key)
        return value if isinstance(value, Ref) else None

    @cached_property
    def period(self) -> tuple[str, str]:
        """Return the first and last day on which it holds; "" means open or unknown."""
        lower = max((d.lower for k in ("when", "from") if isinstance(d := self.content.get(k), Date)), default="")
        uppers = [d.upper for k in ("when", "until") if isinstance(d := self.content.get(k), Date) and d.upper]
        return lower, min(uppers, default="")


class Participation(Proposition):
    """An agent plays a role towards a target, or for a counterparty."""

    @property
    def agent(self) -> Ref:
        """Return the entity that plays the role."""
        return cast(Ref, self.content["agent"])

    @property
    def target(self) -> Ref | None:
        """Return the entity that the role refers to, if the claim names one."""
        return self.ref("target")


class Relation(Proposition):
    """Two entities, or two claims, are joined."""

    @property
    def subject(self) -> Ref:
        """Return the first."""
        return cast(Ref, self.content["subject"])

    @property
    def object(self) -> Ref:
        """Return the second."""
        return cast(Ref, self.content["object"])


class Event(Proposition):
    """Something happens once, to one entity or between several."""


class Figure(Proposition):
    """A quantity is measured, or aimed at."""

    @property
    def value(self) -> Quantity:
        """Return the quantity."""
        return cast(Quantity, self.content["value"])


PROPOSITIONS: Mapping[str, type[Proposition]] = {
    kind.__name__.lower(): kind for kind in (Participation, Relation, Event, Figure)
}


@dataclass(frozen=True)
class Claim:
    """A statement by one source: stance, speaker, certainty, location in the source.

    ``wording`` keeps the source's text for content keys where it differs from the proposition.
    """

    iri: str
    source: Source
    proposition: Proposition
    facts: Facts
    links: Mapping[str, tuple[str, ...]]
    place: Location = field(compare=False)
    wording: Mapping[str, str] = field(default_factory=dict)

    @property
    def stance(self) -> Stance:
        """Return whether the claim asserts the proposition, denies it, or takes another stance."""
        return cast(Stance, self.facts["stance"])  # the check fills these three

    @property
    def modality(self) -> Modality:
        """Return whether the claim states a fact, a plan, a policy or something else."""
        return cast(Modality, self.facts["modality"])

    @property
    def evidence(self) -> Evidence:
        """Return the kind of evidence for the claim."""
        return cast(Evidence, self.facts["evidence"])

    def ref(self, key: str) -> Ref | None:
        """Return the entity or source under a key."""
        value = self.facts.get(key)
        return value if isinstance(value, Ref) else None

    def text(self, key: str) -> str:
        """Return the text under a key, or ""."""
        value = self.facts.get(key)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Clocks:
    """The two dates that select a view of a world, as ISO text; "" means the last known day."""

    as_of: str = ""
    known_by: str = ""


@dataclass(frozen=True)
class World:
    """A checked project, from which everything else is derived."""

    settings: Settings
    ontology: Ontology
    entities: Mapping[str, Entity]
    sources: Mapping[str, Source]
    claims: tuple[Claim, ...]
    clocks: Clocks = Clocks()

    @cached_property
    def types(self) -> Mapping[str, EntityType]:
        """Return the type of every entity by its id."""
        return {id: entity.type for id, entity in self.entities.items()}

    @cached_property
    def mentions(self) -> Counter[str]:
        """Return, by id, the number of claims that name each entity."""
        ids = {proposition.iri: _ids_in(self, proposition) for proposition in self.propositions}
        return Counter(id for claim in self.claims for id in ids[claim.proposition.iri])

    @cached_property
    def propositions(self) -> list[Proposition]:
        """Return the distinct propositions, sorted by IRI."""
        return [p for _, p in sorted({claim.proposition.iri: claim.proposition for claim in self.claims}.items())]

    @property
    def as_of(self) -> str:
        """Return the day for which answers hold; by default the same day as ``known_by``."""
        return self.clocks.as_of or self.known_by

    @cached_property
    def known_by(self) -> str:
        """Return the day up to which sources are included; by default the latest possible publication date."""
        return self.clocks.known_by or max((s.published.upper for s in self.sources.values()), default="")

    def at(self, clocks: Clocks) -> World:
        """Return the world as of two dates, without sources that may have been published later.

        The last day of an imprecise publication date counts. A claim about an excluded claim is excluded too; a claim
        that only links to one stays, without the link.
        """
        if not clocks.known_by:
            return replace(self, clocks=clocks)
        sources = {id: s for id, s in self.sources.items() if "" < s.published.upper <= clocks.known_by}
        claims = {claim.iri: claim for claim in self.claims if claim.source.id in sources}
        whole = {claim.iri for claim in self.claims}
        unknown = whole - claims.keys()
        while cut := {iri for iri, claim in claims.items() if not unknown.isdisjoint(_mentions(claim))}:
            claims = {iri: claim for iri, claim in claims.items() if iri not in cut}
            unknown |= cut
        kept = (_linking_to(claim, claims) for claim in claims.values())
        return replace(self, sources=sources, claims=tuple(kept), clocks=clocks)


def _ids_in(world: World, proposition: Proposition) -> set[str]:
    """Return the ids of the entities that a proposition names."""
    values = proposition.content.values()
    members = (member for value in values for member in (value if isinstance(value, tuple) else (value,)))
    return {member.id for member in members if isinstance(member, Ref) and member.id in world.entities}


def _mentions(claim: Claim) -> list[str]:
    """Return the IRIs that a claim's proposition refers to, including claims."""
    return [value.iri for value in claim.proposition.content.values() if isinstance(value, Ref)]


def _linking_to(claim: Claim, known: Mapping[str, Claim]) -> Claim:
    links = {name: tuple(iri for iri in targets if iri in known) for name, targets in claim.links.items()}
    return replace(claim, links={name: targets for name, targets in links.items() if targets})


def canonical(value: Value) -> str:
    """Return the canonical text of a value: full IRIs, date bounds, numbers without trailing zeros, no wording."""
    if isinstance(value, Ref | Term):
        return value.iri
    if isinstance(value, Date):
        return f"{value.lower}/{value.upper}"
    if isinstance(value, Quantity):
        numbers = (plain(n) if n is not None else "" for n in (value.number, value.upper))
        return " ".join((value.comparator, *numbers, value.unit, value.per))
    if isinstance(value, tuple):
        return "|".join(sorted(canonical(member) for member in value))
    return value


def make_proposition(
    kind: Kind, term: Predicate, content: Facts, *, base: str, slot_keys: tuple[str, ...], period: str
) -> Proposition:
    """Build a proposition: its IRI comes from its content, its slot from the subject without time and manner."""
    texts = {key: canonical(value) for key, value in content.items()}
    parts = [f"{key}={texts[key]}" for key in sorted(texts)]
    texts["period"] = period
    slot_parts = [f"{key}={texts.get(key, '')}" for key in slot_keys]
    return PROPOSITIONS[kind.notation](
        iri=f"{base}proposition/{digest(kind.iri, *parts)}",
        slot=f"{base}slot/{digest(kind.iri, *slot_parts)}",
        kind=kind,
        term=term,
        content=content,
    )


def name_claim(source: Source, proposition: Proposition, facts: Facts, base: str) -> str:
    """Return the IRI of a claim, from source, speaker, modality, stance, proposition and primary source; no locator."""
    identity = ("said-by", "modality", "stance", "second-hand")
    return f"{base}claim/{digest(source.iri, proposition.iri, *(canonical(facts.get(key, '')) for key in identity))}"


def period_of(ontology: Ontology, content: Facts) -> str:
    """Return the time that a figure covers as an ``xsd:duration``, from the rate's unit or the date's length, or ""."""
    quantity, when = content.get("value"), content.get("when")
    if isinstance(quantity, Quantity) and quantity.per:
        return ontology.typed(Unit, quantity.per).unit_duration
    return when.duration if isinstance(when, Date) else ""


def far_key(proposition: Proposition) -> str:
    """Return the key at the far end: the kind's first one present; a counterparty only if the term allows it, or ""."""
    keys = (key.notation for key in far_keys(proposition.kind, proposition.term))
    return next((key for key in keys if key in proposition.content), "")


def far_keys(kind: Kind, term: Predicate) -> tuple[Key, ...]:
    """Return the keys that can hold the far end: the first of the kind, and those that the term allows."""
    return tuple(key for key in kind.line_to if key in (kind.line_to[0], *term.far_ends))


def line_ends(proposition: Proposition) -> tuple[Ref, Ref] | None:
    """Return the entities at the near and the far end, or None if either is missing."""
    if not (begin := proposition.kind.line_from):
        return None
    content = proposition.content
    near, far = content.get(begin.notation), content.get(far_key(proposition))
    return (near, far) if isinstance(near, Ref) and isinstance(far, Ref) else None


def without_wording(ontology: Ontology, value: Value) -> Value:
    """Return a value in the form a proposition stores: dates without ~ and ?, plain numbers, single spaces."""
    if isinstance(value, Date):
        plain_edtf = re.sub("[~?%]", "", value.edtf)
        return value if plain_edtf == value.edtf and not value.name else replace(value, edtf=plain_edtf, name="")
    if isinstance(value, Quantity):
        text = _plain_quantity(ontology, value)
        return value if text == value.text else replace(value, text=text)
    return " ".join(value.split()) if isinstance(value, str) else value


def _plain_quantity(ontology: Ontology, value: Quantity) -> str:
    if value.number is None:
        return value.text
    numbers = [readable(plain(number)) for number in (value.number, value.upper) if number is not None]
    unit, per = (ontology.term(iri).notation if iri else "" for iri in (value.unit, value.per))
    spaced = f" {unit}" if unit[:1].isalpha() else unit
    return f"{WORDS[value.comparator]} {' to '.join(numbers)}{spaced}{f'/{per}' if per else ''}".strip()


def default_facts(
    ontology: Ontology, types: Mapping[str, EntityType], source: Source, facts: Facts
) -> dict[str, Value]:
    """Return the default values of a claim: speaker, stance, modality, evidence.

    The default speaker is the publisher, who narrates; for another speaker the evidence is the default of its type.
    """
    publisher = source.facts["publisher"]
    speaker = facts.get("said-by", publisher)
    type_ = types.get(speaker.id) if isinstance(speaker, Ref) and speaker != publisher else None
    evidence = type_.default_evidence if type_ else None
    return {
        "said-by": publisher,
        "stance": ontology.of(Stance)["asserts"],
        "modality": ontology.of(Modality)["conditional" if "if" in facts else "actual"],
        "evidence": evidence or ontology.of(Evidence)["narration"],
    }
