"""The data model: ontology terms, IRIs, dates, quantities, the checked world, sentences, names and problems."""

__all__ = [
    "dates",
    "errors",
    "iris",
    "names",
    "ontology",
    "package",
    "properties",
    "quantities",
    "sentences",
    "terms",
    "world",
]
