"""The graph of a project in a SPARQL 1.1 store: asked there, or fetched and made a graph again."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from kg.files.project import SETTINGS, find_project
from kg.formats.import_project import read_world
from kg.graph.loading import clocks
from kg.graph.project_graph import Graph
from kg.ingestion.reading import read_frame
from kg.model.errors import ProjectError
from kg.model.iris import ONTOLOGY_GRAPH, RDFS, literal
from kg.model.ontology import read_ontology
from kg.model.world import World
from kg.sparql.endpoint import Endpoint
from kg.sparql.remote_graph import Elsewhere, find_graph
from kg.sparql.remote_store import Remote, open_remote

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


def open_store(url: str, folder: str | Path | None = None) -> StoredGraph:
    """Return the graph in the store that is asked at ``url``, such as http://localhost:7878/query.

    ``folder`` is a project whose own questions count and whose base names the graph; by default the nearest upward, if
    there is one. Nothing is asked yet. Raises UsageError for an address that is not taken.
    """
    try:
        project = find_project(folder)
    except ProjectError:
        if folder is not None:
            raise
        project = Path.cwd()
    return StoredGraph(open_remote(url), project)


class StoredGraph(Endpoint):
    """A graph in a store elsewhere. What it answers may raise ProjectError, where the store does not as it should."""

    def __init__(self, remote: Remote, folder: Path) -> None:
        """Use ``kg.open_store`` instead."""
        self.remote, self.folder = remote, folder

    def __repr__(self) -> str:
        """Return where it is."""
        return f"<kg.StoredGraph at {self.remote.query_url}>"

    @cached_property
    def store(self) -> Elsewhere:
        """Return the graph in the store: found there when it is first asked."""
        own = read_frame(self.folder).settings.text("base") if (self.folder / SETTINGS).is_file() else ""
        return find_graph(self.remote, own)

    @cached_property
    def frame(self) -> World:
        """Return settings and ontology, own terms with it."""
        files = {self.remote.name: self._own_terms} if self._own_terms else {}
        ontology = read_ontology(files, [])
        return World(self.store.settings, ontology, {}, {}, ())

    @cached_property
    def _own_terms(self) -> str:
        """Return what the store's ontology says of terms that did not come with the package, as N-Triples."""
        text = self.store.fetch(ONTOLOGY_GRAPH) if ONTOLOGY_GRAPH in self.store.sizes else ""
        ours = {subject for subject, _, _ in read_ontology({}, []).triples}
        return "".join(f"{line}\n" for line in text.split("\n") if line and line.partition(" ")[0] not in ours)

    @property
    def finder(self) -> Callable[[str], list[str]]:
        """Return what finds ids in the store."""
        return self._find

    def _find(self, value: str) -> list[str]:
        """Return an id that the store knows, else the ids of what has a name."""
        space = f"{self.store.settings.base}id/"
        if _ID.fullmatch(value) and self.query(f"ASK {{ <{space}{value}> ?p ?o }}"):
            return [value]
        name = literal(value.lower())
        named = f"?e <{RDFS}label> ?name . FILTER(LCASE(STR(?name)) = {name} && STRSTARTS(STR(?e), {literal(space)}))"
        found = self.query(f"SELECT DISTINCT ?e WHERE {{ {named} }} ORDER BY ?e")
        return [str(row["e"]).removeprefix(space) for row in found]

    def fetch(self, *, as_of: str = "", known_by: str = "") -> Graph:
        """Return the whole graph, made again from its claims, as ``kg.load`` returns that of a folder.

        Its folder is the project's, or the working folder where there is none. Raises CheckError, ProjectError,
        QueryError, UsageError.
        """
        days = clocks(as_of, known_by)
        made_again = (ONTOLOGY_GRAPH, f"{self.store.settings.base}graph/derived")
        claims = self.store.fetch(*(graph for graph in self.store.sizes if graph not in made_again))
        world, problems = read_world((claims + self._own_terms).encode(), "N_TRIPLES", self.remote.name)
        return Graph(self.folder, world.at(days), problems)
