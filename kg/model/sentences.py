"""Render propositions as sentences, from the patterns of the ontology and the names of the entities."""

from __future__ import annotations

import calendar
import re

from kg.model.dates import Date, called
from kg.model.properties import Term
from kg.model.terms import Key
from kg.model.world import Claim, Proposition, Ref, Value, World, far_key

_PLACE = re.compile(r"\{([a-z-]+)(\.label)?\}")
_SURE = {"~": "about ", "?": "probably ", "%": "probably about "}
_DAY = re.compile(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?!\d)", re.ASCII)


class Sentences:
    """Renders and caches the sentences of the propositions of a world."""

    def __init__(self, world: World, language: str = "en", *, days_in_words: bool = False) -> None:
        """Prefer names in ``language``. Days are ISO, as in data, or in words, as people write them."""
        self.world = world
        self.language = language
        self.days_in_words = days_in_words
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
        if isinstance(value, Date) and self.days_in_words:
            return in_words(value)
        if isinstance(value, Date):
            return called(value)
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
        reads = own[0] if own else key.said
        if reads == "in" and self.days_in_words and isinstance(value, Date) and value.duration == "P1D":
            reads = "on"
        text = f"{reads} {self.value(key, value)}".strip()
        return text if text.startswith(",") else f" {text}"


def in_words(date: Date) -> str:
    """Return a date as ``spelled`` does, with days in words: ``about 20 April 2021``."""
    return days_in_words(spelled(date))


def days_in_words(text: str) -> str:
    """Return a text with every ISO day in it in words; months, quarters and years stay as they are."""
    return _DAY.sub(lambda day: f"{int(day[3])} {calendar.month_name[int(day[2])]} {day[1]}", text)


def spelled(date: Date) -> str:
    """Return a date with its certainty in words, and days as ISO text: ``about 2021-04-20``, ``between A and B``."""
    first, stroke, last = (_spelled(part) for part in called(date).partition("/"))
    if not stroke:
        return first
    if ".." in (first, last):
        return f"not after {last}" if first == ".." else f"not before {first}"
    return f"between {first} and {last}"


def _spelled(text: str) -> str:
    return f"{_SURE.get(text[-1:], '')}{text.rstrip('~?%')}"
