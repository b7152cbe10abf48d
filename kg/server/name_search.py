"""Find entities and sources by name: in every language, by former and other names, partly typed or misspelt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kg.model.names import Likeness, Name, Normaliser, Scorer, sound_of
from kg.model.world import Entity, World

CERTAIN = 95.0  # score (of 100) at which a single match is taken as certain
CANDIDATES = 200
WORD = 4  # characters; a shorter name is part of many others by chance
SOURCE = "source"


@dataclass(frozen=True)
class Bearer:
    """An entity or source that has names: id, label to show, notation of its type, names."""

    id: str
    label: str
    type: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Match:
    """A bearer and its best matching name: the score (of 100), the name, and the reason."""

    bearer: Bearer
    score: float
    name: str
    reason: str


class Matcher:
    """Searches the names of a world."""

    def __init__(self, world: World) -> None:
        """Normalise and index every name."""
        self._normaliser = Normaliser(world.ontology)
        self.bearers = {bearer.id: bearer for bearer in _bearers(world)}
        self._entries = [
            (bearer, text, name)
            for bearer in self.bearers.values()
            for text in bearer.names
            for name in self._normaliser.names(text)
        ]
        self._scorer = Scorer(name for *_, name in self._entries)
        self._grams: dict[str, list[int]] = {}
        for index, (*_, name) in enumerate(self._entries):
            for gram in sorted(_grams(name)):
                self._grams.setdefault(gram, []).append(index)

    def find(
        self, text: str, *, accepts: Callable[[Bearer], bool] = lambda _: True, least: float = 50.0, limit: int = 10
    ) -> list[Match]:
        """Return the best matches, best first; equals by id."""
        best: dict[str, Match] = {}
        for asked in self._normaliser.names(text):
            for index in self._candidates(asked):
                bearer, own, name = self._entries[index]
                like = self._likeness(asked, name)
                if like.score >= least and accepts(bearer):
                    match = Match(bearer, round(like.score, 1), own, like.reason)
                    best[bearer.id] = max(best.get(bearer.id, match), match, key=lambda found: found.score)
        return sorted(best.values(), key=lambda match: (-match.score, match.bearer.id))[:limit]

    def _likeness(self, asked: Name, name: Name) -> Likeness:
        """Return how similar two names are. A partly typed name scores by its share of the whole."""
        found = self._scorer.likeness(asked, name) or Likeness(0.0, "")
        for part, whole in ((asked.key, name.key), (asked.key, name.sound), (sound_of(asked.key), name.key)):
            if part and part in whole:
                share = len(part) / len(whole)
                words = "begins so" if whole.startswith(part) else "holds it"
                begun = Likeness((60 if whole.startswith(part) else 50) + 30 * share, words)
                found = max(found, begun, key=lambda like: like.score)
        if len(name.key) >= WORD and name.key in asked.key:
            begun = Likeness(50 + 30 * len(name.key) / len(asked.key), "is held by it")
            found = max(found, begun, key=lambda like: like.score)
        return found

    def _candidates(self, asked: Name) -> list[int]:
        """Return the names that share most letter pairs with the query."""
        shared: Counter[int] = Counter()
        for gram in sorted(_grams(asked)):
            shared.update(self._grams.get(gram, ()))
        return [index for index, _ in shared.most_common(CANDIDATES)]


def _bearers(world: World) -> Iterator[Bearer]:
    for entity in world.entities.values():
        yield Bearer(entity.id, entity.label(world.settings.languages), entity.type.notation, names_of(entity))
    for source in world.sources.values():
        title = str(source.facts["title"])
        yield Bearer(source.id, title, SOURCE, (title, source.id))


def names_of(entity: Entity) -> tuple[str, ...]:
    """Return the names of an entity without duplicates: those in each language, other and former ones, its id."""
    also = entity.facts.get("aka", ())
    others = (str(name) for name in also) if isinstance(also, tuple) else ()
    return tuple(dict.fromkeys([*entity.names.values(), *others, entity.id]))


def _grams(name: Name) -> set[str]:
    """Return the letter pairs of a name and its sound, their first letters, and each Chinese character."""
    texts = [text for text in (name.key, name.sound) if text]
    pairs = {text[place : place + 2] for text in texts for place in range(len(text) - 1)}
    return {*pairs, *(text[0] for text in texts), *(letter for letter in name.key if not letter.isascii())}
