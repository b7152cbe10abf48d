"""``kg test``: questions hold their own answers, and fail in their own words."""

from pathlib import Path

import pytest

import kg
from command import run
from kg.graph.expectations import accept, chosen_questions, try_questions
from projects import EXAMPLE, make_project

ROWS = ("agent: a, role: retailer, target: car, at: par1", "agent: b, role: retailer, target: car, at: par2")
HEAD = "# title: Who retails the car?\n# title@zh: 谁在销售这款车？\n"
SELECT = "SELECT ?who WHERE { ?p kg:role role:retailer ; kg:agent ?who }"
ORDERED = f"{SELECT} ORDER BY ?who"


def project(folder: Path, question: str) -> kg.Graph:
    """Return a project with one question of its own."""
    make_project(folder, *ROWS)
    (folder / "questions").mkdir()
    (folder / "questions" / "shops.rq").write_text(question, encoding="utf-8")
    return kg.load(folder)


@pytest.mark.parametrize(
    ("question", "state", "missing", "surplus"),
    [
        (f"{HEAD}# answer: :a\n# answer: :b\n{ORDERED}", "passed", (), ()),
        (f"{HEAD}# answer: :b\n# answer: :a\n{SELECT}", "passed", (), ()),
        (f"{HEAD}# answer: :b\n# answer: :a\n{ORDERED}", "failed", (), ()),
        (f"{HEAD}# answer: :a\n# answer: :c\n{ORDERED}", "failed", (":c",), (":b",)),
        (f"{HEAD}# answer: :a\n# answer: :a\n# answer: :b\n{ORDERED}", "failed", (":a",), ()),
        (f"{HEAD}# answer: (none)\n{ORDERED}", "failed", (), (":a", ":b")),
        (f"{HEAD}# answer: (none)\n# ORDER BY nothing\n{SELECT.replace('retailer', 'carmaker')}", "passed", (), ()),
        (f"{HEAD}{ORDERED}", "untold", (), ()),
        (f"{HEAD}# answer: yes\nASK {{ ?p kg:agent :a }}", "passed", (), ()),
        (f"{HEAD}# answer: no\nASK {{ ?p kg:agent :a }}", "failed", ("no",), ("yes",)),
        (f"{HEAD}# answer: :a kg:meets :b\nCONSTRUCT {{ :a kg:meets :b }} WHERE {{ ?p kg:agent :a }}", "passed", (), ()),
        (f"{HEAD}# parameter who: entity: whom\n# try: --who b\n# answer: :b\n{ORDERED}", "passed", (), ()),
    ],
)  # fmt: skip
def test_answers_are_compared(tmp_path: Path, question: str, state: str, missing: object, surplus: object) -> None:
    """Row by row and as often; in order where the query orders; yes and no; triples; with the example's parameters."""
    graph = project(tmp_path, question)
    (trial,) = try_questions(graph, chosen_questions(graph, (), shipped=False))
    assert (trial.state, trial.missing, trial.surplus, trial.error) == (state, missing, surplus, "")


@pytest.mark.parametrize(
    ("question", "error"),
    [
        (f"{HEAD}# try: who b\n# answer: :b\n{ORDERED}", "is no call; write it like"),
        (f"{HEAD}# try: --who 'b\n# answer: :b\n{ORDERED}", "cannot be read"),
        (f"{HEAD}# try: --who b\n# answer: :b\n{ORDERED}", "'shops' has no parameter --who"),
        (f"{HEAD}# parameter who: entity: whom\n# try: --who bb\n# answer: :b\n{ORDERED}", "unknown 'bb'"),
        (f"{HEAD}# answer: :a\nSELECT ?who WHERE {{", "expected"),
    ],
)
def test_what_cannot_be_asked_fails(tmp_path: Path, question: str, error: str) -> None:
    """A wrong call or query is a failure of that question, with the reason."""
    graph = project(tmp_path, question)
    (trial,) = try_questions(graph, chosen_questions(graph, (), shipped=False))
    assert trial.state == "failed"
    assert error in trial.error


def test_the_answers_of_now_can_be_accepted(tmp_path: Path) -> None:
    """They replace the old ones behind the call; then the question passes; what came with kg is never written."""
    graph = project(tmp_path, f"{HEAD}# parameter who: entity: whom\n# try: --who b\n# answer: :x\n# why\n{ORDERED}\n")
    trials = try_questions(graph, chosen_questions(graph, ["shops", "oems"], shipped=False))
    assert accept(graph, trials) == [tmp_path / "questions" / "shops.rq"]
    expected = f"{HEAD}# parameter who: entity: whom\n# try: --who b\n# answer: :b\n# why\n{ORDERED}\n"
    assert (tmp_path / "questions" / "shops.rq").read_text("utf-8") == expected


def test_the_command_fails_in_the_words_of_the_question(tmp_path: Path) -> None:
    """In Chinese where that is asked for; with what is missing, and how to ask it oneself."""
    project(tmp_path, f"{HEAD}# answer: :a\n# answer: :c\n{ORDERED}")
    told = run("-C", str(tmp_path), "test", "--lang", "zh")
    assert told.returncode == 1
    assert told.stdout.splitlines() == [
        "FAILED  谁在销售这款车？",
        "        kg ask shops",
        "        expected, but not answered:",
        "          :c",
        "        answered, but not expected:",
        "          :b",
    ]
    assert told.stderr == "1 question: 1 not as expected\n"


def test_without_questions_there_is_nothing_to_test(tmp_path: Path) -> None:
    """That is a failure, with what to do; an unknown name is wrong usage."""
    make_project(tmp_path, *ROWS)
    none = run("-C", str(tmp_path), "test")
    assert (none.returncode, "--shipped asks those that come with kg" in none.stderr) == (1, True)
    unknown = run("-C", str(tmp_path), "test", "oem")
    assert (unknown.returncode, unknown.stderr) == (2, "kg: no question 'oem'; did you mean 'oems'?\n")


def test_the_seed_answers_what_came_with_kg() -> None:
    """Thirty and more questions, each in English and Chinese."""
    graph = kg.load(EXAMPLE)
    trials = try_questions(graph, chosen_questions(graph, (), shipped=True))
    assert len(trials) >= 30
    assert [trial.call for trial in trials if trial.state != "passed"] == []
    assert all({"en", "zh"} <= trial.titles.keys() for trial in trials)
