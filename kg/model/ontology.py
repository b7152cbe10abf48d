"""Load the ontology: ``ontology/*.ttl`` in; kinds, keys and terms out.

These files are the only definition of the domain. A project can add its own ``ontology/*.ttl``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

from kg.model.errors import Location, Problem, ProjectError
from kg.model.iris import KG, OWL, RDF, RDFS, SKOS, split_term, visible
from kg.model.package import PACKAGE
from kg.model.properties import Property, Term
from kg.model.terms import CLASSES, EntityClass, EntityType, Key, Kind, Predicate, Stance, Unit

Typed = TypeVar("Typed", bound=Term)

KEY = re.compile(r"[^\W\d_][^\W_]*(-[^\W_]+)*")  # letters and digits, joined by hyphens
# Words that mean something else beside the keys of a class: in a row, in a mapping, in a line of entities.
TAKEN = {
    "ContentKey": ("source", "where"),
    "ClaimKey": ("source", "where"),
    "SourceKey": ("key", "prefix"),
    "EntityKey": ("id", "key", "prefix"),
}
LAYERS = {"content": "ContentKey", "claim": "ClaimKey", "source": "SourceKey", "entity": "EntityKey"}
Triple = tuple[str, str, str]


def triples_text(triples: Iterable[Triple]) -> str:
    """Return triples as N-Triples, which is also valid Turtle."""
    return "".join(f"{subject} {predicate} {value} .\n" for subject, predicate, value in triples)


_split = lru_cache(maxsize=2**14)(split_term)  # most terms that a project reads are shipped with the package


class Ontology:
    """The terms of an ontology and their statements."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        """Index triples whose terms are in N-Triples syntax."""
        self.triples = sorted(set(triples))
        self._statements: dict[str, dict[str, list[str]]] = {}
        self._labels: dict[str, dict[str, str]] = {}
        self._instances: dict[str, list[str]] = {}
        # Caches live on the instance, so that they are freed together with the project.
        self._terms: dict[str, Term] = {}
        self._classes: dict[str, Mapping[str, Term]] = {}
        self._above: dict[tuple[str, str], tuple[str, ...]] = {}
        for subject, predicate, value in self.triples:
            text, language, _ = _split(value)
            self._statements.setdefault(subject[1:-1], {}).setdefault(predicate[1:-1], []).append(text)
            if predicate[1:-1] in (SKOS + "prefLabel", RDFS + "label"):
                self._labels.setdefault(subject[1:-1], {}).setdefault(language, text)
            elif predicate[1:-1] == RDF + "type":
                self._instances.setdefault(text, []).append(subject[1:-1])

    def term(self, iri: str) -> Term:
        """Return the term of an IRI; an unknown IRI gives a term without statements."""
        if iri not in self._terms:
            self._terms[iri] = self._make_term(iri)
        return self._terms[iri]

    def _make_term(self, iri: str) -> Term:
        statements = {p: tuple(sorted(values)) for p, values in self._statements.get(iri, {}).items()}
        notation = next(iter(statements.get(SKOS + "notation", ())), iri.rsplit("/", 1)[-1].rsplit("#", 1)[-1])
        types = [type_.removeprefix(KG) for type_ in statements.get(RDF + "type", ())]
        other = EntityClass if OWL + "Class" in types else Term
        made = next((CLASSES[type_] for type_ in types if type_ in CLASSES), other)
        return made(iri, notation, self._labels.get(iri, {}), statements, self)

    def of(self, cls: type[Typed]) -> Mapping[str, Typed]:
        """Return the terms of a class of ``terms`` by notation, sorted by position."""
        return cast(Mapping[str, Typed], self.terms(cls.__name__))

    def terms(self, cls: str) -> Mapping[str, Term]:
        """Return the terms of a class by notation, sorted by position; ``cls`` is an IRI or a local name of ``kg:``."""
        if cls not in self._classes:
            self._classes[cls] = {term.notation: term for term in in_order(self.instances(cls))}
        return self._classes[cls]

    def instances(self, cls: str) -> list[Term]:
        """Return the terms of a class, including terms with the same notation; ``cls`` as in ``terms``."""
        return [self.term(iri) for iri in self._instances.get(cls if ":" in cls else KG + cls, ())]

    def typed(self, cls: type[Typed], iri: str) -> Typed:
        """Return the term of an IRI as an instance of a class of ``terms``."""
        term = self.term(iri)
        return term if isinstance(term, cls) else cls(term.iri, term.notation, term.labels, term.statements, self)

    def predicates(self, kind: Kind) -> Mapping[str, Predicate]:
        """Return what a proposition of a kind can say: its roles, relations, events or measures by notation."""
        return cast(Mapping[str, Predicate], self.terms(kind.named_by.term_class))

    def wider(self, term: Predicate) -> Iterable[Predicate]:
        """Yield a predicate and every broader one, nearest first."""
        return (self.typed(Predicate, iri) for iri in self.broader(term.iri))

    def keys(self, layer: str) -> Mapping[str, Key]:
        """Return the keys of a layer (content, claim, source, entity) by notation, ordered by position."""
        return cast(Mapping[str, Key], self.terms(LAYERS[layer]))

    @cached_property
    def own(self) -> list[Triple]:
        """Return the triples that the project adds to the shipped ontology, sorted."""
        return sorted(set(self.triples) - set(shipped_terms().triples))

    @cached_property
    def row_keys(self) -> Mapping[str, Key]:
        """Return every key that a claim row can have."""
        return {**self.keys("content"), **self.keys("claim")}

    @cached_property
    def unknown_type(self) -> EntityType:
        """Return the type of an entity whose type is wrong or missing."""
        return EntityType("", "", {}, {}, self)

    @property
    def default_keys(self) -> Mapping[str, Key]:
        """Return the keys that a claim file can set for all its rows."""
        return cast(Mapping[str, Key], self.terms("DefaultKey"))

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """Return the kinds of proposition by the notation of the key that selects them."""
        return {kind.named_by.notation: kind for kind in self.of(Kind).values()}

    @cached_property
    def slot_keys(self) -> Mapping[str, tuple[str, ...]]:
        """Return by the IRI of a kind the keys that make its slot, sorted."""
        kinds = self.of(Kind).values()
        return {kind.iri: tuple(sorted(key.notation for key in kind.slot_keys)) for kind in kinds}

    @cached_property
    def weak_keys(self) -> frozenset[str]:
        """Return the keys of a row that make what it says weak."""
        return frozenset(name for name, key in self.row_keys.items() if key.weak)

    @cached_property
    def units(self) -> Mapping[str, str]:
        """Return the IRIs of units by notation and by every other name."""
        units = self.of(Unit)
        names = {name: term.iri for term in units.values() for name in term.names}
        return {**names, **{notation: term.iri for notation, term in units.items()}}

    def ancestors(self, iri: str, predicate: str = RDFS + "subClassOf") -> tuple[str, ...]:
        """Return an IRI and its ancestors by ``rdfs:subClassOf`` or another ``predicate``, nearest first."""
        if (iri, predicate) not in self._above:
            self._above[iri, predicate] = self._climb(iri, predicate)
        return self._above[iri, predicate]

    def _climb(self, iri: str, predicate: str) -> tuple[str, ...]:
        found = {iri: None}
        for current in (queue := [iri]):
            for above in self._statements.get(current, {}).get(predicate, ()):
                if above not in found:
                    found[above] = None
                    queue.append(above)
        return tuple(found)

    def broader(self, iri: str) -> tuple[str, ...]:
        """Return a concept and all broader concepts, nearest first."""
        return self.ancestors(iri, SKOS + "broader")

    def narrowed(self, key: Key, term: Term) -> tuple[str, ...]:
        """Return the classes to which ``term`` restricts the values of ``key``; empty if it does not restrict them."""
        local = key.type_property.removeprefix(KG)
        return term.inherited(local) if local else ()

    def default_stance(self, answered: Collection[object], links: Mapping[str, Collection[object]]) -> Stance:
        """Return the stance of a claim that answers others and names none: asserts, or takes back."""
        for stance in self.of(Stance).values() if answered else ():
            if any(set(answered) <= set(links.get(key.notation, ())) for key in stance.default_after):
                return stance
        return self.of(Stance)["asserts"]

    def is_a(self, iri: str, classes: Iterable[str]) -> bool:
        """Return whether a class is one of the classes or a subclass of one."""
        return not set(self.ancestors(iri)).isdisjoint(classes)


def in_order(terms: Iterable[Typed]) -> list[Typed]:
    """Return terms sorted by position, then notation."""
    return sorted(terms, key=lambda term: (term.position, term.notation))


def nearest(word: str, words: Iterable[str]) -> str:
    """Return the known word closest to a mistyped one, or ""."""
    by_folded = {known.casefold(): known for known in words}
    found = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.7)
    return by_folded[found[0]] if found else ""


def shipped_folder() -> Path:
    """Return the folder of the shipped ontology: in a wheel, or next to the package in a checkout.

    Raises ProjectError if it is missing.
    """
    for folder in (PACKAGE / "ontology_data", PACKAGE.parent / "ontology"):
        if (folder / "core.ttl").is_file():
            return folder
    raise ProjectError("this installation of autokg carries no ontology; install it again")


def read_ontology(own_files: Mapping[str, str], problems: list[Problem]) -> Ontology:
    """Read the shipped ontology and a project's own files (path to text); append what is wrong to ``problems``."""
    if not own_files:
        return shipped_terms()
    ontology, found = _read_with(tuple(sorted(own_files.items())))
    problems.extend(found)
    return ontology


@lru_cache(maxsize=2)  # editing claims triggers many checks, and the ontology rarely changes between them
def _read_with(own_files: tuple[tuple[str, str], ...]) -> tuple[Ontology, list[Problem]]:
    problems: list[Problem] = []
    shipped = shipped_terms()
    triples = set(shipped.triples)
    for name, text in own_files:
        try:
            own = _parse(text)
            problems.extend(_meddling(shipped, own, name, text))
            triples.update(own)
        except SyntaxError as error:
            place = Location(name, error.lineno or 0, error.offset or 0)
            problems.append(Problem(place, "error", "KG002", f"not Turtle: {error.msg}"))
    ontology = Ontology(triples)
    for name, text in own_files:
        problems.extend(_misstated(ontology, name, text))
    problems.extend(_unfit_keys(ontology, own_files[0][0]))
    problems.extend(_doubled_notations(ontology, own_files[0][0]))
    return ontology, problems


@cache
def shipped_terms(folder: str = "") -> Ontology:
    """Return what the files of the shipped ontology say, or those of a folder in it, which a build does not write."""
    files = sorted((shipped_folder() / folder).glob("*.ttl"))
    return Ontology(triple for path in files for triple in _parse(path.read_text("utf-8")))


def _parse(text: str) -> set[Triple]:
    import pyoxigraph

    found = set()
    for quad in pyoxigraph.parse(text.encode(), pyoxigraph.RdfFormat.TURTLE):
        if isinstance(quad.subject, pyoxigraph.BlankNode) or isinstance(quad.object, pyoxigraph.BlankNode):
            raise SyntaxError("a blank node; give it an IRI, so that it has the same name in every build")
        found.add((str(quad.subject), str(quad.predicate), visible(str(quad.object))))
    return found


_NAMING = frozenset({SKOS + "prefLabel", SKOS + "altLabel", SKOS + "definition", RDFS + "label", RDFS + "comment"})


def _meddling(shipped: Ontology, own: Iterable[Triple], file: str, text: str) -> Iterable[Problem]:
    """Yield a problem for each statement about a shipped term, except names in a language that the term lacks.

    Verdicts depend on the shipped terms: a project that changed one could turn a denial into a statement.
    """
    for subject, predicate, value in sorted(own):
        said = shipped._statements.get(subject[1:-1], {})
        language = split_term(value)[1]
        known = shipped._labels.get(subject[1:-1], {})
        if said and not (predicate[1:-1] in _NAMING and language and language not in known):
            line = next((n for n, row in enumerate(text.splitlines(), 1) if _mentions(row, subject[1:-1])), 0)
            term = shipped.term(subject[1:-1])
            message = f"'{term.notation}' is a term of autokg; a project may name it in another language, no more"
            hint = f"make a term of your own, with skos:broader <{term.iri}> where it is a narrower one"
            yield Problem(Location(file, line, 1 if line else 0), "error", "KG115", message, hint)


def faults(ontology: Ontology, term: Term) -> Iterator[tuple[str, str, str]]:
    """Yield the faults in the properties of a term: the property, a message, and a hint."""
    properties = type(term).properties
    taken = type(term).takes | {"reads", "position"} if type(term).takes else {*properties}
    reads = {f"{key}Reads" for key in ontology.row_keys} if isinstance(term, Predicate) else set[str]()
    taken |= reads
    for name in sorted(iri.removeprefix(KG) for iri in term.statements if iri.startswith(KG)):
        if name not in taken:
            near = nearest(name, taken)
            hint = f"did you mean kg:{near}?" if near else f"it takes {', '.join(sorted(taken - reads))}"
            yield name, f"'{term.notation}' cannot have kg:{name}", hint
    for name, expected in properties.items():
        values = term.values(name)
        if expected.required and not values:
            yield "", f"'{term.notation}' has no kg:{name}", ""
        if expected.linked and (wrong := [iri for iri in values if not _is_one(ontology.term(iri), expected)]):
            known = [*ontology.of(expected.linked())] if expected.linked() in CLASSES.values() else []
            near = nearest(wrong[0].rsplit("/", 1)[-1].rsplit("#", 1)[-1], known)
            hint = f"did you mean '{near}'?" if near else ""
            yield name, f"kg:{name} of '{term.notation}' names no {expected.linked().__name__}: {wrong[0]}", hint


def _is_one(term: Term, expected: Property[Any]) -> bool:
    assert expected.linked is not None  # noqa: S101 - asked of links only
    return bool(term.statements) and isinstance(term, expected.linked())


def _misstated(ontology: Ontology, file: str, text: str) -> Iterable[Problem]:
    """Yield a problem for each property that a project's own term lacks or cannot have, at its line."""
    try:
        own = {subject[1:-1] for subject, _, _ in _parse(text)}
    except SyntaxError:
        return
    rows = text.splitlines()
    for term in sorted((ontology.term(iri) for iri in own), key=lambda term: term.iri):
        first = next((number for number, row in enumerate(rows, 1) if _mentions(row, term.iri)), 0)
        for name, message, hint in faults(ontology, term) if type(term) in CLASSES.values() else ():
            later = (n for n, row in enumerate(rows, 1) if n >= first and name and re.search(rf"[:#]{name}\b", row))
            line = next(later, first)
            yield Problem(Location(file, line, 1 if line else 0), "error", "KG116", message, hint)


def _mentions(line: str, iri: str) -> bool:
    return line.strip().startswith(f"<{iri}>") or line.strip().split(" ")[0].endswith(":" + re.split("[/#]", iri)[-1])


def _unfit_keys(ontology: Ontology, file: str) -> Iterable[Problem]:
    """Yield a problem for each key that is misspelt, or that a row or a mapping uses as another word."""
    for cls, taken in TAKEN.items():
        for notation in sorted(term.notation for term in ontology.instances(cls)):
            if not KEY.fullmatch(notation):
                hint = "letters, digits and hyphens, a letter first"
                yield Problem(Location(file), "error", "KG111", f"'{notation}' is no word for a key", hint)
            elif notation in taken:
                message = f"'{notation}' cannot be a key: beside keys the word means something else"
                yield Problem(Location(file), "error", "KG110", message, "give your own key another skos:notation")


def _doubled_notations(ontology: Ontology, file: str) -> Iterable[Problem]:
    """Yield a problem for each notation that two terms of one class, or two keys of a row, share."""
    classes = {KG + name for name in LAYERS.values()} | {key.term_class for key in ontology.row_keys.values()} - {""}
    row = {KG + LAYERS[layer] for layer in ("content", "claim")}
    for together in ([*row], *([cls] for cls in sorted(classes - row))):
        seen: dict[str, str] = {}
        for term in sorted((term for cls in together for term in ontology.instances(cls)), key=lambda term: term.iri):
            if seen.setdefault(term.notation, term.iri) != term.iri:
                message = f"'{term.notation}' names two terms: {seen[term.notation]} and {term.iri}"
                yield Problem(Location(file), "error", "KG110", message, "give your own term another skos:notation")
