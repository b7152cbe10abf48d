"""IRIs and RDF terms as text: prefixes, content-addressed names, N-Triples syntax.

A *term* is a string in N-Triples syntax: ``<iri>``, ``"text"@en`` or ``"1"^^<datatype>``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache

KG = "https://w3id.org/autokg/ns#"
AUTOKG = "https://w3id.org/autokg/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
PROV = "http://www.w3.org/ns/prov#"
OWL = "http://www.w3.org/2002/07/owl#"
DCTERMS = "http://purl.org/dc/terms/"
SCHEMA = "https://schema.org/"
EDTF = "http://id.loc.gov/datatypes/edtf/"
WIKIDATA = "http://www.wikidata.org/entity/"

PREFIXES: Mapping[str, str] = {
    "kg": KG,
    "role": AUTOKG + "role/",
    "relation": AUTOKG + "relation/",
    "event": AUTOKG + "event/",
    "measure": AUTOKG + "measure/",
    "unit": AUTOKG + "unit/",
    "function": AUTOKG + "function/",
    "segment": AUTOKG + "segment/",
    "stance": AUTOKG + "stance/",
    "modality": AUTOKG + "modality/",
    "hedge": AUTOKG + "hedge/",
    "evidence": AUTOKG + "evidence/",
    "verdict": AUTOKG + "verdict/",
    "qualifier": AUTOKG + "qualifier/",
    "descent": AUTOKG + "descent/",
    "footing": AUTOKG + "footing/",
    "outcome": AUTOKG + "outcome/",
    "absence": AUTOKG + "absence/",
    "source-kind": AUTOKG + "source-kind/",
    "column": AUTOKG + "column/",
    "value": AUTOKG + "value/",
    "rdf": RDF,
    "rdfs": RDFS,
    "xsd": XSD,
    "skos": SKOS,
    "prov": PROV,
    "owl": OWL,
    "dcterms": DCTERMS,
    "dcat": "http://www.w3.org/ns/dcat#",
    "void": "http://rdfs.org/ns/void#",
    "org": "http://www.w3.org/ns/org#",
    "schema": SCHEMA,
    "time": "http://www.w3.org/2006/time#",
    "edtf": EDTF,
    "wd": WIKIDATA,
}
ONTOLOGY_GRAPH = "https://w3id.org/autokg/ns"
RDF_TYPE = f"<{RDF}type>"

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_ESCAPED = re.compile(r'[\x00-\x1f"\\\x7f]')
_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?|")
_TERM = re.compile(r'<(?P<iri>[^>]*)>|"(?P<text>.*)"(?:@(?P<lang>[A-Za-z0-9-]+)|\^\^<(?P<datatype>[^>]*)>)?', re.DOTALL)


# Invisible characters and line separators: terms of an ontology keep them escaped.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")


def visible(term: str) -> str:
    """Return a term with invisible characters escaped."""
    return _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04X}", term)


def data_prefixes(base: str) -> dict[str, str]:
    """Return every prefix of a project whose data IRIs start with ``base``; the empty prefix is for its entities."""
    own = {"": "id/", "prop": "proposition/", "claim": "claim/", "slot": "slot/", "graph": "graph/"}
    return {**{prefix: base + path for prefix, path in own.items()}, **PREFIXES}


def is_data(text: str, base: str) -> bool:
    """Return whether an IRI belongs to a project's data: its base, or an IRI that kg creates below it."""
    below = (namespace for namespace in data_prefixes(base).values() if namespace not in PREFIXES.values())
    return text == base or text.startswith(tuple(below))


def iri(text: str) -> str:
    """Return an IRI as a term."""
    return f"<{text}>"


def literal(text: str, *, language: str = "", datatype: str = "") -> str:
    """Return a literal as a term; without language and datatype it is an ``xsd:string``."""
    quoted = f'"{_ESCAPED.sub(_escape, text)}"'
    if language:
        return f"{quoted}@{language.lower()}"
    return f"{quoted}^^<{datatype}>" if datatype else quoted


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return _ESCAPES.get(character) or f"\\u{ord(character):04X}"


def digest(*parts: str) -> str:
    """Return 24 hexadecimal digits of the SHA-256 of the parts; different splits give different digests."""
    content = "\n".join(parts)
    if "\\" in content or content.count("\n") >= len(parts):
        content = "\n".join(part.replace("\\", "\\\\").replace("\n", "\\n") for part in parts)
    return hashlib.sha256(content.encode()).hexdigest()[:24]


class Shortener:
    """Shortens terms with the prefixes of a project."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        """Store the prefixes and index them, longest namespace first."""
        self.prefixes = dict(prefixes)
        self._namespaces = sorted(((ns, p) for p, ns in prefixes.items()), key=lambda pair: (-len(pair[0]), pair[1]))
        self._ending = dict(reversed(self._namespaces)) if all(ns[-1:] in "/#" for ns in prefixes.values()) else {}
        self.curie = lru_cache(maxsize=2**18)(self._curie)

    def __reduce__(self) -> tuple[type[Shortener], tuple[Mapping[str, str]]]:
        """Pickle without the cache."""
        return Shortener, (self.prefixes,)

    def _curie(self, text: str) -> str:
        # A local name holds no "/" and no "#", so that only one namespace can fit if all end in one of these.
        cut = max(text.rfind("/"), text.rfind("#")) + 1
        found = self._ending.get(text[:cut])
        if self._ending and (found is None or not _LOCAL.fullmatch(text, cut)):
            return f"<{text}>"
        if found is not None:
            return f"{found}:{text[cut:]}"
        for namespace, prefix in self._namespaces:
            if text.startswith(namespace) and _LOCAL.fullmatch(text, len(namespace)):
                return f"{prefix}:{text[len(namespace) :]}"
        return f"<{text}>"

    def turtle(self, term: str) -> str:
        """Return a term in Turtle, as a prefixed name if a prefix fits."""
        if term.startswith("<"):
            return self.curie(term[1:-1])
        if not term.endswith(">"):  # a literal's text may contain what looks like a datatype
            return term
        head, _, datatype = term.rpartition('"^^<')
        return f'{head}"^^{self.curie(datatype[:-1])}'

    def predicate(self, term: str) -> str:
        """Return a term in Turtle as a predicate, with ``a`` for rdf:type."""
        return "a" if term == RDF_TYPE else self.turtle(term)


def split_term(term: str) -> tuple[str, str, str]:
    """Return ``(text, language, datatype)`` of a literal or ``(iri, "", "")`` of an IRI, unescaped."""
    match = _TERM.fullmatch(term)
    if match is None:
        raise ValueError(f"not an RDF term: {term!r}")
    if match["iri"] is not None:
        return match["iri"], "", ""
    return _unescape(match["text"]), match["lang"] or "", match["datatype"] or ""


_UNESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    return _UNESCAPED.sub(lambda m: chr(int(m[1] or m[2], 16)) if m[1] or m[2] else _PLAIN.get(m[3], m[3]), text)
