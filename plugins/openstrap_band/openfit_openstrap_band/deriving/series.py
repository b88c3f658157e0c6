"""Columns of records become metrics: dated, in order, and each instant of one rank once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from openfit_sdk.schema import METRICS, Metric, column

from openfit_openstrap_band.reading.packed import Ints

DEVICE = "band"
SECOND_MS = 1000
SLOT_MS = 500  # a second may have two records, each with beats of its own
LATER = 1000  # layers
LONGEST_SHORT = 2**31  # ms from the first sample to the last, for offsets of 32 bits
INTEGERS = (np.uint8, np.int16, np.uint16, np.int32)

Values = NDArray[Any]


def metrics(kind: str, rank: int, ts: Ints, values: Values) -> Iterator[Metric]:
    """One value of each second; those that say that nothing was measured have been left out."""
    for layer, rows in enumerate(greatest(kind, ts, values)):
        yield metric(kind, rank, layer, ts[rows] * SECOND_MS, values[rows])


def greatest(kind: str, ts: Ints, values: Values) -> Iterator[Ints]:
    """Rows in order of time, of several of one second the greatest, as the hub has it between two
    items. What it will reject as impossible stands apart, so that it hides nothing."""
    if (ts[1:] > ts[:-1]).all():
        yield from [np.arange(ts.size)] * bool(ts.size)
        return
    low, high = METRICS[kind].possible or (-np.inf, np.inf)
    possible = (values >= low) & (values <= high)
    for which in (np.flatnonzero(possible), np.flatnonzero(~possible)):
        if which.size:
            order = which[np.lexsort((values[which], ts[which]))]
            yield order[np.r_[ts[order][1:] != ts[order][:-1], True]]


def beats(rank: int, ts: Ints, rr: NDArray[np.int16], shift: int = 0) -> Iterator[Metric]:
    """The i-th beat of a record at i ms of its second, or of the half of it that `shift` begins: a
    slot without one leaves a gap."""
    some = rr.any(axis=1)
    ts, rr = ts[some], rr[some]
    for layer, rows in enumerate(layers(ts, rr)):
        slots = rr[rows]
        at = ts[rows][:, None] * SECOND_MS + shift + np.arange(slots.shape[1])
        there = slots != 0
        half = layer + (LATER if shift else 0)  # its key is not that of the other half
        yield metric("rr_interval", rank, half, at[there], slots[there], slot_ms=SLOT_MS)


def layers(ts: Ints, rr: NDArray[np.int16]) -> Iterator[Ints]:
    """Rows in order of time. Where records of one second differ, the k-th is in the k-th layer:
    which of them holds is for the hub to say, by the same rule as between two items."""
    if (ts[1:] > ts[:-1]).all():
        yield from [np.arange(ts.size)] * bool(ts.size)
        return
    order = np.lexsort((*rr.T[::-1], ts))
    at, beats_of = ts[order], rr[order]
    again = (at[1:] == at[:-1]) & (beats_of[1:] == beats_of[:-1]).all(axis=1)
    order = order[np.r_[True, ~again]]
    at = ts[order]
    firsts = np.flatnonzero(np.r_[True, at[1:] != at[:-1]])
    depth = np.arange(order.size) - np.repeat(firsts, np.diff(np.r_[firsts, order.size]))
    by_depth = np.argsort(depth, kind="stable")
    yield from np.split(order[by_depth], np.flatnonzero(np.diff(depth[by_depth])) + 1)


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


def tenths(values: NDArray[np.float64]) -> Values:
    """As exact as the records are."""
    found: Values = np.rint(values * 10) / 10
    return found


def whole(values: NDArray[np.float64]) -> Values:
    """Half towards +infinity; as floats where one is too great for a column of integers."""
    found = np.floor(values + 0.5)
    return found.astype(np.int64) if (np.abs(found) < 2**31).all() else found
