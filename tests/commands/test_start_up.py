"""Pay at the door: a heavy library is imported by the command that needs it, and only then."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"jinja2", "networkx", "polars", "pyoxigraph", "pypinyin", "pyvis", "rapidfuzz", "rdflib"}

HELP = """
import contextlib, sys
from kg.commands.app import main
sys.argv = {arguments!r}
with contextlib.suppress(SystemExit):
    main()
"""


def modules_after(code: str) -> set[str]:
    """Run code in a Python of its own and return the top-level modules that it imported."""
    tell = "\nimport sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    run = subprocess.run([sys.executable, "-c", code + tell], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return set(run.stdout.splitlines()[-1].split())


def test_importing_the_package_imports_nothing_heavy() -> None:
    """`import kg` costs a script nothing that it does not use."""
    modules = modules_after("import kg")
    assert "kg" in modules
    assert not HEAVY & modules


@pytest.mark.parametrize("arguments", [["kg"], ["kg", "--help"], ["kg", "--version"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    """Asking kg what it can do reads no graph library."""
    modules = modules_after(HELP.format(arguments=arguments))
    assert "typer" in modules
    assert not HEAVY & modules


@pytest.mark.parametrize("command", ["add", "ask", "build", "check", "fmt", "schema"])
def test_help_of_a_command_imports_nothing_heavy(command: str) -> None:
    """The help of a command is text too."""
    modules = modules_after(HELP.format(arguments=["kg", command, "--help"]))
    assert not HEAVY & modules
