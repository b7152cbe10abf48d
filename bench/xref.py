"""Measure `kg xref` on real names: how long 50,000 against themselves take, and how many of its proposals are right.

Reads the tables of ../shared/data/nhtsa_vpic where they are, and says so where they are not. They hold fewer distinct
names than 50,000: the rest are variants made by rule, of kinds that people make (a letter lost, doubled or swapped, the
legal form left out, words in capitals and joined, the last word dropped). Right and wrong come from
tests/data/xref_sample.csv: 200 pairs, by row keys only, judged by hand from the names alone, without their scores.
"""

from __future__ import annotations

import csv
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from kg.model.names import MINIMUM, Normaliser, Scorer, best_likeness, compare_all  # noqa: E402
from kg.model.ontology import read_ontology  # noqa: E402

DATA = ROOT.parent / "shared" / "data" / "nhtsa_vpic"
SAMPLE = ROOT / "tests" / "data" / "xref_sample.csv"
TABLES = {
    "maker": ("manufacturers.csv", "manufacturer_id", "manufacturer_name"),
    "make": ("makes.csv", "make_id", "make_name"),
}
WANTED = 50_000
LIMIT = 20.0
# How many pairs each stratum of the sample stands for: of the proposals by score, and of a search by spelling alone.
PROPOSED = {"score85": 326, "score90": 238, "score95": 333, "score99.5": 7690}
SEARCHED = {"other78": 5834, "other84": 1237, "other90": 153, "other96": 134}


def names_by_key() -> dict[str, str]:
    """Return the names by row key, such as maker:955."""
    names = {}
    for prefix, (file, id_column, name_column) in TABLES.items():
        with (DATA / file).open(encoding="utf-8-sig", newline="") as table:
            names.update({f"{prefix}:{row[id_column]}": row[name_column].strip() for row in csv.DictReader(table)})
    return names


def variants(names: list[str], wanted: int) -> Iterator[tuple[str, str, str]]:
    """Yield a kind, a name and a variant of it, until there are as many as wanted; always the same ones."""
    dice, seen = random.Random(50_000), set(names)  # noqa: S311 - the same cases every time
    kinds = ("letter lost", "letter doubled", "letters swapped", "form left out", "words joined", "last word dropped")
    while wanted:
        kind, name = dice.choice(kinds), dice.choice(names)
        place = dice.randrange(1, max(len(name) - 1, 2))
        made = {
            "letter lost": name[:place] + name[place + 1 :],
            "letter doubled": name[:place] + name[place - 1] + name[place:],
            "letters swapped": name[: place - 1]
            + name[place : place + 1]
            + name[place - 1 : place]
            + name[place + 1 :],
            "form left out": name.rpartition(",")[0],
            "words joined": name.upper().replace(" ", "", 1),
            "last word dropped": name.rpartition(" ")[0],
        }[kind].strip()
        if len(made) > 5 and made not in seen:
            seen.add(made)
            wanted -= 1
            yield kind, name, made


def measure_time(names: list[str]) -> bool:
    """Compare 50,000 names with themselves; tell how long it took and what was found of the variants."""
    made = list(variants(names, max(WANTED - len(names), 0)))
    every = [*names, *(variant for *_, variant in made)]
    begin, spent = time.perf_counter(), time.process_time()
    normaliser = Normaliser(read_ontology({}, []))
    known = [(index, name) for index, text in enumerate(every) for name in normaliser.names(text)]
    found = compare_all([name for _, name in known], [0] * len(known), MINIMUM)
    pairs = {tuple(sorted((known[one][0], known[other][0]))) for one, other, _ in found}
    pairs = {pair for pair in pairs if pair[0] != pair[1]}
    took, spent = time.perf_counter() - begin, time.process_time() - spent
    print(f"{len(every):,} names ({len(names):,} real, {len(made):,} variants): {len(pairs):,} pairs", end=" ")
    print(f"in {took:.1f} s, {spent:.1f} s of them at work")
    place = {text: index for index, text in enumerate(every)}
    hit: Counter[str] = Counter()
    for kind, name, variant in made:
        hit[kind] += tuple(sorted((place[name], place[variant]))) in pairs
    total = Counter(kind for kind, *_ in made)
    for kind in sorted(total):
        print(f"  {kind}: {hit[kind] / total[kind]:.0%} of {total[kind]:,} found")
    return took < LIMIT


def measure_judgement(names: dict[str, str]) -> None:
    """Tell how the proposals stand against the pairs that were judged by hand."""
    normaliser = Normaliser(read_ontology({}, []))
    scorer = Scorer(name for text in dict.fromkeys(names.values()) for name in normaliser.names(text))
    with SAMPLE.open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    seen: dict[str, Counter[tuple[str, bool]]] = {}
    for row in rows:
        likeness = best_likeness(scorer, *(normaliser.names(names[row[side]]) for side in "ab"))
        proposed = likeness is not None and likeness.score >= MINIMUM
        seen.setdefault(row["sampled"], Counter())[row["judgement"], proposed] += 1
    total = sum(seen.values(), Counter())
    print(f"{len(rows)} judged pairs, proposed at {MINIMUM:g} or more:")
    for judgement in ("positive", "unsure", "negative"):
        print(f"  {judgement}: {total[judgement, True]} proposed, {total[judgement, False]} not")
    right, wrong = total["positive", True], total["negative", True]
    print(f"in the sample: precision {right / (right + wrong):.2f}", end="; ")
    print(f"with every unsure one as wrong {right / (right + wrong + total['unsure', True]):.2f}", end="; ")
    print(f"recall {right / (right + total['positive', False]):.2f}")
    proposed = weighed(seen, PROPOSED)
    print(f"of all proposals: precision {rate(proposed, ('positive', True), ('negative', True)):.2f}", end="; ")
    print(f"unsure as wrong {rate(proposed, ('positive', True), ('negative', True), ('unsure', True)):.2f}")
    searched = weighed(seen, SEARCHED)
    print(f"of a search by spelling alone: recall {rate(searched, ('positive', True), ('positive', False)):.2f}")


def weighed(seen: dict[str, Counter[tuple[str, bool]]], strata: dict[str, int]) -> Counter[tuple[str, bool]]:
    """Return the counts of strata as if all of each had been judged."""
    total: Counter[tuple[str, bool]] = Counter()
    for stratum, size in strata.items():
        for outcome, number in seen[stratum].items():
            total[outcome] += number * size / sum(seen[stratum].values())  # type: ignore[assignment]
    return total


def rate(counts: Counter[tuple[str, bool]], wanted: tuple[str, bool], *others: tuple[str, bool]) -> float:
    """Return the share of an outcome among it and others."""
    return counts[wanted] / (counts[wanted] + sum(counts[other] for other in others))


def main() -> int:
    """Run both; exit 1 where it takes too long."""
    if not DATA.is_dir():
        print(f"no {DATA.relative_to(ROOT.parent)} here; nothing is measured")
        return 0
    names = names_by_key()
    fast = measure_time(list(dict.fromkeys(names.values())))
    measure_judgement(names)
    return 0 if fast else 1


if __name__ == "__main__":
    sys.exit(main())
