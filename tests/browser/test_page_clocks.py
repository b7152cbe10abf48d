"""The two clocks of the page: what it shows at a day is what the project says at that day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import kg
from amounts import SEED
from kg.judging.verdicts import Judge
from kg.model.sentences import Sentences
from kg.model.world import Clocks
from projects import make_project, source

pytestmark = pytest.mark.browser

Show = Callable[..., SimpleNamespace]
Verdicts = Counter[tuple[str, str]]
AT = """(day) => {
    history.replaceState(null, "", `#show=table&known-by=${day}`);
    dispatchEvent(new PopStateEvent("popstate"));
    return [...document.querySelectorAll("#rows tr")].map((row) =>
        [row.querySelector(".fact-link").textContent, row.querySelector(".word").textContent]);
}"""


def on_page(page: Any, day: str) -> Verdicts:  # noqa: ANN401 -- playwright may be absent
    """Return sentences and verdicts in the table of the page, its clock set to a day."""
    return Counter((sentence, verdict) for sentence, verdict in page.evaluate(AT, day))


def in_project(graph: kg.Graph, day: str) -> Verdicts:
    """Return the same from the project itself, as it was known by that day; without claims about claims."""
    world = graph.world.at(Clocks(known_by=day))
    sentences, judgements = Sentences(world), Judge(world).judgements
    told = (p for p in world.propositions if not p.term.sets)
    return Counter((sentences.sentence(p), judgements[p.iri].verdict.label()) for p in told)


STOPS = ("2021-04-30", "2021-09-30", "2022-01-31", "2022-03-31")
AT_ONCE = 1 if SEED else 6  # days between two looks, where no source appears


def days(first: str, last: str) -> list[str]:
    """Return days between two: so many, and at every stop the day before, the day itself and the day after."""
    start = date.fromisoformat(first)
    count = (date.fromisoformat(last) - start).days
    some = {start + timedelta(days=n) for n in range(0, count + 1, AT_ONCE)}
    stops = {date.fromisoformat(stop) + timedelta(days=n) for stop in STOPS for n in (-1, 0, 1)}
    return sorted(day.isoformat() for day in some | stops)


@pytest.mark.more
def test_every_day_shows_the_verdicts_of_that_day(show: Show, example: kg.Graph, text: str) -> None:
    """On the seed, from before the first source until after the last."""
    page = show(text).page
    for day in days("2021-04-28", "2022-04-02"):
        assert on_page(page, day) == in_project(example, day), day


def test_an_opposition_that_was_taken_back_is_gone_from_that_day(show: Show, tmp_path: Any) -> None:  # noqa: ANN401
    """A denial that a later source retracts opposes in between only."""
    builds = "agent: a, role: contract-manufacturer, target: car"
    denial = source("s2", "2021-06", f"id: no, stance: denies, {builds}, said-by: a")
    back = source("s3", "2022", f"retracts: s2/no, {builds}, said-by: a")
    graph = kg.load(make_project(tmp_path, builds, claims__s2_yaml=denial, claims__s3_yaml=back))
    page = show(graph.view()).page
    for day in ("2021-06-29", "2021-06-30", "2022-12-30", "2022-12-31"):
        assert on_page(page, day) == in_project(graph, day), day
    page.evaluate(AT, "2021-06-30")
    page.click("#rows .fact-link")
    assert "Speaks against it" in page.inner_text("#panel")
    page.evaluate(AT, "2022-12-31")
    page.click("#rows .fact-link")
    assert page.locator("#panel .side.against > div:not(.claim)").count() == 0


def test_the_clock_stops_where_sources_appear(show: Show, text: str) -> None:
    """By keyboard from stop to stop, by mouse to the nearest before; the last place stands for everything."""
    page = show(text).page
    slider = page.locator("#known-by")
    assert slider.get_attribute("aria-valuetext") == "everything"
    slider.focus()
    seen = []
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
        seen.append(page.inner_text("#known-by-day"))
    assert seen == [*reversed(STOPS)]
    box = slider.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2)
    assert page.inner_text("#known-by-day") == "2021-09-30"
    assert "known-by=2021-09-30" in page.evaluate("location.hash")
    assert page.locator('#walk button[aria-label*="plant operator"]:not([hidden])').count() == 0
    page.keyboard.press("End")
    assert page.inner_text("#known-by-day") == "everything"


def test_a_line_takes_the_verdict_of_its_day(show: Show, tmp_path: Path) -> None:
    """A role is stated until a denial is known, and the panel says so too."""
    denial = source("s2", "2022-03", "stance: denies, agent: a, role: retailer, target: car", publisher="b")
    folder = make_project(tmp_path / "own", "agent: a, role: retailer, target: car", claims__s2_yaml=denial)
    page = show(kg.load(folder).view()).page
    page.evaluate("location.hash = '#known-by=2021-12-31'")
    page.wait_for_timeout(100)
    step = page.locator('#walk button[aria-label*="retailer, Car One"]')
    assert step.get_attribute("aria-label").endswith("stated")
    step.dispatch_event("click")
    assert "against" not in page.inner_text("#panel")
    page.evaluate("location.hash += '&known-by='")
    page.wait_for_timeout(100)
    assert step.get_attribute("aria-label").endswith("contested")
    assert "Speaks against it" in page.inner_text("#panel")


def test_what_has_no_date_shows_from_the_day_of_its_source(show: Show, text: str) -> None:
    """The clock of periods hides what does not hold, and what nobody tells yet; a plan without a date stays."""
    page = show(text).page
    page.evaluate("location.hash = '#holds=2021-08-10&show=table'")
    page.wait_for_timeout(100)
    assert page.inner_text("#undated") == (
        "44 facts without a date: what is stated shows from the day of its source, the rest always."
    )
    rows = page.inner_text("#rows")
    assert "3565 vehicles" in rows
    assert "6150 vehicles" not in rows
    assert "Sokon owns the brand SERES" not in rows
    page.evaluate("location.hash = '#holds=2022-12-31&show=table'")
    page.wait_for_timeout(100)
    assert "Sokon owns the brand SERES" in page.inner_text("#rows")


def test_year_only_dates_work(show: Show, tmp_path: Any) -> None:  # noqa: ANN401
    """A source of which only the year is known counts from the year's last day."""
    later = source("s2", "2022", "agent: b, role: contract-manufacturer, target: car")
    graph = kg.load(make_project(tmp_path, "agent: a, role: contract-manufacturer, target: car", claims__s2_yaml=later))
    page = show(graph.view()).page
    page.focus("#known-by")
    page.keyboard.press("ArrowLeft")
    assert page.inner_text("#known-by-day") == "2022-12-31"
    for day in ("2022-12-30", "2022-12-31"):
        assert on_page(page, day) == in_project(graph, day)
