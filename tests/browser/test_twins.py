"""Table, matrix, timeline, and what is saved or printed: they say what the picture says."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest

import kg
from projects import EXAMPLE

pytestmark = pytest.mark.browser

Show = Callable[..., SimpleNamespace]
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


def saved(page: Any, button: str, place: Path) -> Path:  # noqa: ANN401
    """Save something by its button, and return the file."""
    page.click("summary:has-text('Save')")
    with page.expect_download() as download:
        page.click(f"#{button}")
    download.value.save_as(place / download.value.suggested_filename)
    return place / download.value.suggested_filename


def test_the_table_holds_every_fact_and_leads_to_its_evidence(page: Any) -> None:  # noqa: ANN401
    """A row for each; a press on one shows speaker, source, file and line beside it."""
    page.keyboard.press("2")
    assert page.locator("#rows tr").count() == 54
    page.click("#rows .fact-link:has-text('contract manufacturer of SERES Auto')")
    text = page.inner_text("#panel")
    for word in (
        "an information source",
        "OEM production",
        "In tension",
        "Editor of this project",
        "probably 2021-09",
        "claims/pandaily-seres-auto.yaml:",
    ):
        assert word in text


def test_the_table_is_sorted_and_filtered_by_keyboard(page: Any) -> None:  # noqa: ANN401
    """Heads are buttons that say their order; words narrow it; the chips of the legend do too."""
    page.keyboard.press("2")
    page.locator("#heads button >> nth=4").focus()
    page.keyboard.press("Enter")
    assert page.locator("#heads th >> nth=4").get_attribute("aria-sort") == "ascending"
    said = page.locator("#rows tr td:nth-child(5)").all_inner_texts()
    assert said == sorted(said)
    page.keyboard.press("Enter")
    assert page.locator("#heads th >> nth=4").get_attribute("aria-sort") == "descending"
    page.fill("#words", "sokon subsidiary")
    assert page.locator("#rows tr").count() == 3
    assert page.inner_text("#tally") == "3 of 54 facts"
    page.fill("#words", "")
    page.locator(".chip", has_text="Stated").first.click()
    assert page.locator("#rows tr").count() == 26


def test_an_unsaid_cell_never_looks_denied(page: Any) -> None:  # noqa: ANN401
    """Denied cells carry the word and the mark; those without a claim a dot, and words for who hears them."""
    page.keyboard.press("3")
    denied = page.locator("#matrix .cell", has_text="denied")
    assert denied.count() == 2
    assert all(cell.locator("svg").count() == 1 for cell in denied.all())
    unsaid = page.locator("#matrix .unsaid")
    assert unsaid.count() > 20
    assert {cell.inner_text().split("\n")[0] for cell in unsaid.all()} == {"·"}
    assert unsaid.first.locator(".live").text_content() == "no claim shown is about it"
    assert page.locator("#matrix .unsaid svg, #matrix .unsaid .alarm").count() == 0


def test_a_cell_carries_the_marks_of_what_is_beside_its_verdict(page: Any) -> None:  # noqa: ANN401
    """What an editor sets in tension has a mark with its label; a plan that nothing is beside has none."""
    page.keyboard.press("3")
    row = page.locator("#matrix tr", has=page.locator("th", has_text="Planning")).first
    assert row.locator("abbr.sign").evaluate_all("(signs) => signs.map((sign) => [sign.textContent, sign.title])") == [
        ["≠", "in tension"]
    ]
    assert page.locator("#matrix tr", has=page.locator("th", has_text="Marketing")).locator("abbr.sign").count() == 0


def test_the_matrix_says_what_the_project_says(page: Any) -> None:  # noqa: ANN401
    """Every cell of kg matrix is on the page with its verdict, and no other."""
    matrix = kg.load(EXAMPLE).matrix()
    wanted = sum(len(cell) for block in matrix.blocks for row in block.rows for cell in row.cells.values())
    page.keyboard.press("3")
    assert page.locator("#matrix .cell").count() == wanted
    page.click("#matrix .cell:has-text('Leading, Huawei:contested')")
    assert "Speaks against it" in page.inner_text("#panel")
    page.evaluate("location.hash = '#show=matrix&known-by=2021-05-01'")
    page.wait_for_timeout(100)
    assert page.locator("#matrix .cell").count() == 1


def test_the_timeline_of_a_box(page: Any) -> None:  # noqa: ANN401
    """Dates as the sources write them, in order, undated facts last by when they were first said."""
    page.fill("#find", "Sokon")
    page.press("#find", "Enter")
    page.click('#panel [data-act="time"]')
    assert page.input_value("#whose") == page.get_attribute('#walk button[aria-label^="Sokon, firm"]', "data-id")
    when = page.locator("#events .event:not(.axis) .when").all_inner_texts()
    assert when[:3] == ["2021", "2021-08", "2021-08"]
    assert when[-1] == "said 2022-03?"
    page.click("#events .event:not(.axis) >> nth=0")
    assert "41440" in page.inner_text("#panel")


def test_a_phone_lists_the_table_as_cards(show: Show, text: str) -> None:
    """Nothing is wider than the screen, in any pane but the matrix, which scrolls by itself."""
    page = show(text, **PHONE).page
    for pane in ("table", "matrix", "timeline"):
        page.tap(f"#show-{pane}")
        assert page.evaluate("document.documentElement.scrollWidth") == 390, pane
        assert page.locator(f"#{pane}").bounding_box()["y"] < 120
    assert page.inner_text("#to-pane") == "Timeline"


def test_the_picture_is_saved_as_png_and_as_svg(page: Any, tmp_path: Path) -> None:  # noqa: ANN401
    """What is on the stage, whatever part of it is on the screen; the SVG holds names and verdicts as text."""
    assert saved(page, "save-png", tmp_path).read_bytes()[:4] == b"\x89PNG"
    whole = ElementTree.parse(saved(page, "save-svg", tmp_path)).getroot()  # noqa: S314 -- our own
    words = [element.text for element in whole.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Huawei", "华为", "contested", "Group or parent"} <= set(words)
    page.evaluate("location.hash = '#focus=dfsk'")
    page.wait_for_timeout(100)
    part = ElementTree.parse(saved(page, "save-svg", tmp_path)).getroot()  # noqa: S314
    words = [element.text for element in part.iter("{http://www.w3.org/2000/svg}text")]
    assert "DFSK Motor" in words
    assert "SERES SF5" not in words


def test_the_csv_holds_a_row_for_each_claim_that_is_shown(page: Any, tmp_path: Path) -> None:  # noqa: ANN401
    """As many as the filters leave, none of them a formula."""
    page.locator(".chip", has_text="Stated").first.click()
    rows = list(csv.DictReader(io.StringIO(saved(page, "save-csv", tmp_path).read_text("utf-8"))))
    assert len(rows) == 26
    assert {row["verdict"] for row in rows} == {"denied", "contested", "planned", "policy", "reported"}
    assert {"speaker", "source", "published", "file", "line"} <= rows[0].keys()
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_paper_shows_picture_and_table_in_light(show: Show, text: str) -> None:
    """Printing takes the picture as lines, and every fact; afterwards all is as before."""
    page = show(text, color_scheme="dark").page
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("#paper svg text", has_text="Huawei").first.is_visible()
    assert page.locator("#rows tr").count() == 54
    assert page.locator("#panel").is_hidden()
    assert page.locator("#table").is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.locator("#paper").inner_html() == ""
