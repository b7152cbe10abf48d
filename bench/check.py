"""Measure what `kg check` of claims in YAML costs beside readers that check nothing, in processor seconds.

    python bench/check.py [CLAIMS …]

Writes projects of 2,000, 20,000 and 50,000 claims (or as many as are named): some sixty claims a file, with roles,
relations, events, figures, denials, plans and second-hand reports; the same project every time. Of each it runs
`kg check`, the same on the rows as one CSV file in `claims/`, then PyYAML's C loader on the same claim files, Polars on
the same rows as CSV and openpyxl on them as XLSX,
each in a process of its own, the least of RUNS, with what the process takes to start. Prints a row per size; exits 1
where kg takes more than LIMIT times the C loader and a second.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SIZES = (2_000, 20_000, 50_000)
RUNS = 3
LIMIT = 2.2
FILE = 60  # claims in a file, about
ROLES = ("carmaker", "contract-manufacturer", "design-lead", "retailer", "battery-supplier", "co-developer", "planner")
MEASURES = ("units-sold", "units-delivered", "units-produced")
SPEAKERS = 40
Row = dict[str, str]


class Maker:
    """Makes the rows of a project of some size; the firms, brands and models grow with it."""

    def __init__(self, count: int) -> None:
        """Fix the dice and the names."""
        self.draw = random.Random(count)  # noqa: S311 - the same project every time
        self.firms = [f"firm-{number}" for number in range(count // 20 + 20)]
        self.brands = [f"brand-{number}" for number in range(count // 50 + 20)]
        self.models = [f"model-{number}" for number in range(count // 10 + 20)]

    def role(self) -> Row:
        """Return a role towards a model, with dates in two of three."""
        dates = {"from": self.day()} if self.draw.random() < 0.6 else {}
        return {"agent": self.firm(), "role": self.draw.choice(ROLES), "target": self.model(), **dates}

    def owner(self) -> Row:
        """Return who owns a brand in a year: now and then two do."""
        year = str(self.draw.randint(2015, 2024))
        return {
            "agent": self.firm(),
            "role": "brand-owner",
            "target": self.draw.choice(self.brands),
            "from": year,
            "until": year,
        }

    def holding(self) -> Row:
        """Return a holding of shares."""
        holder, held = self.draw.sample(self.firms, 2)
        share = f"{self.draw.randint(1, 60)}%"
        return {"agent": holder, "role": "shareholder", "target": held, "share": share, "when": self.year()}

    def figure(self) -> Row:
        """Return a monthly figure of a model, now and then of a firm, or in words that leave it open."""
        about = self.model() if self.draw.random() < 0.85 else self.firm()
        word = self.draw.choice(("", "", "", "over ", "about "))
        value = f"{word}{self.draw.randint(1, 9000)} vehicles"
        when = f"{self.year()}-{self.draw.randint(1, 12):02}"
        return {"about": about, "measure": self.draw.choice(MEASURES), "value": value, "when": when}

    def relation(self) -> Row:
        """Return whose model it is, or in whose total it is counted."""
        relation, whole = self.draw.choice(
            (("model-of", self.draw.choice(self.brands)), ("part-of-total", self.firm()))
        )
        return {"subject": self.model(), "relation": relation, "object": whole}

    def event(self) -> Row:
        """Return something that befell a model or a firm."""
        if self.draw.random() < 0.2:
            event, year = self.draw.choice((("founding", 1990), ("founding", 2000), ("dissolution", 2022)))
            return {"event": event, "about": self.firm(), "when": str(year + self.draw.randint(0, 3))}
        event = self.draw.choice(("launch", "unveiling", "production-start", "sales-start"))
        return {"event": event, "about": self.model(), "when": self.day()}

    def denial(self) -> Row:
        """Return a denied role."""
        return {"stance": "denies", "agent": self.firm(), "role": self.draw.choice(ROLES), "target": self.model()}

    def plan(self) -> Row:
        """Return a figure that is aimed at."""
        value = f"{self.draw.randint(10, 90)} thousand vehicles"
        when = self.year()
        return {"about": self.model(), "measure": "units-sold", "value": value, "when": when, "modality": "target"}

    def firm(self) -> str:
        """Return a firm."""
        return self.draw.choice(self.firms)

    def model(self) -> str:
        """Return a model."""
        return self.draw.choice(self.models)

    def year(self) -> str:
        """Return a year."""
        return str(self.draw.randint(2016, 2024))

    def day(self) -> str:
        """Return a date, as exactly as sources give them."""
        year, month, day = self.year(), self.draw.randint(1, 12), self.draw.randint(1, 28)
        return self.draw.choice((year, f"{year}-Q{month % 4 + 1}", f"{year}-{month:02}", f"{year}-{month:02}-{day:02}"))

    def told(self, row: Row) -> Row:
        """Return a row with who says it and where."""
        more = {"said-by": f"speaker-{self.draw.randrange(SPEAKERS)}"} if self.draw.random() < 0.25 else {}
        if self.draw.random() < 0.04:
            more["second-hand"] = "unknown"
        more["at"] = f"par{self.draw.randint(1, 30)}"
        if self.draw.random() < 0.1:
            more["term"] = self.draw.choice(("maker", "OEM", "代工", "partner in production"))
        if self.draw.random() < 0.15:
            more["note"] = f"as told at the {self.draw.choice(('fair', 'opening', 'meeting'))}, in {self.year()}"
        return {**row, **more}

    def file(self) -> list[Row]:
        """Return the rows of one source, none twice."""
        makers: tuple[Callable[[], Row], ...] = (
            *(self.role,) * 7, *(self.figure,) * 6, *(self.event,) * 3, *(self.relation,) * 2,
            self.owner, self.holding, self.denial, self.plan,
        )  # fmt: skip
        made: dict[tuple[str, ...], Row] = {}
        while len(made) < FILE:
            row = self.draw.choice(makers)()
            made.setdefault(tuple(row.values()), self.told(row))
        return list(made.values())

    def entities(self) -> Iterator[str]:
        """Yield the lines of ``entities.yaml``."""
        for kind, names in (("firm", self.firms), ("brand", self.brands), ("model", self.models)):
            yield from (f"{name}: {{type: {kind}, en: {name.title().replace('-', ' ')}}}" for name in names)
        yield from (f"speaker-{number}: {{type: person, en: Speaker {number}}}" for number in range(SPEAKERS))
        yield from (f"paper-{number}: {{type: media, en: Paper {number}}}" for number in range(SPEAKERS))


def write_project(folder: Path, count: int) -> list[Row]:
    """Write a project of about so many claims, and return their rows, each with its source."""
    maker, rows = Maker(count), []
    (folder / "claims").mkdir(parents=True)
    (folder / "kg.yaml").write_text("title: Generated\nbase: https://example.org/g/\n", "utf-8")
    (folder / "entities.yaml").write_text("\n".join([*maker.entities(), ""]), "utf-8")
    for number in range(count // FILE + 1):
        name, made = f"paper-{number % SPEAKERS}-{number}", maker.file()
        published = f"publisher: paper-{number % SPEAKERS}, published: 2025-0{number % 9 + 1}"
        head = f"source: {{id: {name}, title: Report {number}, {published}}}"
        lines = [f"- {{{', '.join(f'{key}: {quoted(value)}' for key, value in row.items())}}}" for row in made]
        (folder / "claims" / f"{name}.yaml").write_text("\n".join([head, "claims:", *lines, ""]), "utf-8")
        rows += [{"source": name, **row} for row in made]
    return rows


def quoted(value: str) -> str:
    """Return a value as a row in braces holds it."""
    return json.dumps(value, ensure_ascii=False) if "," in value else value


def write_tables(folder: Path, rows: list[Row]) -> None:
    """Write the same rows as one CSV file, alone and in a project, and as one workbook."""
    import openpyxl
    import polars

    columns = list(dict.fromkeys(key for row in rows for key in row))
    polars.DataFrame({key: [row.get(key) for row in rows] for key in columns}).write_csv(folder / "claims.csv")
    same = folder / "c"
    (same / "claims").mkdir(parents=True)
    for name in ("kg.yaml", "entities.yaml"):
        shutil.copy(folder / "g" / name, same / name)
    shutil.copy(folder / "claims.csv", same / "claims" / "all.csv")
    names = dict.fromkeys(row["source"] for row in rows)
    lines = [f"{name},{name},{name.rpartition('-')[0]},2025" for name in names]
    (same / "sources.csv").write_text("\n".join(["id,title,publisher,published", *lines, ""]), "utf-8")
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("claims")
    sheet.append(columns)
    for row in rows:
        sheet.append([row.get(key) for key in columns])
    book.save(folder / "claims.xlsx")


LOAD = """import sys, pathlib, yaml
for path in pathlib.Path(sys.argv[1]).glob('g/**/*.yaml'): yaml.load(path.read_bytes(), yaml.{})"""
READERS = {
    "CSafeLoader": LOAD.format("CSafeLoader"),
    "CBaseLoader": LOAD.format("CBaseLoader"),
    "Polars, CSV": "import sys, polars; polars.read_csv(sys.argv[1] + '/claims.csv', infer_schema=False)",
    "openpyxl, XLSX": """import sys, openpyxl
for row in openpyxl.load_workbook(sys.argv[1] + '/claims.xlsx', read_only=True)['claims'].values: pass""",
}


def seconds(*arguments: str) -> float:
    """Return the processor seconds of a Python that runs with arguments, those of its children with them."""
    spent = []
    for _ in range(RUNS):
        before = os.times()
        subprocess.run([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        after = os.times()
        spent.append(sum(after[2:4]) - sum(before[2:4]))
    return min(spent)


def main() -> int:
    """Measure every size, print a row each and return the exit code."""
    sizes = [int(word) for word in sys.argv[1:]] or SIZES
    print(
        f"{'claims':>8} {'kg check':>9} {'of CSV':>7}",
        *(f"{name:>15}" for name in READERS),
        "  (kg check / reader in brackets)",
    )
    late = False
    for count in sizes:
        with tempfile.TemporaryDirectory() as name:
            rows = write_project(Path(name) / "g", count)
            write_tables(Path(name), rows)
            ours = seconds("-m", "kg", "-C", f"{name}/g", "check")
            of_csv = seconds("-m", "kg", "-C", f"{name}/c", "check")
            others = {reader: seconds("-c", program, name) for reader, program in READERS.items()}
        late = late or ours > LIMIT * others["CSafeLoader"] + 1
        print(
            f"{len(rows):>8,} {ours:>7.2f} s {of_csv:>5.2f} s",
            *(f"{s:>5.2f} s ({ours / s:>4.1f})" for s in others.values()),
        )
    return int(late)


if __name__ == "__main__":
    sys.exit(main())
