"""Convert RDF written by kg back to rows: the inverse of ``triples``.

In: triples (from Turtle, TriG, N-Quads, JSON-LD or RDF/XML) and the ontology. Out: ``Tables``. Derived triples are
ignored: they are computed again from the claims. Triples outside the project's data are its own ontology terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kg.ingestion.world_rows import Row, Tables, in_order, sort_claims, sort_entities
from kg.model.dates import read_interval
from kg.model.errors import ProjectError
from kg.model.iris import KG, PROV, RDF, RDFS, is_data, split_term
from kg.model.ontology import Ontology, Triple
from kg.model.terms import Key, Stance

Node = Mapping[str, list[tuple[str, str]]]
TYPE = RDF + "type"
DATASET = "http://www.w3.org/ns/dcat#Dataset"
URI_SPACE = "http://rdfs.org/ns/void#uriSpace"
DCTERMS = "http://purl.org/dc/terms/"


def tables_from_rdf(triples: Iterable[Triple], ontology: Ontology) -> Tables:
    """Return the rows of triples (terms in N-Triples syntax), and the project's own ontology terms among them.

    Raises ProjectError if kg did not write them.
    """
    triples = list(triples)
    base = next((split_term(value)[0] for _, predicate, value in triples if predicate == f"<{URI_SPACE}>"), "")
    if not base:
        raise ProjectError("no dataset with a void:uriSpace in it; only what kg exported as RDF can be imported")
    own = [triple for triple in triples if not is_data(triple[0][1:-1], base)]
    ontology = Ontology([*ontology.triples, *own]) if own else ontology
    graph = _Graph(triples, ontology, base)
    sources = [graph.source_row(subject) for subject in graph.of_type(KG + "Source") if graph.is_described(subject)]
    described = {row["id"] for row in sources}
    entities = [row for subject in graph.entities() if (row := graph.entity_row(subject))["id"] not in described]
    claims = [graph.claim_row(subject) for subject in graph.of_type(KG + "Claim")]
    sources.sort(key=lambda row: row["id"])
    entities = sort_entities(entities, ontology)
    return Tables(graph.settings_row(), entities, sources, sort_claims(claims, ontology), ontology.own)


class _Graph:
    """Triples indexed by subject, with the ontology of their predicates."""

    def __init__(self, triples: Iterable[Triple], ontology: Ontology, base: str) -> None:
        self.ontology, self.base = ontology, base
        self.nodes: dict[str, dict[str, list[tuple[str, str]]]] = {}
        for subject, predicate, value in triples:
            text, language, _ = split_term(value)
            self.nodes.setdefault(subject[1:-1], {}).setdefault(predicate[1:-1], []).append((text, language))
        self.dataset = next(iter(self.of_type(DATASET)), "")
        self.stances = {stance.stance_of: stance for stance in ontology.of(Stance).values()}

    def of_type(self, cls: str) -> list[str]:
        """Return the subjects of a class, sorted."""
        return sorted(s for s, node in self.nodes.items() if any(text == cls for text, _ in node.get(TYPE, ())))

    def entities(self) -> list[str]:
        """Return the subjects of all entity types, sorted."""
        types = {type_.iri for type_ in self.ontology.terms("EntityType").values()}
        return sorted(s for s, node in self.nodes.items() if any(text in types for text, _ in node.get(TYPE, ())))

    def is_described(self, subject: str) -> bool:
        """Return whether a source has its own description, and is not only mentioned."""
        return DCTERMS + "identifier" in self.nodes[subject]

    def one(self, subject: str, predicate: str) -> str:
        """Return the first value, or ""."""
        return next((text for text, _ in self.nodes.get(subject, {}).get(predicate, ())), "")

    def settings_row(self) -> Row:
        """Return the settings of ``kg.yaml``."""
        row = {"title": self.one(self.dataset, DCTERMS + "title"), "base": self.base}
        row |= {
            "licence": self.one(self.dataset, DCTERMS + "license"),
            "languages": self.one(self.dataset, KG + "languages"),
        }
        return {key: text for key, text in row.items() if text}

    def entity_row(self, subject: str) -> Row:
        """Return the row of an entity."""
        types = {type_.iri: type_.notation for type_ in self.ontology.terms("EntityType").values()}
        type_ = next(types[text] for text, _ in sorted(self.nodes[subject][TYPE]) if text in types)
        names = {language: text for text, language in sorted(self.nodes[subject].get(RDFS + "label", ()))}
        keys = {name: key for name, key in self.ontology.keys("entity").items() if name != "type"}
        return {"id": self.id(subject), "type": type_, **dict(sorted(names.items())), **self.cells(subject, keys)}

    def source_row(self, subject: str) -> Row:
        """Return the row of a source."""
        return self.cells(subject, self.ontology.keys("source"))

    def claim_row(self, subject: str) -> Row:
        """Return the row of a claim: its own keys, and its proposition's content unless it refers to another claim."""
        node = self.nodes[subject]
        claim_keys = {name: key for name, key in self.ontology.keys("claim").items() if name != "stance"}
        own = self.cells(subject, claim_keys)
        predicate = next((p for p in node if p in self.stances), "")
        if not predicate:
            raise ProjectError(f"the claim {subject} says nothing about any proposition")
        content = (
            {} if "re" in own else self.cells(self.one(subject, predicate), self.ontology.keys("content"), near=subject)
        )
        content |= dict(
            text.split(": ", 1) for text, _ in node.get(KG + "asWritten", ()) if text.split(": ", 1)[0] in content
        )
        stance, links = self.stances[predicate], {key: text.split("|") for key, text in own.items()}
        usual = self.ontology.default_stance(links.get("re", ()), links)
        cells = {**({} if stance.iri == usual.iri else {"stance": stance.notation}), **content, **own}
        source = self.id(self.one(subject, PROV + "wasDerivedFrom"))
        return {"source": source, **in_order(cells, self.ontology.row_keys)}

    def cells(self, subject: str, keys: Mapping[str, Key], near: str = "") -> Row:
        """Return the texts of the keys that a node has, in the order of ``keys``."""
        node = self.nodes.get(subject, {})
        return {
            name: "|".join(sorted(self.text(key, text, subject, near) for text, _ in node[key.iri]))
            for name, key in keys.items()
            if key.iri in node
        } | self.quantities(node, keys)

    def quantities(self, node: Node, keys: Mapping[str, Key]) -> Row:
        """Return the quantity of a node as written, from ``kg:valueText``."""
        texts = [text for text, _ in node.get(KG + "valueText", ())]
        holders = [name for name, key in keys.items() if key.value_kind == "quantity"]
        present = [name for name in holders if keys[name].iri in node] or (
            ["value"] if KG + "measure" in node else ["share"]
        )
        return {present[0]: texts[0]} if texts and holders else {}

    def text(self, key: Key, value: str, subject: str, near: str) -> str:
        """Return a value as it is written in a row."""
        if key.value_kind == "term":
            return self.ontology.term(value).notation
        if key.value_kind in ("date", "interval"):
            return str(read_interval(value))
        if value in self.nodes and KG + "Claim" in (text for text, _ in self.nodes[value].get(TYPE, ())):
            return self.handle(value, near or subject)
        if key.value_kind in ("entity", "entities", "entity-or-claim", "source"):
            return self.id(value)
        return value.rsplit("/", 1)[-1] if key.value_kind == "wikidata" else value

    def handle(self, claim: str, near: str) -> str:
        """Return the reference to another claim: its handle, prefixed with its source if that differs."""
        handle, source = self.one(claim, KG + "handle"), self.one(claim, PROV + "wasDerivedFrom")
        if not handle:
            raise ProjectError(f"the claim {claim} is referred to and has no handle")
        return handle if source == self.one(near, PROV + "wasDerivedFrom") else f"{self.id(source)}/{handle}"

    def id(self, iri: str) -> str:
        """Return the id of a project IRI."""
        return "unknown" if iri == KG + "unknown" else iri.removeprefix(f"{self.base}id/")
