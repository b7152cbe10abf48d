"""Help for people who write claims: add, format, match names, check quotes, watch."""
