"""Measure what the rules that find conflicts cost beside a build, on a generated project.

    python bench/conflicts.py [CLAIMS]

Writes a project of about that many claims (100,000 by default: roles, shares, monthly figures with parts and totals,
events, denials; a part of it in conflict), then makes Turtle and TriG of it (a build without its page, whose time is
another matter) and looks for conflicts in a graph that is there, each in a process of its own. Prints both times, their
ratio and what each rule found; exits 1 where the rules cost more than the build.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FIRMS, BRANDS, MODELS = 2_000, 500, 4_000
ROLES = ("carmaker", "contract-manufacturer", "design-lead", "retailer", "parts-supplier", "co-developer")
PUBLISHERS = 40
COLUMNS = (
    "source", "stance", "agent", "role", "target", "subject", "relation", "object", "event", "about",
    "measure", "value", "share", "when", "from", "until",
)  # fmt: skip
Row = dict[str, str]


def rows(count: int, draw: random.Random) -> dict[tuple[str, ...], Row]:
    """Return rows without doubles: content and speaker tell a claim."""
    found: dict[tuple[str, ...], Row] = {}
    for number in range(count):
        row = {"source": f"s{draw.randrange(count // 50 + 1)}", **draw.choice(KINDS)(draw, number)}
        found.setdefault(tuple(row.get(name, "") for name in COLUMNS), row)
    return found


def role(draw: random.Random, number: int) -> Row:
    """Return a role, now and then denied."""
    stance = {"stance": "denies"} if number % 40 == 0 else {}
    dates = {"from": f"{draw.randint(2015, 2024)}"} if number % 3 else {}
    return {**stance, "agent": firm(draw), "role": draw.choice(ROLES), "target": f"m{draw.randrange(MODELS)}", **dates}


def owner(draw: random.Random, _: int) -> Row:
    """Return who owns a brand: two at a time contradict each other."""
    year = draw.randint(2010, 2024)
    return {
        "agent": firm(draw),
        "role": "brand-owner",
        "target": f"b{draw.randrange(BRANDS)}",
        "from": f"{year}",
        "until": f"{year}",
    }


def share(draw: random.Random, _: int) -> Row:
    """Return a holding; a firm's holdings of one year are now and then above 100 %."""
    holder, held = draw.sample(range(FIRMS), 2)
    return {
        "agent": f"f{holder}",
        "role": "shareholder",
        "target": f"f{held}",
        "share": f"{draw.randint(1, 60)}%",
        "when": f"{draw.randint(2015, 2024)}",
    }


def sales(draw: random.Random, _: int) -> Row:
    """Return a monthly figure of a model or of a firm, of which there are sometimes two."""
    about = f"m{draw.randrange(MODELS)}" if draw.random() < 0.8 else firm(draw)
    when = f"{draw.randint(2018, 2024)}-{draw.randint(1, 12):02}"
    return {"about": about, "measure": "units-sold", "value": f"{draw.randint(1, 9000)} vehicles", "when": when}


def part(draw: random.Random, _: int) -> Row:
    """Return that a model counts towards the total of a firm."""
    return {"subject": f"m{draw.randrange(MODELS)}", "relation": "part-of-total", "object": firm(draw)}


def life(draw: random.Random, _: int) -> Row:
    """Return the founding or the end of a firm."""
    kind = draw.choice(("founding", "dissolution"))
    year = draw.randint(2000, 2016) if kind == "founding" else draw.randint(2022, 2024)
    return {"event": kind, "about": firm(draw), "when": f"{year}"}


def firm(draw: random.Random) -> str:
    """Return a firm."""
    return f"f{draw.randrange(FIRMS)}"


KINDS = (role, role, role, role, sales, sales, sales, owner, share, part, life)


def write_project(folder: Path, count: int) -> int:
    """Write a project and return how many claims it has."""
    draw = random.Random(5)  # noqa: S311 - the same project every time
    made = list(rows(count, draw).values())
    types = [("f", "firm", FIRMS), ("b", "brand", BRANDS), ("m", "model", MODELS), ("p", "media", PUBLISHERS)]
    entities = [f"{mark}{n},{kind},{kind} {n}" for mark, kind, many in types for n in range(many)]
    names = sorted({row["source"] for row in made})
    sources = [f"{name},Title of {name},p{n % PUBLISHERS},{2018 + n % 7}-0{1 + n % 9}" for n, name in enumerate(names)]
    (folder / "claims").mkdir(parents=True)
    (folder / "kg.yaml").write_text("title: Generated\nbase: https://example.org/g/\n", "utf-8")
    (folder / "entities.csv").write_text("\n".join(["id,type,en", *entities, ""]), "utf-8")
    (folder / "sources.csv").write_text("\n".join(["id,title,publisher,published", *sources, ""]), "utf-8")
    lines = [",".join(row.get(name, "") for name in COLUMNS) for row in made]
    (folder / "claims" / "all.csv").write_text("\n".join([",".join(COLUMNS), *lines, ""]), "utf-8")
    return len(made)


BUILD = "import kg, sys; graph = kg.load(sys.argv[1]); graph.export('turtle'), graph.export('trig')"
FIND = """
import collections, sys, time, kg
graph = kg.load(sys.argv[1])
began = time.perf_counter()
found = graph.conflicts(timeout=3600)
print(f'{time.perf_counter() - began:.1f}', dict(collections.Counter(conflict.rule for conflict in found)))
"""


def run(program: str, folder: str) -> tuple[float, str]:
    """Return the seconds that a program took in a process of its own, and what it printed."""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", program, folder], cwd=ROOT, check=True, capture_output=True, text=True)
    return time.perf_counter() - began, done.stdout


def main() -> int:
    """Build a generated project, find its conflicts, and compare."""
    with tempfile.TemporaryDirectory() as name:
        count = write_project(Path(name) / "g", int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
        folder = str(Path(name) / "g")
        building, _ = run(BUILD, folder)
        _, told = run(FIND, folder)
    seconds, _, found = told.partition(" ")
    print(f"{count:,} claims; build {building:.1f} s; conflicts {seconds} s, of which found: {found.strip()}")
    print(f"conflicts / build: {float(seconds) / building:.2f}")
    return int(float(seconds) > building)


if __name__ == "__main__":
    sys.exit(main())
