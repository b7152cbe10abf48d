"""What the claims amount to: verdicts, qualifiers, origins, outcomes of plans, gaps."""
