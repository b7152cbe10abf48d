"""What answers questions: a store, the prefixes that stand before a query, and questions by name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

from kg.model.errors import UsageError
from kg.model.ontology import nearest
from kg.model.world import World
from kg.sparql.questions import Question, bind, read_questions
from kg.sparql.store import MEMORY, TIMEOUT, Answer, Store, ask_store


class Endpoint(ABC):
    """A graph that can be asked, wherever its store is."""

    folder: Path  # of the project whose own questions count

    @property
    @abstractmethod
    def frame(self) -> World:
        """Return settings and ontology, and what more of the world is known without asking."""

    @property
    @abstractmethod
    def store(self) -> Store:
        """Return what answers questions."""

    @property
    def finder(self) -> Callable[[str], list[str]] | None:
        """Return what gives the ids behind an id or a name, where the frame does not hold them."""
        return None

    @property
    def prefixes(self) -> Mapping[str, str]:
        """Return the prefixes of the project; the empty one is its entities."""
        return self.frame.settings.prefixes

    def query(self, sparql: str, *, form: str = "json", timeout: float = TIMEOUT, memory: int = MEMORY) -> Answer:
        """Answer SPARQL 1.1 over the union of the graphs, the ontology's with them; prefixes are declared beforehand.

        ``form`` is how solutions are written: json, csv, tsv or xml. Raises QueryError.
        """
        return ask_store(self.store, sparql, prefixes=self.prefixes, form=form, timeout=timeout, memory=memory)

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """Return the named questions."""
        return read_questions(self.folder)

    def ask(
        self,
        question: str,
        parameters: Mapping[str, str] | None = None,
        *,
        form: str = "json",
        limit: int = 0,
        timeout: float = TIMEOUT,
    ) -> Answer:
        """Answer a named question; entities are given by id or name. Raises UsageError or QueryError.

        With a ``limit`` it gives no more rows: those found first, in the order of the question.
        """
        if question not in self.questions:
            near = nearest(question, self.questions)
            raise UsageError(
                f"no question '{question}'" + (f"; did you mean '{near}'?" if near else "; `kg ask` lists them")
            )
        asked = self.questions[question]
        bindings = bind(self.frame, asked, parameters or {}, self.finder)
        return ask_store(
            self.store, asked.sparql, prefixes=self.prefixes, bindings=bindings, form=form, limit=limit, timeout=timeout
        )
