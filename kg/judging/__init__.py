"""Derive results from claims: verdicts, qualifiers, origins, outcomes of plans, gaps, conflicts."""

__all__ = [
    "bearing",
    "conflict_ground",
    "conflict_rules",
    "corroboration",
    "gaps",
    "history",
    "origins",
    "periods",
    "planners",
    "plans",
    "qualifiers",
    "runs",
    "tellings",
    "verdicts",
]
