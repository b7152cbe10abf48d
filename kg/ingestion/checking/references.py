"""Resolve references between claims: turn drafts of rows into linked claims.

A row may answer, dispute, correct, supersede, retract or withdraw another, or relate two others; a claim is built after
the claims it refers to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from kg.ingestion.checking.values import Scope, is_id
from kg.ingestion.reading import Cell, Row
from kg.model.dates import Date
from kg.model.terms import Kind, Predicate
from kg.model.world import Claim, Facts, Proposition, Ref, Source, Value, make_proposition, name_claim, period_of

LINKS = "claims"
POINTER = "re"


@dataclass(slots=True)
class Draft:
    """A claim row being read: the values so far, and the references still to resolve."""

    row: Row
    source: Source
    kind: Kind | None = None
    term: Predicate | None = None
    content: dict[str, Value] = field(default_factory=dict)
    wording: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Value] = field(default_factory=dict)
    waiting: dict[str, Cell] = field(default_factory=dict)
    links: dict[str, list[Draft]] = field(default_factory=dict)
    sound: bool = True  # the row has no errors
    claim: Claim | None = None


def resolve_claims(scope: Scope, drafts: list[Draft]) -> list[Claim]:
    """Return the claims built from drafts, with their references; errors are reported."""
    handles = _handles(scope, drafts)
    for draft in drafts:
        _link(scope, draft, handles)
    _resolve(scope, drafts)
    claims = [_linked(scope, draft) for draft in drafts if draft.claim]
    _check_doubles(scope, claims)
    return claims


def _handles(scope: Scope, drafts: Iterable[Draft]) -> dict[str, Draft]:
    """Return drafts by ``source/handle``, reporting handles that appear twice in a source."""
    handles: dict[str, Draft] = {}
    for draft in drafts:
        handle = draft.facts.get("id")
        if isinstance(handle, str):
            first = handles.setdefault(f"{draft.source.id}/{handle}", draft)
            if first is not draft:
                message = f"the id '{handle}' stands twice (first at {first.row.where('id')})"
                scope.report(draft.row.where("id"), "KG110", message, "two rows need two ids")
    return handles


def _find(scope: Scope, draft: Draft, cell: Cell, text: str, handles: Mapping[str, Draft]) -> Draft | None:
    """Return the draft that a reference points to: ``id`` in the same source, or ``source/id``."""
    full = text if "/" in text else f"{draft.source.id}/{text}"
    found = handles.get(full)
    if found is draft:
        scope.report(cell.place, "KG105", f"'{text}' is this very row", "a row refers to another")
        return None
    if found is None and _knows_claims_of(scope, full.partition("/")[0]):
        near = scope.nearest(full, handles)
        if not is_id(near.partition("/")[0]):
            return None
        near = near.removeprefix(f"{draft.source.id}/")
        hint = f"did you mean '{near}'?" if near else "give the claim an id, and name it as id or source/id"
        if text in scope.types:
            hint = f"'{text}' is an entity; here stands a claim, as id or source/id"
        scope.report(cell.place, "KG105", f"no claim '{text}'", hint)
    return found


def _knows_claims_of(scope: Scope, source: str) -> bool:
    place = scope.sources.get(source)
    return place.file not in scope.unread if place else scope.knows_claims


def _link(scope: Scope, draft: Draft, handles: Mapping[str, Draft]) -> None:
    """Find the claims that a row refers to."""
    for name, cell in draft.waiting.items():
        several = scope.ontology.row_keys[name].value_kind == LINKS
        texts = [part.strip() for part in cell.text.split("|")] if several else [cell.text]
        draft.links[name] = [found for text in texts if (found := _find(scope, draft, cell, text, handles))]
        draft.sound &= len(draft.links[name]) == len(texts)
        if scope.ontology.row_keys[name].retires:
            _warn_of_later(scope, draft, cell, draft.links[name])
    ends = [draft.links[name][0] for name in ("subject", "object") if draft.links.get(name)]
    if len(ends) == 2 and ends[0] is ends[1]:
        place = draft.row.where("object")
        scope.report(place, "KG114", "'subject' and 'object' are one claim", "a relation joins two")


def _warn_of_later(scope: Scope, draft: Draft, cell: Cell, ended: Iterable[Draft]) -> None:
    """Warn about a row that corrects, supersedes or retracts a claim published after it."""
    mine = draft.source.facts["published"]
    for other in ended:
        theirs = other.source.facts["published"]
        if isinstance(mine, Date) and isinstance(theirs, Date) and "" < mine.upper < theirs.lower:
            message = f"this row was published ({mine}) before the claim that it ends ({theirs})"
            scope.report(cell.key_place, "KG309", message, "are the two claims mixed up?", "warning")


def _resolve(scope: Scope, drafts: list[Draft]) -> None:
    """Build claims from drafts, referenced ones first; report a circular reference."""
    todo = [draft for draft in drafts if draft.sound]
    while todo:
        ready = [draft for draft in todo if all(target.claim is not None for target in _targets(scope, draft).values())]
        if not ready:
            if not scope.has_errors:
                message, hint = "claims refer to each other in a circle", "the later row points at the earlier one"
                scope.report(todo[0].row.place, "KG105", message, hint)
            return
        for draft in ready:
            _finish(scope, draft, _targets(scope, draft))
        todo = [draft for draft in todo if draft.claim is None]


def _targets(scope: Scope, draft: Draft) -> dict[str, Draft]:
    """Return the referenced claims that belong to the content: the answered claim, or the ends of a relation."""
    if not draft.links:
        return {}
    keys = scope.ontology.row_keys
    return {name: found[0] for name, found in draft.links.items() if found and keys[name].value_kind != LINKS}


def _finish(scope: Scope, draft: Draft, targets: Mapping[str, Draft]) -> None:
    """Build the proposition and the claim of a draft."""
    claims = {name: target.claim for name, target in targets.items() if target.claim}
    if POINTER in claims:
        proposition = claims[POINTER].proposition
        if "stance" not in draft.row.cells:
            answered = [id(found) for found in draft.links[POINTER]]
            links = {name: [id(found) for found in targets] for name, targets in draft.links.items()}
            draft.facts["stance"] = scope.ontology.default_stance(answered, links)
    else:
        content = {**draft.content, **{name: Ref(claim.iri, claim.text("id")) for name, claim in claims.items()}}
        made = _proposition(scope, draft, content)
        if made is None:
            return
        proposition = made
    iri = name_claim(draft.source, proposition, draft.facts, scope.settings.base)
    wording = {} if POINTER in claims else draft.wording
    draft.claim = Claim(iri, draft.source, proposition, draft.facts, {}, draft.row.place, wording)


def _proposition(scope: Scope, draft: Draft, content: Facts) -> Proposition | None:
    kind, term = draft.kind, draft.term
    if kind is None or term is None:
        return None
    if term.symmetric:
        content = _in_order(content)
    slot_keys, period = scope.ontology.slot_keys[kind.iri], period_of(scope.ontology, content)
    return make_proposition(kind, term, content, base=scope.settings.base, slot_keys=slot_keys, period=period)


def _in_order(content: Facts) -> Facts:
    """Sort the ends of a symmetric relation by IRI, so that both orders are one proposition."""
    ends = [value for value in (content.get("subject"), content.get("object")) if isinstance(value, Ref)]
    if len(ends) < 2:
        return content
    first, second = sorted(ends, key=lambda ref: ref.iri)
    return {**content, "subject": first, "object": second}


def _linked(scope: Scope, draft: Draft) -> Claim:
    """Return the draft's claim with its links to other claims."""
    assert draft.claim is not None  # noqa: S101 - checked by the caller
    if not draft.links:
        return draft.claim
    keys = scope.ontology.row_keys
    links = {
        name: tuple(sorted(other.claim.iri for other in found if other.claim))
        for name, found in draft.links.items()
        if keys[name].value_kind in (LINKS, "claim")
    }
    return replace(draft.claim, links=links)


def _check_doubles(scope: Scope, claims: Iterable[Claim]) -> None:
    seen: dict[str, Claim] = {}
    for claim in claims:
        first = seen.setdefault(claim.iri, claim)
        if first is not claim:
            scope.report(claim.place, "KG112", f"the same claim as at {first.place}", "one of the two rows is too many")
