"""Why a proposition has its verdict: as text, as JSON, for whatever a person names."""

import json
from pathlib import Path

import pytest

import kg
from command import run
from kg.commands.inquiry import explanation_lines
from projects import EXAMPLE, find, make_project, source

BUILD = "pandaily-seres-auto/build"


@pytest.fixture(scope="module")
def seed() -> kg.Graph:
    """Give the example's graph."""
    return kg.load(EXAMPLE)


def test_the_contract_production_of_the_seed(seed: kg.Graph) -> None:
    """It names the unnamed source, the paragraph, the parent's later denial and whose conclusion sets it against."""
    (told,) = seed.why(BUILD).explanations
    (voice,) = told.voices
    assert (voice.speaker, voice.evidence, voice.at) == ("an information source", "unnamed source", "paragraph 3")
    assert (voice.location.file, told.verdict.word) == ("claims/pandaily-seres-auto.yaml", "planned")
    assert told.against == ()
    (against,) = told.beside
    assert (against.voice.speaker, against.voice.stance) == ("Sokon", "denies it")
    assert against.concluded is not None
    assert (against.concluded.speaker, against.concluded.published) == ("Editor of this project", "probably 2022-03")
    assert [(since.known_by, since.verdict) for since in told.history] == [("2021-09-30", "planned")]
    text = "\n".join(explanation_lines(told))
    for words in (
        "an information source (unnamed source) says so, as a plan",
        "paragraph 3",
        "Sokon (official statement) denies it",
        "Editor of this project sets the two against each other",
        "no denial or dispute by a source reaches it, so it stays: planned, in tension, by an editor",
    ):
        assert words in text


@pytest.mark.parametrize(("day", "verdict"), [("2021-12-31", "stated"), ("2022-12-31", "contested")])
def test_as_known_by_a_day(day: str, verdict: str, tmp_path: Path) -> None:
    """The verdict is the one of that day."""
    denial = source("s2", "2022-03", "stance: denies, agent: a, role: retailer, target: car", publisher="b")
    folder = make_project(tmp_path, "id: x, agent: a, role: retailer, target: car", claims__s2_yaml=denial)
    (told,) = kg.load(folder, known_by=day).why("s1/x").explanations
    assert (told.verdict.word, told.known_by) == (verdict, day)


def test_one_thing_by_many_names(seed: kg.Graph) -> None:
    """Handle, hash of the claim or of the proposition, the line's key in a picture, an IRI, file and line."""
    (told,) = seed.why(BUILD).explanations
    claim = next(claim for claim in seed.world.claims if claim.text("id") == "build")
    names = [
        told.id,
        told.id[:8],
        f"{told.id}-0",
        told.iri,
        claim.iri,
        f"proposition:{told.id}",
        f"{told.voices[0].place}",
    ]
    assert all(seed.why(name).explanations == (told,) for name in names)
    assert told in seed.why("seres", "SERES Auto").explanations


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["pandaily-seres-auto/bild"], "did you mean 'pandaily-seres-auto/build'"),
        (["huawei"], "name a second one"),
        (["huawei", "sokn"], "did you mean 'Sokon'"),
        (["ruichi", "tencent"], "no claim names both"),
        (["a", "b", "c"], "two entities"),
    ],
)
def test_what_is_called_nothing(seed: kg.Graph, names: list[str], message: str) -> None:
    """The message says what could be meant."""
    with pytest.raises(kg.UsageError, match=message):
        seed.why(*names)


def test_what_would_change_it_is_what_the_rule_says(tmp_path: Path) -> None:
    """Each change is tried by the rule itself: two denials must both go before the verdict changes."""
    denials = [
        source(f"s{n}", "2021-06", f"stance: denies, agent: a, role: retailer, target: car, said-by: {who}")
        for n, who in ((2, "a"), (3, "b"))
    ]
    folder = make_project(
        tmp_path,
        "id: x, agent: a, role: retailer, target: car, said-by: insider",
        claims__s2_yaml=denials[0],
        claims__s3_yaml=denials[1],
    )
    (told,) = kg.load(folder).why("s1/x").explanations
    assert {change.what: change.verdict for change in told.changes} == {
        "s1/x were taken back": "denied", "everything against it were taken back": "reported",
    }  # fmt: skip


def test_of_two_alike_the_source_is_the_strongest(tmp_path: Path) -> None:
    """A verdict does not rest on the editor's row where a source says the same."""
    row = "agent: a, role: retailer, target: car"
    for first, second in (("paper", "editor"), ("editor", "paper")):
        files = {
            f"claims__{name}_yaml": source(name, "2021-01", row, publisher=who, kind=kind)
            for name, who in (("s1", first), ("s2", second))
            for kind in ["editor" if who == "editor" else "article"]
        }
        graph = kg.load(make_project(tmp_path / first, **files))
        (explained,) = graph.why("a", "car").explanations
        place = "s1" if first == "paper" else "s2"
        assert explained.steps[1] == f"2 of them assert it; the strongest, claims/{place}.yaml:3, alone gives: stated"


def test_finer_words_are_shown(tmp_path: Path) -> None:
    """Who says more says this too, and is named."""
    row = "agent: a, role: retailer, target: car"
    graph = kg.load(
        make_project(tmp_path, row, claims__s2_yaml=source("s2", "2021-06", f"{row}, channel: shop", publisher="b"))
    )
    (told,) = graph.why(find(graph, "Alpha retails Car One").iri).explanations
    assert [voice.statement for voice in told.finer] == ["Alpha retails Car One through Shops"]
    assert [qualifier.word for qualifier in told.qualifiers] == ["corroborated"]


def test_the_command() -> None:
    """Text and JSON; exit 2 for a name that is none."""
    text = run("-C", str(EXAMPLE), "why", BUILD, "--known-by", "2021-12-31")
    assert (text.returncode, "planned:" in text.stdout, "Sokon" in text.stdout) == (0, True, False)
    told = json.loads(run("-C", str(EXAMPLE), "why", "seres", "seres-auto", "--format", "json").stdout)
    assert told["asked"] == ["seres", "seres-auto"]
    assert {explanation["verdict"]["word"] for explanation in told["explanations"]} == {"planned", "reported"}
    assert run("-C", str(EXAMPLE), "why", "nobody/said").returncode == 2


def test_both_holders_are_told_why(tmp_path: Path) -> None:
    """Two brand owners of one time: each side names the other, whichever row comes first."""
    owns = "role: brand-owner, target: brand-a, from: 2018, until: 2021"
    folder = make_project(tmp_path, f"agent: a, {owns}, id: one", f"agent: b, {owns}, id: two")
    for mine, other in (("one", "two"), ("two", "one")):
        said = run("why", f"s1/{mine}", cwd=folder).stdout
        assert "only one can hold this at a time, and claim 1 gives it to another" in said
        assert f"s1/{other}" in said
