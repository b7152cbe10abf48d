"""The example of the US registry, where its tables are at hand."""

import shutil
from pathlib import Path

import pytest

import kg
from projects import ROOT, SHARED

EXAMPLE = ROOT / "examples" / "us_registry"
TABLES = SHARED / "data" / "nhtsa_vpic"
pytestmark = pytest.mark.skipif(not TABLES.is_dir(), reason=f"the vPIC tables are not in {TABLES}")


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> kg.Graph:
    """Return the graph of the example with its tables, built."""
    folder = tmp_path_factory.mktemp("us") / "us_registry"
    shutil.copytree(EXAMPLE, folder)
    for name in ("model_years.csv.gz", "make_model.csv", "manufacturer_make.csv", "manufacturers.csv"):
        shutil.copy(TABLES / name, folder / "tables" / name)
    return kg.build(folder)


def test_what_is_built(graph: kg.Graph) -> None:
    """Every row is a claim but two without a model."""
    rejects = (graph.folder / "build" / "rejects.csv").read_text("utf-8").splitlines()
    assert [line.split(",")[:3] for line in rejects[1:]] == [
        ["tables/model_years.csv.gz", row, "KG108"] for row in ("206839", "206840")
    ]


def test_questions_one_could_not_ask_before(graph: kg.Graph) -> None:
    """Brands with many makers, contract plants, changed names, who made what in 2015."""
    many = {row["name"]: row["makers"] for row in graph.ask("brands-with-many-makers")}
    assert many["Toyota"] > 15
    plants = [row["name"] for row in graph.ask("contract-plants")]
    assert len(plants) > 50
    changed = {row["before"] for row in graph.ask("changed-names")}
    assert "BURCH WELDING & TANK" in changed
    made = list(graph.ask("made-in", {"brand": "brand-tesla", "day": "2015"}))
    assert any(Path(str(row["model"])).name.startswith("model-tesla-model-s") for row in made)
    assert all(str(row["from"]) <= "2015-12-31" for row in made)
