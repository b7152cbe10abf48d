"""What comes from others: pinned by hash, its licence known, and the scripts that pages carry are those that were taken."""

import hashlib
import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from projects import ROOT

VENDOR = ROOT / "kg" / "vendor"
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
# Licences under which what is installed beside this project may be used, changed and passed on with it.
TAKEN = {"MIT", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "ISC", "PSF-2.0", "MPL-2.0", "W3C-20150513"}


@pytest.fixture(scope="module")
def licences() -> ModuleType:
    """Give the script that makes the list of licences."""
    spec = importlib.util.spec_from_file_location("licences", ROOT / "scripts" / "lib" / "licences.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# ---------------------------------------------------------------- packages


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_every_package_is_pinned_and_hashed(lock: Path) -> None:
    """A name, one exact version, a hash; nothing by address, no index of one's own."""
    blocks = re.findall(r"^(\S+?)==(\S+).*\n((?: .*\n)*)", lock.read_text("utf-8"), re.MULTILINE)
    lines = [line for line in lock.read_text("utf-8").splitlines() if not line.startswith((" ", "#"))]
    assert len(blocks) == len(lines) > 30
    assert [name for name, _, more in blocks if "--hash=sha256:" not in more] == []
    assert "://" not in lock.read_text("utf-8")


def test_what_is_declared_is_locked() -> None:
    """Each dependency of the project stands in the lock file of what runs; each lock file holds the smaller one's pins."""
    pins = {lock.stem: set(re.findall(r"^(\S+?)==(\S+)", lock.read_text("utf-8"), re.MULTILINE)) for lock in LOCKS}
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    names = {re.split(r"[><=~;\[ ]", line)[0] for line in declared}
    assert names <= {name for name, _ in pins["run"]}
    assert pins["run"] <= pins["test"] <= pins["check"]


def test_the_scripts_install_by_hash_alone() -> None:
    """Every pip of a script takes hashes, or no index: but for tools that are used by hand, whose versions are exact."""
    texts = [
        path.read_text("utf-8") for path in (ROOT / "scripts").rglob("*") if path.is_file() and path.suffix != ".pyc"
    ]
    lines = [line for text in texts for line in text.splitlines() if re.search(r"\bpip\b.* install [-\x27]", line)]
    assert len(lines) >= 4
    assert [line for line in lines if not re.search(r"--require-hashes|--no-index|==\d", line)] == []


def test_the_list_of_licences_is_that_of_the_lock_files(licences: ModuleType) -> None:
    """As the script makes it from the lock files and what is installed: ``scripts/licences`` makes it anew."""
    text = licences.LIST.read_text("utf-8")
    assert licences.rendered(text) == text
    assert set(licences.listed(text)) == set(licences.pinned())


def test_every_licence_is_one_that_we_take(licences: ModuleType) -> None:
    """Of a choice one is enough, of a sum all."""
    for package, expression in licences.listed(licences.LIST.read_text("utf-8")).items():
        choices = [set(choice.split(" AND ")) for choice in expression.split(" OR ")]
        assert any(choice <= TAKEN for choice in choices), package


@pytest.mark.parametrize(
    ("metadata", "spdx"),
    [
        ("License-Expression: MIT AND PSF-2.0", "MIT AND PSF-2.0"),
        ("Classifier: License :: OSI Approved :: MIT License", "MIT"),
        ("Classifier: License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"),
        ("Classifier: License :: OSI Approved :: BSD License", "BSD-2-Clause"),  # its text, below, has two clauses
        ("License: W3C-20150513", "W3C-20150513"),
        ("License: Apache 2.0", "Apache-2.0"),
        ("Author: nobody", "BSD-2-Clause"),
    ],
)
def test_a_licence_is_read(metadata: str, spdx: str, licences: ModuleType, tmp_path: Path) -> None:
    """From an expression, a classifier, a field, or the licence's own text; a word in a longer word is none."""
    info = tmp_path / "x-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: x\nVersion: 1\n{metadata}\n", "utf-8")
    (info / "RECORD").write_text("x-1.dist-info/LICENSE,,\n", "utf-8")
    (info / "LICENSE").write_text("Redistribution and use in source and binary forms … DISCLAIMED … PERMITTED", "utf-8")
    assert licences.licence(licences.Distribution.at(info)) == spdx


# ---------------------------------------------------------------- scripts that pages carry


def vendored() -> dict[str, tuple[str, str, str, str]]:
    """Return what the README says of each script: package, version, licence, hash."""
    rows = re.findall(
        r"^\| `(.+?)` \| (.+?) \| (.+?) \| (.+?) \| `(.+?)` \|$", (VENDOR / "README.md").read_text(), re.M
    )
    return {name: (package, version, licence, digest) for name, package, version, licence, digest in rows}


def test_every_file_of_others_is_told_of() -> None:
    """Scripts, their licences and what they are built of; nothing else lies there."""
    names = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    licences = {name.replace(".min.js", ".LICENSE-MIT.txt") for name in vendored()}
    built = {"codemirror-sparql/entry.js", "codemirror-sparql/package.json"}
    assert names == {"README.md", *vendored(), *licences, *built}


@pytest.mark.parametrize("name", vendored())
def test_a_script_is_the_one_that_was_taken(name: str) -> None:
    """Its bytes have the hash that stands beside version, source and licence; its licence lies beside it."""
    package, version, licence, digest = vendored()[name]
    text = (VENDOR / name.replace(".min.js", ".LICENSE-MIT.txt")).read_text("utf-8")
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest
    assert re.search(r"\]\(https://www\.npmjs\.com/package/", package)
    assert re.search(r"\d+\.\d+\.\d+", version)
    assert "MIT" in licence
    assert "Permission is hereby granted, free of charge" in text


def test_versions_are_those_of_the_scripts() -> None:
    """What a script says of itself, and what it is built of, is the version that the README says."""
    said = re.search(r"@version (\S+)", (VENDOR / "vis-network.min.js").read_text("utf-8"))
    assert said
    assert vendored()["vis-network.min.js"][1] == said[1]
    built = (VENDOR / "codemirror-sparql" / "package.json").read_text("utf-8")
    version = vendored()["codemirror-sparql.min.js"][1]
    assert f'"codemirror-lang-sparql": "{version.partition(";")[0]}"' in built
    assert f'"@codemirror/view": "{version.rpartition(" ")[2]}"' in built
