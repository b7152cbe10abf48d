"""Where the files lie that travel with the package."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parents[1]
VENDOR = PACKAGE / "vendor"  # scripts of others, with their licences
