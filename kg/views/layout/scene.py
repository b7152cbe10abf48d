"""Track which places of a drawing are taken, to find free ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from kg.views.layout.geometry import Point, Rect, Route, samples

CELL = 32.0


class Scene:
    """The taken places in a grid, for placing labels and marks."""

    def __init__(self, boxes: Iterable[Rect], routes: dict[str, Route]) -> None:
        self.routes = routes
        self.taken: dict[tuple[int, int], dict[str, tuple[Rect, float]]] = defaultdict(dict)
        self.lines: dict[tuple[int, int], dict[str, list[Point]]] = defaultdict(lambda: defaultdict(list))
        for n, box in enumerate(boxes):
            self.take(f"box {n}", box, 4.0)
        for line, route in routes.items():
            self.take(f"tip {line}", Rect(*route.tip[:2], 14, 12), 1.0)
            for x, y in samples(route):
                self.lines[int(x // CELL), int(y // CELL)][line].append((x, y))

    def take(self, name: str, rect: Rect, room: float) -> None:
        """Mark a rectangle as taken; others must stay ``room`` away from it."""
        for cell in _cells(rect, room):
            self.taken[cell][name] = rect, room

    def leave(self, name: str, rect: Rect, room: float) -> None:
        """Mark a taken rectangle as free again."""
        for cell in _cells(rect, room):
            del self.taken[cell][name]

    def is_free(self, rect: Rect) -> bool:
        """Return whether no box, arrow, mark or label is in a rectangle."""
        return not any(
            rect.meets(other, room) for cell in _cells(rect, 0.0) for other, room in self.taken.get(cell, {}).values()
        )

    def others_in(self, rect: Rect, line: str) -> int:
        """Return the number of other lines that run through a rectangle."""
        wide, tall = rect.width / 2, rect.height / 2
        found: set[str] = set()
        for cell in _cells(rect, 0.0):
            for other, spots in self.lines.get(cell, {}).items():
                if other == line or other in found:
                    continue
                if any(abs(x - rect.x) <= wide and abs(y - rect.y) <= tall for x, y in spots):
                    found.add(other)
        return len(found)


def _cells(rect: Rect, room: float) -> Iterator[tuple[int, int]]:
    """Yield the grid cells that a rectangle with some room around it touches."""
    wide, tall = rect.width / 2 + room, rect.height / 2 + room
    for x in range(int((rect.x - wide) // CELL), int((rect.x + wide) // CELL) + 1):
        for y in range(int((rect.y - tall) // CELL), int((rect.y + tall) // CELL) + 1):
            yield x, y
