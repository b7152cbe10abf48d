"""The page in Chromium, from a file, without a network; every test ends with 0 requests, 0 errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from amounts import SEED

pytestmark = pytest.mark.browser

Show = Callable[..., SimpleNamespace]
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
THUMB = """(selector) => { const c = document.createElement("canvas"); [c.width, c.height] = [120, 75];
    const d = c.getContext("2d"); d.imageSmoothingQuality = "high";
    d.drawImage(document.querySelector(selector), 0, 0, 120, 75); return [...d.getImageData(0, 0, 120, 75).data] }"""
STRINGS = json.loads((Path(__file__).parent / "hostile.json").read_text("utf-8"))


@pytest.fixture
def seed(show: Show, written: ModuleType) -> Any:  # noqa: ANN401 -- playwright may be absent
    """Open the first article's page."""
    return show(written.seed_page()).page


def panel(page: Any) -> str:  # noqa: ANN401
    """Return what stands in the panel."""
    return str(page.inner_text("#panel"))


def middle(page: Any, words: str) -> tuple[float, float]:  # noqa: ANN401
    """Return where the box or label stands whose spoken name holds some words, ^ its start."""
    sign, words = ("^", words[1:]) if words.startswith("^") else ("*", words)
    box = page.locator(f'#walk button[aria-label{sign}="{words}"]').first.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_it_draws_from_a_file_without_a_network(show: Show, written: ModuleType) -> None:
    """Nothing is asked for but the file itself."""
    seen = show(written.seed_page())
    assert [url.split(":")[0] for url in seen.requests] == ["file"]
    drawn = seen.page.evaluate(
        "() => { const c = document.querySelector('#canvas canvas');"
        "const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
        "let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 0; return n }"
    )
    assert drawn > 20_000


def test_search_finds_by_any_name(seed: Any) -> None:  # noqa: ANN401
    """Chinese and Latin names both lead to the firm, by keyboard alone."""
    for words in ("华为", "huawei", "HUAWEI", " Hua wei ", "huá wéi"):
        seed.evaluate("location.hash = ''")
        seed.wait_for_selector("#panel h2:has-text('How to read this')")
        seed.keyboard.press("/")
        seed.keyboard.press("Control+a")
        seed.keyboard.type(words)
        assert "Huawei" in seed.inner_text("#found li >> nth=0")
        seed.keyboard.press("Enter")
        assert seed.inner_text("#panel h2") == "Huawei"
        assert seed.locator("#found").is_hidden()


def test_search_walks_its_results_with_arrows(seed: Any) -> None:  # noqa: ANN401
    """The second result can be taken, and what is not there is said so."""
    seed.fill("#find", "arcfox")
    seed.press("#find", "ArrowDown")
    second = seed.inner_text("#found li >> nth=1").split("\n")[0]
    seed.press("#find", "Enter")
    assert seed.inner_text("#panel h2") == second
    seed.fill("#find", "zzz")
    assert seed.inner_text("#found") == "No box has such a name."


def test_a_click_on_a_line_shows_the_facts_behind_it(seed: Any) -> None:  # noqa: ANN401
    """Planning, design, marketing and sales stand behind one line, each with its claim."""
    seed.mouse.click(*middle(seed, "sales lead"))
    text = panel(seed)
    assert seed.inner_text("#panel h2") == "Huawei → SERES Auto"
    for word in ("planning", "design", "marketing", "sales"):
        assert f"Huawei is {word} lead of SERES Auto" in text
    for word in ("several Chinese media", "says so, as a plan", "unnamed media", "2021-09?", "par2"):
        assert word in text
    assert "claims/pandaily-seres-auto.yaml:" in text


def test_a_click_on_the_line_itself_works_too(seed: Any) -> None:  # noqa: ANN401
    """The line is hit beside its label, in the column that it passes."""
    x, y = middle(seed, "executive director")
    seed.mouse.click(x - 70, y)
    assert "Yu Chengdong → Huawei" in panel(seed)


def test_a_contested_line_shows_both_sides(seed: Any) -> None:  # noqa: ANN401
    """What speaks against a fact stands beside what speaks for it."""
    seed.mouse.click(*middle(seed, "contract manufacturer"))
    assert "an information source" in seed.inner_text(".side:not(.against)")
    against = seed.inner_text(".side.against")
    assert "Sokon" in against
    assert "denies it" in against


def test_a_click_on_a_box_shows_all_that_is_known_of_it(seed: Any) -> None:  # noqa: ANN401
    """Roles, events and figures, with those that have no line."""
    seed.mouse.click(*middle(seed, "^SERES SF5, "))
    text = panel(seed)
    for word in ("Roles", "Events", "Figures", "was launched in the first half of 2021", "over 6500"):
        assert word in text
    seed.locator("#panel details.fact").first.click()
    seed.locator("#panel details.fact >> text=Pandaily").first.wait_for()  # filled once it is open


def test_links_lead_to_the_source_and_tell_it_nothing(seed: Any) -> None:  # noqa: ANN401
    """A link opens elsewhere, without a way back and without a referrer."""
    seed.mouse.click(*middle(seed, "sales lead"))
    link = seed.locator("#panel a").first
    assert link.get_attribute("href").startswith("https://")
    assert link.get_attribute("rel") == "noopener noreferrer"


def test_search_finds_chinese_by_its_sound(seed: Any) -> None:  # noqa: ANN401
    """Whoever cannot write 赛力斯 writes sai li si."""
    for words, name in (("sai li si", "SERES"), ("xiaokanggufen", "Sokon"), ("yuchengdong", "Yu Chengdong")):
        seed.fill("#find", words)
        assert name in seed.inner_text("#found li >> nth=0")


def test_legend_chips_fade_and_show(seed: Any) -> None:  # noqa: ANN401
    """A chip takes its lines out of reach, and gives them back."""
    at = middle(seed, "executive director")
    chip = seed.locator(".chip", has_text="stated").first
    chip.click()
    assert chip.get_attribute("aria-pressed") == "false"
    seed.mouse.click(*at)
    assert seed.inner_text("#panel h2") == "How to read this"
    chip.click()
    seed.mouse.click(*at)
    assert "Yu Chengdong → Huawei" in panel(seed)


def test_the_picture_can_be_walked_with_the_keyboard(seed: Any) -> None:  # noqa: ANN401
    """From a box along a line to the next box; Enter opens, Escape goes back."""
    seed.locator("#walk button[tabindex='0']").focus()
    assert "Yu Chengdong" in seed.evaluate("document.activeElement.ariaLabel")
    seed.keyboard.press("ArrowRight")
    assert "executive director" in seed.evaluate("document.activeElement.ariaLabel")
    seed.keyboard.press("ArrowRight")
    assert seed.evaluate("document.activeElement.ariaLabel").startswith("Huawei, ")
    ring = "getComputedStyle(document.activeElement).outlineWidth"
    assert float(seed.evaluate(ring).removesuffix("px")) >= 2
    seed.keyboard.press("Enter")
    assert seed.inner_text("#panel h2") == "Huawei"
    seed.keyboard.press("Escape")
    assert seed.inner_text("#panel h2") == "How to read this"


def test_everything_is_reached_with_the_tab_key(seed: Any) -> None:  # noqa: ANN401
    """Search, buttons, chips, picture, zoom, clocks and the panel's facts all take the focus in turn."""
    reached = set()
    for _ in range(70):
        seed.keyboard.press("Tab")
        reached.add(seed.evaluate("document.activeElement.id || document.activeElement.className"))
        reached.add(seed.evaluate("document.activeElement.closest('#walk, #panel, .drop')?.className"))
        reached.add(seed.evaluate("document.activeElement.closest('#walk, #panel')?.id"))
    assert {"find", "show-table", "theme", "chip", "walk", "closer", "whole", "known-by", "panel", "drop"} <= reached


def test_dark_by_the_system_and_by_the_button(show: Show, written: ModuleType) -> None:
    """The reader's system decides until the reader does."""
    page = show(written.seed_page(), color_scheme="dark").page
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) == "rgb(16, 22, 29)"
    page.click("#theme")
    assert page.evaluate(background) == "rgb(255, 255, 255)"


def test_a_phone_has_the_facts_first(show: Show, written: ModuleType) -> None:
    """Facts above, picture below at a readable size, nothing wider than the screen."""
    page = show(written.seed_page(), **PHONE).page
    facts, picture = (page.locator(s).bounding_box() for s in ("#panel", "#picture"))
    assert facts["y"] < picture["y"]
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.click("nav.jump a:last-child")
    page.wait_for_timeout(200)
    assert page.locator("#picture").bounding_box()["y"] < 60
    page.touchscreen.tap(*middle(page, "^Huawei, "))
    page.wait_for_timeout(200)
    assert page.inner_text("#panel h2") == "Huawei"
    assert page.locator("#panel h2").is_visible()


def test_an_address_leads_back_to_what_was_chosen(seed: Any) -> None:  # noqa: ANN401
    """The address names the chosen box, and opens it again."""
    seed.mouse.click(*middle(seed, "^SERES SF5, "))
    assert seed.evaluate("location.hash") == "#box=seres-sf5"
    seed.reload()
    assert seed.inner_text("#panel h2") == "SERES SF5"


def test_an_empty_network_says_so(show: Show, written: ModuleType) -> None:
    """No box, no error, an explanation."""
    told = {**written.seed(), "nodes": {}, "edges": [], "evidence": {}}
    assert "nothing to draw here yet" in panel(show(written.page_of(told)).page)


def test_many_boxes_are_scattered_and_the_page_says_so(show: Show, written: ModuleType) -> None:
    """Above the limit there are straight lines, search and facts as before."""
    page = show(written.page_of(written.many(600))).page
    assert "620 boxes" in page.inner_text("#notice")
    page.fill("#find", "Firm 599")
    page.press("#find", "Enter")
    assert page.inner_text("#panel h2") == "Firm 599"


def touch_everything(page: Any) -> None:  # noqa: ANN401
    """Open all that can be opened, hover over all that can be hovered over."""
    page.evaluate("document.querySelectorAll('#walk button').forEach((b) => b.click())")
    page.evaluate("document.querySelectorAll('.chip').forEach((b) => b.click())")
    page.fill("#find", "x")
    page.keyboard.press("Escape")
    for step in page.locator("#walk button").all()[:6]:
        step.dispatch_event("click")
        page.evaluate("document.querySelectorAll('#panel details').forEach((d) => d.open = true)")
    page.mouse.move(500, 450)
    for pane in ("table", "matrix", "timeline", "picture"):
        page.click(f"#show-{pane}")
    page.evaluate("document.querySelectorAll('#panel [data-act]').forEach((b) => b.click())")


def harm(page: Any) -> list[str]:  # noqa: ANN401
    """Return the traces that a hostile text would have left."""
    return list(page.evaluate("Object.keys(window).filter((name) => name.startsWith('PW_'))"))


@pytest.mark.more
@pytest.mark.parametrize("turn", range(0, 40, 7) if SEED else (0, 21))
def test_hostile_text_does_nothing(show: Show, written: ModuleType, turn: int) -> None:
    """Markup, templates, addresses, directions and endless names are just text, in any place."""
    texts = [*written.HOSTILE, *STRINGS]
    page = show(written.page_of(written.hostile(*texts[turn:], *texts[:turn]))).page
    touch_everything(page)
    assert harm(page) == []
    assert page.locator("img, iframe, object, #panel script, #panel svg[onload]").count() == 0
    for link in page.locator("a[target]").all():
        assert link.get_attribute("href").startswith(("http://", "https://"))


def test_the_first_look_is_the_picture(show: Show, written: ModuleType) -> None:
    """What is painted before vis-network is read is what stands there afterwards."""
    seen = show(written.seed_page())
    early = seen.context.new_page()
    early.add_init_script("window.requestAnimationFrame = () => 0")  # so it goes no further
    early.goto(seen.page.url)
    early.wait_for_selector("#picture[data-painted]", state="attached")
    before, after = early.evaluate(THUMB, "#first-look"), seen.page.evaluate(THUMB, "#canvas canvas")
    differ = sum(abs(a - b) > 32 for a, b in zip(before, after, strict=True))
    assert sum(value > 0 for value in before) > 5_000
    assert differ < len(before) / 100
    assert seen.page.locator("#first-look").count() == 0
