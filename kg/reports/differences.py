"""What is different between two worlds, claim by claim: matched by what they say, not by where they stand.

In: two worlds. Out: ``Differences``. Neither the order of files and rows nor the base IRI counts. An entity or source
whose id alone is another is told as renamed, and its claims are the same.
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

MAX_DEPTH = 8  # of claims about claims
Texts = Mapping[str, str]
T = TypeVar("T")


class Identified(Protocol):
    """Whatever has an id of its own: an entity or a source."""

    @property
    def id(self) -> str:
        """Return the id."""


S = TypeVar("S", bound=Identified)


@dataclass(frozen=True, slots=True)
class Cell:
    """One key whose text is another: before and after; "" where it was, or is, not there."""

    key: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """Something that is in both, and what of it is different."""

    old: T
    new: T
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Side(Generic[T]):
    """Of one kind of thing: what only the new side has, what only the old side has, what is different in both."""

    new: tuple[T, ...]
    gone: tuple[T, ...]
    changed: tuple[Change[T], ...]

    def __bool__(self) -> bool:
        """Tell whether there is any difference."""
        return bool(self.new or self.gone or self.changed)


@dataclass(frozen=True)
class Differences:
    """What is different. ``propositions`` are in both, or are the two wordings of one changed claim."""

    settings: tuple[Cell, ...]
    ontology: Side[str]
    entities: Side[Entity]
    sources: Side[Source]
    claims: Side[Claim]
    propositions: tuple[tuple[Proposition, Proposition], ...] = field(repr=False)

    def __bool__(self) -> bool:
        """Tell whether there is any difference in what is said or by whom."""
        return any((self.settings, self.ontology, self.entities, self.sources, self.claims))


def compare(old: World, new: World) -> Differences:
    """Return what is different between two worlds."""
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
    """Return the terms, by IRI, of which the two ontologies say different things."""
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
    """Yield what tells an entity from others beside its id."""
    yield "names", entity.type.iri, tuple(sorted(entity.names.items()))


def _source_clues(source: Source) -> Iterator[Hashable]:
    for names in (("url",), ("title", "publisher", "published")):
        values = tuple(value_text(source.facts[name]) for name in names if name in source.facts)
        if values:
            yield names, values


def _side(
    old: Iterable[S], new: Iterable[S], cells: Callable[[S], Texts], clues: Callable[[S], Iterator[Hashable]]
) -> Side[S]:
    """Match by id, and what is left by whatever else tells one from others."""
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
    """Return pairs that share a clue which nobody else on either side has, the strongest clue first, and who is left.

    ``clues`` takes a thing and whether it is of the old side, and yields its clues, the strongest first.
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
    """The claims of one side by what they say, under the ids of the new side."""

    def __init__(self, world: World, renamed: Mapping[str, str]) -> None:
        self.world, self.renamed = world, renamed
        self.by_iri = {claim.iri: claim for claim in world.claims}

    @cached_property
    def by_key(self) -> dict[Hashable, Claim]:
        """Return the claims by identity."""
        return {self.identity(claim): claim for claim in self.world.claims}

    @cached_property
    def propositions(self) -> dict[Hashable, Proposition]:
        """Return the propositions by what they say."""
        return {self.key_of(claim.proposition): claim.proposition for claim in self.world.claims}

    def id(self, id: str) -> str:
        """Return an id as the new side has it."""
        return self.renamed.get(id, id)

    def identity(self, claim: Claim, depth: int = 0) -> Hashable:
        """Return what makes a claim this one: source, speaker, modality, stance, primary source and proposition."""
        names = ("said-by", "modality", "stance", "second-hand")
        said = (self.value(claim.facts[name], depth) if name in claim.facts else "" for name in names)
        return self.id(claim.source.id), *said, self.key_of(claim.proposition, depth)

    def key_of(self, proposition: Proposition, depth: int = 0) -> Hashable:
        """Return what a proposition says, without IRIs of the project."""
        return proposition.kind.iri, tuple(sorted(self.content(proposition, depth).items()))

    def content(self, proposition: Proposition, depth: int = 0) -> dict[str, Hashable]:
        """Return what identifies the values of a proposition by key; of a symmetric relation, the ends in one order."""
        values = {name: self.value(value, depth) for name, value in proposition.content.items()}
        if proposition.term.flag("symmetric"):
            values["subject"], values["object"] = sorted((values["subject"], values["object"]), key=str)
        return values

    def value(self, value: Value, depth: int) -> Hashable:
        """Return what identifies a value; a claim by what it says."""
        if isinstance(value, Ref):
            known = self.by_iri.get(value.iri)
            return self.identity(known, depth + 1) if known and depth < MAX_DEPTH else self.id(value.id)
        if isinstance(value, tuple):
            return tuple(sorted(str(self.value(member, depth)) for member in value))
        return canonical(value)

    def clues(self, claim: Claim) -> Iterator[Hashable]:
        """Yield what is likely to be the same in a claim that was rewritten, the likeliest first."""
        source, speaker = self.id(claim.source.id), self.value(claim.facts["said-by"], 0)
        yield (source, claim.text("id")) if claim.text("id") else None
        yield source, speaker, self.key_of(claim.proposition)
        yield source, claim.text("at"), self.slot(claim.proposition)
        yield source, self.slot(claim.proposition)
        yield source, claim.text("at"), claim.proposition.term.iri, speaker

    def slot(self, proposition: Proposition) -> Hashable:
        """Return what a proposition is about."""
        keys = (self.world.ontology.term(iri).notation for iri in sorted(proposition.kind.all("slotKey")))
        content = proposition.content
        return proposition.kind.iri, *(self.value(content[key], 0) if key in content else "" for key in keys)

    def keys_of(self, claim: Claim) -> dict[str, Hashable]:
        """Return what identifies each of a claim's values by key, the wording of the source with it."""
        facts = {**claim.proposition.content, **claim.facts}
        values = self.content(claim.proposition) | {name: self.value(value, 0) for name, value in claim.facts.items()}
        plain = {name: key for name, key in values.items() if not isinstance(facts[name], Date | Quantity)}
        exact = {name: value_text(facts[name]) for name in values.keys() - plain} | dict(claim.wording)
        plain["source"] = self.id(claim.source.id)
        links = {n: frozenset(self.identity(self.by_iri[iri]) for iri in iris) for n, iris in claim.links.items()}
        return {**plain, **exact, **links}

    def texts_of(self, claim: Claim) -> Texts:
        """Return a claim's values by key as a reader takes them: other claims by what they say."""
        facts = {**claim.proposition.content, **claim.facts}
        values = {name: self.text(value) for name, value in facts.items()}
        links = {n: " and ".join(sorted(self.quoted(iri) for iri in iris)) for n, iris in claim.links.items()}
        return {"source": self.id(claim.source.id), **values, **claim.wording, **links}

    def text(self, value: Value) -> str:
        """Return a value as written, ids as the new side has them."""
        if isinstance(value, Ref):
            return self.quoted(value.iri) if value.iri in self.by_iri else self.id(value.id)
        if isinstance(value, tuple):
            return "|".join(sorted(self.id(v.id) if isinstance(v, Ref) else v for v in value))
        return value_text(value)

    def quoted(self, iri: str) -> str:
        """Return a claim by what it says."""
        return f"“{self.sentences.sentence(self.by_iri[iri].proposition)}”"

    @cached_property
    def sentences(self) -> Sentences:
        """Return how propositions read."""
        return Sentences(self.world)


def _matched(before: _Claims, after: _Claims) -> Side[Claim]:
    """Match claims by identity, and what is left by what is likely to have stayed."""
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
