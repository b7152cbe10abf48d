"""Compare two worlds claim by claim, matching claims by content, not by position.

In: two worlds. Out: ``Differences``. The order of files and rows and the base IRI do not matter. An entity or source
with only a different id counts as renamed, and its claims as equal.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, Protocol, TypeVar

from kg.ingestion.world_rows import place_rank, value_text
from kg.model.dates import Date
from kg.model.ontology import Ontology
from kg.model.quantities import Quantity
from kg.model.sentences import Sentences
from kg.model.world import Claim, Entity, Proposition, Ref, Source, Value, World, canonical

MAX_DEPTH = 8  # levels of claims about claims
Texts = Mapping[str, str]
T = TypeVar("T")


class Identified(Protocol):
    """An object with an id: an entity or a source."""

    @property
    def id(self) -> str:
        """Return the id."""


S = TypeVar("S", bound=Identified)


@dataclass(frozen=True, slots=True)
class Cell:
    """A key whose text changed, with the text before and after; "" if it is missing."""

    key: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """An object in both worlds, and its changed keys."""

    old: T
    new: T
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Side(Generic[T]):
    """The differences for one kind of object: only in the new world, only in the old world, changed."""

    new: tuple[T, ...]
    gone: tuple[T, ...]
    changed: tuple[Change[T], ...]

    def __bool__(self) -> bool:
        """Return whether there is any difference."""
        return bool(self.new or self.gone or self.changed)


@dataclass(frozen=True)
class Differences:
    """All differences. ``propositions`` are pairs in both worlds, or the old and new proposition of a changed claim."""

    settings: tuple[Cell, ...]
    ontology: Side[str]
    entities: Side[Entity]
    sources: Side[Source]
    claims: Side[Claim]
    propositions: tuple[tuple[Proposition, Proposition], ...] = field(repr=False)

    def __bool__(self) -> bool:
        """Return whether there is any difference apart from ``propositions``."""
        return any((self.settings, self.ontology, self.entities, self.sources, self.claims))


def compare(old: World, new: World) -> Differences:
    """Return the differences between two worlds."""
    entities = _side(old.entities.values(), new.entities.values(), _entity_cells, _entity_clues)
    sources = _side(old.sources.values(), new.sources.values(), _source_cells, _source_clues)
    renamed = {e.old.id: e.new.id for e in entities.changed} | {s.old.id: s.new.id for s in sources.changed}
    before, after = _Claims(old, renamed), _Claims(new, {})
    claims = _matched(before, after)
    rewritten = {before.key_of(c.old.proposition): after.key_of(c.new.proposition) for c in claims.changed}
    joined = [
        (proposition, after.propositions[key])
        for known, proposition in before.propositions.items()
        if (key := known if known in after.propositions else rewritten.get(known)) in after.propositions
    ]
    return Differences(
        tuple(_cells(_setting_cells(old), _setting_cells(new))),
        _ontology(old.ontology, new.ontology),
        entities,
        sources,
        claims,
        tuple(joined),
    )


def _cells(old: Texts, new: Texts) -> Iterator[Cell]:
    for key in dict.fromkeys((*old, *new)):
        if old.get(key, "") != new.get(key, ""):
            yield Cell(key, old.get(key, ""), new.get(key, ""))


def _setting_cells(world: World) -> Texts:
    settings = world.settings
    return {
        "title": settings.title,
        "base": settings.base,
        "licence": settings.licence,
        "languages": "|".join(settings.languages),
    }


def _ontology(old: Ontology, new: Ontology) -> Side[str]:
    """Return the IRIs of ontology terms with different statements."""
    if old is new:
        return Side((), (), ())
    said: list[dict[str, set[tuple[str, str]]]] = [{}, {}]
    for ontology, statements in zip((old, new), said, strict=True):
        for subject, predicate, value in ontology.triples:
            statements.setdefault(subject[1:-1], set()).add((predicate, value))
    before, after = said
    both = sorted(before.keys() & after.keys())
    changed = tuple(Change(iri, iri, ()) for iri in both if before[iri] != after[iri])
    return Side(tuple(sorted(after.keys() - before)), tuple(sorted(before.keys() - after)), changed)


# ---------------------------------------------------------------- entities and sources


def _entity_cells(entity: Entity) -> Texts:
    facts = {name: value_text(value) for name, value in entity.facts.items()}
    return {"id": entity.id, "type": entity.type.notation, **dict(sorted(entity.names.items())), **facts}


def _source_cells(source: Source) -> Texts:
    return {name: value_text(value) for name, value in source.facts.items()}


def _entity_clues(entity: Entity) -> Iterator[Hashable]:
    """Yield what identifies an entity apart from its id."""
    yield "names", entity.type.iri, tuple(sorted(entity.names.items()))


def _source_clues(source: Source) -> Iterator[Hashable]:
    for names in (("url",), ("title", "publisher", "published")):
        values = tuple(value_text(source.facts[name]) for name in names if name in source.facts)
        if values:
            yield names, values


def _side(
    old: Iterable[S], new: Iterable[S], cells: Callable[[S], Texts], clues: Callable[[S], Iterator[Hashable]]
) -> Side[S]:
    """Match objects by id, and the rest by their clues."""
    before, after = {one.id: one for one in old}, {one.id: one for one in new}
    pairs: list[tuple[S, S]] = [(before[id], after[id]) for id in before.keys() & after.keys()]
    gone = [one for id, one in before.items() if id not in after]
    added = [one for id, one in after.items() if id not in before]
    matched: list[tuple[S, S]]
    matched, fresh, lost = _paired(gone, added, lambda one, _: clues(one))
    changes = (Change(one, other, tuple(_cells(cells(one), cells(other)))) for one, other in (*pairs, *matched))
    changed = sorted((change for change in changes if change.cells), key=lambda change: change.new.id)
    return Side(tuple(sorted(fresh, key=lambda o: o.id)), tuple(sorted(lost, key=lambda o: o.id)), tuple(changed))


def _paired(
    old: list[T], new: list[T], clues: Callable[[T, bool], Iterable[Hashable]]
) -> tuple[list[tuple[T, T]], list[T], list[T]]:
    """Return pairs that share a clue unique on both sides, the strongest clue first, and the unmatched new and old.

    ``clues`` takes an object and whether it is from the old side, and yields its clues, the strongest first.
    """
    pairs: list[tuple[T, T]] = []
    steps = max((len(list(clues(one, True))) for one in old), default=0)
    for step in range(steps):
        mine, theirs = (
            _by_clue(old, step, lambda one: clues(one, True)),
            _by_clue(new, step, lambda one: clues(one, False)),
        )
        for clue, ones in mine.items():
            others = theirs.get(clue, [])
            if len(ones) == len(others) == 1:
                pairs.append((ones[0], others[0]))
        taken = {id(one) for pair in pairs for one in pair}
        old, new = ([one for one in side if id(one) not in taken] for side in (old, new))
    return pairs, new, old


def _by_clue(ones: Iterable[T], step: int, clues: Callable[[T], Iterable[Hashable]]) -> dict[Hashable, list[T]]:
    found: dict[Hashable, list[T]] = {}
    for one in ones:
        known = list(clues(one))
        if step < len(known) and known[step] is not None:
            found.setdefault(known[step], []).append(one)
    return found


# ---------------------------------------------------------------- claims


class _Claims:
    """The claims of one side by content, with ids renamed to those of the new side."""

    def __init__(self, world: World, renamed: Mapping[str, str]) -> None:
        self.world, self.renamed = world, renamed
        self.by_iri = {claim.iri: claim for claim in world.claims}

    @cached_property
    def by_key(self) -> dict[Hashable, Claim]:
        """Return the claims by identity."""
        return {self.identity(claim): claim for claim in self.world.claims}

    @cached_property
    def propositions(self) -> dict[Hashable, Proposition]:
        """Return the propositions by content."""
        return {self.key_of(claim.proposition): claim.proposition for claim in self.world.claims}

    def id(self, id: str) -> str:
        """Return the id that an object has on the new side."""
        return self.renamed.get(id, id)

    def identity(self, claim: Claim, depth: int = 0) -> Hashable:
        """Return the identity of a claim: source, speaker, modality, stance, primary source and proposition."""
        names = ("said-by", "modality", "stance", "second-hand")
        said = (self.value(claim.facts[name], depth) if name in claim.facts else "" for name in names)
        return self.id(claim.source.id), *said, self.key_of(claim.proposition, depth)

    def key_of(self, proposition: Proposition, depth: int = 0) -> Hashable:
        """Return the content of a proposition, without IRIs of the project."""
        return proposition.kind.iri, tuple(sorted(self.content(proposition, depth).items()))

    def content(self, proposition: Proposition, depth: int = 0) -> dict[str, Hashable]:
        """Return the identity of a proposition's values by key; the ends of a symmetric relation are sorted."""
        values = {name: self.value(value, depth) for name, value in proposition.content.items()}
        if proposition.term.symmetric:
            values["subject"], values["object"] = sorted((values["subject"], values["object"]), key=str)
        return values

    def value(self, value: Value, depth: int) -> Hashable:
        """Return the identity of a value; for a claim, its content."""
        if isinstance(value, Ref):
            known = self.by_iri.get(value.iri)
            return self.identity(known, depth + 1) if known and depth < MAX_DEPTH else self.id(value.id)
        if isinstance(value, tuple):
            return tuple(sorted(str(self.value(member, depth)) for member in value))
        return canonical(value)

    def clues(self, claim: Claim) -> Iterator[Hashable]:
        """Yield what probably stays the same when a claim is rewritten, the most reliable clue first."""
        source, speaker = self.id(claim.source.id), self.value(claim.facts["said-by"], 0)
        yield (source, claim.text("id")) if claim.text("id") else None
        yield source, speaker, self.key_of(claim.proposition)
        yield source, claim.text("at"), self.slot(claim.proposition)
        yield source, self.slot(claim.proposition)
        yield source, claim.text("at"), claim.proposition.term.iri, speaker

    def slot(self, proposition: Proposition) -> Hashable:
        """Return the values of a proposition's slot keys: its subject."""
        keys, content = (key.notation for key in proposition.kind.slot_keys), proposition.content
        return proposition.kind.iri, *(self.value(content[key], 0) if key in content else "" for key in keys)

    def keys_of(self, claim: Claim) -> dict[str, Hashable]:
        """Return the identity of each value of a claim by key, including the wording of the source."""
        facts = {**claim.proposition.content, **claim.facts}
        values = self.content(claim.proposition) | {name: self.value(value, 0) for name, value in claim.facts.items()}
        plain = {name: key for name, key in values.items() if not isinstance(facts[name], Date | Quantity)}
        exact = {name: value_text(facts[name]) for name in values.keys() - plain} | dict(claim.wording)
        plain["source"] = self.id(claim.source.id)
        links = {n: frozenset(self.identity(self.by_iri[iri]) for iri in iris) for n, iris in claim.links.items()}
        return {**plain, **exact, **links}

    def texts_of(self, claim: Claim) -> Texts:
        """Return the text of each value of a claim by key; other claims are quoted."""
        facts = {**claim.proposition.content, **claim.facts}
        values = {name: self.text(value) for name, value in facts.items()}
        links = {n: " and ".join(sorted(self.quoted(iri) for iri in iris)) for n, iris in claim.links.items()}
        return {"source": self.id(claim.source.id), **values, **claim.wording, **links}

    def text(self, value: Value) -> str:
        """Return a value as written, with the ids of the new side."""
        if isinstance(value, Ref):
            return self.quoted(value.iri) if value.iri in self.by_iri else self.id(value.id)
        if isinstance(value, tuple):
            return "|".join(sorted(self.id(v.id) if isinstance(v, Ref) else v for v in value))
        return value_text(value)

    def quoted(self, iri: str) -> str:
        """Return the sentence of a claim in quotes."""
        return f"“{self.sentences.sentence(self.by_iri[iri].proposition)}”"

    @cached_property
    def sentences(self) -> Sentences:
        """Return the sentences of the world's propositions."""
        return Sentences(self.world, days_in_words=True)


def _matched(before: _Claims, after: _Claims) -> Side[Claim]:
    """Match claims by identity, and the rest by their clues."""
    pairs = [(claim, after.by_key[key]) for key, claim in before.by_key.items() if key in after.by_key]
    gone = [claim for key, claim in before.by_key.items() if key not in after.by_key]
    added = [claim for key, claim in after.by_key.items() if key not in before.by_key]
    sides = {True: before, False: after}
    rewritten, added, gone = _paired(gone, added, lambda claim, is_old: sides[is_old].clues(claim))
    changes = (Change(c, d, tuple(_claim_cells(before, c, after, d))) for c, d in (*pairs, *rewritten))
    changed = tuple(sorted((change for change in changes if change.cells), key=lambda change: _order(change.new)))
    return Side(tuple(sorted(added, key=_order)), tuple(sorted(gone, key=_order)), changed)


def _claim_cells(before: _Claims, old: Claim, after: _Claims, new: Claim) -> Iterator[Cell]:
    mine, theirs = before.keys_of(old), after.keys_of(new)
    names = [name for name in dict.fromkeys((*mine, *theirs)) if mine.get(name, "") != theirs.get(name, "")]
    if names:
        was, now = before.texts_of(old), after.texts_of(new)
        yield from (Cell(name, was.get(name, ""), now.get(name, "")) for name in names)


def _order(claim: Claim) -> tuple[object, ...]:
    return claim.source.published.upper, claim.source.id, place_rank(claim.text("at")), claim.iri
