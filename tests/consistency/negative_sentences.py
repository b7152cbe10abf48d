"""Negative sentences about the record, each with a query over ``graph.trig`` that finds where it is false.

A sentence names its subjects where a command prints it; the query with a subject must give no row. Nothing here imports
what judges. ``NOT_OF_THE_RECORD`` holds the others, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kg.commands.comparison import no_gap
from ways_out import Told

Subjects = Iterator[dict[str, str]]
COUNTS = "FILTER NOT EXISTS { ?c kg:endedBy ?ender }"
FACT = "?c kg:modality/kg:verdictOf verdict:stated ."
SOURCES = "?c prov:wasDerivedFrom ?document . FILTER NOT EXISTS { ?document dcterms:type/kg:concludes true }"
ANY = "?c kg:asserts|kg:denies|kg:declines|kg:silentOn"
DATED = "{key} IN (kg:when, kg:from, kg:until, kg:by)"
# A wider denial has no content that the proposition lacks: the same value, a narrower term, one of any of its type.
COVERS = """?c kg:denies ?wider . ?wider a ?kind . ?p a ?kind .
  FILTER NOT EXISTS { ?wider ?key ?value . ?key a kg:ContentKey .
    FILTER NOT EXISTS { ?p ?key ?value } FILTER NOT EXISTS { ?p ?key ?mine . ?mine skos:broader+ ?value }
    FILTER NOT EXISTS { ?p ?key ?mine . ?value kg:standsFor "any" ; a ?type . ?mine a/rdfs:subClassOf* ?type } }
  FILTER NOT EXISTS { ?wider kg:when|kg:from|kg:until|kg:by ?day } FILTER NOT EXISTS { ?p kg:until ?end }"""
SAME = "?p kg:slot ?slot . ?other kg:slot ?slot ."


@dataclass(frozen=True)
class Sentence:
    """Where a sentence is printed, and the query whose rows show that it is false there."""

    subjects: Callable[[Told], Subjects]
    refuted: str


def in_why(text: str) -> Callable[[Told], Subjects]:
    """Return a function for the propositions of which ``kg why`` prints a text."""
    small = f"{text[:1].lower()}{text[1:]}"

    def found(told: Told) -> Subjects:
        for iri, why in told.why.items():
            if any(small in line for line in told.lines_of_why(iri)):
                yield {"p": iri, "day": f'"{why.as_of}"'}

    return found


def _of_claims(told: Told) -> Subjects:
    """Yield the claims that ``kg why`` says no longer count."""
    for iri in told.why:
        told.lines_of_why(iri)
        yield from ({"claim": told.iri(voice)} for voice in told.why[iri].voices if voice.ended)


def _absences(name: str) -> Callable[[Told], Subjects]:
    """Return a function for the entities and terms that ``kg gaps`` lists under an absence."""

    def found(told: Told) -> Subjects:
        for report in told.gaps:
            for cell in (cell for cell in report.cells if cell.absence == name):
                entity = told.world.entities[report.id].iri
                yield {"entity": entity, "name": f'"{cell.expected}"'}

    return found


def _lacking(what: str) -> Callable[[Told], Subjects]:
    """Return a function for the statements that lack something in ``kg gaps``."""

    def found(told: Told) -> Subjects:
        for weak in (weak for report in told.gaps for weak in report.weak if what in weak.lacks):
            yield {"p": told.proposition_of[told.iri(weak.said[0])]}

    return found


def _plans(text: str) -> Callable[[Told], Subjects]:
    """Return a function for the plans of which ``kg plans`` prints a text, with the claims that tell them."""

    def found(told: Told) -> Subjects:
        for report in told.plans:
            if any(text in line for line in told.lines_of_plan(report)):
                for voice in report.said:
                    yield {"p": told.proposition_of[told.iri(voice)], "claim": told.iri(voice)}

    return found


def _near(told: Told) -> Subjects:
    for report in told.plans:
        plan = told.proposition_of[told.iri(report.said[0])]
        yield from ({"p": plan, "other": told.proposition_of[told.iri(voice)]} for voice in report.near)


def _if(condition: Callable[[Told], bool]) -> Callable[[Told], Subjects]:
    """Return a function for a sentence about the whole project."""

    def found(told: Told) -> Subjects:
        if condition(told):
            yield {}

    return found


def _without_gaps(told: Told) -> Subjects:
    """Yield the entities of which ``kg gaps ID`` prints that nothing is missing."""
    listed = {report.id for report in told.gaps}
    for id, entity in told.world.entities.items():
        if id not in listed and no_gap(told.world, id) == "nothing is missing of what is looked for":
            yield {"entity": entity.iri}


def _dots(told: Told) -> Subjects:
    """Yield product, function and agent of each dot of the matrix."""
    matrix = told.graph.matrix()
    for block in (block for block in matrix.blocks if block.id):
        for row in block.rows:
            for agent in matrix.agents.keys() - row.cells.keys():
                product, actor = (told.world.entities[id].iri for id in (block.id, agent))
                yield {"product": product, "agent": actor, "name": f'"{row.id}"'}


def _rows_unspoken(told: Told) -> Subjects:
    for block in (block for block in told.graph.matrix().blocks if block.id):
        for row in (row for row in block.rows if not row.cells):
            yield {"product": told.world.entities[block.id].iri, "name": f'"{row.id}"'}


def _no_product(told: Told) -> Subjects:
    for block in (block for block in told.graph.matrix().blocks if not block.id):
        for said in (said for row in block.rows for cell in row.cells.values() for said in cell):
            yield from ({"p": told.short[id]} for id in said.propositions)


def _undated(told: Told) -> Subjects:
    for entity in told.world.entities:
        for entry in told.graph.timeline(entity).entries:
            if entry.proposition and not entry.when:
                yield {"p": told.short[entry.proposition]}


def _outlook(name: str) -> Callable[[Told], Subjects]:
    """Return a function for the boxes of the page that have an outlook."""

    def found(told: Told) -> Subjects:
        for node, data in told.graph.to_networkx().nodes(data=True):
            if data["outlook"] == name and not data["stand_in"]:
                yield {"entity": told.world.entities[node].iri}

    return found


FUNCTION = """?p kg:agent ?agent ; kg:target ?product ; kg:role ?role .
  OPTIONAL { ?role kg:function/skos:notation ?function } ?role skos:notation ?own . FILTER(COALESCE(?function, ?own) = ?name)"""
EXPECTED = """?expected skos:notation ?name . ?class kg:expects ?expected .
  ?p kg:target|kg:subject|kg:about ?entity ; kg:role|kg:relation|kg:event ?term . ?term skos:broader* ?expected ."""
NOT_ASSERTED = f"SELECT ?c {{ ?c kg:asserts ?p . {COUNTS} }}"
NOT_SAID = f"SELECT ?c {{ ?c kg:asserts|kg:denies ?p . {COUNTS} }}"
OPPOSED = f"""SELECT ?c {{ {{ {COVERS} {COUNTS} {SOURCES} ?fact kg:asserts ?p }}
  UNION {{ ?c kg:disputes ?fact . ?fact kg:asserts ?p . {COUNTS} {SOURCES} FILTER(?c != ?fact)
    FILTER NOT EXISTS {{ ?fact prov:wasDerivedFrom/dcterms:type/kg:concludes true }} }}
  UNION {{ ?c kg:opposes ?fact . ?fact kg:asserts ?p }}
  FILTER NOT EXISTS {{ ?fact kg:endedBy ?gone }} FILTER NOT EXISTS {{ ?fact prov:wasDerivedFrom/dcterms:type/kg:concludes true }} }}"""
STRONG = f"""SELECT ?c {{ ?c kg:asserts ?p ; kg:evidence ?evidence . {FACT} {COUNTS}
  FILTER NOT EXISTS {{ ?evidence kg:weak true }} FILTER NOT EXISTS {{ ?c prov:hadPrimarySource ?read }} }}"""
OF_ANOTHER = f"SELECT ?c {{ ?c kg:asserts ?p ; kg:modality/kg:verdictOf ?v . {COUNTS} FILTER(?v != %s) }}"
NOT_ENDED = "SELECT ?p { ?any kg:asserts|kg:denies|kg:declines|kg:silentOn ?p FILTER NOT EXISTS { ?c kg:asserts|kg:denies|kg:declines|kg:silentOn ?p ; kg:endedBy ?e } }"
ENDED_OTHERWISE = "SELECT ?c {{ ?c kg:asserts ?p . FILTER NOT EXISTS {{ ?c kg:endedBy ?ender . ?ender {} ?c }} }}"
ON_RECORD = f"""SELECT ?other {{ {SAME} ?p a ?kind . ?c kg:asserts|kg:silentOn ?other . {COUNTS} {{ ?c kg:silentOn ?other }} UNION {{ {FACT} }}
  ?d kg:asOf ?as_of . OPTIONAL {{ ?other kg:validFrom ?from }} FILTER(COALESCE(?from <= ?as_of, true)) }}"""
NO_FIGURE = f"""SELECT ?other {{ ?p kg:about ?about ; kg:measure ?measure ; kg:validFrom ?from ; kg:validUntil ?until .
  ?other kg:about ?about ; kg:measure ?measure ; kg:validFrom ?first ; kg:validUntil ?last ; ^kg:asserts ?c . {FACT} {COUNTS}
  FILTER(?first <= ?until && ?last >= ?from) ?d kg:asOf ?as_of FILTER(?first <= ?as_of) }}"""
NO_DENIAL = f"SELECT ?p {{ ?p a ?kind . FILTER NOT EXISTS {{ ?other a ?kind . ?c kg:denies ?other . {COUNTS} }} }}"
NO_SEARCH = f"SELECT ?p {{ ?p kg:slot ?slot . FILTER NOT EXISTS {{ ?other kg:slot ?slot . ?c kg:silentOn ?other . {COUNTS} }} }}"
NAMES_A_DAY = "SELECT ?day { ?p kg:when|kg:from|kg:until|kg:by ?day }"
IS_DUE = "SELECT ?due { ?p kg:dueOn ?due . ?d kg:asOf ?as_of FILTER(?due < ?as_of) }"
NOT_DUE = "SELECT ?p { ?p kg:outcome ?o . ?d kg:asOf ?as_of OPTIONAL { ?p kg:dueOn ?due } FILTER(COALESCE(?due >= ?as_of, true)) }"
CAME_ABOUT = f"SELECT ?c {{ ?c kg:asserts ?p . {FACT} {COUNTS} {SOURCES} FILTER NOT EXISTS {{ ?o kg:opposes ?c }} ?p kg:validUntil ?last . ?d kg:asOf ?as_of FILTER(?last < ?as_of) ?p kg:event ?event }}"
ONE_TRANSFER = f"""SELECT ?event {{ ?one kg:asserts ?p ; kg:handsOver ?two . ?two kg:asserts ?q . ?p kg:target ?thing ; kg:when ?day ; kg:validFrom ?a .
  ?q kg:validFrom ?b ; kg:agent ?taker . FILTER(?a < ?b) ?event kg:event ?type ; kg:about ?thing ; kg:agent ?taker ; kg:validFrom ?when . ?type skos:notation "acquisition" .
  ?c kg:asserts ?event . {FACT} {COUNTS} FILTER(?when > ?a && ?when <= ?b) FILTER NOT EXISTS {{ ?o kg:opposes ?c }} }}"""
ORIGINS = f"SELECT ?p {{ ?c kg:asserts ?p ; kg:origin ?origin . {COUNTS} {SOURCES} FILTER(?origin != kg:unknown) }} GROUP BY ?p HAVING(COUNT(DISTINCT ?origin) > 1)"
ONE_VOICE = f"SELECT ?p {{ ?c kg:asserts ?p ; kg:origin ?origin . {COUNTS} }} GROUP BY ?p HAVING(COUNT(DISTINCT ?origin) > 1)"
LACKS = f"""SELECT ?p {{ ?p ?key ?entity . ?key a kg:ContentKey . ?c kg:asserts ?p . {COUNTS} {SOURCES}
  FILTER(NOT EXISTS {{ ?p kg:qualifier qualifier:corroborated }} || NOT EXISTS {{ ?c dcterms:subject|kg:at ?at }}) }}"""
EVERY = "SELECT ?x {{ {} }}"

OVERDUE = "The day has passed, and what is on record does not say whether it came about."
TRANSFER = "It changed hands, or the sources disagree: no transfer is on record."

SENTENCES: dict[str, Sentence] = {
    # ------------------------------------------------------------ kg why
    "no claim states it as a fact": Sentence(in_why("no claim states it as a fact"), f"SELECT ?c {{ ?c kg:asserts ?p . {FACT} }}"),
    "it does not hold on {day}": Sentence(
        in_why("it does not hold on"), 'SELECT ?p { ?p kg:verdict ?v FILTER NOT EXISTS { ?p kg:holds "no" } }'
    ),
    "not told of {day}, neither yes nor no": Sentence(in_why("neither yes nor no"), "SELECT ?h { ?p kg:holds ?h }"),
    "no longer counts:": Sentence(
        _of_claims, "SELECT ?s { ?claim prov:wasDerivedFrom ?s FILTER NOT EXISTS { ?claim kg:endedBy ?e } }"
    ),
    "none was corrected, overtaken or taken back": Sentence(
        in_why("none was corrected, overtaken or taken back"),
        f"""SELECT ?c {{ {ANY} ?p . {{ ?c kg:endedBy ?by }} UNION {{ ?by kg:corrects|kg:supersedes|kg:retracts|kg:withdraws ?c .
            ?c prov:wasDerivedFrom ?s . ?by prov:wasDerivedFrom ?s FILTER(?by != ?c)
            FILTER NOT EXISTS {{ ?last kg:corrects|kg:supersedes|kg:retracts|kg:withdraws ?by }} }} }}""",
    ),
    "no longer": Sentence(in_why(" no longer"), NOT_ENDED),
    "none of them asserts it;": Sentence(in_why("none of them asserts it;"), NOT_ASSERTED),
    "none of them asserts it:": Sentence(in_why("none of them asserts it:"), NOT_ASSERTED),
    "no denial or dispute by a source reaches it, so it stays:": Sentence(in_why("no denial or dispute by a source reaches it, so"), OPPOSED),
    "only one can hold this at a time, and {claim} gives it to another": Sentence(
        in_why("only one can hold this at a time"), "SELECT ?p { ?p kg:verdict ?v FILTER NOT EXISTS { ?p kg:role/kg:exclusive true } }"
    ),
    "a second witness": Sentence(_lacking("a second witness"), ORIGINS),
    "a date": Sentence(_lacking("a date"), NAMES_A_DAY),
    # ------------------------------------------------------------ verdicts
    "Only denied: nobody asserts it.": Sentence(in_why("only denied: nobody asserts it."), NOT_ASSERTED),
    "Sources disagree on it: one denies or disputes what another says, or gives to another what only one can hold. What an editor sets against it does not count.": Sentence(
        in_why("sources disagree on it: one denies"),
        f"""SELECT ?v {{ ?p kg:verdict ?v FILTER NOT EXISTS {{ ?c kg:opposes ?mine . ?mine kg:asserts|kg:denies ?p . {COUNTS} {SOURCES}
            FILTER NOT EXISTS {{ ?mine prov:wasDerivedFrom/dcterms:type/kg:concludes true }} }} }}""",
    ),
    "Said as a fact, on more than unnamed or second-hand evidence; no denial or dispute by a source reaches it.": Sentence(
        in_why("said as a fact, on more than"), OPPOSED
    ),
    "Said as a fact, but only on unnamed or second-hand evidence.": Sentence(in_why("said as a fact, but only"), STRONG),
    "Only a plan, target, expectation or condition.": Sentence(in_why("only a plan, target"), OF_ANOTHER % "verdict:planned"),
    "Only somebody's stated policy.": Sentence(in_why("only somebody's stated policy"), OF_ANOTHER % "verdict:policy"),
    "What was said of it was taken back or given up, and nobody asserts or denies it now.": Sentence(in_why("what was said of it was taken back"), NOT_SAID),
    "Every assertion was corrected: it was a mistake, and never held.": Sentence(
        in_why("every assertion was corrected"), ENDED_OTHERWISE.format("kg:corrects")
    ),
    "Nobody asserts or denies it: somebody was asked, and declined to comment.": Sentence(in_why("nobody asserts or denies it: somebody"), NOT_SAID),
    "Nobody asserts or denies it: a source was searched for it, and says nothing.": Sentence(in_why("nobody asserts or denies it: a source"), NOT_SAID),
}
