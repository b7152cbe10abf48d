"""Read a project's files into rows of text, each cell with its file, line and column. Nothing is interpreted here.

In: ``kg.yaml``, ``entities.yaml|csv|jsonl``, ``sources.csv|jsonl``, ``claims/*.yaml|csv|jsonl|xlsx``, workbooks
(``*.xlsx``) with sheets of these names, ``ontology/*.ttl``. Out: ``Records``. Every scalar is a string.
"""

from __future__ import annotations

from kg.ingestion.reading.csv_files import MAX_FIELD, parse_csv
from kg.ingestion.reading.decoding import MAX_BYTES, encoding_of, text_of
from kg.ingestion.reading.folder import read_frame, read_records, read_table, read_yaml
from kg.ingestion.reading.records import MAX_TEXT, Cell, Fault, Records, Row, make_row
from kg.ingestion.reading.workbooks import read_workbook_alone
from kg.ingestion.reading.yaml_nodes import MAX_DEPTH, Node, compose

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_FIELD",
    "MAX_TEXT",
    "Cell",
    "Fault",
    "Node",
    "Records",
    "Row",
    "compose",
    "encoding_of",
    "make_row",
    "parse_csv",
    "read_frame",
    "read_records",
    "read_table",
    "read_workbook_alone",
    "read_yaml",
    "text_of",
]
