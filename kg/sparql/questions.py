"""Read named questions: a ``.rq`` file each, with its title, parameters and an expected answer in comments at the top.

    # title: What does somebody do, and how sure is it?
    # title@zh: …
    # parameter who: entity: whom the question is about
    # try: --who a
    # answer: :b | kg:supplierOf | stated
    SELECT …

A parameter is a variable that the query selects. Without a value, it stays free. For a month,
``day`` is the last day and ``first-day`` the first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kg.files.project import SETTINGS
from kg.ingestion.reading import Fault, Records, Row, text_of
from kg.model.dates import read_date
from kg.model.errors import Location, ProjectError, UsageError
from kg.model.iris import XSD, literal
from kg.model.ontology import nearest, shipped_folder
from kg.model.world import World

KINDS = ("entity", "day", "first-day", "text", "number")
_HEAD = re.compile(r"#\s*(?P<key>title(?:@[a-z-]+)?|parameter [a-z_]+|try|answer):\s?(?P<value>.*)")


@dataclass(frozen=True)
class Parameter:
    """A parameter: its name, its kind of value, and its meaning."""

    name: str
    kind: str
    meaning: str


@dataclass(frozen=True)
class Question:
    """A named question."""

    name: str
    title: str
    titles: Mapping[str, str]
    parameters: tuple[Parameter, ...]
    example: str
    answer: tuple[str, ...]
    sparql: str


def read_questions(project: Path | None = None) -> dict[str, Question]:
    """Return the questions by name: those of the package, and the project's own, which take precedence.

    Raises ProjectError if one of the project's own cannot be read.
    """
    return {name: read_question(name, text) for name, text in read_texts("questions", project).items()}


def read_texts(folder: str, project: Path | None) -> dict[str, str]:
    """Return the queries of a folder by name: those of the package, and the project's own, which take precedence.

    Raises ProjectError if one of the project's own cannot be read, or lies outside the project.
    """
    texts = {path.stem: path.read_text("utf-8") for path in (shipped_folder() / folder).glob("*.rq")}
    if project:
        own = [path.name for path in (project / folder).glob("*.rq")]
        texts |= {name.removesuffix(".rq"): _own_text(project, f"{folder}/{name}") for name in sorted(own)}
    return dict(sorted(texts.items()))


def _own_text(project: Path, name: str) -> str:
    try:
        return text_of(Records(Row(Location(SETTINGS), {})), project, name)
    except Fault as fault:
        raise ProjectError(str(fault.problem)) from None


def read_question(name: str, text: str, *, folder: str = "questions") -> Question:
    """Parse a question's file in a folder. Raises ProjectError if it has no title or a parameter is not described."""
    heads: dict[str, list[str]] = {}
    for line in text.splitlines():
        if match := _HEAD.fullmatch(line.rstrip()):
            heads.setdefault(match["key"], []).append(match["value"].strip())
    if "title" not in heads:
        raise ProjectError(f"{folder}/{name}.rq has no title; begin it with: # title: …")
    parameters = tuple(
        _parameter(name, key, values[0]) for key, values in heads.items() if key.startswith("parameter ")
    )
    titles = {key.partition("@")[2] or "en": values[0] for key, values in heads.items() if key.startswith("title")}
    return Question(
        name, titles["en"], titles, parameters, heads.get("try", [""])[0], tuple(heads.get("answer", ())), text
    )


def _parameter(question: str, key: str, value: str) -> Parameter:
    kind, colon, meaning = value.partition(":")
    if not colon or (kind.strip() not in KINDS and not kind.strip().startswith("term ")):
        raise ProjectError(
            f"questions/{question}.rq: write '# {key}: entity: what it means' (or {', '.join(KINDS[1:])}, term CLASS)"
        )
    return Parameter(key.removeprefix("parameter "), kind.strip(), meaning.strip())


Finder = Callable[[str], list[str]]


def bind(world: World, question: Question, values: Mapping[str, str], find: Finder | None = None) -> dict[str, str]:
    """Return the given parameters as terms. Raises UsageError, which suggests the nearest valid word.

    ``find`` returns the ids for an id or a name, if there are more than the world holds.
    """
    known = {parameter.name: parameter for parameter in question.parameters}
    for name in values:
        if name not in known:
            takes = ", ".join(f"--{parameter}" for parameter in known) or "no parameter"
            raise UsageError(f"'{question.name}' has no parameter --{name}; it takes {takes}")
    find = find or partial(_find, world)
    return {name: _bound(world, known[name], value, find) for name, value in values.items()}


def _bound(world: World, parameter: Parameter, value: str, find: Finder) -> str:
    if parameter.kind == "entity":
        return _entity(world, parameter, value, find)
    if parameter.kind.startswith("term "):
        terms = world.ontology.terms(parameter.kind.removeprefix("term "))
        if value not in terms:
            raise UsageError(_unknown(parameter.name, value, nearest(value, terms)))
        return f"<{terms[value].iri}>"
    if parameter.kind in ("day", "first-day"):
        try:
            date = read_date(value)
            return literal(date.lower if parameter.kind == "first-day" else date.upper, datatype=XSD + "date")
        except ValueError as error:
            raise UsageError(f"--{parameter.name}: {error}") from None
    return literal(value, datatype=XSD + "decimal") if parameter.kind == "number" else literal(value)


def _find(world: World, value: str) -> list[str]:
    """Return the id of an entity or source, else the ids of the entities with a name."""
    if value in world.entities or value in world.sources:
        return [value]
    folded = value.casefold()
    return sorted(id for id, e in world.entities.items() if folded in {name.casefold() for name in e.names.values()})


def _entity(world: World, parameter: Parameter, value: str, find: Finder) -> str:
    """Return the entity or source with an id or a name, as a term."""
    found = find(value)
    if len(found) != 1:
        hint = f"'{value}' names several: {', '.join(found)}" if found else ""
        raise UsageError(hint or _unknown(parameter.name, value, nearest(value, {**world.entities, **world.sources})))
    return f"<{world.settings.base}id/{found[0]}>"


def _unknown(name: str, value: str, near: str) -> str:
    return f"--{name}: unknown '{value}'" + (f"; did you mean '{near}'?" if near else "")
