"""Derive results from claims: verdicts, qualifiers, origins, outcomes of plans, gaps, conflicts."""

__all__ = [
    "bearing",
    "clashes",
    "conflict_ground",
    "conflict_rules",
    "corroboration",
    "gaps",
    "history",
    "holdings",
    "opposition",
    "origins",
    "periods",
    "planners",
    "plans",
    "qualifiers",
    "runs",
    "tellings",
    "verdicts",
]
