"""Names of working columns, which share a frame with the keys of the rows.

A key is letters, digits and hyphens (``ontology.KEY``; a project that declares another gets a problem), and ``source``
is not a key. So the name of a working column begins with a dot, or has a bar after the key that it describes:
``.claim``, ``from|lower``. When two frames are joined, polars adds ``_right``, which no key ends in either.
"""

from __future__ import annotations

from kg.ingestion.reading.layout import ROW

__all__ = ["PART", "ROW"]

PART = ".part"  # the number of a table among the parts of a graph, from 1
