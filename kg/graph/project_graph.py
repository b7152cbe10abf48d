"""The graph of a project, with methods to query, draw, export and write it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from copy import copy
from dataclasses import asdict, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from kg.bulk.index import Directory, open_directory
from kg.files.project import build_folder, tell_size
from kg.judging.qualifiers import qualified
from kg.judging.verdicts import Judge, Judgement
from kg.model.errors import Problem, UsageError
from kg.model.world import World
from kg.rdf.triples import Quad, flat_quads, nquads, ontology_quads, turtle, world_quads
from kg.sparql.endpoint import Endpoint
from kg.sparql.store import TIMEOUT, ask_all

if TYPE_CHECKING:
    import networkx as nx
    import rdflib

    from kg.bulk.tables import Tables
    from kg.files.revisions import Revision
    from kg.formats.registry import Output
    from kg.graph.contents import Rows
    from kg.reports.claim_text import ClaimText
    from kg.reports.conflicts import Conflict
    from kg.reports.explanations import Why
    from kg.reports.matrix import Matrix
    from kg.reports.plans_and_gaps import GapReport, PlanReport
    from kg.reports.timeline import Timeline
    from kg.sparql.push import Pushed

Flat = Literal["", "cautious", "brave"]
TextForm = Literal["turtle", "trig", "nquads", "ntriples", "jsonld", "rdfxml", "graphml", "gexf"]


class Graph(Endpoint):
    """A checked project that can be queried, drawn and written."""

    def __init__(
        self,
        folder: Path,
        world: World,
        problems: list[Problem],
        *,
        tables: Callable[[], Tables] | None = None,
        directory: Directory | None = None,
        rejects: Sequence[Problem] = (),
        rows: Rows | None = None,
    ) -> None:
        """Use ``kg.load`` instead. With tables, ``world`` is that of the files, and ``rows`` reads those."""
        self.folder = folder
        self.problems = problems
        self.rejects = rejects
        self._frame, self._rows = world, rows
        self._tables, self._directory = tables, directory

    def __repr__(self) -> str:
        """Return title and size."""
        return f"<kg.Graph {self.frame.settings.title!r}: {self.summary}>"

    def _repr_html_(self) -> str:
        """Return title, size, and, without tables, the number of propositions per verdict."""
        from kg.files.text_tables import html_table

        if self._tables is not None:
            return html_table(f"{self.frame.settings.title}: {self.summary}", (), (), total=0)
        counts = Counter(judgement.verdict.label() for judgement in self.judgements.values())
        rows = [(label, f"{number:,}") for label, number in counts.most_common()]
        caption = f"{self.world.settings.title}: {self.summary}"
        return html_table(caption, ("verdict", "propositions"), rows, total=len(rows))

    @property
    def tables(self) -> Tables | None:
        """Return the tables of the project, if it has any, read on first use."""
        return self._tables() if self._tables else None

    @cached_property
    def world(self) -> World:
        """Return the checked project: entities, sources and claims of all files and tables.

        The rows of tables are read into memory on first use. Raises CheckError if they no longer are valid.
        """
        return self._rows.whole() if self._rows else self.frame

    @property
    def summary(self) -> str:
        """Return a line with the size of the graph and its known-by day."""
        world = self.frame
        rows = None
        if self._tables is not None:
            rows = self._directory.rows if self._directory else sum(self._tables().counts.values())
        return tell_size(len(world.claims), len(world.sources), rows, world.known_by)

    @property
    def frame(self) -> World:
        """Return the world of the project's own files, with the settings, the ontology and the two days."""
        return self._frame

    @cached_property
    def judgements(self) -> Mapping[str, Judgement]:
        """Return the verdict of every proposition, with reasons and qualifiers, by the proposition's IRI."""
        return qualified(self.judge)

    @cached_property
    def judge(self) -> Judge:
        """Return the rule applied to the world: which claims count, and which oppose each other."""
        return Judge(self.world)

    @cached_property
    def quads(self) -> list[Quad]:
        """Return the graph without the shipped ontology: (graph, subject, predicate, object) as N-Triples, sorted."""
        return world_quads(self.world, self.judgements)

    @cached_property
    def store(self) -> str | Path:
        """Return the data that answers queries: N-Quads, or with tables the folder of a store, built on demand.

        The folder is a generation of a cache, named by a digest of the project; it never changes.
        """
        if self._tables is not None:
            return self._opened().store
        return nquads({*self.quads, *ontology_quads(self.world.ontology.triples)})

    def _opened(self) -> Directory:
        """Return the index of the tables; build the store if it is missing."""
        if self._directory is None or not self._directory.store.is_dir():
            from kg.bulk.stores import make_store

            assert self.tables  # noqa: S101 - this store exists only for tables
            self._directory = open_directory(make_store(self.tables, self.frame))
        return self._directory

    def hold_store(self) -> AbstractContextManager[Path]:
        """Return a context manager for the folder of a store with the graph and the ontology, which stays unchanged.

        Raises ProjectError if it cannot be built.
        """
        from kg.files.cache import hold
        from kg.sparql.store import keep_store

        if self._tables is not None:
            return hold(lambda: self._opened().store)
        store, folder = str(self.store), build_folder(self.folder) / "served"
        return hold(lambda: keep_store(folder, store))

    def push(self, url: str, *, graphs: str = "") -> Pushed:
        """Update a SPARQL 1.1 store: upload each named graph that changed, delete each that is gone.

        ``url`` is the query endpoint; ``graphs`` is the Graph Store endpoint, if it is not next to it. User and
        password, or a token, come from the environment. Raises UsageError, ProjectError.
        """
        from kg.sparql.push import push
        from kg.sparql.remote_store import open_remote

        return push(self._named_graphs(), open_remote(url, graphs=graphs), self.frame.settings.base)

    def _named_graphs(self) -> dict[str, Callable[[], str]]:
        """Return a function per named graph that gives its N-Triples; with tables, it reads from the store."""
        from kg.sparql.push import split_graphs
        from kg.sparql.store import name_graphs, read_graph

        if self._tables is None:
            return split_graphs({*self.quads, *ontology_quads(self.world.ontology.triples)})
        store = self._opened().store
        return {graph: partial(read_graph, store, graph) for graph in name_graphs(store)}

    # ------------------------------------------------------------ questions

    def why(self, *names: str) -> Why:
        """Explain the verdict of a claim (source/id or hash), of a proposition, or of all propositions of two entities.

        Raises UsageError if a name is unknown or ambiguous.
        """
        from kg.reports.explanations import explain

        part = self._around(names, pair=len(names) == 2) if len(names) > 1 else self
        return explain(part.judge, part.judgements, names)

    def _around(self, names: Sequence[str], *, depth: int = 0, pair: bool = False) -> Graph:
        """Return a graph that gives the same reports about named entities as this one, without reading all rows.

        ``depth`` and ``pair`` are those of ``bulk.window.read_window``.
        """
        if self._rows is None or "world" in vars(self):
            return self
        world = self._rows.window(names, depth=depth, pair=pair)
        if world is None:
            return self
        known_by = self.frame.known_by  # of all sources, of which the window holds some
        return Graph(self.folder, replace(world, clocks=replace(world.clocks, known_by=known_by)), self.problems)

    def history(self, id: str) -> list[tuple[ClaimText, list[Revision]]]:
        """Return the claims of an id (see ``why``), each with the commits that changed its row, newest first.

        Raises UsageError if the id is unknown, ProjectError if git has no history of the row.
        """
        from kg.files.revisions import revisions
        from kg.reports.explanations import find_claims
        from kg.reports.telling import Teller

        teller = Teller(self.judge, self.judgements)
        return [(teller.claim(claim), revisions(self.folder, claim)) for claim in find_claims(self.world, id)]

    def conflicts(self, *, timeout: float = TIMEOUT) -> list[Conflict]:
        """Return the pairs of claims that a rule finds hard to hold together, a shipped one or one of the project.

        ``timeout``, in seconds, is for those of the project. Raises ProjectError if one of them is invalid, QueryError.
        """
        from kg.reports.conflicts import name_conflicts, read_rules

        judge, rules = self.judge, read_rules(self.folder)
        queries = {rule.name: rule.sparql for rule in rules if rule.sparql}
        found = ask_all(self.store, [*queries.values()], prefixes=self.prefixes, timeout=timeout) if queries else []
        return name_conflicts(judge, rules, dict(zip(queries, found, strict=True)))

    def plans(self) -> tuple[PlanReport, ...]:
        """Return the outcome of every plan, target and expectation by the as-of day, by outcome, then by due day."""
        from kg.reports.plans_and_gaps import plan_reports

        return plan_reports(self.judge)

    def gaps(self) -> tuple[GapReport, ...]:
        """Return the gaps of each entity whose type has expectations in the ontology, the most mentioned first."""
        from kg.reports.plans_and_gaps import gap_reports

        return gap_reports(self.judge)

    @property
    def finder(self) -> Callable[[str], list[str]] | None:
        """Return a function that finds ids in the tables, or None without tables."""
        return None if self._tables is None else lambda name: self._opened().find(name)

    # ------------------------------------------------------------ ways out

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """Return a ``networkx.MultiDiGraph``: entities as nodes, propositions as edges, attributes of plain types."""
        from kg.views.network import build_network

        return build_network(self.world, self.judgements)

    def to_rdflib(self) -> rdflib.Dataset:
        """Return an ``rdflib.Dataset`` with the named graphs; its default graph is their union."""
        import rdflib

        dataset = rdflib.Dataset(default_union=True)
        dataset.parse(data=nquads(self.quads), format="nquads")
        for prefix, namespace in self.prefixes.items():
            dataset.bind(prefix, namespace, override=True, replace=True)
        return dataset

    @overload
    def export(self, form: TextForm, *, flat: Flat = "") -> str: ...
    @overload
    def export(self, form: str, *, flat: Flat = "") -> Output: ...

    def export(self, form: str, *, flat: Flat = "") -> Output:
        """Return the graph in a format of ``registry``: text or bytes, or a dict from file name to content.

        ``flat`` gives one-hop triples, such as ``:a kg:supplierOf :b``: ``cautious`` for stated propositions,
        ``brave`` for all that are asserted and not denied. Raises UsageError.
        """
        from kg.formats.registry import find_format

        chosen = find_format(form, flat=bool(flat))
        return chosen.write(self._flattened(flat) if flat else self)

    def _flattened(self, flat: Flat) -> Graph:
        """Return a copy of the graph with only the one-hop triples."""
        graph = copy(self)
        graph.__dict__["quads"] = self._flat(flat)
        return graph

    def _flat(self, flat: Flat) -> list[Quad]:
        if flat not in ("cautious", "brave"):
            raise UsageError(f"no way to flatten called '{flat}'; there are cautious and brave")
        return flat_quads(self.world, self.judgements, brave=flat == "brave")

    def ontology_text(self) -> str:
        """Return the ontology as Turtle, including the project's own terms."""
        return turtle(ontology_quads(self.frame.ontology.triples), self.prefixes)

    def shapes_text(self) -> str:
        """Return SHACL shapes derived from the ontology, as Turtle."""
        from kg.formats.shacl import shapes_text

        return shapes_text(self.frame.ontology)

    def view(self, *, focus: str = "", depth: int = 1) -> str:
        """Return the graph as one self-contained HTML page; ``focus`` limits it to ``depth`` steps around an entity.

        A graph that is too large for one picture gives a page that lists the entities named by most claims.
        """
        from kg.views.listing import describer, is_too_large, list_page

        part = self._around([focus], depth=depth) if focus else self
        world = part.world
        if not focus and is_too_large(len(world.mentions), len(world.claims)):
            return list_page(world.mentions, describer(world), title=world.settings.title, summary=self._size())
        from kg.reports.matrix import build_matrix
        from kg.views.evidence import build_evidence, build_legend
        from kg.views.picture import page

        network = part._near(focus, depth)
        return page(
            network,
            legend=build_legend(world.ontology),
            evidence=build_evidence(world, part.judgements, about=network if focus else None),
            matrix=asdict(build_matrix(world, part.judgements, about=network if focus else None)),
            title=world.settings.title,
            summary=part._size(network if focus else None),
        )

    def svg(self, *, focus: str = "", depth: int = 1, theme: Literal["light", "dark"] = "light") -> str:
        """Return the graph as an SVG document; ``focus`` and ``depth`` as in ``view``.

        Raises UsageError if the graph is too large to draw.
        """
        from kg.views.evidence import build_legend
        from kg.views.picture import draw_svg

        part = self._around([focus], depth=depth) if focus else self
        legend, network, title = build_legend(part.world.ontology), part._near(focus, depth), part.world.settings.title
        try:
            return draw_svg(
                network, legend=legend, title=title, summary=part._size(network if focus else None), theme=theme
            )
        except ValueError as error:
            raise UsageError(f"{error}; draw a part with --focus ID, or write a page: -o FILE.html") from None

    def _near(self, focus: str, depth: int) -> nx.MultiDiGraph[str]:
        """Return the network, or the part within ``depth`` steps of an entity."""
        from kg.views.network import focus_network

        network = self.to_networkx()
        return focus_network(network, self.entity_id(focus), depth) if focus else network

    def _size(self, network: nx.MultiDiGraph[str] | None = None) -> str:
        """Return a line with the number of claims and sources, of a network or of all, and the known-by day."""
        from kg.reports.telling import last_part

        world = self.world
        if network is None:
            return tell_size(len(world.claims), len(world.sources), None, world.known_by)
        drawn = {edge["proposition"] for *_, edge in network.edges(data=True)}
        claims = [claim for claim in world.claims if last_part(claim.proposition.iri) in drawn]
        return tell_size(len(claims), len({claim.source.id for claim in claims}), None, world.known_by)

    def matrix(self) -> Matrix:
        """Return who does what for which product, with verdicts and sources."""
        from kg.reports.matrix import build_matrix

        return build_matrix(self.world, self.judgements)

    def timeline(self, entity: str) -> Timeline:
        """Return the timeline of an entity, given by id or name. Raises UsageError."""
        from kg.reports.timeline import build_timeline

        part = self._around([entity])
        return build_timeline(part.world, part.judgements, part.entity_id(entity))

    def entity_id(self, name: str) -> str:
        """Return the id of an entity by id or name; an unknown name is returned unchanged."""
        found = [
            e.id
            for e in self.world.entities.values()
            if name.casefold() in {e.id, *(n.casefold() for n in e.names.values())}
        ]
        return found[0] if found else name

    @property
    def rejected(self) -> Sequence[Problem]:
        """Return the problem of each table row that was left out. Rows are checked when the tables are first read."""
        return (*self.rejects, *(self.tables.rejected_problems() if self.tables else ()))

    def write(
        self, out: str | Path | None = None, *, master: str = "", allow_rejects: bool = False, picture: bool = True
    ) -> list[Path]:
        """Write the outputs of a build, with or without ``graph.html``, and return their paths.

        ``master`` is the URL of a Spark master whose cluster writes the tables as N-Quads to ``quads``. Raises
        UsageError if it is given and there are none, RejectedError if rows of tables are rejected, unless that is
        allowed: then only ``rejects.csv`` is written.
        """
        from kg.graph.build_outputs import write_outputs

        folder = Path(out) if out else build_folder(self.folder)
        return write_outputs(self, folder, master=master, allow_rejects=allow_rejects, picture=picture)
