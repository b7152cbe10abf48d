"""A network in, one self-contained HTML page out: drawn by pyvis's data model and vis-network.

Nothing on the page is fetched, nothing from the network reaches the page as markup, and the same
network gives the same bytes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pyvis.edge import Edge
from pyvis.network import Network
from pyvis.node import Node

from kg.layout import Drawing, Rect, Route
from kg.picture.bundles import Bundle
from kg.picture.faces import Face, clean
from kg.picture.sketch import LAYERED_LIMIT, Evidence, Legend, Sketch, heads, sketched
from kg.scripts import csp_hash, join_scripts, read_script

if TYPE_CHECKING:
    import networkx as nx

_HERE = Path(__file__).parents[1]  # where templates/ and vendor/ lie


def page(
    network: nx.MultiDiGraph[str], *, legend: Legend, evidence: Mapping[str, Evidence], title: str, summary: str
) -> str:
    """Draw a network as one HTML page that works offline."""
    sketch = sketched(network, legend)
    names = {node: f"n{n}" for n, node in enumerate(sketch.faces)}
    net = KgNetwork(sketch.layered)
    for node, face in sketch.faces.items():
        _add_box(net, names[node], network.nodes[node], face, sketch.drawing.boxes[node])
    for bundle in sketch.bundles:
        _add_line(net, names, bundle, sketch.drawing)
    return net.render(title=clean(title), summary=clean(summary), view=_view(sketch, evidence, names))


# --- pyvis -------------------------------------------------------------------------------------


class KgNetwork(Network):  # type: ignore[misc]  # pyvis ships no types
    """pyvis stays data model and renderer; what is unsafe, slow or online in it is overridden."""

    def __init__(self, is_layered: bool) -> None:
        super().__init__(directed=True, cdn_resources="in_line", notebook=False)
        self.options = _options(is_layered)
        self.templateEnv = Environment(
            loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined
        )
        self.templateEnv.filters["fromjson"] = json.loads
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

    def render(self, *, title: str, summary: str, view: Mapping[str, object]) -> str:
        """Fill the template; every script stands in it by hash, so that no other can run."""
        scripts = {
            "vis_js": read_script(_HERE / "vendor" / "vis-network.min.js"),
            "theme_js": read_script(_HERE / "templates" / "theme.js"),
            "view_js": join_scripts(),
        }
        self.heading = title
        self.templateEnv.globals.update(
            {name: Markup(text) for name, text in scripts.items()},  # noqa: S704 -- our own files
            script_hashes=Markup(" ".join(csp_hash(s) for s in scripts.values())),  # noqa: S704
            view_css=Markup((_HERE / "templates" / "view.css").read_text("utf-8")),  # noqa: S704
            summary=summary,
            view=view,
        )
        return str(self.generate_html())


def _options(is_layered: bool) -> dict[str, object]:
    return {
        "physics": {"enabled": False},
        "layout": {"improvedLayout": False},
        "nodes": {"chosen": False},
        "edges": {"smooth": False, "chosen": False, "width": 1.4},
        "interaction": {
            "hover": True,
            "dragNodes": False,
            "multiselect": False,
            "selectConnectedEdges": False,
            "hideEdgesOnDrag": not is_layered,
            "hideEdgesOnZoom": not is_layered,
        },
    }


# --- boxes and lines ---------------------------------------------------------------------------


def _add_box(net: KgNetwork, name: str, node: Mapping[str, Any], face: Face, spot: Rect) -> None:
    net.add_node(
        name,
        str(node["label"]),
        x=round(spot.x, 1),
        y=round(spot.y, 1),
        kg={
            "face": face.name,
            "sub": face.sub,
            "width": round(spot.width, 1),
            "height": round(spot.height, 1),
            "names": [str(node["label"]), *str(node["names"]).split("\n"), str(node["sublabel"])],
            "type": node["type"],
            "iri": node["iri"],
            "outlook": node["outlook"],
            "standIn": bool(node["stand_in"]),
        },
    )


def _add_line(net: KgNetwork, names: Mapping[str, str], bundle: Bundle, drawing: Drawing) -> None:
    route = drawing.routes.get(bundle.id)
    net.add_edge(
        names[bundle.source],
        names[bundle.target],
        id=bundle.id,
        hidden=route is not None,
        kg={
            "facts": bundle.propositions,
            "verdict": bundle.verdict,
            "label": bundle.label,
            **(_drawn_route(route, bundle) if route else {}),
        },
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


# --- the whole ---------------------------------------------------------------------------------


def _view(sketch: Sketch, evidence: Mapping[str, Evidence], names: Mapping[str, str]) -> dict[str, object]:
    """Return what the page needs besides nodes and edges."""
    network, legend, frame = sketch.network, sketch.legend, sketch.drawing.frame
    shown = _told(network, evidence)
    return {
        "layered": sketch.layered,
        "limit": LAYERED_LIMIT,
        "types": _present(_by_column(legend), Counter(network.nodes[n]["type"] for n in network)),
        "verdicts": _present(legend["verdicts"], Counter(evidence[pid]["verdict"] for pid in shown)),
        "heads": heads(sketch),
        "frame": [round(n, 1) for n in (frame.x, frame.y, frame.width, frame.height)],
        "facts": [_fact(pid, evidence[pid], names) for pid in sorted(shown)],
        "asides": [_fact(pid, evidence[pid], names) for pid in sorted(_opposing(shown, evidence))],
    }


def _told(network: nx.MultiDiGraph[str], evidence: Mapping[str, Evidence]) -> set[str]:
    """Return the propositions that say something of what is drawn; all, where nothing is."""
    drawn = {edge["proposition"] for _, _, edge in network.edges(data=True)}
    return {
        pid
        for pid, entry in evidence.items()
        if pid in drawn or not network or any(node in network for node in entry["nodes"])
    }


def _opposing(shown: set[str], evidence: Mapping[str, Evidence]) -> set[str]:
    """Return what speaks against a proposition on the page without being on it."""
    others = {opposing["proposition"] for pid in shown for opposing in evidence[pid]["opposed_by"]}
    return (others & evidence.keys()) - shown


def _by_column(legend: Legend) -> list[Mapping[str, Any]]:
    """Return the types in the order of their columns, as the picture is read."""
    columns = [column["id"] for column in legend["columns"]]
    place = {column: n for n, column in enumerate(columns)}
    return sorted(legend["types"], key=lambda type_: place.get(type_["column"], len(place)))


def _present(entries: Iterable[Mapping[str, Any]], counts: Counter[str]) -> list[dict[str, Any]]:
    """Keep the legend's entries that occur, with how often they do."""
    return [{**entry, "count": counts[entry["id"]]} for entry in entries if counts[entry["id"]]]


def _fact(pid: str, evidence: Evidence, names: Mapping[str, str]) -> dict[str, object]:
    """Return a proposition as the page shows it: nodes by their name there, links made safe."""
    claims = [{**claim, "source": _source(claim["source"])} for claim in evidence["claims"]]
    nodes = [names[node] for node in evidence["nodes"] if node in names]
    return {**evidence, "id": pid, "nodes": nodes, "claims": claims}


def _source(source: Mapping[str, Any]) -> dict[str, Any]:
    """Keep a link only where it leads to the web."""
    url = str(source.get("url") or "")
    return {**source, "url": url if _is_web(url) else ""}


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)
