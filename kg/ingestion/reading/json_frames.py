"""Read JSON Lines into frames of text: one flat object per line, numbers kept as written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

import polars as pl

from kg.ingestion.reading.decoding import text_blocks
from kg.ingestion.reading.json_lines import jsonl_row
from kg.ingestion.reading.layout import ROW, Layout, Report
from kg.ingestion.reading.records import Cell, Fault, Records, Row
from kg.model.errors import Location

ROWS = 32_768  # rows per frame


class _Object(list[tuple[str, object]]):
    """The pairs of an object, in order."""


_decode = json.JSONDecoder(object_pairs_hook=_Object, parse_float=str, parse_int=str, strict=False).decode


class JsonTable:
    """A JSON Lines file. Its columns are the keys of all lines."""

    def __init__(self, path: Path, name: str, layout: Layout) -> None:
        """Keep the file."""
        self.path, self.name, self.layout = path, name, layout

    @cached_property
    def header(self) -> list[Cell]:
        """Return the keys, in order of first appearance."""
        keys = dict.fromkeys(key for _, line in self._lines() for key, _ in _pairs(line))
        place = Location(self.name, 1, 1)
        return [Cell(key, place, place) for key in keys]

    def frames(self, wanted: Mapping[str, int], report: Report) -> Iterator[pl.DataFrame]:
        """Yield the rows, without blank lines, and without lines that are not flat objects in the wanted keys."""
        keys = {self.header[index].text: name for name, index in wanted.items()}
        schema = {ROW: pl.UInt32, **dict.fromkeys(keys.values(), pl.String)}
        rows = list[tuple[int | str | None, ...]]()
        for number, (line_number, line) in enumerate(self._lines(), 1):
            found = dict(_pairs(line))
            texts = [found.get(key) for key in keys]
            if not found or not all(text is None or isinstance(text, str) for text in texts):
                if self._report(line, line_number, number, keys, report):
                    continue
                texts = [text if isinstance(text, str) else None for text in texts]
            rows.append((number, *texts))  # type: ignore[arg-type]
            if len(rows) == ROWS:
                yield pl.DataFrame(rows, schema, orient="row")
                rows.clear()
        yield pl.DataFrame(rows, schema, orient="row")

    def _report(self, line: str, line_number: int, number: int, keys: Mapping[str, str], report: Report) -> bool:
        """Report the problems of a line, except null values, as the strict reader finds them; return if any."""
        records, row = Records(Row(Location(self.name), {})), Row(Location(self.name), {})
        try:
            row = jsonl_row(records, line, self.name, line_number)
            problems = [p for p in records.problems if p.code != "KG006" and not row.faulty.isdisjoint(keys)]
        except Fault as fault:
            problems = [fault.problem]
        for problem in problems:
            report(problem, number)
        return bool(problems)

    def _lines(self) -> Iterator[tuple[int, str]]:
        carried, number = "", 0
        for block, is_last in text_blocks(self.path, self.name, self.layout.encoding):
            *lines, carried = (carried + block).split("\n")
            for line in [*lines, carried] if is_last else lines:
                number += 1
                if line.strip():
                    yield number, line


def _pairs(line: str) -> list[tuple[str, object]]:
    """Return the pairs of a line, or [] if it is not an object."""
    try:
        found = _decode(line)
    except (ValueError, RecursionError):
        return []
    return found if isinstance(found, _Object) else []
