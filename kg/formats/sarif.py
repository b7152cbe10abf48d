"""Write problems as SARIF 2.1.0, which code hosts and editors show at their lines.

Input: problems, and the folder that they were found in. Output: a log as plain data. Its rules are the sections of
``docs/problems.md``, which is included in the package.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kg.model.errors import Location, Problem
from kg.model.package import PACKAGE

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_SECTION = re.compile(r"^## (?P<code>KG\d{3}): (?P<title>.+)\n(?P<text>(?:(?!##? ).*\n?)*)", re.MULTILINE)


def sarif_log(problems: Iterable[Problem], folder: Path, version: str) -> dict[str, Any]:
    """Return the log of one run. Paths of files below the working directory are relative to it."""
    found = list(problems)
    rules = problem_rules()
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    driver = {"name": "kg", "semanticVersion": version, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, numbers, _prefix(folder)) for problem in found],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def problem_rules() -> list[dict[str, Any]]:
    """Return a rule for every code: the title of its section as description, the section as help."""
    return [
        {
            "id": section["code"],
            "shortDescription": {"text": section["title"]},
            "help": {"text": f"{section['title']}: see docs/problems.md", "markdown": section["text"].strip()},
        }
        for section in _SECTION.finditer(_problem_page())
    ]


def _problem_page() -> str:
    """Return docs/problems.md, from the package in a wheel or from the checkout around it."""
    pages = (PACKAGE / "problems.md", PACKAGE.parent / "docs" / "problems.md")
    return next((page.read_text("utf-8") for page in pages if page.is_file()), "")


def _prefix(folder: Path) -> str:
    """Return the path from the working directory to the project, or "" if the project is not below it."""
    here, there = Path.cwd(), folder.resolve()
    if not there.is_relative_to(here) or there == here:
        return ""
    return f"{there.relative_to(here).as_posix()}/"


def _result(problem: Problem, numbers: dict[str, int], prefix: str) -> dict[str, Any]:
    text = f"{problem.message}; {problem.hint}" if problem.hint else problem.message
    result: dict[str, Any] = {
        "ruleId": problem.code,
        "level": LEVELS[problem.severity],
        "message": {"text": text},
        "locations": [_location(problem.location, prefix)],
    }
    if problem.code in numbers:
        result["ruleIndex"] = numbers[problem.code]
    return result


def _location(place: Location, prefix: str) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(prefix + place.file)}}
    if place.line:
        physical["region"] = {"startLine": place.line, "startColumn": max(place.column, 1)}
    location: dict[str, Any] = {"physicalLocation": physical}
    if place.cell:  # of a workbook, which has no lines
        location["logicalLocations"] = [{"fullyQualifiedName": place.cell, "kind": "element"}]
    return location
