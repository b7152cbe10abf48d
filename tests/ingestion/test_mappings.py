"""Mappings of tables: every mistake at its place, in one run; what texts, look-ups and names of columns may be."""

import gzip
import re
from pathlib import Path

import pytest

import kg
from projects import make_project

TABLE = 'owner,firm,supplier,title,a,Model year,Model,外文名,"say ""it""",x.y,US$,row\nAlpha,f1,s1,t1,a1,2020,One,Alef,q,d,5,77\n'
HEAD = "file: t.csv\nsource: s1\n"
ENTITY = "entities:\n  o: {key: $owner, type: firm, en: $owner}\n"
CLAIM = "claims:\n- {agent: $o, role: supplier, target: car, at: row$row}\n"


def project(folder: Path, mapping: str, table: str = TABLE, row: str = "agent: a, role: retailer, target: car") -> Path:
    """Return a project with one table."""
    return make_project(folder, row, tables__t_yaml=mapping, tables__t_csv=table)


def told(folder: Path) -> list[str]:
    """Return what a check finds wrong."""
    return [str(problem) for problem in kg.check(folder) if problem.severity == "error"]


def one(folder: Path, mapping: str) -> str:
    """Return the one mistake of a mapping, or nothing."""
    problems = told(project(folder, mapping))
    assert len(problems) <= 1, problems
    return "".join(problems)


def exported(folder: Path) -> list[str]:
    """Return the claims of the table."""
    claims = kg.load(folder).export("csv")["claims.csv"]
    return [line for line in claims.splitlines()[1:] if "retailer" not in line]


def test_every_mistake_is_told_in_one_run(tmp_path: Path) -> None:
    """At the place of the wrong word, whatever else is wrong, in claim files and in every mapping; none follows."""
    mapping = """file: t.csv
source: s1
exspect: {min: few}
columns:
  kind: {from: $modle, ~(: x, ~x: $2, else: $gone}
entities:
  o: {kee: $owner, type: frm, en: $owner, colour: red}
  p: {type: model, en: $Model, en: $Model}
claims:
- {agent: $o, role: suplier, targt: $p, from: 2020-13, at: row$row}
- {agent: $p, value: 3, role: supplier, target: car}
- {note: x}
"""
    made = project(tmp_path, mapping, row="agent: maker-of-table, role: retaler, target: car")
    (made / "tables" / "u.yaml").write_text("file: none.csv\nsauce: s1\nclaims: [x]\n", "utf-8")
    places = [line.partition(": error ")[0::2] for line in told(made)]
    assert [(place, said[:5]) for place, said in places] == [
        ("claims/s1.yaml:3:33", "KG102"),
        ("tables/t.yaml:3:1", "KG101"),
        ("tables/t.yaml:3:16", "KG210"),
        ("tables/t.yaml:5:16", "KG101"),
        ("tables/t.yaml:5:24", "KG210"),
        ("tables/t.yaml:5:35", "KG210"),
        ("tables/t.yaml:5:45", "KG101"),
        ("tables/t.yaml:7:7", "KG101"),
        ("tables/t.yaml:7:26", "KG102"),
        ("tables/t.yaml:7:43", "KG101"),
        ("tables/t.yaml:8:6", "KG108"),
        ("tables/t.yaml:8:32", "KG004"),
        ("tables/t.yaml:10:21", "KG102"),
        ("tables/t.yaml:10:30", "KG101"),
        ("tables/t.yaml:10:47", "KG201"),
        ("tables/t.yaml:11:15", "KG106"),
        ("tables/t.yaml:12:3", "KG107"),
        ("tables/u.yaml:1:1", "KG001"),
        ("tables/u.yaml:2:1", "KG101"),
        ("tables/u.yaml:3:10", "KG005"),
    ]
    for verb in (kg.load, kg.build):
        with pytest.raises(kg.CheckError) as caught:
            verb(made)
        assert len([p for p in caught.value.problems if p.severity == "error"]) == len(places)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("t.yaml", b"file: t.csv\nsource: \xff\n", "KG001"),
        ("t.yaml", b"file: [", "KG002"),
        ("t.yaml", b"", "KG011"),
        ("t.yaml", b"- file", "KG005"),
        ("t.yaml", b'file: "t\\0.csv"\nsource: s1\n' + ENTITY.encode(), "KG010"),
        ("t.yaml", (HEAD + ENTITY + "expect: {min: 5}\n" + CLAIM).encode(), "KG108"),
        ("t.yaml", (HEAD + ENTITY + "expect: {max: 0}\n" + CLAIM).encode(), "KG209"),
        ("t.csv.gz", gzip.compress(TABLE.encode() * 200)[:-20], "KG001"),
        ("t.parquet", b"PAR1", "KG001"),
    ],
)
def test_a_check_raises_for_no_mapping_and_no_table(
    name: str, content: bytes, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be read is a problem like any other, and hides no other."""
    made = project(tmp_path, HEAD + ENTITY + CLAIM, row="agent: a, role: retaler, target: car")
    if name != "t.yaml":
        (made / "tables" / "t.yaml").write_text((HEAD + ENTITY + CLAIM).replace("t.csv", name), "utf-8")
    (made / "tables" / name).write_bytes(content)
    assert {problem.code for problem in kg.check(made) if problem.severity == "error"} == {"KG102", code}


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ("key: $owner", "key: owner", "4:12", "for the column write $owner"),
        ("en: $owner", "en: Model year", "4:36", 'for the column write "${Model year}"'),
        ("agent: $o", "agent: o", "6:11", "for the entity write $o"),
        ("agent: $o", "agent: owner", "6:11", "for the column write $owner"),
        ("target: car", "target: title", "6:39", "for the column write $title"),
        ("at: row$row", "from: Model year", "6:50", 'for the column write "${Model year}"'),
        ("at: row$row", "note: owner", "6:50", "for the column write $owner"),
        ("at: row$row", "where: maker", "6:51", "for the column write $maker"),
        ("source: s1", "source: owner", "2:9", "for the column write $owner"),
        ("entities:", "columns: {x: {from: owner, else: y}}\nentities:", "3:21", "for the column write $owner"),
        ("key: $owner", "key: $Model year", "4:12", 'for the column \'Model year\' write "${Model year}"; for \'Model\''),
        ("key: $owner", "key: $外文名", "4:12", 'for the column write "${外文名}"'),
        ("key: $owner", "key: $x.y", "4:12", 'write "${x.y}"'),
        ("key: $owner", 'key: "${Model"', "4:12", 'for the column write $Model'),
        ("key: $owner", "key: $o", "4:12", "only a claim takes 'o'"),
        ("key: $owner", "key: $onwer", "4:12", "did you mean 'owner'?"),
        ("key: $owner", "key: ${Model year}", "4:13", 'write "${Model year}"'),
        ("key: $owner", "key: $owner-${Model year} x", "4:20", 'write "$owner-${Model year} x"'),
        ("key: $owner", "prefix: Ö, key: $owner", "4:15", "cannot begin an id"),
        ("entities:\n", "entities:\n  Ö: {key: $owner, type: firm, en: x}\n", "4:3", "give it a prefix"),
        ("key: $owner", "key: $owner, Ltd", "4:20", "'Ltd' has no value"),
        ("key: $owner", "key: $owner, id: $a", "4:7", "'id' and 'key'"),
        ("key: $owner", "key: [$owner]", "4:12", "holds a list"),
        ("target: car, ", "", "6:3", "needs 'target' or 'counterparty'"),
    ],
)  # fmt: skip
def test_a_column_that_is_meant_otherwise(old: str, new: str, place: str, said: str, tmp_path: Path) -> None:
    """A forgotten sign, a name in two words, a name in other letters: told at its place, with what to write."""
    mapping = HEAD + ENTITY + CLAIM
    assert old in mapping
    problem = one(tmp_path, mapping.replace(old, new, 1))
    assert problem.startswith(f"tables/t.yaml:{place}: error")
    assert said in problem


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("type: firm", "type: firm"),
        ("role: supplier", "role: supplier"),
        ("at: row$row", "at: title"),
        ("agent: $o", "agent: a"),
        ("key: $owner", 'key: "owner"'),
        ("en: $owner", 'en: "owner"'),
        ("key: $owner", 'key: "${Model} year"'),
        ("key: $owner", 'key: "${US$}|${say \\"it\\"}|${x.y}|${外文名}|${Model year}"'),
        ("en: $owner", "en: US$5"),
        ("entities:", "columns: {x: {from: $owner, owner: owner, else: owner}}\nentities:"),
        (CLAIM, "claims: []\n"),
        (CLAIM, ""),
    ],
)  # fmt: skip
def test_plain_text_may_be_meant(old: str, new: str, tmp_path: Path) -> None:
    """A word of the key, a known id, a text in quotes, the result of a look-up: whatever the columns are called."""
    mapping = HEAD + ENTITY + CLAIM
    assert old in mapping
    assert one(tmp_path, mapping.replace(old, new, 1)) == ""


def test_one_row_that_is_no_entity_is_one_reject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``$row`` is text, and no id; that the claim of the row names nobody is not told as well, in either size."""
    made = project(tmp_path, HEAD + ENTITY.replace("key: $owner", "id: $row") + CLAIM)
    assert told(made) == [
        "tables/t.csv:row 1, entity 1: error KG111: '1' is no id; "
        "ids are small letters, digits and hyphens, a letter first, at most 63"
    ]
    kg.build(made, allow_rejects=True)
    assert (made / "build" / "rejects.csv").read_text("utf-8").splitlines()[1:] == ["tables/t.csv,1,KG111,'1' is no id"]


def test_keys_and_look_ups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key of the row's number or of no column; results that take columns and groups, or are empty; one after another."""
    mapping = """file: t.csv
source: s1
columns:
  who: {from: $name, "-": "", ~^The (.*): $1, else: $name}
  size: {from: $count, 1: one, "2": $who, else: ""}
  note: {from: $size, one: $size of $row, else: "${name}/$count"}
entities:
  fixed: {key: Northwind, type: firm, en: Northwind}
  nth: {key: $row, type: plant, en: Nr $row}
  who: {key: $who, type: firm, en: $who}
sources:
  sheet: {key: $count, title: Sheet $count, publisher: paper, published: 2020}
claims:
- {source: $sheet, agent: $who, role: supplier, target: car, note: $note, where: $who}
- {agent: $fixed, role: supplier, target: car, note: $row}
"""
    made = project(tmp_path, mapping, "name,count\nThe Firm,1\n-,2\nOther,2\n")
    assert told(made) == []
    kg.build(made)
    text = (made / "build" / "graph.ttl").read_text("utf-8")
    assert all(f'"{name}"@en' in text for name in ("Northwind", "Nr 1", "Nr 3", "Firm", "Other"))
    assert sorted(re.findall('kg:note "(.*?)"', text)) == ["1", "Other/2", "one of 1"]
    assert not any(f'"{name}"@en' in text for name in ("-", "The Firm", "$who", "$name"))


@pytest.mark.parametrize(
    ("look_ups", "said"),
    [
        ("{size: {from: $kind, else: x}, kind: {from: $owner, else: x}}", "'kind' is looked up further down"),
        ("{owner: {from: $owner, else: x}}", "'owner' is looked up from itself"),
        ("{kind: {from: $owner, else: $kind}}", "'kind' is looked up from itself"),
        ("{kind: {form: $owner, else: x}}", "'from' is missing; did you mean it by 'form'?"),
        ("{kind: {from: $owner, '~(?=x)': x}}", "look-around"),
        ("{kind: {from: $owner, Alpha: , else: x}}", "'Alpha' has no value"),
    ],
)  # fmt: skip
def test_a_look_up_reads_what_stands_above_it(look_ups: str, said: str, tmp_path: Path) -> None:
    """Columns, and look-ups above; never itself."""
    assert said in one(tmp_path, f"{HEAD}columns: {look_ups}\n{ENTITY}{CLAIM}")


def test_columns_are_called_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that the program uses itself are names like others, but ``$row``, which is the number of the row."""
    names = ["row", "key", "fault", "message", "code", "id", "id:o", "look-up:o", "column:o", "o", "folded", "source"]
    key = "|".join(f"${{{name}}}" for name in names)
    mapping = HEAD + f'entities:\n  o: {{key: "{key}", type: firm, en: "{key}"}}\n' + CLAIM
    made = project(tmp_path, mapping, f"{','.join(names)}\n{','.join(f'v{n}' for n in range(len(names)))}\n")
    assert told(made) == []
    kg.build(made)
    label = "|".join(["1", *(f"v{n}" for n in range(1, len(names)))])
    assert f'"{label}"@en' in (made / "build" / "graph.ttl").read_text("utf-8")
