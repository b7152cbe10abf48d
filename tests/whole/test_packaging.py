"""The wheel carries all that kg needs: it is installed, and used, where no checkout is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "huawei_seres"
PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")


def run(*command: str | Path, at: Path) -> str:
    """Run a command in a folder, free of the caller's PYTHONPATH, and return what it printed."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    result = subprocess.run(command, cwd=at, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def names_below(folder: Path, *, under: str) -> set[str]:
    """List the files of a folder as they should be named in the wheel."""
    return {
        f"{under}/{path.relative_to(folder).as_posix()}"
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.name != ".DS_Store"
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the sdist, and from it alone the wheel: what is missing in one is missing in both."""
    folder = tmp_path_factory.mktemp("packaging")
    run(sys.executable, "-m", "hatchling", "build", "--target", "sdist", "-d", folder, at=ROOT)
    (sdist,) = folder.glob("*.tar.gz")
    # With the hatchling that is installed, so without the network.
    offline = ("--no-deps", "--no-index", "--no-build-isolation")
    run(*PIP, "wheel", *offline, "--wheel-dir", folder, sdist, at=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an empty venv that shares the dependencies and nothing else.

    The dependencies' folder is named in a .pth file. Python does not read the .pth files of a
    folder that was added so: the editable install of the checkout does not come along.
    """
    folder = tmp_path_factory.mktemp("elsewhere") / "venv"
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    run(*PIP, "--python", python, "install", "--no-deps", "--no-index", wheel, at=folder)
    (site,) = folder.glob("lib/python*/site-packages")
    paths = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (site / "dependencies.pth").write_text("\n".join(sorted(paths)), encoding="utf-8")
    return folder / "bin"


def test_wheel_carries_the_package_and_the_ontology(wheel: Path) -> None:
    """Every file of kg/ and of ontology/ is in the wheel, and so are the licences; nothing else is."""
    wanted = names_below(ROOT / "kg", under="kg")
    wanted |= names_below(ROOT / "ontology", under="kg/ontology_data")
    names = set(zipfile.ZipFile(wheel).namelist())
    told = {name.partition(".dist-info/")[2] for name in names - wanted - {"kg/problems.md"}}
    licences = {f"licenses/{path.relative_to(ROOT)}" for path in (ROOT / "LICENSE", *(ROOT / "kg").rglob("*LICENSE*"))}
    assert wanted <= names
    assert "kg/ontology_data/core.ttl" in names
    assert "kg/problems.md" in names
    assert len(licences) == 3
    assert told == {"METADATA", "RECORD", "WHEEL", "entry_points.txt", *licences}


def test_checkout_cannot_be_imported_beside_the_wheel(installed: Path, tmp_path: Path) -> None:
    """The tests below would prove nothing if kg came from the checkout."""
    code = "import kg; print(kg.__file__)"
    found = Path(run(installed / "python", "-c", code, at=tmp_path).strip())
    assert found.is_relative_to(installed.parent)


def test_installed_kg_tells_its_version(installed: Path, tmp_path: Path) -> None:
    """The version that kg prints is that of the wheel."""
    code = "from importlib.metadata import version; print(version('autokg'))"
    version = run(installed / "python", "-c", code, at=tmp_path).strip()
    assert version in run(installed / "kg", "--version", at=tmp_path)


def test_installed_kg_checks_and_builds_the_example(installed: Path, tmp_path: Path) -> None:
    """The installed kg finds its ontology in the wheel and builds a graph with it."""
    project = tmp_path / "project"
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("build"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    run(installed / "kg", "-C", project, "check", at=elsewhere)
    run(installed / "kg", "-C", project, "build", at=elsewhere)
    assert (project / "build" / "graph.ttl").stat().st_size > 0
    assert not list(elsewhere.iterdir())
