"""kg fmt: one form for every file, comments kept, meaning unchanged, a second run changes nothing."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_laws import TEXT, Row, distinct, projects, quoted, write_yaml

import kg
from arbitrary import law
from command import run
from kg.curation.formatting import Doubt, Outcome, format_files, format_text
from kg.model.ontology import read_ontology
from projects import EXAMPLE, ROOT, make_project

HEAD = "source: {id: s1, title: T, publisher: paper, published: 2021-05}\n"
ONTOLOGY = read_ontology({}, [])
EXAMPLES = sorted(path.parent.relative_to(ROOT).as_posix() for path in ROOT.glob("examples/*/kg.yaml"))


def fmt(rows: str, head: str = HEAD) -> str:
    """Return the canonical form of the rows of a claim file."""
    return format_text("claims/s1.yaml", head + "claims:\n" + rows, ONTOLOGY).partition("claims:\n")[2]


def without_comments(text: str) -> str:
    """Drop whole-line comments and empty lines."""
    return re.sub(r"(?m)^\s*(#.*)?\n", "", text)


def graph_of(folder: Path) -> str:
    """Return what a project says, byte for byte."""
    return kg.load(folder).export("trig")


# ---------------------------------------------------------------- the form


def test_keys_stand_in_the_order_of_the_ontology_and_rows_in_that_of_the_source() -> None:
    """Handle and stance first, content, then who says it; title before par2 before par10, no place last."""
    rows = (
        "- {at: par10, target: car, role: retailer, agent: a}\n"
        "- {agent: c, role: retailer, target: car}\n"
        "- {note: why, at: par2, agent: b, said-by: boss, role: retailer, target: car, stance: denies, id: x}\n"
        "- { event: launch,   about: car, at: title }\n"
    )
    assert fmt(rows) == (
        "- {event: launch, about: car, at: title}\n"
        '- {id: x, stance: denies, agent: b, role: retailer, target: car, said-by: boss, at: par2, note: "why"}\n'
        "- {agent: a, role: retailer, target: car, at: par10}\n"
        "- {agent: c, role: retailer, target: car}\n"
    )


def test_blocks_become_lines_and_a_source_a_block() -> None:
    """However the rows were laid out, a row is a flow map, and a source a line a key."""
    text = "claims:\n- agent: a\n  role: 'retailer'\n  target: car\nsource: {publisher: paper, id: s1,\n title: 'T: U', published: 2021}\n"
    assert format_text("claims/s1.yaml", text, ONTOLOGY) == (
        'source:\n  id: s1\n  title: "T: U"\n  publisher: paper\n  published: 2021\n'
        "claims:\n- {agent: a, role: retailer, target: car}\n"
    )


def test_defaults_stay() -> None:
    """Defaults are kept as such, between source and claims."""
    text = (
        f"defaults: {{at: body, said-by: boss}}  # for all\n{HEAD}claims: [{{agent: a, role: retailer, target: car}}]\n"
    )
    formatted = format_text("claims/s1.yaml", text, ONTOLOGY)
    assert "defaults:  # for all\n  said-by: boss\n  at: body\nclaims:\n- {agent" in formatted


def test_entities_and_settings_have_a_form_too() -> None:
    """Entities by type and id, type and names first; settings in their order."""
    text = "c: {en: C, type: model}\nb:\n  note: n\n  zh: 乙\n  en: Beta\n  type: firm\nd: {en: D, type: firm}\n"
    entities = 'b: {type: firm, en: Beta, zh: 乙, note: "n"}\nd: {type: firm, en: D}\nc: {type: model, en: C}\n'
    assert format_text("entities.yaml", text, ONTOLOGY) == entities
    assert format_text("kg.yaml", "base:  http://x/\ntitle: 'T'\n", ONTOLOGY) == "title: T\nbase: http://x/\n"


# ---------------------------------------------------------------- comments


def test_a_comment_goes_with_the_row_that_follows_it() -> None:
    """Above stays above, behind stays behind, in a wrapped row goes above it, after the last row stays last."""
    rows = (
        "# about two\n- {agent: b, role: retailer, target: car, at: par2}   # behind two\n"
        "# about one\n# more\n- {agent: a,  # inside one\n   role: retailer, target: car, at: par1}\n# the end\n"
    )
    assert fmt(rows) == (
        "# about one\n# more\n# inside one\n- {agent: a, role: retailer, target: car, at: par1}\n"
        "# about two\n- {agent: b, role: retailer, target: car, at: par2}  # behind two\n# the end\n"
    )


def test_a_comment_goes_with_its_key() -> None:
    """The keys of a source carry their comments with them."""
    text = "# top\n\nsource: # s\n  publisher: paper # who\n  # an id\n  id: s1\n  title: 'a # b'\n  published: 2021\n# c\nclaims: # rows\n- # first\n  {event: launch, about: car}\n"
    assert format_text("claims/s1.yaml", text, ONTOLOGY) == (
        "# top\n\nsource:  # s\n  # an id\n  id: s1\n  title: \"a # b\"\n  publisher: paper  # who\n  published: 2021\n"
        "# c\nclaims:  # rows\n# first\n- {event: launch, about: car}\n"
    )  # fmt: skip


def test_a_block_at_the_top_stays_at_the_top() -> None:
    """With an empty line after it, a comment is about the file and not about the first row."""
    text = "# The file.\n\nb: {type: firm, en: B}\na: {type: firm, en: A}\n"
    assert format_text("entities.yaml", text, ONTOLOGY) == (
        "# The file.\n\na: {type: firm, en: A}\nb: {type: firm, en: B}\n"
    )


def test_an_empty_line_begins_a_section_that_keeps_its_heading() -> None:
    """Rows are sorted within their sections; what stands below an empty line heads it, whichever row comes first."""
    text = (
        "# All.\n\n# Firms\nb: {type: firm, en: B}\n# Alpha\na: {type: firm, en: A}\n\n\n"
        "# Cars\n# and more\nd: {type: model, en: D}\nc: {type: firm, en: C}\n"
    )
    assert format_text("entities.yaml", text, ONTOLOGY) == (
        "# All.\n\n# Firms\n# Alpha\na: {type: firm, en: A}\nb: {type: firm, en: B}\n\n"
        "# Cars\n# and more\nc: {type: firm, en: C}\nd: {type: model, en: D}\n"
    )
    rows = "- {event: launch, about: car, at: par2}\n\n# more\n- {about: car, measure: rank, value: 1, at: par9}\n- {event: launch, about: car, at: par1}\n"
    assert fmt(rows) == (
        "- {event: launch, about: car, at: par2}\n\n# more\n- {event: launch, about: car, at: par1}\n- {about: car, measure: rank, value: 1, at: par9}\n"
    )


def test_a_row_is_a_line_however_long() -> None:
    """A change is one line of a diff, and a search finds whole rows."""
    row = f'- {{agent: a, role: retailer, target: car, said-by: boss, note: "{"long " * 60}."}}\n'
    assert fmt(row) == row


# ---------------------------------------------------------------- doubt


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("- {agent: a, role: retailer, target: car, note: b, c}\n", "mend this first: claims/s1.yaml:3:"),
        ("- {agent: a, agent: b, role: retailer, target: car}\n", "KG004"),
        ("- agent: a\n  role: retailer\n  target: car\n  note: |\n    # b\n    c\n", "line 6 begins a block of text"),
        ("- {agent: a, role: [retailer], target: car}\n", "KG005"),
    ],
)
def test_on_any_doubt_a_file_is_left_alone(rows: str, reason: str, tmp_path: Path) -> None:
    """What cannot be read, or not kept, is told and not touched; the other files are formatted all the same."""
    folder = make_project(tmp_path, claims__s1_yaml=HEAD + "claims:\n" + rows)
    before = (folder / "claims" / "s1.yaml").read_bytes()
    states = {outcome.path.name: outcome for outcome in format_files([], folder, write=True)}
    assert states["s1.yaml"].state == "left"
    assert reason in states["s1.yaml"].reason
    assert (folder / "claims" / "s1.yaml").read_bytes() == before
    assert states["entities.yaml"].state == "changed"


def test_a_directive_is_a_doubt() -> None:
    """What the canonical form has no place for is not dropped."""
    with pytest.raises(Doubt, match="directive"):
        format_text("kg.yaml", "%YAML 1.1\n---\ntitle: T\nbase: http://x/\n", ONTOLOGY)


def test_another_encoding_is_a_doubt(tmp_path: Path) -> None:
    """Canonical files are UTF-8; a project in another encoding is left alone."""
    folder = make_project(tmp_path, "agent: a, role: retailer, target: car")
    (folder / "kg.yaml").write_text("title: T\nbase: https://example.org/t/\nencoding: gb18030\n", encoding="gb18030")
    assert {outcome.state for outcome in format_files([], folder, write=True)} == {"left"}


# ---------------------------------------------------------------- the command


def test_check_names_what_is_not_in_form(tmp_path: Path) -> None:
    """--check exits 1, names the files and changes nothing; without it they are changed, and then all is well."""
    folder = make_project(tmp_path, "role: retailer, agent: a, target: car")
    path = folder / "claims" / "s1.yaml"
    before = path.read_bytes()
    checked = run("fmt", "--check", path)
    assert (checked.returncode, checked.stdout, path.read_bytes()) == (1, f"{path}\n", before)
    done = run("-C", folder, "fmt")
    assert (done.returncode, sorted(done.stdout.split())) == (0, sorted([str(path), str(folder / "entities.yaml")]))
    assert path.read_bytes() != before
    again = run("-C", folder, "fmt", "--check")
    assert (again.returncode, again.stdout) == (0, "")


def test_what_is_left_alone_is_told(tmp_path: Path) -> None:
    """A file that cannot be formatted is named with the reason on standard error, and the exit is 1."""
    folder = make_project(tmp_path, "agent: [a], role: retailer, target: car")
    done = run("-C", folder, "fmt", folder / "claims" / "s1.yaml")
    assert (done.returncode, done.stdout) == (1, "")
    assert "s1.yaml: left alone: mend this first" in done.stderr


@pytest.mark.parametrize("name", ["sources.csv", "nowhere.yaml", "claims/../../x.yaml"])
def test_a_file_that_is_none_of_the_project(name: str, tmp_path: Path) -> None:
    """Wrong usage exits 2."""
    folder = make_project(tmp_path / "p", "agent: a, role: retailer, target: car", sources_csv="id\n")
    (tmp_path / "x.yaml").write_text("a: b\n", encoding="utf-8")
    assert run("-C", folder, "fmt", folder / name).returncode == 2


# ---------------------------------------------------------------- the examples


def test_the_example_out_and_in_again_is_the_example_formatted(tmp_path: Path) -> None:
    """Exported to TriG, imported into a new folder and formatted: byte for byte the formatted original, comments apart."""
    folder, again, trig = tmp_path / "seed", tmp_path / "again", tmp_path / "seed.trig"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("build", "README.md"))
    before = graph_of(folder)
    trig.write_text(before, encoding="utf-8")
    assert run("import", trig, "-o", again).returncode == 0
    for path in folder.rglob("*.yaml"):
        path.write_text(without_comments(path.read_text("utf-8")), encoding="utf-8")
    for project in (folder, again):
        list(format_files([], project, write=True))
    files = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    assert files.keys() == {path.relative_to(again) for path in again.rglob("*") if path.is_file()}
    for name, path in files.items():
        assert path.read_text("utf-8") == (again / name).read_text("utf-8"), name
    assert graph_of(folder) == graph_of(again) == before


def test_the_template_of_a_new_project_loses_nothing(tmp_path: Path) -> None:
    """A new project formatted is the same graph, and keeps every comment."""
    assert run("new", tmp_path / "p").returncode == 0
    before = graph_of(tmp_path / "p")
    comments = {path: path.read_text("utf-8").count("#") for path in (tmp_path / "p").rglob("*.yaml")}
    assert "left" not in {outcome.state for outcome in format_files([], tmp_path / "p", write=True)}
    assert graph_of(tmp_path / "p") == before
    assert {path: path.read_text("utf-8").count("#") for path in comments} == comments


# ---------------------------------------------------------------- any project

BLANKS = st.sampled_from(("", "\n", "\n\n"))
REMARK = st.one_of(st.just(""), TEXT.map(lambda text: f"# {text}".replace('"', "'").rstrip()))


@st.composite
def claim_texts(draw: st.DrawFn, rows: list[Row]) -> str:
    """Draw a claim file of rows in some layout, with comments in between."""
    lines = [draw(REMARK), draw(BLANKS), "source:"]
    cells = [("title", "T: #1"), ("id", "s1"), ("published", "2021-05"), ("publisher", "paper")]
    for key, value in draw(st.permutations(cells)):
        lines += ["  " + draw(REMARK), f"  {key}: {quoted(value)}  {draw(REMARK)}"]
    lines += [draw(REMARK), f"claims: {draw(REMARK)}"]
    for row in rows:
        pairs = [f"{key}: {quoted(value)}" for key, value in draw(st.permutations(sorted(row.items())))]
        lines += [draw(REMARK) + draw(BLANKS)]
        layout = draw(st.sampled_from(("line", "wrapped", "block")))
        if layout == "line":
            lines.append(f"- {{{', '.join(pairs)}}} {draw(REMARK)}")
        elif layout == "wrapped":
            lines += [f"- {{{pairs[0]}, {draw(REMARK)}", f"   {', '.join(pairs[1:])}}} {draw(REMARK)}"]
        else:
            lines += [
                f"- {pairs[0]} {draw(REMARK)}",
                *(f"  {draw(REMARK)}\n  {pair} {draw(REMARK)}" for pair in pairs[1:]),
            ]
    return "\n".join([*lines, draw(REMARK), ""]).replace("\n", draw(st.sampled_from(("\n", "\r\n"))))


def remarks(text: str) -> list[str]:
    """Return the comments of a text as drawn above: every other # stands in quotes."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"(?=[,}\s])', lambda match: match[0].replace("#", "_"), text)
    return sorted(part.strip() for line in bare.splitlines() for part in re.findall(r"(?:^|\s)(#.*)", line))


@law
@given(projects, st.data())
def test_formatting_changes_no_meaning_and_loses_no_comment(
    project: list[tuple[Row, str]], data: st.DataObject
) -> None:
    """Any rows in any layout with comments: the same graph, the same comments, and a second run changes nothing."""
    rows = [row for row, _ in distinct([(row, "s1") for row, _ in project])]
    text = data.draw(claim_texts(rows))
    with tempfile.TemporaryDirectory() as name:
        folder = make_project(Path(name))
        path = folder / "claims" / "s1.yaml"
        path.write_text(text, encoding="utf-8", newline="")
        before = graph_of(folder)
        (first,) = format_files([path], folder, write=True)
        assert first.state == "changed", first
        assert graph_of(folder) == before
        formatted = path.read_text("utf-8")
        assert list(format_files([path], folder, write=True)) == [Outcome(path, "same")]
    assert remarks(formatted) == remarks(text)


@law
@given(projects)
def test_formatted_files_are_a_function_of_their_rows(project: list[tuple[Row, str]]) -> None:
    """Files of the same rows in another order have the same form."""
    project = distinct(project)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        first, second = write_yaml(Path(one), project), write_yaml(Path(two), list(reversed(project)))
        for folder in (first, second):
            list(format_files([], folder, write=True))
        names = sorted(path.name for path in (first / "claims").iterdir())
        for claims in names:
            assert (first / "claims" / claims).read_bytes() == (second / "claims" / claims).read_bytes()


@pytest.mark.parametrize("project", [*EXAMPLES, "kg/files/new_project"])
def test_our_own_projects_are_in_form(project: str) -> None:
    """What the repository shows of claim files is what kg fmt writes."""
    outcomes = list(format_files([], ROOT / project, write=False))
    assert len(outcomes) >= 2  # settings and entities; the claims of a registry stand in tables
    assert [outcome for outcome in outcomes if outcome.state != "same"] == []
