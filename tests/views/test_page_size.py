"""A page of a thousand claims is small enough to send by mail, and its clock is not slow to make."""

from __future__ import annotations

import re
from pathlib import Path

import kg
from projects import make_project, source

ROLES = ("carmaker", "design-lead", "sales-lead", "parts-supplier", "contract-manufacturer", "retailer")


def thousand_claims(folder: Path) -> kg.Graph:
    """Write 1,000 claims of 90 firms on 100 cars from 25 sources, with locators, terms and links, and read them."""
    firms = "".join(f"firm-{n}: {{type: firm, en: Northern Motor Works {n}, zh: 北方汽车制造{n}}}\n" for n in range(90))
    cars = "".join(f"car-{n}: {{type: model, en: Model {n} Long Range, zh: 长续航车型{n}}}\n" for n in range(100))
    files = {f"claims__s{n}_yaml": _source(n) for n in range(25)}
    return kg.load(make_project(folder, entities=f"paper: {{type: media, en: The Paper}}\n{firms}{cars}", **files))


def _source(number: int) -> str:
    day = f"20{10 + number // 2}-0{1 + number % 9}"
    rows = (
        f"agent: firm-{claim % 90}, role: {ROLES[claim % 6]}, target: car-{claim % 100}, when: {2010 + claim // 280}-Q{claim // 70 % 4 + 1}, at: par{claim % 9}"
        for claim in range(number * 40, number * 40 + 40)
    )
    text = source(f"s{number}", day, *rows)
    return text.replace("kind: article", f"kind: article, url: https://example.org/news/{number}")


def test_a_page_of_a_thousand_claims_stays_under_a_megabyte_and_a_half(tmp_path: Path) -> None:
    """All of it: the drawing library, our script, every claim with its source."""
    graph = thousand_claims(tmp_path)
    assert len(graph.world.claims) == 1000
    page = graph.view()
    assert len(page.encode()) <= 1_500_000
    assert len(re.findall(r'"source":\d', page)) == 1000
