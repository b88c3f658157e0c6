"""Checks of activities and sleeps."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from openfit_schema.check.parts import (
    Problem,
    Problems,
    flag,
    span,
    value_problems,
    values_problems,
    word,
)
from openfit_schema.entities import Activity, Sleep, Totals, Zones
from openfit_schema.metrics import Catalogue, MetricDef
from openfit_schema.vocab import vocabulary

# A field of Totals and the type whose range it must keep. The rest must not be negative.
TOTALS = {
    "avg_speed": "speed",
    "max_speed": "speed",
    "avg_heart_rate": "heart_rate",
    "min_heart_rate": "heart_rate",
    "max_heart_rate": "heart_rate",
    "avg_power": "power",
    "max_power": "power",
    "normalized_power": "power",
    "avg_cadence": "cadence",
    "max_cadence": "cadence",
    "avg_temperature": "ambient_temperature",
    "max_temperature": "ambient_temperature",
    "avg_respiration_rate": "respiration_rate",
}


def activity(entity: Activity, catalogue: Catalogue) -> Problems:
    yield from word("$.sport", entity.sport, vocabulary().sport)
    yield from word("$.sub_sport", entity.sub_sport, vocabulary().sub_sport)
    yield from _totals("$.reported", entity.reported, catalogue)
    if entity.computed is not None:
        yield from _totals("$.computed", entity.computed, catalogue)
    for at, lap in enumerate(entity.laps):
        yield from _totals(f"$.laps[{at}].totals", lap.totals, catalogue)
    for name in ("laps", "pauses", "lengths", "sets"):
        yield from _parts(f"$.{name}", getattr(entity, name))
    for at, zones in enumerate(entity.zones):
        yield from _zones(f"$.zones[{at}]", zones)


def _parts(path: str, parts: Sequence[Any]) -> Problems:
    yield from _spans(path, parts)
    for at, part in enumerate(parts):
        seconds = getattr(part, "seconds", None)
        if seconds is not None and seconds < 0:
            yield Problem(f"{path}[{at}].seconds", "negative", f"{seconds:g} is below 0")
    for at in _out_of_order(parts):
        # Devices do restart their lap clock; the workout is good all the same.
        yield flag(f"{path}[{at}].start", "not_in_order", "starts before the one above it")


def _spans(path: str, parts: Sequence[Any]) -> Problems:
    for at, part in enumerate(parts):
        yield from span(f"{path}[{at}]", part.start, getattr(part, "end", None))


def _out_of_order(parts: Sequence[Any]) -> list[int]:
    return [at for at, (a, b) in enumerate(pairwise(parts), start=1) if b.start < a.start]


def _totals(path: str, totals: Totals, catalogue: Catalogue) -> Problems:
    for name in Totals.__struct_fields__:
        value = getattr(totals, name)
        if value is None:
            continue
        if name in TOTALS:
            yield from _total(f"{path}.{name}", value, catalogue[TOTALS[name]])
        elif value < 0:
            yield Problem(f"{path}.{name}", "negative", f"{value:g} is below 0")


def _total(path: str, value: float, definition: MetricDef) -> Problems:
    for problem in value_problems(path, value, definition):
        # A summary is doubtful rather than useless: one bad field must not cost the workout.
        yield flag(problem.path, problem.code, problem.message)


def _zones(path: str, zones: Zones) -> Problems:
    seconds, bounds = zones.seconds, zones.bounds
    if bounds and len(bounds) != len(seconds):
        yield Problem(f"{path}.bounds", "length", f"{len(bounds)} for {len(seconds)} zones")
    for at, value in enumerate(seconds):
        if value < 0:
            yield Problem(f"{path}.seconds[{at}]", "negative", f"{value:g} is below 0")


def sleep(entity: Sleep, catalogue: Catalogue) -> Problems:
    yield from _spans("$.stages", entity.stages)
    for at, (a, b) in enumerate(pairwise(entity.stages), start=1):
        if b.start < a.start:
            yield Problem(f"$.stages[{at}].start", "not_in_order", "starts before the one above it")
        elif b.start < a.end:
            yield Problem(f"$.stages[{at}].start", "overlap", "starts inside the one above it")
    yield from _edges(entity)
    for stage, minutes in entity.minutes.items():
        if minutes < 0:
            yield Problem(f"$.minutes.{stage}", "negative", f"{minutes:g} is below 0")
    yield from values_problems("$.values", entity.values, catalogue)


def _edges(entity: Sleep) -> Problems:
    """Vendors round, so what sticks out is doubtful, not wrong."""
    if entity.asleep_start and entity.asleep_end and entity.asleep_end < entity.asleep_start:
        yield Problem("$.asleep_end", "ends_before_start", "woke up before falling asleep")
    edges = [("$.asleep_start", entity.asleep_start), ("$.asleep_end", entity.asleep_end)]
    if entity.stages:
        edges.append(("$.stages[0].start", entity.stages[0].start))
        edges.append((f"$.stages[{len(entity.stages) - 1}].end", entity.stages[-1].end))
    for path, at in edges:
        if at is not None and (at < entity.start or (entity.end is not None and at > entity.end)):
            yield flag(path, "outside_sleep", f"{at.isoformat()} is outside the time in bed")
