"""Test questions: compare the answers of each with the expected ones.

In: a graph and questions with ``# try:`` and ``# answer:`` header lines. Out: a ``Trial`` per question.
"""

from __future__ import annotations

import os
import re
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from kg.files.outputs import write_file
from kg.files.text_tables import show_term
from kg.graph.project_graph import Graph
from kg.model.errors import KgError, ProjectError, UsageError
from kg.model.iris import Shortener
from kg.model.ontology import nearest
from kg.sparql.questions import Question
from kg.sparql.store import Answer

NONE = "(none)"
_ORDERED = re.compile(r"\bORDER\s+BY\b", re.IGNORECASE)
_COMMENT = re.compile(r"(?m)^\s*#.*$")


@dataclass(frozen=True, slots=True)
class Trial:
    """The test of one question: the call, the missing rows, and the unexpected rows.

    ``state`` is passed, failed, or untold if no answer is written down; ``error`` says why there is no answer.
    """

    name: str
    titles: Mapping[str, str]
    call: str
    state: str
    given: tuple[str, ...]
    missing: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()
    error: str = ""


def chosen_questions(graph: Graph, names: Iterable[str], *, shipped: bool) -> list[Question]:
    """Return the questions with the given names, else the project's own, with ``shipped`` also those of kg.

    Raises UsageError for an unknown name, ProjectError if there are no questions.
    """
    wanted = list(names)
    for name in wanted:
        if name not in graph.questions:
            near = nearest(name, graph.questions)
            raise UsageError(
                f"no question '{name}'" + (f"; did you mean '{near}'?" if near else "; `kg ask` lists them")
            )
    known = graph.questions.values()
    chosen = [q for q in known if (q.name in wanted if wanted else shipped or own_file(graph, q.name).is_file())]
    if not chosen:
        raise ProjectError("the project has no questions/*.rq; --shipped asks those that come with kg")
    return chosen


def own_file(graph: Graph, name: str) -> Path:
    """Return the path of a project's own question, whether it exists or not."""
    return graph.folder / "questions" / f"{name}.rq"


def try_questions(graph: Graph, questions: Iterable[Question]) -> list[Trial]:
    """Run the ``# try:`` call of every question, each in its own child process to isolate failures.

    The first question runs alone: it builds the store that the others share.
    """
    first, *others = questions
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return [_try(graph, first), *pool.map(lambda question: _try(graph, question), others)]


def _try(graph: Graph, question: Question) -> Trial:
    call = f"{question.name} {question.example}".strip()
    try:
        answer = graph.ask(question.name, _parameters(question))
    except KgError as error:
        return Trial(question.name, question.titles, call, "failed", (), error=str(error))
    given = answer_rows(answer, Shortener(graph.prefixes))
    if not question.answer:
        return Trial(question.name, question.titles, call, "untold", given)
    expected = () if question.answer == (NONE,) else question.answer
    if not (answer.kind == "solutions" and _ORDERED.search(_COMMENT.sub("", question.sparql))):
        expected, given = tuple(sorted(expected)), tuple(sorted(given))
    missing = tuple((Counter(expected) - Counter(given)).elements())
    surplus = tuple((Counter(given) - Counter(expected)).elements())
    return Trial(
        question.name, question.titles, call, "passed" if expected == given else "failed", given, missing, surplus
    )


def _parameters(question: Question) -> dict[str, str]:
    """Return the parameters of the example call. Raises UsageError if it is malformed."""
    try:
        words = shlex.split(question.example)
    except ValueError as error:
        raise UsageError(f"'# try: {question.example}' cannot be read: {error}") from None
    names, values = words[::2], words[1::2]
    if len(names) != len(values) or not all(name.startswith("--") for name in names):
        raise UsageError(f"'# try: {question.example}' is no call; write it like: # try: --NAME VALUE")
    return {name.removeprefix("--"): value for name, value in zip(names, values, strict=True)}


def answer_rows(answer: Answer, shortener: Shortener) -> tuple[str, ...]:
    """Return an answer as ``# answer:`` lines: cells joined by `` | ``, yes or no, or triples."""
    if answer.kind == "boolean":
        return ("yes" if answer else "no",)
    if answer.kind == "triples":
        triples = (line.removesuffix(" .").split(" ", 2) for line in answer.text.splitlines())
        return tuple(" ".join(shortener.turtle(term) for term in triple) for triple in triples)
    return tuple(" | ".join(show_term(term, shortener) for term in row).rstrip() for row in answer.terms)


def accept(graph: Graph, trials: Iterable[Trial]) -> list[Path]:
    """Write the current answers of the project's own questions into their files; return the changed files."""
    written = []
    for trial in trials:
        file = own_file(graph, trial.name)
        if trial.state != "passed" and not trial.error and file.is_file():
            write_file(file, _with_answer(file.read_text("utf-8"), trial.given or (NONE,)))
            written.append(file)
    return written


def _with_answer(text: str, rows: Iterable[str]) -> str:
    """Return the text of a question with new answer lines, after its ``# try:`` line or its last header line."""
    lines = [line for line in text.splitlines() if not re.match(r"#\s*answer:", line)]
    heads = [number for number, line in enumerate(lines) if re.match(r"#\s*(title|parameter|try)\b", line)]
    place = next((n for n in heads if re.match(r"#\s*try:", lines[n])), heads[-1]) + 1
    lines[place:place] = [f"# answer: {row}".rstrip() for row in rows]
    return "".join(f"{line}\n" for line in lines)
