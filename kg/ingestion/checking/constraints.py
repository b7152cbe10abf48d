"""Check values against the constraints of the ontology: types of ends, required keys, units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kg.ingestion.checking.values import Scope, check_extent, with_article
from kg.ingestion.reading import Cell, Row
from kg.model.ontology import Ontology, in_order, nearest
from kg.model.properties import Term
from kg.model.quantities import Quantity
from kg.model.terms import EntityType, Key, Kind, Measure, Predicate, Quantified
from kg.model.world import Ref, Value

ENDS = ("agent", "subject", "target", "object", "counterparty", "about")  # of a claim, no two of which are the same
FEW = 20  # the most words listed in a hint
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


def meant_key(name: str, keys: Mapping[str, Key]) -> str:
    """Return the key that an unknown key was most likely meant to be, or ""."""
    instead = (key.notation for key in keys.values() if name in key.instead_of)
    return next(instead, "") or nearest(name, keys)


def check_required(scope: Scope, row: Row, required: Iterable[Key]) -> list[str]:
    """Report the required keys that are missing; return them."""
    missing = [key for key in in_order(required) if key.notation not in row.cells and key.notation not in row.faulty]
    for key in missing:
        scope.report(row.place, "KG108", f"'{key.notation}' is missing", purpose(scope, key))
    return [key.notation for key in missing]


def check_ends(scope: Scope, row: Row, kind: Kind, term: Predicate, missing: Iterable[str]) -> None:
    """Report a row that has none of the ends of which its kind requires one."""
    one_of = [key.notation for key in in_order(kind.requires_one_of)]
    if one_of and not {*row.cells, *row.faulty, *missing} & set(one_of) and not term.stands_alone:
        wanted = " or ".join(f"'{key}'" for key in one_of)
        scope.report(row.place, "KG108", f"'{term.notation}' needs {wanted}", "towards whom or what?")


def purpose(scope: Scope, key: Key) -> str:
    """Return the purpose of a key: the first sentence of its comment, and its terms if they are few."""
    sentence = key.comment.partition(". ")[0].rstrip(".")
    terms = list(scope.ontology.terms(key.term_class)) if key.value_kind == "term" else []
    words = f"; one of: {', '.join(terms)}" if 0 < len(terms) <= FEW else ""
    return f"{sentence[:1].lower()}{sentence[1:]}{words}"


def check_range(scope: Scope, wanted: str, key: Key, cell: Cell, value: Value) -> bool:
    """Return whether entities belong to the class that the key requires, reporting those that do not."""
    if not wanted or not isinstance(value, Ref | tuple):
        return True
    refs = value if isinstance(value, tuple) else (value,)
    known = [ref.id for ref in refs if isinstance(ref, Ref) and ref.id in scope.types]
    fits = [check_type(scope, id, (wanted,), cell, f"'{key.notation}'") for id in known]
    return all(fits)


def check_type(scope: Scope, id: str, wanted: tuple[str, ...], cell: Cell, what: str) -> bool:
    """Return whether an entity belongs to a wanted class; if not, report it with its namesake of the right type."""
    type_ = scope.types[id]
    if not type_.iri or scope.ontology.is_a(type_.iri, wanted):
        return True
    fitting = [t for t in scope.ontology.of(EntityType).values() if scope.ontology.is_a(t.iri, wanted)]
    twins = (other for other in scope.names.get(scope.labels[id].casefold(), ()) if scope.types[other] in fitting)
    twin = next(twins, "")
    hint = f"types that fit: {', '.join(sorted(t.notation for t in fitting))}"
    if twin:
        hint = f"did you mean '{twin}', the {scope.types[twin].label()}?"
    words = " or ".join(with_article(scope.ontology.term(iri).label()) for iri in wanted)
    message = f"'{id}' is {with_article(type_.label())}; {what} takes {words}"
    scope.report(cell.place, "KG109", message, hint)
    return False


def check_quantity(scope: Scope, term: Term | None, key: Key, cell: Cell, value: Quantity) -> None:
    """Report a unit that is missing or wrong for the measure or key, and a number out of range."""
    holder: Quantified = term if isinstance(term, Measure) and key.notation == "value" else key
    accepted = holder.unit_of
    check_extent(scope, cell.place, value, holder)
    if value.number is None:
        return
    unit = scope.ontology.term(value.unit) if value.unit else None
    if unit is None and accepted:
        scope.report(cell.place, "KG204", f"'{value.text}' has no unit", _unit_hint(scope, holder, value))
    elif unit and not accepted:
        scope.report(cell.place, "KG205", f"'{holder.label()}' is a bare number", f"leave out '{unit.label()}'")
    elif unit and not {unit.iri, *unit.statements.get(RDF_TYPE, ())} & set(accepted):
        words = " or ".join(scope.ontology.term(iri).label() for iri in accepted)
        message = f"'{holder.label()}' is not given in {unit.label()}"
        scope.report(cell.place, "KG205", message, f"it takes {words}")


def _unit_hint(scope: Scope, holder: Quantified, value: Quantity) -> str:
    unit = scope.ontology.term(holder.default_unit or holder.unit_of[0])
    of_class = scope.ontology.terms(unit.iri)
    if of_class:
        return f"add a {unit.label()}, such as {', '.join(list(of_class)[:6])} …"
    return f"write: {value.text}{'' if unit.label() == '%' else ' '}{unit.label()}"


def fits(kind: Kind, key: Key) -> bool:
    """Return whether a kind of proposition takes a key."""
    return kind.iri in key.key_of


def kind_key(ontology: Ontology, kind: Kind) -> str:
    """Return the notation of the key that names the kind."""
    return kind.named_by.notation
