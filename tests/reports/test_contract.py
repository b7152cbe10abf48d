"""Every key of the ontology is shown on every surface, or a table says why it is left out there."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from contract import Example, examples, is_shown, surfaces, write_project
from kg.formats.registry import FORMATS
from kg.model.ontology import shipped_terms
from projects import ROOT, make_project

TABLE = Path(__file__).with_name("left_out.toml")
PAGE = ROOT / "docs" / "formats.md"
WHOLE = ("rdf", "why", "page", "server", "json", "frame", "csv", "xlsx")  # one in ten may be left out of these
SAME = {  # formats that write what another surface shows, in another notation
    **dict.fromkeys(("turtle", "trig", "nquads", "ntriples", "jsonld", "rdfxml"), "rdf"),
    **{"jsonl": "csv", "parquet": "frame"},
}


@pytest.fixture(scope="module")
def keys() -> list[Example]:
    """Give an example of each key."""
    return examples(shipped_terms())


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Give the texts of each surface."""
    folder = tmp_path_factory.mktemp("contract") / "project"
    write_project(folder, shipped_terms())
    return surfaces(folder)


def read_table() -> list[dict[str, Any]]:
    """Return the entries of the table."""
    return list(tomllib.loads(TABLE.read_text("utf-8"))["left-out"])


def left_out() -> dict[str, list[str]]:
    """Return the keys that each surface leaves out."""
    found: dict[str, list[str]] = {}
    for entry in read_table():
        for surface in entry["surfaces"]:
            found.setdefault(surface, []).extend(entry["keys"])
    return found


def test_a_key_is_shown_or_left_out_with_a_reason(keys: list[Example], shown: dict[str, list[str]]) -> None:
    """On each surface exactly the keys of the table are missing: a new key, a new surface or an old entry fails."""
    missing = {
        surface: sorted(f"{one.layer}: {one.key}" for one in keys if not is_shown(one.forms, texts))
        for surface, texts in shown.items()
    }
    assert {surface: names for surface, names in missing.items() if names} == {
        surface: sorted(names) for surface, names in left_out().items()
    }


def test_at_most_one_in_ten_is_left_out(keys: list[Example]) -> None:
    """Counted over the surfaces that show whole claims."""
    assert sum(len(left_out().get(surface, ())) for surface in WHOLE) * 10 <= len(keys) * len(WHOLE)


def test_every_format_is_a_surface(shown: dict[str, list[str]]) -> None:
    """A new format is looked at too, or is another notation of one that is."""
    assert {SAME.get(name, name) for name in FORMATS} <= shown.keys()
    assert {*WHOLE, *left_out()} <= shown.keys()


def test_the_docs_print_the_table() -> None:
    """docs/formats.md has every entry."""
    rows = [
        f"| {', '.join(entry['surfaces'])} | {', '.join(entry['keys'])} | {entry['because']} |\n"
        for entry in read_table()
    ]
    assert "".join(rows) in PAGE.read_text("utf-8"), "".join(rows)


OWN = """
@prefix kg: <https://w3id.org/autokg/ns#> . @prefix value: <https://w3id.org/autokg/value/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix my: <https://example.org/my#> .
my:mood a kg:ClaimKey ; skos:notation "mood" ; rdfs:label "mood"@en ; kg:valueKind value:text .
my:depth a kg:ContentKey ; skos:notation "depth" ; rdfs:label "depth"@en ; kg:valueKind value:text ;
    kg:keyOf kg:Participation ; kg:reads "at a depth of"@en .
"""


def test_keys_of_a_project_come_out_by_themselves(tmp_path: Path) -> None:
    """A key in the project's own ontology is on every surface; no line of Python knows it."""
    folder = make_project(tmp_path, "agent: a, role: retailer, target: car, mood: cheerful, depth: knee-deep")
    (folder / "ontology").mkdir()
    (folder / "ontology" / "own.ttl").write_text(OWN, "utf-8")
    for surface, texts in surfaces(folder).items():
        assert is_shown(("knee-deep",), texts), surface
        assert is_shown(("cheerful",), texts) == (surface != "timeline"), surface
