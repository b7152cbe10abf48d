"""Write docs/licences.md: every package of the lock files, with its version, its licence and where that stands."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "docs" / "licences.md"
# Each lock file holds what those before it hold, and more.
LOCKS = {"run": "`kg` itself", "test": "`kg serve`, PNG, the tests", "check": "the checks"}
HEAD = """# Licences of what is installed

Every package that `requirements/` pins, whatever the system and the Python; made by `scripts/licences`, checked
against the lock files by `tests/whole/test_supply.py`. This project itself is under the MIT licence; scripts of others
that pages carry are in [kg/vendor](../kg/vendor/README.md). Nothing here is copied into our wheel.
"""
# Words of metadata, and of a licence's text, with what SPDX calls it; the first that is found counts.
SPDX = {
    r"Mozilla Public License 2\.0": "MPL-2.0",
    r"\bApache\b": "Apache-2.0",
    r"BSD 2-Clause": "BSD-2-Clause",
    r"BSD[ -]3-Clause|Neither the name .{5,90}\bcontributors\s+may": "BSD-3-Clause",
    r"Redistribution and use in source and binary forms": "BSD-2-Clause",
    r"\bISC\b": "ISC",
    r"\bMIT\b|Permission is hereby granted, free of charge": "MIT",
}
# Where no metadata says it: what the project's own repository says.
SAID_ELSEWHERE = {"atheris": "Apache-2.0", "colorama": "BSD-3-Clause", "polars-hash": "MIT"}
PIN = re.compile(r"^([a-z0-9._-]+)==([^ \\]+)", re.MULTILINE)


def pinned() -> dict[tuple[str, str], str]:
    """Return what each pinned package and version is for."""
    found: dict[tuple[str, str], str] = {}
    for lock, what_for in LOCKS.items():
        for name, version in PIN.findall((ROOT / "requirements" / f"{lock}.txt").read_text("utf-8")):
            found.setdefault((name, version), what_for)
    return dict(sorted(found.items()))


def listed(text: str) -> dict[tuple[str, str], str]:
    """Return the licences in a list that was made, by package and version."""
    rows = re.findall(r"^\| (\S+) \| (\S+) \| ([^|]+) \|", text, re.MULTILINE)
    return {(name, version): licence for name, version, licence in rows if name != "package"}


def licence(package: Distribution) -> str:
    """Return the licence as SPDX names it: from the expression, a classifier, the field, or the text of the licence."""
    metadata = package.metadata
    if expression := metadata.get("License-Expression"):
        return str(expression)
    classifiers = [c.rpartition(" :: ")[2] for c in metadata.get_all("Classifier", []) if c.startswith("License")]
    names = {spdx for text in classifiers if (spdx := _spdx(text))}
    if names:
        return " OR ".join(sorted(names))
    field = str(metadata.get("License") or "").partition("\n")[0]
    if re.fullmatch(r"[A-Z0-9][\w.+-]+-[\w.+-]+|MIT", field):
        return field
    found = (_spdx(text) for text in (field, *_licence_texts(package)))
    return next((spdx for spdx in found if spdx), "")


def _spdx(text: str) -> str:
    return next((spdx for words, spdx in SPDX.items() if re.search(words, text, re.DOTALL)), "")


def _licence_texts(package: Distribution) -> Iterator[str]:
    for file in package.files or ():
        if "LICEN" in file.name.upper():
            yield Path(str(package.locate_file(file))).read_text("utf-8")


def rendered(before: str) -> str:
    """Return the list anew; ``before`` is the one that stands. Raises SystemExit where a licence is unknown."""
    known, rows, unknown = listed(before), [], []
    for (name, version), what_for in pinned().items():
        said = SAID_ELSEWHERE.get(name) or _installed(name, version) or known.get((name, version), "")
        unknown += [] if said else [f"{name} {version}"]
        rows.append(f"| {name} | {version} | {said} | {what_for} |\n")
    if unknown:
        raise SystemExit(f"no licence is known of {', '.join(unknown)}")
    return f"{HEAD}\n| package | version | licence | for |\n|---|---|---|---|\n{''.join(rows)}"


def _installed(name: str, version: str) -> str:
    try:
        package = distribution(name)
    except PackageNotFoundError:
        return ""
    return licence(package) if package.version == version else ""


if __name__ == "__main__":
    LIST.write_text(rendered(LIST.read_text("utf-8") if LIST.is_file() else ""), "utf-8")
    sys.stderr.write(f"{LIST.relative_to(ROOT)}: {len(pinned())} packages\n")
