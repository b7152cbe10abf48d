"""The same network as a page by each of the tools that are compared; every one a single file."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyvis.network import Network

PACKAGES = ("vis-network@10.1.5", "vis-data@8", "sigma@3", "graphology@0.26", "force-graph@1", "esbuild")
HEAD = '<!doctype html><meta charset="utf-8"><style>html,body,#d{margin:0;height:100%}</style><div id="d"></div>'
SIGMA = """
import Graph from "graphology"; import Sigma from "sigma";
const { nodes, edges } = JSON.parse(document.getElementById("data").textContent);
const graph = new Graph({ multi: true });
for (const [id, label, x, y, color] of nodes) graph.addNode(id, { label, x, y: -y, size: 4, color });
for (const [a, b] of edges) graph.addEdge(a, b, { size: 1, color: "#aab" });
const renderer = new Sigma(graph, document.getElementById("d"));
requestAnimationFrame(() => { window.drawn = Boolean(renderer); }); // it draws as it is made
"""
FORCE = """
const { nodes, edges } = JSON.parse(document.getElementById("data").textContent);
const data = { nodes: nodes.map(([id, name, fx, fy, color]) => ({ id, name, fx, fy, x: fx, y: fy, color })),
  links: edges.map(([source, target]) => ({ source, target })) };
const graph = ForceGraph()(document.getElementById("d")).cooldownTicks(0).nodeRelSize(12).graphData(data);
graph.zoomToFit(0, 20);
"""
VIS = """
const { nodes, edges } = JSON.parse(document.getElementById("data").textContent);
new vis.Network(document.getElementById("d"), {
  nodes: new vis.DataSet(nodes.map(([id, label, x, y, color]) => ({ id, label, x, y, color, shape: "dot", size: 12 }))),
  edges: new vis.DataSet(edges.map(([from, to], id) => ({ id, from, to, smooth: false }))),
}, { physics: false, layout: { improvedLayout: false },
  interaction: { hideEdgesOnDrag: true, hideEdgesOnZoom: true } });
"""


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool: how its page is written (None: ours), up to which size, and what tells that its picture is whole."""

    name: str
    write: Callable[[Mapping[str, Any]], str] | None
    most: int = 50_000
    least: int = 0
    address: str = ""
    ready: str = "true"


def install(folder: Path) -> None:
    """Get the packages from npm into a folder."""
    command = ["npm", "install", "--no-audit", "--no-fund", "--silent", *PACKAGES]
    if not (folder / "node_modules" / "force-graph").is_dir():
        subprocess.run(command, cwd=folder, check=True)
    (folder / "sigma_in.js").write_text(SIGMA, encoding="utf-8")
    bundle = ["npx", "esbuild", "sigma_in.js", "--bundle", "--minify", "--outfile=sigma_out.js", "--log-level=error"]
    subprocess.run(bundle, cwd=folder, check=True)


def versions(folder: Path) -> dict[str, str]:
    """Return the installed version of each package."""
    names = (package.partition("@")[0] for package in PACKAGES)
    found = {name: json.loads((folder / "node_modules" / name / "package.json").read_text("utf-8")) for name in names}
    return {name: package["version"] for name, package in found.items()}


def all_peers(folder: Path) -> list[Peer]:
    """Return the tools, ours first."""
    modules = folder / "node_modules"
    vis = (modules / "vis-network/standalone/umd/vis-network.min.js").read_text("utf-8")
    force = (modules / "force-graph/dist/force-graph.min.js").read_text("utf-8")
    sigma = (folder / "sigma_out.js").read_text("utf-8")
    painted = "document.querySelector('#picture')?.dataset.painted === 'yes'"
    answering = "document.querySelector('#picture')?.dataset.ready === 'yes'"
    whole = "document.querySelector('#field')?.dataset.ready === 'yes'"
    return [
        Peer("autokg", None, ready=painted),
        Peer("autokg, until it answers", None, ready=answering),
        Peer("autokg, the whole", None, least=801, address="#whole", ready=whole),
        Peer("force-graph", lambda told: _plain(told, force, FORCE)),
        Peer("vis-network, no physics", lambda told: _plain(told, vis, VIS)),
        Peer("sigma", lambda told: _plain(told, "", sigma), ready="window.drawn === true"),
        Peer("pyvis as it comes", _pyvis, most=1000),
    ]


def _pyvis(told: Mapping[str, Any]) -> str:
    """Write pyvis's own page with its default physics, everything in the file."""
    net = Network(directed=True, cdn_resources="in_line", height="100vh")
    for node, data in told["network"].nodes(data=True):
        net.add_node(node, label=data["label"])
    for a, b, data in told["network"].edges(data=True):
        net.add_edge(a, b, title=data["label"])
    return str(net.generate_html())


def _plain(told: Mapping[str, Any], library: str, script: str) -> str:
    """Write a page of one library with the places that we reckoned."""
    places, colours = told["places"], {t["id"]: t["light"]["line"] for t in told["legend"]["types"]}
    nodes = [
        [node, data["label"], *places[node], colours[data["type"]]] for node, data in told["network"].nodes(data=True)
    ]
    text = json.dumps({"nodes": nodes, "edges": [[a, b] for a, b, _ in told["network"].edges(keys=True)]})
    scripts = "".join(f"<script>{code}</script>" for code in (library, script))
    return f'{HEAD}<script type="application/json" id="data">{text}</script>{scripts}'
