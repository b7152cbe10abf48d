"""The page of a graph that is too large for one picture: the entities that most claims name.

Each comes with the command that draws it with its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from kg.model.world import World

BOXES = 5_000  # of a picture, at most
CLAIMS = 20_000  # behind a picture, at most
LISTED = 200
Describe = Callable[[str], tuple[str, str]]  # an id to its name and the label of its type
_TEMPLATES = Path(__file__).parent / "templates"


class Named(NamedTuple):
    """An entity, and the number of claims that name it."""

    id: str
    label: str
    type: str
    claims: int


def is_too_large(boxes: int, claims: int) -> bool:
    """Return whether entities and claims are too many for one picture."""
    return boxes > BOXES or claims > CLAIMS


def describer(world: World) -> Describe:
    """Return a function that gives the name of an entity and the label of its type."""
    languages = ("en", *world.settings.languages)

    def describe(id: str) -> tuple[str, str]:
        entity = world.entities[id]
        return entity.label(languages), entity.type.label()

    return describe


def list_page(counts: Mapping[str, int], describe: Describe, *, title: str, summary: str) -> str:
    """Return the page as HTML: no script, nothing fetched."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # imported late: most commands draw nothing

    named = [Named(id, *describe(id), count) for id, count in counts.items()]
    most = sorted(named, key=lambda one: (-one.claims, one.label, one.id))[:LISTED]
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("list.html.j2").render(
        title=title, summary=summary, most=most, count=len(named), limit=BOXES
    )
