"""A network in, one self-contained HTML page out: drawn by pyvis's data model and vis-network.

Nothing on the page is fetched, nothing from the network reaches the page as markup, and the same
network gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pyvis.edge import Edge
from pyvis.network import Network
from pyvis.node import Node

from kg.model.names import sound_of
from kg.model.package import VENDOR
from kg.views.layout import Drawing, Rect, Route
from kg.views.page_scripts import csp_hash, join_scripts, read_script, view_parts
from kg.views.picture.bundles import Bundle, Legend
from kg.views.picture.faces import Face, clean
from kg.views.picture.sketch import Evidence, sketched
from kg.views.picture.tellings import lean, tell_matrix, tell_view
from kg.views.picture.whole import WHOLE_LIMIT, opening_of, tell_whole

if TYPE_CHECKING:
    import networkx as nx

_TEMPLATES = Path(__file__).parents[1] / "templates"


def page(
    network: nx.MultiDiGraph[str],
    *,
    legend: Legend,
    evidence: Mapping[str, Evidence],
    matrix: Mapping[str, Any],
    title: str,
    summary: str,
) -> str:
    """Draw a network as one HTML page that works offline; ``matrix`` is a ``kg.reports.matrix.Matrix`` as a dict."""
    hub, part = opening_of(network) if len(network) > WHOLE_LIMIT else ("", network)
    sketch = sketched(part, legend)
    names = {node: f"n{n}" for n, node in enumerate(sketch.faces)}
    net = KgNetwork(sketch.layered)
    for node, face in sketch.faces.items():
        _add_box(net, names[node], node, part.nodes[node], face, sketch.drawing.boxes[node])
    for bundle in sketch.bundles:
        _add_line(net, names, bundle, sketch.drawing)
    view: dict[str, object] = {**tell_view(sketch, evidence, names), "matrix": tell_matrix(matrix, names)}
    if not hub:
        return net.render(title=clean(title), summary=clean(summary), view=view)
    view["opening"] = {"hub": network.nodes[hub]["label"], "whole": len(network)}
    whole = tell_whole(network, legend)
    return net.render(title=clean(title), summary=clean(summary), view=view, whole=whole)


# --- pyvis -------------------------------------------------------------------------------------


class KgNetwork(Network):  # type: ignore[misc]  # pyvis ships no types
    """pyvis stays data model and renderer; what is unsafe, slow or online in it is overridden."""

    def __init__(self, is_layered: bool) -> None:
        super().__init__(directed=True, cdn_resources="in_line", notebook=False)
        self.options = _options(is_layered)
        self.templateEnv = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
        self.templateEnv.filters["fromjson"] = json.loads
        self.templateEnv.policies["json.dumps_kwargs"] = {"sort_keys": True, "separators": (",", ":")}
        self.path = "view.html.j2"

    def add_node(self, n_id: str, label: str, **options: Any) -> None:  # noqa: ANN401 -- as pyvis has it
        """Add a node in constant time; pyvis searches a list."""
        node = Node(n_id, "custom", label=label, **options).options
        self.nodes.append(node)
        self.node_ids.append(n_id)
        self.node_map[n_id] = node

    def add_edge(self, source: str, to: str, **options: Any) -> None:  # noqa: ANN401 -- as pyvis has it
        """Add an edge; pyvis may drop a parallel one."""
        self.edges.append(Edge(source, to, self.directed, **options).options)

    def render(
        self, *, title: str, summary: str, view: Mapping[str, object], whole: Mapping[str, object] | None = None
    ) -> str:
        """Fill the template; every script stands in it by hash, so that no other can run.

        ``whole`` is what the page's second canvas draws, where the first holds a part only.
        """
        scripts = {
            "vis_js": read_script(VENDOR / "vis-network.min.js"),
            "theme_js": read_script(_TEMPLATES / "theme.js"),
            "view_js": join_scripts(view_parts(has_whole=whole is not None)),
        }
        self.heading = title
        self.templateEnv.globals.update(
            {name: Markup(text) for name, text in scripts.items()},  # noqa: S704 -- our own files
            script_hashes=Markup(" ".join(csp_hash(s) for s in scripts.values())),  # noqa: S704
            view_css=Markup("".join(_style(name) for name in ("view", *(["field"] if whole else [])))),  # noqa: S704
            summary=summary,
            view=view,
            whole=whole,
        )
        return str(self.generate_html())


def _style(name: str) -> str:
    return (_TEMPLATES / f"{name}.css").read_text("utf-8")


def _options(is_layered: bool) -> dict[str, object]:
    return {
        "physics": {"enabled": False},
        "layout": {"improvedLayout": False},
        "nodes": {"chosen": False},
        "edges": {"smooth": False, "chosen": False, "width": 1.4},
        "interaction": {
            "hover": True,
            "dragNodes": True,
            "multiselect": False,
            "selectConnectedEdges": False,
            "hideEdgesOnDrag": not is_layered,
            "hideEdgesOnZoom": not is_layered,
        },
    }


# --- boxes and lines ---------------------------------------------------------------------------


def _add_box(net: KgNetwork, name: str, key: str, node: Mapping[str, Any], face: Face, spot: Rect) -> None:
    names = list(dict.fromkeys([str(node["label"]), *str(node["names"]).split("\n"), str(node["sublabel"])]))
    net.add_node(
        name,
        str(node["label"]),
        x=round(spot.x, 1),
        y=round(spot.y, 1),
        kg=lean(
            key=key,
            face=face.name,
            sub=face.sub,
            width=round(spot.width, 1),
            height=round(spot.height, 1),
            names=names,
            sounds=_sounds(names),
            type=node["type"],
            iri=node["iri"],
            outlook=node["outlook"],
            standIn=bool(node["stand_in"]),
        ),
    )


def _sounds(names: Iterable[str]) -> list[str]:
    """Return how Chinese names sound in Latin letters, so that who cannot write them finds them."""
    return sorted({sound_of("".join(name.split())) for name in names} - {""})


def _add_line(net: KgNetwork, names: Mapping[str, str], bundle: Bundle, drawing: Drawing) -> None:
    route = drawing.routes.get(bundle.id)
    net.add_edge(
        names[bundle.source],
        names[bundle.target],
        id=bundle.id,
        hidden=route is not None,
        kg=lean(
            facts=bundle.propositions,
            verdict=bundle.verdict,
            label=bundle.label,
            labels=bundle.labels if len(bundle.labels) > 1 else (),
            **(_drawn_route(route, bundle) if route else {}),
        ),
    )


def _drawn_route(route: Route, bundle: Bundle) -> dict[str, object]:
    plate = route.plate
    return {
        "path": route.path(),
        "tip": [round(number, 3) for number in route.tip],
        "mark": [round(number, 1) for number in route.mark] if route.mark else None,
        "lines": bundle.wordings[route.wording] if plate else (),
        "plate": [round(n, 1) for n in (plate.x, plate.y, plate.width, plate.height)] if plate else None,
    }
