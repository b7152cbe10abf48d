"""Render a matrix or timeline: as text for a terminal, Markdown, CSV or JSON; a matrix also as an HTML page."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from kg.files.text_tables import csv_table, markdown_table, markdown_text, text_table, visible

if TYPE_CHECKING:
    from kg.reports.matrix import Block, Matrix, Row, Said
    from kg.reports.timeline import Entry, Timeline

UNSAID = "·"
Table = Callable[[Sequence[str], Sequence[Sequence[str]]], str]
_TEMPLATES = Path(__file__).parent / "templates"


# ---------------------------------------------------------------- the matrix


def _matrix_text(matrix: Matrix) -> str:
    blocks = "\n".join(_block_text(matrix, block) for block in matrix.blocks)
    return f"{blocks}\n{_key(matrix)}\n" if blocks else "no claim shown is about a role towards a product\n"


def _block_text(matrix: Matrix, block: Block) -> str:
    """Return the rows with cells as a table, and the names of the empty rows."""
    silent = [visible(row.label) for row in block.rows if not row.cells]
    rest = f"no claim shown about: {', '.join(silent)}\n" if silent else ""
    spoken = [row for row in block.rows if row.cells]
    return f"{visible(block.label)}\n{text_table(*_grid(matrix, spoken, visible))}{rest}"


def _matrix_markdown(matrix: Matrix) -> str:
    blocks = (
        f"### {markdown_text(block.label)}\n\n{markdown_table(*_grid(matrix, block.rows, str))}"
        for block in matrix.blocks
    )
    return "\n".join([*blocks, f"{_key(matrix)}\n"])


def _grid(matrix: Matrix, rows: Sequence[Row], show: Callable[[str], str]) -> tuple[list[str], list[list[str]]]:
    """Return the columns of the agents that occur in the rows, and the rows."""
    spoken = [agent for agent in matrix.agents if any(agent in row.cells for row in rows)]
    cells = [[show(row.label), *(_cell(matrix, row.cells.get(agent, ())) for agent in spoken)] for row in rows]
    return ["", *(show(matrix.agents[agent]) for agent in spoken)], cells


def _cell(matrix: Matrix, said: Sequence[Said]) -> str:
    """Return the verdicts of a cell with the number of origins, or ``UNSAID`` for an empty cell."""
    texts = (f"{matrix.symbols[s.verdict]} {matrix.verdicts[s.verdict]} {_count(s)}{_marks(matrix, s)}" for s in said)
    return ", ".join(text.strip() for text in texts) or UNSAID


def _marks(matrix: Matrix, said: Said) -> str:
    """Return the marks of what is beside the verdict."""
    return "".join(f" {matrix.marks[id][0]}" for id in said.beside)


def _count(said: Said) -> str:
    return f"{len(said.origins)}:{len(said.against_origins)}" if said.against else str(len(said.origins))


def _mark_key(matrix: Matrix) -> str:
    """Return what the marks in the cells mean."""
    said = (one for block in matrix.blocks for row in block.rows for cell in row.cells.values() for one in cell)
    used = {id for one in said for id in one.beside}
    return "".join(f"; {mark}: {label}" for id, (mark, label) in matrix.marks.items() if id in used)


def _key(matrix: Matrix) -> str:
    return (
        f"known by {matrix.known_by}, as of {matrix.as_of}; a number: how many independent origins say so "
        f"(1:2, two speak against it); {UNSAID}: no claim shown is about it, which is not a denial{_mark_key(matrix)}"
    )


_CELLS = (
    "product",
    "function",
    "agent",
    "verdict",
    "sources",
    "against",
    "origins",
    "against_origins",
    "roles",
    "product_id",
    "agent_id",
    "source_ids",
    "against_ids",
    "says",
)


def _matrix_csv(matrix: Matrix) -> str:
    """Return a line per cell and verdict; empty cells have none."""
    lines = [
        (
            *(
                block.label,
                row.label,
                matrix.agents[agent],
                said.verdict,
                *(str(len(ids)) for ids in (said.sources, said.against, said.origins, said.against_origins)),
            ),
            *("|".join(said.roles), block.id, agent, "|".join(said.sources), "|".join(said.against)),
            "; ".join(said.sentences),
        )
        for block in matrix.blocks
        for row in block.rows
        for agent in matrix.agents
        for said in row.cells.get(agent, ())
    ]
    return csv_table(_CELLS, lines)


def _matrix_html(matrix: Matrix) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    rooms = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return rooms.get_template("matrix.html.j2").render(matrix=matrix, unsaid=UNSAID, key=_key(matrix))


# ---------------------------------------------------------------- the timeline

_COLUMNS = ("when", "kind", "verdict", "says", "sources", "first said")


def _timeline(timeline: Timeline, table: Table, show: Callable[[str], str] = str) -> str:
    return table(_COLUMNS, [[show(cell) for cell in _line(timeline, entry)] for entry in timeline.entries])


def _line(timeline: Timeline, entry: Entry) -> tuple[str, ...]:
    verdict = timeline.verdicts.get(entry.verdict, "")
    when = entry.when or "no date"
    return when, entry.kind, verdict, entry.sentence, str(len(entry.sources)), entry.first_said


_FIELDS = (
    "when",
    "earliest",
    "latest",
    "kind",
    "verdict",
    "says",
    "sources",
    "first_said",
    "source_ids",
    "proposition",
)


def _timeline_csv(timeline: Timeline) -> str:
    lines = [
        (
            *(e.when, e.earliest, e.latest, e.kind, e.verdict, e.sentence, str(len(e.sources)), e.first_said),
            *("|".join(e.sources), e.proposition),
        )
        for e in timeline.entries
    ]
    return csv_table(_FIELDS, lines)


def _json(said: Matrix | Timeline) -> str:
    return json.dumps(asdict(said), ensure_ascii=False, indent=1) + "\n"


MATRIX_FORMS: Mapping[str, Callable[[Matrix], str]] = {
    "table": _matrix_text,
    "markdown": _matrix_markdown,
    "csv": _matrix_csv,
    "json": _json,
    "html": _matrix_html,
}
TIMELINE_FORMS: Mapping[str, Callable[[Timeline], str]] = {
    "table": lambda timeline: _timeline(timeline, text_table, visible),
    "markdown": lambda timeline: _timeline(timeline, markdown_table),
    "csv": _timeline_csv,
    "json": _json,
}
