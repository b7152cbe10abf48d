"""Claims by column: from large tables and their mappings to checked claims, verdicts, RDF text and Parquet.

What one row becomes is said elsewhere once (``values`` reads a text, ``rdf`` makes it pairs, ``verdicts`` judges);
here it is done for a whole column, each distinct text read once. A test holds the two ways equal.
"""

import os

# The allocator of polars gives memory back soon and takes it anew, which costs the kernel a tenth of a build. It reads
# this once, when polars is loaded; whoever has set it otherwise is heeded.
os.environ.setdefault("_RJEM_MALLOC_CONF", "thp:always,dirty_decay_ms:1000,muzzy_decay_ms:0,narenas:2")
