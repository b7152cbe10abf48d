"""Everybody gets there: no violation found by axe-core, and the whole way by keyboard alone."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from looks import AUDIT, LOOKS, VENDOR, Look

Show = Callable[..., SimpleNamespace]
STATES = [
    "",
    "#box=huawei",
    "#line=sokon,huawei,denied",
    "#from=sokon&to=aito-m5&longer=1",
    "#focus=sokon&depth=2&known-by=2021-09-30&hide=verdict%3Aplanned",
    "#show=table&sort=fact%20up&words=huawei",
    "#show=matrix",
    "#show=timeline&of=huawei&holds=2021-08-10",
]


def test_the_vendored_auditor_is_what_its_readme_says() -> None:
    """Version and hash stand beside it."""
    readme, script = (VENDOR / "README.md").read_text("utf-8"), (VENDOR / "axe.min.js").read_bytes()
    assert hashlib.sha256(script).hexdigest() in readme
    version = re.match(rb"/\*! axe v(\S+)", script)
    assert version
    assert version[1].decode() in readme


@pytest.mark.browser
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_axe_finds_no_violation(show: Show, text: str, look: Look) -> None:
    """In every pane, with every kind of page in the panel, all of it unfolded."""
    page = show(text, **look.window).page
    page.evaluate((VENDOR / "axe.min.js").read_text("utf-8"))
    for state in STATES:
        page.evaluate("(hash) => { location.hash = hash }", state)
        page.wait_for_timeout(100)
        page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
        page.wait_for_timeout(50)
        assert page.evaluate(AUDIT, look.rules) == [], (look, state)


def focus_on(page: Any, key: str, is_there: str, most: int = 90) -> None:  # noqa: ANN401
    """Press a key until the focus is where a selector says."""
    for _ in range(most):
        if page.evaluate("(selector) => document.activeElement.matches(selector)", is_there):
            return
        page.keyboard.press(key)
    pytest.fail(f"{is_there} is not reached with {key}")


@pytest.mark.browser
def test_from_search_to_the_source_by_keyboard_alone(show: Show, written: Any) -> None:  # noqa: ANN401
    """Search, box, line, its evidence, its source: Tab, arrows and Enter, no mouse."""
    page = show(written.seed_page()).page
    page.keyboard.press("/")
    page.keyboard.type("hua wei")
    page.keyboard.press("Enter")
    assert page.inner_text("#panel h2") == "Huawei"
    focus_on(page, "Tab", "#walk button")
    focus_on(page, "ArrowDown", "#walk button[aria-label^='Huawei, firm']", 30)
    page.keyboard.press("ArrowRight")
    focus_on(page, "ArrowDown", "#walk button[aria-label*='planning']", 20)
    page.keyboard.press("Enter")
    assert page.inner_text("#panel h2") == "Huawei → SERES Auto"
    assert "several Chinese media" in page.inner_text("#panel")
    focus_on(page, "Tab", "#panel a[href^='https://']")
    with page.context.expect_page() as opened:
        page.keyboard.press("Enter")
    assert opened.value
