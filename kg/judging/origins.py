"""Trace claims to their origins: claims with the same origin count as one witness, however often they are repeated.

In: a world and some of its claims. Out: ``Origin`` groups with a reason per claim, whether a speaker has a stake in the
claim, and the footings of claims. The ontology defines which relations and roles make one entity belong to another, and
which evidence is weak.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from kg.model.iris import AUTOKG, KG
from kg.model.ontology import Term
from kg.model.world import Claim, Proposition, Ref, Source, World

UNKNOWN = KG + "unknown"


@dataclass(frozen=True, slots=True)
class Origin:
    """A witness: the IRI of an entity or document, and the claims that go back to it, each with the reason."""

    iri: str
    members: tuple[tuple[Claim, Term], ...]

    @property
    def is_witness(self) -> bool:
        """Return whether this is an independent witness: it is traced, and does more than conclude from others."""
        return self.iri != UNKNOWN and any(not concludes(claim.source) for claim, _ in self.members)


class Origins:
    """The origins of the claims of a world."""

    def __init__(self, world: World) -> None:
        """Index the claims; tracing happens on demand."""
        self.world = world
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

    def count_witnesses(self, claims: Iterable[Claim]) -> int:
        """Return how many origins of the claims are independent witnesses."""
        return sum(origin.is_witness for origin in self.group(claims))

    def trace(self, claim: Claim) -> tuple[str, Term]:
        """Return the IRI of a claim's origin, and the reason: own words, copied, retold, untraced."""
        origin, why = self._trace(claim, frozenset())
        return origin, self.world.ontology.term(f"{AUTOKG}descent/{'untraced' if origin == UNKNOWN else why}")

    def _trace(self, claim: Claim, passed: frozenset[str]) -> tuple[str, str]:
        told_in, speaker, first = claim.ref("second-hand"), claim.ref("said-by"), self._first_print(claim.source.iri)
        if told_in is not None and told_in.iri == UNKNOWN:
            return UNKNOWN, "untraced"
        narrates = speaker is None or speaker == claim.source.facts["publisher"]
        voice = self._house(speaker.iri) if speaker and not narrates else ""
        if told_in is not None:
            read = self._first_print(told_in.iri)
            return self._held(claim, read, passed) or voice or self._narrator(read), "retold"
        return voice or self._narrator(first), "own-words" if voice or first == claim.source.iri else "copied"

    def _held(self, claim: Claim, read: str, passed: frozenset[str]) -> str:
        """Return the origin of the same proposition in the document that a claim cites, or "" if it has none."""
        passed |= {claim.iri}
        told = self._told.get((read, claim.proposition.iri), [])
        if passed.issuperset(other.iri for other in told):
            return UNKNOWN if told else ""  # they cite each other: there is no first one
        return self._trace(next(other for other in told if other.iri not in passed), passed)[0]

    def _narrator(self, document: str) -> str:
        """Return the top owner of a document's publisher, or the document if its publisher is unknown."""
        publisher = self._publishers.get(document)
        return self._house(publisher.iri) if publisher else document

    @cached_property
    def _publishers(self) -> Mapping[str, Ref]:
        facts = {d.iri: d.facts for d in self.world.entities.values()} | {
            d.iri: d.facts for d in self.world.sources.values()
        }
        return {iri: publisher for iri, said in facts.items() if isinstance(publisher := said.get("publisher"), Ref)}

    # ------------------------------------------------------------ copies

    def _first_print(self, document: str) -> str:
        """Return the original of a document, following copies of copies and documents with the same hash."""
        passed = {document}
        while (original := self._copied.get(document, document)) not in passed:
            passed.add(original)
            document = original
        return document

    @cached_property
    def _copied(self) -> Mapping[str, str]:
        """Return the original by copy: the one its description names, or the first document with the same hash."""
        first_of: dict[str, str] = {}
        copied: dict[str, str] = {}
        for source in sorted(self.world.sources.values(), key=lambda s: (s.published.upper or "9999", s.id)):
            original, content = source.facts.get("copy-of"), str(source.facts.get("sha256", ""))
            if content and first_of.setdefault(content, source.iri) != source.iri:
                copied[source.iri] = first_of[content]
            if isinstance(original, Ref):
                copied[source.iri] = original.iri
        return copied

    # ------------------------------------------------------------ ownership

    @cached_property
    def _belongs(self) -> Mapping[str, frozenset[str]]:
        """Return what each entity belongs to, according to claims that state it as a fact."""
        found: dict[str, set[str]] = {}
        for claim in self.world.claims:
            if claim.term("stance").notation == "asserts" and claim.term("modality").one("verdictWhenWeak"):
                for part, whole in _bonds(self.world, claim.proposition):
                    found.setdefault(part, set()).add(whole)
        return {part: frozenset(wholes) for part, wholes in found.items()}

    def _house(self, entity: str) -> str:
        """Return the top of the ownership chain of an entity, as long as each step has exactly one owner."""
        passed = {entity}
        while len(wholes := self._belongs.get(entity, frozenset())) == 1 and not wholes & passed:
            (entity,) = wholes
            passed.add(entity)
        return entity

    def _owners(self, entity: str) -> set[str]:
        """Return an entity and everything that it belongs to, directly or indirectly."""
        found, queue = {entity}, [entity]
        for current in queue:
            queue.extend(self._belongs.get(current, frozenset()) - found)
            found |= self._belongs.get(current, frozenset())
        return found

    def has_stake(self, claim: Claim) -> bool:
        """Return whether a claim's origin is a party to it, belongs to or owns a party, or shares an owner with one."""
        owners = self._owners(self.trace(claim)[0])
        return any(not owners.isdisjoint(self._owners(party)) for party in _parties(self.world, claim.proposition))

    # ------------------------------------------------------------ footings

    def footings(self, claims: Iterable[Claim]) -> tuple[Term, ...]:
        """Return the footings that call for caution, for claims that assert one proposition; empty without claims."""
        claims = list(claims)
        keys, found = self.world.ontology.row_keys, []
        if claims and all(claim.term("evidence").flag("weak") for claim in claims) and len(self.group(claims)) == 1:
            found.append("one-anonymous")
        if claims and all(self.has_stake(claim) for claim in claims):
            found.append("interested-parties")
        if claims and all(any(keys[name].flag("weak") for name in claim.facts) for claim in claims):
            found.append("second-hand")
        return tuple(self.world.ontology.term(f"{AUTOKG}footing/{name}") for name in found)


def concludes(source: Source) -> bool:
    """Return whether a source draws conclusions from other sources, and so is not a witness itself."""
    kind = source.facts.get("kind")
    return isinstance(kind, Term) and kind.flag("concludes")


def _bonds(world: World, proposition: Proposition) -> Iterator[tuple[str, str]]:
    """Yield (part, whole) if the term of a proposition says that one end belongs to the other."""
    ontology, content = world.ontology, proposition.content
    belonging = next(iter(ontology.inherited(proposition.term, "belongs")), "")
    ends = {"agent": "target", "target": "agent", "subject": "object", "object": "subject"}
    name = ontology.term(belonging).notation if belonging else ""
    part, whole = content.get(name), content.get(ends.get(name, ""))
    if isinstance(part, Ref) and isinstance(whole, Ref):
        yield part.iri, whole.iri


def _parties(world: World, proposition: Proposition) -> Iterator[str]:
    """Yield the IRIs of the entities that a proposition mentions."""
    for value in proposition.content.values():
        for ref in value if isinstance(value, tuple) else (value,):
            if isinstance(ref, Ref) and ref.id in world.entities:
                yield ref.iri
