"""What became of plans: only like is compared with like, and a number or a day that is too loose decides nothing."""

from decimal import Decimal
from pathlib import Path

import pytest

import kg
from kg.judging.plans import Outcome, outcomes
from kg.judging.verdicts import Judge
from projects import EXAMPLE, make_project, source

STORES = "about: shop, measure: stores-selling, value: 100 stores, by: 2021-12, modality: planned"
SALES = "about: car, measure: units-sold, value: 300000 vehicles, when: 2022, modality: target"
LAUNCH = "event: launch, about: car, agent: a, when: 2021-Q4, modality: planned"
SHARE = "agent: a, role: shareholder, target: b, share: 90%, from: 2021-Q4, modality: planned"
ROLE = "agent: a, role: seller, target: car, from: 2021-Q4, modality: expected"


def become(folder: Path, plan: str, *seen: str, published: str = "2023-02", **days: str) -> Outcome:
    """Return what became of a plan, once a second source has said what it saw."""
    files = {"claims__s2_yaml": source("s2", published, *(seen or ("subject: a, relation: subsidiary-of, object: b",)))}
    world = kg.load(make_project(folder, plan, **files), **days).world
    (outcome,) = (o for o in outcomes(world, Judge(world).current) if o.claims[0].source.id == "s1")
    return outcome


def shops(value: str, **more: str) -> str:
    """Return a count of shops."""
    return f"about: shop, measure: stores-selling, value: {value}" + "".join(f", {k}: {v}" for k, v in more.items())


def sold(value: str, when: str, more: str = "") -> str:
    """Return a figure of cars sold."""
    return f"about: car, measure: units-sold, value: {value}, when: {when}{more}"


@pytest.mark.parametrize(
    ("plan", "seen", "status"),
    [
        (STORES, [shops("120 stores", when="2021-11")], "met"),
        (STORES, [shops("120 stores", when="2021-12")], "met"),
        (STORES, [shops("80 stores", when="2021-12")], "missed"),
        (STORES, [shops("over 80 stores", when="2021-12")], "undecided"),
        (STORES, [shops("over 100 stores", when="2021-12")], "met"),
        (STORES, [shops("80 stores", when="2022-03")], "undecided"),
        (STORES, [shops("120 stores", when="2022-03")], "undecided"),
        (STORES, [shops("80 stores", when="2021-11")], "overdue"),
        (STORES, [shops("120 stores", when="2020-11")], "overdue"),
        (STORES, [shops("120 stores", when="2021-11", territory="china")], "not-comparable"),
        (STORES, [shops("120 stores", when="2021-11", modality="expected")], "overdue"),
        (STORES, [shops("120 stores", when="2021-11", stance="denies")], "overdue"),
        (STORES, ["stance: silent, re: s1/plan"], "never-reported"),
        (STORES, [], "overdue"),
        (STORES.replace("100", "over 100"), [shops("100 stores", when="2021-12")], "missed"),
        (STORES.replace("100", "at most 100"), [shops("100 stores", when="2021-12")], "met"),
        (STORES.replace("100", "100 to 120"), [shops("about 110 stores", when="2021-12")], "met"),
        (SALES, [sold("310000 vehicles", "2022")], "met"),
        (SALES, [sold("290000 vehicles", "2022")], "missed"),
        (SALES, [sold("290000 vehicles", "2021")], "never-reported"),
        (SALES, [sold("160000 vehicles", "2022-H1"), sold("150000 vehicles", "2022-H2")], "met"),
        (SALES, [sold("100000 vehicles", "2022-H1"), sold("150000 vehicles", "2022-H2")], "missed"),
        (SALES, [sold("100000 vehicles", "2022-H1"), sold("over 150000 vehicles", "2022-H2")], "undecided"),
        (SALES, [sold("30000 vehicles", f"2022-{month:02}") for month in (1, 2, 3)], "partial"),
        (SALES, [sold("150000 vehicles", f"2022-{month:02}") for month in (1, 2)], "met"),
        (SALES, [sold("30000 vehicles/month", "2022-Q1")], "partial"),
        (SALES, [sold("30000 vehicles/month", "2022")], "met"),
        (SALES, [sold("20000 vehicles/month", "2022")], "missed"),
        (SALES, [sold("7000 vehicles/week", "2022")], "met"),
        (SALES, [sold("5700 vehicles/week", "2022")], "missed"),
        (SALES, [sold("310000 vehicles", "2022", ", segment: exports")], "not-comparable"),
        (SALES.replace("300000 vehicles", "25000 vehicles/month"), [sold("300000 vehicles", "2022")], "met"),
        (SALES.replace("when", "by"), [sold("310000 vehicles", "2022-05")], "met"),
        (SALES.replace("when", "by"), [sold("200000 vehicles", "2022-05"), sold("200000 vehicles", "2022-06")], "not-comparable"),
        (SALES.replace("300000 vehicles, when", "25000 vehicles/month, by"), [sold("26000 vehicles", "2022-05")], "met"),
        (SALES.replace("300000 vehicles", "unknown"), [sold("310000 vehicles", "2022")], "undecided"),
        (SALES.replace("300000 vehicles", "unknown"), [], "never-reported"),
        (LAUNCH, ["event: launch, about: car, when: 2021-11"], "met"),
        (LAUNCH, ["event: launch, about: car, when: 2022-01"], "late"),
        (LAUNCH, ["event: launch, about: car, when: 2021"], "met"),
        (LAUNCH, ["event: launch, about: car"], "undecided"),
        (LAUNCH, ["event: launch, about: car, agent: b, when: 2021-11"], "overdue"),
        (LAUNCH, ["event: launch, about: car, when: 2020-11"], "overdue"),
        (ROLE, ["agent: a, role: retailer, target: car, from: 2021-11"], "met"),
        (ROLE, ["agent: b, role: retailer, target: car, from: 2021-11"], "overdue"),
        (ROLE.replace("from: 2021-Q4, ", ""), [], "open"),
        (LAUNCH.replace("when: 2021-Q4", "from: 2021-07, until: 2021-08"), ["event: launch, about: car, when: 2021-08"], "met"),
        (LAUNCH, ["event: launch, about: car, from: 2021-09, until: 2022-01"], "undecided"),
        (SHARE, ["agent: a, role: shareholder, target: b, share: 100%, until: 2021-12"], "undecided"),
        (SHARE, ["agent: a, role: shareholder, target: b, share: 90%, from: 2021-11"], "met"),
    ],
)  # fmt: skip
def test_outcome(tmp_path: Path, plan: str, seen: list[str], status: str) -> None:
    """Comparators, units, rates, qualifiers, times before and after, parts of a period, and searches in vain."""
    assert become(tmp_path, f"id: plan, {plan}", *seen).status.notation == status


def test_how_much_was_reached(tmp_path: Path) -> None:
    """The ratio is that of the bare numbers, and says how exact it is; the months that are there are counted."""
    months = [sold("over 30000 vehicles", f"2022-{month:02}") for month in (1, 2, 3)]
    outcome = become(tmp_path, SALES, *months)
    assert (outcome.reached, outcome.bound, outcome.why) == (Decimal("0.3000"), ">", "3 of 12 months reported")
    assert len(outcome.observations) == 3


def test_parts_are_counted_once(tmp_path: Path) -> None:
    """Months inside a quarter that is there do not count again."""
    outcome = become(tmp_path, SALES, sold("90000 vehicles", "2022-Q1"), sold("30000 vehicles", "2022-02"))
    assert (outcome.reached, outcome.why) == (Decimal("0.3000"), "3 of 12 months reported")


def test_what_is_near_is_told_and_not_compared(tmp_path: Path) -> None:
    """Deliveries are no sales, exports not all; another year, another unit and a plan are not even near."""
    delivered = "about: car, measure: units-delivered, value: 290000 vehicles, when: 2022"
    others = (
        f"{delivered}, territory: china, modality: target",
        "about: car, measure: revenue, value: 5 CNY, when: 2022",
    )
    seen = (delivered, sold("5 vehicles", "2022-03", ", segment: exports"), sold("5 vehicles", "2021"), *others)
    outcome = become(tmp_path, SALES, *seen)
    assert outcome.status.notation == "not-comparable"
    assert {claim.place.line for claim in outcome.near} == {3, 4}


@pytest.mark.parametrize(("as_of", "status"), [("2021-12-31", "open"), ("2022-01-01", "missed")])
def test_nothing_is_decided_before_its_day(tmp_path: Path, as_of: str, status: str) -> None:
    """What is observed later than the as-of day is not seen yet; on the last day a plan is still open."""
    assert become(tmp_path, STORES, shops("80 stores", when="2021-12"), as_of=as_of).status.notation == status


def test_what_is_not_known_yet_decides_nothing(tmp_path: Path) -> None:
    """The observation is published in 2023-02."""
    outcome = become(tmp_path, STORES, shops("80 stores", when="2022-01"), known_by="2022-06", as_of="2022-06")
    assert outcome.status.notation == "overdue"


def test_the_seed() -> None:
    """Stores by July and December, first deliveries in the last quarter: due and not reported; 2022 is still open."""
    graph = kg.load(EXAMPLE)
    due = [(report.outcome, report.due) for report in graph.plans() if report.due]
    assert due == [("overdue", "2021-07-31"), *[("overdue", "2021-12-31")] * 3, ("open", "2022-12-31")]
    later = kg.load(EXAMPLE, as_of="2023")
    assert [report.due for report in later.plans() if report.outcome == "never-reported"] == ["2022-12-31"]
    overdue = later.query("SELECT ?p { ?p kg:qualifier/skos:notation 'overdue' ; kg:dueOn ?day }")
    assert len(overdue) == 5
