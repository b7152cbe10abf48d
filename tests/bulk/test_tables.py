"""Tables and their mappings: every format, minted ids, look-ups, rejects, counts; few rows and many give the same."""

import gzip
from pathlib import Path

import polars as pl
import pyoxigraph
import pytest

import kg
from kg.files.cache import generation
from kg.rdf.triples import trig, turtle
from kg.views import listing
from projects import make_project

CSV = """maker,kind,model,since,line
Alpha,car,One,2019,"he said ""built"", 名"
ACME (Inc.),car,One,2020,
Alpha,lorry,Two,2021,x
Alpha,car,Three,soon,x
acme  (inc.),car,Two,,x
Alpha,spaceship,Four,2021,x
"""
MAPPING = """file: {file}
source: s1
columns:
  type: {{from: $kind, car: model, ~^lor: model}}
entities:
  maker: {{key: $maker, type: firm, en: $maker}}
  product: {{key: $maker|$model, prefix: p, type: $type, en: $model}}
claims:
- {{agent: $maker, role: carmaker, target: $product, from: $since, note: $line, at: row$row}}
"""
HAND = "agent: a, role: retailer, target: car"


def project(folder: Path, file: str = "t.csv", mapping: str = MAPPING, text: str = CSV) -> Path:
    """Return a project with one table, in the format that its name tells."""
    made = make_project(folder, HAND, **{"tables__t_yaml": mapping.format(file=file)})
    path = made / "tables" / file
    frame = pl.read_csv(text.encode(), infer_schema=False)
    writers = {
        ".csv": lambda: path.write_text(text, "utf-8"),
        ".gz": lambda: path.write_bytes(gzip.compress(text.encode())),
        ".parquet": lambda: frame.write_parquet(path),
        ".jsonl": lambda: frame.write_ndjson(path),
        ".xlsx": lambda: write_workbook(frame, path),
    }
    writers[path.suffix]()
    return made


def write_workbook(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame as the first sheet of a workbook."""
    import openpyxl

    book = openpyxl.Workbook()
    for row in (frame.columns, *frame.rows()):
        book.active.append(row)
    book.save(path)


def triples(path: Path) -> set[str]:
    """Return the triples of a file of Turtle, none of which may occur twice."""
    found = [str(quad.triple) for quad in pyoxigraph.parse(path.read_bytes(), pyoxigraph.RdfFormat.TURTLE)]
    assert len(found) == len(set(found))
    return set(found)


@pytest.mark.parametrize("file", ["t.csv", "t.csv.gz", "t.parquet", "t.jsonl", "t.xlsx"])
def test_a_table_by_column_is_its_rows(tmp_path: Path, file: str) -> None:
    """What a build writes by column is the graph of the rows as objects, and it rejects what a check does."""
    made = project(tmp_path, file)
    graph = kg.build(made, tmp_path / "out", allow_rejects=True)
    assert len(graph.world.claims) == 5
    (tmp_path / "rows.ttl").write_text(turtle(graph.quads, graph.prefixes), "utf-8")
    assert triples(tmp_path / "out" / "graph.ttl") == triples(tmp_path / "rows.ttl")
    written = (tmp_path / "out" / "graph.trig").read_bytes()
    assert quads_of(written) == quads_of(trig(graph.quads, graph.prefixes).encode())
    _, *rejects = (tmp_path / "out" / "rejects.csv").read_text("utf-8").splitlines()
    told = [p for p in kg.check(made) if p.severity == "error"]
    assert [line.split(",")[:3] for line in rejects] == [[p.location.file, f"{p.location.line}", p.code] for p in told]
    assert [p.code for p in told] == ["KG201", "KG102"]


def quads_of(text: bytes) -> set[str]:
    """Return the quads of a text of TriG."""
    return set(map(str, pyoxigraph.parse(text, pyoxigraph.RdfFormat.TRIG)))


def test_an_id_is_made_of_its_key(tmp_path: Path) -> None:
    """Plain keys are readable, others have a digest; case and spacing are not told apart."""
    ids = set(kg.load(project(tmp_path)).world.entities) - set(
        kg.load(make_project(tmp_path / "bare", HAND)).world.entities
    )
    makers = sorted(id for id in ids if id.startswith("maker"))
    assert makers[0].startswith("maker-acme-inc-")
    assert makers[1:] == ["maker-alpha"]
    assert len([id for id in ids if id.startswith("p-")]) == 5


def test_parts_are_what_the_graph_is_made_of(tmp_path: Path) -> None:
    """``graph.ttl`` ends with the parts, and two builds give the same bytes."""
    made = project(tmp_path)
    kg.build(made, allow_rejects=True)
    first = (made / "build" / "graph.ttl").read_bytes()
    assert first.endswith((made / "build" / "parts" / "t.ttl").read_bytes())
    kg.build(made, allow_rejects=True)
    assert (made / "build" / "graph.ttl").read_bytes() == first


def test_what_a_table_wrote_goes_with_it(tmp_path: Path) -> None:
    """A part and the Parquet of a table under an old name, or of one that is gone, do not stay to be read twice."""
    made = project(tmp_path)
    kg.build(made, allow_rejects=True)
    (made / "tables" / "t.yaml").rename(made / "tables" / "u.yaml")
    kg.build(made, allow_rejects=True)
    left = sorted(
        path.relative_to(made / "build").as_posix() for path in (made / "build").rglob("*.*") if path.is_file()
    )
    assert [name for name in left if name.startswith(("parts", "claims"))] == [
        "claims/u/00-0000.parquet",
        "parts/u.ttl",
    ]
    (made / "tables" / "u.yaml").unlink()
    kg.build(made, allow_rejects=True)
    assert not any(path.is_file() for name in ("parts", "claims") for path in (made / "build" / name).rglob("*"))
    assert not (made / "build" / "rejects.csv").exists()


def test_a_build_without_a_picture_leaves_no_old_one(tmp_path: Path) -> None:
    """What an earlier build drew does not stay beside another graph."""
    made = project(tmp_path)
    kg.build(made, allow_rejects=True)
    assert (made / "build" / "graph.html").exists()
    kg.build(made, allow_rejects=True, picture=False)
    assert not (made / "build" / "graph.html").exists()


def test_what_cannot_be_drawn_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The entities that most claims name, with the command that draws each; kg build and kg view list the same."""
    monkeypatch.setattr(listing, "BOXES", 1)
    made = project(tmp_path)
    graph = kg.build(made, allow_rejects=True)
    pages = [(made / "build" / "graph.html").read_text("utf-8"), graph.view()]
    assert pages[0] == pages[1]
    assert pages[0].count("kg view --focus") == 2 * pages[0].count("<tr><td")
    assert "too many for one picture" in pages[0]
    assert "<script" not in pages[0]


def test_claims_are_kept_as_parquet(tmp_path: Path) -> None:
    """A row a claim, typed, with its verdict, and names that the graph has too."""
    made = project(tmp_path)
    kg.build(made, allow_rejects=True)
    claims = pl.read_parquet(made / "build" / "claims" / "t" / "*.parquet").sort("row")
    assert claims["row"].to_list() == [1, 2, 3, 5]
    assert claims.schema["valid_from"] == pl.Date
    assert claims["verdict"].unique().to_list() == ["stated"]
    text = (made / "build" / "graph.ttl").read_text("utf-8")
    assert all(f"claim:{name} a kg:Claim" in text for name in claims["claim"])


def test_a_column_of_a_table_may_have_any_name(tmp_path: Path) -> None:
    """Columns called as the program calls what it computes; `$row` is the number of the row all the same."""
    mapping = MAPPING.replace("$maker, type", "$key, type").replace("$line", "$key") + "  #{file}\n"
    made = project(tmp_path, mapping=mapping, text="maker,kind,model,since,key,row\nAlpha,car,One,2019,K1,99\n")
    kg.build(made, tmp_path / "out", allow_rejects=True)
    found = triples(tmp_path / "out" / "graph.ttl")
    assert any(line.endswith('#note> "K1"') for line in found)
    assert any(line.endswith('#locator> "row1"') for line in found)


def test_whom_a_record_names_has_an_id(tmp_path: Path) -> None:
    """What is no id is no entity: of an entity, and of a source, such a row is rejected."""
    mapping = """file: {file}
entities:
  e: {{id: $maker, type: firm, en: $maker, except: $kind}}
sources:
  s: {{id: $model, title: $model, publisher: $kind, published: $since}}
"""
    lines = 'e1,a,t1,2019,\ne2,"a ; kg:x ""y",t2,2019,\ne3,a <b> .,t3,2019,\n'
    made = project(tmp_path, mapping=mapping, text="maker,kind,model,since,line\n" + lines)
    kg.build(made, tmp_path / "out", allow_rejects=True)
    rejects = pl.read_csv(tmp_path / "out" / "rejects.csv")
    assert rejects.select("row", "code").rows() == [(2, "KG103"), (2, "KG103"), (3, "KG103"), (3, "KG103")]
    subjects = {line.split(" ", 1)[0].rpartition("/")[2] for line in triples(tmp_path / "out" / "graph.ttl")}
    assert {"e1>", "t1>"} <= subjects
    assert subjects.isdisjoint({"e2>", "e3>", "t2>", "t3>"})


@pytest.mark.parametrize("expect", ["{min: 5}", "{min: 1, max: 3}"])
def test_a_table_that_is_not_whole_stops_the_build(tmp_path: Path, expect: str) -> None:
    """Fewer claims than expected, or more, and nothing is written."""
    made = project(tmp_path, mapping=MAPPING + f"expect: {expect}\n".replace("{", "{{").replace("}", "}}"))
    with pytest.raises(kg.CheckError, match="4 claims, where"):
        kg.build(made, allow_rejects=True)
    assert not list((made / "build").glob("graph*"))


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ("role: carmaker", "rolle: carmaker", "KG101", "did you mean 'role'"),
        ("note: $line", "note: $lines", "KG101", "did you mean 'line'"),
        ("source: s1\n", "", "KG108", "who says"),
        ("{file}", "none.csv", "KG001", "no 'tables/none.csv'"),
        ("{file}", "../kg.yaml", "KG014", "is not read"),
        ("~^lor", "~^(lor", "KG210", "no regular expression"),
        ("claims:", "claimz:", "KG101", "unknown key 'claimz'"),
        ("at: row$row", "re: x", "KG106", "refer"),
        ("key: $maker,", "", "KG108", "no 'id'"),
        ("role: carmaker, ", "", "KG107", "what a row says"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_mapping(tmp_path: Path, old: str, new: str, code: str, said: str) -> None:
    """A mapping's fault is told with its place and what to do."""
    made = project(tmp_path)
    (made / "tables" / "t.yaml").write_text(MAPPING.replace(old, new).format(file="t.csv"), "utf-8")
    with pytest.raises(kg.CheckError) as caught:
        kg.load(made)
    problem = next(problem for problem in caught.value.problems if problem.severity == "error")
    assert problem.code == code
    assert problem.location.file == "tables/t.yaml"
    assert said in str(problem)


def test_the_store_is_a_cache(tmp_path: Path) -> None:
    """It is made when first asked, and kept while nothing changes."""
    made = project(tmp_path)
    graph = kg.load(made)
    cache = made / "build" / "store"
    assert not cache.exists()
    assert graph.query("ASK { ?s ?p ?o }")
    (first,) = (path for path in cache.iterdir() if path.is_dir())
    assert (cache / "digests.json").is_file()
    assert kg.load(made).store == first
    assert len(kg.load(made).ask("roles-of", {"firm": "maker-alpha"})) == 2
    text = (made / "tables" / "t.csv").read_text("utf-8")
    (made / "tables" / "t.csv").write_text(text + "Alpha,car,Five,2022,x\n", "utf-8")
    second = kg.load(made).store
    assert second != first
    assert [path.name for path in cache.iterdir() if path.is_dir()] == [Path(second).name]


def test_a_killed_load_leaves_nothing(tmp_path: Path) -> None:
    """What fails while a generation is made leaves the old one; its remains go with the next."""

    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise OSError(28, "No space left on device")

    old = generation(tmp_path, "old", lambda folder: (folder / "whole").touch())
    with pytest.raises(kg.ProjectError, match="No space left"):
        generation(tmp_path, "new", fail)
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == [old]
    new = generation(tmp_path, "newer", lambda folder: (folder / "whole").touch())
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == [new]


DOCS = """file: docs.csv
sources:
  doc: {id: $id, title: $title, publisher: press, published: $day, copy-of: $orig}
entities:
  other: {key: $firm, type: firm, en: $firm}
  paper: {id: $paper, type: source, en: $paper}
claims:
- {source: $id, agent: a, role: retailer, target: car}
- {source: $id, agent: $other, role: retailer, target: car, second-hand: $paper}
"""


def test_what_names_documents_of_tables(tmp_path: Path) -> None:
    """Copies of documents of the table, and papers that it describes; a copy of nothing is rejected."""
    rows = ["id,title,day,orig,firm,paper", "d1,First,2022-01,,One,daily", "d2,Copy,2022-02,d1,Two,daily"]
    rows += ["d3,Lost,2022-03,nowhere,Two,weekly", "d4,Lost too,2022-03,d3,One,weekly", ""]
    made = make_project(tmp_path, HAND, tables__docs_yaml=DOCS.replace("press", "paper"))
    (made / "tables" / "docs.csv").write_text("\n".join(rows), "utf-8")
    graph = kg.build(made, allow_rejects=True)
    (tmp_path / "rows.ttl").write_text(turtle(graph.quads, graph.prefixes), "utf-8")
    found = triples(made / "build" / "graph.ttl")
    assert found == triples(tmp_path / "rows.ttl")
    origins = {line.rpartition("> <")[2].rstrip(">") for line in found if "#origin>" in line}
    assert any(origin.endswith("/paper") for origin in origins)
    _, *rejects = (made / "build" / "rejects.csv").read_text("utf-8").splitlines()
    assert [line.split(",")[1:3] for line in rejects] == [["3", "KG104"], ["4", "KG104"]]
