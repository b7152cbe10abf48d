"""What every test may ask for: a Chromium that can reach nothing beyond this machine."""

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for name in NAMES if (path := shutil.which(name))), None)
ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    "--no-first-run",
]


def why_no_browser() -> str | None:
    """Say why no page can be opened here; scripts/test knows what it could not install."""
    missing = None if CHROMIUM else "not installed: chromium (scripts/test installs it)"
    return os.environ.get("KG_NO_BROWSER") or missing


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the browser tests where there is no browser, except where CI=true: there they fail."""
    reason = why_no_browser()
    if reason is None or os.environ.get("CI") == "true":
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Give one Chromium to all the tests of a process."""
    from playwright.sync_api import sync_playwright

    if reason := why_no_browser():
        pytest.fail(reason)
    # Chromium refuses to sandbox itself for root.
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *as_root])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """Give a fresh page that is offline: a file on disk is all it can open."""
    context = browser.new_context(offline=True)
    yield context.new_page()
    context.close()
