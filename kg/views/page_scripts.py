"""Read and join the scripts of a page, and hash them for its Content-Security-Policy."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from pathlib import Path

_TEMPLATES = Path(__file__).parent / "templates"

# The parts of the page's script, each after those that it depends on.
VIEW_PARTS = (
    "page",
    "pen",
    "ink",
    "state",
    "facts",
    "scene",
    "ways",
    "places",
    "paint_boxes",
    "paint_lines",
    "network",
    "look",
    "choose",
    "panel",
    "claims",
    "legend",
    "clocks",
    "search",
    "walk",
    "table",
    "matrix",
    "timeline",
    "panes",
    "export",
    "begin",
)
FIELD_PARTS = ("field", "field_use")  # for a network too large for boxes


def view_parts(*, has_whole: bool) -> tuple[str, ...]:
    """Return the parts of a page's script; the one that starts the page is last."""
    return (*VIEW_PARTS[:-1], *(FIELD_PARTS if has_whole else ()), VIEW_PARTS[-1])


def read_script(path: Path) -> str:
    """Read a script for embedding in a page. Raises ValueError if it could end its own element."""
    text = path.read_text("utf-8").split("\n//# sourceMappingURL=")[0]
    if "</script" in text.lower() or "<!--" in text:
        raise ValueError(f"{path.name} cannot stand inside a page")
    return text


def join_scripts(parts: Iterable[str] = VIEW_PARTS) -> str:
    """Join the parts of the page's script into one function scope."""
    texts = (read_script(_TEMPLATES / "view" / f"{part}.js") for part in parts)
    return '"use strict";\n(() => {\n' + "\n".join(texts) + "})();\n"


def csp_hash(script: str) -> str:
    """Return a script's hash as written in a Content-Security-Policy."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
