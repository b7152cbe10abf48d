"""What answers the questions of the bench elsewhere: maplib and DuckDB. Runs in the peer's own environment.

    python bench/volume/askers.py maplib FILE.ttl …
    python bench/volume/askers.py duckdb PARQUET TERMS.csv ANCESTORS.csv

Says a line once everything is read, then answers each line, a JSON object with ``query`` (SPARQL or SQL), ``columns``,
``values`` (parameters of SQL), ``runs`` and ``patience`` (seconds), with one of ``rows``, ``digest`` and ``runs``
(milliseconds of the processor), or of ``error``.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

Table = tuple[Sequence[str], Iterable[Sequence[Any]]]  # columns, rows
Ask = Callable[[str, dict[str, str]], Table]


def maplib(*files: str) -> Ask:
    """Return what asks a model in memory."""
    from maplib import Model

    model = Model()
    for file in files:
        model.read(file)

    def ask(query: str, values: dict[str, str]) -> Table:
        found = model.query(query)
        return found.columns, found.rows()

    return ask


def duckdb(parquet: str, *tables: str) -> Ask:
    """Return what asks tables in memory: claims, terms (of the ontology) and ancestors (of a term, itself included)."""
    import duckdb as engine

    base = engine.connect()
    base.execute(f"CREATE TABLE claims AS FROM read_parquet('{parquet}', union_by_name=true)")
    for name, file in zip(("terms", "ancestors"), tables, strict=True):
        base.execute(f"CREATE TABLE {name} AS FROM read_csv('{file}', all_varchar=true)")

    def ask(query: str, values: dict[str, str]) -> Table:
        found = base.execute(query, values)
        return [column[0] for column in found.description], found.fetchall()

    return ask


def cell(value: object) -> str:
    """Return a value as CSV of SPARQL results has it: an IRI, a literal's text."""
    text = "" if value is None else str(value)
    if text.startswith("<") and text.endswith(">"):
        return text[1:-1]
    return text[1:].rpartition('"')[0] if text.startswith('"') and '"@' in text else text


def lines(columns: list[str], table: Table) -> list[str]:
    """Return the rows as sorted lines of CSV."""
    names, rows = table
    places = [list(names).index(column) for column in columns or names]
    text = io.StringIO()
    csv.writer(text, lineterminator="\0").writerows([cell(row[place]) for place in places] for row in rows)
    return sorted(text.getvalue().split("\0")[:-1])


def answer(ask: Ask, asked: dict[str, Any]) -> dict[str, Any]:
    """Ask as often as there is patience for; the first run, where others follow, does not count."""
    begun, runs = time.monotonic(), list[float]()
    found: list[str] = []
    while len(runs) < asked["runs"] and (not runs or time.monotonic() - begun < asked["patience"]):
        start = time.process_time()
        found = lines(asked["columns"], ask(asked["query"], asked["values"]))
        runs.append((time.process_time() - start) * 1000)
    digest = hashlib.sha256("\n".join(found).encode()).hexdigest()[:8]
    return {"rows": len(found), "digest": digest, "runs": runs[1:] or runs}


def main() -> None:
    """Read what there is, then answer line by line."""
    ask = {"maplib": maplib, "duckdb": duckdb}[sys.argv[1]](*sys.argv[2:])
    print("ready", flush=True)
    for line in sys.stdin:
        try:
            told = answer(ask, json.loads(line))
        except Exception as error:  # noqa: BLE001 - whatever the peer says is told
            told = {"error": " ".join(str(error).split())[:200]}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
