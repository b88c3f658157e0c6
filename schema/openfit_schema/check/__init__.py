"""What types cannot say: order, lengths, ranges, and what must go together."""

from collections.abc import Callable
from typing import Any

from openfit_schema.check.parts import (
    Problem,
    Problems,
    span,
    value_problems,
    values_problems,
    word,
)
from openfit_schema.check.samples import keep_possible, metric
from openfit_schema.check.sessions import activity, sleep
from openfit_schema.entities import (
    Activity,
    AnyEntity,
    Device,
    Entity,
    Event,
    Metric,
    Result,
    Sleep,
    Timed,
    TrainingLoad,
    Wellness,
)
from openfit_schema.metrics import METRICS, Catalogue
from openfit_schema.shape import non_finite
from openfit_schema.time import offset_minutes
from openfit_schema.vocab import vocabulary

__all__ = ["Problem", "keep_possible", "problems", "rejected"]

OFFSETS = (-12 * 60, 14 * 60)  # minutes, the zones in use
OFFSET_STEP = 15


def problems(entity: AnyEntity, catalogue: Catalogue = METRICS) -> list[Problem]:
    """All that is wrong with an entity; an empty list means that it can be stored."""
    return [
        *_non_finite(entity),
        *_common(entity),
        *CHECKS[type(entity)](entity, catalogue),
    ]


def rejected(found: list[Problem]) -> list[Problem]:
    return [problem for problem in found if problem.level == "rejected"]


def _non_finite(entity: Entity) -> Problems:
    for path, value in non_finite(entity):
        yield Problem(path, "not_finite", f"{value}: leave a missing value out")


def _common(entity: Entity) -> Problems:
    if (entity.method == "computed") != (entity.algorithm is not None):
        yield Problem("$.algorithm", "algorithm", "goes with method computed, and only with it")
    for name in entity.ext:
        if not all(name.partition(".")):
            yield Problem("$.ext", "ext_key", f"{name!r} must be <integration>.<name>")
    if isinstance(entity, Timed):
        yield from span("$", entity.start, entity.end)
    if isinstance(entity, Timed | Metric | Wellness):
        yield from _offset(entity)


def _offset(entity: Timed | Metric | Wellness) -> Problems:
    offset, basis = entity.utc_offset, entity.offset_basis
    if offset is None:
        if basis in ("stated", "implied"):
            yield Problem("$.offset_basis", "offset_basis", f"{basis}, but utc_offset is absent")
        return
    if basis == "unknown":
        yield Problem("$.offset_basis", "offset_basis", f"unknown, but utc_offset is {offset}")
    minutes = offset_minutes(offset)
    if not OFFSETS[0] <= minutes <= OFFSETS[1]:
        yield Problem("$.utc_offset", "impossible", f"no place on Earth is at {offset}")
    elif minutes % OFFSET_STEP:
        yield Problem("$.utc_offset", "impossible", f"{offset} is no multiple of 15 minutes")


def _device(entity: Device, catalogue: Catalogue) -> Problems:
    yield from word("$.type", entity.type, vocabulary().device)
    if entity.battery is not None:
        yield from value_problems("$.battery", entity.battery, catalogue["battery"])


def _wellness(entity: Wellness, catalogue: Catalogue) -> Problems:
    yield from values_problems("$.values", entity.values, catalogue)


def _training_load(entity: TrainingLoad, catalogue: Catalogue) -> Problems:
    if entity.load != "balance" and entity.value < 0:
        yield Problem("$.value", "negative", f"{entity.value:g} is below 0")


def _result(entity: Result, catalogue: Catalogue) -> Problems:
    yield from span("$", entity.start, entity.end)
    if entity.day is None and entity.start is None and entity.activity is None:
        yield Problem("$.day", "no_time", "a result belongs to a day, a span or an activity")
    definition = catalogue.get(entity.id)
    if definition is None:
        return  # results need no row in the catalogue: they carry their unit
    if entity.unit != definition.unit:
        yield Problem("$.unit", "unit", f"{entity.unit}, but {entity.id} is in {definition.unit}")
    elif entity.value is not None:
        yield from value_problems("$.value", entity.value, definition)


def _event(entity: Event, catalogue: Catalogue) -> Problems:
    yield from word("$.type", entity.type, vocabulary().event)


CHECKS: dict[type[Entity], Callable[[Any, Catalogue], Problems]] = {
    Device: _device,
    Activity: activity,
    Metric: metric,
    Sleep: sleep,
    Wellness: _wellness,
    TrainingLoad: _training_load,
    Result: _result,
    Event: _event,
}
