"""Laws that hold for arbitrary claims, not only for the examples."""

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import kg
from arbitrary import law
from kg.files.cells import defuse
from kg.graph.loading import check_files
from projects import make_project, source

FIRMS, CARS = ("a", "b", "c"), ("car", "car-x")
ROLES = ("retailer", "oem", "carmaker", "contract-manufacturer", "design-lead", "co-developer", "model-developer")
TEXT = st.text(
    st.characters(min_codepoint=32, exclude_characters="\u2028\u2029", exclude_categories=("Cs", "Cc", "Cf", "Cn")),
    min_size=1,
    max_size=30,
).filter(lambda text: text.strip() != "")
DATES = st.sampled_from(("2019", "2020-H1", "2020-Q4", "2021-02", "2021-02-28", "2021~", "2018?"))
Row = dict[str, str]

content = st.one_of(
    st.fixed_dictionaries(
        {"agent": st.sampled_from(FIRMS), "role": st.sampled_from(ROLES), "target": st.sampled_from((*CARS, "any-car"))},
        optional={"from": DATES, "territory": st.just("china"), "only": st.just("agent"), "extent": st.just("partial")},
    ),
    st.fixed_dictionaries(
        {"subject": st.sampled_from(FIRMS[:1]), "relation": st.just("subsidiary-of"), "object": st.sampled_from(FIRMS[1:])}
    ),
    st.fixed_dictionaries(
        {"about": st.sampled_from(CARS), "measure": st.just("units-sold"), "value": st.sampled_from(("5 vehicles", "over 1.5 thousand cars/month"))},
        optional={"when": DATES},
    ),
    st.fixed_dictionaries({"event": st.just("launch"), "about": st.sampled_from(CARS)}, optional={"when": DATES, "agent": st.sampled_from(FIRMS)}),
)  # fmt: skip
circumstances = st.fixed_dictionaries(
    {"stance": st.sampled_from(("asserts", "denies", "declines"))},
    optional={
        "modality": st.sampled_from(("actual", "planned", "policy")),
        "said-by": st.sampled_from(("boss", "insider", "a", "b")),
        "at": st.sampled_from(("par1", "title", "body")),
        "note": TEXT,
    },
)
rows = st.builds(lambda what, how: {**what, **how}, content, circumstances)
projects = st.lists(st.tuples(rows, st.sampled_from(("s1", "s2"))), min_size=1, max_size=12)


def quoted(value: str) -> str:
    """Return a YAML double-quoted scalar."""
    return (
        '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\x85", "\\N").replace("\ufeff", "\\uFEFF") + '"'
    )


def write_yaml(folder: Path, project: list[tuple[Row, str]]) -> Path:
    """Write the rows into one YAML file per source."""
    files = {}
    for id in ("s1", "s2"):
        mine = [
            ", ".join(f"{key}: {quoted(value)}" for key, value in row.items())
            for row, source_id in project
            if source_id == id
        ]
        if mine:
            files[f"claims__{id}_yaml"] = source(id, "2021-05", *mine)
    return make_project(folder, **files)


def write_csv(folder: Path, project: list[tuple[Row, str]]) -> Path:
    """Write the same rows into one CSV file."""
    names = ["source", *sorted({key for row, _ in project for key in row})]
    table = io.StringIO()
    writer = csv.DictWriter(table, names)
    writer.writeheader()
    writer.writerows(
        {"source": source_id, **{key: defuse(text.strip()) for key, text in row.items()}} for row, source_id in project
    )
    used = sorted({source_id for _, source_id in project})
    sources = "".join(f"{id},Title of {id},paper,2021-05,article\n" for id in used)
    files = {"claims__all_csv": table.getvalue(), "sources_csv": f"id,title,publisher,published,kind\n{sources}"}
    return make_project(folder, **files)


def distinct(project: list[tuple[Row, str]]) -> list[tuple[Row, str]]:
    """Leave out rows that are the same claim as an earlier one: those are an error, tested elsewhere."""
    with tempfile.TemporaryDirectory() as folder:
        doubles = {
            problem.location.line - 2
            for problem in check_files(write_csv(Path(folder), project))
            if problem.code == "KG112"
        }
    return [row for number, row in enumerate(project) if number not in doubles]


def load(write: object, project: list[tuple[Row, str]]) -> kg.Graph:
    """Write a project with a writer and load it."""
    with tempfile.TemporaryDirectory() as folder:
        return kg.load(write(Path(folder), project))  # type: ignore[operator]


@law
@given(projects)
def test_yaml_and_csv_are_the_same_rows(project: list[tuple[Row, str]]) -> None:
    """The same rows give the same bytes, from one YAML file per source or from one CSV."""
    project = distinct(project)
    assert load(write_yaml, project).export("trig") == load(write_csv, project).export("trig")


@law
@given(projects, st.randoms(use_true_random=False))
def test_order_means_nothing(project: list[tuple[Row, str]], random: object) -> None:
    """Shuffled rows give the same graph."""
    project = distinct(project)
    shuffled = list(project)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert load(write_csv, shuffled).quads == load(write_csv, project).quads


@law
@given(projects, projects)
def test_no_added_claim_makes_another_disappear(project: list[tuple[Row, str]], more: list[tuple[Row, str]]) -> None:
    """Claims and propositions only ever grow."""
    both = distinct([*project, *more])
    project = distinct(project)
    fewer, greater = load(write_csv, project), load(write_csv, both)
    assert {c.iri for c in fewer.world.claims} <= {c.iri for c in greater.world.claims}
    assert fewer.judgements.keys() <= greater.judgements.keys()


@law
@given(projects)
def test_every_proposition_has_one_verdict(project: list[tuple[Row, str]]) -> None:
    """Denied is never asserted, contested always is and has a reason, shortcuts rest on the stated only."""
    graph = load(write_csv, distinct(project))
    for judgement in graph.judgements.values():
        stances = {claim.stance.notation for claim in judgement.claims}
        verdict = judgement.verdict.notation
        denied = stances <= {"denies", "declines"} and "denies" in stances
        assert (verdict == "denied") == (denied and not judgement.oppositions)
        assert (verdict == "contested") == bool(judgement.oppositions)
        assert ("asserts" in stances) == (verdict not in ("denied", "declined") and not denied)
    assert len(graph.judgements) == len({p.iri for p in graph.world.propositions})
