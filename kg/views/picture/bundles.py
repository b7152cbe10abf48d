"""Bundles: all edges between two nodes that share a verdict become one line with one label."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from kg.views.layout import Size
from kg.views.picture.faces import measured, one_line, wrapped

if TYPE_CHECKING:
    import networkx as nx

Legend = Mapping[str, Any]

LABEL_SIZE, LABEL_LINE = 13.0, 15.5
LABEL_WIDTHS = (150.0, 112.0, 78.0)


@dataclass(frozen=True, slots=True)
class Bundle:
    """All edges between two nodes that share a verdict: one line."""

    id: str
    source: str
    target: str
    verdict: str
    propositions: tuple[str, ...]
    labels: tuple[str, ...]  # of each proposition
    label: str
    wordings: tuple[tuple[str, ...], ...]
    sizes: tuple[Size, ...]
    marked: bool


def bundled(network: nx.MultiDiGraph[str], legend: Legend) -> list[Bundle]:
    """Gather the edges between the same two nodes with the same verdict."""
    verdicts = {verdict["id"]: verdict for verdict in legend["verdicts"]}
    gathered: dict[tuple[str, str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for source, target, edge in network.edges(data=True):
        gathered[source, target, edge["verdict"]].append(edge)
    return [_bundle(f"e{n}", key, gathered[key], verdicts.get(key[2], {})) for n, key in enumerate(sorted(gathered))]


def _bundle(
    id_: str, key: tuple[str, str, str], edges: Iterable[Mapping[str, Any]], verdict: Mapping[str, Any]
) -> Bundle:
    edges = sorted(edges, key=lambda edge: (edge["label"], edge["proposition"]))
    label = condensed(edge["label"] for edge in edges)
    word = one_line(verdict.get("label", key[2])) if verdict.get("mark") else ""
    wordings = _wordings(one_line(label))
    sizes = tuple(_plate(wording, word) for wording in wordings)
    labels = {edge["proposition"]: edge["label"] for edge in reversed(edges)}
    return Bundle(id_, *key, tuple(labels), tuple(labels.values()), label, wordings, sizes, bool(word))


def condensed(labels: Iterable[str]) -> str:
    """Join labels, and say a last or first word that several share only once.

    >>> condensed(["red box", "blue box", "ball"])
    'red, blue box · ball'
    >>> condensed(["owns land", "owns water"])
    'owns land, water'
    """
    words = [tuple(label.split()) for label in dict.fromkeys(labels) if label.split()]
    lasts = Counter(label[-1] for label in words if len(label) > 1)
    groups: dict[tuple[str, str], list[tuple[str, ...]]] = {}
    for label in words:
        is_alone = len(label) == 1 or lasts[label[-1]] == 1
        groups.setdefault(("starts", label[0]) if is_alone else ("ends", label[-1]), []).append(label)
    shared = [_shared(*key, group) for key, group in groups.items() if len(group) > 1]
    alone = ", ".join(" ".join(group[0]) for group in groups.values() if len(group) == 1)
    return " · ".join([*shared, *([alone] if alone else [])])


def _shared(place: str, word: str, group: Sequence[tuple[str, ...]]) -> str:
    if place == "ends":
        return f"{', '.join(' '.join(label[:-1]) for label in group)} {word}"
    first, *others = group
    rests = [label[1:] if len(first) > 1 and len(label) > 1 else label for label in others]
    return ", ".join(" ".join(label) for label in (first, *rests))


@cache
def _wordings(label: str) -> tuple[tuple[str, ...], ...]:
    """Offer a label in two or three widths, the widest first."""
    if not label:
        return ()
    longest = max(measured(word, LABEL_SIZE) for word in label.split())
    rooms = (min(max(widest, longest), LABEL_WIDTHS[0]) for widest in LABEL_WIDTHS)
    return tuple(dict.fromkeys(wrapped(label, LABEL_SIZE, (room,), most=4) for room in rooms))


def _plate(wording: Sequence[str], word: str) -> Size:
    """Return the size of a label; the word of a marked verdict is one more line."""
    lines = [*wording, *([word] if word else [])]
    return max(measured(line, LABEL_SIZE) for line in lines) + 10, len(lines) * LABEL_LINE + 3
