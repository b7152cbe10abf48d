"""Trace claims to their origins: claims with the same origin count as one witness, however often they are repeated.

In: a world and some of its claims. Out: ``Origin`` groups with a reason per claim, whether a speaker has a stake in the
claim, and the footings of claims. The ontology defines which relations and roles make one entity belong to another, and
which evidence is weak.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kg.model.iris import AUTOKG, KG
from kg.model.properties import Term
from kg.model.terms import Predicate, SourceKind
from kg.model.world import Claim, Entity, Proposition, Ref, Source, World

UNKNOWN = KG + "unknown"
OTHER_END = {"agent": "target", "target": "agent", "subject": "object", "object": "subject"}


@dataclass(frozen=True, slots=True)
class Origin:
    """A witness: the IRI of an entity or document, and the claims that go back to it, each with the reason."""

    iri: str
    members: tuple[tuple[Claim, Term], ...]

    @property
    def is_witness(self) -> bool:
        """Return whether this is an independent witness: it is traced, and does more than conclude from others."""
        return self.iri != UNKNOWN and any(not concludes(claim.source) for claim, _ in self.members)


@dataclass(frozen=True)
class Descent:
    """The relations by which claims are traced to their origins. All keys and values are IRIs.

    ``publishers`` gives the publisher of a document, ``copied`` the document that a copy was made of, ``belongs`` what
    an entity belongs to, according to claims that state it as a fact.
    """

    publishers: Mapping[str, str]
    copied: Mapping[str, str]
    belongs: Mapping[str, frozenset[str]]

    def first_print(self, document: str) -> str:
        """Return the original of a document, following copies of copies and documents with the same hash."""
        passed = {document}
        while (original := self.copied.get(document, document)) not in passed:
            passed.add(original)
            document = original
        return document

    def house(self, entity: str) -> str:
        """Return the top of the ownership chain of an entity, as long as each step has exactly one owner."""
        passed = {entity}
        while len(wholes := self.belongs.get(entity, frozenset())) == 1 and not wholes & passed:
            (entity,) = wholes
            passed.add(entity)
        return entity

    def narrator(self, document: str) -> str:
        """Return the top owner of a document's publisher, or the document if its publisher is unknown."""
        publisher = self.publishers.get(document, "")
        return self.house(publisher) if publisher else document

    def voice(self, speaker: str, publisher: str) -> str:
        """Return the top owner of a speaker, or "" if the publisher narrates in its own words."""
        return "" if speaker == publisher else self.house(speaker)

    def told_by(self, document: str, publisher: str, speaker: str) -> str:
        """Return the origin of what a speaker says at first hand in a document of a publisher."""
        original = self.first_print(document)
        narrator = self.house(publisher) if original == document else self.narrator(original)
        return self.voice(speaker, publisher) or narrator

    def owners(self, entity: str) -> set[str]:
        """Return an entity and everything that it belongs to, directly or indirectly."""
        found, queue = {entity}, [entity]
        for current in queue:
            queue.extend(self.belongs.get(current, frozenset()) - found)
            found |= self.belongs.get(current, frozenset())
        return found

    def has_stake(self, origin: str, party: str) -> bool:
        """Return whether an origin is a party, belongs to it or owns it, or shares an owner with it."""
        return origin == party or not self.owners(origin).isdisjoint(self.owners(party))


def descent_of(world: World) -> Descent:
    """Return the descent of the documents and entities of a world."""
    documents: list[Entity | Source] = [*world.entities.values(), *world.sources.values()]
    publishers = {d.iri: publisher.iri for d in documents if isinstance(publisher := d.facts.get("publisher"), Ref)}
    pairs = (pair for claim in world.claims for pair in bonds(claim))
    return Descent(publishers, copies(world.sources.values()), grouped(pairs))


def copies(sources: Iterable[Source]) -> dict[str, str]:
    """Return the original by copy: the one its description names, or the first document with the same hash."""
    first_of: dict[str, str] = {}
    copied: dict[str, str] = {}
    for source in sorted(sources, key=lambda s: (s.published.upper or "9999", s.id)):
        original, content = source.facts.get("copy-of"), str(source.facts.get("sha256", ""))
        if content and first_of.setdefault(content, source.iri) != source.iri:
            copied[source.iri] = first_of[content]
        if isinstance(original, Ref):
            copied[source.iri] = original.iri
    return copied


def bonds(claim: Claim) -> Iterator[tuple[str, str]]:
    """Yield (part, whole) if a claim states as a fact that one end of it belongs to the other."""
    if not claim.modality.verdict_when_weak or claim.stance.notation != "asserts":
        return
    content, (part_key, whole_key) = claim.proposition.content, bond_keys(claim.proposition.term)
    part, whole = content.get(part_key), content.get(whole_key)
    if isinstance(part, Ref) and isinstance(whole, Ref):
        yield part.iri, whole.iri


def bond_keys(term: Predicate) -> tuple[str, str]:
    """Return the keys of the part and of the whole in claims with a term, or two empty texts."""
    name = term.belongs.notation if term.belongs else ""
    return name, OTHER_END.get(name, "")


def grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """Return the second members of pairs by the first."""
    found: dict[str, set[str]] = {}
    for part, whole in pairs:
        found.setdefault(part, set()).add(whole)
    return {part: frozenset(wholes) for part, wholes in found.items()}


class Origins:
    """The origins of the claims of a world."""

    def __init__(self, world: World, descent: Descent | None = None) -> None:
        """Index the claims; ``descent`` is used instead of that of the world."""
        self.world = world
        self.descent = descent or descent_of(world)
        self._told: dict[tuple[str, str], list[Claim]] = {}
        for claim in world.claims:
            self._told.setdefault((claim.source.iri, claim.proposition.iri), []).append(claim)

    def group(self, claims: Iterable[Claim]) -> tuple[Origin, ...]:
        """Return the claims grouped by origin, sorted by its IRI."""
        groups: dict[str, list[tuple[Claim, Term]]] = {}
        for claim in sorted(claims, key=lambda claim: claim.iri):
            origin, why = self.trace(claim)
            groups.setdefault(origin, []).append((claim, why))
        return tuple(Origin(iri, tuple(members)) for iri, members in sorted(groups.items()))

    def witnesses(self, claims: Iterable[Claim]) -> tuple[str, ...]:
        """Return the IRIs of the origins of the claims that are independent witnesses, sorted."""
        return tuple(origin.iri for origin in self.group(claims) if origin.is_witness)

    def witness(self, claim: Claim) -> str:
        """Return the IRI of a claim's origin if it is an independent witness, else ""."""
        return next(iter(self.witnesses((claim,))), "")

    def count_witnesses(self, claims: Iterable[Claim]) -> int:
        """Return the least number of witnesses of the claims: an unnamed origin counts as many as it represents."""
        entities = {entity.iri: entity for entity in self.world.entities.values()}
        return sum(entities[iri].least if iri in entities else 1 for iri in self.witnesses(claims))

    def trace(self, claim: Claim) -> tuple[str, Term]:
        """Return the IRI of a claim's origin, and the reason: own words, copied, retold, untraced."""
        origin, why = self._trace(claim, frozenset())
        return origin, self.world.ontology.term(f"{AUTOKG}descent/{'untraced' if origin == UNKNOWN else why}")

    def _trace(self, claim: Claim, passed: frozenset[str]) -> tuple[str, str]:
        descent, document = self.descent, claim.source.iri
        told_in, speaker, publisher = claim.ref("second-hand"), claim.ref("said-by"), claim.source.facts["publisher"]
        if told_in is not None and told_in.iri == UNKNOWN:
            return UNKNOWN, "untraced"
        narrator = publisher.iri if isinstance(publisher, Ref) else ""
        speaks = speaker.iri if speaker else narrator
        voice = descent.voice(speaks, narrator)
        if told_in is not None:
            read = descent.first_print(told_in.iri)
            return self._held(claim, read, passed) or voice or descent.narrator(read), "retold"
        own = bool(voice) or descent.first_print(document) == document
        return descent.told_by(document, narrator, speaks), "own-words" if own else "copied"

    def _held(self, claim: Claim, read: str, passed: frozenset[str]) -> str:
        """Return the origin of the same proposition in the document that a claim cites, or "" if it has none."""
        passed |= {claim.iri}
        told = self._told.get((read, claim.proposition.iri), [])
        if passed.issuperset(other.iri for other in told):
            return UNKNOWN if told else ""  # they cite each other: there is no first one
        return self._trace(next(other for other in told if other.iri not in passed), passed)[0]

    def has_stake(self, claim: Claim) -> bool:
        """Return whether a claim's origin has a stake in one of the entities that the claim names."""
        origin = self.trace(claim)[0]
        return any(self.descent.has_stake(origin, party) for party in _parties(self.world, claim.proposition))

    def _is_of_one(self, claim: Claim) -> bool:
        """Return whether a claim's evidence is weak, and its speaker somebody alone without a name."""
        speaker = claim.ref("said-by")
        entity = self.world.entities.get(speaker.id) if speaker else None
        return claim.evidence.weak and entity is not None and entity.stands_for_one

    # ------------------------------------------------------------ footings

    def footings(self, claims: Iterable[Claim]) -> tuple[Term, ...]:
        """Return the footings that call for caution, for claims that assert one proposition; empty without claims."""
        claims = list(claims)
        keys, found = self.world.ontology.row_keys, []
        if claims and all(map(self._is_of_one, claims)) and len(self.group(claims)) == 1:
            found.append("one-anonymous")
        if claims and all(self.has_stake(claim) for claim in claims):
            found.append("interested-parties")
        if claims and all(any(keys[name].weak for name in claim.facts) for claim in claims):
            found.append("second-hand")
        return tuple(self.world.ontology.term(f"{AUTOKG}footing/{name}") for name in found)


def concludes(source: Source) -> bool:
    """Return whether a source draws conclusions from other sources, and so is not a witness itself."""
    kind = source.facts.get("kind")
    return isinstance(kind, SourceKind) and kind.concludes


def _parties(world: World, proposition: Proposition) -> Iterator[str]:
    """Yield the IRIs of the entities that a proposition mentions."""
    for value in proposition.content.values():
        for ref in value if isinstance(value, tuple) else (value,):
            if isinstance(ref, Ref) and ref.id in world.entities:
                yield ref.iri
