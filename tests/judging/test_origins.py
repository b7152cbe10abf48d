"""Who first said it: copies, retellings and officers of one house are one witness."""

from pathlib import Path

import pytest

import kg
from kg.judging.origins import Origins
from projects import make_project, source

SUPPLIES = "agent: a, role: supplier, target: car"
UNIT = "subject: a, relation: subsidiary-of, object: b"
COPY = "source: {{id: s2, title: A copy, publisher: daily, published: 2021-06, {}}}\nclaims:\n- {{" + SUPPLIES + "}}\n"
HASH = "sha256: " + "a" * 64
DAILY = "\ndaily: {type: media, en: The Daily}\nsecond-insider: {type: unnamed-source, en: another insider}\n"


def project(folder: Path, *rows: str, **files: str) -> kg.Graph:
    """Return the graph of a project with a second newspaper."""
    make_project(folder, *rows, **files)
    with (folder / "entities.yaml").open("a", encoding="utf-8") as file:
        file.write(DAILY)
    return kg.load(folder)


def origins(graph: kg.Graph) -> list[list[tuple[str, str]]]:
    """Return source and reason of the claims about the supply, by origin."""
    claims = [claim for claim in graph.world.claims if claim.proposition.term.notation == "supplier"]
    groups = Origins(graph.world).group(claims)
    return sorted(sorted((claim.source.id, why.notation) for claim, why in group.members) for group in groups)


def second(*rows: str, publisher: str = "daily") -> dict[str, str]:
    """Return a second source."""
    return {"claims__s2_yaml": source("s2", "2021-06", *rows, publisher=publisher)}


OWN = [[("s1", "own-words")], [("s2", "own-words")]]


@pytest.mark.parametrize(
    ("first", "other", "expected"),
    [
        (SUPPLIES, SUPPLIES, OWN),
        (f"{SUPPLIES}, said-by: insider", f"{SUPPLIES}, said-by: second-insider", OWN),
        (f"{SUPPLIES}, said-by: insider", f"{SUPPLIES}, said-by: insider", [[*OWN[0], *OWN[1]]]),
        (f"{SUPPLIES}, said-by: a", f"{SUPPLIES}, said-by: boss", OWN),
        (SUPPLIES, f"{SUPPLIES}, second-hand: s1", [[("s1", "own-words"), ("s2", "retold")]]),
        (f"{SUPPLIES}, said-by: a", f"{SUPPLIES}, second-hand: s1", [[("s1", "own-words"), ("s2", "retold")]]),
        (f"{SUPPLIES}, second-hand: unseen", f"{SUPPLIES}, second-hand: unseen", [[("s1", "retold"), ("s2", "retold")]]),
        (f"{SUPPLIES}, second-hand: unknown", f"{SUPPLIES}, second-hand: unknown", [[("s1", "untraced"), ("s2", "untraced")]]),
        (f"{SUPPLIES}, second-hand: s2", f"{SUPPLIES}, second-hand: s1", [[("s1", "untraced"), ("s2", "untraced")]]),
    ],
)  # fmt: skip
def test_one_voice_is_one_origin(tmp_path: Path, first: str, other: str, expected: object) -> None:
    """Whoever speaks is the origin, in whatever document; a retelling goes back to what was read, circles included."""
    assert origins(project(tmp_path, first, **second(other))) == expected


def test_the_newspaper_that_repeats_itself_is_one_witness(tmp_path: Path) -> None:
    """Two articles of one publisher, both in its own words."""
    assert len(origins(project(tmp_path, SUPPLIES, **second(SUPPLIES, publisher="paper")))) == 1


@pytest.mark.parametrize("what", ["copy-of: s1", "copy-of: unseen", HASH])
def test_a_copy_is_no_second_witness(tmp_path: Path, what: str) -> None:
    """A copy is told by its description, by the hash of its content; the original need not be seen."""
    first = source("s1", "2021-05", SUPPLIES).replace("kind: article", f"kind: article, {HASH}")
    graph = project(tmp_path, claims__s1_yaml=first, claims__s2_yaml=COPY.format(what))
    assert origins(graph) == [[("s1", "own-words"), ("s2", "copied")]]


def test_a_house_speaks_with_one_voice(tmp_path: Path) -> None:
    """A subsidiary and its parent, a firm and its head."""
    rows = (UNIT, "agent: boss, role: chief-executive, target: b", f"{SUPPLIES}, said-by: boss")
    assert len(origins(project(tmp_path, *rows, **second(f"{SUPPLIES}, said-by: a")))) == 1


def test_what_cannot_be_traced_is_no_witness(tmp_path: Path) -> None:
    """Nor is an editor, who concludes from others."""
    files = {"claims__s3_yaml": source("s3", "2021-07", SUPPLIES, publisher="editor", kind="editor")}
    graph = project(tmp_path, SUPPLIES, **second(f"{SUPPLIES}, second-hand: unknown"), **files)
    assert Origins(graph.world).count_witnesses(graph.world.claims) == 1


@pytest.mark.parametrize(
    ("rows", "footings"),
    [
        ((f"{SUPPLIES}, said-by: insider",), {"one-anonymous"}),
        ((f"{SUPPLIES}, said-by: insider", f"{SUPPLIES}, said-by: second-insider"), set()),
        ((f"{SUPPLIES}, said-by: insider", SUPPLIES), set()),
        ((f"{SUPPLIES}, said-by: a",), {"interested-parties"}),
        ((f"{SUPPLIES}, said-by: b",), set()),
        ((f"{SUPPLIES}, said-by: b", UNIT), {"interested-parties"}),
        ((f"{SUPPLIES}, said-by: boss", "agent: boss, role: board-member, target: a", "agent: boss, role: board-member, target: c"), {"interested-parties"}),
        ((f"{SUPPLIES}, second-hand: unseen",), {"second-hand"}),
        ((f"{SUPPLIES}, second-hand: unseen", f"{SUPPLIES}, said-by: boss"), set()),
        ((f"{SUPPLIES}, said-by: insider, second-hand: unseen",), {"one-anonymous", "second-hand"}),
        ((f"stance: denies, {SUPPLIES}, said-by: a",), set()),
    ],
)  # fmt: skip
def test_footings(tmp_path: Path, rows: tuple[str, ...], footings: set[str]) -> None:
    """What every assertion has in common; ``resting-on`` finds the same."""
    graph = project(tmp_path, *rows)
    answer = graph.query("SELECT ?footing { ?p kg:role role:supplier ; kg:restsOn/skos:notation ?footing }")
    assert {row["footing"] for row in answer} == footings
    asked = {
        str(row["footing"]).rpartition("/")[2] for row in graph.ask("resting-on") if "supplies" in str(row["statement"])
    }
    assert asked == footings
