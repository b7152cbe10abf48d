"""kg add: a row at the end of a claim file, asked for or given, and only after the whole project has been checked."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import kg
from command import run
from kg.commands.desk import completions
from kg.curation.adding import Guide, find_file, open_desk, plan_row, with_row, write_plan
from kg.ingestion.reading import Fault
from kg.model.errors import CheckError, ProjectError, UsageError
from projects import ROOT, make_project, source

GOOD = "agent: a, role: retailer, target: car"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def add(folder: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run kg add on a project."""
    return run("-C", folder, "add", *words, stdin=stdin)


def content(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# ---------------------------------------------------------------- given


def test_a_row_is_appended_and_read_aloud(tmp_path: Path) -> None:
    """One line more in canonical form, its sentence on standard error."""
    folder = make_project(tmp_path, GOOD)
    path = folder / "claims" / "s1.yaml"
    before = path.read_text("utf-8")
    done = add(folder, "note=so, it says", "target=car", "role=design-lead", "agent=b", "modality=planned")
    line = '- {agent: b, role: design-lead, target: car, modality: planned, note: "so, it says"}\n'
    assert (done.returncode, done.stdout) == (0, line)
    assert "The Paper asserts, as a plan: Beta leads the design of Car One" in done.stderr
    assert path.read_text("utf-8") == before + line


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["agent=nobody", "role=retailer", "target=car"], 1, "unknown entity 'nobody'"),
        (["agent=a", "role=retailer", "target=car"], 1, "the same claim as at claims/s1.yaml:3:3"),
        (["agent=a", "role=retailer"], 1, "needs 'target' or 'counterparty'"),
        (["agent"], 2, "'agent' is no KEY=VALUE"),
        (["agent=a", "agent=b"], 2, "stands twice"),
        (["--to", "nowhere", "agent=a"], 2, "no claim file 'nowhere'; there are: claims/s1.yaml"),
        ([], 2, "on a terminal"),
    ],
)
def test_nothing_is_written_on_a_mistake(words: list[str], code: int, said: str, tmp_path: Path) -> None:
    """The mistake is told as kg check tells it, and no file is touched."""
    folder = make_project(tmp_path, GOOD)
    before = content(folder)
    done = add(folder, *words)
    assert (done.returncode, done.stdout, content(folder)) == (code, "", before)
    assert said in done.stderr


@pytest.mark.parametrize("to", ["s2", "s2.yaml", "claims/s2.yaml", "PATH"])
def test_the_file_is_named_by_path_or_name(to: str, tmp_path: Path) -> None:
    """With more than one claim file, --to says which; without it that is asked for."""
    folder = make_project(tmp_path, GOOD, claims__s2_yaml=source("s2", "2021-05", GOOD))
    desk = open_desk(folder)
    wanted = str(folder / "claims" / "s2.yaml") if to == "PATH" else to
    assert find_file(desk, wanted) == "claims/s2.yaml"
    with pytest.raises(UsageError, match="which file"):
        find_file(desk, "")


@pytest.mark.parametrize(
    ("claims", "wanted"),
    [
        ("claims:\n- {a: b}  # c\n# end\n", "claims:\n- {a: b}  # c\n- {n: m}\n# end\n"),
        ("claims:\n  - a: b\n    c: d\n", "claims:\n  - a: b\n    c: d\n  - {n: m}\n"),
        ("claims:\n- {a: b}", "claims:\n- {a: b}\n- {n: m}\n"),
        ("claims:\r\n- {a: b}\r\n", "claims:\r\n- {a: b}\r\n- {n: m}\r\n"),
        ("claims:\n- {a: b,\n   c: d}\nsource: x\n", "claims:\n- {a: b,\n   c: d}\n- {n: m}\nsource: x\n"),
        ("claims:\n", "claims:\n- {n: m}\n"),
    ],
)
def test_the_row_stands_after_the_last_one(claims: str, wanted: str) -> None:
    """However the rows are laid out, nothing else in the file changes."""
    assert with_row(claims, "claims/s1.yaml", "- {n: m}")[0] == wanted


def test_a_list_in_brackets_is_not_touched() -> None:
    """Where a line cannot be appended, that is said, with what to do."""
    with pytest.raises(Fault, match="laid out like this"):
        with_row("claims: [{a: b}]\n", "claims/s1.yaml", "- {n: m}")


def test_a_file_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    """Between check and writing, somebody saved: nothing is written."""
    folder = make_project(tmp_path, GOOD)
    desk = open_desk(folder)
    plan = plan_row(desk, "claims/s1.yaml", {"agent": "b", "role": "retailer", "target": "car"})
    path = folder / "claims" / "s1.yaml"
    path.write_text(path.read_text("utf-8") + "# saved\n", encoding="utf-8")
    before = content(folder)
    with pytest.raises(ProjectError, match="changed meanwhile"):
        write_plan(desk, plan)
    assert content(folder) == before


def test_a_project_with_errors_takes_no_row(tmp_path: Path) -> None:
    """The result must be sound, whoever made the mistake."""
    folder = make_project(tmp_path, "agent: nobody, role: retailer, target: car")
    with pytest.raises(CheckError, match="unknown entity 'nobody'"):
        plan_row(open_desk(folder), "claims/s1.yaml", {"agent": "b", "role": "retailer", "target": "car"})


# ---------------------------------------------------------------- asked for


def guided(folder: Path, *answers: str) -> tuple[dict[str, str], list[str], list[list[str]]]:
    """Answer the questions; return the row, what was said, and which words were offered."""
    waiting, said, offered = list(answers), [], []

    def ask(question: str, words: list[str]) -> str:
        said.append(question)
        offered.append(words)
        return waiting.pop(0)

    row = Guide(open_desk(folder), ask, said.append).row()
    assert not waiting
    return row, said, offered


def test_a_row_is_asked_for_in_the_words_of_the_ontology(tmp_path: Path) -> None:
    """Kind, the key that names it, required keys, one of the ends, then others until Enter."""
    folder = make_project(tmp_path, GOOD)
    row, said, offered = guided(folder, "role", "retailer", "b", "car", "when", "2021-08", "")
    assert row == {"role": "retailer", "agent": "b", "target": "car", "when": "2021-08"}
    assert "  role: An agent plays a role towards a target." in said
    assert "  agent: Who plays the role or does it. One." in said
    assert {"retailer", "design-lead"} <= set(offered[1])
    assert "a" in offered[2]
    assert "car" not in offered[2]  # no agent


def test_names_become_ids_and_mistakes_are_asked_again(tmp_path: Path) -> None:
    """Beta is b; what is not known is answered with who is near; a bad date with what to write."""
    folder = make_project(tmp_path, GOOD)
    row, said, _ = guided(
        folder, "what", "event", "launch", "Car Onne", "Car One", "parties", "Alpha|Beta", "by", "August 2021", "2021-08", ""
    )  # fmt: skip
    assert row == {"event": "launch", "about": "car", "parties": "a|b", "by": "2021-08"}
    assert any(line.startswith("  nothing here is called 'Car Onne'; near: car (Car One)") for line in said)
    assert "  'August 2021' is not a date; write 2021-08" in said


def test_what_a_term_needs_is_asked_for(tmp_path: Path) -> None:
    """A carmaker may have no far end; a figure needs its value; a pointer only the claim that it answers."""
    folder = make_project(tmp_path, GOOD)
    row, said, _ = guided(folder, "role", "carmaker", "a", "", "", "")
    assert row == {"role": "carmaker", "agent": "a"}
    assert "  one of target or counterparty, or neither; Enter goes on to the next" in said
    towards = guided(folder, "role", "carmaker", "a", "car", "")[0]
    assert towards == {"role": "carmaker", "agent": "a", "target": "car"}
    figure = guided(folder, "measure", "units-sold", "car", "6.500 cars", "6500 cars", "")[0]
    assert figure == {"measure": "units-sold", "about": "car", "value": "6500 cars"}
    assert guided(folder, "re", "s1/x", "stance", "denies", "")[0] == {"re": "s1/x", "stance": "denies"}


def test_a_role_narrows_whom_its_keys_may_name(tmp_path: Path) -> None:
    """What the check would refuse is not offered, and where it is typed, its type is told."""
    row, said, offered = guided(make_project(tmp_path, GOOD), "role", "retailer", "b", "Alpha", "car", "")
    assert row == {"role": "retailer", "agent": "b", "target": "car"}
    assert any(line.startswith("  'a' is a firm; the target of this row takes a brand or a product") for line in said)
    assert "a" not in offered[3]


def test_completions_are_the_nearest() -> None:
    """What begins so, else what holds it, else what is near; nothing far off takes the place of what was typed."""
    assert completions("north-o", ["note", "within", "said-by"]) == []
    words = ["huawei", "huawei-stores", "seres", "seres-brand"]
    assert completions("hua", words) == ["huawei", "huawei-stores"]
    assert completions("brand", words) == ["seres-brand"]
    assert completions("huawie", words)[0] == "huawei"


# ---------------------------------------------------------------- on a terminal


CTRL_C = "\x03"


def on_a_terminal(folder: Path, *keys: str) -> tuple[int, str]:
    """Run kg add on a pseudo-terminal, type each line once a question stands there; return exit and screen."""
    pty = pytest.importorskip("pty")
    child, terminal = pty.fork()
    if not child:
        os.execve(sys.executable, [sys.executable, "-m", "kg", "-C", str(folder), "add"], ENVIRONMENT)  # noqa: S606
    screen = ""

    def read_until(done: Callable[[str], bool], *, press_again: bool = False) -> None:
        nonlocal screen
        mark = len(screen)
        while not done(screen[mark:]):
            if press_again and not select.select([terminal], [], [], 2)[0]:
                os.write(terminal, CTRL_C.encode())  # Python can miss one between prompt and reading: press again
            if not select.select([terminal], [], [], 120)[0]:
                os.kill(child, signal.SIGKILL)  # it waits for something that nobody will type
            try:
                screen += os.read(terminal, 4096).decode("utf-8", "replace")
            except OSError:  # the other end is closed
                return

    for key in keys:
        read_until(lambda new: new.replace("\x1b[?2004h", "").endswith(("? ", ": ", "] ")))
        os.write(terminal, key.encode())
    read_until(lambda new: False, press_again=keys[-1] == CTRL_C)
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), screen


def test_on_a_terminal_a_row_is_written_after_a_yes(tmp_path: Path) -> None:
    """Tab completes; the sentence is shown; an answer that is neither yes nor no is asked again; Enter writes."""
    folder = make_project(tmp_path, GOOD)
    code, screen = on_a_terminal(folder, "role\n", "retai\t\n", "Beta\n", "car\n", "\n", "x\n", "\n")
    assert code == 0, screen
    assert "one of: yes, no" in screen
    assert "The Paper asserts: Beta retails Car One" in screen
    assert len(kg.load(folder).world.claims) == 2


@pytest.mark.parametrize(
    "keys", [("role\n", "retailer\n", CTRL_C), ("role\n", "retailer\n", "b\n", "car\n", "\n", "n\n")]
)
def test_on_a_terminal_nothing_is_written_after_ctrl_c_or_no(keys: tuple[str, ...], tmp_path: Path) -> None:
    """Ctrl-C at any question, or no at the last: exit 1, no file touched."""
    folder = make_project(tmp_path, GOOD)
    before = content(folder)
    code, screen = on_a_terminal(folder, *keys)
    assert (code, content(folder)) == (1, before), screen
    assert "nothing was written" in screen
