"""Small projects for tests: a folder made from a few lines."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import kg
from kg.model.sentences import Sentences
from kg.model.world import Proposition

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "huawei_seres"
SECOND = ROOT / "examples" / "smart_selection"
BADINPUTS = ROOT / "tests" / "data" / "badinputs"
SHARED = ROOT.parent / "shared"  # suites and data of others, where somebody put them beside the project

SETTINGS = "title: A test\nbase: https://example.org/t/\n"
ENTITIES = """
a: {type: firm, en: Alpha, zh: 甲}
b: {type: firm, en: Beta}
c: {type: firm, en: Gamma}
brand-a: {type: brand, en: Alpha Badge}
car: {type: model, en: Car One}
car-x: {type: variant, en: Car One X}
any-car: {type: model, en: any car, stands-for: any}
motor: {type: component, en: Motor}
shop: {type: channel, en: Shops}
works: {type: plant, en: Works}
deal: {type: agreement, en: Deal}
china: {type: territory, en: China, zh: 中国}
boss: {type: person, en: The Boss}
paper: {type: media, en: The Paper}
insider: {type: unnamed-source, en: an insider, stands-for: 1 unnamed}
editor: {type: office, en: Editor}
unseen: {type: source, publisher: paper, published: 2020}
"""


def make_project(folder: Path, *rows: str, entities: str = ENTITIES, **files: str) -> Path:
    """Write a project whose one source ``s1`` of 2021-05 has the rows; more files by name (``__`` for ``/``)."""
    (folder / "claims").mkdir(parents=True, exist_ok=True)
    (folder / "kg.yaml").write_text(SETTINGS, encoding="utf-8")
    (folder / "entities.yaml").write_text(entities, encoding="utf-8")
    if rows:
        (folder / "claims" / "s1.yaml").write_text(source("s1", "2021-05", *rows), encoding="utf-8")
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_yaml", ".yaml").replace("_csv", ".csv")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def source(id: str, published: str, *rows: str, publisher: str = "paper", kind: str = "article") -> str:
    """Return a claim file."""
    head = f"source: {{id: {id}, title: Title of {id}, publisher: {publisher}, published: {published}, kind: {kind}}}\n"
    return head + "claims:\n" + "".join(f"- {{{row}}}\n" for row in rows)


def verdicts(graph: kg.Graph) -> dict[str, str]:
    """Return the verdict of every proposition by its sentence."""
    sentences = Sentences(graph.world)
    return {sentences.sentence(p): graph.judgements[p.iri].verdict.notation for p in graph.world.propositions}


def find(graph: kg.Graph, sentence: str) -> Proposition:
    """Return the one proposition that reads so."""
    sentences = Sentences(graph.world)
    return next(p for p in graph.world.propositions if sentences.sentence(p) == sentence)


@contextlib.contextmanager
def soon(seconds: float = 60) -> Iterator[None]:
    """Fail where a block takes so much work that it might as well never have ended; how quick it is, bench/ says."""
    began = time.process_time()
    yield
    assert time.process_time() - began < seconds
