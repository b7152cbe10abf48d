"""Generate SHACL shapes from the ontology: the constraints that rows are checked against, for RDF.

Input: the ontology. Output: Turtle. The shapes validate RDF of others, and our own a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.model.iris import KG, RDFS, XSD
from kg.model.ontology import Ontology
from kg.model.properties import Term
from kg.model.terms import Key, Kind, Measure, Predicate, Record, Stance, Unit

HEAD = f"""@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix kg: <{KG}> .
@prefix rdfs: <{RDFS}> .
@prefix xsd: <{XSD}> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
"""
MANY = frozenset({"entities", "texts", "claims"})
ENTITY_KINDS = frozenset({"entity", "entities"})


def shapes_text(ontology: Ontology) -> str:
    """Return the shapes as Turtle: one per kind of proposition, and one each for claims, sources and entities."""
    shapes = [_kind_shape(ontology, kind) for kind in ontology.kinds.values()]
    return HEAD + "\n" + "\n".join([*shapes, _claim_shape(ontology), _source_shape(ontology), _entity_shape()])


def _shape(target: str, constraints: Iterable[str]) -> str:
    body = " ;\n".join(f"    {constraint}" for constraint in constraints)
    return f"<{target}Shape> a sh:NodeShape ;\n    sh:targetClass <{target}> ;\n{body} .\n"


def _property(key: Key, *constraints: str) -> str:
    return f"sh:property [ sh:path <{key.iri}> ; {' ; '.join(c for c in constraints if c)} ]"


def _kind_shape(ontology: Ontology, kind: Kind) -> str:
    keys = [key for key in ontology.keys("content").values() if kind.iri in key.key_of]
    constraints = [*(_key_constraint(ontology, kind, key) for key in keys), *_term_constraints(ontology, kind, keys)]
    return _shape(kind.iri, [*constraints, *_one_of(ontology, kind)])


def _key_constraint(ontology: Ontology, kind: Kind, key: Key) -> str:
    """Return the constraint on how often a key may occur, and on its values."""
    return _property(
        key,
        "sh:minCount 1" if key in kind.requires and key.value_kind != "quantity" else "",
        "" if key.value_kind in MANY else "sh:maxCount 1",
        f"sh:class <{key.range}>" if key.range and key.value_kind in ENTITY_KINDS else "",
        f"sh:class <{key.term_class}>" if key.value_kind == "term" else "",
        f"sh:in ( {' '.join(_quoted(word) for word in key.choices)} )" if key.choices else "",
        f"sh:maxInclusive {key.maximum}" if key.maximum else "",
    )


def _one_of(ontology: Ontology, kind: Kind) -> Iterator[str]:
    """Yield the constraint that requires one of several keys, unless the term stands alone."""
    if kind.requires_one_of:
        naming = kind.named_by
        alone = [term for term in ontology.predicates(kind).values() if term.stands_alone]
        options = [f"[ {_property(key, 'sh:minCount 1')} ]" for key in kind.requires_one_of]
        yield f"sh:or ( {' '.join([*options, *([f'[ {_naming(naming, alone)} ]'] if alone else [])])} )"


def _term_constraints(ontology: Ontology, kind: Kind, keys: Iterable[Key]) -> Iterator[str]:
    """Yield what each term narrows or requires. Terms with the same constraint share it."""
    naming = kind.named_by
    demands: dict[str, list[Predicate]] = {}
    for term in ontology.predicates(kind).values():
        for demand in _demands(ontology, term, keys):
            demands.setdefault(demand, []).append(term)
    for demand, concerned in demands.items():
        yield f"sh:or ( [ sh:not [ {_naming(naming, concerned)} ] ] [ {demand} ] )"


def _naming(naming: Key, terms: Iterable[Term]) -> str:
    return _property(naming, f"sh:in ( {' '.join(f'<{term.iri}>' for term in terms)} )", "sh:minCount 1")


def _demands(ontology: Ontology, term: Predicate, keys: Iterable[Key]) -> Iterator[str]:
    for key in keys:
        narrowed = ontology.narrowed(key, term)
        if narrowed:
            options = " ".join(f"[ sh:class <{iri}> ]" for iri in narrowed)
            yield _property(key, f"sh:or ( {options} )")
    yield from (_property(key, "sh:minCount 1") for key in term.requires)
    if not isinstance(term, Measure):
        return
    if term.unit_of:
        yield _units(ontology, term)
    if term.maximum:
        yield f"sh:property [ sh:path <{KG}value> ; sh:maxInclusive {term.maximum} ]"


def _units(ontology: Ontology, term: Measure) -> str:
    """Return the units that a measure takes: named ones, or members of a class; none if it has no number."""
    units = {unit.iri for unit in ontology.of(Unit).values()}
    options = [f"[ sh:hasValue <{iri}> ]" if iri in units else f"[ sh:class <{iri}> ]" for iri in term.unit_of]
    has_unit = f"sh:property [ sh:path <{KG}unit> ; sh:minCount 1 ; sh:or ( {' '.join(options)} ) ]"
    return f"sh:or ( [ {has_unit} ] [ sh:property [ sh:path <{KG}value> ; sh:maxCount 0 ] ] )"


def _claim_shape(ontology: Ontology) -> str:
    stances = [stance.stance_of for stance in ontology.of(Stance).values()]
    options = " ".join(
        f"[ sh:property [ sh:path <{iri}> ; sh:minCount 1 ; sh:maxCount 1 ; sh:class kg:Proposition ] ]"
        for iri in stances
    )
    return _shape(
        KG + "Claim",
        [
            "sh:property [ sh:path prov:wasDerivedFrom ; sh:minCount 1 ; sh:maxCount 1 ; sh:class kg:Source ]",
            "sh:property [ sh:path prov:wasAttributedTo ; sh:minCount 1 ; sh:maxCount 1 ; sh:class kg:Agent ]",
            "sh:property [ sh:path kg:modality ; sh:minCount 1 ; sh:maxCount 1 ; sh:class kg:Modality ]",
            "sh:property [ sh:path kg:evidence ; sh:minCount 1 ; sh:maxCount 1 ; sh:class kg:Evidence ]",
            f"sh:xone ( {options} )",
        ],
    )


def _source_shape(ontology: Ontology) -> str:
    """Return the shape of a source, which needs a description only if its claims are in the graph."""
    claimed = "sh:property [ sh:path [ sh:inversePath prov:wasDerivedFrom ] ; sh:maxCount 0 ]"
    needed = ontology.of(Record)["source"].requires
    described = " ; ".join(_property(key, "sh:minCount 1", "sh:maxCount 1") for key in needed)
    return _shape(KG + "Source", [f"sh:or ( [ {claimed} ] [ {described} ] )"])


def _entity_shape() -> str:
    named = "sh:property [ sh:path rdfs:label ; sh:minCount 1 ; sh:uniqueLang true ]"
    return _shape(KG + "Entity", [f"sh:or ( [ sh:class kg:Source ] [ {named} ] )"])


def _quoted(word: str) -> str:
    return f'"{word}"'
