"""Compute the vertical position of each slot, in the order of its column."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from kg.views.layout.mates import Beside
from kg.views.layout.weave import Layers, Weave

ROW_GAP = 26.0
LANE_GAP = 15.0
TURNS = 60
SETTLED = 0.5  # pixels; the loop ends when every slot moves less


def row_heights(
    weave: Weave, layers: Layers, ports: dict[tuple[str, int], float], beside: dict[str, Beside], slack: float
) -> list[float]:
    """Return the vertical position of every slot; lines are as straight as the order and the distances allow."""
    joined = _joined(weave, beside)
    steps = [[_distance(weave, a, b, slack, joined) for a, b in pairwise(la)] for la in layers]
    pulls = _pulls(weave, ports)
    rows = before = [0.0] * len(weave.column)
    for layer, step in zip(layers, steps, strict=True):
        _place(rows, layer, spaced([(0.0, 1.0)] * len(layer), step))
    for turn in range(TURNS):
        before = list(rows) if turn % 2 == 0 else before
        order = range(len(layers)) if turn % 2 == 0 else range(len(layers) - 1, -1, -1)
        for n in order:
            wishes = [_wish(slot, rows, pulls[slot]) for slot in layers[n]]
            _place(rows, layers[n], spaced(wishes, steps[n]))
        if turn % 2 and all(abs(a - b) < SETTLED for a, b in zip(rows, before, strict=True)):
            break
    return rows


def _joined(weave: Weave, beside: dict[str, Beside]) -> dict[frozenset[int], float]:
    """Return the room that straight lines within a column need for label and arrow, by pair of slots."""
    room: dict[frozenset[int], float] = {}
    for line in weave.lines:
        if line.id in beside and beside[line.id].side == 0:
            pair = frozenset((weave.chains[line.id][0], weave.chains[line.id][-1]))
            tall = line.labels[-1][1] if line.labels else 0.0
            room[pair] = max(room.get(pair, 0.0), tall + (56.0 if line.marked else 36.0))
    return room


def _distance(weave: Weave, above: int, below: int, slack: float, joined: dict[frozenset[int], float]) -> float:
    """Return the minimum distance between the centres of two consecutive slots."""
    lanes = (above >= weave.lanes_from) + (below >= weave.lanes_from)
    gap = (ROW_GAP * slack, LANE_GAP * (0.5 + slack / 2), 7.0 * slack)[lanes]
    gap = max(gap, joined.get(frozenset((above, below)), 0.0))
    return (weave.girth[above] + weave.girth[below]) / 2 + gap


def _place(rows: list[float], layer: list[int], heights: list[float]) -> None:
    for slot, height in zip(layer, heights, strict=True):
        rows[slot] = height


def _pulls(weave: Weave, ports: dict[tuple[str, int], float]) -> list[list[tuple[int, float, float]]]:
    """Return what pulls each slot: the other slot, the shift of the ports, the weight."""
    pulls: list[list[tuple[int, float, float]]] = [[] for _ in weave.column]
    for line, chain in weave.chains.items():
        for a, b in pairwise(chain):
            lanes = (a >= weave.lanes_from) + (b >= weave.lanes_from)
            weight = 0.2 if weave.column[a] == weave.column[b] else (1.0, 2.0, 8.0)[lanes]
            shift = ports.get((line, b), 0.0) - ports.get((line, a), 0.0)
            pulls[a].append((b, shift, weight))
            pulls[b].append((a, -shift, weight))
    return pulls


def _wish(slot: int, rows: list[float], pulls: list[tuple[int, float, float]]) -> tuple[float, float]:
    """Return the preferred position of a slot and its weight. Every slot is pulled slightly to the middle."""
    weight, moment = 0.02, 0.0
    for other, shift, heavy in pulls:
        weight += heavy
        if other != slot:
            moment += (rows[other] + shift) * heavy
    return moment / weight, weight


def spaced(wishes: Sequence[tuple[float, float]], steps: Sequence[float]) -> list[float]:
    """Return the positions nearest to the preferred ones that keep the order and the distances.

    Solves least squares under an order exactly, by pooling adjacent violators.
    """
    offset = [0.0]
    for step in steps:
        offset.append(offset[-1] + step)
    pools: list[list[float]] = []  # mean, weight, members
    for (wish, weight), shift in zip(wishes, offset, strict=False):
        pools.append([wish - shift, weight, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            mean, heavy, members = pools.pop()
            last = pools[-1]
            last[0] = (last[0] * last[1] + mean * heavy) / (last[1] + heavy)
            last[1] += heavy
            last[2] += members
    means = [mean for mean, _, members in pools for _ in range(int(members))]
    return [mean + shift for mean, shift in zip(means, offset, strict=False)]
