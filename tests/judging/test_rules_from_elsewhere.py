"""The rules of verdicts, as a table that was written for another judge: run against this one through an adapter."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from projects import ROOT, SHARED

PROTOTYPES = SHARED / "prototypes"
ADAPTER = ROOT / "tests" / "judging" / "adapter" / "judge.py"
# Left out: what `kg check` reports before anything is judged (6); windows at random, which other tests have; claims
# without ends, which a world cannot hold; and how that judge notes reasons: on both sides of one proposition, and who
# settles a clash.
LATER = (
    "told_as_a_fact_before or correction_published or ends_nothing_that_was_published_later "
    "or founding_of_all_its_entities or always or windows_are or denied_by_the_same_words or a_settled_clash"
)


@pytest.mark.skipif(not PROTOTYPES.is_dir(), reason="the table of rules lies beside the project, where somebody put it")
def test_the_rules_of_verdicts(tmp_path: Path) -> None:
    """Time, ends, opposition, clashes, silence: every sentence of the table that is about these."""
    for path in (PROTOTYPES / "test_judge.py", PROTOTYPES / "window.py", ADAPTER):
        shutil.copy(path, tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_judge.py", "-k", f"not ({LATER})"]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert int(re.findall(r"(\d+) passed", done.stdout)[-1]) >= 170
