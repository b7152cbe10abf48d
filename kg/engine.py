"""What the engine says of a query that it refuses, in fewer words.

Apart from the guard, whose lexer takes longer to be made than a process that answers takes to begin.
"""

from __future__ import annotations

import re

REFUSED = ("LATERAL", "SERVICE")  # the engine would take them there; a query here may not hold them
_ENGINE = re.compile(r"error at (\d+:\d+): expected (?:one of )?(.*)", re.DOTALL)
_SETS = re.compile(r"\[[^\]]*\](?:\s*\|\s*\[[^\]]*\])*")
_SENTENCE = re.compile(r"[A-Z][A-Za-z]*(?: [A-Za-z]+)+")


def engine_words(message: str) -> str:
    """Return what the engine says of a query as one line that begins with the place.

    It lists what it expected there: of a sentence in the list that sentence, else the words without character sets.
    """
    if not (match := _ENGINE.match(message)):
        return " ".join(message.split())
    expected = " ".join(_SETS.sub("", match[2]).split())
    if sentence := _SENTENCE.search(expected):
        return f"{match[1]}: {sentence.group()[0].lower()}{sentence.group()[1:]}"
    found = (word.strip(" ,|") for word in re.split(r", (?=[\"A-Za-z<])", expected))
    words = [word for word in found if word and word not in REFUSED]
    if not words:
        return f"{match[1]}: what stands here is not SPARQL"
    return f"{match[1]}: expected {'one of ' * (len(words) > 1)}{', '.join(words)}"
