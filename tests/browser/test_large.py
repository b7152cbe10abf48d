"""Pages of large networks: they open, say what they leave out, and the whole can be walked; no request, no complaint."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

pytestmark = pytest.mark.browser

Show = Callable[..., SimpleNamespace]


def stars(written: ModuleType, count: int) -> dict[str, Any]:
    """Return the seed with so many boxes more, in stars of ten."""
    told: dict[str, Any] = written.seed()
    model = told["nodes"]["huawei"]
    for n in range(count):
        told["nodes"][f"x{n:05}"] = {**model, "label": f"Firm {n}", "names": f"Firm {n}"}
        if n % 10:
            edge = {"proposition": "p05", "label": "supplies", "verdict": ("stated", "denied")[n % 2]}
            told["edges"].append([f"x{n // 10 * 10:05}", f"x{n:05}", f"k{n}", edge])
    return told


@pytest.fixture(scope="module")
def large(written: ModuleType) -> tuple[int, str]:
    """Write a page of many boxes, once for all that is tried on it."""
    told = stars(written, 20_000)
    return len(told["nodes"]), written.page_of(told)


def painted(page: Any) -> int:  # noqa: ANN401 -- playwright may be absent
    """Return how many pixels of the whole's canvas are not the page's colour."""
    return int(
        page.evaluate(
            "() => { const c = document.querySelector('#field-canvas');"
            "const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
            "let n = 0; for (let i = 0; i < d.length; i += 4) n += d[i] < 240 || d[i + 1] < 240; return n }"
        )
    )


def test_it_opens_with_a_part_and_says_so(show: Show, large: tuple[int, str]) -> None:
    """The notice names the number of boxes and what the part is around; the part has its facts."""
    page = show(large[1]).page
    notice = page.inner_text("#notice")
    assert f"{large[0]} boxes are too many" in notice
    assert "nearest to Huawei" in notice
    assert page.locator("#field").is_hidden()
    page.fill("#find", "huawei")
    page.press("#find", "Enter")
    assert "Huawei" in page.inner_text("#panel h2")


def test_the_whole_is_drawn_moved_searched_and_read(show: Show, large: tuple[int, str]) -> None:
    """A button away: every box, by mouse and keyboard; the card of a box says how sure each line is."""
    page = show(large[1]).page
    page.click("#notice button")
    page.wait_for_selector("#field[data-ready]", timeout=120_000)
    assert painted(page) > 2_000
    page.mouse.move(500, 450)
    page.mouse.wheel(0, -600)
    page.mouse.down()
    page.mouse.move(560, 480)
    page.mouse.up()
    page.focus("#field-canvas")
    for key in ("ArrowLeft", "+", "-", "0"):
        page.keyboard.press(key)
    page.fill("#field-find", "firm 4321")
    page.click("#field-card li button")
    card = page.inner_text("#field-card")
    assert "Firm 4321" in card
    assert "Firm 4320" in card
    assert "denied" in card.lower()
    assert "kg view --focus x04321" in card
    page.wait_for_timeout(400)
    page.mouse.click(page.viewport_size["width"] / 2 - 150, 475)
    page.keyboard.press("Escape")
    assert page.locator("#field").is_hidden()


def test_the_whole_has_an_address_and_works_in_the_dark_on_a_phone(show: Show, written: ModuleType) -> None:
    """Opened by its address; the picture leaves the card its room."""
    text = written.page_of(stars(written, 1_000))
    page = show(text, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, color_scheme="dark").page
    page.goto(f"{page.url.split('#')[0]}#whole")
    page.reload()
    page.wait_for_selector("#field[data-ready]", timeout=120_000)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    canvas, card = (page.locator(f"#field-{part}").bounding_box() for part in ("canvas", "card"))
    assert canvas["height"] > 300
    assert card["y"] >= canvas["y"] + canvas["height"] - 1


def test_hostile_names_are_text_in_the_whole_too(show: Show, written: ModuleType) -> None:
    """Search hits and cards are text; nothing runs."""
    told = stars(written, 900)
    for n, (node, text) in enumerate(zip(sorted(told["nodes"])[20:], [*written.HOSTILE] * 20, strict=False)):
        told["nodes"][node]["label"] = text if n % 2 else f"firm {text}"
    page = show(written.page_of(told)).page
    page.click("#notice button")
    for words in ("<", "firm", "x"):
        page.fill("#field-find", words)
        page.locator("#field-card li button").first.click()
    assert page.evaluate("Object.keys(window).filter((name) => name.startsWith('PW_'))") == []
    assert page.locator("#field-card img, #field-card svg, #field-card script").count() == 0
