"""A term of the ontology, and the properties of terms as typed attributes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Generic, Protocol, TypeVar, overload

from kg.model.iris import KG, RDFS, SKOS

T = TypeVar("T")
Typed = TypeVar("Typed", bound="Term")
Thunk = Callable[[], type[Typed]]  # a class of terms that may be defined further below


class Terms(Protocol):
    """What a term needs to know of the others: an ``Ontology``."""

    def term(self, iri: str) -> Term:
        """Return the term of an IRI."""

    def typed(self, cls: type[Typed], iri: str) -> Typed:
        """Return the term of an IRI as one of a class."""

    def broader(self, iri: str) -> tuple[str, ...]:
        """Return a concept and all broader concepts, nearest first."""

    def ancestors(self, iri: str) -> tuple[str, ...]:
        """Return a class and its ancestors, nearest first."""


class Property(Generic[T]):
    """A property of the terms of a class, read when it is first used."""

    def __init__(
        self,
        name: str,
        read: Callable[[Term, tuple[str, ...]], T],
        *,
        linked: Thunk[Any] | None = None,
        required: bool = False,
        inherited: bool = False,
    ) -> None:
        """Name the property ``kg:name``; an inherited one is that of the nearest broader term that has it."""
        self.name, self.read = name, read
        self.linked, self.required, self.inherited = linked, required, inherited

    def __set_name__(self, owner: type[Term], attribute: str) -> None:
        """Learn the attribute, and add the property to those of the class."""
        self.attribute = attribute
        owner.properties = {**owner.properties, self.name: self}

    @overload
    def __get__(self, term: None, owner: type[Term]) -> Property[T]: ...
    @overload
    def __get__(self, term: Term, owner: type[Term]) -> T: ...
    def __get__(self, term: Term | None, owner: type[Term]) -> Property[T] | T:
        """Return the value, and keep it in the term, where it is found first from then on."""
        if term is None:
            return self
        values = term.inherited(self.name) if self.inherited else term.values(self.name)
        term.__dict__[self.attribute] = value = self.read(term, values)
        return value


def flag(name: str) -> Property[bool]:
    """Return a property that is true or absent."""
    return Property(name, lambda _, values: values == ("true",))


def text(name: str, *, default: str = "", required: bool = False) -> Property[str]:
    """Return a property with one value."""
    return Property(name, lambda _, values: values[0] if values else default, required=required)


def texts(name: str) -> Property[tuple[str, ...]]:
    """Return a property with any number of values, sorted."""
    return Property(name, lambda _, values: values)


def link(name: str, linked: Thunk[Typed], *, inherited: bool = False) -> Property[Typed | None]:
    """Return a property that may name another term."""

    def read(term: Term, values: tuple[str, ...]) -> Typed | None:
        return term.ontology.typed(linked(), values[0]) if values else None

    return Property(name, read, linked=linked, inherited=inherited)


def needed(name: str, linked: Thunk[Typed]) -> Property[Typed]:
    """Return a property that names another term; without one, it names a term that says nothing."""

    def read(term: Term, values: tuple[str, ...]) -> Typed:
        return term.ontology.typed(linked(), values[0] if values else "")

    return Property(name, read, linked=linked, required=True)


def links(name: str, linked: Thunk[Typed], *, inherited: bool = False) -> Property[tuple[Typed, ...]]:
    """Return a property that names any number of terms, in the order of their positions."""

    def read(term: Term, values: tuple[str, ...]) -> tuple[Typed, ...]:
        found = [term.ontology.typed(linked(), iri) for iri in values]
        return tuple(sorted(found, key=lambda other: (other.position, other.notation)))

    return Property(name, read, linked=linked, inherited=inherited)


def names(text: str) -> frozenset[str]:
    """Return the names of properties in a text."""
    return frozenset(text.split())


@dataclass(frozen=True, eq=False)
class Term:
    """A term of the ontology: its IRI, the notation that curators write, labels by language, and its statements."""

    iri: str
    notation: str
    labels: Mapping[str, str] = field(repr=False)
    statements: Mapping[str, tuple[str, ...]] = field(repr=False)
    ontology: Terms = field(repr=False)
    properties: ClassVar[Mapping[str, Property[Any]]] = {}
    takes: ClassVar[frozenset[str]] = frozenset()  # the properties of ``properties`` that fit; empty for all

    position = Property("position", lambda _, values: int(values[0]) if values else 999)
    said = text("reads")

    def values(self, name: str) -> tuple[str, ...]:
        """Return every value of ``kg:name`` as plain text, sorted."""
        return self.statements.get(KG + name, ())

    def inherited(self, name: str) -> tuple[str, ...]:
        """Return the values of ``kg:name`` of this term, or of the nearest broader term that has any."""
        broader = map(self.ontology.term, self.ontology.broader(self.iri))
        return next((values for term in broader if (values := term.values(name))), ())

    def label(self, language: str = "en") -> str:
        """Return the label in ``language``, else in English, else in any language, else the notation."""
        return self.labels.get(language) or self.labels.get("en") or next(iter(self.labels.values()), self.notation)

    @property
    def names(self) -> tuple[str, ...]:
        """Return every preferred and alternative label."""
        return (*self.labels.values(), *self.statements.get(SKOS + "altLabel", ()))

    @property
    def reads(self) -> str:
        """Return the text of the term inside a sentence."""
        return self.said or self.label()

    @cached_property
    def comment(self) -> str:
        """Return the definition, else the comment, else ""."""
        found = (*self.statements.get(SKOS + "definition", ()), *self.statements.get(RDFS + "comment", ()))
        return next(iter(found), "")
