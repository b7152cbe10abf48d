"""Build the matrix of who does what for which product: a block per product, a row per function, a column per agent.

The ontology defines which roles belong to which function, and which types are blocks and columns (``kg:function``,
``kg:axis``). A cell without propositions is left out, so that it cannot look denied.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from kg.judging.verdicts import Judge, Judgement
from kg.model.ontology import Ontology
from kg.model.terms import EntityClass, Qualifier, Verdict
from kg.model.world import Proposition, Ref, World
from kg.reports.telling import Teller, last_part


@dataclass(frozen=True, slots=True)
class Said:
    """The content of a cell for one verdict: roles, sentences, ids of the supporting and the opposing sources.

    ``origins`` are those that are independent witnesses, ``against_origins`` those of opposing claims. ``beside`` are
    the qualifiers that have a mark.
    """

    verdict: str
    roles: tuple[str, ...]
    sentences: tuple[str, ...]
    propositions: tuple[str, ...]
    sources: tuple[str, ...]
    against: tuple[str, ...]
    origins: tuple[str, ...]
    against_origins: tuple[str, ...]
    beside: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A function of one product, with cells by agent id; agents without claims are missing."""

    id: str
    label: str
    cells: Mapping[str, tuple[Said, ...]]


@dataclass(frozen=True, slots=True)
class Block:
    """A product with its functions; the id is "" for claims that name no product."""

    id: str
    label: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The blocks, and their axes: agents and verdicts by id, in order, with labels.

    ``symbols`` gives a character per verdict, ``marks`` a character and a label per qualifier. ``as_of`` and
    ``known_by`` are the days of the matrix.
    """

    title: str
    agents: Mapping[str, str]
    verdicts: Mapping[str, str]
    symbols: Mapping[str, str]
    marks: Mapping[str, tuple[str, str]]
    blocks: tuple[Block, ...]
    as_of: str
    known_by: str


Spot = tuple[str, str, str]  # product, function, agent
NONE_NAMED = "none in particular"


def build_matrix(world: World, judgements: Mapping[str, Judgement], *, about: Container[str] | None = None) -> Matrix:
    """Return the matrix of a world: every function with claims, in every block.

    With ``about``, the cells are those of an agent or a product whose id it holds.
    If the world has an explicit as-of day, propositions that do not hold on it are left out.
    """
    teller = Teller(Judge(world), judgements)
    found = _gathered(teller, about)
    verdicts = world.ontology.of(Verdict)
    cells = _Cells(teller)
    agents = {agent: _name(world, agent) for _, _, agent in found}
    functions = {function: label for _, function, label in sorted({_function(world.ontology, p) for p in _all(found)})}
    said = {spot: cells.said(propositions) for spot, propositions in found.items()}
    blocks: dict[str, dict[Spot, tuple[Said, ...]]] = {product: {} for product, _, _ in found}
    for spot, entries in said.items():
        blocks[spot[0]][spot] = entries
    weights = Counter(agent for _, _, agent in found)  # agents with most cells come first
    return Matrix(
        title=world.settings.title,
        agents=dict(sorted(agents.items(), key=lambda pair: (-weights[pair[0]], pair[1], pair[0]))),
        verdicts={id: term.label() for id, term in verdicts.items()},
        symbols={id: term.symbol for id, term in verdicts.items()},
        marks={id: (term.mark, term.label()) for id, term in with_mark(world).items()},
        blocks=tuple(
            _block(product, _name(world, product), functions, blocks[product])
            for product in sorted(blocks, key=lambda id: (not id, _name(world, id), id))
        ),
        as_of=world.as_of,
        known_by=world.known_by,
    )


def _gathered(teller: Teller, about: Container[str] | None) -> dict[Spot, list[Proposition]]:
    """Return the propositions of each cell."""
    found, world = defaultdict[Spot, list[Proposition]](list), teller.world
    for proposition in filter(teller.applies, world.propositions):
        for product, agent in _ends(world, proposition):
            if about is not None and product not in about and agent not in about:
                continue
            found[product, _function(world.ontology, proposition)[1], agent].append(proposition)
    return found


def _ends(world: World, proposition: Proposition) -> Iterator[tuple[str, str]]:
    """Yield product and agent of a proposition that belongs in the matrix."""
    agent, target = proposition.content.get("agent"), proposition.content.get("target")
    if not isinstance(agent, Ref) or "role" not in proposition.content:
        return
    if _axis(world, agent.id) != "column":
        return
    if isinstance(target, Ref):
        if _axis(world, target.id) == "block":
            yield target.id, agent.id
    elif proposition.term.function:
        yield "", agent.id


def _axis(world: World, id: str) -> str:
    """Return the ``kg:axis`` of an entity's type, or of the nearest superclass that has one."""
    ontology = world.ontology
    axes = (ontology.typed(EntityClass, iri).axis for iri in ontology.ancestors(world.entities[id].type.iri))
    return next(filter(None, axes), "")


def _function(ontology: Ontology, proposition: Proposition) -> tuple[int, str, str]:
    """Return position, id and label of a role's function; a role without a function is its own function."""
    term = proposition.term.function or proposition.term
    return term.position, term.notation, term.label()


class _Cells:
    """Builds the content of cells."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self._order = list(teller.world.ontology.of(Verdict))
        self._marked = with_mark(teller.world)

    def said(self, propositions: Iterable[Proposition]) -> tuple[Said, ...]:
        """Return the content of a cell per verdict, in the order of the verdicts."""
        groups: dict[str, list[Proposition]] = defaultdict(list)
        for proposition in propositions:
            groups[self._teller.judgements[proposition.iri].verdict.notation].append(proposition)
        return tuple(self._said(verdict, groups[verdict]) for verdict in sorted(groups, key=self._order.index))

    def _said(self, verdict: str, propositions: list[Proposition]) -> Said:
        teller = self._teller
        judged = [teller.judgements[p.iri] for p in propositions]
        saying = [claim for judgement in judged for claim in judgement.current or judgement.claims]
        opposing = [teller.judge.by_iri[o.claim] for judgement in judged for o in judgement.oppositions]
        sources, against = (tuple(sorted({claim.source.id for claim in claims})) for claims in (saying, opposing))
        origins = tuple(sorted(map(last_part, teller.judge.origins.witnesses(saying))))
        against_origins = tuple(sorted({*map(teller.origin, opposing)}))
        qualifiers = {term for judgement in judged for term in judgement.qualifiers}
        return Said(
            verdict=verdict,
            roles=tuple(dict.fromkeys(p.term.label() for p in propositions)),
            sentences=tuple(teller.sentences.sentence(p) for p in propositions),
            propositions=tuple(last_part(p.iri) for p in propositions),
            sources=sources,
            against=against,
            origins=origins,
            against_origins=against_origins,
            beside=tuple(id for id, term in self._marked.items() if term in qualifiers),
        )


def with_mark(world: World) -> dict[str, Qualifier]:
    """Return the qualifiers that have a mark, by id."""
    return {id: term for id, term in world.ontology.of(Qualifier).items() if term.mark}


def _block(product: str, label: str, functions: Mapping[str, str], said: Mapping[Spot, tuple[Said, ...]]) -> Block:
    cells: dict[str, dict[str, tuple[Said, ...]]] = {function: {} for function in functions}
    for (_, function, agent), entries in said.items():
        cells[function][agent] = entries
    return Block(product, label, tuple(Row(id, label, cells[id]) for id, label in functions.items()))


def _name(world: World, id: str) -> str:
    return world.entities[id].label(world.settings.languages) if id else NONE_NAMED


def _all(found: Mapping[Spot, list[Proposition]]) -> Iterator[Proposition]:
    return (proposition for propositions in found.values() for proposition in propositions)
