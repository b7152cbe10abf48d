"""Query the graph of a project in a SPARQL 1.1 store, or fetch it and rebuild it as a ``Graph``."""

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
    """Return the graph in the store with the query endpoint ``url``, such as http://localhost:7878/query.

    ``folder`` is a project that supplies questions, and whose base selects the graph; by default the nearest project
    upward, if any. This sends no request. Raises UsageError if the URL is not accepted.
    """
    try:
        project = find_project(folder)
    except ProjectError:
        if folder is not None:
            raise
        project = Path.cwd()
    return StoredGraph(open_remote(url), project)


class StoredGraph(Endpoint):
    """A graph in a remote store. Methods that query it raise ProjectError if the store answers incorrectly."""

    def __init__(self, remote: Remote, folder: Path) -> None:
        """Use ``kg.open_store`` instead."""
        self.remote, self.folder = remote, folder

    def __repr__(self) -> str:
        """Return the URL."""
        return f"<kg.StoredGraph at {self.remote.query_url}>"

    @cached_property
    def store(self) -> Elsewhere:
        """Return the graph in the store, located on first use."""
        own = read_frame(self.folder).settings.text("base") if (self.folder / SETTINGS).is_file() else ""
        return find_graph(self.remote, own)

    @cached_property
    def frame(self) -> World:
        """Return settings and ontology, including the project's own terms."""
        files = {self.remote.name: self._own_terms} if self._own_terms else {}
        ontology = read_ontology(files, [])
        return World(self.store.settings, ontology, {}, {}, ())

    @cached_property
    def _own_terms(self) -> str:
        """Return the N-Triples of ontology terms that are not shipped with the package."""
        text = self.store.fetch(ONTOLOGY_GRAPH) if ONTOLOGY_GRAPH in self.store.sizes else ""
        ours = {subject for subject, _, _ in read_ontology({}, []).triples}
        return "".join(f"{line}\n" for line in text.split("\n") if line and line.partition(" ")[0] not in ours)

    @property
    def finder(self) -> Callable[[str], list[str]]:
        """Return a function that finds ids in the store."""
        return self._find

    def _find(self, value: str) -> list[str]:
        """Return the id if the store knows it, else the ids of entities with that name."""
        space = f"{self.store.settings.base}id/"
        if _ID.fullmatch(value) and self.query(f"ASK {{ <{space}{value}> ?p ?o }}"):
            return [value]
        name = literal(value.lower())
        named = f"?e <{RDFS}label> ?name . FILTER(LCASE(STR(?name)) = {name} && STRSTARTS(STR(?e), {literal(space)}))"
        found = self.query(f"SELECT DISTINCT ?e WHERE {{ {named} }} ORDER BY ?e")
        return [str(row["e"]).removeprefix(space) for row in found]

    def fetch(self, *, as_of: str = "", known_by: str = "") -> Graph:
        """Fetch the claims and rebuild the whole graph, as ``kg.load`` does for a folder.

        Its folder is that of the project, or the working directory without one. Raises CheckError, ProjectError,
        QueryError, UsageError.
        """
        days = clocks(as_of, known_by)
        made_again = (ONTOLOGY_GRAPH, f"{self.store.settings.base}graph/derived")
        claims = self.store.fetch(*(graph for graph in self.store.sizes if graph not in made_again))
        world, problems = read_world((claims + self._own_terms).encode(), "N_TRIPLES", self.remote.name)
        return Graph(self.folder, world.at(days), problems)
