"""Files with tokens changed: either they say something else, or a problem is told at a place."""

import random
import re
from pathlib import Path

import pytest

import kg
from amounts import amount, chance
from fuzz.mappings import MAPPING, TABLE, check_mutated
from kg.ingestion.checking.check import check_records
from kg.ingestion.reading import read_records
from projects import EXAMPLE, make_project

MUTATIONS = amount("KG_MUTATIONS", 20)
FILES = sorted(path.relative_to(EXAMPLE).as_posix() for path in EXAMPLE.rglob("*.yaml"))
TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
STRANGERS = ["", "'", '"', "{", "}", "[", "]", ",", ":", ": ", " #", "\n", "\n- ", "&a", "*a", "!x", "|", ">", "%", "\t", "0", "-", "null", "yes", "甲"]  # fmt: skip


def mutated(text: str, draws: random.Random) -> str:
    """Return the text with one token deleted, doubled, replaced by another of the file or by a stranger, or moved."""
    tokens = TOKEN.findall(text)
    place, other = draws.randrange(len(tokens)), draws.randrange(len(tokens))
    change = draws.choice(("delete", "double", "replace", "stranger", "swap"))
    if change == "swap":
        tokens[place], tokens[other] = tokens[other], tokens[place]
    else:
        token = tokens[place]
        tokens[place] = {"delete": "", "double": token * 2, "replace": tokens[other]}.get(
            change, draws.choice(STRANGERS)
        )
    return "".join(tokens)


@pytest.mark.more
@pytest.mark.parametrize("name", FILES)
def test_one_token_changed(name: str) -> None:
    """No traceback; every error has a place in a file of the project, a code and a message; a world, or errors."""
    draws, text = chance(name), (EXAMPLE / name).read_text("utf-8")
    told = 0
    for _ in range(MUTATIONS):
        changed = mutated(text, draws)
        world, problems = check_records(read_records(EXAMPLE, instead={name: changed}))
        errors = [problem for problem in problems if problem.severity == "error"]
        assert (world is None) == bool(errors), changed
        for problem in errors:
            place = problem.location
            assert Path(EXAMPLE / place.file).exists()
            assert place.line >= 1 or problem.code in ("KG011", "KG108"), str(problem)
            assert re.fullmatch(r"KG\d{3}", problem.code)
            assert problem.message
        told += bool(errors)
    print(f"{name}: {MUTATIONS} mutations, {told} told as errors, {MUTATIONS - told} still sound")
    assert told >= MUTATIONS / 10


def test_the_example_itself_is_sound() -> None:
    """What is mutated has no error to begin with."""
    assert [problem for problem in kg.check(EXAMPLE) if problem.severity == "error"] == []


def test_a_mapping_changed(tmp_path: Path) -> None:
    """A check tells what is wrong with it, or a build makes something of it; neither raises anything else."""
    hand = "agent: a, role: retailer, target: car"
    folder = make_project(tmp_path, hand, tables__t_yaml=MAPPING, tables__t_csv=TABLE)
    assert not [problem for problem in kg.check(folder) if problem.location.file == "tables/t.yaml"]
    told = sum(check_mutated(folder, random.Random(f"0 {number}")) for number in range(MUTATIONS))
    print(f"{MUTATIONS} mutations, {told} told as errors")
    assert MUTATIONS / 10 <= told < MUTATIONS
