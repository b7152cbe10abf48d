"""Render propositions as sentences, from the patterns of the ontology and the names of the entities."""

from __future__ import annotations

import re

from kg.model.properties import Term
from kg.model.terms import Key
from kg.model.world import Claim, Proposition, Ref, Value, World, far_key

_PLACE = re.compile(r"\{([a-z-]+)(\.label)?\}")


class Sentences:
    """Renders and caches the sentences of the propositions of a world."""

    def __init__(self, world: World, language: str = "en") -> None:
        """Prefer names in ``language``."""
        self.world = world
        self.language = language
        self._claims = {claim.iri: claim for claim in world.claims}
        self._made: dict[str, str] = {}

    def sentence(self, proposition: Proposition) -> str:
        """Return the proposition as a sentence without a full stop: the pattern, then the remaining keys."""
        if proposition.iri not in self._made:
            self._made[proposition.iri] = self._make(proposition)
        return self._made[proposition.iri]

    def name(self, ref: Ref) -> str:
        """Return the name of an entity or source, or the text of a claim."""
        if ref.iri in self._claims:
            return self._said(self._claims[ref.iri])
        if ref.id in self.world.entities:
            return self.world.entities[ref.id].label((self.language, *self.world.settings.languages))
        source = self.world.sources.get(ref.id)
        return str(source.facts["title"]) if source else ref.id

    def _said(self, claim: Claim) -> str:
        """Return the sentence of a claim; if the claim does not assert it, add the speaker and the stance."""
        quoted, stance, speaker = f"“{self.sentence(claim.proposition)}”", claim.stance, claim.ref("said-by")
        if stance.notation == "asserts" or speaker is None:
            return quoted
        return f"{quoted} ({self.name(speaker)} {stance.label(self.language)})"

    def value(self, key: Key, value: Value) -> str:
        """Return a value as readable text."""
        if isinstance(value, Ref):
            return self.name(value)
        if isinstance(value, Term):
            return value.label(self.language)
        if isinstance(value, tuple):
            return " and ".join(self.name(v) if isinstance(v, Ref) else v for v in value)
        readings = dict(reading.split(": ", 1) for reading in key.choice_reads)
        return readings.get(str(value), str(value))

    def _make(self, proposition: Proposition) -> str:
        ontology, content = self.world.ontology, proposition.content
        aliases = {"far": far} if (far := far_key(proposition)) else {}
        named = {**{name: name for name in content}, **aliases}
        fitting = [p for p in proposition.kind.patterns if all(name in named for name, _ in _PLACE.findall(p))]
        pattern = max(fitting, key=lambda p: (len(_PLACE.findall(p)), p), default=proposition.term.label(self.language))
        named_by = proposition.kind.named_by.notation
        used = {named_by, *(named[name] for name, _ in _PLACE.findall(pattern))}
        text = _PLACE.sub(lambda m: self._fill(proposition, named[m[1]], label=bool(m[2])), pattern)
        rest = sorted((ontology.row_keys[name].position, name) for name in content if name not in used)
        return "".join([text, *(self._qualifier(proposition, name) for _, name in rest)])

    def _fill(self, proposition: Proposition, name: str, *, label: bool) -> str:
        value = proposition.content[name]
        if isinstance(value, Term) and not label:
            return value.reads
        return self.value(self.world.ontology.row_keys[name], value)

    def _qualifier(self, proposition: Proposition, name: str) -> str:
        """Return the text that a key adds after the pattern: its reading (the term can override it) and the value."""
        key, value = self.world.ontology.row_keys[name], proposition.content[name]
        own = proposition.term.inherited(f"{name}Reads")
        text = f"{own[0] if own else key.said} {self.value(key, value)}".strip()
        return text if text.startswith(",") else f" {text}"
