"""A network that is too large for boxes with lines: what the page opens with, and the whole in few bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from kg.views.layout import Box, Line, scattered
from kg.views.picture.faces import NAME_SIZE, cut, measured, one_line

if TYPE_CHECKING:
    import networkx as nx

    from kg.views.picture.bundles import Legend

WHOLE_LIMIT = 800  # boxes that a page holds with all that is said of them; docs/view-performance.md
OPENING = 60  # boxes that a larger page opens with
HEIGHT = 26.0
WIDEST = 150.0


def opening_of(network: nx.MultiDiGraph[str]) -> tuple[str, nx.MultiDiGraph[str]]:
    """Return the node with most neighbours, and the part of the network around it: those with most of their own."""
    near = {node: set(network.successors(node)) | set(network.predecessors(node)) for node in network}
    hub = min(near, key=lambda node: (-len(near[node]), node))
    around = sorted(near[hub] - {hub}, key=lambda node: (-len(near[node]), node))
    return hub, network.subgraph([hub, *around[: OPENING - 1]]).copy()


def tell_whole(network: nx.MultiDiGraph[str], legend: Legend) -> dict[str, Any]:
    """Return every node and every line as columns of numbers.

    ``lines`` has by verdict, in turn, where a line begins, where it ends, and the place of its label in ``words``.
    """
    names = {node: one_line(str(network.nodes[node]["label"])) for node in sorted(network)}
    numbers = {node: n for n, node in enumerate(names)}
    types = [type_["id"] for type_ in legend["types"]]
    boxes = [Box(node, 0, min(measured(name, NAME_SIZE), WIDEST) + 16, HEIGHT) for node, name in names.items()]
    said = {(numbers[a], numbers[b], edge["verdict"], edge["label"]) for a, b, edge in network.edges(data=True)}
    words = {word: n for n, word in enumerate(sorted({label for *_, label in said}))}
    order = list(names)
    pairs = sorted({(a, b) for a, b, *_ in said})
    lines = [Line(str(n), order[a], order[b]) for n, (a, b) in enumerate(pairs)]
    drawing = scattered(boxes, lines)
    return {
        "ids": order,
        "labels": [cut(name, NAME_SIZE, 4 * WIDEST) for name in names.values()],
        "types": [types.index(kind) if (kind := network.nodes[node]["type"]) in types else -1 for node in names],
        "x": [round(drawing.boxes[node].x) for node in names],
        "y": [round(drawing.boxes[node].y) for node in names],
        "widths": [round(box.width) for box in boxes],
        "words": list(words),
        "lines": _columns(said, words),
        "styles": legend["types"],
        "verdicts": legend["verdicts"],
    }


def _columns(said: Iterable[tuple[int, int, str, str]], words: Mapping[str, int]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for a, b, verdict, label in sorted(said):
        found.setdefault(verdict, []).extend((a, b, words[label]))
    return dict(sorted(found.items()))
