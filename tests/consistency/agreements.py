"""What the ways out of a project must agree on: one function per subject, which yields each contradiction in words."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ways_out import Told, question

from kg.model.dates import read_date

Contradictions = Iterator[str]
RELATIONS = {
    "denied": "opposes",
    "disputed": "opposes",
    "held-by-two": "opposes",
    "set-against": "setAgainst",
    "handover-untold": "handsOver",
}  # every other rule: clashesWith
QUALIFIED = {"setAgainst": "in-tension", "handsOver": "handover-untold", "clashesWith": "clash"}
BY_OUTCOME = {
    **{name: name for name in ("met", "missed", "late", "not-kept", "not-comparable", "overdue")},
    "never-reported": "overdue",
}
ABSENT = {"denied": ("denied", "contested"), "planned": ("planned", "policy", "contested")}
SAYING = "VALUES ?says { kg:asserts kg:denies kg:declines kg:silentOn kg:takesBack }"
EDITORS = "?source dcterms:type/kg:concludes true"


def differ(what: str, one: object, other: object) -> Contradictions:
    """Yield a contradiction unless two ways out say the same."""
    if one != other:
        yield f"{what}: {one!r} against {other!r}"


# ---------------------------------------------------------------- verdicts


def judged(told: Told) -> Contradictions:
    """Compare verdict, qualifiers, and whether each proposition holds: in RDF, why, page, network, matrix, timeline."""
    verdicts, held, seen = (
        dict(told.rows(f"SELECT ?p ?v {{ ?p {path} ?v }}"))
        for path in ("kg:verdict/skos:notation", "kg:holds", "kg:lastSeen")
    )
    qualifiers: dict[str, set[str]] = defaultdict(set)
    for proposition, name in told.rows("SELECT ?p ?q { ?p kg:qualifier/skos:notation ?q }"):
        qualifiers[proposition].add(name)
    yield from differ("propositions with a verdict", verdicts.keys(), told.why.keys())
    for iri, why in told.why.items():
        rdf = verdicts.get(iri, ""), qualifiers[iri], held.get(iri, ""), seen.get(iri, "")
        name, page = why.statement, told.page[why.id]
        yield from differ(
            f"{name}, why", rdf, (why.verdict.word, {q.word for q in why.qualifiers}, why.holds, _edtf(why.last_seen))
        )
        yield from differ(
            f"{name}, page", (*rdf[:2], rdf[3]), (page["verdict"], {*page["qualifiers"]}, _edtf(str(page["seen"])))
        )
        yield from differ(f"{name}, held", page["held"], why.held)
        yield from differ(f"{name}, history", why.history[-1].verdict if why.history else "", why.verdict.label)
    for *_, edge in told.graph.to_networkx().edges(data=True):
        iri = told.short[edge["proposition"]]
        names = {*filter(None, edge.get("qualifiers", "").split("|"))}
        rdf = verdicts[iri], qualifiers[iri], held.get(iri, ""), seen.get(iri, "")
        yield from differ(
            f"{edge['sentence']}, network",
            rdf,
            (edge["verdict"], names, edge.get("holds", ""), _edtf(edge.get("last-seen", ""))),
        )
    yield from _in_grids(told, verdicts, qualifiers)


def _edtf(text: str) -> str:
    """Return a date as RDF has it: only with its firm does a fiscal year tell its months."""
    return text if "FY" in text or "/" in text or not text else read_date(text).edtf


def _in_grids(told: Told, verdicts: dict[str, str], qualifiers: dict[str, set[str]]) -> Contradictions:
    matrix = told.graph.matrix()
    for said in (s for b in matrix.blocks for row in b.rows for cell in row.cells.values() for s in cell):
        names = [told.short[id] for id in said.propositions]
        yield from differ(f"{said.sentences}, matrix", {verdicts[iri] for iri in names}, {said.verdict})
        marked = set().union(*(qualifiers[iri] for iri in names)) & matrix.marks.keys()
        yield from differ(f"{said.sentences}, marks", marked, {*said.beside})
        opposed = any(told.why[iri].against for iri in names)
        yield from differ(f"{said.sentences}, sources against it", opposed, bool(said.against))
    for entity in told.world.entities:
        for entry in told.graph.timeline(entity).entries:
            if entry.proposition:
                yield from differ(f"{entry.sentence}, timeline", verdicts[told.short[entry.proposition]], entry.verdict)


# ---------------------------------------------------------------- who opposes whom


def conflicting(told: Told) -> Contradictions:
    """Compare what ``kg conflicts`` lists with both sides in ``why``, with the page, and with RDF, both ways."""
    rdf = {
        name: {(one, other) for one, other in told.rows(f"SELECT ?one ?other {{ ?one kg:{name} ?other }}")}
        for name in {*RELATIONS.values(), "clashesWith"}
    }
    listed = {name: list[set[str]]() for name in rdf}
    for one in told.conflicts:
        name, sides = RELATIONS.get(one.rule, "clashesWith"), (told.iri(one.one), told.iri(one.other))
        listed[name].append({told.iri(voice) for voice in (one.one, one.other, *one.more)})
        if not {sides, sides[::-1]} & rdf[name]:
            yield f"listed as {one.rule}, but not in the graph: {one.one.statement} | {one.other.statement}"
    for name, pairs in rdf.items():
        for pair in pairs:
            if not any({*pair} <= named for named in listed[name]):
                yield f"kg:{name} is not listed by kg conflicts: {_statements(told, pair)}"
    yield from differ("kg:opposes and why", rdf["opposes"], _against(told))
    for name, qualifier in QUALIFIED.items():
        yield from differ(f"kg:{name} and why", {_of(told, *pair) for pair in rdf[name]}, _beside(told, qualifier))
    yield from _on_page(told, rdf["opposes"])


def _against(told: Told) -> set[tuple[str, str]]:
    """Return the claims that speak against others in ``why``, with these."""
    return {(told.iri(a.voice), told.claims[a.against]) for why in told.why.values() for a in why.against}


def _beside(told: Told, qualifier: str) -> set[tuple[str, str]]:
    """Return the propositions that have a qualifier in ``why``, with the claims beside them."""
    found = (one for why in told.why.values() for one in why.beside if one.qualifier.word == qualifier)
    return {_of(told, told.claims[one.claim], told.iri(one.voice)) for one in found}


def _of(told: Told, one: str, other: str) -> tuple[str, str]:
    """Return the proposition of a claim, and the claim beside it: why tells it once, whichever claim it is beside."""
    return told.proposition_of[one], other


def _on_page(told: Told, opposing: set[tuple[str, str]]) -> Contradictions:
    for iri, why in told.why.items():
        now = {entry["claim"] for entry in told.page[why.id]["opposed_by"] if not entry["until"]}  # type: ignore[attr-defined]
        mine = {one.rpartition("/")[2] for one, other in opposing if told.proposition_of[other] == iri}
        yield from differ(f"{why.statement}, opposed on the page", mine, now)


def _statements(told: Told, pair: tuple[str, ...]) -> str:
    return " | ".join(told.why[told.proposition_of[iri]].statement for iri in pair)


def contested(told: Told) -> Contradictions:
    """Hold that contested is what a claim of a source that counts opposes, and nothing else."""
    opposed = told.pairs(
        f"""SELECT DISTINCT ?p {{ ?one kg:opposes ?other . ?other ?says ?p . {SAYING}
            FILTER NOT EXISTS {{ ?one kg:endedBy ?x }} FILTER NOT EXISTS {{ ?other kg:endedBy ?y }}
            FILTER NOT EXISTS {{ ?one prov:wasDerivedFrom ?source . {EDITORS} }} }}"""
    )
    judged = told.pairs("SELECT ?p { ?p kg:verdict verdict:contested }")
    for (iri,) in opposed - judged:
        yield f"opposed, but not contested: {told.why[iri].statement}"
    for (iri,) in judged - opposed:
        yield f"contested, but nothing opposes it: {told.why[iri].statement}"
    if told.rows(f"SELECT ?c {{ ?c kg:opposes|^kg:opposes ?o ; prov:wasDerivedFrom ?source . {EDITORS} }}"):
        yield "an editor's claim opposes, or is opposed"
    if told.rows(
        "SELECT ?c { ?c kg:opposes|^kg:opposes|kg:setAgainst|kg:clashesWith|kg:handsOver ?o ; kg:endedBy ?e }"
    ):
        yield "a claim that no longer counts has another against it"


def disputes(told: Told) -> Contradictions:
    """Compare ``kg ask disputes`` with the pairs in RDF."""
    asked = told.pairs(question("disputes", "DISTINCT ?claim ?opposed"))
    pairs = {frozenset(row) for row in told.rows("SELECT ?one ?other { ?one kg:opposes|kg:setAgainst ?other }")}
    yield from differ("kg ask disputes and kg:opposes", {frozenset(row) for row in asked}, pairs)


# ---------------------------------------------------------------- plans


def plans(told: Told) -> Contradictions:
    """Compare what became of plans: in ``kg plans``, RDF, qualifiers, ``why``, and three questions."""
    found = {
        iri: (name, due)
        for iri, name, due in told.rows(
            "SELECT ?p ?o ?due { ?p kg:outcome/skos:notation ?o OPTIONAL { ?p kg:dueOn ?due } }"
        )
    }
    mine = Counter((told.why[iri].statement, *outcome) for iri, outcome in found.items())
    yield from differ("kg plans and kg:outcome", Counter((p.plan, p.outcome, p.due) for p in told.plans), mine)
    labels = {report.outcome: report.label for report in told.plans}
    for iri, why in told.why.items():
        name = found.get(iri, ("", ""))[0]
        became = {q.word for q in why.qualifiers} & {*BY_OUTCOME.values()}
        yield from differ(f"{why.statement}, qualifier of its outcome", became, {*filter(None, [BY_OUTCOME.get(name)])})
        yield from differ(f"{why.statement}, what became of it", why.became.partition(",")[0], labels.get(name, ""))
    # A plan is what a claim that counts plans, whatever its verdict.
    planned = told.pairs(
        """SELECT DISTINCT ?p { ?c kg:asserts ?p ; kg:modality/kg:verdictOf verdict:planned
           FILTER NOT EXISTS { ?c kg:endedBy ?e } }"""
    )
    yield from differ("plans that count, and those with an outcome", planned, {(iri,) for iri in found})
    asked = told.pairs(question("plan-outcomes", "DISTINCT ?planned ?due"))
    yield from differ("kg ask plan-outcomes", asked, {(iri, due) for iri, (_, due) in found.items() if due})
    late = {"overdue", "never-reported", "not-comparable", "open"}
    mine_late = {(iri,) for iri, (name, due) in found.items() if name in late and "" < due < told.world.as_of}
    yield from differ("kg ask overdue", told.pairs(question("overdue", "DISTINCT ?planned")), mine_late)
    for iri, name in told.pairs(question("targets", "DISTINCT ?aim ?outcome")):
        yield from differ(f"{told.why[iri].statement}, kg ask targets", name.rpartition("/")[2], found[iri][0])


# ---------------------------------------------------------------- gaps

CELL = """SELECT ?stance ?stated ?p ?end {
  ?p kg:role|kg:relation|kg:event ?term ; kg:target|kg:subject|kg:about ?end .
  ?c ?says ?p . ?stance_term kg:stanceOf ?says ; skos:notation ?stance .
  FILTER NOT EXISTS { ?c kg:endedBy ?e }
  FILTER(EXISTS { ?term skos:broader* ?expected }
      || ?stance = "denies" && EXISTS { ?expected skos:broader+ ?term }
      || ?stance = "asserts" && EXISTS { ?term kg:gives/skos:broader* ?expected . ?p kg:agent ?taker })
  FILTER(?end = ?entity || ?stance = "denies" && EXISTS { ?end kg:standsFor "any" ; a ?type . ?entity a/rdfs:subClassOf* ?type })
  BIND(EXISTS { ?c kg:modality/kg:verdictOf verdict:stated } AS ?stated) }"""
ORDER = ("denies", "declines", "silent")
NAMES = {"denies": "denied", "declines": "declined", "silent": "not-reported", "": "unknown"}


def gaps(told: Told) -> Contradictions:
    """Compare each cell of ``kg gaps`` with the claims and verdicts in RDF; what has no cell is stated."""
    verdicts = dict(told.rows("SELECT ?p ?v { ?p kg:verdict/skos:notation ?v }"))
    cells = {(report.id, cell.expected): cell for report in told.gaps for cell in report.cells}
    looked = told.rows(
        """SELECT ?entity ?expected ?name { ?entity a ?type . ?type rdfs:subClassOf* ?class . ?class kg:expects ?expected .
           ?expected skos:notation ?name FILTER NOT EXISTS { ?entity kg:standsFor "any" }
           FILTER NOT EXISTS { ?type rdfs:subClassOf* ?nearer . ?nearer rdfs:subClassOf+ ?class ; kg:expects ?else } }"""
    )
    for entity, expected, name in looked:
        rows = told.rows(CELL, entity=entity, expected=expected)
        stances = {stance for stance, *_ in rows}
        cell = cells.pop((entity.rpartition("/")[2], name), None)
        is_stated = any(stance == "asserts" and stated == "true" for stance, stated, *_ in rows)
        first = next((stance for stance in ORDER if stance in stances), "")
        absence = "" if is_stated else "planned" if "asserts" in stances else NAMES[first]
        yield from differ(f"gap of {entity}, {name}", absence, cell.absence if cell else "")
        allowed = ABSENT.get(absence, ())
        mine = first if absence == "denied" else "asserts"
        # what is denied of every car may be asserted of every car too, and of none by itself
        names = {verdicts[p] for stance, _, p, end in rows if stance == mine and end == entity}
        if allowed and not names <= {*allowed}:
            yield f"{name} of {entity} is {absence} in kg gaps, and {names} by verdict"
    yield from differ("cells of what nothing is expected of", {}, cells)
    yield from _witnesses(told)


ORIGINS = f"""SELECT DISTINCT ?p ?source ?origin ?stands_for ?rank {{
  ?c kg:asserts ?p ; kg:origin ?origin ; prov:wasDerivedFrom ?source FILTER NOT EXISTS {{ ?c kg:endedBy ?e }}
  ?c kg:modality/kg:verdictOf/kg:position ?rank .
  FILTER NOT EXISTS {{ {EDITORS} }} OPTIONAL {{ ?origin kg:standsFor ?stands_for }} }}"""
UNKNOWN = "https://w3id.org/autokg/ns#unknown"


@dataclass
class Support:
    """The documents in which sources assert a proposition, and its witnesses by modality, and for how many each is."""

    documents: set[str] = field(default_factory=set)
    by_rank: dict[int, dict[str, int]] = field(default_factory=dict)

    @property
    def witnesses(self) -> set[str]:
        """Return the origins of all modalities."""
        return {origin for found in self.by_rank.values() for origin in found if origin != UNKNOWN}

    @property
    def many(self) -> int:
        """Return how many witnesses the strongest modality has at least."""
        strongest = self.by_rank[min(self.by_rank)] if self.by_rank else {}
        return sum(number for origin, number in strongest.items() if origin != UNKNOWN)


def _support(told: Told) -> dict[str, Support]:
    found: dict[str, Support] = defaultdict(Support)
    for iri, source, origin, stands_for, rank in told.rows(ORIGINS):
        found[iri].documents.add(source)
        number = re.search("[0-9]+", stands_for)
        many = 2 if stands_for == "several" else int(number[0]) if number else 1
        found[iri].by_rank.setdefault(int(rank), {})[origin] = many
    return found


def _witnesses(told: Told) -> Contradictions:
    """Compare who lacks a second witness with the qualifier, and with the origins of its claims."""
    support = _support(told)
    corroborated = {iri for (iri,) in told.rows("SELECT ?p { ?p kg:qualifier qualifier:corroborated }")}
    whole = {iri for iri in corroborated if not told.why[iri].parts}
    weak = {told.proposition_of[told.iri(one.said[0])]: one.lacks for report in told.gaps for one in report.weak}
    for iri, lacks in weak.items():
        many, name = support[iri].many, told.why[iri].statement
        if "a second witness" in lacks and many > 1:
            yield f"lacks a second witness, and has {many}: {name}"
        if "a second witness" in lacks and iri in whole:
            yield f"lacks a second witness, and is corroborated: {name}"
        if "a second witness" not in lacks and many < 2 and iri not in corroborated:
            yield f"has one witness, and lacks none: {name}"
    for iri, why in told.why.items():
        if iri in corroborated and not (support[iri].many > 1 or why.finer or why.parts):
            yield f"corroborated, and nobody agrees: {why.statement}"


# ---------------------------------------------------------------- witnesses


def footings(told: Told) -> Contradictions:
    """Compare what ``kg ask resting-on`` and ``corroborated`` say with the claims, their evidence and origins."""
    asked = told.pairs(question("resting-on", "DISTINCT ?proposition ?footing"))
    yield from differ("kg ask resting-on and kg:restsOn", asked, told.pairs("SELECT ?p ?f { ?p kg:restsOn ?f }"))
    for name, query in FOOTINGS.items():
        mine = {iri for iri, footing in asked if footing.endswith(f"/{name}")}
        yield from differ(f"what rests on {name}", mine, {iri for (iri,) in told.rows(query)})
    support = _support(told)
    corroborated = {iri for (iri,) in told.rows("SELECT ?p { ?p kg:qualifier qualifier:corroborated }")}
    for iri, footing in asked:
        if footing.endswith("/one-anonymous") and support[iri].many > 1:
            yield f"one anonymous source, and several witnesses: {told.why[iri].statement}"
    for iri, why in told.why.items():
        mine = support[iri]
        yield from differ(f"{why.statement}, documents", len(mine.documents), why.documents)
        yield from differ(f"{why.statement}, origins", len(mine.witnesses), why.origins)
    for what, origins in told.rows(_ASKED):
        if int(origins) > 1 and what in told.why and what not in corroborated:
            yield f"kg ask corroborated tells {origins} origins, no qualifier: {told.why[what].statement}"


_RESTING = "SELECT DISTINCT ?p { ?c kg:asserts ?p FILTER NOT EXISTS { ?c kg:endedBy ?e } %s }"
FOOTINGS = {
    "second-hand": _RESTING
    % """FILTER NOT EXISTS { ?own kg:asserts ?p FILTER NOT EXISTS { ?own kg:endedBy ?by }
         FILTER NOT EXISTS { ?key kg:weak true . ?own ?key ?read } }""",
    "one-anonymous": _RESTING
    % """?c kg:origin ?origin FILTER NOT EXISTS { ?own kg:asserts ?p FILTER NOT EXISTS { ?own kg:endedBy ?by }
         FILTER NOT EXISTS { ?own kg:origin ?origin ; kg:evidence/kg:weak true ; prov:wasAttributedTo/kg:standsFor ?one
                             FILTER(?one IN ("one", "1 unnamed")) } }""",
}
_ASKED = (
    question("corroborated")
    .replace("SELECT ?statement ?verdict", "SELECT ?what")
    .replace("(COUNT(DISTINCT ?source) AS ?documents)", "")
)


# ---------------------------------------------------------------- one-hop triples


def one_hop(told: Told) -> Contradictions:
    """Hold that one-hop triples rest on what is stated, may hold, and neither clashes nor is in tension."""
    yielding = told.rows("SELECT ?p ?q { ?p kg:yields ?q }")
    for iri, _ in told.rows(
        """SELECT DISTINCT ?p ?v { ?p kg:yields ?q ; kg:verdict ?v OPTIONAL { ?p kg:holds ?h } FILTER(?v != verdict:stated
           || COALESCE(?h, "") NOT IN ("yes", "possibly")
           || EXISTS { ?p kg:qualifier ?x FILTER(?x IN (qualifier:clash, qualifier:in-tension)) }
           || EXISTS { ?p kg:ofAnotherDay true }) }"""
    ):
        yield f"yields a one-hop triple, and should not: {told.why[iri].statement}"
    flat, brave = (
        {line for line in told.graph.export("ntriples", flat=way).splitlines() if "rdf-schema#label" not in line}
        for way in ("cautious", "brave")
    )
    if not flat <= brave:
        yield f"cautious and not brave: {flat - brave}"
    properties = {line.split(" ")[1].strip("<>") for line in flat}
    yield from differ("properties of the flat export", properties, {name for _, name in yielding})
    for line in flat:
        subject, name, value = (part.strip("<>") for part in line.removesuffix(" .").split(" ", 2))
        if not told.rows(
            "SELECT ?p { ?p kg:yields ?q . ?p ?near ?one ; ?far ?other }", q=name, one=subject, other=value
        ):
            yield f"no proposition yields {line}"


AGREEMENTS: tuple[Callable[[Told], Contradictions], ...] = (
    judged,
    conflicting,
    contested,
    disputes,
    plans,
    gaps,
    footings,
    one_hop,
)
