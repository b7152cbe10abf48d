"""A directed NetworkX multigraph that a notebook shows as a table of its edges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import networkx as nx

from kg.files.text_tables import html_table

if TYPE_CHECKING:
    _Graph = nx.MultiDiGraph[str]
else:
    _Graph = nx.MultiDiGraph


class Network(_Graph):
    """A ``networkx.MultiDiGraph`` with an HTML representation for notebooks."""

    def _repr_html_(self) -> str:
        """Return the numbers of nodes and edges, and the first edges as a table."""
        nodes, edges = self.number_of_nodes(), self.number_of_edges()
        caption = f"{self.graph.get('title', 'network')}: {nodes:,} nodes, {edges:,} edges"
        return html_table(caption, ("from", "label", "to", "verdict"), self._rows(), total=edges)

    def _rows(self) -> Iterator[tuple[str, ...]]:
        for start, end, told in self.edges(data=True):
            yield (self._name(start), str(told.get("label", "")), self._name(end), str(told.get("verdict", "")))

    def _name(self, node: str) -> str:
        return str(self.nodes[node].get("label", node))
