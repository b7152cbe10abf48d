"""The graph of a project: what the claims say, and every way out of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from copy import copy
from dataclasses import asdict
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from kg.bulk.index import Directory, open_directory
from kg.bulk.left_out import tell_tables
from kg.files.outputs import write_files
from kg.files.project import BUILT, OUTPUTS, build_folder, tell_size
from kg.judging.qualifiers import qualified
from kg.judging.verdicts import Judge, Judgement
from kg.model.errors import LargeTablesError, Problem, UsageError
from kg.model.world import World
from kg.rdf.triples import Quad, flat_quads, nquads, ontology_quads, trig, turtle, world_quads
from kg.sparql.endpoint import Endpoint
from kg.sparql.store import TIMEOUT, ask_all

if TYPE_CHECKING:
    import networkx as nx
    import rdflib

    from kg.bulk.parts import Tables
    from kg.files.revisions import Revision
    from kg.formats.registry import Output
    from kg.reports.conflicts import Conflict
    from kg.reports.explanations import Why
    from kg.reports.matrix import Matrix
    from kg.reports.plans_and_gaps import GapReport, PlanReport
    from kg.reports.speakers import Voice
    from kg.reports.timeline import Timeline
    from kg.sparql.push import Pushed

Flat = Literal["", "cautious", "brave"]
TextForm = Literal["turtle", "trig", "nquads", "ntriples", "jsonld", "rdfxml", "graphml", "gexf"]


class Graph(Endpoint):
    """A checked project, ready to be asked, drawn and written."""

    def __init__(
        self,
        folder: Path,
        world: World,
        problems: list[Problem],
        *,
        tables: Callable[[], Tables] | None = None,
        directory: Directory | None = None,
        rejects: Sequence[Problem] = (),
    ) -> None:
        """Use ``kg.load`` instead."""
        self.folder = folder
        self.world = world
        self.problems = problems
        self.rejects = rejects
        self._tables, self._directory = tables, directory

    def __repr__(self) -> str:
        """Return title and size."""
        return f"<kg.Graph {self.world.settings.title!r}: {self.summary}>"

    def _repr_html_(self) -> str:
        """Return title, size, and, unless there are large tables, how many propositions have which verdict."""
        from kg.files.text_tables import html_table

        if self._tables is not None:
            return html_table(f"{self.world.settings.title}: {self.summary}", (), (), total=0)
        counts = Counter(judgement.verdict.label() for judgement in self.judgements.values())
        rows = [(label, f"{number:,}") for label, number in counts.most_common()]
        caption = f"{self.world.settings.title}: {self.summary}"
        return html_table(caption, ("verdict", "propositions"), rows, total=len(rows))

    @property
    def tables(self) -> Tables | None:
        """Return the tables that are too large to be in the world, read when they are needed first."""
        return self._tables() if self._tables else None

    @property
    def whole(self) -> World:
        """Return the world where it is all that there is: verbs that would leave out large tables tell from it.

        Raises LargeTablesError where there are some.
        """
        if self._tables is not None:
            raise LargeTablesError(self.left_out or "the rows of tables")
        return self.world

    @property
    def files(self) -> Graph:
        """Return the graph of what stands in files alone: this one, where there are no large tables beside them."""
        return self if self._tables is None else Graph(self.folder, self.world, self.problems)

    @cached_property
    def left_out(self) -> str:
        """Return how many rows of which large tables are left out of ``world`` and ``files``; nothing without any."""
        return tell_tables(self.folder) if self._tables is not None else ""

    @property
    def summary(self) -> str:
        """Return a line that says how much there is and up to which day it is known."""
        world = self.world
        rows = None
        if self._tables is not None:
            rows = self._directory.rows if self._directory else sum(self._tables().counts.values())
        return tell_size(len(world.claims), len(world.sources), rows, world.known_by)

    @property
    def frame(self) -> World:
        """Return the world: all that is known without asking."""
        return self.world

    @cached_property
    def judgements(self) -> Mapping[str, Judgement]:
        """Return the verdict of every proposition, with its reasons and qualifiers, by the proposition's IRI."""
        return qualified(self.judge)

    @cached_property
    def judge(self) -> Judge:
        """Return the rule applied to the world: which claims count, who opposes whom."""
        return Judge(self.whole)

    @cached_property
    def quads(self) -> list[Quad]:
        """Return the graph without the shipped ontology: (graph, subject, predicate, object) as N-Triples, sorted."""
        return world_quads(self.whole, self.judgements)

    @cached_property
    def store(self) -> str | Path:
        """Return what answers questions: N-Quads, or the folder of a store where tables are large, made when asked.

        The folder is one generation of a cache, named by the content of the project; nobody changes it.
        """
        if self._tables is not None:
            return self._opened().store
        return nquads({*self.quads, *ontology_quads(self.world.ontology.triples)})

    def _opened(self) -> Directory:
        """Return what the store of large tables keeps of them; the store is made where it is not there."""
        if self._directory is None or not self._directory.store.is_dir():
            from kg.bulk.stores import make_store

            assert self.tables  # noqa: S101 - else there is no such store
            self._directory = open_directory(make_store(self.tables, self.world))
        return self._directory

    def hold_store(self) -> AbstractContextManager[Path]:
        """Give the folder of a store that holds the graph and the ontology; it never changes, and lives meanwhile.

        Raises ProjectError where it cannot be made.
        """
        from kg.files.cache import hold
        from kg.sparql.store import keep_store

        if self._tables is not None:
            return hold(lambda: self._opened().store)
        store, folder = str(self.store), build_folder(self.folder) / "served"
        return hold(lambda: keep_store(folder, store))

    def push(self, url: str, *, graphs: str = "") -> Pushed:
        """Bring a SPARQL 1.1 store in step: each named graph that changed is put there, each that is gone deleted.

        ``url`` is where the store is asked, ``graphs`` where it takes graphs, if not beside it; name, password or token
        come from the environment. Raises UsageError, ProjectError.
        """
        from kg.sparql.push import push
        from kg.sparql.remote_store import open_remote

        return push(self._named_graphs(), open_remote(url, graphs=graphs), self.world.settings.base)

    def _named_graphs(self) -> dict[str, Callable[[], str]]:
        """Return what gives each named graph as N-Triples: of large tables one at a time, from the store."""
        from kg.sparql.push import split_graphs
        from kg.sparql.store import name_graphs, read_graph

        if self._tables is None:
            return split_graphs({*self.quads, *ontology_quads(self.world.ontology.triples)})
        store = self._opened().store
        return {graph: partial(read_graph, store, graph) for graph in name_graphs(store)}

    # ------------------------------------------------------------ questions

    def why(self, *names: str) -> Why:
        """Explain a verdict: of a claim (source/id or hash), a proposition, or all that two entities share.

        Raises UsageError where nothing is called so.
        """
        from kg.reports.explanations import explain

        return explain(self.judge, self.judgements, names)

    def history(self, id: str) -> list[tuple[Voice, list[Revision]]]:
        """Return the claims that an id names (see ``why``), each with the commits that touched its row, the last first.

        Raises UsageError where nothing is called so, ProjectError where git cannot tell.
        """
        from kg.files.revisions import revisions
        from kg.reports.explanations import find_claims
        from kg.reports.speakers import Voices

        voices = Voices(self.judge)
        return [(voices.voice(claim), revisions(self.folder, claim)) for claim in find_claims(self.whole, id)]

    def conflicts(self, *, timeout: float = TIMEOUT) -> list[Conflict]:
        """Return the pairs of claims that a rule of ``ontology/conflicts`` finds hard to hold together.

        Raises ProjectError where a rule of the project is none, or QueryError.
        """
        from kg.reports.conflicts import name_conflicts, read_rules

        judge, rules = self.judge, read_rules(self.folder)
        queries = [rule.sparql for rule in rules]
        answers = ask_all(self.store, queries, prefixes=self.prefixes, timeout=timeout)
        return name_conflicts(judge, rules, answers)

    def plans(self) -> tuple[PlanReport, ...]:
        """Tell what became of every plan, target and expectation by the as-of day: by outcome, then by day."""
        from kg.reports.plans_and_gaps import plan_reports

        return plan_reports(self.judge)

    def gaps(self) -> tuple[GapReport, ...]:
        """Tell what is missing of each thing of which the ontology expects something, the most named first."""
        from kg.reports.plans_and_gaps import gap_reports

        return gap_reports(self.judge)

    @property
    def finder(self) -> Callable[[str], list[str]] | None:
        """Return what finds ids in large tables, by way of their store."""
        return None if self._tables is None else lambda name: self._opened().find(name)

    # ------------------------------------------------------------ ways out

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """Return a ``networkx.MultiDiGraph``: entities as nodes, propositions as edges, attributes of plain types."""
        from kg.views.network import build_network

        return build_network(self.whole, self.judgements)

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
        """Return the graph in one of the formats of ``registry``: text, or a dict of names to texts for a folder.

        ``flat`` gives one-hop triples alone, such as ``:a kg:supplierOf :b``: ``cautious`` those of stated
        propositions, ``brave`` those of every one that is asserted and not denied. Raises UsageError.
        """
        from kg.formats.registry import find_format

        chosen = find_format(form, flat=bool(flat))
        return chosen.write(self._flattened(flat) if flat else self)

    def _flattened(self, flat: Flat) -> Graph:
        """Return the same graph with other triples."""
        graph = copy(self)
        graph.__dict__["quads"] = self._flat(flat)
        return graph

    def _flat(self, flat: Flat) -> list[Quad]:
        if flat not in ("cautious", "brave"):
            raise UsageError(f"no way to flatten called '{flat}'; there are cautious and brave")
        return flat_quads(self.whole, self.judgements, brave=flat == "brave")

    def ontology_text(self) -> str:
        """Return the ontology as Turtle, the project's own terms with it."""
        return turtle(ontology_quads(self.world.ontology.triples), self.prefixes)

    def shapes_text(self) -> str:
        """Return SHACL shapes made from the ontology, as Turtle."""
        from kg.formats.shacl import shapes_text

        return shapes_text(self.world.ontology)

    def view(self, *, focus: str = "", depth: int = 1) -> str:
        """Return the graph as one HTML page that needs nothing else; ``focus`` keeps what is within ``depth`` steps."""
        from kg.views.evidence import build_evidence, build_legend
        from kg.views.picture import page

        return page(
            self._near(focus, depth),
            legend=build_legend(self.world.ontology),
            evidence=build_evidence(self.whole, self.judgements),
            matrix=asdict(self.matrix()),
            title=self.world.settings.title,
            summary=self.summary,
        )

    def svg(self, *, focus: str = "", depth: int = 1, theme: Literal["light", "dark"] = "light") -> str:
        """Return the picture as an SVG document; ``focus`` and ``depth`` as in ``view``.

        Raises UsageError where there is more to draw than columns can hold.
        """
        from kg.views.evidence import build_legend
        from kg.views.picture import draw_svg

        legend, settings = build_legend(self.world.ontology), self.world.settings
        try:
            return draw_svg(
                self._near(focus, depth), legend=legend, title=settings.title, summary=self.summary, theme=theme
            )
        except ValueError as error:
            raise UsageError(f"{error}; draw a part with --focus ID, or write a page: -o FILE.html") from None

    def _near(self, focus: str, depth: int) -> nx.MultiDiGraph[str]:
        """Return the network, or what is near one entity of it."""
        from kg.views.network import focus_network

        network = self.to_networkx()
        return focus_network(network, self.entity_id(focus), depth) if focus else network

    def matrix(self) -> Matrix:
        """Return who does what for which product, with verdicts and sources; dataclasses of plain values."""
        from kg.reports.matrix import build_matrix

        return build_matrix(self.whole, self.judgements)

    def timeline(self, entity: str) -> Timeline:
        """Return what is said of an entity, given by id or name, in the order of time. Raises UsageError."""
        from kg.reports.timeline import build_timeline

        return build_timeline(self.whole, self.judgements, self.entity_id(entity))

    def entity_id(self, name: str) -> str:
        """Return the id of an entity by its id or by one of its names."""
        found = [
            e.id
            for e in self.world.entities.values()
            if name.casefold() in {e.id, *(n.casefold() for n in e.names.values())}
        ]
        return found[0] if found else name

    def write(self, out: str | Path | None = None, *, master: str = "") -> list[Path]:
        """Write the outputs of a build and return their paths.

        With the URL of a Spark master, large tables are written by its cluster: as N-Quads in ``quads``.
        """
        folder = Path(out) if out else build_folder(self.folder)
        if tables := self.tables:
            return self._write_tables(tables, folder, master)
        if master:
            raise UsageError("no table here is so large that a cluster would help; kg build alone writes everything")
        texts = (turtle(self.quads, self.prefixes), trig(self.quads, self.prefixes), self.ontology_text(), self.view())
        return write_files(folder, {**dict(zip(OUTPUTS, texts, strict=True)), **self._rejected()}, instead_of=BUILT)

    def _write_tables(self, tables: Tables, folder: Path, master: str) -> list[Path]:
        from kg.bulk.outputs import write_volume

        if not master:
            warnings = [str(problem) for problem in self.problems if problem.severity == "warning"]
            return write_volume(tables, self.world, folder, ontology=self.ontology_text(), warnings=warnings)
        from kg.bulk.spark import write_partitions

        return write_partitions(tables, self.world, folder, ontology=self.ontology_text(), master=master)

    def _rejected(self) -> dict[str, str]:
        if not self.rejects:
            return {}
        from kg.bulk.small_tables import rejects_csv

        return {"rejects.csv": rejects_csv(self.rejects)}
