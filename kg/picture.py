"""A network in, one self-contained HTML page out: drawn by pyvis's data model and vis-network.

Nothing on the page is fetched, nothing from the network reaches the page as markup, and the same
network gives the same bytes.
"""

from __future__ import annotations

import json
import unicodedata
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pyvis.edge import Edge
from pyvis.network import Network
from pyvis.node import Node

from kg.layout import Box, Drawing, Line, Rect, Route, Size, layered, scattered
from kg.scripts import csp_hash, join_scripts, read_script

if TYPE_CHECKING:
    import networkx as nx

Legend = Mapping[str, Any]
Evidence = Mapping[str, Any]

LAYERED_LIMIT = 150
LONGEST_TEXT = 300  # of a name on a box; the panel shows the whole
NAME_SIZE, NAME_LINE = 15.0, 19.0
SUB_SIZE, SUB_LINE = 12.5, 16.0
LABEL_SIZE, LABEL_LINE = 13.0, 15.5
LABEL_WIDTHS = (150.0, 112.0, 78.0)
NAME_WIDTHS = (96.0, 106.0, 116.0, 128.0, 140.0)

_HERE = Path(__file__).parent


def page(
    network: nx.MultiDiGraph[str], *, legend: Legend, evidence: Mapping[str, Evidence], title: str, summary: str
) -> str:
    """Draw a network as one HTML page that works offline."""
    names = {node: f"n{n}" for n, node in enumerate(sorted(network))}
    boxes = {node: _face(network.nodes[node]) for node in sorted(network)}
    bundles = _bundles(network, legend)
    drawing = _placed(network, legend, boxes, bundles)
    net = KgNetwork(_is_layered(network))
    for node, face in boxes.items():
        _add_box(net, names[node], network.nodes[node], face, drawing.boxes[node])
    for bundle in bundles:
        _add_line(net, names, bundle, drawing)
    return net.render(
        title=_clean(title), summary=_clean(summary), view=_view(network, legend, evidence, names, drawing)
    )


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


def _clean(text: str) -> str:
    """Drop what HTML cannot hold: control characters and halves of surrogate pairs."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})


# --- boxes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Face:
    """What stands on a box, broken into lines, and the size that it needs."""

    name: tuple[str, ...]
    sub: str
    size: Size


def _face(node: Mapping[str, Any]) -> Face:
    """Break a name into few lines, in the narrowest of a few widths that holds it."""
    name = _wrapped(_one_line(node["label"]), NAME_SIZE, NAME_WIDTHS)
    under = " · ".join(text for text in map(_one_line, (node["sublabel"], node["outlook"])) if text)
    sub = _cut(under, SUB_SIZE, NAME_WIDTHS[-1])
    widths = [_width(line, NAME_SIZE) * 1.05 for line in name] + [_width(sub, SUB_SIZE)]
    height = len(name) * NAME_LINE + (SUB_LINE if sub else 0) + 16
    return Face(name, sub, (max(84.0, *widths) + 22, max(44.0, height)))


def _one_line(text: str) -> str:
    return " ".join(text[:LONGEST_TEXT].split())


def _wrapped(text: str, size: float, widths: Sequence[float], most: int = 3) -> tuple[str, ...]:
    """Break a text into as few lines as the widest width allows, then as narrowly as that allows.

    What needs more than `most` lines ends in an ellipsis.
    """
    fewest = len(_broken(text, size, widths[-1]))
    for width in widths:
        lines = _broken(text, size, width)
        if len(lines) <= min(fewest, most):
            return tuple(lines)
    return (*lines[: most - 1], _cut(" ".join(lines[most - 1 :]), size, widths[-1]))


def _broken(text: str, size: float, width: float) -> list[str]:
    """Break a text at spaces, and where a word is too long, inside it."""
    lines: list[str] = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if _width(longer, size) <= width:
            lines[-1] = longer
            continue
        pieces = _pieces(word, size, width)
        lines.extend(pieces if lines[-1] else pieces[1:])
        if not lines[0]:
            lines[0] = pieces[0]
    return lines


def _pieces(word: str, size: float, width: float) -> list[str]:
    pieces = [""]
    for char in word:
        if _width(pieces[-1] + char, size) > width:
            pieces.append("")
        pieces[-1] += char
    return pieces


def _cut(text: str, size: float, width: float) -> str:
    """Shorten a text to a width, with an ellipsis."""
    if _width(text, size) <= width:
        return text
    reach = accumulate(_width(char, size) for char in text)
    kept = bisect_right(list(reach), width - _width("…", size))
    return text[:kept].rstrip() + "…"


def _width(text: str, size: float) -> float:
    """Estimate the width of a text in a usual sans-serif; the page shrinks what still is wider."""
    return sum(_em(char) for char in text) * size


def _em(char: str) -> float:
    for chars, em in _EMS:
        if char in chars:
            return em
    if char.isascii():
        return 0.65 if char.isupper() else 0.54
    if unicodedata.east_asian_width(char) in "WF":
        return 1.0
    return 0.0 if unicodedata.category(char) in {"Mn", "Me", "Cf"} else 0.66


_EMS = (("ijlI.,:;'|!’` ", 0.27), ('frt-/"()[]', 0.36), ("mwMW@%", 0.86))


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


# --- lines -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bundle:
    """All edges between two nodes that share a verdict: one line."""

    id: str
    source: str
    target: str
    verdict: str
    propositions: tuple[str, ...]
    label: str
    wordings: tuple[tuple[str, ...], ...]
    sizes: tuple[Size, ...]
    marked: bool


def _bundles(network: nx.MultiDiGraph[str], legend: Legend) -> list[Bundle]:
    """Gather the edges between the same two nodes with the same verdict."""
    verdicts = {verdict["id"]: verdict for verdict in legend["verdicts"]}
    gathered: dict[tuple[str, str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for source, target, edge in network.edges(data=True):
        gathered[source, target, edge["verdict"]].append(edge)
    return [_bundle(f"e{n}", key, gathered[key], verdicts.get(key[2], {})) for n, key in enumerate(sorted(gathered))]


def _bundle(
    id_: str, key: tuple[str, str, str], edges: Iterable[Mapping[str, Any]], verdict: Mapping[str, Any]
) -> Bundle:
    edges = sorted(edges, key=lambda edge: (edge["label"], edge["proposition"]))
    label = condensed(edge["label"] for edge in edges)
    word = _one_line(verdict.get("label", key[2])) if verdict.get("mark") else ""
    wordings = tuple(_wordings(label[:LONGEST_TEXT]))
    sizes = tuple(_plate(wording, word) for wording in wordings)
    propositions = tuple(dict.fromkeys(edge["proposition"] for edge in edges))
    return Bundle(id_, *key, propositions, label, wordings, sizes, bool(word))


def condensed(labels: Iterable[str]) -> str:
    """Join labels, and say a last or first word that several share only once.

    >>> condensed(["red box", "blue box", "ball"])
    'red, blue box · ball'
    >>> condensed(["owns land", "owns water"])
    'owns land, water'
    """
    words = [tuple(label.split()) for label in dict.fromkeys(labels) if label.split()]
    lasts = Counter(label[-1] for label in words if len(label) > 1)
    groups: dict[tuple[str, str], list[tuple[str, ...]]] = {}
    for label in words:
        is_alone = len(label) == 1 or lasts[label[-1]] == 1
        groups.setdefault(("starts", label[0]) if is_alone else ("ends", label[-1]), []).append(label)
    shared = [_shared(*key, group) for key, group in groups.items() if len(group) > 1]
    alone = ", ".join(" ".join(group[0]) for group in groups.values() if len(group) == 1)
    return " · ".join([*shared, *([alone] if alone else [])])


def _shared(place: str, word: str, group: Sequence[tuple[str, ...]]) -> str:
    if place == "ends":
        return f"{', '.join(' '.join(label[:-1]) for label in group)} {word}"
    first, *others = group
    rests = [label[1:] if len(first) > 1 and len(label) > 1 else label for label in others]
    return ", ".join(" ".join(label) for label in (first, *rests))


def _wordings(label: str) -> Iterator[tuple[str, ...]]:
    """Offer a label in two or three widths, the widest first."""
    if not label:
        return
    seen: set[tuple[str, ...]] = set()
    for width in LABEL_WIDTHS:
        longest = max(_width(word, LABEL_SIZE) for word in label.split())
        room = min(max(width, longest), LABEL_WIDTHS[0])
        lines = _wrapped(label, LABEL_SIZE, (room,), most=4)
        if lines not in seen:
            seen.add(lines)
            yield lines


def _plate(wording: Sequence[str], word: str) -> Size:
    """Return the size of a label; the word of a marked verdict is one more line."""
    lines = [*wording, *([word] if word else [])]
    return max(_width(line, LABEL_SIZE) for line in lines) + 10, len(lines) * LABEL_LINE + 3


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


def _is_layered(network: nx.MultiDiGraph[str]) -> bool:
    return len(network) <= LAYERED_LIMIT


def _placed(
    network: nx.MultiDiGraph[str], legend: Legend, faces: Mapping[str, Face], bundles: Sequence[Bundle]
) -> Drawing:
    """Place the boxes and route the lines; more boxes than columns can hold are scattered."""
    columns = {column["id"]: n for n, column in enumerate(legend["columns"])}
    boxes = [
        Box(node, columns.get(network.nodes[node]["column"], len(columns)), *face.size) for node, face in faces.items()
    ]
    lines = [Line(b.id, b.source, b.target, b.sizes, b.marked) for b in bundles]
    return (layered if _is_layered(network) else scattered)(boxes, lines)


def _view(
    network: nx.MultiDiGraph[str],
    legend: Legend,
    evidence: Mapping[str, Evidence],
    names: Mapping[str, str],
    drawing: Drawing,
) -> dict[str, object]:
    """Return what the page needs besides nodes and edges."""
    frame, shown = drawing.frame, _told(network, evidence)
    return {
        "layered": _is_layered(network),
        "limit": LAYERED_LIMIT,
        "types": _present(_by_column(legend), Counter(network.nodes[n]["type"] for n in network)),
        "verdicts": _present(legend["verdicts"], Counter(evidence[pid]["verdict"] for pid in shown)),
        "heads": _heads(network, legend, drawing),
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


def _heads(network: nx.MultiDiGraph[str], legend: Legend, drawing: Drawing) -> list[dict[str, object]]:
    used = {network.nodes[node]["column"] for node in network}
    labels = [column["label"] for column in legend["columns"] if column["id"] in used]
    return [
        {"label": label, "x": round(x, 1), "y": round(y, 1)}
        for label, (_, x, y) in zip(labels, drawing.heads, strict=False)
    ]


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
