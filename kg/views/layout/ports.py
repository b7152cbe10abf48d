"""Compute the ports: where lines begin and end on the sides of boxes."""

from __future__ import annotations

from collections import defaultdict

from kg.views.layout.mates import Beside
from kg.views.layout.weave import PORT_GAP, Layers, Weave


def port_shifts(weave: Weave, layers: Layers, beside: dict[str, Beside]) -> dict[tuple[str, int], float]:
    """Spread line ends along the sides of boxes, in the order of their other ends."""
    rank = {slot: n for layer in layers for n, slot in enumerate(layer)}
    ends: dict[tuple[int, int], list[tuple[tuple[int, int], str]]] = defaultdict(list)
    for line, chain in weave.chains.items():
        if line in beside:
            _bow_ends(ends, line, chain, beside[line].side, rank)
        elif chain[0] != chain[-1]:
            ends[chain[0], 1].append(((0, rank[chain[1]]), line))
            ends[chain[-1], -1].append(((0, rank[chain[-2]]), line))
    ports: dict[tuple[str, int], float] = {}
    for (slot, _), found in ends.items():
        room = min(PORT_GAP, (weave.height[slot] - 16) / max(1, len(found) - 1))
        for n, (_, line) in enumerate(sorted(found)):
            ports[line, slot] = (n - (len(found) - 1) / 2) * room
    return ports


def _bow_ends(
    ends: dict[tuple[int, int], list[tuple[tuple[int, int], str]]],
    line: str,
    chain: list[int],
    side: int,
    rank: dict[int, int],
) -> None:
    """Place the ends of bows above and below all other lines, the nearest outermost."""
    if side == 0:
        return
    for here, there in ((chain[0], chain[-1]), (chain[-1], chain[0])):
        way = rank[there] - rank[here]
        ends[here, side].append(((1 if way > 0 else -1, -way), line))
