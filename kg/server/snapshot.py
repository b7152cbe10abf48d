"""One state of a project as it is served: the graph, its store, and what the pages need of it, made once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.formats.registry import FORMATS
from kg.graph.project_graph import Graph
from kg.model.iris import RDFS, SKOS, Shortener, split_term
from kg.model.world import Proposition
from kg.server.name_search import Matcher
from kg.views.evidence import build_evidence
from kg.views.network import short

if TYPE_CHECKING:
    from kg.reports.conflicts import Conflict
    from kg.reports.plans_and_gaps import GapReport, PlanReport

RDFS_LABEL, PREF_LABEL = f"<{RDFS}label>", f"<{SKOS}prefLabel>"
_OWN = re.compile(r"(?:id|proposition|claim)/[A-Za-z0-9_-]+")


def _sort(name: str) -> str:
    """Return how the editor marks a word: as a class or as a property."""
    return "class" if name.partition(":")[2][:1].isupper() else "property"


class Site:
    """A graph and its store; never changed, only replaced."""

    def __init__(self, graph: Graph, store: Path | None = None) -> None:
        """Serve a graph from a store: one that is given, else its own, which is held until ``close``."""
        self._held = ExitStack()
        self.graph = graph
        self.files = graph.files  # what the pages show
        self.store = store or self._held.enter_context(graph.hold_store())
        self._files: dict[str, bytes] = {}

    def prepare(self) -> Site:
        """Make beforehand what the first pages would wait for."""
        for name in (
            "left_out",
            "facts",
            "facts_of",
            "propositions",
            "claims",
            "matcher",
            "drawn",
            "conflicts",
            "plans",
            "gaps",
            "words",
            "picture",
        ):
            getattr(self, name)
        return self

    def close(self) -> None:
        """Let the store go."""
        self._held.close()

    @property
    def base(self) -> str:
        """Return the IRI under which everything is named."""
        return self.graph.world.settings.base

    @property
    def name(self) -> str:
        """Return a word that names this state by its content."""
        return self.store.name

    @cached_property
    def left_out(self) -> str:
        """Return a sentence that tells which large tables the pages leave out; nothing where they show all."""
        if not (rows := self.graph.left_out):
            return ""
        return f"This looks at what stands in files alone, not at {rows}; questions and SPARQL look at all."

    @cached_property
    def facts(self) -> Mapping[str, dict[str, Any]]:
        """Return what is known of each proposition, by the last part of its IRI."""
        return build_evidence(self.files.whole, self.files.judgements)

    @cached_property
    def facts_of(self) -> Mapping[str, list[str]]:
        """Return the propositions that speak of an entity, by its id, each by the last part of its IRI."""
        found: dict[str, list[str]] = {}
        for name, fact in self.facts.items():
            for node in fact["nodes"]:
                found.setdefault(node, []).append(name)
        return found

    @cached_property
    def propositions(self) -> Mapping[str, Proposition]:
        """Return the propositions by the last part of their IRI."""
        return {short(proposition.iri): proposition for proposition in self.graph.world.propositions}

    @cached_property
    def claims(self) -> Mapping[str, str]:
        """Return the proposition of each claim, both by the last part of their IRI."""
        return {short(claim.iri): short(claim.proposition.iri) for claim in self.graph.world.claims}

    @cached_property
    def matcher(self) -> Matcher:
        """Return what finds entities and sources by name."""
        return Matcher(self.graph.world)

    @cached_property
    def _prefixes(self) -> dict[str, str]:
        return dict(self.graph.prefixes)

    def prefixes_of(self, query: str) -> dict[str, str]:
        """Return the prefixes of the project that stand in a query: the engine reads each one that it is given."""
        return {prefix: space for prefix, space in self._prefixes.items() if f"{prefix}:" in query}

    @cached_property
    def shortener(self) -> Shortener:
        """Return what writes IRIs with the prefixes of the project."""
        return Shortener(self.graph.prefixes)

    def address(self, term: str | None) -> str:
        """Return where a page leads from a term: to our own page of it, else to the web, else nowhere."""
        iri = term[1:-1] if term and term.startswith("<") else ""
        if iri.startswith(self.base) and _OWN.fullmatch(iri, len(self.base)):
            return f"/{iri[len(self.base) :]}"
        return iri if iri.startswith(("https://", "http://")) else ""

    @cached_property
    def words(self) -> list[tuple[str, str, str]]:
        """Return what the editor completes: short name, label, sort. The terms of the ontology, then the entities."""
        labels = {s: v for s, p, v in self.graph.world.ontology.triples if p == RDFS_LABEL and v.endswith('"@en')}
        preferred = {s: v for s, p, v in self.graph.world.ontology.triples if p == PREF_LABEL and v.endswith('"@en')}
        terms = sorted((self.shortener.turtle(s), split_term(v)[0]) for s, v in {**labels, **preferred}.items())
        known = [(name, label, _sort(name)) for name, label in terms if not name.startswith("<")]
        return [*known, *((f":{bearer.id}", bearer.label, "variable") for bearer in self.matcher.bearers.values())]

    @cached_property
    def drawn(self) -> frozenset[str]:
        """Return the entities that the picture draws, by id."""
        return frozenset(self.files.to_networkx())

    @cached_property
    def conflicts(self) -> list[Conflict]:
        """Return the claims that a rule finds hard to hold together."""
        return self.files.conflicts()

    @cached_property
    def plans(self) -> tuple[PlanReport, ...]:
        """Return what became of every plan."""
        return self.files.plans()

    @cached_property
    def gaps(self) -> tuple[GapReport, ...]:
        """Return what is missing of each thing."""
        return self.files.gaps()

    @cached_property
    def picture(self) -> str:
        """Return the page that draws the graph."""
        return self.files.view()

    def file(self, form: str) -> bytes:
        """Return the graph in one of the formats that are one file; made once."""
        if form not in self._files:
            written = FORMATS[form].write(self.graph)
            assert not isinstance(written, dict)  # noqa: S101 - downloads lists files only
            self._files[form] = written.encode() if isinstance(written, str) else written
        return self._files[form]
