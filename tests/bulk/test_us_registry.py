"""The example of the US registry, and the judged sample of its names, where its tables are at hand."""

import csv
import gzip
import shutil
from collections import Counter
from pathlib import Path

import pytest

import kg
from kg.model.names import MINIMUM, Normaliser, Scorer, best_likeness
from kg.model.ontology import read_ontology
from projects import ROOT, SHARED

EXAMPLE = ROOT / "examples" / "us_registry"
TABLES = SHARED / "data" / "nhtsa_vpic"
if not TABLES.is_dir():
    pytest.skip(f"needs the vPIC tables, in {TABLES}", allow_module_level=True)


def make_registry(folder: Path) -> Path:
    """Write the example with its tables; return the folder."""
    shutil.copytree(EXAMPLE, folder)
    for name in ("model_years.csv.gz", "make_model.csv", "manufacturer_make.csv", "manufacturers.csv"):
        shutil.copy(TABLES / name, folder / "tables" / name)
    return folder


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> kg.Graph:
    """Return the graph of the example with its tables, built."""
    return kg.build(make_registry(tmp_path_factory.mktemp("us") / "us_registry"), allow_rejects=True)


@pytest.fixture(scope="module")
def some(tmp_path_factory: pytest.TempPathFactory) -> kg.Graph:
    """Return the graph of a twentieth of the years and of all of Tesla's: to load the store of all takes a minute."""
    folder = make_registry(tmp_path_factory.mktemp("us") / "some")
    table, mapping = folder / "tables" / "model_years.csv.gz", folder / "tables" / "model_years.yaml"
    with gzip.open(table, "rt", encoding="utf-8") as file:
        head, *rows = file
    with gzip.open(table, "wt", encoding="utf-8") as file:
        file.writelines([head, *(row for n, row in enumerate(rows) if n % 20 == 0 or ",TESLA," in row.upper())])
    mapping.write_text(mapping.read_text("utf-8").replace("min: 200000", "min: 10000"), "utf-8")
    return kg.load(folder)


def test_what_is_built(graph: kg.Graph) -> None:
    """Every row is a claim but two without a model."""
    rejects = (graph.folder / "build" / "rejects.csv").read_text("utf-8").splitlines()
    assert [line.split(",")[:3] for line in rejects[1:]] == [
        ["tables/model_years.csv.gz", row, "KG108"] for row in ("206839", "206840")
    ]


def test_questions_one_could_not_ask_before(some: kg.Graph) -> None:
    """Brands with many makers, contract plants, changed names, who made what in 2015."""
    many = {row["name"]: row["makers"] for row in some.ask("brands-with-many-makers")}
    assert many["Toyota"] > 15
    plants = [row["name"] for row in some.ask("contract-plants")]
    assert len(plants) > 50
    changed = {row["before"] for row in some.ask("changed-names")}
    assert "BURCH WELDING & TANK" in changed
    made = list(some.ask("made-in", {"brand": "brand-tesla", "day": "2015"}))
    assert any(Path(str(row["model"])).name.startswith("model-tesla-model-s") for row in made)
    assert all(str(row["from"]) <= "2015-12-31" for row in made)


def test_the_judged_sample() -> None:
    """Of the pairs judged by hand, nearly all proposals are right, and most that are one are proposed."""
    names, normaliser = {}, Normaliser(read_ontology({}, []))
    for prefix, file, column in (("maker", "manufacturers", "manufacturer"), ("make", "makes", "make")):
        with (TABLES / f"{file}.csv").open(encoding="utf-8-sig", newline="") as table:
            names.update({f"{prefix}:{row[f'{column}_id']}": row[f"{column}_name"] for row in csv.DictReader(table)})
    scorer = Scorer(name for text in names.values() for name in normaliser.names(text))
    counts: Counter[tuple[str, bool]] = Counter()
    with (ROOT / "tests" / "data" / "xref_sample.csv").open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table):
            likeness = best_likeness(scorer, *(normaliser.names(names[row[side]]) for side in "ab"))
            counts[row["judgement"], likeness is not None and likeness.score >= MINIMUM] += 1
    assert sum(counts.values()) == 200
    right, wrong, missed = counts["positive", True], counts["negative", True], counts["positive", False]
    assert right / (right + wrong) >= 0.8
    assert right / (right + missed) >= 0.8
