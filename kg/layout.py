"""Where boxes stand and lines run: sizes in, places and paths out; no meaning, no colour, no clock.

`layered` puts boxes into columns from left to right. A line that passes a column gets a slot of its
own in it, so that no line runs under a box. `scattered` places what is too much for columns.
"""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

Point = tuple[float, float]
Size = tuple[float, float]
Curve = tuple[Point, Point, Point, Point]
Layers = list[list[int]]
Stop = tuple[float, float, float]  # where a line passes a slot: middle, height, half the width

GUTTER = 70.0
ROW_GAP = 26.0
LANE_GAP = 15.0
PORT_GAP = 11.0
HEAD_GAP = 38.0
MARK_RADIUS = 9.0
PLATE_ROOM = 3.0
TWIN_GAP = 9.0
ASIDE = 14.0  # the price of a label that stands beside its line instead of on it
LOOP_ROOM = 62.0  # above a box that a line leads back to
FLAT = 0.5  # of the circles in which much is scattered
WIDEST = 2.2  # times the width that a gutter needs
SLACKS = (1.0, 1.3, 1.6, 2.0, 2.4)  # how much looser rows may stand, to fill the frame
TRACK = 9.0  # between the steep parts of lines that bend in the same gutter
SAMPLE = 6.0
CELL = 32.0


@dataclass(frozen=True, slots=True)
class Box:
    """A box to be placed."""

    id: str
    column: int
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line to be routed, with the sizes that its label may take (best first) and its mark."""

    id: str
    source: str
    target: str
    labels: tuple[Size, ...] = ()
    marked: bool = False


@dataclass(frozen=True, order=True, slots=True)
class Rect:
    """A rectangle, by its centre."""

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: Rect, room: float = 0.0) -> bool:
        """Tell whether two rectangles come closer to each other than `room`."""
        return (
            abs(self.x - other.x) * 2 < self.width + other.width + 2 * room
            and abs(self.y - other.y) * 2 < self.height + other.height + 2 * room
        )


@dataclass(slots=True)
class Route:
    """The way of one line; `flat` says of each curve whether it lies in a lane."""

    curves: list[Curve]
    flat: list[bool]
    backward: bool = False
    plate: Rect | None = None
    wording: int = 0
    mark: Point | None = None

    @property
    def tip(self) -> tuple[float, float, float]:
        """Return where the arrow ends and the angle at which it arrives."""
        curve = self.curves[0][::-1] if self.backward else self.curves[-1]
        back, end = curve[2], curve[3]
        return end[0], end[1], math.atan2(end[1] - back[1], end[0] - back[0])

    def path(self) -> str:
        """Write the route as an SVG path from source to target."""
        curves = [c[::-1] for c in reversed(self.curves)] if self.backward else self.curves
        steps = (" ".join(f"{x:.1f},{y:.1f}" for x, y in curve[1:]) for curve in curves)
        return f"M{curves[0][0][0]:.1f},{curves[0][0][1]:.1f}" + "".join(f"C{s}" for s in steps)


@dataclass(slots=True)
class Drawing:
    """Everything placed: boxes and routes by id, the column heads, the frame around all."""

    boxes: dict[str, Rect]
    routes: dict[str, Route] = field(default_factory=dict)
    heads: list[tuple[int, float, float]] = field(default_factory=list)
    frame: Rect = Rect(0, 0, 0, 0)


@dataclass(slots=True)
class Weave:
    """Slots by number: the boxes first, then one for each column that a line passes."""

    boxes: list[Box]
    lines: list[Line]
    column: list[int]
    height: list[float]
    girth: list[float] = field(default_factory=list)  # more than the height beside many labels
    chains: dict[str, list[int]] = field(default_factory=dict)
    backward: set[str] = field(default_factory=set)
    left: list[list[int]] = field(default_factory=list)
    right: list[list[int]] = field(default_factory=list)
    mates: list[list[int]] = field(default_factory=list)

    @property
    def lanes_from(self) -> int:
        """Return the number of the first slot that is a lane."""
        return len(self.boxes)

    def beside(self, chain: Sequence[int]) -> bool:
        """Tell whether a line joins two different boxes of one column."""
        return self.column[chain[0]] == self.column[chain[-1]] and chain[0] != chain[-1]


# --- the whole ---------------------------------------------------------------------------------


def layered(boxes: Sequence[Box], lines: Sequence[Line], *, aspect: float = 1.5) -> Drawing:
    """Place boxes in their columns, route every line, and find a free place for every label.

    Of a few spacings the one is drawn that fits the wanted aspect best; where a label finds no
    place in it, the next.
    """
    if not boxes:
        return Drawing({})
    weave = _woven(_evened(boxes), lines)
    layers = _ordered(weave)
    plans = sorted((_planned(weave, layers, slack, aspect) for slack in SLACKS), key=lambda plan: plan.misfit)
    drawings = []
    for plan in plans:
        drawings.append(_drawn(weave, plan))
        if not _missing(drawings[-1], lines):
            return drawings[-1]
    return min(drawings, key=lambda drawing: _missing(drawing, lines))


def _missing(drawing: Drawing, lines: Sequence[Line]) -> int:
    """Count the labels that found no place."""
    return sum(1 for line in lines if line.labels and drawing.routes[line.id].plate is None)


@dataclass(frozen=True, slots=True)
class Plan:
    """One spacing: where slots and columns are, and how far the whole is from the wanted aspect."""

    beside: dict[str, Beside]
    ports: dict[tuple[str, int], float]
    rows: list[float]
    middles: list[float]
    misfit: float


def _planned(weave: Weave, layers: Layers, slack: float, aspect: float) -> Plan:
    """Space the rows; where they become high, widen the gutters with them."""
    beside = _beside(weave, layers)
    ports = _ports(weave, layers, beside)
    rows = _rows(weave, layers, ports, beside, slack)
    high = max(rows) - min(rows) + 2 * HEAD_GAP
    widths, gutters = _widths(weave), _gutters(weave, beside)
    spare = (aspect * high - sum(widths)) / max(1.0, sum(gutters[:-1]))
    stretch = min(WIDEST, max(1.0, spare))
    middles = _middles(widths, [gutter * stretch for gutter in gutters])
    wide = middles[-1] + widths[-1] / 2
    return Plan(beside, ports, rows, middles, abs(math.log(wide / high / aspect)))


def _evened(boxes: Sequence[Box]) -> list[Box]:
    """Give all boxes of a column one width, and columns numbers without a gap."""
    widest: dict[int, float] = defaultdict(float)
    for box in boxes:
        widest[box.column] = max(widest[box.column], box.width)
    number = {column: n for n, column in enumerate(sorted(widest))}
    return [Box(b.id, number[b.column], widest[b.column], b.height) for b in boxes]


def _drawn(weave: Weave, plan: Plan) -> Drawing:
    """Turn a plan into places, routes, marks and labels."""
    places = {
        box.id: Rect(plan.middles[box.column], plan.rows[n], box.width, weave.height[n])
        for n, box in enumerate(weave.boxes)
    }
    routes = _routes(weave, plan)
    scene = _Scene(places.values(), routes)
    _set_marks(scene, weave.lines)
    _set_plates(scene, weave.lines)
    drawing = Drawing(places, routes)
    drawing.heads, drawing.frame = _framed(drawing, plan.middles)
    return drawing


def _framed(drawing: Drawing, middles: list[float]) -> tuple[list[tuple[int, float, float]], Rect]:
    """Return the places of the column heads, and the frame around everything."""
    spots = [*drawing.boxes.values()]
    spots += [route.plate for route in drawing.routes.values() if route.plate]
    spots += [Rect(x, y, 2, 2) for r in drawing.routes.values() for x, y in _samples(r)]
    top = min(s.y - s.height / 2 for s in spots) - HEAD_GAP
    bottom = max(s.y + s.height / 2 for s in spots)
    left = min(s.x - s.width / 2 for s in spots)
    right = max(s.x + s.width / 2 for s in spots)
    heads = [(column, x, top + 8) for column, x in enumerate(middles)]
    return heads, Rect((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)


# --- slots -------------------------------------------------------------------------------------


def _woven(boxes: list[Box], lines: Sequence[Line]) -> Weave:
    """Give every line its chain of slots, left to right."""
    number = {box.id: n for n, box in enumerate(boxes)}
    weave = Weave(boxes, list(lines), [b.column for b in boxes], [b.height for b in boxes])
    for line in lines:
        _add_chain(weave, line, number[line.source], number[line.target])
    _link(weave)
    _heighten(weave)
    return weave


def _add_chain(weave: Weave, line: Line, source: int, target: int) -> None:
    """Add the lane slots of one line; one that runs leftward is stored from its target on."""
    if weave.column[source] > weave.column[target]:
        weave.backward.add(line.id)
        source, target = target, source
    lanes = range(weave.column[source] + 1, weave.column[target])
    first = len(weave.column)
    tall = line.labels[0][1] if line.labels else 0.0
    weave.column.extend(lanes)
    weave.height.extend(max(6.0, tall) for _ in lanes)
    weave.chains[line.id] = [source, *range(first, first + len(lanes)), target]


def _link(weave: Weave) -> None:
    """Note who is next to whom: on the left, on the right, in the same column."""
    count = len(weave.column)
    weave.left = [[] for _ in range(count)]
    weave.right = [[] for _ in range(count)]
    weave.mates = [[] for _ in range(count)]
    for chain in weave.chains.values():
        if weave.beside(chain):
            weave.mates[chain[0]].append(chain[-1])
            weave.mates[chain[-1]].append(chain[0])
            continue
        for a, b in pairwise(chain):
            if a != b:
                weave.right[a].append(b)
                weave.left[b].append(a)


def _heighten(weave: Weave) -> None:
    """Make boxes with many lines on one side taller, so that the lines stay apart."""
    for n in range(weave.lanes_from):
        busiest = max(len(weave.left[n]), len(weave.right[n])) + len(weave.mates[n]) / 2
        weave.height[n] = max(weave.height[n], PORT_GAP * 0.8 * (busiest + 1))
    weave.girth = list(weave.height)
    for chain in weave.chains.values():
        if chain[0] == chain[-1]:
            weave.girth[chain[0]] = weave.height[chain[0]] + 2 * LOOP_ROOM
    for twins in _twins(weave):
        room = sum(tall + TWIN_GAP for _, tall in map(_narrowest, twins))
        for slot in weave.chains[twins[0].id]:
            weave.girth[slot] = max(weave.girth[slot], room)


# --- order within a column ---------------------------------------------------------------------


def _ordered(weave: Weave) -> Layers:
    """Order every column for few crossings: several starts, the best result."""
    starts = 48 if len(weave.column) <= 80 else 12 if len(weave.column) <= 250 else 3
    layers = (_settled(weave, start) for start in range(starts))
    return min(layers, key=lambda found: _cost(weave, found))


def _settled(weave: Weave, start: int) -> Layers:
    """Order the columns from one start: by the middle of the neighbours, then by swaps."""
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
    """Sort each column by the mean place of its neighbours in the column before it."""
    place = _places(layers)
    for layer in layers:
        key = {s: sum(place[t] for t in towards[s]) / len(towards[s]) if towards[s] else place[s] for s in layer}
        layer.sort(key=lambda slot: key[slot])
        place.update((slot, n / len(layer)) for n, slot in enumerate(layer))


def _places(layers: Layers) -> dict[int, float]:
    return {slot: n / len(layer) for layer in layers for n, slot in enumerate(layer)}


def _swap(weave: Weave, layers: Layers) -> None:
    """Swap neighbours in a column as long as that removes crossings."""
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
    """Return how many crossings a swap of two neighbours saves, and how much nearer mates come."""
    gain = 0.0
    for side in (weave.left, weave.right):
        for a in side[above]:
            for b in side[below]:
                gain += (rank[a] > rank[b]) - (rank[a] < rank[b])
    gain += sum(1 if rank[m] > rank[above] else -1 for m in weave.mates[above] if m != below)
    gain += sum(1 if rank[m] < rank[below] else -1 for m in weave.mates[below] if m != above)
    return gain


def _cost(weave: Weave, layers: Layers) -> tuple[float, float]:
    """Return crossings plus the way between mates, then how slanted the lines are."""
    rank = {slot: n for layer in layers for n, slot in enumerate(layer)}
    apart = sum(abs(rank[s] - rank[m]) - 1 for s, mates in enumerate(weave.mates) for m in mates)
    crossings = sum(_crossings(weave, layer, rank) for layer in layers)
    place = _places(layers)
    slant = sum(abs(place[a] - place[b]) for a in place for b in weave.right[a])
    return crossings + apart / 2, slant


def _crossings(weave: Weave, layer: list[int], rank: dict[int, int]) -> int:
    """Count the crossings in the gutter to the right of a column."""
    seen: list[int] = []
    count = 0
    for slot in layer:
        ends = [rank[t] for t in weave.right[slot]]
        count += sum(len(seen) - bisect_right(seen, end) for end in ends)
        for end in ends:
            insort(seen, end)
    return count


# --- lines within one column -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Beside:
    """How a line between two boxes of one column runs: straight down, or in a bow on one side."""

    side: int  # 0 straight, -1 a bow on the left, 1 on the right
    shift: float  # of a straight line, from the middle
    depth: float  # of a bow


def _beside(weave: Weave, layers: Layers) -> dict[str, Beside]:
    """Choose for each line within a column between a straight line and a bow."""
    rank = {slot: n for layer in layers for n, slot in enumerate(layer)}
    found: dict[str, Beside] = {}
    straight: dict[frozenset[int], list[Line]] = defaultdict(list)
    for line in weave.lines:
        a, b = weave.chains[line.id][0], weave.chains[line.id][-1]
        if not weave.beside([a, b]):
            continue
        if abs(rank[a] - rank[b]) == 1 and len(straight[frozenset((a, b))]) < 2:
            straight[frozenset((a, b))].append(line)
        else:
            found[line.id] = _bow(weave, line, abs(rank[a] - rank[b]))
    for lines in straight.values():
        found.update(zip((line.id for line in lines), _straight(lines), strict=True))
    return found


def _straight(lines: list[Line]) -> Iterator[Beside]:
    wide = max((line.labels[-1][0] for line in lines if line.labels), default=0.0) + 14
    for n in range(len(lines)):
        yield Beside(0, (n - (len(lines) - 1) / 2) * wide, 0.0)


def _bow(weave: Weave, line: Line, way: int) -> Beside:
    """Put a bow on the side where fewer lines leave, deep enough for its label."""
    chain = weave.chains[line.id]
    lefts = sum(len(weave.left[s]) for s in chain)
    rights = sum(len(weave.right[s]) for s in chain)
    side = -1 if weave.column[chain[0]] == 0 or lefts < rights else 1
    wide = line.labels[-1][0] if line.labels else 0.0
    return Beside(side, 0.0, max(40.0, (wide / 2 + 8) / 0.75) + 8 * min(way, 6))


# --- ports, rows, columns ----------------------------------------------------------------------


def _ports(weave: Weave, layers: Layers, beside: dict[str, Beside]) -> dict[tuple[str, int], float]:
    """Spread line ends along the sides of boxes, in the order of what they lead to."""
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
    """Let bows leave above and below all other lines, the nearest outermost."""
    if side == 0:
        return
    for here, there in ((chain[0], chain[-1]), (chain[-1], chain[0])):
        way = rank[there] - rank[here]
        ends[here, side].append(((1 if way > 0 else -1, -way), line))


def _distance(weave: Weave, above: int, below: int, slack: float, joined: dict[frozenset[int], float]) -> float:
    """Return the least distance between the middles of two slots that follow each other."""
    lanes = (above >= weave.lanes_from) + (below >= weave.lanes_from)
    gap = (ROW_GAP * slack, LANE_GAP * (0.5 + slack / 2), 7.0 * slack)[lanes]
    gap = max(gap, joined.get(frozenset((above, below)), 0.0))
    return (weave.girth[above] + weave.girth[below]) / 2 + gap


def _joined(weave: Weave, beside: dict[str, Beside]) -> dict[frozenset[int], float]:
    """Return the room that straight lines within a column need for label and arrow."""
    room: dict[frozenset[int], float] = {}
    for line in weave.lines:
        if line.id in beside and beside[line.id].side == 0:
            pair = frozenset((weave.chains[line.id][0], weave.chains[line.id][-1]))
            tall = line.labels[-1][1] if line.labels else 0.0
            room[pair] = max(room.get(pair, 0.0), tall + (56.0 if line.marked else 36.0))
    return room


def _rows(
    weave: Weave, layers: Layers, ports: dict[tuple[str, int], float], beside: dict[str, Beside], slack: float
) -> list[float]:
    """Find the height of every slot: lines as straight as the order and the distances allow."""
    joined = _joined(weave, beside)
    steps = [[_distance(weave, a, b, slack, joined) for a, b in pairwise(la)] for la in layers]
    pulls = _pulls(weave, ports)
    rows = [0.0] * len(weave.column)
    for layer, step in zip(layers, steps, strict=True):
        _place(rows, layer, _spaced([(0.0, 1.0)] * len(layer), step))
    for turn in range(60):
        order = range(len(layers)) if turn % 2 == 0 else range(len(layers) - 1, -1, -1)
        for n in order:
            wishes = [_wish(slot, rows, pulls[slot]) for slot in layers[n]]
            _place(rows, layers[n], _spaced(wishes, steps[n]))
    return rows


def _place(rows: list[float], layer: list[int], heights: list[float]) -> None:
    for slot, height in zip(layer, heights, strict=True):
        rows[slot] = height


def _pulls(weave: Weave, ports: dict[tuple[str, int], float]) -> list[list[tuple[int, float, float]]]:
    """Return for each slot what pulls at it: the other slot, the shift of the ports, the weight."""
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
    """Return where a slot would like to be, and how much; a faint pull to the middle for all."""
    weight = sum(w for _, _, w in pulls) + 0.02
    return sum((rows[t] + shift) * w for t, shift, w in pulls if t != slot) / weight, weight


def _spaced(wishes: Sequence[tuple[float, float]], steps: Sequence[float]) -> list[float]:
    """Return the heights nearest to the wishes that keep the order and the distances.

    Least squares under an order is solved exactly by pooling adjacent violators.
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


def _widths(weave: Weave) -> list[float]:
    """Return the width of every column."""
    widths = [0.0] * (max(weave.column) + 1)
    for box in weave.boxes:
        widths[box.column] = box.width
    return widths


def _gutters(weave: Weave, beside: dict[str, Beside]) -> list[float]:
    """Return the width that the gutter right of each column needs for the labels in it."""
    gutters = [GUTTER] * (max(weave.column) + 1)
    twins = {line.id for group in _twins(weave) for line in group}
    for line in weave.lines:
        chain = weave.chains[line.id]
        if line.id in beside:
            _widen_for_bow(gutters, weave.column[chain[0]], beside[line.id])
        elif len(chain) == 2 and chain[0] != chain[1] and line.labels:
            column = weave.column[chain[0]]
            room = 30.0 + 16.0 * line.marked + 28.0 * (line.id in twins)
            gutters[column] = max(gutters[column], min(s[0] for s in line.labels) + room)
    return gutters


def _middles(widths: Sequence[float], gutters: Sequence[float]) -> list[float]:
    """Return the middle of every column."""
    middles = [widths[0] / 2]
    for n in range(1, len(widths)):
        middles.append(middles[-1] + (widths[n - 1] + widths[n]) / 2 + gutters[n - 1])
    return middles


def _widen_for_bow(gutters: list[float], column: int, beside: Beside) -> None:
    """Make the gutter that holds a bow wide enough; left of the first column there is room."""
    gutter = column if beside.side == 1 else column - 1
    if beside.side and gutter >= 0:
        gutters[gutter] = max(gutters[gutter], beside.depth + 46)


# --- routes ------------------------------------------------------------------------------------


def _routes(weave: Weave, plan: Plan) -> dict[str, Route]:
    """Draw every line as curves: level at each box, level through each lane."""
    halves = [width / 2 for width in _widths(weave)]
    found: dict[str, Route] = {}
    stops: dict[str, list[Stop]] = {}
    for line in weave.lines:
        chain = weave.chains[line.id]
        spots = [_stop(weave, plan, halves, line.id, slot) for slot in chain]
        if line.id in plan.beside:
            found[line.id] = _beside_route(spots, plan.beside[line.id], [weave.height[s] for s in chain])
        elif chain[0] == chain[-1]:
            found[line.id] = _loop_route(spots[0], weave.height[chain[0]])
        else:
            stops[line.id] = spots
    _fan_out(weave, stops)
    tracks = _tracks(stops)
    for line_id, spots in stops.items():
        found[line_id] = _long_route(line_id, spots, tracks)
        found[line_id].backward = line_id in weave.backward
    return found


def _stop(weave: Weave, plan: Plan, halves: list[float], line: str, slot: int) -> Stop:
    column = weave.column[slot]
    return plan.middles[column], plan.rows[slot] + plan.ports.get((line, slot), 0.0), halves[column]


def _twins(weave: Weave) -> list[list[Line]]:
    """Return the lines that join the same two boxes across one gutter, where there are several."""
    groups: dict[tuple[int, ...], list[Line]] = defaultdict(list)
    for line in weave.lines:
        chain = weave.chains[line.id]
        if len(chain) == 2 and weave.column[chain[0]] != weave.column[chain[1]]:
            groups[tuple(chain)].append(line)
    return [group for group in groups.values() if len(group) > 1]


def _narrowest(line: Line) -> Size:
    return line.labels[-1] if line.labels else (20.0, 8.0)


def _fan_out(weave: Weave, stops: dict[str, list[Stop]]) -> None:
    """Give each of several lines between two boxes a level stretch of its own for its label."""
    gutters: dict[int, list[tuple[float, Line, Stop]]] = defaultdict(list)
    for twins in _twins(weave):
        twins.sort(key=lambda line: (stops[line.id][0][1], line.id))
        sizes = [_narrowest(line) for line in twins]
        middle = _calmer(weave, twins, stops[twins[0].id], max(wide for wide, _ in sizes))
        heights = [y for line in twins for _, y, _ in stops[line.id]]
        y = sum(heights) / len(heights) - sum(tall + TWIN_GAP for _, tall in sizes) / 2
        for line, (wide, tall) in zip(twins, sizes, strict=True):
            stretch = middle, y + (tall + TWIN_GAP) / 2, wide / 2
            gutters[weave.column[weave.chains[line.id][0]]].append((stretch[1], line, stretch))
            y += tall + TWIN_GAP
    for stretches in gutters.values():
        _part(stretches, stops)


def _part(stretches: list[tuple[float, Line, Stop]], stops: dict[str, list[Stop]]) -> None:
    """Move the level stretches in one gutter apart, as little as possible, and put them in."""
    stretches.sort(key=lambda stretch: (stretch[0], stretch[1].id))
    tall = [_narrowest(line)[1] for _, line, _ in stretches]
    steps = [(a + b) / 2 + TWIN_GAP for a, b in pairwise(tall)]
    heights = _spaced([(y, 1.0) for y, _, _ in stretches], steps)
    for y, (_, line, (middle, _, half)) in zip(heights, stretches, strict=True):
        stops[line.id].insert(1, (middle, y, half))


def _calmer(weave: Weave, twins: list[Line], stops: list[Stop], wide: float) -> float:
    """Return where labels between two boxes stand: nearer to the box with fewer lines."""
    (x1, _, w1), (x2, _, w2) = stops
    start, end = weave.chains[twins[0].id]
    room = wide / 2 + 22.0 + 14.0 * any(line.marked for line in twins)
    if len(weave.right[start]) <= len(weave.left[end]):
        return min(x1 + w1 + room, (x1 + w1 + x2 - w2) / 2)
    return max(x2 - w2 - room, (x1 + w1 + x2 - w2) / 2)


def _tracks(stops: dict[str, list[Stop]]) -> dict[tuple[str, float], float]:
    """Return where each line bends in each gutter, in pixels from the gutter's middle.

    Of lines that climb together the upper one bends first, of lines that fall together last: so
    their steep parts stand side by side and do not cross.
    """
    gutters: dict[tuple[float, bool], list[tuple[float, float, str, float]]] = defaultdict(list)
    for line, spots in stops.items():
        for (x1, y1, w1), (x2, y2, w2) in pairwise(spots):
            if abs(y1 - y2) > TRACK:
                gutter = x2 - w2 - x1 - w1
                gutters[x1, y2 > y1].append((min(y1, y2), max(y1, y2), line, gutter))
    tracks: dict[tuple[str, float], float] = {}
    for (x, falls), found in gutters.items():
        for crowd in _crowds(sorted(found)):
            step = min(TRACK, 0.56 * crowd[0][3] / max(1, len(crowd) - 1))
            for n, (*_, line, _gutter) in enumerate(crowd):
                shift = (n - (len(crowd) - 1) / 2) * step
                tracks[line, x] = -shift if falls else shift
    return tracks


def _crowds(found: list[tuple[float, float, str, float]]) -> Iterator[list[tuple[float, float, str, float]]]:
    """Part lines into groups whose heights overlap; in a group, sort by where the middle is."""
    crowd: list[tuple[float, float, str, float]] = []
    reach = -math.inf
    for entry in found:
        if crowd and entry[0] >= reach:
            yield sorted(crowd, key=lambda e: (e[0] + e[1], e[2]))
            crowd = []
        crowd.append(entry)
        reach = max(reach, entry[1])
    if crowd:
        yield sorted(crowd, key=lambda e: (e[0] + e[1], e[2]))


def _long_route(line: str, spots: list[Stop], tracks: dict[tuple[str, float], float]) -> Route:
    """Run from column to column: a bend in each gutter, a level stretch in each lane."""
    curves: list[Curve] = []
    flat: list[bool] = []
    for n, ((x1, y1, w1), (x2, y2, w2)) in enumerate(pairwise(spots)):
        if n:
            curves.append(_level((x1 - w1, y1), (x1 + w1, y1)))
            flat.append(True)
        curves.append(_bend((x1 + w1, y1), (x2 - w2, y2), tracks.get((line, x1), 0.0)))
        flat.append(False)
    return Route(curves, flat)


def _level(start: Point, end: Point) -> Curve:
    third = (end[0] - start[0]) / 3
    return start, (start[0] + third, start[1]), (end[0] - third, end[1]), end


def _bend(start: Point, end: Point, shift: float) -> Curve:
    """Swing from one height to another, steepest at `shift` from the middle."""
    middle = (start[0] + end[0]) / 2 + shift
    return start, (middle, start[1]), (middle, end[1]), end


def _beside_route(spots: list[Stop], beside: Beside, tall: list[float]) -> Route:
    """Run straight between two neighbours of a column, or in a bow around what is between."""
    (x1, y1, w), (_, y2, _) = spots[0], spots[-1]
    if beside.side == 0:
        down = 1 if y2 > y1 else -1
        x = x1 + beside.shift
        start, end = (x, y1 + down * tall[0] / 2), (x, y2 - down * tall[-1] / 2)
        third = (end[1] - start[1]) / 3
        return Route([(start, (x, start[1] + third), (x, end[1] - third), end)], [False])
    x = x1 + beside.side * w
    out = x + beside.side * beside.depth
    return Route([((x, y1), (out, y1), (out, y2), (x, y2))], [False])


def _loop_route(spot: Stop, tall: float) -> Route:
    """Lead a line from a box up and back to itself."""
    x, y = spot[0], spot[1] - tall / 2
    high = y - LOOP_ROOM * 0.8
    return Route([((x - 14, y), (x - 44, high), (x + 44, high), (x + 14, y))], [False])


def _at(curve: Curve, t: float) -> Point:
    """Return the point of a cubic curve at t."""
    a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = curve
    return a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3


def _samples(route: Route) -> Iterator[Point]:
    """Walk a route in steps of about six pixels."""
    for curve in route.curves:
        way = abs(curve[3][0] - curve[0][0]) + abs(curve[3][1] - curve[0][1])
        way += abs(curve[1][0] - curve[0][0]) * 0.5
        count = max(2, round(way / SAMPLE))
        for n in range(count + 1):
            yield _at(curve, n / count)


# --- labels and marks --------------------------------------------------------------------------


def _cells(rect: Rect, room: float) -> Iterator[tuple[int, int]]:
    """Return the cells of a coarse grid that a rectangle with some room around it touches."""
    wide, tall = rect.width / 2 + room, rect.height / 2 + room
    for x in range(int((rect.x - wide) // CELL), int((rect.x + wide) // CELL) + 1):
        for y in range(int((rect.y - tall) // CELL), int((rect.y + tall) // CELL) + 1):
            yield x, y


class _Scene:
    """What stands already, in a grid, so that a label or a mark can be put where nothing is."""

    def __init__(self, boxes: Iterable[Rect], routes: dict[str, Route]) -> None:
        self.routes = routes
        self.taken: dict[tuple[int, int], dict[str, tuple[Rect, float]]] = defaultdict(dict)
        self.lines: dict[tuple[int, int], list[tuple[float, float, str]]] = defaultdict(list)
        for n, box in enumerate(boxes):
            self.take(f"box {n}", box, 4.0)
        for line, route in routes.items():
            self.take(f"tip {line}", Rect(*route.tip[:2], 14, 12), 1.0)
            for x, y in _samples(route):
                self.lines[int(x // CELL), int(y // CELL)].append((x, y, line))

    def take(self, name: str, rect: Rect, room: float) -> None:
        """Note that something stands there, and how far others must stay from it."""
        for cell in _cells(rect, room):
            self.taken[cell][name] = rect, room

    def leave(self, name: str, rect: Rect, room: float) -> None:
        """Note that it no longer stands there."""
        for cell in _cells(rect, room):
            del self.taken[cell][name]

    def is_free(self, rect: Rect) -> bool:
        """Tell whether no box, arrow, mark or label is there."""
        return not any(
            rect.meets(other, room) for cell in _cells(rect, 0.0) for other, room in self.taken.get(cell, {}).values()
        )

    def others_in(self, rect: Rect, line: str) -> int:
        """Count the other lines that run through a rectangle."""
        wide, tall = rect.width / 2, rect.height / 2
        return len(
            {
                other
                for cell in _cells(rect, 0.0)
                for x, y, other in self.lines.get(cell, ())
                if other != line and abs(x - rect.x) <= wide and abs(y - rect.y) <= tall
            }
        )


def _set_marks(scene: _Scene, lines: Iterable[Line]) -> None:
    """Put each mark on its line, near the arrow, where other lines are furthest."""
    for line in lines:
        if not line.marked:
            continue
        route = scene.routes[line.id]
        spots = [(rank, Rect(*spot, 2 * MARK_RADIUS, 2 * MARK_RADIUS)) for rank, spot in _mark_spots(route)]
        free = [(rank, disc) for rank, disc in spots if scene.is_free(disc)]
        _, _, disc = min((rank + 4 * scene.others_in(disc, line.id), rank, disc) for rank, disc in free or spots)
        route.mark = disc.x, disc.y
        scene.take(f"mark {line.id}", disc, 2.0)


def _mark_spots(route: Route) -> Iterator[tuple[int, Point]]:
    """Walk back from the arrow and offer a place every eight pixels."""
    points = list(_samples(route))
    points = points if route.backward else points[::-1]
    way, wanted = 0.0, 24.0
    for a, b in pairwise(points):
        way += math.dist(a, b)
        if way >= wanted:
            yield round((wanted - 24) / 8), b
            wanted += 8
        if wanted > 130:
            return
    if way < 24:
        yield 0, points[len(points) // 2]


def _set_plates(scene: _Scene, lines: Sequence[Line]) -> None:
    """Place labels, those with the least choice first; one without a place goes first next."""
    labelled = [line for line in lines if line.labels]
    labelled.sort(key=lambda line: (len(scene.routes[line.id].curves), line.id))
    for _ in range(4):
        for line in labelled:
            _lift_plate(scene, line.id)
        for line in labelled * 2:
            _set_plate(scene, line)
        homeless = [line for line in labelled if scene.routes[line.id].plate is None]
        if not homeless:
            return
        labelled = homeless + [line for line in labelled if line not in homeless]


def _lift_plate(scene: _Scene, line: str) -> None:
    route = scene.routes[line]
    if route.plate:
        scene.leave(f"plate {line}", route.plate, PLATE_ROOM)
        route.plate = None


def _set_plate(scene: _Scene, line: Line) -> None:
    """Put a label where it costs least, anew if it has a place already."""
    _lift_plate(scene, line.id)
    route = scene.routes[line.id]
    best = math.inf
    for cost, wording, rect in _plate_spots(route, line.labels):
        if cost >= best or not scene.is_free(rect):
            continue
        cost += 8 * scene.others_in(rect, line.id)
        if cost < best:
            best, route.plate, route.wording = cost, rect, wording
    if route.plate:
        scene.take(f"plate {line.id}", route.plate, PLATE_ROOM)


def _plate_spots(route: Route, labels: Sequence[Size]) -> Iterator[tuple[float, int, Rect]]:
    """Offer places along a route, each with its price: level stretches first, then bends."""
    bend = 16.0 if any(route.flat) else 0.0
    for curve, flat in zip(route.curves, route.flat, strict=True):
        for n in range(1, 20):
            t = n / 20
            x, y = _at(curve, t)
            price = abs(t - 0.5) * 6 if flat else bend + abs(t - 0.5) * 12
            level = curve[3][0] - curve[0][0] if flat else 0.0
            for wording, (width, height) in enumerate(labels):
                # Outside a lane a narrow label leaves more of the line to be seen.
                extra = 1.5 * wording if width < level else width / 30
                yield price + extra, wording, Rect(x, y, width, height)
                for aside in (-height / 2 - 4, height / 2 + 4):
                    yield price + extra + ASIDE, wording, Rect(x, y + aside, width, height)


# --- more than columns can hold ----------------------------------------------------------------


def scattered(boxes: Sequence[Box], lines: Sequence[Line], *, aspect: float = 1.5) -> Drawing:
    """Place each connected part around its hub, and pack the parts."""
    near = _near(boxes, lines)
    sizes = {box.id: (box.width, box.height) for box in boxes}
    parts = [_ballooned(part, near, sizes) for part in _parts(near)]
    places = _packed(parts, aspect)
    return Drawing(places, frame=_around(places.values()))


def _near(boxes: Sequence[Box], lines: Sequence[Line]) -> dict[str, list[str]]:
    near: dict[str, set[str]] = {box.id: set() for box in boxes}
    for line in lines:
        if line.source != line.target:
            near[line.source].add(line.target)
            near[line.target].add(line.source)
    return {box: sorted(others) for box, others in near.items()}


def _parts(near: dict[str, list[str]]) -> list[list[str]]:
    """Return the connected parts, the largest first, each from its hub outward."""
    seen: set[str] = set()
    parts: list[list[str]] = []
    for hub in sorted(near, key=lambda box: (-len(near[box]), box)):
        if hub in seen:
            continue
        part = [hub]
        seen.add(hub)
        for box in part:
            fresh = [other for other in near[box] if other not in seen]
            seen.update(fresh)
            part.extend(fresh)
        parts.append(part)
    return sorted(parts, key=lambda part: (-len(part), part[0]))


def _ballooned(part: list[str], near: dict[str, list[str]], sizes: dict[str, Size]) -> dict[str, Rect]:
    """Set everybody in rings around whom it came by: the leaves inside, those with more outside.

    Distances are reckoned in circles and flattened at the end, as boxes are flat.
    """
    children = _children(part, near)
    radius: dict[str, float] = {}
    around: dict[str, list[Point]] = {}
    for box in reversed(part):
        children[box].sort(key=lambda child: (radius[child], child))
        own = math.hypot(sizes[box][0], sizes[box][1] / FLAT) / 2 + 7
        around[box], radius[box] = _rings(own, [radius[child] for child in children[box]])
    spots = {part[0]: (0.0, 0.0)}
    for box in part:
        for child, (dx, dy) in zip(children[box], around[box], strict=True):
            spots[child] = spots[box][0] + dx, spots[box][1] + dy
    return {box: Rect(x, y * FLAT, *sizes[box]) for box, (x, y) in spots.items()}


def _children(part: list[str], near: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return whom each box brings into the picture, from the hub outward."""
    seen = {part[0]}
    children: dict[str, list[str]] = {}
    for box in part:
        children[box] = [other for other in near[box] if other not in seen]
        seen.update(children[box])
    return children


def _rings(own: float, radii: list[float]) -> tuple[list[Point], float]:
    """Place circles, given from small to large, in rings around a middle; return the reach as well."""
    spots: list[Point] = []
    reach = own
    while len(spots) < len(radii):
        count = 1
        while len(spots) + count < len(radii) and _fits(reach, radii[len(spots) + count], count + 1):
            count += 1
        widest = radii[len(spots) + count - 1]
        spots += [_on_circle(reach + widest, n / count + len(spots) / 7) for n in range(count)]
        reach += 2 * widest
    return spots, reach


def _fits(reach: float, radius: float, count: int) -> bool:
    return count == 1 or math.sin(math.pi / count) * (reach + radius) >= radius


def _on_circle(radius: float, turn: float) -> Point:
    return radius * math.cos(math.tau * turn), radius * math.sin(math.tau * turn)


def _packed(parts: list[dict[str, Rect]], aspect: float) -> dict[str, Rect]:
    """Set the parts side by side in rows, so that the whole has about the wanted aspect."""
    frames = [_around(part.values()) for part in parts]
    area = sum((f.width + 60) * (f.height + 60) for f in frames)
    limit = max([math.sqrt(area * aspect), *(f.width for f in frames)])
    places: dict[str, Rect] = {}
    x = y = tall = 0.0
    for part, frame in zip(parts, frames, strict=True):
        if x and x + frame.width > limit:
            x, y, tall = 0.0, y + tall + 60, 0.0
        dx, dy = x - frame.x + frame.width / 2, y - frame.y + frame.height / 2
        places.update((b, Rect(r.x + dx, r.y + dy, r.width, r.height)) for b, r in part.items())
        x, tall = x + frame.width + 60, max(tall, frame.height)
    return places


def _around(spots: Iterable[Rect]) -> Rect:
    """Return the frame around rectangles."""
    found = list(spots)
    left = min((s.x - s.width / 2 for s in found), default=0.0)
    right = max((s.x + s.width / 2 for s in found), default=0.0)
    top = min((s.y - s.height / 2 for s in found), default=0.0)
    bottom = max((s.y + s.height / 2 for s in found), default=0.0)
    return Rect((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)
