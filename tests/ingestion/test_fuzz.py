"""The readers under fuzzing: nothing but the errors that they promise, whatever the bytes."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from amounts import amount, chance
from fuzz.targets import TARGETS
from projects import EXAMPLE, ROOT

SECONDS = amount("KG_FUZZ", 0)
RUNS = 500  # beyond the files that it starts from, where no seconds are named
FUZZ = Path(__file__).parents[1] / "fuzz"
CRASHES = sorted(path for path in (FUZZ / "crashes").iterdir() if path.name != "README.md")
ENDINGS = {"yaml": ".yaml", "mapping": ".yaml", "guard": ".rq", "csv": ".csv"}
SMALL = {"json_lines": b'{"id": "a"}', "values": b"over 6500 vehicles/month"}


def corpus(name: str, folder: Path) -> Path:
    """Lay out the files of the repository that a target can start from."""
    folder.mkdir()
    files = [*EXAMPLE.rglob("*.yaml"), *(ROOT / "tests" / "data").rglob("*.*"), *(ROOT / "ontology").rglob("*.rq")]
    sound = {path.read_bytes()[:4000] for path in files if path.suffix == ENDINGS.get(name)}
    for number, content in enumerate([SMALL.get(name, b"a"), *sorted(sound)]):
        (folder / f"{number:04}").write_bytes(content)
    return folder


@pytest.mark.more
@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="not installed: atheris, which has no wheel here"
)
@pytest.mark.parametrize("name", TARGETS)
def test_fuzzed(name: str, tmp_path: Path) -> None:
    """So many runs, always the same, or as long as KG_FUZZ says; a crash is written down and fails."""
    folder = corpus(name, tmp_path / "corpus")
    seed = f"-seed={chance(name).randrange(1, 2**31)}"
    length = f"-max_total_time={SECONDS}" if SECONDS else f"-runs={RUNS + len(list(folder.iterdir()))}"
    command = [sys.executable, str(FUZZ / "run.py"), name, str(folder), seed, length]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{FUZZ}"}
    run = subprocess.run(command, capture_output=True, text=True, errors="replace", env=environment, check=False)
    done = re.findall(r"#(\d+)\s+DONE", run.stderr)
    assert run.returncode == 0, run.stderr[-3000:]
    print(f"{name}: {int(done[-1]):,} executions, no crash")


@pytest.mark.parametrize("path", CRASHES, ids=lambda path: path.name)
def test_what_once_broke_a_reader(path: Path) -> None:
    """Crashes that fuzzing found stay mended."""
    TARGETS[path.name.partition("-")[0]](path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_targets_take_any_bytes(name: str) -> None:
    """Without the fuzzer too: a few hundred shapes of bytes."""
    for size in (0, 1, 7, 64):
        for first in range(0, 256, 5):
            TARGETS[name](bytes((first + 31 * place) % 256 for place in range(size)))
