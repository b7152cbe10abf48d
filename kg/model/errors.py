"""The exceptions of this package, and the problems that a check finds.

KgError                 base class of every exception this package raises on purpose
├── CheckError          the claims have errors; ``.problems`` lists all of them
├── ProjectError        no project found, or a file cannot be read or written
├── QueryError          a query is refused or invalid, or exceeds its time or memory limit
└── UsageError          a function or command was called with invalid arguments

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
    """A place in a file: path relative to the project, line and column from 1 (line 0: the whole file).

    In a workbook, ``line`` is the row and ``cell`` names the sheet and cell: ``claims!F7``.
    """

    file: str
    line: int = 0
    column: int = 0
    cell: str = ""

    def __str__(self) -> str:
        """Return ``file:line:column``, the form that editors and grep use."""
        if self.cell:
            return f"{self.file}:{self.cell}"
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """One finding: location, severity, code (see docs/problems.md), message and a hint how to fix it."""

    location: Location
    severity: Severity
    code: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """Return one line: ``file:line:column: severity KGnnn: message; hint``."""
        tail = f"; {self.hint}" if self.hint else ""
        return f"{self.location}: {self.severity} {self.code}: {self.message}{tail}"


class KgError(Exception):
    """Base class of every exception this package raises on purpose."""


class CheckError(KgError):
    """The claims have errors; no output was produced."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Store the problems, sorted by location."""
        self.problems = sorted(problems)
        errors = [problem for problem in self.problems if problem.severity == "error"]
        super().__init__("\n".join(map(str, errors)))


class RejectedError(CheckError):
    """Rows of tables were rejected, and a build was not told to go on without them."""


class ProjectError(KgError):
    """No project was found, or one of its files cannot be read or written."""


class QueryError(KgError):
    """A query is refused or invalid, or exceeds its time or memory limit."""


class UsageError(KgError):
    """A function or command was called with invalid arguments."""
