"""All-day files: steps, distance, calories and heart rate from `monitoring` messages.

Cycles, distance and calories count up since local midnight, each kind of activity on its own; what
was done between two messages is their difference, and a fall is the reset at midnight.
"""

from collections.abc import Iterator

import numpy as np
from openfit_sdk.schema import Metric

from openfit_fileimport.fit import profile
from openfit_fileimport.fit.columns import FitFile, Float, Int, Messages
from openfit_fileimport.fit.metric import metric

REVISION = 30
INFO, MONITORING = "monitoring_info", "monitoring"
STEPPING = ("walking", "running")
SHORT, PACKED = 26, 24
DAY = 86_400
MAX_SPAN = 86_400.0  # s; further apart, what lies between belongs to no known time


def readings(file: FitFile, key: str, device: str | None) -> Iterator[Metric]:
    """Metrics of one monitoring file."""
    messages = file.messages(MONITORING)
    if not len(messages):
        return
    times = monitoring_times(file)
    began = midnight(file)
    yield from metric(
        f"{key}:heart_rate", "heart_rate", times, positive(messages.column("heart_rate")), device
    )
    kinds = activity_kinds(messages)
    stepping = np.isin(
        kinds, [n for n, name in profile.enum("activity_type").items() if name in STEPPING]
    )
    for name, values, chosen in (
        ("steps", counts(messages), stepping),
        ("distance", messages.column("distance"), np.ones(len(messages), bool)),
        ("active_energy", messages.column("active_calories"), np.ones(len(messages), bool)),
    ):
        yield from increments(f"{key}:{name}", name, times, values, kinds, chosen, device, began)


def positive(values: Float) -> Float:
    return np.where(values > 0, values, np.nan)


def counts(messages: Messages) -> Float:
    """Steps: cycles are stored in halves of two steps, and in short messages as `cycles_16`."""
    long = messages.column("cycles")
    short = messages.column("cycles_16")
    return np.where(np.isnan(long), short, long * 2)


def activity_kinds(messages: Messages) -> Int:
    """activity_type, or the low 5 bits of the byte that it shares with the intensity."""
    plain = messages.column("activity_type")
    packed = messages.stored(PACKED)[:, 0]
    low = np.where(np.isnan(packed), -1, np.nan_to_num(packed).astype(np.int64) & 0x1F)
    return np.where(np.isnan(plain), low, np.nan_to_num(plain)).astype(np.int64)


def monitoring_times(file: FitFile) -> Float:
    """Unix seconds of each monitoring message: in full, or 16 bits counted on from the last full
    time of a monitoring or monitoring_info message."""
    messages, info = file.messages(MONITORING), file.messages(INFO)
    offsets = np.concatenate([messages.offsets, info.offsets])
    full = np.concatenate([messages.times, info.times])
    short = np.concatenate([messages.stored(SHORT)[:, 0], np.full(len(info), np.nan)])
    order = np.argsort(offsets, kind="stable")
    found = np.full(offsets.size, np.nan)
    last = np.nan
    for place in order.tolist():
        if full[place] == full[place]:
            last = full[place]
        elif short[place] == short[place] and last == last:
            last += (int(short[place]) - int(last - 631_065_600)) & 0xFFFF
        else:
            continue
        found[place] = last
    return found[: len(messages)]


def increments(
    key: str,
    name: str,
    times: Float,
    totals: Float,
    kinds: Int,
    chosen: object,
    device: str | None,
    began: float | None = None,
) -> Iterator[Metric]:
    """Differences of a counter, kind by kind, each over the time since the message before."""
    begin: list[Float] = []
    span: list[Float] = []
    done: list[Float] = []
    mask = np.asarray(chosen) & np.isfinite(totals) & np.isfinite(times)
    for kind in np.unique(kinds[mask]).tolist():
        rows = np.flatnonzero(mask & (kinds == kind))
        rows = rows[np.argsort(times[rows], kind="stable")]
        counted, when = totals[rows], times[rows]
        if began is not None and began < when[0]:
            counted, when = np.insert(counted, 0, 0.0), np.insert(when, 0, began)
        before, after = counted[:-1], counted[1:]
        length = np.diff(when)
        more = np.where(after < before, after, after - before)
        good = (length > 0) & (length <= MAX_SPAN) & (more > 0)
        begin.append(when[:-1][good])
        span.append(length[good])
        done.append(more[good])
    if not begin:
        return
    at, value, length = (np.concatenate(part) for part in (begin, done, span))
    yield from metric(key, name, at, value, device, durations=length)


def midnight(file: FitFile) -> float | None:
    """When the counters were at 0: the file's first monitoring_info, if it is of midnight by the
    wearer's clock."""
    info = file.messages(INFO)
    if not len(info):
        return None
    local = info.column("local_timestamp")[0]
    return float(info.times[0]) if local == local and local % DAY == 0 else None
