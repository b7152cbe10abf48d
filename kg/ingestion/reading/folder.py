"""Read every file of a project, or a single file, into records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from kg.files.project import SETTINGS
from kg.ingestion.reading.csv_files import csv_rows
from kg.ingestion.reading.decoding import content_of, text_of
from kg.ingestion.reading.json_lines import jsonl_rows
from kg.ingestion.reading.records import NEEDED, Fault, Records, Row
from kg.ingestion.reading.workbooks import read_sheets
from kg.ingestion.reading.yaml_files import read_claims, read_entities, read_settings
from kg.model.errors import Location, Problem, ProjectError

Reader = Callable[[Records, Path, str], None]


def read_records(folder: Path, instead: Mapping[str, str] | None = None) -> Records:
    """Read every file of a project; ``instead`` replaces the text of some, by name.

    Raises ProjectError if the folder has no ``kg.yaml``.
    """
    if not (folder / SETTINGS).is_file():
        raise ProjectError(f"no {SETTINGS} in {folder}; `kg new DIR` makes a project to start from")
    records = Records(Row(Location(SETTINGS), {}), instead=instead or {})
    _read_frame(records, folder)
    _check_encodings(records, folder)
    for name, reader in _TABLES.items():
        if (folder / name).exists():
            _guarded(records, folder, name, reader)
    for path in sorted(folder.glob("*.xlsx")):
        if not path.name.startswith((".", "~")):
            _guarded(records, folder, path.name, _workbook)
    for path in _files(folder / "claims"):
        _guarded(records, folder, path.relative_to(folder).as_posix(), _CLAIMS.get(path.suffix.lower(), _unread))
    is_empty = not records.claims and not any((folder / "tables").glob("*.yaml"))
    if is_empty and not any(problem.severity == "error" for problem in records.problems):
        hint = "write the first into claims/NAME.yaml"
        records.report(Location("claims"), "KG011", "the project holds no claims", hint)
    return records


def read_frame(folder: Path) -> Records:
    """Read only the settings and the project's own ontology."""
    records = Records(Row(Location(SETTINGS), {}))
    _read_frame(records, folder)
    return records


def read_yaml(name: str, text: str) -> Records:
    """Read the text of a single YAML file of a project: settings, entities or claims."""
    records = Records(Row(Location(SETTINGS), {}), instead={name: text})
    reader = _yaml(read_settings if name == SETTINGS else read_claims if "/" in name else read_entities)
    _guarded(records, Path(), name, reader)
    return records


def read_table(folder: Path, name: str, needed: str) -> tuple[list[Row], list[Problem]]:
    """Read a table that a command keeps beside the claims. A missing file has no rows."""
    records, rows = Records(Row(Location(name), {})), list[Row]()

    def read(records: Records, folder: Path, name: str) -> None:
        rows.extend(csv_rows(records, name, text_of(records, folder, name), needed))

    if (folder / name).exists():
        _guarded(records, folder, name, read)
    return rows, records.problems


def _read_frame(records: Records, folder: Path) -> None:
    _guarded(records, folder, SETTINGS, _yaml(read_settings))
    for path in _files(folder / "ontology"):
        if path.suffix == ".ttl":
            _guarded(records, folder, path.relative_to(folder).as_posix(), _turtle)


def _check_encodings(records: Records, folder: Path) -> None:
    """Report a file that ``encoding`` names and that is not there: it would be read in another encoding."""
    for part in records.settings.text("encoding").split("|"):
        file = part.strip().rpartition(" ")[0].strip()
        if file and not (folder / file).is_file():
            records.report(
                records.settings.where("encoding"), "KG001", f"there is no file '{file}'", "a path in the project"
            )


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith((".", "~")))


def _guarded(records: Records, folder: Path, name: str, reader: Reader) -> None:
    """Read one file. A fault becomes a problem, and the other files are still read."""
    try:
        reader(records, folder, name)
    except Fault as fault:
        records.problems.append(fault.problem)
        records.unread.add(name)


def _yaml(read: Callable[[Records, str, str], None]) -> Reader:
    return lambda records, folder, name: read(records, name, text_of(records, folder, name))


def _csv(table: str) -> Reader:
    def read(records: Records, folder: Path, name: str) -> None:
        records.add(table, csv_rows(records, name, text_of(records, folder, name), NEEDED[table]))

    return read


def _jsonl(table: str) -> Reader:
    return lambda records, folder, name: records.add(table, jsonl_rows(records, name, text_of(records, folder, name)))


def _workbook(records: Records, folder: Path, name: str) -> None:
    read_sheets(records, name, content_of(folder, name))


def _turtle(records: Records, folder: Path, name: str) -> None:
    records.ontology[name] = text_of(records, folder, name)


def _unread(records: Records, _: Path, name: str) -> None:
    hint = "claims stand in .yaml, .csv, .jsonl or .xlsx"
    records.report(Location(name), "KG014", "the file is not read", hint, severity="info")


_TABLES: Mapping[str, Reader] = {
    "entities.yaml": _yaml(read_entities),
    "entities.yml": _yaml(read_entities),
    **{f"{table}.csv": _csv(table) for table in NEEDED},
    **{f"{table}.jsonl": _jsonl(table) for table in NEEDED},
}
_CLAIMS: Mapping[str, Reader] = {
    ".yaml": _yaml(read_claims),
    ".yml": _yaml(read_claims),
    ".csv": _csv("claims"),
    ".jsonl": _jsonl("claims"),
    ".xlsx": _workbook,
}
