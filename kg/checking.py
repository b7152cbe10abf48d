"""From rows of text to a checked world, or to every problem in them at once.

In: ``reading.Records``. Out: ``model.World``, where there was no error, and the problems. What may be said stands in
the ontology; here stands only how a row is held against it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
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
    default_facts,
    make_proposition,
    name_claim,
    period_of,
    without_wording,
)
from kg.ontology import Ontology, Term, nearest, read_ontology
from kg.quantities import Quantity
from kg.reading import SETTINGS, Cell, Records, Row
from kg.values import Scope, check_id, check_maximum, did_you_mean, is_id, read_value, with_article

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
    wording: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Value] = field(default_factory=dict)
    waiting: dict[str, Cell] = field(default_factory=dict)
    links: dict[str, list[Draft]] = field(default_factory=dict)
    sound: bool = True  # everything in the row was understood
    claim: Claim | None = None


def check_records(records: Records) -> tuple[World | None, list[Problem]]:
    """Hold every row against the ontology. Returns the world, or None where there is an error, and all problems."""
    problems = list(records.problems)
    scope = Scope(read_ontology(records.ontology, problems), unread=frozenset(records.unread), problems=problems)
    scope.settings = _settings(scope, records.settings)
    _know_ids(scope, records)
    entities = {e.id: e for row in records.entities if (e := _entity(scope, row))}
    _check_names(scope, entities.values())
    sources = {s.id: s for row in records.sources if (s := _source(scope, row))}
    claims = _claims(scope, _without_bad_defaults(scope, records), sources)
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
        if name not in row.cells and name not in row.faulty:
            hint = "such as base: https://example.org/my-project/" if name == "base" else ""
            scope.report(row.place, "KG108", f"{SETTINGS} needs '{name}'", hint)
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
    for language in languages:
        if not _LANGUAGE.fullmatch(language):
            hint = "such as languages: en|zh"
            scope.report(row.where("languages"), "KG210", f"'{language}' is no language tag", hint)
    return Settings(row.text("title"), base or scope.settings.base, row.text("licence"), languages)


# ---------------------------------------------------------------- entities and sources


def _know_ids(scope: Scope, records: Records) -> None:
    """Collect every id with its type, and report ids that are wrong or stand twice, in whatever case."""
    seen: dict[str, Location] = {}
    types = scope.ontology.terms("EntityType")
    for row in records.sources:
        if cell := row.cells.get("id"):
            _know_id(scope, cell, seen, "two sources need two ids")
            scope.sources.setdefault(cell.text, cell.place)
    for row in records.entities:
        if (cell := row.cells.get("id")) is None:
            continue
        is_source = cell.text in scope.sources
        hint = "once a source has a claim file, its line here goes" if is_source else "two entities need two ids"
        _know_id(scope, cell, seen, hint)
        scope.types[cell.text] = types.get(row.text("type")) or Term("", "", {}, {})
        names = [c.text for k, c in row.cells.items() if _is_language(scope, k)]
        scope.labels[cell.text] = next(iter(names), cell.text)
        for name in (*names, *row.text("aka").split("|")):
            scope.names.setdefault(name.strip().casefold(), []).append(cell.text)
    if not records.entities and not records.unread:
        scope.report(
            Location("entities.yaml"), "KG011", "the project has no entities", "a line each: id: {type: …, en: …}"
        )


def _know_id(scope: Scope, cell: Cell, seen: dict[str, Location], hint: str) -> None:
    """Report an id that is none, or that stands twice."""
    first = seen.setdefault(cell.text.casefold(), cell.place)
    if check_id(scope, cell) and first != cell.place:
        scope.report(cell.place, "KG110", f"the id '{cell.text}' stands twice (first at {first})", hint)


_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def _is_language(scope: Scope, key: str) -> bool:
    """Tell whether a key of an entity holds a name: a listed language, or one of two letters."""
    if key in scope.ontology.keys("entity") or key == "id":
        return False
    return key in scope.settings.languages or bool(_LANGUAGE.fullmatch(key) and re.match(r"[a-z]{2}(-|$)", key))


def _entity(scope: Scope, row: Row) -> Entity | None:
    names = {key: cell.text for key, cell in row.cells.items() if _is_language(scope, key)}
    rest = {key: cell for key, cell in row.cells.items() if key not in names and key != "id"}
    facts = _read_facts(
        scope,
        replace(row, cells=rest),
        "entity",
        "; a name stands under its language, such as en; anything else is a claim, with a source",
    )
    type_, id = facts.get("type"), row.text("id")
    if not isinstance(type_, Term) or not id:
        return None
    unknown = rest.keys() - scope.ontology.keys("entity").keys()  # one of them may be meant as the name
    if not names and not unknown and not row.faulty and type_.notation != "source":
        scope.report(row.place, "KG108", f"'{id}' has no name", "write one by its language, such as en: …")
    for key, cell in row.cells.items():
        if key in names:
            _warn_of_mixed_scripts(scope, cell)
    return Entity(id, scope.ref(id).iri, type_, names, facts, row.place)


def _source(scope: Scope, row: Row) -> Source | None:
    """Return a source; one with errors too, so that its rows are read."""
    facts = _read_facts(scope, row, "source", "")
    published = facts.setdefault("published", Date("", "", ""))
    facts.setdefault("publisher", Ref("", ""))
    if isinstance(published, Date) and published.edtf and not published.upper:
        hint = "by when was it published at the latest?"
        scope.report(row.where("published"), "KG201", f"'{published}' has no end", hint)
    id = row.text("id")
    return Source(id, scope.ref(id).iri, facts, row.place) if id else None


def _read_facts(scope: Scope, row: Row, record: str, tail: str) -> dict[str, Value]:
    """Read the cells of a record beside the claims, reporting unknown keys and missing ones."""
    facts, keys = {}, scope.ontology.keys(record)
    row = replace(row, faulty=row.faulty | {_meant(name, keys) for name in row.cells if name not in keys})
    for name, cell in row.cells.items():
        if name not in keys:
            hint = did_you_mean(name, keys) or f"keys of {with_article(record)}: {', '.join(keys)}{tail}"
            scope.report(cell.key_place, "KG101", f"unknown key '{name}'", hint)
            continue
        value = read_value(scope, keys[name], cell)
        if value is not None and _check_range(scope, keys[name].range, keys[name], cell, value):
            facts[name] = value
    _check_required(scope, row, scope.ontology.terms("Record")[record].all("requires"))
    return facts


def _meant(name: str, keys: Mapping[str, Term]) -> str:
    """Return the key that an unknown one was most likely meant to be, or nothing."""
    instead = (key.notation for key in keys.values() if name in key.all("insteadOf"))
    return next(instead, "") or nearest(name, keys)


def _check_required(scope: Scope, row: Row, required: Iterable[str]) -> list[str]:
    """Report keys that must be there and are not; return them."""
    missing = [
        key
        for key in sorted(map(scope.ontology.term, required), key=lambda key: (key.position, key.notation))
        if key.notation not in row.cells and key.notation not in row.faulty
    ]
    for key in missing:
        scope.report(row.place, "KG108", f"'{key.notation}' is missing", _purpose(scope, key))
    return [key.notation for key in missing]


def _purpose(scope: Scope, key: Term) -> str:
    """Return what a key is for: the first sentence of its comment, or how it is written."""
    sentence = key.statements.get(COMMENT, ("",))[0].partition(". ")[0].rstrip(".")
    if sentence:
        return sentence[0].lower() + sentence[1:]
    if key.value_kind == "term":
        return f"one of: {', '.join(scope.ontology.terms(key.one('termClass')))}"
    return f"write '{key.notation}: …', {scope.ontology.term(key.one('valueKind')).label()}"


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


def _without_bad_defaults(scope: Scope, records: Records) -> list[Row]:
    """Report keys that cannot be defaults, once; return the claim rows as if such keys stood there unreadable."""
    allowed = scope.ontology.terms("DefaultKey")
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


def _claims(scope: Scope, rows: Iterable[Row], sources: Mapping[str, Source]) -> list[Claim]:
    drafts = [_draft(scope, row, sources) for row in rows]
    handles = _handles(scope, drafts)
    for draft in drafts:
        _link(scope, draft, handles)
    _resolve(scope, drafts)
    claims = [_linked(scope, draft) for draft in drafts if draft.claim]
    _check_doubles(scope, claims)
    return claims


def _draft(scope: Scope, row: Row, sources: Mapping[str, Source]) -> Draft:
    """Read one claim row; what is wrong with it is reported, and makes the draft unsound."""
    keys = scope.ontology.row_keys
    cells = {name: cell for name, cell in row.cells.items() if name != "source"}
    row = replace(row, faulty=row.faulty | {_meant(name, keys) for name in cells if name not in keys})
    source = _source_of(scope, row, sources)
    draft = Draft(row, source or _nowhere(scope, row), _kind(scope, row, cells), sound=bool(source) and not row.faulty)
    if draft.kind:
        named = scope.ontology.term(draft.kind.one("namedBy"))
        value = read_value(scope, named, cells[named.notation])
        draft.term = value if isinstance(value, Term) else None
        draft.sound &= draft.term is not None
        if draft.term:
            draft.content[named.notation] = draft.term
        del cells[named.notation]
    draft.sound &= draft.kind is not None or POINTER in cells
    for name, cell in cells.items():
        if _check_key(scope, draft, name, cell):
            _take(scope, draft, keys[name], cell)
        else:
            draft.sound = False
    if draft.kind:
        _check_row(scope, draft)
    _fill_defaults(scope, draft)
    return draft


def _nowhere(scope: Scope, row: Row) -> Source:
    """Return what stands in for a source that is not known, so that the row is read all the same."""
    id = row.text("source")
    return Source(id, scope.ref(id).iri, {"publisher": Ref("", ""), "published": Date("", "", "")}, row.place)


def _source_of(scope: Scope, row: Row, sources: Mapping[str, Source]) -> Source | None:
    cell = row.cells.get("source")
    if cell is None:
        if row.place.file.endswith(".csv"):
            scope.report(row.place, "KG108", "'source' is missing", "every row names its source")
        return None
    if cell.text not in scope.sources and scope.knows_claims:
        hint = did_you_mean(cell.text, scope.sources) or "describe it in sources.csv"
        scope.report(cell.place, "KG104", f"unknown source '{cell.text}'", hint)
    return sources.get(cell.text)


def _kind(scope: Scope, row: Row, cells: Mapping[str, Cell]) -> Term | None:
    """Return the kind that the row's naming key tells, reporting none and two."""
    naming = [name for name in cells if name in scope.ontology.kinds or name == POINTER]
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
    """Tell whether a key is known and belongs to the row's kind, reporting one that does not."""
    kind, key = draft.kind, scope.ontology.row_keys.get(name)
    content = scope.ontology.keys("content")
    if key is None:
        hint = _instead(scope, draft, name) or did_you_mean(name, scope.ontology.row_keys)
        row_keys = scope.ontology.row_keys.items()
        known = ", ".join(word for word, key in row_keys if word not in content or not kind or _fits(kind, key))
        scope.report(cell.key_place, "KG101", f"unknown key '{name}'", hint or f"keys of a row: {known}")
    elif kind and name in content and not _fits(kind, key):
        takes = ", ".join(key.notation for key in content.values() if _fits(kind, key))
        message = f"{with_article(kind.label())} takes no '{name}'"
        scope.report(cell.key_place, "KG106", message, f"it takes {takes}")
    elif kind is None and POINTER in draft.row.cells and name in content and name not in scope.ontology.kinds:
        hint = f"what it says is said by the claim that '{POINTER}' names"
        scope.report(cell.key_place, "KG106", f"a row with '{POINTER}' takes no '{name}'", hint)
    else:
        return True
    return False


def _instead(scope: Scope, draft: Draft, name: str) -> str:
    """Return a hint where people write a word for a key that is called otherwise, with the row as it would read."""
    for key in scope.ontology.row_keys.values():
        if name in key.all("insteadOf"):
            reads = _reads(draft.kind, draft.term, key) if draft.kind and draft.term else ""
            return f"write '{key.notation}'" + (f", as in: {reads}" if reads else f": {_purpose(scope, key)}")
    return ""


def _reads(kind: Term, term: Term, key: Term) -> str:
    """Return how rows of a kind and term read, with keys for the places: 'agent acquires about, with counterparty'."""
    pattern = max(kind.all("pattern"), key=lambda pattern: pattern.count("{"))
    words = {
        kind.notation: term.reads,
        "role": term.reads,
        "event": term.reads,
        "relation": term.reads,
        "far": "target",
    }
    text = re.sub(r"\{(\w+)(?:\.label)?\}", lambda match: words.get(match[1], match[1]), pattern)
    return text if key.notation in text.split() else f"{text}, {key.reads} {key.notation}"


COMMENT = "http://www.w3.org/2000/01/rdf-schema#comment"


def _fits(kind: Term, key: Term) -> bool:
    return kind.iri in key.all("keyOf")


def _take(scope: Scope, draft: Draft, key: Term, cell: Cell) -> None:
    """Read a cell into the draft; what refers to claims waits until every row has been read."""
    if key.value_kind in ("claim", LINKS) or (key.value_kind == "entity-or-claim" and _between_claims(draft)):
        draft.waiting[key.notation] = cell
        return
    if key.value_kind == "entity-or-claim" and draft.term is None:
        return  # the relation is not known, so it cannot be told what its ends may be
    value = read_value(scope, key, cell)
    if value is None or not _check_range(scope, key.range, key, cell, value):
        draft.sound = False
        return
    if key.notation in scope.ontology.keys("content"):
        if isinstance(value, Quantity) and (draft.term or key.notation != "value"):
            _check_quantity(scope, draft, key, cell, value)
        plain = without_wording(scope.ontology, value)
        draft.content[key.notation] = plain
        if isinstance(plain, Date | Quantity | str) and str(plain) != str(value):
            draft.wording[key.notation] = str(value)
    else:
        draft.facts[key.notation] = value


def _between_claims(draft: Draft) -> bool:
    return draft.term is not None and KG + "Claim" in draft.term.all("subjectType")


def _check_range(scope: Scope, wanted: str, key: Term, cell: Cell, value: Value) -> bool:
    """Tell whether entities are of the class that the key names, reporting those that are not."""
    refs = value if isinstance(value, tuple) else (value,)
    known = [ref.id for ref in refs if isinstance(ref, Ref) and ref.id in scope.types] if wanted else []
    fits = [_check_type(scope, id, (wanted,), cell, f"'{key.notation}'") for id in known]
    return all(fits)


def _check_type(scope: Scope, id: str, wanted: tuple[str, ...], cell: Cell, what: str) -> bool:
    type_ = scope.types[id]
    if not type_.iri or scope.ontology.is_a(type_.iri, wanted):
        return True
    fitting = [t for t in scope.ontology.terms("EntityType").values() if scope.ontology.is_a(t.iri, wanted)]
    twins = (other for other in scope.names.get(scope.labels[id].casefold(), ()) if scope.types[other] in fitting)
    twin = next(twins, "")
    hint = f"types that fit: {', '.join(sorted(t.notation for t in fitting))}"
    if twin:
        hint = f"did you mean '{twin}', the {scope.types[twin].label()}?"
    words = " or ".join(with_article(scope.ontology.term(iri).label()) for iri in wanted)
    message = f"'{id}' is {with_article(type_.label())}; {what} takes {words}"
    scope.report(cell.place, "KG109", message, hint)
    return False


def _check_quantity(scope: Scope, draft: Draft, key: Term, cell: Cell, value: Quantity) -> None:
    """Report a unit that is missing or wrong for the measure (or key), and a number above its maximum."""
    holder = draft.term if draft.term and key.notation == "value" else key
    accepted = holder.all("unitOf")
    check_maximum(scope, cell.place, value, holder)
    if value.number is None:
        return
    unit = scope.ontology.term(value.unit) if value.unit else None
    if unit is None and accepted:
        scope.report(cell.place, "KG204", f"'{value.text}' has no unit", _unit_hint(scope, holder, value))
    elif unit and not accepted:
        scope.report(cell.place, "KG205", f"'{holder.label()}' is a bare number", f"leave out '{unit.label()}'")
    elif unit and not {unit.iri, *unit.statements.get(RDF_TYPE, ())} & set(accepted):
        words = " or ".join(scope.ontology.term(iri).label() for iri in accepted)
        message = f"'{holder.label()}' is not given in {unit.label()}"
        scope.report(cell.place, "KG205", message, f"it takes {words}")


def _unit_hint(scope: Scope, holder: Term, value: Quantity) -> str:
    unit = scope.ontology.term(holder.one("defaultUnit") or holder.all("unitOf")[0])
    of_class = scope.ontology.terms(unit.iri)
    if of_class:
        return f"add a {unit.label()}, such as {', '.join(list(of_class)[:6])} …"
    return f"write: {value.text}{'' if unit.label() == '%' else ' '}{unit.label()}"


RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


def _check_row(scope: Scope, draft: Draft) -> None:
    """Hold the whole row against its kind and its term: what must be there, what may stand where, in which order."""
    kind, term, row = draft.kind, draft.term, draft.row
    assert kind is not None  # noqa: S101 - the caller looked
    missing = _check_required(scope, row, {*kind.all("requires"), *(term.all("requires") if term else ())})
    if term is None:
        return
    ends = sorted(map(scope.ontology.term, kind.all("requiresOneOf")), key=lambda key: key.position)
    one_of = [key.notation for key in ends]
    if one_of and not {*row.cells, *row.faulty, *missing} & set(one_of) and not term.flag("standsAlone"):
        wanted_keys = " or ".join(f"'{key}'" for key in one_of)
        message = f"'{term.notation}' needs {wanted_keys}"
        scope.report(row.place, "KG108", message, "towards whom or what?")
    for name, value in draft.content.items():
        local = scope.ontology.row_keys[name].one("typeProperty").removeprefix(KG)
        wanted = scope.ontology.inherited(term, local) if local else ()
        if isinstance(value, Ref) and value.id in scope.types and wanted:
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
        if first.lower > second.upper > "":
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
            "'until' is the end of a state; a deadline stands under 'by'",
            f"write by: {draft.content['until']}",
            "warning",
        )


def _check_self(scope: Scope, draft: Draft) -> None:
    """Report an entity that stands at two ends of a row."""
    seen: dict[str, str] = {}
    for name in ("agent", "subject", "target", "object", "counterparty", "about"):
        value = draft.content.get(name)
        if not isinstance(value, Ref):
            continue
        first = seen.setdefault(value.iri, name)
        if first != name:
            message = f"'{value.id}' stands in '{first}' and in '{name}'"
            hint = (
                "leave out 'agent' where one does it to oneself" if name == "about" else "nothing stands towards itself"
            )
            scope.report(draft.row.where(name), "KG114", message, hint)


def _fill_defaults(scope: Scope, draft: Draft) -> None:
    """Add what a row leaves out: who speaks, stance, modality, kind of evidence."""
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


def _advise(scope: Scope, draft: Draft) -> None:
    """Point at what is allowed and often not meant."""
    row, facts = draft.row, draft.facts
    kind = draft.source.facts.get("kind")
    if isinstance(kind, Term) and kind.notation == "editor" and "disputes" in row.cells:
        sets = [word for word, term in scope.ontology.terms("RelationType").items() if term.flag("sets")]
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


# ---------------------------------------------------------------- references between claims


def _handles(scope: Scope, drafts: Iterable[Draft]) -> dict[str, Draft]:
    """Return drafts by ``source/handle``, reporting handles that stand twice in a source."""
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
    """Return the draft that a reference means: ``id`` in the same source, or ``source/id``."""
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
    """Find the claims that a row speaks of."""
    for name, cell in draft.waiting.items():
        several = scope.ontology.row_keys[name].value_kind == LINKS
        texts = [part.strip() for part in cell.text.split("|")] if several else [cell.text]
        draft.links[name] = [found for text in texts if (found := _find(scope, draft, cell, text, handles))]
        draft.sound &= len(draft.links[name]) == len(texts)
    ends = [draft.links[name][0] for name in ("subject", "object") if draft.links.get(name)]
    if len(ends) == 2 and ends[0] is ends[1]:
        place = draft.row.where("object")
        scope.report(place, "KG114", "'subject' and 'object' are one claim", "a relation joins two")


def _resolve(scope: Scope, drafts: list[Draft]) -> None:
    """Make claims of drafts, those first that others refer to; a circle of references is an error."""
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
    """Return what of other claims belongs to the content: the claim that is answered, or the ends of a relation."""
    keys = scope.ontology.row_keys
    return {name: found[0] for name, found in draft.links.items() if found and keys[name].value_kind != LINKS}


def _finish(scope: Scope, draft: Draft, targets: Mapping[str, Draft]) -> None:
    """Give the draft its proposition and its claim."""
    claims = {name: target.claim for name, target in targets.items() if target.claim}
    if POINTER in claims:
        proposition = claims[POINTER].proposition
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
    if term.flag("symmetric"):
        content = _in_order(content)
    slot_keys = tuple(sorted(scope.ontology.term(iri).notation for iri in kind.all("slotKey")))
    return make_proposition(
        kind, term, content, base=scope.settings.base, slot_keys=slot_keys, period=period_of(scope.ontology, content)
    )


def _in_order(content: Facts) -> Facts:
    """Put the ends of a symmetric relation in the order of their IRIs: both ways round are one proposition."""
    ends = [value for value in (content.get("subject"), content.get("object")) if isinstance(value, Ref)]
    if len(ends) < 2:
        return content
    first, second = sorted(ends, key=lambda ref: ref.iri)
    return {**content, "subject": first, "object": second}


def _linked(scope: Scope, draft: Draft) -> Claim:
    """Return the draft's claim with its links to other claims."""
    assert draft.claim is not None  # noqa: S101 - the caller looked
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
