"""What is said of an entity in the order of time; no date gets more exact than its source has it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from typer.testing import CliRunner

import kg
from kg.commands.app import app
from kg.reports.grids import TIMELINE_FORMS
from kg.reports.timeline import Entry
from projects import EXAMPLE, make_project, source

LAUNCH = "event: launch, about: car"


def entries(folder: Path, entity: str, **clocks: str) -> list[Entry]:
    """Return the timeline of an entity."""
    return list(kg.load(folder, **clocks).timeline(entity).entries)


def test_in_order_the_wider_date_first(tmp_path: Path) -> None:
    """By the first possible day, then the least exact; an open beginning by its end; the undated last."""
    figures = [
        f"about: car, measure: units-sold, value: {n} vehicles, {when}"
        for n, when in enumerate(
            ("when: 2020-03-05", "when: 2020-03", "when: 2020-Q1", "when: 2020", "until: 2019-12", "when: 2020-H1"), 1
        )
    ]
    folder = make_project(tmp_path, *figures, "agent: a, role: retailer, target: car, from: 2020-02", LAUNCH)
    assert [entry.when for entry in entries(folder, "car")] == [
        *("until 2019-12", "2020", "2020-H1", "2020-Q1", "from 2020-02", "2020-03", "2020-03-05", "")
    ]


@pytest.mark.parametrize(
    ("written", "shown", "earliest", "latest"),
    [
        ("when: 2021", "2021", "2021-01-01", "2021-12-31"),
        ('when: "2021-09?"', "2021-09?", "2021-09-01", "2021-09-30"),
        ("when: 2021-Q4", "2021-Q4", "2021-10-01", "2021-12-31"),
        ("when: 2021-08-30~", "2021-08-30~", "2021-08-30", "2021-08-30"),
    ],
)
def test_dates_stay_as_they_were_written(tmp_path: Path, written: str, shown: str, earliest: str, latest: str) -> None:
    """Text and bounds; doubt about a date stays on it."""
    (entry,) = entries(make_project(tmp_path, f"{LAUNCH}, {written}"), "car")
    assert (entry.when, entry.earliest, entry.latest) == (shown, earliest, latest)


def test_sources_that_differ_in_doubt_are_both_shown(tmp_path: Path) -> None:
    """One proposition, two spellings of its date."""
    other = source("s2", "2021-06", f'{LAUNCH}, when: "2021-03?"')
    (entry,) = entries(make_project(tmp_path, f"{LAUNCH}, when: 2021-03", claims__s2_yaml=other), "car")
    assert entry.when == "2021-03 or 2021-03?"
    assert entry.sources == ("s1", "s2")


def test_periods_deadlines_and_publications(tmp_path: Path) -> None:
    """A period has both its words, a deadline is a last day, a medium has its publications."""
    folder = make_project(
        tmp_path,
        "agent: a, role: retailer, target: car, from: 2019, until: 2020-06",
        "about: car, measure: units-sold, value: 5 vehicles, by: 2021-07, modality: planned",
    )
    sold, due = entries(folder, "car")
    assert (sold.when, sold.earliest, sold.latest) == ("from 2019 until 2020-06", "2019-01-01", "2020-06-30")
    assert (due.when, due.earliest, due.latest, due.verdict) == ("by 2021-07", "", "2021-07-31", "planned")
    kinds = {(entry.kind, entry.when, entry.sentence) for entry in entries(folder, "paper")}
    assert ("publication", "2021-05", "“Title of s1”") in kinds


def test_parties_and_counterparties_are_spoken_of_too(tmp_path: Path) -> None:
    """Whoever is mentioned has the line; whoever only speaks has not."""
    row = "event: agreement, parties: a|b, when: 2020, said-by: boss"
    folder = make_project(tmp_path, row)
    assert [len(entries(folder, who)) for who in ("a", "b", "boss")] == [1, 1, 0]


def test_the_two_days(tmp_path: Path) -> None:
    """As of leaves out what begins later; known by what was published later."""
    later = source("s2", "2021-06", f"{LAUNCH}, when: 2020")
    folder = make_project(tmp_path, f"{LAUNCH}, when: 2019", claims__s2_yaml=later)
    assert [entry.when for entry in entries(folder, "car")] == ["2019", "2020"]
    assert [entry.when for entry in entries(folder, "car", as_of="2019")] == ["2019"]
    assert [entry.when for entry in entries(folder, "car", known_by="2021-05")] == ["2019"]


def test_an_unknown_entity_is_wrong_usage_with_a_hint() -> None:
    """The nearest id is offered; a name finds its entity in any language."""
    graph = kg.load(EXAMPLE)
    with pytest.raises(kg.UsageError, match="did you mean 'huawei'"):
        graph.timeline("hawei")
    assert graph.timeline("华为") == graph.timeline("huawei")


@pytest.mark.parametrize("form", TIMELINE_FORMS)
def test_every_form_says_the_same(form: str) -> None:
    """Each of them holds the launch, its date as written, and when it was first said; twice the same bytes."""
    texts = {
        CliRunner().invoke(app, ["-C", str(EXAMPLE), "timeline", "SERES SF5", "-f", form]).stdout for _ in range(2)
    }
    (text,) = texts
    assert "launch of SERES SF5 in 2021-H1" in text
    assert "2021-09?" in text
    if form == "csv":
        lines = list(csv.DictReader(io.StringIO(text)))
        assert lines[0]["earliest"] == "2021-01-01"
        assert len({len(line) for line in lines}) == 1
