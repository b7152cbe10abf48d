"""Random projects of files: a few firms, cars and brands, so that what sources say of them meets."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import kg
from kg.model.errors import CheckError

Row = dict[str, object]
Content = Callable[[random.Random], Row]
SETTINGS = "title: At random\nbase: https://example.org/t/\n"
ENTITIES = """
a: {type: firm, en: Alpha}
b: {type: firm, en: Beta, fiscal-year-ends: 12}
c: {type: firm, en: Gamma}
makers: {type: group, en: other makers, stands-for: at least 2}
badge: {type: brand, en: Badge}
car: {type: model, en: Car One}
car-x: {type: variant, en: Car One X}
any-car: {type: model, en: any car, stands-for: any}
works: {type: plant, en: Works}
shop: {type: channel, en: Shops}
china: {type: territory, en: China}
boss: {type: person, en: The Boss}
paper: {type: media, en: The Paper}
wire: {type: media, en: The Wire}
insider: {type: unnamed-source, en: an insider, stands-for: 1 unnamed}
voices: {type: unnamed-source, en: some voices, stands-for: some}
press: {type: unnamed-source, en: several media, stands-for: several}
editor: {type: office, en: Editor}
unseen: {type: source, publisher: paper, published: 2020}
"""
FIRMS, CARS = ("a", "b", "c", "makers"), ("car", "car-x")
DATES = (
    "2018",
    "2019",
    "2020",
    "2020-H1",
    "2020-Q2",
    "2021",
    "2021-03",
    "2021-05-07",
    "2022",
    "2022-06",
    "2023",
    "2024",
)
YEARS = ("2020", "2021", "2020-H1", "2020-Q1", "2021-Q3", "2021-05", "FY2021")
PUBLISHED = ("2019-04", "2020-12", "2021-05-10", "2021-05", "2022-02", "2023-07", "2024-01")
COUNTS = (
    "5 vehicles",
    "7 vehicles",
    "about 7 vehicles",
    "over 9 vehicles",
    "under 6 vehicles",
    "0.01 thousand vehicles",
)
SHARES = ("20%", "45%", "51%", "over 60%", "about 50%", "100%")
MODALITIES = ("planned", "target", "expected", "policy")
STANCES = ("denies", "denies", "denies", "declines", "silent")
LINKS = ("disputes", "corrects", "supersedes", "retracts", "withdraws")
SPEAKERS = ("a", "b", "boss", "insider", "voices", "press", "paper")
HEAD = ("id", "title", "publisher", "published", "kind", "copy-of")
TABLE = ("agent", "role", "target", "from", "until", "stance")


@dataclass(frozen=True)
class Project:
    """The sources of a project with their rows, the rows of a table, and its as-of day, "" for the last."""

    sources: tuple[Row, ...]
    rows: tuple[tuple[str, Row], ...]
    table: tuple[Row, ...] = ()
    as_of: str = ""

    def told(self) -> str:
        """Return the project as a person reads it."""
        rows = [f"  {source}: {json.dumps(row, ensure_ascii=False)}" for source, row in self.rows]
        table = [f"  table: {json.dumps(row)}" for row in self.table]
        named = {source for source, _ in self.rows}
        heads = [json.dumps(source) for source in self.sources if source["id"] in named or table]
        return "\n".join([f"as of: {self.as_of or 'the last day'}", *heads, *rows, *table])


# ---------------------------------------------------------------- drawing


def draw(chance: random.Random) -> Project:
    """Return a project at random. Some of its rows may be wrong."""
    count = chance.randint(2, 4)
    sources = [_source(chance, f"s{number}") for number in range(1, count + 1)]
    if chance.random() < 0.5:
        sources.append({"id": "note", "title": "A note", "publisher": "editor", "published": "2024", "kind": "editor"})
    ids = [str(source["id"]) for source in sources]
    rows: list[tuple[str, Row]] = []
    subjects = chance.sample(CONTENTS, 4)  # few, so that rows meet
    for _ in range(chance.randint(2, 12)):
        source = chance.choice(ids)
        row = _row(chance, source, rows, subjects)
        rows.append((source, {"id": f"h{len(rows)}", **row}))
    table = [_table_row(chance) for _ in range(chance.randint(1, 4))] if chance.random() < 0.08 else []
    return Project(tuple(sources), tuple(rows), tuple(table), chance.choice(("", "", "", "2020-06-30", "2021-12-31")))


def _source(chance: random.Random, id: str) -> Row:
    head: Row = {"id": id, "title": f"Title of {id}", "publisher": chance.choice(("paper", "paper", "wire", "a", "b"))}
    head |= {"published": chance.choice(PUBLISHED), "kind": chance.choice(("article", "article", "filing"))}
    if id != "s1" and chance.random() < 0.2:
        head["copy-of"] = "s1"
    return head


def _row(chance: random.Random, source: str, rows: Sequence[tuple[str, Row]], subjects: Sequence[Content]) -> Row:
    """Return a row: about something of its own, in answer to one before, or one that an editor concludes."""
    kind = chance.random()
    if len(rows) > 1 and kind < (0.4 if source == "note" else 0.05):
        one, other = chance.sample(rows, 2)
        relation = chance.choice(("in-tension-with", "in-tension-with", "compatible-with", "preferred-to"))
        return {"subject": _handle(one, source), "relation": relation, "object": _handle(other, source)}
    if rows and kind < 0.5:
        row: Row = {"re": _handle(chance.choice(rows), source), **_said(chance, answers=True)}
    else:
        row = {**chance.choice(subjects)(chance), **_said(chance, answers=False)}
    if rows and chance.random() < 0.3:
        row[chance.choice(LINKS)] = _handle(chance.choice(rows), source)
    return row


def _handle(told: tuple[str, Row], source: str) -> str:
    return str(told[1]["id"]) if told[0] == source else f"{told[0]}/{told[1]['id']}"


def _said(chance: random.Random, *, answers: bool) -> Row:
    """Return how something is said: mostly as a fact."""
    said: Row = {}
    if chance.random() < (0.5 if answers else 0.15):
        said["stance"] = chance.choice(STANCES)
    if chance.random() < 0.2:
        said["modality"] = chance.choice(MODALITIES)
    if chance.random() < 0.35:
        said["said-by"] = chance.choice(SPEAKERS)
    if chance.random() < 0.15:
        said["second-hand"] = chance.choice(("unseen", "unknown", "s1"))
    if chance.random() < 0.3:
        said["at"] = "par1"
    if chance.random() < 0.05:
        said["plan-of"] = chance.choice(FIRMS[:3])
    return said


def _dated(chance: random.Random, *, plan: bool = False) -> Row:
    """Return the dates of a role or relation."""
    shapes = [{}, {"when": 0}, {"from": 0}, {"until": 0}, {"from": 0, "until": 1}] + [{"by": 0}] * plan
    first, second = sorted(chance.sample(DATES, 2))
    return {key: (first, second)[place] for key, place in chance.choice(shapes).items()}


def _role(chance: random.Random) -> Row:
    roles = ("carmaker", "contract-manufacturer", "oem", "design-lead", "overall-lead", "retailer", "parts-supplier")
    row: Row = {
        "agent": chance.choice(FIRMS),
        "role": chance.choice(roles),
        "target": chance.choice((*CARS, "car", "any-car")),
    }
    if chance.random() < 0.25:
        row["counterparty"] = chance.choice(FIRMS)
    if chance.random() < 0.15:
        row["territory"] = "china"
    if chance.random() < 0.2:
        row["modality"] = "planned"
    return {**row, **_dated(chance)}


def _exclusive(chance: random.Random) -> Row:
    role, target = chance.choice((("brand-owner", "badge"), ("brand-owner", "badge"), ("plant-owner", "works")))
    share = {"share": chance.choice(SHARES)} if chance.random() < 0.2 else {}
    return {"agent": chance.choice(FIRMS), "role": role, "target": target, **share, **_dated(chance)}


def _share(chance: random.Random) -> Row:
    one, other = chance.sample(FIRMS[:3], 2)
    when = {"when": chance.choice(("2020", "2021"))} if chance.random() < 0.8 else {}
    return {"agent": one, "role": "shareholder", "target": other, "share": chance.choice(SHARES), **when}


def _tie(chance: random.Random) -> Row:
    one, other = chance.sample(FIRMS[:3], 2)
    relation = chance.choice(("subsidiary-of", "subsidiary-of", "successor-of"))
    return {"subject": one, "relation": relation, "object": other, **_dated(chance)}


def _part(chance: random.Random) -> Row:
    return {"subject": chance.choice(CARS), "relation": "part-of-total", "object": chance.choice(("a", "car"))}


def _figure(chance: random.Random) -> Row:
    about = chance.choice(("car", "car", "car-x", "a"))
    measure = chance.choice(("units-sold", "units-sold", "units-delivered", "units-produced"))
    row: Row = {"about": about, "measure": measure, "value": chance.choice(COUNTS), "when": chance.choice(YEARS)}
    return row | ({"territory": "china"} if chance.random() < 0.1 else {})


def _goal(chance: random.Random) -> Row:
    key = chance.choice(("when", "when", "by"))
    about = chance.choice(("car", "car-x", "a"))
    return {
        "about": about, "measure": "units-sold", "value": chance.choice((*COUNTS, "at least 6 vehicles", "unknown")),
        **({key: chance.choice(YEARS)} if chance.random() < 0.9 else {}), "modality": chance.choice(("planned", "target", "expected")),
    }  # fmt: skip


def _stores(chance: random.Random) -> Row:
    value, key = chance.choice(("100 stores", "120 stores", "over 80 stores")), chance.choice(("when", "by"))
    modality = {"modality": "planned"} if key == "by" or chance.random() < 0.4 else {}
    return {"about": "shop", "measure": "stores-selling", "value": value, key: chance.choice(DATES), **modality}


def _event(chance: random.Random) -> Row:
    events = (
        ("launch", "car"), ("launch", "car"), ("launch", "car-x"), ("production-start", "car"), ("production-end", "car"),
        ("founding", "a"), ("founding", "b"), ("dissolution", "a"), ("dissolution", "b"), ("founding", "badge"),
    )  # fmt: skip
    event, about = chance.choice(events)
    row: Row = {"event": event, "about": about, "when": chance.choice(DATES)}
    return row | ({"modality": "planned"} if event in ("launch", "production-start") and chance.random() < 0.5 else {})


def _taking(chance: random.Random) -> Row:
    one, other = chance.sample(FIRMS[:3], 2)
    return {"event": "acquisition", "agent": one, "about": "badge", "counterparty": other, "when": chance.choice(DATES)}


def _merger(chance: random.Random) -> Row:
    return {"event": "merger", "parties": ["a", "b"], "into": chance.choice(("b", "c")), "when": chance.choice(DATES)}


CONTENTS: tuple[Content, ...] = (
    _role, _role, _role, _role, _exclusive, _exclusive, _share, _tie, _part, _figure, _figure, _figure, _goal, _goal,
    _stores, _event, _event, _taking, _merger,
)  # fmt: skip


def _table_row(chance: random.Random) -> Row:
    row = {**_role(chance), "stance": chance.choice(("", "", "denies"))}
    return {key: row.get(key, "") for key in TABLE}


# ---------------------------------------------------------------- files


def write(project: Project, folder: Path) -> Path:
    """Write the files of a project into an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "claims").mkdir(parents=True)
    (folder / "kg.yaml").write_text(SETTINGS, "utf-8")
    (folder / "entities.yaml").write_text(ENTITIES, "utf-8")
    for source in project.sources:
        if lines := [f"- {json.dumps(row)}\n" for name, row in project.rows if name == source["id"]]:
            text = f"source: {json.dumps(source)}\nclaims:\n{''.join(lines)}"
            (folder / "claims" / f"{source['id']}.yaml").write_text(text, "utf-8")
    silent = [source for source in project.sources if source["id"] not in {name for name, _ in project.rows}]
    heads = [",".join(HEAD), *(",".join(str(source.get(key, "")) for key in HEAD) for source in silent)]
    if silent:
        (folder / "sources.csv").write_text("".join(f"{line}\n" for line in heads), "utf-8")
    if project.table:
        (folder / "tables").mkdir()
        keys = ", ".join(f'{key}: "${key}"' for key in TABLE)
        (folder / "tables" / "roles.yaml").write_text(f"file: roles.csv\nsource: s1\nclaims:\n- {{{keys}}}\n", "utf-8")
        lines = [",".join(TABLE), *(",".join(str(row[key]) for key in TABLE) for row in project.table)]
        (folder / "tables" / "roles.csv").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return folder


def sound(project: Project, folder: Path) -> tuple[Project, kg.Graph] | None:
    """Return a project without its wrong rows, and its graph; None if no row is left. The files are in the folder."""
    while project.rows:
        try:
            return project, kg.load(write(project, folder), as_of=project.as_of)
        except CheckError as error:
            project = _without_wrong(project, error)
    return None


def _without_wrong(project: Project, error: CheckError) -> Project:
    """Return a project without the rows that a check found wrong, and without those that name one of them."""
    wrong = set()
    for problem in (one for one in error.problems if one.severity == "error"):
        name = Path(problem.location.file).stem
        mine = [row for source, row in project.rows if source == name]
        if not 3 <= problem.location.line < 3 + len(mine):
            raise AssertionError(f"{problem}\n{project.told()}")
        wrong.add(str(mine[problem.location.line - 3]["id"]))
    return without(project, wrong)


def without(project: Project, ids: set[str]) -> Project:
    """Return a project without rows, and without those that refer to one of them."""
    gone = set(ids)
    while more := {str(row["id"]) for _, row in project.rows if not gone.isdisjoint(_named(row))} - gone:
        gone |= more
    return replace(project, rows=tuple(told for told in project.rows if told[1]["id"] not in gone))


def _named(row: Row) -> set[str]:
    """Return the ids of the rows to which a row refers."""
    return {str(row[key]).rpartition("/")[2] for key in ("re", "subject", "object", *LINKS) if key in row}


def smaller(project: Project) -> Iterator[Project]:
    """Yield projects that lack something of a project: a row, the table, a source without rows, a key of a row."""
    for _, row in project.rows:
        yield without(project, {str(row["id"])})
    if project.table:
        yield replace(project, table=())
    if project.as_of:
        yield replace(project, as_of="")
    for place, (source, row) in enumerate(project.rows):
        for key in row:
            if key != "id":
                less = (source, {name: value for name, value in row.items() if name != key})
                yield replace(project, rows=(*project.rows[:place], less, *project.rows[place + 1 :]))
