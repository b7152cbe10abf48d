"""Tools for people who write claims: add, format, match names, check quotes, watch."""

__all__ = ["adding", "formatting", "quotes", "watching", "xref"]
