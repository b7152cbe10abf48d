"""Make claims as objects of rows of a bucket, so that the rules of ``kg.judging`` can judge them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from kg.bulk.claims import Ledger
from kg.bulk.distinct_texts import ENTITIES, NOWHERE, is_read
from kg.model.terms import EntityType, Key, Predicate
from kg.model.world import PROPOSITIONS, Claim, Clocks, Entity, Facts, Ref, Source, Value, World

Row = Mapping[str, Any]  # the texts of a claim by column, null where there is none


class Objects:
    """The entities and sources that some rows name, and the claims that they are."""

    def __init__(self, ledger: Ledger, clocks: Clocks, rows: Sequence[Row]) -> None:
        """Look up every entity and source of the rows once."""
        self.ledger, self.clocks = ledger, clocks
        self.base = ledger.settings.base
        keys = [key for key, term in ledger.keys.items() if term.value_kind in ENTITIES]
        self.entities = self._entities({id for row in rows for key in keys if (id := row.get(key))})
        self.sources = self._sources({id for row in rows if (id := row["source"])})

    def world(self, rows: Iterable[Row]) -> World:
        """Return a world of some of the rows' claims, with all entities and sources."""
        claims = tuple(map(self._claim, rows))
        return World(
            self.ledger.settings, self.ledger.ontology, self.entities, self.sources, claims, clocks=self.clocks
        )

    def _entities(self, ids: set[str]) -> dict[str, Entity]:
        types = self.ledger.ontology.of(EntityType)
        found = _rows(self.ledger, self.ledger.entities, ids)
        return {
            id: Entity(id, self._ref(id).iri, types[type_], {"en": label}, _standing(any_, one), NOWHERE)
            for id, type_, label, any_, one in found.select("id", "type", "label", "any", "one").iter_rows()
        }

    def _sources(self, ids: set[str]) -> dict[str, Source]:
        keys, readings, found = self.ledger.ontology.keys("source"), self.ledger.readings, {}
        for row in _rows(self.ledger, self.ledger.sources, ids).iter_rows(named=True):
            facts: dict[str, Value] = {"publisher": self._ref(row["publisher"])}
            for name in ("published", "kind", "copy-of", "sha256"):
                if (text := row[name]) and (value := readings.value(keys[name], text)) is not None:
                    facts[name] = value
            found[row["id"]] = Source(row["id"], self._ref(row["id"]).iri, facts, NOWHERE)
        return found

    def _ref(self, id: str) -> Ref:
        return Ref(f"{self.base}id/{id}", id)

    def _claim(self, row: Row) -> Claim:
        ontology = self.ledger.ontology
        content = self._values(row, ontology.keys("content"))
        name = next(name for name in ontology.kinds if name in content)
        term = content[name]
        assert isinstance(term, Predicate)  # noqa: S101 - the check lets no other pass
        iris = (f"{self.base}{kind}/{row[f'.{kind}']}" for kind in ("claim", "proposition", "slot"))
        claim, proposition, slot = iris
        kind = ontology.kinds[name]
        told = PROPOSITIONS[kind.notation](proposition, slot, kind, term, content)
        facts = self._values(row, ontology.keys("claim"))
        return Claim(claim, self.sources[row["source"]], told, facts, {}, NOWHERE)

    def _values(self, row: Row, keys: Mapping[str, Key]) -> Facts:
        present = ((name, text) for name, text in row.items() if text is not None and name in keys)
        return {name: self._value(keys[name], text) for name, text in present}

    def _value(self, key: Key, text: str) -> Value:
        if key.value_kind in ENTITIES:
            return self._ref(text)
        if not is_read(key):
            return " ".join(text.split())
        value = self.ledger.readings.value(key, text)
        assert value is not None  # noqa: S101 - the check lets no other pass
        return value


def _standing(any_: bool, one: bool) -> Facts:
    """Return how many an entity represents, as far as a judgement depends on it."""
    return {"stands-for": "any" if any_ else "one"} if any_ or one else {}


def _rows(ledger: Ledger, records: pl.DataFrame, ids: set[str]) -> pl.DataFrame:
    """Return the rows of the entities or the sources with some ids."""
    places = ledger.register(records).places(pl.Series(sorted(ids), dtype=pl.String)).drop_nulls()
    return records[places]
