"""Propose pairs of entities that may be the same, and store the curator's decisions in ``xref.csv``.

In: a project and all known names of its entities. Out: candidates with score and reason. A judgement is a line of
``xref.csv`` (a, b, judgement, by, note, score); the last one on a pair counts, and deleting the line undoes it.
Entities are never merged automatically: a positive judgement says which line to write.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kg.bulk.whole import load_world
from kg.files.outputs import write_file
from kg.ingestion.reading import Row, read_table
from kg.model.errors import KgError, Location, Problem, UsageError
from kg.model.iris import KG, OWL
from kg.model.names import MINIMUM, Likeness, Name, Normaliser, Scorer, best_likeness, compare_all
from kg.model.ontology import nearest
from kg.model.terms import RelationType
from kg.model.world import Entity, Ref, Relation, World

FILE = "xref.csv"
COLUMNS = ("a", "b", "judgement", "by", "note", "score")
JUDGEMENTS = ("positive", "negative", "unsure")
SAME = 100.0
NAME_KEYS = {"name": "the name it was given", "old-name": "a former name"}
MERGED = "http://purl.org/dc/terms/isReplacedBy"
Pair = tuple[str, str]


@dataclass(frozen=True)
class Candidate:
    """Two entities that may be the same."""

    a: str
    b: str
    score: float
    reason: str

    def __str__(self) -> str:
        """Return one line: score, both ids, reason."""
        return f"{self.score:5.1f}  {self.a}  {self.b}  {self.reason}"


# ---------------------------------------------------------------- candidates


def candidates(folder: Path, *, least: float = MINIMUM) -> list[Candidate]:
    """Return pairs of entities of one type that may be the same and are not decided yet, the highest score first."""
    world = load_world(folder)
    settled = _settled(world) | judgements(folder).keys()
    found: dict[Pair, Candidate] = {}
    for candidate in (*_by_identifier(world), *_by_name(world, least)):
        pair = (candidate.a, candidate.b)
        if pair not in settled and (pair not in found or found[pair].score < candidate.score):
            found[pair] = candidate
    return sorted(found.values(), key=lambda candidate: (-candidate.score, candidate.a, candidate.b))


def _compared(world: World) -> list[Entity]:
    """Return the entities to compare, without those that represent others."""
    return [entity for _, entity in sorted(world.entities.items()) if "stands-for" not in entity.facts]


def _by_name(world: World, least: float) -> Iterator[Candidate]:
    normaliser, entities, known = Normaliser(world.ontology), _compared(world), _names_said(world)
    types = {iri: number for number, iri in enumerate(sorted({entity.type.iri for entity in entities}))}
    bearers: list[tuple[Entity, str, Name]] = [
        (entity, kind, name)
        for entity in entities
        for text, kind in {**known.get(entity.id, {}), **_names_of(entity)}.items()
        for name in normaliser.names(text)
    ]
    groups = [types[entity.type.iri] for entity, *_ in bearers]
    for one, other, likeness in compare_all([name for *_, name in bearers], groups, least):
        (a, kind_a, name_a), (b, kind_b, name_b) = bearers[one], bearers[other]
        if a.id == b.id or _known_apart(world, a, b):
            continue
        told = f"{_told(name_a, kind_a)} and {_told(name_b, kind_b)}: {likeness.reason}"
        first, second = _in_order(a.id, b.id)
        yield Candidate(first, second, likeness.score, told)


def _names_of(entity: Entity) -> dict[str, str]:
    """Return the names in the row of an entity."""
    also = entity.facts.get("aka", ())
    names = dict.fromkeys((name for name in also if isinstance(name, str)) if isinstance(also, tuple) else (), "")
    return names | dict.fromkeys(entity.names.values(), "")


def _names_said(world: World) -> dict[str, dict[str, str]]:
    """Return the current and former names that claims state: from entity id to name to its description."""
    said: dict[str, dict[str, str]] = {}
    for proposition in world.propositions:
        about = proposition.content.get("about")
        for key, what in NAME_KEYS.items():
            text = proposition.content.get(key)
            if isinstance(about, Ref) and isinstance(text, str):
                said.setdefault(about.id, {})[text] = what
    return said


def _told(name: Name, kind: str) -> str:
    return f"'{name.text}' ({kind})" if kind else f"'{name.text}'"


def _by_identifier(world: World) -> Iterator[Candidate]:
    """Yield pairs with the same external identifier."""
    key = _outside_key(world)
    bearers: dict[tuple[str, str], list[str]] = {}
    for entity in _compared(world):
        if isinstance(ref := entity.facts.get(key), Ref):
            bearers.setdefault((entity.type.iri, ref.id), []).append(entity.id)
    for (_, identifier), ids in bearers.items():
        for other in ids[1:]:
            yield Candidate(*_in_order(ids[0], other), SAME, f"both are {identifier}")


def _outside_key(world: World) -> str:
    """Return the key for external identifiers: the one that maps to ``owl:sameAs``."""
    keys = world.ontology.keys("entity").items()
    return next((notation for notation, key in keys if key.iri == f"{OWL}sameAs"), "")


def _known_apart(world: World, a: Entity, b: Entity) -> bool:
    """Return whether two entities have different external identifiers."""
    key = _outside_key(world)
    return key in a.facts and key in b.facts and a.facts[key] != b.facts[key]


def _settled(world: World) -> set[Pair]:
    """Return the pairs that the project already declares to be the same."""
    found = set()
    for entity in world.entities.values():
        if isinstance(ref := entity.facts.get(_merge_key(world)), Ref):
            found.add(_in_order(entity.id, ref.id))
    for proposition in world.propositions:
        if isinstance(proposition, Relation) and f"{KG}sameAs" in proposition.term.shortcuts:
            found.add(_in_order(proposition.subject.id, proposition.object.id))
    return found


def _merge_key(world: World) -> str:
    keys = world.ontology.keys("entity").items()
    return next((notation for notation, key in keys if key.iri == MERGED), "")


def _in_order(a: str, b: str) -> Pair:
    return (a, b) if a < b else (b, a)


# ---------------------------------------------------------------- judgements


def judgements(folder: Path) -> Mapping[Pair, str]:
    """Return the judgements by pair; the last one on a pair counts."""
    rows, _ = read_table(folder, FILE, "a")
    return {_in_order(row.text("a"), row.text("b")): row.text("judgement") for row in rows}


def judge(folder: Path, a: str, b: str, judgement: str, *, by: str = "", note: str = "") -> list[str]:
    """Append a judgement to ``xref.csv`` and return what to do next. Raises UsageError if a pair is invalid."""
    world = load_world(folder)
    for id in (a, b):
        if id not in world.entities:
            near = nearest(id, world.entities)
            raise UsageError(f"no entity '{id}'" + (f"; did you mean '{near}'?" if near else ""))
    first, second = (world.entities[id] for id in (a, b))
    if a == b:
        raise UsageError(f"'{a}' is one already")
    if first.type != second.type:
        raise UsageError(
            f"'{a}' is a {first.type.label()} and '{b}' a {second.type.label()}; only one type is compared"
        )
    likeness = _likeness(world, first, second)
    row = (*_in_order(a, b), judgement, by, note, f"{likeness.score:.1f}" if likeness else "")
    _append(folder / FILE, row)
    return _advice(world, first, second) if judgement == "positive" else []


def _likeness(world: World, a: Entity, b: Entity) -> Likeness | None:
    """Return the similarity of two entities' names, weighted by all names of the project."""
    normaliser, known = Normaliser(world.ontology), _names_said(world)
    names = {
        entity.id: [
            name for text in {**known.get(entity.id, {}), **_names_of(entity)} for name in normaliser.names(text)
        ]
        for entity in _compared(world)
    }
    scorer = Scorer(name for group in names.values() for name in group)
    return best_likeness(scorer, names.get(a.id, []), names.get(b.id, []))


def _append(path: Path, row: Iterable[str]) -> None:
    """Append a line to the file; write the whole file atomically."""
    text = ""
    if path.exists():
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise KgError(f"cannot read {path.name}: {error}") from None
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    if not text.strip():
        text = ""
        writer.writerow(COLUMNS)
    elif tuple(next(csv.reader(io.StringIO(text)))) != COLUMNS:
        raise KgError(f"the columns of {path.name} are not {', '.join(COLUMNS)}; nothing was written")
    writer.writerow([" ".join(cell.split()) for cell in row])
    write_file(path, text + ("" if not text or text.endswith("\n") else "\n") + line.getvalue())


def _advice(world: World, a: Entity, b: Entity) -> list[str]:
    """Return alternative lines that declare two entities the same; the one used less is merged into the other."""
    used = {entity.id: 0 for entity in (a, b)}
    for claim in world.claims:
        for value in (*claim.proposition.content.values(), *claim.facts.values()):
            for ref in value if isinstance(value, tuple) else (value,):
                if isinstance(ref, Ref) and ref.id in used:
                    used[ref.id] += 1
    kept, gone = sorted((a, b), key=lambda entity: (-used[entity.id], entity.id))
    relations = world.ontology.of(RelationType).values()
    same = next((term.notation for term in relations if f"{KG}sameAs" in term.shortcuts), "")
    lines = [f"{gone.place}: to the line of {gone.id} add {_merge_key(world)}: {kept.id}"]
    if same:
        claim_line = f"{{subject: {gone.id}, relation: {same}, object: {kept.id}}}"
        lines.append(f"or, where a source says so, write the claim {claim_line}")
    return lines


def check_file(folder: Path, ids: Iterable[str]) -> list[Problem]:
    """Return the problems of ``xref.csv``: unknown ids, invalid judgements, pairs of one entity."""
    rows, problems = read_table(folder, FILE, "a")
    known, found = set(ids), [problem for problem in problems if problem.code != "KG011"]
    for row in rows:
        found.extend(_check_row(row, known))
    return sorted(found)


def _check_row(row: Row, known: set[str]) -> Iterator[Problem]:
    for key in ("a", "b"):
        id = row.text(key)
        if not id:
            yield Problem(row.place, "error", "KG108", f"'{key}' is missing", "a pair has two")
        elif id not in known:
            near = nearest(id, known)
            hint = f"did you mean '{near}'?" if near else "an entity that is gone needs no line here; delete it"
            yield Problem(row.where(key), "error", "KG103", f"unknown entity '{id}'", hint)
    if row.text("a") and row.text("a") == row.text("b"):
        yield Problem(row.where("b"), "error", "KG114", f"'{row.text('b')}' stands on both sides", "a pair has two")
    if row.text("judgement") not in JUDGEMENTS:
        place: Location = row.where("judgement")
        said = row.text("judgement")
        yield Problem(place, "error", "KG102", f"unknown judgement '{said}'", f"one of: {', '.join(JUDGEMENTS)}")
