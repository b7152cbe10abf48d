"""A sketch as one SVG: same places, faces, line styles and marks as the page, text as text, nothing fetched.

Every text of the network goes through ``escape``; no script, style sheet, link or id is in it, so that several may
stand in one document.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from kg.views.layout import Rect, Route
from kg.views.picture.bundles import LABEL_LINE, LABEL_SIZE, Bundle, Legend
from kg.views.picture.faces import NAME_LINE, NAME_SIZE, SUB_LINE, SUB_SIZE, clean, measured
from kg.views.picture.ink import read_ink
from kg.views.picture.shapes import LINES, WIDTH, outline
from kg.views.picture.sketch import Sketch, by_column, heads, sketched

if TYPE_CHECKING:
    import networkx as nx

FONT = (
    '"Segoe UI", "Noto Sans", Roboto, "Helvetica Neue", "Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", sans-serif'
)
MARGIN = 28.0
TITLE_ROOM = 62.0
KEY_LINE = 26.0
BAR = 6.0

Entry = tuple[str, Mapping[str, Any]]  # of the key: its words, and the type or verdict


def draw_svg(network: nx.MultiDiGraph[str], *, legend: Legend, title: str, summary: str, theme: str = "light") -> str:
    """Draw a network as an SVG document with title, picture and key. ``theme`` is light or dark.

    Raises ValueError where the network has more nodes than columns can hold.
    """
    sketch = sketched(network, legend)
    if not sketch.layered:
        raise ValueError(f"{len(network)} boxes are more than columns can hold")
    return _Drawer(sketch, theme).document(clean(title), clean(summary))


def element(name: str, *inside: Markup | str, **attributes: object) -> Markup:
    """Return an element; ``_`` in an attribute's name is ``-``, and None leaves it out."""
    said = "".join(
        f' {key.strip("_").replace("_", "-")}="{escape(_number(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    body = Markup("").join(inside)
    return Markup(f"<{name}{said}>{body}</{name}>" if body else f"<{name}{said}/>")  # noqa: S704 -- escaped above


def _number(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


class _Drawer:
    """Draws the parts of one sketch in one theme."""

    def __init__(self, sketch: Sketch, theme: str) -> None:
        self.sketch, self.theme, self.ink = sketch, theme, read_ink(theme)
        self.types: Mapping[str, Any] = {type_["id"]: type_ for type_ in by_column(sketch.legend)}
        self.verdicts: Mapping[str, Any] = {verdict["id"]: verdict for verdict in sketch.legend["verdicts"]}
        self.denied = self._denied()

    def document(self, title: str, summary: str) -> str:
        frame = self.sketch.drawing.frame
        width = max(frame.width + 2 * MARGIN, 560.0)
        entries = [line for group in self._key() for line in _lined(group, width - 2 * MARGIN)]
        height = TITLE_ROOM + frame.height + 2 * MARGIN + KEY_LINE * len(entries)
        shift = f"translate({(width - frame.width) / 2 - (frame.x - frame.width / 2):.1f} " + (
            f"{TITLE_ROOM + MARGIN / 2 - (frame.y - frame.height / 2):.1f})"
        )
        key = Markup("").join(
            self._key_line(entry, MARGIN + x, height - MARGIN + 6 - KEY_LINE * (len(entries) - 1 - n))
            for n, line in enumerate(entries)
            for x, entry in line
        )
        text = element(
            "svg",
            *(element("title", escape(title)), element("desc", escape(f"{summary}. {self._told()}"))),
            element("rect", width=width, height=height, fill=self.ink["page"]),
            self._text(title, MARGIN, 34.0, 20.0, weight=600),
            self._text(summary, MARGIN, 56.0, 14.0, fill="muted"),
            element("g", *self._picture(), transform=shift),
            key,
            xmlns="http://www.w3.org/2000/svg",
            **{"width": width, "height": height, "viewBox": f"0 0 {_number(width)} {_number(height)}"},
            **{"role": "img", "font_family": FONT},
        )
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'

    def _told(self) -> str:
        """Say the picture in words, a line a sentence, for whoever does not see it."""
        labels = {node: clean(str(self.sketch.network.nodes[node]["label"])) for node in self.sketch.faces}
        return " ".join(
            f"{labels[b.source]}, {clean(b.label)}, {labels[b.target]}: {self._verdict(b)['label']}."
            for b in self.sketch.bundles
        )

    def _picture(self) -> Iterator[Markup]:
        """Yield heads, lines, boxes, then what must stand over a line: labels and marks."""
        for head in heads(self.sketch):
            yield self._text(str(head["label"]), head["x"], head["y"], 15.0, weight=600, fill="muted", anchor="middle")
        routes = [(bundle, self.sketch.drawing.routes[bundle.id]) for bundle in self.sketch.bundles]
        yield from (self._line(bundle, route) for bundle, route in routes)
        yield from (self._label(bundle, route) for bundle, route in routes)
        yield from (self._box(node) for node in self.sketch.faces)

    # ------------------------------------------------------------ boxes

    def _denied(self) -> set[str]:
        """Return the nodes that are only denied, or stand in for something that is."""
        marks: dict[str, set[str]] = defaultdict(set)
        for bundle in self.sketch.bundles:
            for node in (bundle.source, bundle.target):
                marks[node].add(self._verdict(bundle)["mark"])
        nodes = self.sketch.network.nodes
        return {
            node
            for node in self.sketch.faces
            if nodes[node]["outlook"] == "denied" or (nodes[node]["stand_in"] and "cross" in marks[node])
        }

    def _box(self, node: str) -> Markup:
        told, face, rect = self.sketch.network.nodes[node], self.sketch.faces[node], self.sketch.drawing.boxes[node]
        type_ = self.types.get(told["type"], {})
        colour = type_.get(self.theme) or {"line": self.ink["line"], "tint": self.ink["page"]}
        stroke = self.ink["alarm"] if node in self.denied else colour["line"]
        parts = [element("title", escape(clean(f"{told['label']}, {type_.get('label', '')}".strip(", "))))]
        parts.append(
            element("path", d=outline(type_.get("shape", ""), rect), **self._border(node, stroke, colour["tint"]))
        )
        has_bar = type_.get("shape") == "bar-box" and not told["stand_in"]
        if has_bar:
            left, top = rect.x - rect.width / 2, rect.y - rect.height / 2
            parts.append(element("rect", x=left, y=top, width=BAR, height=rect.height, fill=stroke))
        x = rect.x + (3.0 if type_.get("shape") == "bar-box" else 0.0)
        at = rect.y - (len(face.name) * NAME_LINE + (SUB_LINE if face.sub else 0)) / 2 + NAME_LINE / 2
        for line in face.name:
            parts.append(self._text(line, x, at + 5.2, NAME_SIZE, weight=600, anchor="middle"))
            at += NAME_LINE
        if face.sub:
            parts.append(self._text(face.sub, x, at + 2.8, SUB_SIZE, fill="muted", anchor="middle"))
        return element("g", *parts)

    def _border(self, node: str, stroke: str, tint: str) -> dict[str, object]:
        told = self.sketch.network.nodes[node]
        hollow = told["stand_in"] or node in self.denied
        planned = told["outlook"] == "planned" and not hollow
        return {
            "fill": self.ink["page"] if hollow else tint,
            "stroke": stroke,
            "stroke_width": WIDTH + 0.9 if planned else WIDTH,
            "stroke_dasharray": "6 4" if hollow else "0.1 5" if planned else None,
            "stroke_linecap": "round" if planned else None,
        }

    # ------------------------------------------------------------ lines

    def _verdict(self, bundle: Bundle) -> Mapping[str, Any]:
        return self.verdicts.get(bundle.verdict) or {"label": bundle.verdict, "line": "solid", "mark": ""}

    def _line(self, bundle: Bundle, route: Route) -> Markup:
        verdict = self._verdict(bundle)
        colour = self.ink["alarm" if verdict["mark"] == "cross" else "line"]
        x, y, angle = route.tip
        turn = f"translate({x:.1f} {y:.1f}) rotate({math.degrees(angle):.1f})"
        tip = element("path", d="M0,0L-10,4.6L-10,-4.6z", fill=colour, transform=turn)
        return element("g", *self._stroke(route.path(), verdict, colour), tip)

    def _stroke(self, path: str, verdict: Mapping[str, Any], colour: str) -> Iterator[Markup]:
        """Yield a line in the style of its verdict; a double one is a wide line with a thin one inside."""
        stroke = LINES.get(verdict["line"], LINES["solid"])
        width = stroke["width"] + (0.4 if verdict["mark"] == "cross" else 0.0)
        dash = " ".join(f"{length:g}" for length in stroke["dash"])
        style = {"stroke_dasharray": dash or None, "stroke_linecap": "round" if stroke.get("round") else None}
        yield element("path", d=path, fill="none", stroke=colour, stroke_width=f"{width:g}", **style)
        if verdict["line"] == "double":
            yield element("path", d=path, fill="none", stroke=self.ink["page"], stroke_width="1.6")

    def _label(self, bundle: Bundle, route: Route) -> Markup:
        verdict = self._verdict(bundle)
        parts: list[Markup] = []
        if route.plate and bundle.wordings:
            words = [*bundle.wordings[route.wording], *([clean(verdict["label"])] if verdict["mark"] else [])]
            parts += self._plate(route.plate, words, verdict)
        if route.mark:
            parts += self._mark(*route.mark, 7.0, verdict["mark"])
        return element("g", *parts)

    def _plate(self, plate: Rect, words: Sequence[str], verdict: Mapping[str, Any]) -> Iterator[Markup]:
        wide = min(plate.width, max(measured(text, LABEL_SIZE) for text in words) + 8)
        box = {"x": plate.x - wide / 2, "y": plate.y - plate.height / 2, "width": wide, "height": plate.height}
        yield element("rect", **box, fill=self.ink["page"])
        for n, text in enumerate(words):
            is_word = bool(verdict["mark"]) and n == len(words) - 1
            at = plate.y + (n - (len(words) - 1) / 2) * LABEL_LINE + 4.9
            fill = "alarm" if is_word or verdict["mark"] == "cross" else "text"
            weight = 600 if is_word else 400
            yield self._text(text, plate.x, at, LABEL_SIZE, fill=fill, weight=weight, anchor="middle")

    def _mark(self, x: float, y: float, radius: float, mark: str) -> Iterator[Markup]:
        """Yield the sign of a verdict in a ring: a cross, or one half filled."""
        alarm, arm = self.ink["alarm"], radius * 0.46
        yield element("circle", cx=x, cy=y, r=radius, fill=self.ink["page"], stroke=alarm, stroke_width="1.8")
        if mark == "cross":
            way = f"{2 * arm:.1f}"
            strokes = f"M{x - arm:.1f},{y - arm:.1f}l{way},{way}m0,-{way}l-{way},{way}"
            yield element("path", d=strokes, stroke=alarm, stroke_width="1.8", fill="none")
        else:
            yield element(
                "path", d=f"M{x:.1f},{y - radius:.1f}a{radius:g},{radius:g} 0 0 0 0,{2 * radius:g}z", fill=alarm
            )

    # ------------------------------------------------------------ the key, and text

    def _key(self) -> Iterator[list[Entry]]:
        """Yield what the key explains: the types that occur, then the verdicts."""
        nodes = self.sketch.network.nodes
        types = {nodes[node]["type"] for node in self.sketch.faces}
        verdicts = {bundle.verdict for bundle in self.sketch.bundles}
        for entries, used in ((self.types, types), (self.verdicts, verdicts)):
            yield [(clean(str(entry["label"])), entry) for id, entry in entries.items() if id in used]

    def _key_line(self, entry: Entry, x: float, y: float) -> Markup:
        label, told = entry
        text = self._text(label, x + 46, y, 14.0)
        if "shape" in told:
            colour, rect = told[self.theme], Rect(x + 18, y - 5, 26, 14)
            bar = element("rect", x=x + 5, y=y - 12, width=4.0, height=14.0, fill=colour["line"])
            border = {"fill": colour["tint"], "stroke": colour["line"], "stroke_width": f"{WIDTH}"}
            shape = element("path", d=outline(told["shape"], rect), **border)
            return element("g", shape, *([bar] if told["shape"] == "bar-box" else []), text)
        colour = self.ink["alarm" if told["mark"] == "cross" else "line"]
        mark = self._mark(x + 19, y - 5, 6.0, told["mark"]) if told["mark"] else ()
        return element("g", *self._stroke(f"M{x:.1f},{y - 5:.1f}h38", told, colour), *mark, text)

    def _text(
        self, text: str, x: object, y: object, size: float, *, weight: int = 400, fill: str = "text", anchor: str = ""
    ) -> Markup:
        bold = weight if weight != 400 else None
        style = {"font_size": size, "font_weight": bold, "text_anchor": anchor or None, "fill": self.ink[fill]}
        return element("text", escape(clean(text)), x=x, y=y, **style)


def _lined(entries: Iterable[Entry], width: float) -> list[list[tuple[float, Entry]]]:
    """Set entries side by side, each with its place, in as many lines as the width needs."""
    lines: list[list[tuple[float, Entry]]] = []
    x = 0.0
    for entry in entries:
        wide = 46 + measured(entry[0], 14.0) + 26
        if not lines or x + wide > width:
            lines.append([])
            x = 0.0
        lines[-1].append((x, entry))
        x += wide
    return lines
