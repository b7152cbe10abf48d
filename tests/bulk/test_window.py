"""What is told from a window of the tables is what is told from the whole."""

import random
from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest

import kg
from projects import make_project, source

FIRMS = ("a", "b", "c", "paper", "boss")
THINGS = ("car", "car-x", "brand-a", "any-car", "works")
ROLES = {"agent": FIRMS, "role": ("carmaker", "brand-owner", "design-lead", "retailer"), "target": THINGS}
TIES = {"subject": FIRMS[:4], "relation": ("subsidiary-of", "same-as", "partner-of"), "object": FIRMS[:4]}
FIGURES = {"about": THINGS, "measure": ("units-sold", "units-produced"), "value": ("5 vehicles", "over 9 vehicles")}
FREE = {
    "from": ("", "", "2019", "2020-05"),
    "until": ("", "", "", "2023"),
    "said-by": ("", "", "boss", "b", "insider"),
    "stance": ("", "", "", "denies", "declines"),
    "modality": ("", "", "", "planned", "policy"),
    "second-hand": ("", "", "", "s1", "s3", "unseen"),
}
LIVES = {"event": ("founding", "dissolution"), "about": FIRMS[:3], "when": ("2018", "2020-05", "2022-03")}
LAUNCHES = {"event": ("launch",), "about": ("car", "car-x"), "when": ("2018", "2020-05", "2022-03")}
TABLES = {
    "roles": {**ROLES, **FREE},
    "ties": {**TIES, **FREE},
    "lives": {**LIVES, "stance": ("", "", "denies")},
    "launches": LAUNCHES,
    "figures": {**FIGURES, "when": ("2021", "2022-03"), **FREE},
}
SOURCES = (
    "id,title,publisher,published,copy-of\ns2,A register,paper,2024-02,\ns3,Another,a,2023,\ns4,A copy,b,2024-03,s2\n"
)


def make_tables(folder: Path, chance: random.Random) -> Path:
    """Write a project whose tables hold roles, ties and figures at random, and a claim file that answers some."""
    made = make_project(
        folder,
        "agent: a, role: carmaker, target: car, id: one",
        "agent: b, role: design-lead, target: any-car, stance: denies, id: two",
        "agent: a, role: brand-owner, target: brand-a, from: 2019",
        "re: one, stance: denies, said-by: b",
        sources_csv=SOURCES,
        claims__s9_yaml=source("s9", "2024-05", "re: s1/one, stance: denies, disputes: s1/two", publisher="a"),
    )
    (made / "tables").mkdir()
    for name, columns in TABLES.items():
        cells = ", ".join(f"{key}: ${{{key}}}" for key in columns)
        keys = cells.replace("${", '"${').replace("}", '}"')
        (made / "tables" / f"{name}.yaml").write_text(
            f"file: {name}.csv\nsource: $source\nclaims:\n- {{{keys}}}\n", "utf-8"
        )
        rows = {key: [chance.choice(words) for _ in range(14)] for key, words in columns.items()}
        ids = [chance.choice(("s2", "s3", "s4")) for _ in range(14)]
        pl.DataFrame({"source": ids, **rows}).write_csv(made / "tables" / f"{name}.csv")
    return made


def told(call: Callable[[], object]) -> str:
    """Return what a call gives, or its error."""
    try:
        return repr(call())
    except kg.UsageError as error:
        return str(error)


def answers(graph: kg.Graph) -> Iterator[tuple[object, ...]]:
    """Yield what is told of every pair, of every entity in time, and around every entity."""
    ids = (*FIRMS, *THINGS)
    for pair in combinations(ids, 2):
        yield pair, told(partial(graph.why, *pair))
    for id in ids:
        yield id, told(partial(graph.timeline, id)), told(partial(graph.view, focus=id))


@pytest.mark.parametrize("seed", range(3))
def test_a_window_tells_what_the_whole_tells(seed: int, tmp_path: Path) -> None:
    """Verdicts, who opposes whom, witnesses, what would change a verdict, history: of every pair and entity."""
    made = make_tables(tmp_path, random.Random(seed))
    known = kg.load(made)
    assert known.world.claims, "it is told from the whole from now on"
    whole = list(answers(known))
    graph = kg.load(made)
    assert list(answers(graph)) == whole
    assert "world" not in vars(graph), "every answer came from a window"
