"""The rooms of kg/ are as docs/architecture.md says."""

from __future__ import annotations

import ast

import house
import networkx as nx
import pytest

from projects import ROOT

MODULES = house.read_modules()
IMPORTS = house.draw_imports(MODULES)
ROOMS = sorted({name.split(".")[1] for name in MODULES if name.count(".") > 1})


def test_the_page_shows_the_code() -> None:
    """docs/architecture.md has the picture and the table that the code gives."""
    assert house.page_parts(MODULES) in house.PAGE.read_text("utf-8"), "run scripts/draw-house"


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_names_what_other_rooms_import(room: str) -> None:
    """``__all__`` of a room is exactly what other rooms import from it."""
    named = next(
        ast.literal_eval(node.value)
        for node in MODULES[f"kg.{room}"].body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    )
    assert named == house.entrances(IMPORTS, room)


def test_no_import_goes_in_a_circle() -> None:
    """No circle of imports, inside rooms either."""
    assert list(nx.simple_cycles(IMPORTS)) == []


def test_no_module_is_over_400_lines() -> None:
    """A longer one is two."""
    sizes = {
        path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines())
        for path in house.PACKAGE.rglob("*.py")
    }
    assert {name: size for name, size in sizes.items() if size > 400} == {}
