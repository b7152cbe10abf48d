"""Mappings of a small table with tokens changed, and tables with columns renamed: what a hurried curator may write."""

from __future__ import annotations

import random
import re
from pathlib import Path

import kg

MAPPING = """# Who builds what.
file: t.csv
source: s1
expect: {min: 0, max: 100}
columns:
  type: {from: $kind, car: model, "N/A": "", ~^lor(ry)?$: model, else: model}
  size: {from: $type, model: "big $1", ~^m(.*)$: small $1 $row, else: $kind}
  old: {from: $maker, ~formerly (.*): $1, else: ""}
entities:
  maker: {key: $maker, type: firm, en: $maker, zh: "${brand owner}", note: $size}
  product: {key: "$maker|${model year}", prefix: p, type: $type, en: $model}
  fixed: {id: fixed-one, type: plant, en: Works}
sources:
  paper: {key: $row, title: Sheet $row, publisher: paper, published: $since}
claims:
- {agent: $maker, role: carmaker, target: $product, from: $since, note: "${厂商}", at: row$row}
- {source: $paper, event: renaming, about: $maker, name: $maker, old-name: $old, where: $old}
- {about: $product, measure: units-sold, value: $sold cars, when: $since, at: row$row, evidence: registry}
"""
TABLE = """maker,kind,model,model year,brand owner,since,sold,厂商,row.name
Alpha,car,One,2019,Gamma,2019,1000,甲,x
ACME (Inc.),car,One,2020,,2020,,,
Beta formerly Alef,lorry,Two,2021,Gamma,2021,5,乙,y
Alpha,N/A,Three,,Gamma,soon,7,甲,
"""
TOKEN = re.compile(r"\$\{[^}]*\}|[$\w-]+|\s+|[^\w\s]")
VALUE = re.compile(r"(?<=: )[^,{}\n]+")
STRANGERS = ["", "'", '"', '""', "{", "}", "[", "]", "[]", "{}", ",", ": ", "\n", "\n- ", "&a", "!x", "|", "$", "${", "$row", "${row}", "$1", "${2}", "~(", "~", "~(?=x)", "else", "from", "key", "id", "prefix", "where", "source", "maker", "$maker", "$product", "${id:maker}", "$size", "re", "parties", "at", "\\0", '"\\0"', "甲", "$甲", "9" * 40, "null", "  "]  # fmt: skip
COLUMNS = ["row", ".row", "key", "fault", "message", "id", "id:maker", "column:x", "look-up:size", "a b", 'it"s', "x.y", "$m", "厂", "", "maker", "kind", "size", "folded", "{x}"]  # fmt: skip


def mutated(chance: random.Random) -> tuple[str, str]:
    """Return a mapping with one to three changes, and a table, one time in four with a column renamed."""
    text, table = MAPPING, TABLE
    for _ in range(chance.choice((1, 1, 2, 3))):
        text = chance.choice((_tokens, _tokens, _values, _line))(text, chance)
    if not chance.randrange(4):
        header, _, rows = table.partition("\n")
        columns = header.split(",")
        old, new = chance.choice(columns), chance.choice(COLUMNS)
        columns[columns.index(old)] = '"' + new.replace('"', '""') + '"'
        table = f"{','.join(columns)}\n{rows}"
        if chance.randrange(2):
            text = text.replace(f"${old}", f"${{{new}}}" if chance.randrange(2) else f"${new}")
    return text, table


def _tokens(text: str, chance: random.Random) -> str:
    tokens = TOKEN.findall(text)
    place, other = chance.randrange(len(tokens)), chance.randrange(len(tokens))
    change = chance.choice(("drop", "double", "insert", "replace", "stranger", "swap"))
    if change == "swap":
        tokens[place], tokens[other] = tokens[other], tokens[place]
    else:
        stranger, token = chance.choice(STRANGERS), tokens[place]
        tokens[place] = {"drop": "", "double": token * 2, "insert": stranger + token, "replace": tokens[other]}.get(
            change, stranger
        )
    return "".join(tokens)


def _values(text: str, chance: random.Random) -> str:
    """Put one value in the place of another, or something strange."""
    found = list(VALUE.finditer(text))
    if not found:
        return text
    place, other = chance.choice(found), chance.choice(found)
    new = chance.choice((other[0], chance.choice(STRANGERS)))
    return text[: place.start()] + new + text[place.end() :]


def _line(text: str, chance: random.Random) -> str:
    """Drop a line, double it, or move it."""
    lines = text.splitlines(keepends=True)
    line = lines.pop(chance.randrange(len(lines)))
    for _ in range(chance.randrange(3)):
        lines.insert(chance.randrange(len(lines) + 1), line)
    return "".join(lines)


def check_mutated(folder: Path, chance: random.Random) -> bool:
    """Check a project with a mutated mapping; tell whether an error was found in it. Each has a place, a code, a message."""
    text, table = mutated(chance)
    (folder / "tables" / "t.yaml").write_text(text, "utf-8")
    (folder / "tables" / "t.csv").write_text(table, "utf-8")
    try:
        problems = kg.check(folder)
        errors = [problem for problem in problems if problem.severity == "error"]
        if not errors:
            kg.build(folder)
    except Exception as error:
        error.add_note(f"{text}\n{table}")
        raise
    for problem in errors:
        assert re.fullmatch(r"KG\d{3}", problem.code), problem
        assert problem.message, problem
        assert problem.location.file in ("tables/t.yaml", "tables/t.csv"), f"{problem}\n{text}"
    return any(problem.location.file == "tables/t.yaml" for problem in errors)
