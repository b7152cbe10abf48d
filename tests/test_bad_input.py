"""What curators get wrong: every mistake is told at its place, in words that say what to do, and nothing is written."""

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

import kg
from kg.graph.loading import check_files
from kg.model.errors import SEVERITIES, CheckError, Problem

BAD = Path(__file__).parent / "data" / "bad"
BASE = BAD / "base"
MISTAKES = sorted(folder.name for folder in BAD.iterdir() if folder.is_dir() and folder != BASE)
# Folders that seed more than one mistake, and one that seeds none: a bare ? is no mistake to libyaml.
SEVERAL = {"csv-wrong-cell", "event-words-as-keys", "many", "rows-not-readable", "rows-of-unknown-targets"}
ACCEPTED_AS_IT_IS = {"question-mark-bare"}
SHARED = Path(__file__).parents[2] / "shared" / "badinputs"
ABSENT = "not here: shared/badinputs, a folder beside the repository"


def project(folder: Path, mistake: str = "") -> Path:
    """Make a sound project in a folder, with the files of a mistake laid over it."""
    shutil.copytree(BASE, folder, dirs_exist_ok=True)
    if mistake:
        shutil.copytree(BAD / mistake, folder, dirs_exist_ok=True)
        (folder / "expected.txt").unlink()
    return folder


def content(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder with what it holds."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def expected(mistake: str) -> list[str]:
    """Return the lines that a mistake is to give; … stands for any text."""
    return (BAD / mistake / "expected.txt").read_text("utf-8").splitlines()


def fits(line: str, pattern: str) -> bool:
    """Tell whether a line is as expected."""
    return re.fullmatch(".*".join(re.escape(part) for part in pattern.split("…")), line) is not None


def check_lines(problems: list[Problem], lines: list[str]) -> None:
    """Hold problems against expected lines: the same number, in the same order."""
    said = [str(problem) for problem in problems]
    assert len(said) == len(lines), "\n".join(said)
    for line, pattern in zip(said, lines, strict=True):
        assert fits(line, pattern), f"{line}\nis not\n{pattern}"


def refuse_to_build(folder: Path) -> None:
    """Assert that a build fails and leaves the last good output as it is."""
    output = folder / "build"
    output.mkdir()
    (output / "graph.ttl").write_text("the last good one", encoding="utf-8")
    before = content(folder)
    with pytest.raises(CheckError) as caught:
        kg.build(folder)
    assert any(problem.severity == "error" for problem in caught.value.problems)
    assert content(folder) == before


# ---------------------------------------------------------------- the mistakes of this repository


def test_the_project_under_the_mistakes_is_sound(tmp_path: Path) -> None:
    """What the mistakes are laid over has none."""
    assert kg.check(project(tmp_path)) == []


def test_there_are_many_mistakes() -> None:
    """A hundred seeded mistakes and more, each with its expected lines."""
    assert len(MISTAKES) >= 100
    assert [mistake for mistake in MISTAKES if not (BAD / mistake / "expected.txt").is_file()] == []


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told(mistake: str, tmp_path: Path) -> None:
    """Place, severity, code, message and hint are as expected, nothing more is said, and nothing is written."""
    folder = project(tmp_path, mistake)
    began = time.process_time()
    problems = check_files(folder)
    assert time.process_time() - began < 2
    check_lines(problems, expected(mistake))
    if any(problem.severity == "error" for problem in problems):
        refuse_to_build(folder)


def all_lines() -> Iterator[tuple[str, str]]:
    """Yield every expected line with the mistake it belongs to."""
    return ((mistake, line) for mistake in MISTAKES for line in expected(mistake))


def test_every_line_has_a_place_a_code_and_a_hint() -> None:
    """An error has line and column, except where it is of a whole file or folder; a hint says what to do."""
    whole_file = {"own-key-not-fit", "own-word-taken", "claim-file-of-another-kind"}
    for mistake, line in all_lines():
        match = re.fullmatch(r"(?P<place>[^: ]+(:\d+:\d+)?): (?P<severity>\w+) KG\d{3}: (?P<words>.+)", line)
        assert match, line
        assert match["severity"] in SEVERITIES, line
        assert match["place"].count(":") == 2 or mistake in whole_file, line
        gives_reason = "is not a date: " in line or "not Turtle" in line
        assert "; " in match["words"] or gives_reason, f"no hint: {line}"


def test_lines_are_for_people() -> None:
    """No line holds what only a programmer reads."""
    jargon = re.compile(
        r"None|Traceback|Error\b|scalar|mapping|token|parse|null|regex|tuple|dict\b|\ba (?!or )[aeio]\w+|\ban [^aeiou']"
    )
    for mistake, line in all_lines():
        words = re.sub(r"'[^']*'", "''", line)
        assert mistake == "own-ontology-broken" or not jargon.search(words), line


def test_one_mistake_gives_one_message() -> None:
    """Most folders seed one mistake, and get one line; those that seed more say so by their name."""
    more = {mistake for mistake in MISTAKES if len(expected(mistake)) != 1}
    assert more == SEVERAL | ACCEPTED_AS_IT_IS


# ---------------------------------------------------------------- many at once


def kg_run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command on a project."""
    command = [sys.executable, "-m", "kg", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1])


def test_many_mistakes_are_told_in_one_run(tmp_path: Path) -> None:
    """Thirty and more mistakes in three files: one run, exact places, exit 1, the last output untouched."""
    folder = project(tmp_path, "many")
    (folder / "build").mkdir()
    (folder / "build" / "graph.ttl").write_text("the last good one", encoding="utf-8")
    before = content(folder)
    check = kg_run(folder, "check")
    build = kg_run(folder, "build")
    lines = expected("many")
    errors = [line for line in lines if ": error " in line]
    assert len(errors) >= 30
    assert (check.returncode, build.returncode) == (1, 1)
    assert "Traceback" not in check.stderr + build.stderr
    for said, pattern in zip(check.stdout.splitlines(), lines, strict=True):
        assert fits(said, pattern), f"{said}\nis not\n{pattern}"
    assert build.stdout == ""
    for pattern in errors:
        assert any(fits(line, pattern) for line in build.stderr.splitlines()), pattern
    assert content(folder) == before


def test_problems_are_sorted_and_the_same_on_every_run(tmp_path: Path) -> None:
    """Order does not hang on hashing."""
    folder = project(tmp_path, "many")
    script = "import sys, kg; print(*kg.check(sys.argv[1]), sep='\\n')"
    said = {
        subprocess.run(
            [sys.executable, "-c", script, str(folder)],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[1],
            env={"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(said) == 1


# ---------------------------------------------------------------- the shared corpus: files as they are

# Files whose fault is one of syntax, read as claims/x.yaml as they are: place, code, words of the message or hint.
YAML_AS_IT_IS = {
    "001_tab_indent": ("2:1", "KG002", "tab"),
    "002_dup_key": ("4:5", "KG004", "stands twice"),
    "015_alias": ("2:5", "KG003", "anchors"),
    "016_billion_laughs": ("1:5", "KG003", "anchors"),
    "017_merge_bomb": ("1:5", "KG003", "anchors"),
    "019_python_tag": ("1:11", "KG003", "tags"),
    "021_binary_tag": ("1:11", "KG003", "tags"),
    "023_empty": ("1:1", "KG011", "no claims"),
    "024_only_comment": ("1:1", "KG011", "no claims"),
    "025_scalar": ("1:1", "KG005", "map"),
    "027_fullwidth_colon": ("1:1", "KG005", "full-width"),
    "028_fullwidth_comma": ("1:17", "KG002", "full-width"),
    "029_colon_in_value": ("2:14", "KG002", "': '"),
    "030_hash_cut": ("2:47", "KG002", "comment"),
    "034_gb18030": ("4:33", "KG001", "encoding: gb18030"),
    "035_latin1": ("4:38", "KG001", "not UTF-8"),
    "036_nul": ("4:34", "KG010", "U+0000"),
    "037_control": ("4:34", "KG010", "U+0007"),
    "038_nbsp_indent": ("2:1", "KG010", "no-break"),
    "040_bidi_override": ("2:36", "KG010", "U+202E"),
    "044_deep_flow": ("1:65", "KG003", "64 levels"),
    "046_long_key": ("1:1", "KG002", "1,024"),
    "073_include": ("1:11", "KG003", "tags"),
    "076_merge_conflict": ("2:1", "KG002", "conflict"),
    "077_json": ("1:27", "KG004", "stands twice"),
    "079_line_sep": ("2:33", "KG010", "U+2028"),
}
# The index names another column for these. Held to be wrong, or less helpful than ours, and why:
OTHER_COLUMN = {
    "034_gb18030": "the first byte that is not UTF-8 stands at 33, after 32 characters",
    "035_latin1": "the byte stands at 38: 32 characters and 'Citro' before it",
    "036_nul": "the character stands at 34, after the B at 33",
    "037_control": "the character stands at 34, after the B at 33",
    "040_bidi_override": "the index names the value's begin; we name the character, which nobody can see",
    "079_line_sep": "the index names the value's begin; we name the character, which nobody can see",
}
CSV_AS_IT_IS = {
    "005_open_quote": ("2:10", "KG007", "never closed"),
    "006_text_after_quote": ("2:14", "KG007", "after a closing quote"),
    "007_short_row": ("2:1", "KG008", "3 fields where the header has 5"),
    "008_long_row": ("2:20", "KG008", "7 fields where the header has 5"),
    "009_dup_header": ("1:9", "KG009", "stands twice"),
    "010_unknown_header": ("1:9", "KG101", "unknown key 'nmae'"),
    "011_missing_header": ("1:1", "KG009", "names the columns"),
    "013_semicolon": ("1:1", "KG009", "semicolon"),
    "016_empty": ("1:1", "KG011", "empty"),
    "017_header_only": ("1:1", "KG011", "0 rows"),
    "019_multiline": ("4:3", "KG102", "did you mean 'firm'?"),
    "021_smart_quotes": ("2:25", "KG008", "typographic quotes"),
    "025_big_field": ("2:10", "KG012", "longer than"),
    "026_sep_line": ("1:1", "KG009", "delete the line 'sep='"),
    "027_latin1": ("2:13", "KG001", "not UTF-8"),
    "028_tabs": ("1:1", "KG009", "a tab"),
}


def index() -> dict[str, dict[str, str]]:
    """Return the lines of the corpus' index by file."""
    if not (SHARED / "index.yaml").is_file():
        return {}
    lines = (SHARED / "index.yaml").read_text("utf-8").splitlines()
    entries = [json.loads(line.removeprefix("- ")) for line in lines if line.startswith("- ")]
    return {entry["file"]: entry for entry in entries if "file" in entry}


def read_shared(folder: Path, name: str, target: str) -> list[Problem]:
    """Check a sound project with one file of the corpus in it, within two seconds."""
    file = SHARED / name
    if not file.is_file():
        pytest.skip(ABSENT)
    project(folder)
    (folder / target).write_bytes(file.read_bytes())
    began = time.process_time()
    problems = check_files(folder)
    assert time.process_time() - began < 2
    return problems


def assert_told(problems: list[Problem], target: str, place: str, code: str, words: str) -> None:
    """Assert that one of the problems is an error of the code at the place, with the words in message or hint."""
    said = "\n".join(map(str, problems))
    assert any(
        f"{problem.location}" == f"{target}:{place}"
        and (problem.severity, problem.code) == ("error", code)
        and words in f"{problem.message}; {problem.hint}"
        for problem in problems
    ), said


@pytest.mark.parametrize("name", YAML_AS_IT_IS)
def test_shared_yaml_as_it_is(name: str, tmp_path: Path) -> None:
    """A file that is broken whatever its keys mean: told at its place, nothing written."""
    problems = read_shared(tmp_path, f"yaml/{name}.yaml", "claims/x.yaml")
    place, code, words = YAML_AS_IT_IS[name]
    assert_told(problems, "claims/x.yaml", place, code, words)
    named = index()[f"yaml/{name}.yaml"]["at"]
    assert named == place or (name in OTHER_COLUMN and named.split(":")[0] == place.split(":")[0])
    refuse_to_build(tmp_path)


@pytest.mark.parametrize("name", CSV_AS_IT_IS)
def test_shared_csv_as_it_is(name: str, tmp_path: Path) -> None:
    """A table that is broken whatever its columns mean: told at its place, nothing written."""
    problems = read_shared(tmp_path, f"csv/{name}.csv", "entities.csv")
    place, code, words = CSV_AS_IT_IS[name]
    assert_told(problems, "entities.csv", place, code, words)
    assert index()[f"csv/{name}.csv"]["at"] == place
    refuse_to_build(tmp_path)


# ---------------------------------------------------------------- the shared corpus: said in our format

HEADER = "source: {id: x-1, title: A, publisher: daily, published: 2021-04-20}\nclaims:\n"
MORE = "- {agent: aurora, role: sales-lead, target: a5, at: par1}\n"
Files = dict[str, str]


def claim(row: str) -> Files:
    """Return a claim file with one row, at line 3."""
    return {"claims/x.yaml": f"{HEADER}- {{{row}}}\n"}


def source(old: str, new: str) -> Files:
    """Return a claim file whose source has what is wrong in its one line."""
    return {"claims/x.yaml": HEADER.replace(old, new) + MORE}


def url(address: str) -> Files:
    """Return a claim file whose source has an address."""
    return source("2021-04-20", f'2021-04-20, url: "{address}"')


def entities(*lines: str) -> Files:
    """Return the entities with lines added, from line 14 on."""
    return {"entities.yaml": (BASE / "entities.yaml").read_text("utf-8") + "".join(f"{line}\n" for line in lines)}


def relation(object_: str, more: str = "") -> Files:
    """Return a claim file with one relation."""
    return claim(f"subject: aurora, relation: subsidiary-of, object: {object_}{more}")


def stake(share: str) -> Files:
    """Return a claim file with one share."""
    return claim(f"agent: aurora, role: shareholder, target: borealis, share: {share}")


FULL_WIDTH = "\uff15\uff10%"
FORMULA = '"=HYPERLINK(""http://evil.invalid"",""x"")"'
BAD_IRI = "a> <http://evil.invalid/p> <http://evil.invalid/o"
# What is accepted as it stands, by number and name.
ACCEPTED: dict[str, Files] = {
    "yaml-000-good": relation("borealis", ", from: 2019-11-07"),
    "yaml-004-norway": entities("x: {type: firm, en: NO}"),
    "yaml-005-on-off-yes": entities("x: {type: firm, en: on, aka: yes|off|y|n, zh: ~}"),
    "yaml-006-sexagesimal": entities("x: {type: firm, en: 12:30:45}"),
    "yaml-008-trailing-zero": claim("about: aurora, measure: market-share, value: 1.10%, when: 2021"),
    "yaml-009-big-number": claim("about: aurora, measure: revenue, value: 12345678901234567890.123456789 CNY"),
    "yaml-072-html-name": entities('x: {type: firm, en: "</script><img src=x onerror=alert(1)>"}'),
    "csv-000-good": {"entities.csv": "id,type,en\nx,firm,X\n"},
    "csv-001-bom": {"entities.csv": "\ufeffid,type,en\nx,firm,X\n"},
    "csv-004-mixed-newlines": {"entities.csv": "id,type,en\r\nw,firm,W\nx,firm,X\ry,firm,Y\n"},
    "csv-012-header-space": {"entities.csv": "id , type, en\nx,firm,X\n"},
    "csv-018-blank-lines": {"entities.csv": "id,type,en\n\nx,firm,X\n\n"},
    "csv-020-formula": {"entities.csv": f"id,type,en\nx,firm,{FORMULA}\n"},
}
# What is told, by number and name: the files, the text at the place, severity, code, words of the message or hint.
TOLD: dict[str, tuple[Files, str, str, str, str]] = {
    "yaml-010-bad-date": (source("2021-04-20", "2024-02-30"), "2024-02-30", "error", "KG201", "29 days"),
    "yaml-012-date-dmy": (source("2021-04-20", "05/01/2024"), "05/01/2024", "error", "KG201", "year first"),
    "yaml-014-end-before-start":
        (relation("borealis", ", from: 2019, until: 2018"), "2018", "error", "KG202", "lies before"),
    "yaml-031-hash-cut-block":
        (entities("x:", "  type: firm", "  en: Foo #1 Motors"), "#1", "warning", "KG013", "#1 Motors"),
    "yaml-042-homoglyph":
        (entities("x: {type: firm, en: \u0421hery}"), "\u0421hery", "warning", "KG302", "Cyrillic and Latin"),
    "yaml-043-nfc-nfd":
        (entities("x: {type: firm, en: \u00eb}", "y: {type: firm, en: e\u0308}"), "y: {", "warning", "KG304", "'y'"),
    "yaml-048-long-name":
        (entities(f"x: {{type: firm, en: .{'A' * 100_000}}}"), ".A", "error", "KG012", "100,001 characters"),
    "yaml-049-null-name": (entities("x: {type: firm, en: , note: a}"), ", note: a", "error", "KG006", "no value"),
    "yaml-051-unknown-key": (entities("x: {type: firm, en: X, noet: a}"), "noet", "error", "KG101", "'note'?"),
    "yaml-052-unknown-type": (entities("x: {type: frim, en: X}"), "frim", "error", "KG102", "'firm'?"),
    "yaml-053-dangling-ref": (relation("boralis"), "boralis", "error", "KG103", "'borealis'?"),
    "yaml-054-no-source": ({"claims/x.yaml": f"claims:\n{MORE}"}, "claims:", "error", "KG108", "no source"),
    "yaml-055-dup-id": (entities("borealis: {type: firm}"), "borealis: {type: firm}", "error", "KG004", "at 4:1"),
    "yaml-056-case-id": (source("x-1", "Base-1"), "Base-1", "error", "KG111", "small letters"),
    "yaml-057-bad-id": (entities('"../../etc/passwd": {type: firm, en: X}'), '"../', "error", "KG111", "no id"),
    "yaml-058-id-iri-inject": (entities(f'"{BAD_IRI}": {{type: firm, en: X}}'), '"a>', "error", "KG111", "no id"),
    "yaml-062-self-relation": (relation("aurora"), "aurora", "error", "KG114", "towards itself"),
    "yaml-063-stake-over": (stake("150%"), "150%", "error", "KG209", "more than 100"),
    "yaml-064-stake-fullwidth": (stake(FULL_WIDTH), FULL_WIDTH, "error", "KG203", "write: 50%"),
    "yaml-066-url-js": (url("javascript:alert(1)"), '"javascript', "error", "KG207", "http://"),
    "yaml-069-url-file": (url("file:///etc/passwd"), '"file', "error", "KG207", "http://"),
    "yaml-070-url-userinfo": (url("https://user:pw@example.invalid/"), '"https', "error", "KG207", "user name"),
    "yaml-071-url-data": (url("data:text/html,<script>1</script>"), '"data', "error", "KG207", "http://"),
    "csv-004-mixed-newlines":
        ({"entities.csv": "id,type,en\r\nw,firm,W\nx,firm,X\ry,frim,Y\n"}, "frim", "error", "KG102", "'firm'?"),
    "csv-018-blank-lines": ({"entities.csv": "id,type,en\n\nx,frim,X\n\n"}, "frim", "error", "KG102", "'firm'?"),
    "csv-023-excel-date":
        ({"sources.csv": "id,title,publisher,published\nx-1,A,daily,45296\n"}, "45296", "error", "KG201", "2024-01-05"),
}  # fmt: skip
# What the index wants and we hold to be wrong, or not to arise in our format:
JUDGED = {
    "yaml/005_on_off_yes.yaml": "'~' is a name like any other here: no scalar is ever null; lists are refused",
    "yaml/043_nfc_nfd.yaml": "a warning, no error: two firms may bear one name; the ids tell them apart",
    "csv/022_leading_zero.csv": "refused, not kept: an id begins with a letter, so no spreadsheet can eat a zero of it",
}


def test_every_shared_file_is_in_a_table() -> None:
    """No file of the corpus is left out without a reason."""
    if not (files := index()):
        pytest.skip(ABSENT)
    here = {f"yaml/{name}.yaml" for name in YAML_AS_IT_IS} | {f"csv/{name}.csv" for name in CSV_AS_IT_IS}
    said = {name.replace("-", "/", 1).partition("-")[0] for name in [*ACCEPTED, *TOLD]}
    corpus = [name for name in files if name.startswith(("yaml/", "csv/"))]
    assert [name for name in corpus if name not in here | JUDGED.keys() and name.partition("_")[0] not in said] == []


def lay(folder: Path, files: Files) -> Path:
    """Lay files over a sound project."""
    project(folder)
    for name, text in files.items():
        (folder / name).write_bytes(text.encode())
    return folder


def place_of(name: str, text: str, at: str) -> str:
    """Return the place of the last occurrence of a text in a file."""
    before = re.split("\r\n|\n|\r", text[: text.rindex(at)])
    return f"{name}:{len(before)}:{len(before[-1]) + 1}"


@pytest.mark.parametrize("name", TOLD)
def test_shared_in_our_format(name: str, tmp_path: Path) -> None:
    """A file whose fault is one of meaning, said in our format: told at its place."""
    files, at, severity, code, words = TOLD[name]
    problems = kg.check(lay(tmp_path, files))
    (place,) = [place_of(target, text, at) for target, text in files.items()]
    assert any(
        (str(problem.location), problem.severity, problem.code) == (place, severity, code)
        and words in f"{problem.message}; {problem.hint}"
        for problem in problems
    ), "\n".join(map(str, problems))
    assert len(problems) == 1
    if severity == "error":
        refuse_to_build(tmp_path)


@pytest.mark.parametrize("name", ACCEPTED)
def test_shared_accepted_in_our_format(name: str, tmp_path: Path) -> None:
    """What is right, said in our format, passes without a word."""
    assert kg.check(lay(tmp_path, ACCEPTED[name])) == []


NAMES = {
    "yaml-004-norway": ("en", "NO"),
    "yaml-005-on-off-yes": ("zh", "~"),
    "yaml-006-sexagesimal": ("en", "12:30:45"),
    "yaml-072-html-name": ("en", "</script><img src=x onerror=alert(1)>"),
    "csv-001-bom": ("en", "X"),
    "csv-004-mixed-newlines": ("en", "X"),
    "csv-012-header-space": ("en", "X"),
    "csv-020-formula": ("en", '=HYPERLINK("http://evil.invalid","x")'),
}


@pytest.mark.parametrize("name", NAMES)
def test_shared_names_are_kept_as_they_stand(name: str, tmp_path: Path) -> None:
    """What is accepted is kept to the letter."""
    language, text = NAMES[name]
    assert kg.load(lay(tmp_path, ACCEPTED[name])).world.entities["x"].names[language] == text


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("yaml-008-trailing-zero", "1.10%"), ("yaml-009-big-number", "12345678901234567890.123456789 CNY")],
)
def test_shared_numbers_are_kept_as_they_stand(name: str, wanted: str, tmp_path: Path) -> None:
    """A number is never rounded, and its text stays."""
    claims = kg.load(lay(tmp_path, ACCEPTED[name])).world.claims
    ((claim, value),) = [(c, value) for c in claims if (value := c.proposition.content.get("value"))]
    assert claim.wording.get("value", str(value)) == wanted
    assert Decimal(str(getattr(value, "number", ""))) == Decimal(wanted.rstrip("% CNY"))


def test_a_thousand_mistakes_take_no_long_time(tmp_path: Path) -> None:
    """Nearest words are looked for a hundred times, not for ever."""
    names = "".join(f"firm-{number}: {{type: firm, en: Firm {number}}}\n" for number in range(1_000))
    rows = "".join(f"- {{agent: firn-{number}, role: lead, target: a5, at: par1}}\n" for number in range(1_000, 2_000))
    began = time.process_time()
    problems = kg.check(lay(tmp_path, {**entities(names), "claims/x.yaml": HEADER + rows}))
    assert time.process_time() - began < 5
    assert [problem.code for problem in problems] == ["KG103"] * 1_000
    assert problems[0].hint.startswith("did you mean 'firm-")
