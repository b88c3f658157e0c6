"""Sample columns at the door: from what a plugin yields to arrays that may be stored."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from openfit_schema.metrics import MetricDef
from openfit_sdk import BadInput
from openfit_sdk.schema import Metric


@dataclass(frozen=True)
class Samples:
    """Columns of equal length: ms since 1970 UTC (strictly rising), values, durations in ms."""

    t: NDArray[np.int64]
    v: NDArray[np.float64]
    d: NDArray[np.int64] | None
    rejected: int = 0  # values outside what is possible for the type


def columns(metric: Metric, definition: MetricDef) -> Samples:
    """Check what types cannot say. An impossible value is left out and counted, never clipped."""
    v = np.asarray(metric.v, dtype=np.float64)
    t = times(metric, v.size)
    d = None if metric.d is None else np.asarray(metric.d, dtype=np.int64)
    if d is not None and d.size != v.size:
        raise BadInput(f"{metric.type}: {d.size} durations for {v.size} values", code="columns")
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
        return start + np.arange(n, dtype=np.int64) * metric.interval_ms
    t = np.asarray(metric.t, dtype=np.int64)
    if t.size != n:
        raise BadInput(f"{metric.type}: {t.size} times for {n} values", code="columns")
    if (np.diff(t) <= 0).any():
        raise BadInput(f"{metric.type}: times do not rise strictly", code="columns")
    return start + t


def possible(v: NDArray[np.float64], definition: MetricDef) -> NDArray[np.bool_]:
    good = np.isfinite(v)
    if definition.possible is not None:
        low, high = definition.possible
        good &= (v >= low) & (v <= high)
    return good
