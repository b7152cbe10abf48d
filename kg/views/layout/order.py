"""Order the slots within each column for few crossings and short lines."""

from __future__ import annotations

from bisect import bisect_right, insort
from random import Random

from kg.views.layout.weave import Layers, Weave


def ordered(weave: Weave) -> Layers:
    """Return the best order of every column from several starting orders."""
    starts = 48 if len(weave.column) <= 80 else 12 if len(weave.column) <= 250 else 3
    layers = (_settled(weave, start) for start in range(starts))
    return min(layers, key=lambda found: _cost(weave, found))


def _settled(weave: Weave, start: int) -> Layers:
    """Order the columns from one start: by the mean place of the neighbours, then by swaps."""
    chance = Random(start)  # noqa: S311 -- a reproducible shuffle, no secret
    draw = [chance.random() if start else float(n) for n in range(len(weave.column))]
    layers: Layers = [[] for _ in range(max(weave.column) + 1)]
    for slot in sorted(range(len(draw)), key=draw.__getitem__):
        layers[weave.column[slot]].append(slot)
    for _ in range(4):
        _sweep(layers, weave.left)
        _sweep(layers[::-1], weave.right)
        _swap(weave, layers)
    return layers


def _sweep(layers: Layers, towards: list[list[int]]) -> None:
    """Sort each column by the mean place of its neighbours in the previous column."""
    place = _places(layers)
    for layer in layers:
        key = {s: sum(place[t] for t in towards[s]) / len(towards[s]) if towards[s] else place[s] for s in layer}
        layer.sort(key=lambda slot: key[slot])
        place.update((slot, n / len(layer)) for n, slot in enumerate(layer))


def _places(layers: Layers) -> dict[int, float]:
    return {slot: n / len(layer) for layer in layers for n, slot in enumerate(layer)}


def _swap(weave: Weave, layers: Layers) -> None:
    """Swap adjacent slots in a column as long as that removes crossings."""
    rank = {slot: n for layer in layers for n, slot in enumerate(layer)}
    for _ in range(30):
        if not sum(_swap_layer(weave, layer, rank) for layer in layers):
            return


def _swap_layer(weave: Weave, layer: list[int], rank: dict[int, int]) -> int:
    swaps = 0
    for n in range(len(layer) - 1):
        above, below = layer[n], layer[n + 1]
        if _gain(weave, above, below, rank) > 0:
            layer[n], layer[n + 1] = below, above
            rank[above], rank[below] = n + 1, n
            swaps += 1
    return swaps


def _gain(weave: Weave, above: int, below: int, rank: dict[int, int]) -> float:
    """Return how many crossings a swap of two adjacent slots saves, plus how much closer mates come."""
    gain = 0.0
    for side in (weave.left, weave.right):
        for a in side[above]:
            for b in side[below]:
                gain += (rank[a] > rank[b]) - (rank[a] < rank[b])
    gain += sum(1 if rank[m] > rank[above] else -1 for m in weave.mates[above] if m != below)
    gain += sum(1 if rank[m] < rank[below] else -1 for m in weave.mates[below] if m != above)
    return gain


def _cost(weave: Weave, layers: Layers) -> tuple[float, float]:
    """Return crossings plus distances between mates, and the slant of the lines."""
    rank = {slot: n for layer in layers for n, slot in enumerate(layer)}
    apart = sum(abs(rank[s] - rank[m]) - 1 for s, mates in enumerate(weave.mates) for m in mates)
    crossings = sum(_crossings(weave, layer, rank) for layer in layers)
    place = _places(layers)
    slant = sum(abs(place[a] - place[b]) for a in place for b in weave.right[a])
    return crossings + apart / 2, slant


def _crossings(weave: Weave, layer: list[int], rank: dict[int, int]) -> int:
    """Return the number of crossings in the gutter to the right of a column."""
    seen: list[int] = []
    count = 0
    for slot in layer:
        ends = [rank[t] for t in weave.right[slot]]
        count += sum(len(seen) - bisect_right(seen, end) for end in ends)
        for end in ends:
            insort(seen, end)
    return count
