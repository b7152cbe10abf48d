"""How pages are looked at by axe-core: in which window, and what the audit looks at there."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

VENDOR = Path(__file__).parent / "browser" / "vendor"
AUDIT = """async (rules) => (await axe.run(document, rules)).violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`))"""
COLOURS = ("color-contrast", "link-in-text-block")  # what they find does not depend on the size of a window


@dataclass(frozen=True)
class Look:
    """A window, and the options of an audit in it."""

    name: str
    window: dict[str, Any]
    rules: dict[str, Any] = field(default_factory=dict)


LOOKS = (
    Look("light", {"color_scheme": "light"}),
    Look("dark", {"color_scheme": "dark"}, {"runOnly": {"type": "rule", "values": [*COLOURS]}}),
    Look(
        "phone",
        {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
        {"rules": {name: {"enabled": False} for name in COLOURS}},
    ),
)
