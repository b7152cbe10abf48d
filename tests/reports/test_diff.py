"""What is different between two editions: told by what is said, not by where it stands; projects, builds, revisions."""

import json
import random
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kg
from arbitrary import drafts, law, world_of
from command import run
from kg.formats.import_project import records_of
from kg.graph.versions import read_editions
from kg.ingestion.checking.check import check_records
from kg.ingestion.world_rows import world_tables
from kg.judging.verdicts import RULES_VERSION
from kg.reports.diff_page import Line, Redline, redline, redline_page, redline_text
from kg.reports.differences import compare
from projects import EXAMPLE, make_project, source

BUILDS = "agent: a, role: contract-manufacturer, target: car"
FIRST = (f"id: x, {BUILDS}, at: par1", "about: car, measure: units-sold, value: 5 vehicles, when: 2020, at: par2")
DENIAL = f"stance: denies, {BUILDS}, said-by: a, at: par1"


def lines_of(old: Path | str, new: Path | str, project: Path | None = None) -> tuple[Line, ...]:
    """Return the differences of two editions."""
    before, after = read_editions(str(old), str(new), project)
    return redline(before.world, after.world, ("old", "new")).lines


def told(old: Path | str, new: Path | str, project: Path | None = None) -> list[str]:
    """Return them as lines of text, without the first."""
    before, after = read_editions(str(old), str(new), project)
    return list(redline_text(redline(before.world, after.world, ("old", "new"))))[1:]


def changed(tmp_path: Path, *rows: str, **files: str) -> tuple[Line, ...]:
    """Return what is different between the first project and one with other rows."""
    return lines_of(make_project(tmp_path / "old", *FIRST), make_project(tmp_path / "new", *(rows or FIRST), **files))


# ------------------------------------------------------------------ laws


@law
@given(drafts, st.randoms(use_true_random=False))
def test_the_order_of_rows_is_no_difference(draft: Any, order: random.Random) -> None:  # noqa: ANN401
    """A project and the same one shuffled, under another base IRI too: nothing is different but the base."""
    world = world_of(draft)
    tables = world_tables(world)
    for rows in (tables.claims, tables.entities, tables.sources):
        order.shuffle(rows)
    shuffled, problems = check_records(records_of(tables, "t"))
    assert shuffled is not None, problems
    assert not compare(world, shuffled)
    tables.settings["base"] = "https://example.net/elsewhere/"
    moved, _ = check_records(records_of(tables, "t"))
    assert moved is not None
    found = compare(world, moved)
    assert [cell.key for cell in found.settings] == ["base"]
    assert not (found.claims or found.entities or found.sources or found.ontology)


@law
@given(drafts, st.integers(0, 9))
def test_exactly_the_added_claims_are_new(draft: Any, taken: int) -> None:  # noqa: ANN401
    """Without one claim nobody refers to, that claim is new; the other way round it is gone; nothing else is told."""
    world = world_of(draft)
    mentioned = {v.iri for c in world.claims for v in c.proposition.content.values() if hasattr(v, "iri")}
    mentioned |= {iri for claim in world.claims for targets in claim.links.values() for iri in targets}
    free = [claim for claim in world.claims if claim.iri not in mentioned]
    one = free[taken % len(free)]
    less = replace(world, claims=tuple(claim for claim in world.claims if claim is not one))
    for found, side in ((compare(less, world).claims, "new"), (compare(world, less).claims, "gone")):
        assert [claim.iri for claim in getattr(found, side)] == [one.iri]
        assert not found.changed
        assert len(found.new) + len(found.gone) == 1


# ------------------------------------------------------------------ what is told, and how


def test_nothing_is_different(tmp_path: Path) -> None:
    """Rows in another order, and comments."""
    first = make_project(tmp_path / "old", *FIRST)
    assert lines_of(first, make_project(tmp_path / "new", *reversed(FIRST))) == ()
    (tmp_path / "new" / "claims" / "s1.yaml").write_text(
        "# a comment\n" + source("s1", "2021-05", *reversed(FIRST)), encoding="utf-8"
    )
    assert lines_of(first, tmp_path / "new") == ()


def test_a_new_denial_and_the_verdict_that_it_changes(tmp_path: Path) -> None:
    """Both are told: what is thought now, because of whom, and the claim with its place."""
    verdict, claim, document = changed(tmp_path, claims__s2_yaml=source("s2", "2022-03", DENIAL))
    assert (verdict.section, verdict.text) == ("verdicts", "Alpha is the contract manufacturer of Car One")
    assert [(cell.before, cell.after) for cell in verdict.cells] == [("stated", "contested")]
    assert verdict.notes == (
        "new: Alpha, 2022-03, denies it, as a fact: “Alpha is the contract manufacturer of Car One”",
    )
    assert (claim.section, claim.sign) == ("new claims", "+")
    assert claim.notes == (
        "in “Title of s2”, The Paper, 2022-03, paragraph 1  (claims/s2.yaml:3)",
        "its verdict is: contested",
    )
    assert (document.section, document.sign) == ("sources", "+")


@pytest.mark.parametrize(
    ("row", "section", "cells"),
    [
        (f"id: y, {BUILDS}, at: par1", "claims that say the same, written otherwise", [("handle renamed", "x", "y")]),
        (f"id: x, {BUILDS}, at: par7", "claims that say the same, written otherwise", [("place in the source", "par1", "par7")]),
        (f"id: x, {BUILDS}, at: par1, note: why", "claims that say the same, written otherwise", [("note", "", "why")]),
        (f"id: x, {BUILDS}, at: par1, modality: planned", "claims that say something else", [("modality", "actual", "planned")]),
        (f"id: x, {BUILDS}, at: par1, from: 2020", "claims that say something else", [("from", "", "2020")]),
        (f"{BUILDS}, at: par1, from: 2020", "claims that say something else", [("from", "", "2020"), ("handle renamed", "x", "")]),
        (f"id: x, {BUILDS.replace('agent: a', 'agent: b')}, at: par1", "claims that say something else", [("agent", "a", "b")]),
        (f"id: x, {BUILDS}, at: par1, said-by: boss", "claims that say something else", [("said by", "paper", "boss"), ("evidence", "narration", "named-person")]),
    ],
)  # fmt: skip
def test_a_rewritten_claim_is_told_by_what_changed(tmp_path: Path, row: str, section: str, cells: object) -> None:
    """A handle, a typo in a locator, a note: the same claim. A date, a firm, a speaker: it says something else."""
    line = next(line for line in changed(tmp_path, row, FIRST[1]) if line.section != "verdicts")
    assert (line.section, line.sign) == (section, "~")
    assert sorted((cell.key, cell.before, cell.after) for cell in line.cells) == sorted(cells)  # type: ignore[call-overload]


def test_the_handle_of_a_claim_changes_nothing_in_those_that_refer_to_it(tmp_path: Path) -> None:
    """Who disputes x disputes it under another handle."""
    old = make_project(tmp_path / "old", *FIRST, "agent: b, role: carmaker, target: car, disputes: x, at: par3")
    new = make_project(tmp_path / "new", FIRST[0].replace("id: x", "id: y"), FIRST[1], "agent: b, role: carmaker, target: car, disputes: y, at: par3")  # fmt: skip
    (line,) = lines_of(old, new)
    assert [cell.key for cell in line.cells] == ["handle renamed"]


def test_renamed_ids_leave_their_claims_alone(tmp_path: Path) -> None:
    """An entity and a source under other ids are the same, and so is what is said."""
    old = make_project(tmp_path / "old", *FIRST)
    new = make_project(tmp_path / "new")
    shutil.copytree(old, new, dirs_exist_ok=True)
    for file in new.rglob("*.yaml"):
        text = (
            file.read_text("utf-8")
            .replace("\ncar:", "\nauto:")
            .replace("target: car", "target: auto")
            .replace("about: car", "about: auto")
        )
        file.write_text(text.replace("id: s1", "id: s9"), encoding="utf-8")
    found = lines_of(old, new)
    assert [(line.section, line.sign) for line in found] == [("sources", "~"), ("entities", "~")]
    assert [(cell.before, cell.after) for line in found for cell in line.cells] == [("s1", "s9"), ("car", "auto")]


def test_names_settings_and_own_terms(tmp_path: Path) -> None:
    """What is called otherwise, what the project is called, which words are new."""
    old, new = make_project(tmp_path / "old", *FIRST), make_project(tmp_path / "new", *FIRST)
    for file, before, after in (("entities.yaml", "Alpha,", "Alpha Cars,"), ("kg.yaml", "A test", "Another")):
        (new / file).write_text((new / file).read_text("utf-8").replace(before, after), encoding="utf-8")
    (new / "ontology").mkdir()
    term = '@prefix kg: <https://w3id.org/autokg/ns#> .\n<https://example.org/r/tyres> a kg:Role ; <http://www.w3.org/2004/02/skos/core#notation> "tyres" .\n'
    (new / "ontology" / "mine.ttl").write_text(term, encoding="utf-8")
    found = [(line.section, line.sign) for line in lines_of(old, new)]
    assert found == [("entities", "~"), ("settings", "~"), ("ontology", "+")]


# ------------------------------------------------------------------ editions


def git(folder: Path, *words: str) -> None:
    """Run git in a folder."""
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *identity, *words], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Give a project in a folder of a repository: v1 without, v2 with a denial, v3 broken."""
    folder = make_project(tmp_path / "repo" / "projects" / "cars", *FIRST)
    git(tmp_path / "repo", "init", "-q")
    for tag, text in (("v1", ""), ("v2", source("s2", "2022-03", DENIAL)), ("v3", source("s2", "soon", DENIAL))):
        if text:
            (folder / "claims" / "s2.yaml").write_text(text, encoding="utf-8")
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", tag)
        git(folder, "tag", tag)
    (folder / "claims" / "s2.yaml").write_text(source("s2", "2022-03", DENIAL), encoding="utf-8")
    return folder


def test_revisions(repository: Path) -> None:
    """Two tags; one and the project as it is now; a commit counted from another."""
    first = [line.section for line in lines_of("v1", "v2", repository)]
    assert first == ["verdicts", "new claims", "sources"]
    assert [line.section for line in lines_of("HEAD~2", "", repository)] == first
    assert lines_of("v2", "", repository) == ()
    assert lines_of("v2", "HEAD~1", repository) == ()


def test_a_build_is_an_edition(tmp_path: Path) -> None:
    """Its folder, its TriG and its Turtle, with terms of the project's own."""
    folder = make_project(tmp_path / "new", *FIRST)
    (folder / "ontology").mkdir()
    own = '@prefix kg: <https://w3id.org/autokg/ns#> .\n@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n<https://example.org/r/tyres> a kg:Role ; skos:broader <https://w3id.org/autokg/role/supplier> ; skos:notation "tyres" ; skos:prefLabel "tyre supplier"@en .\n'
    (folder / "ontology" / "mine.ttl").write_text(own, encoding="utf-8")
    with (folder / "claims" / "s1.yaml").open("a", encoding="utf-8") as file:
        file.write("- {agent: b, role: tyres, target: car, at: par4}\n")
    kg.build(folder, tmp_path / "build")
    for edition in (tmp_path / "build", tmp_path / "build" / "graph.trig", tmp_path / "build" / "graph.ttl"):
        assert lines_of(edition, folder) == ()


def test_the_seed_and_its_build_are_one(tmp_path: Path) -> None:
    """Nothing is lost on the way out that a comparison would miss."""
    kg.build(EXAMPLE, tmp_path)
    assert lines_of(tmp_path, EXAMPLE) == ()


@pytest.mark.parametrize(
    ("old", "said"),
    [
        ("v9", "no revision of this repository; there are "),
        ("--help", "no revision of this repository"),
        ("v1:projects", "no revision of this repository"),
        ("claims", "no project, build or exported file, and no revision"),
        ("v3", "v3: claims/s2.yaml:1:"),
    ],
)
def test_an_edition_that_is_none(repository: Path, old: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what was looked for; errors of an old revision carry its name."""
    monkeypatch.chdir(repository)
    with pytest.raises(kg.KgError, match=re.escape(said)):
        lines_of(old, "", repository)


def test_before_there_was_a_project(repository: Path) -> None:
    """The folder did not exist at that revision."""
    later = make_project(repository.parent / "later", *FIRST)
    with pytest.raises(kg.UsageError, match=r"at revision 'v1' there is no kg.yaml in later"):
        lines_of("v1", "", later)


def test_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git says so, and so do we."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(kg.UsageError, match="is in no git repository"):
        lines_of("v1", "", make_project(tmp_path, *FIRST))


# ------------------------------------------------------------------ the command and the page


def test_exit_codes(tmp_path: Path, repository: Path) -> None:
    """0 without a difference, 1 with one, 2 where the words are wrong."""
    assert run("-C", str(repository), "diff", "v2").returncode == 0
    some = run("-C", str(repository), "diff", "v1", "--format", "json")
    assert (some.returncode, len(json.loads(some.stdout)["lines"])) == (1, 3)
    assert some.stderr == "1 verdict changed, 1 claim new, 1 source new\n"
    assert run("-C", str(repository), "diff", "nowhere").returncode == 2


def test_the_two_days_hold_for_both_sides(repository: Path) -> None:
    """What was published later than the day is in neither."""
    assert run("-C", str(repository), "diff", "v1", "--known-by", "2021-12").returncode == 0


def test_the_page_holds_no_markup_of_a_world() -> None:
    """Whatever the texts, there is no tag, script or address on it but our own."""
    hostile = '</style><script>alert(1)</script><img src="http://example.org/x">'
    page = redline_page(Redline(hostile, hostile, "", "", (Line(hostile, "+", hostile, (), (hostile,)),)))
    assert "<script" not in page
    assert "<img" not in page
    assert page.count("<style>") == page.count("</style>") == 1
    assert "default-src 'none'" in page


@pytest.mark.parametrize("name", ["graph.ttl", "graph.trig", "graph.nq", "graph.nt", "graph.jsonld", "graph.rdf"])
def test_a_build_tells_by_which_rules_it_was_made(name: str, tmp_path: Path) -> None:
    """One without a version is of the first rules; a project is judged when it is read."""
    made = make_project(tmp_path / "project", *FIRST)
    forms = {"ttl": "turtle", "trig": "trig", "nq": "nquads", "nt": "ntriples", "jsonld": "jsonld", "rdf": "rdfxml"}
    text = kg.load(made).export(forms[name.partition(".")[2]])
    (tmp_path / name).write_text(str(text), "utf-8")
    (tmp_path / f"old-{name}").write_text(str(text).replace("rulesVersion", "another"), "utf-8")
    editions = (
        *read_editions(str(tmp_path / name), str(made), made),
        *read_editions(str(tmp_path / f"old-{name}"), str(made), made),
    )
    assert [edition.rules for edition in editions] == [RULES_VERSION, 0, 1, 0]
