"""The graph of a project: what the claims say, and every way out of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from copy import copy
from dataclasses import asdict, replace
from datetime import date
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from kg.bulk.index import Directory, open_directory
from kg.files.outputs import write_files
from kg.files.project import BUILT, OUTPUTS, build_folder, find_project, is_kept, tell_size
from kg.graph.contents import collector_at_rest, read_contents
from kg.judging.qualifiers import qualified
from kg.judging.verdicts import Judge, Judgement
from kg.model.dates import advise, read_date
from kg.model.errors import CheckError, Location, Problem, UsageError
from kg.model.world import Clocks, World
from kg.rdf.triples import Quad, flat_quads, nquads, ontology_quads, trig, turtle, world_quads
from kg.sparql.endpoint import Endpoint
from kg.sparql.store import TIMEOUT, Answer, ask_all

if TYPE_CHECKING:
    import networkx as nx
    import rdflib

    from kg.bulk.parts import Tables
    from kg.bulk.rebuild import Rebuilt
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


def load(folder: str | Path | None = None, *, as_of: str = "", known_by: str = "") -> Graph:
    """Read and check a project; return its graph, as it stands at two days.

    ``folder`` is the folder that holds ``kg.yaml``; by default the nearest one from the working folder upward.
    ``as_of`` is the date for which answers hold, ``known_by`` leaves out what may have been published later; of an
    imprecise date the last day counts, and both default to the last day that is known of.
    Raises CheckError where the claims have errors, ProjectError where there is no project, UsageError for no date.
    """
    days = clocks(as_of, known_by)
    path = find_project(folder)
    contents = read_contents(path, days)
    if contents.world is None:
        raise CheckError(contents.problems)
    world, directory = contents.world.at(days), contents.directory
    tables = cache(partial(contents.tables, world)) if contents.tables else None
    if tables:
        world = replace(world, clocks=directory.clocks if directory else tables().clocks)
    return Graph(path, world, contents.problems, tables=tables, directory=directory, rejects=contents.rejects)


def clocks(as_of: str, known_by: str) -> Clocks:
    """Return the two days at which a world is looked at: of an imprecise date the last. Raises UsageError."""
    return Clocks(as_of=_last_day(as_of), known_by=_last_day(known_by))


def _last_day(text: str) -> str:
    try:
        return read_date(text).upper if text else ""
    except ValueError as error:
        raise UsageError(f"{error}; {advise(text)}") from None


@collector_at_rest()
def check(folder: str | Path | None = None) -> list[Problem]:
    """Return every problem of a project, sorted by place, and every conflict of two claims; none of them raises.

    This is the one verb that looks at the clock: it warns of a source dated in the future.
    """
    from kg.reports.conflicts import conflict_problems

    path = find_project(folder)
    world, problems = _check_files(path)
    conflicts = Graph(path, world, problems).conflicts() if world else []
    return sorted([*problems, *conflict_problems(conflicts)])


def check_files(folder: str | Path | None = None) -> list[Problem]:
    """Return what ``check`` does without the conflicts: what is wrong in the files, in a fraction of the time."""
    return _check_files(find_project(folder))[1]


def _check_files(path: Path) -> tuple[World | None, list[Problem]]:
    from kg.curation.xref import check_file

    contents = read_contents(path, Clocks())
    judged = check_file(path, (row.text("id") for row in contents.records.entities))
    future = _from_the_future(contents.world, date.today().isoformat())
    return contents.world, sorted([*contents.problems, *contents.rejects, *judged, *future])


def build(folder: str | Path | None = None, out: str | Path | None = None) -> Graph:
    """Check a project and write ``graph.ttl``, ``graph.trig``, ``ontology.ttl`` and ``graph.html`` into ``out``.

    ``out`` defaults to ``build`` inside the project. A failed build leaves the last good outputs.
    Raises CheckError, or ProjectError where a file cannot be written.
    """
    graph = load(folder)
    graph.write(out)
    return graph


def rebuild(folder: str | Path | None = None, out: str | Path | None = None) -> Rebuilt | None:
    """Bring the outputs of a project with large tables in step, redoing only what depends on the tables that changed.

    None where the last build cannot be taken up: then nothing was written, and ``build`` does all of it.
    """
    path = find_project(folder)
    place = Path(out) if out else build_folder(path)
    if not is_kept(place):
        return None
    from kg.bulk.rebuild import rebuild

    return rebuild(path, place)


def _from_the_future(world: World | None, today: str) -> list[Problem]:
    return [
        Problem(
            source.place,
            "warning",
            "KG303",
            f"'{source.id}' is published after today ({source.published})",
            "is the year right?",
        )
        for source in (world.sources.values() if world else ())
        if source.published.lower > today
    ]


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
        """Return title, size, and how many propositions have which verdict, for a notebook."""
        from kg.files.text_tables import html_table

        counts = Counter(judgement.verdict.label() for judgement in self.judgements.values())
        rows = [(label, f"{number:,}") for label, number in counts.most_common()]
        caption = f"{self.world.settings.title}: {self.summary}"
        return html_table(caption, ("verdict", "propositions"), rows, total=len(rows))

    @property
    def tables(self) -> Tables | None:
        """Return the tables that are too large to be in the world, read when they are needed first."""
        return self._tables() if self._tables else None

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
        return Judge(self.world)

    @cached_property
    def quads(self) -> list[Quad]:
        """Return the graph without the shipped ontology: (graph, subject, predicate, object) as N-Triples, sorted."""
        return world_quads(self.world, self.judgements)

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
        return [(voices.voice(claim), revisions(self.folder, claim)) for claim in find_claims(self.world, id)]

    def conflicts(self, *, timeout: float = TIMEOUT) -> list[Conflict]:
        """Return the pairs of claims that a rule finds hard to hold together, a shipped one or one of the project.

        Raises ProjectError where a rule of the project is none, or QueryError; ``timeout`` is for those.
        """
        from kg.reports.conflicts import name_conflicts, read_rules

        rules = read_rules(self.folder)
        queries = {rule.name: rule.sparql for rule in rules if rule.sparql}
        found = ask_all(self.store, [*queries.values()], prefixes=self.prefixes, timeout=timeout) if queries else []
        return name_conflicts(self.judge, rules, dict(zip(queries, found, strict=True)))

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
        return flat_quads(self.world, self.judgements, brave=flat == "brave")

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
            evidence=build_evidence(self.world, self.judgements),
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

        return build_matrix(self.world, self.judgements)

    def timeline(self, entity: str) -> Timeline:
        """Return what is said of an entity, given by id or name, in the order of time. Raises UsageError."""
        from kg.reports.timeline import build_timeline

        return build_timeline(self.world, self.judgements, self.entity_id(entity))

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


__all__ = ["Answer", "Graph", "Location", "build", "check", "load"]
