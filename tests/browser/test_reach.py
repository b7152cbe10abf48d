"""Focus, expanding, collapsing, paths, pins, undo and the address: by mouse, keyboard and touch."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

pytestmark = pytest.mark.browser

Show = Callable[..., SimpleNamespace]
INK = """() => {
    const shown = document.querySelector("#canvas canvas");
    const copy = Object.assign(document.createElement("canvas"), { width: shown.width, height: shown.height });
    const context = copy.getContext("2d", { willReadFrequently: true });
    context.drawImage(shown, 0, 0);
    const dots = context.getImageData(0, 0, copy.width, copy.height).data;
    let [number, weight] = [0, 0];
    for (let i = 0; i < dots.length; i += 4) {
        const dark = dots[i + 3] ? 765 - dots[i] - dots[i + 1] - dots[i + 2] : 0;
        if (dark > 3) { number += 1; weight += dark; }
    }
    return [number, weight];
}"""  # how many dots of the picture are not of the page's colour, and how dark all are together
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


def shown(page: Any) -> set[str]:  # noqa: ANN401
    """Return the names of the boxes on the stage."""
    labels = page.eval_on_selector_all("#walk button:not([hidden])", "(all) => all.map((b) => b.ariaLabel)")
    return {label.split(",")[0] for label in labels if label.count(",") < 3}


def choose(page: Any, name: str) -> None:  # noqa: ANN401
    """Find a box by name and choose it."""
    page.fill("#find", name)
    page.press("#find", "Enter")


def at(page: Any, hash_: str) -> None:  # noqa: ANN401
    """Follow a link to a state of the page."""
    page.evaluate("(hash) => { location.hash = hash }", hash_)
    page.wait_for_timeout(120)


def spot(page: Any, name: str) -> tuple[float, float]:  # noqa: ANN401
    """Return the middle of a box on the screen."""
    box = page.locator(f'#walk button[aria-label^="{name}, "]').first.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_focus_by_depth_says_what_is_left_out(page: Any) -> None:  # noqa: ANN401
    """One step, two steps, all again."""
    choose(page, "DFSK")
    page.click('#panel [data-act="depth1"]')
    assert shown(page) == {"Sokon", "DFSK Motor"}
    assert page.inner_text("#stage span") == "Around DFSK Motor: 2 of 26 boxes"
    page.click('#panel [data-act="depth2"]')
    assert {"Huawei", "Ruichi", "SERES"} <= shown(page)
    page.click("#stage button")
    assert len(shown(page)) == 25  # two boxes are called SERES
    assert page.locator("#stage").is_hidden()


def test_expand_and_collapse(page: Any) -> None:  # noqa: ANN401
    """A +n on a box, a button in the panel and a key do the same."""
    at(page, "#focus=dfsk&box=sokon")
    assert shown(page) == {"Sokon", "DFSK Motor"}
    page.click('#panel [data-act="widen"]')
    assert {"Huawei", "Ruichi"} <= shown(page)
    page.click('#panel [data-act="collapse"]')
    assert shown(page) == {"Sokon", "DFSK Motor"}
    page.locator('#walk button[aria-label^="Sokon, firm"]').focus()
    page.keyboard.press("e")
    assert {"Huawei", "Ruichi"} <= shown(page)
    page.keyboard.press("c")
    assert shown(page) == {"Sokon", "DFSK Motor"}
    box = page.locator('#walk button[aria-label^="Sokon, firm"]').bounding_box()
    page.mouse.click(box["x"] + box["width"], box["y"] + box["height"])
    assert {"Huawei", "Ruichi"} <= shown(page)


def test_collapse_takes_what_hangs_on_a_box_alone(page: Any) -> None:  # noqa: ANN401
    """In the whole picture too; one press brings it back."""
    choose(page, "Sokon")
    page.click('#panel [data-act="collapse"]')
    assert not {"DFSK Motor", "Ruichi"} & shown(page)
    assert "Huawei" in shown(page)
    page.click('#panel [data-act="widen"]')
    assert {"DFSK Motor", "Ruichi"} <= shown(page)


def test_paths_between_two_with_the_evidence_of_every_hop(page: Any) -> None:  # noqa: ANN401
    """The shortest first, longer ones on demand, each hop with its facts and they with their claims."""
    choose(page, "Sokon")
    page.click('#panel [data-act="path"]')
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.type("aito")
    page.keyboard.press("Enter")
    assert page.inner_text("#panel h2") == "From Sokon to AITO M5"
    assert page.locator("#panel .way").count() == 1
    assert page.inner_text("#panel .way > summary") == "Sokon → Huawei → AITO M5"
    page.click("#panel .hop >> nth=0 >> details >> nth=0")
    assert "Sokon\n" not in page.inner_text("#panel .hop >> nth=0 >> .claim >> nth=0")
    assert "claims/pandaily-sokon-not-foundry.yaml:" in page.inner_text("#panel .hop >> nth=0")
    page.click("#panel .more")
    ways = page.locator("#panel .way > summary").all_inner_texts()
    assert "Sokon → SERES → Liangjiang smart factory → AITO M5" in ways
    assert len(ways) == len(set(ways)) > 1
    assert page.evaluate("location.hash").startswith("#from=sokon&to=aito-m5&longer=1")


def test_a_path_by_touch_and_one_that_is_not_there(show: Show, text: str) -> None:
    """Two taps on boxes; where nothing leads across, the page says so."""
    page = show(text, **PHONE).page
    choose(page, "Sokon")
    page.tap('#panel [data-act="path"]')
    page.tap("#whole")
    page.touchscreen.tap(*spot(page, "Huawei"))
    page.wait_for_timeout(100)
    assert page.inner_text("#panel h2") == "From Sokon to Huawei"
    at(page, "#from=sokon&to=huawei-stores")
    assert "No path" in page.inner_text("#panel")


def test_filters_bound_the_paths(page: Any) -> None:  # noqa: ANN401
    """What the legend hides is not walked over."""
    at(page, "#from=sokon&to=aito-m5&hide=verdict%3Acontested")
    assert "Huawei → AITO M5" not in page.inner_text("#panel")
    assert "Liangjiang" in page.inner_text("#panel .way > summary >> nth=0")


def test_a_dragged_box_stays_pinned_and_undo_brings_it_home(page: Any) -> None:  # noqa: ANN401
    """Dragging moves and pins; the address keeps it; its lines follow."""
    before = spot(page, "Ruichi")
    page.mouse.move(*before)
    page.mouse.down()
    page.mouse.move(before[0] + 60, before[1] + 30, steps=4)
    page.mouse.up()
    after = spot(page, "Ruichi")
    assert 40 < after[0] - before[0] < 61  # a drag begins after some pixels
    assert "pin=ruichi," in page.evaluate("location.hash")
    page.reload()
    assert spot(page, "Ruichi") == pytest.approx(after, abs=30)  # the frame is fitted anew
    at(page, "#box=ruichi&pin=ruichi,0,0")
    page.click('#panel [data-act="pin"]')
    assert "pin" not in page.evaluate("location.hash")


def test_a_box_is_moved_with_the_keyboard(page: Any) -> None:  # noqa: ANN401
    """Shift and an arrow move it; u unpins it."""
    page.locator('#walk button[aria-label^="Ruichi, firm"]').focus()
    before = spot(page, "Ruichi")
    page.keyboard.press("Shift+ArrowRight")
    assert spot(page, "Ruichi")[0] > before[0] + 5
    page.keyboard.press("u")
    assert spot(page, "Ruichi") == pytest.approx(before, abs=1)


def test_undo_and_the_browsers_back_are_one(page: Any) -> None:  # noqa: ANN401
    """Every step can be taken back, in both ways, and none leaves the page."""
    assert page.locator("#undo").is_disabled()
    choose(page, "Sokon")
    page.click('#panel [data-act="depth1"]')
    page.locator(".chip", has_text="Contested").first.click()
    page.click("#undo")
    page.wait_for_function("!location.hash.includes('hide')")
    assert page.inner_text("#panel h2") == "Sokon"
    page.evaluate("history.back()")
    page.wait_for_function("!location.hash.includes('focus')")
    page.keyboard.press("z")
    page.wait_for_function("!location.hash.includes('box')")
    assert page.inner_text("#panel h2") == "How to read this"
    assert page.locator("#undo").is_disabled()


def test_a_link_restores_all_of_it(show: Show, text: str) -> None:
    """Focus, clocks, what is hidden, what was chosen and which pane: the address written is the address read."""
    hash_ = "#show=table&focus=huawei&depth=2&box=seres-auto&known-by=2021-12-31&hide=verdict%3Astated,source%3Acapitalwatch-jinkang&words=lead&sort=fact%20down"
    page = show(text).page
    at(page, hash_)
    chosen = page.evaluate(
        "[location.hash, document.querySelector('#known-by-day').textContent, document.querySelector('#words').value]"
    )
    assert chosen == [hash_, "2021-12-31", "lead"]
    assert page.locator('.chip[aria-pressed="false"]').count() == 2
    facts = page.locator("#rows .fact-link").all_inner_texts()
    assert facts
    assert facts == sorted(facts, key=str.casefold, reverse=True)
    page.click("#show-picture")
    assert page.locator("#stage").is_visible()


BROKEN = (
    "#focus=nobody",
    "#box=%E0%A4%A",
    "#line=a,b",
    "#depth=99&focus=huawei",
    "#pin=huawei,x,y",
    "#hide=,,:",
    "#fact=toString",
    "#show=__proto__",
    "#known-by=soon&holds=9999",
    "#__proto__=1&constructor=2",
    "#sort=%3Cb%3E&words=%5B",
)


def test_a_broken_link_does_no_harm(page: Any) -> None:  # noqa: ANN401
    """What cannot be read is left out, whether it comes to a page or the page is opened with it."""
    for hash_ in BROKEN:
        at(page, hash_)
        assert page.locator("#panel h2").count() == 1, hash_
    page.reload()
    page.wait_for_selector("#picture[data-ready]", state="attached")
    assert page.locator("#panel h2").count() == 1


def test_hover_fades_and_hides_nothing(page: Any) -> None:  # noqa: ANN401
    """What is not near stays visible, fainter."""
    before = page.evaluate(INK)
    page.mouse.move(*spot(page, "Ruichi"))
    page.wait_for_timeout(200)
    after = page.evaluate(INK)
    assert after[0] > before[0] * 0.9
    assert after[1] < before[1] * 0.7
    assert page.inner_text("#panel h2") == "How to read this"


def test_roles_and_sources_filter_too(page: Any) -> None:  # noqa: ANN401
    """A role away, a source away, all back."""
    page.click('.drop[data-group="role"] summary')
    page.locator('.drop[data-group="role"] .chip', has_text="retailer").click()
    assert page.locator('#walk button[aria-label*="retailer"]:not([hidden])').count() == 0
    page.click('.drop[data-group="role"] summary')
    page.click('.drop[data-group="source"] summary')
    page.click('.drop[data-group="source"] .bar button >> nth=1')
    assert page.locator("#walk button[aria-label]:not([hidden])").count() == 26
    assert "0 of 54 facts" in page.inner_text("#panel")
    page.click("#reset")
    assert page.locator('#walk button[aria-label*="retailer"]:not([hidden])').count() == 2
