"""Chromium with no way out to the network, and the pages that the tests open in it."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import kg
from projects import EXAMPLE

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def _written() -> ModuleType:
    """Return tests/test_picture.py, which writes the pages; tests are no package to import from."""
    place = Path(__file__).parents[1] / "test_picture.py"
    spec = importlib.util.spec_from_file_location("written_pages", place)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def written() -> ModuleType:
    """Give the functions that write pages."""
    return _written()


def _need(what: object, reason: str) -> None:
    """Skip where something is missing; in CI that is a failure."""
    if what:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Start Chromium once; where there is none, skip, except in CI."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    _need(path, "no Chromium found; on Debian: apt-get install chromium fonts-noto-cjk")
    _need(importlib.util.find_spec("playwright"), "playwright is not installed")
    from playwright import sync_api

    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def show(
    chromium: Any,  # noqa: ANN401 -- playwright may be absent
    tmp_path: Path,
) -> Iterator[Callable[..., SimpleNamespace]]:
    """Give a function that opens a page text and notes what it asks for and complains about."""
    opened: list[SimpleNamespace] = []

    def open_page(text: str, **look: Any) -> SimpleNamespace:  # noqa: ANN401 -- playwright's own
        place = tmp_path / f"page{len(opened)}.html"
        place.write_text(text, encoding="utf-8", newline="\n")
        look = {"viewport": {"width": 1440, "height": 900}, **look}
        context = chromium.new_context(offline=True, **look)
        seen = SimpleNamespace(page=context.new_page(), requests=[], complaints=[], context=context)
        opened.append(seen)
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.page.on("console", lambda message: seen.complaints.append(message.text))
        seen.page.on("dialog", lambda dialog: (seen.complaints.append("dialog"), dialog.dismiss()))
        seen.page.goto(place.as_uri())
        seen.page.wait_for_selector("#picture[data-ready]", state="attached", timeout=20_000)
        return seen

    yield open_page
    for seen in opened:
        outside = [u for u in seen.requests if not u.startswith(("file:", "data:", "blob:"))]
        assert outside == []
        assert seen.complaints == []
        seen.context.close()


@pytest.fixture(scope="session")
def text() -> str:
    """Give the page of the example."""
    return kg.load(EXAMPLE).view()


@pytest.fixture
def page(show: Callable[..., SimpleNamespace], text: str) -> Any:  # noqa: ANN401 -- playwright may be absent
    """Open the page of the example."""
    return show(text).page
