"""Which tests can run on this machine, and how properties are tried."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import settings

from arbitrary import law

settings.register_profile("law", law)
settings.load_profile("law")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a run in the background: what tests start would heed no Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the browser tests where scripts/test says what they lack, except where CI=true."""
    missing = os.environ.get("KG_NO_BROWSER")
    if not missing or os.environ.get("CI") == "true":
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=missing))
