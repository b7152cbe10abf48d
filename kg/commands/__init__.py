"""The commands beside those of ``cli``: each parses, calls one function, prints."""
