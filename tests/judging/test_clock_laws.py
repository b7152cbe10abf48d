"""Laws of verdicts and clocks that hold for arbitrary claims: sets only, nothing before its day, out and in again."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from test_tabular import WAYS

from arbitrary import EXAMPLES, drafts, law, world_of
from kg.formats.import_project import records_of
from kg.graph.project_graph import Graph
from kg.ingestion.checking.check import check_records
from kg.ingestion.world_rows import world_tables
from kg.judging.bearing import bearing
from kg.judging.history import changes
from kg.judging.verdicts import Judge, Judgement
from kg.model.dates import Date
from kg.model.terms import Modality, Stance
from kg.model.world import Claim, Clocks, Ref, World
from kg.rdf.triples import shortcuts

dear_law = settings(law, max_examples=max(EXAMPLES // 5, 1))  # each example builds or writes many graphs
DAYS = st.sampled_from(("2020-12-31", "2021-03-31", "2021-04-30", "2021-05-15", "2021-05-31", "2022-01-01"))


def graph_of(world: World) -> Graph:
    """Return the graph of a world that was not read from files."""
    return Graph(Path(), world, [])


def judged(world: World) -> dict[str, tuple[object, ...]]:
    """Return all that is thought of every proposition, claims and their places aside, and the shortcuts."""
    graph = graph_of(world)
    found: dict[str, tuple[object, ...]] = {
        iri: (
            j.verdict.iri,
            tuple(q.iri for q in j.qualifiers),
            j.oppositions,
            tuple((old, e.verdict.iri, e.by) for old, e in j.endings),
        )
        for iri, j in graph.judgements.items()
    }
    return {**found, "": tuple(shortcuts(world, graph.judgements))}


@law
@given(drafts, st.randoms(use_true_random=False))
def test_a_verdict_depends_on_the_set_of_claims(draft: Any, random: Any) -> None:  # noqa: ANN401 - hypothesis draws
    """Verdicts, qualifiers, oppositions and shortcuts are the same in whatever order the claims come."""
    world = world_of(draft)
    claims = list(world.claims)
    random.shuffle(claims)
    assert judged(replace(world, claims=tuple(claims))) == judged(world)


def thought(judgement: Judgement) -> tuple[object, ...]:
    """Return what the rule thinks of a proposition, its claims by their IRIs."""
    return judgement.verdict, [claim.iri for claim in judgement.claims], judgement.oppositions, judgement.endings


@law
@given(drafts, st.data())
def test_what_no_new_claim_bears_on_is_not_judged_again(draft: Any, data: st.DataObject) -> None:  # noqa: ANN401
    """Judged in its part, day by day, a proposition has the judgement that the whole world of that day gives."""
    world = world_of(draft)
    sources = {}
    for id, source in world.sources.items():
        day = data.draw(st.sampled_from(("2021-01-01", "2021-01-02", "2021-02-01", "")), id)
        sources[id] = replace(source, facts={**source.facts, "published": Date(day, day, day)})
    world = replace(
        world, sources=sources, claims=tuple(replace(claim, source=sources[claim.source.id]) for claim in world.claims)
    )
    known: dict[str, tuple[object, ...]] = {}
    for day, judgements in changes(world):
        known |= {iri: thought(judgement) for iri, judgement in judgements.items()}
        whole = Judge(world.at(Clocks(as_of=world.clocks.as_of, known_by=day))).judgements
        assert known == {iri: thought(judgement) for iri, judgement in whole.items()}
    assert sorted(claim.iri for part in bearing(world) for claim in part) == sorted(claim.iri for claim in world.claims)


@law
@given(drafts)
def test_another_claim_has_the_same_effect_in_a_part(draft: Any) -> None:  # noqa: ANN401
    """Judged in its part, a proposition has the judgement of the whole, and with another claim on it too."""
    world = world_of(draft)
    whole, terms = Judge(world).judgements, world.ontology
    for part in bearing(world):
        alone = Judge(replace(world, claims=tuple(part))).judgements
        assert {iri: thought(alone[iri]) for iri in alone} == {iri: thought(whole[iri]) for iri in alone}
        for stance in ("asserts", "denies"):
            facts = {**part[0].facts, "stance": terms.of(Stance)[stance], "modality": terms.of(Modality)["actual"]}
            more = replace(part[0], iri=f"{part[0].iri}#more", facts=facts, links={})
            mine, all_ = (Judge(replace(world, claims=(*claims, more))) for claims in (part, world.claims))
            iri = more.proposition.iri
            assert thought(mine.judgements[iri]) == thought(all_.judgements[iri])


def mentions(claim: Claim) -> set[str]:
    """Return the IRIs that a claim's content speaks of, claims among them."""
    return {value.iri for value in claim.proposition.content.values() if isinstance(value, Ref)}


def arrivals(world: World, random: Any) -> Iterator[World]:  # noqa: ANN401 - hypothesis draws
    """Yield the world as its claims arrive in any order, a claim about claims after these; links as far as known."""
    waiting, there = list(world.claims), []
    random.shuffle(waiting)
    while waiting:
        missing = {claim.iri for claim in waiting}
        there.append(next(claim for claim in waiting if not mentions(claim) & missing))
        waiting.remove(there[-1])
        known = {claim.iri for claim in there}
        kept = [{name: tuple(i for i in to if i in known) for name, to in claim.links.items()} for claim in there]
        links = [{name: to for name, to in found.items() if to} for found in kept]
        yield replace(world, claims=tuple(replace(c, links=to) for c, to in zip(there, links, strict=True)))


@dear_law
@given(drafts, st.randoms(use_true_random=False))
def test_no_sequence_of_added_claims_makes_another_disappear(draft: Any, random: Any) -> None:  # noqa: ANN401
    """Claim after claim, in any order, what was in the graph stays in it; only what is derived may change."""
    world = world_of(draft)
    derived = f"<{world.settings.base}graph/derived>"
    before: set[tuple[str, ...]] = set()
    for arrived in arrivals(world, random):
        graph = graph_of(arrived)
        after = {quad for quad in graph.quads if quad[0] != derived}
        assert before <= after
        assert {claim.iri for claim in arrived.claims} == {c.iri for j in graph.judgements.values() for c in j.claims}
        before = after


@law
@given(drafts, DAYS)
def test_known_by_never_shows_what_was_not_published(draft: Any, day: str) -> None:  # noqa: ANN401
    """Neither the source nor a claim or proposition of its own is anywhere in the graph before its last possible day."""
    world = world_of(draft)
    hidden = {source.iri for source in world.sources.values() if not "" < source.published.upper <= day}
    known = world.at(Clocks(known_by=day))
    late = {claim.iri for claim in world.claims if claim.source.iri in hidden}
    early = {c.proposition.iri for c in world.claims if c.iri not in late}
    late |= {claim.proposition.iri for claim in world.claims if claim.proposition.iri not in early}
    terms = {term for quad in graph_of(known).quads for term in quad}
    assert not terms & {f"<{iri}>" for iri in hidden | late}


@pytest.mark.parametrize("form", WAYS)
def test_clocks_commute_with_export_and_import(form: str) -> None:
    """Looked at on a day and then written out and read, or written out, read and then looked at: the same."""

    @dear_law
    @given(drafts, DAYS, DAYS)
    def holds(draft: Any, as_of: str, known_by: str) -> None:  # noqa: ANN401
        world, clocks = world_of(draft), Clocks(as_of=as_of, known_by=known_by)
        seen = world.at(clocks)
        assume(seen.claims)  # nothing is no project
        tables = WAYS[form](seen)
        assert tables == world_tables(seen)
        again, _ = check_records(records_of(WAYS[form](world), "t"))
        assert again is not None
        assert world_tables(again.at(clocks)) == tables
        assert judged(again.at(clocks)) == judged(seen)

    holds()
