"""Claims by column are what claims row by row are: same faults, same names, same verdicts, same triples."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyoxigraph
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from arbitrary import ENTITIES, EXAMPLES, SAID, STANCES, apart, content, described, law, mapping
from kg.bulk.blocks import as_turtle
from kg.bulk.claims import Ledger
from kg.bulk.distinct_texts import Readings
from kg.bulk.entities import world_index
from kg.bulk.front import front_of, judge_front, note
from kg.bulk.lookup import Register
from kg.bulk.names import PART, ROW
from kg.bulk.parts import bucket_blocks, read_claims, wide_in_files
from kg.bulk.reach import reach
from kg.bulk.tables import Tables
from kg.formats.import_project import records_of
from kg.ingestion.checking.check import check_records
from kg.ingestion.checking.values import Scope
from kg.ingestion.world_rows import Tables as RowTables
from kg.judging.qualifiers import qualified
from kg.judging.verdicts import Judge
from kg.model.iris import Shortener
from kg.model.world import Clocks, World
from kg.rdf.triples import Quad, said_quads, turtle_head, world_quads

Row = dict[str, str]
Own = Sequence[tuple[str, str, str]]  # triples of a project's own ontology
MOST = max(EXAMPLES // 3, 1)
ANCHOR = {"source": "s1", "agent": "a", "role": "retailer", "target": "car-x", "at": "lead"}
WRONG = mapping(
    {},
    {
        "agent": st.sampled_from(("a", "nobody", "motor")), "from": st.sampled_from(("2021-13", "last year", "2022")), "until": st.just("2001"),
        "role": st.sampled_from(("supplyer", "brand-owner", "exclusive-distributor")), "target": st.sampled_from(("china", "a")),
        "value": st.sampled_from(("3 kg", "1,000 cars", "7")), "at": st.just("2021-01"), "source": st.just("s9"),
    },
)  # fmt: skip
plain = content.filter(lambda row: "parties" not in row)
drafts = st.tuples(
    st.lists(
        st.tuples(plain.filter(apart), mapping({}, {"stance": STANCES, **SAID}), st.sampled_from(("s1", "s2")), st.one_of(st.just({}), st.just({}), WRONG)),
        min_size=1, max_size=14,
    ),
    described, described,
)  # fmt: skip


def beside_two_roles(row: Row) -> Any:  # noqa: ANN401 - what the strategy draws
    """Return the draft of a row with the key `also` beside an agent of two roles, which are told in `kg:alsoAs`."""
    roles = [{"agent": "a", "role": role, "target": "car"} for role in ("retailer", "oem")]
    told: Row = {"title": "T", "published": "2021-05"}
    return [*((role, {}, "s1", {}) for role in roles), (row, {"also": "=1+1"}, "s1", {})], told, told


def rows_of(draft: list[Any]) -> list[Row]:
    """Return the rows of a draft; what is made wrong of a row stays within its keys."""
    rows = []
    for what, how, source, wrong in draft:
        row = {"source": source, **what, **how}
        rows.append({**row, **{key: text for key, text in wrong.items() if key in row}})
    return rows


def by_row(rows: list[Row], sources: list[Row], own: Own = ()) -> tuple[World, set[int]]:
    """Return the world of the rows that are sound, and the numbers of those that are not."""
    numbers = list(range(1, len(rows) + 1))
    settings = {"title": "T", "base": "https://example.org/t/", "languages": "en|zh"}
    wrong: set[int] = set()
    while True:
        kept = [rows[number - 1] for number in numbers]
        world, problems = check_records(records_of(RowTables(settings, [*ENTITIES], [*sources], kept, [*own]), "t"))
        if world is not None:
            return world, wrong
        errors = [p for p in problems if p.severity == "error" and p.location.cell.startswith("claims")]
        lines = {numbers[p.location.line - 1] for p in errors}
        wrong |= {numbers[p.location.line - 1] for p in errors if p.code != "KG112"}
        assert lines, problems
        numbers = [number for number in numbers if number not in lines]


def without_claims(sources: list[Row], own: Own = ()) -> World:
    """Return a world of entities and sources alone."""
    first = {"source": "s1", "agent": "a", "role": "retailer", "target": "car"}
    world, _ = by_row([first], sources, own)
    return World(world.settings, world.ontology, world.entities, world.sources, ())


def open_world(world: World) -> Tables:
    """Return the tables of a world that has none."""
    scope = Scope(world.ontology, settings=world.settings)
    scope.sources = {source.id: source.place for source in world.sources.values()}
    scope.types = {entity.id: entity.type for entity in world.entities.values()}
    readings = Readings(scope, Shortener(world.settings.prefixes))
    tables = Tables(Path(), [], Ledger(world.settings, world.ontology, readings, *world_index(world)))
    tables.clocks = Clocks(as_of=world.as_of, known_by=world.known_by)
    return tables


def frames_of(rows: list[Row], ledger: Ledger) -> tuple[list[pl.DataFrame], set[int]]:
    """Return the claims of the rows that are sound, a frame for each kind, and the numbers of those that are not."""
    frames, wrong = [], set[int]()
    for naming in ledger.ontology.kinds:
        mine = [{ROW: number, **row} for number, row in enumerate(rows, 1) if naming in row]
        if not mine:
            continue
        schema = {ROW: pl.UInt32, **dict.fromkeys(sorted({key for row in mine for key in row} - {ROW}), pl.String)}
        batch = pl.DataFrame([{key: row.get(key) for key in schema} for row in mine], schema)
        claims, rejects = read_claims(ledger, batch.with_columns(_text(key) for key in schema if key != ROW))
        wrong |= set(rejects[ROW])
        frames.append(claims.with_columns(pl.lit(1, pl.UInt16).alias(PART)))
    return frames, wrong


def by_column(rows: list[Row], world: World) -> tuple[str, set[int]]:
    """Return the blocks of the rows that are sound, and the numbers of those that are not."""
    text, _, wrong = judged(open_world(world), rows, world)
    return text, wrong


def judged(tables: Tables, rows: list[Row], written: World) -> tuple[str, set[Quad], set[int]]:
    """Return the blocks of rows, the quads of what follows beside them, and the numbers of rows that are not sound."""
    frames, wrong = frames_of(rows, tables.ledger)
    for frame in frames:
        for name, noted in note(tables, frame):
            tables.notes[name].append(noted)
    reach(tables, written, lambda: frames)
    beyond, derived = judge_front(tables, written)
    blocks = bucket_blocks(tables, beyond, frames, [as_turtle]).blocks[0]["block"] if frames else ()
    return "".join(blocks), derived, wrong


def _text(key: str) -> pl.Expr:
    return pl.col(key).str.strip_chars().str.normalize("NFC")


def triples(text: str, world: World) -> set[str]:
    """Return the triples of blocks of Turtle."""
    head = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in world.settings.prefixes.items())
    found = [str(quad.triple) for quad in pyoxigraph.parse((head + text).encode(), pyoxigraph.RdfFormat.TURTLE)]
    assert len(found) == len(set(found)), "a triple stands twice"
    return set(found)


def agree(rows: list[Row], sources: list[Row], own: Own = ()) -> set[str]:
    """Hold rows by column against the check, the verdicts and the pattern of one after the other; return the triples."""
    world, wrong = by_row([*rows, ANCHOR], sources, own)
    bare = without_claims(sources, own)
    text, derived, rejected = judged(open_world(bare), [*rows, ANCHOR], bare)
    assert rejected == wrong
    known = {str(" ".join(quad[1:])) for quad in world_quads(bare, {})}
    expected = {" ".join(quad[1:]) for quad in world_quads(world, qualified(Judge(world)))} - known
    found = triples(turtle_head(derived, bare.settings.prefixes) + text, bare) - triples_of(known)
    assert found == triples_of(expected)
    return found


@given(drafts)
@example(beside_two_roles({"agent": "a", "role": "retailer", "target": "car"}))
@example(beside_two_roles({"event": "launch", "about": "car"}))
@settings(law, max_examples=MOST)
def test_a_column_is_its_rows(draft: Any) -> None:  # noqa: ANN401 - whatever the strategy draws
    """The reference is what becomes of one row after the other."""
    sources = [{"id": "s1", "publisher": "paper", **draft[1]}, {"id": "s2", "publisher": "editor", **draft[2]}]
    agree(rows_of(draft[0]), sources)


def triples_of(lines: set[str]) -> set[str]:
    """Return triples as the engine writes them."""
    text = "".join(f"{line} .\n" for line in lines)
    return {str(quad.triple) for quad in pyoxigraph.parse(text.encode(), pyoxigraph.RdfFormat.N_TRIPLES)}


def meet(rows: list[Row], in_table: list[bool], sources: list[Row]) -> None:
    """Hold claims in files and claims in tables, judged together, against all of them in files.

    Of a claim that is told twice the first row counts, and what stands in files comes first.
    """
    in_files, in_tables = (
        [row for row, tabled in zip(rows, in_table, strict=True) if tabled == wanted] for wanted in (False, True)
    )
    everything, _ = by_row([ANCHOR, *in_files, *in_tables], sources)
    written, _ = by_row([ANCHOR, *in_files], sources)
    tables = open_world(written)
    tables.front = front_of(written, wide_in_files(tables.ledger, written))
    text, derived, _ = judged(tables, in_tables, written)
    head = turtle_head({*said_quads(written), *derived}, written.settings.prefixes)
    found = triples(head + text, written)
    assert found == triples_of({" ".join(q[1:]) for q in world_quads(everything, qualified(Judge(everything)))})


@given(drafts, st.data())
@settings(law, max_examples=MOST)
def test_tables_meet_what_is_written(draft: Any, data: st.DataObject) -> None:  # noqa: ANN401
    """Who opposes whom, which proposition stands where: it does not matter where a claim stands."""
    rows = rows_of(draft[0])
    sources = [{"id": "s1", "publisher": "paper", **draft[1]}, {"id": "s2", "publisher": "editor", **draft[2]}]
    meet(rows, [data.draw(st.booleans()) for _ in rows], sources)


def test_what_was_read_at_second_hand_goes_back_to_its_publisher() -> None:
    """Whether the claim is in a file or in a table, and whether the document's publisher is known to the files."""
    sources = [{"id": id, "publisher": "paper", "title": "T", "published": "2022"} for id in ("s1", "s2")]
    row = {"source": "s1", "event": "launch", "about": "car", "second-hand": "unseen"}
    for in_table in (True, False):
        meet([row], [in_table], sources)


def test_other_roles_of_the_same_firm_are_told() -> None:
    """What is only denied is no other role, nor is the same role at another time, nor another firm's."""
    sources = [{"id": id, "publisher": "paper", "title": "T", "published": "2022"} for id in ("s1", "s2")]
    here = {"source": "s1", "target": "car-x"}
    rows = [
        {**here, "agent": "a", "role": "carmaker"},
        {**here, "agent": "a", "role": "carmaker", "source": "s2"},
        {**here, "agent": "a", "role": "retailer", "from": "2020"},
        {**here, "agent": "a", "role": "distributor", "stance": "denies"},
        {**here, "agent": "b", "role": "contract-manufacturer"},
    ]
    also = sorted(line.split(" ")[2] for line in agree(rows, sources) if "#alsoAs>" in line)
    assert [name.rpartition("/")[2] for name in also] == ["carmaker>", "carmaker>", "retailer>"]
    for number in range(1, 32):
        meet(rows, [bool(number >> place & 1) for place in range(5)], sources)


def test_what_two_tellings_share_is_corroborated_once() -> None:
    """In files, in tables, and between them; of a supply by some insiders and one insider, only one is of one source."""
    sources = [
        {"id": id, "publisher": publisher, "title": "T", "published": "2022"}
        for id, publisher in (("s1", "paper"), ("s2", "editor"))
    ]
    here = {"agent": "a", "role": "retailer", "target": "car-x"}
    rows = [
        {**here, "source": "s1", "from": "2017", "territory": "china"},
        {**here, "source": "s2", "from": "2017-03", "until": "2020"},
        {**here, "source": "s2", "from": "2016", "share": "3%"},
        {**here, "source": "s1", "agent": "b", "said-by": "insider"},
        {**here, "source": "s1", "agent": "c", "said-by": "boss", "evidence": "unnamed-source"},
    ]
    found = agree(rows, sources)
    (shared,) = (line.split(" ")[0] for line in found if line.endswith("#Corroboration>"))
    (label,) = (line for line in found if line.startswith(shared) and "#label>" in line)
    assert label.endswith('"Alpha retails Car One X from 2017"@en')
    assert len([line for line in found if line.endswith("footing/one-anonymous>")]) == 1
    for number in range(1, 32):
        meet(rows, [bool(number >> place & 1) for place in range(5)], sources)


def test_of_a_claim_told_twice_the_file_counts() -> None:
    """A file's row tells when it was recorded, or the table's does: the claim is as the file has it."""
    sources = [{"id": "s1", "publisher": "paper", "title": "T", "published": "2022"}]
    plain = {"source": "s1", "agent": "a", "role": "retailer", "target": "car-x"}
    recorded = {**plain, "recorded": "2021-06-01"}
    for rows in ([plain, recorded], [recorded, plain]):
        for in_table in ([True, False], [False, True], [True, True]):
            meet(rows, in_table, [*sources, {**sources[0], "id": "s2"}])


def test_what_is_worded_otherwise_is_denied_all_the_same() -> None:
    """A denial meets what it denies by what a text means, not by how it is spelled."""
    sources = [{"id": "s1", "publisher": "paper"}, {"id": "s2", "publisher": "editor"}]
    sources = [{**source, "title": "T", "published": "2022"} for source in sources]
    said = {"agent": "a", "role": "retailer", "target": "car-x"}
    denied = {"source": "s2", "stance": "denies", **said, "share": "40 %", "from": "2020-03"}
    rows = [{"source": "s1", **said, "share": "40%", "from": "2020"}, denied]
    world, _ = by_row([*rows, ANCHOR], sources)
    text, _ = by_column([*rows, ANCHOR], without_claims(sources))
    contradicts = [line for line in triples(text, world) if "#contradicts>" in line]
    assert contradicts
    assert set(contradicts) <= triples_of({" ".join(quad[1:]) for quad in world_quads(world, qualified(Judge(world)))})


@given(st.sets(st.text(max_size=8), min_size=1), st.lists(st.none() | st.text(max_size=8)))
def test_many_texts_are_found_as_few_are(known: set[str], texts: list[str | None]) -> None:
    """By hash, as by category: where each text stands, and nothing where it does not."""
    frame = pl.DataFrame({"id": sorted(known), "n": range(len(known))}, {"id": pl.String, "n": pl.Int64})
    wanted = pl.Series([*texts, *known], dtype=pl.String)
    with pytest.MonkeyPatch.context() as patch:
        for many in (0, 10**9):
            patch.setattr("kg.bulk.lookup.MANY", many)
            found = Register(frame, "id").join(wanted.to_frame("id"), "id", ["n"])["id|n"]
            assert found.to_list() == [sorted(known).index(text) if text in known else None for text in wanted]


def test_plans_become_the_same() -> None:
    """A plan of each kind beside what is on record of it: rates, parts, another currency, a denial, an early end."""
    plan, told = {"source": "s1", "at": "lead"}, {"source": "s2", "at": "lead"}
    sold = {"about": "car-x", "measure": "units-sold"}
    held = {"agent": "b", "role": "retailer"}
    makes = {"agent": "b", "role": "contract-manufacturer", "target": "car-x", "from": "2021"}
    earned = {"about": "a", "measure": "revenue", "when": "2021"}
    rows = [
        {**plan, **sold, "value": "26 vehicles/month", "by": "2021-12", "modality": "target"},
        {**plan, **sold, "value": "200 vehicles", "when": "2021", "modality": "target"},
        {**told, **sold, "value": "110 vehicles", "when": "2021-H1"},
        {**told, **sold, "value": "150 vehicles", "when": "2021-H2"},
        {**plan, **earned, "value": "3 billion CNY", "modality": "target"},
        {**told, **earned, "value": "1 billion USD"},
        {**plan, **held, "target": "car-x", "by": "2021-06", "modality": "planned"},
        {**told, **held, "target": "car-x", "from": "2021-08"},
        {**plan, **held, "target": "car", "by": "2021-06", "modality": "planned"},
        {**told, **held, "target": "car", "when": "2021-06", "stance": "denies"},
        {**plan, **makes, "until": "2028", "modality": "planned"},
        {**told, **makes, "until": "2021-11"},
    ]
    days = {"s1": "2021-01", "s2": "2022-04"}
    sources = [{"id": id, "publisher": "paper", "title": "T", "published": day} for id, day in days.items()]
    lines = agree(rows, sources)
    found = {line.rsplit("/", 1)[-1].rstrip("> .") for line in lines if "ns#outcome>" in line}
    assert found == {"met", "not-comparable", "late", "missed", "not-kept", "undecided"}
    for first in (True, False):
        meet(rows, [(number % 2 == 0) is first for number in range(len(rows))], sources)
