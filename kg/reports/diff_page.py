"""Render the differences between two worlds as text, JSON, or an HTML page with red deletions and green additions.

In: two worlds. Out: ``Redline``. The page is one file without external resources; all text from the worlds is escaped.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path

from kg.judging.qualifiers import qualified
from kg.judging.verdicts import Judge, Judgement
from kg.model.ontology import Ontology
from kg.model.world import Claim, Entity, Proposition, Source, World
from kg.reports.claim_text import ClaimText
from kg.reports.differences import Cell, Change, Differences, Side, compare
from kg.reports.telling import Teller

NEW, GONE, CHANGED = "+", "-", "~"
SIGNS = {NEW: "new", GONE: "gone", CHANGED: "changed"}


@dataclass(frozen=True, slots=True)
class Line:
    """One difference: its section, whether it is new, gone or changed, a description, and the changed keys.

    ``cells`` are the keys whose text changed; ``notes`` say where to read it and what follows.
    """

    section: str
    sign: str
    text: str
    cells: tuple[Cell, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Redline:
    """The differences between an old and a new edition; without lines they are equal."""

    old: str
    new: str
    old_known_by: str
    new_known_by: str
    lines: tuple[Line, ...]


def redline(old: World, new: World, names: tuple[str, str]) -> Redline:
    """Compare two worlds; ``names`` are the display names of the old and the new one."""
    found = compare(old, new)
    before, after = Teller(Judge(old)), Teller(Judge(new))
    lines = (
        *_verdicts(before, after, found),
        *_claims(before, after, found.claims),
        *_sources(after, found.sources),
        *_entities(old, new, found.entities),
        *_settings(found),
        *_terms(old.ontology, new.ontology, found.ontology),
    )
    return Redline(*names, old.known_by, new.known_by, lines)


# ---------------------------------------------------------------- the lines


def _verdicts(before: Teller, after: Teller, found: Differences) -> Iterator[Line]:
    """Yield the changed verdicts of propositions in both editions."""
    fresh = {claim.iri for claim in found.claims.new}
    lost = {claim.iri for claim in found.claims.gone}
    told, judged = [], (qualified(before.judge), qualified(after.judge))
    for old, new in found.propositions:
        was, now = judged[0][old.iri], judged[1][new.iri]
        cell = Cell("verdict", _standing(was), _standing(now))
        if cell.before != cell.after:
            notes = (*_reasons("new", after, new, fresh), *_reasons("gone", before, old, lost))
            told.append(Line("verdicts", CHANGED, after.sentences.sentence(new), (cell,), notes))
    yield from sorted(told, key=lambda line: line.text)


def _standing(judgement: Judgement) -> str:
    """Return the labels of a verdict and its qualifiers."""
    return ", ".join(term.label() for term in (judgement.verdict, *judgement.qualifiers))


def _reasons(word: str, teller: Teller, proposition: Proposition, claims: set[str]) -> Iterator[str]:
    """Yield those of ``claims`` that affect a proposition: its own, those that oppose it, and those beside it."""
    judgement, by_iri = teller.judge.judgements[proposition.iri], teller.judge.by_iri
    bearing = {claim.iri for claim in judgement.claims}
    for opposition in judgement.oppositions:
        bearing |= {opposition.claim, opposition.said_in}
    for pair in judgement.beside:
        bearing |= {pair.other, pair.said_in}
    for iri in sorted(bearing & claims):
        yield f"{word}: {_saying(teller.claim(by_iri[iri]))}"


def _saying(voice: ClaimText) -> str:
    """Return speaker, date, stance, modality and statement; a statement that already quotes claims gets no quotes."""
    statement = voice.statement if "“" in voice.statement else f"“{voice.statement}”"
    return f"{voice.signature}, {voice.stance}, {voice.modality}: {statement}"


def _claims(before: Teller, after: Teller, side: Side[Claim]) -> Iterator[Line]:
    for claim in side.new:
        yield _claim("new claims", NEW, after, claim)
    for claim in side.gone:
        yield _claim("claims that are gone", GONE, before, claim)
    for change in side.changed:
        yield _rewritten(after, change)


def _claim(section: str, sign: str, teller: Teller, claim: Claim) -> Line:
    voice = teller.claim(claim)
    standing = "its verdict is:" if sign == NEW else "its verdict was:"
    notes = (f"in {voice.reading}  ({voice.place})", f"{standing} {voice.verdict}")
    return Line(section, sign, _saying(voice), notes=notes)


def _rewritten(after: Teller, change: Change[Claim]) -> Line:
    """Return the line for a claim in both editions whose text changed."""
    voice, keys = after.claim(change.new), after.judge.world.ontology.row_keys
    cells = tuple(Cell(_key(keys[c.key].label()) if c.key in keys else c.key, c.before, c.after) for c in change.cells)
    content = {*after.judge.world.ontology.keys("content"), "stance", "modality", "said-by"}
    says = any(cell.key in content for cell in change.cells)
    section = "claims that say something else" if says else "claims that say the same, written otherwise"
    return Line(section, CHANGED, _saying(voice), cells, (f"in {voice.reading}  ({voice.place})",))


def _key(label: str) -> str:
    return {"handle": "handle renamed", "locator": "place in the source"}.get(label, label)


def _sources(after: Teller, side: Side[Source]) -> Iterator[Line]:
    for sign, sources in ((NEW, side.new), (GONE, side.gone)):
        for source in sources:
            yield Line("sources", sign, f"{source.id}: “{source.facts['title']}”, {source.published}")
    for change in side.changed:
        yield Line("sources", CHANGED, f"{change.new.id}: “{change.new.facts['title']}”", change.cells)


def _entities(old: World, new: World, side: Side[Entity]) -> Iterator[Line]:
    for sign, world, entities in ((NEW, new, side.new), (GONE, old, side.gone)):
        for entity in entities:
            yield Line("entities", sign, _named(entity, world))
    for change in side.changed:
        renames = any(cell.key == "id" for cell in change.cells)
        notes = (
            ("the id alone is another; what is said of it is the same",) if renames and len(change.cells) == 1 else ()
        )
        yield Line("entities", CHANGED, _named(change.new, new), change.cells, notes)


def _named(entity: Entity, world: World) -> str:
    return f"{entity.id}: {entity.label(world.settings.languages)} ({entity.type.label()})"


def _settings(found: Differences) -> Iterator[Line]:
    if found.settings:
        yield Line("settings", CHANGED, "kg.yaml", found.settings)


def _terms(old: Ontology, new: Ontology, side: Side[str]) -> Iterator[Line]:
    """Yield the ontology terms that are new, gone, or defined differently."""
    changed = tuple(change.new for change in side.changed)
    for sign, ontology, iris in ((NEW, new, side.new), (GONE, old, side.gone), (CHANGED, new, changed)):
        for iri in iris:
            yield Line("ontology", sign, f"{ontology.term(iri).label()} <{iri}>")


# ---------------------------------------------------------------- as text


def redline_text(found: Redline) -> Iterator[str]:
    """Yield the differences as lines of text, grouped by section."""
    yield f"from {found.old} (known by {found.old_known_by}) to {found.new} (known by {found.new_known_by})"
    for section, lines in groupby(found.lines, key=lambda line: line.section):
        yield from ("", section.upper())
        for line in lines:
            yield from _text(line)


def _text(line: Line) -> Iterator[str]:
    if line.section == "verdicts":
        yield f"{line.sign} {line.text}: {line.cells[0].before} → {line.cells[0].after}"
    else:
        yield f"{line.sign} {line.text}"
        for cell in line.cells:
            yield f"    {cell.key}: {cell.before or '(nothing)'} → {cell.after or '(nothing)'}"
    yield from (f"    {note}" for note in line.notes)


def count_lines(lines: Iterable[Line]) -> str:
    """Return the number of differences by kind: ``2 verdicts changed, 7 claims new``."""
    counts: dict[str, int] = {}
    for line in lines:
        noun = "claims" if "claim" in line.section else line.section
        key = f"{noun} {SIGNS[line.sign]}"
        counts[key] = counts.get(key, 0) + 1
    return ", ".join(f"{number} {_singular(key) if number == 1 else key}" for key, number in counts.items())


def _singular(words: str) -> str:
    noun, _, rest = words.partition(" ")
    return f"{ {'entities': 'entity', 'settings': 'settings', 'ontology': 'ontology'}.get(noun, noun[:-1]) } {rest}"


# ---------------------------------------------------------------- as a page


def redline_page(found: Redline) -> str:
    """Return the differences as one HTML page: deletions in red, additions in green, with light and dark colours."""
    css = (Path(__file__).parent / "templates" / "diff_page.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    days = f"known by {found.old_known_by} → known by {found.new_known_by}"
    return PAGE.format(
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        title=escape(f"{found.old} → {found.new}"),
        css=css,
        summary=escape(f"{days}; {count_lines(found.lines) or 'no differences'}"),
        body="".join(
            _section(name, list(lines)) for name, lines in groupby(found.lines, key=lambda line: line.section)
        ),
    )


PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{css}</style>
</head>
<body>
<header><h1>{title}</h1>
<p>{summary}</p></header>
<main>
{body}</main>
</body>
</html>
"""


def _section(name: str, lines: list[Line]) -> str:
    members = "".join(_member(line) for line in lines)
    return f"<section>\n<h2>{escape(name)} <small>{len(lines)}</small></h2>\n<ul>\n{members}</ul>\n</section>\n"


def _member(line: Line) -> str:
    word, text = SIGNS[line.sign], escape(line.text)
    marked = {NEW: f"<ins>{text}</ins>", GONE: f"<del>{text}</del>", CHANGED: text}[line.sign]
    below = "".join((*map(_cell, line.cells), *(f"<p>{escape(note)}</p>" for note in line.notes)))
    return f'<li class="{word}"><abbr title="{word}">{line.sign}</abbr> {marked}{below}</li>\n'


def _cell(cell: Cell) -> str:
    before, after = (escape(text) or "–" for text in (cell.before, cell.after))
    return f"<p><b>{escape(cell.key)}</b> <del>{before}</del> → <ins>{after}</ins></p>"
