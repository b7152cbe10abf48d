"""Measure how long `kg check --watch` takes from a save of the example to its answer.

A mistake is written into a copy of the example and mended again, in turns, while kg watches it in a process of its own.
Prints the medians of the check alone, of looking at the files, and from save to printed line; exits 1 where a re-check
takes longer than LIMIT.
"""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kg.curation.watching import INTERVAL, stamp_of

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "huawei_seres"
RUNS = 20
LIMIT = 0.2


def look(folder: Path) -> float:
    """Return the seconds that one look at the files takes."""
    start = time.perf_counter()
    stamp_of(folder)
    return time.perf_counter() - start


def main() -> int:
    """Watch a copy of the example, save it again and again, and tell how long the answers took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "seed"
        shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("build"))
        path = folder / "claims" / "pandaily-seres-auto.yaml"
        good = path.read_text("utf-8")
        command = [sys.executable, "-m", "kg", "-C", str(folder), "check", "--watch"]
        with subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as running:
            assert running.stderr is not None  # noqa: S101 - it is piped
            first = running.stderr.readline()
            answers, checks = [], []
            for number in range(RUNS):
                time.sleep(0.03 * (number % 4))
                start = time.perf_counter()
                text = good if number % 2 else good.replace("design-lead", "desinger", 1)
                path.write_text(text, encoding="utf-8")
                line = running.stderr.readline()
                answers.append(time.perf_counter() - start)
                checks.append(float(re.findall(r"in (\d+) ms", line)[0]) / 1000)
            running.terminate()
        looks = [look(folder) for _ in range(RUNS)]
    print(f"first: {first.strip()}")
    print(f"re-check: median {statistics.median(checks) * 1000:.0f} ms, most {max(checks) * 1000:.0f} ms")
    print(f"a look at the files: {statistics.median(looks) * 1000:.2f} ms, every {INTERVAL * 1000:.0f} ms")
    print(f"save to answer: median {statistics.median(answers) * 1000:.0f} ms, most {max(answers) * 1000:.0f} ms")
    return int(max(checks) > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
