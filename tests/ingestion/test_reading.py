"""Reading: every cell's place points at its text, whatever the encoding, the line breaks and the alphabet."""

import csv
import io
import re
import unicodedata
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from arbitrary import EXAMPLES
from kg.ingestion.reading import MAX_FIELD, MAX_TEXT, Cell, Fault, Node, Records, compose, parse_csv, read_records
from kg.model.errors import Problem, ProjectError

SETTINGS = "title: T\nbase: https://example.org/t/\n"
CLAIMS = """source: {id: s-1, title: 报道, publisher: 日报, published: 2021-09}
claims:
- {agent: aurora, role: lead, target: a5, note: "曙光, 主导 # 一切"}
- agent: borealis
  role: 'it''s'
"""
BREAKS = re.compile("\r\n|\r|\n")


def make(folder: Path, **files: str | bytes) -> Path:
    """Write a project; in a file's name, __ stands for a stroke and _ for the dot."""
    for name, text in {"kg_yaml": SETTINGS, **files}.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def text_at(text: str, cell: Cell) -> str:
    """Return what stands at a cell's place, to the end of its line."""
    return BREAKS.split(text)[cell.place.line - 1][cell.place.column - 1 :]


def only(problems: list[Problem]) -> str:
    """Return the one problem as a line."""
    assert len(problems) == 1, "\n".join(map(str, problems))
    return str(problems[0])


# ---------------------------------------------------------------- places


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_places_in_yaml(newline: str, tmp_path: Path) -> None:
    """Line and column of values and keys, with Chinese before them, whichever way lines end."""
    text = CLAIMS.replace("\n", newline)
    records = read_records(make(tmp_path, claims__x_yaml=text))
    assert records.problems == []
    first, second = records.claims
    assert str(first.cells["note"].place) == "claims/x.yaml:3:49"
    assert str(first.cells["note"].key_place) == "claims/x.yaml:3:43"
    assert first.text("note") == "曙光, 主导 # 一切"
    assert str(second.place) == "claims/x.yaml:4:3"
    assert second.text("role") == "it's"
    assert str(second.where("role")) == "claims/x.yaml:5:9"
    assert second.where("absent") == second.place
    assert records.sources[0].text("publisher") == "日报"


def test_every_yaml_cell_points_at_its_text(tmp_path: Path) -> None:
    """At every place stands the text, or the quote that opens it."""
    records = read_records(make(tmp_path, claims__x_yaml=CLAIMS, entities_yaml="曙光: {type: firm, zh: 曙光}\n"))
    for row in records.claims:
        for name, cell in row.cells.items():
            if name != "source":
                assert text_at(CLAIMS, cell).lstrip("'\"").startswith(cell.text[:2])
    assert records.entities[0].text("id") == "曙光"
    assert str(records.entities[0].cells["zh"].place) == "entities.yaml:1:22"


@pytest.mark.parametrize("newlines", ["\n", "\r\n", "\r"])
def test_places_in_csv(newlines: str, tmp_path: Path) -> None:
    """Physical lines are counted, also inside a quoted field and after blank lines."""
    lines = ["source,agent,note", "", 's-1,"a', 'b",x', ",,", "s-1,曙光,y"]
    records = read_records(make(tmp_path, claims__x_csv=newlines.join(lines), sources_csv="id\ns-1\n"))
    assert records.problems == []
    first, second = records.claims
    assert first.text("agent") == f"a{newlines}b"
    assert str(first.where("agent")) == "claims/x.csv:3:5"
    assert str(first.where("note")) == "claims/x.csv:4:4"
    assert str(first.cells["note"].key_place) == "claims/x.csv:1:14"
    assert str(second.where("note")) == "claims/x.csv:6:8"


def test_mixed_newlines_in_one_file(tmp_path: Path) -> None:
    """Every way to end a line counts as one."""
    text = CLAIMS.replace("claims:\n", "claims:\r\n").replace("borealis\n", "borealis\r")
    records = read_records(make(tmp_path, claims__x_yaml=text))
    assert str(records.claims[1].where("role")) == "claims/x.yaml:5:9"


# ---------------------------------------------------------------- encodings


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    """What Windows editors write first moves no column and spoils no key."""
    files = {"kg_yaml": SETTINGS, "claims__x_yaml": CLAIMS, "entities_csv": "id,type\nx,firm\n"}
    records = read_records(make(tmp_path, **{name: f"\ufeff{text}".encode() for name, text in files.items()}))
    assert records.problems == []
    assert str(records.sources[0].where("id")) == "claims/x.yaml:1:14"
    assert records.entities[0].text("id") == "x"


def test_a_byte_that_is_not_utf_8_behind_a_byte_order_mark(tmp_path: Path) -> None:
    """The mark is not counted as a column."""
    records = read_records(make(tmp_path, claims__x_yaml="\ufeffabc".encode() + b"\xff"))
    assert only(records.problems).startswith("claims/x.yaml:1:4: error KG001: not UTF-8 at byte 7")


@pytest.mark.parametrize("encoding", ["gb18030", "GB18030", "gbk", "big5", "utf-8", "UTF-8", "utf_8", "utf8"])
def test_a_named_encoding(encoding: str, tmp_path: Path) -> None:
    """An encoding is never guessed: it is UTF-8, or what kg.yaml names."""
    text = CLAIMS.replace("报道", "新聞").replace("日报", "日報").replace("曙光, 主导 # 一切", "新聞")
    settings = f"{SETTINGS}encoding: {encoding}\n"
    records = read_records(make(tmp_path, kg_yaml=settings, claims__x_yaml=text.encode(encoding)))
    assert records.problems == []
    assert records.claims[0].text("note") == "新聞"
    assert str(records.claims[1].where("role")) == "claims/x.yaml:5:9"


def test_an_encoding_by_file(tmp_path: Path) -> None:
    """One file in GB18030 and one in UTF-16 beside files in UTF-8; a file that is not there is reported."""
    rows = "source,agent,role,target\ns1,甲,carmaker,车\n"
    settings = f"{SETTINGS}encoding: claims/a.csv gb18030|claims/b.csv utf-16|claims/c.csv big5\n"
    made = make(tmp_path, kg_yaml=settings, claims__x_yaml=CLAIMS.replace("Title", "题目"))
    (made / "claims" / "a.csv").write_bytes(rows.encode("gb18030"))
    (made / "claims" / "b.csv").write_bytes(rows.encode("utf-16"))
    records = read_records(made)
    assert [row.text("agent") for row in records.claims if row.place.file.endswith(".csv")] == ["甲", "甲"]
    assert [(p.code, p.message) for p in records.problems] == [("KG001", "there is no file 'claims/c.csv'")]


def test_an_encoding_that_is_not_named(tmp_path: Path) -> None:
    """GB18030 is told as what it is not, at the first byte, with what to write."""
    records = read_records(make(tmp_path, claims__x_yaml=CLAIMS.encode("gb18030")))
    line = only(records.problems)
    assert line.startswith("claims/x.yaml:1:26: error KG001: not UTF-8 at byte 26")
    assert line.endswith("encoding: gb18030")


@pytest.mark.parametrize("encoding", ["klingon", "undefined", "base64", "rot13", "编码", "utf-8\\0"])
def test_an_encoding_that_there_is_not(encoding: str, tmp_path: Path) -> None:
    """What Python has no text encoding for is told once, where kg.yaml names it."""
    settings = f"{SETTINGS}encoding: {encoding}\n"
    records = read_records(make(tmp_path, kg_yaml=settings, claims__x_yaml=CLAIMS, entities_yaml="x: {}\n"))
    lines = {str(problem) for problem in records.problems}
    assert len(lines) == 1
    assert lines.pop().startswith(f"kg.yaml:3:11: error KG001: unknown encoding '{encoding}'")


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
def test_utf_16_is_named(mark: bytes, tmp_path: Path) -> None:
    """What a spreadsheet calls Unicode."""
    records = read_records(make(tmp_path, claims__x_yaml=mark + b"\0a"))
    assert (
        only(records.problems)
        == "claims/x.yaml:1:1: error KG001: not UTF-8 but UTF-16; save it as UTF-8, or name its encoding in kg.yaml: encoding: claims/x.yaml utf-16"
    )


# ---------------------------------------------------------------- characters


def test_texts_are_nfc_and_trimmed(tmp_path: Path) -> None:
    """Keys and values are composed, so that one name is one name; inner spaces stay."""
    decomposed = unicodedata.normalize("NFD", "Citroën")
    text = f'source: {{id: s-1}}\nclaims:\n- {{{decomposed}: "  {decomposed}  x "}}\n'
    records = read_records(make(tmp_path, claims__x_yaml=text))
    assert dict(records.claims[0].cells)["Citroën"].text == "Citroën  x"


@pytest.mark.parametrize("character", ["\0", "\x07", "\x1b", "\x7f", "\x85", "\u2028", "\u202e", "\u2066", "\ufeff"])
@pytest.mark.parametrize("newline", ["\n", "\r"])
def test_what_nobody_sees_is_told(character: str, newline: str, tmp_path: Path) -> None:
    """Controls, other line breaks, turned directions and stray marks, each at its place."""
    text = CLAIMS.replace("主", character).replace("\n", newline)
    records = read_records(make(tmp_path, claims__x_yaml=text))
    assert only(records.problems) == (
        f"claims/x.yaml:3:54: error KG010: the invisible character U+{ord(character):04X}; delete it"
    )


@pytest.mark.parametrize("escape", ["\\0", "\\x07", "\\N", "\\L", "\\u202E", "\\uFEFF", "\\U0000FFFF"])
def test_what_nobody_sees_is_told_in_escapes_too(escape: str, tmp_path: Path) -> None:
    """YAML can spell in quotes what may not stand in the file."""
    text = f'source: {{id: s-1}}\nclaims:\n- {{note: "a{escape}b"}}\n- {{"a{escape}b": x}}\n'
    records = read_records(make(tmp_path, claims__x_yaml=text))
    assert [str(problem.location) for problem in records.problems] == ["claims/x.yaml:3:10", "claims/x.yaml:4:4"]
    assert {problem.code for problem in records.problems} == {"KG010"}


def test_several_that_nobody_sees(tmp_path: Path) -> None:
    """All of them in one run, to a limit."""
    records = read_records(make(tmp_path, claims__x_yaml=CLAIMS.replace("a", "a\0")))
    assert len(records.problems) == min(20, CLAIMS.count("a"))
    assert read_records(make(tmp_path, claims__x_yaml="\0" * 50)).problems[19].location.column == 20


@pytest.mark.parametrize("character", ["\u200b", "\u200d", "\u3000", "\xa0", "\U0001f697", "\ufffd"])
def test_what_a_text_may_hold(character: str, tmp_path: Path) -> None:
    """Joiners, wide spaces and emoji are part of a text."""
    records = read_records(make(tmp_path, claims__x_yaml=CLAIMS.replace("主", character)))
    assert records.problems == []
    assert character in records.claims[0].text("note")


def test_a_long_text_does_not_end_the_reading(tmp_path: Path) -> None:
    """What is too long is told where it stands, and the rows after it are read."""
    rows = f"- {{note: {'x' * (MAX_TEXT + 1)}}}\n- {{note: {'x' * MAX_TEXT}}}\n"
    records = read_records(make(tmp_path, claims__x_yaml=f"source: {{id: s-1}}\nclaims:\n{rows}"))
    assert only(records.problems).startswith("claims/x.yaml:3:10: error KG012: a text of 1,001 characters")
    assert [len(row.text("note")) for row in records.claims] == [0, MAX_TEXT]
    assert records.claims[0].faulty == {"note"}


# ---------------------------------------------------------------- YAML


def scalars(node: Node | None) -> list[str]:
    """Return every text of a document, in order."""
    if node is None:
        return []
    if node.text is not None:
        return [node.text]
    pairs = [part for pair in node.pairs or () for part in pair]
    return [text for part in [*pairs, *(node.members or ())] for text in scalars(part)]


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp", "Cn", "Co")), max_size=12
)
PLAIN = st.dictionaries(WORDS.filter(lambda word: word not in ("<<", "")), WORDS, min_size=1, max_size=5)


@given(st.lists(PLAIN, min_size=1, max_size=4), st.booleans())
def test_compose_reads_what_yaml_writes(rows: list[dict[str, str]], flow: bool) -> None:
    """Whatever PyYAML writes comes back as the same texts, quoted or not, and nothing becomes a number or a date."""
    text = yaml.safe_dump(rows, allow_unicode=True, default_flow_style=flow, sort_keys=False, width=10_000)
    wanted = [part for row in rows for pair in row.items() for part in pair]
    assert scalars(compose(text, "x.yaml")) == wanted


@given(st.text(max_size=200))
def test_compose_reads_or_refuses(text: str) -> None:
    """Any text is a document or a fault with a place; nothing else is raised."""
    try:
        compose(text, "x.yaml")
    except Fault as fault:
        assert fault.problem.location.file == "x.yaml"


@settings(max_examples=2 * EXAMPLES)
@given(st.data())
def test_any_claim_file_gives_problems_or_rows(data: st.DataObject) -> None:
    """A claim file with pieces put in, left out or doubled never ends in anything but problems with places."""
    from kg.ingestion.checking.check import check_records
    from kg.ingestion.reading import Row
    from kg.ingestion.reading.yaml_files import read_claims
    from kg.model.errors import Location

    pieces = [
        "{",
        "}",
        "[",
        "]",
        ":",
        ": ",
        ",",
        ", ",
        " #",
        "'",
        '"',
        "&a",
        "*a",
        "!t",
        "|",
        ">",
        "%",
        "@",
        "-",
        "- ",
        "\n",
        "\t",
    ]
    pieces += [
        "\n- ",
        "\n  ",
        "\u3000",
        "\uff0c",
        "source",
        "claims:",
        "---\n",
        "...",
        "?",
        "? ",
        "<<",
        "<<: ",
        "a5",
        "",
    ]
    start, end = sorted(data.draw(st.tuples(st.integers(0, len(CLAIMS)), st.integers(0, len(CLAIMS)))))
    text = CLAIMS[:start] + data.draw(st.sampled_from(pieces)) + CLAIMS[data.draw(st.sampled_from([start, end])) :]
    records = Records(Row(Location("kg.yaml"), {}))
    try:
        read_claims(records, "claims/x.yaml", text)
    except Fault as fault:
        records.problems.append(fault.problem)
        records.unread.add("claims/x.yaml")
    lines = len(BREAKS.split(text))
    _, problems = check_records(records)
    for problem in problems:
        assert problem.location.line <= lines + 1


def test_one_bad_row_does_not_hide_the_others(tmp_path: Path) -> None:
    """Rows that are no YAML are told each at its place, and the others are read with their places."""
    rows = ["{a: >1}", "{a: b}", "{a: 'b}", "{a: b", "{a: @b}", "{a: last}"]
    text = "source: {id: s-1}\nclaims:\n" + "".join(f"- {row}\n" for row in rows)
    records = read_records(make(tmp_path, claims__x_yaml=text))
    assert [str(problem.location) for problem in records.problems] == [
        "claims/x.yaml:3:7",
        "claims/x.yaml:5:7",
        "claims/x.yaml:6:3",
        "claims/x.yaml:7:7",
    ]
    assert [(row.place.line, row.text("a")) for row in records.claims] == [(4, "b"), (8, "last")]
    assert records.unread == {"claims/x.yaml"}


@pytest.mark.parametrize("depth", [100, 100_000])
@pytest.mark.parametrize("bracket", ["[", "{a: ", "- "])
def test_depth_is_limited(bracket: str, depth: int, tmp_path: Path) -> None:
    """However deep a file is, it is told and not followed."""
    records = read_records(make(tmp_path, claims__x_yaml=bracket * depth))
    assert "KG003" in only(records.problems)


def test_a_comment_is_told_where_it_cuts_a_value(tmp_path: Path) -> None:
    """Only where no space follows the sign: then the text was most likely meant."""
    text = "source: {id: s-1}\nclaims:\n- note: the A5 #1\n- note: lead # a comment\n- note: 'a #1'\n- note: C#\n"
    records = read_records(make(tmp_path, claims__x_yaml=text))
    assert only(records.problems).startswith("claims/x.yaml:3:16: warning KG013")
    assert [row.text("note") for row in records.claims] == ["the A5", "lead", "a #1", "C#"]


# ---------------------------------------------------------------- CSV

FIELD = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
TABLE = st.integers(1, 5).flatmap(lambda width: st.lists(st.lists(FIELD, min_size=width, max_size=width), max_size=6))


@given(TABLE, st.sampled_from([("\r\n", csv.QUOTE_MINIMAL), ("\n", csv.QUOTE_ALL), ("\r", csv.QUOTE_ALL)]))
def test_csv_comes_back(table: list[list[str]], how: tuple[str, int]) -> None:
    """What Python's writer writes is read as the same fields, and every place points at its text."""
    newline, quoting = how
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator=newline, quoting=quoting).writerows(table)
    text = stream.getvalue()
    records = list(parse_csv(text, "x.csv"))
    assert [[cell.text for cell in record] for record in records] == table
    offsets = [0, *(match.end() for match in BREAKS.finditer(text))]
    for record in records:
        for cell in record:
            there = text[offsets[cell.place.line - 1] + cell.place.column - 1 :]
            written = '"' + cell.text.replace('"', '""') + '"' if there.startswith('"') else cell.text
            assert there.startswith(written)


@given(st.text(st.sampled_from('a,"\r\n '), max_size=40))
def test_csv_is_read_as_the_standard_has_it_or_refused(text: str) -> None:
    """Where Python's strict reader and ours both read a text, they read the same."""
    try:
        ours = [[cell.text for cell in record] for record in parse_csv(text, "x.csv")]
    except Fault as fault:
        assert fault.problem.location.line >= 1
        return
    theirs = [record for record in csv.reader(io.StringIO(text, newline=""), strict=True) if record]
    assert ours == theirs


def test_a_long_field_costs_no_time() -> None:
    """A quote that is never closed, and a field of megabytes: told at once."""
    for text in ('a,"' + "x" * 5_000_000, 'a,"' + '""' * 2_000_000, "a," + "x" * 5_000_000):
        with pytest.raises(Fault) as caught:
            list(parse_csv(text, "x.csv"))
        assert str(caught.value.problem.location) == "x.csv:1:3"
    list(parse_csv("a," + "x" * MAX_FIELD, "x.csv"))


# ---------------------------------------------------------------- the folder


def test_a_folder_without_settings_is_no_project(tmp_path: Path) -> None:
    """The message says how to make one."""
    with pytest.raises(ProjectError, match="kg new"):
        read_records(tmp_path)


def test_files_are_read_in_one_order_and_hidden_ones_not(tmp_path: Path) -> None:
    """Subfolders count; what begins with a dot or ~ is an editor's."""
    text = "source: {id: ID}\nclaims:\n- {a: b}\n"
    names = {"b_yaml": "b", "a__c_yaml": "ac", "B_yml": "big"}
    files = {f"claims__{name}": text.replace("ID", id) for name, id in names.items()}
    make(tmp_path, **files, claims__notes_txt="x")
    (tmp_path / "claims" / ".b.yaml.swp").write_text("{{{", encoding="utf-8")
    (tmp_path / "claims" / "~b.yaml").write_text("{{{", encoding="utf-8")
    records = read_records(tmp_path)
    assert [source.text("id") for source in records.sources] == ["big", "ac", "b"]
    assert only(records.problems).startswith("claims/notes.txt: info KG014")


def test_a_link_out_of_the_project_is_not_followed(tmp_path: Path) -> None:
    """A project reads its own files only."""
    (tmp_path / "secret.yaml").write_text(CLAIMS, encoding="utf-8")
    folder = make(tmp_path / "project", claims__y_yaml=CLAIMS)
    (folder / "claims" / "x.yaml").symlink_to(tmp_path / "secret.yaml")
    assert only(read_records(folder).problems).startswith("claims/x.yaml: error KG001: the file lies outside")


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    """What cannot be read is told, with the reason of the system."""
    folder = make(tmp_path, claims__y_yaml=CLAIMS)
    (folder / "entities.yaml").mkdir()
    assert only(read_records(folder).problems).startswith("entities.yaml: error KG001: cannot be read")


def test_a_project_without_claims(tmp_path: Path) -> None:
    """An input that yields nothing is an error."""
    assert only(read_records(make(tmp_path)).problems).startswith("claims: error KG011: the project holds no claims")
