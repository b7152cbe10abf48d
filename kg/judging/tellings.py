"""What a claim tells of time: the small data on which the rules of ``periods`` work.

Everything that these rules need of the ontology is looked up here: which ends bound a claim, what only one can hold,
which events begin or end an entity, or bring it to market.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from kg.judging.runs import FOREVER, Run, Span, make_run, span_of
from kg.model.dates import Date
from kg.model.iris import AUTOKG
from kg.model.quantities import Quantity
from kg.model.terms import Key
from kg.model.world import Claim, Facts, Participation, Proposition, Ref, Relation, canonical

STATED = AUTOKG + "verdict/stated"
TIME_KEYS = frozenset({"when", "from", "until", "by"})
UNPLACED = frozenset({"agent", "counterparty", "only", "extent", "share", "within", "place", *TIME_KEYS})
SLOT = frozenset({"agent", "role", "target", "subject", "relation", "object", *TIME_KEYS})
PARTIAL = ("territory", "segment")  # what comes to market in one of these may be on another
SIDES = ("agent", "target", "counterparty", "subject", "object")
Slot = tuple[str, str, str]  # the near end, the term, the far end
Manner = frozenset[tuple[str, str]]  # what narrows a slot: keys and values
Turn = Literal["founded", "launched", "ended", "replaced"]


class Life(NamedTuple):
    """The beginning or end of an entity, or that another takes its place: when, and the claim that tells it."""

    entity: str
    turn: Turn
    day: Span
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What a claim tells of time. Names are IRIs; "" or empty where there is none.

    ``slot`` and ``manner`` say what begins and ends; ``place`` what only one ``holder`` can hold at a time, if
    ``exclusive``. ``wording`` is the source and the place in it. ``entities`` bound it by their beginnings and ends,
    ``needs`` by when they come to market. ``amount`` is a share, in per cent. ``gives`` are slots that an event begins.
    """

    claim: str
    proposition: str
    published: Span
    when: Span | None = None
    begin: Span | None = None
    until: Span | None = None
    remains: bool = False
    slot: Slot | None = None
    manner: Manner = frozenset()
    place: tuple[str, ...] = ()
    holder: str = ""
    exclusive: bool = False
    wording: tuple[str, ...] = ()
    amount: tuple[float, float] | None = None
    entities: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    gives: tuple[Slot, ...] = ()

    def run(self) -> Run:
        """Return the days that it tells by itself."""
        return make_run(self.published, self.when, self.begin, self.until, remains=self.remains)


def tells_fact(claim: Claim) -> bool:
    """Return whether a claim asserts its proposition as a fact, not as a plan or a policy."""
    return claim.stance.notation == "asserts" and claim.modality.verdict.iri == STATED


def telling(claim: Claim) -> Telling:
    """Return what a claim tells of time."""
    said = claim.proposition
    content, term = said.content, said.term
    when, begin, until = (_span(content, key) for key in ("when", "from", "until"))
    return Telling(
        claim=claim.iri,
        proposition=said.iri,
        published=span_of(claim.source.published),
        when=when,
        begin=begin,
        until=until,
        remains=said.kind.remains,
        slot=slot_of(said),
        manner=frozenset((key, canonical(value)) for key, value in content.items() if key not in SLOT),
        place=place_of(said),
        holder=said.agent.iri if isinstance(said, Participation) else "",
        exclusive=is_only(said),
        wording=_wording(claim),
        amount=_share(content),
        entities=tuple(_bounding(said)),
        needs=tuple(ref.iri for key in term.needs_launch if (ref := said.ref(key.notation))),
        gives=tuple(_given(said)),
    )


def bears(life: Life, told: Telling) -> bool:
    """Return whether a beginning or an end of an entity can bound what is told of it, or clash with it."""
    run = told.run()
    if life.by == told.claim:
        return False
    if life.turn == "ended":
        return life.entity in told.entities and (not told.remains or run.start[0] > life.day[1])
    if life.turn == "replaced":
        return life.entity in told.entities and run.start[0] > life.day[1]
    needed = told.needs if life.turn == "launched" else told.entities
    return life.entity in needed and (run.start[0] < life.day[1] or run.start[0] == -FOREVER)


def lives(claims: Iterable[Claim]) -> Iterator[Life]:
    """Yield the beginnings and ends of entities that some claims tell with a date."""
    for claim in claims:
        term, content = claim.proposition.term, claim.proposition.content
        day = _span(content, "when") or _span(content, "from")
        if day is None or not (turns(claim.proposition) or term.gives_way):
            continue
        kinds: tuple[tuple[Turn, tuple[Key, ...]], ...] = (
            ("founded", term.begins),
            ("launched", term.launches),
            ("ended", term.ends),
            ("replaced", term.gives_way),
        )
        partial = any(key in content for key in PARTIAL)
        for turn, keys in kinds:
            if turn == "launched" and partial:
                continue
            yield from (Life(iri, turn, day, claim.iri) for key in keys for iri in _turning(claim.proposition, key))


def turns(said: Proposition) -> bool:
    """Return whether a proposition says that an entity begins, comes to market or ends."""
    return bool(said.term.begins or said.term.ends or said.term.launches)


def _turning(said: Proposition, key: Key) -> Iterator[str]:
    """Yield the entities that begin or end with an event, but not the one that goes on."""
    survivor = said.term.survivor
    goes_on = said.ref(survivor.notation) if survivor else None
    if survivor and goes_on is None:
        return
    value = said.content.get(key.notation)
    for member in value if isinstance(value, tuple) else (value,):
        if isinstance(member, Ref) and member != goes_on:
            yield member.iri


def slot_of(said: Proposition) -> Slot | None:
    """Return what a role or a relation is about, without time and manner."""
    if isinstance(said, Participation):
        return said.agent.iri, said.term.iri, said.target.iri if said.target else ""
    return (said.subject.iri, said.term.iri, said.object.iri) if isinstance(said, Relation) else None


def place_in(slot: Slot) -> tuple[str, ...]:
    """Return the place that a role takes, without further keys, as ``place_of`` does."""
    _, role, target = slot
    return f"role={role}", f"target={target}"


def place_of(said: Proposition) -> tuple[str, ...]:
    """Return the role, target and narrowing keys that only one agent can have at a time; empty if there is none."""
    if not isinstance(said, Participation) or said.target is None:
        return ()
    content = sorted(said.content.items())
    return tuple(f"{key}={canonical(value)}" for key, value in content if key not in UNPLACED)


def is_only(said: Proposition) -> bool:
    """Return whether a proposition says that nobody else holds a role."""
    return said.term.exclusive or said.content.get("only") == "agent"


def _bounding(said: Proposition) -> Iterator[str]:
    """Yield the entities whose beginnings and ends bound what is said."""
    for key in () if said.term.timeless else (*SIDES, "about"):
        if (ref := said.ref(key)) and not (key == "about" and turns(said)):
            yield ref.iri


def _given(said: Proposition) -> Iterator[Slot]:
    """Yield the slots that begin with an event: the agent takes a role towards what the event is about."""
    agent, about = said.ref("agent"), said.ref("about")
    if agent and about:
        yield from ((agent.iri, role.iri, about.iri) for role in said.term.gives)


def _wording(claim: Claim) -> tuple[str, ...]:
    """Return the source and the words of a claim, or () if it does not say where in the source it is."""
    at = claim.text("at")
    return (claim.source.iri, at, claim.text("term"), claim.text("quote")) if at else ()


def _share(content: Facts) -> tuple[float, float] | None:
    """Return the least and the greatest share that a proposition allows, in per cent."""
    share = content.get("share")
    if not isinstance(share, Quantity) or share.number is None:
        return None
    least, most = float(share.number), float(share.upper if share.upper is not None else share.number)
    return (0.0 if share.comparator[0] == "<" else least), (100.0 if share.comparator[0] == ">" else most)


def _span(content: Facts, key: str) -> Span | None:
    value = content.get(key)
    return span_of(value) if isinstance(value, Date) else None
