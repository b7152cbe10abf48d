"""Query a graph in a remote SPARQL 1.1 store like a local one: the union of its graphs, with prefixes declared.

Input: a query, prefixes, and values of variables. Output: the kind of the answer and its text. A store accepts only a
query, so prefixes and values are written into its text. If the store does not query the union of its graphs by
default, the request names them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from kg.model.errors import ProjectError
from kg.model.iris import KG, ONTOLOGY_GRAPH
from kg.model.world import Settings
from kg.sparql.guard import names_graphs, query_form, tokens
from kg.sparql.remote_store import RESULTS, Remote

NTRIPLES = "application/n-triples"
KINDS = {"SELECT": "solutions", "ASK": "boolean", "CONSTRUCT": "triples", "DESCRIBE": "triples"}
LEDGER = "graph/pushed"  # below a graph's base; holds the hashes of pushed graphs
AT_ONCE = 20
_ABOUT = (
    "?dataset <http://rdfs.org/ns/void#uriSpace> ?base ; <http://purl.org/dc/terms/title> ?title . "
    f"OPTIONAL {{ ?dataset <{KG}languages> ?languages }} "
    "OPTIONAL { ?dataset <http://purl.org/dc/terms/license> ?licence }"
)
_DATASETS = f"SELECT * WHERE {{ {{ {_ABOUT} }} UNION {{ GRAPH ?graph {{ {_ABOUT} }} }} }}"


@dataclass(frozen=True)
class Elsewhere:
    """A graph in a remote store: the store, the graph's settings, and the number of triples in each named graph.

    ``named`` are the graphs to name in every request, if the store does not query all of them by default.
    """

    remote: Remote
    settings: Settings
    sizes: Mapping[str, int] = field(repr=False)
    named: tuple[str, ...] = field(default=(), repr=False)

    def ask(
        self, query: str, prefixes: Mapping[str, str], bindings: Mapping[str, str], timeout: float
    ) -> tuple[str, str]:
        """Return the kind of an answer, and the answer as SPARQL JSON or N-Triples. Raises QueryError, ProjectError."""
        kind = KINDS[query_form(query)]
        remote = replace(self.remote, seconds=timeout)
        graphs = () if names_graphs(query) else self.named
        accept = NTRIPLES if kind == "triples" else RESULTS
        return kind, remote.query(with_prefixes(with_values(query, bindings), prefixes), accept, graphs=graphs)

    def fetch(self, *graphs: str) -> str:
        """Return named graphs as N-Triples.

        Raises QueryError, or ProjectError if the number of triples is not what the store counts.
        """
        texts = []
        for start in range(0, len(graphs), AT_ONCE):
            some = graphs[start : start + AT_ONCE]
            values = " ".join(f"<{graph}>" for graph in some)
            query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ VALUES ?g {{ {values} }} GRAPH ?g {{ ?s ?p ?o }} }}"
            text = self.remote.query(query, NTRIPLES)
            there, wanted = text.count("\n"), sum(self.sizes[graph] for graph in some)
            if there != wanted:
                raise ProjectError(f"{self.remote.name} gave {there:,} triples of {wanted:,}")
            texts.append(text)
        return "".join(texts)


def find_graph(remote: Remote, base: str = "") -> Elsewhere:
    """Return the graph in a store; ``base`` selects one of several.

    Raises ProjectError if there is none, or more than one to choose from; QueryError.
    """
    datasets: dict[str, list[dict[str, str]]] = {}
    for row in remote.rows(_DATASETS):
        datasets.setdefault(row["base"], []).append(row)
    if not datasets:
        raise ProjectError(f"{remote.name} holds no graph that kg pushed or serves; `kg push` brings one there")
    if len(datasets) > 1 and base not in datasets:
        raise ProjectError(f"{remote.name} holds {len(datasets)} graphs: {', '.join(datasets)}; name a project with -C")
    base = base if base in datasets else next(iter(datasets))
    rows = datasets[base]
    about = rows[0]
    languages = tuple(about.get("languages", "en|zh").split("|"))
    settings = Settings(about["title"], base, about.get("licence", ""), languages)
    sizes = {graph: n for graph, n in remote.counts().items() if _is_part(graph, base)}
    by_itself = any("graph" not in row for row in rows)
    return Elsewhere(remote, settings, sizes, () if by_itself else tuple(sorted(sizes)))


def _is_part(graph: str, base: str) -> bool:
    return graph == ONTOLOGY_GRAPH or (graph.startswith(base) and graph != f"{base}{LEDGER}")


# ---------------------------------------------------------------- the text of a query


def with_prefixes(query: str, prefixes: Mapping[str, str]) -> str:
    """Return a query with declarations of the prefixes it uses. Line numbers stay the same."""
    used = (f"PREFIX {prefix}: <{space}> " for prefix, space in prefixes.items() if f"{prefix}:" in query)
    return "".join(used) + query


def with_values(query: str, bindings: Mapping[str, str]) -> str:
    """Return a query in which variables have values, given as terms.

    A ``VALUES`` block starts the outermost group and every group that contains such a variable. Groups around a
    subquery, templates and data blocks get none.
    """
    if not bindings:
        return query
    pieces, end = [], 0
    for place, names in sorted(_groups(query, bindings)):
        block = "".join(f" VALUES ?{name} {{ {bindings[name]} }}" for name in sorted(names))
        pieces += [query[end:place], block]
        end = place
    return "".join([*pieces, query[end:]])


def _groups(query: str, bindings: Mapping[str, str]) -> Iterator[tuple[int, set[str]]]:
    """Yield the start of each group that gets values, and the variables."""
    opened: list[tuple[str, int, set[str]]] = []
    before, outermost = "", True
    for match in tokens(query):
        token, kind = match[0], str(match.lastgroup)
        if kind == "open":
            bracket = "template" if before.upper() == "CONSTRUCT" else token
            first = bracket == "{" and outermost and not opened
            outermost &= not first
            opened.append((bracket, match.end(), set(bindings) if first else set()))
        elif kind == "close" and opened:
            bracket, place, names = opened.pop()
            if bracket == "{" and names:
                yield place, names
        elif token.upper() == "SELECT" and before == "{":
            opened[-1] = ("choice", *opened[-1][1:])
        elif kind == "variable" and token[1:] in bindings:
            _nearest(opened).add(token[1:])
        before = token


def _nearest(opened: list[tuple[str, int, set[str]]]) -> set[str]:
    """Return the variables of the innermost open group."""
    return next((names for bracket, _, names in reversed(opened) if bracket not in "(["), set())
