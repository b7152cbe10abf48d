"""Define what can be queried: a store, the prefixes declared for a query, and named questions."""

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
    """A graph that can be queried, wherever its store is."""

    folder: Path  # of the project, for its own questions

    @property
    @abstractmethod
    def frame(self) -> World:
        """Return the settings, the ontology, and whatever else of the world is known without a query."""

    @property
    @abstractmethod
    def store(self) -> Store:
        """Return the store that answers queries."""

    @property
    def finder(self) -> Callable[[str], list[str]] | None:
        """Return a function that gives the ids for an id or a name, or None if the frame holds them."""
        return None

    @property
    def prefixes(self) -> Mapping[str, str]:
        """Return the prefixes of the project; the empty prefix is for its entities."""
        return self.frame.settings.prefixes

    def query(self, sparql: str, *, form: str = "json", timeout: float = TIMEOUT, memory: int = MEMORY) -> Answer:
        """Answer a SPARQL 1.1 query over the union of the graphs, including the ontology; prefixes are declared.

        ``form`` is the format of solutions: json, csv, tsv or xml. ``timeout`` is in seconds, ``memory`` in bytes.
        Raises QueryError.
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

        With a ``limit``, it returns at most that many rows: the first ones found, in the question's order.
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
