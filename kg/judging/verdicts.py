"""Derive a verdict per proposition from the claims, by the published rule (docs/verdicts.md).

The result depends only on the set of claims, not on their order or the clock. The ontology defines the weight of
modalities and kinds of evidence, and the precedence of verdicts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from kg.judging.origins import Descent, Origins
from kg.judging.plans import Outcome, outcomes
from kg.model.dates import Certainty, Date, inside, overlap, reaches
from kg.model.iris import AUTOKG
from kg.model.properties import Term
from kg.model.terms import Verdict
from kg.model.world import Claim, Participation, Proposition, Ref, Relation, Value, World, canonical

VERDICT = AUTOKG + "verdict/"
EDITOR = AUTOKG + "source-kind/editor"
TIME_KEYS = frozenset({"when", "from", "until", "by"})
UNPLACED = frozenset({"agent", "counterparty", "only", "extent", "share", "within", "place", *TIME_KEYS})
ANCHORS = ("agent", "subject", "about", "parties")
OTHER_ENDS = ("target", "object")


@dataclass(frozen=True, order=True, slots=True)
class Opposition:
    """One reason against an assertion: the opposing claim, the opposed claim, why, and the claim that says so."""

    claim: str
    against: str
    why: str
    said_in: str


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a claim no longer counts: the resulting verdict, and the claims that ended it."""

    verdict: Term
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """The result for a proposition: its verdict and its qualifiers.

    ``claims`` are all its claims, ``oppositions`` the reasons against the current ones, ``endings`` what ended the
    others. ``outcome`` is set if it is a plan.
    """

    verdict: Term
    claims: tuple[Claim, ...]
    oppositions: tuple[Opposition, ...]
    endings: tuple[tuple[str, Ending], ...] = ()
    qualifiers: tuple[Term, ...] = ()
    outcome: Outcome | None = None

    @property
    def current(self) -> list[Claim]:
        """Return the claims that still count."""
        ended = {claim for claim, _ in self.endings}
        return [claim for claim in self.claims if claim.iri not in ended]


class Judge:
    """Applies the rule to one world."""

    def __init__(self, world: World, descent: Descent | None = None) -> None:
        """Index the claims, and find those that still count; ``descent`` is as in ``Origins``."""
        self.world, self.descent = world, descent
        self.by_iri = {claim.iri: claim for claim in world.claims}
        self.retired = _retired(world, self.by_iri)
        self.current = [claim for claim in world.claims if claim.iri not in self.retired]
        self.asserted = [claim for claim in self.current if asserts(claim)]
        self.by_proposition: dict[str, list[Claim]] = {}
        for claim in world.claims:
            self.by_proposition.setdefault(claim.proposition.iri, []).append(claim)

    @cached_property
    def judgements(self) -> Mapping[str, Judgement]:
        """Return the judgement of every proposition by its IRI."""
        oppositions: dict[str, set[Opposition]] = {}
        for opposition in self._oppositions():
            oppositions.setdefault(self.by_iri[opposition.against].proposition.iri, set()).add(opposition)
        return {p.iri: self._judge(p, oppositions.get(p.iri, ())) for p in self.world.propositions}

    def _judge(self, proposition: Proposition, oppositions: Collection[Opposition]) -> Judgement:
        claims = self.by_proposition[proposition.iri]
        if len(claims) == 1 and not oppositions and not self.retired and asserts(claims[0]):  # nearly all
            return Judgement(worth(self.world, claims[0]), tuple(claims), (), ())
        claims = sorted(claims, key=lambda claim: claim.iri) if len(claims) > 1 else claims
        ended = [claim for claim in claims if claim.iri in self.retired] if self.retired else []
        current = [claim for claim in claims if claim.iri not in self.retired] if ended else claims
        asserted = [claim for claim in current if asserts(claim)]
        endings = tuple([(claim.iri, self.retired[claim.iri]) for claim in ended])
        opposed = tuple(sorted(oppositions))
        if asserted:
            verdict = (
                self._verdict("contested") if opposed else _first([worth(self.world, claim) for claim in asserted])
            )
        elif any(denies(claim) for claim in current):
            verdict = self._verdict("denied")
        else:
            verdict = _first(ending.verdict for _, ending in endings) if endings else self._verdict("declined")
        return Judgement(verdict, tuple(claims), opposed, endings)

    def _verdict(self, name: str) -> Term:
        return self.world.ontology.term(VERDICT + name)

    @cached_property
    def origins(self) -> Origins:
        """Return the origins of the claims."""
        return Origins(self.world, self.descent)

    @cached_property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Return the outcome of every plan, by status and due day."""
        return outcomes(self.world, self.current)

    @cached_property
    def settlements(self) -> Mapping[frozenset[str], Claim]:
        """Return the current claims that settle a conflict, by the pair of claims that each names."""
        found: dict[frozenset[str], Claim] = {}
        for claim in self.asserted:
            if isinstance(relation := claim.proposition, Relation) and relation.term.settles:
                found.setdefault(frozenset((relation.subject.iri, relation.object.iri)), claim)
        return found

    # ------------------------------------------------------------ oppositions

    def _oppositions(self) -> Iterator[Opposition]:
        yield from self._denials()
        yield from self._disputes()
        yield from self._tensions()
        yield from self._exclusions()

    def _denials(self) -> Iterator[Opposition]:
        denials = [claim for claim in self.current if denies(claim)]
        for denial, claim in covering(self.world, denials, self.asserted):
            yield Opposition(denial.iri, claim.iri, "denied", denial.iri)

    def _disputes(self) -> Iterator[Opposition]:
        for claim in self.current:
            for iri in claim.links.get("disputes", ()):
                if iri not in self.retired and asserts(self.by_iri[iri]):
                    yield Opposition(claim.iri, iri, "disputed", claim.iri)

    def _tensions(self) -> Iterator[Opposition]:
        """Yield both directions of every current claim that sets two claims against each other."""
        for claim in self.asserted:
            relation = claim.proposition
            if not isinstance(relation, Relation) or not relation.term.sets:
                continue
            both = (relation.subject.iri, relation.object.iri)
            for one, other in (both, both[::-1]):
                if not {one, other} & self.retired.keys() and asserts(self.by_iri[other]):
                    yield Opposition(one, other, "set against", claim.iri)

    def _exclusions(self) -> Iterator[Opposition]:
        for holder, other in excluding(self.asserted):
            yield Opposition(holder.iri, other.iri, "held by another", holder.iri)


def covering(world: World, denials: Iterable[Claim], asserted: Iterable[Claim]) -> Iterator[tuple[Claim, Claim]]:
    """Yield each denial with each assertion that it covers."""
    by_ends: dict[tuple[str, str], list[Claim]] = {}
    for claim in denials:
        near, far = (_anchor(world, claim.proposition, keys) for keys in (ANCHORS, OTHER_ENDS))
        by_ends.setdefault((near, far), []).append(claim)
    for claim in asserted if by_ends else ():
        content = claim.proposition.content
        nears, fars = (
            {canonical(content[key]) for key in keys if key in content} | {""} for keys in (ANCHORS, OTHER_ENDS)
        )
        for denial in (denial for ends in product(nears, fars) for denial in by_ends.get(ends, ())):
            if covers(world, denial.proposition, claim.proposition):
                yield denial, claim


def _anchor(world: World, proposition: Proposition, keys: Iterable[str]) -> str:
    """Return an entity by which a denial is indexed, or "" if it names none, or one that represents its whole type.

    A wider denial can name fewer entities than the assertion, so it is looked up by each entity of the assertion.
    """
    value = next((value for key in keys if (value := proposition.content.get(key))), "")
    return "" if isinstance(value, Ref) and _any(world, value) else canonical(value)


def excluding(asserted: Iterable[Claim]) -> Iterator[tuple[Claim, Claim]]:
    """Yield, for an exclusive role, each holder with each other holder at the same time."""
    for claims in places(asserted):
        for holder in filter(_is_exclusive, claims):
            for other in claims:
                if _differs(holder.proposition, other.proposition):
                    yield holder, other


def places(claims: Iterable[Claim]) -> Iterator[list[Claim]]:
    """Yield the claims of each place that only one can hold, where there are several."""
    found: dict[tuple[str, ...], list[Claim]] = {}
    for claim in claims:
        if place := _place(claim.proposition):
            found.setdefault(place, []).append(claim)
    yield from (mine for mine in found.values() if len(mine) > 1 and any(_is_only(c.proposition) for c in mine))


def _is_only(proposition: Proposition) -> bool:
    """Return whether a proposition says that nobody else holds a role."""
    return proposition.term.exclusive or proposition.content.get("only") == "agent"


def _is_exclusive(claim: Claim) -> bool:
    """Return whether a claim states as a fact that nobody else holds a role."""
    return _is_only(claim.proposition) and claim.modality.verdict.iri == VERDICT + "stated"


def _differs(mine: Proposition, theirs: Proposition) -> bool:
    """Return whether two propositions name different holders at times that overlap."""
    return canonical(mine.content["agent"]) != canonical(theirs.content["agent"]) and overlap(
        mine.period, theirs.period
    )


def asserts(claim: Claim) -> bool:
    """Return whether the claim asserts its proposition."""
    return claim.stance.notation == "asserts"


def denies(claim: Claim) -> bool:
    """Return whether the claim denies its proposition."""
    return claim.stance.notation == "denies"


def is_weak(world: World, claim: Claim) -> bool:
    """Return whether the claim rests only on unnamed or second-hand evidence."""
    return claim.evidence.weak or not world.ontology.weak_keys.isdisjoint(claim.facts)


def worth(world: World, claim: Claim) -> Verdict:
    """Return the verdict of an unopposed assertion, from its modality and the strength of its evidence."""
    when_weak = claim.modality.verdict_when_weak
    return when_weak if when_weak and is_weak(world, claim) else claim.modality.verdict


def covers(world: World, wider: Proposition, narrower: Proposition) -> bool:
    """Return whether denying the wider proposition denies the narrower one: the published subsumption rule.

    The narrower proposition must have every content key of the wider one, with the same value, a narrower term, or an
    entity of the type whose every member the wider one's entity stands for; and their periods must overlap.
    """
    if wider.iri == narrower.iri:
        return True
    if wider.kind.iri != narrower.kind.iri or not overlap(wider.period, narrower.period):
        return False
    return all(
        key in narrower.content and _within(world, value, narrower.content[key])
        for key, value in wider.content.items()
        if key not in TIME_KEYS or not isinstance(value, Date)
    )


def supports(world: World, finer: Proposition, coarser: Proposition) -> bool:
    """Return whether asserting the finer proposition asserts the coarser one.

    Both must be in the same slot, and the finer one must have every key of the coarser one, with the same value, a
    narrower term, or a date that lies inside. Figures support only themselves.
    """
    if finer.iri == coarser.iri:
        return True
    if finer.slot != coarser.slot or coarser.kind.whole_only:
        return False
    return all(
        key in finer.content and _refines(world, value, finer.content[key]) for key, value in coarser.content.items()
    )


def _refines(world: World, coarser: Value, finer: Value) -> bool:
    if isinstance(coarser, Date) and isinstance(finer, Date):
        return inside(finer, coarser)
    return _within(world, coarser, finer)


def _within(world: World, wider: Value, narrower: Value) -> bool:
    if isinstance(wider, Term) and isinstance(narrower, Term):
        return wider.iri in world.ontology.broader(narrower.iri)
    if isinstance(wider, Ref) and isinstance(narrower, Ref) and _any(world, wider):
        entity = world.entities.get(narrower.id)
        return entity is not None and world.ontology.is_a(entity.type.iri, (world.entities[wider.id].type.iri,))
    return canonical(wider) == canonical(narrower)


def _any(world: World, ref: Ref) -> bool:
    entity = world.entities.get(ref.id)
    return entity is not None and entity.stands_for_any


def _place(proposition: Proposition) -> tuple[str, ...]:
    """Return the role, target and narrowing keys that only one agent can have at a time; empty if there is none."""
    if not isinstance(proposition, Participation) or proposition.target is None:
        return ()
    content = sorted(proposition.content.items())
    return tuple(f"{key}={canonical(value)}" for key, value in content if key not in UNPLACED)


def _first(verdicts: Iterable[Term]) -> Term:
    return min(verdicts, key=lambda verdict: verdict.position)


def _retired(world: World, by_iri: Mapping[str, Claim]) -> dict[str, Ending]:
    """Return the claims that a later claim ended; a retraction can itself be retracted."""
    keys = world.ontology.keys("claim")
    enders: dict[str, list[tuple[str, Term]]] = {}
    for claim in by_iri.values():
        for key, targets in claim.links.items():
            if verdict := keys[key].retires:
                for target in targets:
                    enders.setdefault(target, []).append((claim.iri, verdict))
    retired: dict[str, Ending] = {}
    for iri in sorted(enders, key=lambda iri: (_depth(enders, iri, frozenset()), iri)):
        counting = [(ender, verdict) for ender, verdict in enders[iri] if ender not in retired]
        if counting:
            by = tuple(sorted({ender for ender, _ in counting}))
            retired[iri] = Ending(_first(verdict for _, verdict in counting), by)
    return retired


def _depth(enders: Mapping[str, list[tuple[str, Term]]], iri: str, path: frozenset[str]) -> int:
    """Return the length of the chain of claims that end a claim; shorter chains are judged first."""
    if iri in path:
        return 0
    return 1 + max((_depth(enders, ender, path | {iri}) for ender, _ in enders.get(iri, ())), default=-1)


def holds(proposition: Proposition, day: str) -> Certainty:
    """Return whether a proposition holds on a day, regardless of its deadline: "yes", "no" or "possibly".

    A state holds from its begin until its end, or indefinitely if no end is known. What happened or was measured holds
    from its time on. Without a begin the answer is never "yes".
    """
    dates = {key: d for key in ("when", "from", "until") if isinstance(d := proposition.content.get(key), Date)}
    first, last = proposition.period
    if proposition.kind.remains:
        return reaches(day, (first, max((d.upper for d in dates.values()), default="")), ("", ""))
    begun = max((d.upper for key, d in dates.items() if key != "until"), default="")
    ending = min((d.lower for key, d in dates.items() if key != "from" and d.lower), default="")
    return reaches(day, (first, begun), (ending, last))
