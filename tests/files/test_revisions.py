"""When a row was written and changed, as git has it."""

import subprocess
from pathlib import Path

import pytest

import kg
from command import run
from kg.model.errors import ProjectError
from projects import make_project

ROW = "id: x, agent: a, role: retailer, target: car"


def git(folder: Path, *words: str) -> None:
    """Run git with a name and no settings of this machine."""
    named = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *named, *words], check=True, capture_output=True)


def commit(folder: Path, subject: str) -> None:
    """Commit everything."""
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", subject)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a project in a folder of a repository, whose one row was changed once and then moved down."""
    folder = make_project(tmp_path / "deep" / "here", ROW)
    git(tmp_path, "init", "-q")
    commit(folder, "Begin")
    make_project(folder, f"{ROW}, at: par2")
    commit(folder, "Where it stands")
    make_project(folder, "agent: b, role: retailer, target: car", f"{ROW}, at: par2")
    commit(folder, "One more")
    return folder


def test_a_row_is_followed_through_its_changes(project: Path) -> None:
    """Each commit that touched the row, the last first, with what it was and became; others not."""
    ((voice, found),) = kg.load(project).history("s1/x")
    assert voice.id == "s1/x"
    assert [(revision.subject, revision.who) for revision in found] == [("Where it stands", "Ann"), ("Begin", "Ann")]
    assert (found[0].before, found[0].after) == (f"- {{{ROW}}}", f"- {{{ROW}, at: par2}}")
    assert (found[1].before, found[1].after) == ("", f"- {{{ROW}}}")


def test_a_row_that_moved_since_the_last_commit_is_found(project: Path) -> None:
    """Rows above it may be new; the row itself must be committed."""
    make_project(
        project, "agent: c, role: retailer, target: car", "agent: b, role: retailer, target: car", f"{ROW}, at: par2"
    )
    ((_, found),) = kg.load(project).history("s1/x")
    assert found[-1].subject == "Begin"
    make_project(project, f"{ROW}, at: par3")
    with pytest.raises(ProjectError, match=r"claims/s1.yaml:3 is not committed as it stands"):
        kg.load(project).history("s1/x")


def test_a_row_that_only_moved_has_not_changed(project: Path) -> None:
    """A file that is put in another order changes none of its rows, though git sees lines come and go."""
    others = [
        f"agent: {who}, role: {role}, target: car" for who in "bc" for role in ("lead", "carmaker", "co-developer")
    ]
    make_project(project, *others, f"{ROW}, at: par2")
    commit(project, "More")
    make_project(project, f"{ROW}, at: par2", *others[::-1])
    commit(project, "Another order")
    ((_, found),) = kg.load(project).history("s1/x")
    assert [revision.subject for revision in found] == ["Where it stands", "Begin"]


def test_without_a_repository_the_message_says_so(tmp_path: Path) -> None:
    """No repository, or nothing committed in it yet."""
    folder = make_project(tmp_path, ROW)
    with pytest.raises(ProjectError, match="is in no git repository"):
        kg.load(folder).history("s1/x")
    git(folder, "init", "-q")
    with pytest.raises(ProjectError, match="not committed yet"):
        kg.load(folder).history("s1/x")


def test_the_command(project: Path) -> None:
    """A reader sees the claim, then the commits."""
    told = run("-C", project, "history", "s1/x")
    assert told.returncode == 0
    assert told.stdout.startswith("“Alpha retails Car One”\n")
    assert f"  was - {{{ROW}}}\n  now - {{{ROW}, at: par2}}\n" in told.stdout
    assert '"subject": "Begin"' in run("-C", project, "history", "s1/x", "--format", "json").stdout
