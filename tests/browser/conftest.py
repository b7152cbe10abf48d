"""Chromium with no way out to the network, and the pages that the tests open in it."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
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
    """Return tests/views/test_picture.py, which writes the pages; tests are no package to import from."""
    place = Path(__file__).parents[1] / "views" / "test_picture.py"
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


@pytest.fixture(scope="package")
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


class Windows:
    """Windows of one browser by their look, each used by one test after the other: a new one costs four times as much."""

    def __init__(self, browser: Any) -> None:  # noqa: ANN401 -- playwright may be absent
        """Begin without any."""
        self.browser, self.free = browser, dict[str, list[SimpleNamespace]]()

    @contextmanager
    def lent(self, allowed: tuple[str, ...], told: Callable[[str], bool], **look: Any) -> Iterator[SimpleNamespace]:  # noqa: ANN401
        """Lend an empty window; at the end nothing was asked for elsewhere, and no word that tells was said."""
        free = self.free.setdefault(str(sorted(look.items())), [])
        seen = free.pop() if free else self._opened(**look)
        seen.requests.clear()
        seen.complaints.clear()
        yield seen
        assert [url for url in seen.requests if not url.startswith(allowed)] == []
        assert [text for text in seen.complaints if told(text)] == []
        for other in seen.context.pages:
            if other is not seen.page:
                other.close()
        seen.page.unroute_all()
        seen.page.mouse.move(0, 0)
        seen.page.goto("about:blank")
        free.append(seen)

    def _opened(self, **look: Any) -> SimpleNamespace:  # noqa: ANN401
        """Open a window that notes what it asks for and complains about."""
        context = self.browser.new_context(**look)
        seen = SimpleNamespace(page=context.new_page(), requests=[], complaints=[], context=context)
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.page.on("console", lambda message: seen.complaints.append(message.text))
        seen.page.on("dialog", lambda dialog: (seen.complaints.append("dialog"), dialog.dismiss()))
        return seen


@pytest.fixture(scope="package")
def windows(chromium: Any) -> Windows:  # noqa: ANN401 -- playwright may be absent
    """Give the windows that tests share."""
    return Windows(chromium)


@pytest.fixture
def show(windows: Windows, tmp_path: Path) -> Iterator[Callable[..., SimpleNamespace]]:
    """Give a function that opens a page text in a window without a network."""
    with ExitStack() as stack:

        def open_page(text: str, **look: Any) -> SimpleNamespace:  # noqa: ANN401 -- playwright's own
            place = tmp_path / f"page{len(list(tmp_path.glob('page*.html')))}.html"
            place.write_text(text, encoding="utf-8", newline="\n")
            look = {"viewport": {"width": 1440, "height": 900}, "offline": True, **look}
            seen = stack.enter_context(windows.lent(("file:", "data:", "blob:"), bool, **look))
            seen.page.goto(place.as_uri())
            seen.page.wait_for_selector("#picture[data-ready]", state="attached", timeout=120_000)
            return seen

        yield open_page


@pytest.fixture(scope="session")
def example() -> kg.Graph:
    """Give the example."""
    return kg.load(EXAMPLE)


@pytest.fixture(scope="session")
def text(example: kg.Graph) -> str:
    """Give the page of the example."""
    return example.view()


@pytest.fixture
def page(show: Callable[..., SimpleNamespace], text: str) -> Any:  # noqa: ANN401 -- playwright may be absent
    """Open the page of the example."""
    return show(text).page
