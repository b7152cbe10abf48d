"""Where claims go back to: claims of one origin are one witness, however often they are printed."""

from __future__ import annotations

from collections.abc import Iterable

from kg.model import Claim


def origins(claims: Iterable[Claim]) -> list[list[Claim]]:
    """Return claims in groups of one origin, each sorted by IRI: a shared speaker or publisher is one origin."""
    groups: list[tuple[set[str], list[Claim]]] = []
    for claim in sorted(claims, key=lambda claim: claim.iri):
        marks, members = _marks(claim), [claim]
        apart = []
        for group in groups:
            if group[0] & marks:
                marks |= group[0]
                members = [*group[1], *members]
            else:
                apart.append(group)
        groups = [*apart, (marks, members)]
    return [sorted(members, key=lambda claim: claim.iri) for _, members in groups]


def _marks(claim: Claim) -> set[str]:
    """Return the speakers and publishers through whom a claim came."""
    publisher = claim.source.facts["publisher"]
    speaker = claim.ref("said-by")
    return {getattr(publisher, "iri", ""), speaker.iri if speaker else ""} - {""}
