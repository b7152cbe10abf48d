"""docs/problems.md: a section for every code, with a line that really causes it and the line mended."""

import re
import shutil
from pathlib import Path

import pytest

import kg

ROOT = Path(__file__).parents[2]
BAD = ROOT / "tests" / "data" / "bad"
CONFLICTS = {"KG401": ROOT / "tests" / "data" / "conflicts" / "shares-above-hundred"}  # held to it in test_conflicts
PAGE = (ROOT / "docs" / "problems.md").read_text("utf-8")
SECTIONS = {
    match[1]: match[2]
    for match in re.finditer(
        r"^## (KG\d{3}): .+\n((?:(?!## |# (?:Files|Words|Values|Advice|Conflicts)$).*\n)*)", PAGE, re.MULTILINE
    )
}
USED = {code for file in (ROOT / "kg").rglob("*.py") for code in re.findall(r"\bKG\d{3}\b", file.read_text("utf-8"))}


def examples(code: str) -> list[str]:
    """Return what stands in a section's code blocks."""
    return re.findall(r"^```\w+\n(.*?)^```", SECTIONS[code], re.MULTILINE | re.DOTALL)


def test_every_code_has_a_section_and_every_section_a_code() -> None:
    """What the check can say is explained; what it cannot say any more is gone."""
    assert set(SECTIONS) == USED
    assert list(SECTIONS) == sorted(SECTIONS)
    assert len(re.findall(r"^## ", PAGE, re.MULTILINE)) == len(SECTIONS)


@pytest.mark.parametrize("code", SECTIONS)
def test_a_section_says_what_it_means(code: str) -> None:
    """A sentence or more, the wrong line, the right one, and they differ."""
    words = SECTIONS[code].partition("```")[0]
    assert words.strip().endswith((".", ")"))
    wrong, right = examples(code)
    assert wrong != right


@pytest.mark.parametrize("code", SECTIONS)
def test_the_wrong_line_causes_the_code(code: str) -> None:
    """The example stands in a seeded mistake whose expected lines have the code."""
    wrong = examples(code)[0]
    folders = [
        folder
        for folder in BAD.iterdir()
        if folder.name != "base" and f" {code}: " in (folder / "expected.txt").read_text("utf-8")
    ]
    folders += [CONFLICTS[code]] if code in CONFLICTS else []
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file() and file.name != "expected.txt"]
    texts = [file.read_text("utf-8", "replace") for file in files]
    assert any(wrong in text for text in texts)


@pytest.mark.parametrize("code", SECTIONS)
def test_the_right_line_does_not(code: str, tmp_path: Path) -> None:
    """The mended line, in a sound project, does not cause the code."""
    shutil.copytree(BAD / "base", tmp_path, dirs_exist_ok=True)
    right = examples(code)[1]
    head = "source: {id: daily-1, title: A, publisher: daily, published: 2021-09-01}\n"
    row = "- {id: lead, agent: aurora, role: planning-lead, target: a5, at: par1}\n"
    entities = (BAD / "base" / "entities.yaml").read_text("utf-8")
    files = {
        "- {": ("claims/x.yaml", f"{head}claims:\n{row}{right}"),
        "  note": ("claims/x.yaml", f"{head}claims:\n- agent: aurora\n  role: sales-lead\n  target: a5\n{right}"),
        "source: ": ("claims/x.yaml", f"{right}claims:\n{row}"),
        "defaults": ("claims/x.yaml", f"{head}{right}claims:\n{row}"),
        "source,": ("claims/x.csv", f"{right}base-1,aurora,planning-lead,a5,par1\n"),
        "base-1,": ("claims/x.csv", f"source,agent,role,target,at\n{right}"),
        "<https:": ("ontology/mine.ttl", right),
        "encoding": ("kg.yaml", (BAD / "base" / "kg.yaml").read_text("utf-8") + right),
    }
    name, text = next((file for begin, file in files.items() if right.startswith(begin)), ("", ""))
    (tmp_path / "ontology").mkdir()
    (tmp_path / (name or "entities.yaml")).write_text(text or entities.replace(right, "") + right, encoding="utf-8")
    problems = kg.check(tmp_path)
    assert [str(problem) for problem in problems if problem.code == code] == []
    allowed = {"KG007": {"KG208"}}.get(code, set())
    assert {problem.code for problem in problems if problem.severity == "error"} <= allowed
