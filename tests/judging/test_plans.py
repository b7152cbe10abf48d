"""What became of plans: only like is compared with like, and a number or a day that is too loose decides nothing."""

from decimal import Decimal
from pathlib import Path

import pytest

import kg
from kg.judging.plans import Outcome
from kg.judging.verdicts import Judge
from projects import EXAMPLE, make_project, source

STORES = "about: shop, measure: stores-selling, value: 100 stores, by: 2021-12, modality: planned"
SALES = "about: car, measure: units-sold, value: 300000 vehicles, when: 2022, modality: target"
LAUNCH = "event: launch, about: car, agent: a, when: 2021-Q4, modality: planned"
SHARE = "agent: a, role: shareholder, target: b, share: 90%, from: 2021-Q4, modality: planned"
ROLE = "agent: a, role: seller, target: car, from: 2021-Q4, modality: expected"


def become(folder: Path, plan: str, *seen: str, published: str = "2023-02", ontology: str = "", **days: str) -> Outcome:
    """Return what became of a plan, once a second source has said what it saw."""
    files = {"claims__s2_yaml": source("s2", published, *(seen or ("subject: a, relation: subsidiary-of, object: b",)))}
    files["ontology__own.ttl"] = ontology
    world = kg.load(make_project(folder, plan, **files), **days).world
    (outcome,) = (o for o in Judge(world).outcomes if o.claims[0].source.id == "s1")
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


MEASURES = """
@prefix kg: <https://w3id.org/autokg/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix measure: <https://w3id.org/autokg/measure/> .
@prefix direction: <https://w3id.org/autokg/direction/> .
@prefix unit: <https://w3id.org/autokg/unit/> .
measure:waste a kg:Measure ; kg:adds true ; kg:better direction:less ; skos:notation "waste" ;
    skos:prefLabel "waste"@en ; kg:unitOf unit:kg , unit:tonne .
measure:weight a kg:Measure ; skos:notation "weight" ; skos:prefLabel "weight"@en ; kg:unitOf unit:kg , unit:tonne .
unit:kg a kg:Unit ; skos:notation "kg" ; skos:prefLabel "kg"@en .
unit:tonne a kg:Unit ; skos:notation "t" ; skos:prefLabel "t"@en ; kg:multipleOf unit:kg ; kg:factor "1000" .
"""


@pytest.mark.parametrize(
    ("goal", "seen", "status"),
    [
        ("measure: waste, value: 9000 kg, when: 2022", ["measure: waste, value: 8 t, when: 2022"], "met"),
        ("measure: waste, value: 9000 kg, when: 2022", ["measure: waste, value: 9.5 t, when: 2022"], "missed"),
        ("measure: waste, value: 9000 kg, when: 2022", ["measure: waste, value: 8 t, when: 2022-H1"], "partial"),
        ("measure: waste, value: 9000 kg, when: 2022", ["measure: waste, value: 10 t, when: 2022-H1"], "partial"),
        ("measure: waste, value: at least 9000 kg, when: 2022", ["measure: waste, value: 10 t, when: 2022-H1"], "met"),
        ("measure: waste, value: 8 to 9 t, when: 2022", ["measure: waste, value: 8500 kg, when: 2022"], "met"),
        ("measure: weight, value: 2 t, when: 2022", ["measure: weight, value: 2400 kg, when: 2022"], "met"),
        ("measure: weight, value: 2 t, when: 2022", ["measure: weight, value: 2600 kg, when: 2022"], "missed"),
        ("measure: weight, value: 2.0 t, when: 2022", ["measure: weight, value: 2400 kg, when: 2022"], "missed"),
        ("measure: weight, value: 2 to 3 t, when: 2022", ["measure: weight, value: 2600 kg, when: 2022"], "met"),
        ("measure: weight, value: at most 3 t, when: 2022", ["measure: weight, value: 2600 kg, when: 2022"], "met"),
        ("measure: weight, value: 2 t, when: 2022", ["measure: weight, value: over 2600 kg, when: 2022"], "missed"),
        ("measure: weight, value: 2 t, when: 2022", ["measure: weight, value: over 1400 kg, when: 2022"], "undecided"),
    ],
)  # fmt: skip
def test_more_less_or_neither(tmp_path: Path, goal: str, seen: list[str], status: str) -> None:
    """The ontology says which is better, a comparator in the plan overrules it, units of one kind are converted.

    With neither, the same number is needed, at the precision of the plan: 2 t is met by 2.4 t, 2.0 t is not.
    """
    rows = [f"about: shop, {row}" for row in seen]
    outcome = become(tmp_path, f"about: shop, {goal}, modality: target", *rows, ontology=MEASURES)
    assert outcome.status.notation == status


def test_both_values_are_told_where_no_percentage_says_how_close(tmp_path: Path) -> None:
    """A price that is two thirds of the goal did not reach two thirds of it."""
    plan = "about: car, measure: price, value: 150000 CNY, when: 2022, modality: target"
    outcome = become(tmp_path, plan, "about: car, measure: price, value: 100000 CNY, when: 2022-04")
    assert (outcome.status.notation, outcome.reached) == ("met", None)
    assert outcome.why == "reached: 100000 CNY against 150000 CNY"


PACE = "about: car, measure: units-sold, value: 2000 vehicles/month, by: 2022, modality: target"
CAPACITY = "about: works, measure: capacity, value: 60000 vehicles/year, by: 2022, modality: planned"
REVENUE = "about: a, measure: revenue, value: 40 billion CNY, when: 2022, modality: target"


@pytest.mark.parametrize(
    ("plan", "seen", "status"),
    [
        (PACE, [sold("25000 vehicles", "2022")], "met"),
        (PACE, [sold("23000 vehicles", "2022")], "undecided"),  # the mean of the year; in December it may be more
        (PACE, [sold("1900 vehicles", "2022-12")], "missed"),
        (PACE, [sold("1900 vehicles", "2022-11")], "overdue"),
        (PACE, [sold("70 vehicles/day", "2022-12")], "met"),
        (PACE, [sold("900 vehicles", "2022-12-24")], "not-comparable"),
        (CAPACITY, ["about: works, measure: capacity, value: 61000 vehicles, when: 2022-10"], "met"),
        (CAPACITY, ["about: works, measure: capacity, value: 4000 vehicles/month, when: 2022-12"], "missed"),
        (CAPACITY, ["about: works, measure: units-produced, value: 61000 vehicles, when: 2022"], "not-comparable"),
        (CAPACITY.replace("/year", ""), ["about: works, measure: capacity, value: 6000 vehicles/month, when: 2022-10"], "met"),
        (REVENUE, ["about: a, measure: revenue, value: 7 billion EUR, when: 2022"], "not-comparable"),
        (REVENUE, ["about: a, measure: revenue, value: 7 billion EUR, when: 2021"], "never-reported"),
        (REVENUE, ["about: a, measure: revenue, value: 7 billion EUR, when: 2022", "about: a, measure: revenue, value: 41 billion CNY, when: 2022"], "met"),
        (SALES.replace("300000", "200000 to 300000"), [sold("210000 vehicles", "2022")], "met"),
        (SALES.replace("300000", "200000 to 300000"), [sold("190000 vehicles", "2022")], "missed"),
        (SALES, [sold("200000 vehicles", "2022-H1"), sold("150000 vehicles", "2022-Q2"), sold("40000 vehicles", "2022-Q3"), sold("40000 vehicles", "2022-Q4")], "missed"),
        (SALES, [sold("310000 vehicles", "2022"), sold("290000 vehicles", "2022")], "undecided"),
        (SALES, [sold("290000 vehicles", "2022"), sold("270000 vehicles", "2022")], "missed"),
        (SALES.replace("when: 2022", "from: 2021-07, by: 2022-06"), ["about: car, measure: units-sold, value: 160000 vehicles, from: 2021-07, until: 2021-12", sold("150000 vehicles", "2022-H1")], "met"),
        (SALES.replace("when: 2022", "from: 2021-07, by: 2022-06"), ["about: car, measure: units-sold, value: 160000 vehicles, until: 2021-12"], "not-comparable"),
        ("about: a, measure: profit, value: 5 billion CNY, when: 2022, modality: target", ["about: a, measure: profit, value: 6 billion CNY, when: 2022-H1"], "partial"),
        ("about: a, measure: units-sold-growth, versus: 2021, value: 20%, when: 2022, modality: target", ["about: a, measure: units-sold-growth, versus: 2021, value: 30%, when: 2022-H1"], "not-comparable"),
    ],
)  # fmt: skip
def test_rates_periods_and_currencies(tmp_path: Path, plan: str, seen: list[str], status: str) -> None:
    """Rates are converted, parts that do not overlap are added, and what is of another kind is shown and not compared."""
    assert become(tmp_path, plan, *seen).status.notation == status


def test_another_currency_is_shown_before_the_day(tmp_path: Path) -> None:
    """It decides nothing then, and is on record all the same."""
    figure = "about: a, measure: revenue, value: 7 billion EUR, when: 2022"
    outcome = become(tmp_path, REVENUE, figure, as_of="2022-12-31")
    assert (outcome.status.notation, outcome.why) == ("open", "not due yet")
    assert [claim.proposition.content["value"].unit[-3:] for claim in outcome.near] == ["EUR"]


def test_a_report_tells_target_and_result_at_once(tmp_path: Path) -> None:
    """One source of 2021-05 tells the target of 2020 and the figure, and an earlier plan and that it came about."""
    rows = (
        "about: car, measure: units-sold, value: 800 vehicles, when: 2020, modality: target",
        sold("600 vehicles", "2020"),
        "agent: a, role: seller, target: car, by: 2021-03, modality: planned",
        "agent: a, role: seller, target: car, from: 2021-02",
    )
    plans = kg.load(make_project(tmp_path, *rows)).plans()
    assert [(plan.outcome, plan.percent) for plan in plans] == [("missed", "75 %"), ("met", "")]


HELD = "agent: a, role: seller, target: car, by: 2021-09, modality: planned"
TERM = "agent: a, role: contract-manufacturer, target: car, from: 2021-07, until: 2026, modality: planned"


@pytest.mark.parametrize(
    ("plan", "seen", "status"),
    [
        (HELD, ["agent: a, role: seller, target: car, from: 2021-10"], "late"),
        (HELD, ["agent: a, role: seller, target: car, when: 2021-10"], "undecided"),
        (HELD, ["agent: a, role: seller, target: car"], "undecided"),
        (HELD, ["agent: a, role: seller, target: car, when: 2021-10", "agent: a, role: seller, target: car, from: 2021-08"], "met"),
        (HELD, ["agent: a, role: seller, target: car, until: 2021-08"], "undecided"),
        (HELD, ["agent: a, role: seller, target: car, from: 2021"], "undecided"),
        (HELD, ["agent: a, role: seller, target: car, when: 2021-09, stance: denies"], "missed"),
        (HELD, ["agent: a, role: seller, target: car, stance: denies"], "missed"),
        (HELD, ["agent: a, role: seller, target: car, when: 2021-08, stance: denies"], "overdue"),
        (HELD, ["agent: a, role: seller, target: car, when: 2021-11, stance: denies"], "overdue"),
        (HELD, ["agent: a, role: seller, target: car, when: 2021-09, stance: denies", "agent: a, role: seller, target: car, from: 2021-11"], "late"),
        (HELD, ["agent: a, role: seller, target: car, from: 2021-08, until: 2021-10", "agent: a, role: seller, target: car, when: 2021-08, stance: denies"], "undecided"),
        (HELD, ["agent: a, role: seller, target: car, when: 2020-02"], "overdue"),
        (HELD, ["agent: a, role: seller, target: car, from: 2020-02"], "met"),
        (LAUNCH, ["event: launch, about: car, when: 2021, stance: denies"], "missed"),
        (LAUNCH, ["event: launch, about: car, when: 2021-12-31, stance: denies"], "overdue"),
        (TERM, ["agent: a, role: contract-manufacturer, target: car, from: 2021-06, until: 2022-03"], "not-kept"),
        (TERM, ["agent: a, role: contract-manufacturer, target: car, from: 2021-06", "agent: a, role: contract-manufacturer, target: car, until: 2022-03"], "not-kept"),
        (TERM, ["agent: a, role: contract-manufacturer, target: car, from: 2021-06, until: 2022-03", "agent: a, role: contract-manufacturer, target: car, when: 2022-12"], "open"),
        (TERM, ["agent: a, role: contract-manufacturer, target: car, from: 2021-06"], "open"),
        (TERM.replace("2026", "2022-06"), ["agent: a, role: contract-manufacturer, target: car, from: 2021-06"], "met"),
        (TERM.replace("2026", "2022-06"), ["agent: a, role: contract-manufacturer, target: car, when: 2021-07"], "undecided"),
        (SHARE.replace("90%", "at least 40%"), ["agent: a, role: shareholder, target: b, share: 55%, from: 2021-11"], "met"),
        (SHARE.replace("90%", "at least 40%"), ["agent: a, role: shareholder, target: b, share: 35%, from: 2021-11"], "undecided"),
        (SHARE.replace("90%", "at least 40%"), ["agent: a, role: shareholder, target: b, from: 2021-11"], "undecided"),
        (SHARE.replace("90%", "at least 40%"), ["agent: a, role: shareholder, target: b, share: 20%, when: 2019"], "overdue"),
        (SALES, [sold("300000 vehicles", "2022", ", stance: denies")], "overdue"),
    ],
)  # fmt: skip
def test_late_kept_or_denied(tmp_path: Path, plan: str, seen: list[str], status: str) -> None:
    """A told beginning is late, a sighting is not; only a denial that reaches the day makes it missed."""
    assert become(tmp_path, plan, *seen).status.notation == status


def test_an_early_end_is_told_with_both_days(tmp_path: Path) -> None:
    """Until it has ended, the term is open, and due at its planned end."""
    seen = "agent: a, role: contract-manufacturer, target: car, from: 2021-07, until: 2022-03"
    outcome = become(tmp_path, TERM, seen)
    assert (outcome.status.notation, outcome.why) == ("not-kept", "planned until 2026, ended 2022-03")
    before = become(tmp_path, TERM, seen, as_of="2022-01-15")
    assert (before.status.notation, before.due) == ("open", "2026-12-31")


def test_what_is_disputed_decides_nothing(tmp_path: Path) -> None:
    """Somebody denies the figure that would meet the goal; the plan is not told as met, and not as unreported."""
    figure = sold("310000 vehicles", "2022")
    outcome = become(tmp_path, SALES, figure, f"{figure}, stance: denies, said-by: b")
    assert (outcome.status.notation, outcome.why) == ("undecided", "what is on record of it is denied or disputed")
    assert [claim.place.line for claim in outcome.near] == [3]


def test_the_outcome_is_beside_the_verdict_and_in_the_answers(tmp_path: Path) -> None:
    """The qualifier, the graph and the question say what ``plans`` says."""
    rows = [HELD.replace("seller", role) for role in ("seller", "carmaker", "co-developer")]
    rows += [REVENUE, TERM]
    seen = (
        "agent: a, role: seller, target: car, from: 2021-10",
        "agent: a, role: carmaker, target: car, from: 2021-08",
        "about: a, measure: revenue, value: 7 billion EUR, when: 2022",
        "agent: a, role: contract-manufacturer, target: car, from: 2021-07, until: 2022-03",
    )
    graph = kg.load(make_project(tmp_path, *rows, claims__s2_yaml=source("s2", "2023-02", *seen)))
    told = {plan.plan: plan.outcome for plan in graph.plans()}
    assert sorted(told.values()) == ["late", "met", "not-comparable", "not-kept", "overdue"]
    query = "SELECT ?plan ?o ?q { ?p kg:outcome/skos:notation ?o ; kg:qualifier/skos:notation ?q ; rdfs:label ?plan }"
    answer = {row["plan"]: (row["o"], row["q"]) for row in graph.query(query)}
    assert answer == {plan: (outcome, outcome) for plan, outcome in told.items()}


def test_why_tells_what_became_of_a_plan(tmp_path: Path) -> None:
    """With the claim that decides; a fact has no such line."""
    seen = "id: begun, agent: a, role: seller, target: car, from: 2021-10"
    graph = kg.load(make_project(tmp_path, HELD, claims__s2_yaml=source("s2", "2023-02", seen)))
    became = [told.became for told in graph.why("a", "car").explanations]
    assert sorted(became) == ["", "late, it came about after that day (s2/begun)"]


def test_a_search_for_another_time_finds_nothing_of_the_plan(tmp_path: Path) -> None:
    """A source that was searched for the figure of a month says nothing of the year."""
    search = sold("300000 vehicles", "2022-05", ", stance: silent")
    outcome = become(tmp_path, SALES, search)
    assert (outcome.status.notation, outcome.why) == ("never-reported", "no figure for that time is on record")
    assert outcome.observations == ()
    found = become(tmp_path, SALES, sold("300000 vehicles", "2022", ", stance: silent"))
    assert found.why == "somebody searched and found nothing"


def test_a_disputed_figure_is_no_search_in_vain(tmp_path: Path) -> None:
    """A figure on record is not told as never reported because it is disputed, and a second source was silent."""
    told = sold("310000 vehicles", "2022", ", id: seen")
    others = ("re: s1/plan, stance: silent", told, f"{sold('5 vehicles', '2022-01')}, disputes: seen")
    outcome = become(tmp_path, f"{SALES}, id: plan", *others)
    assert (outcome.status.notation, outcome.why) == ("undecided", "what is on record of it is denied or disputed")


def test_what_was_compared_is_not_told_as_not_compared(tmp_path: Path) -> None:
    """Two claims of one proposition are both compared, although one is shown."""
    plan = "agent: a, role: brand-owner, target: brand-a, when: 2021-06, modality: planned"
    seen = "agent: a, role: brand-owner, target: brand-a, when: 2022-03"
    outcome = become(tmp_path, plan, seen, f"{seen}, said-by: boss")
    assert outcome.status.notation == "undecided"
    assert (len(outcome.observations), outcome.near) == (1, ())


def test_what_needs_a_launch_shows_that_there_was_one(tmp_path: Path) -> None:
    """A car that was delivered was launched; whether in time is not told. What can precede a launch shows nothing."""
    delivered = become(tmp_path / "one", LAUNCH, "event: first-delivery, about: car, when: 2022-03")
    assert (delivered.status.notation, delivered.why) == (
        "undecided",
        "what is on record needs it to have come about; whether in time is not told",
    )
    assert [claim.source.id for claim in delivered.near] == ["s2"]
    built = become(tmp_path / "two", LAUNCH, "event: production-start, about: car, when: 2022-03")
    assert (built.status.notation, built.near) == ("overdue", ())
