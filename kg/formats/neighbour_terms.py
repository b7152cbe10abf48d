"""Convert things and links of a neighbouring tool to entities and claims of one source, and count what is dropped.

Input: the result of ``neighbour_tables``, and the ontology. Output: ``Mapped``: tables, and counts of what was kept and
dropped, with the reason. The source is the file itself, a data set. Nothing is guessed: a thing whose type has no
counterpart in the ontology is dropped, and so is a link whose word has none, unless ``--map`` gives one.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from kg.formats.neighbour_tables import NEIGHBOURS, Link, Thing, read_tables
from kg.ingestion.checking.values import did_you_mean
from kg.ingestion.reading import MAX_TEXT
from kg.ingestion.world_rows import Row, Tables
from kg.model.errors import UsageError
from kg.model.ontology import Ontology
from kg.model.properties import Term
from kg.model.terms import EntityType, Modality, Predicate, RelationType, Role


@dataclass
class Mapped:
    """Converted tables, and the reasons for what was dropped."""

    tables: Tables
    things: int = 0
    links: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def report(self) -> list[str]:
        """Return a line on what was kept of each kind, and a line per reason on what was dropped."""
        entities = f"kept {len(self.tables.entities) - 1:,} of {self.things:,} things as entities"
        kept = (entities, f"kept {len(self.tables.claims):,} of {self.links:,} links as claims")
        return [*kept, *(f"dropped {number:,}: {reason}" for reason, number in sorted(self.reasons.items()))]


def read_neighbour(
    path: Path, tool: str, ontology: Ontology, words: Mapping[str, str], publisher: str, published: str
) -> Mapped:
    """Return the tables of a neighbouring tool as ours. ``words`` maps its words to ours.

    Raises ProjectError if the tables are missing or of another kind, UsageError if a word is not one of ours.
    """
    reasons: Counter[str] = Counter()
    files = NEIGHBOURS[tool](path)
    things, links = read_tables(files, tool, reasons)
    newest = max(file.stat().st_mtime for file in files.values())
    day = published or f"../{datetime.fromtimestamp(newest, UTC).date().isoformat()}"
    mapper = _Mapper(ontology, words, reasons)
    tables = mapper.tables(path, things, links, publisher, day)
    return Mapped(tables, len(things), len(links), reasons)


def _key(word: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", word.casefold())


def _unknown(words: list[str]) -> str:
    return " or ".join(f"'{word}'" for word in words[:2]) + ", which" if words else "nothing, which"


class _Mapper:
    """Finds the ontology's terms by any spelling of their labels, and assigns ids."""

    def __init__(self, ontology: Ontology, words: Mapping[str, str], reasons: Counter[str]) -> None:
        self.ontology, self.reasons = ontology, reasons
        self.types = self._by_word(ontology.of(EntityType))
        self.roles = self._by_word(ontology.of(Role))
        self.relations = self._by_word(ontology.of(RelationType))
        self.words = {_key(word): self._known(word, ours) for word, ours in words.items()}
        self.ids: dict[str, str] = {}
        self.type_of: dict[str, str] = {}

    @staticmethod
    def _by_word(terms: Mapping[str, Term]) -> dict[str, str]:
        ways = {name: (*term.names, term.iri.rpartition("#")[2], name) for name, term in terms.items()}
        return {key: name for name, words in ways.items() for word in words if (key := _key(word))}

    def _known(self, word: str, ours: str) -> str:
        """Return our word for a neighbour's, as ``--map`` gives it. Raises UsageError if we have no such word."""
        known = {**self.types, **self.roles, **self.relations}
        if _key(ours) not in known:
            hint = did_you_mean(ours, known.values())
            message = f"--map {word}={ours}: '{ours}' is none of our types, roles and relations"
            raise UsageError("; ".join(filter(None, (message, hint))))
        return ours

    def find(self, words: Iterable[str], terms: Mapping[str, str]) -> str:
        """Return our term for the first word that has one, or ""."""
        return next((found for word in words if (found := self._ours(word, terms))), "")

    def _ours(self, word: str, terms: Mapping[str, str]) -> str:
        key = _key(word)
        return terms.get(_key(self.words.get(key, key)), "")

    def _count_others(
        self, kind: str, words: Iterable[str], found: Predicate | EntityType, terms: Mapping[str, str]
    ) -> None:
        """Count the words of a thing or link that mean something other than the term that was kept."""
        line = found.line_label if isinstance(found, Predicate) else ""
        same = {_key(word) for word in (found.said, line) if word}
        for word in words:
            if self._ours(word, terms) != found.notation and _key(word) not in same:
                self.reasons[f"{kind}: '{word}' beside '{found.notation}', of which one is kept"] += 1

    def tables(self, path: Path, things: list[Thing], links: list[Link], publisher: str, published: str) -> Tables:
        """Return the tables, with one source for all claims."""
        source = self._id(path.stem, "source")
        speaker = self._id(f"publisher of {source}", "publisher")
        name = publisher or f"whoever published {path.name}"
        entities: list[Row] = [{"id": speaker, "type": self._speaker(), "en": name[:MAX_TEXT], "stands-for": "some"}]
        known: dict[str, str] = {}
        for thing in things:
            if row := self._entity(thing):
                known.setdefault(thing.key, row["id"])
                self.type_of[row["id"]] = row["type"]
                entities.append(row)
        claims = [row for link in links if (row := self._claim(link, known, source))]
        languages = {"en", "zh", *(language for thing in things for language in thing.names)}
        base = f"https://example.org/{source}/"
        settings = {"title": path.stem, "base": base, "languages": "|".join(sorted(languages))}
        about = {"id": source, "title": path.name, "publisher": speaker, "published": published, "kind": "dataset"}
        return Tables(settings, entities, [about], claims)

    def _speaker(self) -> str:
        """Return the type of an unknown publisher."""
        return next(t.notation for t in self.ontology.of(EntityType).values() if t.unknown_publisher)

    def _id(self, wish: str, fallback: str) -> str:
        """Return an unused id of lowercase letters, digits and hyphens."""
        plain = unicodedata.normalize("NFKD", wish).encode("ascii", "ignore").decode().casefold()
        word = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:56].strip("-")
        if not word or not word[0].isalpha() or re.fullmatch("con|prn|aux|nul|com[0-9]|lpt[0-9]", word):
            word = f"{fallback}-{word}".strip("-")
        found, number = word, 1
        while found in self.ids:
            number += 1
            found = f"{word}-{number}"
        self.ids[found] = wish
        return found

    def _entity(self, thing: Thing) -> Row | None:
        type_ = self.find(thing.words, self.types)
        if not type_ or type_ == "source":
            self.reasons[f"things: typed {_unknown(thing.words)} is none of our types (see --map)"] += 1
            return None
        if not thing.names:
            self.reasons["things: without a name"] += 1
            return None
        self._count_others("things", thing.words, self.ontology.of(EntityType)[type_], self.types)
        name = thing.names.get("en") or next(iter(thing.names.values()))
        row = {"id": self._id(thing.wish or name, type_), "type": type_}
        row |= {language: text[:MAX_TEXT] for language, text in sorted(thing.names.items())}
        others = sorted({text.replace("|", "/") for text in thing.aka if text not in thing.names.values()})
        if aka := "|".join(others)[:MAX_TEXT]:
            row["aka"] = aka
        if re.fullmatch(r"Q[1-9][0-9]*", thing.same_as):
            row["same-as"] = thing.same_as
        return {**row, **({"note": thing.note[:MAX_TEXT]} if thing.note else {})}

    def _claim(self, link: Link, known: Mapping[str, str], source: str) -> Row | None:
        near, far = known.get(link.near), known.get(link.far)
        if near is None or far is None:
            self.reasons["links: an end that is not among the kept things"] += 1
            return None
        how = self._how(link.how)
        if how is None:
            self.reasons[f"links: '{link.how}', which a row of one source cannot say"] += 1
            return None
        more = {**{key: text[:MAX_TEXT] for key, text in link.more.items()}, **how, "at": f"row{link.row}"}
        if role := self.find(link.words, self.roles):
            self._count_others("links", link.words, self.ontology.of(Role)[role], self.roles)
            return {"source": source, "agent": near, "role": role, self._far_key(role, far): far, **more}
        if relation := self.find(link.words, self.relations):
            self._count_others("links", link.words, self.ontology.of(RelationType)[relation], self.relations)
            return {"source": source, "subject": near, "relation": relation, "object": far, **more}
        self.reasons[f"links: called {_unknown(link.words)} is none of our roles or relations (see --map)"] += 1
        return None

    def _far_key(self, role: str, far: str) -> str:
        """Return the key of the far end: ``counterparty`` if role and entity allow it, else ``target``."""
        term, counterparty = self.ontology.of(Role)[role], self.ontology.keys("content")["counterparty"]
        type_ = self.ontology.of(EntityType)[self.type_of[far]]
        allowed = counterparty in term.far_ends
        return "counterparty" if allowed and self.ontology.is_a(type_.iri, (counterparty.range,)) else "target"

    def _how(self, word: str) -> dict[str, str] | None:
        """Return stance or modality for a word that kg exported: {} for a fact, None for what a claim cannot say."""
        stance = {"denied": "denies", "declined": "declines"}.get(word)
        if stance or word in ("", "stated", "actual"):
            return {"stance": stance} if stance else {}
        modalities = self.ontology.of(Modality)
        verdicts = (name for name, term in modalities.items() if term.verdict.notation == word)
        found = word if word in modalities else next(verdicts, "")
        return {"modality": found} if found else None
