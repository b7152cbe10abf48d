"""The two days at which a graph is looked at: as of (what holds) and known by (what was published)."""

from pathlib import Path

import pytest

import kg
from kg.judging.history import histories
from projects import EXAMPLE, make_project, source, verdicts

BUILDS = "agent: a, role: contract-manufacturer, target: car"


def test_what_may_have_been_published_later_is_not_known(tmp_path: Path) -> None:
    """Of an imprecise date of publication the end counts."""
    later = source("s2", "2021-06", f"stance: denies, {BUILDS}, said-by: a")
    folder = make_project(tmp_path, BUILDS, claims__s2_yaml=later)
    known = {day: set(verdicts(kg.load(folder, known_by=day)).values()) for day in ("2021-06-29", "2021-06-30")}
    assert known == {"2021-06-29": {"stated"}, "2021-06-30": {"contested"}}


def test_a_claim_about_an_unknown_claim_is_unknown_and_a_link_to_one_is_left_out(tmp_path: Path) -> None:
    """Content goes with what it speaks of; a link only with its other end."""
    late = source("s2", "2022-06", f"id: y, {BUILDS}")
    early = source("s3", "2021-02", "subject: s2/y, relation: in-tension-with, object: s1/x", f"corrects: s2/y, stance: denies, {BUILDS}")  # fmt: skip
    folder = make_project(tmp_path, f"id: x, {BUILDS}, when: 2020", claims__s2_yaml=late, claims__s3_yaml=early)
    known = kg.load(folder, known_by="2022-03").world
    assert sorted((claim.source.id, len(claim.links)) for claim in known.claims) == [("s1", 0), ("s3", 0)]


def test_the_history_of_a_verdict_names_the_days_of_its_changes(tmp_path: Path) -> None:
    """A role is stated until the denial of a parent is known."""
    denial = source("s2", "2022-03", "stance: denies, agent: a, role: retailer, target: car", publisher="b")
    world = kg.load(make_project(tmp_path, "agent: a, role: retailer, target: car", claims__s2_yaml=denial)).world
    (history,) = histories(world).values()
    assert [(day, verdict.notation) for day, verdict in history] == [
        ("2021-05-31", "stated"),
        ("2022-03-31", "contested"),
    ]


def test_a_day_that_is_none_is_wrong_usage() -> None:
    """The message says how a date is written."""
    with pytest.raises(kg.UsageError, match="write it like 2021"):
        kg.load(EXAMPLE, known_by="soon")
