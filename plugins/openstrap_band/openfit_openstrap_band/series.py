"""Columns of records become metrics: dated, in order, and each instant of one rank once."""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from openfit_sdk.schema import Metric, column

from openfit_openstrap_band.packed import Ints, Mask

DEVICE = "band"
SECOND_MS, HALF_MS = 1000, 500
LONGEST_SHORT = 2**31  # ms from the first sample to the last, for offsets of 32 bits
INTEGERS = (np.uint8, np.int16, np.uint16, np.int32)

Values = NDArray[np.generic]


def metrics(kind: str, rank: int, ts: Ints, values: Values) -> Iterator[Metric]:
    """One value of each second; NaN and 0 have been left out before."""
    for layer, rows in enumerate(layers(ts, values[:, None])):
        yield metric(kind, rank, layer, ts[rows] * SECOND_MS, values[rows])


def beats(
    rank: int, ts: Ints, rr: NDArray[np.int16], second: Mask | None = None
) -> Iterator[Metric]:
    """The i-th beat of a record at i ms of its second, or of its later half where the record is
    the second one of it. A slot without a beat leaves a gap."""
    some = rr.any(axis=1)
    begin = ts * SECOND_MS if second is None else ts * SECOND_MS + second * HALF_MS
    begin, rr = begin[some], rr[some]
    for layer, rows in enumerate(layers(begin, rr)):
        slots = rr[rows]
        at = begin[rows][:, None] + np.arange(slots.shape[1])
        there = slots != 0
        yield metric("rr_interval", rank, layer, at[there], slots[there], slot_ms=HALF_MS)


def layers(ts: Ints, values: Values) -> Iterator[Ints]:
    """Rows in order of time. Where records of one second differ, the k-th is in the k-th layer:
    which of them holds is for the hub to say, by the same rule as between two items."""
    if not ts.size:
        return
    if (ts[1:] > ts[:-1]).all():
        yield np.arange(ts.size)
        return
    order = np.lexsort((*values.T[::-1], ts))
    again = (ts[order][1:] == ts[order][:-1]) & (values[order][1:] == values[order][:-1]).all(1)
    order = order[np.r_[True, ~again]]
    sorted_ts = ts[order]
    begins = np.flatnonzero(np.r_[True, sorted_ts[1:] != sorted_ts[:-1]])
    depth = np.arange(order.size) - np.repeat(begins, np.diff(np.r_[begins, order.size]))
    for layer in range(int(depth.max()) + 1):
        yield order[depth == layer]


def metric(
    kind: str, rank: int, layer: int, at_ms: Ints, values: Values, slot_ms: int | None = None
) -> Metric:
    first = int(at_ms[0])
    offsets = at_ms - first
    return Metric(
        key=f"{kind}:{rank}:{layer}",
        device=DEVICE,
        type=kind,
        start=instant(first),
        t=column(offsets.astype(np.int32) if offsets[-1] < LONGEST_SHORT else offsets),
        v=column(narrow(values)),
        revision=rank,
        slot_ms=slot_ms,
    )


def instant(ms: int) -> datetime:
    return datetime.fromtimestamp(ms // 1000, UTC).replace(microsecond=ms % 1000 * 1000)


def narrow(values: Values) -> Values:
    """In the fewest bytes: columns travel between processes."""
    if values.dtype.kind == "f":
        return values
    least, most = int(values.min()), int(values.max())
    for kind in INTEGERS:
        room = np.iinfo(kind)
        if room.min <= least and most <= room.max:
            return values.astype(kind)
    return values


def whole(values: NDArray[np.float64]) -> Values:
    """Half towards +infinity; as floats where one is too great for a column of integers."""
    found = np.floor(values + 0.5)
    return found.astype(np.int64) if (np.abs(found) < 2**31).all() else found
