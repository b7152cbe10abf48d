"""What the claims amount to: verdicts, qualifiers, origins, outcomes of plans, gaps."""

__all__ = ["gaps", "origins", "plans", "qualifiers", "verdicts"]
