"""The commands that explain verdicts: ``why``, ``conflicts``, ``history``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from kg.commands.printing import AsOf, KnownBy, Timeout, load_graph

if TYPE_CHECKING:
    from kg.files.revisions import Revision
    from kg.reports.claim_text import ClaimText
    from kg.reports.conflicts import Conflict
    from kg.reports.explanations import Explanation


class TellingForm(StrEnum):
    """Output formats for an explanation or report."""

    text = "text"
    json = "json"


Form = Annotated[TellingForm, typer.Option("--format", help="How to write the answer.")]


def why(
    context: typer.Context,
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="ID [ID]", help="A claim (source/id, FILE:LINE or its hash), a proposition, or two entities."
        ),
    ],
    form: Form = TellingForm.text,
    as_of: AsOf = "",
    known_by: KnownBy = "",
) -> None:
    """Tell why a proposition has its verdict: who says so, who does not, the rule's steps, since when."""
    found = load_graph(context, as_of=as_of, known_by=known_by).why(*names)
    if form is TellingForm.json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False, indent=1))
        return
    for number, explanation in enumerate(found.explanations):
        for line in ([""] if number else []) + list(explanation_lines(explanation)):
            typer.echo(line)


def conflicts(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Show what somebody settled too.")] = False,
    form: Form = TellingForm.text,
    timeout: Timeout = 60.0,
    as_of: AsOf = "",
    known_by: KnownBy = "",
) -> None:
    """List the claims that cannot both hold, with both sides; nothing is taken out because of it."""
    found = load_graph(context, as_of=as_of, known_by=known_by).conflicts(timeout=timeout)
    shown = [conflict for conflict in found if everything or not conflict.settled]
    if form is TellingForm.json:
        typer.echo(json.dumps([asdict(conflict) for conflict in shown], ensure_ascii=False, indent=1))
    else:
        for line in conflict_lines(shown):
            typer.echo(line)
    hidden = len(found) - len(shown)
    said = f"{len(shown)} conflict{'' if len(shown) == 1 else 's'}"
    typer.echo(f"{said}, and {hidden} settled (--all shows them)" if hidden else said, err=True)


def conflict_lines(found: Iterable[Conflict]) -> Iterator[str]:
    """Yield conflicts as lines, grouped under the title of their rule."""
    title = ""
    for conflict in found:
        if conflict.title != title:
            yield from ([""] if title else [])
            title = conflict.title
            yield f"{title} [{conflict.rule}]"
        sides = (conflict.one.quoting(), conflict.other.quoting())
        for mark, side in zip(("  ", "  against "), sides, strict=True):
            lines = list(side)
            yield f"{mark}{lines[0]}"
            yield from (f"      {line}" for line in lines[1:])
        yield from (f"    {line}" for line in _about_both(conflict))


def _about_both(conflict: Conflict) -> Iterator[str]:
    if conflict.note:
        yield conflict.note
    if conflict.concluded:
        yield conflict.concluded.conclusion
    if conflict.more:
        yield "the same is said in"
        yield from (f"  {voice.place}: “{voice.statement}”, {voice.saying}" for voice in conflict.more)
    if conflict.settled:
        yield f"settled by {conflict.settled.conclusion}"


def history(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID", help="A claim or proposition, as for kg why.")],
    form: Form = TellingForm.text,
) -> None:
    """Tell when a claim's row was written and how it was changed, as git has it."""
    told = load_graph(context).history(id)
    if form is TellingForm.json:
        rows = [{"claim": asdict(voice), "revisions": [asdict(one) for one in found]} for voice, found in told]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for number, (voice, found) in enumerate(told):
        for line in ([""] if number else []) + list(history_lines(voice, found)):
            typer.echo(line)


def history_lines(voice: ClaimText, found: Iterable[Revision]) -> Iterator[str]:
    """Yield a claim and the commits that changed its row as lines."""
    yield from voice.quoting()
    for revision in found:
        yield ""
        yield f"{revision.when}  {revision.who}: {revision.subject}  ({revision.commit[:10]})"
        yield from (f"  {mark} {text}" for mark, text in (("was", revision.before), ("now", revision.after)) if text)


def explanation_lines(told: Explanation) -> Iterator[str]:
    """Yield an explanation as lines."""
    numbers = {voice.id: number for number, voice in enumerate(told.voices, 1)}
    yield told.statement
    yield f"  {told.verdict.label}: {_small(told.verdict.meaning)}"
    for qualifier in told.qualifiers:
        yield f"  {qualifier.label}: {_small(qualifier.meaning)}"
    if told.became:
        yield f"  what became of it by {told.as_of}: {told.became}"
    yield f"  from what was published by {told.known_by}; {told.held}"
    if told.support:
        yield f"  {told.support}"
    yield from _section("who says what", (_numbered(numbers[voice.id], voice.lines()) for voice in told.voices))
    yield from _section("what of it is corroborated", _parts(told))
    yield from _section("said in finer words", (_numbered(0, voice.quoting()) for voice in told.finer))
    yield from _section(
        "what speaks against it",
        (_numbered(0, other.lines(f"claim {numbers[other.against]}")) for other in told.against),
    )
    yield from _section(
        "what else bears on it", (_numbered(0, other.lines(f"claim {numbers[other.claim]}")) for other in told.beside)
    )
    steps = (_numbered(number, [step]) for number, step in enumerate(told.steps, 1))
    yield from _section("how the verdict follows", steps)
    changes = ([f"  if {change.what}: {change.verdict}"] for change in told.changes)
    yield from _section("what would change it", changes)
    history = ([f"  since {since.known_by}: {since.verdict}"] for since in told.history)
    yield from _section("what the rule said, as more was published", history)


def _parts(told: Explanation) -> Iterator[Iterator[str]]:
    """Yield the corroborated parts as lines, and how many witnesses the rest has."""
    for part in told.parts:
        heading = f"{part.statement}  ({part.verdict})"
        basis = f"asserted alike in {_many(part.documents, 'document')} of {_many(part.origins, 'origin')}"
        yield _numbered(0, [heading, f"{basis}: {', '.join(part.claims)}"])
    if told.rest:
        number = "one" if told.witnesses == 1 else str(told.witnesses or "no")
        yield _numbered(
            0, [f"the rest has {number} witness{'' if told.witnesses == 1 else 'es'}: {', '.join(told.rest)}"]
        )


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _section(title: str, blocks: Iterable[Iterable[str]]) -> Iterator[str]:
    lines = [line for block in blocks for line in block]
    if lines:
        yield ""
        yield title
        yield from lines


def _numbered(number: int, lines: Iterable[str]) -> Iterator[str]:
    """Yield lines, the first after its number or a dash, the others indented below it."""
    mark = f"{number}. " if number else "-  "
    for place, line in enumerate(lines):
        yield f"  {mark if not place else ' ' * len(mark)}{line}"


def _small(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"


__all__ = ["conflicts", "history", "why"]
