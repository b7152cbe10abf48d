"""Arbitrary projects for the laws: every kind of row, wordings, references between claims, texts in any script."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from amounts import SEED, amount
from kg.formats.import_project import records_of
from kg.ingestion.checking.check import check_records
from kg.ingestion.world_rows import Tables
from kg.model.iris import RDF_TYPE, literal
from kg.model.world import World

Row = dict[str, str]
EXAMPLES = amount("KG_EXAMPLES", 30)
law = settings(
    derandomize=not SEED, database=None, deadline=None, max_examples=EXAMPLES, suppress_health_check=list(HealthCheck)
)

FIRMS, CARS = ("a", "b", "c"), ("car", "car-x")
ROLES = ("retailer", "oem", "carmaker", "contract-manufacturer", "design-lead", "co-developer", "parts-supplier")
AWKWARD = (
    "=1+1", "+49", "-", "--x", "@home", "'quoted'", "''", "'=x", "\tx", "a\tb", "a, b: c # d", '"double"', "{brace}", "[list]",
    "null", "NO", "~", "1.10", "007", "2021-02", "00:12:30", "a|b", "_x000D_", "_x005F_x", "<b>&amp;</b>", "a\\b", "\\n", "赛力斯",
    "Citroën", "e\u0301", "😀", "% x", "`x", "? x", "- x", "x:", ":x", "#x", "x #", "a  b", "!x", "&x", "*x", "|x", ">x", "true",
)  # fmt: skip
TEXT = st.one_of(
    st.sampled_from(AWKWARD),
    st.text(
        st.characters(
            min_codepoint=32,
            exclude_characters="\u2028\u2029\u202a\u202b\u202c\u202d\u202e\ufffe\uffff",
            exclude_categories=("Cs", "Cc", "Cf", "Cn", "Co"),
        ),
        min_size=1,
        max_size=20,
    ),
).filter(lambda text: text.strip() != "")
DATES = st.sampled_from(
    (
        "2019",
        "2020-H1",
        "2020-Q4",
        "2021-02",
        "2021-02-28",
        "2021~",
        "2018?",
        "2022?",
        "2021-03?",
        "2020-Q1~",
        "FY2020",
        "FY2020-03",
    )
)
INTERVALS = st.sampled_from(("2021-05", "2021-03?", "2021-01/2021-04", "../2021-04", "2020-H2~"))
FIGURES = st.sampled_from(
    (
        "5 vehicles", "over 1.5 thousand cars/month", "300 thousand cars", "300000 vehicles", "0.3 million vehicles", "about 7 cars",
        "2 to 3 thousand vehicles/year", "at least 10 vehicles", "unknown", "nearly 1000 vehicles", "exactly 6.500 thousand vehicles",
    )
)  # fmt: skip
SHARES = st.sampled_from(("4.99%", "about 50%", "1.10%", "under 5%", "30 to 40%", "60%", "over 51%"))


def mapping(needed: dict[str, Any], optional: dict[str, Any] | None = None) -> st.SearchStrategy[Row]:
    """Return rows with keys that are there and keys that may be."""
    return st.fixed_dictionaries(needed, optional=optional or {})


firms, cars = st.sampled_from(FIRMS), st.sampled_from(CARS)
PERIOD = {"when": st.sampled_from(("2020", "2020~", "2020?")), "from": DATES, "until": DATES}
content = st.one_of(
    mapping(
        {"agent": firms, "role": st.sampled_from(ROLES), "target": st.sampled_from((*CARS, "any-car"))},
        {
            "counterparty": firms, "territory": st.just("china"), "only": st.sampled_from(("agent", "role")),
            "extent": st.sampled_from(("partial", "complete")), "within": st.just("deal"), "channel": st.just("shop"),
            "component": st.just("motor"), **PERIOD,
        },
    ),
    mapping({"agent": firms, "role": st.just("shareholder"), "target": firms, "share": SHARES}, {"when": DATES}),
    mapping({"subject": firms, "relation": st.just("subsidiary-of"), "object": firms}, {"from": DATES}),
    mapping({"subject": st.sampled_from((*FIRMS, *CARS)), "relation": st.just("same-as"), "object": st.sampled_from((*FIRMS, *CARS))}),
    mapping(
        {"about": st.sampled_from((*CARS, *FIRMS)), "measure": st.just("units-sold"), "value": FIGURES},
        {"among": TEXT, "versus": DATES, "territory": st.just("china"), "by": DATES, "model-year": st.just("2021"), **PERIOD},
    ),
    mapping({"subject": st.sampled_from((*CARS, "a")), "relation": st.just("part-of-total"), "object": st.sampled_from(("a", "b"))}, {"from": DATES}),
    mapping({"subject": firms, "relation": st.just("successor-of"), "object": firms}, {"from": DATES}),
    mapping({"about": st.sampled_from((*CARS, "a", "b")), "measure": st.just("units-sold"), "value": st.sampled_from(("5 vehicles", "7 vehicles", "over 9 vehicles")), "when": st.sampled_from(("2020", "2020-H1", "2020-Q4"))}),
    mapping({"event": st.sampled_from(("production-start", "production-end")), "about": cars, "when": DATES}),
    mapping({"about": cars, "measure": st.just("rank"), "value": st.sampled_from(("1", "2", "over 3")), "among": TEXT}),
    mapping({"event": st.just("launch"), "about": cars}, {"agent": firms, "cause": TEXT, "place": st.just("china"), "when": DATES}),
    mapping({"event": st.just("naming"), "about": cars, "name": TEXT}, {"old-name": TEXT, "when": DATES}),
    mapping({"about": st.just("shop"), "measure": st.just("stores-selling"), "value": st.sampled_from(("200 stores", "about 0.2 thousand stores"))}, {"by": DATES}),
    mapping({"agent": firms, "role": st.just("brand-owner"), "target": st.just("mark")}, {"share": SHARES, "territory": st.just("china"), **PERIOD}),
    mapping({"agent": firms, "role": st.just("retailer"), "target": st.sampled_from(CARS)}, PERIOD),
    mapping({"event": st.sampled_from(("founding", "dissolution")), "about": st.sampled_from((*FIRMS, "mark", "shop"))}, {"when": DATES}),
    mapping({"event": st.just("acquisition"), "agent": firms, "about": st.just("mark")}, {"counterparty": firms, "when": DATES}),
    mapping({"event": st.just("merger"), "parties": st.sampled_from(("a|b", "b|a", "c|a|b"))}, {"into": firms, "when": DATES}),
)  # fmt: skip
SAID = {
    "modality": st.sampled_from(("actual", "planned", "target", "policy", "expected")),
    "if": TEXT,
    "hedge": st.sampled_from(("suggests", "may", "likely")),
    "said-by": st.sampled_from(("boss", "insider", "a", "b", "paper", "editor")),
    "plan-of": firms,
    "said-when": st.sampled_from(("2020", "2019-05-03", "2020-01/2020-03", "../2020-04", "2018?")),
    "evidence": st.sampled_from(("filing", "narration", "official-statement", "named-media")),
    "second-hand": st.sampled_from(("unseen", "unknown")),
    "at": st.sampled_from(("par1", "par10", "title", "body", "00:12:30", "page2-3", "table4")),
    "term": TEXT,
    "when-term": TEXT,
    "also": TEXT,
    "recorded": st.sampled_from(("2021-06-01", "2021-07")),
    "note": TEXT,
}
STANCES = st.sampled_from(("asserts", "asserts", "denies", "declines", "silent"))


def apart(row: Row) -> bool:
    """Tell whether nobody stands at two ends of a row."""
    ends = [row[key] for key in ("agent", "subject", "target", "object", "counterparty", "about") if key in row]
    return len(set(ends)) == len(ends)


circumstances = mapping({}, {"stance": STANCES, **SAID})
LINKS = ("disputes", "corrects", "supersedes", "retracts", "withdraws")
references = mapping({}, {key: st.lists(st.integers(0, 9), min_size=1, max_size=2, unique=True) for key in LINKS})
claims = st.tuples(st.just("content"), content.filter(apart), circumstances, references, st.booleans(), st.booleans())
answers = st.tuples(
    st.just("re"), st.integers(0, 9), mapping({"stance": STANCES}, SAID), references, st.booleans(), st.booleans()
)
tensions = st.tuples(
    st.just("tension"), st.tuples(st.integers(0, 9), st.integers(0, 9)), mapping({}, {"note": TEXT, "at": st.just("body")}),
    st.just({}), st.booleans(), st.booleans(),
)  # fmt: skip
described = mapping(
    {"title": TEXT, "published": INTERVALS},
    {"kind": st.sampled_from(("article", "filing", "editor")), "url": st.just("https://example.org/a?b=c#d"), "lang": st.sampled_from(("en", "zh"))},
)  # fmt: skip
people = st.lists(
    mapping(
        {"type": st.sampled_from(("firm", "person", "brand", "group")), "en": TEXT},
        {"zh": TEXT, "fr": TEXT, "aka": TEXT, "note": TEXT, "same-as": st.just("Q42"), "stands-for": st.sampled_from(("some", "at least 2"))},
    ),
    max_size=2,
)  # fmt: skip
configured = mapping(
    {"title": TEXT},
    {"licence": st.sampled_from(("CC0", "https://creativecommons.org/publicdomain/zero/1.0/")), "languages": st.sampled_from(("zh|en", "en", "en|zh|fr"))},
)  # fmt: skip
# Own terms: words that rows use, texts in any script, and more said of what the package brought.
LABEL = st.tuples(TEXT, st.sampled_from(("en", "zh", "fr")))
own_terms = st.fixed_dictionaries(
    {}, optional={
        **{name: st.lists(LABEL, min_size=1, max_size=2) for name in ("tyre-supplier", "tyres-sold", "wheel-swap", "owes", "robot")},
        "firm": st.lists(TEXT.map(lambda text: (text, "fr")), min_size=1, max_size=2),  # a term of the package: only named anew
    }
)  # fmt: skip
drafts = st.tuples(st.lists(st.one_of(claims, claims, answers, tensions), min_size=1, max_size=9), described, described, people, configured, own_terms)  # fmt: skip

ENTITIES: list[Row] = [
    {"id": "a", "type": "firm", "en": "Alpha", "zh": "甲", "fiscal-year-ends": "3"},
    {"id": "b", "type": "firm", "en": "Beta"},
    {"id": "c", "type": "firm", "en": "Gamma"},
    {"id": "car", "type": "model", "en": "Car One"},
    {"id": "car-x", "type": "variant", "en": "Car One X"},
    {"id": "mark", "type": "brand", "en": "Mark"},
    {"id": "any-car", "type": "model", "en": "any car", "stands-for": "any"},
    {"id": "motor", "type": "component", "en": "Motor"},
    {"id": "shop", "type": "channel", "en": "Shops"},
    {"id": "deal", "type": "agreement", "en": "Deal"},
    {"id": "china", "type": "territory", "en": "China", "zh": "中国"},
    {"id": "boss", "type": "person", "en": "The Boss"},
    {"id": "paper", "type": "media", "en": "The Paper"},
    {"id": "insider", "type": "unnamed-source", "en": "an insider", "stands-for": "1 unnamed"},
    {"id": "editor", "type": "office", "en": "Editor"},
    {"id": "unseen", "type": "source", "publisher": "paper", "published": "2020"},
]


KG, SKOS = "https://w3id.org/autokg/ns#", "http://www.w3.org/2004/02/skos/core#"
OWN_CLASSES = {"tyre-supplier": "Role", "tyres-sold": "Measure", "wheel-swap": "EventType", "owes": "RelationType", "robot": "EntityType"}  # fmt: skip
OWN_ROWS: dict[str, Row] = {
    "tyre-supplier": {"agent": "b", "role": "tyre-supplier", "target": "car", "at": "par77"},
    "tyres-sold": {"about": "a", "measure": "tyres-sold", "value": "7", "at": "par77"},
    "wheel-swap": {"event": "wheel-swap", "about": "car", "at": "par77"},
    "owes": {"subject": "a", "relation": "owes", "object": "c", "at": "par77"},
}


def ontology_of(own: dict[str, list[tuple[str, str]]]) -> list[tuple[str, str, str]]:
    """Return the triples of own terms; some live under the project's own base."""
    triples = []
    for name, labels in own.items():
        home = "https://example.org/t/terms/" if len(name) % 2 else "https://example.net/mine#"
        subject = f"<{KG}Firm>" if name == "firm" else f"<{home}{name}>"
        if cls := OWN_CLASSES.get(name):
            triples += [(subject, RDF_TYPE, f"<{KG}{cls}>"), (subject, f"<{SKOS}notation>", literal(name))]
        if name == "robot":
            triples.append((subject, "<http://www.w3.org/2000/01/rdf-schema#subClassOf>", f"<{KG}Agent>"))
        triples += [(subject, f"<{SKOS}altLabel>", literal(text, language=tag)) for text, tag in labels]
    return triples


def _claim_rows(draft: list[Any]) -> list[Row]:
    """Return the rows of a draft, a sound one first: handles for all, references to rows before, some of the other source."""
    rows: list[Row] = [
        {"source": "s1", "id": "first", "agent": "a", "role": "retailer", "target": "car-x", "at": "lead"}
    ]
    for number, (kind, what, how, links, second, by_source) in enumerate(draft):
        source = "s2" if second else "s1"

        def handle(target: int, source: str = source, by_source: bool = by_source) -> str:
            other = rows[target % len(rows)]
            return other["id"] if other["source"] == source and not by_source else f"{other['source']}/{other['id']}"

        row = {"source": source, "id": f"h{number}", **how}
        if kind == "content":
            row |= what
        elif kind == "re":
            row["re"] = handle(what)
        else:
            row |= {
                "subject": handle(what[0]),
                "relation": "in-tension-with",
                "object": handle(what[0] % len(rows) + 1 + what[1] % max(len(rows) - 1, 1)),
            }
        row |= {key: "|".join({handle(target) for target in targets}) for key, targets in links.items()}
        rows.append(row)
    return rows


def world_of(draft: Any) -> World:  # noqa: ANN401 - whatever the strategy draws
    """Return the world of a draft without the rows that are wrong."""
    rows, first, second, people, configured, own = draft
    claimed = [{"source": "s1", **row} for name, row in OWN_ROWS.items() if name in own]
    robots = [{"id": "robot-1", "type": "robot", "en": "Robot"}] if "robot" in own else []
    tables = Tables(
        {"base": "https://example.org/t/", **configured},
        [*ENTITIES, *robots, *({"id": f"x{number}", **row} for number, row in enumerate(people))],
        [{"id": "s1", "publisher": "paper", **first}, {"id": "s2", "publisher": "editor", **second}],
        [*_claim_rows(rows), *claimed],
        ontology_of(own),
    )
    while True:
        world, problems = check_records(records_of(tables, "t"))
        if world is not None:
            return world
        for table in ("claims", "entities"):
            lines = {p.location.line for p in problems if p.severity == "error" and p.location.cell.startswith(table)}
            kept = [row for number, row in enumerate(getattr(tables, table), 1) if number not in lines]
            setattr(tables, table, kept)
        if all(not p.location.cell.startswith(("claims", "entities")) for p in problems if p.severity == "error"):
            raise AssertionError("\n".join(map(str, problems)))
