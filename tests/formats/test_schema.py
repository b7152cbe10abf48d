"""kg schema: what an editor is told is what kg check wants, as far as one file's form can tell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from test_bad_input import MISTAKES, project

import kg
from command import run
from kg.formats.json_schema import Known, make_schema, project_schema
from kg.model.ontology import read_ontology
from projects import EXAMPLE, ROOT, make_project, source

FILES = {"claims": "claims/*.yaml", "entities": "entities.yaml"}
TEMPLATE = ROOT / "kg" / "files" / "new_project"

OTHER_FILE = "it is not in a YAML file of claims or entities"
OTHER_ROWS = "it takes the other rows or files to see it"
ARITHMETIC = "it takes a calendar or arithmetic"
YAML_ITSELF = "it is in the YAML, before any schema; most editors tell it themselves"
NO_PATTERN = "a pattern over a joined text would hold every id twice"
# What the schema accepts and kg check refuses, and why. Everything else that kg check refuses, the schema does.
ACCEPTED = {
    "anchor": YAML_ITSELF,
    "base-missing": OTHER_FILE,
    "base-not-an-iri": OTHER_FILE,
    "claim-not-known": OTHER_ROWS,
    "claim-points-at-itself": OTHER_ROWS,
    "csv-column-without-a-name": OTHER_FILE,
    "csv-header-missing": OTHER_FILE,
    "csv-header-not-known": OTHER_FILE,
    "csv-header-twice": OTHER_FILE,
    "csv-quote-inside": OTHER_FILE,
    "csv-quote-open": OTHER_FILE,
    "csv-row-long": OTHER_FILE,
    "csv-row-short": OTHER_FILE,
    "csv-semicolons": OTHER_FILE,
    "csv-separator-line": OTHER_FILE,
    "csv-source-empty": OTHER_FILE,
    "csv-source-not-known": OTHER_FILE,
    "csv-tabs": OTHER_FILE,
    "csv-text-after-quote": OTHER_FILE,
    "csv-text-of-a-passage": OTHER_FILE,
    "csv-typographic-quotes": OTHER_FILE,
    "csv-wrong-cell": OTHER_FILE,
    "dates-reversed": ARITHMETIC,
    "day-that-is-none": ARITHMETIC,
    "encoding-not-known": OTHER_FILE,
    "entity-in-a-set-not-known": NO_PATTERN,
    "entity-twice": YAML_ITSELF,
    "id-twice": OTHER_ROWS,
    "invisible-character": YAML_ITSELF,
    "key-twice": YAML_ITSELF,
    "languages-with-a-comma": OTHER_FILE,
    "ontology-meddles": OTHER_FILE,
    "ontology-property-misspelt": OTHER_FILE,
    "own-key-not-fit": OTHER_FILE,
    "own-ontology-broken": OTHER_FILE,
    "own-word-taken": OTHER_FILE,
    "pointer-not-known": OTHER_ROWS,
    "published-open": ARITHMETIC,
    "range-reversed": ARITHMETIC,
    "references-in-a-circle": OTHER_ROWS,
    "said-after-it-was-published": ARITHMETIC,
    "same-row-twice": OTHER_ROWS,
    "set-names-one-twice": NO_PATTERN,
    "setting-not-known": OTHER_FILE,
    "share-over-a-hundred": ARITHMETIC,
    "source-twice": OTHER_ROWS,
    "tag": YAML_ITSELF,
    "tension-of-a-claim-with-itself": "it takes a comparison of two keys",
    "tension-of-entities": "an entity's id has the form of a claim's handle",
    "towards-itself": "it takes a comparison of two keys",
}
# The other way round: a bare ? at the end of a value is text to libyaml, and an error to stricter readers.
REFUSED = {"question-mark-bare"}


class CoreLoader(yaml.SafeLoader):
    """Reads YAML as editors do, by the core schema of YAML 1.2: 2021 is a number, no is text."""


CoreLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))


def faults(folder: Path, loader: Any = CoreLoader) -> Iterator[str]:  # noqa: ANN401 - one of yaml's loaders
    """Yield what a schema-aware editor finds in the files of a project."""
    for of, pattern in FILES.items():
        validator = Draft202012Validator(project_schema(of, folder))
        for path in sorted(folder.glob(pattern)):
            try:
                data = yaml.load(path.read_text("utf-8"), Loader=loader)  # noqa: S506 - a safe one, or strings only
            except (yaml.YAMLError, UnicodeDecodeError) as error:
                yield f"{path.name}: {type(error).__name__}"
                continue
            yield from (f"{path.name}: {error.json_path}: {error.message}" for error in validator.iter_errors(data))


@pytest.mark.parametrize("folder", [EXAMPLE, TEMPLATE])
@pytest.mark.parametrize("loader", [CoreLoader, yaml.BaseLoader])
def test_what_is_shipped_is_valid(folder: Path, loader: Any) -> None:  # noqa: ANN401 - one of yaml's loaders
    """Examples and templates are valid, whether numbers are read as numbers or as text."""
    assert list(faults(folder, loader)) == []


@pytest.mark.parametrize("of", FILES)
def test_schemas_are_schemas(of: str) -> None:
    """With a project and without, they fit the meta-schema of 2020-12, and every definition is used."""
    for made in (project_schema(of, EXAMPLE), make_schema(of, read_ontology({}, []), Known())):
        Draft202012Validator.check_schema(made)
        used = set(re.findall(r'"#/\$defs/([^"]+)"', json.dumps(made)))
        assert used == made["$defs"].keys()


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_check_refuses_the_schema_refuses_or_there_is_a_reason(mistake: str, tmp_path: Path) -> None:
    """The seeded mistakes: schema and check agree, but for those in the tables above."""
    folder = project(tmp_path, mistake)
    refused = any(problem.severity == "error" for problem in kg.check(folder))
    accepts = not list(faults(folder))
    assert (refused and accepts) == (mistake in ACCEPTED)
    assert (not refused and not accepts) == (mistake in REFUSED)


def test_the_tables_hold_no_mistake_that_is_gone() -> None:
    """Every row of the tables names a seeded mistake."""
    assert ACCEPTED.keys() | REFUSED <= set(MISTAKES)


def test_own_words_and_ids_are_offered(tmp_path: Path) -> None:
    """A project's own role is a word of the schema, and only entities of the right class are offered."""
    own = (
        "@prefix kg: <https://w3id.org/autokg/ns#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        '<https://example.org/r/tyres> a kg:Role ; skos:notation "tyre-maker" ; skos:prefLabel "tyre maker"@en .\n'
    )
    folder = make_project(tmp_path, "agent: a, role: tyre-maker, target: car", ontology__own=own)
    (folder / "ontology" / "own").rename(folder / "ontology" / "own.ttl")
    made = project_schema("claims", folder)
    role, agent = made["$defs"]["claim.role"], made["$defs"]["entity.Agent"]
    assert "tyre-maker" in role["enum"]
    assert dict(zip(role["enum"], role["enumDescriptions"], strict=True))["tyre-maker"] == "tyre maker"
    assert {"a", "boss"} <= set(agent["enum"])
    assert "car" not in agent["enum"]
    assert agent["enumDescriptions"][agent["enum"].index("a")] == "Alpha (firm)"
    assert list(faults(folder)) == []


@pytest.mark.parametrize(
    ("row", "valid"),
    [
        ("measure: units-sold, about: car, value: over 6500 vehicles/month", True),
        ("measure: units-sold, about: car, value: 1.5 to 2 thousand cars", True),
        ("measure: units-sold, about: car, value: exactly 6.500 vehicles", True),
        ("measure: units-sold, about: car, value: up", True),
        ("measure: units-sold, about: car, value: 6.500 vehicles", False),
        ("measure: units-sold, about: car, value: 5", False),
        ("measure: units-sold, about: car, value: 5 stores", False),
        ("measure: rank, about: car, value: 2, among: cars", True),
        ("measure: rank, about: car, value: 2 cars, among: cars", False),
        ("agent: a, role: carmaker", True),
        ("agent: a, role: retailer", False),
        ("agent: a, role: retailer, target: car, when: 2021, at: ¶3", True),
        ("agent: a, role: retailer, target: car, when: 21", True),
        ("agent: a, role: retailer, target: car, when: 2021-13", False),
        ("event: merger, parties: a|b, when: 2021-H1", True),
        ("stance: denies, re: s1/x, said-by: boss", True),
        ("stance: denies, re: s1/x, agent: boss", False),
    ],
)
def test_rows(row: str, valid: bool, tmp_path: Path) -> None:
    """A row at a time; a year is a number to an editor, and its range is all that a schema can hold."""
    folder = make_project(tmp_path, claims__s1_yaml=source("s1", "2021-05", row))
    assert (list(faults(folder)) == []) == valid


def test_the_command(tmp_path: Path) -> None:
    """To standard output or a file; outside a project the shipped words alone; a wrong kind is wrong usage."""
    made = json.loads(run("-C", EXAMPLE, "schema").stdout)
    assert "huawei" in made["$defs"]["entity.Agent"]["enum"]
    assert run("-C", EXAMPLE, "schema", "entities", "-o", tmp_path / "e.json").returncode == 0
    assert json.loads((tmp_path / "e.json").read_text("utf-8"))["title"] == "entities"
    assert run("schema", "sources").returncode == 2
    assert run("-C", tmp_path, "schema").returncode == 1
