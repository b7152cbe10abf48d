"""Prepare reports for readers: why, matrix, timeline, plans, gaps, conflicts, differences."""

__all__ = [
    "claim_text",
    "conflicts",
    "diff_page",
    "explanations",
    "grids",
    "matrix",
    "plans_and_gaps",
    "telling",
    "timeline",
]
