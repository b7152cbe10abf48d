"""A sketch: the faces, lines and places of a picture, before any renderer draws it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kg.views.layout import Box, Drawing, Line, layered, scattered
from kg.views.picture.bundles import Bundle, Legend, bundled
from kg.views.picture.faces import Face, face_of

if TYPE_CHECKING:
    import networkx as nx

Evidence = Mapping[str, Any]

LAYERED_LIMIT = 150


@dataclass(frozen=True, slots=True)
class Sketch:
    """What every renderer draws: nodes by id in their order, with faces and places, and the lines between them."""

    network: nx.MultiDiGraph[str]
    legend: Legend
    faces: Mapping[str, Face]
    bundles: Sequence[Bundle]
    drawing: Drawing
    layered: bool


def sketched(network: nx.MultiDiGraph[str], legend: Legend) -> Sketch:
    """Place the boxes and route the lines; more boxes than columns can hold are scattered."""
    faces = {node: face_of(network.nodes[node]) for node in sorted(network)}
    bundles = bundled(network, legend)
    columns = {column["id"]: n for n, column in enumerate(legend["columns"])}
    boxes = [
        Box(node, columns.get(network.nodes[node]["column"], len(columns)), *face.size) for node, face in faces.items()
    ]
    lines = [Line(b.id, b.source, b.target, b.sizes, b.marked) for b in bundles]
    is_layered = len(network) <= LAYERED_LIMIT
    drawing = (layered if is_layered else scattered)(boxes, lines)
    return Sketch(network, legend, faces, bundles, drawing, is_layered)


def heads(sketch: Sketch) -> list[dict[str, object]]:
    """Return the words over the columns with their places."""
    used = {sketch.network.nodes[node]["column"] for node in sketch.faces}
    labels = [column["label"] for column in sketch.legend["columns"] if column["id"] in used]
    return [
        {"label": label, "x": round(x, 1), "y": round(y, 1)}
        for label, (_, x, y) in zip(labels, sketch.drawing.heads, strict=False)
    ]


def by_column(legend: Legend) -> list[Mapping[str, Any]]:
    """Return the types in the order of their columns, as the picture is read."""
    columns = [column["id"] for column in legend["columns"]]
    place = {column: n for n, column in enumerate(columns)}
    return sorted(legend["types"], key=lambda type_: place.get(type_["column"], len(place)))
