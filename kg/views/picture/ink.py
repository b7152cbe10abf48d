"""Read the picture's own colours from the page's style sheet, so that they are defined only once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_STYLE = Path(__file__).parents[1] / "templates" / "view.css"
_BLOCKS = {"light": r":root \{(.*?)\}", "dark": r':root\[data-theme="dark"\] \{(.*?)\}'}


@cache
def read_ink(theme: str) -> Mapping[str, str]:
    """Return the colours of a theme by name: page, side, rule, text, muted, line, alarm.

    ``theme`` is ``light`` or ``dark``. Raises LookupError if the style sheet has no colours for it.
    """
    found = re.search(_BLOCKS[theme], _STYLE.read_text("utf-8"), re.S)
    if found is None:
        raise LookupError(f"{_STYLE.name} has no colours for {theme}")
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,8})\b", found[1]))
