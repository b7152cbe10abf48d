"""Check rows of text: return a world, or report every problem at once.

In: ``reading.Records``. Out: a ``model.World`` if there is no error, and the problems. The ontology defines what is
valid; this module only checks rows against it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import replace

from kg.files.project import SETTINGS
from kg.ingestion.checking.claim_rows import read_claims, without_bad_defaults
from kg.ingestion.checking.constraints import check_range, check_required, meant_key
from kg.ingestion.checking.values import Scope, check_id, did_you_mean, read_value, with_article
from kg.ingestion.reading import Cell, Records, Row
from kg.model.dates import Date
from kg.model.errors import Location, Problem
from kg.model.ontology import read_ontology
from kg.model.terms import EntityType, Record
from kg.model.world import Entity, Ref, Settings, Source, Value, World

SETTING_KEYS = ("title", "base", "licence", "languages", "encoding")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def check_records(records: Records, *, lost: Collection[Location] = ()) -> tuple[World | None, list[Problem]]:
    """Check every row against the ontology. Return the world, or None if there is an error, and all problems.

    An error at a place in ``lost``, where a claim row begins to which no other refers, costs only that claim.
    """
    problems = list(records.problems)
    scope = Scope(read_ontology(records.ontology, problems), unread=frozenset(records.unread), problems=problems)
    scope.settings = _settings(scope, records.settings)
    _know_ids(scope, records)
    entities = {e.id: e for row in records.entities if (e := _entity(scope, row))}
    _check_names(scope, entities.values())
    sources = {s.id: s for row in records.sources if (s := _source(scope, row))}
    claims = read_claims(scope, without_bad_defaults(scope, records), sources)
    problems = sorted(set(scope.problems))
    errors = {problem.location for problem in problems if problem.severity == "error"}
    if any(place not in lost for place in errors):
        return None, problems
    sound = [claim for claim in claims if claim.place not in errors] if errors else claims
    ordered = tuple(sorted(sound, key=lambda claim: claim.iri))
    return World(scope.settings, scope.ontology, entities, sources, ordered), problems


def read_settings(records: Records) -> Settings:
    """Return the settings of a project without checking anything else; errors in them are not reported."""
    return _settings(Scope(read_ontology({}, [])), records.settings)


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


def _know_ids(scope: Scope, records: Records) -> None:
    """Collect every id with its type, reporting invalid and (ignoring case) duplicate ids."""
    seen: dict[str, Location] = {}
    types = scope.ontology.of(EntityType)
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
        scope.types[cell.text] = types.get(row.text("type")) or scope.ontology.unknown_type
        if month := row.text("fiscal-year-ends"):
            scope.fiscal[cell.text] = month
        names = [c.text for k, c in row.cells.items() if _is_language(scope, k)]
        scope.labels[cell.text] = next(iter(names), cell.text)
        for name in (*names, *row.text("aka").split("|")):
            scope.names.setdefault(name.strip().casefold(), []).append(cell.text)
    if not records.entities and not records.unread:
        scope.report(
            Location("entities.yaml"), "KG011", "the project has no entities", "a line each: id: {type: …, en: …}"
        )


def _know_id(scope: Scope, cell: Cell, seen: dict[str, Location], hint: str) -> None:
    """Report an invalid or duplicate id."""
    first = seen.setdefault(cell.text.casefold(), cell.place)
    if check_id(scope, cell) and first != cell.place:
        scope.report(cell.place, "KG110", f"the id '{cell.text}' stands twice (first at {first})", hint)


def _is_language(scope: Scope, key: str) -> bool:
    """Return whether a key of an entity holds a name: a listed language, or a two-letter one."""
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
    if not isinstance(type_, EntityType) or not id:
        return None
    unknown = rest.keys() - scope.ontology.keys("entity").keys()  # one of them may be a misspelt name key
    if not names and not unknown and not row.faulty and type_.notation != "source":
        scope.report(row.place, "KG108", f"'{id}' has no name", "write one by its language, such as en: …")
    for key, cell in row.cells.items():
        if key in names:
            _warn_of_mixed_scripts(scope, cell)
    return Entity(id, scope.ref(id).iri, type_, names, facts, row.place)


def _source(scope: Scope, row: Row) -> Source | None:
    """Return a source even if it has errors, so that its claims are checked too."""
    facts = _read_facts(scope, row, "source", "")
    published = facts.setdefault("published", Date("", "", ""))
    facts.setdefault("publisher", Ref("", ""))
    if isinstance(published, Date) and published.edtf and not published.upper:
        hint = "by when was it published at the latest?"
        scope.report(row.where("published"), "KG201", f"'{published}' has no end", hint)
    id = row.text("id")
    return Source(id, scope.ref(id).iri, facts, row.place) if id else None


def _read_facts(scope: Scope, row: Row, record: str, tail: str) -> dict[str, Value]:
    """Read the cells of an entity or source, reporting unknown and missing keys."""
    facts, keys = {}, scope.ontology.keys(record)
    row = replace(row, faulty=row.faulty | {meant_key(name, keys) for name in row.cells if name not in keys})
    for name, cell in row.cells.items():
        if name not in keys:
            hint = did_you_mean(name, keys) or f"keys of {with_article(record)}: {', '.join(keys)}{tail}"
            scope.report(cell.key_place, "KG101", f"unknown key '{name}'", hint)
            continue
        value = read_value(scope, keys[name], cell)
        if value is not None and check_range(scope, keys[name].range, keys[name], cell, value):
            facts[name] = value
    check_required(scope, row, scope.ontology.of(Record)[record].requires)
    return facts


def _check_names(scope: Scope, entities: Iterable[Entity]) -> None:
    """Warn about two entities of one type whose names differ only in case, width or invisible characters."""
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
    for word in () if cell.text.isascii() else cell.text.split():
        scripts = {unicodedata.name(c, "").split(" ")[0] for c in word if c.isalpha()} & {"LATIN", "CYRILLIC", "GREEK"}
        if len(scripts) > 1:
            scope.report(
                cell.place,
                "KG302",
                f"'{word}' mixes letters of {' and '.join(sorted(s.title() for s in scripts))}",
                "look-alikes? Type it again",
                "warning",
            )
