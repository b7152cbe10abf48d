"""How like two names are, and which of very many names are worth comparing.

In: names as people write them. Out: pairs with a score of 0 to 100 and the reason. Legal forms, shortened words, fillers and
joints are data (``ontology/names.ttl``); a name in Chinese is compared with one in Latin letters by its pinyin.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations, pairwise

from kg.iris import SKOS
from kg.ontology import Ontology

ALT_LABEL = SKOS + "altLabel"
CROWD = 200  # of the same name: beyond it, each is paired with the next only
BLOCK = 40  # a block that holds more names says too little to compare them all
TYPO_LENGTH = 6  # a shorter name with a letter changed is another name
Tokens = tuple[str, ...]


@dataclass(frozen=True)
class Name:
    """A name made comparable: its telling words, its legal forms, and how it sounds in Latin letters."""

    text: str
    tokens: Tokens
    forms: Tokens
    sound: str = ""

    @property
    def key(self) -> str:
        """Return the words as one."""
        return "".join(self.tokens)


@dataclass(frozen=True)
class Likeness:
    """How like two names are, and why."""

    score: float
    reason: str


# ---------------------------------------------------------------- one name


class Normaliser:
    """Makes names comparable, by the words of an ontology."""

    def __init__(self, ontology: Ontology) -> None:
        """Read the legal forms, words, fillers and joints."""
        self._forms = {
            tuple(_words(text)): form.notation
            for form in ontology.terms("LegalForm").values()
            for text in form.statements.get(ALT_LABEL, ())
        }
        self._longest = max(map(len, self._forms), default=0)
        ends = sorted((form[0] for form in self._forms if len(form) == 1 and _is_han(form[0])), key=len, reverse=True)
        self._han_ends = tuple(ends)
        self._words = {
            tuple(_words(text)): word.notation
            for word in ontology.terms("NameWord").values()
            for text in word.statements.get(ALT_LABEL, ())
        }
        self._fillers = {text for word in ontology.terms("FillerWord").values() for text in word.statements[ALT_LABEL]}
        joints = {text for word in ontology.terms("NameJoint").values() for text in word.statements[ALT_LABEL]}
        self._joints = {tuple(_words(text)) for text in joints}

    def names(self, text: str) -> list[Name]:
        """Return a name made comparable; several, where a joint stands between names of one bearer."""
        words, pieces, start, place = _words(text), [], 0, 0
        while place < len(words):
            joint = next((n for n in (3, 2, 1) if tuple(words[place : place + n]) in self._joints), 0)
            if joint and 0 < place < len(words) - joint:
                pieces.append(words[start:place])
                start = place = place + joint
            place += not joint or start != place
        pieces.append(words[start:])
        return [self._name(text, piece) for piece in pieces if piece]

    def _name(self, text: str, words: list[str]) -> Name:
        rest, forms = self._without_forms(words)
        told = [word for word in self._canonical(rest) if word not in self._fillers] or rest or words
        tokens = tuple(_joined_initials(told))
        return Name(text, tokens, tuple(sorted(set(forms))), sound_of("".join(tokens)))

    def _without_forms(self, words: list[str]) -> tuple[list[str], list[str]]:
        """Cut legal forms off both ends, as long as something is left."""
        rest, forms = list(words), []
        while len(rest) > 1:
            length = next((n for n in range(self._longest, 0, -1) if n < len(rest) and tuple(rest[-n:]) in self._forms), 0)
            if not length:
                break
            forms.append(self._forms[tuple(rest[-length:])])
            rest = rest[:-length]
        if len(rest) > 1 and (first := self._forms.get((rest[0],))) and not rest[0].isascii() | (len(rest) < 3):
            forms.append(first)
            rest = rest[1:]
        if end := next((end for end in self._han_ends if rest and rest[-1].endswith(end) and rest[-1] != end), ""):
            forms.append(self._forms[(end,)])
            rest[-1] = rest[-1].removesuffix(end)
        elif begin := next((end for end in self._han_ends if rest and rest[0].startswith(end) and rest[0] != end), ""):
            forms.append(self._forms[(begin,)])
            rest[0] = rest[0].removeprefix(begin)
        return rest, forms

    def _canonical(self, words: list[str]) -> Iterator[str]:
        """Yield the words, shortened ones in full."""
        place = 0
        while place < len(words):
            length = next((n for n in (2, 1) if tuple(words[place : place + n]) in self._words), 0)
            yield self._words[tuple(words[place : place + length])] if length else words[place]
            place += length or 1


_APART = re.compile(r"[^\W_]+", re.UNICODE)
_POINTS = re.compile(r"(?<![^\W_])((?:[^\W\d_]\.){2,})")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d"})
_SILENT = re.compile("['\u2018\u2019\u02bc`\u00b4]")


@lru_cache(maxsize=200_000)
def _words_of(text: str) -> Tokens:
    text = unicodedata.normalize("NFKC", text).casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFC", _without_accents(text)).translate(_LETTERS)
    text = _SILENT.sub("", text)
    text = _POINTS.sub(lambda match: match[1].replace(".", "") + " ", text)
    return tuple(_APART.findall(text))


def _words(text: str) -> list[str]:
    """Return the words of a text without case, width, accents and marks; points inside initials are dropped."""
    return list(_words_of(text))


def _without_accents(text: str) -> str:
    """Drop the accents of Latin, Greek and Cyrillic letters; in other scripts a mark is part of the letter."""
    kept: list[str] = []
    base = ""
    for character in unicodedata.normalize("NFD", text):
        if not unicodedata.combining(character):
            base = character
        elif base < "\u0530":
            continue
        kept.append(character)
    return "".join(kept)


def _joined_initials(words: Iterable[str]) -> Iterator[str]:
    """Join letters that stand alone one after the other: J D B is JDB."""
    letters = ""
    for word in words:
        if len(word) == 1 and word.isalpha() and not _is_han(word):
            letters += word
            continue
        if letters:
            yield letters
            letters = ""
        yield word
    if letters:
        yield letters


def _is_han(text: str) -> bool:
    return any("\u3400" <= c <= "\u9fff" or "\U00020000" <= c <= "\U0003ffff" for c in text)


@lru_cache(maxsize=200_000)
def sound_of(key: str) -> str:
    """Return how a key sounds in Latin letters without tones, where it holds Chinese; else nothing."""
    if key.isascii() or not _is_han(key):
        return ""
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(key, errors="default")).replace("ü", "u")


# ---------------------------------------------------------------- two names


class Scorer:
    """Tells how like two names are, by how common each word is among all of them."""

    def __init__(self, names: Iterable[Name]) -> None:
        """Count the words."""
        names = list(names)
        self._seen = Counter(token for name in names for token in set(name.tokens))
        self._most = math.log(len(names) + 2)

    def weight(self, token: str) -> float:
        """Return how telling a word is: 0.25 for one that every name has, 1 for one that stands alone."""
        return 0.25 + 0.75 * math.log((math.exp(self._most)) / (self._seen[token] + 1)) / self._most

    def likeness(self, a: Name, b: Name, least: float = 0.0) -> Likeness | None:
        """Return how like two names are, or None where that is less than ``least``."""
        found = self._same(a, b) or self._by_sound(a, b) or self._by_words(a, b, least)
        return found if found and found.score >= least else None

    def _same(self, a: Name, b: Name) -> Likeness | None:
        if a.key != b.key and sorted(a.tokens) != sorted(b.tokens):
            return None
        if a.key != b.key:
            return Likeness(96 - _apart(a, b), "the same words in another order")
        if apart := _apart(a, b):
            return Likeness(100 - apart, f"the same name with another legal form ({_forms(a)}, {_forms(b)})")
        if a.tokens != b.tokens:
            return Likeness(98, "the same name, its words parted otherwise")
        return Likeness(100, "the same name" if a.forms == b.forms else "the same name with and without a legal form")

    def _by_sound(self, a: Name, b: Name) -> Likeness | None:
        """Compare Chinese with Latin letters, or Chinese with Chinese, by pinyin."""
        if not (a.sound or b.sound):
            return None
        first, second = a.sound or a.key, b.sound or b.key
        if first == second and len(first) > 3:
            score = 88 if a.sound and b.sound else 92
            return Likeness(score - _apart(a, b), f"both sound '{first}'")
        return None

    def _by_words(self, a: Name, b: Name, least: float) -> Likeness | None:
        """Compare word by word; words that differ in little count in part, a number that differs for much."""
        if _numbers(a) != _numbers(b):
            return None
        shared = list((Counter(a.tokens) & Counter(b.tokens)).elements())
        left, right = _less(a.tokens, shared), _less(b.tokens, shared)
        same = sum(map(self.weight, shared))
        lost = sum(map(self.weight, left)) + sum(map(self.weight, right))
        pairs = []
        for one, other, like in _alike(left, right):
            weight = (self.weight(one) + self.weight(other)) / 2
            same += weight * like
            lost -= 2 * weight - weight * (1 - like)
            pairs.append(f"{one}/{other}")
        score = 100 * same / (same + lost) if same else 0.0
        joined = _typo(a.key, b.key, least)
        if joined > score:
            return Likeness(joined - _apart(a, b) / 2, f"a letter or two apart: {a.key}, {b.key}")
        if score < least:
            return None
        left = [w for w in left if not any(p.startswith(w + "/") for p in pairs)]
        right = [w for w in right if not any(p.endswith("/" + w) for p in pairs)]
        parts = [f"{', '.join(pairs)} spelled otherwise"] * bool(pairs)
        parts += [f"one lacks {' '.join([*left, *right])}"] * bool(left or right)
        return Likeness(score - _apart(a, b) / 2, "; ".join(parts))


def _apart(a: Name, b: Name) -> float:
    """Return what it costs that both have legal forms and not the same."""
    return 6.0 if a.forms and b.forms and not set(a.forms) & set(b.forms) else 0.0


def _forms(name: Name) -> str:
    return " ".join(name.forms)


def _numbers(name: Name) -> Tokens:
    return tuple(sorted(re.findall(r"\d+", name.key)))


def _less(tokens: Tokens, without: list[str]) -> list[str]:
    return list((Counter(tokens) - Counter(without)).elements())


def _alike(left: list[str], right: list[str]) -> Iterator[tuple[str, str, float]]:
    """Pair words that are one word in two spellings, the likest first."""
    from rapidfuzz.distance import DamerauLevenshtein

    found = []
    for one in left:
        for other in right:
            if min(len(one), len(other)) >= 4:
                like = DamerauLevenshtein.normalized_similarity(one, other, score_cutoff=0.75)
                if like:
                    found.append((like, one, other))
    used: set[str] = set()
    for like, one, other in sorted(found, reverse=True):
        if one not in used and other not in used:
            used |= {one, other}
            yield one, other, like


def _typo(one: str, other: str, least: float) -> float:
    """Return the likeness of two keys as strings of letters, 0 where they are too short for that."""
    from rapidfuzz.distance import DamerauLevenshtein

    if min(len(one), len(other)) < TYPO_LENGTH:
        return 0.0
    return 100 * DamerauLevenshtein.normalized_similarity(one, other, score_cutoff=least / 100)


# ---------------------------------------------------------------- very many names


@dataclass
class Blocks:
    """Which names are worth comparing: those that share a key, of several kinds of key."""

    names: Sequence[Name]
    groups: Sequence[int]  # names of different groups are never compared
    scorer: Scorer
    skipped: int = 0
    pairs: set[tuple[int, int]] = field(default_factory=set)

    def find(self) -> set[tuple[int, int]]:
        """Return the pairs of indices."""
        self._share(self._whole, crowd=True)
        self._share(self._ordered, crowd=True)
        self._share(self._deletes)
        self._share(self._telling)
        return self.pairs

    def _share(self, keys_of: Callable[[Name], Iterable[str]], *, crowd: bool = False) -> None:
        """Pair the names that share a key; a crowd of equal names in a chain, a block that is too large not at all."""
        found: dict[tuple[int, str], list[int]] = {}
        for index, (name, group) in enumerate(zip(self.names, self.groups, strict=True)):
            for key in keys_of(name):
                found.setdefault((group, key), []).append(index)
        for members in found.values():
            if len(members) > (CROWD if crowd else BLOCK):
                self.skipped += not crowd
                self.pairs.update(pairwise(members) if crowd else ())
            elif len(members) > 1:
                self.pairs.update(combinations(members, 2))

    def _whole(self, name: Name) -> set[str]:
        """Return the name as one word, and how it sounds."""
        return {name.key, name.sound or name.key}

    def _ordered(self, name: Name) -> Tokens:
        return (" ".join(sorted(name.tokens)),) if len(name.tokens) > 1 else ()

    def _deletes(self, name: Name) -> set[str]:
        """Return the name without each of its letters in turn: two names with one typo between them share one."""
        key = name.key
        if len(key) < TYPO_LENGTH:
            return set()
        return {key, *(key[:place] + key[place + 1 :] for place in range(len(key)))}

    def _telling(self, name: Name) -> Iterator[str]:
        """Yield the most telling word, and pairs of the three most telling."""
        best = sorted(set(name.tokens), key=lambda token: (-self.scorer.weight(token), token))[:3]
        yield from best[:1]
        yield from (" ".join(sorted(pair)) for pair in combinations(best, 2))


def compare_all(names: Sequence[Name], groups: Sequence[int], least: float) -> Iterator[tuple[int, int, Likeness]]:
    """Yield the pairs of names of one group that are at least so like."""
    scorer = Scorer(names)
    for one, other in Blocks(names, groups, scorer).find():
        if found := scorer.likeness(names[one], names[other], least):
            yield one, other, found
