"""What can go wrong: one tree of exceptions, and the problems that a check finds.

KgError                 everything this package raises on purpose
├── CheckError          the claims have errors; ``.problems`` lists every one
├── ProjectError        there is no project here, or a file cannot be read or written
├── QueryError          a query is refused, wrong, or ran out of time or memory
└── UsageError          a verb was called with words it does not know
    └── LargeTablesError    it looks at claims in files alone, and there are large tables beside them

try:
    graph = kg.load("my_project")
except kg.CheckError as error:
    for problem in error.problems:
        print(problem)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True, order=True, slots=True)
class Location:
    """A place in a file: path relative to the project, line and column from 1 (0: the whole file).

    In a workbook the line is the row, and ``cell`` names the cell with its sheet: ``claims!F7``.
    """

    file: str
    line: int = 0
    column: int = 0
    cell: str = ""

    def __str__(self) -> str:
        """Write it the way editors and grep do."""
        if self.cell:
            return f"{self.file}:{self.cell}"
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """One finding: where, how bad, its code (see docs/problems.md), what is wrong and what to do."""

    location: Location
    severity: Severity
    code: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """One line: ``file:line:column: severity KGnnn: message; hint``."""
        tail = f"; {self.hint}" if self.hint else ""
        return f"{self.location}: {self.severity} {self.code}: {self.message}{tail}"


class KgError(Exception):
    """Root of everything this package raises on purpose."""


class CheckError(KgError):
    """The claims have errors; nothing was made from them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep the problems, sorted by place."""
        self.problems = sorted(problems)
        errors = [problem for problem in self.problems if problem.severity == "error"]
        super().__init__("\n".join(map(str, errors)))


class ProjectError(KgError):
    """There is no project here, or one of its files cannot be read or written."""


class QueryError(KgError):
    """A query is refused, wrong, or ran out of time or memory."""


class UsageError(KgError):
    """A verb was called with words it does not know."""


class LargeTablesError(UsageError):
    """A verb looks at claims in files alone, and there are large tables beside them."""

    def __init__(self, rows: str) -> None:
        """Tell what would be left out: ``the 12,000 rows of tables/a.csv``."""
        super().__init__(f"this looks at claims in files alone, not at {rows}; kg ask and kg query look at all")
