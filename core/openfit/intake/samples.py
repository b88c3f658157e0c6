"""Sample columns at the door: from what a plugin yields to arrays that may be stored."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray
from openfit_schema.metrics import MetricDef
from openfit_sdk import BadInput
from openfit_sdk.schema import Metric

FIRST, LAST = -62_135_596_800_000, 253_402_300_799_999  # years 1 to 9999, ms since 1970 UTC
LARGEST = 2**36  # in steps of the resolution: a day's sum of value times ms must fit in 64 bits
MINUTE_MS = 60_000
LONGEST_COVER = timedelta(days=150 * 366)  # it is noted in every block that it reaches


@dataclass(frozen=True)
class Samples:
    """Columns of equal length: ms since 1970 UTC (strictly rising), values, durations in ms."""

    t: NDArray[np.int64]
    v: NDArray[np.float64]
    d: NDArray[np.int64] | None
    rejected: int = 0  # values outside what is possible for the type


def columns(metric: Metric, definition: MetricDef) -> Samples:
    """Check what types cannot say. An impossible value is left out and counted, never clipped."""
    if metric.covers is not None and metric.covers.end - metric.covers.start > LONGEST_COVER:
        raise BadInput(f"{metric.type}: covers more than 150 years", code="columns")
    if metric.slot_ms and MINUTE_MS % metric.slot_ms:
        raise BadInput(f"{metric.type}: slot_ms divides a minute", code="columns")
    v = np.asarray(metric.v, dtype=np.float64)
    t = times(metric, v.size)
    d = durations(metric, v.size)
    good = possible(v, definition)
    if good.all():
        return Samples(t, v, d)
    kept = None if d is None else d[good]
    return Samples(t[good], v[good], kept, rejected=int(good.size - good.sum()))


def times(metric: Metric, n: int) -> NDArray[np.int64]:
    start = round(metric.start.timestamp() * 1000)
    if metric.t is None and metric.interval_ms is None and n == 1:
        return np.array([start], dtype=np.int64)
    if metric.t is None:
        if metric.interval_ms is None:
            raise BadInput(f"{metric.type}: neither t nor interval_ms is given", code="columns")
        return on_calendar(metric, start + np.arange(n, dtype=np.int64) * metric.interval_ms)
    t = np.asarray(metric.t, dtype=np.int64)
    if t.size != n:
        raise BadInput(f"{metric.type}: {t.size} times for {n} values", code="columns")
    if (np.diff(t) <= 0).any():
        raise BadInput(f"{metric.type}: times do not rise strictly", code="columns")
    return on_calendar(metric, start + t)


def on_calendar(metric: Metric, t: NDArray[np.int64]) -> NDArray[np.int64]:
    if t.size and not FIRST <= t[0] <= t[-1] <= LAST:
        raise BadInput(f"{metric.type}: times lie outside the years 1 to 9999", code="columns")
    return t


def durations(metric: Metric, n: int) -> NDArray[np.int64] | None:
    if metric.d is None:
        return None if metric.interval_ms is None else np.full(n, metric.interval_ms, np.int64)
    d = np.asarray(metric.d, dtype=np.int64)
    if d.size != n:
        raise BadInput(f"{metric.type}: {d.size} durations for {n} values", code="columns")
    if (d < 0).any():
        raise BadInput(f"{metric.type}: a duration is below 0", code="columns")
    return d


def possible(v: NDArray[np.float64], definition: MetricDef) -> NDArray[np.bool_]:
    good = np.isfinite(v) & (np.abs(v) <= LARGEST * definition.resolution)
    if definition.possible is not None:
        low, high = definition.possible
        good &= (v >= low) & (v <= high)
    return good
