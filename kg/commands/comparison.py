"""The commands that compare: ``plans``, ``gaps``, ``diff``, ``test``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from kg.commands.inquiry import Form, TellingForm
from kg.commands.printing import AsOf, KnownBy, Output, load_graph, write_output
from kg.judging.gaps import looked_for
from kg.model.errors import UsageError

if TYPE_CHECKING:
    from kg.graph.expectations import Trial
    from kg.model.world import World
    from kg.reports.claim_text import ClaimText
    from kg.reports.plans_and_gaps import CellReport, GapReport, PlanReport, StatementReport


# ---------------------------------------------------------------- plans


def plans(
    context: typer.Context,
    outcome: Annotated[
        str, typer.Option("--outcome", metavar="OUTCOME", help="Only these: missed, overdue, met and so on.")
    ] = "",
    everything: Annotated[bool, typer.Option("--all", help="Tell of plans that name no day, too.")] = False,
    form: Form = TellingForm.text,
    as_of: AsOf = "",
    known_by: KnownBy = "",
) -> None:
    """Tell what became of plans and targets: met, missed, late, not kept, overdue, never reported, or not due yet."""
    graph = load_graph(context, as_of=as_of, known_by=known_by)
    known = graph.world.ontology.terms("Outcome")
    if outcome and outcome not in known:
        raise UsageError(f"no outcome is called '{outcome}'; there are {', '.join(known)}")
    reports = graph.plans()
    found = [report for report in reports if outcome in ("", report.outcome)]
    shown = [report for report in found if report.due or everything or report.outcome != "open"]
    if form is TellingForm.json:
        typer.echo(json.dumps([asdict(report) for report in shown], ensure_ascii=False, indent=1))
        return
    typer.echo(f"What became of plans by {graph.world.as_of}, from what was published by {graph.world.known_by}")
    for line in plan_lines(shown):
        typer.echo(line)
    counts = Counter(report.label for report in shown)
    listed = ", ".join(f"{number} {label}" for label, number in counts.items())
    others = f"0 of {_count(len(reports), 'plan')}" if reports else "no plan that counts is on record"
    typer.echo(listed or others, err=True)
    if undated := len(found) - len(shown):
        typer.echo(f"{undated} more plans name no day; --all tells of them", err=True)


def plan_lines(reports: Iterable[PlanReport]) -> Iterator[str]:
    """Yield plans as lines, a section per outcome."""
    for (label, meaning), group in groupby(reports, key=lambda report: (report.label, report.meaning)):
        yield ""
        yield f"{label.upper()}: {_small(meaning)}"
        for report in group:
            yield from ("", f"  {report.plan}")
            yield from (f"    {line}" for line in _plan_lines(report))


def _plan_lines(report: PlanReport) -> Iterator[str]:
    yield f"due      {report.due or 'no day is named'}"
    yield f"plan of  {' and '.join(report.plan_of)}" if report.plan_of else "whose plan: not told"
    for voice in report.said:
        yield f"told by  {voice.telling}, in {voice.reading}  ({voice.place})"
    yield f"outcome  {', '.join(part for part in (report.percent, report.why) if part)}"
    for voice in report.observed:
        yield f"         “{voice.statement}”"
        yield f"         {voice.saying}, in {voice.reading}  ({voice.place})"
    if report.near:
        yield "         on record, but not compared:"
    for voice in report.near:
        yield f"         “{voice.statement}”  ({voice.place})"


# ---------------------------------------------------------------- diff


class RedlineForm(StrEnum):
    """Output formats for differences."""

    text = "text"
    json = "json"
    html = "html"


def diff(
    context: typer.Context,
    old: Annotated[str, typer.Argument(metavar="OLD", help="A project, a build, an exported file, or a git revision.")],
    new: Annotated[str, typer.Argument(metavar="[NEW]", help="The same. Default: the project as it is now.")] = "",
    form: Annotated[RedlineForm, typer.Option("--format", help="How to write it.")] = RedlineForm.text,
    output: Output = None,
    as_of: AsOf = "",
    known_by: KnownBy = "",
) -> None:
    """Tell in sentences what is different between two editions. Exit 0: nothing; 1: something."""
    from kg.graph.loading import clocks
    from kg.graph.versions import read_editions
    from kg.judging.verdicts import RULES_VERSION
    from kg.reports.diff_page import count_lines, redline, redline_page, redline_text

    before, after = read_editions(old, new, context.obj)
    days = clocks(as_of, known_by)
    found = redline(
        before.world.at(days), after.world.at(days), (before.name, after.name or "the project as it is now")
    )
    texts = {
        RedlineForm.text: lambda: "".join(f"{line}\n" for line in redline_text(found)) if found.lines else "",
        RedlineForm.json: lambda: json.dumps(asdict(found), ensure_ascii=False, indent=1) + "\n",
        RedlineForm.html: lambda: redline_page(found),
    }
    write_output(texts[form](), output)
    for edition in (before, after):
        if edition.rules not in (0, RULES_VERSION):
            typer.echo(
                f"{edition.name} was built by version {edition.rules} of the rules; here both are judged by version "
                f"{RULES_VERSION}, so verdicts may differ from those in that build (docs/verdicts.md)",
                err=True,
            )
    typer.echo(count_lines(found.lines) or "no differences", err=True)
    raise typer.Exit(1 if found.lines else 0)


# ---------------------------------------------------------------- gaps


def gaps(
    context: typer.Context,
    entity: Annotated[str, typer.Argument(metavar="[ID]", help="Only what is missing of this one.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Tell of every statement, not of the first few.")] = False,
    form: Form = TellingForm.text,
    as_of: AsOf = "",
    known_by: KnownBy = "",
) -> None:
    """List what is missing: roles that nobody names, dates, second witnesses, places in sources."""
    graph = load_graph(context, as_of=as_of, known_by=known_by)
    wanted = graph.entity_id(entity) if entity else ""
    if wanted and wanted not in graph.world.entities:
        raise UsageError(f"nobody and nothing is called '{entity}'")
    found = [report for report in graph.gaps() if wanted in ("", report.id)]
    if form is TellingForm.json:
        typer.echo(json.dumps([asdict(report) for report in found], ensure_ascii=False, indent=1))
        return
    for line in gap_lines(found, limit=None if everything else 5):
        typer.echo(line)
    empty = sum(len(report.cells) for report in found)
    weak = len({statement.statement for report in found for statement in report.weak})
    listed = f"{empty} unfilled, {weak} statements that lack something"
    typer.echo(listed if found else no_gap(graph.world, wanted), err=True)
    if empty:
        typer.echo("a search that found nothing is a claim too: stance: silent (docs/comparing.md)", err=True)


def no_gap(world: World, entity: str = "") -> str:
    """Return the message if no gap of an entity, or of any, is found: whether anything was looked for."""
    entities = [world.entities[entity]] if entity else world.entities.values()
    if any(looked_for(world, one) for one in entities):
        return "nothing of what is looked for is missing"
    return "nothing is looked for: the ontology expects nothing of such an entity"


def gap_lines(reports: Iterable[GapReport], limit: int | None) -> Iterator[str]:
    """Yield gaps as lines, a section per entity with at most ``limit`` statements."""
    yield "What is missing. First the things that most statements name; within each, first what most is said against"
    for report in reports:
        yield ""
        yield f"{report.name} ({report.id}, {report.type}): named in {_count(report.statements, 'statement')}"
        for (label, meaning), cells in groupby(report.cells, key=lambda cell: (cell.absence_label, cell.meaning)):
            yield from _cell_lines(label, meaning, list(cells))
        yield from _statement_lines(report.weak[:limit])
        if more := len(report.weak) - len(report.weak[:limit]):
            yield f"  … and {more} more; kg gaps {report.id} --all"


def _cell_lines(label: str, meaning: str, cells: list[CellReport]) -> Iterator[str]:
    yield f"  {label} ({_small(meaning).rstrip('.')}): {', '.join(cell.label for cell in cells)}"
    for voice in (voice for cell in cells for voice in cell.said):
        yield f"    “{voice.statement}”"
        yield f"    {_told(voice)}"


def _told(voice: ClaimText) -> str:
    searched = f", searched {voice.recorded}" if voice.recorded else ""
    return f"{voice.saying}, in {voice.reading}{searched}  ({voice.place})"


def _statement_lines(statements: Iterable[StatementReport]) -> Iterator[str]:
    for statement in statements:
        yield f"  “{statement.statement}” ({statement.verdict}) lacks {_listed(statement.lacks)}"
        speakers = dict.fromkeys(f"{voice.speaker}, {voice.place}" for voice in statement.said)
        yield f"    so far: {'; '.join(speakers)}"


# ---------------------------------------------------------------- test


def test(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="[QUESTION]…", help="Only these.")] = None,
    shipped: Annotated[bool, typer.Option("--shipped", help="Those that came with kg, too.")] = False,
    accept: Annotated[
        bool, typer.Option("--accept", help="Write what your own questions answer now into their files.")
    ] = False,
    language: Annotated[str, typer.Option("--lang", metavar="TAG", help="Tell the questions in this language.")] = "",
    form: Form = TellingForm.text,
) -> None:
    """Ask the project's questions and hold the answers against those written in their files."""
    from kg.graph import expectations

    graph = load_graph(context)
    questions = expectations.chosen_questions(graph, names or (), shipped=shipped)
    trials = expectations.try_questions(graph, questions)
    if form is TellingForm.json:
        typer.echo(json.dumps([asdict(trial) for trial in trials], ensure_ascii=False, indent=1))
    else:
        for line in trial_lines(trials, (language, *graph.world.settings.languages)):
            typer.echo(line)
    for file in expectations.accept(graph, trials) if accept else ():
        typer.echo(f"written: {file}", err=True)
    counts = Counter(trial.state for trial in trials)
    typer.echo(_tally(counts), err=True)
    raise typer.Exit(1 if counts["failed"] and not accept else 0)


def _tally(counts: Counter[str]) -> str:
    words = {"passed": "answered as expected", "failed": "not as expected", "untold": "without a written answer"}
    told = (f"{counts[state]} {word}" for state, word in words.items() if counts[state])
    return f"{_count(counts.total(), 'question')}: {', '.join(told)}"


def trial_lines(trials: Iterable[Trial], languages: tuple[str, ...]) -> Iterator[str]:
    """Yield a line with the question's title per trial, followed by the details unless it passed."""
    for trial in trials:
        title = next((trial.titles[tag] for tag in languages if tag in trial.titles), trial.titles["en"])
        word = {"passed": "ok", "failed": "FAILED", "untold": "untold"}[trial.state]
        yield f"{word:<7} {title}"
        if trial.state != "passed":
            yield from (f"        {line}" for line in _trial_lines(trial))


def _trial_lines(trial: Trial) -> Iterator[str]:
    yield f"kg ask {trial.call}"
    if trial.error:
        yield f"no answer: {trial.error}"
    elif trial.state == "untold":
        yield f"{_count(len(trial.given), 'row')}; no answer is written down to compare with (# answer: …, or --accept)"
    elif not (trial.missing or trial.surplus):
        yield "the expected rows, in another order"
    for words, rows in (("expected, but not answered:", trial.missing), ("answered, but not expected:", trial.surplus)):
        yield from (words, *(f"  {row}" for row in rows)) if rows else ()


def _listed(words: tuple[str, ...]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _small(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"


__all__ = ["diff", "gaps", "plans", "test"]
