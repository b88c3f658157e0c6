"""What can be entered by hand, as a form would ask for it: read off the entries themselves."""

from typing import Any, Literal, get_args

import msgspec
from msgspec import Struct, inspect
from openfit_schema.metrics import Catalogue, MetricDef

from openfit.manual.entries import AnyEntry

Form = Literal["instant", "offset", "number", "whole", "text", "choice", "metric"]
# Not for hands: samples of sensors, and what a device says of itself.
BY_DEVICES = frozenset({"raw", "workout", "device"})


class Field(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`low` and `high` bound what is taken; `longest` counts characters."""

    name: str
    form: Form
    required: bool = False
    unit: str | None = None  # UCUM
    low: float | None = None
    high: float | None = None
    longest: int | None = None
    choices: list[str] = []


class Kind(Struct, frozen=True):
    kind: str
    fields: list[Field]


class Measurable(Struct, frozen=True):
    """A metric type that a person can give a value of. A sum needs to say of how long."""

    type: str
    name: str
    unit: str
    family: str
    low: float | None
    high: float | None
    sum: bool


class Kinds(Struct, frozen=True):
    kinds: list[Kind]
    metrics: list[Measurable]


def kinds(catalogue: Catalogue) -> Kinds:
    found = [Kind(tag(one), fields(one, catalogue)) for one in get_args(AnyEntry)]
    by_hand = [one for one in catalogue.values() if is_by_hand(one)]
    return Kinds(found, [measurable(one) for one in by_hand])


def tag(entry: Any) -> str:
    return str(entry.__struct_config__.tag)


def fields(entry: Any, catalogue: Catalogue) -> list[Field]:
    """In the order in which they are declared, what all kinds have in common at the end."""
    described = inspect.type_info(entry)
    assert isinstance(described, inspect.StructType)
    own = [field(one, catalogue) for one in described.fields]
    return sorted(own, key=lambda one: one.form == "offset")


def field(given: inspect.Field, catalogue: Catalogue) -> Field:
    known, extra = unwrapped(given.type)
    definition = catalogue.get(extra.get("metric", ""))
    low, high = (definition and definition.possible) or (bound(known, "ge"), bound(known, "le"))
    return Field(
        name=given.name,
        form=form_of(given.name, known),
        required=given.required,
        unit=definition.unit if definition else unit_of(given.name),
        low=low,
        high=high,
        longest=getattr(known, "max_length", None),
        choices=[str(one) for one in known.values]
        if isinstance(known, inspect.LiteralType)
        else [],
    )


def unwrapped(type: inspect.Type) -> tuple[inspect.Type, dict[str, Any]]:
    """The type itself, without that it may be left out, and what is said beside it."""
    extra: dict[str, Any] = {}
    while True:
        if isinstance(type, inspect.Metadata):
            extra |= type.extra or {}
            type = type.type
        elif isinstance(type, inspect.UnionType):
            [type] = [one for one in type.types if not isinstance(one, inspect.NoneType)]
        else:
            return type, extra


def form_of(name: str, known: inspect.Type) -> Form:
    if isinstance(known, inspect.DateTimeType):
        return "instant"
    if isinstance(known, inspect.LiteralType):
        return "choice"
    if isinstance(known, inspect.IntType):
        return "whole"
    if isinstance(known, inspect.FloatType):
        return "number"
    named: dict[str, Form] = {"utc_offset": "offset", "metric": "metric"}
    return named.get(name, "text")


def unit_of(name: str) -> str | None:
    return "s" if name == "seconds" else None


def bound(known: inspect.Type, name: str) -> float | None:
    found = getattr(known, name, None)
    return None if found is None or found is msgspec.UNSET else float(found)


def is_by_hand(metric: MetricDef) -> bool:
    return metric.kind != "interval" and metric.family not in BY_DEVICES


def measurable(metric: MetricDef) -> Measurable:
    low, high = metric.possible or (None, None)
    is_sum = metric.fold == "sum"
    return Measurable(metric.id, metric.name, metric.unit, metric.family, low, high, is_sum)
