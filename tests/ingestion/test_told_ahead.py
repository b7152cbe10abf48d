"""What cannot have been known when its source was published is reported."""

from pathlib import Path

import pytest

import kg
from projects import make_project, source

ROW = "agent: a, role: retailer, target: car"


def advice(folder: Path) -> list[str]:
    """Return the codes of the advice on times."""
    return [problem.code for problem in kg.check(folder) if problem.code in ("KG308", "KG309")]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (f"{ROW}, from: 2021-07", True),
        (f"{ROW}, when: 2022", True),
        ("event: launch, about: car, when: 2021-06-01", True),
        ("about: car, measure: units-sold, value: 5 vehicles, when: 2021-Q4", True),
        (f"{ROW}, from: 2021-05-31", False),  # the last day on which the source may have been published
        (f"{ROW}, from: 2021", False),  # some of the year was over
        (f"{ROW}, until: 2029", False),  # an end that was agreed
        (f"{ROW}, from: 2022, modality: planned", False),
        (f"{ROW}, from: 2022, stance: denies", False),
        (ROW, False),
    ],
)
def test_a_fact_of_the_future(row: str, told: bool, tmp_path: Path) -> None:
    """Only what is asserted as a fact, and can at no day before the publication have begun."""
    assert advice(make_project(tmp_path, claims__s2_yaml=source("s2", "2021-05", row))) == ["KG308"] * told


@pytest.mark.parametrize("how", ["corrects", "supersedes", "retracts"])
@pytest.mark.parametrize(
    ("published", "told"), [("2021-05", True), ("2021-06", False), ("2021", False), ("2022", False)]
)
def test_what_ends_a_claim_is_not_older(how: str, published: str, told: bool, tmp_path: Path) -> None:
    """Where the dates are imprecise, it is reported only if every reading has it so."""
    rows = {"claims__s2_yaml": source("s2", "2021-06", f"{ROW}, id: one"), "claims__s3_yaml": source("s3", published, f"{ROW}, {how}: s2/one")}  # fmt: skip
    assert advice(make_project(tmp_path, **rows)) == ["KG309"] * told
