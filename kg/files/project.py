"""Find a project's folder, name its output files, and create a new project."""

from __future__ import annotations

from pathlib import Path

from kg.files.outputs import write_files
from kg.model.errors import ProjectError

SETTINGS = "kg.yaml"
KEPT = ".kept"  # next to the outputs: the state that the next build reuses
LARGE = ("parts/*.ttl", "claims/*/*.parquet", "quads/*.nq", f"{KEPT}/*")  # outputs of large tables
OUTPUTS = ("graph.ttl", "graph.trig", "ontology.ttl", "graph.html")  # all other outputs
BUILT = (*OUTPUTS, "rejects.csv", *LARGE)  # files that a build deletes if it does not write them again


def find_project(folder: str | Path | None = None) -> Path:
    """Return the folder that holds ``kg.yaml``: the given one, else the nearest from the working directory upward.

    Raises ProjectError if there is none.
    """
    if folder is not None:
        path = Path(folder)
        if not (path / SETTINGS).is_file():
            raise ProjectError(f"no {SETTINGS} in {path}; `kg new {path}` makes a project to start from")
        return path
    here = Path.cwd()
    for path in (here, *here.parents):
        if (path / SETTINGS).is_file():
            return path
    raise ProjectError(f"no {SETTINGS} here or above; name the project with -C DIR, or make one with `kg new DIR`")


def build_folder(project: Path) -> Path:
    """Return the default output folder of a project. Raises ProjectError if a link leads out of the project."""
    folder = project / "build"
    if not folder.resolve().is_relative_to(project.resolve()):
        raise ProjectError(f"{folder} leads out of the project; name a place with -o where that is meant")
    return folder


def is_kept(out: Path) -> bool:
    """Return whether a build into ``out`` kept state that the next build can reuse."""
    return (out / KEPT / "state.json").is_file()


def new_project(folder: Path) -> list[Path]:
    """Write a small project to start from: settings, three entities, one claim file with comments.

    Raises ProjectError if the folder is not empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ProjectError(f"{folder} is not empty")
    template = Path(__file__).parent / "new_project"
    texts = {
        path.relative_to(template).as_posix(): path.read_text("utf-8")
        for path in sorted(template.rglob("*"))
        if path.is_file()
    }
    return write_files(folder, texts)


def tell_size(claims: int, sources: int, rows: int | None, known_by: str) -> str:
    """Return a summary of claims, sources, rows of large tables (None: no such tables) and the known-by day."""
    tables = "" if rows is None else f" and {_count(rows, 'row')} of tables" if rows else ", and from tables"
    return f"{_count(claims, 'claim')} from {_count(sources, 'source')}{tables}, known by {known_by}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
