"""Prepare what pages show of entities, sources and propositions.

Input: a site and an id. Output: plain values for a template.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from kg.model.properties import Term
from kg.model.terms import Verdict
from kg.model.world import Entity, Ref, Source, Value
from kg.reports.claim_text import marked
from kg.reports.telling import word
from kg.server.name_search import names_of
from kg.server.snapshot import Site

Fact = dict[str, Any]
T = TypeVar("T")


def fact(site: Site, name: str) -> Fact:
    """Return a proposition by the last part of its IRI: the picture's data, plus kind and verdict in words."""
    ontology = site.graph.world.ontology
    told = site.facts[name]
    verdict, qualifiers = ontology.of(Verdict)[told["verdict"]], ontology.terms("Qualifier")
    return {
        **told,
        "id": name,
        "verdict_label": verdict.label(),
        "marked": marked(verdict.label(), told["sentence"]),
        "meaning": verdict.comment,
        "qualifier_words": [word(term) for id, term in qualifiers.items() if id in told["qualifiers"]],
        "kind_label": site.propositions[name].kind.label(),
        "why": _why(told),
    }


def _why(told: Fact) -> str:
    """Return how many claims take which stance, how many oppose, and the number of sources, and of origins if fewer."""
    stances = Counter(claim["stance"] for claim in told["claims"])
    against = len({one["claim"] for one in told["opposed_by"]})
    sources = len({claim["source"]["id"] for claim in told["claims"]})
    parts = [*(f"{number} × {stance}" for stance, number in stances.items()), *([f"{against} against"] * bool(against))]
    origins = len({claim["origin"] for claim in told["claims"]} - {"unknown"})
    fewer = f", {origins} origin{'' if origins == 1 else 's'}" if origins < sources else ""
    return f"{', '.join(parts)}; {sources} source{'' if sources == 1 else 's'}{fewer}"


def facts(site: Site, names: Iterable[str]) -> list[Fact]:
    """Return propositions, sorted by sentence."""
    return sorted((fact(site, name) for name in names), key=lambda told: (told["sentence"], told["id"]))


def grouped(told: Iterable[T], *, key: Callable[[T], str]) -> dict[str, list[T]]:
    """Return values by heading; headings and values keep their order."""
    groups: dict[str, list[T]] = {}
    for one in told:
        groups.setdefault(key(one), []).append(one)
    return groups


def entity(site: Site, found: Entity) -> dict[str, Any]:
    """Return the data of an entity, without its propositions."""
    world = site.graph.world
    label = found.label(world.settings.languages)
    return {
        "id": found.id,
        "iri": found.iri,
        "label": label,
        "type": found.type.label(),
        "names": [(language, name) for language, name in found.names.items()],
        "others": [name for name in names_of(found) if name not in found.names.values() and name != found.id],
        "rows": list(_rows(site, found.facts, leave=("type", "aka"))),
        "box": found.id if found.id in site.drawn else "",
        "questions": [
            (question.title, f"/questions/{question.name}?{parameter.name}={found.id}")
            for question in site.graph.questions.values()
            for parameter in question.parameters[:1]
            if parameter.kind == "entity"
        ],
    }


def source(site: Site, found: Source) -> dict[str, Any]:
    """Return the data of a source, with the propositions that it makes claims about."""
    claimed = {claim.proposition.iri.rpartition("/")[2] for claim in site.graph.world.claims if claim.source is found}
    return {
        "id": found.id,
        "iri": found.iri,
        "label": str(found.facts["title"]),
        "rows": list(_rows(site, found.facts, leave=("title",))),
        "facts": facts(site, claimed),
    }


def _rows(
    site: Site, known: Mapping[str, Value], *, leave: tuple[str, ...]
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield the label of each key with its values, each as text and address."""
    keys = {**site.graph.world.ontology.keys("source"), **site.graph.world.ontology.keys("entity")}
    for name, value in known.items():
        if name not in leave:
            members = value if isinstance(value, tuple) else (value,)
            yield keys[name].label() if name in keys else name, [shown(site, member) for member in members]


def shown(site: Site, value: Value) -> tuple[str, str]:
    """Return the text of a value and the address that it links to, or "" if it has none."""
    if isinstance(value, Ref):
        bearer = site.matcher.bearers.get(value.id)
        return (bearer.label, f"/id/{value.id}") if bearer else (value.id, value.iri)
    if isinstance(value, Term):
        return value.label(), ""
    text = str(value)
    return text, text if text.startswith(("https://", "http://")) else ""


def timeline(told: Iterable[Fact]) -> list[tuple[str, Fact]]:
    """Return the propositions with a date, sorted by date."""
    dated = ((one["period"][0] or one["period"][1], one) for one in told if one["when"])
    return sorted(dated, key=lambda pair: (pair[0], pair[1]["sentence"]))


def neighbours(site: Site, id: str, told: Iterable[Fact]) -> list[tuple[str, str, int]]:
    """Return the entities that share facts with an entity: id, label, number of facts; most first."""
    counts = Counter(node for one in told for node in one["nodes"] if node != id)
    found = [(node, site.matcher.bearers[node].label, number) for node, number in counts.items()]
    return sorted(found, key=lambda one: (-one[2], one[1]))
