"""Draws the rooms of the package, and lists them, between the marks of docs/architecture.md.

`python scripts/lib/house.py` writes the page; with `--check` it exits 1 where the page is not as the code is.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import networkx as nx

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "kg"
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- drawn by scripts/draw-house -->\n", "<!-- end -->\n"


def read_modules() -> dict[str, ast.Module]:
    """Return every module of the package by its dotted name, parsed."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = ast.parse(path.read_text("utf-8"))
    return found


def draw_imports(modules: dict[str, ast.Module]) -> nx.DiGraph[str]:
    """Return which module imports which, those for type checking alone left out."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(modules)
    for name, tree in modules.items():
        for wanted in _imported(tree):
            if (target := wanted if wanted in modules else wanted.rpartition(".")[0]) in modules and target != name:
                graph.add_edge(name, target)
    return graph


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return
    if isinstance(node, ast.ImportFrom):
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    for child in ast.iter_child_nodes(node):
        yield from _imported(child)


def room_of(module: str) -> str:
    """Return the room that a module lies in: the first package below ``kg``."""
    return module.split(".")[1] if "." in module else module


def draw_rooms(imports: nx.DiGraph[str]) -> nx.DiGraph[str]:
    """Return which room imports which."""
    pairs = ((room_of(one), room_of(other)) for one, other in imports.edges)
    return nx.DiGraph((one, other) for one, other in pairs if one != other and "kg" not in (one, other))


def entrances(imports: nx.DiGraph[str], room: str) -> list[str]:
    """Return the modules of a room, and the rooms inside it, that other rooms import."""
    found = {other for one, other in imports.edges if room_of(other) == room != room_of(one)}
    return sorted({name.split(".")[2] for name in found if name.startswith(f"kg.{room}.")})


def page_parts(modules: dict[str, ast.Module]) -> str:
    """Return the picture as Mermaid, each arrow one that no others imply, and the table of rooms, top to ground."""
    imports = draw_imports(modules)
    rooms = draw_rooms(imports)
    order = list(nx.lexicographical_topological_sort(rooms))
    order.remove("__main__")
    arrows = nx.transitive_reduction(rooms.subgraph(order)).edges
    lines = [BEGIN, "```mermaid", "flowchart TD"]
    lines += [
        f"    {one} --> {other}" for one, other in sorted(arrows, key=lambda edge: [order.index(n) for n in edge])
    ]
    lines += ["```", "", "| room | promise | modules | other rooms import |", "|---|---|---|---|"]
    for room in order:
        promise = (ast.get_docstring(modules[f"kg.{room}"]) or "").partition("\n\n")[0].replace("\n", " ")
        size = sum(name.startswith(f"kg.{room}.") for name in modules)
        used = ", ".join(f"`{name}`" for name in entrances(imports, room)) or "none"
        lines.append(f"| `{room}` | {promise.replace('``', '`')} | {size} | {used} |")
    return "\n".join(lines).replace(BEGIN + "\n", BEGIN) + f"\n{END}"


def main() -> int:
    """Write or check the page."""
    page = PAGE.read_text("utf-8")
    before, _, rest = page.partition(BEGIN)
    wanted = before + page_parts(read_modules()) + rest.partition(END)[2]
    if wanted == page:
        return 0
    if "--check" in sys.argv:
        print(f"{PAGE.relative_to(ROOT)} is not as the code is; run scripts/draw-house", file=sys.stderr)
        return 1
    PAGE.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
