"""Judge a window of small data with the project's own judge: a world is made of its claims.

``judge`` takes and returns what ``window.py`` describes, so that a table of the rules that was written for another judge
can be run against this one (``test_rules_from_elsewhere.py``).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from window import Claim as Told
from window import Judgement as Judged
from window import Reason, Span, Window

from kg.ingestion.reading import read_records
from kg.judging.qualifiers import qualified
from kg.judging.runs import iso, ordinal
from kg.judging.verdicts import Judge, Judgement
from kg.model.dates import Date, date_between
from kg.model.errors import Location
from kg.model.iris import AUTOKG
from kg.model.ontology import Ontology, read_ontology
from kg.model.quantities import Quantity
from kg.model.terms import EntityType, Evidence, Modality, SourceKind, Stance
from kg.model.world import PROPOSITIONS, Claim, Clocks, Entity, Proposition, Ref, Settings, Source, Value, World

BASE = "https://example.org/w/"
NOWHERE = Location("window")
OWN = """
@prefix kg: <https://w3id.org/autokg/ns#> .
@prefix my: <https://example.org/w/term/> .
@prefix role: <https://w3id.org/autokg/role/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
my:importer a kg:Role ; skos:notation "importer" ; skos:prefLabel "importer"@en ; kg:needsLaunch kg:target .
my:cm a kg:Role ; skos:notation "cm" ; skos:prefLabel "cm"@en .
my:transfer a kg:EventType ; skos:notation "transfer" ; skos:prefLabel "transfer"@en ; kg:gives role:supplier .
"""
WORDS = {"developer": "model-developer", "start": "production-start", "stop": "production-end"}
MEASURES = {"sold": "units-sold", "delivered": "units-delivered"}
RULES = {
    "held by another": "3 held by two", "denied": "12 denied", "disputed": "12 disputed",
    "succession": "3 succession", "ended": "4 ended", "ended with it": "4 ended with its entity",
}  # fmt: skip
CLASHES = {
    "two-values": "12 two values", "part-above-whole": "12 part above its whole",
    "shorter-above-longer": "12 part above its whole", "parts-above-whole": "12 parts above their whole",
}  # fmt: skip
RELATIONS = ("built-at", "subsidiary-of")
ENDING = ("disputes", "corrects", "supersedes", "retracts")


@cache
def ontology() -> Ontology:
    """Return the ontology with the words of the tests that it does not have."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "ontology").mkdir()
        (folder / "ontology" / "own.ttl").write_text(OWN, "utf-8")
        (folder / "kg.yaml").write_text(f"title: t\nbase: {BASE}\n", "utf-8")
        return read_ontology(read_records(folder).ontology, [])


def judge(window: Window) -> dict[str, Judged]:
    """Judge every proposition of a window."""
    maker = Maker(window)
    world = maker.world()
    return {_last(iri): maker.result(judgement) for iri, judgement in qualified(Judge(world)).items()}


class Maker:
    """Makes a world of the claims of a window, and puts judgements into the words of windows."""

    def __init__(self, window: Window) -> None:
        """Name the propositions of the claims."""
        self.window, self.entities = window, dict[str, Entity]()
        self.propositions = {told.id: told.proposition for told in window.claims}

    def world(self) -> World:
        """Return the world, as of the day of the window."""
        claims = (*map(self.claim, self.window.claims), *self.wholes())
        sources = {claim.source.id: claim.source for claim in claims}
        clocks = Clocks(as_of=iso(self.window.as_of), known_by="2099-01-01")
        return World(Settings("t", BASE), ontology(), self.entities, sources, claims, clocks)

    def wholes(self) -> Iterator[Claim]:
        """Yield a claim for everything that is counted in the total of another."""
        for part, wholes in self.window.wholes.items():
            for whole in wholes:
                name = f"{part} in {whole}"
                self.propositions[name] = name
                told = Told(name, name, (1, 1), kind="event", said_by=("a third",))
                relation = {"relation": ontology().predicates(ontology().kinds["relation"])["part-of-total"]}
                ends = {"subject": self.entity(part, "firm"), "object": self.entity(whole, "firm")}
                yield replace(
                    self.claim(self.window.claims[0]),
                    iri=_claim_iri(name),
                    links={},
                    proposition=self.made(told, {**relation, **ends}),
                )

    def claim(self, told: Told) -> Claim:
        """Return a claim of a source of its own; those in the same words share a source and a place."""
        speaker, publisher = (self.entity((told.said_by or (told.id,))[place], "media") for place in (0, -1))
        kind = ontology().of(SourceKind)["editor" if told.editor else "article"]
        name = told.wording or told.id
        facts = {"title": "t", "publisher": publisher, "published": _date(told.published), "kind": kind}
        source = Source(name, f"{BASE}source/{name}", facts, NOWHERE)
        said: dict[str, Value] = {
            "said-by": speaker,
            "stance": ontology().of(Stance)["takes-back" if told.stance == "none" else told.stance],
            "modality": ontology().of(Modality)[told.modality],
            "evidence": ontology().of(Evidence)["unnamed-source" if told.weak else "narration"],
        }
        said |= {"at": told.wording} if told.wording else {}
        said |= {"plan-of": self.entity(told.holder, "media")} if told.holder and told.kind == "figure" else {}
        links = {key: tuple(map(_claim_iri, told.links[key])) for key in ENDING if told.links.get(key)}
        return Claim(_claim_iri(told.id), source, self.proposition(told), said, links, NOWHERE)

    def proposition(self, told: Told) -> Proposition:
        """Return what a claim says, in words of the ontology."""
        content = dict(self.content(told))
        for key, span in (("when", told.when), ("from", told.from_), ("until", told.until)):
            content |= {key: _date(span)} if span else {}
        return self.made(told, content)

    def made(self, told: Told, content: dict[str, Any]) -> Proposition:
        """Return a proposition with its slot."""
        kind = next(kind for name, kind in ontology().kinds.items() if name in content)
        term = content[kind.named_by.notation]
        term = ontology().predicates(kind)[term] if isinstance(term, str) else term
        content[kind.named_by.notation] = term
        figure = told.kind == "figure" and f"{told.measure} {told.thing} {told.when}"
        slot = f"{BASE}slot/{told.slot or told.once or figure or told.proposition}"
        return PROPOSITIONS[kind.notation](f"{BASE}proposition/{told.proposition}", slot, kind, term, content)

    def content(self, told: Told) -> Iterator[tuple[str, Any]]:
        """Yield the keys of what a claim says, without its dates."""
        if pair := told.links.get("sets") or told.links.get("settles"):
            word = "compatible-with" if "settles" in told.links else "in-tension-with"
            yield from (("subject", Ref(_claim_iri(pair[0]), pair[0])), ("relation", word))
            yield "object", Ref(_claim_iri(pair[1]), pair[1])
        elif told.kind == "state":
            yield from self.state(told)
        elif told.kind == "event":
            yield from self.event(told)
        else:
            yield from (
                ("about", self.entity(told.thing, "firm")),
                ("measure", MEASURES.get(told.measure, "valuation")),
            )
            if told.amount:
                yield "value", _quantity(*told.amount)

    def state(self, told: Told) -> Iterator[tuple[str, Any]]:
        """Yield the keys of a role or a relation."""
        who, word, what = told.slot.split() if len(told.slot.split()) == 3 else (told.holder, "supplier", "x")
        if word in RELATIONS:
            yield from (
                ("subject", self.entity(who, "firm")),
                ("relation", word),
                ("object", self.entity(what, "firm")),
            )
            return
        yield from (("agent", self.entity(who, "firm")), ("role", WORDS.get(word, word)))
        yield "target", self.entity(what, "model")
        if told.amount:
            yield "share", _quantity(*told.amount)

    def event(self, told: Told) -> Iterator[tuple[str, Any]]:
        """Yield the keys of an event."""
        word, _, thing = (told.once or told.proposition).partition(" ")
        yield "event", WORDS.get(word, word)
        if told.gives:
            taker, _, about = told.gives.split()
            yield from (("agent", self.entity(taker, "firm")), ("about", self.entity(about, "brand")))
        elif word == "merger":
            yield "parties", tuple(self.entity(name, "firm") for name in thing.split()[0].split("|"))
            yield "into", self.entity("another", "firm")
        else:
            yield "about", self.entity(thing.split()[0], "firm")

    def entity(self, name: str, type_: str) -> Ref:
        """Return a reference to an entity, which is made on first use."""
        ref = Ref(f"{BASE}id/{name}", name)
        self.entities.setdefault(
            name,
            Entity(
                name,
                ref.iri,
                ontology().of(EntityType)[type_],
                {"en": name},
                {"stands-for": "any"} if name == "any" else {},
                NOWHERE,
            ),
        )
        return ref

    def result(self, found: Judgement) -> Judged:
        """Return a judgement in the words of windows."""
        beside: dict[str, list[Reason]] = {term.notation: [] for term in found.qualifiers}
        for pair in found.beside:
            beside[pair.qualifier].append(self.reason(pair.rule, pair.claim, pair.other, pair.said_in))
        reasons = {self.reason(o.why, o.against, o.claim, o.said_in) for o in found.oppositions}
        reasons |= {self.reason(bound.rule, bound.claim, bound.by) for bound in found.bounds}
        reasons |= {
            self.reason(f"13 {ending.verdict.notation}", claim, by)
            for claim, ending in found.endings
            for by in ending.by
        }
        seen = found.last_seen
        return Judged(
            found.verdict.notation,
            {
                name: tuple(sorted(mine))
                for name, mine in sorted(beside.items())
                if name not in ("corroborated", "no-comment")
            },
            found.holds,
            (ordinal(seen.lower, 0), ordinal(seen.upper, 0)) if seen else None,
            found.is_firm,
            tuple(sorted(reasons)),
        )

    def reason(self, rule: str, claim: str, other: str, said_in: str = "") -> Reason:
        """Return a reason by the names of its claims."""
        said = "" if said_in in ("", other) else _last(said_in)
        said = next((told.id for told in self.window.claims if told.id == _last(other) and told.editor), said)
        return Reason(
            {**RULES, **CLASHES}.get(rule, rule), _last(claim), _last(other), self.propositions[_last(other)], said
        )


def _last(iri: str) -> str:
    return iri.rsplit("/", 1)[1]


def _claim_iri(id: str) -> str:
    return f"{BASE}claim/{id}"


def _date(span: Span) -> Date:
    return date_between(iso(span[0]), iso(span[1]))


def _quantity(least: float, most: float) -> Quantity:
    greatest = None if least == most else Decimal(str(most))
    return Quantity(str(least), "=", Decimal(str(least)), greatest, f"{AUTOKG}unit/vehicles", "")
