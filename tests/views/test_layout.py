"""Boxes stand apart, lines keep clear of boxes, labels keep clear of everything."""

from __future__ import annotations

from itertools import combinations, pairwise
from random import Random

import pytest

from kg.views.layout import Box, Drawing, Line, Rect, layered, scattered

LABELS = ((118.0, 18.5), (70.0, 34.0))


def _random(boxes: int, lines: int, columns: int, seed: int) -> tuple[list[Box], list[Line]]:
    """Return a random network, with lines in every direction."""
    chance = Random(seed)
    made = [Box(f"b{n}", chance.randrange(columns), 90 + 60 * chance.random(), 46) for n in range(boxes)]
    ends = [(chance.choice(made).id, chance.choice(made).id) for _ in range(lines)]
    return made, [Line(f"l{n}", a, b, LABELS, chance.random() < 0.2) for n, (a, b) in enumerate(ends)]


def _points(drawing: Drawing, line: Line) -> list[tuple[float, float]]:
    """Return the points of a line's curves, densely."""
    found = []
    for p0, p1, p2, p3 in drawing.routes[line.id].curves:
        for n in range(41):
            t = n / 40
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            points = (p0, p1, p2, p3)
            found.append(
                (
                    sum(w * p[0] for w, p in zip(weights, points, strict=True)),
                    sum(w * p[1] for w, p in zip(weights, points, strict=True)),
                )
            )
    return found


def _overlaps(rects: list[Rect]) -> int:
    return sum(1 for a, b in combinations(rects, 2) if a.meets(b, -0.01))


RANDOM = [(2, 1, 2, 1), (8, 10, 3, 2), (20, 30, 5, 3), (25, 35, 6, 4), (60, 80, 6, 6)]


@pytest.mark.parametrize(("boxes", "lines", "columns", "seed"), RANDOM)
def test_no_line_runs_under_a_box(boxes: int, lines: int, columns: int, seed: int) -> None:
    """Only its own two boxes may touch a line, and only at their borders."""
    made, joined = _random(boxes, lines, columns, seed)
    drawing = layered(made, joined)
    for line in joined:
        if line.source == line.target:
            continue
        for x, y in _points(drawing, line):
            under = [b for b, r in drawing.boxes.items() if r.meets(Rect(x, y, 0, 0), -1.0)]
            assert not under, f"{line} runs under {under}"


@pytest.mark.parametrize(("boxes", "lines", "columns", "seed"), RANDOM)
def test_boxes_and_labels_keep_clear_of_each_other(boxes: int, lines: int, columns: int, seed: int) -> None:
    """No two boxes meet, no two labels, and no label meets a box."""
    drawing = layered(*_random(boxes, lines, columns, seed))
    plates = [route.plate for route in drawing.routes.values() if route.plate]
    assert _overlaps([*drawing.boxes.values(), *plates]) == 0


@pytest.mark.parametrize(("boxes", "lines", "columns", "seed"), RANDOM)
def test_every_label_finds_a_place(boxes: int, lines: int, columns: int, seed: int) -> None:
    """Even in a random tangle, far worse than real claims; only a box's line to itself may fail."""
    made, joined = _random(boxes, lines, columns, seed)
    routes = layered(made, joined).routes
    assert all(routes[line.id].plate for line in joined if line.source != line.target)


def test_columns_run_left_to_right() -> None:
    """A box stands right of every box of an earlier column."""
    made, joined = _random(25, 30, 5, 7)
    places = layered(made, joined).boxes
    for a, b in combinations(made, 2):
        if a.column < b.column:
            assert places[a.id].x < places[b.id].x


def test_an_untangled_order_is_found() -> None:
    """Lines that can be drawn without a crossing are."""
    made = [Box(f"{side}{n}", column, 80, 46) for column, side in enumerate("ab") for n in range(6)]
    joined = [Line(f"l{n}", f"a{n}", f"b{(n * 5 + 2) % 6}") for n in range(6)]
    places = layered(made, joined).boxes
    ends = sorted((places[line.source].y, places[line.target].y) for line in joined)
    assert all(one[1] < other[1] for one, other in pairwise(ends))


def test_a_leftward_line_arrives_from_the_right() -> None:
    """A line against the columns ends at the right side of its target."""
    drawing = layered([Box("a", 0, 80, 46), Box("b", 1, 80, 46)], [Line("l", "b", "a")])
    x, _, angle = drawing.routes["l"].tip
    assert x == pytest.approx(drawing.boxes["a"].x + 40)
    assert abs(angle) == pytest.approx(3.14159, abs=1e-4)
    assert drawing.routes["l"].path().startswith(f"M{drawing.boxes['b'].x - 40:.1f},")


def test_neighbours_in_a_column_are_joined_straight() -> None:
    """A line between two boxes of one column runs down between them."""
    drawing = layered([Box("a", 0, 80, 46), Box("b", 0, 80, 46)], [Line("l", "a", "b", LABELS)])
    assert len({round(x) for x, _ in _points(drawing, Line("l", "a", "b"))}) == 1
    assert drawing.routes["l"].plate is not None


def test_several_lines_between_two_boxes_stay_apart() -> None:
    """Each of four lines has its label, and no label meets another."""
    made = [Box("a", 0, 80, 46), Box("b", 1, 80, 46)]
    joined = [Line(f"l{n}", *("ab" if n % 2 else "ba"), LABELS) for n in range(4)]
    routes = layered(made, joined).routes
    plates = [route.plate for route in routes.values() if route.plate]
    assert len(plates) == 4
    assert _overlaps(plates) == 0


def test_nothing_and_one_box() -> None:
    """The empty network and the lonely box are drawn as well."""
    assert layered([], []).boxes == {}
    assert scattered([], []).boxes == {}
    drawing = layered([Box("a", 3, 80, 46)], [Line("l", "a", "a", LABELS)])
    assert drawing.frame.height > 80


def test_the_order_of_lines_in_does_not_change_the_places_of_boxes_by_chance() -> None:
    """Twice the same input gives the very same drawing."""
    made, joined = _random(30, 40, 5, 8)
    assert layered(made, joined) == layered(made, joined)
    assert scattered(made, joined) == scattered(made, joined)


@pytest.mark.parametrize(("boxes", "lines"), [(200, 150), (400, 900)])
def test_scattered_boxes_do_not_meet(boxes: int, lines: int) -> None:
    """Rings and packed parts leave every box room."""
    made, joined = _random(boxes, lines, 5, 9)
    drawing = scattered(made, joined)
    assert len(drawing.boxes) == boxes
    assert _overlaps(list(drawing.boxes.values())) == 0
