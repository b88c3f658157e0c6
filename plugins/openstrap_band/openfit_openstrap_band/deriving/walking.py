"""Steps of one hour, from all of its accelerometer samples."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from openfit_sdk.schema import Covers, Metric, column

from openfit_openstrap_band.deriving import steps
from openfit_openstrap_band.deriving.series import DEVICE, instant
from openfit_openstrap_band.reading import gen5, imu
from openfit_openstrap_band.reading.packed import Ints
from openfit_openstrap_band.reading.tables import Columns, Counts

HOUR = "%Y-%m-%dT%H"
TICKS = 32_768  # a second, as the band counts
PARTS = 10  # of a second, or of a record of one
PART = steps.RATE // PARTS  # samples
PART_TICKS = TICKS / PARTS
# Records of a second follow each other after 31,488 to 32,768 ticks: their last part is shorter.
NEXT = (31_000 - 9 * PART_TICKS, 33_300 - 9 * PART_TICKS)
SHORTEST = 31_000
MINUTE_MS = 60_000
PART_MS = 1000 // PARTS
SAMPLE_MS = 1000 // steps.RATE

Signal = tuple[NDArray[np.float64], NDArray[np.float64]]  # ticks of each part; |a| in g, (n, 10)


def hour_of(item_id: str) -> datetime | None:
    try:
        return datetime.strptime(item_id, HOUR).replace(tzinfo=UTC)
    except ValueError:
        return None


def read(found: Columns, hour: datetime) -> Iterator[Metric]:
    """Steps of each minute in which there was signal enough to see that somebody walks."""
    begin = int(hour.timestamp())
    ticks, magnitudes = signal(found)
    inside = (ticks >= begin * TICKS) & (ticks < (begin + 3600) * TICKS)
    rows = list(counted(ticks[inside], magnitudes[inside], (begin + 3600) * 1000))
    if not rows:
        return
    at, lasting, taken = (np.array(one, np.int64) for one in zip(*rows, strict=True))
    yield Metric(
        key="steps",
        device=DEVICE,
        type="steps",
        start=instant(int(at[0])),
        t=column((at - at[0]).astype(np.int32)),
        d=column(lasting.astype(np.int32)),
        v=column(taken.astype(np.int32)),
        covers=Covers(start=hour, end=hour + timedelta(hours=1)),
        revision=frames(found),
    )


def frames(found: Columns) -> int:
    """Those with samples in them. What an hour holds only grows, and the more is known of it, the
    more what is said of it is to be believed."""
    whole = int(np.count_nonzero(found.motions.moving))
    return whole + found.parts.index.size + len(late(found))


def late(found: Columns) -> list[gen5.Motion]:
    """Whole seconds of gen 5."""
    rows = [record for _, record in found.others if isinstance(record, gen5.Motion)]
    return [row for row in rows if len(row.acceleration[0]) == steps.RATE]


def signal(found: Columns) -> Signal:
    """All parts of seconds, in order, no instant twice."""
    starts, whole = seconds(found)
    known = found.parts.part < PARTS
    number = (found.parts.ts[known] * PARTS + found.parts.part[known]).astype(np.float64)
    place: NDArray[np.float64] = number * PART_TICKS
    lone = ~inside(place, starts)
    place, tenths = once(place[lone], found.parts.acceleration[known][lone])
    cut = whole.reshape(-1, 3, PARTS, PART).transpose(0, 2, 1, 3).reshape(-1, 3, PART)
    ticks = np.r_[(starts[:, None] + np.arange(PARTS) * PART_TICKS).ravel(), place]
    order = np.argsort(ticks, kind="stable")
    return ticks[order], imu.magnitudes(np.concatenate([cut, tenths]))[order]


def seconds(found: Columns) -> tuple[NDArray[np.float64], Counts]:
    """Records of a second, in order; of two that overlap the earlier one."""
    rows, others = found.motions, late(found)
    whole = rows.acceleration[rows.moving]
    ticks = rows.ts[rows.moving] * TICKS + rows.subsec[rows.moving]
    if others:
        whole = np.r_[whole, np.array([row.acceleration for row in others], np.int16)]
        ticks = np.r_[ticks, [row.ts * TICKS + (row.subsec or 0) for row in others]]
    starts, samples = once(ticks.astype(np.float64), whole)
    kept, free = [], 0.0
    for at, start in enumerate(starts.tolist()):
        if start >= free:
            kept.append(at)
            free = start + SHORTEST
    return starts[kept], samples[kept]


def once(ticks: NDArray[np.float64], samples: Counts) -> tuple[NDArray[np.float64], Counts]:
    """In order. Of several at one instant the one whose samples sort first, whatever came first."""
    if (ticks[1:] > ticks[:-1]).all():
        return ticks, samples
    keys = samples.reshape(len(samples), -1)
    order = np.lexsort((*keys.T[::-1], ticks))
    order = order[np.r_[True, np.diff(ticks[order]) != 0]]
    return ticks[order], samples[order]


def inside(ticks: NDArray[np.float64], starts: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether an instant lies in a record of a second that is known."""
    if not starts.size:
        return np.zeros(ticks.size, np.bool_)
    before = np.searchsorted(starts, ticks, side="right") - 1
    since = ticks - starts[np.maximum(before, 0)]
    found: NDArray[np.bool_] = (before >= 0) & (since < SHORTEST)
    return found


def counted(
    ticks: NDArray[np.float64], magnitudes: NDArray[np.float64], end: int
) -> Iterator[tuple[int, int, int]]:
    """Start and length in ms, and steps, of each stretch of signal within a minute."""
    apart = np.diff(ticks)
    breaks = np.flatnonzero((apart < NEXT[0]) | (apart > NEXT[1])) + 1
    at = np.floor(ticks * 1000 / TICKS).astype(np.int64)
    for run, tenths in zip(np.split(at, breaks), np.split(magnitudes, breaks), strict=True):
        found = steps.find(tenths.ravel())
        if not run.size or (not found.size and tenths.size < steps.TELLING):
            continue
        first, last = int(run[0]), min(int(run[-1]) + PART_MS, end)
        minutes = np.arange(first // MINUTE_MS + 1, -(-last // MINUTE_MS)) * MINUTE_MS
        edges = np.r_[first, minutes, last]
        amounts = amounts_in(edges, run, found)
        for start, stop, amount in zip(edges[:-1], edges[1:], amounts, strict=True):
            yield int(start), int(stop - start), int(amount)


def amounts_in(edges: Ints, run: Ints, found: Ints) -> Ints:
    """How many steps fall between each two edges."""
    at = run[found // PART] + found % PART * SAMPLE_MS
    place = np.searchsorted(edges, at, side="right") - 1
    return np.bincount(np.minimum(place, edges.size - 2), minlength=edges.size - 1)
