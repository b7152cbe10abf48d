"""Same claims, same bytes: whatever the hash seed, the order of files and rows, the locale, the zone, the folder."""

import os
import random
import re
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from amounts import SEED, chance
from projects import EXAMPLE, ROOT

PRINTS = """
import hashlib, sys, kg
from kg.formats.registry import FORMATS
graph = kg.load(sys.argv[1])
texts = {"ontology": graph.ontology_text(), "shapes": graph.shapes_text()}
texts |= {name: graph.export(name) for name in FORMATS}
# These tell the line in which a claim is written, so they are made from files whose rows are not shuffled.
texts |= {"view": kg.load(sys.argv[2]).view(), "parquet": kg.load(sys.argv[2]).export("parquet")}
for name, text in sorted(texts.items()):
    files = text if isinstance(text, dict) else {"": text}
    for part, content in sorted(files.items()):
        content = content.encode() if isinstance(content, str) else content
        print(name, part, hashlib.sha256(content).hexdigest())
"""


def copied(folder: Path, draws: random.Random, *, shuffled: bool) -> Path:
    """Copy the example, its files made in another order and on demand the rows in another order too."""
    files = [path for path in EXAMPLE.rglob("*") if path.is_file() and "build" not in path.parts]
    draws.shuffle(files)
    for path in files:
        target = folder / path.relative_to(EXAMPLE)
        target.parent.mkdir(parents=True, exist_ok=True)
        if shuffled and path.suffix == ".yaml" and path.name != "kg.yaml":
            head, rows = split_rows(path.read_text("utf-8"))
            draws.shuffle(rows)
            target.write_text(head + "".join(rows), encoding="utf-8")
        else:
            shutil.copyfile(path, target)
    return folder


def split_rows(text: str) -> tuple[str, list[str]]:
    """Return what stands before the rows of a file, and its rows, each with the lines that it wraps to."""
    text = re.sub(r"(?m)^#.*\n", "", text)
    head, mark, body = text.partition("claims:\n")
    rows = re.split(r"(?m)^(?=\S)", body if mark else head)
    return (head + mark if mark else "", [row for row in rows if row.strip()])


@pytest.mark.more
def test_the_same_claims_give_the_same_bytes(tmp_path: Path) -> None:
    """Hash seeds, locales, zones, working folders, each with another order: every output is the same."""
    seen = set()
    kinds = list(enumerate(product(("0", "1", "2", "77", "random"), ("C.UTF-8", "POSIX"), (tmp_path, ROOT))))
    if not SEED:
        kinds = [kinds[number] for number in (0, 7, 18)]  # between them each locale, folder and zone
    for number, (seed, locale, working) in kinds:
        draws, place = chance(number), tmp_path / f"copy {number} '\" 甲"
        folders = [copied(place / str(rows), draws, shuffled=rows) for rows in (True, False)]
        poor = {
            "PYTHONUTF8": "0",
            "PYTHONCOERCECLOCALE": "0",
            "TZ": "Asia/Shanghai" if number % 2 else "America/New_York",
        }
        environment = {**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": locale, "PYTHONPATH": str(ROOT), **poor}
        command = [sys.executable, "-c", PRINTS, *(os.path.relpath(folder, working) for folder in folders)]
        run = subprocess.run(command, cwd=working, env=environment, capture_output=True, check=True)
        seen.add(run.stdout)
    print(f"{len(kinds)} runs, {next(iter(seen)).count(bytes([10]))} outputs each, {len(seen)} set of bytes")
    assert len(seen) == 1
    assert next(iter(seen)).count(b"\n") > 12
