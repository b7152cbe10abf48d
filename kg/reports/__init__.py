"""What a person reads: why, matrix, timeline, plans, gaps, conflicts, differences."""
