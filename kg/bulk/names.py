"""Names of working columns: what is computed of rows stands in one frame with the keys of the rows.

A key is letters, digits and hyphens (``ontology.KEY``; a project that declares another is told so), and ``source`` is
none. So the name of a working column begins with a dot, or holds a bar behind the key of which it tells: ``.claim``,
``from|lower``. Where two frames are joined polars adds ``_right``, which no key ends in either.
"""

from __future__ import annotations

from kg.ingestion.reading.layout import ROW

__all__ = ["PART", "ROW"]

PART = ".part"  # the number of a table among the parts of a graph, from 1
