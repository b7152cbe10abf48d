"""What was corrected, overtaken or taken back: in the panel, in the table and on the clock."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

import kg
from projects import make_project, source

pytestmark = pytest.mark.browser

Show = Callable[..., SimpleNamespace]
ROWS = (
    "id: whole, agent: a, role: retailer, target: car",
    "id: half, agent: c, role: designer, target: car, said-by: insider",
    "agent: c, role: designer, target: car",
)


@pytest.fixture
def text(tmp_path: Path) -> str:
    """Return a page with one fact of which every claim was taken back, and one that another claim still holds up."""
    later = source(
        "s2",
        "2022-05",
        "agent: b, role: retailer, target: car, retracts: s1/whole",
        "agent: c, role: planner, target: car, corrects: s1/half, said-by: boss",
    )
    return kg.load(make_project(tmp_path, *ROWS, claims__s2_yaml=later)).view()


def test_the_panel_marks_an_ended_claim_and_leads_to_the_one_that_ended_it(show: Show, text: str) -> None:
    """Apart from what counts, with the word, the way and the place; numbers count what counts."""
    page = show(text).page
    page.keyboard.press("2")
    assert "an insider" not in page.inner_text("#rows tr:has-text('Gamma helps to design')")
    page.click("#rows .fact-link:has-text('Gamma helps to design')")
    assert "an insider" in page.inner_text("#panel .side.over")
    mark = " ".join(page.inner_text("#panel .ending").split())
    assert mark == "Corrected by The Boss, 2022-05 claims/s2.yaml:4"
    assert "1 × asserts" in page.inner_text("#panel .status")
    assert "revised" in page.inner_text("#panel .beside").lower()
    page.click("#panel .ending .way")
    assert page.inner_text("#panel h2") == "Gamma helps to plan and define Car One"


def test_before_it_was_ended_a_claim_counts(show: Show, text: str) -> None:
    """The clock set to a day before the later source: no mark, no qualifier, the verdict of then."""
    page = show(text).page
    page.evaluate("location.hash = '#known-by=2021-12-31'")
    page.keyboard.press("2")
    page.click("#rows .fact-link:has-text('Alpha retails')")
    assert page.inner_text("#panel .status .word") == "Stated"
    assert page.locator("#panel .ending, #panel .side.over, #panel .beside").count() == 0


def test_what_was_taken_back_is_named_so_and_has_a_line_of_its_own(show: Show, text: str) -> None:
    """In a list the word stands before the sentence; the legend's line is not that of a plan."""
    page = show(text).page
    page.keyboard.press("2")
    page.click("#rows .fact-link:has-text('Beta retails')")
    page.click("#panel .jumps button:has-text('Car One')")
    assert "Retracted: Alpha retails Car One" in page.inner_text("#panel")
    lines = page.evaluate("""JSON.parse(document.getElementById('kg-view').textContent).lines""")
    assert len({str(style) for style in lines.values()}) == len(lines)
    sample = page.locator("#legend .chip:has-text('Retracted') path").first
    assert sample.get_attribute("stroke-dasharray").replace(",", " ") == " ".join(
        map(str, lines["dash-dot-dot"]["dash"])
    ).replace("9", "7")
