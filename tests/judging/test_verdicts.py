"""The rule from claims to a verdict."""

import random
from collections import Counter
from pathlib import Path

import pytest

import kg
from projects import EXAMPLE, make_project, source, verdicts


def only_verdict(folder: Path, *rows: str, **files: str) -> str:
    """Return the verdict of the project's one proposition."""
    (verdict,) = set(verdicts(kg.load(make_project(folder, *rows, **files))).values())
    return verdict


BUILDS = "agent: a, role: contract-manufacturer, target: car"


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        (BUILDS, "stated"),
        (f"{BUILDS}, said-by: boss", "stated"),
        (f"{BUILDS}, said-by: insider", "reported"),
        (f"{BUILDS}, second-hand: unseen", "reported"),
        (f"{BUILDS}, second-hand: unknown", "reported"),
        (f"{BUILDS}, modality: planned", "planned"),
        (f"{BUILDS}, modality: target", "planned"),
        (f"{BUILDS}, modality: expected, said-by: insider", "planned"),
        (f"{BUILDS}, if: the price is right", "planned"),
        (f"{BUILDS}, modality: policy", "policy"),
        (f"stance: denies, {BUILDS}", "denied"),
        (f"stance: declines, {BUILDS}", "declined"),
        (f"stance: silent, {BUILDS}", "not-found"),
    ],
)
def test_one_claim(tmp_path: Path, row: str, verdict: str) -> None:
    """One claim gives the verdict of its modality, stance and evidence."""
    assert only_verdict(tmp_path, row) == verdict


def test_the_strongest_claim_counts(tmp_path: Path) -> None:
    """A statement beside a report and a plan makes it stated."""
    second = source("s2", "2021-06", f"{BUILDS}, said-by: boss")
    rows = (f"{BUILDS}, said-by: insider", f"{BUILDS}, modality: planned")
    assert only_verdict(tmp_path, *rows, claims__s2_yaml=second) == "stated"


def test_denied_and_asserted_is_contested(tmp_path: Path) -> None:
    """One asserts, another denies the same."""
    denial = source("s2", "2021-06", f"stance: denies, {BUILDS}, said-by: a")
    assert only_verdict(tmp_path, BUILDS, claims__s2_yaml=denial) == "contested"


def test_a_pointer_denies_the_same_proposition(tmp_path: Path) -> None:
    """``re`` with a stance is another voice on the same content."""
    denial = source("s2", "2021-06", "re: s1/x, stance: denies, said-by: a")
    assert only_verdict(tmp_path, f"id: x, {BUILDS}", claims__s2_yaml=denial) == "contested"


def test_a_denial_of_the_coarser_reaches_the_finer(tmp_path: Path) -> None:
    """Who denies the broader role without counterparty denies the narrower with one, but not another agent's."""
    rows = (f"{BUILDS}, counterparty: b", "agent: c, role: contract-manufacturer, target: car")
    denial = source("s2", "2021-06", "stance: denies, agent: a, role: oem, target: car, said-by: a")
    found = verdicts(kg.load(make_project(tmp_path, *rows, claims__s2_yaml=denial)))
    assert found["Alpha is the contract manufacturer of Car One for Beta"] == "contested"
    assert found["Gamma is the contract manufacturer of Car One"] == "stated"


@pytest.mark.parametrize(
    ("asserted", "denied", "verdict"),
    [
        ("", "territory: china", "stated"),
        ("territory: china", "", "contested"),
        ("", "only: agent", "stated"),
        ("from: 2020, until: 2020", "from: 2021", "stated"),
        ("from: 2020", "from: 2021", "contested"),
        ("counterparty: b", "counterparty: c", "stated"),
    ],
)
def test_the_scope_of_a_denial(tmp_path: Path, asserted: str, denied: str, verdict: str) -> None:
    """A denial reaches only what its own scope and time cover."""
    rows = (", ".join(filter(None, (BUILDS, asserted))), ", ".join(filter(None, (f"stance: denies, {BUILDS}", denied))))
    graph = kg.load(make_project(tmp_path, *rows))
    claim = next(c for c in graph.world.claims if c.stance.notation == "asserts")
    assert graph.judgements[claim.proposition.iri].verdict.notation == verdict


def test_a_denial_of_any_reaches_every_one(tmp_path: Path) -> None:
    """Denying it of any car denies it of this one, and of its variants; both sides are contested."""
    rows = (
        "agent: a, role: model-developer, target: car-x",
        "agent: b, role: model-developer, target: car-x",
        "stance: denies, agent: a, role: model-developer, target: any-car",
    )
    found = verdicts(kg.load(make_project(tmp_path, *rows)))
    assert found["Alpha develops Car One X"] == "contested"
    assert found["Beta develops Car One X"] == "stated"
    assert found["Alpha develops any car"] == "contested"


def test_a_dispute_contests_the_disputed(tmp_path: Path) -> None:
    """The claim spoken against, and the one that speaks."""
    other = source("s2", "2021-06", "agent: b, role: contract-manufacturer, target: car, said-by: b, disputes: s1/x")
    found = verdicts(kg.load(make_project(tmp_path, f"id: x, {BUILDS}", claims__s2_yaml=other)))
    assert found["Alpha is the contract manufacturer of Car One"] == "contested"
    assert found["Beta is the contract manufacturer of Car One"] == "contested"


@pytest.mark.parametrize(
    "row",
    [
        "subject: s1/y, relation: in-tension-with, object: s1/x",
        f"stance: denies, {BUILDS}",
        "re: s1/x, disputes: s1/x, stance: silent",
    ],
)
def test_an_editor_contests_nothing(row: str, tmp_path: Path) -> None:
    """What an editor sets against a claim, denies or disputes is in tension, and the editor is named."""
    rows = (f"id: x, {BUILDS}", "id: y, agent: a, role: parts-supplier, counterparty: b, modality: policy")
    editor = source("ed", "2021-05", row, publisher="editor", kind="editor")
    graph = kg.load(make_project(tmp_path, *rows, claims__ed_yaml=editor))
    x = next(claim for claim in graph.world.claims if claim.text("id") == "x")
    judgement = graph.judgements[x.proposition.iri]
    assert (judgement.verdict.notation, judgement.oppositions) == ("stated", ())
    assert [term.notation for term in judgement.qualifiers if term.notation == "in-tension"] == ["in-tension"]
    (pair,) = judgement.beside
    assert graph.judge.by_iri[pair.said_in].source.id == "ed"
    assert "editor" in graph.why("s1/x").explanations[0].steps[-1]
    assert "kg:contractManufacturerOf" not in graph.export("turtle", flat="cautious")


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        (
            "agent: a, role: brand-owner, target: brand-a, from: 2019",
            "agent: b, role: brand-owner, target: brand-a, from: 2020",
            "contested",
        ),
        ("agent: a, role: brand-owner, target: brand-a", "agent: b, role: brand-owner, target: brand-a", "stated"),
        (
            "agent: a, role: brand-owner, target: brand-a, until: 2020",
            "agent: b, role: brand-owner, target: brand-a, from: 2021",
            "stated",
        ),
        (BUILDS, "agent: b, role: contract-manufacturer, target: car", "stated"),
    ],
)
def test_what_only_one_can_hold(tmp_path: Path, first: str, second: str, verdict: str) -> None:
    """Two holders of an exclusive role at one time contest each other; one after the other does not."""
    found = verdicts(kg.load(make_project(tmp_path, first, second)))
    assert set(found.values()) == {verdict}
    assert len(found) == 2


def test_alone_contests_the_others(tmp_path: Path) -> None:
    """Who is said to do it alone contests everybody else who is said to do it."""
    rows = (f"{BUILDS}, only: agent, from: 2019", "agent: b, role: contract-manufacturer, target: car, from: 2020")
    found = verdicts(kg.load(make_project(tmp_path, *rows)))
    assert set(found.values()) == {"contested"}
    assert len(found) == 2


@pytest.mark.parametrize(
    ("link", "verdict"), [("corrects", "corrected"), ("supersedes", "superseded"), ("retracts", "retracted")]
)
def test_an_ended_claim_no_longer_counts(tmp_path: Path, link: str, verdict: str) -> None:
    """A corrected, overtaken or retracted claim leaves the verdict to what remains."""
    later = source("s2", "2021-06", f"agent: b, role: contract-manufacturer, target: car, {link}: s1/x")
    found = verdicts(kg.load(make_project(tmp_path, f"id: x, {BUILDS}", claims__s2_yaml=later)))
    assert found["Alpha is the contract manufacturer of Car One"] == verdict


def test_a_retraction_can_be_retracted(tmp_path: Path) -> None:
    """What a retracted claim retracted counts again."""
    second = source("s2", "2021-06", "id: y, agent: b, role: retailer, target: car, retracts: s1/x")
    third = source("s3", "2021-07", "agent: c, role: retailer, target: car, retracts: s2/y")
    graph = kg.load(make_project(tmp_path, f"id: x, {BUILDS}", claims__s2_yaml=second, claims__s3_yaml=third))
    assert verdicts(graph)["Alpha is the contract manufacturer of Car One"] == "stated"


def test_the_verdict_depends_on_the_set_only(tmp_path: Path) -> None:
    """Shuffled rows give the same graph, byte for byte."""
    text = (EXAMPLE / "claims" / "pandaily-seres-auto.yaml").read_text("utf-8")
    head, _, rows = text.partition("claims:\n")
    lines = rows.splitlines(keepends=True)
    random.Random(7).shuffle(lines)
    for path in EXAMPLE.rglob("*.yaml"):
        copy = tmp_path / path.relative_to(EXAMPLE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text("utf-8"), encoding="utf-8")
    (tmp_path / "claims" / "pandaily-seres-auto.yaml").write_text(head + "claims:\n" + "".join(lines), encoding="utf-8")
    assert kg.load(tmp_path).export("trig") == kg.load(EXAMPLE).export("trig")


def test_the_seed() -> None:
    """Every role on SERES Auto is planned, reported or contested by a source; what Huawei denied is denied."""
    graph = kg.load(EXAMPLE)
    target = graph.world.entities["seres-auto"].iri
    on_it = [p for p in graph.world.propositions if getattr(p.content.get("target"), "iri", "") == target]
    assert len(on_it) == 9
    told = [graph.judgements[p.iri].verdict.notation for p in on_it]
    assert Counter(told) == {"planned": 6, "contested": 2, "reported": 1}
    assert verdicts(graph)["Huawei as carmaker alone"] == "denied"


def test_a_denial_without_an_agent_reaches_an_assertion_with_one(tmp_path: Path) -> None:
    """Nobody launched it, says one; somebody did, says another."""
    rows = ("stance: denies, event: launch, about: car", "event: launch, about: car, agent: a")
    assert sorted(verdicts(kg.load(make_project(tmp_path, *rows))).values()) == ["contested", "contested"]


@pytest.mark.parametrize("stance", ["declines", "silent"])
def test_only_what_is_said_can_be_contested(stance: str, tmp_path: Path) -> None:
    """A dispute with the silence of another contests nothing; one that comments on nothing else contests what it names."""
    shop = "agent: b, role: retailer, target: car"
    disputed = f"{BUILDS}, stance: {stance}, id: one", f"{shop}, disputes: one"
    assert set(verdicts(kg.load(make_project(tmp_path / "a", *disputed))).values()) == {
        "stated",
        {"declines": "declined", "silent": "not-found"}[stance],
    }
    disputing = f"{BUILDS}, id: one", f"{shop}, stance: {stance}, disputes: one"
    graph = kg.load(make_project(tmp_path / "b", *disputing))
    assert sorted(verdicts(graph).values()) == sorted(
        ["contested", {"declines": "declined", "silent": "not-found"}[stance]]
    )
    assert sum("opposes" in quad[2] for quad in graph.quads) == 1
