"""From rows of text to a checked world, or to every problem in them at once.

In: ``reading.Records``. Out: ``model.World``, where there was no error, and the problems. What may be said stands in
the ontology; here stands only how a row is held against it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from kg.dates import Date
from kg.errors import Location, Problem
from kg.iris import KG
from kg.model import (
    Claim,
    Entity,
    Facts,
    Proposition,
    Ref,
    Settings,
    Source,
    Value,
    World,
    make_proposition,
    name_claim,
    period_of,
)
from kg.ontology import Ontology, Term, nearest, read_ontology
from kg.quantities import Quantity
from kg.reading import SETTINGS, Cell, Records, Row
from kg.values import Scope, check_id, check_maximum, did_you_mean, read_value

SETTING_KEYS = ("title", "base", "licence", "languages", "encoding")
LINKS = "claims"
POINTER = "re"


@dataclass
class Draft:
    """A claim row on its way: what is read, and what still refers to other claims."""

    row: Row
    source: Source
    kind: Term | None = None
    term: Term | None = None
    content: dict[str, Value] = field(default_factory=dict)
    facts: dict[str, Value] = field(default_factory=dict)
    waiting: dict[str, Cell] = field(default_factory=dict)
    claim: Claim | None = None


def check_records(records: Records) -> tuple[World | None, list[Problem]]:
    """Hold every row against the ontology. Returns the world, or None where there is an error, and all problems."""
    problems = list(records.problems)
    scope = Scope(read_ontology(records.ontology, problems), problems=problems)
    scope.settings = _settings(scope, records.settings)
    _know_ids(scope, records)
    entities = {e.id: e for row in records.entities if (e := _entity(scope, row))}
    _check_names(scope, entities.values())
    sources = {s.id: s for row in records.sources if (s := _source(scope, row))}
    _check_defaults(scope, records.defaults)
    claims = _claims(scope, records.claims, sources)
    problems = sorted(set(scope.problems))
    if scope.has_errors:
        return None, problems
    ordered = tuple(sorted(claims, key=lambda claim: claim.iri))
    return World(scope.settings, scope.ontology, entities, sources, ordered), problems


# ---------------------------------------------------------------- kg.yaml


def _settings(scope: Scope, row: Row) -> Settings:
    if not row.cells:
        return scope.settings
    for name, cell in row.cells.items():
        if name not in SETTING_KEYS:
            scope.report(
                cell.key_place,
                "KG101",
                f"unknown setting '{name}'",
                did_you_mean(name, SETTING_KEYS) or f"settings: {', '.join(SETTING_KEYS)}",
            )
    for name in ("title", "base"):
        if name not in row.cells:
            scope.report(row.place, "KG108", f"{SETTINGS} needs '{name}'")
    base = row.text("base")
    if base and not re.fullmatch(
        r"(https?://[^\s/?#@\"<>\\^`{|}]+/(?:[^\s\"<>\\^`{|}]*[/#])?|urn:[a-z0-9-]+:[A-Za-z0-9:._-]*:)", base
    ):
        scope.report(
            row.where("base"),
            "KG207",
            f"'{base}' cannot be a base IRI",
            "such as https://example.org/my-project/, a stroke at its end",
        )
        base = ""
    languages = tuple(part.strip() for part in row.text("languages").split("|") if part.strip()) or ("en", "zh")
    return Settings(row.text("title"), base or scope.settings.base, row.text("licence"), languages)


# ---------------------------------------------------------------- entities and sources


def _know_ids(scope: Scope, records: Records) -> None:
    """Collect every id with its type, and report ids that are wrong or stand twice, in whatever case."""
    seen: dict[str, Location] = {}
    types = scope.ontology.terms("EntityType")
    for row, is_source in [*((row, False) for row in records.entities), *((row, True) for row in records.sources)]:
        cell = row.cells.get("id")
        if cell is None or not check_id(scope, cell):
            continue
        first = seen.setdefault(cell.text.casefold(), cell.place)
        if first != cell.place:
            hint = (
                "once a source has a claim file, its line in entities goes"
                if is_source
                else "ids of entities and sources share one list"
            )
            scope.report(cell.place, "KG110", f"the id '{cell.text}' stands twice (first at {first})", hint)
        if is_source:
            scope.sources[cell.text] = cell.place
        else:
            scope.types[cell.text] = types.get(row.text("type")) or Term("", "", {}, {})
            scope.labels[cell.text] = next((c.text for k, c in row.cells.items() if _is_language(scope, k)), cell.text)


def _is_language(scope: Scope, key: str) -> bool:
    known = key not in scope.ontology.keys("entity") and key != "id"
    return known and (key in scope.settings.languages or re.fullmatch(r"[a-z]{2}(-[A-Za-z0-9]{2,8})*", key) is not None)


def _entity(scope: Scope, row: Row) -> Entity | None:
    keys = scope.ontology.keys("entity")
    names = {key: cell.text for key, cell in row.cells.items() if _is_language(scope, key)}
    facts = _read_facts(
        scope, Row(row.place, {k: c for k, c in row.cells.items() if k not in names and k != "id"}), keys, "an entity"
    )
    _check_required(scope, row, scope.ontology.terms("Record")["entity"].all("requires"))
    type_, id = facts.get("type"), row.text("id")
    if not isinstance(type_, Term) or not id:
        return None
    if not names and type_.notation != "source":
        scope.report(row.place, "KG108", f"'{id}' has no name", "write one by its language, such as en: …")
    for key, cell in row.cells.items():
        if key in names:
            _warn_of_mixed_scripts(scope, cell)
    return Entity(id, scope.ref(id).iri, type_, names, facts, row.place)


def _source(scope: Scope, row: Row) -> Source | None:
    facts = _read_facts(scope, row, scope.ontology.keys("source"), "a source")
    _check_required(scope, row, scope.ontology.terms("Record")["source"].all("requires"))
    id, published = facts.get("id"), facts.get("published")
    if not isinstance(id, str) or not isinstance(published, Date) or "publisher" not in facts or "title" not in facts:
        return None
    if not published.upper:
        scope.report(
            row.where("published"), "KG201", f"'{published}' has no end", "by when was it published at the latest?"
        )
    return Source(id, scope.ref(id).iri, facts, row.place)


def _read_facts(scope: Scope, row: Row, keys: Mapping[str, Term], what: str) -> dict[str, Value]:
    """Read every cell whose key is known, reporting the others."""
    facts = {}
    for name, cell in row.cells.items():
        if name not in keys:
            scope.report(
                cell.key_place,
                "KG101",
                f"unknown key '{name}'",
                did_you_mean(name, keys) or f"keys of {what}: {', '.join(keys)}",
            )
        elif (value := read_value(scope, keys[name], cell)) is not None:
            _check_range(scope, keys[name].range, keys[name], cell, value)
            facts[name] = value
    return facts


def _check_required(scope: Scope, row: Row, required: Iterable[str]) -> None:
    for key in sorted((scope.ontology.term(iri) for iri in required), key=lambda key: key.position):
        if key.notation not in row.cells:
            scope.report(row.place, "KG108", f"'{key.notation}' is missing", key.statements.get(COMMENT, ("",))[0])


def _check_names(scope: Scope, entities: Iterable[Entity]) -> None:
    """Warn of two entities of one type whose names are the same once case, width and invisible marks are gone."""
    seen: dict[tuple[str, str], Entity] = {}
    for entity in entities:
        for name in set(entity.names.values()):
            folded = "".join(
                c for c in unicodedata.normalize("NFKC", name).casefold() if unicodedata.category(c) != "Cf"
            )
            first = seen.setdefault((entity.type.iri, folded), entity)
            if first is not entity:
                message = f"'{entity.id}' and '{first.id}' are both a {entity.type.label()} named '{name}'"
                scope.report(
                    entity.place, "KG304", message, f"is one of them too many? The first is at {first.place}", "warning"
                )


def _warn_of_mixed_scripts(scope: Scope, cell: Cell) -> None:
    for word in cell.text.split():
        scripts = {unicodedata.name(c, "").split(" ")[0] for c in word if c.isalpha()} & {"LATIN", "CYRILLIC", "GREEK"}
        if len(scripts) > 1:
            scope.report(
                cell.place,
                "KG302",
                f"'{word}' mixes letters of {' and '.join(sorted(s.title() for s in scripts))}",
                "look-alikes? Type it again",
                "warning",
            )


# ---------------------------------------------------------------- claims


def _check_defaults(scope: Scope, defaults: Iterable[Row]) -> None:
    allowed = scope.ontology.terms("DefaultKey")
    for row in defaults:
        for name, cell in row.cells.items():
            if name not in allowed:
                known = name in scope.ontology.row_keys
                message = f"'{name}' cannot be a default" if known else f"unknown key '{name}'"
                hint = "a default may change who says it, never what is said" if known else did_you_mean(name, allowed)
                scope.report(cell.key_place, "KG113" if known else "KG101", message, hint)


def _claims(scope: Scope, rows: Iterable[Row], sources: Mapping[str, Source]) -> list[Claim]:
    drafts = [draft for row in rows if (draft := _draft(scope, row, sources))]
    handles = _handles(scope, drafts)
    _resolve(scope, drafts, handles)
    claims = [_linked(scope, draft, handles) for draft in drafts if draft.claim]
    _check_doubles(scope, claims)
    return claims


def _draft(scope: Scope, row: Row, sources: Mapping[str, Source]) -> Draft | None:
    """Read one claim row; None where too little is right to go on."""
    cells = {name: cell for name, cell in row.cells.items() if name != "source"}
    source = _source_of(scope, row, sources)
    kind = _kind(scope, row, cells)
    for name, cell in cells.items():
        _check_key(scope, kind, name, cell)
    if kind is None and POINTER not in cells:
        return None
    keys = scope.ontology.row_keys
    known = {
        n: c
        for n, c in cells.items()
        if n in keys and (kind is None or keys[n] in scope.ontology.keys("claim").values() or _fits(kind, keys[n]))
    }
    draft = Draft(row, source or _nowhere(row), kind)
    named = keys[scope.ontology.term(kind.one("namedBy")).notation] if kind else None
    if kind and named:
        value = read_value(scope, named, known.pop(named.notation))
        draft.term = value if isinstance(value, Term) else None
        if draft.term:
            draft.content[named.notation] = draft.term
    for name, cell in known.items():
        _take(scope, draft, keys[name], cell)
    if kind:
        _check_row(scope, draft)
    _fill_defaults(scope, draft, sources)
    return draft if source and (draft.term or POINTER in known) else None


def _nowhere(row: Row) -> Source:
    return Source("", "", {"publisher": Ref("", ""), "published": Date("", "", "")}, row.place)


def _source_of(scope: Scope, row: Row, sources: Mapping[str, Source]) -> Source | None:
    cell = row.cells.get("source")
    if cell is None:
        if row.place.file.endswith(".csv"):
            scope.report(row.place, "KG108", "'source' is missing", "every row names its source")
        return None
    if cell.text not in scope.sources:
        scope.report(
            cell.place,
            "KG104",
            f"unknown source '{cell.text}'",
            did_you_mean(cell.text, scope.sources) or "describe it in sources.csv",
        )
    return sources.get(cell.text)


def _kind(scope: Scope, row: Row, cells: Mapping[str, Cell]) -> Term | None:
    """Return the kind that the row's naming key tells, reporting none and two."""
    naming = [name for name in cells if name in scope.ontology.kinds or name == POINTER]
    if len(naming) == 1:
        return scope.ontology.kinds.get(naming[0])
    wanted = ", ".join([*scope.ontology.kinds, POINTER])
    if not naming:
        hints = [hint for name in cells if (hint := _instead(scope, name))]
        scope.report(
            row.place, "KG107", "cannot tell what the row says", hints[0] if hints else f"it needs one of: {wanted}"
        )
        return None
    second = cells[naming[1]].key_place
    scope.report(
        second, "KG107", f"'{naming[0]}' and '{naming[1]}' in one row", f"a row says one thing: one of {wanted}"
    )
    return None


def _check_key(scope: Scope, kind: Term | None, name: str, cell: Cell) -> None:
    """Report a key that is unknown, or does not belong to the row's kind."""
    key = scope.ontology.row_keys.get(name)
    if key is None:
        hint = _instead(scope, name) or did_you_mean(name, scope.ontology.row_keys)
        scope.report(cell.key_place, "KG101", f"unknown key '{name}'", hint)
    elif kind and key in scope.ontology.keys("content").values() and not _fits(kind, key):
        takes = [k.notation for k in scope.ontology.keys("content").values() if _fits(kind, k)]
        scope.report(cell.key_place, "KG106", f"a {kind.label()} takes no '{name}'", f"it takes {', '.join(takes)}")


def _instead(scope: Scope, name: str) -> str:
    """Return a hint where people write a word for a key that is called otherwise."""
    for key in scope.ontology.row_keys.values():
        if name in key.all("insteadOf"):
            return f"write '{key.notation}': {key.statements.get(COMMENT, ('',))[0]}"
    return ""


COMMENT = "http://www.w3.org/2000/01/rdf-schema#comment"


def _fits(kind: Term, key: Term) -> bool:
    return kind.iri in key.all("keyOf")


def _take(scope: Scope, draft: Draft, key: Term, cell: Cell) -> None:
    """Read a cell into the draft; what refers to claims waits until every row has been read."""
    if key.value_kind in ("claim", LINKS) or (key.value_kind == "entity-or-claim" and _between_claims(draft)):
        draft.waiting[key.notation] = cell
        return
    value = read_value(scope, key, cell)
    if value is None:
        return
    if key in scope.ontology.keys("content").values():
        _check_range(scope, key.range, key, cell, value)
        if isinstance(value, Quantity):
            _check_quantity(scope, draft, key, cell, value)
        draft.content[key.notation] = value
    else:
        _check_range(scope, key.range, key, cell, value)
        draft.facts[key.notation] = value


def _between_claims(draft: Draft) -> bool:
    return draft.term is not None and KG + "Claim" in draft.term.all("subjectType")


def _check_range(scope: Scope, wanted: str, key: Term, cell: Cell, value: Value) -> None:
    """Report an entity that is none of the class that the key names."""
    refs = value if isinstance(value, tuple) else (value,)
    for ref in refs:
        if isinstance(ref, Ref) and ref.id in scope.types and wanted:
            _check_type(scope, ref.id, (wanted,), cell, f"'{key.notation}'")


def _check_type(scope: Scope, id: str, wanted: tuple[str, ...], cell: Cell, what: str) -> None:
    type_ = scope.types[id]
    if not type_.iri or scope.ontology.is_a(type_.iri, wanted):
        return
    words = " or ".join(scope.ontology.term(iri).label() for iri in wanted)
    twin = next(
        (
            o
            for o, t in scope.types.items()
            if o != id
            and t.iri
            and scope.labels[o].casefold() == scope.labels[id].casefold()
            and scope.ontology.is_a(t.iri, wanted)
        ),
        "",
    )
    hint = f"did you mean '{twin}', the {scope.types[twin].label()}?" if twin else ""
    scope.report(cell.place, "KG109", f"'{id}' is a {type_.label()}; {what} takes a {words}", hint)


def _check_quantity(scope: Scope, draft: Draft, key: Term, cell: Cell, value: Quantity) -> None:
    """Report a unit that is missing or wrong for the measure (or key), and a number above its maximum."""
    holder = draft.term if draft.term and key.notation == "value" else key
    accepted = holder.all("unitOf")
    check_maximum(scope, cell.place, value, holder)
    if value.number is None:
        return
    unit = scope.ontology.term(value.unit) if value.unit else None
    if unit is None and accepted:
        default = scope.ontology.term(holder.one("defaultUnit") or accepted[0]).label()
        scope.report(cell.place, "KG204", f"'{value.text}' has no unit", f"write: {value.text} {default}")
    elif unit and not accepted:
        scope.report(cell.place, "KG205", f"{holder.label()} is a bare number", f"leave out '{unit.label()}'")
    elif unit and not {unit.iri, *unit.statements.get(RDF_TYPE, ())} & set(accepted):
        words = " or ".join(scope.ontology.term(iri).label() for iri in accepted)
        scope.report(cell.place, "KG205", f"{holder.label()} is not given in {unit.label()}", f"it takes {words}")


RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


def _check_row(scope: Scope, draft: Draft) -> None:
    """Hold the whole row against its kind and its term: what must be there, what may stand where, in which order."""
    kind, term, row = draft.kind, draft.term, draft.row
    assert kind is not None  # noqa: S101 - the caller looked
    _check_required(scope, row, {*kind.all("requires"), *(term.all("requires") if term else ())})
    one_of = sorted(scope.ontology.term(iri).notation for iri in kind.all("requiresOneOf"))
    if term and one_of and not row.cells.keys() & set(one_of) and not term.flag("standsAlone"):
        scope.report(row.place, "KG108", f"'{term.notation}' needs {' or '.join(one_of)}", "towards whom or what?")
    if term is None:
        return
    for name, value in draft.content.items():
        local = scope.ontology.row_keys[name].one("typeProperty").removeprefix(KG)
        wanted = scope.ontology.inherited(term, local) if local else ()
        if isinstance(value, Ref) and wanted:
            _check_type(scope, value.id, wanted, row.cells[name], f"the {name} of '{term.notation}'")
    if note := term.one("ambiguous"):
        scope.report(
            row.where(kind_key(scope.ontology, kind)),
            "KG301",
            note.partition("; ")[0],
            note.partition("; ")[2],
            "warning",
        )
    _check_order(scope, draft)
    _check_self(scope, draft)


def kind_key(ontology: Ontology, kind: Term) -> str:
    """Return the notation of the key that names the kind."""
    return ontology.term(kind.one("namedBy")).notation


def _check_order(scope: Scope, draft: Draft) -> None:
    dated = [(name, d) for name in ("from", "when", "until") if isinstance(d := draft.content.get(name), Date)]
    for (before, first), (after, second) in pairwise(dated):
        if first.lower > second.upper:
            scope.report(
                draft.row.where(after),
                "KG202",
                f"{after} {second} lies before {before} {first}",
                "are the two mixed up?",
            )
    modality = draft.facts.get("modality")
    future = isinstance(modality, Term) and modality.one("verdictOf") != KG.replace("ns#", "verdict/") + "stated"
    if future and "until" in draft.content and draft.kind and draft.kind.notation == "figure":
        scope.report(
            draft.row.cells["until"].key_place,
            "KG305",
            "'until' ends a state; a deadline is by",
            f"write by: {draft.content['until']}",
            "warning",
        )


def _check_self(scope: Scope, draft: Draft) -> None:
    ends = [
        (name, v)
        for name in ("agent", "subject", "target", "object", "counterparty", "about")
        if isinstance(v := draft.content.get(name), Ref)
    ]
    seen: dict[str, str] = {}
    for name, value in ends:
        if value.iri in seen:
            scope.report(
                draft.row.where(name),
                "KG114",
                f"'{value.id}' stands in '{seen[value.iri]}' and in '{name}'",
                "nobody is towards itself",
            )
        seen.setdefault(value.iri, name)


def _fill_defaults(scope: Scope, draft: Draft, sources: Mapping[str, Source]) -> None:
    """Add what a row leaves out: who speaks, stance, modality, kind of evidence."""
    facts, terms = draft.facts, scope.ontology.terms
    publisher = draft.source.facts["publisher"]
    speaker = facts.setdefault("said-by", publisher)
    facts.setdefault("stance", terms("Stance")["asserts"])
    facts.setdefault("modality", terms("Modality")["conditional" if "if" in facts else "actual"])
    if "evidence" not in facts:
        facts["evidence"] = _evidence(scope, speaker, publisher)
    said, published = facts.get("said-when"), draft.source.facts["published"]
    if isinstance(said, Date) and isinstance(published, Date) and said.lower > published.upper > "":
        scope.report(
            draft.row.where("said-when"), "KG202", f"said in {said}, after its source was published ({published})"
        )
    _advise(scope, draft)


def _evidence(scope: Scope, speaker: Value, publisher: Value) -> Term:
    """Return the kind of evidence that a speaker's type implies; the publisher narrates."""
    type_ = scope.types.get(speaker.id) if isinstance(speaker, Ref) and speaker != publisher else None
    default = type_.one("defaultEvidence") if type_ else ""
    return scope.ontology.term(default) if default else scope.ontology.terms("Evidence")["narration"]


def _advise(scope: Scope, draft: Draft) -> None:
    """Point at what is allowed and often not meant."""
    row, facts = draft.row, draft.facts
    kind = draft.source.facts.get("kind")
    if isinstance(kind, Term) and kind.notation == "editor" and "disputes" in row.cells:
        hint = "write {subject: …, relation: in-tension-with, object: …}"
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
        hint = "if the source tells of a plan without quoting its owner, write plan-of and leave said-by out"
        scope.report(row.where("said-by"), "KG307", "the owner of the plan speaks here", hint, "info")


# ---------------------------------------------------------------- references between claims


def _handles(scope: Scope, drafts: Iterable[Draft]) -> dict[str, Draft]:
    """Return drafts by ``source/handle``, reporting handles that stand twice in a source."""
    handles: dict[str, Draft] = {}
    for draft in drafts:
        handle = draft.facts.get("id")
        if isinstance(handle, str):
            first = handles.setdefault(f"{draft.source.id}/{handle}", draft)
            if first is not draft:
                scope.report(
                    draft.row.where("id"), "KG110", f"the id '{handle}' stands twice (first at {first.row.where('id')})"
                )
    return handles


def _find(scope: Scope, draft: Draft, cell: Cell, text: str, handles: Mapping[str, Draft]) -> Draft | None:
    """Return the draft that a reference means: ``id`` in the same source, or ``source/id``."""
    full = text if "/" in text else f"{draft.source.id}/{text}"
    found = handles.get(full)
    if found is draft:
        scope.report(cell.place, "KG105", f"'{text}' is this very row")
        return None
    if found is None:
        near = nearest(full, handles).removeprefix(f"{draft.source.id}/")
        scope.report(
            cell.place,
            "KG105",
            f"no claim '{text}'",
            f"did you mean '{near}'?" if near else "give the claim an id, and name it as id or source/id",
        )
    return found


def _resolve(scope: Scope, drafts: list[Draft], handles: Mapping[str, Draft]) -> None:
    """Make claims of drafts, those first that others refer to; a circle of references is an error."""
    targets = {id(draft): dict(_references(scope, draft, handles)) for draft in drafts}
    todo = [draft for draft in drafts if all(targets[id(draft)].values())]
    while todo:
        ready = [d for d in todo if all(t is not None and t.claim for t in targets[id(d)].values())]
        if not ready:
            if not scope.has_errors:
                scope.report(
                    todo[0].row.place,
                    "KG105",
                    "claims refer to each other in a circle",
                    "the later row points at the earlier one",
                )
            return
        for draft in ready:
            _finish(scope, draft, targets[id(draft)])
        todo = [draft for draft in todo if draft.claim is None and draft not in ready]


def _references(scope: Scope, draft: Draft, handles: Mapping[str, Draft]) -> Iterator[tuple[str, Draft | None]]:
    """Yield what of other claims belongs to the content: the claim that is answered, or the ends of a relation."""
    for name, cell in draft.waiting.items():
        if scope.ontology.row_keys[name].value_kind != LINKS:
            yield name, _find(scope, draft, cell, cell.text, handles)


def _finish(scope: Scope, draft: Draft, targets: Mapping[str, Draft | None]) -> None:
    """Give the draft its proposition and its claim."""
    claims = {name: target.claim for name, target in targets.items() if target and target.claim}
    if POINTER in claims:
        proposition = claims[POINTER].proposition
    else:
        content = {**draft.content, **{name: Ref(claim.iri, claim.text("id")) for name, claim in claims.items()}}
        made = _proposition(scope, draft, content)
        if made is None:
            return
        proposition = made
    iri = name_claim(draft.source, proposition, draft.facts, scope.settings.base)
    draft.claim = Claim(iri, draft.source, proposition, draft.facts, {}, draft.row.place)


def _proposition(scope: Scope, draft: Draft, content: Facts) -> Proposition | None:
    kind, term = draft.kind, draft.term
    if kind is None or term is None:
        return None
    if term.flag("symmetric"):
        content = _in_order(content)
    slot_keys = tuple(sorted(scope.ontology.term(iri).notation for iri in kind.all("slotKey")))
    return make_proposition(
        kind, term, content, base=scope.settings.base, slot_keys=slot_keys, period=period_of(scope.ontology, content)
    )


def _in_order(content: Facts) -> Facts:
    """Put the two ends of a symmetric relation in the order of their IRIs, so that both ways round are one proposition."""
    ends = [value for value in (content.get("subject"), content.get("object")) if isinstance(value, Ref)]
    if len(ends) < 2:
        return content
    first, second = sorted(ends, key=lambda ref: ref.iri)
    return {**content, "subject": first, "object": second}


def _linked(scope: Scope, draft: Draft, handles: Mapping[str, Draft]) -> Claim:
    """Return the draft's claim with its links to other claims."""
    assert draft.claim is not None  # noqa: S101 - the caller looked
    links: dict[str, tuple[str, ...]] = {}
    for name, cell in draft.waiting.items():
        if scope.ontology.row_keys[name].value_kind == LINKS:
            found = [_find(scope, draft, cell, part.strip(), handles) for part in cell.text.split("|")]
            links[name] = tuple(sorted(other.claim.iri for other in found if other and other.claim))
    return replace(draft.claim, links=links)


def _check_doubles(scope: Scope, claims: Iterable[Claim]) -> None:
    seen: dict[str, Claim] = {}
    for claim in claims:
        first = seen.setdefault(claim.iri, claim)
        if first is not claim:
            scope.report(claim.place, "KG112", f"the same claim as at {first.place}", "one of the two rows is too many")
