"""Load the ontology: ``ontology/*.ttl`` in; kinds, keys and terms out.

These files are the only definition of the domain. A project can add its own ``ontology/*.ttl``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache, cached_property, lru_cache
from pathlib import Path

from kg.model.errors import Location, Problem, ProjectError
from kg.model.iris import KG, RDF, RDFS, SKOS, split_term, visible
from kg.model.package import PACKAGE

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


@dataclass(frozen=True, eq=False)
class Term:
    """A term of the ontology: its IRI, the notation that curators write, labels by language, and its statements."""

    iri: str
    notation: str
    labels: Mapping[str, str] = field(repr=False)
    statements: Mapping[str, tuple[str, ...]] = field(repr=False)

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of ``kg:name`` as plain text, sorted."""
        return self._own.get(name, ())

    @cached_property
    def _own(self) -> Mapping[str, tuple[str, ...]]:
        return {iri.removeprefix(KG): values for iri, values in self.statements.items() if iri.startswith(KG)}

    def one(self, name: str, default: str = "") -> str:
        """Return the value of ``kg:name``."""
        values = self._own.get(name)
        return values[0] if values else default

    def flag(self, name: str) -> bool:
        """Return whether ``kg:name`` is true."""
        return self.one(name) == "true"

    def label(self, language: str = "en") -> str:
        """Return the label in ``language``, else in English, else in any language, else the notation."""
        return self.labels.get(language) or self.labels.get("en") or next(iter(self.labels.values()), self.notation)

    @property
    def names(self) -> tuple[str, ...]:
        """Return every preferred and alternative label."""
        return (*self.labels.values(), *self.statements.get(SKOS + "altLabel", ()))

    @property
    def reads(self) -> str:
        """Return the text of the term inside a sentence."""
        return self.one("reads") or self.label()

    @cached_property
    def comment(self) -> str:
        """Return the definition, else the comment, else ""."""
        return next(
            iter((*self.statements.get(SKOS + "definition", ()), *self.statements.get(RDFS + "comment", ()))), ""
        )

    @cached_property
    def position(self) -> int:
        """Return the position of the term in its class; 999 if it has none."""
        return int(self.one("position", "999"))

    @cached_property
    def value_kind(self) -> str:
        """Return how the value of a key is parsed: the last part of the IRI of its ``kg:valueKind``."""
        return self.one("valueKind").rsplit("/", 1)[-1]

    @cached_property
    def range(self) -> str:
        """Return the class of entities that a key accepts, or ""."""
        return next(iter(self.statements.get(RDFS + "range", ())), "")


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
        return Term(iri, notation, self._labels.get(iri, {}), statements)

    def terms(self, cls: str) -> Mapping[str, Term]:
        """Return the terms of a class by notation, sorted by position; ``cls`` is an IRI or a local name of ``kg:``."""
        if cls not in self._classes:
            self._classes[cls] = {term.notation: term for term in in_order(self.instances(cls))}
        return self._classes[cls]

    def instances(self, cls: str) -> list[Term]:
        """Return the terms of a class, including terms with the same notation; ``cls`` as in ``terms``."""
        return [self.term(iri) for iri in self._instances.get(cls if ":" in cls else KG + cls, ())]

    def keys(self, layer: str) -> Mapping[str, Term]:
        """Return the keys of a layer (content, claim, source, entity) by notation, ordered by position."""
        return self.terms(LAYERS[layer])

    @cached_property
    def own(self) -> list[Triple]:
        """Return the triples that the project adds to the shipped ontology, sorted."""
        return sorted(set(self.triples) - set(shipped_terms().triples))

    @cached_property
    def row_keys(self) -> Mapping[str, Term]:
        """Return every key that a claim row can have."""
        return {**self.keys("content"), **self.keys("claim")}

    @cached_property
    def kinds(self) -> Mapping[str, Term]:
        """Return the kinds of proposition by the notation of the key that selects them."""
        return {self.term(kind.one("namedBy")).notation: kind for kind in self.terms("Kind").values()}

    @cached_property
    def slot_keys(self) -> Mapping[str, tuple[str, ...]]:
        """Return by the IRI of a kind the keys that make its slot, sorted."""
        kinds = self.instances("Kind")
        return {kind.iri: tuple(sorted(self.term(iri).notation for iri in kind.all("slotKey"))) for kind in kinds}

    @cached_property
    def weak_keys(self) -> frozenset[str]:
        """Return the keys of a row that make what it says weak."""
        return frozenset(name for name, key in self.row_keys.items() if key.flag("weak"))

    @cached_property
    def units(self) -> Mapping[str, str]:
        """Return the IRIs of units by notation and by every other name."""
        units = self.terms("Unit")
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

    def inherited(self, term: Term, name: str) -> tuple[str, ...]:
        """Return the values of ``kg:name`` from a term, or from the nearest broader term that has any."""
        return next((values for iri in self.broader(term.iri) if (values := self.term(iri).all(name))), ())

    def narrowed(self, key: Term, term: Term) -> tuple[str, ...]:
        """Return the classes to which ``term`` restricts the values of ``key``; empty if it does not restrict them."""
        local = key.one("typeProperty").removeprefix(KG)
        return self.inherited(term, local) if local else ()

    def is_a(self, iri: str, classes: Iterable[str]) -> bool:
        """Return whether a class is one of the classes or a subclass of one."""
        return not set(self.ancestors(iri)).isdisjoint(classes)


def in_order(terms: Iterable[Term]) -> list[Term]:
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
    classes = {KG + name for name in LAYERS.values()} | {key.one("termClass") for key in ontology.row_keys.values()} - {
        ""
    }
    row = {KG + LAYERS[layer] for layer in ("content", "claim")}
    for together in ([*row], *([cls] for cls in sorted(classes - row))):
        seen: dict[str, str] = {}
        for term in sorted((term for cls in together for term in ontology.instances(cls)), key=lambda term: term.iri):
            if seen.setdefault(term.notation, term.iri) != term.iri:
                message = f"'{term.notation}' names two terms: {seen[term.notation]} and {term.iri}"
                yield Problem(Location(file), "error", "KG110", message, "give your own term another skos:notation")
