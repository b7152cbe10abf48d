"""Read claim rows into drafts: kind, content, attribution. Every error is reported."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise

from kg.ingestion.checking.constraints import (
    ENDS,
    check_ends,
    check_quantity,
    check_range,
    check_required,
    check_type,
    fits,
    kind_key,
    meant_key,
    purpose,
)
from kg.ingestion.checking.references import LINKS, POINTER, Draft, resolve_claims
from kg.ingestion.checking.values import Demands, Scope, Taken, did_you_mean, read_value, with_article
from kg.ingestion.reading import Cell, Records, Row
from kg.model.dates import FISCAL, FISCAL_ENDS, Date, read_date
from kg.model.errors import Location
from kg.model.iris import KG
from kg.model.ontology import in_order
from kg.model.properties import Term
from kg.model.quantities import Quantity
from kg.model.terms import EntityType, Key, Kind, Modality, Predicate, RelationType, Stance
from kg.model.world import Claim, Ref, Source, default_facts, without_wording


def read_claims(scope: Scope, rows: Iterable[Row], sources: Mapping[str, Source]) -> list[Claim]:
    """Return the claims of the rows, linked to the claims they refer to; errors are reported."""
    return resolve_claims(scope, [_draft(scope, row, sources) for row in rows])


def without_bad_defaults(scope: Scope, records: Records) -> list[Row]:
    """Report keys that cannot be defaults, once each; return the claim rows with those keys marked as faulty."""
    allowed = scope.ontology.default_keys
    bad: dict[Location, str] = {}
    for name, cell in ((name, cell) for row in records.defaults for name, cell in row.cells.items()):
        if name in allowed:
            continue
        known = name in scope.ontology.row_keys
        message = f"'{name}' cannot be a default" if known else f"unknown key '{name}'"
        hint = f"a default may change who says it, never what is said; it takes {', '.join(allowed)}"
        scope.report(cell.key_place, "KG113" if known else "KG101", message, did_you_mean(name, allowed) or hint)
        bad[cell.key_place] = name
    if not bad:
        return records.claims
    return [_without(row, bad) for row in records.claims]


def _without(row: Row, bad: Mapping[Location, str]) -> Row:
    names = {name for name, cell in row.cells.items() if cell.key_place in bad}
    cells = {name: cell for name, cell in row.cells.items() if name not in names}
    return replace(row, cells=cells, faulty=row.faulty | names)


def _draft(scope: Scope, row: Row, sources: Mapping[str, Source]) -> Draft:
    """Read one claim row; an error is reported and makes the draft unsound."""
    keys = scope.ontology.row_keys
    cells = dict(row.cells)
    cells.pop("source", None)
    if not cells.keys() <= keys.keys():
        unknown = cells.keys() - keys.keys()
        row = replace(row, faulty=row.faulty | {meant_key(name, keys) for name in unknown})
    source = _source_of(scope, row, sources)
    draft = Draft(row, source or _nowhere(scope, row), _kind(scope, row, cells), sound=bool(source) and not row.faulty)
    if draft.kind:
        named = draft.kind.named_by
        value = read_value(scope, named, cells[named.notation])
        draft.term = value if isinstance(value, Predicate) else None
        draft.sound &= draft.term is not None
        if draft.term:
            draft.content[named.notation] = draft.term
        del cells[named.notation]
    draft.sound &= draft.kind is not None or POINTER in cells
    taken = scope.taken.setdefault(draft.term, {})
    for name, cell in cells.items():
        known = taken.get(name)
        if known is None:
            known = taken[name] = _known_alike(scope, draft, name)
        found = known.get(cell.text) or _read_cell(scope, draft, name, cell, known)
        if found is None:
            draft.sound = False
        else:
            _take(scope, draft, name, cell, found)
    _tell_fiscal_years(scope, draft)
    if draft.kind:
        _check_row(scope, draft)
    _fill_defaults(scope, draft)
    return draft


def _tell_fiscal_years(scope: Scope, draft: Draft) -> None:
    """Put the months of a fiscal year where a row tells only its name, if the entity says when it ends."""
    refs = (draft.content.get(key) for key in FISCAL_ENDS)
    month = next((scope.fiscal.get(ref.id, "") for ref in refs if isinstance(ref, Ref)), "")
    for name, text in draft.wording.items() if month.isdecimal() else ():
        if isinstance(draft.content[name], Date) and FISCAL.fullmatch(text) and "-" not in text:
            draft.wording[name] = f"{text}-{int(month):02}"
            draft.content[name] = without_wording(scope.ontology, read_date(draft.wording[name]))


def _nowhere(scope: Scope, row: Row) -> Source:
    """Return a placeholder for an unknown source, so that the rest of the row is checked."""
    id = row.text("source")
    return Source(id, scope.ref(id).iri, {"publisher": Ref("", ""), "published": Date("", "", "")}, row.place)


def _source_of(scope: Scope, row: Row, sources: Mapping[str, Source]) -> Source | None:
    cell = row.cells.get("source")
    if cell is None:
        if not row.place.file.endswith((".yaml", ".yml")):
            scope.report(row.place, "KG108", "'source' is missing", "every row names its source")
        return None
    if cell.text not in scope.sources and scope.knows_claims:
        hint = did_you_mean(cell.text, scope.sources) or "describe it in sources.csv"
        scope.report(cell.place, "KG104", f"unknown source '{cell.text}'", hint)
    return sources.get(cell.text)


def _kind(scope: Scope, row: Row, cells: Mapping[str, Cell]) -> Kind | None:
    """Return the kind given by the row's naming key, reporting rows with none or several."""
    kinds = scope.ontology.kinds
    naming = [name for name in cells if name in kinds or name == POINTER]
    if len(naming) == 1:
        return scope.ontology.kinds.get(naming[0])
    wanted = ", ".join([*scope.ontology.kinds, POINTER])
    if len(naming) > 1:
        message = f"'{naming[0]}' and '{naming[1]}' in one row"
        scope.report(cells[naming[1]].key_place, "KG107", message, f"a row says one thing: one of {wanted}")
    elif row.faulty.isdisjoint({*scope.ontology.kinds, POINTER}):
        scope.report(row.place, "KG107", "cannot tell what the row says", f"it needs one of: {wanted}")
    return None


def _check_key(scope: Scope, draft: Draft, name: str, cell: Cell) -> bool:
    """Return whether a key is known and allowed for the row's kind, reporting it if not."""
    kind, key = draft.kind, scope.ontology.row_keys.get(name)
    content = scope.ontology.keys("content")
    if key is None:
        hint = _instead(scope, draft, name) or did_you_mean(name, scope.ontology.row_keys)
        row_keys = scope.ontology.row_keys.items()
        known = ", ".join(word for word, key in row_keys if word not in content or not kind or fits(kind, key))
        scope.report(cell.key_place, "KG101", f"unknown key '{name}'", hint or f"keys of a row: {known}")
    elif kind and name in content and not fits(kind, key):
        takes = ", ".join(key.notation for key in content.values() if fits(kind, key))
        message = f"{with_article(kind.label())} takes no '{name}'"
        scope.report(cell.key_place, "KG106", message, f"it takes {takes}")
    elif kind is None and POINTER in draft.row.cells and name in content and name not in scope.ontology.kinds:
        hint = f"what it says is said by the claim that '{POINTER}' names"
        scope.report(cell.key_place, "KG106", f"a row with '{POINTER}' takes no '{name}'", hint)
    else:
        return True
    return False


def _instead(scope: Scope, draft: Draft, name: str) -> str:
    """Return a hint if the word is a common synonym of a key, with an example of the row, or ""."""
    for key in scope.ontology.row_keys.values():
        if name in key.instead_of:
            reads = _reads(draft.kind, draft.term, key) if draft.kind and draft.term else ""
            return f"write '{key.notation}'" + (f", as in: {reads}" if reads else f": {purpose(scope, key)}")
    return ""


def _reads(kind: Kind, term: Term, key: Key) -> str:
    """Return how rows of a kind and term read, with keys as placeholders: 'agent acquires about, with counterparty'."""
    pattern = max(kind.patterns, key=lambda pattern: pattern.count("{"))
    words = {
        kind.notation: term.reads,
        "role": term.reads,
        "event": term.reads,
        "relation": term.reads,
        "far": "target",
    }
    text = re.sub(r"\{(\w+)(?:\.label)?\}", lambda match: words.get(match[1], match[1]), pattern)
    return text if key.notation in text.split() else f"{text}, {key.reads} {key.notation}"


def _read_cell(scope: Scope, draft: Draft, name: str, cell: Cell, known: dict[str, Taken]) -> Taken | None:
    """Read a cell whose text is not cached, or report why it is invalid.

    A text read without a problem is cached, and reused for rows that accept the same values under the key.
    """
    found = len(scope.problems)
    taken = _reading(scope, draft, name, cell)
    if taken and draft.term and len(scope.problems) == found:
        known[cell.text] = taken
    return taken


def _take(scope: Scope, draft: Draft, name: str, cell: Cell, taken: Taken) -> None:
    """Put the value of a cell into the draft. References to claims wait until all rows are read."""
    if taken.waits:
        draft.waiting[name] = cell
    elif taken.value is not None:
        (draft.content if taken.is_content else draft.facts)[name] = taken.value
        if taken.wording:
            draft.wording[name] = taken.wording
        if taken.type and draft.term:
            _check_fit(scope, draft.term, name, cell, taken.type)


def _known_alike(scope: Scope, draft: Draft, name: str) -> dict[str, Taken]:
    """Return the cache of values under a key: per term, or per kind where all its terms accept the same values."""
    key = scope.ontology.row_keys.get(name)
    if draft.term is None or key is None or name == "value" or key.value_kind == "entity-or-claim":
        return {}
    return scope.alike.setdefault((draft.kind, name), {})


def _check_fit(scope: Scope, term: Term, name: str, cell: Cell, type_: EntityType) -> None:
    """Report an entity whose type the row's term does not accept under a key."""
    if (term, name, type_) not in scope.fitting:
        wanted = scope.ontology.narrowed(scope.ontology.row_keys[name], term)
        if not wanted or check_type(scope, cell.text, wanted, cell, f"the {name} of '{term.notation}'"):
            scope.fitting.add((term, name, type_))


def _reading(scope: Scope, draft: Draft, name: str, cell: Cell) -> Taken | None:
    """Return the value of a cell in its row, or report why it is invalid."""
    if not _check_key(scope, draft, name, cell):
        return None
    key = scope.ontology.row_keys[name]
    if key.value_kind in ("claim", LINKS) or (key.value_kind == "entity-or-claim" and _between_claims(draft)):
        return Taken(None, waits=True)
    if key.value_kind == "entity-or-claim" and draft.term is None:
        return Taken(None)  # the relation is unknown, so its ends cannot be checked
    value = read_value(scope, key, cell)
    if value is None or not check_range(scope, key.range, key, cell, value):
        return None
    if name not in scope.ontology.keys("content"):
        return Taken(value)
    if isinstance(value, Quantity) and (draft.term or name != "value"):
        check_quantity(scope, draft.term, key, cell, value)
    plain = without_wording(scope.ontology, value)
    differs = isinstance(plain, Date | Quantity | str) and str(plain) != str(value)
    type_ = scope.types.get(value.id) if isinstance(value, Ref) else None
    return Taken(plain, is_content=True, wording=str(value) if differs else "", type=type_)


def _between_claims(draft: Draft) -> bool:
    return draft.term is not None and KG + "Claim" in draft.term.values("subjectType")


def _check_row(scope: Scope, draft: Draft) -> None:
    """Check the whole row against its kind and term: required keys, order of dates."""
    kind, term, row = draft.kind, draft.term, draft.row
    assert kind is not None  # noqa: S101 - checked by the caller
    demands = scope.demands.get(term) if term else None
    if demands is None:
        demands = _demands(kind, term)
        if term:
            scope.demands[term] = demands
    missing = [] if demands.keys <= row.cells.keys() else check_required(scope, row, demands.required)
    if term is None:
        return
    if demands.one_of and not {*row.cells, *row.faulty, *missing} & set(demands.one_of):
        check_ends(scope, row, kind, term, missing)
    if note := term.ambiguous:
        scope.report(
            row.where(kind_key(scope.ontology, kind)),
            "KG301",
            note.partition("; ")[0],
            note.partition("; ")[2],
            "warning",
        )
    _check_order(scope, draft)
    _check_self(scope, draft)


def _demands(kind: Kind, term: Predicate | None) -> Demands:
    """Return the required keys of a row of a kind and term."""
    required = {*kind.requires, *(term.requires if term else ())}
    ends = in_order(kind.requires_one_of)
    one_of = () if term and term.stands_alone else tuple(key.notation for key in ends)
    return Demands(frozenset(key.notation for key in required), tuple(required), one_of)


def _check_order(scope: Scope, draft: Draft) -> None:
    named = [name for name in ("from", "when", "until") if name in draft.content]
    if not named:
        return
    dated = [(name, d) for name in named if isinstance(d := draft.content[name], Date)]
    for (before, first), (after, second) in pairwise(dated):
        if first.lower > second.upper > "":
            scope.report(
                draft.row.where(after),
                "KG202",
                f"{after} {second} lies before {before} {first}",
                "are the two mixed up?",
            )
    modality = draft.facts.get("modality")
    if "until" not in draft.content or not isinstance(modality, Modality):
        return
    future = modality.verdict.iri != KG.replace("ns#", "verdict/") + "stated"
    alone = not {"from", "when"} & draft.content.keys()  # a time of its own, such as a season, has a beginning
    if future and alone and draft.kind and draft.kind.notation == "figure":
        scope.report(
            draft.row.cells["until"].key_place,
            "KG305",
            "'until' is the end of a state; write a deadline as 'by'",
            f"write by: {draft.content['until']}",
            "warning",
        )


def _check_self(scope: Scope, draft: Draft) -> None:
    """Report an entity that appears at two ends of a row."""
    ends = [(name, value) for name, value in draft.content.items() if name in ENDS and isinstance(value, Ref)]
    if len({value.iri for _, value in ends}) == len(ends):
        return
    seen: dict[str, str] = {}
    for name, value in sorted(ends, key=lambda end: ENDS.index(end[0])):
        first = seen.setdefault(value.iri, name)
        if first != name:
            message = f"'{value.id}' stands in '{first}' and in '{name}'"
            hint = (
                "leave out 'agent' where one does it to oneself" if name == "about" else "nothing stands towards itself"
            )
            scope.report(draft.row.where(name), "KG114", message, hint)


def _fill_defaults(scope: Scope, draft: Draft) -> None:
    """Add default values: speaker, stance, modality, evidence."""
    defaults = default_facts(scope.ontology, scope.types, draft.source, draft.facts)
    draft.facts = facts = {**defaults, **draft.facts}
    said, published = facts.get("said-when"), draft.source.facts["published"]
    if isinstance(said, Date) and isinstance(published, Date) and said.lower > published.upper > "":
        scope.report(
            draft.row.where("said-when"),
            "KG202",
            f"said in {said}, after its source was published ({published})",
            "is one of the two dates wrong?",
        )
    _advise(scope, draft)
    _warn_of_future_fact(scope, draft)


def _warn_of_future_fact(scope: Scope, draft: Draft) -> None:
    """Warn about a fact that begins after its source was published. An ``until`` in the future is an agreed end."""
    stance, modality, published = draft.facts["stance"], draft.facts["modality"], draft.source.facts["published"]
    name = next((name for name in ("when", "from") if name in draft.content), "")
    begin = draft.content.get(name)
    if not isinstance(begin, Date) or not isinstance(published, Date) or not isinstance(modality, Modality):
        return
    is_fact = stance is scope.ontology.of(Stance)["asserts"] and modality.verdict.notation == "stated"
    if is_fact and begin.lower > published.upper > "":
        message = f"this fact dates from {begin}, after its source was published ({published})"
        scope.report(draft.row.where(name), "KG308", message, "is it a plan? write modality: planned", "warning")


def _advise(scope: Scope, draft: Draft) -> None:
    """Report what is valid but often a mistake."""
    row, facts = draft.row, draft.facts
    kind = draft.source.facts.get("kind")
    if isinstance(kind, Term) and kind.notation == "editor" and "disputes" in row.cells:
        sets = [word for word, term in scope.ontology.of(RelationType).items() if term.sets]
        hint = f"write {{subject: …, relation: {' or '.join(sets)}, object: …}}"
        scope.report(
            row.cells["disputes"].key_place,
            "KG306",
            "an editor does not dispute, but may set two claims against each other",
            hint,
            "warning",
        )
    modality, speaker = facts["modality"], facts["said-by"]
    owners = [draft.content.get(name) for name in ("agent", "about")]
    planned = isinstance(modality, Term) and modality.notation in ("planned", "target", "policy")
    if (
        planned
        and "said-by" in row.cells
        and speaker in owners
        and "plan-of" not in facts
        and "when" not in facts
        and "term" not in facts
    ):
        message = f"'{row.text('said-by')}' is written as the speaker of its own plan"
        hint = "if the source only tells of the plan, write plan-of instead of said-by"
        scope.report(row.where("said-by"), "KG307", message, hint, "info")
