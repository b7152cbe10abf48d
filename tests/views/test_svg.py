"""The picture as SVG: one well-formed document, the same places as the page, nothing in it that runs."""

from __future__ import annotations

import importlib.util
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from typer.testing import CliRunner

import kg
from kg.commands.app import app
from kg.views.picture import draw_svg
from kg.views.picture.ink import read_ink
from kg.views.raster import rasterise
from projects import EXAMPLE, make_project

SVG = "{http://www.w3.org/2000/svg}"
HERE = Path(__file__).parents[1]
STRINGS = json.loads((HERE / "browser" / "hostile.json").read_text("utf-8"))


def _written() -> ModuleType:
    """Return tests/views/test_picture.py, which writes networks; tests are no package to import from."""
    spec = importlib.util.spec_from_file_location("written_networks", HERE / "views" / "test_picture.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


WRITTEN = _written()


def drawn(told: dict[str, Any], **look: str) -> ET.Element:
    """Draw a hand-written network, and read the document."""
    text = draw_svg(
        WRITTEN.network_of(told), legend=told["legend"], title=told["title"], summary=told["summary"], **look
    )
    return ET.fromstring(text)  # noqa: S314 -- our own


def words(root: ET.Element) -> list[str]:
    """Return every text of a drawing."""
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def test_it_stands_alone_and_says_what_it_is() -> None:
    """Title, description, text as text; nothing from elsewhere, no style, no id."""
    root = drawn(WRITTEN.seed())
    assert root.find(f"{SVG}title") is not None
    description = root.findtext(f"{SVG}desc") or ""
    assert "Huawei, executive director" in description or "executive director, Huawei: stated." in description
    assert {"Huawei", "华为", "SERES Auto", "denied"} <= set(words(root))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "desc", "g", "path", "rect", "circle", "text")
    }
    assert not any(name in element.attrib for element in root.iter() for name in ("href", "style", "id", "class"))


def test_boxes_stand_where_the_page_has_them() -> None:
    """Every box of the page is an outline of the same size at the same place."""
    told = WRITTEN.seed()
    nodes = WRITTEN.block(WRITTEN.page_of(told), "kg-nodes")
    starts = {(n["x"] - n["kg"]["width"] / 2, n["y"] - n["kg"]["height"] / 2) for n in nodes}
    root = drawn(told)
    bars = {
        (float(r.attrib["x"]), float(r.attrib["y"])) for r in root.iter(f"{SVG}rect") if r.attrib.get("width") == "6"
    }
    assert bars
    assert all(any(abs(x - a) < 0.2 and abs(y - b) < 0.2 for a, b in starts) for x, y in bars)
    outlines = [
        p.attrib["d"]
        for g in root.iter(f"{SVG}g")
        if g.find(f"{SVG}title") is not None
        for p in g.findall(f"{SVG}path")
    ]
    assert len(outlines) == len(nodes)


def test_lines_run_as_on_the_page_in_the_style_of_their_verdict() -> None:
    """The same paths; dashes, dots, red and marks by verdict."""
    told = WRITTEN.seed()
    edges = [edge["kg"] for edge in WRITTEN.block(WRITTEN.page_of(told), "kg-edges")]
    root = drawn(told)
    paths = {path.attrib["d"]: path.attrib for path in root.iter(f"{SVG}path")}
    assert {edge["path"] for edge in edges} <= paths.keys()
    styles = {verdict["id"]: verdict for verdict in told["legend"]["verdicts"]}
    dashes = {"solid": None, "dashed": "9 5", "dotted": "0.1 5.5", "double": None, "dash-dot": "9 4 2 4"}
    for edge in edges:
        style, path = styles[edge["verdict"]], paths[edge["path"]]
        assert path.get("stroke-dasharray") == dashes[style["line"]]
        if style["mark"] == "cross":
            assert path["stroke"] == read_ink("light")["alarm"]
    marked = sum(bool(edge.get("mark")) for edge in edges)
    rings = [c for c in root.iter(f"{SVG}circle") if c.attrib["r"] == "7"]
    assert len(rings) == marked > 0


def test_the_key_explains_what_is_drawn_and_no_more() -> None:
    """A verdict that does not occur is not in the key."""
    told = WRITTEN.seed()
    used = {edge[3]["verdict"] for edge in told["edges"]}
    shown = set(words(drawn(told)))
    for verdict in told["legend"]["verdicts"]:
        if verdict["id"] in used:
            assert verdict["label"] in shown
        elif verdict["label"] not in {"denied", "planned"}:
            assert verdict["label"] not in shown


@pytest.mark.parametrize("turn", range(0, len(STRINGS), 3))
def test_hostile_text_is_text(turn: int) -> None:
    """Whatever is in a name: the document is well-formed and holds no other elements than before."""
    texts = [*WRITTEN.HOSTILE, *STRINGS]
    root = drawn(WRITTEN.hostile(*texts[turn:], *texts[:turn]))
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {"svg", "title", "desc", "g", "path", "rect", "circle", "text"}
    assert not any(name.startswith("on") for element in root.iter() for name in element.attrib)


def test_same_network_same_bytes() -> None:
    """Two loads, one document."""
    graph = kg.load(EXAMPLE)
    assert graph.svg() == kg.load(EXAMPLE).svg()


def test_dark_has_its_own_colours() -> None:
    """Only the colours differ."""
    graph = kg.load(EXAMPLE)
    light, dark = graph.svg(), graph.svg(theme="dark")
    assert read_ink("dark")["page"] in dark
    assert read_ink("light")["page"] not in dark
    assert re.sub(r"#\w+", "", light) == re.sub(r"#\w+", "", dark)


def test_the_command_writes_by_the_ending(tmp_path: Path) -> None:
    """SVG, PNG or page."""
    for name, start in (("a.svg", b"<?xml"), ("a.png", b"\x89PNG"), ("a.html", b"<!doctype html>")):
        result = CliRunner().invoke(app, ["-C", str(EXAMPLE), "view", "-o", str(tmp_path / name)])
        assert result.exit_code == 0
        assert (tmp_path / name).read_bytes().startswith(start)


def test_too_much_for_columns_is_said_with_what_to_do(tmp_path: Path) -> None:
    """Above the limit an SVG is refused, a part of it is drawn."""
    firms = "".join(f"f{n}: {{type: firm, en: Firm {n}}}\n" for n in range(160))
    rows = [f"agent: f{n}, role: shareholder, target: f{n + 1}" for n in range(159)]
    folder = make_project(tmp_path, *rows, entities=firms + "paper: {type: media, en: P}\n")
    graph = kg.load(folder)
    with pytest.raises(kg.UsageError, match="--focus"):
        graph.svg()
    assert "Firm 2" in graph.svg(focus="f3", depth=2)


def test_without_resvg_a_png_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named."""
    monkeypatch.setattr("kg.views.raster.find_spec", lambda name: None)
    with pytest.raises(kg.UsageError, match=r"autokg\[png\]"):
        rasterise("<svg/>")


def test_nothing_to_draw_is_a_drawing() -> None:
    """An empty network has its title."""
    root = drawn({**WRITTEN.seed(), "nodes": {}, "edges": []})
    assert WRITTEN.seed()["title"] in words(root)
