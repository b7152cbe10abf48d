"""Import a file in an exchange format as a complete project: a kg export, or the tables of a neighbouring tool.

Input: a file, or a folder of tables. Output: a folder with ``kg.yaml``, ``entities.yaml`` and a claim file per source.
Everything is checked before anything is written, and the folder is written whole or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kg.files.outputs import recover, write_files
from kg.files.project import SETTINGS
from kg.formats.neighbour_tables import NEIGHBOURS
from kg.formats.neighbour_terms import Mapped, read_neighbour
from kg.formats.tabular import OWN, csv_tables, ontology_file
from kg.formats.yaml_form import claim_file, entities_file, settings_file
from kg.ingestion.checking.check import check_records
from kg.ingestion.reading import MAX_BYTES, Records, Row, make_row, read_records, read_workbook_alone
from kg.ingestion.world_rows import Tables, world_tables
from kg.model.errors import CheckError, Location, Problem, ProjectError, UsageError
from kg.model.ontology import read_ontology, triples_text
from kg.model.world import World
from kg.rdf.hostile_rdf import refuse_traps
from kg.rdf.rows_from_rdf import tables_from_rdf
from kg.sparql.store import parse_rdf

RDF_FORMS = {
    ".ttl": "TURTLE",
    ".trig": "TRIG",
    ".nq": "N_QUADS",
    ".nt": "N_TRIPLES",
    ".jsonld": "JSON_LD",
    ".json": "JSON_LD",
    ".rdf": "RDF_XML",
    ".xml": "RDF_XML",
    ".owl": "RDF_XML",
}


@dataclass
class Intake:
    """The result of an import: the files written, and report lines on what was kept and what was dropped."""

    files: list[Path] = field(default_factory=list)
    report: list[str] = field(default_factory=list)


def import_file(
    file: Path,
    out: Path,
    *,
    neighbour: str = "",
    words: Mapping[str, str] | None = None,
    ontology: Sequence[Path] = (),
    publisher: str = "",
    published: str = "",
) -> Intake:
    """Create a project in ``out`` from a file or folder.

    ``neighbour`` names the tool that wrote the tables (kumu, kgx, opensanctions). ``words`` maps its words to our
    types, roles and relations. ``publisher`` and ``published`` say who published the tables, and when. ``ontology``
    are Turtle files, or folders of them, with own terms. Raises CheckError if the content is inconsistent,
    ProjectError if the file cannot be read or ``out`` is not empty, UsageError if a tool or word is unknown.
    """
    recover(out)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ProjectError(f"{out} is not empty; an import makes a new project")
    if not file.exists():
        raise ProjectError(f"no {file}")
    own = _ontology_files(ontology)
    if neighbour:
        if neighbour not in NEIGHBOURS:
            raise UsageError(f"no tables of '{neighbour}'; there are {', '.join(NEIGHBOURS)}")
        mapped = read_neighbour(file, neighbour, read_ontology(own, []), words or {}, publisher, published)
        world, report = _without_errors(mapped, own, file.name)
    else:
        records = _records(file, own)
        world, report = _checked(records), []
        own = {name: text for name, text in records.ontology.items() if name.startswith("ontology/")}
    return Intake(write_files(out, {**project_texts(world, own), **own}), [*report, _summary(world)])


def read_world(content: bytes, form: str, name: str) -> tuple[World, list[Problem]]:
    """Return the world in RDF that kg wrote, with warnings. Raises CheckError, or ProjectError for other RDF."""
    world, problems = check_records(_records_of_rdf(content, form, name, {}))
    if world is None:
        raise CheckError(problems)
    return world, problems


def project_texts(world: World, own: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the files of a project in canonical YAML, by name. Sources without claims go to ``sources.csv``.

    Own terms go to ``ontology/own.ttl``, except those in ``own``: Turtle by file name, kept unchanged.
    """
    tables = world_tables(world)
    by_source: dict[str, list[dict[str, str]]] = {}
    for row in tables.claims:
        by_source.setdefault(row["source"], []).append(row)
    texts = {SETTINGS: settings_file(tables.settings), "entities.yaml": entities_file(tables.entities, world.ontology)}
    for source in tables.sources:
        if rows := by_source.get(source["id"]):
            texts[f"claims/{source['id']}.yaml"] = claim_file(source, rows, world.ontology)
    silent = [source for source in tables.sources if source["id"] not in by_source]
    if silent:
        texts["sources.csv"] = csv_tables(Tables(sources=silent))["sources.csv"]
    if rest := sorted(set(tables.ontology) - set(read_ontology(own or {}, []).own)):
        texts[OWN if OWN not in (own or {}) else "ontology/imported.ttl"] = ontology_file(rest)
    return texts


def _summary(world: World) -> str:
    counts = (len(world.claims), len(world.sources), len(world.entities))
    nouns = (("claim", "claims"), ("source", "sources"), ("entity", "entities"))
    words = [f"{number:,} {noun[number != 1]}" for number, noun in zip(counts, nouns, strict=True)]
    return f"imported {', '.join(words[:-1])} and {words[-1]}"


# ---------------------------------------------------------------- reading


def read_export(file: Path) -> Records:
    """Return the rows of a file that kg exported. For a build, ``ontology.ttl`` provides its own terms.

    Raises CheckError with the place of the error if the file is broken, ProjectError if kg did not write it.
    """
    beside = file.parent / "ontology.ttl"
    return _records(file, {"ontology/own.ttl": _own_terms(beside)} if beside.is_file() else {})


def _own_terms(file: Path) -> str:
    """Return the triples of a build's ontology about terms that are not ours. Ours come from this version of kg."""
    ours = {subject for subject, _, _ in read_ontology({}, []).triples}
    lines = parse_rdf(_content(file), "TURTLE", file.name).splitlines()
    return "".join(f"{line}\n" for line in lines if line.partition(" ")[0] not in ours)


def _ontology_files(paths: Sequence[Path]) -> dict[str, str]:
    """Return the texts of Turtle files, and of those in folders, by their names in a project."""
    files = {f"ontology/{path.name}": path for path in paths if not path.is_dir()}
    for folder in filter(Path.is_dir, paths):
        files |= {f"ontology/{file.relative_to(folder).as_posix()}": file for file in sorted(folder.rglob("*.ttl"))}
    return {name: _content(file).decode("utf-8", "replace") for name, file in files.items()}


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise ProjectError(f"{file} is larger than {MAX_BYTES // 1_000_000} MB")
        return file.read_bytes()
    except OSError as error:
        raise ProjectError(f"cannot read {file}: {error.strerror}") from error


def _records(file: Path, own: Mapping[str, str]) -> Records:
    """Return the rows of a file that kg exported."""
    suffix = file.suffix.lower()
    if file.is_dir() and not any(file.glob("kg.*")) and not any(file.glob("claims*")):
        raise UsageError(f"{file} holds no tables of ours; for those of a neighbour say --from {', '.join(NEIGHBOURS)}")
    if file.is_dir() or file.name in (SETTINGS, "claims.csv", "claims.jsonl"):
        records = read_records(file if file.is_dir() else file.parent)
        records.ontology |= own
        return records
    if suffix == ".xlsx":
        records = read_workbook_alone(_content(file), file.name)
    elif suffix in RDF_FORMS:
        records = _records_of_rdf(_content(file), RDF_FORMS[suffix], file.name, own)
    else:
        known = ", ".join([*RDF_FORMS, ".xlsx"])
        message = f"cannot tell what '{file.name}' is; files end in {known}; a folder holds tables, or use --from"
        raise UsageError(message)
    records.ontology |= own
    return records


def _records_of_rdf(content: bytes, form: str, name: str, own: Mapping[str, str]) -> Records:
    refuse_traps(content, form, name)
    quads = parse_rdf(content, form, name)
    try:
        tables = tables_from_rdf(_triples(quads), read_ontology(own, []))
    except (KeyError, ValueError, StopIteration, IndexError, AttributeError) as error:
        message = f"{name} is not as kg writes it: {error}; own terms are given with --ontology"
        raise ProjectError(message) from error
    return records_of(tables, name)


_QUAD = re.compile(r'(<[^>]*>|_:\S+) (<[^>]*>) (<[^>]*>|_:\S+|"(?:[^"\\]|\\.)*+"(?:@[\w-]+|\^\^<[^>]*>)?)(?: .*)? \.')


def _triples(quads: str) -> Iterator[tuple[str, str, str]]:
    """Yield the distinct triples of sorted N-Quads. Blank nodes are skipped: kg writes none."""
    seen: set[tuple[str, str, str]] = set()
    for line in quads.split("\n"):  # not splitlines: a text may hold other line breaks
        match = _QUAD.fullmatch(line)
        if match and not line.startswith("_:") and not match[3].startswith("_:"):
            triple = (match[1], match[2], match[3])
            if triple not in seen:
                seen.add(triple)
                yield triple


def records_of(tables: Tables, name: str) -> Records:
    """Return tables as records; the location of a row is its table and number."""
    settings = Records(Row(Location(name), {}))
    records = Records(make_row(settings, tables.settings, Location(name, cell="settings")))
    records.problems = settings.problems
    if tables.ontology:
        records.ontology[name] = triples_text(tables.ontology)
    for table in ("entities", "sources", "claims"):
        rows: list[Row] = getattr(records, table)
        for number, row in enumerate(getattr(tables, table), 1):
            rows.append(make_row(records, row, Location(name, number, 1, f"{table} {number}")))
    return records


# ---------------------------------------------------------------- checking


def _checked(records: Records) -> World:
    world, problems = check_records(records)
    if world is None:
        raise CheckError(problems)
    return world


def _without_errors(mapped: Mapped, own: Mapping[str, str], name: str) -> tuple[World, list[str]]:
    """Return the world of mapped tables and a report. Rows that fail the check are dropped, counted by reason."""
    tables, reasons = mapped.tables, mapped.reasons
    while True:
        records = records_of(tables, name)
        records.ontology |= own
        world, problems = check_records(records)
        if world is not None and world.claims:
            return world, mapped.report()
        bad: dict[str, dict[int, str]] = {"claims": {}, "entities": {}, "sources": {}}
        for problem in problems:
            table = problem.location.cell.partition(" ")[0]
            if problem.severity == "error" and table in ("claims", "entities"):
                reason = re.sub(r"'[^']*'", "'…'", problem.message)
                bad[table].setdefault(problem.location.line, f"{problem.code}: {reason}")
        if not bad["claims"] and not bad["entities"]:
            raise CheckError([*problems, *_nothing_kept(mapped, name)])
        for table, lines in bad.items():
            rows = getattr(tables, table)
            setattr(tables, table, [row for number, row in enumerate(rows, 1) if number not in lines])
            for reason in lines.values():
                reasons[f"{table}: {reason}"] += 1


def _nothing_kept(mapped: Mapped, name: str) -> list[Problem]:
    hint = "say what its words mean with --map WORD=OURS"
    place, message = Location(name), "nothing of it could be kept as a claim"
    told = (Problem(place, "info", "KG011", line) for line in mapped.report())
    return [Problem(place, "error", "KG011", message, hint), *told]
