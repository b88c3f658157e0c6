"""Beats: intervals from `hrv`, and heart rates that a strap kept until after the swim (`hr`)."""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
from openfit_sdk.schema import Metric, column

from openfit_fileimport.fit import ours
from openfit_fileimport.fit.columns import FitFile, Float, Int

ROLL = 4096  # event_timestamp_12 counts 1/1024 s in 12 bits
TICKS = 1024


def beats(
    file: FitFile, start: float, end: float, activity: str, revision: int
) -> Iterator[Metric]:
    """R-R intervals. They bear no time: each lies after the one before, from the time of the
    record ahead of its message, which the sum never outruns."""
    messages = file.messages("hrv")
    records = file.messages("record")
    if not len(messages) or not len(records):
        return
    intervals = messages.array("time")
    ahead = np.searchsorted(records.offsets, messages.offsets) - 1
    anchors = np.where(ahead >= 0, ours.exact(records)[np.maximum(ahead, 0)], np.nan)
    rows, _ = np.nonzero(np.isfinite(intervals))
    seconds = intervals[np.isfinite(intervals)]
    stated = ours.beat_times(messages, anchors)
    if stated is not None and stated.shape == intervals.shape:
        at = stated[np.isfinite(intervals)]
    else:
        at = beat_times(anchors[rows], seconds)
    mine = np.isfinite(at) & (at >= start - 1) & (at <= end + 1)
    t = np.round(at[mine] * 1000).astype(np.int64)
    t = spread(t)
    if t.size:
        yield Metric(
            key=f"{activity}:rr_interval",
            type="rr_interval",
            start=datetime.fromtimestamp(t[0] / 1000, UTC),
            t=t - t[0],
            v=column(np.round(seconds[mine] * 1000)),
            activity=activity,
            revision=revision,
        )


def beat_times(anchors: Float, seconds: Float) -> Float:
    """The instant at which each interval ends: running sums, pulled back to the anchors when
    they drift apart by more than 5 s (beats were lost)."""
    found = np.full(seconds.size, np.nan)
    clock = np.nan
    for n, (anchor, length) in enumerate(zip(anchors.tolist(), seconds.tolist(), strict=True)):
        if np.isnan(anchor):
            continue
        clock = clock + length
        if np.isnan(clock) or abs(clock - anchor) > 5:
            clock = anchor
        found[n] = clock
    return found


def spread(t: Int) -> Int:
    """Strictly rising: beats of one millisecond keep their order."""
    steps = np.arange(t.size)
    return np.maximum.accumulate(t - steps) + steps


def swim_heart_rate(
    file: FitFile, start: float, end: float, activity: str, revision: int
) -> Iterator[Metric]:
    """Heart rates of a strap's own memory, at the times of its beats."""
    messages = file.messages("hr")
    if not len(messages):
        return
    anchor, event = None, 0
    times: list[float] = []
    rates: list[float] = []
    starts, fraction = messages.stamps, np.nan_to_num(messages.column("fractional_timestamp"))
    events = messages.array("event_timestamp")
    bpm = messages.array("filtered_bpm")
    packed = messages.octets_of(10)
    for n in range(len(messages)):
        if np.isfinite(events[n, 0]):
            event = round(events[n, 0] * TICKS)
            if np.isfinite(starts[n]):
                anchor = starts[n] + fraction[n] - event / TICKS
            ticks = [event]
        else:
            ticks = unpacked(packed[n], event)
            event = ticks[-1] if ticks else event
        if anchor is None:
            continue
        for tick, rate in zip(ticks, bpm[n].tolist(), strict=False):
            if rate == rate and rate > 0:
                times.append(anchor + tick / TICKS)
                rates.append(rate)
    yield from heart_metric(np.array(times), np.array(rates), start, end, activity, revision)


def unpacked(raw: bytes, last: int) -> list[int]:
    """12-bit times, two in three bytes, low nibble first, each counted on from the one before."""
    found: list[int] = []
    for at in range(0, len(raw) - 2, 3):
        low, middle, high = raw[at : at + 3]
        for value in (low | (middle & 0x0F) << 8, middle >> 4 | high << 4):
            last += (value - last) % ROLL
            found.append(last)
    return found


def heart_metric(
    at: Float, rates: Float, start: float, end: float, activity: str, revision: int
) -> Iterator[Metric]:
    mine = (at >= start - 1) & (at <= end + 1)
    t = np.round(at[mine] * 1000).astype(np.int64)
    order = np.argsort(t, kind="stable")
    t, values = t[order], rates[mine][order]
    keep = np.append(np.diff(t) > 0, True)[: t.size]
    t, values = t[keep], values[keep]
    if t.size:
        yield Metric(
            key=f"{activity}:heart_rate",
            type="heart_rate",
            start=datetime.fromtimestamp(t[0] / 1000, UTC),
            t=t - t[0],
            v=values,
            activity=activity,
            revision=revision,
        )
