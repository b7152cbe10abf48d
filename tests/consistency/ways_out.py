"""The ways out of a project, each read once: reports, page data, network, and the triples of ``graph.trig``."""

from __future__ import annotations

import re
from functools import cache, cached_property

import pyoxigraph as ox

import kg
from kg.commands.inquiry import explanation_lines
from kg.model.ontology import shipped_folder
from kg.reports.claim_text import ClaimText
from kg.reports.conflicts import Conflict
from kg.reports.explanations import Explanation, explanations
from kg.reports.telling import handle, last_part
from kg.views.evidence import build_evidence

PREFIXES = "".join(
    f"PREFIX {name}: <https://w3id.org/autokg/{path}>\n"
    for name, path in {
        "kg": "ns#", "verdict": "verdict/", "qualifier": "qualifier/", "outcome": "outcome/", "absence": "absence/",
        "sourcekind": "source-kind/", "modality": "modality/", "stance": "stance/", "footing": "footing/",
    }.items()
)  # fmt: skip
PREFIXES += """PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX dcterms: <http://purl.org/dc/terms/>
"""
Pair = frozenset[str]


@cache
def _ontology(text: str) -> list[ox.Quad]:
    return [*ox.parse(text.encode(), ox.RdfFormat.TURTLE)]


class Triples:
    """The triples of ``graph.trig`` and ``ontology.ttl``, and what they answer. It imports nothing that judges."""

    def __init__(self, trig: str, ontology: str) -> None:
        """Read the two files."""
        self.store = ox.Store()
        self.store.bulk_extend([*_ontology(ontology), *ox.parse(trig.encode(), ox.RdfFormat.TRIG)])

    def rows(self, query: str, **values: str) -> list[tuple[str, ...]]:
        """Return the rows of a query as texts, "" for what is unbound; values take the place of variables."""
        head, brace, pattern = query.partition("{")
        for name, value in values.items():
            pattern = re.sub(rf"\?{name}\b", value if value[:1] == '"' else f"<{value}>", pattern)
        found = self.store.query(PREFIXES + head + brace + pattern, use_default_graph_as_union=True)
        assert isinstance(found, ox.QuerySolutions)
        return [tuple("" if term is None else term.value for term in row) for row in found]


def question(name: str, select: str = "") -> str:
    """Return the query of a question that comes with the package, or its pattern behind another SELECT clause."""
    text = (shipped_folder() / "questions" / f"{name}.rq").read_text("utf-8")
    if not select:
        return text
    head, _, pattern = text.partition("WHERE")
    pattern = pattern[: pattern.rindex("}") + 1]
    return f"{head[: head.index('SELECT')]}SELECT {select} WHERE{pattern}"


class Told:
    """What a project tells by its ways out."""

    def __init__(self, graph: kg.Graph) -> None:
        """Use a loaded project."""
        self.graph, self.world = graph, graph.world
        self.read(graph.export("trig"))

    def read(self, trig: str) -> None:
        """Use the triples of a text as those of ``graph.trig``."""
        self.triples = Triples(trig, self.graph.ontology_text())

    def rows(self, query: str, **values: str) -> list[tuple[str, ...]]:
        """Return the rows that the graph answers."""
        return self.triples.rows(query, **values)

    def pairs(self, query: str) -> set[tuple[str, ...]]:
        """Return the different rows that the graph answers."""
        return set(self.rows(query))

    @cached_property
    def why(self) -> dict[str, Explanation]:
        """Return what ``kg why`` tells of each proposition, by its IRI."""
        graph = self.graph
        return {told.iri: told for told in explanations(graph.judge, graph.judgements, self.world.propositions)}

    @cached_property
    def conflicts(self) -> list[Conflict]:
        """Return what ``kg conflicts`` lists, but for names that are no conflict."""
        return [conflict for conflict in self.graph.conflicts() if conflict.rule != "old-name"]

    @cached_property
    def plans(self) -> list[kg.reports.plans_and_gaps.PlanReport]:
        """Return what ``kg plans`` tells."""
        return list(self.graph.plans())

    @cached_property
    def gaps(self) -> list[kg.reports.plans_and_gaps.GapReport]:
        """Return what ``kg gaps`` tells."""
        return list(self.graph.gaps())

    @cached_property
    def page(self) -> dict[str, dict[str, object]]:
        """Return the data of the page, by the last part of a proposition's IRI."""
        return build_evidence(self.world, self.graph.judgements)

    @cached_property
    def claims(self) -> dict[str, str]:
        """Return the IRI of each claim by the reference that reports print."""
        return {handle(claim): claim.iri for claim in self.world.claims}

    @cached_property
    def proposition_of(self) -> dict[str, str]:
        """Return the IRI of the proposition of each claim."""
        return {claim.iri: claim.proposition.iri for claim in self.world.claims}

    def iri(self, voice: ClaimText) -> str:
        """Return the IRI of a claim that a report tells."""
        return self.claims[voice.id]

    @cached_property
    def short(self) -> dict[str, str]:
        """Return the IRI of each proposition by its last part."""
        return {last_part(p.iri): p.iri for p in self.world.propositions}

    @cached_property
    def lines_of_why(self) -> dict[str, list[str]]:
        """Return the lines that ``kg why`` prints of each proposition."""
        return {iri: [*explanation_lines(told)] for iri, told in self.why.items()}
