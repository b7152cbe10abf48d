"""Measure what commands cost on one CSV of claims, in `claims/` and in `tables/`, in processor seconds and memory.

    python bench/verbs.py [CLAIMS …]

Writes projects of 20,000 and 100,000 claims (or as many as are named), the same rows once as a file of claims and once
as a table with a mapping, and runs each command in a process of its own, with what the process takes to start. Polars
and Python's csv read the same file for comparison. Prints a row per command, folder and size.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SIZES = (20_000, 100_000)
COLUMNS = ("source", "agent", "role", "target", "from", "until", "at")
ROLES = ("carmaker", "contract-manufacturer", "design-lead", "retailer", "battery-supplier")
COMMANDS = {
    "build --no-picture": ["build", "--no-picture"],
    "check": ["check"],
    "why A B": ["why", "firm-7", "model-49"],
    "view --focus A": ["view", "--focus", "firm-7", "-o", "near.html"],
    "timeline A": ["timeline", "firm-7"],
    "plans": ["plans"],
}
READERS = {
    "Polars": "import sys, polars; polars.read_csv(sys.argv[1], infer_schema=False)",
    "csv": "import sys, csv; list(csv.DictReader(open(sys.argv[1], newline='')))",
}


def rows(count: int) -> list[str]:
    """Return the lines of the table: some twenty claims a firm, each model with some five firms."""
    lines = [",".join(COLUMNS)]
    for number in range(count):
        firm, model, role = number % (count // 20), number * 7 % (count // 5), ROLES[number % len(ROLES)]
        year = 2000 + number // (count // 5)
        lines.append(f"s{number % 50},firm-{firm},{role},model-{model},{year},,row{number + 1}")
    return lines


def write_project(folder: Path, count: int, *, mapped: bool) -> Path:
    """Write a project, and return its table."""
    place = folder / ("tables" if mapped else "claims")
    place.mkdir(parents=True)
    (folder / "kg.yaml").write_text("title: Generated\nbase: https://example.org/g/\n", "utf-8")
    firms = [f"firm-{number}: {{type: firm, en: Firm {number}}}" for number in range(count // 20)]
    models = [f"model-{number}: {{type: model, en: Model {number}}}" for number in range(count // 5)]
    (folder / "entities.yaml").write_text("\n".join([*firms, *models, "p: {type: media, en: P}", ""]), "utf-8")
    sources = [f"s{number},Report {number},p,2025-01-{number % 28 + 1:02}" for number in range(50)]
    (folder / "sources.csv").write_text("\n".join(["id,title,publisher,published", *sources, ""]), "utf-8")
    (place / "all.csv").write_text("\n".join([*rows(count), ""]), "utf-8")
    if mapped:
        keys = ", ".join(f"{key}: ${key}" for key in COLUMNS[1:])
        (place / "all.yaml").write_text(f"file: all.csv\nsource: $source\nclaims:\n- {{{keys}}}\n", "utf-8")
    return place / "all.csv"


def measure(*arguments: str) -> tuple[float, float]:
    """Return the processor seconds and the peak memory in megabytes of a Python that runs with arguments."""
    child = subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(arguments)} ended with {child.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


def main() -> int:
    """Measure and print."""
    for count in [int(word) for word in sys.argv[1:]] or SIZES:
        for mapped in (True, False):
            with tempfile.TemporaryDirectory() as name:
                table = write_project(Path(name) / "g", count, mapped=mapped)
                for what, words in COMMANDS.items():
                    words = [word.replace("near.html", f"{name}/near.html") for word in words]
                    seconds, memory = measure("-m", "kg", "-C", f"{name}/g", *words)
                    print(
                        f"{count:>8,} {table.parent.name:>7} kg {what:<20} {seconds:>7.2f} s {memory:>6.0f} MB",
                        flush=True,
                    )
                for what, program in READERS.items() if mapped else ():
                    seconds, memory = measure("-c", program, str(table))
                    print(f"{count:>8,} {'':>7} {what:<23} {seconds:>7.2f} s {memory:>6.0f} MB", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
