"""The paths of data files inside the package."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parents[1]
VENDOR = PACKAGE / "vendor"  # third-party scripts with their licences
