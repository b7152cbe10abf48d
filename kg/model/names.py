"""Score how similar two names are, and find the pairs worth comparing among many names.

In: names as people write them. Out: pairs with a score from 0 to 100 and a reason. Legal forms, abbreviations,
filler words and joints (words that join two names of one entity) are data in ``ontology/names.ttl``. Chinese names are
compared with names in Latin letters by pinyin.
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

from kg.model.iris import SKOS
from kg.model.ontology import Ontology
from kg.model.terms import LegalForm

ALT_LABEL = SKOS + "altLabel"
MINIMUM = 85.0  # of 100: the lowest score that is proposed
CROWD = 200  # names with the same key: above it, each is paired with the next only
BLOCK = 40  # the key of a larger block is too common to compare all its names
SHORT = 4  # shorter words must match exactly: KLA is not IKA
TYPO_LENGTH = 5  # shorter words with one letter changed are different words
LONG = 9  # words of this length may differ in two letters
Tokens = tuple[str, ...]


@dataclass(frozen=True)
class Name:
    """A normalised name: its significant words, its legal forms, and its sound in Latin letters."""

    text: str
    tokens: Tokens
    forms: Tokens
    sound: str = ""

    @property
    def key(self) -> str:
        """Return the words joined into one."""
        return "".join(self.tokens)


@dataclass(frozen=True)
class Likeness:
    """The similarity of two names, from 0 to 100, and the reason."""

    score: float
    reason: str


# ---------------------------------------------------------------- one name


class Normaliser:
    """Normalises names with the words of an ontology."""

    def __init__(self, ontology: Ontology) -> None:
        """Read legal forms, abbreviations, filler words and joints."""
        self._forms = {
            tuple(_words(text)): form.notation
            for form in ontology.of(LegalForm).values()
            for text in form.statements.get(ALT_LABEL, ())
        }
        self._weak = {form.notation for form in ontology.of(LegalForm).values() if form.weak}
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
        """Return the normalised name; several if a joint separates names of one entity."""
        words, place = _words(text), 0
        pieces: list[list[str]] = [[]]
        while place < len(words):
            length = next((n for n in (3, 2, 1) if tuple(words[place : place + n]) in self._joints), 0)
            if length and pieces[-1] and place + length < len(words):
                pieces.append([])
                place += length
            else:
                pieces[-1].append(words[place])
                place += 1
        return [self._name(text, piece) for piece in pieces if piece]

    def _name(self, text: str, words: list[str]) -> Name:
        rest, forms = self._without_forms(words)
        told = [word for word in self._canonical(rest) if word not in self._fillers] or rest or words
        tokens = tuple(_joined_initials(told))
        return Name(text, tokens, tuple(sorted(set(forms) - self._weak)), sound_of("".join(tokens)))

    def _without_forms(self, words: list[str]) -> tuple[list[str], list[str]]:
        """Strip legal forms from both ends while at least one word remains."""
        rest, forms = list(words), []
        while len(rest) > 1:
            length = next(
                (n for n in range(self._longest, 0, -1) if n < len(rest) and tuple(rest[-n:]) in self._forms), 0
            )
            if not length:
                break
            forms.append(self._forms[tuple(rest[-length:])])
            rest = rest[:-length]
        if len(rest) > 1 and not rest[0].isascii() and (first := self._forms.get((rest[0],))):
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
        """Yield the words with abbreviations expanded."""
        place = 0
        while place < len(words):
            length = next((n for n in (2, 1) if tuple(words[place : place + n]) in self._words), 0)
            yield self._words[tuple(words[place : place + length])] if length else words[place]
            place += length or 1


_APART = re.compile(r"[^\W_]+", re.UNICODE)
_POINTS = re.compile(r"(?<![^\W_])((?:[^\W\d_]\.)+[^\W\d_](?:\.|(?![^\W_])))")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "\u0131": "i", "þ": "th", "ð": "d"})
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
    """Return the words of a text without case, width, accents and punctuation; dots inside initials are dropped."""
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
    """Join consecutive single letters: J D B becomes JDB."""
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
    """Return the pinyin of a key without tones if it contains Chinese, else ""."""
    if key.isascii() or not _is_han(key):
        return ""
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(key, errors="default")).replace("ü", "u")


# ---------------------------------------------------------------- two names


class Scorer:
    """Scores the similarity of two names; rare words weigh more than common ones."""

    def __init__(self, names: Iterable[Name]) -> None:
        """Count how many names contain each word."""
        names = list(names)
        self._seen = Counter(token for name in names for token in set(name.tokens))
        self._most = math.log(len(names) + 2)

    def weight(self, token: str) -> float:
        """Return the weight of a word: from 0.25 if every name contains it to about 1 if only one does."""
        return 0.25 + 0.75 * math.log((math.exp(self._most)) / (self._seen[token] + 1)) / self._most

    def likeness(self, a: Name, b: Name, least: float = 0.0) -> Likeness | None:
        """Return the similarity of two names, or None if the score is below ``least``."""
        found = self._same(a, b) or self._by_sound(a, b) or self._by_words(a, b)
        return found if found and found.score >= least else None

    def _same(self, a: Name, b: Name) -> Likeness | None:
        if a.key != b.key and sorted(a.tokens) != sorted(b.tokens):
            return None
        if a.key != b.key:
            return Likeness(96 - self._apart(a, b), "the same words in another order")
        if apart := self._apart(a, b):
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
            return Likeness(score - self._apart(a, b), f"both sound '{first}'")
        return None

    def _by_words(self, a: Name, b: Name) -> Likeness | None:
        """Compare word by word; similar words count in part, and rare words count for more."""
        if _numbers(a) != _numbers(b):
            return None
        shared = list((Counter(a.tokens) & Counter(b.tokens)).elements())
        left, right = _less(a.tokens, shared), _less(b.tokens, shared)
        same, lost, reasons = self._sum(shared), 0.0, []
        for one, other, like in _alike(left, right):
            weight = (self._sum(one) + self._sum(other)) / 2
            same, lost = same + weight * like, lost + weight * (1 - like)
            left, right = _less(left, one), _less(right, other)
            reasons.append(f"'{' '.join(one)}' and '{' '.join(other)}'")
        lost += self._sum(left) + self._sum(right)
        if not same:
            return None
        if left or right:
            reasons.append(f"one has '{' '.join([*left, *right])}'")
        return Likeness(100 * same / (same + lost) - self._apart(a, b) / 2, "but for " + ", ".join(reasons))

    def _sum(self, tokens: Iterable[str]) -> float:
        return sum(map(self.weight, tokens))

    def _apart(self, a: Name, b: Name) -> float:
        """Return the penalty if both names have legal forms and share none; it is higher if all words are common."""
        if not a.forms or not b.forms or set(a.forms) & set(b.forms):
            return 0.0
        return 6.0 + 20.0 * (1 - max(map(self.weight, a.tokens)))


def _forms(name: Name) -> str:
    return " ".join(name.forms)


def _numbers(name: Name) -> Tokens:
    return tuple(sorted(re.findall(r"\d+", name.key)))


def _less(tokens: Iterable[str], without: Iterable[str]) -> list[str]:
    return list((Counter(tokens) - Counter(without)).elements())


def _alike(left: list[str], right: list[str]) -> Iterator[tuple[list[str], list[str], float]]:
    """Pair differently spelled words: all remaining words joined, else word by word, the most similar pair first."""
    if not left or not right:
        return
    if min(map(len, (*left, *right))) >= SHORT and (like := _typo("".join(left), "".join(right))):
        yield left, right, like
        return
    found = [(like, one, other) for one in left for other in right if (like := _typo(one, other))]
    used: set[str] = set()
    for like, one, other in sorted(found, reverse=True):
        if one not in used and other not in used:
            used |= {one, other}
            yield [one], [other], like


def _typo(one: str, other: str) -> float:
    """Return the similarity of two words, or 0 if they differ by more than one letter (two in long words).

    The first letter of a short word must match.
    """
    from rapidfuzz.distance import OSA

    shorter, longer = sorted((len(one), len(other)))
    allowed = 2 if shorter >= LONG else 1
    if shorter < TYPO_LENGTH or longer - shorter > allowed or (one[0] != other[0] and shorter < LONG):
        return 0.0
    if longer - shorter == 1 and one.rstrip("s") == other.rstrip("s"):
        return 0.97
    distance = OSA.distance(one, other, score_cutoff=allowed)
    return 0.0 if distance > allowed else 1 - distance / shorter


# ---------------------------------------------------------------- many names


@dataclass
class Blocks:
    """Finds the pairs of names worth comparing: those that share a key of any kind."""

    names: Sequence[Name]
    groups: Sequence[int]  # names from different groups are never compared
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
        """Pair the names that share a key; with ``crowd``, chain large blocks, otherwise skip them."""
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
        """Return the name as one word, and its sound."""
        return {name.key, name.sound or name.key}

    def _ordered(self, name: Name) -> Tokens:
        return (" ".join(sorted(name.tokens)),) if len(name.tokens) > 1 else ()

    def _deletes(self, name: Name) -> set[str]:
        """Return the name with each letter removed in turn: two names that differ by one typo share a key."""
        key = name.key
        if len(key) < TYPO_LENGTH:
            return set()
        return {key, *(key[:place] + key[place + 1 :] for place in range(len(key)))}

    def _telling(self, name: Name) -> Iterator[str]:
        """Yield the rarest word, and the pairs of the three rarest words."""
        best = sorted(set(name.tokens), key=lambda token: (-self.scorer.weight(token), token))[:3]
        yield from best[:1]
        yield from (" ".join(sorted(pair)) for pair in combinations(best, 2))


def compare_all(names: Sequence[Name], groups: Sequence[int], least: float) -> Iterator[tuple[int, int, Likeness]]:
    """Yield the pairs of names within a group that score at least ``least``, in the order of the names."""
    scorer = Scorer(names)
    for one, other in sorted(Blocks(names, groups, scorer).find()):
        if found := scorer.likeness(names[one], names[other], least):
            yield one, other, found


def best_likeness(scorer: Scorer, ours: Iterable[Name], theirs: Sequence[Name]) -> Likeness | None:
    """Return the highest similarity between any of ``ours`` and any of ``theirs``, or None."""
    found = [like for a in ours for b in theirs if (like := scorer.likeness(a, b))]
    return max(found, key=lambda like: like.score, default=None)
