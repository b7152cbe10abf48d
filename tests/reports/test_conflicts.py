"""Contradictions: every rule finds what it should and nothing else, both sides are told, nothing goes away."""

import json
import re
import shutil
from pathlib import Path

import pytest

import kg
from command import run
from kg.commands.inquiry import conflict_lines
from kg.graph.loading import check_files
from kg.model.errors import ProjectError
from kg.reports.conflicts import Rule, read_rule, read_rules
from projects import EXAMPLE, ROOT, make_project, source

CASES = ROOT / "tests" / "data" / "conflicts"
RULES = {rule.name: rule for rule in read_rules(ROOT / "none")}
BUILDS = "agent: a, role: contract-manufacturer, target: car"


def project(folder: Path, name: str, case: str) -> Path:
    """Lay out a case: its claims with the entities that all cases share."""
    shutil.copytree(CASES / "base", folder, dirs_exist_ok=True)
    (folder / "claims").mkdir()
    shutil.copy(CASES / name / f"{case}.yaml", folder / "claims")
    return folder


@pytest.mark.parametrize("name", RULES)
def test_a_rule_finds_its_case_and_names_two_claims(name: str, tmp_path: Path) -> None:
    """The positive example gives one conflict of this rule, at two places of the file."""
    found = [conflict for conflict in kg.load(project(tmp_path, name, "yes")).conflicts() if conflict.rule == name]
    (conflict,) = found
    assert {conflict.one.location.file, conflict.other.location.file} == {"claims/yes.yaml"}
    assert conflict.one.location != conflict.other.location


@pytest.mark.parametrize("name", RULES)
def test_a_rule_leaves_its_neighbour_alone(name: str, tmp_path: Path) -> None:
    """The negative example, which differs by what the rule allows for, gives none."""
    assert name not in {conflict.rule for conflict in kg.load(project(tmp_path, name, "no")).conflicts()}


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_a_rule_has_titles(rule: Rule) -> None:
    """An English one, and a Chinese one; it is no query."""
    assert rule.title == rule.titles["en"]
    assert re.search(r"[\u4e00-\u9fff]", rule.titles["zh"])
    assert not rule.sparql


def test_every_case_has_a_rule() -> None:
    """A folder of cases per rule, no more."""
    assert {path.name for path in CASES.iterdir()} == {*RULES, "base"}


def test_a_project_can_put_a_query_in_place_of_a_rule(tmp_path: Path) -> None:
    """A file of the rule's name wins."""
    folder = project(tmp_path, "two-values", "yes")
    assert [conflict.rule for conflict in kg.load(folder).conflicts()] == ["two-values"]
    (folder / "conflicts").mkdir()
    text = "# title: None\n# severity: none\nSELECT ?one ?other { ?one kg:asserts ?other, kg:nothing }\n"
    (folder / "conflicts" / "two-values.rq").write_text(text, encoding="utf-8")
    assert kg.load(folder).conflicts() == []


def test_shares_of_one_holder_are_not_added_up(tmp_path: Path) -> None:
    """Two figures for one holder are two shares, not two holdings."""
    rows = (
        "agent: a, role: shareholder, target: c, share: 60%",
        "agent: a, role: shareholder, target: c, share: 70%",
        "agent: b, role: shareholder, target: c, share: 40%",
    )
    assert [c.rule for c in kg.load(make_project(tmp_path, *rows)).conflicts()] == ["two-shares"]


def test_an_undated_share_does_not_bring_two_times_together(tmp_path: Path) -> None:
    """A plan without a day is no day on which the first and the second holding meet; without any day, all meet."""
    plan = "agent: b, role: shareholder, target: c, share: 20%, modality: planned"
    dated = (
        "agent: a, role: shareholder, target: c, share: 100%, when: 2020",
        "agent: b, role: shareholder, target: c, share: 10%, when: 2021",
    )
    assert kg.load(make_project(tmp_path / "one", plan, *dated)).conflicts() == []
    undated = (
        "agent: a, role: shareholder, target: c, share: 95%",
        "agent: b, role: shareholder, target: c, share: 10%",
    )
    (conflict,) = kg.load(make_project(tmp_path / "two", plan, *undated)).conflicts()
    assert conflict.rule == "shares-above-hundred"


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        (("subject: b, relation: successor-of, object: a, from: 2021", "agent: a, role: retailer, target: car, from: 2022"), "used-after-end"),
        (("event: renaming, about: a, old-name: Omega, name: Alpha, when: 2020", "agent: a, role: retailer, target: car, from: 2021, term: Omega"), "old-name"),
        (("event: founding, about: b, when: 2021-03", "agent: a, role: retailer, target: car, counterparty: b, until: 2020"), "outside-life"),
    ],
)  # fmt: skip
def test_other_ways_to_outlive(rows: tuple[str, ...], rule: str, tmp_path: Path) -> None:
    """A successor, an old name, a counterparty that was not there yet."""
    assert [c.rule for c in kg.load(make_project(tmp_path, *rows)).conflicts()] == [rule]


def test_a_role_outside_a_life_is_told_once_with_every_claim(tmp_path: Path) -> None:
    """Told by two papers, of times as exact as each has them, against two tellings of the founding: one conflict."""
    rows = (
        "event: founding, about: b, when: 2021-03",
        "agent: b, role: retailer, target: car, until: 2020",
        "agent: b, role: retailer, target: car, until: 2020-06",
        "agent: b, role: retailer, target: car-x, until: 2020-06",
    )
    later = source("s2", "2021-06", "event: founding, about: b, when: 2021-03-08", rows[1], publisher="a")
    graph = kg.load(make_project(tmp_path, *rows, claims__s2_yaml=later))
    one, other = sorted(graph.conflicts(), key=lambda conflict: conflict.pairs)
    assert (one.pairs, len(one.more)) == (2, 1)
    assert (other.pairs, len(other.more)) == (6, 3)
    told = sorted(problem.message for problem in kg.check(graph.folder))
    assert len(told) == 2
    places = {f"claims/s1.yaml:{line}" for line in (3, 4, 5)} | {"claims/s2.yaml:3", "claims/s2.yaml:4"}
    named = {place for message in told for place in places if place in message}
    assert named | {str(problem.location).rsplit(":", 1)[0] for problem in kg.check(graph.folder)} >= places


def test_an_ended_claim_conflicts_with_nothing(tmp_path: Path) -> None:
    """What was taken back no longer counts, in any rule."""
    row = "about: car, measure: units-sold, when: 2021-03"
    later = source("s2", "2021-06", f"{row}, value: 7 vehicles, corrects: s1/x")
    graph = kg.load(make_project(tmp_path, f"id: x, {row}, value: 5 vehicles", claims__s2_yaml=later))
    assert graph.conflicts() == []


def test_check_tells_of_it_once_with_both_places(tmp_path: Path) -> None:
    """Severity, code, rule, both statements, the other place; ``--watch`` leaves it out."""
    folder = project(tmp_path, "shares-above-hundred", "yes")
    (problem,) = kg.check(folder)
    assert (problem.severity, problem.code) == ("warning", "KG401")
    assert "[shares-above-hundred]" in problem.message
    assert f"at claims/yes.yaml:{7 - problem.location.line}," in problem.message
    assert problem.message.endswith("110 % together")
    assert check_files(folder) == []


@pytest.mark.parametrize("relation", ["compatible-with", "preferred-to"])
def test_a_settled_conflict_is_kept_and_no_longer_told(relation: str, tmp_path: Path) -> None:
    """``kg check`` is silent, ``kg conflicts --all`` shows who settled it, and why; the verdict stays."""
    denial = source("s2", "2021-06", f"id: y, stance: denies, {BUILDS}", publisher="b")
    editor = source(
        "ed",
        "2021-06",
        f'subject: s2/y, relation: {relation}, object: s1/x, note: "he speaks of 2019"',
        publisher="editor",
        kind="editor",
    )
    folder = make_project(tmp_path, f"id: x, {BUILDS}", claims__s2_yaml=denial, claims__ed_yaml=editor)
    assert kg.check(folder) == []
    (conflict,) = kg.load(folder).conflicts()
    assert conflict.settled is not None
    assert "    settled by Editor, 2021-06: he speaks of 2019  (claims/ed.yaml:3)" in list(conflict_lines([conflict]))
    shown = run("-C", folder, "conflicts")
    assert (shown.stdout, shown.stderr) == ("", "0 conflicts, and 1 settled (--all shows them)\n")
    assert "settled by Editor" in run("-C", folder, "conflicts", "--all").stdout


def test_a_retracted_settlement_settles_nothing(tmp_path: Path) -> None:
    """The editor's claim is a claim: it can be taken back."""
    denial = source("s2", "2021-06", f"id: y, stance: denies, {BUILDS}", publisher="b")
    editor = source(
        "ed",
        "2021-06",
        "id: z, subject: s2/y, relation: compatible-with, object: s1/x",
        publisher="editor",
        kind="editor",
    )
    later = source(
        "ed2",
        "2021-07",
        "stance: silent, agent: a, role: retailer, target: car, retracts: ed/z",
        publisher="editor",
        kind="editor",
    )
    folder = make_project(
        tmp_path, f"id: x, {BUILDS}", claims__s2_yaml=denial, claims__ed_yaml=editor, claims__ed2_yaml=later
    )
    (conflict,) = kg.load(folder).conflicts()
    assert conflict.settled is None


def test_the_seed_clashes_with_itself() -> None:
    """The car outsells its parent; what an editor compared is listed with the reason."""
    found = kg.load(EXAMPLE).conflicts()
    (clash,) = [conflict for conflict in found if conflict.rule == "part-above-whole"]
    assert clash.one.statement.startswith("SERES SF5, vehicles sold: over 6500")
    assert (clash.other.location.file, clash.pairs) == ("claims/pandaily-sokon-august.yaml", 2)
    assert all(conflict.concluded and conflict.concluded.note for conflict in found if conflict.rule == "set-against")
    told = json.loads(run("-C", EXAMPLE, "conflicts", "--format", "json").stdout)
    assert [conflict["rule"] for conflict in told] == [conflict.rule for conflict in found]


def test_known_by_hides_what_was_not_published() -> None:
    """Before the parent spoke, nothing stands against the contract production."""
    found = kg.load(EXAMPLE, known_by="2021-12-31").conflicts()
    assert not any("sokon-not-foundry" in side.source for conflict in found for side in (conflict.one, conflict.other))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT ?one ?other {}", "has no title"),
        ("# title: x\nSELECT ?one ?other {}", "# severity"),
        ("# title: x\n# severity: fatal\nSELECT ?one ?other {}", "# severity"),
    ],
)
def test_a_rule_that_is_none(text: str, message: str) -> None:
    """The message names the file and what is missing."""
    with pytest.raises(ProjectError, match=f"conflicts/mine.rq.*{message}"):
        read_rule("mine", text)


def test_a_project_has_rules_of_its_own(tmp_path: Path) -> None:
    """Files in ``conflicts/`` run with the others; one that selects no claims is an error."""
    text = "# title: Everything is suspicious\n# severity: warning\nSELECT ?one ?other { ?one kg:asserts ?p . ?other kg:asserts ?q FILTER(STR(?p) < STR(?q)) }\n"
    folder = make_project(tmp_path, BUILDS, "agent: b, role: retailer, target: car")
    (folder / "conflicts").mkdir()
    (folder / "conflicts" / "mine.rq").write_text(text, encoding="utf-8")
    assert [problem.severity for problem in kg.check(folder)] == ["warning"]
    (folder / "conflicts" / "mine.rq").write_text(text.replace("?one ?other {", "?p ?q {"), encoding="utf-8")
    with pytest.raises(ProjectError, match="does not select"):
        kg.check(folder)


@pytest.mark.parametrize(("content", "said"), [(b"\xff\xfe", "not UTF-8"), (b"SELECT ?one ?other {}", "has no title")])
def test_a_rule_that_cannot_be_read(tmp_path: Path, content: bytes, said: str) -> None:
    """A project's own rule is read like its claims: told by name, no traceback."""
    folder = make_project(tmp_path, "agent: a, role: retailer, target: car")
    (folder / "conflicts").mkdir()
    (folder / "conflicts" / "mine.rq").write_bytes(content)
    with pytest.raises(kg.ProjectError, match=said):
        kg.load(folder).conflicts()


def test_a_rule_outside_the_project_is_not_read(tmp_path: Path) -> None:
    """A link leads nowhere."""
    (tmp_path / "secret").write_text("# title: Secret", encoding="utf-8")
    folder = make_project(tmp_path / "project", "agent: a, role: retailer, target: car")
    (folder / "conflicts").mkdir()
    (folder / "conflicts" / "mine.rq").symlink_to(tmp_path / "secret")
    with pytest.raises(kg.ProjectError, match="lies outside the project"):
        kg.load(folder).conflicts()
