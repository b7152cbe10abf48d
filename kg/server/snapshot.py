"""Hold one state of a project for serving: the graph, its store, and cached data for the pages."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.formats.registry import FORMATS
from kg.graph.project_graph import Graph
from kg.model.iris import RDFS, SKOS, Shortener, split_term
from kg.model.world import Proposition
from kg.reports.telling import last_part
from kg.server.loading import Loading
from kg.server.name_search import Matcher
from kg.views.evidence import build_evidence

if TYPE_CHECKING:
    from kg.reports.conflicts import Conflict
    from kg.reports.plans_and_gaps import GapReport, PlanReport

RDFS_LABEL, PREF_LABEL = f"<{RDFS}label>", f"<{SKOS}prefLabel>"
_OWN = re.compile(r"(?:id|proposition|claim)/[A-Za-z0-9_-]+")


def _sort(name: str) -> str:
    """Return the category of a name in the editor: ``class`` or ``property``."""
    return "class" if name.partition(":")[2][:1].isupper() else "property"


FIRST = ("picture", "conflicts")
PAGES = ("facts", "facts_of", "propositions", "claims", "matcher", "drawn", "plans", "gaps", "words")


class Site:
    """A graph and its store. It never changes; it is only replaced."""

    def __init__(self, graph: Graph, store: Path | None = None) -> None:
        """Serve a graph from ``store``, or from the graph's own store, which is held until ``close``."""
        self._held = ExitStack()
        self.graph = graph
        self.store = store or self._held.enter_context(graph.hold_store())
        self.waits: Loading | None = None  # what is still prepared in the background
        self._files: dict[str, bytes] = {}

    def prepare(self) -> Site:
        """Compute in advance what the pages need."""
        for name in (*FIRST, *PAGES):
            getattr(self, name)
        return self

    def prepare_first(self) -> None:
        """Compute what the first page needs, and the rest in a thread; ``waits`` until that has ended.

        Raises ProjectError or QueryError if a rule of the project about conflicts is invalid.
        """
        for name in FIRST:
            getattr(self, name)
        self.waits = Loading("Preparing the pages")
        threading.Thread(target=self._prepare_pages, name="prepare pages", daemon=True).start()

    def _prepare_pages(self) -> None:
        try:
            for name in PAGES:
                getattr(self, name)
        finally:  # a page that needs what could not be prepared reports the error
            self.waits = None

    def close(self) -> None:
        """Release the store."""
        self._held.close()

    @property
    def base(self) -> str:
        """Return the base IRI of the project."""
        return self.graph.world.settings.base

    @property
    def name(self) -> str:
        """Return a name of this state, which depends on its content."""
        return self.store.name

    @cached_property
    def facts(self) -> Mapping[str, dict[str, Any]]:
        """Return the data of each proposition, by the last part of its IRI."""
        return build_evidence(self.graph.world, self.graph.judgements)

    @cached_property
    def facts_of(self) -> Mapping[str, list[str]]:
        """Return the propositions about each entity by its id, each as the last part of its IRI."""
        found: dict[str, list[str]] = {}
        for name, fact in self.facts.items():
            for node in fact["nodes"]:
                found.setdefault(node, []).append(name)
        return found

    @cached_property
    def propositions(self) -> Mapping[str, Proposition]:
        """Return the propositions by the last part of their IRI."""
        return {last_part(proposition.iri): proposition for proposition in self.graph.world.propositions}

    @cached_property
    def claims(self) -> Mapping[str, str]:
        """Return the proposition of each claim, both by the last part of their IRI."""
        return {last_part(claim.iri): last_part(claim.proposition.iri) for claim in self.graph.world.claims}

    @cached_property
    def matcher(self) -> Matcher:
        """Return the name search over entities and sources."""
        return Matcher(self.graph.world)

    @cached_property
    def _prefixes(self) -> dict[str, str]:
        return dict(self.graph.prefixes)

    def prefixes_of(self, query: str) -> dict[str, str]:
        """Return the project's prefixes that a query uses, because the engine parses every prefix it receives."""
        return {prefix: space for prefix, space in self._prefixes.items() if f"{prefix}:" in query}

    @cached_property
    def shortener(self) -> Shortener:
        """Return the shortener of IRIs with the project's prefixes."""
        return Shortener(self.graph.prefixes)

    def address(self, term: str | None) -> str:
        """Return the address that a term links to: our page for it, else the web, else ""."""
        iri = term[1:-1] if term and term.startswith("<") else ""
        if iri.startswith(self.base) and _OWN.fullmatch(iri, len(self.base)):
            return f"/{iri[len(self.base) :]}"
        return iri if iri.startswith(("https://", "http://")) else ""

    @cached_property
    def words(self) -> list[tuple[str, str, str]]:
        """Return the editor's completions as short name, label, category: terms of the ontology, then entities."""
        labels = {s: v for s, p, v in self.graph.world.ontology.triples if p == RDFS_LABEL and v.endswith('"@en')}
        preferred = {s: v for s, p, v in self.graph.world.ontology.triples if p == PREF_LABEL and v.endswith('"@en')}
        terms = sorted((self.shortener.turtle(s), split_term(v)[0]) for s, v in {**labels, **preferred}.items())
        known = [(name, label, _sort(name)) for name, label in terms if not name.startswith("<")]
        return [*known, *((f":{bearer.id}", bearer.label, "variable") for bearer in self.matcher.bearers.values())]

    @cached_property
    def drawn(self) -> frozenset[str]:
        """Return the ids of the entities in the picture."""
        return frozenset(self.graph.to_networkx())

    @cached_property
    def conflicts(self) -> list[Conflict]:
        """Return the claims that conflict by a rule."""
        return self.graph.conflicts()

    @cached_property
    def plans(self) -> tuple[PlanReport, ...]:
        """Return every plan with its outcome."""
        return self.graph.plans()

    @cached_property
    def gaps(self) -> tuple[GapReport, ...]:
        """Return what is missing of each entity."""
        return self.graph.gaps()

    @cached_property
    def picture(self) -> str:
        """Return the page that draws the graph."""
        return self.graph.view()

    def file(self, form: str) -> bytes:
        """Return the graph in one of the single-file formats, cached."""
        if form not in self._files:
            written = FORMATS[form].write(self.graph)
            assert not isinstance(written, dict)  # noqa: S101 - downloads lists files only
            self._files[form] = written.encode() if isinstance(written, str) else written
        return self._files[form]
