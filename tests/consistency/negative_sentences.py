"""Where negative sentences about the record are printed, and the queries by which each is false.

The table is negative_sentences.rq; nothing here imports what judges. ``NOT_OF_THE_RECORD`` has every other negative text
that commands and pages can print.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ways_out import Told

from kg.commands.comparison import no_gap, plan_lines

Subject = dict[str, str]
Subjects = Iterator[Subject]
Where = Callable[[Told, str], Subjects]
TABLE = Path(__file__).with_suffix(".rq")

NOT_OF_THE_RECORD = {
    # Of the words of one row, which the row itself has.
    "not checked here",  # the stored text of a source was not read
    "The sources do not name what this box represents.",  # a role without its far end
    "handover untold",  # the name of a rule
    ", alone gives:",
    # Of what a page shows: the page itself searches it.
    "No box has such a name.",
    "No path: nothing that is shown leads from one to the other.",
    "Nobody had said so yet on the day of the clock.",
    "Nothing that is shown has a date of its own.",
    "Without a date of their own, by when it was first said",
    "There is nothing to draw here yet. Once a claim names two things, they show up as boxes with a line between them.",
    "No name is like it.",
    # Headings and hints, which say what follows.
    "What is missing. First the things that most statements name; within each, first what most is said against",
    "What is missing of each thing, those first of which most is said.",
    "a search that found nothing is a claim too: stance: silent (docs/comparing.md)",
    "Claims that cannot both hold, or hardly. Both sides are kept.",
    # Of two versions, of files, of rows to write, of questions and their written answers.
    "no differences",
    "the id alone is another; what is said of it is the same",
    "nothing was built but rejects.csv; kg build --allow-rejects builds without these rows",
    "no problems",
    "nothing was written; fix the errors first",
    "nothing was written",
    "is no KEY=VALUE",
    "Write it? [Yes/no]",
    ": left alone:",
    "nothing is quoted",
    "nothing to judge",
    "not as expected",
    "without a written answer",
    "expected, but not answered:",
    "answered, but not expected:",
    "no answer:",
    "; no answer is written down to compare with (# answer: …, or --accept)",
    # Of addresses, names and the service.
    "no claim or proposition is called '",
    "default-src 'none'; style-src 'sha256-",
    "'; base-uri 'none'; form-action 'none'",
    "Without JavaScript, Ask opens the answer as it is sent.",
    "the service does not answer",
    "There is nothing here",
    "None: the graph is as the project's files have it.",
    # Of terms: what a claim is, not what is on record.
    "Told second-hand, after we do not know what; it adds no witness.",
}


@dataclass(frozen=True)
class Sentence:
    """A negative sentence, where it is printed, and the query whose rows show that it is false there."""

    text: str
    where: str
    refuted: str


@cache
def table() -> tuple[Sentence, ...]:
    """Return the negative sentences about the record."""
    blocks = re.split(r"\n\n(?=# sentence:)", TABLE.read_text("utf-8").partition("\n\n")[2])
    found = []
    for block in blocks:
        texts = re.findall(r"(?m)^# sentence: (.*)$", block)
        where, query = re.findall(r"(?m)^# where: (\w+)$", block), re.sub(r"(?m)^ *#.*$\n?", "", block)
        found += [Sentence(text, where[0], query.strip()) for text in texts]
    return tuple(found)


def false_in(told: Told) -> Iterator[str]:
    """Yield each negative sentence that a project prints and its graph refutes, with its subject."""
    asked: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for sentence in table():
        for subject in WHERE[sentence.where](told, sentence.text):
            key = (sentence.refuted, *subject.values())
            if key not in asked:
                asked[key] = told.rows(sentence.refuted, **subject)
            if rows := asked[key]:
                name = told.why[subject["p"]].statement if "p" in subject else subject
                yield f"“{sentence.text}” of {name}: {rows[0]}"


# ---------------------------------------------------------------- where a sentence is printed


def _is_in(text: str, lines: list[str]) -> bool:
    """Return whether lines have a text, up to what is filled in, with a large or a small first letter."""
    text = text.partition("{")[0].strip()
    return any(text in line or f"{text[:1].lower()}{text[1:]}" in line for line in lines)


def _why(told: Told, text: str) -> Subjects:
    return ({"p": iri} for iri, lines in told.lines_of_why.items() if _is_in(text, lines))


def _ended(told: Told, text: str) -> Subjects:
    for why in told.why.values():
        for voice in why.voices:
            if _is_in(text, [*voice.lines()]):
                yield {"claim": told.iri(voice)}


def _handover(told: Told, _: str) -> Subjects:
    """Yield each two propositions between which no transfer is told."""
    for iri, why in told.why.items():
        for beside in (one for one in why.beside if one.qualifier.word == "handover-untold"):
            yield {"p": iri, "q": told.proposition_of[told.iri(beside.voice)]}


def _held(told: Told, text: str) -> Subjects:
    for conflict in (one for one in told.conflicts if one.title == text):
        yield from ({"p": told.proposition_of[told.iri(side)]} for side in (conflict.one, conflict.other))


def _plans(told: Told, text: str) -> Subjects:
    for report in told.plans:
        _, heading, *lines = plan_lines([report])
        if _is_in(text, [heading] if text.endswith(".") else lines):
            yield from ({"p": told.proposition_of[told.iri(one)], "claim": told.iri(one)} for one in report.said)


def _near(told: Told, _: str) -> Subjects:
    for report in told.plans:
        plan = told.proposition_of[told.iri(report.said[0])]
        yield from ({"p": plan, "other": told.proposition_of[told.iri(one)]} for one in report.near)


def _undated(told: Told, _: str) -> Subjects:
    plans = (report for report in told.plans if not report.due and report.outcome == "open")
    return ({"p": told.proposition_of[told.iri(report.said[0])]} for report in plans)


def _if(condition: Callable[[Told], bool]) -> Where:
    """Return a function for a sentence about the whole project."""
    return lambda told, _: iter([{}] if condition(told) else [])


def _absent(name: str) -> Where:
    """Return a function for the cells of ``kg gaps`` under an absence."""

    def found(told: Told, text: str) -> Subjects:
        for report in told.gaps:
            for cell in (cell for cell in report.cells if cell.absence == name):
                assert cell.meaning == text
                yield {"entity": told.world.entities[report.id].iri, "name": f'"{cell.expected}"'}

    return found


def _lacking(told: Told, text: str) -> Subjects:
    for weak in (weak for report in told.gaps for weak in report.weak if text in weak.lacks):
        yield {"p": told.proposition_of[told.iri(weak.said[0])]}


def _no_gap(told: Told, text: str) -> Subjects:
    """Yield the entities for which ``kg gaps ID`` prints a sentence, and all if it prints it without one."""
    listed = {report.id for report in told.gaps}
    for id, entity in told.world.entities.items():
        if (id not in listed and no_gap(told.world, id) == text) or (not listed and no_gap(told.world) == text):
            yield {"entity": entity.iri}


def _resting(name: str) -> Where:
    rows = f"SELECT DISTINCT ?p {{ ?p kg:restsOn footing:{name} }}"
    return lambda told, _: ({"p": iri} for (iri,) in told.rows(rows))


def _shown(told: Told) -> Subject:
    """Return whether reports show all, or only what is of the day that was asked for."""
    return {"shown": '"day"' if told.world.clocks.as_of else '"all"'}


def _empty_matrix(told: Told, _: str) -> Subjects:
    if not told.graph.matrix().blocks:
        yield _shown(told)


def _dots(told: Told, _: str) -> Subjects:
    matrix = told.graph.matrix()
    for block in (block for block in matrix.blocks if block.id):
        for row in block.rows:
            for agent in matrix.agents.keys() - row.cells.keys():
                product, actor = (told.world.entities[id].iri for id in (block.id, agent))
                yield {"product": product, "agent": actor, "name": f'"{row.id}"', **_shown(told)}


def _unspoken(told: Told, _: str) -> Subjects:
    for block in (block for block in told.graph.matrix().blocks if block.id):
        for row in (row for row in block.rows if not row.cells):
            yield {"product": told.world.entities[block.id].iri, "name": f'"{row.id}"', **_shown(told)}


def _no_product(told: Told, text: str) -> Subjects:
    for block in (block for block in told.graph.matrix().blocks if block.label == text and not block.id):
        for said in (said for row in block.rows for cell in row.cells.values() for said in cell):
            yield from ({"p": told.short[id]} for id in said.propositions)


def _undated_entries(told: Told, _: str) -> Subjects:
    for entity in told.world.entities:
        for entry in told.graph.timeline(entity).entries:
            if entry.proposition and not entry.when:
                yield {"p": told.short[entry.proposition]}


def _unmentioned(told: Told, _: str) -> Subjects:
    named = {id for entry in told.page.values() for id in entry["nodes"]}  # type: ignore[attr-defined]
    return ({"entity": entity.iri} for id, entity in told.world.entities.items() if id not in named)


def _outlook(name: str) -> Where:
    def found(told: Told, _: str) -> Subjects:
        for node, data in told.graph.to_networkx().nodes(data=True):
            if data["outlook"] == name and not data["stand_in"]:
                yield {"entity": told.world.entities[node].iri, **_shown(told)}

    return found


WHERE: dict[str, Where] = {
    "why": _why,
    "ended": _ended,
    "handover": _handover,
    "held": _held,
    "no_conflict": _if(lambda told: not told.conflicts),
    "plans": _plans,
    "no_plan": _if(lambda told: not told.plans),
    "undated": _undated,
    "near": _near,
    "unknown": _absent("unknown"),
    "denied": _absent("denied"),
    "not_reported": _absent("not-reported"),
    "only_planned": _absent("planned"),
    "lacking": _lacking,
    "no_gap": _no_gap,
    "one_anonymous": _resting("one-anonymous"),
    "second_hand": _resting("second-hand"),
    "interested": _resting("interested-parties"),
    "unmentioned": _unmentioned,
    "empty_matrix": _empty_matrix,
    "dots": _dots,
    "unspoken": _unspoken,
    "no_product": _no_product,
    "undated_entries": _undated_entries,
    "outlook_planned": _outlook("planned"),
    "outlook_denied": _outlook("denied"),
}
