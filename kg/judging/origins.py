"""Who first said it: claims that go back to one origin are one witness, however many documents repeat them.

In: a world and some of its claims. Out: ``Origin`` groups with the reason why each claim belongs there, whether a
speaker has a stake in what is said, and the footings on which claims stand. Which relations and roles make one
entity belong to another, and what evidence is weak, stand in the ontology.
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
    """One witness: who or what it is (an IRI), and the claims that go back to it, each with the reason."""

    iri: str
    members: tuple[tuple[Claim, Term], ...]

    @property
    def is_witness(self) -> bool:
        """Tell whether it adds a voice of its own: it can be traced, and does more than conclude from others."""
        return self.iri != UNKNOWN and any(not concludes(claim.source) for claim, _ in self.members)


class Origins:
    """Where the claims of a world come from."""

    def __init__(self, world: World) -> None:
        """Index the claims; nothing is traced before it is asked for."""
        self.world = world
        self._told: dict[tuple[str, str], list[Claim]] = {}
        for claim in world.claims:
            self._told.setdefault((claim.source.iri, claim.proposition.iri), []).append(claim)

    def group(self, claims: Iterable[Claim]) -> tuple[Origin, ...]:
        """Return the claims by origin, sorted by its IRI."""
        groups: dict[str, list[tuple[Claim, Term]]] = {}
        for claim in sorted(claims, key=lambda claim: claim.iri):
            origin, why = self.trace(claim)
            groups.setdefault(origin, []).append((claim, why))
        return tuple(Origin(iri, tuple(members)) for iri, members in sorted(groups.items()))

    def count_witnesses(self, claims: Iterable[Claim]) -> int:
        """Return how many of the origins of claims are witnesses of their own."""
        return sum(origin.is_witness for origin in self.group(claims))

    def trace(self, claim: Claim) -> tuple[str, Term]:
        """Return the IRI of the origin of a claim, and why: own words, copied, retold, untraced."""
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
        """Return the origin of what the document that was read says of the same itself, where we hold it."""
        passed |= {claim.iri}
        told = self._told.get((read, claim.proposition.iri), [])
        if passed.issuperset(other.iri for other in told):
            return UNKNOWN if told else ""  # each repeats the other: nobody is the first
        return self._trace(next(other for other in told if other.iri not in passed), passed)[0]

    def _narrator(self, document: str) -> str:
        """Return who speaks in a document where nobody else does; of an unknown one, the document."""
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
        """Return the document of which one is a copy, a copy of a copy, or letter by letter the same."""
        passed = {document}
        while (original := self._copied.get(document, document)) not in passed:
            passed.add(original)
            document = original
        return document

    @cached_property
    def _copied(self) -> Mapping[str, str]:
        """Return, by document, the one that it copies: as its description says, or the first with the same hash."""
        first_of: dict[str, str] = {}
        copied: dict[str, str] = {}
        for source in sorted(self.world.sources.values(), key=lambda s: (s.published.upper or "9999", s.id)):
            original, content = source.facts.get("copy-of"), str(source.facts.get("sha256", ""))
            if content and first_of.setdefault(content, source.iri) != source.iri:
                copied[source.iri] = first_of[content]
            if isinstance(original, Ref):
                copied[source.iri] = original.iri
        return copied

    # ------------------------------------------------------------ who belongs to whom

    @cached_property
    def _belongs(self) -> Mapping[str, frozenset[str]]:
        """Return, by entity, what it is said as a fact to belong to."""
        found: dict[str, set[str]] = {}
        for claim in self.world.claims:
            if claim.term("stance").notation == "asserts" and claim.term("modality").one("verdictWhenWeak"):
                for part, whole in _bonds(self.world, claim.proposition):
                    found.setdefault(part, set()).add(whole)
        return {part: frozenset(wholes) for part, wholes in found.items()}

    def _house(self, entity: str) -> str:
        """Return the top of what an entity belongs to, as long as that is one at each step."""
        passed = {entity}
        while len(wholes := self._belongs.get(entity, frozenset())) == 1 and not wholes & passed:
            (entity,) = wholes
            passed.add(entity)
        return entity

    def _owners(self, entity: str) -> set[str]:
        """Return an entity and everything that it belongs to, directly or not."""
        found, queue = {entity}, [entity]
        for current in queue:
            queue.extend(self._belongs.get(current, frozenset()) - found)
            found |= self._belongs.get(current, frozenset())
        return found

    def has_stake(self, claim: Claim) -> bool:
        """Tell whether the origin is a party of what is said, belongs to one, owns one, or shares an owner with one."""
        owners = self._owners(self.trace(claim)[0])
        return any(not owners.isdisjoint(self._owners(party)) for party in _parties(self.world, claim.proposition))

    # ------------------------------------------------------------ what claims stand on

    def footings(self, claims: Iterable[Claim]) -> tuple[Term, ...]:
        """Return the footings that ask for care, of claims that assert one proposition; nothing of no claims."""
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
    """Tell whether a source says what others amount to, and is no witness itself."""
    kind = source.facts.get("kind")
    return isinstance(kind, Term) and kind.flag("concludes")


def _bonds(world: World, proposition: Proposition) -> Iterator[tuple[str, str]]:
    """Yield (part, whole) where the term of a proposition says that one of its ends belongs to the other."""
    ontology, content = world.ontology, proposition.content
    belonging = next(iter(ontology.inherited(proposition.term, "belongs")), "")
    ends = {"agent": "target", "target": "agent", "subject": "object", "object": "subject"}
    name = ontology.term(belonging).notation if belonging else ""
    part, whole = content.get(name), content.get(ends.get(name, ""))
    if isinstance(part, Ref) and isinstance(whole, Ref):
        yield part.iri, whole.iri


def _parties(world: World, proposition: Proposition) -> Iterator[str]:
    """Yield the entities of which a proposition speaks."""
    for value in proposition.content.values():
        for ref in value if isinstance(value, tuple) else (value,):
            if isinstance(ref, Ref) and ref.id in world.entities:
                yield ref.iri
