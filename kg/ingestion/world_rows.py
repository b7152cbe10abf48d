"""Convert a world back to rows of text: the three tables shared by every exchange format.

In: ``model.World``. Out: ``Tables``: settings, entities, sources and claims, and the project's own ontology. Each row
maps keys to text, in the order of the keys, without default values. Reading the rows again gives the same world.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kg.model.ontology import Ontology
from kg.model.properties import Term
from kg.model.terms import EntityType, Key, RelationType
from kg.model.world import Claim, Entity, Ref, Source, Value, World, default_facts

Row = dict[str, str]


@dataclass
class Tables:
    """The rows of a project: settings, entities, sources, and claims with a ``source`` column.

    ``ontology`` holds the triples of its own terms, each term in N-Triples syntax.
    """

    settings: Row = field(default_factory=dict)
    entities: list[Row] = field(default_factory=list)
    sources: list[Row] = field(default_factory=list)
    claims: list[Row] = field(default_factory=list)
    ontology: list[tuple[str, str, str]] = field(default_factory=list)

    def columns(self, table: str) -> list[str]:
        """Return the keys used in a table's rows, in the order of their positions."""
        rows: list[Row] = getattr(self, table)
        return sorted({key for row in rows for key in row}, key=self._order(rows).__getitem__)

    @staticmethod
    def _order(rows: list[Row]) -> dict[str, int]:
        order: dict[str, int] = {}
        for row in rows:
            for place, key in enumerate(row):
                order[key] = max(order.get(key, 0), place)
        return {key: rank for rank, (key, _) in enumerate(sorted(order.items(), key=lambda item: (item[1], item[0])))}


def world_tables(world: World) -> Tables:
    """Return the rows of a world: entities by type and id, sources by id, claims by source and place in it."""
    return Tables(
        settings=_settings_row(world),
        entities=sort_entities((_entity_row(world, entity) for entity in world.entities.values()), world.ontology),
        sources=[_source_row(world, source) for _, source in sorted(world.sources.items())],
        claims=sort_claims(_claim_rows(world), world.ontology),
        ontology=world.ontology.own,
    )


def _settings_row(world: World) -> Row:
    settings = world.settings
    row = {
        "title": settings.title,
        "base": settings.base,
        "licence": settings.licence,
        "languages": "|".join(settings.languages),
    }
    return {key: text for key, text in row.items() if text}


def _entity_row(world: World, entity: Entity) -> Row:
    keys = world.ontology.keys("entity")
    facts = in_order({name: value_text(value) for name, value in entity.facts.items() if name != "type"}, keys)
    return {"id": entity.id, "type": entity.type.notation, **dict(sorted(entity.names.items())), **facts}


def _source_row(world: World, source: Source) -> Row:
    return in_order({name: value_text(value) for name, value in source.facts.items()}, world.ontology.keys("source"))


def _claim_rows(world: World) -> list[Row]:
    by_iri = {claim.iri: claim for claim in world.claims}
    return [_claim_row(world, claim, by_iri) for claim in world.claims]


def _claim_row(world: World, claim: Claim, by_iri: Mapping[str, Claim]) -> Row:
    """Return a claim as a curator would write it: content, unless it answers another claim, then attribution."""
    cells = claim_cells(claim, by_iri, world.ontology)
    left_out = {name for name in claim.facts if is_default(world, claim, name)}
    left_out |= {*claim.proposition.content} if "re" in claim.links else set()
    cells = {name: text for name, text in cells.items() if name not in left_out}
    return {"source": claim.source.id, **in_order(cells, world.ontology.row_keys)}


def claim_cells(claim: Claim, by_iri: Mapping[str, Claim], ontology: Ontology) -> Row:
    """Return every key of a claim as text: content as its source words it, attribution with defaults, links."""
    content = claim.proposition.content
    cells = {
        name: _handle(by_iri[value.iri], claim) if isinstance(value, Ref) and value.iri in by_iri else value_text(value)
        for name, value in content.items()
    }
    cells |= {name: text for name, text in claim.wording.items() if name in cells}
    cells |= {name: value_text(value) for name, value in claim.facts.items()}
    cells |= {name: "|".join(sorted(_handle(by_iri[iri], claim) for iri in iris)) for name, iris in claim.links.items()}
    return ends_in_order(cells, ontology)


def ends_in_order(row: Mapping[str, str], ontology: Ontology) -> Row:
    """Return a row with the ends of a symmetric relation sorted by text, since both orders mean the same."""
    term = ontology.of(RelationType).get(row.get("relation", ""))
    if not (term and term.symmetric and {"subject", "object"} <= row.keys()):
        return dict(row)
    first, second = sorted((row["subject"], row["object"]))
    return {**row, "subject": first, "object": second}


def _handle(target: Claim, claim: Claim) -> str:
    handle = target.text("id")
    return handle if target.source.id == claim.source.id else f"{target.source.id}/{handle}"


def is_default(world: World, claim: Claim, name: str) -> bool:
    """Return whether a claim's value under a key is the default."""
    if name == "stance":
        return claim.stance is world.ontology.default_stance(claim.links.get("re", ()), claim.links)
    return default_facts(world.ontology, world.types, claim.source, claim.facts).get(name) == claim.facts[name]


def value_text(value: Value) -> str:
    """Return the text of a value in a row."""
    if isinstance(value, Ref):
        return value.id
    if isinstance(value, Term):
        return value.notation
    if isinstance(value, tuple):
        return "|".join(sorted(value_text(member) for member in value))
    return str(value)


def in_order(row: Mapping[str, str], keys: Mapping[str, Key]) -> Row:
    """Return a row with its keys in the order of the ontology; unknown keys come last, sorted by name."""
    return {name: row[name] for name in sorted(row, key=lambda name: (name not in keys, _position(keys, name), name))}


def _position(terms: Mapping[str, Term], name: str) -> int:
    return terms[name].position if name in terms else 0


def sort_entities(rows: Iterable[Row], ontology: Ontology) -> list[Row]:
    """Return entity rows in canonical order: by type in the order of the ontology, then by id."""
    return sorted(rows, key=lambda row: entity_rank(row, ontology))


def entity_rank(row: Mapping[str, str], ontology: Ontology) -> tuple[object, ...]:
    """Return the sort key of an entity row."""
    types, type_ = ontology.of(EntityType), row.get("type", "")
    return (type_ not in types, _position(types, type_), type_, row["id"])


def sort_claims(rows: Iterable[Row], ontology: Ontology) -> list[Row]:
    """Return claim rows in canonical order: by source, then by ``claim_rank``."""
    return sorted(rows, key=lambda row: (row.get("source", ""), *claim_rank(row, ontology)))


def claim_rank(row: Mapping[str, str], ontology: Ontology) -> tuple[object, ...]:
    """Return the sort key of a claim row within its source: locator (title, par1, par2 …), then content.

    A row without content of its own, because it answers another row, comes after those with content.
    """
    content = [(key.position, row[name]) for name, key in ontology.keys("content").items() if name in row]
    return (place_rank(row.get("at", "")), not content, content, list(row.items()))


_NUMBERS = re.compile(r"([0-9]+)")
_PLACES = ("title", "abstract", "lead")


def place_rank(place: str) -> tuple[int, list[tuple[int, str]]]:
    """Return the sort key of a locator: title and lead first, numbers by value, an empty locator last."""
    if not place:
        return len(_PLACES) + 1, []
    rank = _PLACES.index(place) if place in _PLACES else len(_PLACES)
    return rank, [(int(part), "") if part.isdigit() else (0, part) for part in _NUMBERS.split(place) if part]
