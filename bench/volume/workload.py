"""The workload of the benchmarks: a project with a table of N claims, and three tables of what they are about.

Roles of firms towards vehicles: N/20 firms, few of which have many roles, N/10 vehicles, N/50 sources; one row in 33
is a denial, one in twelve a plan. Every value follows from the number of its row, so that the same N gives the same
bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl

ROLES = (
    "parts-supplier", "contract-manufacturer", "carmaker", "battery-supplier", "design-lead", "retailer", "distributor",
    "brand-owner", "sales-lead", "co-developer", "model-developer", "planning-lead",
)  # fmt: skip
SAYINGS = (
    "the plant, opened in spring, builds the car for the group",
    'what the firm calls a "partnership of equals" covers design, tooling and tests',
    "deliveries began in the first quarter; two lines, one shift",
    "由合作方负责生产，品牌方负责销售, as the notice says",
    'a spokesman said: "we supply parts, we do not build cars"',
    "the filing names the maker, the place and the term of the contract",
)
COUNTRIES = ("DE", "CN", "US", "JP", "KR", "FR", "IT", "SE")
SEGMENTS = ("premium", "volume", "commercial", "micro")
SETTINGS = "title: A register of roles\nbase: https://example.org/bench/\n"
ENTITIES = "press: {type: media, en: The Press}\n"
MAPPINGS = {
    "firms": "file: firms.csv\nentities:\n  firm: {id: $id, type: firm, en: $name, note: $about}\n",
    "vehicles": "file: vehicles.csv\nentities:\n  vehicle: {id: $id, type: $kind, en: $name, note: $about}\n",
    "sources": """file: sources.csv
sources:
  source: {id: $id, title: $title, publisher: press, published: $published}
""",
    "roles": """file: roles.csv
source: $source
columns:
  stance: {from: $status, denied: denies, else: asserts}
  modality: {from: $status, planned: planned, else: actual}
claims:
- {agent: $firm, role: $role, target: $vehicle, from: $from, until: $until,
   stance: $stance, modality: $modality, note: $quote}
""",
}


def write_project(folder: Path, rows: int) -> Path:
    """Write the project with a number of rows into a folder, unless it is there; return the folder."""
    project = folder / f"rows-{rows}"
    if (project / "done").exists():
        return project
    tables = project / "tables"
    tables.mkdir(parents=True, exist_ok=True)
    (project / "kg.yaml").write_text(SETTINGS, "utf-8")
    (project / "entities.yaml").write_text(ENTITIES, "utf-8")
    for name, mapping in MAPPINGS.items():
        (tables / f"{name}.yaml").write_text(mapping, "utf-8")
    firms, vehicles, sources = max(rows // 20, 10), max(rows // 10, 10), max(rows // 50, 2)
    firms_of(firms).sink_csv(tables / "firms.csv")
    vehicles_of(vehicles).sink_csv(tables / "vehicles.csv")
    sources_of(sources).sink_csv(tables / "sources.csv")
    roles_of(rows, firms, vehicles, sources).sink_csv(tables / "roles.csv")
    (project / "done").touch()
    return project


def _mixed(salt: int) -> pl.Expr:
    """Return a number of 31 bits that follows from the number of the row and a salt, and looks like chance."""
    number = pl.col("number").cast(pl.UInt64)
    for factor in (2654435761, 2246822519):
        number = ((number + salt * 7919 + 1) * factor) % (1 << 31)
        number = number.xor(number // (1 << 15))
    return number


def _numbers(rows: int) -> pl.LazyFrame:
    return pl.LazyFrame().select(number=pl.int_range(rows, dtype=pl.UInt64))


def _picked(words: tuple[str, ...], salt: int) -> pl.Expr:
    index = (_mixed(salt) % len(words)).cast(pl.UInt32)
    return index.replace_strict(list(range(len(words))), list(words), return_dtype=pl.String)


def firms_of(rows: int) -> pl.LazyFrame:
    """Return firms: a name, a country and a segment."""
    about = pl.concat_str(_picked(COUNTRIES, 1), pl.lit(", "), _picked(SEGMENTS, 2))
    return _numbers(rows).select(
        id=pl.format("f{}", "number"), name=pl.format("Firm {} Motors, Ltd.", "number"), about=about
    )


def vehicles_of(rows: int) -> pl.LazyFrame:
    """Return vehicles, one in twenty a brand."""
    kind = pl.when(pl.col("number") % 20 == 0).then(pl.lit("brand")).otherwise(pl.lit("model"))
    return _numbers(rows).select(
        id=pl.format("v{}", "number"), name=pl.format("Model {}", "number"), about=_picked(SEGMENTS, 3), kind=kind
    )


def sources_of(rows: int) -> pl.LazyFrame:
    """Return sources, each with its month of publication."""
    published = pl.format("20{}-{}", (_mixed(4) % 8 + 17), (_mixed(5) % 12 + 1).cast(pl.String).str.zfill(2))
    return _numbers(rows).select(
        id=pl.format("s{}", "number"), title=pl.format('Report no. {}, "on roles"', "number"), published=published
    )


def roles_of(rows: int, firms: int, vehicles: int, sources: int) -> pl.LazyFrame:
    """Return the roles: firms of low numbers have many; a brand is owned or designed."""
    skewed = ((_mixed(6) / (1 << 31)) ** 3 * firms).cast(pl.UInt64)
    vehicle = _mixed(7) % vehicles
    role = pl.when(vehicle % 20 == 0).then(_picked(("brand-owner", "carmaker", "retailer", "design-lead"), 8))
    role = role.otherwise(_picked(tuple(r for r in ROLES if r != "brand-owner"), 9))
    year, length = _mixed(10) % 15 + 2005, _mixed(11) % 9
    status = pl.when(_mixed(12) % 33 == 0).then(pl.lit("denied")).when(_mixed(13) % 12 == 0).then(pl.lit("planned"))
    quote = pl.concat_str(_picked(SAYINGS, 14), pl.format(" (line {})", "number"))
    return _numbers(rows).select(
        id=pl.format("r{}", "number"),
        firm=pl.format("f{}", skewed),
        role=role,
        vehicle=pl.format("v{}", vehicle),
        **{"from": pl.format("{}-{}", year, (_mixed(15) % 12 + 1).cast(pl.String).str.zfill(2))},
        until=pl.when(length > 4).then((year + length).cast(pl.String)),
        source=pl.format("s{}", _mixed(16) % sources),
        status=status.otherwise(pl.lit("confirmed")),
        quote=quote,
    )


if __name__ == "__main__":
    print(write_project(Path(sys.argv[1]), int(sys.argv[2])))
