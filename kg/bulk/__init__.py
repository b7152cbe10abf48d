"""Check, judge and write claims by column, so that a build of a million rows runs in bounded memory.

What one row becomes is defined elsewhere (``checking.values`` reads a text, ``rdf.triples`` writes pairs,
``judging.verdicts`` judges); this package does the same for whole columns and reads each distinct text once. A test
compares the two.
"""

import os

# Defaults for polars, unless the environment sets them. Its allocator returns memory early and requests it again, which
# costs a tenth of a build in the kernel; polars reads this setting once, when it is loaded.
os.environ.setdefault("_RJEM_MALLOC_CONF", "thp:always,dirty_decay_ms:1000,muzzy_decay_ms:0,narenas:2")
# Without a chunk size and a read-ahead limit, polars uses more memory the larger a CSV file is.
os.environ.setdefault("POLARS_CSV_CHUNK_SIZE", "4000000")
os.environ.setdefault("POLARS_CSV_CHUNK_PREFETCH_LIMIT", "2")

__all__ = ["claims_table", "index", "opening", "outputs", "parts", "rebuild", "spark", "stores", "whole", "window"]
