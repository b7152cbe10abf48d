"""Two entities that may be one: names in several scripts and spellings, judgements that are kept, and nothing merged."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

import kg
from command import run
from kg.curation.xref import candidates, judge, judgements
from kg.model.errors import UsageError
from kg.model.names import MINIMUM, Normaliser, Scorer, best_likeness, compare_all
from kg.model.ontology import read_ontology
from projects import EXAMPLE, make_project

ROW = "agent: a, role: retailer, target: car"
NORMALISER = Normaliser(read_ontology({}, []))


def score(one: str, other: str) -> float:
    """Return how like two names are where no others are known."""
    ours, theirs = NORMALISER.names(one), NORMALISER.names(other)
    likeness = best_likeness(Scorer([*ours, *theirs]), ours, theirs)
    return likeness.score if likeness else 0.0


@pytest.mark.parametrize(
    ("text", "tokens", "forms"),
    [
        ("Alpha Co., Ltd.", ("alpha",), ("co-ltd",)),
        ("ALPHA, INC", ("alpha",), ("inc",)),
        ("\uff21lpha\u3000\uff27mbH", ("alpha",), ("gmbh",)),
        ("Alpha S.A. de C.V.", ("alpha",), ("sa-de-cv",)),
        ("甲乙股份有限公司", ("甲乙",), ("gufen",)),
        ("甲乙有限公司", ("甲乙",), ()),
        ("株式会社アルファ", ("アルファ",), ("kk",)),
        ("\u041e\u041e\u041e Альфа", ("альфа",), ("ooo",)),
        ("J D B Trailers", ("jdb", "trailer"), ()),
        ("J.D.B. Trailers Mfg", ("jdb", "trailer", "manufacturing"), ()),
        ("The House of Ålfå & Söhne", ("house", "alfa", "sohne"), ()),
        ("Company", ("company",), ()),
        ("Ltd Co", ("ltd",), ()),
        ("!!!", (), ()),
    ],
)
def test_a_name_made_comparable(text: str, tokens: tuple[str, ...], forms: tuple[str, ...]) -> None:
    """Width, case, accents, marks, fillers and legal forms do not tell a bearer; something is always left."""
    names = NORMALISER.names(text)
    assert [(name.tokens, name.forms) for name in names] == ([(tokens, forms)] if tokens else [])


def test_two_names_in_one() -> None:
    """A joint stands between two names of one bearer."""
    assert [name.tokens for name in NORMALISER.names("R. Menard dba Ron's Shop")] == [("r", "menard"), ("rons", "shop")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Alpha Motor Co., Ltd.", "ALPHA MOTORS"),
        ("华为", "Huawei"),
        ("比亚迪", "比亞迪"),
        ("Land Rover", "Landrover"),
        ("Rover Land", "Land Rover"),
        ("Škoda", "SKODA a.s."),
        ("Streamline Designs", "Steamline Designs Inc."),
        ("Smith dba Blue Ridge", "Blueridge LLC"),
    ],
)
def test_the_same_name(one: str, other: str) -> None:
    """Spellings of one name are proposed."""
    assert score(one, other) >= MINIMUM
    assert score(other, one) == score(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("KLA Trailers", "IKA Trailers"),
        ("Route 66", "Route 67"),
        ("C & C Welding", "C & D Welding"),
        ("Alpha Motor", "Beta Motor"),
        ("华为", "华伟国际"),
        ("Alpha", "Альфа"),
        ("T", "TT"),
    ],
)
def test_another_name(one: str, other: str) -> None:
    """What differs in a telling word, in initials or in a number is another name."""
    assert score(one, other) < MINIMUM


ENTITIES = """
a: {type: firm, en: Alpha Motor Works Ltd}
b: {type: firm, en: ALPHA MOTORS WORKS}
c: {type: firm, en: Gamma, aka: Old Delta}
d: {type: firm, zh: 三角洲, en: Delta Old}
e: {type: firm, en: Epsilon, same-as: Q7}
f: {type: firm, en: Zeta, same-as: Q7}
g: {type: brand, en: Alpha Motor Works}
h: {type: firm, en: Omega Star}
i: {type: firm, en: New Iota}
j: {type: firm, en: Jota, same-as: Q1}
k: {type: firm, en: Jota Ltd, same-as: Q2}
some-alphas: {type: firm, en: Alpha Motor Works, stands-for: some}
car: {type: model, en: Car}
paper: {type: media, en: Paper}
"""
RENAMED = "event: renaming, about: i, name: New Iota, old-name: Omegastar"


def project(folder: Path, *rows: str) -> Path:
    """Make a project in which some are one."""
    return make_project(folder, *(rows or (ROW, RENAMED)), entities=ENTITIES)


def test_candidates(tmp_path: Path) -> None:
    """By name, other name, former name and identifier; one type only, and nobody who stands for others."""
    found = {(c.a, c.b): c.reason for c in candidates(project(tmp_path))}
    assert set(found) == {("a", "b"), ("c", "d"), ("e", "f"), ("h", "i")}
    assert found["e", "f"] == "both are Q7"
    assert "'Omegastar' (a former name)" in found["h", "i"]
    assert "'Old Delta'" in found["c", "d"]


def test_settled_pairs_are_not_proposed(tmp_path: Path) -> None:
    """A pair of which the project says that it is one needs no judgement."""
    folder = project(tmp_path, ROW, "subject: c, relation: same-as, object: d")
    text = ENTITIES.replace("en: ALPHA MOTORS WORKS", "en: ALPHA MOTORS WORKS, merged-into: a")
    (folder / "entities.yaml").write_text(text, encoding="utf-8")
    assert {(c.a, c.b) for c in candidates(folder)} == {("e", "f")}


def test_judgements_are_kept_and_reversible(tmp_path: Path) -> None:
    """A judged pair is not proposed again; the later judgement holds; a line deleted is undone."""
    folder = project(tmp_path)
    judge(folder, "b", "a", "negative", by="me", note="seen, both")
    judge(folder, "a", "b", "unsure")
    assert judgements(folder) == {("a", "b"): "unsure"}
    assert ("a", "b") not in {(c.a, c.b) for c in candidates(folder)}
    rows = list(csv.reader((folder / "xref.csv").read_text("utf-8").splitlines()))
    assert rows[0] == ["a", "b", "judgement", "by", "note", "score"]
    assert rows[1][:5] == ["a", "b", "negative", "me", "seen, both"]
    assert float(rows[1][5]) >= MINIMUM
    assert kg.check(folder) == []
    (folder / "xref.csv").write_text("a,b,judgement,by,note,score\n", encoding="utf-8")
    assert ("a", "b") in {(c.a, c.b) for c in candidates(folder)}
    assert kg.check(folder) == []


def test_accepting_merges_nothing(tmp_path: Path) -> None:
    """It prints the line to write; what it prints is accepted by the check, and the claims are as they were."""
    folder = project(tmp_path)
    before = (folder / "entities.yaml").read_bytes()
    done = run("-C", folder, "xref", "--accept", "b", "a", "--by", "me", "--note", "one works")
    line, claim = done.stdout.splitlines()
    assert line == "entities.yaml:3:1: to the line of b add merged-into: a"
    assert claim.endswith("{subject: b, relation: same-as, object: a}")
    assert (done.returncode, done.stderr) == (0, "xref.csv: b and a: positive\n")
    assert (folder / "entities.yaml").read_bytes() == before


def test_the_command(tmp_path: Path) -> None:
    """It lists with score and reason, as text and as JSON; a judgement about nobody, or two at once, is wrong usage."""
    folder = project(tmp_path)
    done = run("-C", folder, "xref")
    assert done.stdout.splitlines()[0] == "100.0  a  b  'Alpha Motor Works Ltd' and 'ALPHA MOTORS WORKS': " + (
        "the same name with and without a legal form"
    )
    assert (done.returncode, done.stderr) == (0, "4 pairs to judge\n")
    assert json.loads(run("-C", folder, "xref", "--format", "json").stdout)[0]["score"] == 100.0
    assert run("-C", folder, "xref", "--accept", "a", "nobody").returncode == 2
    assert run("-C", folder, "xref", "--accept", "a", "b", "--reject", "a", "b").returncode == 2
    assert not (folder / "xref.csv").exists()


@pytest.mark.parametrize(
    ("a", "b", "said"), [("a", "a", "is one already"), ("a", "g", "only one type"), ("x1", "a", "no entity")]
)
def test_what_cannot_be_judged(tmp_path: Path, a: str, b: str, said: str) -> None:
    """One entity, two types, an unknown id."""
    with pytest.raises(UsageError, match=said):
        judge(project(tmp_path), a, b, "positive")


def test_the_check_reads_the_judgements(tmp_path: Path) -> None:
    """An unknown id, an unknown word and a pair of one are told at their cells; a build does not mind."""
    folder = project(tmp_path)
    lines = ["a,b,judgement,by,note,score", "a,nobody,positive,,,", "a,b,postive,,,", "a,a,unsure,,,", "a,,unsure,,,"]
    (folder / "xref.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    told = [(str(p.location), p.code) for p in kg.check(folder)]
    assert told == [
        ("xref.csv:2:3", "KG103"), ("xref.csv:3:5", "KG102"), ("xref.csv:4:3", "KG114"), ("xref.csv:5:1", "KG108"),
    ]  # fmt: skip
    assert kg.load(folder)


def test_another_table_is_not_overwritten(tmp_path: Path) -> None:
    """A file of that name with other columns stays as it is."""
    folder = project(tmp_path)
    (folder / "xref.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    with pytest.raises(kg.KgError, match="nothing was written"):
        judge(folder, "a", "b", "negative")
    assert (folder / "xref.csv").read_text("utf-8") == "x,y\n1,2\n"


def test_a_crowd_of_one_name() -> None:
    """Very many bearers of one name are chained, not each compared with each."""
    names = NORMALISER.names("Alpha Works") * 1000
    assert len(list(compare_all(names, [0] * len(names), MINIMUM))) == 999


def test_the_example_has_no_doubles() -> None:
    """The example names nobody twice."""
    assert candidates(EXAMPLE) == []
