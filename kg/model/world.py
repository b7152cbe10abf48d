"""What a project says, once it is checked: entities, sources, propositions and claims. All frozen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from kg.model.dates import Date
from kg.model.errors import Location
from kg.model.iris import data_prefixes, digest
from kg.model.ontology import Ontology, Term
from kg.model.quantities import WORDS, Quantity, plain, readable


@dataclass(frozen=True, slots=True)
class Ref:
    """A mention of an entity, a source or a claim: its IRI, and the id that a person wrote."""

    iri: str
    id: str


Value = Ref | Term | Date | Quantity | str | tuple[Ref, ...] | tuple[str, ...]
Facts = Mapping[str, Value]


@dataclass(frozen=True)
class Settings:
    """The settings of ``kg.yaml``."""

    title: str
    base: str
    licence: str = ""
    languages: tuple[str, ...] = ("en", "zh")

    @property
    def prefixes(self) -> dict[str, str]:
        """Return every prefix that the project's data use."""
        return data_prefixes(self.base)


@dataclass(frozen=True)
class Entity:
    """Who or what is talked about: identity only."""

    id: str
    iri: str
    type: Term
    names: Mapping[str, str]
    facts: Facts
    place: Location = field(compare=False)

    def label(self, languages: tuple[str, ...] = ("en",)) -> str:
        """Return the name in the first of the languages that has one, else any name, else the id."""
        return next(
            (self.names[lang] for lang in languages if lang in self.names), next(iter(self.names.values()), self.id)
        )

    @property
    def stands_for_any(self) -> bool:
        """Tell whether the entity stands for every one of its type."""
        return self.facts.get("stands-for") == "any"


@dataclass(frozen=True)
class Source:
    """A document in which claims were made: the named graph of its claims."""

    id: str
    iri: str
    facts: Facts
    place: Location = field(compare=False)

    @property
    def published(self) -> Date:
        """Return when it was published, as precisely as is known."""
        published = self.facts["published"]
        assert isinstance(published, Date)  # noqa: S101 - the check requires it
        return published


@dataclass(frozen=True)
class Proposition:
    """Something that could be true: its kind, the term that names it, and its content by key."""

    iri: str
    slot: str
    kind: Term
    term: Term
    content: Facts

    @cached_property
    def period(self) -> tuple[str, str]:
        """Return the days (first, last; "" where open or unknown) for which it is said to hold."""
        lower = max((d.lower for k in ("when", "from") if isinstance(d := self.content.get(k), Date)), default="")
        uppers = [d.upper for k in ("when", "until") if isinstance(d := self.content.get(k), Date) and d.upper]
        return lower, min(uppers, default="")


@dataclass(frozen=True)
class Claim:
    """One source saying one thing: stance, speaker, how sure, where.

    ``wording`` keeps the text of content keys that the source words otherwise than the proposition does.
    """

    iri: str
    source: Source
    proposition: Proposition
    facts: Facts
    links: Mapping[str, tuple[str, ...]]
    place: Location = field(compare=False)
    wording: Mapping[str, str] = field(default_factory=dict)

    def term(self, key: str) -> Term:
        """Return the term under a key that every claim has: stance, modality, evidence."""
        value = self.facts[key]
        assert isinstance(value, Term)  # noqa: S101 - the check fills it
        return value

    def ref(self, key: str) -> Ref | None:
        """Return the entity or source under a key."""
        value = self.facts.get(key)
        return value if isinstance(value, Ref) else None

    def text(self, key: str) -> str:
        """Return the text under a key, or nothing."""
        value = self.facts.get(key)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Clocks:
    """The two days at which a world is looked at, as ISO text; "" stands for the last day that is known of."""

    as_of: str = ""
    known_by: str = ""


@dataclass(frozen=True)
class World:
    """A checked project: everything that the rest is made from."""

    settings: Settings
    ontology: Ontology
    entities: Mapping[str, Entity]
    sources: Mapping[str, Source]
    claims: tuple[Claim, ...]
    clocks: Clocks = Clocks()

    @cached_property
    def propositions(self) -> list[Proposition]:
        """Return every proposition once, sorted by IRI."""
        return [p for _, p in sorted({claim.proposition.iri: claim.proposition for claim in self.claims}.items())]

    @property
    def as_of(self) -> str:
        """Return the day for which answers hold; unless one was named, the day up to which sources are known."""
        return self.clocks.as_of or self.known_by

    @cached_property
    def known_by(self) -> str:
        """Return the day up to which sources are known; unless one was named, the last on which one may appear."""
        return self.clocks.known_by or max((s.published.upper for s in self.sources.values()), default="")

    def at(self, clocks: Clocks) -> World:
        """Return the world as it stands at two days: without the sources that may have been published later.

        The end of an imprecise date of publication counts. A claim about a claim that is not known yet is not known
        either; a claim that only links to one stays, without the link.
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


def _mentions(claim: Claim) -> list[str]:
    """Return the IRIs of what a claim's proposition speaks of, claims among them."""
    return [value.iri for value in claim.proposition.content.values() if isinstance(value, Ref)]


def _linking_to(claim: Claim, known: Mapping[str, Claim]) -> Claim:
    links = {name: tuple(iri for iri in targets if iri in known) for name, targets in claim.links.items()}
    return replace(claim, links={name: targets for name, targets in links.items() if targets})


def canonical(value: Value) -> str:
    """Return what identifies a value: full IRIs, date bounds, numbers without idle zeros, no wording."""
    if isinstance(value, Ref):
        return value.iri
    if isinstance(value, Term):
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
    kind: Term, term: Term, content: Facts, *, base: str, slot_keys: tuple[str, ...], period: str
) -> Proposition:
    """Name a proposition by its content, and its slot by what it is about without when and how."""
    texts = {key: canonical(value) for key, value in content.items()}
    parts = [f"{key}={texts[key]}" for key in sorted(texts)]
    about = {**texts, "period": period}
    slot_parts = [f"{key}={about.get(key, '')}" for key in slot_keys]
    return Proposition(
        iri=f"{base}proposition/{digest(kind.iri, *parts)}",
        slot=f"{base}slot/{digest(kind.iri, *slot_parts)}",
        kind=kind,
        term=term,
        content=content,
    )


def name_claim(source: Source, proposition: Proposition, facts: Facts, base: str) -> str:
    """Name a claim by source, speaker, modality, stance, proposition and primary source; no locator."""
    identity = ("said-by", "modality", "stance", "second-hand")
    return f"{base}claim/{digest(source.iri, proposition.iri, *(canonical(facts.get(key, '')) for key in identity))}"


def period_of(ontology: Ontology, content: Facts) -> str:
    """Return the time that a figure covers as an ``xsd:duration``, or nothing: a rate's unit, or its date's length."""
    quantity, when = content.get("value"), content.get("when")
    if isinstance(quantity, Quantity) and quantity.per:
        return ontology.term(quantity.per).one("unitDuration")
    return when.duration if isinstance(when, Date) else ""


def far_key(ontology: Ontology, proposition: Proposition) -> str:
    """Return the key at the far end: the kind's first that is there; a counterparty only where the term says so."""
    ends = sorted((ontology.term(iri) for iri in proposition.kind.all("lineTo")), key=lambda key: key.position)
    allowed = (
        {ends[0].notation, *(ontology.term(iri).notation for iri in ontology.inherited(proposition.term, "farEnd"))}
        if ends
        else ()
    )
    return next((key.notation for key in ends if key.notation in proposition.content and key.notation in allowed), "")


def line_ends(ontology: Ontology, proposition: Proposition) -> tuple[Ref, Ref] | None:
    """Return the entities at the near and the far end, where both are told."""
    if not (begin := proposition.kind.one("lineFrom")):
        return None
    content = proposition.content
    near, far = content.get(ontology.term(begin).notation), content.get(far_key(ontology, proposition))
    return (near, far) if isinstance(near, Ref) and isinstance(far, Ref) else None


def without_wording(ontology: Ontology, value: Value) -> Value:
    """Return a value as a proposition holds it: dates without ~ and ?, quantities in plain figures, single spaces."""
    if isinstance(value, Date):
        return replace(value, edtf=re.sub("[~?%]", "", value.edtf))
    if isinstance(value, Quantity):
        return replace(value, text=_plain_quantity(ontology, value))
    return " ".join(value.split()) if isinstance(value, str) else value


def _plain_quantity(ontology: Ontology, value: Quantity) -> str:
    if value.number is None:
        return value.text
    numbers = [readable(plain(number)) for number in (value.number, value.upper) if number is not None]
    unit, per = (ontology.term(iri).notation if iri else "" for iri in (value.unit, value.per))
    spaced = f" {unit}" if unit[:1].isalpha() else unit
    return f"{WORDS[value.comparator]} {' to '.join(numbers)}{spaced}{f'/{per}' if per else ''}".strip()


def default_facts(ontology: Ontology, types: Mapping[str, Term], source: Source, facts: Facts) -> dict[str, Value]:
    """Return what a claim row need not say: speaker, stance, modality, kind of evidence.

    The publisher speaks by default and narrates; any other speaker gives the kind of evidence of its type.
    """
    publisher = source.facts["publisher"]
    speaker = facts.get("said-by", publisher)
    type_ = types.get(speaker.id) if isinstance(speaker, Ref) and speaker != publisher else None
    evidence = type_.one("defaultEvidence") if type_ else ""
    return {
        "said-by": publisher,
        "stance": ontology.terms("Stance")["asserts"],
        "modality": ontology.terms("Modality")["conditional" if "if" in facts else "actual"],
        "evidence": ontology.term(evidence) if evidence else ontology.terms("Evidence")["narration"],
    }
