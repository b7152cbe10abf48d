"""Convert a judged world to RDF; only this module knows the RDF pattern of the model.

In: a ``World`` and its judgements. Out: quads whose four terms are in N-Triples syntax, and text in four formats. There
are five kinds of named graph: entities, propositions, one per source, derived, ontology. No triple is in two of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter

from kg.judging.opposition import DENIED, HELD, asserts
from kg.judging.origins import Origins
from kg.judging.plans import Outcome
from kg.judging.verdicts import RULES_VERSION, Judgement
from kg.model.dates import Date
from kg.model.iris import DCTERMS, EDTF, KG, ONTOLOGY_GRAPH, PROV, RDF_TYPE, RDFS, SKOS, XSD, Shortener, iri, literal
from kg.model.properties import Term
from kg.model.quantities import Quantity, plain
from kg.model.sentences import Sentences
from kg.model.terms import Key
from kg.model.world import Claim, Entity, Proposition, Ref, Source, Value, World, line_ends, period_of

Quad = tuple[str, str, str, str]
Pair = tuple[str, str]
LABEL = iri(RDFS + "label")
ALT_LABEL = iri(SKOS + "altLabel")
UNTOLD = ("denied", "declined", "not-found", "superseded", "corrected", "retracted")  # these yield no triple
BESIDE = {
    "clash": "clashesWith",
    "in-tension": "setAgainst",
    "handover-untold": "handsOver",
    "seen-after-end": "seenAfter",
    "joint": "holdsWith",
}
OPPOSES = {DENIED: ("contradicts",), HELD: ("excludes",)}
DERIVED_FROM = iri(PROV + "wasDerivedFrom")


def world_quads(world: World, judgements: Mapping[str, Judgement]) -> list[Quad]:
    """Return all quads except those of the shipped ontology, sorted by graph, subject, predicate, object."""
    return sorted({*said_quads(world), *derived_quads(world, judgements, Origins(world))})


def said_quads(world: World) -> set[Quad]:
    """Return the quads of what a project's rows say: entities, sources, propositions, claims, its own ontology."""
    base = world.settings.base
    entities, propositions = iri(f"{base}graph/entities"), iri(f"{base}graph/propositions")
    sentences = Sentences(world)
    keys = world.ontology.row_keys
    quads: set[Quad] = set()
    _add(quads, entities, iri(base), _dataset(world))
    for entity in world.entities.values():
        _add(quads, entities, iri(entity.iri), _entity(entity, world.ontology.keys("entity")))
    for proposition in world.propositions:
        _add(quads, propositions, iri(proposition.iri), _proposition(proposition, keys, sentences))
    for source in world.sources.values():
        _add(quads, iri(source.iri), iri(source.iri), _source(source, world.ontology.keys("source")))
    for claim in world.claims:
        _add(quads, iri(claim.source.iri), iri(claim.iri), _claim(claim, keys))
    quads.update(ontology_quads(world.ontology.own))
    return quads


def derived_quads(world: World, judgements: Mapping[str, Judgement], origins: Origins) -> set[Quad]:
    """Return the quads of what follows from a world: the dataset's days, and those of ``derived_pairs``."""
    quads: set[Quad] = set()
    graph = iri(f"{world.settings.base}graph/derived")
    if world.as_of:
        days = (("asOf", world.as_of), ("knownBy", world.known_by))
        pairs = [(iri(KG + name), literal(day, datatype=XSD + "date")) for name, day in days]
        _add(quads, graph, iri(world.settings.base), pairs)
    version = literal(str(RULES_VERSION), datatype=XSD + "integer")
    _add(quads, graph, iri(world.settings.base), [(iri(KG + "rulesVersion"), version)])
    for subject, pairs in derived_pairs(world, judgements, origins):
        _add(quads, graph, subject, pairs)
    return quads


def ontology_quads(triples: Iterable[tuple[str, str, str]]) -> list[Quad]:
    """Return triples as quads in the graph of the ontology."""
    return [(iri(ONTOLOGY_GRAPH), *triple) for triple in triples]


def _add(quads: set[Quad], graph: str, subject: str, pairs: Iterable[Pair]) -> None:
    quads.update((graph, subject, predicate, value) for predicate, value in pairs)


# ---------------------------------------------------------------- the pattern, node by node


def _dataset(world: World) -> Iterator[Pair]:
    settings = world.settings
    yield RDF_TYPE, iri("http://www.w3.org/ns/dcat#Dataset")
    yield RDF_TYPE, iri("http://rdfs.org/ns/void#Dataset")
    yield iri(DCTERMS + "title"), literal(settings.title)
    yield iri("http://rdfs.org/ns/void#uriSpace"), literal(settings.base)
    yield iri(KG + "languages"), literal("|".join(settings.languages))
    if settings.licence:
        yield (
            iri(DCTERMS + "license"),
            iri(settings.licence) if settings.licence.startswith("http") else literal(settings.licence),
        )


def _entity(entity: Entity, keys: Mapping[str, Key]) -> Iterator[Pair]:
    yield RDF_TYPE, iri(entity.type.iri)
    for language, name in entity.names.items():
        yield LABEL, literal(name, language=language)
    for name, value in entity.facts.items():
        if name != "type":
            yield from value_pairs(keys[name], value)


def _source(source: Source, keys: Mapping[str, Key]) -> Iterator[Pair]:
    yield RDF_TYPE, iri(KG + "Source")
    for name, value in source.facts.items():
        yield from value_pairs(keys[name], value)


def _proposition(proposition: Proposition, keys: Mapping[str, Key], sentences: Sentences) -> Iterator[Pair]:
    yield RDF_TYPE, iri(proposition.kind.iri)
    yield LABEL, literal(sentences.sentence(proposition), language="en")
    yield iri(KG + "slot"), iri(proposition.slot)
    for name, value in proposition.content.items():
        yield from value_pairs(keys[name], value)
    if period := period_of(sentences.world.ontology, proposition.content):
        yield iri(KG + "period"), literal(period, datatype=XSD + "duration")


def _claim(claim: Claim, keys: Mapping[str, Key]) -> Iterator[Pair]:
    yield RDF_TYPE, iri(KG + "Claim")
    yield DERIVED_FROM, iri(claim.source.iri)
    yield iri(claim.stance.stance_of), iri(claim.proposition.iri)
    language = claim.source.facts.get("lang", "")
    for name, value in claim.facts.items():
        if name != "stance":
            yield from value_pairs(keys[name], value, language=str(language))
    for name, text in claim.wording.items():
        yield iri(KG + "asWritten"), literal(f"{name}: {text}")
    for name, targets in claim.links.items():
        yield from ((iri(keys[name].iri), iri(target)) for target in targets)


def value_pairs(key: Key, value: Value, *, language: str = "") -> Iterator[Pair]:
    """Yield the predicates and objects for a key and its value."""
    predicate = iri(key.iri)
    if isinstance(value, Ref | Term):
        yield predicate, iri(value.iri)
    elif isinstance(value, Date):
        yield from _date_pairs(key, value)
    elif isinstance(value, Quantity):
        yield from _quantity_pairs(predicate, value)
    elif isinstance(value, tuple):
        yield from ((predicate, iri(v.iri) if isinstance(v, Ref) else literal(v)) for v in value)
    elif key.value_kind == "url":
        yield predicate, iri(value)
    else:
        yield predicate, literal(value, language=language if key.in_source_language else "")


def _date_pairs(key: Key, value: Date) -> Iterator[Pair]:
    yield iri(key.iri), literal(value.edtf, datatype=EDTF + "EDTF")
    for bound, day in ((key.lower_bound, value.lower), (key.upper_bound, value.upper)):
        if day and bound:
            yield iri(bound), literal(day, datatype=XSD + "date")


def _quantity_pairs(predicate: str, value: Quantity) -> Iterator[Pair]:
    yield iri(KG + "valueText"), literal(value.text)
    yield iri(KG + "comparator"), literal(value.comparator)
    if value.number is not None:
        yield predicate, literal(plain(value.number), datatype=XSD + "decimal")
    if value.upper is not None:
        yield iri(KG + "upperValue"), literal(plain(value.upper), datatype=XSD + "decimal")
    for name, unit in (("unit", value.unit), ("per", value.per)):
        if unit:
            yield iri(KG + name), iri(unit)


# ---------------------------------------------------------------- derived triples


def derived_pairs(
    world: World, judgements: Mapping[str, Judgement], origins: Origins
) -> Iterator[tuple[str, list[Pair]]]:
    """Yield what follows from a world's claims, by subject: claims, propositions, corroborations, one-hop triples."""
    for proposition in world.propositions:
        judgement = judgements[proposition.iri]
        yield iri(proposition.iri), list(_judged(judgement))
        for opposition in judgement.oppositions:
            speaks = opposition.claim == opposition.said_in or opposition.why == HELD
            names = ("opposes", *(OPPOSES.get(opposition.why, ()) if speaks else ()))
            yield iri(opposition.claim), [(iri(KG + name), iri(opposition.against)) for name in names]
        if judgement.outcome:
            yield iri(proposition.iri), list(_became(judgement.outcome))
        for claim, ending in judgement.endings:
            yield iri(claim), [(iri(KG + "endedBy"), iri(ender)) for ender in ending.by]
        for bound in judgement.bounds:
            yield iri(bound.claim), [(iri(KG + "boundedBy"), iri(bound.by))]
        for pair in judgement.beside:
            if pair.qualifier in BESIDE:
                yield iri(pair.claim), [(iri(KG + BESIDE[pair.qualifier]), iri(pair.other))]
    yield from _corroborations(world, judgements)
    yield from _origins(world, judgements, origins)
    yield from _also(world, judgements)
    for (subject, predicate, value), rests_on in shortcuts(world, judgements).items():
        yield subject, [(predicate, value)]
        yield from ((iri(proposition), [(iri(KG + "yields"), predicate)]) for proposition in rests_on)


def _judged(judgement: Judgement) -> Iterator[Pair]:
    yield iri(KG + "verdict"), iri(judgement.verdict.iri)
    if judgement.holds:
        yield iri(KG + "holds"), literal(judgement.holds)
    if judgement.last_seen:
        yield iri(KG + "lastSeen"), literal(judgement.last_seen.edtf, datatype=EDTF + "EDTF")
    if not judgement.applies:
        yield iri(KG + "ofAnotherDay"), literal("true", datatype=XSD + "boolean")
    yield from ((iri(KG + "qualifier"), iri(qualifier.iri)) for qualifier in judgement.qualifiers)
    yield from ((iri(KG + "supportedBy"), iri(claim.iri)) for claim in judgement.finer)


def _origins(world: World, judgements: Mapping[str, Judgement], origins: Origins) -> Iterator[tuple[str, list[Pair]]]:
    """Yield the origin of each claim, and the footings of the current assertions of each proposition."""
    for claim in world.claims:
        yield iri(claim.iri), [(iri(KG + "origin"), iri(origins.trace(claim)[0]))]
    for proposition, judgement in judgements.items():
        asserted = [claim for claim in judgement.current if asserts(claim)]
        yield iri(proposition), [(iri(KG + "restsOn"), iri(footing.iri)) for footing in origins.footings(asserted)]


def _corroborations(world: World, judgements: Mapping[str, Judgement]) -> Iterator[tuple[str, list[Pair]]]:
    """Yield what is corroborated where no proposition says just that, and by what.

    A corroboration names the keys on which the propositions agree, and their values are read there. So it has no
    property of a proposition, and no query takes it for one.
    """
    sentences, keys = Sentences(world), world.ontology.row_keys
    found = {one.part.iri: one for judgement in judgements.values() for one in judgement.parts if not one.on_record}
    for name, one in sorted(found.items()):
        yield (
            iri(name),
            [
                (RDF_TYPE, iri(KG + "Corroboration")),
                (LABEL, literal(sentences.sentence(one.part), language="en")),
                (iri(KG + "weakestVerdict"), iri(one.verdict.iri)),
                *((iri(KG + "agreesOn"), iri(keys[key].iri)) for key in one.part.content),
                *((iri(KG + "corroborates"), iri(said)) for said in one.propositions),
                *((iri(KG + "agreeingClaim"), iri(claim.iri)) for claim in one.claims),
                *((iri(KG + "agreeingOrigin"), iri(origin)) for origin in one.origins),
            ],
        )


def _also(world: World, judgements: Mapping[str, Judgement]) -> Iterator[tuple[str, list[Pair]]]:
    """Yield the other terms of the same kind that claims assert between the two ends of each proposition."""
    found: dict[tuple[str, Ref, Ref], dict[str, list[str]]] = {}
    for proposition in world.propositions:
        also, ends = proposition.kind.other_term, line_ends(proposition)
        if also and ends and any(map(asserts, judgements[proposition.iri].current)):
            found.setdefault((also, *ends), {}).setdefault(proposition.term.iri, []).append(proposition.iri)
    for (also, *_), by_term in found.items():
        for term, propositions in by_term.items():
            others = [(iri(also), iri(other)) for other in by_term if other != term]
            yield from ((iri(proposition), others) for proposition in propositions)


def _became(outcome: Outcome) -> Iterator[Pair]:
    """Yield the outcome of a plan and the propositions it was compared with."""
    yield iri(KG + "outcome"), iri(outcome.status.iri)
    if outcome.due:
        yield iri(KG + "dueOn"), literal(outcome.due, datatype=XSD + "date")
    if outcome.reached is not None:
        yield iri(KG + "reached"), literal(plain(outcome.reached), datatype=XSD + "decimal")
    for claim in outcome.observations:
        yield iri(KG + "comparedWith"), iri(claim.proposition.iri)


def shortcuts(
    world: World, judgements: Mapping[str, Judgement], *, brave: bool = False
) -> dict[tuple[str, str, str], list[str]]:
    """Return the one-hop triples, each with the IRIs of the propositions that it rests on.

    By default, use stated propositions that may hold on the as-of day and clash with nothing; with ``brave``, all that
    are asserted, not denied, and not of another day.
    """
    found: dict[tuple[str, str, str], list[str]] = {}
    for proposition in world.propositions:
        judgement = judgements[proposition.iri]
        told = judgement.verdict.notation not in UNTOLD and judgement.applies and any(map(asserts, judgement.current))
        if told if brave else judgement.is_firm:
            for triple in _shortcut_triples(world, proposition):
                found.setdefault(triple, []).append(proposition.iri)
    return dict(sorted(found.items()))


def flat_quads(world: World, judgements: Mapping[str, Judgement], *, brave: bool) -> list[Quad]:
    """Return only the one-hop triples, and the labels of the entities that they connect."""
    entities, derived = (iri(f"{world.settings.base}graph/{name}") for name in ("entities", "derived"))
    triples = shortcuts(world, judgements, brave=brave)
    joined = {end for subject, _, value in triples for end in (subject, value)}
    names = [
        (entities, iri(entity.iri), LABEL, literal(name, language=language))
        for entity in world.entities.values()
        if iri(entity.iri) in joined
        for language, name in entity.names.items()
    ]
    return sorted([*names, *((derived, *triple) for triple in triples)])


def _shortcut_triples(world: World, proposition: Proposition) -> Iterator[tuple[str, str, str]]:
    """Yield the shortcut triples of the proposition's term and of every broader term."""
    if ends := line_ends(proposition):
        for wider in world.ontology.wider(proposition.term):
            for predicate in wider.shortcuts:
                yield iri(ends[0].iri), iri(predicate), iri(ends[1].iri)


# ---------------------------------------------------------------- text


def turtle(quads: Iterable[Quad], prefixes: Mapping[str, str]) -> str:
    """Return the union of the graphs as Turtle: prefixed, grouped by subject, sorted."""
    shortener = Shortener(prefixes)
    return _with_prefixes(_turtle_body(quads, shortener), shortener)


def turtle_head(quads: Iterable[Quad], prefixes: Mapping[str, str]) -> str:
    """Return the union of the graphs as Turtle to which more can be appended: it declares every prefix, used or not."""
    head = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in sorted(prefixes.items()))
    return f"{head}\n{_turtle_body(quads, Shortener(prefixes))}\n"


def trig_head(quads: Iterable[Quad], prefixes: Mapping[str, str]) -> str:
    """Return the graphs as TriG to which more can be appended, as ``turtle_head`` does."""
    head = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in sorted(prefixes.items()))
    return f"{head}\n{_trig_body(quads, Shortener(prefixes))}\n"


def _turtle_body(quads: Iterable[Quad], shortener: Shortener) -> str:
    triples = sorted({quad[1:] for quad in quads})
    return "\n".join(
        _subject_block(shortener, subject, list(group)) for subject, group in groupby(triples, itemgetter(0))
    )


def trig(quads: Iterable[Quad], prefixes: Mapping[str, str]) -> str:
    """Return the graphs as TriG: prefixed, each graph grouped by subject, sorted."""
    shortener = Shortener(prefixes)
    return _with_prefixes(_trig_body(quads, shortener), shortener)


def _trig_body(quads: Iterable[Quad], shortener: Shortener) -> str:
    blocks = []
    for graph, members in groupby(sorted(quads), itemgetter(0)):
        triples = [quad[1:] for quad in members]
        inner = "\n".join(
            _subject_block(shortener, subject, list(group)) for subject, group in groupby(triples, itemgetter(0))
        )
        blocks.append(f"{shortener.turtle(graph)} {{\n{inner}}}\n")
    return "\n".join(blocks)


def nquads(quads: Iterable[Quad]) -> str:
    """Return the quads as N-Quads, sorted."""
    return "".join(sorted(f"{s} {p} {o} {g} .\n" for g, s, p, o in quads))


def ntriples(quads: Iterable[Quad]) -> str:
    """Return the union of the graphs as N-Triples, sorted."""
    return "".join(sorted({f"{s} {p} {o} .\n" for _, s, p, o in quads}))


def _subject_block(shortener: Shortener, subject: str, triples: list[tuple[str, str, str]]) -> str:
    """Return the triples of a subject, sorted by predicate and object, as Turtle; its types come first."""
    lines: dict[str, str] = {}
    turtle = shortener.turtle
    for _, predicate, value in triples:
        said = lines.get(predicate)
        lines[predicate] = f"{said} , {turtle(value)}" if said else f"{shortener.predicate(predicate)} {turtle(value)}"
    if types := lines.pop(RDF_TYPE, ""):
        lines = {RDF_TYPE: types, **lines}
    return f"{shortener.turtle(subject)} " + " ;\n    ".join(lines.values()) + " .\n"


def _with_prefixes(body: str, shortener: Shortener) -> str:
    """Prepend declarations of the prefixes that the text uses."""
    used = [(p, ns) for p, ns in sorted(shortener.prefixes.items()) if f"{p}:" in body]
    head = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in used)
    return f"{head}\n{body}"
