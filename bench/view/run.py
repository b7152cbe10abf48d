"""Measure our page beside those of its peers on the same networks, in one run: python bench/view/run.py.

Gets the peers from npm into a temporary folder, writes their pages, opens each several times in headless Chromium
without a network, in turns, and prints medians and ratios as a table; --write puts it into docs/view-performance.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import statistics
import sys
import tempfile
from dataclasses import astuple
from datetime import date
from pathlib import Path
from typing import Any

from graphs import make_graph
from peers import Peer, all_peers, install, versions

from browser import Seen, chromium, look_at
from kg.views.picture import page
from kg.views.picture.whole import tell_whole

ROOT = Path(__file__).resolve().parents[2]
SIZES = (150, 1000, 5000, 20_000, 50_000)
Row = tuple[int, str, int, Seen]


def main() -> int:
    """Measure, print, and write what was asked for."""
    options = _options()
    packages = options.packages or Path(tempfile.mkdtemp(prefix="kg-peers-"))
    packages.mkdir(parents=True, exist_ok=True)
    install(packages)
    rows: list[Row] = []
    loads = [os.getloadavg()[0]]
    with chromium() as browser, tempfile.TemporaryDirectory() as pages:
        for size in options.sizes:
            rows += _measured(browser, size, all_peers(packages), Path(pages), options)
            loads.append(os.getloadavg()[0])
    text = _document(rows, versions(packages), loads, options)
    print(text)
    if options.write:
        (ROOT / "docs" / "view-performance.md").write_text(text, encoding="utf-8")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cap", type=float, default=240, help="seconds to wait for a picture")
    parser.add_argument("--packages", type=Path, help="a folder that holds the npm packages already, or will")
    parser.add_argument("--only", default="", help="measure tools whose name holds this")
    parser.add_argument("--write", action="store_true")
    return parser.parse_args()


def _measured(browser: Any, size: int, peers: list[Peer], pages: Path, options: argparse.Namespace) -> list[Row]:  # noqa: ANN401
    """Return a row for each tool at one size; the tools take turns, so that a busy moment meets them all."""
    told = make_graph(size, edges=1 if size <= 150 else 3)
    chosen = [p for p in peers if p.least <= size <= p.most and options.only in p.name]
    ours = page(**told, title="Bench", summary="")
    told["places"] = _places(ours, told)
    files = {peer.name: _written(pages, peer, told, ours) for peer in chosen}
    seen: dict[str, list[Seen]] = {peer.name: [] for peer in chosen}
    for turn in range(options.rounds):
        for peer in chosen:
            is_slow = peer.name.startswith("pyvis") and size >= 1000
            if is_slow and turn:
                continue
            look = look_at(
                browser, files[peer.name], address=peer.address, ready=peer.ready, cap=options.cap, moves=not is_slow
            )
            seen[peer.name].append(look)
            print(f"{size} {peer.name}: {look}", file=sys.stderr, flush=True)
    return [(size, name, files[name].stat().st_size // 1000, _median(looks)) for name, looks in seen.items()]


def _places(ours: str, told: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Return where our page has the nodes, so that the others have them there too."""
    found = re.search(r'id="kg-whole">(.*?)</script>', ours, re.S)
    whole = json.loads(found[1]) if found else tell_whole(told["network"], told["legend"])
    return dict(zip(whole["ids"], zip(whole["x"], whole["y"], strict=True), strict=True))


def _written(pages: Path, peer: Peer, told: dict[str, Any], ours: str) -> Path:
    file = pages / f"{peer.name.replace(' ', '_')}.html"
    file.write_text(peer.write(told) if peer.write else ours, encoding="utf-8")
    return file


def _median(looks: list[Seen]) -> Seen:
    """Return the medians; no picture where most turns had none."""
    came = [look for look in looks if look.first is not None]
    if len(came) * 2 <= len(looks):
        return Seen(None)
    return Seen(*map(statistics.median, zip(*(astuple(look) for look in came), strict=True)))


HEAD = """# How fast the pictures are

Measured {day} on {cores} cores without a GPU ({machine}, Python {python}), headless Chromium, network blocked,
1440 × 900; medians of {rounds} rounds in turns. Other work ran beside it (load {least:.0f} to {most:.0f}): read the
ratios, not the seconds.

Peers: {peers}, pyvis 0.3.2. All have the places that we reckon, except pyvis, which reckons its own in the browser.
Ours carries the claims behind its lines; above 800 boxes it opens with a part, and *the whole* is its second canvas,
opened at once by the address `#whole`. Its first picture is painted before vis-network is read; *until it answers* to
mouse and keys is the second row. While the whole moves, its last finished picture does.

| boxes | page | kB | first picture s | × force-graph | zoom fps (longest gap ms) | pan fps (longest gap ms) |
|--:|---|--:|--:|--:|--:|--:|
"""


def _document(rows: list[Row], found: dict[str, str], loads: list[float], options: argparse.Namespace) -> str:
    firsts = {(size, name): seen.first for size, name, _, seen in rows}
    head = HEAD.format(
        day=date.today().isoformat(),
        cores=os.cpu_count(),
        machine=platform.machine(),
        python=platform.python_version(),
        rounds=options.rounds,
        least=min(loads),
        most=max(loads),
        peers=", ".join(f"{name} {version}" for name, version in found.items() if name != "esbuild"),
    )
    lines = "".join(f"{_line(row, firsts, options.cap)}\n" for row in rows)
    return f"{head}{lines}\nAgain: `python bench/view/run.py --write`.\n"


def _line(row: Row, firsts: dict[tuple[int, str], float | None], cap: float) -> str:
    size, name, kilobytes, seen = row
    base = firsts.get((size, "force-graph"))
    over = "" if seen.first is not None else "> "
    first = cap if seen.first is None else seen.first
    ratio = f"{over}{first / base:.1f}" if base else "–"
    moves = [f"{fps:.0f} ({gap:.0f})" for fps, gap in ((seen.zoom, seen.zoom_gap), (seen.pan, seen.pan_gap))]
    zoom, pan = moves if seen.zoom else ("–", "–")
    return f"| {size:,} | {name} | {kilobytes:,} | {over}{first:.2f} | {ratio} | {zoom} | {pan} |"


if __name__ == "__main__":
    sys.exit(main())
