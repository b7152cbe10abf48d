"""What a page does in headless Chromium without a network: first picture, frames per second, the longest gap."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SIZE = {"width": 1440, "height": 900}
SECONDS = 3.0

# Every frame looks at the canvases until one holds a picture and the page calls itself ready; the next frame shows it.
WATCH = """(() => {
  const probe = document.createElement("canvas"); probe.width = probe.height = 48;
  const context = probe.getContext("2d", { willReadFrequently: true });
  const holds = (canvas) => {
    if (canvas.width < 300 || canvas.height < 200) return false;
    context.clearRect(0, 0, 48, 48);
    context.drawImage(canvas, 0, 0, 48, 48);
    const d = context.getImageData(0, 0, 48, 48).data;
    let differ = 0;
    for (let i = 4; i < d.length; i += 4) {
      if (Math.abs(d[i] - d[0]) + Math.abs(d[i + 1] - d[1]) + Math.abs(d[i + 3] - d[3]) > 12) differ += 1;
    }
    return differ > 12;
  };
  const look = () => {
    const ready = READY;
    if (ready && (window.drawn || [...document.querySelectorAll("canvas")].some(holds))) {
      requestAnimationFrame(() => setTimeout(() => { window.firstPicture = performance.now(); }));
    } else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()"""
COUNT = """() => { const t = (window.frames_ = []); window.counting = true;
  const tick = (now) => { if (!window.counting) return; t.push(now); requestAnimationFrame(tick); };
  requestAnimationFrame(tick); }"""
STOP = "() => { window.counting = false; return window.frames_; }"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a page; None where the picture did not come in time. Times in seconds, gaps in milliseconds."""

    first: float | None
    zoom: float = 0.0
    zoom_gap: float = 0.0
    pan: float = 0.0
    pan_gap: float = 0.0


@contextmanager
def chromium() -> Iterator[Any]:
    """Start the browser."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


def look_at(browser: Any, file: Path, *, address: str, ready: str, cap: float, moves: bool) -> Seen:  # noqa: ANN401
    """Open a page anew, wait for its picture, and, if wanted, zoom and pan in it."""
    context = browser.new_context(viewport=SIZE, offline=True)
    try:
        page = context.new_page()
        page.add_init_script(WATCH.replace("READY", ready))
        page.goto(file.as_uri() + address, wait_until="commit")
        if not _waited(page, cap):
            return Seen(None)
        first = page.evaluate("window.firstPicture") / 1000
        if not moves:
            return Seen(first)
        page.wait_for_timeout(700)
        return Seen(first, *_counted(page, _zoom), *_counted(page, _pan))
    finally:
        context.close()


def _waited(page: Any, cap: float) -> bool:  # noqa: ANN401
    """Wait for the first picture; looked for from outside, as a page's policy may forbid it from inside."""
    end = time.monotonic() + cap
    while time.monotonic() < end:
        if page.evaluate("window.firstPicture > 0"):
            return True
        time.sleep(0.1)
    return False


def _counted(page: Any, act: Any) -> tuple[float, float]:  # noqa: ANN401
    """Return frames per second and the longest gap while something is done."""
    page.evaluate(COUNT)
    act(page)
    times = page.evaluate(STOP)
    gaps = [b - a for a, b in pairwise(times)]
    if not gaps:
        return 0.0, SECONDS * 1000
    return len(gaps) / (sum(gaps) / 1000), max(gaps)


def _zoom(page: Any) -> None:  # noqa: ANN401
    """Turn the wheel over the picture, in and out."""
    page.mouse.move(500, 480)
    end, turn = time.monotonic() + SECONDS, 0
    while time.monotonic() < end:
        page.mouse.wheel(0, -100 if turn % 16 < 8 else 100)
        turn += 1
        time.sleep(0.012)


def _pan(page: Any) -> None:  # noqa: ANN401
    """Drag the picture about."""
    page.mouse.move(500, 480)
    page.mouse.down()
    end, turn = time.monotonic() + SECONDS, 0
    while time.monotonic() < end:
        step = turn % 80
        page.mouse.move(500 + 6 * (step if step < 40 else 80 - step), 480 + 2 * step % 50)
        turn += 1
        time.sleep(0.012)
    page.mouse.up()
