"""Check quoted texts of claims against the stored text of their sources.

In: a project whose sources can name a file (``text``) and its SHA-256. Out: a ``Report`` per source with a ``Finding``
per ``term``, ``when-term`` and ``quote``. A ``note`` is a paraphrase and is not checked. Files are fetched only on
request, and existing files are never overwritten.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Literal

from kg.bulk.whole import read_whole
from kg.files.outputs import write_files
from kg.ingestion.fetching import FetchError, Limits, fetch
from kg.ingestion.reading import Row
from kg.ingestion.texts import SUFFIXES, Block, Text, fold, is_inside, read_text
from kg.model.errors import CheckError, Location
from kg.model.world import Claim, Source

KEYS = ("term", "when-term", "quote")
MAX_BYTES = 10_000_000
NEAR = 80.0  # of 100: a less similar passage does not match
SHORTEST = 6  # fewest letters for fuzzy matching; shorter texts match too much
SHOWN = 200  # most characters of a displayed difference

Match = Literal["exact", "normalised", "fuzzy", "missing"]
State = Literal["compared", "changed", "gone", "skipped"]


@dataclass(frozen=True)
class Finding:
    """The result for one quoted text: where it was expected and found, and what differs."""

    place: Location
    key: str
    text: str
    match: Match
    at: str = ""
    found: str = ""
    score: float = 0.0
    difference: str = ""

    @property
    def moved(self) -> bool:
        """Return whether the text was found, but not at the place that the claim gives."""
        return bool(self.at and self.found and self.found != self.at)

    def __str__(self) -> str:
        """Return one line: location, match, text, place."""
        where = f"; found in {self.found}, not in {self.at}" if self.moved else f"; in {self.found}" * bool(self.found)
        unlike = f"; the source has: {self.difference}" if self.difference else ""
        like = f" {self.score:.0f}%" if self.match == "fuzzy" else ""
        return f"{self.place}: {self.match}{like}: {self.key} '{self.text}'{where}{unlike}"


@dataclass(frozen=True)
class Report:
    """The result for one source; ``skipped`` counts the quoted texts that were not compared."""

    source: str
    place: Location
    state: State
    file: str = ""
    reason: str = ""
    sha256: str = ""
    fetched: str = ""
    skipped: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def fails(self) -> bool:
        """Return whether something is missing, changed or gone."""
        return self.state in ("changed", "gone") or any(finding.match == "missing" for finding in self.findings)


# ---------------------------------------------------------------- checking


def check_sources(folder: Path, *, fetch_missing: bool = False, limits: Limits | None = None) -> list[Report]:
    """Compare the quoted texts of every source with its stored text, in the order of the source files.

    ``fetch_missing`` fetches missing files. Raises CheckError if the claims have errors.
    """
    whole = read_whole(folder)
    world = whole.world
    if world is None:
        raise CheckError(whole.problems)
    rows = {row.place: row for row in whole.records.claims}
    quoted: dict[str, list[Finding]] = {}
    for claim in sorted(world.claims, key=lambda claim: claim.place):
        quoted.setdefault(claim.source.id, []).extend(_quoted(claim, rows[claim.place]))
    sources = sorted(world.sources.values(), key=lambda source: source.place)
    return [_report(folder, source, quoted.get(source.id, []), fetch_missing, limits) for source in sources]


def _quoted(claim: Claim, row: Row) -> Iterator[Finding]:
    """Yield a finding for each quoted text of a claim, before the search."""
    for key in KEYS:
        if text := claim.text(key):
            yield Finding(row.where(key), key, text, "missing", claim.text("at"))


def _report(folder: Path, source: Source, quoted: list[Finding], fetch_missing: bool, limits: Limits | None) -> Report:
    name, wanted = _fact(source, "text"), _fact(source, "sha256")
    report = Report(source.id, source.place, "skipped", name, skipped=len(quoted))
    if reason := _unsuited(folder, name):
        return replace(report, reason=reason)
    if not (folder / name).is_file():
        if not fetch_missing:
            return replace(report, state="gone", reason="the file is not there; --fetch gets it, where there is a url")
        report = _fetched(folder, source, report, wanted, limits)
        if not report.fetched:
            return report
    try:
        content = _bytes(folder / name)
        text = read_text(content, Path(name).suffix)
    except ValueError as error:
        return replace(report, reason=str(error))
    digest = hashlib.sha256(content).hexdigest()
    findings = tuple(compare(finding, text) for finding in quoted)
    report = replace(report, state="compared", sha256=digest, skipped=0, findings=findings)
    if wanted and digest != wanted:
        return replace(report, state="changed", reason=f"the file's sha256 is {digest}, not {wanted}")
    return report if wanted else replace(report, reason=f"a change would not be seen; add sha256: {digest}")


def _fact(source: Source, key: str) -> str:
    value = source.facts.get(key)
    return value if isinstance(value, str) else ""


def _unsuited(folder: Path, name: str) -> str:
    """Return why a source has no text to read, or ""."""
    if not name:
        return "the source names no text"
    if Path(name).suffix.lower() not in SUFFIXES:
        return f"a text is one of {', '.join(SUFFIXES)}; store what the document says as one"
    if not (folder / name).resolve().is_relative_to(folder.resolve()):
        return "the file lies outside the project"
    return ""


def _bytes(path: Path) -> bytes:
    """Return the bytes of a file. Raises ValueError if it cannot be read or is larger than ``MAX_BYTES``."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"larger than {MAX_BYTES // 1_000_000} MB")
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None


def _fetched(folder: Path, source: Source, report: Report, wanted: str, limits: Limits | None) -> Report:
    """Fetch a missing file from the source's URL, else from its archive; discard it if its SHA-256 is wrong."""
    reasons: list[str] = []
    state: State = "gone"
    for url in filter(None, (_fact(source, "url"), _fact(source, "archive"))):
        try:
            content = fetch(url, limits)
        except FetchError as error:
            reasons.append(f"{url}: {error}")
            continue
        digest = hashlib.sha256(content).hexdigest()
        if wanted and digest != wanted:
            state = "changed"
            reasons.append(f"{url} now gives sha256 {digest}, not {wanted}; it was not kept")
            continue
        path = folder / report.file
        write_files(path.parent, {path.name: content})
        return replace(report, fetched=url)
    return replace(report, state=state, reason="; ".join(reasons) or "not there, and the source has no url")


# ---------------------------------------------------------------- matching


_GAP = re.compile(r"\s*\[(?:…|\.\.\.)\]\s*")


def compare(finding: Finding, text: Text) -> Finding:
    """Search a text for a quote: exact, then normalised, then fuzzy; each first in the given paragraph."""
    parts = [part for part in _GAP.split(unicodedata.normalize("NFC", finding.text)) if part]
    folded = [fold(part).text for part in parts]
    here = list(_named(text, finding.at))
    followed = here or (finding.at.startswith("par") and text.paragraphs)
    finding = replace(finding, at=finding.at if followed else "")
    if not parts:
        return finding
    for indexes in (here, range(len(text.blocks)), [-1]):
        for index in indexes:
            if match := _match(parts, folded, text, index):
                return replace(finding, match=match, found=_name(text, index, finding.at, here))
    for indexes in (here, range(len(text.blocks))):
        best = max((_likest(folded, text, index) for index in indexes), default=(0.0, "", 0))
        if best[0] >= NEAR:
            difference = show_difference(finding.text, best[1])
            found = _name(text, best[2], finding.at, here)
            return replace(finding, match="fuzzy", found=found, score=best[0], difference=difference)
    return finding


def _named(text: Text, at: str) -> Iterator[int]:
    """Yield the indexes of the blocks that a locator names; none if it cannot be resolved in the stored text."""
    numbers = re.fullmatch(r"par([0-9]{1,6})(?:-([0-9]{1,6}))?", at)
    for index, block in enumerate(text.blocks):
        if block.name and (block.name == at or (numbers and block.name.startswith("par") and _within(block, numbers))):
            yield index


def _within(block: Block, numbers: re.Match[str]) -> bool:
    return int(numbers[1]) <= int(block.name[3:]) <= int(numbers[2] or numbers[1])


def _name(text: Text, index: int, at: str, here: list[int]) -> str:
    """Return the name of the place where a text was found."""
    if index in here:
        return at
    return (text.blocks[index].name if index >= 0 else "") or "the text"


def _match(parts: list[str], folded: list[str], text: Text, index: int) -> Match | None:
    """Return how a block contains all parts in order: exact, normalised, or None."""
    block = text.fold(index)
    if len(parts) == 1 and _find(parts, block.original):
        return "exact"
    return "normalised" if _find(folded, block.text) else None


def _find(parts: Iterable[str], text: str) -> bool:
    """Return whether a text contains all parts in order, none of them inside a longer word or number."""
    start = 0
    for part in parts:
        while True:
            start = text.find(part, start) if part else -1
            if start < 0:
                return False
            if not is_inside(text, start) and not is_inside(text, start + len(part)):
                break
            start += 1
        start += len(part)
    return True


def _likest(parts: list[str], text: Text, index: int) -> tuple[float, str, int]:
    """Return the similarity of a block's most similar passage, the passage and the index; the worst part counts."""
    from rapidfuzz import fuzz

    block, scores, passages, after = text.fold(index), [100.0], [], 0
    for part in parts:
        rest = block.text[after:]
        found = fuzz.partial_ratio_alignment(part, rest, score_cutoff=NEAR - 10) if _long_enough(part) else None
        if found is None:
            return 0.0, "", index
        start, end = after + found.dest_start, after + found.dest_end
        while is_inside(block.text, start):
            start -= 1
        while is_inside(block.text, end):
            end += 1
        scores.append(fuzz.ratio(part, block.text[start:end]))
        passages.append(block.passage(start, end))
        after = end
    return min(scores), " […] ".join(passages), index


def _long_enough(part: str) -> bool:
    """Return whether a text is long enough for fuzzy matching; a Chinese character counts as 1.5 letters."""
    return sum(1 if character.isascii() else 1.5 for character in part if character.isalnum()) >= SHORTEST


_PIECES = re.compile(r"[A-Za-z0-9À-ɏͰ-ӿ\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]+|\s+|.", re.DOTALL)


def show_difference(ours: str, theirs: str) -> str:
    """Return ``theirs`` with deletions from ``ours`` as [-…-] and additions as {+…+}.

    Differences that matching ignores, such as width and case, are not marked.
    """
    left, right = _PIECES.findall(ours), _PIECES.findall(" ".join(theirs.split()))
    ours_folded, theirs_folded = ([fold(piece).text or piece for piece in pieces] for pieces in (left, right))
    shown = []
    for tag, a, b, c, d in SequenceMatcher(None, ours_folded, theirs_folded, autojunk=False).get_opcodes():
        if tag == "equal":
            shown.append("".join(right[c:d]))
            continue
        shown.append(f"[-{''.join(left[a:b])}-]" if b > a else "")
        shown.append(f"{{+{''.join(right[c:d])}+}}" if d > c else "")
    text = "".join(shown)
    return text if len(text) <= SHOWN else text[:SHOWN] + " …"


# ---------------------------------------------------------------- output


def report_lines(reports: Iterable[Report], *, everything: bool = False) -> Iterator[str]:
    """Yield a line for each result that needs attention, or with ``everything`` for all."""
    for report in reports:
        if report.fetched:
            yield f"{report.place}: fetched: {report.fetched} into {report.file}"
        if report.state == "skipped":
            yield f"{report.place}: skipped: {report.source}: {report.reason} ({_texts(report.skipped)} not compared)"
        elif report.state in ("changed", "gone"):
            yield f"{report.place}: {report.state}: {report.file}: {report.reason}"
        elif report.reason:
            yield f"{report.place}: info: {report.file}: {report.reason}"
        for finding in report.findings:
            if everything or finding.moved or finding.match in ("fuzzy", "missing"):
                yield str(finding)


def count(reports: Iterable[Report]) -> dict[str, int]:
    """Return the number of quoted texts per match, of skipped texts, and of changed or missing sources."""
    counts = dict.fromkeys(("exact", "normalised", "fuzzy", "missing", "elsewhere", "skipped", "changed", "gone"), 0)
    for report in reports:
        for finding in report.findings:
            counts[finding.match] += 1
            counts["elsewhere"] += finding.moved
        counts["skipped"] += report.skipped
        if report.state in ("changed", "gone"):
            counts[report.state] += 1
    return counts


def as_json(reports: Iterable[Report]) -> dict[str, object]:
    """Return the reports as JSON-serialisable data."""
    reports = list(reports)
    return {"counts": count(reports), "sources": [_report_json(report) for report in reports]}


def _report_json(report: Report) -> dict[str, object]:
    names = ("source", "state", "file", "reason", "sha256", "fetched", "skipped")
    return {
        **_place_json(report.place),
        **{name: getattr(report, name) for name in names},
        "findings": [
            {
                **_place_json(finding.place),
                **{name: getattr(finding, name) for name in ("key", "text", "match", "at", "found", "difference")},
                "score": round(finding.score, 1),
            }
            for finding in report.findings
        ],
    }


def _place_json(place: Location) -> dict[str, object]:
    return {"place": {"file": place.file, "line": place.line, "column": place.column}}


def _texts(number: int) -> str:
    return f"{number} quoted text{'' if number == 1 else 's'}"
