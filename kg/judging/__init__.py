"""Derive results from claims: verdicts, qualifiers, origins, outcomes of plans, gaps."""

__all__ = ["gaps", "origins", "plans", "qualifiers", "verdicts"]
