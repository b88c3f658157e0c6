"""Checks of sample columns."""

from array import array
from datetime import timedelta
from itertools import compress, islice, pairwise
from operator import add, gt, lt

from msgspec.structs import replace

from openfit_schema.check.parts import (
    Problem,
    Problems,
    flag,
    outside,
    span,
    unknown_type,
    within,
)
from openfit_schema.columns import FORMATS, Column, column
from openfit_schema.entities import Metric
from openfit_schema.metrics import METRICS, Catalogue, MetricDef

MINUTE_MS = 60_000
MILLISECOND = timedelta(milliseconds=1)
INTEGERS = FORMATS.rstrip("fd")


def metric(entity: Metric, catalogue: Catalogue) -> Problems:
    definition = catalogue.get(entity.type)
    if definition is None:
        yield unknown_type("$.type", entity.type)
    yield from _time_axis(entity)
    yield from _durations(entity, definition)
    if definition is not None:
        yield from _samples(entity.v, definition)
    yield from _covers(entity)
    if entity.slot_ms and MINUTE_MS % entity.slot_ms:
        yield Problem("$.slot_ms", "slot", f"{entity.slot_ms} ms do not divide a minute")


def _time_axis(entity: Metric) -> Problems:
    t = entity.t
    if (t is None) == (entity.interval_ms is None):
        yield Problem("$.t", "time_axis", "exactly one of t and interval_ms is given")
    if t is None:
        return
    if len(t) != len(entity.v):
        yield Problem("$.t", "length", f"{len(t)} times for {len(entity.v)} values")
    if t.typecode not in INTEGERS:
        yield Problem("$.t", "not_integer", "offsets are whole milliseconds")
    if len(t) and t[0] < 0:
        yield Problem("$.t[0]", "negative", "no sample is before start")
    if not all(map(lt, t, islice(t, 1, None))):
        at = next(i for i, (a, b) in enumerate(pairwise(t), start=1) if a >= b)
        yield Problem(f"$.t[{at}]", "not_rising", f"{t[at]} does not follow {t[at - 1]}")


def _durations(entity: Metric, definition: MetricDef | None) -> Problems:
    d, cumulative = entity.d, definition is not None and definition.kind == "cumulative"
    if d is None:
        if cumulative and entity.interval_ms is None:
            yield Problem("$.d", "durations", f"{entity.type} is cumulative: say over how long")
        return
    if definition is not None and not cumulative:
        yield Problem("$.d", "durations", f"{entity.type} is not cumulative")
    if len(d) != len(entity.v):
        yield Problem("$.d", "length", f"{len(d)} durations for {len(entity.v)} values")
    if d.typecode not in INTEGERS:
        yield Problem("$.d", "not_integer", "durations are whole milliseconds")
    if len(d) and min(d) < 0:
        yield Problem(f"$.d[{d.index(min(d))}]", "negative", f"{min(d)} ms is below 0")
    yield from _overlap(entity)


def _overlap(entity: Metric) -> Problems:
    t, d = entity.t, entity.d
    if t is None or d is None:
        return
    late = list(map(gt, map(add, t, d), islice(t, 1, None)))
    if any(late):
        yield flag(f"$.d[{late.index(True)}]", "overlap", "runs into the next interval")


def _samples(v: Column, definition: MetricDef) -> Problems:
    if not len(v):
        return
    low, high = min(v), max(v)
    for limits, code, make in (
        (definition.possible, "impossible", Problem),
        (definition.plausible, "implausible", flag),
    ):
        if limits is not None and not (limits[0] <= low and high <= limits[1]):
            bad = [i for i, value in enumerate(v) if not within(value, limits)]
            message = f"{outside(v[bad[0]], definition, limits)}, as {len(bad)} of {len(v)} are"
            yield make(f"$.v[{bad[0]}]", code, message)
            return


def _covers(entity: Metric) -> Problems:
    covers = entity.covers
    if covers is None:
        return
    yield from span("$.covers", covers.start, covers.end)
    if covers.end < covers.start or not len(entity.v):
        return
    t = entity.t if entity.t else _even_times(entity)
    first, last = ((at - entity.start) / MILLISECOND for at in (covers.start, covers.end))
    if t[0] < first or t[-1] >= last:
        yield Problem("$.covers", "outside_covers", "a sample lies outside the range it covers")


def keep_possible(entity: Metric, catalogue: Catalogue = METRICS) -> Metric:
    """Without the samples that its type cannot have, so that one spike does not cost the rest."""
    definition = catalogue.get(entity.type)
    if definition is None or all(p.code != "impossible" for p in _samples(entity.v, definition)):
        return entity
    good = [within(value, definition.possible) for value in entity.v]
    t = entity.t if entity.t is not None else _even_times(entity)
    d = entity.d
    if d is None and definition.kind == "cumulative":
        d = _even_durations(entity)
    columns = {"v": entity.v, "t": t, "d": d}
    kept = {name: _only(values, good) for name, values in columns.items() if values is not None}
    return replace(entity, **kept, interval_ms=None)


def _only(values: Column, good: list[bool]) -> Column:
    return array(values.typecode, compress(values, good))


def _even_times(entity: Metric) -> Column:
    step = entity.interval_ms or 0
    return column([i * step for i in range(len(entity.v))])


def _even_durations(entity: Metric) -> Column:
    return column([entity.interval_ms or 0] * len(entity.v))
