"""The terms of the ontology as typed classes: one for each class of terms, with its properties as attributes.

A property that is misspelt in Python is a type error; one that is misspelt or missing in an ontology file is a fault,
which ``faults`` tells and reading an ontology reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from kg.model.iris import RDFS
from kg.model.properties import Term, flag, link, links, names, needed, text, texts

# ---------------------------------------------------------------- keys and kinds


class Quantified(Term):
    """What a quantity belongs to: the units that it takes, and its bounds."""

    unit_of = texts("unitOf")
    default_unit = text("defaultUnit")
    maximum = text("maximum")
    may_be_negative = flag("mayBeNegative")


class Key(Quantified):
    """A key of a row."""

    key_of = texts("keyOf")
    read_as = needed("valueKind", lambda: Term)
    term_class = text("termClass")
    type_property = text("typeProperty")
    choices = texts("choice")
    choice_reads = texts("choiceReads")
    in_source_language = flag("inSourceLanguage")
    lower_bound = text("lowerBound")
    upper_bound = text("upperBound")
    instead_of = texts("insteadOf")
    weak = flag("weak")
    retires = link("retires", lambda: Verdict)
    opposes = flag("opposesTarget")
    is_owners = flag("ownerMay")
    via_first = text("viaFirst")
    via_second = text("viaSecond")
    onward = text("onward")

    @cached_property
    def value_kind(self) -> str:
        """Return how the value is parsed: the last part of the IRI of the value kind."""
        return self.read_as.iri.rsplit("/", 1)[-1]

    @cached_property
    def range(self) -> str:
        """Return the class of entities that the key accepts, or ""."""
        return next(iter(self.statements.get(RDFS + "range", ())), "")

    def readings(self) -> dict[str, str]:
        """Return how each choice reads in a sentence."""
        return dict(reading.split(": ", 1) for reading in self.choice_reads)


class Kind(Term):
    """A kind of proposition."""

    named_by = needed("namedBy", lambda: Key)
    slot_keys = links("slotKey", lambda: Term)  # one of them is the period, which no row has
    requires = links("requires", lambda: Key)
    requires_one_of = links("requiresOneOf", lambda: Key)
    line_from = link("lineFrom", lambda: Key)
    line_to = links("lineTo", lambda: Key)
    other_term = text("otherTerm")
    patterns = texts("pattern")
    dated = flag("dated")
    remains = flag("remains")
    whole_only = flag("wholeOnly")


class Record(Term):
    """A row that describes an entity or a source."""

    requires = links("requires", lambda: Key)


# ---------------------------------------------------------------- what propositions say


class Predicate(Term):
    """What a proposition says of its ends: a role, a relation, an event, a measure."""

    requires = links("requires", lambda: Key)
    line_label = text("lineLabel")
    shortcuts = texts("shortcut")
    belongs = link("belongs", lambda: Key, inherited=True)
    far_ends = links("farEnd", lambda: Key, inherited=True)
    function = link("function", lambda: Function, inherited=True)
    exclusive = flag("exclusive")
    stands_alone = flag("standsAlone")
    symmetric = flag("symmetric")
    sets = flag("sets")
    settles = flag("settles")
    undrawn = flag("undrawn")
    drawn_from = link("drawnFrom", lambda: Key)
    moves_to = text("movesTo")
    ambiguous = text("ambiguous")
    adds = flag("adds")
    better = link("better", lambda: Term)
    default_per = link("defaultPer", lambda: Unit)
    growth_of = link("growthOf", lambda: Predicate)
    begins = links("begins", lambda: Key)
    ends = links("ends", lambda: Key)
    survivor = link("survivor", lambda: Key)
    launches = links("launches", lambda: Key)
    needs_launch = links("needsLaunch", lambda: Key, inherited=True)
    gives = links("gives", lambda: Predicate)
    timeless = flag("timeless")
    gives_way = links("givesWay", lambda: Key)
    once = flag("once")
    closes = links("closes", lambda: Predicate)
    controlled = link("controlled", lambda: Key)
    controls_above = text("controlledAbove")


class Role(Predicate):
    """What an agent is towards a target."""

    takes = names(
        "agentType targetType counterpartyType requires standsAlone ambiguous shortcut "
        "lineLabel belongs farEnd function exclusive needsLaunch controlled controlledAbove"
    )


class RelationType(Predicate):
    """How two entities are joined."""

    takes = names(
        "subjectType objectType requires ambiguous shortcut lineLabel belongs symmetric "
        "sets settles undrawn drawnFrom movesTo givesWay timeless controlled"
    )


class EventType(Predicate):
    """What happens once."""

    takes = names(
        "agentType aboutType counterpartyType requires ambiguous rung begins ends survivor launches "
        "needsLaunch gives givesWay once closes"
    )


class Measure(Predicate, Quantified):
    """What a figure measures."""

    takes = names(
        "aboutType requires ambiguous unitOf defaultUnit maximum mayBeNegative adds growthOf needsLaunch "
        "better defaultPer"
    )


# ---------------------------------------------------------------- how claims are told and judged


class Modality(Term):
    """Whether a claim states a fact, a plan, a policy, and so on."""

    verdict = needed("verdictOf", lambda: Verdict)
    verdict_when_weak = link("verdictWhenWeak", lambda: Verdict)


class Stance(Term):
    """What a claim does to its proposition: assert it, deny it, and so on."""

    stance_of = text("stanceOf", required=True)
    default_after = links("defaultAfter", lambda: Key)


class Evidence(Term):
    """What a claim rests on."""

    weak = flag("weak")


class Verdict(Term):
    """The result for a proposition: stated, contested, denied, and so on."""

    line = text("line", required=True)
    mark = text("mark", required=True)
    symbol = text("symbol", required=True)


class Qualifier(Term):
    """What is to be known beside a verdict: corroborated, clash, and so on."""

    mark = text("mark")


class SourceKind(Term):
    """A kind of source."""

    concludes = flag("concludes")


class Absence(Term):
    """Why nobody is on record for something."""

    absence_of = text("absenceOf")


class ConflictRule(Term):
    """A kind of conflict between two claims."""

    severity = text("severity", required=True)
    limits = texts("limit")  # keys, which the ontology of conflicts does not describe


# ---------------------------------------------------------------- types, units, names


class Column(Term):
    """A column of a picture, and its colours."""

    line_light = text("lineLight", required=True)
    line_dark = text("lineDark", required=True)
    tint_light = text("tintLight", required=True)
    tint_dark = text("tintDark", required=True)


class EntityClass(Term):
    """A class of entities, above their types."""

    axis = text("axis")
    expects = links("expects", lambda: Term)


class EntityType(EntityClass):
    """A type of entity."""

    own_column = link("column", lambda: Column)
    shape = text("shape", default="box")
    colour = link("colour", lambda: EntityType)
    default_evidence = link("defaultEvidence", lambda: Evidence)
    unknown_publisher = flag("unknownPublisher")

    @cached_property
    def column(self) -> Column:
        """Return the column of the type, or of the nearest class above it that has one."""
        above = map(self.ontology.term, self.ontology.ancestors(self.iri))
        found = (iri for cls in above for iri in cls.values("column"))
        return self.ontology.typed(Column, next(found, ""))


class Unit(Term):
    """What a quantity is counted in."""

    unit_duration = text("unitDuration")
    multiple_of = link("multipleOf", lambda: Unit)
    factor = text("factor", default="1")


class LegalForm(Term):
    """A legal form, as names have it."""

    weak = flag("weak")


class Function(Term):
    """The kind of work that a role consists of."""


# By the local name of the class in ``kg:``; other classes are an EntityClass, other terms a plain Term.
CLASSES: Mapping[str, type[Term]] = {
    **dict.fromkeys(("ContentKey", "ClaimKey", "SourceKey", "EntityKey", "DefaultKey"), Key),
    **{
        cls.__name__: cls
        for cls in (
            *(Kind, Record, Role, RelationType, EventType, Measure, Modality, Stance, Evidence, Verdict, Qualifier),
            *(SourceKind, Absence, ConflictRule, Column, EntityType, Unit, LegalForm, Function),
        )
    },
}
