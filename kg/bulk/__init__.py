"""A million rows: claims checked, judged and written by column, in memory that stays flat.

What one row becomes is decided elsewhere (``checking.values`` reads a text, ``rdf.triples`` writes pairs,
``judging.verdicts`` judges); here it is done for a whole column, each distinct text read once. A test compares the two.
"""

import os

# What polars is told, where nobody told it otherwise. Its allocator gives memory back soon and takes it anew, which
# costs the kernel a tenth of a build; it reads this once, when polars is loaded.
os.environ.setdefault("_RJEM_MALLOC_CONF", "thp:always,dirty_decay_ms:1000,muzzy_decay_ms:0,narenas:2")
# Of a CSV it holds more the larger the file is, unless it is told how many bytes to read at once, and how often ahead.
os.environ.setdefault("POLARS_CSV_CHUNK_SIZE", "4000000")
os.environ.setdefault("POLARS_CSV_CHUNK_PREFETCH_LIMIT", "2")

__all__ = ["index", "left_out", "outputs", "parts", "rebuild", "small_tables", "spark", "stores"]
