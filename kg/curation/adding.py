"""Add one row to a claim file, from interactive prompts or given cells, and check it before writing.

In: a project and the cells of a row. Out: the file with the new row, and the row's sentence. The row is inserted into
the text of the file and the whole project is checked with that text; only then is the file replaced.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from kg.bulk.whole import read_all_records, read_whole
from kg.curation.formatting import end_of
from kg.files.outputs import write_file
from kg.formats.yaml_form import claim_line
from kg.ingestion.checking.constraints import check_type
from kg.ingestion.checking.values import Scope, read_value
from kg.ingestion.reading import Cell, Fault, Node, Records, compose, encoding_of, text_of
from kg.model.errors import CheckError, Location, Problem, ProjectError, UsageError
from kg.model.ontology import Ontology, in_order, read_ontology
from kg.model.sentences import Sentences
from kg.model.terms import EntityType, Key, Kind, Predicate
from kg.model.world import Claim, World

POINTER = "re"
HANDLES = ("claim", "claims", "entity-or-claim")
ENTITIES = ("entity", "entities")
Ask = Callable[[str, list[str]], str]  # from a question and its valid answers to an answer
Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """A row to write: the file, its text before and after, the row's sentence, and its problems."""

    name: str
    line: str
    before: str
    after: str
    sentence: str
    problems: list[Problem]


@dataclass
class Desk:
    """What a row can refer to: the project's files, ontology, entities and sources."""

    folder: Path
    records: Records
    ontology: Ontology
    scope: Scope

    @property
    def files(self) -> list[str]:
        """Return the claim files to which a row can be added."""
        names = {row.place.file for row in self.records.sources if row.place.file.startswith("claims/")}
        return sorted(name for name in names if name.endswith((".yaml", ".yml")))


def open_desk(folder: Path) -> Desk:
    """Read a project to add rows to it. Raises CheckError if its ontology has errors."""
    records = read_all_records(folder)
    problems: list[Problem] = []
    ontology = read_ontology(records.ontology, problems)
    if problems:
        raise CheckError(problems)
    desk = Desk(folder, records, ontology, Scope(ontology))
    types = ontology.of(EntityType)
    keys = {"id", *ontology.keys("entity")}
    for row in records.entities:
        id, names = row.text("id"), [cell.text for key, cell in row.cells.items() if key not in keys]
        desk.scope.types[id] = types.get(row.text("type")) or ontology.unknown_type
        desk.scope.labels[id] = next(iter(names), id)
        for name in (*names, *filter(None, row.text("aka").split("|"))):
            desk.scope.names.setdefault(name.strip().casefold(), []).append(id)
    desk.scope.sources = {row.text("id"): row.place for row in records.sources}
    return desk


def find_file(desk: Desk, wanted: str) -> str:
    """Return the claim file with a path, a name or a source id; if ``wanted`` is "", the only claim file.

    Raises UsageError if there is no such file.
    """
    if not wanted and len(desk.files) == 1:
        return desk.files[0]
    given = Path(wanted).resolve()
    inside = given.relative_to(desk.folder.resolve()).as_posix() if given.is_relative_to(desk.folder.resolve()) else ""
    for name in desk.files:
        if wanted and (name == inside or wanted in (name, Path(name).name, Path(name).stem)):
            return name
    known = ", ".join(desk.files) or "none that is YAML"
    raise UsageError((f"no claim file '{wanted}'" if wanted else "which file? Say --to FILE") + f"; there are: {known}")


# ---------------------------------------------------------------- the row


def plan_row(desk: Desk, name: str, row: Mapping[str, str]) -> Plan:
    """Return the plan for adding a row to a file, without writing.

    Raises CheckError if the project would have errors, UsageError if the file is not in UTF-8.
    """
    if encoding_of(desk.records.settings, name).lower() not in ("", "utf-8", "utf8"):
        raise UsageError("kg add writes UTF-8 only, and kg.yaml names another encoding of the file")
    try:
        before = text_of(desk.records, desk.folder, name)
        line = claim_line(row, desk.ontology)
        after, number = with_row(before, name, line)
    except Fault as fault:
        raise CheckError([fault.problem]) from None
    whole = read_whole(desk.folder, {name: after})
    world, problems = whole.world, whole.problems
    if world is None:
        raise CheckError(problems)
    claim = next(claim for claim in world.claims if (claim.place.file, claim.place.line) == (name, number))
    here = [p for p in problems if (p.location.file, p.location.line) == (name, number)]
    return Plan(name, line, before, after, said(world, claim), here)


def write_plan(desk: Desk, plan: Plan) -> None:
    """Replace the file. Raises ProjectError if it has changed since the plan was made."""
    if text_of(desk.records, desk.folder, plan.name) != plan.before:
        raise ProjectError(f"{plan.name} was changed meanwhile; nothing was written")
    write_file((desk.folder / plan.name).resolve(), plan.after)


def said(world: World, claim: Claim) -> str:
    """Return speaker, stance, modality and proposition of a claim as one sentence."""
    sentences, speaker, modality = Sentences(world, days_in_words=True), claim.ref("said-by"), claim.modality
    who = sentences.name(speaker) if speaker else ""
    how = "" if modality.notation == "actual" else f", {modality.label()}"
    return f"{who} {claim.stance.label()}{how}: {sentences.sentence(claim.proposition)}"


def with_row(text: str, name: str, line: str) -> tuple[str, int]:
    """Return a claim file with a row appended, and the line number of the row. Raises Fault if this is not possible."""
    node = compose(text, name)
    parts = {key.text: (key, value) for key, value in (node.pairs or () if node else ())}
    lines = re.split(r"\r\n|\n|\r", text)
    newline = "\r\n" if "\r\n" in text else "\n"
    if "claims" not in parts:
        raise Fault(Location(name), "KG011", "the file holds no claims", "write claims: below the source")
    key, value = parts["claims"]
    last, indent = _last_line(key, value, lines, name)
    rest = lines[last + 1 :] or [""]
    return newline.join([*lines[: last + 1], f"{indent}{line}", *rest]), last + 2


def _last_line(key: Node, value: Node, lines: list[str], name: str) -> tuple[int, str]:
    """Return the last line of the list of claims, counted from 0, and the indentation of its rows."""
    if value.members:
        head = re.match(r"(\s*)- ", lines[value.members[-1].place.line - 1])
        if head and lines[value.place.line - 1][value.place.column - 1 :][:1] != "[":
            return end_of(value.members[-1], lines)[0], head[1]
    elif value.members is None and not (value.text or "").strip():
        return key.place.line - 1, ""
    raise Fault(value.place, "KG005", "no row can be added to claims laid out like this", "`kg fmt` lays them out")


# ---------------------------------------------------------------- the prompts


class Guide:
    """Asks for a row, key by key."""

    def __init__(self, desk: Desk, ask: Ask, say: Say) -> None:
        """Ask with ``ask``, explain with ``say``."""
        self.desk = desk
        self.ontology = desk.ontology
        self.ask = ask
        self.say = say
        self.term: Predicate | None = None  # the term of the current row: it restricts the values of other keys

    def file(self) -> str:
        """Ask for the file of the row."""
        files = self.desk.files
        if len(files) == 1:
            return files[0]
        if not files:
            raise UsageError("the project has no claim file in YAML; write its source first")
        stems = {Path(name).stem: name for name in files}
        return stems[self.choice("Which source says it?", list(stems))]

    def row(self) -> dict[str, str]:
        """Ask for a row: its kind, its required keys, and its optional keys."""
        comments = {word: kind.comment for word, kind in self.ontology.kinds.items()}
        comments[POINTER] = self.ontology.row_keys[POINTER].comment
        for word, comment in comments.items():
            self.say(f"  {word}: {comment}")
        word = self.choice("What does the row say?", list(comments))
        row = {word: self.value(word)}
        kind = self.ontology.kinds.get(word)
        if kind:
            self.needed(row, kind, word)
        self.optional(row, kind)
        return row

    def needed(self, row: dict[str, str], kind: Kind, word: str) -> None:
        """Ask for every key that the kind and its term require."""
        term = self.term = self.ontology.predicates(kind).get(row[word])
        for key in in_order({*kind.requires, *(term.requires if term else ())}):
            if key.notation not in row:
                row[key.notation] = self.value(key.notation)
        ends = [key.notation for key in in_order(kind.requires_one_of)]
        if ends and not set(ends) & row.keys():
            self.end(row, ends, alone=term is not None and term.stands_alone)

    def end(self, row: dict[str, str], ends: list[str], *, alone: bool) -> None:
        """Ask for one of the ends until there is one, unless the term can stand ``alone``."""
        while not set(ends) & row.keys():
            self.say(f"  one of {' or '.join(ends)}{', or neither' * alone}; Enter goes on to the next")
            for name in ends:
                if not set(ends) & row.keys() and (text := self.value(name, optional=True)):
                    row[name] = text
            if alone:
                return

    def optional(self, row: dict[str, str], kind: Kind | None) -> None:
        """Ask for further keys by name until the answer is empty."""
        content = self.ontology.keys("content") if kind else {}
        fitting = {name: key for name, key in content.items() if kind and kind.iri in key.key_of}
        keys = {**fitting, **self.ontology.keys("claim")}
        if kind:
            keys.pop(POINTER, None)
        while left := [name for name in keys if name not in row]:
            self.say(f"  also: {', '.join(left)}")
            name = self.choice("Another key, or Enter to end:", left, optional=True)
            if not name:
                return
            if text := self.value(name, optional=True):
                row[name] = text

    def choice(self, question: str, words: list[str], *, optional: bool = False) -> str:
        """Ask for one of ``words`` until the answer is valid."""
        while True:
            text = self.ask(question, words).strip()
            if text in words or (optional and not text):
                return text
            near = get_close_matches(text, words, n=3) or [word for word in words if text and text in word]
            if len(near) == 1 and near[0].startswith(text):
                self.say(f"  {near[0]}")
                return near[0]
            self.say(f"  did you mean {' or '.join(near)}?" if near else f"  one of: {', '.join(words)}")

    def value(self, name: str, *, optional: bool = False) -> str:
        """Ask for the value of a key until it can be parsed."""
        key = self.ontology.row_keys[name]
        self.say(f"  {key.label()}: {key.comment or key.read_as.label()}")
        words = self.words(key)
        while True:
            text = self.ask(f"{name}:", words).strip()
            if not text and optional:
                return ""
            if text and (found := self.accept(key, text, words)):
                return found

    def words(self, key: Key) -> list[str]:
        """Return the valid values of a key if they can be listed, else an empty list."""
        if key.value_kind == "term":
            return list(self.ontology.terms(key.term_class))
        if key.value_kind == "choice":
            return list(key.choices)
        if key.value_kind == "source":
            unseen = (id for id, type_ in self.desk.scope.types.items() if type_.notation == "source")
            return ["unknown", *self.desk.scope.sources, *unseen]
        if key.value_kind in (*ENTITIES, "entity-or-claim"):
            classes = self.classes(key)
            types = self.desk.scope.types.items()
            return [id for id, type_ in types if not classes or self.ontology.is_a(type_.iri, classes)]
        return []

    def classes(self, key: Key) -> tuple[str, ...]:
        """Return the classes that a key accepts: those of the row's term, else that of the key; empty accepts any."""
        narrowed = self.ontology.narrowed(key, self.term) if self.term else ()
        return narrowed or ((key.range,) if key.range else ())

    def accept(self, key: Key, text: str, words: list[str]) -> str:
        """Return a valid value with names replaced by ids, or explain what is wrong and return ""."""
        if key.value_kind in ENTITIES:
            ids = [self.entity(key, part.strip(), words) for part in text.split("|")]
            return "|".join(ids) if all(ids) else ""
        if key.value_kind in HANDLES:
            return text  # the check of the whole project resolves it
        if read_value(self.desk.scope, key, _cell(text)) is not None:
            return text
        self.complain()
        return ""

    def complain(self) -> None:
        """Explain what is wrong with a value, with the messages of ``kg check``."""
        for problem in self.desk.scope.problems:
            self.say(f"  {problem.message}" + (f"; {problem.hint}" if problem.hint else ""))
        self.desk.scope.problems.clear()

    def entity(self, key: Key, text: str, words: list[str]) -> str:
        """Return the id of an entity by id or name, or explain why there is none and return ""."""
        if text in words:
            return text
        scope = self.desk.scope
        called = [text] if text in scope.types else scope.names.get(text.casefold(), [])
        named = [id for id in called if id in words]
        if len(named) == 1:
            self.say(f"  {named[0]}")
            return named[0]
        if called and not named:
            check_type(scope, called[0], self.classes(key), _cell(text), f"the {key.label()} of this row")
            self.complain()
            return ""
        near = named or self.nearest(text, words)
        shown = ", ".join(f"{id} ({self.desk.scope.labels.get(id, id)})" for id in near)
        meant = f"'{text}' may be several" if named else f"nothing here is called '{text}'"
        self.say(f"  {meant}" + (f"; near: {shown}" if near else "; name it in the entities first"))
        return ""

    def nearest(self, text: str, words: list[str]) -> list[str]:
        """Return up to five ids with a similar id or name."""
        called = {id: id for id in words} | {
            self.desk.scope.labels[id].casefold(): id for id in words if id in self.desk.scope.labels
        }
        found = get_close_matches(text.casefold(), called, n=5, cutoff=0.5)
        found += [name for name in called if text and text.casefold() in name]
        return list(dict.fromkeys(called[name] for name in found))[:5]


def _cell(text: str) -> Cell:
    here = Location("")
    return Cell(text, here, here)
