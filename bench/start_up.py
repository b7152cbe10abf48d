"""Measure how long `kg --help` takes, against a bare typer program run beside it.

Prints both medians, their ratio and what each heavy library costs to import; exits 1 where the
ratio is above LIMIT. The two programs take turns in one run, so that a busy machine slows both.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 21
LIMIT = 1.5
HEAVY = ("jinja2", "networkx", "pyoxigraph", "pyvis.network", "rdflib")
COMMANDS = ("ask", "build", "check", "export", "init", "query", "view", "why")

HEAD = '''"""A bare typer program with as many commands as kg."""
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)
'''

COMMAND = '''

@app.command()
def {name}(
    folder: Annotated[Path, typer.Argument(help="The folder to work on.")],
    *,
    output: Annotated[str, typer.Option(help="Where to write.")] = "-",
) -> None:
    """Do what {name} says, and print how it went."""
    typer.echo(f"{{folder}} {{output}}")
'''

CALL = "import sys; sys.path.insert(0, {folder!r}); from {module} import {main} as main; main()"


def seconds(*arguments: str) -> float:
    """Run this Python with arguments and return how long it took."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def medians(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[float, float]:
    """Run two programs in turns and return the median seconds of each."""
    seconds(*first)  # the first run of each writes its bytecode
    seconds(*second)
    pairs = [(seconds(*first), seconds(*second)) for _ in range(RUNS)]
    one, two = zip(*pairs, strict=True)
    return statistics.median(one), statistics.median(two)


def write_bare(folder: Path) -> None:
    """Write the bare program as a module, so that its bytecode is kept as that of kg is."""
    commands = (COMMAND.format(name=name) for name in COMMANDS)
    (folder / "bare.py").write_text(HEAD + "".join(commands), encoding="utf-8")


def help_of(module: str, main: str, *, folder: str) -> tuple[str, ...]:
    """Return the arguments with which Python prints the help of a program."""
    return ("-c", CALL.format(folder=folder, module=module, main=main), "--help")


def print_imports() -> None:
    """Print what each heavy library adds to a Python that does nothing."""
    for module in HEAVY:
        loaded, nothing = medians(("-c", f"import {module}"), ("-c", "pass"))
        print(f"import {module:15} {(loaded - nothing) * 1000:6.0f} ms")


def main() -> int:
    """Compare, print and return the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        write_bare(Path(folder))
        ours = help_of("kg.commands.app", "main", folder=folder)
        kg, bare = medians(ours, help_of("bare", "app", folder=folder))
    print(f"kg --help              {kg * 1000:6.0f} ms")
    print(f"bare typer --help      {bare * 1000:6.0f} ms")
    print(f"ratio                  {kg / bare:6.2f}    (limit {LIMIT})")
    print_imports()
    return int(kg / bare > LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())
