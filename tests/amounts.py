"""How much is tried: by scripts/test a little, the same every time; by scripts/fuzz much, and at random."""

import os
import random

SEED = os.environ.get("KG_SEED", "")  # what scripts/fuzz draws from; without it every run tries the same


def amount(name: str, few: int) -> int:
    """Return how many are tried: so many as the environment says under a name, else a few."""
    return int(os.environ.get(name, few))


def chance(name: str | int) -> random.Random:
    """Return what a test draws from."""
    return random.Random(f"{SEED} {name}" if SEED else name)
