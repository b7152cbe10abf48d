"""What a build leaves when it takes up the last one is, byte for byte, what a build from nothing writes."""

import csv
import hashlib
import io
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import kg
from arbitrary import EXAMPLES, law, mapping
from kg.bulk import outputs, rebuild
from kg.views import listing
from projects import ENTITIES, make_project

Row = dict[str, str]
COLUMNS = (
    "source", "agent", "role", "target", "counterparty", "from", "until", "stance", "modality", "note",
    "about", "measure", "value", "subject", "relation", "object",
)  # fmt: skip
ROLES = "{agent: $agent, role: $role, target: $target, counterparty: $counterparty, from: $from, until: $until, stance: $stance, modality: $modality, note: $note, at: row$row, where: $agent}"
FIGURES = "{about: $about, measure: $measure, value: $value, when: $from, stance: $stance, where: $about}"
RELATIONS = "{subject: $subject, relation: $relation, object: $object, from: $from, where: $subject}"
TABLES = {
    "firsts": [ROLES],
    "mixed": [FIGURES, ROLES],
    "others": [ROLES, "{agent: $counterparty, role: $role, target: $target, from: $from, where: $counterparty}"],
    "ties": [RELATIONS],
}
HAND = ("agent: a, role: retailer, target: car", "agent: b, role: carmaker, target: car, from: 2020")
ELSEWHERE = "agent: a, role: retailer, target: brand-a"  # at a far end of no table
DENIAL = "agent: b, role: carmaker, stance: denies"
MOST = max(EXAMPLES // 6, 1)

firms, days = st.sampled_from(("a", "b", "c")), st.sampled_from(("2019", "2020-03", "2021"))
circumstances = {
    "from": days, "until": days, "stance": st.sampled_from(("asserts", "denies", "denies", "declines")),
    "modality": st.sampled_from(("actual", "planned")), "note": st.sampled_from(("x", 'a "b", 名', "c .", "\\n")),
}  # fmt: skip
source = st.sampled_from(("s1", "unseen"))
role = mapping(
    {
        "source": source, "agent": st.sampled_from(("a", "b", "c", "c", "nobody")),
        "role": st.sampled_from(("retailer", "carmaker", "carmaker", "contract-manufacturer", "supplyer")),
        "target": st.sampled_from(("car", "car", "car-x", "car-x", "brand-a")),
    },
    {"counterparty": firms, **circumstances},
)  # fmt: skip
endless = mapping({"source": source, "agent": firms, "role": st.just("carmaker"), "stance": st.just("denies")})
figure = mapping(
    {
        "source": source, "about": st.sampled_from(("car", "car-x", "a")), "measure": st.just("units-sold"),
        "value": st.sampled_from(("5 vehicles", "0.3 million vehicles", "3 kg")),
    },
    circumstances,
)  # fmt: skip
tie = mapping(
    {
        "source": source, "subject": firms, "relation": st.sampled_from(("subsidiary-of", "same-as")),
        "object": st.sampled_from(("a", "b", "c", "motor")),
    },
    {"from": days},
)  # fmt: skip
ROWS = {
    "firsts": role,
    "mixed": st.one_of(role, figure),
    "others": st.one_of(role, role, role, role, endless),
    "ties": tie,
}
Rows = dict[str, list[Row]]


@pytest.fixture(autouse=True, scope="module")
def _large() -> Iterator[None]:
    """Take every table for a large one, of several buckets, however much of it changes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listing, "BOXES", -1)  # a picture of every claim is drawn by a full build alone
        patch.setattr(rebuild, "MOST_FRESH", 2.0)
        for module in (outputs, rebuild):
            patch.setattr(module, "bucket_count", lambda folder, mappings: 4)
        yield


def write_table(folder: Path, name: str, rows: list[Row], note: str = "") -> None:
    """Write a table with its mapping."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    tables = folder / "tables"
    tables.mkdir(exist_ok=True)
    (tables / f"{name}.csv").write_text(text.getvalue(), "utf-8")
    claims = "".join(f"- {claim}\n" for claim in TABLES[name])
    (tables / f"{name}.yaml").write_text(f"file: {name}.csv\nsource: $source\nclaims:\n{claims}{note}", "utf-8")


def make_tables(folder: Path, rows: Rows, *hand: str) -> Path:
    """Write a project."""
    made = make_project(folder, *hand)
    for name, mine in rows.items():
        write_table(made, name, mine)
    return made


def written(folder: Path) -> dict[str, bytes]:
    """Return what a build wrote, without what it keeps."""
    return {
        name: path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not (name := path.relative_to(folder).as_posix()).startswith((".kept/", "store/"))
    }


def built(folder: Path) -> bool:
    """Build as ``kg build`` does; tell whether the last build was taken up."""
    taken_up = kg.graph.loading.rebuild(folder, allow_rejects=True) is not None
    if not taken_up:
        kg.build(folder, allow_rejects=True)
    return taken_up


def assert_as_new(folder: Path) -> None:
    """Hold the outputs against those of a build from nothing."""
    with tempfile.TemporaryDirectory() as scratch:
        kg.build(folder, scratch, allow_rejects=True)
        new, there = written(Path(scratch)), written(folder / "build")
        assert there.keys() == new.keys()
        assert [name for name in new if new[name] != there[name]] == []


def edit(folder: Path, data: st.DataObject, rows: Rows) -> None:
    """Change something of a project."""
    kind = data.draw(st.sampled_from(("row", "row", "row", "table", "entities", "hand", "mapping", "gone", "touch")))
    if kind in ("row", "table", "touch"):
        name = data.draw(st.sampled_from(sorted(TABLES)))
        mine = list(rows.get(name, []))
        place = data.draw(st.integers(0, max(len(mine) - 1, 0)))
        change = data.draw(st.sampled_from(("more", "less", "other"))) if kind == "row" else kind
        if change in ("less", "other"):
            del mine[place : place + 1]
        if change in ("more", "other"):
            mine.insert(place, data.draw(ROWS[name]))
        rows[name] = data.draw(st.lists(ROWS[name], max_size=6)) if change == "table" else mine
        write_table(folder, name, rows[name])
    elif kind == "entities":
        label = data.draw(st.sampled_from(("Alpha", "Omega")))
        (folder / "entities.yaml").write_text(ENTITIES.replace("Alpha,", f"{label},"), "utf-8")
    elif kind == "hand":
        make_project(folder, *data.draw(st.sampled_from((HAND, HAND[:1], (*HAND, DENIAL)))))
    elif rows and kind == "mapping":
        name = data.draw(st.sampled_from(sorted(rows)))
        write_table(folder, name, rows[name], note="# changed\n")
    elif len(rows) > 1:
        name = data.draw(st.sampled_from(sorted(rows)))
        del rows[name]
        for ending in ("yaml", "csv"):
            (folder / "tables" / f"{name}.{ending}").unlink()


@given(st.fixed_dictionaries({name: st.lists(row, max_size=8) for name, row in ROWS.items()}), st.data())
@settings(law, max_examples=MOST, phases=(Phase.explicit, Phase.generate))
def test_whatever_changes_the_outputs_are_as_new(rows: Rows, data: st.DataObject) -> None:
    """Rows, whole tables, mappings, entities and files of claims come, go and change; each build is as from nothing."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = make_tables(Path(scratch) / "p", rows, *HAND[: data.draw(st.integers(1, 2))])
        kg.build(folder, allow_rejects=True)
        for _ in range(data.draw(st.integers(1, 4))):
            edit(folder, data, rows)
            built(folder)
            assert_as_new(folder)


START: Rows = {
    "firsts": [
        {"source": "s1", "agent": "a", "role": "carmaker", "target": "car-x", "from": "2019"},
        {"source": "s1", "agent": "c", "role": "retailer", "target": "car"},
        {"source": "s1", "agent": "c", "role": "contract-manufacturer", "target": "car-x"},
    ],
    "mixed": [{"source": "unseen", "about": "car-x", "measure": "units-sold", "value": "5 vehicles"}],
    "others": [
        {"source": "unseen", "agent": "c", "role": "retailer", "target": "brand-a"},
        {"source": "s1", "agent": "c", "role": "retailer", "target": "car"},
    ],
    "ties": [{"source": "s1", "subject": "a", "relation": "same-as", "object": "b"}],
}
MEETING = {"source": "unseen", "agent": "a", "role": "carmaker", "target": "car-x", "stance": "denies", "from": "2019"}
CHANGES: dict[str, tuple[str, list[Row]]] = {
    "a row changed": ("firsts", [START["firsts"][0], {**START["firsts"][1], "from": "2020"}, START["firsts"][2]]),
    "a row added first": ("firsts", [{**START["firsts"][2], "from": "2021"}, *START["firsts"]]),
    "a row gone": ("firsts", START["firsts"][1:]),
    "every row gone": ("mixed", []),
    "a denial that meets another table's claim": ("others", [*START["others"], MEETING]),
    "a row rejected": ("firsts", [*START["firsts"], {**START["firsts"][0], "agent": "nobody"}]),
    "who else said it is gone": ("firsts", [START["firsts"][0], START["firsts"][2]]),
}
STORED = ("a row changed", "a denial that meets another table's claim", "who else said it is gone")


def test_what_can_be_taken_up_is(tmp_path: Path) -> None:
    """Each change, and its taking back, redoes what depends on it and nothing else, and the store follows."""
    folder = make_tables(tmp_path, START, ELSEWHERE)
    kg.build(folder, allow_rejects=True)
    first = written(folder / "build")
    assert kg.load(folder).query("ASK { ?s ?p ?o }")  # a store is made
    for what, (name, rows) in CHANGES.items():
        for now in (rows, START[name]):
            before = {path: path.stat().st_ino for path in (folder / "build" / "parts").iterdir()}
            write_table(folder, name, now)
            if what == "every row gone":
                assert built(folder) in (True, False)  # its groups may go, and with them the order of others
            else:
                assert built(folder), what
                assert any(path.stat().st_ino == number for path, number in before.items())
            if now is rows:
                assert_as_new(folder)
            else:
                assert written(folder / "build") == first, what
            if what in STORED and now is rows:
                assert_store_as_new(folder, what)


def test_what_tables_corroborate_comes_and_goes(tmp_path: Path) -> None:
    """Two tables share a part of what they say: it is written once, wherever the first claim is."""
    folder = make_tables(tmp_path, START, ELSEWHERE)
    other = "source: {id: s2, title: T, publisher: b, published: 2021-06}\nclaims:\n- {event: launch, about: brand-a, at: par1}\n"
    (folder / "claims" / "s2.yaml").write_text(other, "utf-8")
    kg.build(folder, allow_rejects=True)
    said = {"agent": "a", "role": "contract-manufacturer", "target": "car-x", "from": "2019"}
    first = [{"source": "s1", "counterparty": "b", **said}, *START["firsts"][1:]]
    for rows, number in (
        ([{"source": "s2", "until": "2030", **said}], 1),
        ([{"source": "s2", "until": "2031", **said}, {"source": "s2", **said, "from": "2018", "until": "2020"}], 2),
        ([], 0),
    ):
        write_table(folder, "firsts", first)
        write_table(folder, "others", [*START["others"], *rows])
        assert built(folder)
        assert_as_new(folder)
        assert (folder / "build" / "graph.trig").read_text("utf-8").count(" a kg:Corroboration ") == number
        assert (folder / "build" / "graph.ttl").read_text("utf-8").count(" a kg:Corroboration ") == number


def assert_store_as_new(folder: Path, what: str) -> None:
    """Hold the quads of the store that stands there against those of one that is loaded anew."""
    followed = kg.load(folder)
    assert isinstance(followed.store, Path)
    found, kept = quads(followed), beside(followed.store)
    shutil.rmtree(followed.store)
    anew = kg.load(folder)
    assert found == quads(anew), what
    assert kept == beside(followed.store), what


def beside(store: Path) -> list[bytes]:
    """Return what a store keeps beside its graph."""
    return [(store / name).read_bytes() for name in ("names.tsv", "tables.json")]


def quads(graph: kg.Graph) -> list[str]:
    """Return the quads of a graph's store."""
    return sorted(graph.query("SELECT * { GRAPH ?g { ?s ?p ?o } }", form="csv").text.splitlines())


def test_a_store_is_updated_and_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a rebuild the store of the new files is there before anybody asks."""
    folder = make_tables(tmp_path, START, ELSEWHERE)
    kg.build(folder, allow_rejects=True)
    old = kg.load(folder).store
    write_table(folder, "firsts", CHANGES["a row changed"][1])
    assert built(folder)
    monkeypatch.setattr("kg.sparql.store.load_store", lambda *_: pytest.fail("loaded"))
    assert kg.load(folder).store != old


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a project that is built."""
    folder = make_tables(tmp_path_factory.mktemp("start"), START, ELSEWHERE)
    kg.build(folder, allow_rejects=True)
    return folder


@pytest.fixture(scope="module")
def changed(start: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Give what a build from nothing writes once a row of it has changed."""
    folder = Path(
        shutil.copytree(start, tmp_path_factory.mktemp("changed") / "p", ignore=shutil.ignore_patterns("build"))
    )
    write_table(folder, "firsts", CHANGES["a row changed"][1])
    kg.build(folder, allow_rejects=True)
    return written(folder / "build")


def test_a_copy_is_taken_up(start: Path, changed: dict[str, bytes], tmp_path: Path) -> None:
    """So that what follows shows that harm is noticed, and not that a copy is."""
    folder = Path(shutil.copytree(start, tmp_path / "p"))
    write_table(folder, "firsts", CHANGES["a row changed"][1])
    assert built(folder)
    assert written(folder / "build") == changed


def test_a_store_that_was_harmed_says_so(start: Path, tmp_path: Path) -> None:
    """What a store keeps beside its graph is not as it was written: which file, and what to do."""
    folder = Path(shutil.copytree(start, tmp_path / "p"))
    store = kg.load(folder).store
    assert isinstance(store, Path)
    for text in ("", "[]", '{"clocks": {}}', '{"clocks": {"day": 1}, "rows": 1, "mentioned": []}'):
        (store / "tables.json").write_text(text, "utf-8")
        with pytest.raises(kg.ProjectError, match=r"tables\.json is not as it was written; delete .* and ask again"):
            kg.load(folder).store  # noqa: B018 - the store is made when it is looked at
    shutil.rmtree(store)
    assert kg.load(folder).store == store


def spoil(path: Path) -> None:
    """Change a byte of a file, its size staying."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["parts/firsts.ttl", ".kept/state.json", ".kept/entities.arrow", "rejects.csv"])
@pytest.mark.parametrize("harm", [spoil, Path.unlink])
def test_what_was_harmed_is_not_taken_up(
    start: Path, changed: dict[str, bytes], tmp_path: Path, name: str, harm: Callable[[Path], None]
) -> None:
    """Outputs that are not as they were written, or what is kept with them: everything is built."""
    folder = Path(shutil.copytree(start, tmp_path / "p"))
    harm(folder / "build" / name)
    write_table(folder, "firsts", CHANGES["a row changed"][1])
    assert not built(folder)
    assert written(folder / "build") == changed


def test_what_a_stranger_kept_leads_nowhere(tmp_path: Path) -> None:
    """A table's name in what is kept is one of the project's own."""
    folder = make_tables(tmp_path / "project", START, HAND[0])
    kg.build(folder, allow_rejects=True)
    path = folder / "build" / ".kept" / "state.json"
    content = path.read_bytes().partition(b"\n")[2].replace(b'"others"', b'"../../../others"')
    path.write_bytes(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
    shutil.copy(folder / "build" / "parts" / "others.ttl", tmp_path)  # what the name would read
    write_table(folder, "firsts", CHANGES["who else said it is gone"][1])
    assert not built(folder)
    assert not list(folder.glob("others*"))  # what it would write
    assert_as_new(folder)


def test_another_program_builds_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another version of the program kept is not taken up."""
    folder = make_tables(tmp_path, START, ELSEWHERE)
    kg.build(folder, allow_rejects=True)
    monkeypatch.setattr("kg.bulk.build_state.program", lambda: "another")
    assert not built(folder)
