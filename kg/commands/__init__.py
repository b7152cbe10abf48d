"""The command line: each command parses its arguments, calls one function, and prints the result."""

__all__ = ["app"]
