"""Read the mappings of a project and check them against their tables."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import polars as pl

from kg.bulk.batches import read_columns
from kg.ingestion.checking.check import read_settings
from kg.ingestion.checking.values import Scope
from kg.ingestion.mapping import FOLDER, GROUP, Mapping
from kg.ingestion.mapping_files import read_mapping
from kg.ingestion.mapping_texts import TextCheck
from kg.ingestion.reading import Fault, Records, encoding_of, text_of
from kg.model.errors import Location, Problem
from kg.model.ontology import Ontology


def read_mappings(folder: Path, records: Records, ontology: Ontology) -> list[Mapping]:
    """Return the valid mappings of a project by name; add the faults of the others to the problems."""
    ids = {row.text("id") for row in (*records.entities, *records.sources)}
    sound, read = list[Mapping](), list[Mapping]()
    paths = sorted((folder / FOLDER).glob("*.yaml"))
    for path in paths:
        name = path.relative_to(folder).as_posix()
        scope = Scope(ontology, settings=read_settings(records))
        try:
            read.append(mapping := _read(scope, folder, records, name))
            _check_patterns(scope, mapping)
            columns = _columns(scope, folder, mapping)
            TextCheck(scope, mapping, columns, ids).run()
        except Fault as fault:
            scope.problems.append(fault.problem)
        records.problems += scope.problems
        if scope.has_errors:
            records.unread.add(name)
        else:
            sound.append(mapping)
    if len(read) == len(paths):  # otherwise the invalid ones may name any file
        records.problems += unmapped(folder, {mapping.file for mapping in read})
    return sound


def unmapped(folder: Path, named: Collection[str]) -> list[Problem]:
    """Return a note for each file in ``tables/`` that no mapping names, because it is not read."""
    paths = (path for path in sorted((folder / FOLDER).iterdir()) if not path.name.startswith((".", "~")))
    hint = "a mapping beside it, NAME.yaml, says what its columns mean"
    return [
        Problem(Location(f"{FOLDER}/{path.name}"), "info", "KG014", "the file is not read", hint)
        for path in paths
        if path.is_file() and path.suffix != ".yaml" and path.name not in named
    ]


def reread_mapping(folder: Path, records: Records, name: str, ontology: Ontology) -> Mapping:
    """Return a mapping that was valid when it was last read. Raises Fault if it no longer is."""
    scope = Scope(ontology)
    mapping = _read(scope, folder, records, name)
    for problem in scope.problems:
        raise Fault(problem.location, problem.code, problem.message)
    return mapping


def _read(scope: Scope, folder: Path, records: Records, name: str) -> Mapping:
    """Read a mapping, whose table has the project's encoding unless the mapping names another."""
    mapping = read_mapping(scope, name, text_of(records, folder, name))
    encoding = mapping.layout.encoding or encoding_of(records.settings, f"{FOLDER}/{mapping.file}")
    return replace(mapping, layout=replace(mapping.layout, encoding=encoding))


def _columns(scope: Scope, folder: Path, mapping: Mapping) -> list[str] | None:
    """Return the columns of a mapping's table, or None if it is unnamed or unreadable, which is reported."""
    try:
        return read_columns(folder, mapping) if mapping.file else None
    except Fault as fault:
        scope.problems.append(fault.problem)
    return None


def _check_patterns(scope: Scope, mapping: Mapping) -> None:
    """Report invalid regular expressions, and groups that they do not have."""
    for look_up in mapping.columns.values():
        for pattern, result in look_up.patterns.items():
            try:
                groups = pl.select(pl.lit("").str.extract_groups(pattern)).to_series().struct.fields
            except pl.exceptions.ComputeError as error:
                message = f"'{pattern}' is no regular expression: {str(error).rpartition('error: ')[2]}"
                scope.report(result.key_place, "KG210", message)
                continue
            for group in (int(name.removeprefix(GROUP)) for name in result.columns if name.startswith(GROUP)):
                if group > len(groups):
                    message = f"'{pattern}' has no group {group}"
                    scope.report(result.place, "KG210", message, f"it has {len(groups)}; each is in round brackets")
