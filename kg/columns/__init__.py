"""Claims by column: from large tables and their mappings to checked claims, verdicts, RDF text and Parquet.

What one row becomes is said elsewhere once (``values`` reads a text, ``rdf`` makes it pairs, ``verdicts`` judges);
here it is done for a whole column, each distinct text read once. A test holds the two ways equal.
"""
