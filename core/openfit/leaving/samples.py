"""Samples as lines: a Metric of the schema for each series and day of UTC.

A line depends on the day's samples alone, never on how they lie in blocks. Where a day is evenly
spaced but for some gaps, each stretch between two gaps is a line with `interval_ms`, which is a
third of the size that times beside values have.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from openfit_schema.columns import column
from openfit_sdk.schema import Covers, Metric
from sqlalchemy import Connection

from openfit.store import outgoing, series
from openfit.store.entities import instant
from openfit.store.series import Series

DAY_MS = 86_400_000
WORTH = 30  # samples a stretch, on average, from which on stretches are shorter than times
Int = NDArray[np.int64]
Float = NDArray[np.float64]


def lines(
    conn: Connection, user_id: int, span: tuple[int, int], counts: dict[str, int]
) -> Iterator[bytes]:
    """All samples that may be seen, by metric, source, activity and method."""
    counts["samples"] = 0
    for one, day, t, v, d in outgoing.days(conn, user_id, series.all_live(conn, user_id), *span):
        counts["samples"] += t.size
        yield from of_day(one, day, t, v, d)


def of_day(one: Series, day: int, t: Int, v: Float, d: Int | None) -> Iterator[bytes]:
    values = v.astype(np.int64) if one.scale >= 1 else v
    step = usual_step(t, d)
    if step is None:
        yield line(one, day, t, values, d, None)
        return
    edges = [0, *(np.flatnonzero(np.diff(t) != step) + 1).tolist(), t.size]
    for begin, end in zip(edges, edges[1:], strict=False):
        yield line(one, day, t[begin:end], values[begin:end], None, step)


def usual_step(t: Int, d: Int | None) -> int | None:
    """What lies between two samples nearly everywhere; None where there is no such thing. With an
    interval, a sum counts over just that interval."""
    if t.size < WORTH:
        return None
    steps = np.diff(t)
    usual = int(np.median(steps))
    if d is not None and not (d == usual).all():
        return None
    stretches = 1 + int(np.count_nonzero(steps != usual))
    return usual if usual > 0 and t.size >= WORTH * stretches else None


def line(one: Series, day: int, t: Int, v: NDArray[Any], d: Int | None, step: int | None) -> bytes:
    start = int(t[0]) if step else day
    head = Metric(
        key=f"{one.activity_id or one.source_id}:{one.metric}:{one.method}:{start}",
        type=one.metric,
        method=one.method,  # type: ignore[arg-type]
        start=instant(start),
        v=column([]),
        interval_ms=step,
        slot_ms=one.slot_ms or None,
        activity=one.activity_id or None,
        covers=Covers(start=instant(day), end=instant(day + DAY_MS)) if not step else None,
        ext={"openfit.source": str(one.source_id)},
    )
    tree = msgspec.to_builtins(head, enc_hook=list)
    tree["v"] = v.tolist()
    if step is None:
        tree["t"] = (t - day).tolist()
    if d is not None:
        tree["d"] = d.tolist()
    return msgspec.json.encode(tree)
