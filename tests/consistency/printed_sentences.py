"""Every negative sentence that the commands, pages and terms of the rules can print, found in the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from kg.model.ontology import shipped_terms
from projects import ROOT

NEGATIVE = re.compile(
    r"\b(no|not|none|nobody|nothing|never|nor|neither|nowhere|cannot|without|unknown|unopposed|alone|missing|silent"
    r"|one anonymous|one source|untold|unreported|only|every|denial)\b",
    re.IGNORECASE,
)
ROOMS = ("judging", "reports", "commands", "views")  # what tells of the record; the others tell of files and requests
TEMPLATES = ("views/templates/view", "server/templates")
MEANINGS = ("Verdict", "Qualifier", "Outcome", "Absence", "Footing", "Descent")  # terms whose definitions are printed
_TEXT = re.compile(r"\"((?:[^\"\\\n]|\\.)*)\"|>([^<>{}]+)<")


def in_source() -> Iterator[str]:
    """Yield the negative texts of the code, but for docstrings, options and errors that it raises."""
    for room in ROOMS:
        for path in sorted((ROOT / "kg" / room).rglob("*.py")):
            tree = ast.parse(path.read_text("utf-8"))
            skipped = {id(part) for node in ast.walk(tree) for part in _not_printed(node)}
            for node in ast.walk(tree):
                if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in skipped:
                    continue
                if " " in node.value.strip() and NEGATIVE.search(node.value):
                    yield node.value.strip()


def _not_printed(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a node that no command prints of the record."""
    if (
        isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    ):
        yield node.body[0].value
    elif (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("Option", "Argument", "Typer")
    ) or (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith(("Problem", "Error"))
    ):
        yield from ast.walk(node)


def in_templates() -> Iterator[str]:
    """Yield the negative texts of the pages."""
    for folder in TEMPLATES:
        for path in sorted((ROOT / "kg" / folder).iterdir()):
            if path.suffix in (".js", ".j2"):
                for found in _TEXT.finditer(_code(path)):
                    text = (found[1] or found[2] or "").strip()
                    if " " in text and NEGATIVE.search(text):
                        yield text


def _code(path: Path) -> str:
    """Return a template without its comments."""
    text = path.read_text("utf-8")
    return re.sub(r"(?m)(^|\s)//.*$|\{#.*?#\}|<meta[^>]*>", "", text)


def in_ontology() -> Iterator[str]:
    """Yield the negative definitions of the terms that the rules give, and the titles of conflicts.

    What the label of such a term means is its definition.
    """
    for cls in MEANINGS:
        for term in shipped_terms().terms(cls).values():
            if NEGATIVE.search(term.comment):
                yield term.comment
    for term in shipped_terms("conflicts").terms("ConflictRule").values():
        if NEGATIVE.search(term.label()):
            yield term.label()
