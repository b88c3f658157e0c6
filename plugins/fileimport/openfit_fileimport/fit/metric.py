"""A Metric from times and values in the order of a file."""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
from openfit_sdk.schema import Metric, column

from openfit_fileimport.fit.columns import Float

REVISION = 30


def metric(
    key: str,
    type: str,
    times: Float,
    values: Float,
    device: str | None,
    *,
    durations: Float | None = None,
) -> Iterator[Metric]:
    """One Metric of what is known, or none. Values of one instant: the last stands, but what is
    counted over a span is added up."""
    known = np.isfinite(times) & np.isfinite(values)
    if not known.any():
        return
    t = np.round(times[known] * 1000).astype(np.int64)
    order = np.argsort(t, kind="stable")
    t, v = t[order], values[known][order]
    first = np.flatnonzero(np.diff(t, prepend=t[0] - 1))
    last = np.append(first[1:], t.size) - 1
    d = None
    if durations is not None:
        spans = np.round(durations[known][order] * 1000).astype(np.int64)
        v, d = np.add.reduceat(v, first), np.maximum.reduceat(spans, first)
    else:
        v = v[last]
    yield Metric(
        key=key,
        type=type,
        device=device,
        start=datetime.fromtimestamp(t[0] / 1000, UTC),
        t=t[first] - t[0],
        v=column(v),
        d=None if d is None else column(d),
        revision=REVISION,
    )
