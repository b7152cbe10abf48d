"""Write readable JSON-LD: named graphs, one inline context, the same words as in claim files.

Input: quads in N-Triples syntax, and the ontology for the words. Output: text. No context is fetched from elsewhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from kg.model.iris import AUTOKG, KG, PREFIXES, RDF, RDF_TYPE, XSD, data_prefixes, split_term
from kg.model.ontology import LAYERS, Ontology

Quad = tuple[str, str, str, str]
_ALIASES = {"id": "@id", "type": "@type"}
_ID = re.compile(r"[a-z][a-z0-9-]*")
_LOCAL = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
# The ontology's words share one prefix, because its parts are named like keys: role, relation, event.
_OWN = ("prop", "claim", "slot", "graph")
_SHARED = ("kg", "rdf", "rdfs", "xsd", "skos", "prov", "owl", "dcterms", "dcat", "void", "org", "schema", "edtf", "wd")


def jsonld(quads: Iterable[Quad], base: str, ontology: Ontology) -> str:
    """Return the graphs as sorted JSON-LD. A subject has its id first, then its type, then keys in row order."""
    quads = sorted(quads)
    names = _Names(quads, base, ontology)
    graphs = [
        {"id": names.iri(graph[1:-1]), "@graph": _nodes(names, list(members))}
        for graph, members in groupby(quads, itemgetter(0))
    ]
    # One line per word of the context; json.dumps escapes line breaks in strings.
    words = ",\n".join(f"  {_json(word)}: {_json(meaning)}" for word, meaning in names.context().items())
    inner = json.dumps(graphs, ensure_ascii=False, indent=1).replace("\n", "\n ")
    return f'{{\n "@context": {{\n{words}\n }},\n "@graph": {inner}\n}}\n'


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _nodes(names: _Names, quads: list[Quad]) -> list[dict[str, Any]]:
    return [_node(names, subject, list(members)) for subject, members in groupby(quads, itemgetter(1))]


def _node(names: _Names, subject: str, quads: list[Quad]) -> dict[str, Any]:
    node: dict[str, Any] = {"id": names.iri(subject[1:-1])}
    if types := [names.iri(value[1:-1]) for _, _, predicate, value in quads if predicate == RDF_TYPE]:
        node["type"] = types[0] if len(types) == 1 else types
    others = sorted((q for q in quads if q[2] != RDF_TYPE), key=lambda q: (names.rank[q[2]], q[3]))
    for predicate, members in groupby(others, itemgetter(2)):
        node[names.words[predicate]] = names.values(predicate, [value for *_, value in members])
    return node


class _Names:
    """Decides how IRIs and values are written: the words, the prefixes and the context."""

    def __init__(self, quads: list[Quad], base: str, ontology: Ontology) -> None:
        """Choose a word for every predicate, and collect the kinds of its values."""
        self.base = f"{base}id/"
        self.objects: dict[str, set[str]] = {}
        for _, _, predicate, value in quads:
            if predicate != RDF_TYPE:
                self.objects.setdefault(predicate, set()).add(_shape(value))
        iris = {term[1:-1] for quad in quads for term in quad if term.startswith("<")}
        # A full IRI such as org:x would be read as a prefixed name, so no prefix or word is called org then.
        schemes = {found[1] for iri in iris if (found := _SCHEME.match(iri))}
        self.prefixes = _prefixes(base, schemes)
        self.compact = cache(self._compact)
        order = _order(self.objects, ontology)
        self.rank = {predicate: place for place, (predicate, _) in enumerate(order)}
        self.words = self._choose(order, {*_ALIASES, *self.prefixes, *schemes})

    def _choose(self, order: list[tuple[str, list[str]]], taken: set[str]) -> dict[str, str]:
        """Return a unique word per predicate: its key, else its local name, else its prefixed name."""
        words = {}
        for predicate, wishes in order:
            words[predicate] = next((wish for wish in wishes if wish not in taken), self.compact(predicate[1:-1]))
            taken.add(words[predicate])
        return {predicate: word for predicate, word in words.items() if predicate in self.objects}

    def _compact(self, iri: str) -> str:
        """Return an IRI with the longest matching prefix, or in full."""
        fitting = [(namespace, p) for p, namespace in self.prefixes.items() if iri.startswith(namespace)]
        namespace, prefix = max(fitting, key=lambda pair: len(pair[0]), default=("", ""))
        local = iri[len(namespace) :]
        return f"{prefix}:{local}" if prefix and local and not local.startswith("//") else iri

    def iri(self, iri: str) -> str:
        """Return an IRI as written in the text: entities and sources as their bare id."""
        local = iri.removeprefix(self.base)
        return local if local != iri and _ID.fullmatch(local) else self.compact(iri)

    def values(self, predicate: str, terms: list[str]) -> Any:  # noqa: ANN401 - any JSON
        """Return the values of a predicate in the form that the context declares."""
        kind = self.kind(predicate)
        if kind == "@language":
            return _by_language(terms)
        found = [self._value(kind, term) for term in terms]
        return found[0] if len(found) == 1 else found

    def _value(self, kind: str, term: str) -> str | dict[str, str]:
        text, language, datatype = split_term(term)
        if term.startswith("<"):
            return self.iri(text) if kind == "@id" else {"id": self.iri(text)}
        if datatype == kind:
            return text
        extra = {"@language": language} if language else {"@type": self.compact(datatype)} if datatype else {}
        return {"@value": text, **extra}

    def kind(self, predicate: str) -> str:
        """Return the common kind of a predicate's values: @id, @language, a datatype, "" (plain), or ``mixed``."""
        shapes = self.objects[predicate]
        return next(iter(shapes)) if len(shapes) == 1 else "mixed"

    def context(self) -> dict[str, Any]:
        """Return the context: the base of bare ids, the prefixes, then every word in row order."""
        words = {self.words[p]: self._definition(p) for p in sorted(self.words, key=self.rank.__getitem__)}
        return {"@base": self.base, **_ALIASES, **self.prefixes, **words}

    def _definition(self, predicate: str) -> str | dict[str, str]:
        iri, kind = self.compact(predicate[1:-1]), self.kind(predicate)
        if kind == "@language":
            return {"@id": iri, "@container": "@language"}
        return iri if kind in ("", "mixed") else {"@id": iri, "@type": self.compact(kind)}


def _shape(term: str) -> str:
    """Return the kind of a term: @id, @language, its datatype, or "" for plain text."""
    if term.startswith("<"):
        return "@id"
    _, language, datatype = split_term(term)
    return "@language" if language else datatype.removesuffix(XSD + "string")


def _by_language(terms: list[str]) -> dict[str, str | list[str]]:
    found: dict[str, list[str]] = {}
    for text, language, _ in map(split_term, terms):
        found.setdefault(language, []).append(text)
    return {language: texts[0] if len(texts) == 1 else texts for language, texts in sorted(found.items())}


def _prefixes(base: str, schemes: set[str]) -> dict[str, str]:
    own = data_prefixes(base)
    found = {**{name: own[name] for name in _OWN}, "autokg": AUTOKG, **{name: PREFIXES[name] for name in _SHARED}}
    return {name: namespace for name, namespace in found.items() if name not in schemes}


def _order(predicates: Iterable[str], ontology: Ontology) -> list[tuple[str, list[str]]]:
    """Return predicates with their candidate words: names first, then the keys in row order, then others.

    All keys are included, even those that no row has, so that a word means the same in every project.
    """
    keys = {f"<{key.iri}>": name for layer in LAYERS for name, key in ontology.keys(layer).items()}
    first = [f"<{PREFIXES['rdfs']}label>", *dict.fromkeys(_in_row_order(ontology))]
    rest = sorted(set(predicates) - set(first), key=lambda predicate: (not predicate.startswith(f"<{KG}"), predicate))
    return [(p, _wishes(p, keys.get(p, ""))) for p in (*first, *rest) if p != f"<{RDF}type>"]


def _in_row_order(ontology: Ontology) -> Iterable[str]:
    return (f"<{key.iri}>" for layer in LAYERS for key in ontology.keys(layer).values())


def _wishes(predicate: str, key: str) -> list[str]:
    local = re.split("[/#]", predicate[1:-1])[-1]
    return [word for word in (key, local) if _LOCAL.fullmatch(word)]
