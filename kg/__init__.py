"""autokg: who really makes a car, as a knowledge graph of sourced claims.

import kg

graph = kg.load("examples/huawei_seres")
for row in graph.query("SELECT ?who ?what { ?who kg:supplierOf ?what }"):
    print(row["who"], row["what"])
"""

from __future__ import annotations

TYPE_CHECKING = False  # as typing has it, which need not be imported for that
if TYPE_CHECKING:
    from typing import Any

    from kg.graph.loading import build, check, load
    from kg.graph.project_graph import Graph
    from kg.graph.remote_project import StoredGraph, open_store
    from kg.model.errors import (
        CheckError,
        KgError,
        LargeTablesError,
        Location,
        Problem,
        ProjectError,
        QueryError,
        UsageError,
    )
    from kg.sparql.store import Answer

__version__ = "0.1.0"
__all__ = [
    "Answer",
    "CheckError",
    "Graph",
    "KgError",
    "LargeTablesError",
    "Location",
    "Problem",
    "ProjectError",
    "QueryError",
    "StoredGraph",
    "UsageError",
    "__version__",
    "build",
    "check",
    "load",
    "open_store",
]
_ROOMS = {
    **dict.fromkeys(("StoredGraph", "open_store"), "kg.graph.remote_project"),
    "Graph": "kg.graph.project_graph",
    **dict.fromkeys(("build", "check", "load"), "kg.graph.loading"),
    **dict.fromkeys((name for name in __all__ if name.endswith(("Error", "Location", "Problem"))), "kg.model.errors"),
    "Answer": "kg.sparql.store",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever is asked for
    """Import a name when it is first used, so that ``import kg`` costs nothing."""
    if name not in _ROOMS:
        raise AttributeError(f"module 'kg' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(_ROOMS[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
